-- Entries with their ids, names, history and decisions: entry, entry_id, alias, entry_log,
-- curation_line. Also what stands in the threads of an entry.

-- name: was_given
select 1 from entry_id where entry_id = ?;

-- name: with_threads
select * from entries where threads >= 1 order by entry_id;

-- name: former_ids
select old_id, entry_id
    from alias
    where entry_id in (select value from json_each(?))
    order by old_id;

-- name: mentions
-- Of a message that stands in a title, in a repr or with escapes, the form that is printed
-- elsewhere in the thread, and where that form was raised: not where another exception held it.
select s.entry_id, m.repo, m.number, m.comment_id, m.author, m.is_primary, m.tool, m.version,
    shown.raw, case when coalesce(shown.frames, '[]') = '[]' then m.frames else shown.frames end as frames
    from signature s
    join mention m on m.fingerprint = s.fingerprint and m.counted
    join mention shown on shown.mention_id = case
        when m.field = 'title' or m.raw glob '*exception=*' or instr(m.raw, '\n') then
            coalesce((
                select o.mention_id
                from mention o
                where o.repo = m.repo and o.number = m.number and o.fingerprint = m.fingerprint
                    and o.field = 'body' and o.raw not glob '*exception=*'
                    and not instr(o.raw, '\n')
                order by o.mention_id limit 1
            ), m.mention_id)
        else m.mention_id end
    where s.entry_id in (select value from json_each(?))
    order by m.repo, m.number, m.mention_id
    limit ?;

-- name: named
select * from entries where entry_id = ?;

-- name: threads
select distinct t.repo, t.number, t.kind, t.title, t.url, t.author,
    iif(t.merged_at is null, t.state, 'merged') as state, t.created_at,
    t.closed_at,
    (
        select min(l.to_repo || '#' || l.to_number)
        from link l
        where l.repo = t.repo and l.number = t.number and l.kind = 'duplicate'
    ) as duplicate_of
    from (select m.repo, m.number
        from signature s
        join mention m on m.fingerprint = s.fingerprint and m.counted
        where s.entry_id in (select value from json_each(?))
        order by m.repo, m.number, m.mention_id
        limit ?) m
    join thread t on t.repo = m.repo and t.number = m.number;

-- name: events
select at, action, entry_id, other_id, why, rules
    from entry_log
    where entry_id in (select value from json_each(?1))
        or other_id in (select value from json_each(?1))
    order by at, log_id;

-- name: log
insert into entry_log (at, action, entry_id, other_id, why, rules) values (?, ?, ?, ?, ?, ?);

-- name: merged_into
select old_id from alias where entry_id = ? order by old_id;

-- name: heir
select entry_id from alias where old_id = ?;

-- name: split_from
select l.other_id, coalesce(a.entry_id, l.entry_id)
    from entry_log l
    left join alias a on a.old_id = l.entry_id
    where l.action = 'split' and l.other_id in (select value from json_each(?1))
    union
    select i.entry_id, s.entry_id
    from entry_id i
    join signature s using (fingerprint)
    where i.entry_id in (select value from json_each(?1))
    order by 1, 2;

-- name: aliases
select old_id, entry_id from alias;

-- name: of_threads
select distinct m.repo, m.number, s.entry_id
    from mention m
    join signature s using (fingerprint)
    where m.counted and s.entry_id is not null;

-- name: completions
select entry_id, title
    from entry
    where entry_id >= ? and entry_id < ? and not ignored
    order by entry_id
    limit ?;

-- name: url
select t.url
    from (select m.repo, m.number, m.is_primary
        from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
        where s.entry_id = ? limit ?) m
    join thread t on t.repo = m.repo and t.number = m.number
    order by m.is_primary desc, t.kind, t.created_at, t.repo, t.number
    limit 1;

-- name: is_shown
select 1 from entry where entry_id = ? and not ignored;

-- name: neighbours
with here as materialized (
        select distinct m.repo, m.number
        from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
        where s.entry_id = ?1 limit ?2)
    select o.entry_id, count(distinct here.repo || '#' || here.number) as n
    from here
    cross join mention m on m.repo = here.repo and m.number = here.number and m.counted
    join signature o on o.fingerprint = m.fingerprint
    where o.entry_id is not null and o.entry_id != ?1
    group by 1
    order by n desc, 1
    limit ?3;

