-- file

-- name: without_log
pragma journal_mode = delete;

-- name: integrity
pragma integrity_check(5);

-- name: first_orphan
select 1 from pragma_foreign_key_check limit 1;

-- name: readable
select (select count(*) from thread), (select count(*) from entry);

-- name: doubtful_mentions
pragma table_info(mention);

-- name: quick_check
pragma quick_check(5);

-- name: counts
select (select count(*) from thread), (select count(*) from comment),
    (select count(*) from entries), (select count(*) from claim);

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

-- name: count_quotes
select (select count(*) from mentions), (select count(*) from claims);

-- name: empty_log
pragma wal_checkpoint(truncate);
