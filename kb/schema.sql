-- Made from the migrations by python -m kb.schema; not edited by hand.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE thread (
        repo text not null, number integer not null, kind text not null,
        title text not null, body text not null, state text not null, state_reason text,
        author text, author_type text not null, association text not null,
        created_at text not null, updated_at text not null, closed_at text, merged_at text,
        url text not null, labels text not null, thumbs_up integer not null, thumbs_down integer
        not null,
        gone_at text,
        timeline_at text,              -- the closing time whose timeline was read
        primary key (repo, number)
    );
CREATE INDEX thread_updated on thread (updated_at);
CREATE TABLE event (
        repo text not null, number integer not null, id text not null,
        event text not null, created_at text, actor text, commit_id text, state_reason text,
        source_repo text, source_number integer, source_is_pull integer not null, source_merged_at
        text,
        primary key (repo, number, id),
        foreign key (repo, number) references thread (repo, number)
    ) without rowid;
CREATE INDEX event_source on event (source_repo, source_number);
CREATE TABLE revision (            -- former versions of edited texts
        repo text not null, number integer not null, comment_id integer, field text not null,
        sha256 text not null, valid_until text not null
    );
CREATE INDEX revision_thread on revision (repo, number);
CREATE TABLE repo (
        repo text primary key, moved_to text, failed_at text, failure text
    , api_host text, gone_since text) without rowid;
CREATE TABLE cursor (
        repo text not null, stream text not null,
        since text, next_url text, state text,
        primary key (repo, stream)
    ) without rowid;
CREATE TABLE "full_sync_seen" (                -- what a full walk has met so far; emptied at its end
        repo text not null, stream text not null, id integer not null,
        primary key (repo, stream, id)
    ) without rowid;
CREATE TABLE signature (
        fingerprint text primary key, text text not null,
        provider text, status integer, code text, exception text,
        wrappers text not null, objects text not null,
        entry_id text,
        first_seen text, first_key text,    -- time and place of its first mention
        -- its keys in table block, 8 bytes each; null: not in the index
        keys blob
    , place text) without rowid;
CREATE INDEX signature_entry on signature (entry_id);
CREATE TABLE mention (
        mention_id integer primary key,
        repo text not null, number integer not null, comment_id integer, field text not null,
        start integer not null, end integer not null, raw text not null,
        fingerprint text not null references signature (fingerprint),
        is_primary integer not null, counted integer not null,
        provider text, tool text, status integer, model text, version text, os text, frames text
        not null,
        code text, exception text, wrappers text not null default '[]', objects text not null
        default '[]',
        created_at text, author text,       -- of the post it stands in
        -- fingerprint of the same text by rules that were replaced since
        previous_fingerprint text, confidence real, by_confidence integer,
        foreign key (repo, number) references thread (repo, number)
    );
CREATE INDEX mention_thread on mention (repo, number);
CREATE INDEX mention_fingerprint on mention (fingerprint);
CREATE INDEX mention_before on mention (previous_fingerprint) where previous_fingerprint is not null;
CREATE TABLE "similar_pair" (
        a text not null, b text not null, probability real not null,
        primary key (a, b)
    ) without rowid;
CREATE INDEX near_b on "similar_pair" (b);
CREATE TABLE "blocking_key" (                    -- index from which candidates for near pairs come
        -- hash of a word pair, a code, ... (kb.matching.blocking.keys_of)
        key integer not null,
        fingerprint text not null,
        primary key (key, fingerprint)
    ) without rowid;
CREATE TABLE entry (
        entry_id text primary key, title text not null, signature text not null, fingerprint text
        not null,
        provider text, tool text, status integer, code text, exception text,
        threads integer not null, repos integer not null, reporters integer not null,
        first_seen text, last_seen text, grade text not null,
        born_run integer not null,          -- order in which ids were given (table identity)
        ignored integer not null default 0, retired integer not null default 0
    ) without rowid;
CREATE TABLE "entry_id" (
        entry_id text primary key, fingerprint text not null, seq integer not null
    ) without rowid;
