"""What an issue, a comment and a timeline event of GitHub's REST API must look like, and their
rows.

Each object is checked once, by msgspec, when its row is made; an error names the field and what
was expected there (`issue 7: user.login: expected str, got int`). What a row holds is safe to
store: numbers fit into SQLite, times exist, a surrogate that stands alone is U+FFFD (offsets keep
their meaning), and links are built from repository and number, never taken over. Unknown fields
are no errors: the raw JSON is kept beside the row.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from kb.errors import BadInputError
from kb.links import DISCUSSION_COMMENTS
from kb.text import storable, utc

Json = dict[str, Any]
Row = dict[str, Any]

WEB = "https://github.com"
"""Where threads are shown to people, unless they were harvested from another GitHub."""

PATHS = {"issue": "issues", "pull": "pull", "discussion": "discussions"}
"""A thread's kind to its place in the address."""

_NAME = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]+"
_REPO = re.compile(rf"{_NAME}/{_NAME}\Z")
_LARGEST = 2**63 - 1


class BadThreadError(BadInputError):
    """An object that is not what GitHub's REST API describes; says which field and why."""


_Count = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _User(msgspec.Struct, kw_only=True):
    login: str | None = None
    type: str | None = None


class _Reactions(msgspec.Struct, kw_only=True, rename={"up": "+1", "down": "-1"}):
    up: _Count | None = None
    down: _Count | None = None


class _Label(msgspec.Struct, kw_only=True):
    name: str | None = None


class _App(msgspec.Struct, kw_only=True):
    slug: str | None = None
    name: str | None = None


class _Pull(msgspec.Struct, kw_only=True):
    merged_at: _Time | None = None


class _Post(msgspec.Struct, kw_only=True):
    """What issues and comments have in common."""

    created_at: _Time
    updated_at: _Time | None = None
    body: str | None = None
    user: _User | None = None
    author_association: str | None = None
    reactions: _Reactions | None = None


class Issue(_Post, kw_only=True):
    """An object of the issues API."""

    number: _Number
    title: str
    state: str | None = None
    state_reason: str | None = None
    closed_at: _Time | None = None
    pull_request: _Pull | None = None
    labels: list[_Label | str | None] | None = None
    discussion: Json | None = None


class Comment(_Post, kw_only=True):
    """An object of the issue comments API."""

    id: _Count
    performed_via_github_app: _App | None = None


class _Repository(msgspec.Struct, kw_only=True):
    full_name: str | None = None


class _SourceIssue(msgspec.Struct, kw_only=True):
    number: _Number | None = None
    repository: _Repository | None = None
    repository_url: str | None = None
    html_url: str | None = None
    pull_request: _Pull | None = None


class _Source(msgspec.Struct, kw_only=True):
    issue: _SourceIssue | None = None


class Event(msgspec.Struct, kw_only=True):
    """An object of the timeline API."""

    id: int | str | None = None
    event: str | None = None
    created_at: _Time | None = None
    actor: _User | None = None
    user: _User | None = None
    commit_id: str | None = None
    state_reason: str | None = None
    source: _Source | None = None


_Object = TypeVar("_Object", Issue, Comment, Event)


def _checked(document: object, kind: type[_Object], what: str) -> _Object:
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        # with the path first: `user.login: expected str, got int`
        reason, _, path = str(error).removesuffix("`").partition(" - at `")
        reason = reason[:1].lower() + reason[1:].replace("`", "")
        path = path.lstrip("$").lstrip(".")
        reason = f"{path}: {reason}" if path else reason
    except RecursionError:
        reason = "is nested too deeply"
    except UnicodeEncodeError:
        reason = "the name of a field is no text (a lone surrogate)"
    raise BadThreadError(f"{what}: {reason}")


