-- Threads with their comments, events, links and hashes of posts: thread, comment, event, link,
-- post_hash, revision.

-- name: at_urls
select url from thread where url in (select value from json_each(?));

-- name: titles
select url, title, repo, number from thread;

-- name: exists
select repo from thread where repo = ? and number = ?;

-- name: entry
select s.entry_id
    from mention m
    join signature s using (fingerprint)
    join entry e using (entry_id)
    where m.repo = ? and m.number = ? and m.counted and not e.ignored
    order by m.comment_id is ? desc, m.is_primary desc, m.mention_id
    limit 1;

-- name: under_other_name
select t.repo
    from thread t
    left join repo r on r.moved_to = t.repo
    where t.number = ? and (t.repo = ? collate nocase or r.repo = ? collate nocase)
    limit 1;

-- name: by_month
select substr(created_at, 1, 7), count(*)
    from thread
    where created_at >= ? and created_at <= ?
    group by 1;

-- name: newest
select max(created_at) from thread;

-- name: times_of_comments
select comment_id, created_at, updated_at, gone_at from comment;

-- name: comments
select *
    from comment
    where repo = ? and number = ? and gone_at is null
    order by created_at, comment_id;

-- name: events
select * from event where repo = ? and number = ? order by created_at, id;

-- name: one
select * from thread where repo = ? and number = ?;

-- name: merges
select merged_at
    from thread
    where repo = ?1 and number = ?2
    union select source_merged_at
    from event
    where source_repo = ?1 and source_number = ?2;

-- name: comment
select body, url, author, association, gone_at
    from comment
    where comment_id = ? and repo = ? and number = ?;

-- name: drop_post_hashes
delete from post_hash where repo = ? and number = ?;

-- name: put_post_hash
insert into post_hash (hash, repo, number) values (?, ?, ?);

-- name: post_hashes
select hash from post_hash where repo = ? and number = ? order by hash;

-- name: count_post_hash
-- of the first of them: what stands in so many is repeated, and a maintainer may answer in all
select count(distinct repo), count(*), count(distinct t.author)
    from (select repo, number from post_hash where hash = ? order by repo, number limit 100)
    left join thread t using (repo, number);

-- name: with_post_hash
select repo, number from post_hash where hash = ?;

-- name: beginning
select title, substr(body, 1, 4000) from thread where repo = ? and number = ?;

-- name: links_to
select l.repo, l.number, l.kind, t.created_at
    from link l
    join thread t using (repo, number)
    where l.to_repo = ? and l.to_number = ? and l.kind in ('fixes', 'duplicate')
    order by l.repo, l.number, l.kind;

-- name: drop_links
delete from link where repo = ? and number = ?;

-- name: put_link
insert into link (repo, number, kind, to_repo, to_number) values (?, ?, ?, ?, ?);

-- name: readers_of
select l.repo, l.number
    from link l
    join thread t using (repo, number)
    where l.to_repo = ? and l.to_number = ? and t.kind = 'issue';

-- name: kind
select kind from thread where repo = ? and number = ?;

-- name: count_comments
select count(*) from comment where repo = ? and number = ?;

-- name: set_timeline
update thread set timeline_at = ? where repo = ? and number = ?;

-- name: without_timeline
-- whose timeline is wanted: closed, with errors, once a closing
select t.number, t.closed_at
    from thread t
    where t.repo = :repo and t.kind = 'issue' and t.state = 'closed' and t.closed_at is not null
        and t.gone_at is null
        and coalesce(t.state_reason, 'completed') <> 'not_planned'
        and (t.timeline_at is null or t.timeline_at < t.closed_at)
        and exists (select 1 from mention m
            where m.repo = t.repo and m.number = t.number and m.counted)
    order by t.closed_at desc, t.number desc
    limit :budget;

-- name: comment_gone
update comment set gone_at = ? where repo = ? and comment_id = ? and gone_at is null;

-- name: thread_gone
update thread set gone_at = ? where repo = ? and number = ? and gone_at is null;

-- name: put_revision
insert into revision (repo, number, comment_id, field, sha256, valid_until)
    values (?, ?, ?, ?, ?, ?);

-- name: is_gone
select 1 from thread where repo = ? and number = ? and gone_at is not null;

-- name: here
select repo, number from thread where gone_at is null;

-- name: that_refer
select source_repo, source_number from event where source_repo > '';

-- name: gone
select repo, number from thread where gone_at > '';

-- name: title
select title, url, author, association, null from thread where repo = ? and number = ?;

-- name: body
select body, url, author, association, null from thread where repo = ? and number = ?;

-- name: name_of_repo
select repo from thread where repo = ? collate nocase limit 1;

-- name: stored_comment
select * from comment where repo = ? and comment_id = ?;
