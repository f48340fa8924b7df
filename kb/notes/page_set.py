"""All pages of an export together: what one page must know of the others.

Titles and descriptions are unique over the export, and no quote stands on two pages: the first of
them (by threads, then id) keeps it, the others name that page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from kb.evidence import read_evidence
from kb.notes.escape import shown
from kb.notes.page import PageLinks, Plan, page_of, page_plan, quotes_of, technology_of
from kb.notes.related import RelatedFinder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.claims import Quote
    from kb.evidence import Entry, EntryEvidence
    from kb.notes.export import Options

_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”')]|$)")
_WORD = re.compile(r"\w+")


def render_pages(
    connection: sqlite3.Connection,
    entries: Sequence[Entry],
    options: Options,
    slugs: Mapping[str, str],
) -> dict[str, str]:
    """File name to page."""
    titles = {e.entry_id: e.title for e in entries}
    finder = RelatedFinder(connection, entries)
    plans = plan_pages(connection, entries)
    shared = _shared_threads(plans.values())
    used: set[str] = set()
    out: dict[str, str] = {}
    published = {entry_id: slug for entry_id, slug in slugs.items() if entry_id in titles}
    for entry_id in titles:
        plan = plans[entry_id]
        _make_unique(plan, used)
        former = tuple(_former(slugs[old], options) for old in plan.known.aliases if old in slugs)
        links = PageLinks(published, titles, options.notes, former, shared.get(entry_id, {}))
        name = f"{published[entry_id]}{options.target.suffix}"
        out[name] = page_of(
            plan,
            options.target,
            links,
            category_of(plan.known, options),
            finder.related(entry_id),
        )
    return out


def plan_pages(connection: sqlite3.Connection, entries: Sequence[Entry]) -> dict[str, Plan]:
    """The plan of every page; words that a page of more threads (then lower id) shows are not
    repeated by another.
    """
    ranked = sorted(entries, key=lambda e: (-e.threads, e.entry_id))
    owner: dict[str, str] = {}
    plans: dict[str, Plan] = {}
    for known in read_evidence(connection, ranked):
        elsewhere = {
            q.marker: found
            for q in _all_quotes(known)
            if (found := _owner(q.text, owner, known.entry_id))
        }
        plan = plans[known.entry_id] = page_plan(known, elsewhere)
        for quote in quotes_of(plan):
            for sentence in _sentences(quote.text):
                owner.setdefault(sentence, known.entry_id)
    return plans


def _all_quotes(known: EntryEvidence) -> Iterator[Quote]:
    for statement in known.statements:
        yield statement.best
        yield from statement.evidence


def _owner(text: str, owner: Mapping[str, str], entry_id: str) -> str | None:
    """The other page that has a sentence of these words."""
    return next(
        (found for s in _sentences(text) if (found := owner.get(s)) and found != entry_id), None
    )


def _sentences(text: str) -> list[str]:
    # ten words tell a sentence: a quote may end where another one of the same post goes on
    found = (" ".join(_WORD.findall(s.lower())[:10]) for s in _SENTENCE_END.split(shown(text)))
    return [s for s in found if s.count(" ") >= 2]


def _shared_threads(plans: Iterable[Plan]) -> dict[str, dict[tuple[str, int], str]]:
    """For each entry its threads that are sources of other pages too, with the first of those."""
    by_thread: dict[tuple[str, int], list[str]] = defaultdict(list)
    for plan in plans:
        for source in plan.known.threads:
            by_thread[source.repo, source.number].append(plan.known.entry_id)
    out: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
    for key, ids in by_thread.items():
        if len(ids) > 1:
            for entry_id in ids:
                out[entry_id][key] = min(other for other in ids if other != entry_id)
    return out


def _former(slug: str, options: Options) -> str:
    return f"/{slug}/" if options.target.moved_key in ("aliases", "redirect_from") else slug


def category_of(known: EntryEvidence, options: Options) -> str | None:
    """The site's category of an entry: by provider, tool, repository or technology, else that of
    `*`.
    """
    entry = known.entry
    names = [
        entry.provider,
        entry.tool,
        *(p.repo for p in known.repos),
        technology_of(known),
    ]
    for name in names:
        if name and (found := options.categories.get(str(name).lower())):
            return found
    return options.categories.get("*")


def _make_unique(plan: Plan, used: set[str]) -> None:
    """Adds the entry's place or id to a title or description that another page has already."""
    known = plan.known
    where = known.repos[0].repo if known.repos else known.entry_id
    for name in ("title", "description"):
        text = getattr(plan, name)
        for mark in ("", f" ({where})", f" ({known.entry_id})"):
            if (text + mark).lower() not in used:
                text += mark
                break
        used.add(text.lower())
        setattr(plan, name, text)
