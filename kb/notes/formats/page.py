"""One troubleshooting page an entry, named by its address, and an index of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.options import entries_for
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
    return render_pages(connection, entries_for(connection, options), options, slugs(connection))
