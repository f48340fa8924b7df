"""The rows that stages take and give, as plain immutable objects.

A stage is a pure function from these to these, so that it can run on one thread in a test,
on a batch in a process pool and on a partition in a cluster by the same code.
Offsets count characters (Python string indices) in the stored text, end exclusive; times are UTC,
ISO 8601 with `Z`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""GitHub's author associations of those who speak for a project."""
DELETED = (None, "ghost")
"""Authors that may be anybody: GitHub shows deleted accounts so."""
REJECTED = "was rejected by a person"
"""Why a claim is withheld that no document may show or rest on."""

STANCES = ("confirmed", "stated", "supported", "suspected", "unverified", "refuted")
"""How far a claim can be trusted, best first (the contract says what each means)."""

GOOD_STANCES = frozenset({"confirmed", "stated", "supported"})
"""Stances with more behind them than the claim's own author."""

ENTRY_CONFIDENCE = 0.65
"""From this confidence on (that it is an error) the main error of a thread belongs to an entry."""
NEAR_ENTRY = 0.1
"""A mention that is not farther from it than this is one for a person to look at."""


def stance_rank(stance: str) -> int:
    """The place of a stance in `STANCES`; one that is not known comes last."""
    return STANCES.index(stance) if stance in STANCES else len(STANCES)


Place = tuple[int | None, str]
"""Where a text stands in its thread: `(None, "title")`, `(None, "body")` or `(comment_id, "body")`.
"""


class Comment(NamedTuple):
    """One comment of a thread, as stored."""

    comment_id: int
    author: str | None
    author_type: str
    association: str
    created_at: str
    updated_at: str
    body: str
    url: str
    via_app: str | None = None
    thumbs_up: int = 0
    thumbs_down: int = 0
    gone_at: str | None = None


class Event(NamedTuple):
    """An event of GitHub's timeline events API, reduced to what evidence needs."""

    event: str
    created_at: str | None
    actor: str | None
    commit_id: str | None = None
    state_reason: str | None = None
    source_repo: str | None = None
    source_number: int | None = None
    source_is_pull: bool = False
    source_merged_at: str | None = None


ThreadKey = tuple[str, int]
"""Repository and number."""


@dataclass(frozen=True, slots=True)
class Thread:
    """An issue or pull request with its comments (by time, then id) and events."""

    repo: str
    number: int
    kind: str
    title: str
    body: str
    state: str
    state_reason: str | None
    author: str | None
    author_type: str
    association: str
    created_at: str
    updated_at: str
    closed_at: str | None
    merged_at: str | None
    url: str
    labels: tuple[str, ...] = ()
    thumbs_up: int = 0
    thumbs_down: int = 0
    comments: tuple[Comment, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def key(self) -> ThreadKey:
        """`(repo, number)`."""
        return self.repo, self.number

    @property
    def texts(self) -> dict[Place, str]:
        """The stored texts by their places, in order."""
        own: dict[Place, str] = {(None, "title"): self.title, (None, "body"): self.body}
        return own | {(comment.comment_id, "body"): comment.body for comment in self.comments}


class Signature(NamedTuple):
    """The normalised form of an error text (`text`), its hash (`fingerprint`, `v1:` and 16 hex
    digits) and its fields.

    `objects` are the named things that keep two errors apart (a missing module, a command, a model
    of a message that is about that model); `wrappers` the layers taken off, outermost first.
    `tool`, `model`, `version` and `os` say where it was seen and are no part of the name. `place`
    is part of it where the message alone is printed for many failures: the last frame
    (`file:function`), the file it names, the repository or the thread.
    """

    text: str
    fingerprint: str
    provider: str | None = None
    tool: str | None = None
    status: int | None = None
    code: str | None = None
    exception: str | None = None
    wrappers: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    model: str | None = None
    version: str | None = None
    os: str | None = None
    place: str | None = None


class Mention(NamedTuple):
    """A place in a thread where a program's error text stands.

    `confidence` (0 to 1, calibrated) is how surely it is an error that the thread reports.
    `counted` is false where that is doubtful, and where it is an error but not one to ask about
    (noise of a log, what a bot wrote): such a mention is kept and belongs to no entry.
    `by_confidence`: nothing but its confidence decides whether it is counted.
    """

    comment_id: int | None
    field: str
    start: int
    end: int
    raw: str
    signature: Signature
    is_primary: bool = False
    counted: bool = True
    frames: tuple[str, ...] = ()
    confidence: float = 1.0
    by_confidence: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that a claim's stance rests on. `role`: `confirms`, `contradicts`, `accepts` (taken
    as the answer, and no word on how it went), `closes`, `merged`, `released`, `still_seen`.

    `repo` and `number` name the thread quoted where it is not the claim's own: the pull request
    that fixed it, a duplicate. For `merged`, `created_at` is the time of the merge and `url` leads
    to the pull request.
    """

    role: str
    comment_id: int | None
    field: str
    start: int
    end: int
    quote: str
    author: str | None
    association: str
    created_at: str | None
    url: str
    repo: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A quoted run of text that states a cause, a fix or a workaround of a thread's error.

    `about` is the fingerprint of the mention it speaks of (None: the thread's main error);
    `says` groups claims that say the same thing over threads. `confidence` is calibrated: of
    claims with 0.8 eight in ten are right (of refuted ones: are refuted). `withheld` says why it
    is not shown, whatever its confidence; `published`, whether documents quote it. `claim_id` is
    set where a person's decision keeps an id (`kb.rows.claim_id` gives all others theirs).
    """

    comment_id: int | None
    field: str
    kind: str
    quote: str
    start: int
    end: int
    author: str | None
    author_role: str
    association: str
    created_at: str
    url: str
    stance: str
    confidence: float
    about: str | None = None
    evidence: tuple[Evidence, ...] = ()
    withheld: str | None = None
    published: bool = True
    claim_id: str | None = None


# ---------------------------------------------------------------- from rows


def from_row(kind: type[T], row: Any, /, **others: Any) -> T:
    """An object from a row whose columns are named as its fields: tuples are stored as JSON, truths
    as 0 and 1. `others`: the fields that have no such column, or another value.
    """
    of_class: Any = kind
    made = dict(others)
    for name, read in _reading(of_class).items():
        if name not in made:
            value = row[name]
            made[name] = read(value) if read else value
    return kind(**made)


@cache
def _reading(kind: Any) -> Mapping[str, Callable[[Any], Any] | None]:
    """How each field is read from its column; None: as it is."""
    readers: dict[str, Callable[[Any], Any]] = {
        "bool": bool,
        "tuple[str, ...]": lambda text: tuple(json.loads(text)),
    }
    types = {name: getattr(t, "__forward_arg__", t) for name, t in kind.__annotations__.items()}
    return {name: readers.get(str(written)) for name, written in types.items()}
