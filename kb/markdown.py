"""The one reader of Markdown: a text to its structure, with offsets into the stored text.

A `Document` is parsed once, when something about its structure is first asked: its blocks, the
events that sentences are cut by (`kb.sentences`), what its author wrote himself.

`pyromark` (pulldown-cmark) reports byte ranges of UTF-8; every offset here counts characters
(Python string indices), end exclusive, so `text[block.start:block.end]` is the source itself,
with `\\r\\n` and the quote marks of a blockquote left as they stand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from functools import cache, cached_property, partial
from itertools import compress
from typing import Any, Literal, NamedTuple

from kb import lazy_re as re

Kind = Literal["fence", "indented", "inline", "paragraph", "heading", "table", "html"]

MAX_TEXT = 200_000
"""Of a longer text only so many characters are read (GitHub itself takes 65,536)."""

Span = tuple[int, int]

CODE_KINDS: frozenset[str] = frozenset(("fence", "indented"))


class Block(NamedTuple):
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


ProseKind = Literal["text", "item", "heading", "quote", "code", "table"]


class Prose(NamedTuple):
    """A run of words, or a block of code, as sentences are cut from it; `text[start:end]`."""

    start: int
    end: int
    kind: ProseKind


_MARKS = re.compile(r"[`>]|~~~|<!--")
"""Without one of these a text is all its author's own."""
_QUOTE_MARK = re.compile(r"[ \t]*>")
_NOT_SPACE = re.compile(r"\S+")
_BLANKS = bytes(code if chr(code).isspace() else 32 for code in range(128)).ljust(256, b" ")
"""ASCII with a blank for all that is none."""
_BOLD_LINE = re.compile(r"\s*(?:\*\*|__)([^*_\n]{1,80})(?:\*\*|__)\s*:?\s*\Z")
_EMPTY_ANSWERS = frozenset(("", "_no response_", "no response", "n/a", "none", "-"))
_INLINES = frozenset(
    ("Emphasis", "Strong", "Strikethrough", "Link", "Image", "Superscript", "Subscript")
)
_BREAKS = frozenset(("SoftBreak", "HardBreak"))
_WORDS = frozenset(("Text", "Code", "InlineHtml", "FootnoteReference"))
_SAID_IN: dict[str, ProseKind] = {
    "BlockQuote": "quote",
    "Heading": "heading",
    "TableCell": "table",
    "Item": "item",
}


@cache
def _pyromark() -> Callable[[str], Any]:
    """The reader, loaded when a text is first read."""
    import pyromark

    own = pyromark.Options
    options = own.ENABLE_TABLES | own.ENABLE_TASKLISTS | own.ENABLE_STRIKETHROUGH
    return partial(pyromark.events_with_range, options=options)


_STARTS = bytes(byte & 0xC0 != 0x80 for byte in range(256))
"""1 for each byte with which a character of UTF-8 begins."""


def _offsets(text: str) -> Callable[[int], int]:
    """What gives the character at a byte of a text's UTF-8 form."""
    if text.isascii():
        return int
    data = text.encode()
    return partial(bisect_left, list(compress(range(len(data)), data.translate(_STARTS))))


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


