"""The database's schema: `schema.sql` for a new file, `migrations/` for one of an earlier version,
a file of SQL each; the relations of the contract are views.

Migrations run through sqlite-utils (one transaction each). `PRAGMA user_version` holds the number
of the last one applied, so that a reader can tell an older or newer file without loading
sqlite-utils. `python -m kb.schema` brings `schema.sql` up to date with a new migration; a test
migrates a database of version 0.1, whose schema is number 7, and holds the two equal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.tables import HERE, read_text

if TYPE_CHECKING:
    from sqlite_utils.db import Database

APPLICATION_ID = 0x464C4F52
"""`PRAGMA application_id` of a knowledge base: "FLOR"."""


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
    listed = db.execute(
        "select name from pragma_table_list where schema = 'main' and type = 'table'"
        " and name not like 'sqlite_%' order by name"
    )
    tables = [row[0] for row in listed.fetchall()]
    if "knowledge" not in tables:
        return
    for table in (name for name in tables if name not in NOT_IN_DOCUMENTS):
        for action in ("insert", "update", "delete"):
            db.execute(
                f"create trigger [changed_{table}_{action}] after {action} on [{table}]"
                " when (select not changed from knowledge)"
                " begin update knowledge set changed = 1; end"
            )


VIEWS = dict(re.findall(r"create view (\w+) as\n(.*?);\n", read_text("views.sql"), re.DOTALL))
"""The relations of the contract by name."""

MIGRATIONS = sorted(path.stem for path in (HERE / "migrations").glob("m*.sql"))
OLDEST = 7
"""The schema of version 0.1, which was the first; what is older was never published."""
SCHEMA_VERSION = OLDEST + len(MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a database to `SCHEMA_VERSION`: a new one in one transaction, an older one by its
    migrations, each in a transaction of its own.
    """
    # before anything else: a file that holds a table without it would be taken for another
    # program's after a kill
    connection.execute(f"pragma application_id = {APPLICATION_ID}")
    # (a version before was killed before its first migration)
    begun = "drop table if exists _sqlite_migrations"
    made = "select 1 from sqlite_master where tbl_name <> '_sqlite_migrations'"
    if connection.execute(f"select not exists ({made})").fetchone()[0]:
        connection.executescript(f"begin immediate;\n{begun};\n{read_text('schema.sql')}\ncommit;")
    else:
        from sqlite_utils import Database  # a new file does not wait for it, nor for its pandas

        apply_migrations(Database(connection))


_TRIGGER = re.compile(
    r"create trigger changed_(?P<table>\w+)_(?P<action>insert|update|delete)"
    r" after (?P=action) on (?P=table) when \(select not changed from knowledge\)"
    r" begin update knowledge set changed = 1; end\Z"
    r"|create trigger entry_search_a[idu] after (?:insert|delete|update) on entry_search"
    r" begin (?:insert into entry_search_fts \([\w, ]{1,200}\)"
    r" values ?\((?:'delete', )?[\w., ]{1,200}\); ){1,2}end;?\Z",
    re.IGNORECASE,
)
"""Triggers that migrations make, in single spaces and without quotes."""


def foreign_triggers(connection: sqlite3.Connection) -> list[str]:
    """The triggers that no migration made, by name."""
    stored = "select name, sql from sqlite_master where type = 'trigger' order by name"
    plain = (
        (name, " ".join(re.sub(r'[\[\]"]', "", str(sql)).split()))
        for name, sql in connection.execute(stored)
    )
    return [str(name) for name, sql in plain if not _TRIGGER.match(sql)]


def changed_views(connection: sqlite3.Connection) -> list[str]:
    """The relations of the contract that say something else than they do here."""
    stored = dict(connection.execute("select name, sql from sqlite_master where type = 'view'"))
    found = {
        name: re.sub(r"(?is)\A\s*create view \S+ as\b", "", str(stored.get(name, "")))
        for name in VIEWS
    }
    return [name for name, sql in VIEWS.items() if found[name].split() != sql.split()]


Columns = dict[str, tuple[str, bool]]
"""The columns of a table: their type, and whether they may be null."""


def columns_of(connection: sqlite3.Connection, table: str) -> Columns:
    """The columns of a table; none where there is no such table."""
    rows = connection.execute(f"pragma table_info([{table}])")
    return {name: (kind.lower(), not must) for _, name, kind, must, *_ in rows}


def count_wrong_types(connection: sqlite3.Connection, table: str) -> dict[str, int]:
    """How many values of a column are not of its type, for the columns that have any."""
    columns = stored_columns()[table]
    tests = [
        f"sum(typeof([{name}]) not in ('{kind}', '{'null' if null else kind}',"
        f" '{'integer' if kind == 'real' else kind}'))"
        for name, (kind, null) in columns.items()
    ]
    counts = connection.execute(f"select {', '.join(tests)} from [{table}]").fetchone()
    return {name: count for name, count in zip(columns, counts, strict=True) if count}


@cache
def stored_columns() -> dict[str, Columns]:
    """The columns of each table of a new database."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(read_text("schema.sql"))
    tables = connection.execute(
        "select name from pragma_table_list where type = 'table' and name not like '%sqlite%'"
    ).fetchall()
    found = {table: columns_of(connection, table) for (table,) in tables}
    connection.close()
    return found


def make_tables(connection: sqlite3.Connection, other: str, tables: Iterable[str]) -> None:
    """Makes tables with their indexes as they are in another database that is attached."""
    for table in tables:
        made_by = connection.execute(
            f"select sql from {other}.sqlite_master where tbl_name = ? and sql is not null"
            " and type in ('table', 'index') order by type desc",
            (table,),
        ).fetchall()
        for (sql,) in made_by:
            connection.execute(sql)


def apply_migrations(db: Database) -> None:
    """The migrations that a database does not have yet, in order."""
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("faultlore")
    for number, name in enumerate(MIGRATIONS, start=OLDEST + 1):

        def apply(db: Database, name: str = name, number: int = number) -> None:
            unwatch_rows(db)
            db.executescript(read_text(f"migrations/{name}.sql"))
            watch_rows(db)
            if number == SCHEMA_VERSION:
                for view, sql in VIEWS.items():
                    db.create_view(view, sql, replace=True)
            db.execute(f"pragma user_version = {number}")

        migrations(name=name)(apply)
    migrations.apply(db)


def schema_sql() -> str:
    """The text of `schema.sql`: what stands there, brought up to date by the migrations."""
    from sqlite_utils import Database

    db = Database(memory=True)
    db.conn.executescript(read_text("schema.sql"))
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
    (HERE / "schema.sql").write_text(schema_sql(), encoding="utf-8")
