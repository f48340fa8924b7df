"""Answers as text to read: for a terminal with colours and its width, else plain.

A view is a list of `Part`s, written as the same lines everywhere. What comes from issue threads is
cleaned: control characters, escape sequences and direction marks do not reach a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TextIO

from kb import lazy_re as re

STYLES = {"title": "1", "label": "1;36", "dim": "2", "warn": "33", "link": "34"}
"""The styles of parts that a terminal shows otherwise than text (`text`, `quote`), as parameters of
ECMA-48's SGR: bold is 1, faint 2, colours have two digits. `link` is one line, never broken.
"""

QUOTE_CHARS = 400
"""Characters of a quote that are printed."""
PLAIN_WIDTH = 100
# escaped in JSON so that a terminal that shows it does not act on them; the document stays the same
_WIDE = re.compile(
    "([\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])"
)
"""Characters of two columns, behind which a line may end."""
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Part(NamedTuple):
    """A paragraph: text already cleaned, the name of its style, its indent in columns, and a label
    before it.
    """

    text: str
    style: str = "text"
    indent: int = 0
    label: str = ""
    drawn: str = ""
    """Bars that a terminal shows before the text, if it can and is wide enough."""


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
    if not file.isatty() or os.environ.get("TERM") == "dumb":
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdigit() else 0
        file.write(plain(parts, max(20, width or PLAIN_WIDTH)))
        return
    width = max(20, shutil.get_terminal_size().columns)
    draws = (file.encoding or "utf-8").lower().startswith("utf")
    for part in parts:
        mark, drawn = ("│ ", part.drawn) if draws else ("| ", "")
        if 2 * len(drawn) > width:
            drawn = ""  # and the text would stand on other lines
        for line in _lines(part, width, mark, drawn):
            at, painted = part.indent, line[: part.indent]
            leads = (part.label, "label"), (drawn, "warn"), (mark, "dim")
            for lead, style in leads[2:] if part.style == "quote" else leads[:2]:
                if lead and line.startswith(lead, at):
                    painted += _paint(lead, style)
                    at += len(lead)
                    painted, at = painted + line[at : at + 1], at + 1
            file.write(f"{painted}{_paint(line[at:], part.style)}\n")


def _paint(text: str, style: str) -> str:
    codes = STYLES.get(style, "").split(";")
    if os.environ.get("NO_COLOR"):
        codes = [code for code in codes if len(code) == 1]
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if any(codes) and text else text


def plain(parts: Iterable[Part], width: int = PLAIN_WIDTH) -> str:
    """A view as plain text, wrapped at `width` columns; addresses are never broken."""
    return "".join(line + "\n" for part in parts for line in _lines(part, width))


def _lines(part: Part, width: int, mark: str = "| ", drawn: str = "") -> list[str]:
    """A part's lines, each behind its indent: `mark` before a quote, `drawn` behind the label."""
    if not part.text and not part.label:
        return [""]
    text = " ".join(filter(None, (part.label, drawn, part.text)))
    lead = " " * part.indent + (mark if part.style == "quote" else "")
    if part.style == "link":
        return [lead + text]
    # a blank that is none stands for the second column
    text = text if text.isascii() else _WIDE.sub("\\1\v", text)
    wrapper = textwrap.TextWrapper(
        max(20, width - ("\v" in text)), lead, lead, break_long_words=False, break_on_hyphens=False
    )
    wrapper.replace_whitespace = False
    rows = (wrapper.wrap(row) or [lead.rstrip()] for row in text.split("\n"))
    return [line.replace("\v", "") for lines in rows for line in lines]