-- name: last_decision
select action, why
    from entry_log
    where (entry_id = ?1 and other_id = ?2) or (entry_id = ?2 and other_id = ?1)
    order by log_id desc
    limit 1;

-- name: seen_between
with recent as materialized (
        select repo, number, created_at from thread where created_at > ? and created_at <= ?)
    select distinct s.entry_id, r.repo, r.number, r.created_at
    from recent r
    cross join mention m on m.repo = r.repo and m.number = r.number and m.counted
    join signature s on s.fingerprint = m.fingerprint
    where s.entry_id is not null;

-- name: months
select substr(t.created_at, 1, 7) as month, count(*) as n
    from (select distinct m.repo, m.number
        from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
        where s.entry_id = ?) m
    join thread t on t.repo = m.repo and t.number = m.number
    group by 1
    order by 1;

-- name: shown_of_thread
select m.entry_id
    from mentions m
    join entry e using (entry_id)
    where m.repo = ? and m.number = ? and not e.ignored
    order by not m.is_primary, m.mention_id;

-- name: best
select entry_id from entries order by grade, repos desc, threads desc, entry_id limit 1;

-- name: without_signatures
select value
    from json_each(?) as touched
    where not exists (select 1 from signature where entry_id = touched.value)
    order by value;

-- name: that_exist
select entry_id from entry where entry_id in (select value from json_each(?));

-- name: set_ignored
update entry set ignored = ? where entry_id = ?;

-- name: drop_curation_lines
delete from curation_line;

-- name: put_curation_line
insert into curation_line (line) values (?);

-- name: curation_lines
select line from curation_line;

-- name: ignored
select entry_id from entry where ignored;

-- name: anchors_split_from
select i.fingerprint
    from entry_log l
    join entry_id i on i.entry_id = l.entry_id
    where l.action = 'split' and l.other_id = ?
    order by l.log_id;

-- name: given_titles
select line from curation_line where line like 'title %';

-- name: set_unseen
update entry set threads = 0, repos = 0, reporters = 0 where entry_id = ?;

-- name: counted_mentions
select m.fingerprint, m.repo, m.number, m.author, m.created_at, m.provider, m.tool, m.status,
    m.code, m.exception
    from signature s
    join mention m on m.fingerprint = s.fingerprint
    where s.entry_id = ? and m.counted;

-- name: signature
select entry_id, signature from entry where entry_id = ?;

-- name: anchored_at
select fingerprint, seq, entry_id
    from entry_id
    where fingerprint in (select value from json_each(?));

-- name: put_id
insert into entry_id (entry_id, fingerprint, seq) values (?, ?, ?);

-- name: put
insert or ignore into entry (entry_id, title, signature, fingerprint, threads, repos,
        reporters, grade, born_run)
    select ?, '', '', ?, 0, 0, 0, 'D', ?;

-- name: move_anchor
update entry_id set fingerprint = ? where entry_id = ?;

-- name: move_aliases
update alias set entry_id = ? where entry_id = ?;

-- name: put_alias
insert or replace into alias (old_id, entry_id) values (?, ?);

-- name: drop
delete from entry where entry_id = ?;

-- name: retire
update entry set retired = 1 where entry_id = ?;

-- name: drop_alias
delete from alias where old_id = ?;

-- name: last_number
select max(seq) from entry_id;

-- name: anchor
select fingerprint from entry_id where entry_id = ?;

-- name: is_retired
select retired from entry where entry_id = ?;

-- name: revive
update entry set retired = 0 where entry_id = ?;

-- name: number_and_anchor
select seq, fingerprint from entry_id where entry_id = ?;

-- name: set_grade
update entry set grade = ? where entry_id = ?;

-- name: of_thread
select distinct entry_id
    from mentions
    where repo = ?1 and number = ?2 and entry_id is not null
    union select old_id
    from alias
    where entry_id in (select entry_id from mentions where repo = ?1 and number = ?2);

-- name: beside_another
-- in whose threads something is said of another error
select distinct s.entry_id
    from signature s
    join mention m using (fingerprint)
    join claim c on c.repo = m.repo and c.number = m.number
    where s.entry_id in (select value from json_each(?)) and m.counted and c.stance <> 'refuted';

