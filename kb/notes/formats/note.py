"""One evidence note an entry, named by the entry's id, which lasts."""

from __future__ import annotations

import sqlite3

from kb.notes.note import note_of
from kb.notes.options import Options, entries_for
from kb.notes.outline import outlines
from kb.notes.worth import misleads

folder = "notes"
needs_addresses = False


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to note; without those that would mislead, unless they are asked for."""
    return {
        f"{outline.known.entry_id}{options.generator.suffix}": note_of(
            outline, options.generator, markers=options.with_markers
        )
        for outline in outlines(connection, entries_for(connection, options), options)
        if options.doubtful or not misleads(outline)
    }