class _Reader:
    """Folds the events of a document into blocks, and into what sentences are cut from."""

    def __init__(self, text: str, events: list[Event]) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self.prose: list[Prose] = []
        self.whole: list[Span] = []
        self._heading = ""
        self._inside: Counter[str] = Counter()
        self._code_kind: Kind = "fence"
        self._language = ""
        self._code: list[Span] = []
        self._run: list[Span] = []
        self._words: list[Span] = []
        self._inlines: list[Span] = []
        for event in events:
            self._read(*event)
        self._end_run()

    def _read(self, name: str, tag: str, value: Any, start: int, end: int) -> None:
        """One event of `Document.events`."""
        span = start, end
        if name in ("Start", "End"):
            if tag not in _INLINES:
                self._end_run()
                self._inside[tag] += 1 if name == "Start" else -1
                self._open_or_close(name, tag, value, span)
            elif name == "Start":
                self._run.append(span)
                if tag in ("Link", "Image"):
                    self.whole.append(span)
        elif value is None and name not in _BREAKS:
            self._end_run()
        elif self._inside["CodeBlock"] and value is not None:
            self._code.append(span)
        elif not self._inside["HtmlBlock"] or name not in ("Html", "InlineHtml"):
            self._run.append(span)
            if name in _WORDS:
                self._words.append(span)
            if name in _WORDS and name != "Text":
                self.whole.append(span)
            if name == "Code":
                self._inlines.append(span)

    def _open_or_close(self, name: str, tag: str, value: Any, span: Span) -> None:
        if tag == "HtmlBlock" and name == "Start":
            self._add("html", span)
        elif tag == "CodeBlock" and name == "Start":
            fenced = value.get("Fenced") if isinstance(value, dict) else None
            words = (fenced or "").split()
            self._code_kind = "indented" if fenced is None else "fence"
            self._language = words[0].strip("{}.").lower() if words else ""
        elif tag == "CodeBlock" and self._code:
            code = self._code[0][0], self._code[-1][1]
            self._add(self._code_kind, code, self._language)
            if code[0] < code[1]:
                self.prose.append(Prose(*code, "code"))
            self._code = []

    def _add(self, kind: Kind, span: Span, language: str = "", parent: int = -1) -> None:
        quoted = self._inside["BlockQuote"] > 0
        self.blocks.append(Block(kind, *span, language, self._heading, quoted, parent))

    def _end_run(self) -> None:
        """A run of inline text ends: it becomes a block, followed by its inline codes."""
        if not self._run:
            return
        span = self._run[0][0], max(end for _, end in self._run)
        kind: Kind = "table" if self._inside["TableCell"] else "paragraph"
        kind = "heading" if self._inside["Heading"] else kind
        source = self.text[slice(*span)]
        own = not self._inside["BlockQuote"]
        bold = _BOLD_LINE.match(source) if kind == "paragraph" and own else None
        self._add(kind, span)
        parent = len(self.blocks) - 1
        for inline in map(self._code_within, self._inlines):
            if inline[0] < inline[1]:
                self._add("inline", inline, parent=parent)
        if bold or (kind == "heading" and own):
            self._heading = (bold.group(1) if bold else source).strip()
        if self._words:
            kinds = [kind for tag, kind in _SAID_IN.items() if self._inside[tag]]
            last = max(end for _, end in self._words)
            self.prose.append(Prose(self._words[0][0], last, kinds[0] if kinds else "text"))
        self._run, self._words, self._inlines = [], [], []

    def _code_within(self, span: Span) -> Span:
        """What stands between the backticks of a code span."""
        inner = self.text[slice(*span)]
        ticks = len(inner) - len(inner.lstrip("`"))
        source = inner[ticks : len(inner) - ticks]
        start = span[0] + ticks + len(source) - len(source.lstrip())
        return start, start + len(source.strip())


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
        read = _pyromark()(self._source)
        at = _offsets(self._source)
        return [_event(event, at(span["start"]), at(span["end"])) for event, span in read]

    @cached_property
    def _source(self) -> str:
        """What is parsed: UTF-8 has no lone surrogates, they are replaced one for one."""
        text = self.text[:MAX_TEXT]
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")

    @cached_property
    def _read(self) -> _Reader:
        return _Reader(self._source, self.events)

    @property
    def blocks(self) -> list[Block]:
        """The blocks in order; an inline code follows the run that holds it."""
        return self._read.blocks

    @property
    def prose(self) -> list[Prose]:
        """Runs of words and blocks of code, in order."""
        return self._read.prose

    @property
    def whole(self) -> list[Span]:
        """Code spans, links and inline HTML, in which no sentence ends; in order."""
        return self._read.whole

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
