"""Makes threads as the stages see them (`kb.models`), for tests."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from kb.models import Claim, Comment, Event, Evidence, Thread
from tests.support.rows import insert

REPO = "acme/tool"


def said(
    body: str,
    login: str | None = "bob",
    association: str = "NONE",
    *,
    comment_id: int = 11,
    day: int = 2,
    **more: Any,
) -> Comment:
    """A comment; `day` of February 2026 is when it was posted."""
    at = f"2026-02-{day:02d}T00:00:00Z"
    return Comment(
        comment_id=comment_id,
        author=login,
        author_type=more.pop("author_type", "User"),
        association=association,
        created_at=at,
        updated_at=at,
        body=body,
        url=f"https://github.com/{more.pop('repo', REPO)}/issues/1#issuecomment-{comment_id}",
        **more,
    )


def asked(
    *comments: Comment,
    body: str = "It fails with `boom`.",
    events: tuple[Event, ...] = (),
    **more: Any,
) -> Thread:
    """A thread of `ada`, number 1 unless `number` says else."""
    repo, number, kind = more.pop("repo", REPO), more.pop("number", 1), more.pop("kind", "issue")
    thread = Thread(
        repo=repo,
        number=number,
        kind=kind,
        title="It fails",
        body=body,
        state="open",
        state_reason=None,
        author="ada",
        author_type="User",
        association="NONE",
        created_at="2026-02-01T00:00:00Z",
        updated_at="2026-02-01T00:00:00Z",
        closed_at=None,
        merged_at=None,
        url=f"https://github.com/{repo}/{'pull' if kind == 'pull' else 'issues'}/{number}",
        comments=comments,
        events=events,
    )
    return replace(thread, **more)


def keep_claim(connection: sqlite3.Connection, claim_id: str, thread: Thread, claim: Claim) -> None:
    """Writes a claim with its evidence."""
    names = [name for name in Claim.__slots__ if name not in ("evidence", "claim_id")]
    row = {name: getattr(claim, name) for name in names}
    insert(connection, "claim", claim_id=claim_id, repo=thread.repo, number=thread.number, **row)
    for place, one in enumerate(claim.evidence):
        facts = {name: getattr(one, name) for name in Evidence.__slots__}
        insert(connection, "evidence", claim_id=claim_id, position=place, **facts)


def claimed(
    comment: Comment,
    quote: str,
    kind: str = "fix",
    stance: str = "confirmed",
    *evidence: Evidence,
    role: str = "user",
) -> Claim:
    """A claim that quotes a part of a comment."""
    start = comment.body.index(quote)
    return Claim(
        comment_id=comment.comment_id,
        field="body",
        kind=kind,
        quote=quote,
        start=start,
        end=start + len(quote),
        author=comment.author,
        author_role=role,
        association=comment.association,
        created_at=comment.created_at,
        url=comment.url,
        stance=stance,
        confidence=0.9,
        evidence=evidence,
    )


def quoted(comment: Comment, quote: str, role: str = "confirms") -> Evidence:
    """Evidence that quotes a part of a comment."""
    start = comment.body.index(quote)
    return Evidence(
        role,
        comment.comment_id,
        "body",
        start,
        start + len(quote),
        quote,
        comment.author,
        comment.association,
        comment.created_at,
        comment.url,
    )


def put_entry(
    connection: sqlite3.Connection, entry_id: str = "E1", fingerprint: str = "v1:f"
) -> None:
    """Writes an entry with one signature."""
    entry = {"entry_id": entry_id, "title": "boom", "signature": "boom", "fingerprint": fingerprint}
    counts = {"threads": 1, "repos": 1, "reporters": 1, "born_run": 0}
    insert(connection, "entry", **entry, **counts, grade="D")
    signature = {"fingerprint": fingerprint, "text": "boom", "entry_id": entry_id}
    insert(connection, "signature", **signature, wrappers="[]", objects="[]")
