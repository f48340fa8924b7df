-- The file itself: how it is opened, transactions, soundness, what it holds.

-- name: without_log
pragma journal_mode = delete;

-- name: damage
select * from pragma_quick_check where quick_check <> 'ok' limit ?;

-- name: damage_of_indexes_too
select * from pragma_integrity_check where integrity_check <> 'ok' limit ?;

-- name: count_orphans
select count(*) from pragma_foreign_key_check;

-- name: name
pragma database_list;

-- name: begin_reading
begin;

-- name: roll_back
rollback;

-- name: data_version
pragma data_version;

-- name: commit
commit;

-- name: vacuum
vacuum;

-- name: begin_writing
begin immediate;

-- name: version
select user_version, application_id, (select count(*) from sqlite_master)
    from pragma_user_version, pragma_application_id;

-- name: orphans
pragma foreign_key_check;

-- name: relations
select name from sqlite_master;

-- name: empty_log
pragma wal_checkpoint(truncate);

-- name: counts
select (select count(*) from thread) as threads, (select count(*) from comment) as comments,
    (select count(*) from entries) as entries, (select count(*) from claim) as claims,
    (select count(*) from mention) as mentions;

-- name: check_what_is_read
pragma cell_size_check = on;
pragma foreign_keys = on;
pragma temp_store = memory;

-- name: only_read
-- whoever made the file: nothing in its schema calls what has effects
pragma query_only = on;
pragma trusted_schema = off;

-- name: open_log
-- 64 MB of log and of cache: keys of an index come in no order
pragma journal_mode = wal;
pragma synchronous = normal;
pragma journal_size_limit = 67108864;
pragma cache_size = -65536;

-- name: pages
select page_size, page_count, freelist_count
    from pragma_page_size, pragma_page_count, pragma_freelist_count;