CREATE UNIQUE INDEX identity_born on "entry_id" (seq);
CREATE INDEX identity_fingerprint on "entry_id" (fingerprint);
CREATE TABLE "curation_line" (line text primary key) without rowid;
CREATE TABLE alias (
        old_id text primary key, entry_id text not null references entry (entry_id) deferrable
        initially deferred
    ) without rowid;
CREATE INDEX alias_entry on alias (entry_id);
CREATE TABLE entry_log (
        -- minted, merged, split, retired, titled
        log_id integer primary key, at text not null, action text not null,
        entry_id text not null, other_id text, why text not null, rules text not null
    );
CREATE INDEX entry_log_entry on entry_log (entry_id);
CREATE INDEX entry_log_other on entry_log (other_id);
CREATE TABLE claim (
        claim_id text primary key,
        repo text not null, number integer not null, comment_id integer, field text not null,
        kind text not null, quote text not null, start integer not null, end integer not null,
        author text, author_role text not null, association text not null, created_at text not
        null, url text not null,
        stance text not null, confidence real not null, about text, says text, withheld text, published integer not null default 1,
        foreign key (repo, number) references thread (repo, number)
    ) without rowid;
CREATE INDEX claim_thread on claim (repo, number);
CREATE INDEX claim_says on claim (says);
CREATE TABLE evidence (
        claim_id text not null references claim (claim_id) on delete cascade,
        position integer not null, role text not null,
        comment_id integer, field text not null, start integer not null, end integer not null,
        quote text not null,
        author text, association text not null, created_at text, url text not null, repo text, number integer,
        primary key (claim_id, position)
    ) without rowid;
CREATE TABLE link (                     -- what a thread says of another one
        -- duplicate, fixed_by, mentions
        repo text not null, number integer not null, kind text not null,
        to_repo text not null, to_number integer not null,
        primary key (repo, number, kind, to_repo, to_number)
    ) without rowid;
CREATE INDEX link_to on link (to_repo, to_number);
CREATE TABLE dirty (                    -- threads that a stage has still to read
        stage text not null, repo text not null, number integer not null,
        primary key (stage, repo, number)
    ) without rowid;
CREATE TABLE dirty_signature (fingerprint text primary key) without rowid;
CREATE TABLE dirty_entry (entry_id text primary key) without rowid;
CREATE TABLE "stage_version" (stage text primary key, version text not null) without rowid;
CREATE TABLE run (
        run_id integer primary key, command text not null, started_at text not null, ended_at text,
        outcome text, report text
    , process integer, exit_status integer, failure text, rules text, new_entries integer, changed_entries integer, merged_entries integer);
CREATE TABLE "post_hash" (
        hash text not null, repo text not null, number integer not null,
        primary key (hash, repo, number)
    ) without rowid;
CREATE INDEX post_sign_thread on "post_hash" (repo, number);
CREATE TABLE slug (slug text primary key, entry_id text not null) without rowid;
CREATE UNIQUE INDEX slug_entry on slug (entry_id);
CREATE TABLE run_repo (
        run_id integer not null references run (run_id) on delete cascade, repo text not null,
        moved_to text,
        issues_new integer not null, issues_changed integer not null, comments_new integer not
        null, comments_changed integer not null,
        timelines integer not null, gone integer not null, bad integer not null,
        requests integer not null, waits integer not null, waited real not null, complete integer
        not null, failure text,
        primary key (run_id, repo)
    ) without rowid;
CREATE TABLE run_stage (
        run_id integer not null references run (run_id) on delete cascade, place integer not null,
        stage text not null,
        taken integer not null, made integer not null, seconds real not null,
        primary key (run_id, place)
    ) without rowid;
CREATE TABLE "last_report_entry" (
        entry_id text primary key, title text not null, grade text not null, threads integer not
        null
    ) without rowid;
CREATE TABLE "last_report_claim" (claim_id text primary key, stance text not null) without rowid;
CREATE TABLE "last_report_document" (
        kind text not null, name text not null, digest text not null, primary key (kind, name)
    ) without rowid;
CREATE TABLE "comment" (
        repo text not null, comment_id integer not null, number integer not null,
        author text, author_type text not null, association text not null,
        created_at text not null, updated_at text not null, body text not null, url text not null,
        via_app text, thumbs_up integer not null, thumbs_down integer not null, gone_at text,
        primary key (repo, comment_id),
        foreign key (repo, number) references thread (repo, number)
    );
