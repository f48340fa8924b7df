"""Renews the evidence between markers in pages that people wrote; every byte outside of the markers
stays as it is.
"""

from __future__ import annotations

import difflib
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kb import lazy_re as re
from kb.errors import BadInputError
from kb.evidence import entry_named
from kb.notes.folder import read_manifest, write_atomically
from kb.notes.markdown import View, written
from kb.notes.outline import Outline, outlines
from kb.notes.targets import COMMONMARK, Target, target_named
from kb.site.pages import Marked, Matcher, SitePage, site_pages

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
    return written("evidence.md.j2", View(outline, target, markers=target.markers))


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
            lines, places = list(page.lines), page.marked
            # what is put into a page that the export writes would count as a person's change
            theirs = page.path.name not in written(page.path.parent).files and not page.problem
            if not places and insert and theirs:
                places = _insert(lines, page, form, matcher)
                report.inserted += [page.name] * len(places)
        except BadInputError as error:
            report.problems.append(str(error))
            continue
        if not places:
            continue
        for place in reversed(places):
            entry_id = matcher.entry(place.entry_id)
            entry = entry_named(connection, entry_id) if entry_id else None
            if entry is None:
                missing = f"entry {place.entry_id} is not in the knowledge base; left as it is"
                report.problems.append(f"{page.path}:{place.start}: {missing}")
                continue
            outline = next(outlines(connection, [entry]))
            _date(lines, page.body_line - 1, outline.known.updated)
            # a blank line beside the markers: a comment next to a paragraph would become part of it
            block = f"\n{evidence_block(outline, form)}\n"
            lines[place.start : place.end] = [block.replace("\n", _line_end(page))]
        new = "".join(lines)
        path = page.path.resolve()  # a page that is a symbolic link stays one
        if new == page.text:
            report.unchanged += 1
        elif not path.is_relative_to(folder.resolve()):
            report.problems.append(f"{page.name}: leads out of the folder and is not changed")
        else:
            report.changed.append(page.name)
            texts = page.text.splitlines(), new.splitlines()
            diff = difflib.unified_diff(*texts, f"a/{page.name}", f"b/{page.name}", lineterm="")
            report.diffs.append("\n".join(diff))
            if write:
                write_atomically(path, new.encode(), stat.S_IMODE(path.stat().st_mode))
    return report


def _insert(lines: list[str], page: SitePage, target: Target, matcher: Matcher) -> list[Marked]:
    """Puts markers under the heading of the sources; where they are, or nothing without such a
    heading or for a page whose entry is not known.
    """
    entry_id, _ = matcher.match(page)
    at = page.heading(*HEADINGS)
    if entry_id is None or at is None:
        return []
    (opening, closing), end = target.comment, _line_end(page)
    if not lines[at].endswith(("\n", "\r")):
        lines[at] += end
    begin = f"{opening}faultlore:begin entry={entry_id}{closing}{end}"
    lines[at + 1 : at + 1] = [end, begin, f"{opening}faultlore:end{closing}{end}"]
    return [Marked(entry_id, at + 3, at + 3)]


_DATED = re.compile(
    r"(?P<head>(?:updated|updated_at|lastmod|lastUpdated|last_modified_at)\s*[:=]\s*[\"']?)"
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<time>T[\d:.]+Z)?(?P<tail>[\"']?\s*)\Z"
)


def _date(lines: list[str], end: int, updated: str) -> None:
    """Moves the page's own dates of change in its front matter, which ends at line `end`, to that
    of the evidence, if they are older: the form in which they are written stays.
    """
    for index in range(1, end):
        found = _DATED.match(lines[index])
        if found and found["day"] < updated[:10]:
            new = updated if found["time"] else updated[:10]
            lines[index] = f"{found['head']}{new}{found['tail']}"


def _line_end(page: SitePage) -> str:
    first = page.lines[0] if page.lines else "\n"
    return "\r\n" if first.endswith("\r\n") else "\r" if first.endswith("\r") else "\n"
