"""One evidence note an entry, named by the entry's id, which lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.memo import Memo, Stands, entry_digests
from kb.notes.note import note_of
from kb.notes.options import entries_for
from kb.notes.outline import outlines

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options

folder = "notes"
needs_addresses = False


def make_changed(
    connection: sqlite3.Connection, options: Options, memo: Memo
) -> dict[str, str | Stands]:
    """File name to note."""
    suffix, markers = options.target.suffix, options.with_markers
    entries = entries_for(connection, options)
    rows = entry_digests(connection, [e.entry_id for e in entries])
    made: dict[str, str | Stands] = {f"{e.entry_id}{suffix}": Stands.AS_IT_IS for e in entries}
    changed = [e for e in entries if memo.is_new(f"{e.entry_id}{suffix}", [rows[e.entry_id]])]
    for outline in outlines(connection, changed, options):
        text = note_of(outline, options.target, markers=markers)
        made[f"{outline.known.entry_id}{suffix}"] = text
    return made
