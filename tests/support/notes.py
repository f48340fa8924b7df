"""Notes of small knowledge bases, as text."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kb.evidence import entry_named
from kb.notes.export import documents, export_to
from kb.notes.note import render_note
from kb.store import connect_readonly
from kb.verify import verify_export
from tests.support.published import Filled, Said, fill
from tests.support.threads import Json, thread


def note(connection: sqlite3.Connection, entry_id: str = "E1") -> str:
    row = entry_named(connection, entry_id)
    assert row is not None
    return render_note(connection, row)


def one(tmp_path: Path, *filled: Filled) -> str:
    """The note of the only entry of a base."""
    connection = connect_readonly(fill(tmp_path / "one.db", list(filled)))
    made = documents(connection, "note")
    export_to(connection, "note", tmp_path / "out")
    assert verify_export(connection, tmp_path / "out") == []
    connection.close()
    return next(iter(made.values()))


def note_of(tmp_path: Path, posts: list[Json], claims: list[Said]) -> str:
    """The note of an entry whose only thread, "boom here", has these comments."""
    made = thread(1, "boom here", "", posts)
    return one(tmp_path, Filled(made, "E1", "boom here", claims=claims))
