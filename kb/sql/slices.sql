-- The rows by which some threads are judged, copied from `whole` for a worker.

-- name: attach
attach ? as whole;

-- name: make_lists
create temp table wanted (repo text, number integer, primary key (repo, number));
create temp table beside (repo text, number integer, primary key (repo, number));

-- name: want
insert or ignore into wanted values (?, ?);

-- name: list_beside
insert or ignore into beside
    select * from (
        select l.to_repo, l.to_number from whole.link l join wanted using (repo, number)
        union
        select l.repo, l.number
            from whole.link l
            join wanted w on w.repo = l.to_repo and w.number = l.to_number)
    except select repo, number from wanted;

-- name: post_hash
insert into main.post_hash select * from whole.post_hash
    where (repo, number) in (select repo, number from wanted);

-- name: signs
-- of these threads, and of the people who answer in them
select hash from main.post_hash
    union select value || substr(hash, 2) from main.post_hash, json_each('["s", "r", "k"]')
        where hash glob 'a*';

-- name: counted
-- as many threads that have a sign as are counted
insert or ignore into main.post_hash
    select * from whole.post_hash where hash = ? order by repo, number limit 100;

-- name: thread
-- and those whose reporters are counted
insert into main.thread select * from whole.thread
    where (repo, number) in (select repo, number from wanted)
    or (repo, number) in (select repo, number from beside)
    or (repo, number) in (select repo, number from main.post_hash where hash glob 's*');

-- name: comment
insert into main.comment select * from whole.comment
    where (repo, number) in (select repo, number from wanted)
    or (repo, number) in (select repo, number from beside);

-- name: event
insert into main.event select * from whole.event
    where (repo, number) in (select repo, number from wanted)
    or (repo, number) in (select repo, number from beside);

-- name: mention
insert into main.mention select * from whole.mention
    where (repo, number) in (select repo, number from wanted);

-- name: signature
insert into main.signature select * from whole.signature
    where fingerprint in (select fingerprint from main.mention);

-- name: link
insert into main.link select * from whole.link
    where (repo, number) in (select repo, number from wanted)
    union select * from whole.link where (to_repo, to_number) in (select repo, number from wanted);

-- name: judgement
insert into main.judgement select * from whole.judgement
    where about in (select repo || '#' || number from wanted);

-- name: detach
detach whole;
