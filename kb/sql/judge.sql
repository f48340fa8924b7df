-- A language model's answers: judgement.

-- name: on_pairs_of_entry
select a.entry_id as ea, b.entry_id as eb, a.text as one, b.text as other, j.answer, j.model,
    substr(j.asked_at, 1, 10) as day, max(j.asked_at)
    from judgement j
    join signature a on a.fingerprint = substr(j.about, 1, instr(j.about, ' ') - 1)
    join signature b on b.fingerprint = substr(j.about, instr(j.about, ' ') + 1)
    where j.kind = 'pair' and (a.entry_id = ?1 or b.entry_id = ?1)
    group by j.about
    order by j.about;

-- name: on_threads_of_entry
select j.about, j.model, max(substr(j.asked_at, 1, 10)) as day
    from judgement j
    where j.kind in ('claims', 'error')
        and j.about in (select c.repo || '#' || c.number from claim c join claim_entry using
        (claim_id) where entry_id = ?1
        union select m.repo || '#' || m.number from mention m join signature s using
        (fingerprint) where s.entry_id = ?1 and m.counted)
    group by j.about, j.model
    order by j.about, j.model;

-- name: put
insert or replace into judgement (content, model, kind, about, answer, asked_at)
    values (?, ?, ?, ?, ?, ?);

-- name: answers_about
select content, answer
    from judgement
    where about = ? and kind = 'claims'
    order by asked_at, model desc;

-- name: threads
select distinct about from judgement where kind = 'claims';

-- name: answer
select answer
    from judgement
    where content = ? and (? is null or model = ?)
    order by asked_at desc, model
    limit 1;

-- name: any_on_texts
select 1 from judgement where kind = 'error' limit 1;

-- name: pairs
select distinct a.fingerprint as a, b.fingerprint as b, a.text as one, b.text as other
    from judgement j
    join signature a on a.fingerprint = substr(j.about, 1, instr(j.about, ' ') - 1)
    join signature b on b.fingerprint = substr(j.about, instr(j.about, ' ') + 1)
    where j.kind = 'pair' and a.keys is not null and b.keys is not null;
