"""Fills a knowledge base with entries, threads and claims directly, without detection, grouping or
judging.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.matching.blocking import EdgeUpdate, Views, signature_of
from kb.signature import sign
from kb.store import Store
from miner.harvest.threads import ThreadWriter
from tests.support.threads import issue

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


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
        self._put(
            "entry",
            entry_id=entry_id,
            title=title or raw.split("\n")[0][:100],
            signature=signature.text,
            fingerprint=signature.fingerprint,
            provider=signature.provider,
            tool=tool,
            status=signature.status,
            code=signature.code,
            exception=signature.exception,
            threads=len(threads),
            repos=len({t[0] for t in threads}),
            reporters=len(threads),
            first_seen=min(t[2] for t in threads) + "T00:00:00Z",
            last_seen=max(t[2] for t in threads) + "T00:00:00Z",
            grade=grade,
            born_run=0,
        )
        for text in (raw, *(also or [])):
            self._signature(entry_id, text)
        for index, (repo, number, _) in enumerate(threads):
            self._mention(
                repo,
                number,
                raw if index == 0 or not also else also[index % len(also)],
                tool,
                version,
            )
        self.db.execute(
            "insert into entry_search (entry_id, title, signature, words) values (?, ?, ?, ?)",
            (
                entry_id,
                title or raw[:100],
                signature.text,
                " ".join([words, *(sign(text).text for text in also or [])]),
            ),
        )
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
        self.db.execute(
            "insert into entry_log (at, action, entry_id, other_id, why, rules) values (?, "
            "?, ?, ?, ?, 'v1')",
            (at, action, entry_id, other, why),
        )

    def alias(self, old_id: str, entry_id: str) -> None:
        self.db.execute("insert into alias values (?, ?)", (old_id, entry_id))

    def _thread(self, repo: str, number: int, created: str, raw: str) -> None:
        time = f"{created}T00:00:00Z"
        self.writer.put_issue(
            repo,
            issue(
                number, "It fails", f"```\n{raw}\n```", repo=repo, created_at=time, updated_at=time
            ),
        )

    def _signature(self, entry_id: str, raw: str) -> None:
        s = sign(raw)
        if (
            self.db.execute(
                "select 1 from signature where fingerprint = ?", (s.fingerprint,)
            ).fetchone()
            is None
        ):
            self._put(
                "signature",
                fingerprint=s.fingerprint,
                text=s.text,
                provider=s.provider,
                status=s.status,
                code=s.code,
                exception=s.exception,
                wrappers=json.dumps(s.wrappers),
                objects=json.dumps(s.objects),
                entry_id=entry_id,
            )

    def _mention(
        self, repo: str, number: int, raw: str, tool: str | None, version: str | None
    ) -> None:
        s = sign(raw)
        place = {
            "repo": repo,
            "number": number,
            "field": "body",
            "start": 4,
            "end": 4 + len(raw),
            "raw": raw,
        }
        seen = {
            "provider": s.provider,
            "tool": tool,
            "status": s.status,
            "version": version,
            "frames": "[]",
        }
        self._put("mention", **place, **seen, fingerprint=s.fingerprint, is_primary=1, counted=1)

    def _claim(self, said: Said, repo: str, number: int, fingerprint: str) -> None:
        self.claims += 1
        identity = f"C{self.claims}"
        url = f"https://github.com/{repo}/issues/{number}#issuecomment-{self.claims}"
        place = {"repo": repo, "number": number, "field": "body", "start": 0, "url": url}
        self._put(
            "claim",
            **place,
            end=len(said.quote),
            claim_id=identity,
            kind=said.kind,
            quote=said.quote,
            author=said.author,
            author_role=said.role,
            association="NONE",
            created_at="2026-01-07T00:00:00Z",
            stance=said.stance,
            confidence=said.confidence,
            about=fingerprint,
            says=said.says,
        )
        if said.backed_by:
            place = {
                "field": "body",
                "start": 0,
                "end": len(said.backed_by),
                "quote": said.backed_by,
                "url": url,
            }
            who = {"author": "carol", "association": "NONE", "created_at": "2026-01-08T00:00:00Z"}
            self._put("evidence", **place, **who, claim_id=identity, position=0, role="confirms")

    def _put(self, table: str, **columns: Any) -> None:
        self.db.execute(
            f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})",
            list(columns.values()),
        )


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
