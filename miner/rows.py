"""Rows of the stages' results: what was stored for a thread, and its replacement in one go."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from kb.models import Claim, Mention, Signature

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kb.models import Thread
    from miner.links import Link


def thread_mentions(connection: sqlite3.Connection, thread: Thread) -> list[Mention]:
    """The stored mentions of a thread, as detection returned them (by place and position)."""
    rows = connection.execute(
        "select m.*, s.text, s.code, s.exception, s.wrappers, s.objects from mention m join signature s using (fingerprint)"
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
    )


def replace_links(connection: sqlite3.Connection, thread: Thread, links: Sequence[Link]) -> None:
    """Replaces what is stored of a thread's links."""
    connection.execute("delete from link where repo = ? and number = ?", thread.key)
    connection.executemany(
        "insert or ignore into link (repo, number, kind, to_repo, to_number) values (?, ?, ?, ?, ?)",
        [(*thread.key, link.kind, link.to_repo, link.to_number) for link in links],
    )


def claim_id(thread: Thread, claim: Claim) -> str:
    """A claim's id: the same place, span and kind of a thread give the same id in every run."""
    place = f"{thread.repo}#{thread.number}/{claim.comment_id or claim.field}/{claim.start}-{claim.end}/{claim.kind}"
    return "C" + hashlib.sha256(place.encode()).hexdigest()[:15]


def entries_of(connection: sqlite3.Connection, thread: Thread) -> set[str]:
    """The entries that a thread's mentions or claims belong to."""
    rows = connection.execute("select distinct entry_id from mentions where repo = ? and number = ? and entry_id is not null", thread.key)
    return {row["entry_id"] for row in rows}


def replace_claims(connection: sqlite3.Connection, thread: Thread, claims: Sequence[Claim]) -> None:
    """Replaces a thread's claims and their evidence, and marks its entries to be counted anew if anything changed."""
    before = _snapshot(connection, thread)
    connection.execute(
        "delete from evidence where claim_id in (select claim_id from claim where repo = ? and number = ?)", thread.key
    )
    connection.execute("delete from claim where repo = ? and number = ?", thread.key)
    for claim in claims:
        _insert_claim(connection, thread, claim)
    if _snapshot(connection, thread) != before:
        connection.executemany(
            "insert or ignore into dirty_entry (entry_id) values (?)", [(e,) for e in sorted(entries_of(connection, thread))]
        )


def _snapshot(connection: sqlite3.Connection, thread: Thread) -> list[tuple[object, ...]]:
    claims = connection.execute(
        "select claim_id, kind, quote, stance, confidence, about, author_role, says from claim where repo = ? and number = ? order by claim_id",
        thread.key,
    )
    rows = [tuple(row) for row in claims]
    evidence = connection.execute(
        "select e.* from evidence e join claim c using (claim_id) where c.repo = ? and c.number = ? order by e.claim_id, e.place", thread.key
    )
    return rows + [tuple(row) for row in evidence]


def _insert_claim(connection: sqlite3.Connection, thread: Thread, claim: Claim) -> None:
    identity = claim_id(thread, claim)
    connection.execute(
        "insert or ignore into claim (claim_id, repo, number, comment_id, field, kind, quote, start, end, author, author_role,"
        " association, created_at, url, stance, confidence, about) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identity,
            *thread.key,
            claim.comment_id,
            claim.field,
            claim.kind,
            claim.quote,
            claim.start,
            claim.end,
            claim.author,
            claim.author_role,
            claim.association,
            claim.created_at,
            claim.url,
            claim.stance,
            round(claim.confidence, 4),
            claim.about,
        ),
    )
    connection.executemany(
        "insert or ignore into evidence (claim_id, place, role, comment_id, field, start, end, quote, author, association, created_at, url)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (identity, place, e.role, e.comment_id, e.field, e.start, e.end, e.quote, e.author, e.association, e.created_at, e.url)
            for place, e in enumerate(claim.evidence)
        ],
    )
