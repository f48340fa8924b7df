"""What in a database did not come from this program: a file may be anybody's.

Readers run no trigger and call no function that has effects (`kb.store`), and every name and link
is checked where it leaves. This says what is wrong before that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.errors import Problem
from kb.links import is_link

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_TRIGGER = re.compile(
    r"create trigger changed_(?P<table>\w+)_(?P<action>insert|update|delete)"
    r" after (?P=action) on (?P=table) when \(select not changed from knowledge\)"
    r" begin update knowledge set changed = 1; end\Z"
    r"|create trigger entry_search_a[idu] after (?:insert|delete|update) on entry_search"
    r" begin (?:insert into entry_search_fts \([\w, ]{1,200}\)"
    r" values ?\((?:'delete', )?[\w., ]{1,200}\); ){1,2}end;?\Z",
    re.IGNORECASE,
)
"""Triggers that migrations make (`kb.schema`), in single spaces and without quotes."""
_ID = re.compile(r"E[0-9A-Z]{1,30}\Z")
_CLAIM_ID = re.compile(r"C[0-9a-f]{1,40}\Z")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_REPO = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z")
_FORMS = (
    ("entry", "entry_id", _ID, "is no id of an entry"),
    ("alias", "old_id", _ID, "is no id of an entry"),
    ("claim", "claim_id", _CLAIM_ID, "is no id of a claim"),
    ("slug", "slug", _SLUG, "is no address of a page"),
    ("thread", "repo", _REPO, "is no repository"),
    ("comment", "repo", _REPO, "is no repository"),
)
_TIMES = ("thread.created_at", "thread.updated_at", "comment.created_at", "claim.created_at")
_MOST = 20
"""Problems of one kind that are listed."""


def foreign_triggers(connection: sqlite3.Connection) -> list[str]:
    """The triggers that no migration made, by name."""
    rows = connection.execute(
        "select name, sql from sqlite_master where type = 'trigger' order by name"
    )
    return [str(row[0]) for row in rows if not _TRIGGER.match(_plain(str(row[1])))]


def _plain(sql: str) -> str:
    return " ".join(re.sub(r'[\[\]"]', "", sql).split())


def foreign(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Damage, and what this program would not have written."""
    for row in connection.execute(f"pragma quick_check({_MOST})"):
        if row[0] != "ok":
            yield Problem("file", f"is damaged: {str(row[0])[:200]}")
    for name in foreign_triggers(connection):
        yield Problem(f"trigger {name}", "was not made by faultlore")
    yield from _views(connection)
    yield from wrong_types(connection)
    for table, column, form, wrong in _FORMS:
        rows = connection.execute(f"select distinct {column} from {table}")
        bad = [row[0] for row in rows if not isinstance(row[0], str) or not form.match(row[0])]
        for value in sorted(map(repr, bad))[:_MOST]:
            yield Problem(f"table {table}", f"{column} {value[:80]} {wrong}")
    yield from _links(connection)
    for table, column in (name.split(".") for name in _TIMES):
        real = f"strftime('%Y-%m-%dT%H:%M:%SZ', {column})"
        for row in connection.execute(
            f"select {column} from {table} where {column} is not {real} limit {_MOST}"
        ):
            yield Problem(f"table {table}", f"{column} {str(row[0])[:40]!r} is no time")
    for table in ("claim", "mention"):
        (wrong,) = connection.execute(
            f"select count(*) from {table} where confidence not between 0 and 1"
        ).fetchone()
        if wrong:
            yield Problem(f"table {table}", f"{wrong} values of confidence are not from 0 to 1")


def wrong_types(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Tables that are not ours, and values of other types, which SQLite takes."""
    from kb.schema import stored_columns

    for table, columns in stored_columns().items():
        made = {row[1] for row in connection.execute(f"pragma table_info([{table}])")}
        if missing := sorted(columns.keys() - made):
            yield Problem(f"table {table}", f"has no column {', '.join(missing)}")
            continue
        tests = [
            f"sum(typeof([{name}]) not in ('{kind}', '{'null' if null else kind}',"
            f" '{'integer' if kind == 'real' else kind}'))"
            for name, (kind, null) in columns.items()
        ]
        counts = connection.execute(f"select {', '.join(tests)} from [{table}]").fetchone()
        for (name, (kind, _)), count in zip(columns.items(), counts, strict=True):
            if count:
                yield Problem(f"table {table}", f"{count} values of {name} are not of type {kind}")


def _views(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Relations of the contract that say something else than they do here."""
    from kb.schema import VIEWS

    stored = dict(connection.execute("select name, sql from sqlite_master where type = 'view'"))
    for name, sql in VIEWS.items():
        found = re.sub(r"(?is)\A\s*create view \S+ as\b", "", str(stored.get(name, "")))
        if " ".join(found.split()) != " ".join(sql.split()):
            yield Problem(f"view {name}", "is not the one that faultlore makes")


def _links(connection: sqlite3.Connection) -> Iterator[Problem]:
    for table in ("thread", "comment", "claim", "evidence"):
        bad = 0
        for (url,) in connection.execute(f"select distinct url from {table} order by url"):
            if not is_link(url) and bad < _MOST:
                bad += 1
                yield Problem(f"table {table}", f"{str(url)[:100]!r} is no link to a thread")
