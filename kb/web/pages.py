"""The pages: where each stands and what it shows, read from a `KnowledgeBase`; independent of who
asks for them (the server, or the writer of a static site).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, Unpack
from urllib.parse import quote

from kb import lazy_re as re
from kb.errors import BadInputError, FaultloreError, NotFoundError
from kb.query.entries import FilterTexts
from kb.query.results import KnownClaim, Result, plain
from kb.signature.title import provider_name

if TYPE_CHECKING:
    from kb.query.knowledge import KnowledgeBase

T = TypeVar("T")

KINDS = {"provider": "provider", "tool": "tool", "repo": "repository"}
"""What errors are listed by, and what that is called."""


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


# ---------------------------------------------------------------- the pages

DAYS = 30
"""The window of "new" and "rising", in days."""
MOST = 10
"""Lines of a list on the start page."""
LISTED = 100
"""Errors on a page of a list; of a static site, which has no second page, `LISTED_STATIC`."""
LISTED_STATIC = 1000
REVIEWED = 25
"""Claims on a page of the review queue."""
ASKED = 8_000_000
"""Characters of a pasted text that are taken; how much of them is read, `kb.query.input` says."""
MOST_ANSWERS = 10
"""Entries that answer a pasted text."""
MOST_FIXES = 8
"""Fixes of which an entry's page shows whom they helped."""
_PARTS = ("fix", "cause", "failed")
_BEST = (3, 2, 3)
"""Fixes, causes and refuted statements of an answer; the entry's page has them all."""
_FARTHEST = 1000
"""Pages of a list that are counted at most."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the template that shows it, what the template gets (`data`), and the plain document
    of its JSON twin. `status` is HTTP's.
    """

    template: str
    title: str
    data: dict[str, Any]
    document: Any
    address: str | None = None
    entry_id: str | None = None
    status: int = 200


