"""A database as version 0.1 left it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

DUMP = Path(__file__).with_name("database_0_1.sql")
"""Three threads with entries and claims as version 0.1 stored them, dumped."""


def database_0_1(path: Path) -> Path:
    """Makes it in a new file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path
