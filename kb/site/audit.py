"""Holds a folder of pages against the knowledge base: doubles, pages without sources, links that
mislead, news, gaps.

Nothing is written. docs/how-to/audit.md describes each finding and what to do about it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kb import lazy_re as re
from kb import sql
from kb.errors import BadInputError
from kb.evidence import Entry, EntryEvidence, entries_to_show, read_evidence
from kb.links import thread_at
from kb.notes.escape import inline
from kb.notes.folder import Manifest, read_manifest
from kb.notes.options import Options, entries_for
from kb.notes.outline import kept, outlines
from kb.notes.releases import releases_of
from kb.notes.worth import NOTHING, why_no_page
from kb.redact import redact
from kb.site import KINDS
from kb.site.pages import Link, Matcher, SitePage, site_pages
from kb.text import capital, counted, day

_SAYS_SO = re.compile(
    r"(?i)\b(?:not (?:help|work)|contradicted|tried|failed|wrong|myths?|outdated)\b"
)
"""Headings under which words may be quoted that were contradicted."""
_ON_LINE = re.compile(r"(?i)\b(?:did not help|against it|contradicted)\b")
"""What a line says of the words that it links."""
_Said = tuple[str, int | None, str]
"""A finding's kind, line and words."""


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

    def add(self, page: str | None, entry_id: str | None, said: Iterable[_Said]) -> None:
        """Adds what was found on a page."""
        self.findings += [Finding(kind, page, line, entry_id, what) for kind, line, what in said]


def audit(
    connection: sqlite3.Connection,
    folder: Path,
    ask: Callable[[str], str | None] = lambda _: None,
    *,
    deserves: int = 5,
) -> Audit:
    """Reads the folder's pages and reports; `deserves`: threads from which an entry without
    evidence deserves a page too. What `export` wrote is held against the entries and statements
    that it was asked for.

    `ask`: see `kb.site.pages.Matcher`. Raises `BadInputError` if the folder is none.
    """
    known = _Known(connection, Matcher(connection, ask))
    report = Audit()
    pages = list(_read(folder, known.matcher, report))
    about = {entry_id for _, entry_id, _ in pages}
    entries = [e for e in entries_to_show(connection) if e.entry_id in about]
    found = {d.entry_id: d for d in read_evidence(connection, entries)}
    # what a thread is said to be the same as need not have been read itself
    twins = (
        t.duplicate_of.partition("#") for d in found.values() for t in d.threads if t.duplicate_of
    )
    known.threads |= {(repo, int(number)) for repo, _, number in twins}
    written: dict[tuple[str, str], list[str]] = defaultdict(list)
    for page, entry_id, export in pages:
        evidence = found.get(entry_id or "")
        if evidence or not export.files:
            report.add(page.name, entry_id, _sources(page, evidence))
        misleading = list(_links(page, entry_id, evidence, known))
        report.add(page.name, entry_id, misleading)
        if page.is_stub:
            continue
        told = {line for _, line, _ in misleading}
        report.add(page.name, entry_id, (w for w in _withdrawn(page, known) if w[1] not in told))
        if evidence:
            # a note, a twin or a page of the static site stands beside the page
            form = "page" if export.kind in (None, "page") else export.kind
            written[evidence.entry_id, form].append(page.name)
            statements = kept(evidence.statements, Options.of_manifest(export.chosen))
            report.add(page.name, entry_id, _news(page, replace(evidence, statements=statements)))
    for (entry_id, _), (first, *others) in written.items():
        if others:
            report.add(first, entry_id, [("same-error", None, "also on " + ", ".join(others))])
    own = read_manifest(folder)
    chosen = [own.chosen] if own.kind else [export.chosen for *_, export in pages if export.files]
    same = chosen and chosen.count(chosen[0]) == len(chosen)
    wanted = Options.of_manifest(chosen[0] if same else {})
    about = {entry_id for entry_id, _ in written}
    # what people say of it stands on another page, or is no longer certain enough for one
    about |= {entry_id for page, entry_id, _ in pages if page.is_stub}
    missing = [e for e in entries_for(connection, wanted) if e.entry_id not in about]
    for entry in _unwritten(connection, missing, deserves, wanted):
        what = f"{entry.title}: grade {entry.grade}, {counted(entry.threads, 'thread')}"
        report.add(None, entry.entry_id, [("unwritten", None, what)])
    order = list(KINDS)
    report.findings.sort(
        key=lambda f: (order.index(f.kind), f.page or "", f.line or 0, f.entry_id or "", f.what)
    )
    return report