class Pages:
    """The pages over a knowledge base. `links` says where they stand.

    What lists many entries is kept until the database changes: counting takes longer than a page
    should.
    """

    def __init__(self, kb: KnowledgeBase, links: Links | None = None) -> None:
        self.kb = kb
        self.links = links or Links()
        self._kept: dict[str, tuple[object, Any]] = {}

    def _cached(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made anew when the database changed."""
        state = self.kb.version()
        found = self._kept.get(name)
        if found is None or found[0] != state:
            found = self._kept[name] = (state, make())
        made: T = found[1]
        return made

    def start(self) -> Page:
        """The box to paste an error into, what is new and rising, and ways to browse."""
        return self._cached("start", self._start)

    def _start(self) -> Page:
        trends = self.kb.trends(days=DAYS, limit=MOST)
        groups = self._groups()
        answered = self.kb.entries(limit=MOST, grade="AB")
        data = {
            "entries": sum(count for _, count in groups["grade"]),
            "repos": len(groups["repo"]),
            "until": trends.until,
            "days": trends.days,
            "new": trends.new,
            "rising": trends.rising,
            "answered": answered,
            "providers": groups["provider"][:MOST],
            "tools": groups["tool"][:MOST],
        }
        document = {
            **trends.to_dict(),
            "answered": [entry._asdict() for entry in answered],
            **{f"{kind}s": dict(groups[kind]) for kind in KINDS},
        }
        return Page("start.html", "faultlore", data, document, self.links.start)

    def _groups(self) -> dict[str, tuple[tuple[str, int], ...]]:
        return self._cached("groups", self.kb.groups)

    def answer(self, text: str) -> Page:
        """What is known about a pasted error or log: for each error that was found in it, the
        entries that answer.
        """
        if not text.strip():
            raise BadInputError("the text is empty; paste an error message or a log")
        found = self.kb.query(text[:ASKED], limit=MOST_ANSWERS)
        entries = dict(found.known)
        asked: list[dict[str, Any]] = [
            {
                "error": error,
                "answers": [self._answer(r) for r in found.results if r.error == index],
                "entry_id": entries.get(index),
            }
            for index, error in enumerate(found.errors)
        ]
        known = len(entries)
        # what is known first; among those the root error of the text, which comes first in it
        asked.sort(key=lambda one: (one["entry_id"] is None, not one["answers"]))
        if len(asked) > 1:
            verb = "is" if known == 1 else "are"
            title = f"{known or 'None'} of {len(asked)} errors in this text {verb} known"
        elif known:
            title = "This error is known"
        elif found.results:
            title = "Nothing here is surely this error"
        else:
            title = "This error is not known here"
        data = {"known": known, "asked": asked, "notes": found.notes}
        return Page("answer.html", title, data, found.to_dict())

    def _answer(self, result: Result) -> dict[str, Any]:
        answer = {"entry": result.entry, "sure": result.sure, "why": in_words(result)}
        if not result.sure:
            return answer
        page = self.kb.show(result.entry.entry_id)
        fixes, causes, refuted = map(page.of, _PARTS)
        return {
            **answer,
            "page": page,
            "fixes": fixes[: _BEST[0]],
            "causes": causes[: _BEST[1]],
            "refuted": refuted[: _BEST[2]],
            "more": max(0, len(fixes) - _BEST[0]) + max(0, len(causes) - _BEST[1]),
        }

    def entry(self, name: str) -> Page:
        """All about one entry. Raises `NotFoundError`."""
        page = self.kb.show(name, claims=100, threads=100)
        entry_id = page.entry.entry_id
        fixes, causes, refuted = map(page.of, _PARTS)
        shown = len(fixes) + len(causes) + len(refuted)
        months = self.kb.months(entry_id)
        shown_fixes = (*fixes, *refuted)
        told = [(c.text.rstrip(" .:"), c.worked_for, c.failed_for) for c in shown_fixes]
        told_of = [(words, good, bad, good + bad) for words, good, bad in told if good or bad]
        differ = len({row[1:] for row in told_of}) > 1  # bars of one length compare nothing
        history = self.kb.history(entry_id)
        data = {
            "page": page,
            "fixes": fixes,
            "causes": causes,
            "refuted": refuted,
            "left_out": page.claims_left_out + len(page.claims) - shown,
            "months": months,
            "fix_outcomes": told_of[:MOST_FIXES] if differ else [],
            "history": history if any(event.action != "minted" for event in history) else (),
        }
        happened = [event._asdict() for event in history]
        document = {**page.to_dict(), "months": dict(months), "history": happened}
        address = self.links.entry(entry_id)
        return Page("entry.html", page.heading, data, document, address, entry_id)

    def search(self, words: str) -> Page:
        """Entries for words; without words, the box to type them into."""
        results = self.kb.search(words, limit=50) if words.strip() else ()
        why = {result.entry.entry_id: result.why for result in results}
        data = {"words": words, "entries": [result.entry for result in results], "why": why}
        document = {"words": words, "results": [result.to_dict() for result in results]}
        address = f"{self.links.search}?q={quote(words)}" if words.strip() else None
        return Page("list.html", "Search by words", data, document, address)

    def browse(self, number: int = 1) -> Page:
        """Providers, tools and repositories with the number of their errors; then all errors,
        page `number` of them.
        """
        groups = self._groups()
        shown = [(kind, groups[kind]) for kind in KINDS]
        document: dict[str, Any] = {kind: dict(rows) for kind, rows in shown}
        return self._listed("All errors", self.links.browse, number, document, shown)

    def _listed(
        self,
        title: str,
        address: str,
        number: int,
        document: dict[str, Any],
        groups: Sequence[object] = (),
        **filters: Unpack[FilterTexts],
    ) -> Page:
        """Page `number` of a list of errors; the first begins with the `groups`."""
        size = LISTED_STATIC if self.links.static else LISTED
        data = _turned(address, number, size, partial(self.kb.entries, **filters))
        if self.links.static:
            data |= {"after": None, "cut": data["after"] is not None}
        document = {**document, "entries": [entry._asdict() for entry in data["shown"]]}
        data |= {"entries": data["shown"], "groups": groups if number == 1 else []}
        return Page("list.html", title, data, document, _numbered(address, number))

    def group(self, kind: str, name: str, number: int = 1) -> Page:
        """The errors of a provider, a tool or a repository, page `number` of them. Raises
        `NotFoundError` if there are none.
        """
        address, only = self.links.group(kind, name), {kind: name}
        page = self._listed(f"Errors of {named(kind, name)}", address, number, only, **only)
        if not page.data["entries"]:
            raise NotFoundError(f"{name[:80]}: no error of this {KINDS[kind]} is known")
        return page

    def review(self, number: int = 1) -> Page:
        """The claims that are kept but not published, the likeliest first: what a person should
        judge. Read-only.
        """
        address = self.links.review
        data = _turned(address, number, REVIEWED, self.kb.unpublished)
        claims: Sequence[KnownClaim] = data["shown"]
        entries = {claim.entry_id: self.kb.entry(claim.entry_id) for claim in claims}
        data["claims"] = [(claim, entries[claim.entry_id]) for claim in claims]
        document = {"claims": [plain(claim) for claim in claims]}
        return Page("review.html", "Claims to review", data, document, _numbered(address, number))


def in_words(result: Result) -> str:
    """Why a result was chosen, for a reader who does not know how."""
    if result.match == "exact":
        return "the message is the same, once numbers, paths, keys and names are left out"
    return result.why.rstrip(".")


def named(kind: str, name: str) -> str:
    """A provider's name as it is written; any other name as it is."""
    return provider_name(name) if kind == "provider" else name


def _turned(
    address: str, number: int, size: int, read: Callable[..., Sequence[Any]]
) -> dict[str, Any]:
    """Page `number` of a list, `size` a page, with the addresses of the pages beside it."""
    number = max(1, min(number, _FARTHEST))
    # one more than is shown tells whether there is a page after this one
    found = read(limit=size + 1, skip=(number - 1) * size)
    return {
        "shown": found[:size],
        "number": number,
        "before": _numbered(address, number - 1) if number > 1 else None,
        "after": _numbered(address, number + 1) if len(found) > size else None,
    }


def _numbered(address: str, number: int) -> str:
    return address if number <= 1 else f"{address}?page={number}"


def problem(error: Exception, status: int) -> Page:
    """The page that says what went wrong."""
    title = "Not found" if status == 404 else "This cannot be answered"
    reason = error.said_in("browser") if isinstance(error, FaultloreError) else str(error)
    return Page("problem.html", title, {"reason": reason}, {"error": reason}, status=status)
