"""Evidence notes: one short Markdown document about an entry, made of quotes, links and counts
alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.evidence import read_evidence
from kb.notes import wording as phrases
from kb.notes.markdown import View, environment, tidy
from kb.notes.targets import COMMONMARK

if TYPE_CHECKING:
    import sqlite3

    from kb.evidence import Entry, EntryEvidence
    from kb.notes.targets import Target


def note_of(known: EntryEvidence, target: Target = COMMONMARK) -> str:
    """The evidence note of an entry; the same known gives the same bytes."""
    text = (
        environment(target)
        .get_template("note.md.j2")
        .render(
            d=known,
            entry=known.entry,
            signature=known.entry.signature,
            grade_words=phrases.GRADE_WORDS[known.entry.grade],
            unknown=phrases.unknown(known),
            v=View(known, target),
        )
    )
    return tidy(text)


def render_note(connection: sqlite3.Connection, entry: Entry, target: Target = COMMONMARK) -> str:
    """The evidence note of an entry, read from the database."""
    return note_of(next(read_evidence(connection, [entry])), target)
