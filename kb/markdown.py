"""The one reader of Markdown: a text to its structure, with offsets into the stored text.

A `Document` is parsed once, when something about its structure is first asked: its blocks, the
events that sentences are cut by (`kb.sentences`), what its author wrote himself.

`pyromark` (pulldown-cmark) reports byte ranges of UTF-8; every offset here counts characters
(Python string indices), end exclusive, so `text[block.start:block.end]` is the source itself,
with `\\r\\n` and the quote marks of a blockquote left as they stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["fence", "indented", "inline", "paragraph", "heading", "table", "html"]

MAX_TEXT = 200_000
"""Of a longer text only so many characters are read (GitHub itself takes 65,536)."""

Span = tuple[int, int]

CODE_KINDS: frozenset[str] = frozenset(("fence", "indented"))


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a Markdown text at `text[start:end]`.

    `fence` and `indented` hold the code without its fences; `inline` the code without its
    backticks; `paragraph`, `heading` and `table` (one cell) the source of a run of inline text;
    `html` the source of a block of HTML. `language` is the fence's first word in lower case.
    `heading` is the nearest heading above (or a line in bold that stands alone), as written.
    `quoted`: inside a blockquote; `parent` is the index of the run that holds an inline code, else
    -1.
    """

    kind: Kind
    start: int
    end: int
    language: str = ""
    heading: str = ""
    quoted: bool = False
    parent: int = -1


_MARKS = re.compile(r"[`>]|~~~|<!--")
"""Without one of these a text is all its author's own."""
_QUOTE_MARK = re.compile(r"[ \t]*>")
_NOT_SPACE = re.compile(r"\S+")
_BLANKS = bytes(code if chr(code).isspace() else 32 for code in range(128)).ljust(256, b" ")
"""ASCII with a blank for all that is none."""
_BOLD_LINE = re.compile(r"\s*(?:\*\*|__)([^*_\n]{1,80})(?:\*\*|__)\s*:?\s*\Z")
_EMPTY_ANSWERS = frozenset(("", "_no response_", "no response", "n/a", "none", "-"))
_INLINE_STARTS = frozenset(
    ("Emphasis", "Strong", "Strikethrough", "Link", "Image", "Superscript", "Subscript")
)
_BREAKS = frozenset(("SoftBreak", "HardBreak"))


def _offsets(text: str) -> Callable[[int], int]:
    """What gives the character at a byte of a text's UTF-8 form."""
    if text.isascii():
        return int
    starts = [at for at, byte in enumerate(text.encode()) if byte & 0xC0 != 0x80]
    return partial(bisect_left, starts)


class _Reader:
    """Folds the events of a document into blocks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self.heading = ""
        self.inside = dict.fromkeys(("Heading", "BlockQuote", "TableCell"), 0)
        self.code: Span | None = None
        self.code_kind: Kind = "fence"
        self.language = ""
        self.html: Span | None = None
        self.run: Span | None = None
        self.inlines: list[Span] = []

    def _add(self, kind: Kind, span: Span, language: str = "", parent: int = -1) -> None:
        quoted = self.inside["BlockQuote"] > 0
        self.blocks.append(Block(kind, *span, language, self.heading, quoted, parent))

    def _extend_run(self, start: int, end: int) -> None:
        self.run = (self.run[0], max(self.run[1], end)) if self.run else (start, end)

    def flush_run(self) -> None:
        """A run of inline text ends: it becomes a block, followed by its inline codes."""
        if self.run is None:
            return
        kind: Kind = "table" if self.inside["TableCell"] else "paragraph"
        kind = "heading" if self.inside["Heading"] else kind
        quoted = self.inside["BlockQuote"] > 0
        source = self.text[slice(*self.run)]
        bold = _BOLD_LINE.match(source) if kind == "paragraph" and not quoted else None
        self._add(kind, self.run)
        parent = len(self.blocks) - 1
        for inline in self.inlines:
            self._add("inline", inline, parent=parent)
        if bold or (kind == "heading" and not quoted):
            self.heading = (bold.group(1) if bold else source).strip()
        self.run = None
        self.inlines = []

    def _inline_code(self, start: int, end: int) -> None:
        """A code span: what stands between its backticks."""
        self._extend_run(start, end)
        inner = self.text[start:end]
        ticks = len(inner) - len(inner.lstrip("`"))
        source = self.text[start + ticks : end - ticks]
        first = start + ticks + len(source) - len(source.lstrip())
        last = end - ticks - len(source) + len(source.rstrip())
        if first < last:
            self.inlines.append((first, last))

    def _start(self, tag: str, value: Any, span: Span) -> None:
        if tag in _INLINE_STARTS:
            self._extend_run(*span)
            return
        self.flush_run()
        if tag == "CodeBlock":
            fenced = value.get("Fenced") if isinstance(value, dict) else None
            words = (fenced or "").split()
            self.code_kind = "indented" if fenced is None else "fence"
            self.language = words[0].strip("{}.").lower() if words else ""
            self.code = (-1, -1)
        elif tag == "HtmlBlock":
            self.html = span
        elif tag in self.inside:
            self.inside[tag] += 1

    def _end(self, tag: str) -> None:
        if tag in _INLINE_STARTS:
            return
        self.flush_run()
        if tag == "CodeBlock":
            if self.code and self.code[0] >= 0:
                self._add(self.code_kind, self.code, self.language)
            self.code = None
        elif tag == "HtmlBlock" and self.html:
            self._add("html", self.html)
            self.html = None
        elif tag in self.inside:
            self.inside[tag] -= 1

    def event(self, name: str, tag: str, value: Any, start: int, end: int) -> None:
        """One event of `Document.events`."""
        if name == "Start":
            self._start(tag, value, (start, end))
        elif name == "End":
            self._end(tag)
        elif value is None and name not in _BREAKS:
            self.flush_run()
        elif self.code is not None and value is not None:
            self.code = (start if self.code[0] < 0 else self.code[0], end)
        elif name == "Code":
            self._inline_code(start, end)
        elif self.html is None or name not in ("Html", "InlineHtml"):
            self._extend_run(start, end)


Event = tuple[str, str, Any, int, int]
"""What begins, ends or stands there (`Start`, `End`, `Text`, `SoftBreak`, ...), of which element,
what more is said of it (None: nothing), and the span of characters that it covers.
"""


def _event(event: Any, start: int, end: int) -> Event:
    """An event of pyromark's: a name, or a name with a value, which may be one of its own."""
    if isinstance(event, str):
        return event, "", None, start, end
    ((name, value),) = event.items()
    if name not in ("Start", "End"):
        return name, "", value, start, end
    tag, more = (value, None) if isinstance(value, str) else next(iter(value.items()))
    return name, tag, more, start, end


