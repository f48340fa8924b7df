"""Lines that a terminal broke at its last column, in the middle of words, put together again.

A message that was wrapped between words needs none of this: a line end is a blank there. Broken
at a column it says `no auth cred` and `entials found`, and is another message to every rule.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

from kb import lazy_re as re
from kb.errortext.lines import begins_record, is_frame
from kb.readings import Reading
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


def rejoin(text: str) -> Reading | None:
    """A text that a terminal broke at its last column, put together again; None if it did not.

    Broken is a line that is as long as the longest one of the text, where several are or that is a
    usual width, unless whole words stand on either side.
    """
    if "\n" not in text or len(text) > LONGEST:
        return None
    lines = text.split("\n")
    bare = [line.removesuffix("\r") for line in lines]
    width = max(map(len, bare))
    full = [at for at, line in enumerate(bare[:-1]) if len(line) == width]
    if not _NARROWEST <= width <= _WIDEST or (len(full) < 2 and width not in _USUAL):
        return None
    broken = [at for at in full if _in_word(bare[at], bare[at + 1])]
    if not broken:
        return None
    # some line ended a little before the last column because the next word had no room
    by_words = any(
        width - _NEAR <= len(line) < width - 1 and following[:1].islower()
        for line, following in pairwise(bare)
    )
    if by_words or all(_whole_word(bare[at], bare[at + 1]) for at in broken):
        return None
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    return Reading(text, ((starts[at] + width, starts[at + 1], "") for at in broken))


def _in_word(line: str, following: str) -> bool:
    """Whether a line goes on in the next: no ruler, no box, no record of its own."""
    last, first = line[-4:], following[:4]
    if not first or any(
        not (end.isalnum() or end in _MARKS) or len(set(around)) == 1 < len(around) == 4
        for end, around in ((last[-1], last), (first[0], first))
    ):
        return False
    if is_frame(following, 0, len(following)) or line[:6].strip() == following[:6].strip():
        return False
    if not (last[-1].isalnum() or first[0].isalnum()):
        return False
    both = last[-1].isalnum() and first[0].islower()
    return both or not begins_record(following, 0, len(following))


def _whole_word(line: str, following: str) -> bool:
    """Whether a line ends, or the next one begins, with a word that is whole."""
    parts = (_HALF.search(line), _REST.match(following))
    return any(part is not None and part[0].lower() in _WORDS for part in parts)
