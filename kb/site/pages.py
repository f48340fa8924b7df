"""Reads the Markdown pages of an existing site: front matter, links, the marked places, without
changing a byte; and finds the entry that a page is about.

A page may begin with YAML between `---` lines or TOML between `+++` lines. Code blocks and
scripts are passed over: a page that shows a marker or a link in code has none.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kb import lazy_re as re
from kb import sql
from kb.errors import BadInputError, FaultloreError
from kb.history import surviving
from kb.links import thread_at
from kb.signature import sign

SUFFIXES = (".md", ".mdx", ".markdown")
SKIPPED = frozenset({"node_modules", ".git", ".venv", "_site", "public", "dist"})
DATES = ("updated_at", "updated", "lastmod", "lastUpdated", "last_modified_at", "date")
"""Names of a page's date of change in front matter, the last one that of its publication."""
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
_CLAIM = re.compile(r"(?:<!--|\{/\*) claim (C[\w-]{1,60}) (?:-->|\*/\})")
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
    """A page as text, its front matter from the first line on, if it has one. `problem`: why it
    cannot be read.
    """

    path: Path
    name: str
    text: str = ""
    problem: str | None = None
    front: dict[str, Any] = field(init=False, default_factory=dict)
    body_line: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        first = self.lines[0].lstrip("\ufeff").rstrip() if self.lines else ""
        if first not in ("---", "+++"):
            return
        end = next((i for i, line in enumerate(self.lines) if i and line.rstrip() == first), None)
        if end is None:
            self.problem = f"its front matter has no closing {first}"
            return
        self.body_line = end + 1
        try:
            front = (_yaml if first == "---" else tomllib.loads)("".join(self.lines[1:end]))
        except ValueError as error:
            self.problem = f"its front matter cannot be read: {' '.join(str(error).split())[:200]}"
            return
        self.front = front if isinstance(front, dict) else {}

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
                thread = thread_at(url)
                key, comment = (thread[:2], thread[2]) if thread else (None, None)
                found.setdefault(url, Link(index + 1, url, key, comment))
        return list(found.values())

    @cached_property
    def marked(self) -> list[Marked]:
        """The marked places, in order.

        Raises `BadInputError` (with file and line) for a begin without an end, or the other way
        round.
        """
        out: list[Marked] = []
        begin: tuple[str, int] | None = None
        for index, line in self.prose:
            if found := _BEGIN.search(line):
                if begin:
                    wrong = "faultlore:begin within another; put faultlore:end before it"
                    raise BadInputError(f"{self.path}:{index + 1}: {wrong}")
                begin = (found[1], index + 1)
            elif _END.search(line):
                if not begin:
                    wrong = "faultlore:end without faultlore:begin before it"
                    raise BadInputError(f"{self.path}:{index + 1}: {wrong}")
                out.append(Marked(*begin, index))
                begin = None
        if begin:
            raise BadInputError(f"{self.path}:{begin[1]}: faultlore:begin without faultlore:end")
        return out

    @cached_property
    def claims(self) -> list[tuple[int, str]]:
        """The claims that comments name: index of the line and id (`kb.claims.Quote.marker`)."""
        found = ((index, _CLAIM.fullmatch(line.strip())) for index, line in self.prose)
        return [(index, claim[1]) for index, claim in found if claim]

    def heading(self, *names: str) -> int | None:
        """The line index of the first heading with one of these names (lower case)."""
        found = ((index, _HEADING.match(line)) for index, line in self.prose)
        return next((i for i, head in found if head and head[1].strip().lower() in names), None)

    def section(self, line: int) -> str:
        """The heading above a line (from 1); empty without one."""
        above = (text for index, text in reversed(self.prose) if index < line)
        heads = (_HEADING.match(text) or _BOLD.match(text) for text in above)
        return next((head[1] for head in heads if head), "")

    @property
    def title(self) -> str | None:
        """The title in the front matter; without one, the first heading of the first level."""
        heads = (text[2:].strip(" #") for _, text in self.prose if text.startswith("# "))
        return self.said("title") or next(heads, None)

    def said(self, *keys: str) -> str | None:
        """The first of these front-matter values that is a text or a number."""
        values = (self.front.get(key) for key in keys)
        plain = (v for v in values if isinstance(v, str | int | float) and not isinstance(v, bool))
        return next((text for value in plain if (text := str(value).strip())), None)

    @property
    def is_stub(self) -> bool:
        """Whether it only says where its error went, or that it was withdrawn."""
        return bool(self.front.get("moved_to") or self.front.get("withdrawn"))

    @property
    def updated(self) -> str | None:
        """The page's own date (`YYYY-MM-DD`), the first that it gives of those that sites use."""
        days = (str(self.front.get(key))[:10] for key in DATES)
        return next((day for day in days if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)), None)


