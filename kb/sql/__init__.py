"""The one place of SQL: named statements in a file for each subject, and what asks them.

`claims.of_entry` is the statement below `-- name: of_entry` in `claims.sql`. Values are passed in
the order of its `?` marks, or by name where it says `:name`. Whole rows are written and compared by
`kb.rows`, tables are made by `kb.schema`; no other module holds SQL, and a test prepares every
statement against the schema.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from kb import lazy_re as re
from kb.tables import read_text

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def statements(subject: str) -> dict[str, str]:
    """The statements of a subject by name, with the comments that stand below the name."""
    _, *found = _NAME.split(read_text(f"sql/{subject}.sql"))
    texts = (text.strip().removesuffix(";") for text in found[1::2])
    return dict(zip(found[::2], texts, strict=True))


@cache
def text(name: str) -> str:
    """The statement of a name such as `claims.of_entry`."""
    subject, _, short = name.partition(".")
    return statements(subject)[short]


def ask(
    connection: sqlite3.Connection, name: str, *values: object, **named: object
) -> sqlite3.Cursor:
    """The rows that a statement gives."""
    return connection.execute(text(name), named or values)


def first(connection: sqlite3.Connection, name: str, *values: object, **named: object) -> Any:
    """The first row that a statement gives; None if it gives none."""
    return connection.execute(text(name), named or values).fetchone()


def value(connection: sqlite3.Connection, name: str, *values: object, **named: object) -> Any:
    """The first column of the first row; None if there is no row."""
    row = connection.execute(text(name), named or values).fetchone()
    return None if row is None else row[0]


def column(
    connection: sqlite3.Connection, name: str, *values: object, **named: object
) -> list[Any]:
    """The first column of all rows."""
    return [row[0] for row in connection.execute(text(name), named or values)]


write = ask
"""The same, for a statement that changes something."""


def script(connection: sqlite3.Connection, name: str) -> None:
    """Runs several statements, outside of a transaction."""
    connection.executescript(text(name))


def write_many(
    connection: sqlite3.Connection,
    name: str,
    rows: Iterable[Sequence[object] | Mapping[str, object]],
) -> sqlite3.Cursor:
    """Runs a statement once for each row of values."""
    return connection.executemany(text(name), rows)
