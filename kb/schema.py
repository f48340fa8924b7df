"""The database's schema as a list of migrations, each a small function; the relations of the
contract are views.

Migrations run through sqlite-utils (one transaction each). `PRAGMA user_version` holds the number
of those applied, so that a reader can tell an older or newer file without loading sqlite-utils. A
new database is made in one step from `schema.sql`, which is what the migrations come to: `python -m
kb.schema` writes it, a test holds the two equal.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlite_utils.db import Database

    Migration = Callable[[Database], None]

APPLICATION_ID = 0x464C4F52
"""`PRAGMA application_id` of a knowledge base: "FLOR"."""


def m001_threads(db: Database) -> None:
    """What GitHub sent: raw JSON first, then threads, comments and events made of it."""
    db.executescript("""
    create table raw (
        kind text not null,            -- issue, comment, event
        repo text not null,
        number integer not null,       -- thread
        id text not null,              -- GitHub's id; events without one: a hash of their JSON
        json blob not null,            -- zlib, canonical JSON
        primary key (kind, repo, number, id)
    ) without rowid;
    create table thread (
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
    create index thread_updated on thread (updated_at);
    create table comment (
        comment_id integer primary key, repo text not null, number integer not null,
        author text, author_type text not null, association text not null,
        created_at text not null, updated_at text not null, body text not null, url text not null,
        via_app text, thumbs_up integer not null, thumbs_down integer not null, gone_at text,
        foreign key (repo, number) references thread (repo, number)
    );
    create index comment_thread on comment (repo, number, created_at, comment_id);
    create table event (
        repo text not null, number integer not null, id text not null,
        event text not null, created_at text, actor text, commit_id text, state_reason text,
        source_repo text, source_number integer, source_is_pull integer not null, source_merged_at
        text,
        primary key (repo, number, id),
        foreign key (repo, number) references thread (repo, number)
    ) without rowid;
    create index event_source on event (source_repo, source_number);
    create table orphan_comment (      -- comments that arrived before their thread
        comment_id integer primary key, repo text not null, number integer not null, json blob not
        null
    );
    create index orphan_thread on orphan_comment (repo, number);
    create table revision (            -- former versions of edited texts
        repo text not null, number integer not null, comment_id integer, field text not null,
        sha256 text not null, valid_until text not null
    );
    create index revision_thread on revision (repo, number);
    create table repo (
        repo text primary key, moved_to text, failed_at text, failure text
    ) without rowid;
    create table cursor (
        repo text not null, stream text not null,
        since text, next_url text, state text,
        primary key (repo, stream)
    ) without rowid;
    create table seen (                -- what a full walk has met so far; emptied at its end
        repo text not null, stream text not null, id integer not null,
        primary key (repo, stream, id)
    ) without rowid;
    """)


def m002_knowledge(db: Database) -> None:
    """What mining makes of it: mentions, signatures, entries, claims, and what is still to do."""
    db.executescript("""
    create table signature (
        fingerprint text primary key, text text not null,
        provider text, status integer, code text, exception text,
        wrappers text not null, objects text not null,
        entry_id text,
        first_seen text, first_key text,    -- time and place of its first mention
        -- its keys in table block, 8 bytes each; null: not in the index
        keys blob
    ) without rowid;
    create index signature_entry on signature (entry_id);
    create table mention (
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
        before text,
        foreign key (repo, number) references thread (repo, number)
    );
    create index mention_thread on mention (repo, number);
    create index mention_fingerprint on mention (fingerprint);
    create index mention_before on mention (before) where before is not null;
    -- pairs of signatures that are the same error, worded differently
    create table near (
        a text not null, b text not null, probability real not null,
        primary key (a, b)
    ) without rowid;
    create index near_b on near (b);
    create table block (                    -- index from which candidates for near pairs come
        -- hash of a word pair, a code, ... (kb.matching.blocking.keys_of)
        key integer not null,
        fingerprint text not null,
        primary key (key, fingerprint)
    ) without rowid;
    create table entry (
        entry_id text primary key, title text not null, signature text not null, fingerprint text
        not null,
        provider text, tool text, status integer, code text, exception text,
        threads integer not null, repos integer not null, reporters integer not null,
        first_seen text, last_seen text, grade text not null,
        born_run integer not null,          -- order in which ids were given (table identity)
        ignored integer not null default 0, retired integer not null default 0
    ) without rowid;
    -- every id ever given, by the signature it was given for
    create table identity (
        entry_id text primary key, fingerprint text not null, born integer not null
    ) without rowid;
    create unique index identity_born on identity (born);
    create index identity_fingerprint on identity (fingerprint);
    -- the curation file as last applied, a line each
    create table decision (line text primary key) without rowid;
    create table alias (
        old_id text primary key, entry_id text not null references entry (entry_id) deferrable
        initially deferred
    ) without rowid;
    create index alias_entry on alias (entry_id);
    create table entry_log (
        -- minted, merged, split, retired, titled
        log_id integer primary key, at text not null, action text not null,
        entry_id text not null, other_id text, why text not null, rules text not null
    );
    create index entry_log_entry on entry_log (entry_id);
    create index entry_log_other on entry_log (other_id);
    create table claim (
        claim_id text primary key,
        repo text not null, number integer not null, comment_id integer, field text not null,
        kind text not null, quote text not null, start integer not null, end integer not null,
        author text, author_role text not null, association text not null, created_at text not
        null, url text not null,
        stance text not null, confidence real not null, about text, says text,
        foreign key (repo, number) references thread (repo, number)
    ) without rowid;
    create index claim_thread on claim (repo, number);
    create index claim_says on claim (says);
    create table evidence (
        claim_id text not null references claim (claim_id) on delete cascade,
        place integer not null, role text not null,
        comment_id integer, field text not null, start integer not null, end integer not null,
        quote text not null,
        author text, association text not null, created_at text, url text not null,
        primary key (claim_id, place)
    ) without rowid;
    create table link (                     -- what a thread says of another one
        -- duplicate, fixed_by, mentions
        repo text not null, number integer not null, kind text not null,
        to_repo text not null, to_number integer not null,
        primary key (repo, number, kind, to_repo, to_number)
    ) without rowid;
    create index link_to on link (to_repo, to_number);
    create table dirty (                    -- threads that a stage has still to read
        stage text not null, repo text not null, number integer not null,
        primary key (stage, repo, number)
    ) without rowid;
    create table dirty_signature (fingerprint text primary key) without rowid;
    create table dirty_entry (entry_id text primary key) without rowid;
    create table rules (stage text primary key, version text not null) without rowid;
    create table run (
        run_id integer primary key, command text not null, started_at text not null, ended_at text,
        outcome text, report text
    );
    create virtual table entry_search using fts5 (entry_id unindexed, title, signature, words,
    tokenize='unicode61');
    """)


def m003_relations(db: Database) -> None:
    """The relations that others rely on (the contract's names and columns)."""
    db.executescript("""
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
               m.frames, m.counted
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
               c.author_role, c.about, c.says
        from claim c left join claim_entry e on e.claim_id = c.claim_id;
    create view aliases as select old_id, entry_id from alias;
    """)


def m004_post_signs(db: Database) -> None:
    """Hashes of the texts and product links that outsiders posted, by thread: the same in unrelated
    ones is a sign of an advert.
    """
    db.executescript("""
    create table post_sign (
        sign text not null, repo text not null, number integer not null,
        primary key (sign, repo, number)
    ) without rowid;
    create index post_sign_thread on post_sign (repo, number);
    """)


def m005_evidence_elsewhere(db: Database) -> None:
    """Evidence may quote another thread than the claim's (null: the claim's own): the pull request
    that fixed it.
    """
    db.executescript("""
    alter table evidence add column repo text;
    alter table evidence add column number integer;
    """)


def m006_slugs(db: Database) -> None:
    """The address of an entry's page, given when it is first published and never changed: titles
    may, links must not.
    """
    db.executescript("""
    create table slug (slug text primary key, entry_id text not null) without rowid;
    create unique index slug_entry on slug (entry_id);
    """)


def m007_runs(db: Database) -> None:
    """A nightly run as rows, and what the last report said, so that the next one tells what changed
    even after a killed run.
    """
    db.executescript("""
    alter table run add column process integer;
    alter table run add column exit_status integer;
    alter table run add column failure text;
    alter table run add column rules text;          -- JSON: version of each stage's rules
    alter table run add column new_entries integer;
    alter table run add column changed_entries integer;
    alter table run add column merged_entries integer;
    create table run_repo (
        run_id integer not null references run (run_id) on delete cascade, repo text not null,
        moved_to text,
        issues_new integer not null, issues_changed integer not null, comments_new integer not
        null, comments_changed integer not null,
        timelines integer not null, gone integer not null, bad integer not null,
        requests integer not null, waits integer not null, waited real not null, complete integer
        not null, failure text,
        primary key (run_id, repo)
    ) without rowid;
    create table run_stage (
        run_id integer not null references run (run_id) on delete cascade, place integer not null,
        stage text not null,
        taken integer not null, made integer not null, seconds real not null,
        primary key (run_id, place)
    ) without rowid;
    create table reported_entry (
        entry_id text primary key, title text not null, grade text not null, threads integer not
        null
    ) without rowid;
    create table reported_claim (claim_id text primary key, stance text not null) without rowid;
    create table reported_document (
        kind text not null, name text not null, digest text not null, primary key (kind, name)
    ) without rowid;
    """)


def m008_thread_identity(db: Database) -> None:
    """Comments are known by repository and id: two GitHubs give the same ids. Times that no
    calendar has, counts below zero and links that lead elsewhere were once imported: they are
    repaired. A repository knows which GitHub it is of, and since when that has not had it.
    """
    db.executescript(
        """
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
    """
    )
    for table, column, otherwise in (
        ("thread", "created_at", "'1970-01-01T00:00:00Z'"),
        ("thread", "updated_at", "'1970-01-01T00:00:00Z'"),
        ("thread", "closed_at", "null"),
        ("thread", "merged_at", "null"),
        ("comment", "created_at", "'1970-01-01T00:00:00Z'"),
        ("comment", "updated_at", "'1970-01-01T00:00:00Z'"),
        ("event", "created_at", "null"),
        ("event", "source_merged_at", "null"),
    ):
        real = f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '+0 days')"
        db.executescript(
            f"update {table} set {column} = coalesce({real}, {otherwise}) "
            f"where {column} is not null and {column} is not {real}"
        )


def m009_export_state(db: Database) -> None:
    """What the last export of each format was made of, and whether rows changed since."""
    db.executescript("""
    create table knowledge (           -- one row: counts the exports that found changed rows
        version integer not null, changed integer not null
    );
    insert into knowledge (version, changed) values (1, 1);
    create table export_state (kind text primary key, fingerprint text not null) without rowid;
    """)


def m010_search(db: Database) -> None:
    """Words that entries are found by: a table with a full-text index that triggers keep. What
    people said has a column of its own; a line break within `words` stood for that.
    """
    db.executescript("""
    create table entry_words (
        seq integer primary key,           -- of table identity
        entry_id text not null, title text not null, signature text not null,
        words text not null,               -- other wordings, fields, objects
        said text not null default ''      -- titles and first words of its threads
    );
    insert into entry_words
        select rowid, entry_id, title, signature,
               substr(words, 1, instr(words || char(10), char(10)) - 1),
               substr(words, instr(words || char(10), char(10)) + 1)
        from entry_search;
    drop table entry_search;
    alter table entry_words rename to entry_search;
    """)
    db.table("entry_search").enable_fts(
        ["title", "signature", "words", "said"], create_triggers=True, tokenize="unicode61"
    )


def m014_publication(db: Database) -> None:
    """Whether documents show a claim, why one is kept back, and what a person decided of it: with
    the place it had, so that the decision holds when claims are found anew with other ids.
    """
    db.executescript("""
    alter table claim add column withheld text;
    alter table claim add column published integer not null default 1;
    create table claim_decision (
        claim_id text primary key, line text not null,
        repo text not null, number integer not null, comment_id integer, field text not null,
        kind text not null, start integer not null, end integer not null, quote text not null
    ) without rowid;
    """)


def m016_archives(db: Database) -> None:
    """Archives that were read, and threads of which they hold only a part."""
    db.executescript("""
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
    """)


NOT_IN_DOCUMENTS = frozenset(
    {
        *("knowledge", "export_state", "run", "run_repo", "run_stage"),
        *("last_report_entry", "last_report_claim", "last_report_document", "claim_decision"),
        *(
            "raw",
            "revision",
            "repo",
            "cursor",
            "full_sync_seen",
            "dirty",
            "dirty_entry",
            "stage_version",
        ),
        *("similar_pair", "blocking_key", "post_hash", "_sqlite_migrations"),
        *("archive_file", "partial_thread", "component_cut"),
    }
)
"""Tables that no document is made of; a change of any other one makes documents be made anew."""


def unwatch_rows(db: Database) -> None:
    """Removes the triggers of `watch_rows`, which would stand in the way of a renamed table."""
    for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        if name.startswith("changed_"):
            db.execute(f"drop trigger [{name}]")


def watch_rows(db: Database) -> None:
    """Makes the triggers that set `knowledge.changed`, on all tables that documents are made of."""
    tables = [
        row[0]
        for row in db.execute(
            "select name from pragma_table_list where schema = 'main' and type = 'table'"
            " and name not like 'sqlite_%' order by name"
        ).fetchall()
    ]
    if "knowledge" not in tables:
        return
    for table in tables:
        if table in NOT_IN_DOCUMENTS:
            continue
        for action in ("insert", "update", "delete"):
            db.execute(
                f"create trigger [changed_{table}_{action}] after {action} on [{table}]"
                " when (select not changed from knowledge)"
                " begin update knowledge set changed = 1; end"
            )


def m011_place(db: Database) -> None:
    """Where a message that is printed for many failures was seen: part of its signature."""
    db.executescript("""
    alter table signature add column place text;
    create index signature_text on signature (text) where place is not null;
    """)


def m012_confidence(db: Database) -> None:
    """How surely a mention is an error that its thread reports; null until it is mined again."""
    db.executescript("alter table mention add column confidence real")


def m013_judgement(db: Database) -> None:
    """Answers of a second reader (a language model), by a hash of what it was asked."""
    db.executescript("""
    create table judgement (
        content text not null, model text not null,
        kind text not null,                -- claims, pair, error
        about text not null,               -- owner/repo#12, or two fingerprints
        answer text not null,              -- ids and labels, as JSON
        asked_at text not null,
        primary key (content, model)
    ) without rowid;
    create index judgement_about on judgement (about);
    """)


def m015_standard_names(db: Database) -> None:
    """The words of record linkage, and names that say what a table or column holds."""
    db.executescript("""
    alter table near rename to similar_pair;
    alter table block rename to blocking_key;
    alter table decision rename to curation_line;
    alter table seen rename to full_sync_seen;
    alter table rules rename to stage_version;
    alter table post_sign rename to post_hash;
    alter table post_hash rename column sign to hash;
    alter table reported_entry rename to last_report_entry;
    alter table reported_claim rename to last_report_claim;
    alter table reported_document rename to last_report_document;
    alter table identity rename column born to seq;
    alter table identity rename to entry_id;
    alter table mention rename column before to previous_fingerprint;
    alter table evidence rename column place to position;
    """)


VIEWS = {
    "threads": """
        select repo, number, kind, title, body, state, state_reason, author, association,
               created_at, updated_at, closed_at, url, merged_at, author_type, labels, gone_at
        from thread
    """,
    "comments": """
        select repo, number, comment_id, author, association, created_at, updated_at, body, url,
               author_type, via_app, thumbs_up, thumbs_down, gone_at
        from comment
    """,
    "mentions": """
        select m.repo, m.number, m.comment_id, m.field, m.start, m.end, m.raw, s.text as signature,
               case when m.counted then s.entry_id end as entry_id, m.is_primary,
               m.mention_id, m.fingerprint, m.provider, m.tool, m.status, m.model, m.version, m.os,
               m.frames, m.counted, m.confidence
        from mention m join signature s using (fingerprint)
    """,
    "entries": """
        select entry_id, title, signature, provider, tool, status, code, exception,
               threads, repos, reporters, first_seen, last_seen, grade, fingerprint
        from entry where not ignored
    """,
    # the entry of the mention a claim speaks of, else of the thread that its thread repeats
    "claim_entry": """
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
                  where k.repo = l.repo and k.number = l.number and k.kind = 'duplicate')
    """,
    "claims": """
        select c.claim_id, e.entry_id, c.repo, c.number, c.comment_id, c.field, c.kind, c.quote,
        c.start, c.end,
               c.author, c.association, c.created_at, c.url, c.stance, c.confidence,
               c.author_role, c.about, c.says, c.published, c.withheld
        from claim c left join claim_entry e on e.claim_id = c.claim_id
    """,
    "aliases": "select old_id, entry_id from alias",
}
"""The relations that others rely on (CONTRACT.md names them and their columns), as they are now."""


def m017_by_confidence(db: Database) -> None:
    """Whether nothing but its confidence decides that a mention is counted; null until it is mined
    again.
    """
    db.executescript("alter table mention add column by_confidence integer")


def m018_raw_rows(db: Database) -> None:
    """A table with rowids keeps a row of up to 4 kB on one page. Without them what is beyond 1 kB
    of a row went to a page of its own, and four in ten bytes of the table stood empty.
    """
    db.executescript("""
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
    """)


def m019_component_cuts(db: Database) -> None:
    """What pieces of components of near signatures were cut into."""
    db.executescript("""
    create table component_cut (
        first text primary key,        -- the smallest member's fingerprint
        digest blob not null,          -- of members, fields, near pairs, and what keeps them apart
        groups blob not null           -- for each member the number of its group
    ) without rowid;
    """)


MIGRATIONS: list[Migration] = [
    m001_threads,
    m002_knowledge,
    m003_relations,
    m004_post_signs,
    m005_evidence_elsewhere,
    m006_slugs,
    m007_runs,
    m008_thread_identity,
    m009_export_state,
    m010_search,
    m011_place,
    m012_confidence,
    m013_judgement,
    m014_publication,
    m015_standard_names,
    m016_archives,
    m017_by_confidence,
    m018_raw_rows,
    m019_component_cuts,
]
SCHEMA_VERSION = len(MIGRATIONS)


def migrate(db: Database) -> None:
    """Brings a database to `SCHEMA_VERSION`: a new one in one transaction, an older one by its
    migrations, each in a transaction of its own.
    """
    # before anything else: a file that holds a table without it would be taken for another
    # program's after a kill
    db.execute(f"pragma application_id = {APPLICATION_ID}")
    if db.execute("select not exists (select 1 from sqlite_master)").fetchone()[0]:
        sql = files("kb").joinpath("schema.sql").read_text(encoding="utf-8")
        db.conn.executescript(f"begin immediate;\n{sql}\ncommit;")
    else:
        apply_migrations(db)


def apply_migrations(db: Database, last: int = SCHEMA_VERSION) -> None:
    """The migrations that a database does not have yet, in order, up to number `last`."""
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("faultlore")
    for number, function in enumerate(MIGRATIONS[:last], start=1):

        def apply(db: Database, function: Migration = function, number: int = number) -> None:
            unwatch_rows(db)
            function(db)
            watch_rows(db)
            if number == SCHEMA_VERSION:
                for name, sql in VIEWS.items():
                    db.create_view(name, sql, replace=True)
            db.execute(f"pragma user_version = {number}")
            db.execute(f"pragma application_id = {APPLICATION_ID}")

        migrations(name=function.__name__)(apply)
    migrations.apply(db)


def schema_sql() -> Iterator[str]:
    """The statements of `schema.sql`: everything that the migrations make in an empty database."""
    from sqlite_utils import Database

    db = Database(memory=True)
    apply_migrations(db)
    yield "-- Made from the migrations by python -m kb.schema > kb/schema.sql; not edited by hand."
    virtual = [name for name in db.table_names() if db.table(name).virtual_table_using]
    rows = db.execute("select name, sql from sqlite_master where sql is not null order by rowid")
    for name, sql in rows.fetchall():
        # the tables beneath a full-text table come with it
        if not any(name.startswith(f"{table}_") for table in virtual if name != table):
            yield f"{sql};"
    for (row,) in db.execute("select quote(version) || ', ' || quote(changed) from knowledge"):
        yield f"insert into knowledge (version, changed) values ({row});"
    for name in (function.__name__ for function in MIGRATIONS):
        yield (
            "insert into _sqlite_migrations (migration_set, name, applied_at)"
            f" values ('faultlore', '{name}', strftime('%Y-%m-%d %H:%M:%f+00:00'));"
        )
    yield f"pragma user_version = {SCHEMA_VERSION};"


if __name__ == "__main__":
    sys.stdout.write("\n".join([*schema_sql(), ""]))