def _read(
    folder: Path, matcher: Matcher, report: Audit
) -> Iterator[tuple[SitePage, str | None, Manifest]]:
    """The pages that can be read, each with its entry and the manifest of the export that wrote it
    (an empty one for a page that none did).
    """
    # a manifest lists a whole folder: read once, not for every page
    manifest_of = cache(read_manifest)
    for page in site_pages(folder):
        export = manifest_of(page.path.parent)
        if page.path.name not in export.files:
            export = Manifest()
        wrong: list[_Said] = [("unreadable", 1, page.problem)] if page.problem else []
        entry_id, how = None, "list"
        try:
            # what an export wrote about no entry lists many: the index, a family
            if page.said("entry", "id") or not export.files:
                entry_id, how = matcher.match(page)
        except BadInputError as error:
            how, wrong = "unknown", [("unreadable", None, str(error).split(": ", 1)[-1]), *wrong]
        report.add(page.name, entry_id, wrong)
        report.pages.append(AuditedPage(page.name, entry_id, how, page.title, len(page.links)))
        if not wrong:
            yield page, entry_id, export


class _Known:
    """What the knowledge base holds of GitHub: repositories, threads, comments with their times,
    and the words of posts that were contradicted.
    """

    def __init__(self, connection: sqlite3.Connection, matcher: Matcher) -> None:
        def rows(name: str) -> set[tuple[Any, ...]]:
            return {tuple(row) for row in sql.ask(connection, name)}

        self.matcher = matcher
        self.threads = rows("threads.here")
        self.repos = {repo for repo, _ in self.threads}
        # pull requests of which a timeline tells need not have been read themselves
        self.threads |= rows("threads.that_refer")
        self.gone = rows("threads.gone")
        self.claims = {claim_id for (claim_id,) in rows("claims.published_ids")}
        comments = sql.ask(connection, "threads.times_of_comments")
        self.comments = {comment_id: times for comment_id, *times in comments}
        # a post that also holds something that stands, or that reports how another's advice went,
        # may be linked; of several contradicted the last is told
        refuted = {tuple(post): quote for *post, quote in sql.ask(connection, "claims.refuted")}
        good = rows("claims.posts_to_link")
        self.refuted = {post: redact(q) for post, q in refuted.items() if post not in good}


def _threads_of(known: EntryEvidence | None) -> set[tuple[str, int]]:
    """The threads that a page about an entry may cite: its own and those of its evidence."""
    if known is None:
        return set()
    # a merged pull request is evidence that stands in a thread of its own
    elsewhere = {at[:2] for q in known.quotes if (at := thread_at(q.url))}
    own = {(t.repo, t.number) for t in known.threads}
    return own | elsewhere | {(q.repo, q.number) for q in known.quotes}


def _sources(page: SitePage, known: EntryEvidence | None) -> Iterator[_Said]:
    name = page.name.lower().rsplit("/", 1)[-1].split(".")[0]
    if page.is_stub or page.front.get("draft") is True or name in ("index", "_index", "readme"):
        return
    if not page.links:
        yield "no-source", None, "the page links to no source"
    # of an error that was reported once there is no second source
    only = known is not None and len(known.threads) == 1
    if len({link.thread or link.url for link in page.links}) == 1 and not only:
        yield "one-source", page.links[0].line, f"the only source is {page.links[0].url}"


def _links(
    page: SitePage, entry_id: str | None, evidence: EntryEvidence | None, known: _Known
) -> Iterator[_Said]:
    cited = _threads_of(evidence)
    for link in page.links:
        if link.thread is None or link.thread[0] not in known.repos:
            continue
        others = known.matcher.thread_entries(link.thread)
        if wrong := _misleads(page, link, known):
            yield wrong[0], link.line, wrong[1]
        elif entry_id and others and entry_id not in others and link.thread not in cited:
            thread = "{}#{}".format(*link.thread)
            what = f"{thread} is about {others[0]}, the page about {entry_id}"
            yield "other-error", link.line, what


_ID = re.compile(r"E[0-9A-Z]{1,30}")


def _withdrawn(page: SitePage, known: _Known) -> Iterator[_Said]:
    """What a page names that a person or an edit withdrew: its entry, statements."""
    named: list[tuple[str, int | None]] = [(m.entry_id, m.start) for m in page.marked]
    if (own := page.said("entry", "faultlore_entry") or "") and _ID.fullmatch(own):
        named.append((own, None))
    for name, line in named:
        if known.matcher.entry(name) is None:
            yield "withdrawn", line, f"entry {name} is not in the knowledge base"
    for index, claim in page.claims:
        if claim not in known.claims:
            what = f"the quote that ends here is no longer published (claim {claim})"
            yield "withdrawn", index, what


