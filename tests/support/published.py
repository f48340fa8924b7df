"""A knowledge base filled by hand, for tests of what is published from one: no mining, so every row
is as written here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.store import Store
from miner.harvest.files import import_files
from tests.support.threads import Json

Place = int | str
"""A comment's id, `title` or `body`."""


@dataclass
class Said:
    """A claim to store: the words must stand at the place."""

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


def _text(item: Filled, place: Place) -> tuple[str, int | None, str, str, Json]:
    issue = item.thread["issue"]
    if isinstance(place, str):
        return issue[place] or "", None, place, issue["html_url"], issue
    comment = next(c for c in item.thread["comments"] if c["id"] == place)
    return comment["body"], place, "body", comment["html_url"], comment


def _span(item: Filled, place: Place, words: str) -> tuple[int | None, str, int, int, str, Json]:
    text, comment_id, name, url, post = _text(item, place)
    start = text.index(words)
    return comment_id, name, start, start + len(words), url, post


def _mention(db: Any, item: Filled) -> None:
    text = item.signature or item.raw.lower()
    mark = fingerprint(text)
    f = item.fields
    db.execute(
        "insert or ignore into signature (fingerprint, text, provider, status, code, "
        "exception, wrappers, objects, entry_id)"
        " values (?, ?, ?, ?, ?, ?, '[]', '[]', ?)",
        (
            mark,
            text,
            f.get("provider"),
            f.get("status"),
            f.get("code"),
            f.get("exception"),
            item.entry_id,
        ),
    )
    comment_id, name, start, end, _, _ = _span(item, item.place, item.raw)
    key = item.thread["repo"], item.thread["issue"]["number"]
    db.execute(
        "insert into mention (repo, number, comment_id, field, start, end, raw, fingerprint, "
        "is_primary, counted, provider, tool, version,"
        " frames) values (?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?, '[]')",
        (
            *key,
            comment_id,
            name,
            start,
            end,
            item.raw,
            mark,
            f.get("provider"),
            item.tool,
            item.version,
        ),
    )
    db.execute(
        "insert or ignore into entry (entry_id, title, signature, fingerprint, provider, "
        "tool, status, code, exception, threads, repos,"
        " reporters, grade, born_run) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, 0)",
        (
            item.entry_id,
            f.get("title", item.raw),
            text,
            mark,
            f.get("provider"),
            item.tool,
            f.get("status"),
            f.get("code"),
            f.get("exception"),
            f.get("grade", "D"),
        ),
    )


def _claim(db: Any, item: Filled, number: int, said: Said) -> None:
    comment_id, name, start, end, url, post = _span(item, said.place, said.quote)
    key = item.thread["repo"], item.thread["issue"]["number"]
    claim_id = f"C{key[0].replace('/', '-')}-{key[1]}-{number}"
    who = (
        (post.get("user") or {}).get("login"),
        said.role,
        post["author_association"],
        post["created_at"],
    )
    db.execute(
        "insert into claim (claim_id, repo, number, comment_id, field, kind, quote, start, "
        "end, author, author_role, association,"
        f" created_at, url, stance, confidence, about, says, published, withheld)"
        f" values ({', '.join('?' * 20)})",
        (
            claim_id,
            *key,
            comment_id,
            name,
            said.kind,
            said.quote,
            start,
            end,
            *who,
            url,
            said.stance,
            said.confidence,
            None,
            said.says,
            said.published,
            said.withheld,
        ),
    )
    for place_number, (role, place, words) in enumerate(said.evidence):
        e_comment, e_name, e_start, e_end, e_url, e_post = _span(item, place, words)
        login = (e_post.get("user") or {}).get("login")
        db.execute(
            "insert into evidence (claim_id, position, role, comment_id, field, start, end, "
            "quote, author, association, created_at, url)"
            f" values ({', '.join('?' * 12)})",
            (
                claim_id,
                place_number,
                role,
                e_comment,
                e_name,
                e_start,
                e_end,
                words,
                login,
                e_post["author_association"],
                e_post["created_at"],
                e_url,
            ),
        )


def _count(db: Any, entry_id: str) -> None:
    rows = db.execute(
        "select distinct t.repo, t.number, t.author, t.created_at from mentions m join "
        "thread t on t.repo = m.repo and t.number = m.number"
        " where m.entry_id = ?",
        (entry_id,),
    ).fetchall()
    times = sorted(r["created_at"] for r in rows)
    stances = {
        r[0]
        for r in db.execute(
            "select stance from claims where entry_id = ? and kind <> 'cause'", (entry_id,)
        )
    }
    grade = (
        "A"
        if "confirmed" in stances
        else "B"
        if "supported" in stances
        else "C"
        if stances
        else "D"
    )
    db.execute(
        "update entry set threads = ?, repos = ?, reporters = ?, first_seen = ?, last_seen = "
        "?, grade = ? where entry_id = ?",
        (
            len(rows),
            len({r["repo"] for r in rows}),
            len({r["author"] for r in rows}),
            times[0],
            times[-1],
            grade,
            entry_id,
        ),
    )
