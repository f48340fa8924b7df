-- Comments are known by repository and id: two GitHubs give the same ids. Times that no calendar
-- has, counts below zero and links that lead elsewhere were once imported: they are repaired. A
-- repository knows which GitHub it is of, and since when that has not had it.

drop view comments;
create table comment_by_repo (
    repo text not null, comment_id integer not null, number integer not null,
    author text, author_type text not null, association text not null,
    created_at text not null, updated_at text not null, body text not null, url text not null,
    via_app text, thumbs_up integer not null, thumbs_down integer not null, gone_at text,
    primary key (repo, comment_id),
    foreign key (repo, number) references thread (repo, number)
);
insert into comment_by_repo
    select repo, comment_id, number, author, author_type, association, created_at, updated_at,
           body, url, via_app, thumbs_up, thumbs_down, gone_at
    from comment order by comment_id;
drop table comment;
alter table comment_by_repo rename to comment;
create index comment_thread on comment (repo, number, created_at, comment_id);
create table orphan_by_repo (
    repo text not null, comment_id integer not null, number integer not null,
    json blob not null, primary key (repo, comment_id)
);
insert into orphan_by_repo select repo, comment_id, number, json from orphan_comment;
drop table orphan_comment;
alter table orphan_by_repo rename to orphan_comment;
create index orphan_thread on orphan_comment (repo, number);
create view comments as
    select repo, number, comment_id, author, association, created_at, updated_at, body, url,
           author_type, via_app, thumbs_up, thumbs_down, gone_at
    from comment;
update thread set thumbs_up = max(0, thumbs_up), thumbs_down = max(0, thumbs_down)
    where thumbs_up < 0 or thumbs_down < 0;
update comment set thumbs_up = max(0, thumbs_up), thumbs_down = max(0, thumbs_down)
    where thumbs_up < 0 or thumbs_down < 0;
update thread set url = 'https://github.com/' || repo
        || case kind when 'pull' then '/pull/' else '/issues/' end || number
    where url not like 'https://%/' || repo || '/%/' || number;
update comment set url = 'https://github.com/' || repo || '/issues/' || number
        || '#issuecomment-' || comment_id
    where url not like 'https://%/' || repo || '/%/' || number || '#issuecomment-%';
alter table repo add column api_host text;
alter table repo add column gone_since text;
update thread set created_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+0 days'), '1970-01-01T00:00:00Z')
    where created_at is not null and created_at is not strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+0 days');
update thread set updated_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', updated_at, '+0 days'), '1970-01-01T00:00:00Z')
    where updated_at is not null and updated_at is not strftime('%Y-%m-%dT%H:%M:%SZ', updated_at, '+0 days');
update thread set closed_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', closed_at, '+0 days'), null)
    where closed_at is not null and closed_at is not strftime('%Y-%m-%dT%H:%M:%SZ', closed_at, '+0 days');
update thread set merged_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', merged_at, '+0 days'), null)
    where merged_at is not null and merged_at is not strftime('%Y-%m-%dT%H:%M:%SZ', merged_at, '+0 days');
update comment set created_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+0 days'), '1970-01-01T00:00:00Z')
    where created_at is not null and created_at is not strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+0 days');
update comment set updated_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', updated_at, '+0 days'), '1970-01-01T00:00:00Z')
    where updated_at is not null and updated_at is not strftime('%Y-%m-%dT%H:%M:%SZ', updated_at, '+0 days');
update event set created_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+0 days'), null)
    where created_at is not null and created_at is not strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+0 days');
update event set source_merged_at = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', source_merged_at, '+0 days'), null)
    where source_merged_at is not null and source_merged_at is not strftime('%Y-%m-%dT%H:%M:%SZ', source_merged_at, '+0 days');
