"""What an export is asked for: the target, which entries and which statements, and the site's own
settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which entries are exported: `min_threads`, `min_grade` (`A` is best), `provider`, `tool` (a
    repository, or a part of its name), `since` (last reported then or later; a time). Which
    statements: `confidence` (0 to 1) at least, `stance` at least.
    """

    min_threads: int = 1
    min_grade: str | None = None
    provider: str | None = None
    tool: str | None = None
    since: str | None = None
    confidence: float = 0.0
    stance: str | None = None

    @property
    def as_dict(self) -> dict[str, Any]:
        """What was chosen, for a manifest."""
        named = ((f.name, getattr(self, f.name), f.default) for f in fields(Chosen))
        return {name: value for name, value, default in named if value != default}

    @staticmethod
    def of_dict(chosen: Mapping[str, Any]) -> Chosen:
        """What a manifest says was chosen; everything where it says what this program would not."""
        import msgspec  # who only asks does not wait for it

        try:
            made = msgspec.convert(chosen, Chosen)
        except msgspec.ValidationError:
            return Chosen()
        return made if made.stance in (None, *STANCES) else Chosen()

    def keeps(self, statement: Statement | Quote) -> bool:
        """Whether a statement or a claim may be shown."""
        if statement.confidence < self.confidence:
            return False
        if self.stance is None or statement.stance == "refuted":
            return True
        return STANCES.index(statement.stance) <= STANCES.index(self.stance)

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is exported."""
        return (
            entry.threads >= self.min_threads
            and (not self.min_grade or entry.grade <= self.min_grade)
            and (not self.provider or (entry.provider or "").lower() == self.provider.lower())
            and (not self.tool or self.tool.lower() in (entry.tool or "").lower())
            and (not self.since or (entry.last_seen or "") >= self.since)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Chosen):
    """How to export.

    `categories` maps a technology (lower case) to the site's own category, `*` all others; `notes`
    is the address of the evidence notes, `site` that of the pages. `markers`: comments that name
    the claims (None: as the target can take them). `unanswered`: candidates also of entries without
    a cause or fix, in the fields of `schema`; `doubtful`: notes also where all that is shown may be
    about another error. `standing`: names of the files that this program
    wrote into the folder before.
    """

    target: Target = COMMONMARK
    categories: Mapping[str, str] = field(default_factory=dict)
    notes: str | None = None
    markers: bool | None = None
    site: str | None = None
    unanswered: bool = False
    doubtful: bool = False
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


def entries_for(connection: sqlite3.Connection, chosen: Chosen) -> list[Entry]:
    """The entries that an export is about, by id."""
    return [e for e in entries_to_show(connection) if chosen.takes(e)]
