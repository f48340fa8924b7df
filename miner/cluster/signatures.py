"""Settles what a signature is, over all mentions, and where ids go whose own is gone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kb import sql
from kb.rows import listed
from kb.text import chunks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from miner.cluster.ids import Registry

FIELDS = ("provider", "status", "code", "exception", "wrappers", "objects")


@dataclass(slots=True)
class Settled:
    """Signatures that are new or changed, and those without a counted mention; sorted."""

    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class _Tally:
    """Values of the fields over mentions, and the first mention."""

    __slots__ = ("counts", "first")

    def __init__(self) -> None:
        self.counts: list[Counter[Any]] = [Counter() for _ in FIELDS]
        self.first: tuple[str, str] | None = None

    def add(self, row: sqlite3.Row) -> None:
        for counter, name in zip(self.counts, FIELDS, strict=True):
            if row[name] not in (None, "[]"):
                counter[row[name]] += 1
        self.first = min(self.first or _first(row), _first(row))

    def values(self) -> list[Any]:
        """The most frequent value of each field, of equally frequent ones the smallest."""
        empty: dict[str, Any] = {"wrappers": "[]", "objects": "[]"}
        return [
            min(counter, key=lambda v: (-counter[v], v)) if counter else empty.get(name)
            for counter, name in zip(self.counts, FIELDS, strict=True)
        ]


def _first(row: sqlite3.Row) -> tuple[str, str]:
    """A mention's time, and its place as text that sorts as readers go."""
    thread, rank = f"{row['repo']}#{row['number']:010d}", 0 if row["field"] == "title" else 1
    place = f"{thread}/{row['comment_id'] or 0:016d}/{rank}/{row['start']:08d}"
    return row["created_at"] or "", place


def settle(connection: sqlite3.Connection, dirty: list[str]) -> Settled:
    """Writes the settled fields and first mention of these signatures.

    A field is its most frequent value over the counted mentions, so that it does not depend on
    which came first.
    """
    settled = Settled()
    for chunk in chunks(dirty):
        tallies = _tallies(connection, chunk)
        rows = sql.ask(connection, "signatures.all", listed(chunk))
        stored = {row["fingerprint"]: row for row in rows}
        for fingerprint in chunk:
            row, tally = stored.get(fingerprint), tallies.get(fingerprint)
            if row is None:
                continue
            if tally is None:
                settled.gone.append(fingerprint)
                continue
            values = tally.values()
            assert tally.first is not None
            same = row["keys"] is not None and [row[name] for name in FIELDS] == values
            if not same:
                settled.changed.append(fingerprint)
            if not same or (row["first_seen"], row["first_key"]) != tally.first:
                sql.write(connection, "signatures.settle", *values, *tally.first, fingerprint)
    return settled


def _tallies(connection: sqlite3.Connection, fingerprints: Sequence[str]) -> dict[str, _Tally]:
    rows = sql.ask(connection, "mentions.tallied", listed(fingerprints))
    found: dict[str, _Tally] = {}
    for row in rows:
        found.setdefault(row["fingerprint"], _Tally()).add(row)
    return found


def move_anchors(connection: sqlite3.Connection, registry: Registry, gone: Iterable[str]) -> None:
    """Ties ids whose signature is gone to what stands in its place.

    After a change of rules that is the signature which the earliest of its texts has now; otherwise
    the earliest signature that is left of the entry. An id for which nothing is left keeps its
    anchor.
    """
    for fingerprint, ids in sorted(registry.anchored_at(gone).items()):
        heir = _heir_by_text(connection, fingerprint)
        for _, entry_id in ids:
            to = heir or _heir_in_entry(connection, entry_id)
            if to is not None:
                registry.move_anchor(entry_id, to)


def _heir_by_text(connection: sqlite3.Connection, fingerprint: str) -> str | None:
    rows = sql.ask(connection, "mentions.heirs_by_text", fingerprint)
    return min(((*_first(row), row["fingerprint"]) for row in rows), default=(None,))[-1]


def _heir_in_entry(connection: sqlite3.Connection, entry_id: str) -> str | None:
    for name in ("signatures.first_counted", "mentions.first_heir"):
        if (fingerprint := sql.value(connection, name, entry_id)) is not None:
            return str(fingerprint)
    return None


def former_entries(connection: sqlite3.Connection) -> dict[str, str]:
    """The entry that a signature's texts belonged to under former rules."""
    rows = sql.ask(connection, "signatures.former_entries")
    return {row[0]: row[1] for row in rows}


def forget(connection: sqlite3.Connection, gone: Iterable[str]) -> None:
    """Takes signatures out of their entries, and removes those without any mention."""
    one = [(fingerprint,) for fingerprint in gone]
    sql.write_many(connection, "signatures.leave_entry", one)
    sql.write_many(connection, "signatures.drop_unused", one)
