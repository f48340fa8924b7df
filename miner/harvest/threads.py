"""Threads, comments and events from GitHub's JSON: validated, kept raw, and made into rows.

Every way in (files, the REST API) writes through `ThreadWriter`, inside a transaction of its
caller. Newer data replace older (by `updated_at`); older data change nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kb.errors import BadInputError
from kb.store import pack, unpack

if TYPE_CHECKING:
    import sqlite3

Json = dict[str, Any]
Outcome = Literal["new", "changed", "same", "older"]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z")
_REPO = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")

STAGES = ("detect", "claims")
"""Stages that read threads, in order; a changed thread is dirty for the first, changed events only
for the second.
"""


class BadThreadError(BadInputError):
    """An object that is not what GitHub's REST API describes; the message says which field and why."""


@dataclass(slots=True)
class Counts:
    """What a batch brought."""

    new: int = 0
    changed: int = 0
    same: int = 0
    older: int = 0

    def add(self, outcome: Outcome) -> None:
        """Counts one outcome."""
        setattr(self, outcome, getattr(self, outcome) + 1)


def _typed(
    document: Json,
    key: str,
    kind: type | tuple[type, ...],
    what: str,
    default: Any = None,
    *,
    required: bool = False,
) -> Any:
    value = document.get(key)
    if value is None:
        if required:
            raise BadThreadError(f"{what} has no {key}")
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        names = kind.__name__ if isinstance(kind, type) else " or ".join(k.__name__ for k in kind)
        raise BadThreadError(f"{what}: {key} is {type(value).__name__}, expected {names}")
    return value


def _text(document: Json, key: str, what: str, *, required: bool = False) -> str:
    """A text as stored: a surrogate that stands alone becomes U+FFFD, so that offsets keep their
    meaning.
    """
    value: str = _typed(document, key, str, what, "", required=required)
    return _SURROGATE.sub("\ufffd", value)


def _time(document: Json, key: str, what: str, default: str | None = None) -> str | None:
    value = _typed(document, key, str, what, default)
    if value is None or value == default:
        return default
    if not _TIME.match(value):
        raise BadThreadError(f"{what}: {key} is not an ISO 8601 time: {value[:40]!r}")
    return _utc(value)


def _utc(value: str) -> str:
    """`2026-01-01T00:00:00Z` of any ISO 8601 time with an offset, to the second."""
    from datetime import UTC, datetime

    if value.endswith("Z") and len(value) == 20:
        return value
    return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _author(document: Json, what: str) -> tuple[str | None, str]:
    user = _typed(document, "user", dict, what)
    if not user:
        return None, "Ghost"
    login = _typed(user, "login", str, f"{what}: user")
    return (login or None), str(user.get("type") or "User")


def _thumbs(document: Json, what: str) -> tuple[int, int]:
    reactions = _typed(document, "reactions", dict, what, {})
    up, down = reactions.get("+1") or 0, reactions.get("-1") or 0
    if not isinstance(up, int) or not isinstance(down, int):
        raise BadThreadError(f"{what}: reactions are not counts")
    return up, down


def _labels(issue: Json, what: str) -> list[str]:
    labels = _typed(issue, "labels", list, what, [])
    names = []
    for label in labels:
        name = label.get("name") if isinstance(label, dict) else label
        if isinstance(name, str) and name:
            names.append(name)
    return sorted(names)


def check_repo(repo: object) -> str:
    """`owner/name`, checked. Raises `BadThreadError`."""
    if not isinstance(repo, str) or not _REPO.match(repo):
        raise BadThreadError(f"repo is {str(repo)[:60]!r}, expected 'owner/name'")
    return repo


