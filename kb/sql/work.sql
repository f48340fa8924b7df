-- What stages have still to do, and the versions of their rules: dirty*, stage_version.

-- name: mark_thread
insert or ignore into dirty (stage, repo, number) values (?, ?, ?);

-- name: mark_all_threads
insert or ignore into dirty (stage, repo, number) select ?, repo, number from thread;

-- name: threads
select repo, number from dirty where stage = ? order by repo, number;

-- name: clean_thread
delete from dirty where stage = ? and repo = ? and number = ?;

-- name: mark_all_signatures
insert or ignore into dirty_signature (fingerprint) select fingerprint from signature;

-- name: signatures
select fingerprint from dirty_signature order by fingerprint;

-- name: clean_signatures
delete from dirty_signature;

-- name: entries
select entry_id from dirty_entry order by entry_id;

-- name: clean_entry
delete from dirty_entry where entry_id = ?;

-- name: count_threads
select count(distinct repo || '#' || number) from dirty;

-- name: stage_versions
select stage, version from stage_version;

-- name: put_stage_version
insert or replace into stage_version (stage, version) values (?, ?);

-- name: stage_version
select version from stage_version where stage = ?;

-- name: is_waiting
select 1 from dirty where stage = 'detect' and repo = ? and number = ?;

-- name: mark_entry
insert or ignore into dirty_entry (entry_id) values (?);

-- name: mark_signature
insert or ignore into dirty_signature (fingerprint) values (?);
