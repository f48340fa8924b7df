"""Answers as text to read: for a terminal with colours and its width, else plain.

A view is a list of `Part`s, so that both forms say the same; rich is loaded only where there is a
terminal. What comes from issue threads is cleaned: control characters, escape sequences and
direction marks do not reach a terminal.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from kb import lazy_re as re

STYLES = {
    "title": "bold",
    "quote": "",
    "label": "bold cyan",
    "dim": "dim",
    "warn": "yellow",
    "text": "",
    "link": "blue",
}
"""The styles of parts, as rich writes them. `link` is one line that is never broken."""

QUOTE_CHARS = 400
"""Characters of a quote that are printed."""
PLAIN_WIDTH = 100
# escaped in JSON so that a terminal that shows it does not act on them; the document stays the same
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph: text already cleaned, the name of its style, its indent in columns, and a label
    before it.
    """

    text: str
    style: str = "text"
    indent: int = 0
    label: str = ""
    drawn: str = ""
    """Bars that a terminal shows before the text, if it can."""


BLANK = Part("")
_HEIGHTS = "▁▂▃▄▅▆▇█"
_BAR_WIDTH = 30


def sparkline(counts: Sequence[int]) -> str:
    """Counts as bars of a line's height; none for 0, so that a little is not taken for nothing."""
    most = max(counts, default=0)
    return "".join(
        _HEIGHTS[min(7, (8 * count - 1) // most)] if count > 0 else " " for count in counts
    )


def bar(count: int, most: int) -> str:
    """A count as a bar, as wide as others beside the highest one."""
    return ("█" * max(1, _BAR_WIDTH * count // most)).ljust(_BAR_WIDTH)


def safe_json(document: Any) -> str:
    """JSON in which no character that a terminal acts on stands as itself."""
    import json

    text = json.dumps(document, ensure_ascii=False, indent=2)
    return _UNSAFE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


# ---------------------------------------------------------------- output


def emit(parts: Iterable[Part], file: TextIO | None = None) -> None:
    """Prints a view: in colour on a terminal (unless `NO_COLOR`), plain elsewhere; `COLUMNS` sets
    the width of either.
    """
    file = file or sys.stdout
    if file.isatty() and os.environ.get("TERM") != "dumb":
        _emit_rich(list(parts), file)
    else:
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdigit() else 0
        file.write(plain(parts, max(20, width or PLAIN_WIDTH)))


def plain(parts: Iterable[Part], width: int = PLAIN_WIDTH) -> str:
    """A view as plain text, wrapped at `width` columns; addresses are never broken."""
    return "".join(line + "\n" for part in parts for line in _lines(part, width))


def _lines(part: Part, width: int) -> list[str]:
    if not part.text and not part.label:
        return [""]
    indent = " " * part.indent
    text = f"{part.label} {part.text}" if part.label else part.text
    bar = "| " if part.style == "quote" else ""
    if part.style == "link":
        return [f"{indent}{text}"]
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += textwrap.wrap(
            paragraph,
            max(20, width),
            initial_indent=indent + bar,
            subsequent_indent=indent + bar,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [f"{indent}{bar}".rstrip()]
    return lines


def _emit_rich(parts: Sequence[Part], file: TextIO) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    # no markup, no highlighting: the text is data
    console = Console(file=file, markup=False, highlight=False, emoji=False)
    draws = not console.options.ascii_only
    for part in parts:
        if part == BLANK:
            console.print()  # rich pads an empty text to nothing
            continue
        text = Text()
        if part.label:
            text.append(part.label + " ", STYLES["label"])
        if part.drawn and draws:
            text.append(f"{part.drawn}  ", STYLES["warn"])
        text.append(part.text, STYLES[part.style])
        if part.style == "quote":
            text = Text("\n").join(
                Text.assemble(("│ ", "dim"), line)
                for line in text.wrap(console, max(20, console.width - part.indent - 2))
            )
        if part.style == "link":
            console.print(Text(" " * part.indent) + text, soft_wrap=True)
        else:
            console.print(Padding(text, (0, 0, 0, part.indent), expand=False))
