"""The writer of threads, comments and events: raw JSON and rows, edits as revisions.

Every way in (files, the REST API, another source) writes through `ThreadWriter`, inside a
transaction of its caller. Newer data replace older (by `updated_at`); older data change nothing.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from kb import sql
from kb.models import ThreadKey
from kb.rows import STAGES, mark_threads, upsert
from kb.store import pack, unpack
from miner.harvest.objects import (
    WEB,
    BadThreadError,
    Json,
    Row,
    check_repo,
    comment_row,
    event_row,
    issue_row,
    list_in,
    utc_text,
)

Outcome = Literal["new", "changed", "same", "older"]
_POSTS = {
    "issue": ("thread", "number", ("title", "body"), "one"),
    "comment": ("comment", "comment_id", ("body",), "stored_comment"),
}
"""Of what GitHub calls a post: its table, its key within a repository, its texts, and the
statement that asks for it.
"""


@dataclass(slots=True)
class Counts:
    """What a batch brought."""

    new: int = 0
    changed: int = 0
    same: int = 0
    older: int = 0

    @property
    def news(self) -> int:
        return self.new + self.changed

    def add(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


class ThreadWriter:
    """Writes what GitHub sent: raw JSON and rows, edits as revisions, changed threads as dirty.

    `live`: what comes is what the tracker says now, so it counts unless it is older than what is
    stored. Otherwise (files) nobody knows which of two versions with one `updated_at` is the later
    one: the same one is kept whatever the order, so that the same file twice changes nothing.
    `web`: where the threads are shown to people. A time more than a day ahead is a mistake, and no
    reason to refuse what comes later.

    Every method must run inside `Store.transaction()` and raises `BadThreadError` before it writes
    anything.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, live: bool = True, web: str = WEB
    ) -> None:
        self._db, self._live, self._web = connection, live, web
        self._horizon = utc_text(datetime.now(UTC) + timedelta(days=1))

    def put_thread(self, document: object, threads: Counts, comments: Counts) -> int:
        """Stores a thread in the import format and counts what was new; the number of its events,
        if any of them was.
        """
        if not isinstance(document, dict):
            expected = "an object with repo, issue and comments"
            raise BadThreadError(f"is {type(document).__name__}, expected {expected}")
        repo, issue = check_repo(document.get("repo")), document.get("issue")
        if issue is None:
            raise BadThreadError("has no issue")
        row = issue_row(repo, issue)
        number, kind = row["number"], row["kind"]
        said = [(comment_row(repo, number, kind, x), x) for x in list_in(document, "comments")]
        events = [(event_row(repo, number, x), x) for x in list_in(document, "events")]
        threads.add(self._store_post("issue", row, issue))
        for row, comment in said:
            comments.add(self._store_post("comment", row, comment))
        return len(events) if self._store_events(repo, number, events) == "changed" else 0

    def put_issue(self, repo: str, issue: Json) -> Outcome:
        """Stores an issue or pull request; adopts comments that arrived before it."""
        return self._store_post("issue", issue_row(repo, issue, self._web), issue)

    def put_comment(self, repo: str, number: int, comment: Json) -> Outcome:
        """Stores a comment; one whose thread is not here yet waits in `orphan_comment`."""
        kind = sql.value(self._db, "threads.kind", repo, number)
        row = comment_row(repo, number, kind or "issue", comment, self._web)
        if kind is None:
            return self._keep_orphan(row, comment)
        return self._store_post("comment", row, comment)

    def put_events(self, repo: str, number: int, events: list[object]) -> Outcome:
        """Stores the timeline events of a stored thread; those it has already stay as they are."""
        rows = [(event_row(repo, number, event), event) for event in events]
        if sql.value(self._db, "threads.kind", repo, number) is None:
            raise BadThreadError(f"events of {repo}#{number}, which is not stored")
        return self._store_events(repo, number, rows)

    def mark_gone(self, repo: str, number: int, at: str, comment_id: int | None = None) -> None:
        """Marks a thread, or a comment of it, that GitHub no longer has (deleted or transferred);
        the text is kept.
        """
        what = "thread" if comment_id is None else "comment"
        sql.write(
            self._db, f"threads.{what}_gone", at, repo, number if comment_id is None else comment_id
        )
        mark_threads(self._db, STAGES, [(repo, number)])

    # ------------------------------------------------------------------ inside

    def _store_post(self, kind: Literal["issue", "comment"], row: Row, document: Json) -> Outcome:
        table, key, texts, one = _POSTS[kind]
        repo, number, identity = row["repo"], row["number"], str(row[key])
        old = sql.first(self._db, f"threads.{one}", repo, row[key])
        outcome = self._compare(kind, identity, old, row, document)
        if outcome == "older":
            return outcome
        stored = self._keep_raw(kind, row, identity, document)
        if outcome == "same":
            return "changed" if stored else "same"
        for name in texts if old is not None else ():
            if old[name] != row[name]:  # kept as a hash
                digest = hashlib.sha256(old[name].encode()).hexdigest()
                place = (repo, old["number"], row.get("comment_id"), name)
                sql.write(self._db, "threads.put_revision", *place, digest, row["updated_at"])
        if old is not None and old["number"] != number:
            mark_threads(self._db, STAGES, [(repo, old["number"])])
        upsert(self._db, table, {**row, "gone_at": None}, ("repo", key))
        if kind == "issue":  # comments that arrived before it
            rows = sql.ask(self._db, "harvest.orphans", repo, number).fetchall()
            for waiting in rows:
                with suppress(BadThreadError):  # kept by rules that asked for less
                    self.put_comment(repo, number, unpack(waiting["json"]))
            if rows:
                sql.write(self._db, "harvest.drop_orphans", repo, number)
        mark_threads(self._db, STAGES, [(repo, number)])
        return outcome

    def _store_events(self, repo: str, number: int, events: list[tuple[Row, Any]]) -> Outcome:
        changed = False
        for row, document in events:
            if self._keep_raw("event", row, row["id"], document):
                upsert(self._db, "event", row, ("repo", "number", "id"))
                changed = True
        if changed:
            mark_threads(self._db, STAGES[1:], [(repo, number)])
        return "changed" if changed else "same"

    def _compare(
        self, kind: str, identity: str, old: sqlite3.Row | None, row: Row, document: Json
    ) -> Outcome:
        if old is None:
            return "new"
        at, stored_at = self._plausible(row["updated_at"]), self._plausible(old["updated_at"])
        if row["updated_at"] < stored_at if self._live else at < stored_at:
            return "older"
        if not self._live and at == stored_at:
            # of two versions of one time the larger is kept: more reactions, which change no time;
            # else either, but always the same
            blob = self._raw(kind, row["repo"], old["number"], identity)
            rank, stored = (x["thumbs_up"] + x["thumbs_down"] for x in (row, old))
            if blob and (rank, zlib.decompress(pack(document))) < (stored, zlib.decompress(blob)):
                return "older"
        if old["gone_at"] is not None or any(old[name] != value for name, value in row.items()):
            return "changed"
        return "same"

    def _plausible(self, at: str) -> str:
        """A time to compare by; one in the future comes before all others."""
        return at if at <= self._horizon else ""

    def _raw(self, kind: str, repo: str, number: int, identity: str) -> Any:
        """What GitHub sent, packed; None if nothing is stored."""
        return sql.value(self._db, "harvest.raw", kind, repo, number, identity)

    def _keep_raw(self, kind: str, row: Row, identity: str, document: Json) -> bool:
        """Whether this JSON is news."""
        key = (kind, row["repo"], row["number"], identity)
        blob, old = pack(document), self._raw(*key)
        if old == blob:
            return False
        arbitrary = kind == "event" and not self._live and old is not None
        if arbitrary and zlib.decompress(old or b"") > zlib.decompress(blob):
            return False
        sql.write(self._db, "harvest.put_raw", *key, blob)
        return True

    def _keep_orphan(self, row: Row, comment: Json) -> Outcome:
        repo, number, comment_id = row["repo"], row["number"], row["comment_id"]
        old = sql.first(self._db, "harvest.orphan", repo, comment_id)
        blob = pack(comment)
        if old is not None and old["json"] == blob:
            return "same"
        if old is not None:
            waiting = comment_row(repo, number, "issue", unpack(old["json"]), self._web)
            if row["updated_at"] < self._plausible(waiting["updated_at"]):
                return "older"
        sql.write(self._db, "harvest.put_orphan", repo, comment_id, number, blob)
        return "new" if old is None else "changed"


# ---------------------------------------------------------------- threads of which a part is here

# A thread is in table `partial_thread` as long as something of it is missing that an archive does
# not hold and the tracker does: `texts` (an event named it and quoted nothing of it, or not all) or
# `comments` (it has more than are stored). `faultlore harvest --complete` brings the rest.


def note_partial(connection: sqlite3.Connection, key: ThreadKey, missing: str) -> None:
    """Something of a thread is missing: `texts` or `comments`."""
    sql.write(connection, "harvest.put_partial", *key, missing)


def note_what_is_missing(connection: sqlite3.Connection, keys: Iterable[ThreadKey | None]) -> None:
    """Compares the number of comments that a thread says it has with those that are stored."""
    for key in sorted(key for key in keys if key is not None):
        row = sql.first(connection, "harvest.raw_issue", *key)
        said = unpack(row[0]).get("comments") if row else None
        stored = sql.value(connection, "threads.count_comments", *key)
        if type(said) is int and said > stored:
            note_partial(connection, key, "comments")
        else:
            sql.write(connection, "harvest.comments_are_whole", *key)
