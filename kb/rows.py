"""Rows of the stages' results: what was stored for a thread, and its replacement in one go."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from kb.dirty import mark_entries
from kb.models import Mention, Signature, from_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kb.models import Claim, Evidence, Thread


LISTED = "in (select value from json_each(?))"
"""Behind a column: whether it is one of many values, which are one parameter (`listed`)."""


def all_rows(connection: sqlite3.Connection, table: str, by: str) -> sqlite3.Cursor:
    """All rows of a table or view, in the order of some of its columns."""
    return connection.execute(f"select * from {table} order by {by}")


def insert(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Adds rows to a table, each with the values of `columns`."""
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)


def upsert(
    connection: sqlite3.Connection, table: str, row: Mapping[str, object], key: Sequence[str]
) -> None:
    """Adds a row, or changes the columns that it has of the one with the same key."""
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    sets = ", ".join(f"{name} = excluded.{name}" for name in row if name not in key)
    connection.execute(
        f"insert into {table} ({names}) values ({marks})"
        f" on conflict ({', '.join(key)}) do update set {sets}",
        row,
    )


def listed(values: Iterable[str]) -> str:
    """Values as the parameter of `LISTED`."""
    return json.dumps(sorted(values))


def thread_mentions(connection: sqlite3.Connection, thread: Thread) -> list[Mention]:
    """The stored mentions of a thread, as detection returned them (by place and position)."""
    rows = connection.execute(
        "select m.*, s.text, s.place, s.code, s.exception, s.wrappers, s.objects from mention m "
        "join signature s using (fingerprint)"
        " where m.repo = ? and m.number = ? order by m.mention_id",
        thread.key,
    )
    return [_mention(row) for row in rows]


def _mention(row: sqlite3.Row) -> Mention:
    confidence = 1.0 if row["confidence"] is None else row["confidence"]
    return from_row(Mention, row, signature=from_row(Signature, row), confidence=confidence)


def claim_id(thread: Thread, claim: Claim) -> str:
    """A claim's id: the same place, span and kind of a thread give the same id in every run."""
    if claim.claim_id is not None:
        return claim.claim_id
    place = (
        f"{thread.repo}#{thread.number}/{claim.comment_id or claim.field}/"
        f"{claim.start}-{claim.end}/{claim.kind}"
    )
    return "C" + hashlib.sha256(place.encode()).hexdigest()[:15]


def entries_of(connection: sqlite3.Connection, thread: Thread) -> set[str]:
    """The entries that a thread's mentions or claims belong to."""
    rows = connection.execute(
        "select entry_id from mentions"
        " where repo = :repo and number = :number and entry_id is not null"
        " union select m.entry_id from link l"
        " join mentions m on m.repo = l.to_repo and m.number = l.to_number and m.is_primary"
        " where l.repo = :repo and l.number = :number and l.kind = 'duplicate'"
        " and m.entry_id is not null",
        {"repo": thread.repo, "number": thread.number},
    )
    return {row["entry_id"] for row in rows}


CLAIM_COLUMNS = (
    *("claim_id", "repo", "number", "comment_id", "field", "kind", "quote", "start", "end"),
    *("author", "author_role", "association", "created_at", "url"),
    *("stance", "confidence", "about", "withheld", "published"),
)
EVIDENCE_COLUMNS = (
    *("claim_id", "position", "role", "comment_id", "field", "start", "end", "quote"),
    *("author", "association", "created_at", "url", "repo", "number"),
)
_OF_THREAD = "claim_id in (select claim_id from claim where repo = ? and number = ?)"


def replace_claims(connection: sqlite3.Connection, thread: Thread, claims: Sequence[Claim]) -> None:
    """Replaces a thread's claims if they changed, and marks its entries to be counted."""
    new_claims, new_evidence = _claim_rows(thread, claims)
    old_claims = connection.execute(
        f"select {', '.join(CLAIM_COLUMNS)} from claim where repo = ? and number = ?"
        " order by claim_id",
        thread.key,
    ).fetchall()
    old_evidence = connection.execute(
        f"select {', '.join(EVIDENCE_COLUMNS)} from evidence where {_OF_THREAD}"
        " order by claim_id, position",
        thread.key,
    ).fetchall()
    # the entries also when no claim changed: a link to the thread that this one repeats may be new
    mark_entries(connection, entries_of(connection, thread))
    if [*map(tuple, old_claims)] == new_claims and [*map(tuple, old_evidence)] == new_evidence:
        return
    connection.execute(f"delete from evidence where {_OF_THREAD}", thread.key)
    connection.execute("delete from claim where repo = ? and number = ?", thread.key)
    insert(connection, "claim", CLAIM_COLUMNS, new_claims)
    insert(connection, "evidence", EVIDENCE_COLUMNS, new_evidence)


def _claim_rows(
    thread: Thread, claims: Sequence[Claim]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows of `claim` and `evidence`, in the order in which they are compared."""
    known = {claim_id(thread, claim): claim for claim in reversed(claims)}
    claim_rows: list[tuple[object, ...]] = []
    evidence_rows: list[tuple[object, ...]] = []
    for identity, claim in sorted(known.items()):
        others = {
            "claim_id": identity,
            "repo": thread.repo,
            "number": thread.number,
            "confidence": round(claim.confidence, 4),
            "published": int(claim.published),
        }
        claim_rows.append(row_of(claim, CLAIM_COLUMNS, others))
        for position, evidence in enumerate(claim.evidence):
            others = {"claim_id": identity, "position": position}
            evidence_rows.append(row_of(evidence, EVIDENCE_COLUMNS, others))
    return claim_rows, evidence_rows


def row_of(
    one: Claim | Evidence | Mention, columns: Sequence[str], others: Mapping[str, object]
) -> tuple[object, ...]:
    """The values of columns: of `others`, else the attributes of their names."""
    return tuple(others[name] if name in others else getattr(one, name) for name in columns)