CREATE INDEX comment_thread on comment (repo, number, created_at, comment_id);
CREATE TABLE "orphan_comment" (
        repo text not null, comment_id integer not null, number integer not null,
        json blob not null, primary key (repo, comment_id)
    );
CREATE INDEX orphan_thread on orphan_comment (repo, number);
CREATE TABLE knowledge (           -- one row: counts the exports that found changed rows
        version integer not null, changed integer not null
    );
CREATE TABLE export_state (kind text primary key, fingerprint text not null) without rowid;
CREATE TABLE "entry_search" (
        seq integer primary key,           -- of table identity
        entry_id text not null, title text not null, signature text not null,
        words text not null,               -- other wordings, fields, objects
        said text not null default ''      -- titles and first words of its threads
    );
CREATE VIRTUAL TABLE "entry_search_fts" USING FTS5 (
    "title", "signature", "words", "said",
    tokenize='unicode61',
    content="entry_search"
);
CREATE TRIGGER "entry_search_ai" AFTER INSERT ON "entry_search" BEGIN
  INSERT INTO "entry_search_fts" (rowid, "title", "signature", "words", "said") VALUES (new.rowid, new."title", new."signature", new."words", new."said");
END;
CREATE TRIGGER "entry_search_ad" AFTER DELETE ON "entry_search" BEGIN
  INSERT INTO "entry_search_fts" ("entry_search_fts", rowid, "title", "signature", "words", "said") VALUES('delete', old.rowid, old."title", old."signature", old."words", old."said");
END;
CREATE TRIGGER "entry_search_au" AFTER UPDATE ON "entry_search" BEGIN
  INSERT INTO "entry_search_fts" ("entry_search_fts", rowid, "title", "signature", "words", "said") VALUES('delete', old.rowid, old."title", old."signature", old."words", old."said");
  INSERT INTO "entry_search_fts" (rowid, "title", "signature", "words", "said") VALUES (new.rowid, new."title", new."signature", new."words", new."said");
END;
CREATE INDEX signature_text on signature (text) where place is not null;
CREATE TABLE judgement (
        content text not null, model text not null,
        kind text not null,                -- claims, pair, error
        about text not null,               -- owner/repo#12, or two fingerprints
        answer text not null,              -- ids and labels, as JSON
        asked_at text not null,
        primary key (content, model)
    ) without rowid;
CREATE INDEX judgement_about on judgement (about);
CREATE TABLE claim_decision (
        claim_id text primary key, line text not null,
        repo text not null, number integer not null, comment_id integer, field text not null,
        kind text not null, start integer not null, end integer not null, quote text not null
    ) without rowid;
CREATE TABLE archive_file (
        name text not null, bytes integer not null,
        only_repos text not null,          -- hash of the repositories that were wanted
        primary key (name, only_repos)
    ) without rowid;
CREATE TABLE partial_thread (
        repo text not null, number integer not null,
        missing text not null,             -- comments, texts
        primary key (repo, number)
    ) without rowid;
CREATE TABLE "raw" (
        kind text not null,            -- issue, comment, event
        repo text not null,
        number integer not null,       -- thread
        id text not null,              -- GitHub's id; events without one: a hash of their JSON
        json blob not null,            -- zlib, canonical JSON
        primary key (kind, repo, number, id)
    );
CREATE TABLE component_cut (
        first text primary key,        -- the smallest member's fingerprint
        digest blob not null,          -- of members, fields, near pairs, and what keeps them apart
        groups blob not null           -- for each member the number of its group
    ) without rowid;
CREATE VIEW "threads" AS     select repo, number, kind, title, body, state, state_reason, author, association,
           created_at, updated_at, closed_at, url, merged_at, author_type, labels, gone_at
    from thread;
CREATE VIEW "comments" AS     select repo, number, comment_id, author, association, created_at, updated_at, body, url,
           author_type, via_app, thumbs_up, thumbs_down, gone_at
    from comment;
CREATE VIEW "mentions" AS     select m.repo, m.number, m.comment_id, m.field, m.start, m.end, m.raw, s.text as signature,
           case when m.counted then s.entry_id end as entry_id, m.is_primary,
           m.mention_id, m.fingerprint, m.provider, m.tool, m.status, m.model, m.version, m.os,
           m.frames, m.counted, m.confidence
    from mention m join signature s using (fingerprint);
