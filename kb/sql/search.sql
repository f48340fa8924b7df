-- The full-text index of entries: entry_search and its entry_search_fts (kept by triggers).

-- name: by_words
select entry_id, e.title || ' ' || e.signature || ' ' || e.words || ' ' || e.said as text,
    bm25(entry_search_fts, 4, 3, 1, 1) as rank
    from entry_search_fts
    join entry_search as e on e.seq = entry_search_fts.rowid
    where entry_search_fts match ?
    order by rank, entry_id
    limit ?;

-- name: matching
select rowid from entry_search_fts where entry_search_fts match ? limit ?;

-- name: size
select max(seq) from entry_search;

-- name: optimize
insert into entry_search_fts (entry_search_fts) values ('optimize');

-- name: put
insert into entry_search (seq, entry_id, title, signature, words, said) select seq, ?1, ?2, ?3,
    ?4, ?5
    from entry_id
    where entry_id = ?1
    on conflict (seq) do update
    set title = excluded.title, signature = excluded.signature, words = excluded.words,
        said = excluded.said;

-- name: drop
delete from entry_search where seq = (select seq from entry_id where entry_id = ?);

-- name: by_letters
select entry_id, text, 0.0 as rank
    from (select entry_id, title || ' ' || signature || ' ' || words || ' ' || said as text
        from entry_search)
    where not exists (select 1 from json_each(?) where not instr(lower(text), value))
    order by entry_id
    limit ?;

-- name: texts
-- not what people said, which is no part of the error
select seq, entry_id, signature || ' ' || title || ' ' || substr(words, 1, ?)
    from entry_search
    where seq in (select value from json_each(?));
