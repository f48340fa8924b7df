-- mentions

-- name: near_threshold
select repo, number, confidence, counted, raw
    from mention
    where is_primary and abs(confidence - :at) <= :near
    order by abs(confidence - :at), repo, number
    limit :most;

-- name: fingerprints_of_thread
select distinct fingerprint from mention where repo = ? and number = ? and counted order by 1;

-- name: forget_previous
update mention set previous_fingerprint = null where previous_fingerprint is not null;

-- name: commonest_form
select raw
    from mention
    where fingerprint = ? and counted
    group by raw
    order by count(*) desc, length(raw), raw
    limit 1;

-- name: drop_of_thread
delete from mention where repo = ? and number = ?;

-- name: put
insert into mention (repo, number, comment_id, field, start, end, raw, fingerprint, is_primary,
    counted, provider, tool, status, model, version, os, frames, code, exception, wrappers,
    objects, created_at, author, previous_fingerprint, confidence, by_confidence)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: of_thread
select * from mention where repo = ? and number = ? order by mention_id;

-- name: tallied
select fingerprint, provider, status, code, exception, wrappers, objects, created_at, repo,
    number, comment_id, field, start
    from mention
    where counted and fingerprint in (select value from json_each(?));

-- name: heirs_by_text
select fingerprint, created_at, repo, number, comment_id, field, start
    from mention
    where previous_fingerprint = ? and counted;

-- name: versions
select number, max(version), max(os)
    from mention
    where repo = ? and number in (select value from json_each(?))
    group by number;

-- name: all
select * from mention;
