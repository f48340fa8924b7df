"""What a knowledge base answers, as typed immutable objects with a plain `to_dict` for JSON.

Times are UTC, ISO 8601 with `Z`; scores and confidences run from 0 to 1. Texts that come from issue
threads (titles, signatures, quotes) are the words of strangers: whoever prints them cleans them
first (`kb.query.terminal`). They were redacted where they were read (`kb.evidence`, `kb.claims`).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from kb.claims import why_withheld
from kb.evidence import Entry, ThreadRef

__all__ = ["Answer", "AskedError", "Entry", "EntryPage", "KnownClaim", "Result", "ThreadRef"]

Match = Literal["exact", "same", "related"]
"""`exact`: same fingerprint; `same`: the same error, worded or wrapped differently; `related`: a
different error.
"""

GRADES = {
    "A": "a fix is confirmed",
    "B": "a fix or cause has support",
    "C": "only suspected or unverified",
    "D": "no answer is sure enough to be shown",
}
"""What grades mean, for every reader."""
STANCES = {
    "confirmed": ("confirmed", "it worked for others"),
    "supported": ("supported", "its author or others say so"),
    "stated": ("stated by the project", "by its people, no outcome known"),
    "suspected": ("suspected", "a guess"),
    "unverified": ("nobody has confirmed it", "nobody has said"),
    "refuted": ("contradicted", ""),
}
"""Stances as they are said of a claim, and what they mean."""


def plain(value: Any) -> Any:
    """A value as JSON has it: what has a `to_dict` by that, other objects by their fields,
    tuples as lists.
    """
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "_asdict"):
        return _fields(value)
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _fields(one: Any) -> dict[str, Any]:
    """The fields by name, those of the objects inside too; those of an entry as its own."""
    made = {name: plain(value) for name, value in one._asdict().items()}
    entry: dict[str, Any] = made.pop("entry", {})
    return entry | made


class Backing(NamedTuple):
    """A quote that a claim's stance rests on, or that speaks against it; `role` as in
    `kb.models.Evidence`.
    """

    role: str
    quote: str
    author: str | None
    association: str
    created_at: str | None
    url: str


class KnownClaim(NamedTuple):
    """A quote that states a cause, a fix or a workaround, with who said it, how far it can be
    trusted and on what that rests.

    `part`: where the entry's note shows it: `fix` (a cause whose words say what to do too), `cause`
    or `failed`; `beside`: another one shown says it or counts it as a report; `withheld`: not
    published, because of what the field `withheld` says (None: not sure enough). `text` is the
    whole thought that the quote stands in, as the note shows it, `code` the code that belongs to
    it, `about` who said it where and how it went, in words. `threads` counts the threads in which
    the same is said (this one included); `worked_for`, `taken_by` and `failed_for` the people who
    say that it holds or helped, who only took it as the answer, who say that it does not. `risk`
    are words of a fix that delete something or weaken a protection, `warning` what they do.
    `general`: of an error that several projects have, it holds in all of them.
    """

    claim_id: str
    entry_id: str
    kind: str
    part: str
    quote: str
    text: str
    code: str
    about: str
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
    published: bool = True
    withheld: str | None = None
    worked_for: int = 0
    taken_by: int = 0
    failed_for: int = 0
    risk: str | None = None
    warning: str | None = None
    general: bool = False
    backing: tuple[Backing, ...] = ()

    @property
    def reason(self) -> str:
        """Why it is not published, as words after a colon."""
        return why_withheld(self.withheld)


class AskedError(NamedTuple):
    """An error found in the text that was asked: `text[start:end]` is `raw` (redacted in an
    answer); `count` says how often it stands there.

    `detected` is false where no error was found and the whole text was taken for one. `place` is
    where a message that is printed for many failures was seen, in words.
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
    place: str | None = None
    count: int = 1  # type: ignore[assignment] # hides a method of tuples
    detected: bool = True


