-- Figures of a whole knowledge base.

-- name: figures
select
        (select count(*) from thread) as threads,
        (select count(*) from thread where kind = 'issue') as issues,
        (select count(*) from thread where kind = 'pull') as pulls,
        (select count(*) from comment where gone_at is null) as comments,
        (select count(*) from entries) as entries,
        (select count(*) from mention where counted) as mentions,
        (select count(*) from (select distinct m.repo, m.number
            from mention m
            join signature s using (fingerprint)
            join entries e using (entry_id)
            join thread t on t.repo = m.repo and t.number = m.number and t.kind = 'issue'
            where m.counted)) as covered,
        (select count(*) from (select distinct m.repo, m.number
            from mention m
            join signature s using (fingerprint)
            join entries e using (entry_id)
            join thread t on t.repo = m.repo and t.number = m.number and t.kind = 'issue'
            where m.counted and e.grade in ('A', 'B'))) as answered,
        (select count(*) from thread where created_at > :since and created_at <= :until)
            as new_threads,
        (select count(*) from entries where first_seen > :since and first_seen <= :until)
            as new_entries;

-- name: repos
select repo, count(*) as n from thread group by repo order by n desc, repo;

-- name: claims
select kind, count(*) from claim_entry join claim using (claim_id) group by kind order by kind;
