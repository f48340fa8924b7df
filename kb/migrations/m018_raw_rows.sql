-- A table with rowids keeps a row of up to 4 kB on one page. Without them what is beyond 1 kB of a
-- row went to a page of its own, and four in ten bytes of the table stood empty.

create table raw_rows (
    kind text not null,            -- issue, comment, event
    repo text not null,
    number integer not null,       -- thread
    id text not null,              -- GitHub's id; events without one: a hash of their JSON
    json blob not null,            -- zlib, canonical JSON
    primary key (kind, repo, number, id)
);
insert into raw_rows select kind, repo, number, id, json from raw;
drop table raw;
alter table raw_rows rename to raw;
