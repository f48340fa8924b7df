-- Causes, fixes and workarounds with what others said of them: claim, evidence, claim_decision.

-- name: of_entry
select c.*
    from claim_entry e
    join claim c using (claim_id)
    where e.entry_id = ?
    order by c.created_at, c.claim_id;

-- name: set_says
update claim set says = ? where claim_id = ?;

-- name: exists
select 1 from claim where claim_id = ?1
    union select 1 from claim_decision where claim_id = ?1;

-- name: roles_of_evidence
select v.claim_id, v.role
    from claim_entry e
    join evidence v using (claim_id)
    where e.entry_id = ?
    order by v.claim_id, v.position;

-- name: entries_with_published
select distinct entry_id from claim_entry join claim using (claim_id) where published;

-- name: codes
select quote from evidence where claim_id = ? and role = 'code';

-- name: urls
select url, claim_id from claim order by claim_id;

-- name: urls_of_evidence
select url, quote from evidence;

-- name: unpublished
select claim_id, repo, number, about, confidence
    from claim
    where not published and withheld is null and stance != 'refuted'
        and claim_id not in (select claim_id from claim_decision)
    order by confidence desc, claim_id;

-- name: refuted
select repo, number, comment_id, quote from claim where stance = 'refuted' order by claim_id desc;

-- name: decisions_of_thread
select * from claim_decision where repo = ? and number = ? order by claim_id;

-- name: drop_decision
delete from claim_decision where claim_id = ?;

-- name: put_decision
insert or replace into claim_decision (claim_id, line, repo, number, comment_id, field, kind,
    start, end, quote)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: decisions
select * from claim_decision;

-- name: move_decision
update claim_decision set start = ?, end = ? where claim_id = ?;

-- name: turn_published
-- a person who accepts a claim, or says of what kind it is, means that it is right
with ranked as (
        select claim_id as id, stance = 'refuted' as vain,
            row_number() over (partition by repo, number, stance = 'refuted'
                order by withheld is not null, confidence desc, claim_id) as place
        from claim)
    update claim
    set published = not published
    from ranked
    where id = claim_id
        and published != (withheld is null
            and confidence >= case when place > 1 and not vain
                and (kind = 'cause' or stance not in ('confirmed', 'supported'))
                then ?1 + ?2 else ?1 end)
        and not (withheld is null and claim_id in (
            select claim_id from claim_decision where line glob '* [acfw]*'))
    returning claim_id;

-- name: one
select * from claim where claim_id = ?;

-- name: unsure_threads
select c.repo, c.number, max(e.threads) as threads
    from claim c
    join claim_entry using (claim_id)
    join entry e using (entry_id)
    where c.confidence between ? and ? and not e.ignored
    group by c.repo, c.number
    order by threads desc, c.repo, c.number;

-- name: near_threshold
-- first what may be the answer of an error for which no fix that worked is shown
select c.claim_id
    from claim c
    join claim_entry e using (claim_id)
    where c.withheld is null and c.stance != 'refuted'
        and c.claim_id not in (select claim_id from claim_decision)
    group by c.claim_id
    order by c.published or c.confidence < ?2 or exists (
            select 1 from claim_entry o join claim p using (claim_id)
            where o.entry_id = e.entry_id and p.published and p.stance in ('confirmed', 'supported')
        ), abs(c.confidence - ?1), c.claim_id
    limit ?3;

-- name: decisions_beside_claims
select d.*, c.kind as now, c.stance
    from claim_decision d
    left join claim c using (claim_id)
    order by d.repo, d.number, d.claim_id;

-- name: of_entries
select e.entry_id, t.author as reporter, m.updated_at as edited_at, c.*,
    exists (select 1 from claim_decision d
            where d.claim_id = c.claim_id and d.line glob '* [acfw]*') as accepted,
    exists (select 1 from comment p where p.repo = c.repo and p.author = c.author
            and p.association in ('OWNER', 'MEMBER', 'COLLABORATOR')) as maintains,
    exists (select 1 from claim s where s.repo = c.repo and s.author = c.author
            and s.stance = 'stated') as stated,
    case when c.author_role = 'user' and c.author is not t.author then (
        select group_concat(p.body, char(10)) from comment p
        where p.repo = c.repo and p.number = c.number and p.author = c.author
    ) end as posts
    from claim_entry e
    join claim c using (claim_id)
    join thread t on t.repo = c.repo and t.number = c.number
    left join comment m on m.repo = c.repo and m.comment_id = c.comment_id
    where e.entry_id in (select value from json_each(?1)) and (?2 or not c.published)
    order by c.claim_id;

-- name: evidence
select e.*, m.updated_at as edited_at,
    exists (select 1 from comment p where p.repo = c.repo and p.author = e.author
            and p.association in ('OWNER', 'MEMBER', 'COLLABORATOR')) as maintains,
    exists (select 1 from claim s where s.repo = c.repo and s.author = e.author
            and s.stance = 'stated') as stated
    from evidence e
    join claim c using (claim_id)
    left join comment m on m.repo = c.repo and m.comment_id = e.comment_id
    where claim_id in (select value from json_each(?))
    order by claim_id, position;

-- name: in_their_posts
select c.claim_id, c.quote, c.start, c.end,
        case when c.comment_id is not null then m.body when c.field = 'title' then t.title
            else t.body end as body,
        case when c.comment_id is not null then m.thumbs_up else t.thumbs_up end as approvals
    from claim c
    join thread t on t.repo = c.repo and t.number = c.number
    left join comment m on m.repo = c.repo and m.comment_id = c.comment_id
    where c.claim_id in (select value from json_each(?))
    order by c.repo, c.number, c.comment_id;

-- name: published_ids
select claim_id from claim where published;

-- name: posts_to_link
select repo, number, comment_id from claim where stance <> 'refuted'
    union
    select coalesce(e.repo, c.repo), coalesce(e.number, c.number), e.comment_id
    from evidence e
    join claim c using (claim_id);

-- name: all
select * from claim;

-- name: all_evidence
select e.*, coalesce(e.repo, c.repo) as at_repo, coalesce(e.number, c.number) as at_number
    from evidence e
    left join claim c using (claim_id);

-- name: to_review
select c.*, e.entry_id, n.title as error, t.title, t.body as thread_body, m.body as comment_body
    from claim c
    left join claim_entry e using (claim_id)
    left join entries n on n.entry_id = e.entry_id
    join thread t on t.repo = c.repo and t.number = c.number
    left join comment m on m.repo = c.repo and m.number = c.number and m.comment_id = c.comment_id
    where c.claim_id in (select value from json_each(?))
    group by c.claim_id
    order by c.confidence desc, c.claim_id;

-- name: of_thread
select * from claim where repo = ? and number = ? order by claim_id;

-- name: evidence_of_thread
select *
    from evidence
    where claim_id in (select claim_id from claim where repo = ? and number = ?)
    order by claim_id, position;

-- name: drop_evidence_of_thread
delete from evidence
    where claim_id in (select claim_id from claim where repo = ? and number = ?);

-- name: drop_of_thread
delete from claim where repo = ? and number = ?;

-- name: entries
-- of one claim after the other: a join with the view would find the entry of every claim there is
select value as claim_id, (select entry_id from claim_entry where claim_id = value) as entry_id
    from json_each(?);

-- name: shown_in_report
select claim_id, (select entry_id from claim_entry where claim_id = ?1) as entry_id,
        kind, quote, url, author, created_at
    from claim
    where claim_id = ?1;
