"""Which entry a page of an existing site is about, and how that was found."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from kb import sql
from kb.errors import FaultloreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from kb.site.pages import SitePage


class Matcher:
    """Finds a page's entry: what it says itself (marker, `entry:`, `id:`), its error signature, the
    threads it links to.

    `ask` answers for an error text that no signature equals: the id of the entry that is the same
    error, or None.
    """

    def __init__(
        self, connection: sqlite3.Connection, ask: Callable[[str], str | None] = lambda _: None
    ) -> None:
        self._ask = ask
        self._entries = set(sql.column(connection, "entries.ids"))
        self._aliases = dict(sql.ask(connection, "entries.aliases").fetchall())
        self._by_fingerprint: dict[str, str] = {}
        self._by_text: dict[str, str] = {}
        for fingerprint, text, entry_id in sql.ask(connection, "signatures.in_entries"):
            self._by_fingerprint[fingerprint] = self._by_text[text] = entry_id
        self._by_thread: dict[tuple[str, int], list[str]] = defaultdict(list)
        for repo, number, entry_id in sql.ask(connection, "entries.by_thread"):
            if entry_id in self._entries:  # not one that is ignored
                self._by_thread[repo, number].append(entry_id)

    def entry(self, name: str) -> str | None:
        """An entry's id from an id or a former one; None if there is none."""
        name = self._aliases.get(name, name)
        return name if name in self._entries else None

    def thread_entries(self, key: tuple[str, int]) -> list[str]:
        """The entries whose errors stand in a thread, that of its main error first."""
        return self._by_thread.get(key, [])

    def match(self, page: SitePage) -> tuple[str | None, str]:
        """The page's entry (None: not found) and how it was found: `marker`, `front matter`,
        `signature`, `sources`, `title` or `unknown`.
        """
        for marked in page.marked:
            if found := self.entry(marked.entry_id):
                return found, "marker"
        # a note names its entry by `id`; a site may use that key for anything else
        for key in ("entry", "faultlore_entry", "id"):
            if found := self.entry(page.said(key) or ""):
                return found, "front matter"
        signature = page.said("error_signature")
        if signature and (found := self._signed(signature)):
            return found, "signature"
        if found := self._by_sources(page):
            return found, "sources"
        title = page.title if not signature else None
        if title and (found := self._signed(title)):
            return found, "title"
        return None, "unknown"

    def _signed(self, text: str) -> str | None:
        from kb.signature import sign

        found = self._by_text.get(text)
        if (
            not found
            and (found := self._by_fingerprint.get(sign(text[:4000]).fingerprint))
            not in self._entries
        ):
            try:
                found = self._ask(text[:4000])
            except FaultloreError:
                return None
        return found if found in self._entries else None

    def _by_sources(self, page: SitePage) -> str | None:
        """The entry of most linked threads, if it is that of more than half of those known."""
        keys = {link.thread for link in page.links if link.thread}
        counts = Counter(found[0] for key in keys if (found := self.thread_entries(key)))
        if not counts:
            return None
        (best, count), total = counts.most_common(1)[0], sum(counts.values())
        return best if count * 2 > total else None
