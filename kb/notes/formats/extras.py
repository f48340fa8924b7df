"""What a site has beside its pages, for its folder of static files: a Markdown twin of each page,
structured data, `llms.txt`, a feed of new, fixed and returned errors, a sitemap, redirects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from kb.notes.export import entries_with_page, missing_addresses
from kb.notes.jsonld import json_ld
from kb.notes.page_set import plan_pages, render_pages
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
    if not options.site:
        raise BadInputError(
            "format extras needs the address of the pages: set site_url under [export] in"
            " faultlore.toml"
        )
    entries = entries_with_page(connection, options)
    missing_addresses(connection, entries)
    known = slugs(connection)
    plain = replace(options, target=COMMONMARK, markers=False)
    plans = plan_pages(connection, entries, plain)
    out = {
        name: text
        for name, text in render_pages(connection, entries, plain, known).items()
        if name != "index.md"
    }
    for entry_id, plan in plans.items():
        out[f"{known[entry_id]}.jsonld"] = json_ld(plan, plain, known[entry_id]) + "\n"
    out |= llms_files(plans, known, options.site)
    out["feed.xml"] = feed(plans, known, options.site)
    out["sitemap.xml"] = sitemap(plans, known, options.site)
    if moved := redirects(plans, known, options.site):
        out["_redirects"] = moved
    return out
