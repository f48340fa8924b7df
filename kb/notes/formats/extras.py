"""What a site has beside its pages, for its folder of static files: a Markdown twin of each page,
structured data, `llms.txt`, a feed of new, fixed and returned errors, a sitemap, redirects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from kb.notes.jsonld import json_ld
from kb.notes.memo import Memo, Stands, rendered
from kb.notes.options import entries_for
from kb.notes.page_set import pages_of, plan_pages
from kb.notes.site_files import feed, llms_files, redirects, sitemap
from kb.notes.slugs import slugs
from kb.notes.targets import COMMONMARK

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options

folder = "extras"
needs_addresses = True


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to text.

    Raises `BadInputError` without the site's address: feeds and sitemaps hold whole addresses.
    """
    return rendered(make_changed(connection, options, Memo()))


def make_changed(
    connection: sqlite3.Connection, options: Options, memo: Memo
) -> dict[str, str | Stands]:
    """The same, with the twin of a page rendered only where it changed."""
    if not options.site:
        raise BadInputError(
            "format extras needs the address of the pages: set site_url under [export] in"
            " faultlore.toml"
        )
    known = slugs(connection)
    plain = replace(options, target=COMMONMARK, markers=False)
    plans = plan_pages(connection, entries_for(connection, options), plain)
    out = pages_of(connection, plans, plain, known, memo)
    out.pop("index.md", None)
    for entry_id, plan in plans.items():
        slug = known[entry_id]
        # as its twin: what the one is made of, the other is
        is_as_before = out[f"{slug}.md"] is Stands.AS_IT_IS
        memo.inputs[f"{slug}.jsonld"] = memo.inputs[f"{slug}.md"]
        out[f"{slug}.jsonld"] = Stands.AS_IT_IS
        if not is_as_before or not memo.stands(f"{slug}.jsonld"):
            out[f"{slug}.jsonld"] = json_ld(plan, plain, slug) + "\n"
    out |= llms_files(plans, known, options.site)
    out["feed.xml"] = feed(plans, known, options.site)
    out["sitemap.xml"] = sitemap(plans, known, options.site)
    if moved := redirects(plans, known, options.site):
        out["_redirects"] = moved
    return out
