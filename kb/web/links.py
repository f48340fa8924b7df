"""Where the pages of the knowledge base stand: addresses of the server, or of files of a static
site.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

KINDS = ("provider", "tool", "repo")
"""What errors are listed by."""


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of a running server, from its root: the page with the box to paste an error into
    and where the box is sent to; the search by words; the lists; the claims that wait for a person.
    """

    static: bool = False
    start: str = "/"
    ask: str = "/ask"
    search: str = "/search"
    browse: str = "/browse"
    review: str = "/review"

    def entry(self, entry_id: str) -> str:
        """The page of an entry."""
        return f"/entry/{quote(entry_id, safe='')}"

    def group(self, kind: str, name: str) -> str:
        """The errors of a provider, a tool or a repository."""
        return f"/{kind}/{quote(name, safe='/' if kind == 'repo' else '')}"

    def asset(self, name: str) -> str:
        """A stylesheet or a script."""
        return f"/-/faultlore/{name}"

    def twin(self, address: str, form: str) -> str:
        """The same page as JSON or Markdown (`form`: `json`, `md`)."""
        path, _, question = address.partition("?")
        path = "/index" if path == "/" else path
        return f"{path}.{form}{'?' if question else ''}{question}"


@dataclass(frozen=True, slots=True)
class FileLinks(Links):
    """Addresses of a static site: files of one folder, which can stand below any address. It has no
    server to ask: the start page searches by itself.
    """

    static: bool = True
    start: str = "index.html"
    ask: str = "index.html"
    search: str = "index.html"
    browse: str = "browse.html"

    def entry(self, entry_id: str) -> str:
        """The file of an entry."""
        return f"entry-{file_name(entry_id)}.html"

    def group(self, kind: str, name: str) -> str:
        """The file of a list."""
        return f"{kind}-{file_name(name)}.html"

    def asset(self, name: str) -> str:
        """A stylesheet, a script or the index of signatures."""
        return f"site-{name}"

    def twin(self, address: str, form: str) -> str:
        """The file beside the page."""
        return f"{address.removesuffix('.html')}.{form}"


def file_name(name: str) -> str:
    """A name for a file from a stranger's words: safe on every system, and no two names share one
    (also where letter case does not count). An entry's id, in capitals and digits, stays as it is.
    """
    if re.fullmatch(r"E[0-9A-Z]{1,40}", name):
        return name
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-")
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{plain[:60] or 'name'}-{digest}"
