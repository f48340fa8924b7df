"""One troubleshooting page an entry, named by its address, and an index of them; what one page must
know of the others.

Titles and descriptions are unique over the export, and no quote stands on two pages: the first of
them (by threads, then id) keeps it, the others name that page. Only words that announce the code of
a first fix ("Get it like this:") may.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from kb import sql
from kb.evidence import entry_of, read_evidence
from kb.notes.family import families, families_of, family_page
from kb.notes.index import Lost, index_page, lost_page, moved_page
from kb.notes.memo import Memo, Stands, entry_digests
from kb.notes.options import entries_for
from kb.notes.outline import outlines
from kb.notes.page import (
    DESCRIPTION_WIDTH,
    TITLE_WIDTH,
    PageLinks,
    Plan,
    category_of,
    has_page,
    page_of,
    page_plan,
    worth_a_page,
)
from kb.notes.related import RelatedFinder
from kb.notes.slugs import check_addresses, slugs
from kb.rows import listed
from kb.text import clean, shorten

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.notes.options import Options
    from kb.notes.related import Related

folder = "pages"
needs_addresses = True

_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”')]|$)")
_WORD = re.compile(r"\w+")


def make_changed(
    connection: sqlite3.Connection, options: Options, memo: Memo
) -> dict[str, str | Stands]:
    """File name to page.

    Raises `BadInputError` if an entry has no address yet.
    """
    plans, silent = plan_pages(connection, options)
    return pages_of(connection, plans, silent, options, slugs(connection), memo)


def pages_of(
    connection: sqlite3.Connection,
    plans: Mapping[str, Plan],
    silent: Mapping[str, Sequence[str]],
    options: Options,
    addresses: Mapping[str, str],
    memo: Memo,
) -> dict[str, str | Stands]:
    """File name to page, with the index, and at addresses without a page of their own one that
    leads on (to a merged entry only where the target cannot redirect) or says that it was
    withdrawn. A page of which nothing changed is not rendered.

    Raises `BadInputError` if an entry has no address yet.
    """
    check_addresses(connection, plans)
    finder = RelatedFinder(connection, [plan.known.entry for plan in plans.values()])
    published = {entry_id: slug for entry_id, slug in addresses.items() if entry_id in plans}
    titles = {entry_id: plan.outline.title for entry_id, plan in plans.items()}
    shared = _shared_threads(plans.values())
    suffix = options.target.suffix
    rows = entry_digests(connection, list(plans))
    out: dict[str, str | Stands] = {}
    for entry_id, plan in plans.items():
        former = tuple(addresses[old] for old in plan.known.aliases if old in addresses)
        links = PageLinks(published, titles, former, shared.get(entry_id, {}))
        category = category_of(plan.known, options)
        related = finder.related(entry_id)
        made_of = [rows[entry_id], category, *_lent(plan, links, related)]
        out[name := f"{published[entry_id]}{suffix}"] = Stands.AS_IT_IS
        if memo.is_new(name, made_of):
            out[name] = page_of(plan, options, links, category, related)
        if not options.target.redirects:
            for slug in former:
                out[f"{slug}{suffix}"] = moved_page(plan, slug, published[entry_id], options)
    found = families(plans)
    for slug, ids in found.items():
        members = [plans[i] for i in ids]
        category = category_of(members[0].known, options)
        out[name := f"{slug}{suffix}"] = Stands.AS_IT_IS
        if memo.is_new(name, [category, *((i, rows[i], published[i]) for i in ids)]):
            out[name] = family_page(slug, members, published, options, category)
    for lost in _lost(connection, plans, silent, addresses, options):
        pages = [(titles[i], published[i]) for i in lost.pages]
        out[f"{lost.slug}{suffix}"] = lost_page(lost, pages, options)
    if plans:
        out[f"{options.target.index}{suffix}"] = index_page(plans, published, options)
    return out


def _lost(
    connection: sqlite3.Connection,
    plans: Mapping[str, Plan],
    silent: Mapping[str, Sequence[str]],
    addresses: Mapping[str, str],
    options: Options,
) -> Iterator[Lost]:
    """The addresses whose errors have no page any more, with what is left of them and the pages on
    which their words stand; not those of entries that this export leaves out.
    """
    merged = dict(sql.ask(connection, "entries.aliases").fetchall())
    owners = {slug: merged.get(entry_id, entry_id) for entry_id, slug in addresses.items()}
    ids = sorted(set(owners.values()) - set(plans))
    rows = sql.ask(connection, "entries.by_id", listed(ids))
    left = [entry_of(row) for row in rows]
    known = {e.entry_id: e for e in read_evidence(connection, left)}
    wanted = {entry.entry_id for entry in entries_for(connection, options)}
    moved = _moved_to(connection, [e.entry_id for e in left if not e.threads])
    quoting: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for entry_id, plan in plans.items():
        for point in plan.points():
            quoting[point.quote.repo, point.quote.number].setdefault(entry_id)
    for slug, entry_id in owners.items():
        evidence = known.get(entry_id)
        if entry_id in plans or (evidence and evidence.threads and entry_id not in wanted):
            continue
        heirs = silent.get(entry_id) or [i for i in moved.get(entry_id, ()) if i in plans]
        threads = [(t.repo, t.number) for t in evidence.threads] if evidence else []
        beside = dict.fromkeys(i for thread in threads for i in quoting.get(thread, ()))
        yield Lost(slug, evidence, heirs or list(beside), whole=bool(heirs))
    entries = {i: plan.known.entry for i, plan in plans.items()}
    entries |= {e.entry_id: e for e in left if not e.threads or e.entry_id in wanted}
    # a merged entry's address counts as well: its page was one of the family
    once = families_of(entries[i] for i in owners.values() if i in entries)
    for slug in once.keys() - families(plans).keys():
        pages = [i for i in dict.fromkeys(once[slug]) if i in plans]
        yield Lost(slug, None, pages, whole=bool(pages))


def _moved_to(connection: sqlite3.Connection, retired: Sequence[str]) -> dict[str, list[str]]:
    """Of entries that no thread reports any more, those that were split off them and those that
    have the signature that they were given for.
    """
    rows = sql.ask(connection, "entries.split_from", listed(retired))
    found: dict[str, list[str]] = defaultdict(list)
    for old, new in rows:
        found[old].append(new)
    return found


def _lent(plan: Plan, links: PageLinks, related: Sequence[Related]) -> list[object]:
    """What a page takes from beyond its entry's own rows: a title that no other page has, words
    that other pages quote, names and addresses of other pages.
    """
    elsewhere = [
        (point.quote.claim_id, other) for point, other in [*plan.borrowed, *plan.elsewhere]
    ]
    others = {r.entry_id for r in related} | {other for _, other in elsewhere}
    others |= set(links.shared.values()) | {plan.known.entry_id}
    named = [(i, links.titles.get(i), links.slugs.get(i)) for i in sorted(others)]
    shared = sorted(links.shared.items())
    return [plan.title, plan.description, elsewhere, named, links.former, shared, related]


def plan_pages(
    connection: sqlite3.Connection, options: Options
) -> tuple[dict[str, Plan], dict[str, list[str]]]:
    """The plan of every page by entry, in the order of ids; words that a page of more threads (then
    lower id) shows are not repeated by another. With them the entries that have no page because
    all their words stand on other pages, and those pages' entries.
    """
    entries = worth_a_page(connection, entries_for(connection, options))
    ranked = sorted(entries, key=lambda e: (-e.threads, e.entry_id))
    owner: dict[str, str] = {}
    posts: set[str] = set()
    found: dict[str, Plan] = {}
    silent: dict[str, list[str]] = {}
    for outline in outlines(connection, ranked, options):
        if not has_page(outline):
            continue
        entry_id = outline.known.entry_id
        elsewhere = {
            p.quote.claim_id: other
            for p in outline.points()
            if (other := _owner(p.passage.text, owner, entry_id))
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
    plans = {e.entry_id: found[e.entry_id] for e in entries if e.entry_id in found}
    used: set[str] = set()
    for plan in plans.values():
        _make_unique(plan, used)
    return plans, silent


def _owner(text: str, owner: Mapping[str, str], entry_id: str) -> str | None:
    """The other page that has a sentence of these words."""
    return next(
        (found for s in _sentences(text) if (found := owner.get(s)) and found != entry_id), None
    )


def _sentences(text: str) -> list[str]:
    # ten words tell a sentence: a quote may end where another one of the same post goes on
    flat = " ".join(clean(text).lower().split())
    found = (" ".join(_WORD.findall(s)[:10]) for s in _SENTENCE_END.split(flat))
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


def _make_unique(plan: Plan, used: set[str]) -> None:
    """Adds the entry's project or id to a title or description that another page has already."""
    known = plan.known
    where = known.repos[0].repo.split("/")[-1] if known.repos else known.entry_id
    for name, width in (("title", TITLE_WIDTH), ("description", DESCRIPTION_WIDTH)):
        text = str(getattr(plan, name))
        for mark in ("", f" ({where})", f" ({known.entry_id})"):
            made = text if not mark else shorten(text, width - len(mark)) + mark
            if made.lower() not in used:
                break
        used.add(made.lower())
        setattr(plan, name, made)