def value_at(document: object, *path: str) -> Any:
    """What stands in objects within objects; None where it does not."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def is_id(value: object) -> bool:
    """Whether this can be an id or a number in the database."""
    return type(value) is int and 0 <= value <= _LARGEST


def check_repo(repo: object) -> str:
    """`owner/name`, checked; `.` and `..` are no names. Raises `BadThreadError`."""
    if not isinstance(repo, str) or not _REPO.match(repo):
        raise BadThreadError(f"repo is {str(repo)[:60]!r}, expected 'owner/name'")
    return repo


def utc_text(moment: datetime) -> str:
    """A time as it is stored; `BadThreadError` for one before the year 1 or after 9999 in UTC."""
    try:
        return utc(moment)
    except (OverflowError, ValueError):
        raise BadThreadError(f"{moment.isoformat()} is no time in UTC") from None


def parse_time(text: object) -> str | None:
    """An ISO 8601 time with an offset as it is stored; None if it is none."""
    try:
        return utc_text(msgspec.convert(text, _Time))
    except (msgspec.ValidationError, BadThreadError):
        return None


def _times(what: str, **moments: datetime | None) -> dict[str, str | None]:
    try:
        return {name: utc_text(at) if at is not None else None for name, at in moments.items()}
    except BadThreadError as error:
        raise BadThreadError(f"{what}: {error}") from None


def _cleaned(row: Row) -> Row:
    return {name: storable(x) if isinstance(x, str) else x for name, x in row.items()}


def _post_fields(post: Issue | Comment, what: str) -> Row:
    user, reactions = post.user, post.reactions or _Reactions()
    times = _times(what, created_at=post.created_at, updated_at=post.updated_at or post.created_at)
    return {
        "author": (user.login or None) if user else None,
        "author_type": (user.type or "User") if user else "Ghost",
        "association": post.author_association or "NONE",
        **times,
        "body": post.body or "",
        "thumbs_up": reactions.up or 0,
        "thumbs_down": reactions.down or 0,
    }


def issue_row(repo: str, document: object, web: str = WEB) -> Row:
    """The row of table `thread` for an object of the issues API. Raises `BadThreadError`."""
    known = value_at(document, "number")
    what = f"issue {known}" if is_id(known) else "issue"
    issue = _checked(document, Issue, what)
    pull = issue.pull_request
    kind = "pull" if pull is not None else "discussion" if issue.discussion is not None else "issue"
    labels = [x.name if isinstance(x, _Label) else x for x in issue.labels or []]
    return _cleaned(
        {
            "repo": repo,
            "number": issue.number,
            "kind": kind,
            "title": issue.title,
            **_post_fields(issue, what),
            "state": issue.state or "open",
            "state_reason": issue.state_reason,
            **_times(what, closed_at=issue.closed_at, merged_at=pull.merged_at if pull else None),
            "url": f"{web}/{repo}/{PATHS[kind]}/{issue.number}",
            "labels": json.dumps(sorted(name for name in labels if name), ensure_ascii=False),
        }
    )


def comment_row(repo: str, number: int, kind: str, document: object, web: str = WEB) -> Row:
    """The row of table `comment` for an object of the comments API. Raises `BadThreadError`."""
    known = value_at(document, "id")
    what = f"comment {known} of {number}" if is_id(known) else f"a comment of {number}"
    comment = _checked(document, Comment, what)
    app = comment.performed_via_github_app
    anchor = f"issuecomment-{comment.id}"
    if kind == "discussion":
        anchor = f"discussioncomment-{comment.id % DISCUSSION_COMMENTS}"
    return _cleaned(
        {
            "repo": repo,
            "comment_id": comment.id,
            "number": number,
            **_post_fields(comment, what),
            "url": f"{web}/{repo}/{PATHS[kind]}/{number}#{anchor}",
            "via_app": (app.slug or app.name) if app else None,
        }
    )


def event_row(repo: str, number: int, document: object) -> Row:
    """The row of table `event` for an object of the timeline API. Raises `BadThreadError`."""
    what = f"an event of {number}"
    event = _checked(document, Event, what)
    issue = (event.source.issue if event.source else None) or _SourceIssue()
    actor, pull = event.actor or event.user, issue.pull_request
    named = (
        issue.repository and issue.repository.full_name,
        issue.repository_url and "/".join(issue.repository_url.split("/")[-2:]),
        issue.html_url and "/".join(issue.html_url.split("/")[3:5]),
    )
    source_repo = next((name for name in named if name is not None), None)
    source_repo = source_repo if source_repo and _REPO.match(source_repo) else None
    merged_at = pull.merged_at if pull else None
    times = _times(what, created_at=event.created_at, source_merged_at=merged_at)
    if event.id is not None:
        identity = str(event.id)
    elif issue.number and event.created_at:
        # Cross-references have no id, and what they hold of the other thread changes with it.
        identity = f"{event.event}:{source_repo}#{issue.number}@{times['created_at']}"
    else:
        text = json.dumps(document, sort_keys=True).encode("utf-8", "surrogatepass")
        identity = hashlib.sha256(text).hexdigest()[:24]
    return _cleaned(
        {
            "repo": repo,
            "number": number,
            "id": identity,
            "event": event.event or "unknown",
            **times,
            "actor": actor.login if actor else None,
            "commit_id": event.commit_id,
            "state_reason": event.state_reason,
            "source_repo": source_repo,
            "source_number": issue.number,
            "source_is_pull": int(pull is not None),
        }
    )


def list_in(document: Json, key: str) -> list[Any]:
    """The list of this name in an object, which may leave it out. Raises `BadThreadError`."""
    value = document.get(key)
    if isinstance(value, list | None):
        return value or []
    raise BadThreadError(f"{key} is {type(value).__name__}, expected a list")
