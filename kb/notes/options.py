"""What an export is asked for: the target, which entries and which statements, and the site's own
settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb.evidence import entries_to_show
from kb.models import STANCES
from kb.notes.targets import COMMONMARK, Target

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from kb.claims import Quote, Statement
    from kb.evidence import Entry

GRADES = ("A", "B", "C", "D")
SELECTING = frozenset({"min_threads", "min_grade", "provider", "tool", "since", "standing"})
"""The options that say what is exported, and nothing of what stands in documents."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to export.

    Which entries: `min_threads`, `min_grade` (`A` is best), `provider`, `tool` (a repository, or a
    part of its name), `since` (last reported then or later; a time). Which statements: `confidence`
    (0 to 1) at least, `stance` at least. `categories` maps a technology (lower case) to the site's
    own category, `*` all others; `notes` is the address of the evidence notes, `site` that of the
    pages. `markers`: comments that name the claims (None: as the target can take them).
    `unanswered`: candidates also of entries without a cause or fix. `standing`: names of the files
    that this program wrote into the folder before.
    """

    target: Target = COMMONMARK
    min_threads: int = 1
    categories: Mapping[str, str] = field(default_factory=dict)
    notes: str | None = None
    min_grade: str | None = None
    provider: str | None = None
    tool: str | None = None
    since: str | None = None
    confidence: float = 0.0
    stance: str | None = None
    markers: bool | None = None
    site: str | None = None
    unanswered: bool = False
    schema: Mapping[str, str] | None = None
    standing: frozenset[str] = frozenset()

    @property
    def with_markers(self) -> bool:
        """Whether comments are written that name the claims."""
        return self.target.markers if self.markers is None else self.markers

    def address(self, slug: str) -> str | None:
        """Where a page is on the built site; None where that is not known."""
        return f"{self.site.rstrip('/')}/{self.target.built(slug)}" if self.site else None

    def note_address(self, entry_id: str) -> str | None:
        """Where an evidence note is on the built site; None where that is not known."""
        return f"{self.notes.rstrip('/')}/{self.target.built(entry_id)}" if self.notes else None

    @property
    def base(self) -> str | None:
        """The path of the pages on their host."""
        return urlsplit(self.site).path.rstrip("/") if self.site else None

    @property
    def chosen(self) -> dict[str, str | int | float]:
        """What was chosen of entries and statements, for the manifest; see `choosing`."""
        return {n: v for n in _CHOOSING if (v := getattr(self, n)) != getattr(_ALL, n)}

    @classmethod
    def choosing(cls, chosen: Mapping[str, object]) -> Options:
        """The options that a manifest's `chosen` says; what is none of them is passed over."""
        return cls(**{n: v for n, v in chosen.items() if isinstance(v, _CHOOSING.get(n, ()))})

    def keeps(self, statement: Statement | Quote) -> bool:
        """Whether a statement or a claim may be shown."""
        if statement.confidence < self.confidence:
            return False
        if self.stance is None or statement.stance == "refuted":
            return True
        return STANCES.index(statement.stance) <= STANCES.index(self.stance)


_CHOOSING: dict[str, Any] = {
    "min_threads": int,
    "min_grade": str,
    "provider": str,
    "tool": str,
    "since": str,
    "confidence": int | float,
    "stance": str,
}
_ALL = Options()


def entries_for(connection: sqlite3.Connection, options: Options) -> list[Entry]:
    """The entries that an export is about, by id."""
    return [e for e in entries_to_show(connection, options.min_threads) if _wanted(e, options)]


def _wanted(entry: Entry, options: Options) -> bool:
    if options.min_grade and entry.grade > options.min_grade:
        return False
    if options.provider and (entry.provider or "").lower() != options.provider.lower():
        return False
    if options.tool and options.tool.lower() not in (entry.tool or "").lower():
        return False
    return not (options.since and (entry.last_seen or "") < options.since)
