"""Fills a knowledge base with entries, threads and claims directly, without detection, grouping or judging."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.signature import sign
from kb.store import Store
from miner.threads import ThreadWriter
from tests.threads import issue

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


@dataclass
class Said:
    """A claim to be: what was said in a thread of the entry (the first unless `thread` says which)."""

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
        """An entry named by `raw`, seen in `threads` (repository, number, day), with more wordings in `also`."""
        self.entries += 1
        entry_id = f"E{self.entries:05d}"
        threads = threads or [("acme/tool", self.entries, "2026-01-05")]
        for repo, number, created in threads:
            self._thread(repo, number, created, raw)
        signature = sign(raw)
        self.db.execute(
            "insert into entry values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
            (
                entry_id,
                title or raw.split("\n")[0][:100],
                signature.text,
                signature.fingerprint,
                signature.provider,
                tool,
                signature.status,
                signature.code,
                signature.exception,
                len(threads),
                len({t[0] for t in threads}),
                len(threads),
                min(t[2] for t in threads) + "T00:00:00Z",
                max(t[2] for t in threads) + "T00:00:00Z",
                grade,
            ),
        )
        for text in (raw, *(also or [])):
            self._signature(entry_id, text)
        for index, (repo, number, _) in enumerate(threads):
            self._mention(repo, number, raw if index == 0 or not also else also[index % len(also)], tool, version)
        self.db.execute(
            "insert into entry_search (entry_id, title, signature, words) values (?, ?, ?, ?)",
            (entry_id, title or raw[:100], signature.text, " ".join([words, *(sign(text).text for text in also or [])])),
        )
        for said in claims or []:
            self._claim(said, *threads[said.thread][:2], sign(raw).fingerprint)
        return entry_id

    def log(self, action: str, entry_id: str, other: str | None = None, why: str = "", at: str = "2026-01-06T00:00:00Z") -> None:
        self.db.execute(
            "insert into entry_log (at, action, entry_id, other_id, why, rules) values (?, ?, ?, ?, ?, 'v1')", (at, action, entry_id, other, why)
        )

    def alias(self, old_id: str, entry_id: str) -> None:
        self.db.execute("insert into alias values (?, ?)", (old_id, entry_id))

    def _thread(self, repo: str, number: int, created: str, raw: str) -> None:
        time = f"{created}T00:00:00Z"
        self.writer.put_issue(repo, issue(number, "It fails", f"```\n{raw}\n```", repo=repo, created_at=time, updated_at=time))

    def _signature(self, entry_id: str, raw: str) -> None:
        s = sign(raw)
        self.db.execute(
            "insert or ignore into signature (fingerprint, text, provider, status, code, exception, wrappers, objects, entry_id)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (s.fingerprint, s.text, s.provider, s.status, s.code, s.exception, json.dumps(s.wrappers), json.dumps(s.objects), entry_id),
        )

    def _mention(self, repo: str, number: int, raw: str, tool: str | None, version: str | None) -> None:
        s = sign(raw)
        self.db.execute(
            "insert into mention (repo, number, comment_id, field, start, end, raw, fingerprint, is_primary, counted, provider, tool, status,"
            " model, version, os, frames) values (?, ?, null, 'body', 4, ?, ?, ?, 1, 1, ?, ?, ?, null, ?, null, '[]')",
            (repo, number, 4 + len(raw), raw, s.fingerprint, s.provider, tool, s.status, version),
        )

    def _claim(self, said: Said, repo: str, number: int, fingerprint: str) -> None:
        self.claims += 1
        identity = f"C{self.claims}"
        url = f"https://github.com/{repo}/issues/{number}#issuecomment-{self.claims}"
        self.db.execute(
            "insert into claim values (?, ?, ?, null, 'body', ?, ?, 0, ?, ?, ?, 'NONE', '2026-01-07T00:00:00Z', ?, ?, ?, ?, ?)",
            (
                identity,
                repo,
                number,
                said.kind,
                said.quote,
                len(said.quote),
                said.author,
                said.role,
                url,
                said.stance,
                said.confidence,
                fingerprint,
                said.says,
            ),
        )
        if said.backed_by:
            self.db.execute(
                "insert into evidence values (?, 0, 'confirms', null, 'body', 0, ?, ?, 'carol', 'NONE', '2026-01-08T00:00:00Z', ?)",
                (identity, len(said.backed_by), said.backed_by, url),
            )


def filled(path: Path, fill: Any) -> Path:
    """A knowledge base at `path`, filled by `fill(Filler)`."""
    with Store.open(path) as store, store.transaction() as connection:
        filler = Filler(connection)
        fill(filler)
        connection.execute("delete from dirty")
        index_for_find_same(connection)
    return path


def index_for_find_same(connection: sqlite3.Connection) -> None:
    """Fills the index from which near signatures are found, as grouping does."""
    try:
        from kb.candidates import index_signatures  # type: ignore[attr-defined]
    except ImportError:
        return
    index_signatures(connection)
