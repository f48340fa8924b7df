"""A small knowledge base for tests of grouping: threads that report one error text each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kb.curation import Curation
from kb.models import Mention, Signature, Thread
from kb.signature import sign
from kb.signature.place import Where
from kb.store import Store
from miner.cluster import group
from miner.cluster.entries import refresh_entries
from miner.cluster.ids import GroupReport
from miner.cluster.mentions import replace_mentions
from tests.support.rows import insert

NOW = "2026-03-01T00:00:00Z"
REPO = "acme/tool"


def thread(number: int, raw: str, *, created: str | None = None) -> Thread:
    """A thread whose body is an error text; the number gives its day unless `created` does."""
    at = created or f"2026-01-{1 + number % 28:02d}T00:00:{number // 28 % 60:02d}Z"
    url = f"https://github.com/{REPO}/issues/{number}"
    return Thread(
        REPO,
        number,
        "issue",
        "It fails",
        raw,
        "open",
        None,
        f"user{number}",
        "User",
        "NONE",
        at,
        at,
        None,
        None,
        url,
    )


class Base:
    """A store with shortcuts. `sign_with` stands for the rules of signatures, which tests
    replace."""

    def __init__(self, path: Path, sign_with: object = sign) -> None:
        self.store = Store.open(path)
        self.sign = sign_with
        self.threads: dict[int, Thread] = {}

    def close(self) -> None:
        self.store.close()

    def put(self, threads: Iterable[Thread]) -> None:
        with self.store.transaction() as db:
            for t in threads:
                self.threads[t.number] = t
                names = ("repo", "number", "title", "body", "author", "url")
                facts = {name: getattr(t, name) for name in (*names, "created_at", "updated_at")}
                kind = {"kind": "issue", "state": "open", "author_type": "User", "labels": "[]"}
                rest = {"association": "NONE", "thumbs_up": 0, "thumbs_down": 0}
                insert(db, "thread", how="insert or replace", **facts, **kind, **rest)
                self._mentions(db, t)

    def _mentions(self, db: object, t: Thread) -> None:
        where = Where(repo=t.repo, number=t.number)
        signature: Signature = (
            sign(t.body, where=where) if self.sign is sign else self.sign(t.body)  # type: ignore[operator]
        )
        mentions = (
            [Mention(None, "body", 0, len(t.body), t.body, signature, is_primary=True)]
            if t.body
            else []
        )
        replace_mentions(db, t, mentions)  # type: ignore[arg-type]

    def read_again(self, sign_with: object) -> None:
        """As after a change of the rules of signatures."""
        self.sign = sign_with
        with self.store.transaction() as db:
            for t in self.threads.values():
                self._mentions(db, t)

    def group(self, curation: Curation | None = None, now: str = NOW) -> GroupReport:
        report = group(self.store, curation, now)
        with self.store.transaction() as db:
            dirty = [
                row[0] for row in db.execute("select entry_id from dirty_entry order by entry_id")
            ]
            refresh_entries(db, dirty)
            db.execute("delete from dirty_entry")
        return report

    def entry(self, number: int) -> str | None:
        row = self.store.connection.execute(
            "select entry_id from mentions where number = ?", (number,)
        ).fetchone()
        return None if row is None else row[0]

    def partition(self) -> set[frozenset[int]]:
        found: dict[str, set[int]] = {}
        for number, entry in self.store.connection.execute(
            "select number, entry_id from mentions where entry_id is not null"
        ):
            found.setdefault(entry, set()).add(number)
        return {frozenset(numbers) for numbers in found.values()}

    def answers(self, entry: str) -> str | None:
        """The entry that answers for an id."""
        db = self.store.connection
        row = db.execute("select entry_id from aliases where old_id = ?", (entry,)).fetchone()
        if row is None:
            row = db.execute("select entry_id from entries where entry_id = ?", (entry,)).fetchone()
        return None if row is None else row[0]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.store.connection.execute(sql)]
