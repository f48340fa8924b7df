"""Records for a site's import queue, in files of at most 5 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.candidates import candidate_files
from kb.notes.options import entries_for

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options

folder = "candidates"
needs_addresses = False


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to JSON."""
    return candidate_files(connection, entries_for(connection, options), options)