def read_page(path: Path, name: str) -> SitePage:
    """A page from its file; why it cannot be read stands in `problem`."""
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        wrong = f"is larger than {MOST_BYTES:,} bytes and was not read"
        return SitePage(path, name, problem=wrong)
    try:
        return SitePage(path, name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return SitePage(path, name, problem=f"is not UTF-8 (byte {error.start})")


def _yaml(text: str) -> object:
    import yaml  # type: ignore[import-untyped,unused-ignore]

    # the loader in C where it was built: front matter of thousands of pages
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        # a mark counts lines from 0, and the page has one before them
        mark, problem = (getattr(error, name, None) for name in ("problem_mark", "problem"))
        told = f"{problem}, in line {mark.line + 2}" if mark and problem else str(error)
        raise ValueError(told) from error


def site_pages(folder: Path) -> Iterator[SitePage]:
    """The pages under a folder, by name.

    Raises `BadInputError` if it is no folder.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise BadInputError(f"{folder}: {what}; name the folder of the pages")
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        relative = path.relative_to(folder)
        if path.is_file() and not SKIPPED.intersection(relative.parts[:-1]):
            yield read_page(path, relative.as_posix())


# ---------------------------------------------------------------- which entry a page is about


class Matcher:
    """Finds a page's entry: what it says itself (marker, `entry:`, `id:`), its error signature, the
    threads it links to.

    `ask` answers for an error text that no signature equals: the id of the entry that is the same
    error, or None.
    """

    def __init__(
        self, connection: sqlite3.Connection, ask: Callable[[str], str | None] = lambda _: None
    ) -> None:
        self._db, self._ask = connection, ask

    def entry(self, name: str | None) -> str | None:
        """An entry's id from an id or a former one; None if there is none."""
        name = surviving(self._db, name or "")
        return name if sql.first(self._db, "entries.is_shown", name) else None

    def thread_entries(self, key: tuple[str, int]) -> list[str]:
        """The entries whose errors stand in a thread, that of its main error first."""
        return sql.column(self._db, "entries.shown_of_thread", *key)

    def match(self, page: SitePage) -> tuple[str | None, str]:
        """The page's entry (None: not found) and how it was found: `marker`, `front matter`,
        `signature`, `sources`, `title` or `unknown`.
        """
        for marked in page.marked:
            if found := self.entry(marked.entry_id):
                return found, "marker"
        # a note names its entry by `id`; a site may use that key for anything else
        for key in ("entry", "faultlore_entry", "id"):
            if found := self.entry(page.said(key)):
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
        if found := sql.value(self._db, "signatures.entry_of_text", text):
            return self.entry(found)
        found = self.entry(sql.value(self._db, "signatures.entry", sign(text[:4000]).fingerprint))
        try:
            return found or self.entry(self._ask(text[:4000]))
        except FaultloreError:
            return None

    def _by_sources(self, page: SitePage) -> str | None:
        """The entry of most linked threads, if it is that of more than half of those known."""
        keys = {link.thread for link in page.links if link.thread}
        counts = Counter(found[0] for key in keys if (found := self.thread_entries(key)))
        if not counts:
            return None
        (best, count), total = counts.most_common(1)[0], sum(counts.values())
        return best if count * 2 > total else None
