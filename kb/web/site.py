"""The pages as files: a static site for any web server, GitHub Pages included, with a search that
needs no server.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kb.web import render
from kb.web.links import KINDS, FileLinks, file_name
from kb.web.pages import Page, Pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.query.knowledge import KnowledgeBase

ASSETS = ("style.css", "app.js", "search.js")


def files_of(kb: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """The site as relative paths with their texts; the same knowledge base gives the same files.

    Every page comes with its JSON and Markdown twins. A pasted error is found by the reader's
    browser in `assets/index.json`, by words weighed by how rare they are.
    """
    root = Pages(kb, FileLinks())
    below = Pages(kb, FileLinks(depth=1))
    yield from _page(root, root.start(), "index")
    yield from _page(root, root.browse(), "browse")
    entries = sorted(kb.entries(limit=10**9), key=lambda entry: entry.entry_id)
    for entry in entries:
        yield from _page(below, below.entry(entry.entry_id), f"entry/{entry.entry_id}")
    groups = kb.groups()
    for kind in KINDS:
        for name, _ in groups[kind]:
            yield from _page(below, below.group(kind, name), f"{kind}/{file_name(name)}")
    for name in ASSETS:
        found = render.asset(name)
        assert found is not None  # the names above are all served
        yield f"assets/{name}", found[0]
    index = [
        {
            "title": entry.title,
            "signature": entry.signature,
            "threads": entry.threads,
            "url": f"entry/{entry.entry_id}.html",
        }
        for entry in entries
    ]
    yield "assets/index.json", json.dumps(index, ensure_ascii=True, indent=0) + "\n"
    yield ".nojekyll", ""


def _page(pages: Pages, page: Page, path: str) -> Iterator[tuple[str, str]]:
    yield f"{path}.html", render.html(page, pages.links)
    yield f"{path}.json", render.as_json(page)
    note = pages.kb.note(page.entry_id) if page.entry_id else render.markdown(page)
    yield f"{path}.md", note
