"""One troubleshooting page an entry, named by its address, and an index of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.memo import Memo, Stands, rendered
from kb.notes.options import entries_for
from kb.notes.page_set import pages_of, plan_pages
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
    return rendered(make_changed(connection, options, Memo()))


def make_changed(
    connection: sqlite3.Connection, options: Options, memo: Memo
) -> dict[str, str | Stands]:
    """The same, rendered only where a page changed."""
    plans = plan_pages(connection, entries_for(connection, options), options)
    return pages_of(connection, plans, options, slugs(connection), memo)
