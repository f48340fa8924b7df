"""The pages of an export together: what each says, where it is, what it must know of the others.

Titles and descriptions are unique over the export, and no quote stands on two pages: the first of
them (by threads, then id) keeps it, the others name that page. Only words that announce the code of
a first fix ("Get it like this:") may.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kb import lazy_re as re
from kb.evidence import Entry
from kb.notes.descriptions import DESCRIPTION_WIDTH
from kb.notes.escape import escaper
from kb.notes.options import Options, entries_for
from kb.notes.outline import outlines
from kb.notes.page import Plan, page_plan
from kb.notes.slugs import slug_of, slugs
from kb.notes.titles import TITLE_WIDTH, project_named
from kb.notes.worth import why_no_page, worth_a_page
from kb.text import clean, shorten

MEMBERS = 3
"""Errors that make a family: those that a provider answers with one status."""

_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”')]|$)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class PageSet:
    """The pages of an export. `plans`: what each says, by entry, in the order of ids; `silent`: the
    entries that have no page because all their words stand on other pages, and those pages'
    entries; `slugs`: addresses by entry, those of entries without a page or merged away included.
    """

    options: Options
    plans: Mapping[str, Plan]
    silent: Mapping[str, list[str]]
    slugs: Mapping[str, str]

    @cached_property
    def families(self) -> dict[str, list[Plan]]:
        """The plans of each family by the address of its page."""
        found = families_of(plan.known.entry for plan in self.plans.values())
        return {slug: [self.plans[i] for i in ids] for slug, ids in found.items()}

    def former(self, entry_id: str) -> tuple[str, ...]:
        """The addresses of the entries that were merged into one."""
        merged = self.plans[entry_id].known.aliases
        return tuple(self.slugs[old] for old in merged if old in self.slugs)

    def link(self, entry_id: str, title: str | None = None, *, from_index: bool = False) -> str:
        """A link from one page to another, by its error's title if no other is given."""
        title = self.plans[entry_id].outline.title if title is None else title
        write = escaper(self.options.generator)
        return write.page(title, self.slugs[entry_id], from_index=from_index)


def families_of(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Address of each family's page to the entries in it, those of the most threads first."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.provider and entry.status:
            found[slug_of(f"{entry.provider} {entry.status} errors")].append(entry)
    return {
        slug: [e.entry_id for e in sorted(members, key=lambda e: (-e.threads, e.entry_id))]
        for slug, members in sorted(found.items())
        if len(members) >= MEMBERS
    }


def page_set(connection: sqlite3.Connection, options: Options) -> PageSet:
    """The pages of an export. Words that a page of more threads (then lower id) shows are not
    repeated by another.

    Raises `BadInputError` if an entry has no address yet.
    """
    entries = worth_a_page(connection, entries_for(connection, options))
    ranked = sorted(entries, key=lambda e: (-e.threads, e.entry_id))
    owner: dict[str, str] = {}
    posts: set[str] = set()
    found: dict[str, Plan] = {}
    silent: dict[str, list[str]] = {}
    for outline in outlines(connection, ranked, options):
        if why_no_page(outline) is not None:
            continue
        entry_id = outline.known.entry_id
        elsewhere = {
            p.quote.claim_id: other
            for p in outline.points()
            if (other := next((owner[s] for s in _sentences(p.passage.text) if s in owner), None))
        }
        plan = page_plan(outline, elsewhere, posts)
        if not plan.says_something:
            silent[entry_id] = list(dict.fromkeys(elsewhere.values()))
            continue
        found[entry_id] = plan
        for point in plan.points():
            posts.add(point.quote.url)
            for sentence in _sentences(point.passage.text):
                owner.setdefault(sentence, entry_id)
    plans = dict(sorted(found.items()))
    _make_unique(plans.values())
    return PageSet(options, plans, silent, slugs(connection, plans))


def _sentences(text: str) -> list[str]:
    # ten words tell a sentence: a quote may end where another one of the same post goes on
    flat = " ".join(clean(text).lower().split())
    found = (" ".join(_WORD.findall(s)[:10]) for s in _SENTENCE_END.split(flat))
    return [s for s in found if s.count(" ") >= 2]


def _make_unique(plans: Iterable[Plan]) -> None:
    """Adds the entry's project or id to a title or description that another page has already."""
    used: set[str] = set()
    for plan in plans:
        known = plan.known
        where = project_named(known.repos[0].repo) if known.repos else known.entry_id
        for name, width in (("title", TITLE_WIDTH), ("description", DESCRIPTION_WIDTH)):
            text = str(getattr(plan, name))
            for mark in ("", f" ({where})", f" ({known.entry_id})"):
                made = text if not mark else shorten(text, width - len(mark)) + mark
                if made.lower() not in used:
                    break
            used.add(made.lower())
            setattr(plan, name, made)
