"""Stores a thread's mentions anew, and which text was which signature before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from kb import sql
from kb.models import Mention, Thread
from kb.rows import insert, mark_signatures, row_of

_SEEN = ("provider", "tool", "status", "model", "version", "os", "code", "exception")
_COLUMNS = (
    *("repo", "number", "comment_id", "field", "start", "end", "raw", "fingerprint"),
    *("is_primary", "counted", *_SEEN[:6], "frames", *_SEEN[6:], "wrappers", "objects"),
    *("created_at", "author", "previous_fingerprint", "confidence", "by_confidence"),
)

_BEFORE = _COLUMNS.index("previous_fingerprint")

Place = tuple[int | None, str]


def replace_mentions(
    connection: sqlite3.Connection, thread: Thread, mentions: Sequence[Mention]
) -> None:
    """Replaces the mentions of one thread and marks the signatures and entries that have to be
    looked at again.

    Must run inside a transaction. Where the same text now has another signature (rules changed),
    the mention remembers the former one in `before`, by which grouping lets entries keep their ids.
    """
    rows = sql.ask(connection, "mentions.of_thread", *thread.key).fetchall()
    old: dict[Place, list[sqlite3.Row]] = {}
    for row in rows:
        old.setdefault((row["comment_id"], row["field"]), []).append(row)
    posts = {c.comment_id: (c.created_at, c.author) for c in thread.comments}
    values = [_row(thread, m, posts, old.get((m.comment_id, m.field), [])) for m in mentions]
    if [tuple(row)[1:] for row in rows] == values:
        return
    sql.write(connection, "mentions.drop_of_thread", *thread.key)
    # the fields of signatures are settled by grouping, over all mentions
    signed = {(m.signature.fingerprint, m.signature.text, m.signature.place) for m in mentions}
    sql.write_many(connection, "signatures.put", sorted(signed, key=itemgetter(0)))
    insert(connection, "mention", _COLUMNS, values)
    dirty = {row["fingerprint"] for row in rows} | {m.signature.fingerprint for m in mentions}
    mark_signatures(connection, dirty | {value[_BEFORE] for value in values if value[_BEFORE]})


def _row(
    thread: Thread,
    mention: Mention,
    posts: dict[int, tuple[str, str | None]],
    old: list[sqlite3.Row],
) -> tuple[Any, ...]:
    signed = mention.signature
    created_at, author = thread.created_at, thread.author
    if mention.comment_id is not None:
        created_at, author = posts.get(mention.comment_id, (thread.created_at, None))
    as_json = partial(json.dumps, ensure_ascii=False)
    others: dict[str, Any] = {name: getattr(signed, name) for name in _SEEN} | {
        "repo": thread.repo,
        "number": thread.number,
        "fingerprint": signed.fingerprint,
        "is_primary": int(mention.is_primary),
        "counted": int(mention.counted),
        "by_confidence": int(mention.by_confidence),
        "frames": as_json(mention.frames),
        "wrappers": as_json(signed.wrappers),
        "objects": as_json(signed.objects),
        "created_at": created_at,
        "author": author,
        "previous_fingerprint": _before(mention, old),
    }
    return row_of(mention, _COLUMNS, others)


def _before(mention: Mention, old: list[sqlite3.Row]) -> str | None:
    """The signature under which this very text was known, if it was another one."""
    best: sqlite3.Row | None = None
    most = 0
    for was in old:
        common = min(was["end"], mention.end) - max(was["start"], mention.start)
        alike = was["raw"] in mention.raw or mention.raw in was["raw"]
        if alike and common > most:
            best, most = was, common
    if best is None:
        return None
    former = best["previous_fingerprint"] or best["fingerprint"]
    return None if former == mention.signature.fingerprint else str(former)
