"""Which rules can match a text at all, told by one pass of RE2 over it; only those are then run.

Each rule's pattern is widened to one that RE2 takes (no lookaround, no anchors, long bounded
repetitions unbounded): a gate may let a rule through that does not match, never the other way
round. RE2 sees ASCII words only, so a text with other characters passes every gate.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import re2

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLASS_OR_BLANK = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\s+|#[^\n]*\n?", re.S)
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.S)
_BLANKS = r"\s\x0b\x1c-\x1f"
_LOOK = re.compile(r"\(\?<?[=!]")
_LONG = re.compile(r"\{(\d+),(\d+)\}")


def _without_looks(pattern: str) -> str:
    """A pattern without its lookaround groups."""
    while match := _LOOK.search(pattern):
        depth, at = 0, match.start()
        while True:
            character = pattern[at]
            if character == "\\":
                at += 2
                continue
            if character == "[" and (inside := _CLASS.match(pattern, at)):
                at = inside.end() - 1
            depth += (character == "(") - (character == ")")
            at += 1
            if depth == 0:
                break
        pattern = pattern[: match.start()] + pattern[at:]
    return pattern


def _for_re2(token: re.Match[str], *, verbose: bool) -> str:
    """A class, an escape or a blank of a pattern (in a verbose one it says nothing); Python's `\\s`
    knows more blanks than RE2's.
    """
    text = token.group()
    if text[0] in " \n\t#":
        return "" if verbose else text
    if text == r"\s":
        return rf"[{_BLANKS}]"
    return text.replace(r"\s", _BLANKS) if text[0] == "[" and text[1] != "^" else text


def widened(pattern: str, *, verbose: bool = True) -> str:
    """A pattern (a verbose one, as those of the tables) as one for RE2 that matches wherever the
    first does.
    """
    pattern = _CLASS_OR_BLANK.sub(partial(_for_re2, verbose=verbose), pattern)
    pattern = _without_looks(pattern)
    pattern = pattern.replace("(?:^|", "(?:|").replace("|$)", "|)").replace("|^)", "|)")
    pattern = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    return _LONG.sub(lambda m: m.group() if int(m.group(2)) <= 8 else f"{{{m.group(1)},}}", pattern)


class Gate:
    """One RE2 set over the patterns of a table; `passing` gives the indices of those that may
    match, in order.

    `at_start`: the patterns are only tried at the start of a text, which takes less time.
    """

    def __init__(self, patterns: Sequence[str], *, at_start: bool = False) -> None:
        self._all = tuple(range(len(patterns)))
        self._set = (re2.Set.MatchSet if at_start else re2.Set.SearchSet)(generous())
        for pattern in patterns:
            self._set.Add(f"(?i){widened(pattern)}")
        self._sentinel = self._set.Add(
            ""
        )  # always matches: its absence says that RE2 ran out of memory
        self._set.Compile()

    def passing(self, text: str) -> tuple[int, ...]:
        """The indices of patterns that may match a text."""
        if not text.isascii():
            return self._all
        found = self._set.Match(text)
        if not found or self._sentinel not in found:
            return self._all
        found.remove(self._sentinel)
        found.sort()
        return tuple(found)


def generous() -> re2.Options:
    """Options with which RE2 keeps the states that it has built."""
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return options


@lru_cache(maxsize=4096)
def combined(parts: tuple[str, ...]) -> re.Pattern[str]:
    """Some rules' patterns as one expression."""
    return re.compile("|".join(parts), re.X | re.I)
