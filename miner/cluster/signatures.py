"""Settles what a signature is, over all mentions, and where ids go whose own is gone."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from kb import sql
from kb.rows import listed
from kb.text import chunks
from miner.cluster.ids import Registry

FIELDS = ("provider", "status", "code", "exception", "wrappers", "objects")


def _settled(rows: Sequence[sqlite3.Row]) -> list[Any]:
    """The most frequent value of each field over mentions, of equally frequent ones the smallest;
    then the first mention's time and place.
    """
    empty: dict[str, Any] = {"wrappers": "[]", "objects": "[]"}
    values = []
    for name in FIELDS:
        counts = Counter(row[name] for row in rows if row[name] not in (None, "[]"))
        least = min(counts.items(), key=lambda one: (-one[1], one[0]), default=(empty.get(name), 0))
        values.append(least[0])
    return [*values, *min(map(_first, rows))]


def _first(row: sqlite3.Row) -> tuple[str, str]:
    """A mention's time, and its place as text that sorts as readers go."""
    thread, rank = f"{row['repo']}#{row['number']:010d}", 0 if row["field"] == "title" else 1
    place = f"{thread}/{row['comment_id'] or 0:016d}/{rank}/{row['start']:08d}"
    return row["created_at"] or "", place


def settle(connection: sqlite3.Connection, dirty: list[str]) -> tuple[list[str], list[str]]:
    """Writes the settled fields and first mention of these signatures. Those that are new or
    changed, and those without a counted mention; sorted.

    A field is its most frequent value over the counted mentions, so that it does not depend on
    which came first.
    """
    changed: list[str] = []
    gone: list[str] = []
    for chunk in chunks(dirty):
        mentions: dict[str, list[sqlite3.Row]] = {}
        for row in sql.ask(connection, "mentions.tallied", listed(chunk)):
            mentions.setdefault(row["fingerprint"], []).append(row)
        for row in sql.ask(connection, "signatures.all", listed(chunk)).fetchall():
            fingerprint = row["fingerprint"]
            if fingerprint not in mentions:
                gone.append(fingerprint)
                continue
            values = _settled(mentions[fingerprint])
            stored = [row[name] for name in (*FIELDS, "first_seen", "first_key")]
            same = row["keys"] is not None and stored[: len(FIELDS)] == values[: len(FIELDS)]
            if not same:
                changed.append(fingerprint)
            if not same or stored != values:
                sql.write(connection, "signatures.settle", *values, fingerprint)
    return sorted(changed), sorted(gone)


def move_anchors(connection: sqlite3.Connection, registry: Registry, gone: Iterable[str]) -> None:
    """Ties ids whose signature is gone to what stands in its place.

    After a change of rules that is the signature which the earliest of its texts has now; otherwise
    the earliest signature that is left of the entry. An id for which nothing is left keeps its
    anchor.
    """
    for fingerprint, ids in sorted(registry.anchored_at(gone).items()):
        rows = sql.ask(connection, "mentions.heirs_by_text", fingerprint)
        heir = min(((*_first(row), row["fingerprint"]) for row in rows), default=(None,))[-1]
        for _, entry_id in ids:
            in_entry = ("signatures.first_counted", "mentions.first_heir")
            heirs = (heir, *(sql.value(connection, name, entry_id) for name in in_entry))
            if (to := next(filter(None, heirs), None)) is not None:
                registry.move_anchor(entry_id, to)


def former_entries(connection: sqlite3.Connection) -> dict[str, str]:
    """The entry that a signature's texts belonged to under former rules."""
    return dict(sql.ask(connection, "signatures.former_entries").fetchall())


def forget(connection: sqlite3.Connection, gone: Iterable[str]) -> None:
    """Takes signatures out of their entries, and removes those without any mention."""
    one = [(fingerprint,) for fingerprint in gone]
    sql.write_many(connection, "signatures.leave_entry", one)
    sql.write_many(connection, "signatures.drop_unused", one)
