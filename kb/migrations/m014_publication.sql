-- Whether documents show a claim, why one is kept back, and what a person decided of it: with the
-- place it had, so that the decision holds when claims are found anew with other ids.

alter table claim add column withheld text;
alter table claim add column published integer not null default 1;
create table claim_decision (
    claim_id text primary key, line text not null,
    repo text not null, number integer not null, comment_id integer, field text not null,
    kind text not null, start integer not null, end integer not null, quote text not null
) without rowid;
