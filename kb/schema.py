"""The database's schema: `schema.sql` for a new file, migrations for one of an earlier version,
each a small function; the relations of the contract are views.

Migrations run through sqlite-utils (one transaction each). `PRAGMA user_version` holds the number
of the last one applied, so that a reader can tell an older or newer file without loading
sqlite-utils. `python -m kb.schema` brings `schema.sql` up to date with a new migration; a test
migrates a database of version 0.1, whose schema is number 7, and holds the two equal.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.tables import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils.db import Database

    Migration = Callable[[Database], None]

APPLICATION_ID = 0x464C4F52
"""`PRAGMA application_id` of a knowledge base: "FLOR"."""


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
        *("raw", "revision", "repo", "cursor", "full_sync_seen"),
        *("dirty", "dirty_entry", "stage_version"),
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
OLDEST = 7
"""The schema of version 0.1, which was the first; what is older was never published."""
SCHEMA_VERSION = OLDEST + len(MIGRATIONS)


def migrate(db: Database) -> None:
    """Brings a database to `SCHEMA_VERSION`: a new one in one transaction, an older one by its
    migrations, each in a transaction of its own.
    """
    # before anything else: a file that holds a table without it would be taken for another
    # program's after a kill
    db.execute(f"pragma application_id = {APPLICATION_ID}")
    # (a version before was killed before its first migration)
    begun = "drop table if exists _sqlite_migrations"
    made = "select 1 from sqlite_master where tbl_name <> '_sqlite_migrations'"
    if db.execute(f"select not exists ({made})").fetchone()[0]:
        db.conn.executescript(f"begin immediate;\n{begun};\n{_stored_schema()}\ncommit;")
    else:
        apply_migrations(db)


def _stored_schema() -> str:
    return read_text("schema.sql")


@cache
def stored_columns() -> dict[str, dict[str, tuple[str, bool]]]:
    """Of each table its columns: their type (`integer`, `text`, `real`, `blob`) and whether they
    may be null.
    """
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.executescript(_stored_schema())
    tables = connection.execute(
        "select name from pragma_table_list where type = 'table' and name not like '%sqlite%'"
    ).fetchall()
    found = {
        table: {
            name: (kind.lower(), not must)
            for _, name, kind, must, *_ in connection.execute(f"pragma table_info([{table}])")
        }
        for (table,) in tables
    }
    connection.close()
    return found


def apply_migrations(db: Database) -> None:
    """The migrations that a database does not have yet, in order."""
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("faultlore")
    for number, function in enumerate(MIGRATIONS, start=OLDEST + 1):

        def apply(db: Database, function: Migration = function, number: int = number) -> None:
            unwatch_rows(db)
            function(db)
            watch_rows(db)
            if number == SCHEMA_VERSION:
                for name, sql in VIEWS.items():
                    db.create_view(name, sql, replace=True)
            db.execute(f"pragma user_version = {number}")

        migrations(name=function.__name__)(apply)
    migrations.apply(db)


def schema_sql() -> str:
    """The text of `schema.sql`: what stands there, brought up to date by the migrations."""
    from sqlite_utils import Database

    db = Database(memory=True)
    db.conn.executescript(_stored_schema())
    apply_migrations(db)
    lines = ["-- Made from the migrations by python -m kb.schema; not edited by hand."]
    virtual = [name for name in db.table_names() if db.table(name).virtual_table_using]
    rows = db.execute("select name, sql from sqlite_master where sql is not null order by rowid")
    # the tables beneath a full-text table come with it
    lines += [
        f"{sql};"
        for name, sql in rows.fetchall()
        if not any(name.startswith(f"{table}_") for table in virtual if name != table)
    ]
    for (row,) in db.execute("select quote(version) || ', ' || quote(changed) from knowledge"):
        lines.append(f"insert into knowledge (version, changed) values ({row});")
    for (name,) in db.execute("select name from _sqlite_migrations order by id"):
        lines.append(
            "insert into _sqlite_migrations (migration_set, name, applied_at)"
            f" values ('faultlore', '{name}', strftime('%Y-%m-%d %H:%M:%f+00:00'));"
        )
    return "\n".join([*lines, f"pragma user_version = {SCHEMA_VERSION};", ""])


if __name__ == "__main__":
    Path(__file__).with_name("schema.sql").write_text(schema_sql(), encoding="utf-8")
