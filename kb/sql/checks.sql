-- What must hold of a sound database, and does not.

-- name: relations
select 'thread ' || repo || '#' || number, 'has ' || count(*) || ' main errors'
    from mention where is_primary group by repo, number having count(*) > 1
union all
select 'claim ' || claim_id, 'speaks of an error that its thread does not mention'
    from claim c
    where about is not null and not exists (select 1 from mention m
        where m.repo = c.repo and m.number = c.number and m.fingerprint = c.about)
union all
select 'claim ' || claim_id, 'says the same as a claim that is not stored: ' || says
    from claim c
    where says is not null and not exists (select 1 from claim o where o.claim_id = c.says)
union all
select 'signature ' || fingerprint, 'belongs to an entry that is not stored: ' || entry_id
    from signature
    where entry_id is not null and entry_id not in (select entry_id from entry)
union all
select 'alias ' || old_id, 'leads to an entry that is not stored: ' || entry_id
    from alias where entry_id not in (select entry_id from entry)
union all
select 'alias ' || old_id, 'is an entry of its own'
    from alias where old_id in (select entry_id from entry);

-- name: entry_entry_id
select distinct entry_id from entry;

-- name: alias_old_id
select distinct old_id from alias;

-- name: claim_claim_id
select distinct claim_id from claim;

-- name: slug_slug
select distinct slug from slug;

-- name: thread_repo
select distinct repo from thread;

-- name: comment_repo
select distinct repo from comment;

-- name: times
select * from (select 'thread', 'created_at', created_at from thread
    where created_at is not strftime('%Y-%m-%dT%H:%M:%SZ', created_at) limit 20)
union all
select * from (select 'thread', 'updated_at', updated_at from thread
    where updated_at is not strftime('%Y-%m-%dT%H:%M:%SZ', updated_at) limit 20)
union all
select * from (select 'comment', 'created_at', created_at from comment
    where created_at is not strftime('%Y-%m-%dT%H:%M:%SZ', created_at) limit 20)
union all
select * from (select 'claim', 'created_at', created_at from claim
    where created_at is not strftime('%Y-%m-%dT%H:%M:%SZ', created_at) limit 20);

-- name: confidences
select 'claim', count(*) as wrong from claim where confidence not between 0 and 1
    having wrong > 0
union all
select 'mention', count(*) as wrong from mention where confidence not between 0 and 1
    having wrong > 0;

-- name: links
select 'thread' as origin, url from thread
union
select 'comment' as origin, url from comment
union
select 'claim' as origin, url from claim
union
select 'evidence' as origin, url from evidence
order by 1, 2;
