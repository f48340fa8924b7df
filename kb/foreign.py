"""What in a database did not come from this program: a file may be anybody's.

Readers run no trigger and call no function that has effects (`kb.store`), and every name and link
is checked where it leaves. This says what is wrong before that.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from kb import sql
from kb.errors import Problem
from kb.links import is_link
from kb.schema import (
    changed_views,
    columns_of,
    count_wrong_types,
    foreign_triggers,
    stored_columns,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_ID = re.compile(r"E[0-9A-Z]{1,30}\Z")
_CLAIM_ID = re.compile(r"C[0-9a-f]{1,40}\Z")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_REPO = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z")
_FORMS = {
    "entry.entry_id": (_ID, "is no id of an entry"),
    "alias.old_id": (_ID, "is no id of an entry"),
    "claim.claim_id": (_CLAIM_ID, "is no id of a claim"),
    "slug.slug": (_SLUG, "is no address of a page"),
    "thread.repo": (_REPO, "is no repository"),
    "comment.repo": (_REPO, "is no repository"),
}
"""What a name looks like, by column."""
_MOST = 20
"""Problems of one kind that are listed."""


def foreign(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Damage, and what this program would not have written."""
    for row in sql.ask(connection, "file.damage", _MOST):
        yield Problem("file", f"is damaged: {str(row[0])[:200]}")
    for name in foreign_triggers(connection):
        yield Problem(f"trigger {name}", "was not made by faultlore")
    for name in changed_views(connection):
        yield Problem(f"view {name}", "is not the one that faultlore makes")
    yield from wrong_types(connection)
    for column, (form, wrong) in _FORMS.items():
        values = (row[0] for row in sql.ask(connection, f"checks.{column.replace('.', '_')}"))
        bad = [one for one in values if not isinstance(one, str) or not form.match(one)]
        table, _, name = column.partition(".")
        for value in sorted(map(repr, bad))[:_MOST]:
            yield Problem(f"table {table}", f"{name} {value[:80]} {wrong}")
    yield from _links(connection)
    for table, column, time in sql.ask(connection, "checks.times"):
        yield Problem(f"table {table}", f"{column} {str(time)[:40]!r} is no time")
    for table, wrong in sql.ask(connection, "checks.confidences"):
        yield Problem(f"table {table}", f"{wrong} values of confidence are not from 0 to 1")


def wrong_types(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Tables that are not ours, and values of other types, which SQLite takes."""
    for table, columns in stored_columns().items():
        if missing := sorted(columns.keys() - columns_of(connection, table).keys()):
            yield Problem(f"table {table}", f"has no column {', '.join(missing)}")
            continue
        for name, count in count_wrong_types(connection, table).items():
            kind, _ = columns[name]
            yield Problem(f"table {table}", f"{count} values of {name} are not of type {kind}")


def _links(connection: sqlite3.Connection) -> Iterator[Problem]:
    listed: Counter[str] = Counter()
    for table, url in sql.ask(connection, "checks.links"):
        if not is_link(url) and listed[table] < _MOST:
            listed[table] += 1
            yield Problem(f"table {table}", f"{str(url)[:100]!r} is no link to a thread")
