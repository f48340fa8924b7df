-- The relations that others rely on (CONTRACT.md names them and their columns), as they are now.

create view threads as
    select repo, number, kind, title, body, state, state_reason, author, association,
           created_at, updated_at, closed_at, url, merged_at, author_type, labels, gone_at
    from thread;
create view comments as
    select repo, number, comment_id, author, association, created_at, updated_at, body, url,
           author_type, via_app, thumbs_up, thumbs_down, gone_at
    from comment;
create view mentions as
    select m.repo, m.number, m.comment_id, m.field, m.start, m.end, m.raw, s.text as signature,
           case when m.counted then s.entry_id end as entry_id, m.is_primary,
           m.mention_id, m.fingerprint, m.provider, m.tool, m.status, m.model, m.version, m.os,
           m.frames, m.counted, m.confidence
    from mention m join signature s using (fingerprint);
create view entries as
    select entry_id, title, signature, provider, tool, status, code, exception,
           threads, repos, reporters, first_seen, last_seen, grade, fingerprint
    from entry where not ignored;
-- the entry of the mention a claim speaks of, else of the thread that its thread repeats
create view claim_entry as
    select c.claim_id as claim_id, s.entry_id as entry_id
    from signature s join mention m on m.fingerprint = s.fingerprint
         join claim c on c.repo = m.repo and c.number = m.number
    where m.counted and ((c.about is null and m.is_primary)
          or (c.about = m.fingerprint and m.mention_id = (select min(x.mention_id) from mention
          x
              where x.repo = m.repo and x.number = m.number and x.fingerprint = m.fingerprint
              and x.counted)))
    union all
    select c.claim_id, s.entry_id
    from signature s join mention m on m.fingerprint = s.fingerprint
         join link l on l.to_repo = m.repo and l.to_number = m.number and l.kind = 'duplicate'
         join claim c on c.repo = l.repo and c.number = l.number
    where m.counted and m.is_primary and c.about is null
          and not exists (select 1 from mention o where o.repo = c.repo and o.number = c.number
          and o.counted and o.is_primary)
          and l.to_repo || '#' || l.to_number = (select min(k.to_repo || '#' || k.to_number)
          from link k
              join mention n on n.repo = k.to_repo and n.number = k.to_number and n.counted and
              n.is_primary
              where k.repo = l.repo and k.number = l.number and k.kind = 'duplicate');
create view claims as
    select c.claim_id, e.entry_id, c.repo, c.number, c.comment_id, c.field, c.kind, c.quote,
    c.start, c.end,
           c.author, c.association, c.created_at, c.url, c.stance, c.confidence,
           c.author_role, c.about, c.says, c.published, c.withheld
    from claim c left join claim_entry e on e.claim_id = c.claim_id;
create view aliases as
    select old_id, entry_id from alias;