def issue_row(repo: str, issue: object) -> Json:
    """The row of table `thread` for an object of the REST issues API. Raises `BadThreadError`."""
    if not isinstance(issue, dict):
        raise BadThreadError(f"issue is {type(issue).__name__}, expected an object")
    number = _typed(issue, "number", int, "issue", required=True)
    if number < 1:
        raise BadThreadError(f"issue: number is {number}, expected 1 or more")
    what = f"issue {number}"
    author, author_type = _author(issue, what)
    up, down = _thumbs(issue, what)
    pull = _typed(issue, "pull_request", dict, what)
    kind = "pull" if pull is not None else "issue"
    created = _time(issue, "created_at", what)
    if created is None:
        raise BadThreadError(f"{what} has no created_at")
    return {
        "repo": repo,
        "number": number,
        "kind": kind,
        "title": _text(issue, "title", what, required=True),
        "body": _text(issue, "body", what),
        "state": _typed(issue, "state", str, what, "open"),
        "state_reason": _typed(issue, "state_reason", str, what),
        "author": author,
        "author_type": author_type,
        "association": _typed(issue, "author_association", str, what, "NONE"),
        "created_at": created,
        "updated_at": _time(issue, "updated_at", what, created),
        "closed_at": _time(issue, "closed_at", what),
        "merged_at": _time(pull, "merged_at", what) if pull else None,
        "url": _typed(
            issue,
            "html_url",
            str,
            what,
            f"https://github.com/{repo}/{'pull' if pull is not None else 'issues'}/{number}",
        ),
        "labels": json.dumps(_labels(issue, what), ensure_ascii=False),
        "thumbs_up": up,
        "thumbs_down": down,
    }


def comment_row(repo: str, number: int, kind: str, comment: object) -> Json:
    """The row of table `comment` for an object of the issue comments API. Raises `BadThreadError`."""
    if not isinstance(comment, dict):
        raise BadThreadError(
            f"a comment of {number} is {type(comment).__name__}, expected an object"
        )
    comment_id = _typed(comment, "id", int, f"a comment of {number}", required=True)
    what = f"comment {comment_id}"
    author, author_type = _author(comment, what)
    up, down = _thumbs(comment, what)
    app = _typed(comment, "performed_via_github_app", dict, what)
    created = _time(comment, "created_at", what)
    if created is None:
        raise BadThreadError(f"{what} has no created_at")
    path = "pull" if kind == "pull" else "issues"
    return {
        "comment_id": comment_id,
        "repo": repo,
        "number": number,
        "author": author,
        "author_type": author_type,
        "association": _typed(comment, "author_association", str, what, "NONE"),
        "created_at": created,
        "updated_at": _time(comment, "updated_at", what, created),
        "body": _text(comment, "body", what),
        "url": _typed(
            comment,
            "html_url",
            str,
            what,
            f"https://github.com/{repo}/{path}/{number}#issuecomment-{comment_id}",
        ),
        "via_app": (app.get("slug") or app.get("name")) if app else None,
        "thumbs_up": up,
        "thumbs_down": down,
    }


def event_row(repo: str, number: int, event: object) -> Json:
    """The row of table `event` for an object of the timeline API. Raises `BadThreadError`."""
    if not isinstance(event, dict):
        raise BadThreadError(f"an event of {number} is {type(event).__name__}, expected an object")
    what = f"an event of {number}"
    actor = _typed(event, "actor", dict, what) or _typed(event, "user", dict, what) or {}
    source = _typed(_typed(event, "source", dict, what, {}), "issue", dict, what, {})
    repository = source.get("repository") or {}
    source_repo = repository.get("full_name")
    if source_repo is None and isinstance(source.get("repository_url"), str):
        source_repo = "/".join(source["repository_url"].split("/")[-2:])
    if source_repo is None and isinstance(source.get("html_url"), str):
        source_repo = "/".join(source["html_url"].split("/")[3:5])
    pull = source.get("pull_request")
    identity = event.get("id")
    if not isinstance(identity, int | str) and source.get("number") and event.get("created_at"):
        # Cross-references have no id, and what they hold of the other thread changes with it.
        identity = f"{event.get('event')}:{source_repo}#{source['number']}@{event['created_at']}"
    if not isinstance(identity, int | str):
        identity = hashlib.sha256(
            json.dumps(event, sort_keys=True).encode("utf-8", "surrogatepass")
        ).hexdigest()[:24]
    return {
        "repo": repo,
        "number": number,
        "id": str(identity),
        "event": _typed(event, "event", str, what, "unknown"),
        "created_at": _time(event, "created_at", what),
        "actor": actor.get("login"),
        "commit_id": _typed(event, "commit_id", str, what),
        "state_reason": _typed(event, "state_reason", str, what),
        "source_repo": source_repo,
        "source_number": source.get("number") if isinstance(source.get("number"), int) else None,
        "source_is_pull": int(bool(pull)),
        "source_merged_at": pull.get("merged_at") if isinstance(pull, dict) else None,
    }


