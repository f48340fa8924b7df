"""Reads the Markdown pages of an existing site: front matter, links, the marked places, without
changing a byte.

A page may begin with YAML between `---` lines or TOML between `+++` lines. Code blocks and
scripts are passed over: a page that shows a marker or a link in code has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.links import thread_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".md", ".mdx", ".markdown")
SKIPPED = frozenset({"node_modules", ".git", ".venv", "_site", "public", "dist"})
MOST_BYTES = 2_000_000
"""Larger files are no pages that people read; they are passed over and reported."""

_BEGIN = re.compile(
    r"(?:<!--|\{/\*)\s{0,9}faultlore:begin\s{1,9}entry=([\w-]{1,64})(?:\s[^>*]{0,200})?(?:-->|\*/\})\s*$"
)
_END = re.compile(r"(?:<!--|\{/\*)\s{0,9}faultlore:end\s{0,9}(?:-->|\*/\})\s*$")
_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`|\\{}]{1,1000}")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"#{1,6}\s{1,9}(.{0,200}?)\s*#*\s*$")
_CODE = re.compile(r"(?<!`)`[^`\n]{1,1000}`(?!`)")
_BOLD = re.compile(r"\*\*(.{1,80}?):?\*\*\s*$")


@dataclass(frozen=True, slots=True)
class Link:
    """An `http` or `https` link: line (from 1), address, and, for a thread, its key and comment."""

    line: int
    url: str
    thread: tuple[str, int] | None
    comment_id: int | None


@dataclass(frozen=True, slots=True)
class Marked:
    """The lines between markers, as half-open range of line indices (the markers themselves not
    included).
    """

    entry_id: str
    start: int
    end: int


@dataclass
class SitePage:
    """A page as text; `lines` keep their line ends. `problem`: why its front matter or markers
    cannot be read.
    """

    path: Path
    name: str
    text: str
    front: dict[str, Any] = field(default_factory=dict)
    body_line: int = 0
    problem: str | None = None

    @cached_property
    def lines(self) -> list[str]:
        """Lines with their ends; joined they are the text."""
        # str.splitlines also splits at form feeds and Unicode separators, where editors and
        # Markdown see no new line
        return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", self.text)

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """Index and text of the body's lines that stand outside of code blocks and scripts."""
        out, fence, script = [], "", False
        for index in range(self.body_line, len(self.lines)):
            line = self.lines[index].rstrip("\r\n")
            mark = _FENCE.match(line)
            if not fence and (script or line.lstrip().lower().startswith("<script")):
                script = "</script" not in line.lower()
            elif fence:
                if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                    fence = ""
            elif mark:
                fence = mark[1]
            else:
                out.append((index, line))
        return out

    @cached_property
    def links(self) -> list[Link]:
        """The links of the body, in order, each address once."""
        found: dict[str, Link] = {}
        for index, line in self.prose:
            # an address in a code span is shown, not linked
            for match in _LINK.finditer(_CODE.sub(" ", line)):
                url = match[0].rstrip(".,;:!?*_~")
                if url not in found:
                    found[url] = _link(index + 1, url)
        return list(found.values())

    @cached_property
    def marked(self) -> list[Marked]:
        """The marked places, in order.

        Raises `BadInputError` (with file and line) for a begin without an end, or the other way
        round.
        """
        out, begin = [], None
        for index, line in self.prose:
            if found := _BEGIN.search(line):
                if begin is not None:
                    raise BadInputError(
                        f"{self.path}:{index + 1}: faultlore:begin within another; put "
                        f"faultlore:end before it"
                    )
                begin = (found[1], index + 1)
            elif _END.search(line):
                if begin is None:
                    raise BadInputError(
                        f"{self.path}:{index + 1}: faultlore:end without faultlore:begin before it"
                    )
                out.append(Marked(begin[0], begin[1], index))
                begin = None
        if begin is not None:
            raise BadInputError(f"{self.path}:{begin[1]}: faultlore:begin without faultlore:end")
        return out

    def heading(self, *names: str) -> int | None:
        """The line index of the first heading with one of these names (lower case)."""
        for index, line in self.prose:
            found = _HEADING.match(line)
            if found and found[1].strip().lower() in names:
                return index
        return None

    def section(self, line: int) -> str:
        """The heading above a line (from 1); empty without one."""
        found = ""
        for index, text in self.prose:
            if index >= line:
                break
            if heading := _HEADING.match(text) or _BOLD.match(text):
                found = heading[1]
        return found

    def said(self, *keys: str) -> str | None:
        """The first of these front-matter values that is a text or a number."""
        for key in keys:
            value = self.front.get(key)
            if (
                isinstance(value, str | int | float)
                and not isinstance(value, bool)
                and str(value).strip()
            ):
                return str(value).strip()
        return None

    @property
    def is_stub(self) -> bool:
        """Whether it only says where its error went, or that it was withdrawn."""
        return bool(self.front.get("moved_to") or self.front.get("withdrawn"))

    @property
    def updated(self) -> str | None:
        """The page's own date (`YYYY-MM-DD`), the newest it gives."""
        dates = [
            str(self.front[k])[:10]
            for k in ("updated_at", "updated", "lastmod", "lastUpdated", "last_modified_at", "date")
            if self.front.get(k)
        ]
        good = [d for d in dates if re.fullmatch(r"\d{4}-\d{2}-\d{2}", d)]
        return good[0] if good else None


def _link(line: int, url: str) -> Link:
    found = thread_at(url)
    return Link(line, url, found[:2], found[2]) if found else Link(line, url, None, None)


def read_page(path: Path, name: str) -> SitePage:
    """A page from its file; problems of its front matter stand in `problem`."""
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        return SitePage(
            path, name, "", problem=f"is larger than {MOST_BYTES:,} bytes and was not read"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return SitePage(path, name, "", problem=f"is not UTF-8 (byte {error.start})")
    page = SitePage(path, name, text)
    _read_front(page)
    return page


def _read_front(page: SitePage) -> None:
    first = page.lines[0].lstrip("\ufeff").rstrip() if page.lines else ""
    if first not in ("---", "+++"):
        return
    end = next((i for i in range(1, len(page.lines)) if page.lines[i].rstrip() == first), None)
    if end is None:
        page.problem = f"its front matter has no closing {first}"
        return
    page.body_line = end + 1
    text = "".join(page.lines[1:end])
    try:
        front = _toml(text) if first == "+++" else _yaml(text)
    except ValueError as error:
        page.problem = "its front matter cannot be read: " + " ".join(str(error).split())[:200]
        return
    if isinstance(front, dict):
        page.front = front


def _toml(text: str) -> object:
    import tomllib

    return tomllib.loads(text)


def _yaml(text: str) -> object:
    import yaml  # type: ignore[import-untyped,unused-ignore]

    # the loader in C where it was built: front matter of thousands of pages
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def site_pages(folder: Path) -> Iterator[SitePage]:
    """The pages under a folder, by name.

    Raises `BadInputError` if it is no folder.
    """
    if not folder.is_dir():
        raise BadInputError(f"{folder}: no such folder")
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        relative = path.relative_to(folder)
        if path.is_file() and not SKIPPED.intersection(relative.parts[:-1]):
            yield read_page(path, relative.as_posix())