def _misleads(page: SitePage, link: Link, known: _Known) -> tuple[str, str] | None:
    """What is wrong with a link to a thread, whatever the page is about."""
    assert link.thread is not None
    thread = "{}#{}".format(*link.thread)
    if link.thread in known.gone:
        return "deleted", f"{thread} is gone from GitHub"
    if link.thread not in known.threads:
        return "missing-link", f"{thread} is not among the threads read of {link.thread[0]}"
    if link.comment_id is None:
        return None
    comment = f"comment {link.comment_id} of {thread}"
    if link.comment_id not in known.comments:
        return "missing-link", f"{comment} is not there (any more)"
    created, updated, gone = known.comments[link.comment_id]
    if gone:
        return "deleted", f"{comment} is gone"
    if updated > created and page.updated and day(updated) > page.updated:
        return "edited", f"{comment} was edited on {day(updated)}, the page is of {page.updated}"
    refuted = known.refuted.get((*link.thread, link.comment_id))
    said = _SAYS_SO.search(page.section(link.line)) or _ON_LINE.search(page.lines[link.line - 1])
    if refuted is None or said:
        return None
    return "contradicted", f"{link.url}: was contradicted later: “{refuted[:120]}”"


def _news(page: SitePage, known: EntryEvidence) -> Iterator[_Said]:
    """What was written since a page was changed; what was edited is a finding of its own."""
    since = page.updated
    if since is None or day(known.updated) <= since:
        return
    for r in releases_of(known):
        if day(r.quote.created_at) > since:
            what = f"fixed in {r.repo} {r.version} ({r.quote.url}), the page is of {since}"
            yield "fixed", None, what
    newer = {q.url: q.created_at for q in known.quotes if day(q.created_at) > since}
    threads = [t.created_at for t in known.threads if day(t.created_at) > since]
    if newer or threads:
        more = f"{counted(len(threads), 'thread')} and {counted(len(newer), 'post')}"
        newest = day(max([*newer.values(), *threads]))
        yield "outdated", None, f"updated {since}; since then {more}, the newest of {newest}"


def _unwritten(
    connection: sqlite3.Connection, missing: Iterable[Entry], deserves: int, chosen: Options
) -> Iterator[Entry]:
    """The errors without a page that an export would write one of, or of which people ask though
    nothing is known.
    """
    few = min(2, deserves)
    known = [e for e in missing if e.threads >= (few if e.grade in ("A", "B") else deserves)]
    for made in outlines(connection, known, chosen):
        entry, why = made.known.entry, why_no_page(made)
        if why is None or (why == NOTHING and entry.threads >= deserves):
            yield entry


# ---------------------------------------------------------------- as Markdown


def as_markdown(report: Audit) -> str:
    """The report as a Markdown document."""
    pages, findings = counted(len(report.pages), "page"), counted(len(report.findings), "finding")
    lines = ["# Audit", "", f"{pages}, {findings}.", ""]
    for kind, what in KINDS.items():
        rows = []
        for f in report.findings:
            if f.kind == kind:
                place = f"{f.page}:{f.line}" if f.page and f.line else f.page or ""
                rows.append((inline(place), f.entry_id or "", inline(f.what)))
        if rows:
            heading = f"## {capital(what)} ({len(rows)})"
            lines += [heading, "", *_table(("page", "entry", "what"), rows), ""]
    audited = [(inline(p.page), p.entry_id or "", p.how, p.sources) for p in report.pages]
    lines += ["## Pages", "", *_table(("page", "entry", "found by", "sources"), audited)]
    return "\n".join(lines) + "\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    for cells in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(map(str, cells))} |"


# ---------------------------------------------------------------- for machines


WARNINGS = frozenset({"one-source", "outdated", "unwritten", "same-error"})
"""What does not make a page wrong."""


def level(kind: str) -> str:
    """`error`, or `warning` for what does not make a page wrong."""
    return "warning" if kind in WARNINGS else "error"


def as_sarif(report: Audit, folder: Path) -> str:
    """The findings as a SARIF log; paths are those of the pages below `folder`."""
    from importlib.metadata import version

    rules = [{"id": kind, "shortDescription": {"text": what}} for kind, what in KINDS.items()]
    driver = {"name": "faultlore", "version": version("faultlore"), "rules": rules}
    results = [
        {
            "ruleId": finding.kind,
            "level": level(finding.kind),
            "message": {"text": finding.what},
            # code scanning refuses a result without a place: an error without a page stands at the
            # folder
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(_path(folder, finding))},
                        "region": {"startLine": finding.line or 1},
                    }
                }
            ],
        }
        for finding in report.findings
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=1, ensure_ascii=False)


def _path(folder: Path, finding: Finding) -> str:
    """Where a finding is, from the working folder: a workflow's is the repository."""
    path = (folder / (finding.page or "")).absolute()
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


_ACTING = "%\r\n:,"


def as_annotations(report: Audit, folder: Path) -> Iterator[str]:
    """The findings as workflow commands, one a line."""
    for finding in report.findings:
        fields = {"title": KINDS[finding.kind]}
        if finding.page:
            fields = {"file": _path(folder, finding), "line": str(finding.line or 1), **fields}
        told = ",".join(f"{name}={_escaped(text, _ACTING)}" for name, text in fields.items())
        yield f"::{level(finding.kind)} {told}::{_escaped(finding.what, _ACTING[:3])}"


def _escaped(text: str, signs: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in signs else c for c in text)
