"""Lines that a terminal broke at its last column, in the middle of words, put together again.

A message that was wrapped between words needs none of this: a line end is a blank there. Broken
at a column it says `no auth cred` and `entials found`, and is another message to every rule.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from kb.errortext.lines import begins_record, is_frame
from kb.tables import load_lines

LONGEST = 100_000
"""Characters of a text in which broken lines are looked for."""

_NARROWEST, _WIDEST = 40, 260
_USUAL = frozenset([80, 100, 120, 132, 160])
_NEAR = 12
_MARKS = frozenset(":'\"()/._,-")
_HALF = re.compile(r"(?<![A-Za-z])[A-Za-z]+\Z")
_REST = re.compile(r"[A-Za-z]+")
_WORDS = frozenset(" ".join(load_lines("common_words.txt")).split())
"""Whole words at a line's end or start: between them a line was not broken in a word."""


@dataclass(frozen=True, slots=True)
class Rejoined:
    """A text without the line ends that a terminal put within words; `breaks`: where they stood, as
    places in `text`, ascending, each with the characters that were left out up to it.
    """

    text: str
    breaks: tuple[int, ...]
    left_out: tuple[int, ...]

    def original(self, at: int) -> int:
        """The place in the original text of the character at `at`."""
        index = bisect_left(self.breaks, at + 1)
        return at + (self.left_out[index - 1] if index else 0)

    def breaks_within(self, start: int, end: int) -> bool:
        """Whether `text[start:end]` was broken."""
        index = bisect_left(self.breaks, start + 1)
        return index < len(self.breaks) and self.breaks[index] < end


def rejoin(text: str) -> Rejoined | None:
    """A text that a terminal broke at its last column, put together again; None if it did not.

    Broken is a line that is as long as the longest one of the text, where several are or that is a
    usual width, unless whole words stand on either side.
    """
    if "\n" not in text or len(text) > LONGEST:
        return None
    lines = text.split("\n")
    sizes = [len(line) - line.endswith("\r") for line in lines]
    width = max(sizes)
    if not _NARROWEST <= width <= _WIDEST:
        return None
    full = [index for index, size in enumerate(sizes[:-1]) if size == width]
    broken = [index for index in full if _in_word(lines[index], lines[index + 1])]
    if not broken or _by_words(lines, sizes, width):
        return None
    if len(full) < 2 and width not in _USUAL:
        return None
    if all(_whole_word(lines, index) for index in broken):
        return None
    return _without(lines, sizes, broken)


def _in_word(line: str, following: str) -> bool:
    """Whether a line goes on in the next: no ruler, no box, no record of its own."""
    last, first = line.removesuffix("\r")[-4:], following[:4]
    if not (_is_text(last[-1:], last) and _is_text(first[:1], first)):
        return False
    if not (last[-1].isalnum() or first[0].isalnum()):
        return False
    if _own(line, following):
        return False
    both = last[-1].isalnum() and first[0].islower()
    return both or not begins_record(following, 0, len(following))


def _is_text(character: str, around: str) -> bool:
    return (character.isalnum() or character in _MARKS) and (
        len(set(around)) > 1 or len(around) < 4
    )


def _own(line: str, following: str) -> bool:
    return is_frame(following, 0, len(following)) or line[:6].strip() == following[:6].strip()


def _by_words(lines: list[str], sizes: list[int], width: int) -> bool:
    """Whether some line ended a little before the last column because the next word had no room."""
    return any(
        width - _NEAR <= size < width - 1 and following[:1].islower()
        for size, (_, following) in zip(sizes, pairwise(lines), strict=False)
    )


def _whole_word(lines: list[str], index: int) -> bool:
    half = _HALF.search(lines[index].removesuffix("\r"))
    rest = _REST.match(lines[index + 1])
    return any(part is not None and part[0].lower() in _WORDS for part in (half, rest))


def _without(lines: list[str], sizes: list[int], broken: list[int]) -> Rejoined:
    gone = frozenset(broken)
    parts: list[str] = []
    breaks: list[int] = []
    left_out: list[int] = []
    at = out = 0
    for index, line in enumerate(lines):
        if index in gone:
            parts.append(line[: sizes[index]])
            at += sizes[index]
            out += len(line) - sizes[index] + 1
            breaks.append(at)
            left_out.append(out)
        else:
            parts.append(line)
            at += len(line)
            if index + 1 < len(lines):
                parts.append("\n")
                at += 1
    return Rejoined("".join(parts), tuple(breaks), tuple(left_out))
