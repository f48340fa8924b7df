"""Renews the evidence between markers in pages that people wrote; every byte outside of the markers
stays as it is.
"""

from __future__ import annotations

import difflib
import re
import stat
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from kb.evidence import entry_named
from kb.notes.folder import read_manifest, write_atomically
from kb.notes.markdown import View, environment, tidy
from kb.notes.outline import outlines
from kb.notes.targets import COMMONMARK, target_named
from kb.site.match import Matcher
from kb.site.pages import site_pages

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from kb.notes.outline import Outline
    from kb.notes.targets import Target
    from kb.site.pages import SitePage

HEADINGS = ("sources checked", "sources", "references")
"""Headings under which markers are put into a page that has none."""


@dataclass(slots=True)
class Refreshed:
    """What a refresh did (or would do): names of pages, their differences, and problems that need a
    person.
    """

    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    inserted: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    diffs: list[str] = field(default_factory=list)


def evidence_block(outline: Outline, target: Target) -> str:
    """What stands between the markers: the best causes and fixes with their sources, ending in one
    line end.
    """
    text = (
        environment(target)
        .get_template("evidence.md.j2")
        .render(o=outline, d=outline.known, v=View(outline, target, markers=target.markers))
    )
    return tidy(text)


def refresh(
    connection: sqlite3.Connection,
    folder: Path,
    *,
    target: Target = COMMONMARK,
    insert: bool = False,
    write: bool = True,
    ask: Callable[[str], str | None] = lambda _: None,
) -> Refreshed:
    """Renews every marked place under a folder. `insert` puts markers into pages without any, where
    their entry is known.

    Pages named `.mdx` are written for MDX whatever the target. `write=False` only reports and shows
    the differences. Raises `BadInputError` if the folder is none or a page cannot be written.
    """
    matcher = Matcher(connection, ask)
    report = Refreshed()
    # a manifest lists a whole folder: read once, not for every page
    written = cache(read_manifest)
    for page in site_pages(folder):
        form = target_named("mdx") if page.path.suffix == ".mdx" else target
        try:
            new: str | None
            if page.marked:
                new = _renewed(connection, page, form, matcher, report)
            elif page.path.name in written(page.path.parent).files or not insert or page.problem:
                # what is put into a page that the export writes would count as a person's change
                continue
            else:
                new = _inserted(connection, page, form, matcher, report)
        except BadInputError as error:
            report.problems.append(str(error))
            continue
        if new is None or new == page.text:
            report.unchanged += new is not None
            continue
        place = page.path.resolve()  # a page that is a symbolic link stays one
        if not place.is_relative_to(folder.resolve()):
            report.problems.append(f"{page.name}: leads out of the folder and is not changed")
            continue
        report.changed.append(page.name)
        report.diffs.append(_diff(page, new))
        if write:
            write_atomically(place, new.encode(), stat.S_IMODE(place.stat().st_mode))
    return report


def _renewed(
    connection: sqlite3.Connection,
    page: SitePage,
    target: Target,
    matcher: Matcher,
    report: Refreshed,
) -> str:
    """The page's text with what stands between its markers now."""
    lines = list(page.lines)
    for marked in reversed(page.marked):
        entry_id = matcher.entry(marked.entry_id)
        if entry_id is None:
            missing = f"entry {marked.entry_id} is not in the knowledge base; left as it is"
            report.problems.append(f"{page.path}:{marked.start}: {missing}")
            continue
        lines[marked.start : marked.end] = [_block(connection, entry_id, page, target, lines)]
    return "".join(lines)


def _inserted(
    connection: sqlite3.Connection,
    page: SitePage,
    target: Target,
    matcher: Matcher,
    report: Refreshed,
) -> str | None:
    """The page's text with markers and what belongs between them; None where there is no place for
    them, or its entry is not known.
    """
    entry_id, _ = matcher.match(page)
    at = page.heading(*HEADINGS)
    if entry_id is None or at is None:
        return None
    report.inserted.append(page.name)
    lines, end = list(page.lines), _line_end(page)
    if not lines[at].endswith(("\n", "\r")):
        lines[at] += end
    opening, closing = target.comment
    begin = f"{opening}faultlore:begin entry={entry_id}{closing}{end}"
    block = _block(connection, entry_id, page, target, lines)
    lines.insert(at + 1, f"{end}{begin}{block}{opening}faultlore:end{closing}{end}")
    return "".join(lines)


_DATED = re.compile(
    r"(?P<head>(?:updated|updated_at|lastmod|lastUpdated|last_modified_at)\s*[:=]\s*[\"']?)"
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<time>T[\d:.]+Z)?(?P<tail>[\"']?\s*)\Z"
)


def _date(lines: list[str], page: SitePage, updated: str) -> None:
    """Moves the page's own dates of change in its front matter to that of the evidence, if they are
    older: the form in which they are written stays.
    """
    for index in range(1, max(1, page.body_line - 1)):
        found = _DATED.match(lines[index])
        if found and found["day"] < updated[:10]:
            new = updated if found["time"] else updated[:10]
            lines[index] = f"{found['head']}{new}{found['tail']}"


def _block(
    connection: sqlite3.Connection, entry_id: str, page: SitePage, target: Target, lines: list[str]
) -> str:
    """What belongs between the markers of an entry; the dates in the page's `lines` follow it."""
    row = entry_named(connection, entry_id)
    if row is None:
        raise BadInputError(f"entry {entry_id} is gone; run it again")
    outline = next(outlines(connection, [row]))
    _date(lines, page, outline.known.updated)
    text = evidence_block(outline, target)
    # a blank line beside the markers: a comment next to a paragraph would become part of it
    return f"\n{text}\n".replace("\n", _line_end(page))


def _line_end(page: SitePage) -> str:
    first = page.lines[0] if page.lines else "\n"
    return "\r\n" if first.endswith("\r\n") else "\r" if first.endswith("\r") else "\n"


def _diff(page: SitePage, new: str) -> str:
    before, after = page.text.splitlines(), new.splitlines()
    return "\n".join(
        difflib.unified_diff(before, after, f"a/{page.name}", f"b/{page.name}", lineterm="")
    )
