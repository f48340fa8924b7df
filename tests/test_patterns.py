"""Regular expressions take time that grows with the text, not with its square, nor worse.

How it grows is measured, not how long it takes: the best of several runs over a text beside the
best over a quarter of it, which a busy machine slows alike. Patterns of RE2 are linear by its
design and not looked at.
"""

from __future__ import annotations

import re
import time
from copy import copy
from math import inf

import pytest

from kb import lazy_re
from miner.workers import TooSlowError, cpu_limit
from tests.support.patterns import Pattern, characters, patterns

pytestmark = pytest.mark.xdist_group("patterns")  # they are collected once

LENGTH = 12_000
"""Repeats of one character."""
LOOKED_AT = 0.03
"""Seconds from which on it is measured how the time grows: a linear pattern takes a hundredth of
that, a quadratic one several times as much.
"""
GROWTH = 8.0
"""How much longer a pattern may take for four times the text: a quadratic one takes 16 times."""
RUNS = 3
TOO_LONG = 3.0
"""Seconds after which a pattern is stopped: a linear one takes less than a thousandth of that."""

BOUNDED = {
    "kb.errortext.lines:_TAIL": 120,  # the end of a line
    "kb.verify:_SLUG": 1000,  # tried at one place
    "kb.matching.features:_ADVICE": 1000,  # a signature
    "kb.notes.written:_OPEN_END": 1000,  # a message
    "kb.notes.subjects:_IS_A_NAME": 42,  # a word
    "kb.notes.remedies:_CLAUSE": 2000,  # a quote
    "kb.notes.remedies:_OUTPUT": 2000,
    "kb.sentences:_CLAUSE": 400,  # a sentence
    "kb.signature.naming:_SPLIT": 1000,  # a message
    "kb.signature.naming:_TAIL": 1000,
    "kb.prefilter:_TOKEN": 2000,  # the program's own patterns
    "kb.prefilter:_CLASS_OR_OTHER": 2000,
    "miner.detect.features:_BANNER": 300,  # a line's head
}
"""Patterns that are quadratic in the length of what they are given, and the most characters that
this ever has.
"""


def slow_text(pattern: Pattern, length: int) -> str | None:
    """The character whose repeats a pattern is slow on, if there is one."""
    for char in characters(pattern.text, pattern.flags):
        for end in ("", "\0"):
            # a third of the length takes a quadratic pattern a ninth of the time: all are tried on
            # this first, and the few that need long for it on the whole
            if taken(pattern, char * (length // 3) + end) <= LOOKED_AT / 9:
                continue
            if (long := taken(pattern, char * length + end)) <= LOOKED_AT:
                continue
            if long == inf or (pattern.name not in BOUNDED and grows(pattern, char, end, length)):
                return char
    return None


def grows(pattern: Pattern, char: str, end: str, length: int) -> bool:
    """Whether a pattern takes out of proportion longer for a text than for a quarter of it: once,
    and by the best of several runs.
    """

    def times(runs: int) -> tuple[float, ...]:
        sizes = (length // 4, length)
        return tuple(min(taken(pattern, char * n + end) for _ in range(runs)) for n in sizes)

    return all(many > GROWTH * few for few, many in map(times, (1, RUNS)))


def taken(pattern: Pattern, text: str) -> float:
    """Seconds of CPU time, infinite if it was stopped."""
    compiled = re.compile(pattern.text, pattern.flags)
    before = time.process_time()
    try:
        with cpu_limit(TOO_LONG):
            if pattern.searched:
                for _ in compiled.finditer(text):
                    pass
            else:
                compiled.match(text)
    except TooSlowError:
        return inf
    return time.process_time() - before


@pytest.fixture(scope="module")
def known() -> list[Pattern]:
    return patterns()


def test_a_pattern_can_be_copied_asked_or_not() -> None:
    """And so be sent to another process."""
    pattern = lazy_re.compile("A(b)", lazy_re.IGNORECASE)
    for found in (copy(pattern), copy(copy(pattern))):
        assert found.sub(r"\1", "aB") == pattern.sub(r"\1", "aB") == "B"


def test_the_patterns_are_found(known: list[Pattern]) -> None:
    names = {pattern.name for pattern in known}
    assert {"kb.sentences:_STOP", "miner.extract.prose:_WORD"} <= names
    assert set(BOUNDED) <= names
    assert len(known) > 200


def test_no_pattern_is_worse_than_linear(known: list[Pattern]) -> None:
    slow = {
        pattern.name: char
        for pattern in known
        if (char := slow_text(pattern, BOUNDED.get(pattern.name, LENGTH))) is not None
    }
    assert slow == {}


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        (r"\w+(?:_\w+)+: ", False),
        (r"[.!?]+(?=\s)", True),
        (r"\s+x", True),
        (r"[.;]+ then sent", True),
        (r"\s*(?:-|\d)?\s*\[", False),
    ],
)
def test_slow_patterns_are_seen(text: str, searched: bool) -> None:
    assert slow_text(Pattern("", text, 0, searched), LENGTH) is not None


@pytest.mark.parametrize("text", [r"[.!?]{1,400}(?=\s)", r"\w{0,900}x", r"(?<!\s)\s+x"])
def test_a_pattern_that_takes_long_for_every_character_is_linear(text: str) -> None:
    assert slow_text(Pattern("", text, 0, True), LENGTH) is None
