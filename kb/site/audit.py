"""Holds a folder of pages against the knowledge base: doubles, pages without sources, links that
mislead, news, gaps.

Nothing is written. docs/how-to/audit.md describes each finding and what to do about it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.evidence import entries_to_show, read_evidence
from kb.notes.outline import outlines
from kb.notes.page import has_page
from kb.notes.releases import releases_of
from kb.redact import redact
from kb.site.match import Matcher
from kb.site.pages import site_pages, thread_of
from kb.text import counted, day

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kb.evidence import Entry, EntryEvidence
    from kb.site.pages import Link, SitePage

KINDS = {
    "unreadable": "front matter or markers cannot be read",
    "same-error": "several pages are about one error",
    "no-source": "no link to a source",
    "one-source": "only one source",
    "missing-link": "a link that the knowledge base cannot find",
    "deleted": "a cited post is gone",
    "edited": "a cited post was edited after the page",
    "contradicted": "a link to words that were contradicted",
    "fixed": "a release fixed the error after the page",
    "other-error": "a link to a thread about another error",
    "outdated": "older than the entry's news",
    "unwritten": "an entry that deserves a page and has none",
}
"""Findings by kind, in the order of a report."""


_SAYS_SO = re.compile(
    r"(?i)\b(?:not (?:help|work)|contradicted|tried|failed|wrong|myths?|outdated)\b"
)
"""Headings under which words may be quoted that were contradicted."""
_ON_LINE = re.compile(r"(?i)\b(?:did not help|against it)\b")
"""What a line says of the words that it links."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. `page` is None for an entry without a page."""

    kind: str
    page: str | None
    line: int | None
    entry_id: str | None
    what: str


@dataclass(frozen=True, slots=True)
class AuditedPage:
    """A page with the entry it is about, how that was found, and its sources (links to other
    sites).
    """

    page: str
    entry_id: str | None
    how: str
    title: str | None
    sources: int


@dataclass(slots=True)
class Audit:
    """All pages, and what was found."""

    pages: list[AuditedPage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pages": [asdict(p) for p in self.pages],
            "findings": [asdict(f) for f in self.findings],
        }


def audit(
    connection: sqlite3.Connection,
    folder: Path,
    ask: Callable[[str], str | None] = lambda _: None,
    *,
    deserves: int = 5,
) -> Audit:
    """Reads the folder's pages and reports; `deserves`: threads from which an entry without
    evidence deserves a page too.

    `ask`: see `kb.site.match.Matcher`. Raises `BadInputError` if the folder is none.
    """
    matcher = Matcher(connection, ask)
    report = Audit()
    pages: list[tuple[SitePage, str | None]] = []
    for page in site_pages(folder):
        try:
            entry_id, how = matcher.match(page)
        except BadInputError as error:
            report.findings.append(
                Finding("unreadable", page.name, None, None, str(error).split(": ", 1)[-1])
            )
            entry_id, how = None, "unknown"
        if page.problem:
            report.findings.append(Finding("unreadable", page.name, 1, entry_id, page.problem))
        report.pages.append(
            AuditedPage(page.name, entry_id, how, page.said("title"), len(page.links))
        )
        if not page.problem:
            pages.append((page, entry_id))
    known = _Known(connection)
    entries = {str(row.entry_id): row for row in entries_to_show(connection)}
    about = sorted({entry_id for _, entry_id in pages if entry_id})
    found = {d.entry_id: d for d in read_evidence(connection, [entries[i] for i in about])}
    for page, entry_id in pages:
        report.findings += _sources(page, entry_id, found.get(entry_id or ""))
        cited = _threads_of(found.get(entry_id or ""))
        for link in page.links:
            report.findings += _link(page, entry_id, link, known, matcher, cited)
        if entry_id and not page.is_stub:
            report.findings += _news(page, found[entry_id])
    report.findings += _doubles(pages)
    written = {entry_id for page, entry_id in pages if entry_id and not page.is_stub}
    report.findings += _unwritten(connection, entries.values(), written, deserves)
    order = list(KINDS)
    report.findings.sort(
        key=lambda f: (order.index(f.kind), f.page or "", f.line or 0, f.entry_id or "", f.what)
    )
    return report


