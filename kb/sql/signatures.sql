-- Normal forms of errors: signature.

-- name: exists
select fingerprint from signature where fingerprint = ?;

-- name: fields
select fingerprint, text, place, provider, status, code, exception, wrappers, objects
    from signature
    where fingerprint in (select value from json_each(?));

-- name: set_keys
update signature set keys = ? where fingerprint = ?;

-- name: keys
select fingerprint, keys
    from signature
    where keys is not null and fingerprint in (select value from json_each(?));

-- name: forget_keys
update signature set keys = null where fingerprint = ?;

-- name: fields_in_entries
select fingerprint, text, place, provider, status, code, exception, wrappers, objects, entry_id
    from signature
    where entry_id is not null and fingerprint in (select value from json_each(?));

-- name: counted_of_entry
select s.fingerprint, s.text, count(*) as mentions,
    count(distinct m.repo || '#' || m.number) as threads
    from signature s
    join mention m on m.fingerprint = s.fingerprint and m.counted
    where s.entry_id = ?
    group by s.fingerprint
    order by threads desc, s.fingerprint
    limit ?;

-- name: of_thread_in_entry
select s.*
    from mention m
    join signature s using (fingerprint)
    where m.repo = ? collate nocase and m.number = ? and m.counted and s.entry_id = ?
    order by m.is_primary desc, m.mention_id
    limit 1;

-- name: first_of_entry
select * from signature where entry_id = ? order by first_seen, fingerprint limit ?;

-- name: text
select text from signature where fingerprint = ?;

-- name: statuses
select distinct status
    from mention
    where fingerprint = ? and counted and status is not null
    order by 1
    limit 9;

-- name: texts_of_entry
select text from signature where entry_id = ? limit ?;

-- name: entry
select entry_id from signature where fingerprint = ? and entry_id is not null;

-- name: places
select entry_id, place
    from signature
    where text = ? and place is not null and entry_id is not null
    order by first_seen, fingerprint
    limit ?;

-- name: that_begin_with
select entry_id, min(length(text)) as size
    from signature
    where place is null and entry_id is not null and substr(text, 1, ?) = ?
    group by entry_id
    limit 2;

-- name: entry_of_text
select entry_id from signature where text = ? and entry_id is not null order by fingerprint desc limit 1;

-- name: places_of_text
select place from signature where text = ? and place is not null and entry_id <> ?;

-- name: forget_all_keys
update signature set keys = null where keys is not null;

-- name: entries
select distinct entry_id
    from signature
    where entry_id is not null and fingerprint in (select value from json_each(?));

-- name: of_entry
select fingerprint from signature where entry_id = ?;

-- name: set_entry
update signature set entry_id = ? where fingerprint = ?;

-- name: grouped
select fingerprint, entry_id, first_seen, first_key
    from signature
    where keys is not null and fingerprint in (select value from json_each(?));

-- name: of_entries
select fingerprint from signature where entry_id in (select value from json_each(?));

-- name: all_of_entry
select * from signature where entry_id = ?;

-- name: put
insert or ignore into signature (fingerprint, text, place, wrappers, objects)
    values (?, ?, ?, '[]', '[]');

-- name: former_entries
select m.fingerprint, min(s.entry_id)
    from mention m
    join signature s on s.fingerprint = m.previous_fingerprint
    where m.previous_fingerprint is not null and s.entry_id is not null
    group by 1;

-- name: leave_entry
update signature set entry_id = null, first_seen = null, first_key = null where fingerprint = ?;

-- name: drop_unused
delete
    from signature
    where fingerprint = ?1 and not exists (select 1 from mention m where m.fingerprint = ?1);

-- name: all
select * from signature where fingerprint in (select value from json_each(?));

-- name: decided_for
select m.fingerprint
    from mention m
    join signature s using (fingerprint)
    where m.repo = ?1 and m.number = ?2 and m.counted
        and s.entry_id = coalesce((select entry_id from alias where old_id = ?3), ?3)
    limit 1;

-- name: first_of_others
select fingerprint
    from signature
    where entry_id = ? and fingerprint not in (select value from json_each(?))
    order by first_seen, first_key
    limit 1;

-- name: settle
update signature
    set provider = ?, status = ?, code = ?, exception = ?, wrappers = ?, objects = ?,
        first_seen = ?, first_key = ?
    where fingerprint = ?;

-- name: first_counted
select s.fingerprint
    from signature s
    where s.entry_id = ? and exists (select 1 from mention m
        where m.fingerprint = s.fingerprint and m.counted)
    order by s.first_seen, s.first_key
    limit 1;

-- name: decision_fields
select fingerprint, provider, status, code, exception, wrappers, objects
    from signature
    where fingerprint in (select value from json_each(?));
