"""One troubleshooting page an entry, named by its address, and an index of them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import structs

from kb import sql
from kb.evidence import entry_of, read_evidence
from kb.notes.beside import Lost, family_page, index_page, lost_page, moved_page
from kb.notes.descriptions import cited, menu_title, quick_fix, told_causes
from kb.notes.document import document
from kb.notes.escape import escaper
from kb.notes.jsonld import as_script, json_ld
from kb.notes.markdown import View, written
from kb.notes.options import Options, entries_for
from kb.notes.page import MOST_NAMED, Plan, category_of, technology_of
from kb.notes.pageset import PageSet, families_of, page_set
from kb.notes.related import Related, RelatedFinder
from kb.notes.targets import Facts
from kb.notes.wording import label
from kb.rows import listed
from kb.settings import GRADES

folder = "pages"
needs_addresses = True


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to page.

    Raises `BadInputError` if an entry has no address yet.
    """
    return pages_of(connection, page_set(connection, options))


def pages_of(connection: sqlite3.Connection, pages: PageSet) -> dict[str, str]:
    """File name to page, with the index, and at addresses without a page of their own one that
    leads on (to a merged entry only where the target cannot redirect) or says that it was
    withdrawn.
    """
    plans, options = pages.plans, pages.options
    finder = RelatedFinder(connection, [plan.known.entry for plan in plans.values()])
    out: dict[str, str] = {}
    for entry_id, plan in plans.items():
        out[pages.slugs[entry_id]] = page_of(pages, plan, finder.related(entry_id))
        if not options.generator.redirects:
            out |= {slug: moved_page(pages, slug, plan) for slug in pages.former(entry_id)}
    out |= {slug: family_page(pages, slug) for slug in pages.families}
    out |= {lost.slug: lost_page(pages, lost) for lost in _lost(connection, pages)}
    if plans:
        out[options.generator.index] = index_page(pages)
    return {f"{slug}{options.generator.suffix}": text for slug, text in out.items()}


def page_of(pages: PageSet, plan: Plan, related: Sequence[Related]) -> str:
    """The page of an entry; the same plan gives the same bytes."""
    known, outline, options = plan.known, plan.outline, pages.options
    entry, target, slug = known.entry, options.generator, pages.slugs[known.entry_id]
    data = json_ld(plan, options, slug) if target.script or "head" in target.fields else None
    tool = known.tools[0][0] if known.tools else None
    tags = [entry.provider, str(entry.status) if entry.status else None, tool]
    titles = [pages.plans[r.entry_id].outline.title for r in related]
    links = [pages.link(r.entry_id, label(t)) for r, t in zip(related, titles, strict=True)]
    menu = menu_title(plan.title, outline)
    facts = Facts(
        title=plan.title,
        label=menu if menu != plan.title else None,
        description=plan.description,
        slug=slug,
        published=entry.first_seen or known.updated,
        updated=known.updated,
        category=category_of(known, options),
        tags=tuple(dict.fromkeys(t for t in tags if t)),
        former=pages.former(known.entry_id),
        base=options.base,
        json_ld=data,
        more={
            "technology": technology_of(known),
            "error_signature": outline.signature,
            "common_causes": [cited(cause, known) for cause in told_causes(outline)],
            "quick_fix": quick_fix(outline),
            "related_errors": titles,
            "solution": outline.status,
            "entry": known.entry_id,
            "grade": entry.grade,
        },
    )
    points = list(plan.points())
    body = written(
        "page.md.j2",
        View(outline, target, markers=options.with_markers, points=points),
        plan=plan,
        most_named=MOST_NAMED,
        related=[(link, r.difference) for link, r in zip(links, related, strict=True)],
        note=options.note_address(known.entry_id),
        twin=f"{options.site_url.rstrip('/')}/{slug}.md" if options.site_url else None,
        script=as_script(data) if data and target.script else None,
    )
    front = target.front_of(facts)
    return document(front, body, target, escaper(target).inline(outline.title))


def _lost(connection: sqlite3.Connection, pages: PageSet) -> Iterator[Lost]:
    """The addresses whose errors have no page any more, with what is left of them and the pages on
    which their words stand; not those of entries that this export leaves out, unless it is for a
    grade that they had.
    """
    plans, options = pages.plans, pages.options
    merged = dict(sql.ask(connection, "entries.aliases").fetchall())
    owners = {slug: merged.get(entry_id, entry_id) for entry_id, slug in pages.slugs.items()}
    gone = sorted(set(owners.values()) - set(plans))
    left = [entry_of(row) for row in sql.ask(connection, "entries.by_id", listed(gone))]
    known = {e.entry_id: e for e in read_evidence(connection, left)}
    told = {e.entry_id for e in entries_for(connection, options)}
    told |= {
        e.entry_id
        for e in entries_for(connection, structs.replace(options, min_grade=GRADES[-1]))
        if f"{pages.slugs.get(e.entry_id)}{options.generator.suffix}" in options.standing
    }
    told |= {e.entry_id for e in left if not e.threads}
    # an error that no thread reports any more stands where it was split to
    heirs: dict[str, list[str]] = defaultdict(list)
    retired = listed(e.entry_id for e in left if not e.threads)
    for old, new in sql.ask(connection, "entries.split_from", retired):
        heirs[old] += [new] if new in plans else []
    quoting: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for entry_id, plan in plans.items():
        for point in plan.points():
            quoting[point.quote.repo, point.quote.number].setdefault(entry_id)
    for slug, entry_id in owners.items():
        evidence = known.get(entry_id)
        if entry_id in plans or (evidence and entry_id not in told):
            continue
        threads = [(t.repo, t.number) for t in evidence.threads] if evidence else []
        beside = dict.fromkeys(i for thread in threads for i in quoting.get(thread, ()))
        whole = pages.silent.get(entry_id) or heirs[entry_id]
        yield Lost(slug, evidence, whole or list(beside), whole=bool(whole))
    entries = {i: plan.known.entry for i, plan in plans.items()}
    entries |= {e.entry_id: e for e in left if e.entry_id in told}
    # a merged entry's address counts as well: its page was one of the family
    once = families_of(entries[i] for i in owners.values() if i in entries)
    for slug in once.keys() - pages.families.keys():
        members = [i for i in dict.fromkeys(once[slug]) if i in plans]
        yield Lost(slug, None, members, whole=bool(members))