class Document:
    """A Markdown text that is parsed once, when its structure is first asked for.

    Of a text longer than `MAX_TEXT` the rest has no structure and counts as nobody's words.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def events(self) -> list[Event]:
        """What stands in the text, in order."""
        if not self.text.strip():
            return []
        import pyromark

        options = (
            pyromark.Options.ENABLE_TABLES
            | pyromark.Options.ENABLE_TASKLISTS
            | pyromark.Options.ENABLE_STRIKETHROUGH
        )
        read = pyromark.events_with_range(self._source, options=options)
        at = _offsets(self._source)
        return [_event(event, at(span["start"]), at(span["end"])) for event, span in read]

    @cached_property
    def _source(self) -> str:
        """What is parsed: UTF-8 has no lone surrogates, they are replaced one for one."""
        text = self.text[:MAX_TEXT]
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks in order; an inline code follows the run that holds it."""
        reader = _Reader(self._source)
        for event in self.events:
            reader.event(*event)
        reader.flush_run()
        return reader.blocks

    @cached_property
    def own_words(self) -> str:
        """The text with fences, quoted lines and HTML comments blanked; same offsets."""
        return self._blanked(self._masks[0])

    @cached_property
    def own_prose(self) -> str:
        """`own_words` without code spans in backticks; same length, same offsets."""
        return self._blanked([*self._masks[0], *self._masks[1]])

    @cached_property
    def without_comments(self) -> str:
        """The text with HTML comments blanked; same length, same offsets."""
        return self._blanked(self._masks[2]) if "<!--" in self.text else self.text

    @cached_property
    def _masks(self) -> tuple[list[Span], list[Span], list[Span]]:
        """Spans of what is not the author's own, of inline code, and of comments alone."""
        other: list[Span] = []
        inline: list[Span] = []
        comments: list[Span] = []
        if len(self.text) > MAX_TEXT:
            other.append((MAX_TEXT, len(self.text)))
        if not _MARKS.search(self.text):
            return other, inline, comments
        quoted = 0
        for name, tag, value, start, end in self.events:
            if name == "Code":
                inline.append((start, end))
            elif name == "InlineHtml" or (name == "Start" and tag == "HtmlBlock"):
                comments += _comments(self.text, start, end)
            elif name != "Start":
                continue
            elif tag == "BlockQuote" and start >= quoted:  # those within it are in its lines
                other += _quoted_lines(self.text, start, end)
                quoted = end
            elif tag == "CodeBlock" and isinstance(value, dict):
                other.append((start, end))
        return [*other, *comments], inline, comments

    def _blanked(self, spans: list[Span]) -> str:
        if not spans:
            return self.text
        parts = []
        at = 0
        for start, end in sorted(spans):
            if end > at:
                parts += [self.text[at : max(at, start)], _blank(self.text[max(at, start) : end])]
                at = end
        return "".join([*parts, self.text[at:]])


def document(text: str | Document) -> Document:
    """A text as a document; one that is parsed already stays as it is."""
    return text if isinstance(text, Document) else Document(text)


def blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text in order; an inline code follows the run that holds it."""
    return Document(text).blocks


def _blank(text: str) -> str:
    """Spaces of the same length; line ends stay."""
    if text.isascii():
        return text.encode().translate(_BLANKS).decode()
    return _NOT_SPACE.sub(lambda match: " " * len(match.group()), text)


def _comments(text: str, start: int, end: int) -> list[Span]:
    """The HTML comments within HTML; one that is never closed runs to its end."""
    found = []
    while (at := text.find("<!--", start, end)) >= 0:
        close = text.find("-->", at + 4, end)
        start = end if close < 0 else close + 3
        found.append((at, start))
    return found


def _quoted_lines(text: str, start: int, end: int) -> list[Span]:
    """The lines of a quote that carry its mark; those without are the quoter's own."""
    found = []
    while start < end:
        after = text.find("\n", start, end) + 1 or end
        if _QUOTE_MARK.match(text, start, after):
            found.append((start, after))
        start = after
    return found


def answers(text: str, parsed: list[Block]) -> dict[str, str]:
    """What an issue form's sections hold: heading in lower case to its answer, `_No response_` left
    out.

    An answer is cut at 400 characters; a later section of the same heading does not replace an
    earlier one.
    """
    found: dict[str, str] = {}
    for block in parsed:
        if (
            block.kind not in ("paragraph", "fence", "indented")
            or block.quoted
            or not block.heading
        ):
            continue
        answer = text[block.start : block.end].strip()
        if answer.lower() not in _EMPTY_ANSWERS and not _BOLD_LINE.match(answer):
            found.setdefault(block.heading.strip(" #*:").lower(), answer[:400])
    return found
