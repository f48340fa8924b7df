-- Archives that were read, and threads of which they hold only a part.

create table archive_file (
    name text not null, bytes integer not null,
    only_repos text not null,          -- hash of the repositories that were wanted
    primary key (name, only_repos)
) without rowid;
create table partial_thread (
    repo text not null, number integer not null,
    missing text not null,             -- comments, texts
    primary key (repo, number)
) without rowid;
