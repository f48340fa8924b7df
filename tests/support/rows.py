"""Writing rows by hand."""

from __future__ import annotations

import sqlite3

ERROR = ("provider", "status", "code", "exception")
"""What a signature and an entry say of an error alike."""


def insert(db: sqlite3.Connection, table: str, *, how: str = "insert", **row: object) -> None:
    """A row of a table; `how`: `insert or ignore`, `insert or replace`."""
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.execute(f"{how} into {table} ({names}) values ({marks})", row)
