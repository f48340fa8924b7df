-- Places where an error stands: mention.

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

-- name: first_heir
select m.fingerprint
    from signature s
    join mention m on m.previous_fingerprint = s.fingerprint
    where s.entry_id = ? and m.counted
    order by m.created_at, m.repo, m.number, m.mention_id
    limit 1;

-- name: unsure
select repo, number, raw
    from mention
    where by_confidence and confidence between ? and ?;

-- name: signed_of_thread
select coalesce(m.confidence, 1.0) as confidence, m.*, s.text, s.place, s.wrappers, s.objects
    from mention m
    join signature s using (fingerprint)
    where m.repo = ? and m.number = ?
    order by m.mention_id;

-- name: in_report
-- All that stand there, also those that are not counted: what announces them is about them.
select s.entry_id, m.start, m.end
    from mention m
    join signature s using (fingerprint)
    where m.repo = ? and m.number = ? and m.comment_id is null and m.field = 'body'
    order by m.start, m.mention_id;