class Result(NamedTuple):
    """An entry that answers. `error` is the index of the asked error it answers; `why` says in
    words why it was chosen. Of sure results only: `heading` is the error's name as people write it,
    `causes` and `fixes` (workarounds too) are those that its note begins with, in its order (of
    fixes that it cannot quote by themselves, the best); `more_claims` counts what `show` has beside
    them.
    """

    entry: Entry
    match: Match
    score: float
    why: str
    error: int = 0
    causes: tuple[KnownClaim, ...] = ()
    fixes: tuple[KnownClaim, ...] = ()
    more_claims: int = 0
    versions: tuple[str, ...] = ()
    heading: str = ""

    @property
    def cause(self) -> KnownClaim | None:
        """The best cause."""
        return self.causes[0] if self.causes else None

    @property
    def fix(self) -> KnownClaim | None:
        """The best fix or workaround."""
        return self.fixes[0] if self.fixes else None

    @property
    def sure(self) -> bool:
        """Whether this is the asked error, not only one like it."""
        return self.match != "related"

    def to_dict(self) -> dict[str, Any]:
        """The contract's fields of a result, and more."""
        best = {"cause": plain(self.cause), "fix": plain(self.fix)}
        return _fields(self) | {"score": round(self.score, 4)} | best


class Answer(NamedTuple):
    """What a query found: the errors of the asked text (the root one first) and the entries, best
    first.

    `known`: index of each error that is surely known, with its entry, also where the entry is no
    result: it is that of an error before it, or beyond the limit. `notes` are remarks for the
    person who asked (a text of which only parts were read, errors that were left out).
    """

    errors: tuple[AskedError, ...]
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    known: tuple[tuple[int, str], ...] = ()

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
            "results": plain(self.results),
            "errors": plain(self.errors),
            "notes": list(self.notes),
            "known": [{"error": index, "entry_id": entry_id} for index, entry_id in self.known],
        }


class EntryPage(NamedTuple):
    """One entry with all that is known of it. `claims` are those that its note shows, in its order,
    then the rest, refuted ones last; `heading` is its name as people write it, `seen_as` are real
    forms with counts.
    """

    entry: Entry
    aliases: tuple[str, ...]
    asked_as: str | None
    versions: tuple[str, ...]
    claims: tuple[KnownClaim, ...]
    claims_left_out: int
    heading: str
    related: tuple[Entry, ...]
    tools: tuple[tuple[str, int], ...]
    seen_as: tuple[tuple[str, int], ...]
    seen_in: tuple[tuple[str, int], ...]
    thread_list: tuple[ThreadRef, ...]

    def of(self, part: str, *kinds: str) -> tuple[KnownClaim, ...]:
        """The claims of a part (of these kinds alone, if any are named), in the order of the
        note.
        """
        claims = (c for c in self.claims if c.part == part)
        return tuple(c for c in claims if not kinds or c.kind in kinds)

    def only(self, kind: str | None) -> EntryPage:
        """The page with the claims of one kind only; None: all of them."""
        if kind is None:
            return self
        return self._replace(claims=tuple(c for c in self.claims if c.kind == kind))

    def to_dict(self) -> dict[str, Any]:
        """The document of `show --json`."""
        return _fields(self) | {
            "tools": [{"tool": tool, "threads": count} for tool, count in self.tools],
            "seen_as": [{"text": text, "mentions": count} for text, count in self.seen_as],
            "seen_in": [{"repo": repo, "threads": count} for repo, count in self.seen_in],
        }


class Growth(NamedTuple):
    """How many threads an entry got in each of the last windows, oldest first."""

    entry: Entry
    recent: tuple[int, ...]

    @property
    def now(self) -> int:
        """Threads in the last window."""
        return self.recent[-1]

    @property
    def before(self) -> int:
        """Threads in the window before it."""
        return self.recent[-2]

    def to_dict(self) -> dict[str, Any]:
        """The entry with both."""
        return {**self.entry._asdict(), "now": self.now, "before": self.before}


class Stats(NamedTuple):
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
    months: tuple[tuple[str, int], ...] = ()
    """Threads opened in each of the last 24 months, oldest first."""

    def to_dict(self) -> dict[str, Any]:
        """The document of `stats --json`."""
        names = ("threads", "issues", "pulls", "comments", "entries", "mentions")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: dict(getattr(self, name)) for name in ("repos", "claims", "grades")},
            "coverage": {
                "issues_with_entry": self.covered,
                "issues_with_supported_answer": self.answered,
                "share_with_entry": round(self.covered / (self.issues or 1), 4),
                "share_with_supported_answer": round(self.answered / (self.issues or 1), 4),
            },
            "week": {
                "until": self.until,
                "new_threads": self.new_threads,
                "new_entries": self.new_entries,
                "grew": plain(self.grew),
            },
            "waiting_to_be_mined": self.waiting,
        }


class Trends(NamedTuple):
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
        return _fields(self)
