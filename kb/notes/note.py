"""Evidence notes: one short Markdown document about an entry, made of quotes, links and counts
alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes import wording as phrases
from kb.notes.evidence import Dossier, Row, dossiers, entry_row
from kb.notes.markdown import View, environment, tidy
from kb.notes.targets import COMMONMARK

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.targets import Target

__all__ = ["entry_row", "note_of", "render_note"]


def note_of(dossier: Dossier, target: Target = COMMONMARK) -> str:
    """The evidence note of an entry; the same dossier gives the same bytes."""
    text = (
        environment(target)
        .get_template("note.md.j2")
        .render(
            d=dossier,
            entry=dossier.entry,
            signature=str(dossier.entry["signature"]),
            grade_words=phrases.GRADE_WORDS[dossier.entry["grade"]],
            unknown=phrases.unknown(dossier),
            v=View(dossier, target),
        )
    )
    return tidy(text)


def render_note(connection: sqlite3.Connection, entry: Row, target: Target = COMMONMARK) -> str:
    """The evidence note of an entry, read from the database."""
    return note_of(next(dossiers(connection, [entry])), target)
