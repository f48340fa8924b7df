"""The pages: what each shows, read from a `KnowledgeBase`; independent of who asks for them (the
server, or the writer of a static site).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError, FaultloreError, NotFoundError
from kb.web import charts
from kb.web.links import KINDS, Links

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.query.knowledge import KnowledgeBase
    from kb.query.results import EntryPage, KnownClaim, Result

DAYS = 30
"""The window of "new" and "rising", in days."""
MOST = 10
"""Lines of a list on the start page."""
LISTED = 200
"""Errors on a page of a provider, a tool or a repository."""
ASKED = 2_000_000
"""Characters of a pasted text that are read."""
_BEST = (3, 2, 3)
"""Fixes, causes and refuted statements of an answer; the entry's page has them all."""


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
    json_url: str | None = None
    markdown_url: str | None = None

    def with_twins(self, links: Links) -> Page:
        """The page with the addresses of its JSON and Markdown twins, where it has an address of
        its own.
        """
        if self.address is None:
            return self
        return replace(
            self,
            json_url=links.twin(self.address, "json"),
            markdown_url=links.twin(self.address, "md"),
        )


def outcomes(claim: KnownClaim) -> tuple[int, int]:
    """How many others say that a claim holds or helped, and that it does not."""
    roles = [backing.role for backing in claim.backing]
    return roles.count("confirms"), roles.count("contradicts")


class Pages:
    """The pages over a knowledge base. `links` says where they stand."""

    def __init__(self, kb: KnowledgeBase, links: Links | None = None) -> None:
        self.kb = kb
        self.links = links or Links()

    def start(self) -> Page:
        """The box to paste an error into, what is new and rising, and ways to browse."""
        trends = self.kb.trends(days=DAYS, limit=MOST)
        groups = self.kb.groups()
        answered = self.kb.entries(limit=MOST, grade="AB")
        data = {
            "entries": sum(count for _, count in groups["grade"]),
            "days": trends.days,
            "new": trends.new,
            "rising": trends.rising,
            "answered": answered,
            "providers": groups["provider"][:MOST],
            "tools": groups["tool"][:MOST],
        }
        document = {
            **trends.to_dict(),
            "answered": [asdict(entry) for entry in answered],
            **{f"{kind}s": dict(groups[kind]) for kind in KINDS},
        }
        return Page("start.html", "faultlore", data, document, self.links.start())

    def answer(self, text: str) -> Page:
        """What is known about a pasted error or log."""
        if not text.strip():
            raise BadInputError("the text is empty; paste an error message or a log")
        found = self.kb.query(text[:ASKED], limit=10)
        data = {
            "found": found.found,
            "errors": found.errors,
            "notes": found.notes,
            "answers": [self._answer(result) for result in found.results],
        }
        title = found.best.entry.title if found.best else "No such error is known here"
        return Page("answer.html", title, data, found.to_dict())

    def _answer(self, result: Result) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "entry": result.entry,
            "sure": result.sure,
            "why": result.why.rstrip("."),
            "error": result.error,
            "page": None,
        }
        if result.sure:
            page = self.kb.show(result.entry.entry_id)
            fixes, causes, refuted = _parts(page.claims)
            answer |= {
                "page": page,
                "fixes": fixes[: _BEST[0]],
                "causes": causes[: _BEST[1]],
                "refuted": refuted[: _BEST[2]],
            }
        return answer

    def entry(self, name: str) -> Page:
        """All about one entry. Raises `NotFoundError`."""
        page = self.kb.show(name, claims=100, threads=100)
        return self.entry_of(page)

    def entry_of(self, page: EntryPage) -> Page:
        """The page of an entry that was read already."""
        entry_id = page.entry.entry_id
        fixes, causes, refuted = _parts(page.claims)
        months = self.kb.months(entry_id)
        history = self.kb.history(entry_id)
        data = {
            "page": page,
            "fixes": fixes,
            "causes": causes,
            "refuted": refuted,
            "time_chart": charts.by_month(months),
            "fix_chart": charts.of_fixes([(c.quote, *outcomes(c)) for c in (*fixes, *refuted)]),
            "history": history,
        }
        document = {**page.to_dict(), "months": dict(months)}
        address = self.links.entry(entry_id)
        return Page(
            "entry.html", page.entry.title, data, document, address=address, entry_id=entry_id
        )

    def search(self, words: str) -> Page:
        """Entries for words; without words, the box to type them into."""
        results = self.kb.search(words, limit=50) if words.strip() else ()
        data = {"words": words, "entries": [result.entry for result in results]}
        document = {"words": words, "results": [result.to_dict() for result in results]}
        return Page("list.html", "Search by words", data, document)

    def browse(self) -> Page:
        """Providers, tools and repositories with the number of their errors."""
        groups = self.kb.groups()
        shown = [(kind, groups[kind]) for kind in KINDS]
        document = {kind: dict(rows) for kind, rows in shown}
        data = {"groups": shown, "entries": self.kb.entries(limit=50)}
        return Page("list.html", "All errors", data, document, self.links.browse())

    def group(self, kind: str, name: str) -> Page:
        """The errors of a provider, a tool or a repository. Raises `NotFoundError` if there are
        none.
        """
        entries = self.kb.entries(limit=LISTED, **{kind: name})
        if not entries:
            raise NotFoundError(f"{name[:80]}: no error of this {kind} is known")
        document = {kind: name, "entries": [asdict(entry) for entry in entries]}
        return Page(
            "list.html",
            f"Errors of {name}",
            {"entries": entries, "groups": []},
            document,
            self.links.group(kind, name),
        )

    def review(self) -> Page:
        """The claims that are kept but not published, the likeliest first: what a person should
        judge. Read-only.
        """
        claims = self.kb.unpublished(limit=50)
        return Page(
            "review.html",
            "Claims to review",
            {"claims": claims},
            {"claims": [claim.to_dict() for claim in claims]},
            self.links.review(),
        )


def problem(error: Exception, status: int) -> Page:
    """The page that says what went wrong."""
    title = "Not found" if status == 404 else "This cannot be answered"
    reason = error.said_in("browser") if isinstance(error, FaultloreError) else str(error)
    return Page("problem.html", title, {"reason": reason}, {"error": reason}, status=status)


def _parts(
    claims: Iterable[KnownClaim],
) -> tuple[list[KnownClaim], list[KnownClaim], list[KnownClaim]]:
    """Fixes and workarounds, causes, and what was refuted; each in the order they come in."""
    good = [claim for claim in claims if claim.stance != "refuted"]
    return (
        [claim for claim in good if claim.kind != "cause"],
        [claim for claim in good if claim.kind == "cause"],
        [claim for claim in claims if claim.stance == "refuted"],
    )
