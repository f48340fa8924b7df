"""Settles what a signature is, over all its counted mentions, and what becomes of ids whose
signature is gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from miner.cluster.ids import Registry

FIELDS = ("provider", "status", "code", "exception", "wrappers", "objects")


@dataclass(slots=True)
class Settled:
    """Signatures that are new or whose fields changed, those as before, and those without a counted
    mention; each sorted.
    """

    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
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
        place = (row["created_at"] or "", place_key(row))
        if self.first is None or place < self.first:
            self.first = place

    def values(self) -> list[Any]:
        """The most frequent value of each field, of equally frequent ones the smallest."""
        empty: dict[str, Any] = {"wrappers": "[]", "objects": "[]"}
        return [
            min(counter, key=lambda v: (-counter[v], v)) if counter else empty.get(name)
            for counter, name in zip(self.counts, FIELDS, strict=True)
        ]


def place_key(row: sqlite3.Row) -> str:
    """A mention's place as text that sorts as readers go: by repository, thread, post, title before
    body, position.
    """
    rank = 0 if row["field"] == "title" else 1
    return (
        f"{row['repo']}#{row['number']:010d}/{row['comment_id'] or 0:016d}/{rank}/"
        f"{row['start']:08d}"
    )


def settle(connection: sqlite3.Connection, dirty: list[str]) -> Settled:
    """Writes the settled fields and first mention of these signatures.

    A field is its most frequent value over the counted mentions, so that it does not depend on
    which came first.
    """
    settled = Settled()
    for start in range(0, len(dirty), 500):
        chunk = dirty[start : start + 500]
        tallies = _tallies(connection, chunk)
        marks = ",".join("?" * len(chunk))
        stored = {
            row["fingerprint"]: row
            for row in connection.execute(
                f"select * from signature where fingerprint in ({marks})", chunk
            )
        }
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
            (settled.same if same else settled.changed).append(fingerprint)
            if not same or (row["first_seen"], row["first_key"]) != tally.first:
                sets = ", ".join(f"{name} = ?" for name in FIELDS)
                connection.execute(
                    (
                        f"update signature set {sets}, first_seen = ?, first_key = ? where "
                        f"fingerprint = ?"
                    ),
                    (*values, *tally.first, fingerprint),
                )
    return settled


def _tallies(connection: sqlite3.Connection, fingerprints: list[str]) -> dict[str, _Tally]:
    marks = ",".join("?" * len(fingerprints))
    rows = connection.execute(
        "select fingerprint, provider, status, code, exception, wrappers, objects, "
        "created_at, repo, number, comment_id, field, start"
        f" from mention where fingerprint in ({marks}) and counted",
        fingerprints,
    )
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
    rows = connection.execute(
        (
            "select fingerprint, created_at, repo, number, comment_id, field, start from mention "
            "where previous_fingerprint = ? and counted"
        ),
        (fingerprint,),
    ).fetchall()
    if not rows:
        return None
    return str(min(rows, key=lambda r: (r["created_at"] or "", place_key(r)))["fingerprint"])


def _heir_in_entry(connection: sqlite3.Connection, entry_id: str) -> str | None:
    row = connection.execute(
        "select s.fingerprint from signature s where s.entry_id = ? and exists"
        " (select 1 from mention m where m.fingerprint = s.fingerprint and m.counted) order "
        "by s.first_seen, s.first_key limit 1",
        (entry_id,),
    ).fetchone()
    if row is not None:
        return str(row[0])
    row = connection.execute(
        "select m.fingerprint from signature s join mention m on m.previous_fingerprint = "
        "s.fingerprint "
        "where s.entry_id = ? and m.counted"
        " order by m.created_at, m.repo, m.number, m.mention_id limit 1",
        (entry_id,),
    ).fetchone()
    return None if row is None else str(row[0])


def former_entries(connection: sqlite3.Connection) -> dict[str, str]:
    """The entry that the texts of a signature belonged to under rules that were replaced since; the
    first by name of several.
    """
    rows = connection.execute(
        "select m.fingerprint, min(s.entry_id) from mention m join signature s on "
        "s.fingerprint = m.previous_fingerprint"
        " where m.previous_fingerprint is not null and s.entry_id is not null group by 1"
    )
    return {row[0]: row[1] for row in rows}


def forget(connection: sqlite3.Connection, gone: Iterable[str]) -> None:
    """Takes signatures without a counted mention out of their entries, and removes those without
    any mention.
    """
    for fingerprint in gone:
        connection.execute(
            (
                "update signature set entry_id = null, first_seen = null, first_key = null where "
                "fingerprint = ?"
            ),
            (fingerprint,),
        )
        connection.execute(
            (
                "delete from signature where fingerprint = ?1 and not exists (select 1 from "
                "mention m where m.fingerprint = ?1)"
            ),
            (fingerprint,),
        )
