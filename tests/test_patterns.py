"""Regular expressions take time that grows with the text, not with its square, nor worse.

No clock is asserted: a pattern that needs a thousand times the CPU time of a linear one is stopped.
Patterns of RE2 are linear by its design and not looked at.
"""

from __future__ import annotations

import re
from copy import copy

import pytest

from kb import lazy_re
from miner.workers import TooSlowError, cpu_limit
from tests.support.patterns import Pattern, characters, patterns

pytestmark = pytest.mark.xdist_group("patterns")  # they are collected once

LENGTH = 24_000
"""Repeats of one character."""
CPU_SECONDS = 1.0
"""A linear pattern takes about a millisecond for these, a quadratic one several seconds."""

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
            if all(
                is_slow(pattern, char * (length // part) + end, CPU_SECONDS / part**2)
                for part in (3, 1)
            ):
                return char
    return None


def is_slow(pattern: Pattern, text: str, seconds: float) -> bool:
    compiled = re.compile(pattern.text, pattern.flags)
    try:
        with cpu_limit(seconds):
            if pattern.searched:
                for _ in compiled.finditer(text):
                    pass
            else:
                compiled.match(text)
    except TooSlowError:
        return True
    return False


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
    [(r"\w+(?:_\w+)+: ", False), (r"[.!?]+(?=\s)", True), (r"\s+x", True)],
)
def test_slow_patterns_are_seen(text: str, searched: bool) -> None:
    assert slow_text(Pattern("", text, 0, searched), 100_000) is not None
