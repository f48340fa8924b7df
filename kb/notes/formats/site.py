"""The pages of `faultlore serve` as static files, ready for GitHub Pages: what is known can be
searched there without a server.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options

folder = "site"
needs_addresses = False


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to text, all entries. What `options` says of documents is not heeded: these are
    the server's own pages.
    """
    from kb.query.knowledge import KnowledgeBase
    from kb.web.site import files_of

    del options
    name = next(row["file"] for row in connection.execute("pragma database_list") if row["file"])
    with KnowledgeBase(Path(name)) as known:
        return dict(files_of(known))
