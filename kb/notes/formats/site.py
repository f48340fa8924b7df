"""The pages of `faultlore serve` as static files for any web server, GitHub Pages included, with a
search that needs no server.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kb import sql
from kb.query.knowledge import KnowledgeBase
from kb.web import render
from kb.web.pages import KINDS, FileLinks, Page, Pages

if TYPE_CHECKING:
    from kb.notes.options import Options

folder = "site"
needs_addresses = False
ASSETS = ("style.css", "app.js", "search.js")


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to text, all entries. What `options` says of documents is not heeded: these are
    the server's own pages.
    """
    del options
    name = next(row["file"] for row in sql.ask(connection, "file.name") if row["file"])
    with KnowledgeBase(Path(name)) as known:
        return dict(files_of(known))


def files_of(kb: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """The site as file names with their texts; the same knowledge base gives the same files.

    Every page comes with its JSON and Markdown twins. A pasted error is found by the reader's
    browser in `site-index.json`, by words weighed by how rare they are.
    """
    links = FileLinks()
    pages = Pages(kb, links)
    yield from _page(pages, pages.start())
    yield from _page(pages, pages.browse())
    entries = sorted(kb.entries(limit=10**9), key=lambda entry: entry.entry_id)
    for entry in entries:
        yield from _page(pages, pages.entry(entry.entry_id))
    groups = kb.groups()
    for kind in KINDS:
        for name, _ in groups[kind]:
            yield from _page(pages, pages.group(kind, name))
    for name in ASSETS:
        found = render.asset(name)
        assert found is not None  # the names above are all served
        yield links.asset(name), found[0]
    index = [
        {
            "title": entry.title,
            "signature": entry.signature,
            "threads": entry.threads,
            "url": links.entry(entry.entry_id),
        }
        for entry in entries
    ]
    yield links.asset("index.json"), json.dumps(index, ensure_ascii=True, indent=0) + "\n"


def _page(pages: Pages, page: Page) -> Iterator[tuple[str, str]]:
    assert page.address is not None  # every page of a static site has one
    yield page.address, render.html(page, pages.links)
    yield pages.links.twin(page.address, "json"), render.as_json(page)
    note = pages.kb.note(page.entry_id) if page.entry_id else render.markdown(page)
    yield pages.links.twin(page.address, "md"), note
