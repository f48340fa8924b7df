"""All pages of an export together: what one page must know of the others.

Titles and descriptions are unique over the export, and no quote stands on two pages: the first of them (by threads, then
id) keeps it, the others name that page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.dossier import dossiers
from kb.escape import shown
from kb.pages import PageLinks, Plan, page_of, page_plan, technology_of
from kb.redact import redact
from kb.related import RelatedFinder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from kb.dossier import Dossier, Row
    from kb.export import Options


def render_pages(connection: sqlite3.Connection, entries: Sequence[Row], options: Options, slugs: Mapping[str, str]) -> dict[str, str]:
    """File name to page."""
    titles = {str(e["entry_id"]): redact(str(e["title"])) for e in entries}
    repeated = _repeated_quotes(connection, entries)
    finder = RelatedFinder(connection, entries)
    used: set[str] = set()
    out: dict[str, str] = {}
    published = {entry_id: slug for entry_id, slug in slugs.items() if entry_id in titles}
    for dossier in dossiers(connection, entries):
        plan = page_plan(dossier, repeated.get(dossier.entry_id))
        _make_unique(plan, used)
        former = tuple(_former(slugs[old], options) for old in dossier.aliases if old in slugs)
        links = PageLinks(published, titles, options.notes, former)
        name = f"{published[dossier.entry_id]}{options.target.suffix}"
        out[name] = page_of(plan, options.target, links, category_of(dossier, options), finder.related(dossier.entry_id))
    return out


def _former(slug: str, options: Options) -> str:
    return f"/{slug}/" if options.target.moved_key in ("aliases", "redirect_from") else slug


def category_of(dossier: Dossier, options: Options) -> str | None:
    """The site's category of an entry: by provider, tool, repository or technology, else that of `*`."""
    entry = dossier.entry
    names = [entry["provider"], entry["tool"], *(p.repo for p in dossier.places), technology_of(dossier)]
    for name in names:
        if name and (found := options.categories.get(str(name).lower())):
            return found
    return options.categories.get("*")


def _make_unique(plan: Plan, used: set[str]) -> None:
    """Adds the entry's place or id to a title or description that another page has already."""
    dossier = plan.dossier
    where = dossier.places[0].repo if dossier.places else dossier.entry_id
    for name in ("title", "description"):
        text = getattr(plan, name)
        for mark in ("", f" ({where})", f" ({dossier.entry_id})"):
            if (text + mark).lower() not in used:
                text += mark
                break
        used.add(text.lower())
        setattr(plan, name, text)


def _repeated_quotes(connection: sqlite3.Connection, entries: Sequence[Row]) -> dict[str, dict[str, str]]:
    """For each entry the claims whose words another page keeps: claim id to that page's entry."""
    ranked = sorted(entries, key=lambda e: (-e["threads"], e["entry_id"]))
    keeper: dict[str, str] = {}
    out: dict[str, dict[str, str]] = {}
    for dossier in dossiers(connection, ranked):
        for statement in dossier.statements:
            words = shown(statement.best.text).lower()
            owner = keeper.setdefault(words, dossier.entry_id)
            if owner != dossier.entry_id:
                out.setdefault(dossier.entry_id, {})[statement.best.claim_id] = owner
    return out
