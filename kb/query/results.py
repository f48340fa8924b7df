"""What a knowledge base answers, as typed immutable objects with a plain `to_dict` for JSON.

Times are UTC, ISO 8601 with `Z`; scores and confidences run from 0 to 1. Texts that come from issue
threads (titles, signatures, quotes) are the words of strangers: whoever prints them cleans them
first (`kb.query.terminal`). Keys, tokens, addresses and names that must not leave are taken out of
them here, as soon as they are made (`kb.redact`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from kb.redact import redact

Match = Literal["exact", "same", "related"]
"""`exact`: same fingerprint; `same`: the same error, worded or wrapped differently; `related`: a
different error.
"""

SURE: tuple[Match, ...] = ("exact", "same")


def _redact(answer: object, *names: str) -> None:
    """Takes out of an answer's texts what must not leave; for `__post_init__` of frozen classes."""
    for name in names:
        object.__setattr__(answer, name, redact(getattr(answer, name)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One error of the knowledge base. `threads`, `repos` and `reporters` are counts; `url` is the
    thread that tells most of it.
    """

    entry_id: str
    title: str
    signature: str
    fingerprint: str
    provider: str | None
    tool: str | None
    status: int | None
    code: str | None
    exception: str | None
    threads: int
    repos: int
    reporters: int
    first_seen: str | None
    last_seen: str | None
    grade: str
    url: str | None = None

    def __post_init__(self) -> None:
        _redact(self, "title", "signature")

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Backing:
    """A quote that a claim's stance rests on, or that speaks against it; `role` as in
    `kb.models.Evidence`.
    """

    role: str
    quote: str
    author: str | None
    association: str
    created_at: str | None
    url: str

    def __post_init__(self) -> None:
        _redact(self, "quote")


@dataclass(frozen=True, slots=True)
class KnownClaim:
    """A quote that states a cause, a fix or a workaround, with who said it, how far it can be
    trusted and on what that rests.

    `threads` counts the threads in which the same is said (this one included).
    """

    claim_id: str
    entry_id: str
    kind: str
    quote: str
    stance: str
    confidence: float
    author: str | None
    author_role: str
    association: str
    created_at: str
    repo: str
    number: int
    url: str
    threads: int = 1
    backing: tuple[Backing, ...] = ()

    def __post_init__(self) -> None:
        _redact(self, "quote")

    def to_dict(self) -> dict[str, Any]:
        """The fields by name; `backing` as a list of objects."""
        return {**asdict(self), "backing": [asdict(b) for b in self.backing]}


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """A thread in which an entry's error was seen."""

    repo: str
    number: int
    kind: str
    title: str
    state: str
    created_at: str
    url: str

    def __post_init__(self) -> None:
        _redact(self, "title")


@dataclass(frozen=True, slots=True)
class AskedError:
    """An error found in the text that was asked: `text[start:end]` is `raw`; `count` says how often
    it stands there.

    `detected` is false where no error was found and the whole text was taken for one.
    """

    start: int
    end: int
    raw: str
    signature: str
    fingerprint: str
    provider: str | None = None
    tool: str | None = None
    status: int | None = None
    code: str | None = None
    exception: str | None = None
    count: int = 1
    detected: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """An entry that answers. `error` is the index of the asked error it answers; `why` says in
    words why it was chosen.
    """

    entry: Entry
    match: Match
    score: float
    why: str
    error: int = 0
    cause: KnownClaim | None = None
    fix: KnownClaim | None = None
    versions: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether this is the asked error, not only one like it."""
        return self.match in SURE

    def to_dict(self) -> dict[str, Any]:
        """The contract's fields of a result, and more."""
        entry = self.entry
        return {
            "entry_id": entry.entry_id,
            "title": entry.title,
            "signature": entry.signature,
            "match": self.match,
            "score": round(self.score, 4),
            "threads": entry.threads,
            "repos": entry.repos,
            "url": entry.url,
            "why": self.why,
            "error": self.error,
            "grade": entry.grade,
            "provider": entry.provider,
            "tool": entry.tool,
            "status": entry.status,
            "first_seen": entry.first_seen,
            "last_seen": entry.last_seen,
            "versions": list(self.versions),
            "cause": self.cause.to_dict() if self.cause else None,
            "fix": self.fix.to_dict() if self.fix else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found: the errors of the asked text (the root one first) and the entries, best
    first.

    `notes` are remarks for the person who asked (a text of which only parts were read, errors that
    were left out).
    """

    errors: tuple[AskedError, ...]
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether one result is surely the asked error."""
        return any(r.sure for r in self.results)

    @property
    def best(self) -> Result | None:
        """The first result that is sure; None if there is none."""
        return next((r for r in self.results if r.sure), None)

    def to_dict(self) -> dict[str, Any]:
        """The document of `query --json`."""
        return {
            "query_signature": self.errors[0].signature if self.errors else None,
            "results": [r.to_dict() for r in self.results],
            "errors": [{**asdict(e), "raw": redact(e.raw)} for e in self.errors],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry with all that is known of it. `claims` are best first, refuted ones last; `seen_as`
    are real forms with counts.
    """

    entry: Entry
    claims: tuple[KnownClaim, ...]
    threads: tuple[ThreadRef, ...]
    repos: tuple[tuple[str, int], ...]
    versions: tuple[str, ...]
    tools: tuple[tuple[str, int], ...]
    seen_as: tuple[tuple[str, int], ...]
    aliases: tuple[str, ...]
    related: tuple[Entry, ...]
    asked_as: str | None = None
    claims_left_out: int = 0

    def best(self, *kinds: str) -> KnownClaim | None:
        """The best claim of these kinds that is not refuted."""
        return next((c for c in self.claims if c.kind in kinds and c.stance != "refuted"), None)

    def only(self, kind: str | None) -> EntryPage:
        """The page with the claims of one kind only; None: all of them."""
        if kind is None:
            return self
        return replace(self, claims=tuple(c for c in self.claims if c.kind == kind))

    def to_dict(self) -> dict[str, Any]:
        """The document of `show --json`."""
        return {
            **self.entry.to_dict(),
            "aliases": list(self.aliases),
            "asked_as": self.asked_as,
            "versions": list(self.versions),
            "tools": [{"tool": tool, "threads": count} for tool, count in self.tools],
            "seen_as": [{"text": text, "mentions": count} for text, count in self.seen_as],
            "seen_in": [{"repo": repo, "threads": count} for repo, count in self.repos],
            "thread_list": [asdict(t) for t in self.threads],
            "claims": [c.to_dict() for c in self.claims],
            "claims_left_out": self.claims_left_out,
            "related": [e.to_dict() for e in self.related],
        }


@dataclass(frozen=True, slots=True)
class Growth:
    """How many threads an entry got in a window and in the window of the same length before it."""

    entry: Entry
    now: int
    before: int

    def to_dict(self) -> dict[str, Any]:
        """Entry id, title and the two counts."""
        return {
            "entry_id": self.entry.entry_id,
            "title": self.entry.title,
            "grade": self.entry.grade,
            "threads": self.entry.threads,
            "now": self.now,
            "before": self.before,
        }


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of a knowledge base. `covered` counts issues whose error has an entry, `answered`
    those whose entry has grade A or B.

    `grew` holds the entries with the most new threads in the week that ends at `until`, the newest
    thread's time.
    """

    threads: int
    issues: int
    pulls: int
    comments: int
    repos: tuple[tuple[str, int], ...]
    entries: int
    mentions: int
    claims: tuple[tuple[str, int], ...]
    grades: tuple[tuple[str, int], ...]
    covered: int
    answered: int
    until: str | None
    new_threads: int
    new_entries: int
    grew: tuple[Growth, ...]
    waiting: int

    def to_dict(self) -> dict[str, Any]:
        """The document of `stats --json`."""
        return {
            "threads": self.threads,
            "issues": self.issues,
            "pulls": self.pulls,
            "comments": self.comments,
            "repos": dict(self.repos),
            "entries": self.entries,
            "mentions": self.mentions,
            "claims": dict(self.claims),
            "grades": dict(self.grades),
            "coverage": {
                "issues_with_entry": self.covered,
                "issues_with_supported_answer": self.answered,
                "share_with_entry": round(self.covered / self.issues, 4) if self.issues else 0.0,
                "share_with_supported_answer": round(self.answered / self.issues, 4)
                if self.issues
                else 0.0,
            },
            "week": {
                "until": self.until,
                "new_threads": self.new_threads,
                "new_entries": self.new_entries,
                "grew": [g.to_dict() for g in self.grew],
            },
            "waiting_to_be_mined": self.waiting,
        }


@dataclass(frozen=True, slots=True)
class Trends:
    """Entries that are new, rising or fading in the window from `since` (exclusive) to `until`
    (inclusive).
    """

    since: str | None
    until: str | None
    days: int
    new: tuple[Growth, ...]
    rising: tuple[Growth, ...]
    fading: tuple[Growth, ...]

    def to_dict(self) -> dict[str, Any]:
        """The document of `trends --json`."""
        return {
            "since": self.since,
            "until": self.until,
            "days": self.days,
            "new": [g.to_dict() for g in self.new],
            "rising": [g.to_dict() for g in self.rising],
            "fading": [g.to_dict() for g in self.fading],
        }
