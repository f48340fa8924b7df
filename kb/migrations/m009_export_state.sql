-- What the last export of each format was made of, and whether rows changed since.

create table knowledge (           -- one row: counts the exports that found changed rows
    version integer not null, changed integer not null
);
insert into knowledge (version, changed) values (1, 1);
create table export_state (kind text primary key, fingerprint text not null) without rowid;
