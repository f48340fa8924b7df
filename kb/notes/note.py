"""Evidence notes: one short Markdown document about an entry, made of quotes, links and counts
alone. What to try comes first.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from kb import lazy_re as re
from kb.claims import OUTCOMES
from kb.evidence import Entry
from kb.notes.descriptions import description_of
from kb.notes.document import document
from kb.notes.markdown import View, written
from kb.notes.outline import Outline, outlines
from kb.notes.points import named
from kb.notes.targets import COMMONMARK, Front, Target, day_of

WORDS = 350
"""A note of a common error is to have no more words than this, its folded part and addresses not
counted.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each kind a note shows with its words; `tail`: with a few words."""

    causes: int
    fixes: int
    failed: int
    forms: int
    tail: int


_LIMITS = (
    Limits(causes=4, fixes=3, failed=3, forms=3, tail=6),
    Limits(causes=3, fixes=1, failed=2, forms=2, tail=5),
    Limits(causes=2, fixes=1, failed=2, forms=2, tail=4),
    Limits(causes=2, fixes=0, failed=1, forms=1, tail=4),
    Limits(causes=1, fixes=0, failed=1, forms=1, tail=3),
    Limits(causes=1, fixes=0, failed=0, forms=1, tail=2),
)


def cut(outline: Outline, limits: Limits) -> Outline:
    """The outline with at most so much of each part; what is cut goes to the tail."""
    causes = [(c, fixes[: limits.fixes]) for c, fixes in outline.causes[: limits.causes]]
    tail = [f for c, fixes in outline.causes[: limits.causes] for f in fixes[limits.fixes :]]
    for cause, fixes in outline.causes[limits.causes :]:
        tail += [*fixes, cause]
    tail += [*outline.fixes[limits.fixes :], *outline.tail, *outline.failed[limits.failed :]]
    # good ones first, then those with an outcome; among equals in the order of the parts
    tail = sorted(
        tail,
        key=lambda p: (
            p.is_refuted,
            not p.is_good,
            not p.statement.answers(*OUTCOMES),
            p.product is not None,
        ),
    )
    return replace(
        outline,
        causes=causes,
        fixes=outline.fixes[: limits.fixes],
        failed=outline.failed[: limits.failed],
        tail=named(tail, limits.tail),
    )


def note_of(outline: Outline, target: Target = COMMONMARK, *, markers: bool = True) -> str:
    """The evidence note of an entry; the same outline gives the same bytes."""
    body = ""
    for limits in _LIMITS:
        view = View(cut(outline, limits), target, markers=markers)
        body = written("note.md.j2", view, limits=limits)
        if words_of(body) <= WORDS:
            break
    return document(_front(outline), body, target)


def _front(outline: Outline) -> Front:
    known = outline.known
    entry = known.entry
    return {
        "id": known.entry_id,
        "title": outline.title,
        "description": description_of(outline),
        "signature": outline.signature,
        "provider": entry.provider,
        "tools": [tool for tool, _ in known.tools],
        "status": entry.status,
        "code": entry.code,
        "exception": entry.exception,
        "solution": outline.status,
        "grade": entry.grade,
        "threads": entry.threads,
        "repositories": entry.repos,
        "reporters": entry.reporters,
        "first_seen": day_of(entry.first_seen or ""),
        "last_seen": day_of(entry.last_seen or ""),
        "aliases": known.aliases,
        "updated": day_of(known.updated),
    }


_HIDDEN = re.compile(
    r"(?s)\A---\n.*?\n---\n|<details>.*?</details>|<!--.*?-->|\{/\*.*?\*/\}|\]\([^)\s]*\)"
)
_TOKEN = re.compile(r"\S*\w\S*")


def words_of(document: str) -> int:
    """The words of a document that a reader sees: without front matter, comments, addresses and
    what is folded.
    """
    return len(_TOKEN.findall(_HIDDEN.sub(" ", document)))


def render_note(connection: sqlite3.Connection, entry: Entry) -> str:
    """The evidence note of an entry, read from the database."""
    return note_of(next(outlines(connection, [entry])))
