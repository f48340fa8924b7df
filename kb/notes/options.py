"""What an export is asked for: the settings, which entries and which statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kb.claims import Quote, Statement
from kb.evidence import Entry, entries_to_show
from kb.notes.targets import Target, target_named
from kb.settings import SHOWN_STANCES, Export

CHOSEN = ("min_threads", "min_grade", "provider", "tool", "since", "confidence", "stance")
"""The options that say which entries are exported, and which statements."""


class Options(Export, frozen=True, kw_only=True):
    """How to export: the settings, and what only a command is asked for. `since` is a time;
    `standing`: names of the files that this program wrote into the folder before.
    """

    provider: str | None = None
    """Only errors of this provider."""
    tool: str | None = None
    """Only errors of this tool: a repository or part of it."""
    since: str | None = None
    """Only errors reported since then: a date, or 90d."""
    unanswered: bool = False
    """Write candidates for errors without a cause or fix too."""
    doubtful: bool = False
    """Write notes too where all that is shown may be about another error."""
    standing: frozenset[str] = frozenset()

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, for a manifest."""
        named = ((name, getattr(self, name)) for name in CHOSEN)
        return {name: value for name, value in named if value != getattr(_ALL, name)}

    @staticmethod
    def of_manifest(chosen: Mapping[str, Any]) -> Options:
        """What a manifest says was chosen; everything where it says what this program would not."""
        try:
            made = msgspec.convert({k: v for k, v in chosen.items() if k in CHOSEN}, Options)
        except msgspec.ValidationError:
            return _ALL
        return made if made.stance in SHOWN_STANCES else _ALL

    def keeps(self, statement: Statement | Quote) -> bool:
        """Whether a statement or a claim may be shown."""
        if statement.confidence < self.confidence or statement.stance == "refuted":
            return statement.confidence >= self.confidence
        return SHOWN_STANCES.index(statement.stance) <= SHOWN_STANCES.index(self.stance)

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is exported."""
        return (
            entry.threads >= self.min_threads
            and entry.grade <= self.min_grade
            and (not self.provider or (entry.provider or "").lower() == self.provider.lower())
            and (not self.tool or self.tool.lower() in (entry.tool or "").lower())
            and (not self.since or (entry.last_seen or "") >= self.since)
        )

    @property
    def generator(self) -> Target:
        """The site generator."""
        return target_named(self.target)

    @property
    def with_markers(self) -> bool:
        """Whether comments are written that name the claims."""
        return self.generator.markers if self.markers is None else self.markers

    def address(self, slug: str) -> str | None:
        """Where a page is on the built site; None where that is not known."""
        return self._built(self.site_url, slug)

    def note_address(self, entry_id: str) -> str | None:
        """Where an evidence note is on the built site; None where that is not known."""
        return self._built(self.notes_url, entry_id)

    def _built(self, url: str | None, name: str) -> str | None:
        return f"{url.rstrip('/')}/{self.generator.built(name)}" if url else None

    @property
    def base(self) -> str | None:
        """The path of the pages on their host."""
        return urlsplit(self.site_url).path.rstrip("/") if self.site_url else None


_ALL = Options()


def entries_for(connection: sqlite3.Connection, options: Options) -> list[Entry]:
    """The entries that an export is about, by id."""
    return [e for e in entries_to_show(connection) if options.takes(e)]