-- name: filtered
-- A name of a repository or tool is the whole of it, its owner, its name alone, or the first word of
-- that (`hermes` is `NousResearch/hermes-agent`); letter case does not matter.
-- SQLite prepares a statement anew each time that the whole right side of a `like` is a value: `|| ''`.
select *
    from entries
    where entry_id in (select value from json_each(:ids))
        and (:provider is null or provider = :provider collate nocase)
        and (:since is null or last_seen >= :since)
        and (:grade is null or instr(:grade, grade))
        and (:repo is null or exists (select 1 from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
            where s.entry_id = entries.entry_id and m.repo in (select repo from (select distinct repo from thread)
                where repo like (:repo || '') escape '\' or repo like '%/' || :repo escape '\'
                    or repo like '%/' || :repo || '-%' escape '\'
                    or repo like :repo || '/%' escape '\')))
        and (:tool is null or (tool like (:tool || '') escape '\' or tool like '%/' || :tool escape '\'
                or tool like '%/' || :tool || '-%' escape '\' or tool like :tool || '/%' escape '\')
            or exists (select 1 from signature s join mention m on m.fingerprint = s.fingerprint and m.counted
                where s.entry_id = entries.entry_id and (m.tool like (:tool || '') escape '\' or m.tool like '%/' || :tool escape '\'
                or m.tool like '%/' || :tool || '-%' escape '\' or m.tool like :tool || '/%' escape '\')));

-- name: of_status
select entry_id
    from entries
    where status = ?1 and (?2 is null or provider = ?2)
    order by threads desc, entry_id
    limit ?3;

-- name: most_seen
-- as above, for all entries: the mentions are looked through once
select *
    from entries
    where (:provider is null or provider = :provider collate nocase)
        and (:since is null or last_seen >= :since)
        and (:grade is null or instr(:grade, grade))
        and (:repo is null or entry_id in (select s.entry_id
            from mention m join signature s using (fingerprint)
            where m.counted and m.repo in (select repo from (select distinct repo from thread)
                where repo like (:repo || '') escape '\' or repo like '%/' || :repo escape '\'
                    or repo like '%/' || :repo || '-%' escape '\'
                    or repo like :repo || '/%' escape '\')))
        and (:tool is null or (tool like (:tool || '') escape '\' or tool like '%/' || :tool escape '\'
                or tool like '%/' || :tool || '-%' escape '\' or tool like :tool || '/%' escape '\')
            or entry_id in (select s.entry_id from mention m join signature s using (fingerprint)
                where m.counted and (m.tool like (:tool || '') escape '\' or m.tool like '%/' || :tool escape '\'
                or m.tool like '%/' || :tool || '-%' escape '\' or m.tool like :tool || '/%' escape '\')))
    order by threads desc, last_seen desc, entry_id
    limit :limit offset :skip;

-- name: by_provider
select provider, count(*) as n from entries where provider is not null group by provider order by n desc, 1;

-- name: by_tool
select tool, count(*) as n from entries where tool is not null group by tool order by n desc, 1;

-- name: by_grade
select grade, count(*) as n from entries where grade is not null group by grade order by n desc, 1;

-- name: by_repo
select m.repo, count(distinct s.entry_id) as n
    from mention m
    join signature s using (fingerprint)
    join entries e using (entry_id)
    where m.counted
    group by m.repo
    order by n desc, 1;

-- name: by_id
select * from entries where entry_id in (select value from json_each(?));

-- name: set_counted
update entry
    set title = :title, signature = :signature, fingerprint = :fingerprint, provider = :provider,
        tool = :tool, status = :status, code = :code, exception = :exception, threads = :threads,
        repos = :repos, reporters = :reporters, first_seen = :first_seen, last_seen = :last_seen
    where entry_id = :entry_id;

-- name: of_thread_and_twins
-- of a thread, and of the main error of those that it repeats
select entry_id from mentions where repo = ?1 and number = ?2 and entry_id is not null
    union
    select m.entry_id
    from link l
    join mentions m on m.repo = l.to_repo and m.number = l.to_number and m.is_primary
    where l.repo = ?1 and l.number = ?2 and l.kind = 'duplicate' and m.entry_id is not null;
