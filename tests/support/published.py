"""A knowledge base filled by hand, for tests of what is published from one: no mining, so every row
is as written here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.sentences import split
from kb.store import Store
from miner.extract.thought import thought
from miner.harvest.files import import_files
from tests.support.rows import ERROR, insert
from tests.support.threads import Json

Place = int | str
"""A comment's id, `title` or `body`."""


@dataclass
class Said:
    """A claim to store: the thought whose words, which must stand at the place, are given."""

    kind: str
    place: Place
    quote: str
    stance: str = "confirmed"
    role: str = "maintainer"
    says: str | None = None
    evidence: list[tuple[str, Place, str]] = field(default_factory=list)
    confidence: float = 0.9
    published: bool = True
    withheld: str | None = None


@dataclass
class Filled:
    """A thread (import format) with the error that stands in it and the claims about that."""

    thread: Json
    entry_id: str
    raw: str
    place: Place = "title"
    signature: str | None = None
    fields: Json = field(default_factory=dict)
    claims: list[Said] = field(default_factory=list)
    tool: str | None = None
    version: str | None = None
    frames: tuple[str, ...] = ()


def fingerprint(text: str) -> str:
    return "v1:" + hashlib.sha256(text.encode()).hexdigest()[:16]


def fill(path: Path, filled: list[Filled]) -> Path:
    """Makes (or adds to) a knowledge base; returns its path."""
    lines = path.with_suffix(".jsonl")
    lines.write_text("".join(json.dumps(f.thread) + "\n" for f in filled), encoding="utf-8")
    with Store.open(path) as store:
        import_files(store, [lines])
        with store.transaction() as db:
            for item in filled:
                _mention(db, item)
                for number, said in enumerate(item.claims):
                    _claim(db, item, number, said)
            for entry_id in sorted({f.entry_id for f in filled}):
                _count(db, entry_id)
    return path


def _span(item: Filled, place: Place, words: str) -> tuple[Json, Json]:
    """Where words stand, and who wrote them when, as columns; the post."""
    post, comment_id, name = item.thread["issue"], None, str(place)
    if isinstance(place, int):
        post = next(c for c in item.thread["comments"] if c["id"] == place)
        comment_id, name = place, "body"
    start = (post[name] or "").index(words)
    return {
        "comment_id": comment_id,
        "field": name,
        "start": start,
        "end": start + len(words),
    }, post


def _who(post: Json) -> Json:
    who = {"author": (post.get("user") or {}).get("login"), "url": post["html_url"]}
    return {**who, "association": post["author_association"], "created_at": post["created_at"]}


def _key(item: Filled) -> Json:
    return {"repo": item.thread["repo"], "number": item.thread["issue"]["number"]}


def _mention(db: Any, item: Filled) -> None:
    text, f = item.signature or item.raw.lower(), item.fields
    mark, error = fingerprint(text), {name: f.get(name) for name in ERROR}
    lists, either = {"wrappers": "[]", "objects": "[]"}, "insert or ignore"
    named = {"fingerprint": mark, "text": text, "entry_id": item.entry_id}
    insert(db, "signature", how=either, **named, **lists, **error)
    place, post = _span(item, item.place, item.raw)
    place["author"] = _who(post)["author"]
    seen = {"provider": f.get("provider"), "tool": item.tool, "version": item.version}
    kind = {"fingerprint": mark, "is_primary": 1, "counted": 1, "frames": json.dumps(item.frames)}
    insert(db, "mention", **_key(item), **place, **seen, **kind, raw=item.raw)
    shown = {"title": f.get("title", item.raw), "grade": f.get("grade", "D"), "tool": item.tool}
    counts = dict.fromkeys(("threads", "repos", "reporters", "born_run"), 0)
    entry = {"entry_id": item.entry_id, "signature": text, "fingerprint": mark}
    insert(db, "entry", how=either, **entry, **shown, **counts, **error)


def _claim(db: Any, item: Filled, number: int, said: Said) -> None:
    key = _key(item)
    claim_id = f"C{key['repo'].replace('/', '-')}-{key['number']}-{number}"
    place, post = _span(item, said.place, said.quote)
    body = post[place["field"]]
    start, end = place["start"], place["end"]
    if place["field"] == "body" and (found := thought(body, split(body), start, end)):
        start, end = found.start, found.until
    names = ("kind", "stance", "confidence", "says", "published", "withheld")
    facts = {name: getattr(said, name) for name in names} | {"quote": body[start:end]}
    row = {**key, **place, **_who(post), **facts, "author_role": said.role, "about": None}
    row |= {"start": start, "end": end}
    insert(db, "claim", claim_id=claim_id, **row)
    for position, (role, where, words) in enumerate(said.evidence):
        place, post = _span(item, where, words)
        one = {"claim_id": claim_id, "position": position, "role": role, "quote": words}
        insert(db, "evidence", **one, **place, **_who(post))


def _count(db: Any, entry_id: str) -> None:
    rows = db.execute(
        "select distinct t.repo, t.number, t.author, t.created_at from mentions m join "
        "thread t on t.repo = m.repo and t.number = m.number"
        " where m.entry_id = ?",
        (entry_id,),
    ).fetchall()
    times = sorted(r["created_at"] for r in rows)
    remedies = "select stance from claims where entry_id = ? and kind <> 'cause'"
    stances = {r[0] for r in db.execute(remedies, (entry_id,))}
    sure = {"confirmed": "A", "supported": "B"}
    grade = min((sure.get(stance, "C") for stance in stances), default="D")
    repos, reporters = len({r["repo"] for r in rows}), len({r["author"] for r in rows})
    db.execute(
        "update entry set threads = ?, repos = ?, reporters = ?, first_seen = ?, last_seen = ?,"
        " grade = ? where entry_id = ?",
        (len(rows), repos, reporters, times[0], times[-1], grade, entry_id),
    )
