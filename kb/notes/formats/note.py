"""One evidence note an entry, named by the entry's id, which lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.note import note_of
from kb.notes.options import entries_for
from kb.notes.outline import outlines

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options

folder = "notes"
needs_addresses = False


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to note."""
    suffix, markers = options.target.suffix, options.with_markers
    found = outlines(connection, entries_for(connection, options), options.keeps)
    return {
        f"{o.known.entry_id}{suffix}": note_of(o, options.target, markers=markers) for o in found
    }
