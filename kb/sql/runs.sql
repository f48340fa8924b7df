-- Runs and what they reported: run, run_stage, run_repo, last_report_*.

-- name: latest
select run_id, command, started_at, ended_at, outcome, exit_status, failure, process,
    new_entries, changed_entries, merged_entries
    from run
    order by run_id desc
    limit ?;

-- name: mark_killed
update run set outcome = 'killed' where ended_at is null and outcome is null;

-- name: begin
insert into run (command, started_at, process, rules) values (?, ?, ?, ?);

-- name: put_stage
insert into run_stage (run_id, place, stage, taken, made, seconds)
    values (?1, (select count(*) from run_stage where run_id = ?1), ?2, ?3, ?4, ?5);

-- name: finish
update run
    set ended_at = :ended_at, outcome = :outcome, exit_status = :exit_status, failure = :failure,
        new_entries = :new_entries, changed_entries = :changed_entries,
        merged_entries = :merged_entries, report = :report
    where run_id = :run_id;

-- name: put_document
insert or replace into last_report_document (kind, name, digest) values (?, ?, ?);

-- name: drop_document
delete from last_report_document where kind = ? and name = ?;

-- name: contradicted
select c.claim_id
    from claim c
    join last_report_claim r using (claim_id)
    where c.stance = 'refuted' and r.stance <> 'refuted' and c.kind in ('fix', 'workaround')
    order by c.created_at desc, c.claim_id;

-- name: documents
select name, digest from last_report_document where kind = ?;

-- name: is_first_report
select not exists (select 1 from last_report_entry);

-- name: new
-- how many there are in all stands in each row
select e.entry_id, e.title, e.grade, e.threads, e.repos, count(*) over () as count
    from entries e
    where e.threads > 0 and e.entry_id not in (select entry_id from last_report_entry)
    order by e.threads desc, e.entry_id
    limit ?;

-- name: moved
-- the entries that have `grown`, or whose grade `rose` or `fell`
select e.entry_id, e.title, e.grade, e.threads, e.repos, r.grade as grade_before,
        r.threads as threads_before, count(*) over () as count
    from last_report_entry r
    join entries e using (entry_id)
    where e.threads > 0 and case ?2 when 'grown' then e.threads > r.threads
        when 'rose' then e.grade < r.grade else e.grade > r.grade end
    order by e.threads - iif(?2 = 'grown', r.threads, 0) desc, e.entry_id
    limit ?1;

-- name: merged
select r.entry_id as old_id, e.entry_id, e.title, count(*) over () as count
    from last_report_entry r
    join alias a on a.old_id = r.entry_id
    join entries e on e.entry_id = a.entry_id
    order by r.entry_id
    limit ?;

-- name: put_entries
-- rows that say so already stay as they are
insert into last_report_entry (entry_id, title, grade, threads)
    select entry_id, title, grade, threads from entries where threads > 0
    on conflict (entry_id) do update
    set title = excluded.title, grade = excluded.grade, threads = excluded.threads
    where (title, grade, threads) is not (excluded.title, excluded.grade, excluded.threads);

-- name: drop_entries
delete from last_report_entry
    where entry_id not in (select entry_id from entries where threads > 0);

-- name: put_claims
insert into last_report_claim (claim_id, stance)
    select claim_id, stance from claim where true
    on conflict (claim_id) do update set stance = excluded.stance
    where stance is not excluded.stance;

-- name: drop_claims
delete from last_report_claim where claim_id not in (select claim_id from claim);

-- name: put_repo
insert or replace into run_repo (run_id, repo, moved_to, issues_new, issues_changed, comments_new, comments_changed, timelines,
        gone, bad, requests, waits, waited, complete, failure)
    values (:run_id, :repo, :moved_to, :issues_new, :issues_changed, :comments_new,
        :comments_changed, :timelines, :gone, :bad, :requests, :waits, :waited, :complete, :failure);
