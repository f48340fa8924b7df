-- The rows that a document about an entry is made of, by which it is known whether they changed.

-- name: entry
select entry_id, * from entries where entry_id in (select value from json_each(?)) order by entry_id;

-- name: aliases
select entry_id, * from alias where entry_id in (select value from json_each(?)) order by entry_id, old_id;

-- name: mentions
select s.entry_id, s.*, m.*
    from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
    where s.entry_id in (select value from json_each(?))
    order by s.entry_id, m.repo, m.number, m.mention_id;

-- name: threads
-- what a thread's other mentions say of version and system stands beside its quotes, and whether it
-- says anything of another error decides how an entry without words is described
select k.entry_id, t.*,
        (select coalesce(max(version), '') || char(10) || coalesce(max(os), '')
            from mention x where x.repo = t.repo and x.number = t.number),
        exists (select 1 from claim y
            where y.repo = t.repo and y.number = t.number and y.stance <> 'refuted')
    from (select distinct s.entry_id, m.repo, m.number
            from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
            where s.entry_id in (select value from json_each(?1))
            union select e.entry_id, c.repo, c.number
            from claim_entry e join claim c using (claim_id)
            where e.entry_id in (select value from json_each(?1))) k
    join thread t using (repo, number)
    order by k.entry_id, t.repo, t.number;

-- name: claims
select e.entry_id, c.*, p.body, p.thumbs_up, p.updated_at
    from claim_entry e join claim c using (claim_id)
    left join comment p on p.repo = c.repo and p.comment_id = c.comment_id
    where e.entry_id in (select value from json_each(?))
    order by e.entry_id, c.claim_id;

-- name: evidence
select e.entry_id, v.*, p.updated_at
    from claim_entry e join claim c using (claim_id)
    join evidence v using (claim_id)
    left join comment p on p.repo = c.repo and p.comment_id = v.comment_id
    where e.entry_id in (select value from json_each(?))
    order by e.entry_id, v.claim_id, v.position;