class _Known:
    """What the knowledge base holds of GitHub: repositories, threads, comments, and the comments
    whose words were contradicted.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.threads = {
            (row[0], row[1])
            for row in connection.execute("select repo, number from thread where gone_at is null")
        }
        self.repos = {repo for repo, _ in self.threads}
        # pull requests of which a timeline tells need not have been read themselves
        self.threads |= {
            (row[0], row[1])
            for row in connection.execute(
                "select source_repo, source_number from event where source_repo > ''"
            )
        }
        self.gone = {
            (row[0], row[1])
            for row in connection.execute("select repo, number from thread where gone_at > ''")
        }
        self.comments = {
            row[0]: (row[1], row[2], row[3])
            for row in connection.execute(
                "select comment_id, created_at, updated_at, gone_at from comment"
            )
        }
        self.refuted: dict[tuple[str, int, int | None], str] = {}
        good: set[tuple[str, int, int | None]] = set()
        for row in connection.execute(
            "select repo, number, comment_id, quote, stance from claim order by claim_id"
        ):
            key = row["repo"], row["number"], row["comment_id"]
            if row["stance"] == "refuted":
                self.refuted.setdefault(key, redact(row["quote"]))
            else:
                good.add(key)
        for row in connection.execute(
            "select coalesce(e.repo, c.repo), coalesce(e.number, c.number), e.comment_id "
            "from evidence e join claim c using (claim_id)"
        ):
            good.add((row[0], row[1], row[2]))
        # a post that also holds something that stands, or that reports how another's advice went,
        # may be linked
        for key in good:
            self.refuted.pop(key, None)


def _threads_of(known: EntryEvidence | None) -> set[tuple[str, int]]:
    """The threads that a page about an entry may cite: its own and those of its evidence."""
    if known is None:
        return set()
    cited = {(t.repo, t.number) for t in known.threads}
    for statement in known.statements:
        for quote in (*statement.alike, *statement.evidence):
            # a merged pull request is evidence that stands in a thread of its own
            cited |= {(quote.repo, quote.number), thread_of(quote.url) or (quote.repo, 0)}
    return cited


def _sources(page: SitePage, entry_id: str | None, known: EntryEvidence | None) -> list[Finding]:
    if (
        page.is_stub
        or page.said("draft") == "true"
        or page.name.lower().rsplit("/", 1)[-1].split(".")[0]
        in (
            "index",
            "_index",
            "readme",
        )
    ):
        return []
    if not page.links:
        return [
            Finding(
                "no-source", page.name, None, entry_id, "the page links to nothing that it says"
            )
        ]
    # of an error that was reported once there is no second source
    only = known is not None and len(known.threads) == 1
    if len({link.thread or link.url for link in page.links}) == 1 and not only:
        return [
            Finding(
                "one-source",
                page.name,
                page.links[0].line,
                entry_id,
                f"the only source is {page.links[0].url}",
            )
        ]
    return []


def _link(
    page: SitePage,
    entry_id: str | None,
    link: Link,
    known: _Known,
    matcher: Matcher,
    cited: set[tuple[str, int]],
) -> list[Finding]:
    if link.thread is None or link.thread[0] not in known.repos:
        return []
    repo, number = link.thread

    def finding(kind: str, what: str) -> list[Finding]:
        return [Finding(kind, page.name, link.line, entry_id, what)]

    if link.thread in known.gone:
        return finding("deleted", f"{repo}#{number} is gone from GitHub")
    if link.thread not in known.threads:
        return finding("missing-link", f"{repo}#{number} is not among the threads read of {repo}")
    if link.comment_id is not None and link.comment_id not in known.comments:
        return finding(
            "missing-link", f"comment {link.comment_id} of {repo}#{number} is not there (any more)"
        )
    if link.comment_id is not None:
        created, updated, gone = known.comments[link.comment_id]
        if gone:
            return finding("deleted", f"comment {link.comment_id} of {repo}#{number} is gone")
        if updated > created and page.updated and day(updated) > page.updated:
            what = f"comment {link.comment_id} of {repo}#{number} was edited on {day(updated)}"
            return finding("edited", f"{what}, the page is of {page.updated}")
    refuted = known.refuted.get((repo, number, link.comment_id))
    if (
        refuted is not None
        and link.comment_id is not None
        and not _SAYS_SO.search(page.section(link.line))
        and not _ON_LINE.search(page.lines[link.line - 1])
    ):
        return finding("contradicted", f"{link.url}: was contradicted later: “{refuted[:120]}”")
    others = matcher.thread_entries(link.thread)
    if entry_id and others and entry_id not in others and link.thread not in cited:
        return finding(
            "other-error", f"{repo}#{number} is about {others[0]}, the page about {entry_id}"
        )
    return []


def _news(page: SitePage, known: EntryEvidence) -> list[Finding]:
    """What was written since a page was changed; what was edited is a finding of its own."""
    since = page.updated
    if since is None or day(known.updated) <= since:
        return []
    fixed = [
        Finding(
            "fixed",
            page.name,
            None,
            known.entry_id,
            f"fixed in {r.repo} {r.version} ({r.quote.url}), the page is of {since}",
        )
        for r in releases_of(known)
        if day(r.quote.created_at) > since
    ]
    said = [q for s in known.statements for q in (*s.alike, *s.evidence)]
    newer = {q.url: q.created_at for q in said if day(q.created_at) > since}
    threads = [t.created_at for t in known.threads if day(t.created_at) > since]
    if not newer and not threads:
        return fixed
    what = (
        f"updated {since}; since then {counted(len(threads), 'thread')} and"
        f" {counted(len(newer), 'post')}, the newest of {day(max([*newer.values(), *threads]))}"
    )
    return [*fixed, Finding("outdated", page.name, None, known.entry_id, what)]


def _doubles(pages: list[tuple[SitePage, str | None]]) -> list[Finding]:
    by_entry: dict[str, list[str]] = defaultdict(list)
    for page, entry_id in pages:
        if entry_id and not page.is_stub:
            by_entry[entry_id].append(page.name)
    return [
        Finding("same-error", names[0], None, entry_id, "also on " + ", ".join(names[1:]))
        for entry_id, names in sorted(by_entry.items())
        if len(names) > 1
    ]


def _unwritten(
    connection: sqlite3.Connection, entries: Iterable[Entry], about: set[str], deserves: int
) -> list[Finding]:
    """The errors that no page is about, though there is something to tell of them."""
    missing = [
        e
        for e in entries
        if e.entry_id not in about
        and ((e.grade in ("A", "B") and e.threads >= 2) or e.threads >= deserves)
    ]
    out = []
    for made in outlines(connection, missing):
        entry = made.known.entry
        if entry.threads >= deserves or has_page(made):
            what = f"{entry.title}: grade {entry.grade}, {counted(entry.threads, 'thread')}"
            out.append(Finding("unwritten", None, None, entry.entry_id, what))
    return out


# ---------------------------------------------------------------- as Markdown


def as_markdown(report: Audit) -> str:
    """The report as a Markdown document."""
    from kb.notes.escape import inline

    lines = [
        "# Audit",
        "",
        f"{counted(len(report.pages), 'page')}, {counted(len(report.findings), 'finding')}.",
        "",
    ]
    for kind, what in KINDS.items():
        found = [f for f in report.findings if f.kind == kind]
        if found:
            lines += [
                f"## {what[0].upper()}{what[1:]} ({len(found)})",
                "",
                "| page | entry | what |",
                "| --- | --- | --- |",
            ]
            lines += [
                f"| {inline(_where(f))} | {f.entry_id or ''} | {inline(f.what)} |" for f in found
            ] + [""]
    lines += ["## Pages", "", "| page | entry | found by | sources |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {inline(p.page)} | {p.entry_id or ''} | {p.how} | {p.sources} |" for p in report.pages
    ]
    return "\n".join(lines) + "\n"


def _where(finding: Finding) -> str:
    return f"{finding.page}:{finding.line}" if finding.page and finding.line else finding.page or ""
