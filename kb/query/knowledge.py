"""A knowledge base to ask from Python: read-only, typed, safe to use while a nightly run writes.

`KnowledgeBase("kb.db").query("401 User not found")` gives a `kb.query.results.Answer`;
docs/how-to/ask-python.md has more examples.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar, Unpack

from kb import sql
from kb.errors import BadInputError
from kb.evidence import read_evidence
from kb.notes.outline import outlines_of
from kb.query import entries as read
from kb.query import stats as figures
from kb.query.entries import Filters, FilterTexts
from kb.query.input import Asked, narrower_errors, read_errors
from kb.query.lookup import RELATED_FLOOR, Ranker
from kb.query.results import Answer, Result
from kb.redact import redact
from kb.store import connect_readonly, explain_sqlite

if TYPE_CHECKING:
    from kb.query.explain import Explained

P = ParamSpec("P")
T = TypeVar("T")

MANY_WORDS = 0.5
"""Score from which an entry that has words around a detected error is worth a look."""
COMPARED_READINGS = 4
"""Narrower readings of a text that are compared with what is worded otherwise; of the rest only
the very message counts.
"""
FEW_CHARS = 600
"""Characters of a text that is searched by its words too where no error in it is surely known."""
MOST_PLACES = 500
"""Places of an error that are read for an answer: its name, its versions."""
BEST_CAUSES, BEST_FIXES = 2, 3
"""Causes, and fixes and workarounds, that a sure answer carries; `show` has all."""


def _asked(
    function: Callable[Concatenate[sqlite3.Connection, P], T],
) -> Callable[Concatenate[KnowledgeBase, P], T]:
    """A method that gives what a function reads from one committed state."""

    @wraps(function)
    def method(kb: KnowledgeBase, /, *arguments: P.args, **options: P.kwargs) -> T:
        with kb._reading() as (connection, _):
            return function(connection, *arguments, **options)

    return method


class KnowledgeBase:
    """An existing knowledge base, opened for reading; a context manager, usable from several
    threads, which take turns.

    Every call sees one committed state of the database, the newest. `path`: the SQLite file.
    Raises `BadInputError` if it is missing or no knowledge base.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._turn = threading.Lock()
        self._db: sqlite3.Connection | None = connect_readonly(self.path)
        self._db.isolation_level = None
        self._ranker = Ranker(self._db)

    def close(self) -> None:
        """Closes the file; using it afterwards raises `BadInputError`."""
        with self._turn:
            if self._db is not None:
                self._db.close()
            self._db = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------ asking

    def query(self, text: str, *, limit: int = 5, **filters: Unpack[FilterTexts]) -> Answer:
        """The entries for an error message, a log or a JSON body of any size, best first, at most
        `limit` (1 to 200).

        `repo` (`owner/name`), `provider`, `tool`, `since` (a date or a span back such as `90d`:
        last seen then or later) and `grade` (letters of A to D) leave out entries. Raises
        `BadInputError` for an empty text or a filter that cannot be read.
        """
        wanted = read.check_filters(**filters)
        _check_limit(limit)
        asked = read_errors(text)
        if not asked.errors:
            raise BadInputError(
                "the text is empty",
                cli="give an error message, or a log on standard input",
                agent="pass the error message or the log as 'text'",
                browser="paste an error message or a log",
                python="pass an error message or a log",
            )
        with self._reading() as (connection, ranker):
            asked, hits = _root(asked, text, ranker, limit, wanted)
            # beside the root error only sure answers count: words of a log's noise match anything
            others = [
                hit._replace(error=index)
                for index, signature in enumerate(asked.signatures[1:], start=1)
                for hit in ranker.sure(signature, 1, wanted)
            ]
            sure = [hit for hit in hits if hit.sure]
            related = (hit for hit in hits if not hit.sure)
            ranked = [*sure[:1], *others, *sure[1:], *related]
            results = _results(connection, ranked, limit)
            unknown = read.unknown_values(connection, **filters) if not results else []
            outside = [] if any(r.sure for r in results) else _outside(ranker, asked, wanted)
        known = {hit.error: hit.entry.entry_id for hit in reversed(ranked) if hit.sure}
        return Answer(
            errors=tuple(error._replace(raw=redact(error.raw)) for error in asked.errors),
            results=results,
            notes=(*asked.notes, *unknown, *outside),
            known=tuple(sorted(known.items())),
        )

    def search(
        self, words: str, *, limit: int = 10, **filters: Unpack[FilterTexts]
    ) -> tuple[Result, ...]:
        """Entries for words (full-text search), best first; the filters are those of `query`. No
        result is ever `exact` or `same`.
        """
        wanted = read.check_filters(**filters)
        _check_limit(limit)
        if not words.strip():
            raise BadInputError("no words to search for")
        with self._reading() as (connection, ranker):
            return _results(connection, ranker.search(words[:10_000], limit, wanted), limit)

    unknown = _asked(read.unknown_values)
    show = _asked(read.entry_page)
    entry = _asked(read.entry)
    resolve = _asked(read.resolve)
    history = _asked(read.history_of)
    entries = _asked(read.top_entries)
    unpublished = _asked(read.unpublished)
    complete = _asked(read.complete_ids)
    stats = _asked(figures.stats)
    trends = _asked(figures.trends)
    groups = _asked(figures.groups)
    months = _asked(figures.months)
    version = _asked(figures.version)

    def explain(self, name: str, other: str | None = None) -> Explained:
        """Why something is an entry, or why two things are or are not the same error. Raises
        `NotFoundError`.
        """
        from kb.query.explain import explain

        return _asked(explain)(self, name, other)

    def note(self, name: str) -> str:
        """The evidence note of an entry, in Markdown. Raises `NotFoundError`."""
        from kb.notes.note import render_note

        with self._reading() as (connection, _):
            return render_note(connection, read.entry(connection, name))

    @contextmanager
    def _reading(self) -> Iterator[tuple[sqlite3.Connection, Ranker]]:
        """One committed state for everything inside, whatever a writer does meanwhile."""
        with self._turn:
            if self._db is None:
                raise BadInputError(f"{self.path}: this KnowledgeBase was closed")
            try:
                sql.ask(self._db, "file.begin_reading")
                try:
                    yield self._db, self._ranker
                finally:
                    sql.ask(self._db, "file.roll_back")
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise explain_sqlite(error, self.path) from error


