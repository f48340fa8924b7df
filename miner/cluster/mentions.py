"""Replaces the stored mentions of a thread, keeping track of which text was which signature
before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb.dirty import mark_signatures

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kb.models import Mention, Thread

_COLUMNS = (
    "repo, number, comment_id, field, start, end, raw, fingerprint, is_primary, counted, "
    "provider, tool, status, model, version, os,"
    " frames, code, exception, wrappers, objects, created_at, author, previous_fingerprint, "
    "confidence, by_confidence"
)
_INSERT = f"insert into mention ({_COLUMNS}) values ({', '.join('?' * len(_COLUMNS.split(',')))})"

_BEFORE = _COLUMNS.split(", ").index("previous_fingerprint")

Place = tuple[int | None, str]


class _Old:
    """A stored mention: where it stood, and the signature that its entry goes by."""

    __slots__ = ("before", "end", "fingerprint", "raw", "start")

    def __init__(self, row: sqlite3.Row) -> None:
        self.start, self.end, self.raw = row["start"], row["end"], row["raw"]
        self.fingerprint: str = row["fingerprint"]
        self.before: str | None = row["previous_fingerprint"]


def replace_mentions(
    connection: sqlite3.Connection, thread: Thread, mentions: Sequence[Mention]
) -> None:
    """Replaces the mentions of one thread and marks the signatures and entries that have to be
    looked at again.

    Must run inside a transaction. Where the same text now has another signature (rules changed),
    the mention remembers the former one in `before`, by which grouping lets entries keep their ids.
    """
    rows = connection.execute(
        "select * from mention where repo = ? and number = ? order by mention_id", thread.key
    ).fetchall()
    old: dict[Place, list[_Old]] = {}
    for row in rows:
        old.setdefault((row["comment_id"], row["field"]), []).append(_Old(row))
    posts = {c.comment_id: (c.created_at, c.author) for c in thread.comments}
    values = [_row(thread, m, posts, old.get((m.comment_id, m.field), [])) for m in mentions]
    if [tuple(row)[1:] for row in rows] == values:
        return
    connection.execute("delete from mention where repo = ? and number = ?", thread.key)
    _put_signatures(connection, mentions)
    connection.executemany(_INSERT, values)
    dirty = (
        {row["fingerprint"] for row in rows}
        | {m.signature.fingerprint for m in mentions}
        | {v[_BEFORE] for v in values if v[_BEFORE]}
    )
    mark_signatures(connection, dirty)


def _put_signatures(connection: sqlite3.Connection, mentions: Sequence[Mention]) -> None:
    # the fields are settled by grouping, over all mentions
    connection.executemany(
        (
            "insert or ignore into signature (fingerprint, text, place, wrappers, objects) "
            "values (?, ?, ?, '[]', '[]')"
        ),
        [
            (f, one.text, one.place)
            for f, one in sorted({m.signature.fingerprint: m.signature for m in mentions}.items())
        ],
    )


def _row(
    thread: Thread, mention: Mention, posts: dict[int, tuple[str, str | None]], old: list[_Old]
) -> tuple[Any, ...]:
    s = mention.signature
    post = (
        (thread.created_at, thread.author)
        if mention.comment_id is None
        else posts.get(mention.comment_id, (thread.created_at, None))
    )
    place = (
        *thread.key,
        mention.comment_id,
        mention.field,
        mention.start,
        mention.end,
        mention.raw,
    )
    seen = (
        s.provider,
        s.tool,
        s.status,
        s.model,
        s.version,
        s.os,
        json.dumps(mention.frames, ensure_ascii=False),
    )
    fields = (
        s.code,
        s.exception,
        json.dumps(s.wrappers, ensure_ascii=False),
        json.dumps(s.objects, ensure_ascii=False),
    )
    return (
        *place,
        s.fingerprint,
        int(mention.is_primary),
        int(mention.counted),
        *seen,
        *fields,
        *post,
        _before(mention, old),
        mention.confidence,
        int(mention.by_confidence),
    )


def _before(mention: Mention, old: list[_Old]) -> str | None:
    """The signature under which this very text was known, if it was another one."""
    best: tuple[int, _Old] | None = None
    for was in old:
        common = min(was.end, mention.end) - max(was.start, mention.start)
        if (
            common > 0
            and (was.raw in mention.raw or mention.raw in was.raw)
            and (best is None or common > best[0])
        ):
            best = (common, was)
    if best is None:
        return None
    former = best[1].before or best[1].fingerprint
    return former if former != mention.signature.fingerprint else None
