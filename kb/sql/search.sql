-- search

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