def _root(
    asked: Asked, text: str, ranker: Ranker, limit: int, filters: Filters
) -> tuple[Asked, list[Result]]:
    """What answers the root error of a text, best first. Where it is not surely known, narrower
    readings of its lines are tried, then the words of the text are searched too.
    """
    error, signature = asked.errors[0], asked.signatures[0]
    hits = ranker.rank(signature, limit, filters, raw=error.raw)
    if any(hit.sure for hit in hits):
        return asked, hits
    for place, (narrow, named) in enumerate(narrower_errors(text, error)):
        found = ranker.sure(named, limit, filters, exact_only=place >= COMPARED_READINGS)
        found = [hit for hit in found if hit.sure]
        if found:
            kept = {hit.entry.entry_id for hit in found}
            found += [hit for hit in hits if hit.entry.entry_id not in kept]
            errors = (narrow, *asked.errors[1:])
            signatures = (named, *asked.signatures[1:])
            return asked._replace(errors=errors, signatures=signatures), found[:limit]
    if error.detected and (hits or len(text) > FEW_CHARS):
        return asked, hits
    enough = MANY_WORDS if error.detected else RELATED_FLOOR
    known = {hit.entry.entry_id for hit in hits}
    searched = ranker.search(text if error.detected else error.raw, limit, filters)
    hits += [h for h in searched if h.score >= enough and h.entry.entry_id not in known]
    return asked, sorted(hits, key=lambda hit: -hit.score)


OUTSIDE = "outside of the filters"
"""How the note begins that an entry is known which the filters leave out."""


def _outside(ranker: Ranker, asked: Asked, filters: Filters) -> list[str]:
    """Says that the filters left out the entry that surely is the root error."""
    if not any(filters.values()):
        return []
    found = [hit for hit in ranker.sure(asked.signatures[0], 1) if hit.sure]
    return [f"{OUTSIDE}, {hit.entry.entry_id} surely is this error" for hit in found]


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= read.MOST:
        raise BadInputError(f"limit {limit}: from 1 to {read.MOST}")


def _results(
    connection: sqlite3.Connection, ranked: Iterable[Result], limit: int
) -> tuple[Result, ...]:
    """Each entry once, with its URL; those that are sure carry their best causes, best fixes and
    versions.
    """
    results: dict[str, Result] = {}
    for hit in ranked:
        results.setdefault(hit.entry.entry_id, hit)
    return tuple(_whole(connection, result) for result in list(results.values())[:limit])


def _whole(connection: sqlite3.Connection, result: Result) -> Result:
    entry_id = result.entry.entry_id
    entry = result.entry._replace(url=read.entry_url(connection, entry_id))
    if not result.sure:
        return result._replace(entry=entry)
    known = next(read_evidence(connection, [entry], most=MOST_PLACES))
    outline = next(outlines_of(connection, [known], reports=False))
    claims = read.told(outline, known.statements)
    shown = {point.quote.claim_id for point in (*outline.leads, *outline.points())}
    noted = [claim for claim in claims if claim.claim_id in shown]
    fixes = tuple(c for c in noted if c.part == "fix")[:BEST_FIXES]
    # one that the note cannot quote by itself is still more than none
    fixes = fixes or tuple(c for c in claims if c.part == "fix")[:1]
    causes = tuple(c for c in noted if c.part == "cause")[:BEST_CAUSES]
    good = sum(c.part in ("fix", "cause") for c in claims)
    return result._replace(
        entry=entry,
        causes=causes,
        fixes=fixes,
        more_claims=good - len(causes) - len(fixes),
        versions=read.versions_of(known),
        heading=outline.title,
    )
