-- What signatures are compared by and which are alike: blocking_key, similar_pair, component_cut.

-- name: put_key
insert or ignore into blocking_key (key, fingerprint) values (?, ?);

-- name: all_with_key
select fingerprint from blocking_key where key = ?;

-- name: drop_key
delete from blocking_key where key = ? and fingerprint = ?;

-- name: first_with_key
select fingerprint from blocking_key where key = ? order by fingerprint limit ?;

-- name: partners
select b
    from similar_pair
    where a in (select value from json_each(?1))
    union select a
    from similar_pair
    where b in (select value from json_each(?1));

-- name: put_pair
insert or replace into similar_pair (a, b, probability) values (?, ?, ?);

-- name: drop_pair
delete from similar_pair where a = ? and b = ?;

-- name: any_key
select 1 from blocking_key limit 1;

-- name: is_pair
select 1 from similar_pair where a = ? and b = ?;

-- name: partners_in_entry
select n.f
    from (select b as f, probability from similar_pair where a = ?1 union all select a,
        probability from similar_pair where b = ?1) n
    join signature o on o.fingerprint = n.f
    where o.entry_id = ?2
    order by n.f;

-- name: nearest_in_entry
select o.text, n.probability
    from (select b as f, probability from similar_pair where a = ?1 union all select a,
        probability from similar_pair where b = ?1) n
    join signature o on o.fingerprint = n.f
    where o.entry_id = ?2
    order by n.probability desc, n.f
    limit 1;

-- name: forget_keys
delete from blocking_key;

-- name: forget_pairs
delete from similar_pair;

-- name: pairs_of
select probability, a, b
    from similar_pair
    where a in (select value from json_each(?1)) and probability >= ?2
    union select probability, a, b
    from similar_pair
    where b in (select value from json_each(?1)) and probability >= ?2;

-- name: cuts
select first, digest, groups from component_cut where first in (select value from json_each(?));

-- name: put_cut
insert or replace into component_cut (first, digest, groups) values (?, ?, ?);

-- name: drop_old_cuts
delete
    from component_cut
    where not exists (select 1 from signature where fingerprint = first and keys is not null);

-- name: drop_cuts
delete from component_cut;

-- name: to_suggest
select n.probability, a.entry_id as ea, b.entry_id as eb, n.a, n.b
    from similar_pair n
    join signature a on a.fingerprint = n.a
    join signature b on b.fingerprint = n.b
    where a.entry_id is not null and b.entry_id is not null and (a.entry_id != b.entry_id
        or n.probability < ?);

-- name: unsure
select n.probability, n.a, n.b, a.text as one, b.text as other, a.entry_id as ea,
    b.entry_id as eb, x.threads + y.threads as threads
    from similar_pair n
    join signature a on a.fingerprint = n.a
    join signature b on b.fingerprint = n.b
    join entry x on x.entry_id = a.entry_id
    join entry y on y.entry_id = b.entry_id
    where n.probability between ? and ? and not x.ignored and not y.ignored;

-- name: drop_pairs
delete from similar_pair where a = ?1 or b = ?1;
