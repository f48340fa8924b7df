-- What was exported: addresses of pages, and whether rows changed since. slug, knowledge,
-- export_state.

-- name: texts_of_slugs
select s.slug, e.title as text
    from slug s
    left join alias a on a.old_id = s.entry_id
    join entry e on e.entry_id = coalesce(a.entry_id, s.entry_id)
    union select s.slug, m.raw
    from slug s
    left join alias a on a.old_id = s.entry_id
    join signature g on g.entry_id = coalesce(a.entry_id, s.entry_id)
    join mention m on m.fingerprint = g.fingerprint
    union select s.slug, t.title
    from slug s
    left join alias a on a.old_id = s.entry_id
    join signature g on g.entry_id = coalesce(a.entry_id, s.entry_id)
    join mention m on m.fingerprint = g.fingerprint
    join thread t on t.repo = m.repo and t.number = m.number;

-- name: drop_slug
delete from slug where slug = ?;

-- name: put_slug
insert into slug (slug, entry_id) values (?, ?);

-- name: slugs
select entry_id, slug from slug;

-- name: settle
update knowledge set version = version + changed, changed = 0;

-- name: put_export_state
insert or replace into export_state (kind, fingerprint) values (?, ?);

-- name: export_state
select fingerprint from export_state where kind = ?;

-- name: is_changed
select changed from knowledge;

-- name: version
select version from knowledge;
