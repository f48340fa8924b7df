-- runs

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
    set ended_at = ?, outcome = ?, exit_status = ?, failure = ?, new_entries = ?,
        changed_entries = ?, merged_entries = ?, report = ?
    where run_id = ?;

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
