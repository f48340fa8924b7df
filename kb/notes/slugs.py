"""Addresses of pages: given once, when an entry's page is first written, and kept in the database
for good, unless one is found to hold what must not be published.
"""

from __future__ import annotations

import hashlib
import sqlite3
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.errors import BadInputError
from kb.redact import SECRETS, redact

if TYPE_CHECKING:
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
    slug = ""
    for word in _words(plain):
        longer = f"{slug}-{word}" if slug else word[:WIDTH]
        if len(longer) > WIDTH:
            break
        slug = longer
    return slug


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain.replace("'", ""))


# ---------------------------------------------------------------- what must not be in one


_CHECKED = "addresses"
_SHORTEST = 4
"""Letters of a word by which a secret in an address is known."""


@cache
def _rules_version() -> str:
    return hashlib.blake2b(repr(SECRETS).encode(), digest_size=8).hexdigest()


def unchecked(connection: sqlite3.Connection) -> bool:
    """Whether addresses were given that the rules of redaction, as they are now, have not seen."""
    row = sql.first(connection, "work.stage_version", _CHECKED)
    return (row is None or row["version"] != _rules_version()) and bool(_given(connection))


def unsafe_slugs(connection: sqlite3.Connection) -> list[str]:
    """The addresses with a word that redaction takes out of every text the address may come from,
    or that end with the beginning of one: an earlier version knew fewer keys, names and hosts.
    """
    found = set()
    for row in sql.ask(connection, "documents.texts_of_slugs"):
        shown, parts = redact(row["text"]), row["slug"].split("-")
        hidden = set() if shown == row["text"] else {*_words(row["text"])} - {*_words(shown)}
        hidden = {word for word in hidden if len(word) >= _SHORTEST}
        cut = len(parts[-1]) >= 2 * _SHORTEST and any(w.startswith(parts[-1]) for w in hidden)
        if cut or hidden.intersection(parts):
            found.add(row["slug"])
    return sorted(found)


def withdraw_unsafe(connection: sqlite3.Connection) -> None:
    """Takes unsafe addresses back: their entries get new ones, and the old lead nowhere, because a
    redirect would publish them again.
    """
    unsafe = unsafe_slugs(connection) if unchecked(connection) else []
    sql.write_many(connection, "documents.drop_slug", [(slug,) for slug in unsafe])
    sql.write(connection, "work.put_stage_version", _CHECKED, _rules_version())


# ---------------------------------------------------------------- giving


def _given(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(sql.ask(connection, "documents.slugs").fetchall())


def slugs(connection: sqlite3.Connection, entry_ids: Collection[str] = ()) -> dict[str, str]:
    """Entry id to address, those of entries merged away included.

    Raises `BadInputError` if one of these entries has no address yet, or any one that must not be
    published (`kb.notes.export.prepare` gives them).
    """
    given = _given(connection)
    if not given.keys() >= set(entry_ids) or (unchecked(connection) and unsafe_slugs(connection)):
        raise BadInputError(
            "some entries have no address yet; run the export on a database that can be written"
        )
    return given


def without_slug(connection: sqlite3.Connection, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that have no address yet."""
    given = _given(connection)
    return [entry for entry in entries if entry.entry_id not in given]


def give_slugs(connection: sqlite3.Connection, entries: Iterable[Entry]) -> int:
    """Gives every entry that has none an address (inside the caller's transaction), the oldest
    first; returns how many were given.

    A taken address gets the entry's id behind it; a former address of a merged entry is never given
    again.
    """
    taken = set(_given(connection).values())
    new = without_slug(connection, entries)
    for entry in sorted(new, key=lambda e: (e.first_seen or "", e.entry_id)):
        entry_id = entry.entry_id
        slug = slug_of(entry.title)
        if not slug or slug in taken or _RESERVED.fullmatch(slug):
            slug = f"{slug[: WIDTH - len(entry_id) - 1].rstrip('-')}-{entry_id.lower()}".strip("-")
        sql.write(connection, "documents.put_slug", slug, entry_id)
        taken.add(slug)
    return len(new)
