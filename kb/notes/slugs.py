"""Addresses of pages: given once, when an entry's page is first written, and kept in the database
for good.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from kb.redact import redact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kb.evidence import Entry

WIDTH = 72
_RESERVED = re.compile(r"index|readme|con|prn|aux|nul|com\d|lpt\d")
"""Names that sites or Windows keep for themselves."""


def slug_of(title: str) -> str:
    """A title as lowercase ASCII words joined by hyphens, at most `WIDTH` characters, cut between
    words; may be empty.
    """
    # placeholders of a signature (`<n>`) are no words
    plain = re.sub(r"<[\w -]{1,30}>", " ", redact(title))
    ascii_text = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_text.replace("'", ""))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:WIDTH]
        if len(longer) > WIDTH:
            break
        slug = longer
    return slug


def missing_slugs(connection: sqlite3.Connection, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that have no address yet, oldest first (then by id)."""
    known = {row[0] for row in connection.execute("select entry_id from slug")}
    return sorted(
        (e for e in entries if e.entry_id not in known),
        key=lambda e: (e.first_seen or "", e.entry_id),
    )


def give_slugs(connection: sqlite3.Connection, entries: Iterable[Entry]) -> int:
    """Gives every entry that has none an address (inside the caller's transaction); returns how
    many were given.

    A taken address gets the entry's id behind it; a former address of a merged entry is never given
    again.
    """
    taken = {row[0] for row in connection.execute("select slug from slug")}
    given = 0
    for entry in missing_slugs(connection, entries):
        entry_id = entry.entry_id
        slug = slug_of(entry.title)
        if not slug or slug in taken or _RESERVED.fullmatch(slug):
            slug = f"{slug[: WIDTH - len(entry_id) - 1].rstrip('-')}-{entry_id.lower()}".strip("-")
        connection.execute("insert into slug (slug, entry_id) values (?, ?)", (slug, entry_id))
        taken.add(slug)
        given += 1
    return given


def slugs(connection: sqlite3.Connection) -> dict[str, str]:
    """Entry id to address, those of entries merged away included."""
    return {
        row["entry_id"]: row["slug"]
        for row in connection.execute("select entry_id, slug from slug")
    }
