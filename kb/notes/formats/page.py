"""One troubleshooting page an entry, named by its address, and an index of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.export import entries_with_page, missing_addresses
from kb.notes.page_set import render_pages
from kb.notes.slugs import slugs

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options

folder = "pages"
needs_addresses = True


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to page.

    Raises `BadInputError` if an entry has no address yet.
    """
    entries = entries_with_page(connection, options)
    missing_addresses(connection, entries)
    return render_pages(connection, entries, options, slugs(connection))