CREATE VIEW "entries" AS     select entry_id, title, signature, provider, tool, status, code, exception,
           threads, repos, reporters, first_seen, last_seen, grade, fingerprint
    from entry where not ignored;
CREATE VIEW "claim_entry" AS     select c.claim_id as claim_id, s.entry_id as entry_id
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
CREATE VIEW "claims" AS     select c.claim_id, e.entry_id, c.repo, c.number, c.comment_id, c.field, c.kind, c.quote,
    c.start, c.end,
           c.author, c.association, c.created_at, c.url, c.stance, c.confidence,
           c.author_role, c.about, c.says, c.published, c.withheld
    from claim c left join claim_entry e on e.claim_id = c.claim_id;
CREATE VIEW "aliases" AS     select old_id, entry_id from alias;
CREATE INDEX comment_maintainer on comment (repo, author)
    where association in ('OWNER', 'MEMBER', 'COLLABORATOR');
CREATE INDEX claim_stated on claim (repo, author) where stance = 'stated';
CREATE TRIGGER [changed_alias_insert] after insert on [alias] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_alias_update] after update on [alias] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_alias_delete] after delete on [alias] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_claim_insert] after insert on [claim] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_claim_update] after update on [claim] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_claim_delete] after delete on [claim] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_comment_insert] after insert on [comment] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_comment_update] after update on [comment] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_comment_delete] after delete on [comment] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_curation_line_insert] after insert on [curation_line] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_curation_line_update] after update on [curation_line] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_curation_line_delete] after delete on [curation_line] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_dirty_signature_insert] after insert on [dirty_signature] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_dirty_signature_update] after update on [dirty_signature] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_dirty_signature_delete] after delete on [dirty_signature] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_insert] after insert on [entry] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_update] after update on [entry] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_delete] after delete on [entry] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_id_insert] after insert on [entry_id] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_id_update] after update on [entry_id] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_id_delete] after delete on [entry_id] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_log_insert] after insert on [entry_log] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_log_update] after update on [entry_log] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_log_delete] after delete on [entry_log] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_search_insert] after insert on [entry_search] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_search_update] after update on [entry_search] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_entry_search_delete] after delete on [entry_search] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_event_insert] after insert on [event] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_event_update] after update on [event] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_event_delete] after delete on [event] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_evidence_insert] after insert on [evidence] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_evidence_update] after update on [evidence] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_evidence_delete] after delete on [evidence] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_judgement_insert] after insert on [judgement] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_judgement_update] after update on [judgement] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_judgement_delete] after delete on [judgement] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_link_insert] after insert on [link] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_link_update] after update on [link] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_link_delete] after delete on [link] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_mention_insert] after insert on [mention] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_mention_update] after update on [mention] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_mention_delete] after delete on [mention] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_orphan_comment_insert] after insert on [orphan_comment] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_orphan_comment_update] after update on [orphan_comment] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_orphan_comment_delete] after delete on [orphan_comment] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_signature_insert] after insert on [signature] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_signature_update] after update on [signature] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_signature_delete] after delete on [signature] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_slug_insert] after insert on [slug] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_slug_update] after update on [slug] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_slug_delete] after delete on [slug] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_thread_insert] after insert on [thread] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_thread_update] after update on [thread] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
CREATE TRIGGER [changed_thread_delete] after delete on [thread] when (select not changed from knowledge) begin update knowledge set changed = 1; end;
insert into knowledge (version, changed) values (1, 1);
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm001_threads', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm002_knowledge', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm003_relations', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm004_post_signs', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm005_evidence_elsewhere', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm006_slugs', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm007_runs', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm008_thread_identity', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm009_export_state', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm010_search', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm011_place', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm012_confidence', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm013_judgement', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm014_publication', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm015_standard_names', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm016_archives', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm017_by_confidence', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm018_raw_rows', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm019_component_cuts', strftime('%Y-%m-%d %H:%M:%f+00:00'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('faultlore', 'm020_roles', strftime('%Y-%m-%d %H:%M:%f+00:00'));
pragma user_version = 20;
