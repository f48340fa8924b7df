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
        editor = _Editor(connection, page, form, matcher, report)
        try:
            new: str | None
            if page.marked:
                new = editor.renewed()
            elif page.path.name in written(page.path.parent).files or not insert or page.problem:
                # what is put into a page that the export writes would count as a person's change
                continue
            else:
                new = editor.inserted()
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


_DATED = re.compile(
    r"(?P<head>(?:updated|updated_at|lastmod|lastUpdated|last_modified_at)\s*[:=]\s*[\"']?)"
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<time>T[\d:.]+Z)?(?P<tail>[\"']?\s*)\Z"
)


@dataclass(slots=True)
class _Editor:
    """Changes one page; `lines` are those of its new text."""

    connection: sqlite3.Connection
    page: SitePage
    target: Target
    matcher: Matcher
    report: Refreshed
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = list(self.page.lines)

    def renewed(self) -> str:
        """The page's text with what stands between its markers now."""
        for marked in reversed(self.page.marked):
            entry_id = self.matcher.entry(marked.entry_id)
            if entry_id is None:
                missing = f"entry {marked.entry_id} is not in the knowledge base; left as it is"
                self.report.problems.append(f"{self.page.path}:{marked.start}: {missing}")
                continue
            self.lines[marked.start : marked.end] = [self._block(entry_id)]
        return "".join(self.lines)

    def inserted(self) -> str | None:
        """The page's text with markers and what belongs between them; None where there is no place
        for them, or its entry is not known.
        """
        entry_id, _ = self.matcher.match(self.page)
        at = self.page.heading(*HEADINGS)
        if entry_id is None or at is None:
            return None
        self.report.inserted.append(self.page.name)
        end = _line_end(self.page)
        if not self.lines[at].endswith(("\n", "\r")):
            self.lines[at] += end
        opening, closing = self.target.comment
        begin = f"{opening}faultlore:begin entry={entry_id}{closing}{end}"
        block = self._block(entry_id)
        self.lines.insert(at + 1, f"{end}{begin}{block}{opening}faultlore:end{closing}{end}")
        return "".join(self.lines)

    def _block(self, entry_id: str) -> str:
        """What belongs between the markers of an entry; the page's own dates follow it."""
        row = entry_named(self.connection, entry_id)
        if row is None:
            raise BadInputError(f"entry {entry_id} is gone; run it again")
        outline = next(outlines(self.connection, [row]))
        self._date(outline.known.updated)
        text = evidence_block(outline, self.target)
        # a blank line beside the markers: a comment next to a paragraph would become part of it
        return f"\n{text}\n".replace("\n", _line_end(self.page))

    def _date(self, updated: str) -> None:
        """Moves the page's own dates of change in its front matter to that of the evidence, if they
        are older: the form in which they are written stays.
        """
        for index in range(1, max(1, self.page.body_line - 1)):
            found = _DATED.match(self.lines[index])
            if found and found["day"] < updated[:10]:
                new = updated if found["time"] else updated[:10]
                self.lines[index] = f"{found['head']}{new}{found['tail']}"


def _line_end(page: SitePage) -> str:
    first = page.lines[0] if page.lines else "\n"
    return "\r\n" if first.endswith("\r\n") else "\r" if first.endswith("\r") else "\n"


def _diff(page: SitePage, new: str) -> str:
    texts = page.text.splitlines(), new.splitlines()
    names = f"a/{page.name}", f"b/{page.name}"
    return "\n".join(difflib.unified_diff(*texts, *names, lineterm=""))
