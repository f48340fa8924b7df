-- What was asked of a tracker and how it answered: repo, cursor, raw, full_sync_seen,
-- orphan_comment, partial_thread, archive_file.

-- name: failed_repos
select repo, failure, failed_at from repo where failure is not null order by repo;

-- name: put_archive
insert or replace into archive_file (name, bytes, only_repos) values (?, ?, ?);

-- name: is_archive_read
select 1 from archive_file where name = ? and bytes = ? and only_repos = ?;

-- name: put_state
insert or replace into cursor (repo, stream, state) values (?, ?, ?);

-- name: moved_to
select moved_to from repo where repo = ? collate nocase and moved_to is not null;

-- name: former_names
select repo from repo where moved_to = ? collate nocase order by repo;

-- name: state
select state from cursor where repo = ? and stream = ?;

-- name: same_repository
select c.repo
    from cursor c
    join repo r on r.repo = c.repo
    where c.stream = ? and json_extract(c.state, '$.id') = ? and r.api_host = ?
    order by c.repo
    limit 1;

-- name: host
select api_host from repo where repo = ?;

-- name: failure
select failure, gone_since from repo where repo = ?;

-- name: put_partial
insert into partial_thread (repo, number, missing)
    values (?, ?, ?)
    on conflict (repo, number) do update
    set missing = max(missing, excluded.missing);

-- name: drop_partial
delete from partial_thread where repo = ? and number = ?;

-- name: partial_repos
select distinct repo from partial_thread order by repo;

-- name: partial_numbers
select number from partial_thread where repo = ? order by number desc limit ?;

-- name: raw_issue
select json from raw where kind = 'issue' and repo = ? and number = ?;

-- name: cursor
select since, next_url, state from cursor where repo = ? and stream = ?;

-- name: put_raw
insert or replace into raw (kind, repo, number, id, json) values (?, ?, ?, ?, ?);

-- name: raw
select json from raw where kind = ? and repo = ? and number = ? and id = ?;

-- name: orphan
select json from orphan_comment where repo = ? and comment_id = ?;

-- name: forget_seen
delete from full_sync_seen where repo = ? and stream = ?;

-- name: put_seen
insert or ignore into full_sync_seen (repo, stream, id) values (?, ?, ?);

-- name: name_in_cursors
select repo from cursor where repo = ? collate nocase limit 1;

-- name: comments_are_whole
delete from partial_thread where repo = ? and number = ? and missing = 'comments';

-- name: put_cursor
insert or replace into cursor (repo, stream, since, next_url, state) values (?, ?, ?, ?, ?);

-- name: stored_issues
select number, number, updated_at from thread
    where repo = :repo and gone_at is null and updated_at >= :since and kind <> 'discussion';

-- name: stored_discussions
select number, number, updated_at from thread
    where repo = :repo and gone_at is null and updated_at >= :since and kind = 'discussion';

-- name: stored_comments
select comment_id, number, updated_at
    from comment
    where repo = :repo and gone_at is null and updated_at >= :since
        and comment_id < :first_of_discussions;

-- name: seen
select id from full_sync_seen where repo = ? and stream = ?;

-- name: put_orphan
insert or replace into orphan_comment (repo, comment_id, number, json) values (?, ?, ?, ?);

-- name: orphans
select json from orphan_comment where repo = ? and number = ?;

-- name: drop_orphans
delete from orphan_comment where repo = ? and number = ?;
