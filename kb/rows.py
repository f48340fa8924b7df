"""Rows of the stages' results: what was stored for a thread, and its replacement in one go."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from kb.dirty import mark_entries
from kb.models import Claim, Mention, Signature

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kb.models import Thread


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
    signature = Signature(
        text=row["text"],
        fingerprint=row["fingerprint"],
        provider=row["provider"],
        tool=row["tool"],
        status=row["status"],
        code=row["code"],
        exception=row["exception"],
        wrappers=tuple(json.loads(row["wrappers"])),
        objects=tuple(json.loads(row["objects"])),
        model=row["model"],
        version=row["version"],
        os=row["os"],
        place=row["place"],
    )
    return Mention(
        comment_id=row["comment_id"],
        field=row["field"],
        start=row["start"],
        end=row["end"],
        raw=row["raw"],
        signature=signature,
        is_primary=bool(row["is_primary"]),
        counted=bool(row["counted"]),
        frames=tuple(json.loads(row["frames"])),
        confidence=1.0 if row["confidence"] is None else row["confidence"],
        by_confidence=bool(row["by_confidence"]),
    )


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
        "select entry_id from mentions where repo = :repo and number = :number and entry_id "
        "is not null union"
        " select m.entry_id from link l join mentions m on m.repo = l.to_repo and m.number = "
        "l.to_number and m.is_primary"
        " where l.repo = :repo and l.number = :number and l.kind = 'duplicate' and "
        "m.entry_id is not null",
        {"repo": thread.repo, "number": thread.number},
    )
    return {row["entry_id"] for row in rows}


CLAIM_COLUMNS = (
    "claim_id, repo, number, comment_id, field, kind, quote, start, end, author, "
    "author_role, association, created_at, url,"
    " stance, confidence, about, withheld, published"
)
EVIDENCE_COLUMNS = (
    "claim_id, position, role, comment_id, field, start, end, quote, author, association, "
    "created_at, url, repo, number"
)


def replace_claims(connection: sqlite3.Connection, thread: Thread, claims: Sequence[Claim]) -> None:
    """Replaces a thread's claims and their evidence, if they changed, and marks its entries to be
    counted anew.
    """
    new_claims, new_evidence = _claim_rows(thread, claims)
    old_claims = connection.execute(
        f"select {CLAIM_COLUMNS} from claim where repo = ? and number = ? order by claim_id",
        thread.key,
    )
    old_evidence = connection.execute(
        f"select {EVIDENCE_COLUMNS} from evidence where claim_id in (select claim_id from "
        f"claim where repo = ? and number = ?)"
        " order by claim_id, position",
        thread.key,
    )
    # the entries also when no claim changed: a link to the thread that this one repeats may be new
    mark_entries(connection, entries_of(connection, thread))
    if [tuple(row) for row in old_claims] == new_claims and [
        tuple(row) for row in old_evidence
    ] == new_evidence:
        return
    connection.execute(
        (
            "delete from evidence where claim_id in (select claim_id from claim where repo = ? "
            "and number = ?)"
        ),
        thread.key,
    )
    connection.execute("delete from claim where repo = ? and number = ?", thread.key)
    connection.executemany(
        f"insert into claim ({CLAIM_COLUMNS}) values ({', '.join('?' * 19)})", new_claims
    )
    connection.executemany(
        f"insert into evidence ({EVIDENCE_COLUMNS}) values ({', '.join('?' * 14)})", new_evidence
    )


def _claim_rows(
    thread: Thread, claims: Sequence[Claim]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows of `claim` and `evidence`, in the order in which they are compared."""
    claim_rows: dict[str, tuple[object, ...]] = {}
    evidence_rows: list[tuple[object, ...]] = []
    for c in claims:
        identity = claim_id(thread, c)
        if identity in claim_rows:
            continue
        place = (c.comment_id, c.field, c.kind, c.quote, c.start, c.end)
        source = (c.author, c.author_role, c.association, c.created_at, c.url)
        claim_rows[identity] = (
            identity,
            *thread.key,
            *place,
            *source,
            c.stance,
            round(c.confidence, 4),
            c.about,
            c.withheld,
            int(c.published),
        )
        for number, e in enumerate(c.evidence):
            where = (e.comment_id, e.field, e.start, e.end, e.quote)
            evidence_rows.append(
                (
                    identity,
                    number,
                    e.role,
                    *where,
                    e.author,
                    e.association,
                    e.created_at,
                    e.url,
                    e.repo,
                    e.number,
                )
            )
    return [claim_rows[key] for key in sorted(claim_rows)], sorted(
        evidence_rows, key=lambda row: (str(row[0]), row[1])
    )