class ThreadWriter:
    """Writes what GitHub sent: raw JSON and rows, edits as revisions, changed threads as dirty.

    Every method must run inside `Store.transaction()` and raises `BadThreadError` before it writes
    anything.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put_issue(self, repo: str, issue: object) -> Outcome:
        """Stores an issue or pull request; adopts comments that arrived before it."""
        row = issue_row(repo, issue)
        number = row["number"]
        old = self._db.execute(
            "select * from thread where repo = ? and number = ?", (repo, number)
        ).fetchone()
        outcome = self._compare(old, row)
        if outcome == "older":
            return outcome
        assert isinstance(issue, dict)
        stored = self._keep_raw("issue", repo, number, str(number), issue)
        if outcome == "same":
            return "changed" if stored else "same"
        if old is not None:
            for name in ("title", "body"):
                self._keep_revision(old, None, name, row[name], row["updated_at"])
        columns = {**row, "gone_at": None}
        self._upsert("thread", columns, ("repo", "number"))
        self._adopt_orphans(repo, number)
        self.mark_dirty(repo, number)
        return outcome

    def put_comment(self, repo: str, number: int, comment: object) -> Outcome:
        """Stores a comment; one whose thread is not here yet waits in `orphan_comment`."""
        thread = self._db.execute(
            "select kind from thread where repo = ? and number = ?", (repo, number)
        ).fetchone()
        row = comment_row(repo, number, thread["kind"] if thread else "issue", comment)
        assert isinstance(comment, dict)
        if thread is None:
            return self._keep_orphan(row, comment)
        old = self._db.execute(
            "select * from comment where comment_id = ?", (row["comment_id"],)
        ).fetchone()
        outcome = self._compare(old, row)
        if outcome == "older":
            return outcome
        stored = self._keep_raw("comment", repo, number, str(row["comment_id"]), comment)
        if outcome == "same":
            return "changed" if stored else "same"
        if old is not None:
            self._keep_revision(old, old["comment_id"], "body", row["body"], row["updated_at"])
            if (old["repo"], old["number"]) != (repo, number):
                self.mark_dirty(old["repo"], old["number"])
        self._upsert("comment", {**row, "gone_at": None}, ("comment_id",))
        self.mark_dirty(repo, number)
        return outcome

    def put_events(self, repo: str, number: int, events: list[object]) -> Outcome:
        """Stores the timeline events of a stored thread; those it has already stay as they are."""
        rows = [event_row(repo, number, event) for event in events]
        if (
            self._db.execute(
                "select 1 from thread where repo = ? and number = ?", (repo, number)
            ).fetchone()
            is None
        ):
            raise BadThreadError(f"events of {repo}#{number}, which is not stored")
        outcome: Outcome = "same"
        for row, event in zip(rows, events, strict=True):
            assert isinstance(event, dict)
            if self._keep_raw("event", repo, number, row["id"], event):
                self._upsert("event", row, ("repo", "number", "id"))
                outcome = "changed"
        if outcome == "changed":
            self.mark_dirty(repo, number, STAGES[1:])
        return outcome

    def mark_gone(self, repo: str, number: int, comment_id: int, at: str) -> None:
        """Marks a comment that GitHub no longer has; its text is kept."""
        self._db.execute(
            "update comment set gone_at = ? where comment_id = ? and gone_at is null",
            (at, comment_id),
        )
        self.mark_dirty(repo, number)

    def mark_thread_gone(self, repo: str, number: int, at: str) -> None:
        """Marks a thread that GitHub no longer has (deleted or transferred); its text is kept."""
        self._db.execute(
            "update thread set gone_at = ? where repo = ? and number = ? and gone_at is null",
            (at, repo, number),
        )
        self.mark_dirty(repo, number)

    def mark_dirty(self, repo: str, number: int, stages: tuple[str, ...] = STAGES) -> None:
        """Says that these stages have to read a thread again."""
        self._db.executemany(
            "insert or ignore into dirty (stage, repo, number) values (?, ?, ?)",
            [(s, repo, number) for s in stages],
        )

    # ------------------------------------------------------------------ inside

    @staticmethod
    def _compare(old: sqlite3.Row | None, row: Json) -> Outcome:
        if old is None:
            return "new"
        if row["updated_at"] < old["updated_at"]:
            return "older"
        if old["gone_at"] is not None or any(old[name] != value for name, value in row.items()):
            return "changed"
        return "same"

    def _keep_raw(self, kind: str, repo: str, number: int, identity: str, document: Json) -> bool:
        blob = pack(document)
        old = self._db.execute(
            "select json from raw where kind = ? and repo = ? and number = ? and id = ?",
            (kind, repo, number, identity),
        ).fetchone()
        if old is not None and old["json"] == blob:
            return False
        self._db.execute(
            "insert or replace into raw (kind, repo, number, id, json) values (?, ?, ?, ?, ?)",
            (kind, repo, number, identity, blob),
        )
        return True

    def _keep_revision(
        self, old: sqlite3.Row, comment_id: int | None, name: str, new_text: str, at: str
    ) -> None:
        if old[name] != new_text:
            digest = hashlib.sha256(old[name].encode()).hexdigest()
            self._db.execute(
                "insert into revision (repo, number, comment_id, field, sha256, valid_until) values (?, ?, ?, ?, ?, ?)",
                (old["repo"], old["number"], comment_id, name, digest, at),
            )

    def _keep_orphan(self, row: Json, comment: Json) -> Outcome:
        old = self._db.execute(
            "select json from orphan_comment where comment_id = ?", (row["comment_id"],)
        ).fetchone()
        blob = pack(comment)
        if old is not None and old["json"] == blob:
            return "same"
        if (
            old is not None
            and comment_row(row["repo"], row["number"], "issue", unpack(old["json"]))["updated_at"]
            > row["updated_at"]
        ):
            return "older"
        self._db.execute(
            "insert or replace into orphan_comment (comment_id, repo, number, json) values (?, ?, ?, ?)",
            (row["comment_id"], row["repo"], row["number"], blob),
        )
        return "new" if old is None else "changed"

    def _adopt_orphans(self, repo: str, number: int) -> None:
        rows = self._db.execute(
            "select json from orphan_comment where repo = ? and number = ?", (repo, number)
        ).fetchall()
        for row in rows:
            self.put_comment(repo, number, unpack(row["json"]))
        if rows:
            self._db.execute(
                "delete from orphan_comment where repo = ? and number = ?", (repo, number)
            )

    def _upsert(self, table: str, row: Json, key: tuple[str, ...]) -> None:
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        sets = ", ".join(f"{name} = excluded.{name}" for name in row if name not in key)
        self._db.execute(
            f"insert into {table} ({names}) values ({marks}) on conflict ({', '.join(key)}) do update set {sets}",
            row,
        )
