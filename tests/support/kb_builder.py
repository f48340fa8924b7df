"""Fills a knowledge base with entries, threads and claims directly, without detection, grouping or
judging.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.matching.blocking import EdgeUpdate, Views, signature_of
from kb.signature import sign
from kb.store import Store
from miner.harvest.threads import ThreadWriter
from tests.support.rows import ERROR, insert
from tests.support.threads import issue


@dataclass
class Said:
    """A claim to be: what was said in a thread of the entry (the first unless `thread` says
    which)."""

    kind: str
    quote: str
    stance: str = "unverified"
    confidence: float = 0.5
    author: str = "bob"
    role: str = "user"
    says: str | None = None
    thread: int = 0
    backed_by: str | None = None


class Filler:
    """Writes rows as the stages would; `add` returns the entry's id."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.writer = ThreadWriter(connection)
        self.entries = 0
        self.claims = 0

    def add(
        self,
        raw: str,
        *,
        title: str | None = None,
        threads: list[tuple[str, int, str]] | None = None,
        also: list[str] | None = None,
        claims: list[Said] | None = None,
        grade: str = "D",
        tool: str | None = None,
        version: str | None = None,
        words: str = "",
    ) -> str:
        """An entry named by `raw`, seen in `threads` (repository, number, day), with more wordings
        in `also`.
        """
        self.entries += 1
        entry_id = f"E{self.entries:05d}"
        threads = threads or [("acme/tool", self.entries, "2026-01-05")]
        for repo, number, created in threads:
            self._thread(repo, number, created, raw)
        signature = sign(raw)
        count, first, last = len(threads), min(t[2] for t in threads), max(t[2] for t in threads)
        named = {"entry_id": entry_id, "signature": signature.text, "tool": tool, "grade": grade}
        counts = {"threads": count, "repos": len({t[0] for t in threads}), "reporters": count}
        times = {"first_seen": f"{first}T00:00:00Z", "last_seen": f"{last}T00:00:00Z"}
        error = {name: getattr(signature, name) for name in ("fingerprint", *ERROR)}
        shown = title or raw.split("\n")[0][:100]
        insert(self.db, "entry", **named, **counts, **times, **error, title=shown, born_run=0)
        for text in (raw, *(also or [])):
            self._signature(entry_id, text)
        for index, (repo, number, _) in enumerate(threads):
            seen = raw if index == 0 or not also else also[index % len(also)]
            self._mention(repo, number, seen, tool, version)
        words = " ".join([words, *(sign(text).text for text in also or [])])
        found = {"entry_id": entry_id, "title": title or raw[:100], "signature": signature.text}
        insert(self.db, "entry_search", **found, words=words)
        for said in claims or []:
            self._claim(said, *threads[said.thread][:2], sign(raw).fingerprint)
        return entry_id

    def log(
        self,
        action: str,
        entry_id: str,
        other: str | None = None,
        why: str = "",
        at: str = "2026-01-06T00:00:00Z",
    ) -> None:
        one = {"at": at, "action": action, "entry_id": entry_id, "other_id": other}
        insert(self.db, "entry_log", **one, why=why, rules="v1")

    def alias(self, old_id: str, entry_id: str) -> None:
        insert(self.db, "alias", old_id=old_id, entry_id=entry_id)

    def _thread(self, repo: str, number: int, created: str, raw: str) -> None:
        time, body = f"{created}T00:00:00Z", f"```\n{raw}\n```"
        made = issue(number, "It fails", body, repo=repo, created_at=time, updated_at=time)
        self.writer.put_issue(repo, made)

    def _signature(self, entry_id: str, raw: str) -> None:
        s = sign(raw)
        error = {name: getattr(s, name) for name in ("fingerprint", "text", *ERROR)}
        lists = {name: json.dumps(getattr(s, name)) for name in ("wrappers", "objects")}
        insert(self.db, "signature", how="insert or ignore", **error, **lists, entry_id=entry_id)

    def _mention(
        self, repo: str, number: int, raw: str, tool: str | None, version: str | None
    ) -> None:
        s = sign(raw)
        place = {"repo": repo, "number": number, "field": "body", "start": 4, "end": 4 + len(raw)}
        seen = {"provider": s.provider, "status": s.status, "tool": tool, "version": version}
        kind = {"fingerprint": s.fingerprint, "is_primary": 1, "counted": 1, "frames": "[]"}
        insert(self.db, "mention", **place, **seen, **kind, raw=raw)

    def _claim(self, said: Said, repo: str, number: int, fingerprint: str) -> None:
        self.claims += 1
        claim_id = f"C{self.claims}"
        url = f"https://github.com/{repo}/issues/{number}#issuecomment-{self.claims}"
        names = ("kind", "quote", "stance", "confidence", "says", "author")
        facts = {name: getattr(said, name) for name in names}
        place = {"repo": repo, "number": number, **_place(said.quote, url, 7)}
        about = {"author_role": said.role, "about": fingerprint}
        insert(self.db, "claim", claim_id=claim_id, **place, **facts, **about)
        if said.backed_by:
            place = _place(said.backed_by, url, 8)
            one = {"claim_id": claim_id, "position": 0, "role": "confirms", "author": "carol"}
            insert(self.db, "evidence", **place, **one, quote=said.backed_by)


def _place(words: str, url: str, day: int) -> dict[str, Any]:
    span = {"field": "body", "start": 0, "end": len(words), "url": url}
    return {**span, "association": "NONE", "created_at": f"2026-01-{day:02d}T00:00:00Z"}


def index_signatures(connection: sqlite3.Connection) -> None:
    """Puts every stored signature of an entry into the index, as grouping would."""
    rows = connection.execute(
        "select * from signature where entry_id is not null order by fingerprint"
    ).fetchall()
    EdgeUpdate(connection, Views(connection)).run([signature_of(row) for row in rows], [])


def filled(path: Path, fill: Any) -> Path:
    """A knowledge base at `path`, filled by `fill(Filler)`."""
    with Store.open(path) as store, store.transaction() as connection:
        filler = Filler(connection)
        fill(filler)
        connection.execute("delete from dirty")
        index_signatures(connection)
    return path
