"""Which patterns can match a text at all, told by one pass of RE2 over it; only those are then run:
of a table (`Gate`), or a single one that most texts do not have (`Quick`).

Each pattern is widened to one that RE2 takes (no lookaround, no anchors, long bounded
repetitions unbounded): a gate may let one through that does not match, never the other way
round. RE2 sees ASCII words only, so a text with other characters passes every gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property, partial

import re2

from kb import lazy_re as re

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
    """A class, an escape or a blank; Python's `\\s` knows more blanks than RE2's."""
    text = token.group()
    if text[0] in " \n\t#":
        return "" if verbose else text
    if text == r"\Z":
        return r"\z"
    if text == r"\s":
        return rf"[{_BLANKS}]"
    return text.replace(r"\s", _BLANKS) if text[0] == "[" and text[1] != "^" else text


def widened(pattern: str, *, verbose: bool = True) -> str:
    """A pattern as one for RE2 that matches wherever the first does."""
    pattern = _CLASS_OR_BLANK.sub(partial(_for_re2, verbose=verbose), pattern)
    pattern = _without_looks(pattern)
    pattern = pattern.replace("(?:^|", "(?:|").replace("|$)", "|)").replace("|^)", "|)")
    pattern = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    return _LONG.sub(lambda m: m.group() if int(m.group(2)) <= 8 else f"{{{m.group(1)},}}", pattern)


def generous() -> re2.Options:
    """Options with which RE2 keeps the states that it has built."""
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return options


def filter_of(patterns: Iterable[str], options: re2.Options | None = None) -> re2.Filter:
    """Patterns of RE2 as one filter: in one pass it looks for the letters without which each cannot
    match, and tries only those whose letters a text has. A set would make one automaton of them
    all, whose states hardly come twice.
    """
    made = re2.Filter()
    for pattern in patterns:
        made.Add(pattern, options or generous())
    made.Compile()
    return made


def set_of(*patterns: str) -> re2.Set:
    """Patterns of RE2 as one automaton, which tells in one pass which of them match."""
    made = re2.Set.SearchSet(generous())
    for pattern in patterns:
        made.Add(pattern)
    made.Compile()
    return made


FEW = 20
"""Texts after which a gate asks a filter, which takes longer to make and answers sooner."""


class Gate:
    """The verbose patterns of a table as one filter of RE2; letter case does not matter. `passing`
    gives the indices of those that may match, in order; `pattern` one of them, compiled when first
    asked for. `at_start`: they are only tried at the start of a text, which takes less time.
    """

    def __init__(self, patterns: Sequence[str], *, at_start: bool = False) -> None:
        start = r"\A" if at_start else ""
        self._all = tuple(range(len(patterns)))
        self._wide = [f"(?i){start}(?:{widened(one)})" for one in patterns]
        self._asked = 0
        self.pattern = cache(lambda index: re.compile(patterns[index], re.X | re.I))

    @cached_property
    def _set(self) -> re2.Set:
        # the last one always matches: its absence says that RE2 ran out of memory
        return set_of(*self._wide, "")

    @cached_property
    def _filter(self) -> re2.Filter:
        return filter_of(self._wide)

    def passing(self, text: str) -> tuple[int, ...]:
        """The indices of patterns that may match a text."""
        if not text.isascii():
            return self._all
        self._asked += 1
        if self._asked <= FEW:
            found = sorted(self._set.Match(text) or ())
            if found[-1:] == [len(self._all)]:
                return tuple(found[:-1])
        return tuple(self._filter.Match(text) or ())


class Quick:
    """A pattern of Python's `re` that most texts do not have: RE2 tells that in a tenth of the
    time, and only the others are searched by the pattern itself. `$` must mean the end of a line
    (`re.M`): RE2 knows no end before a last line feed.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.own = re.compile(pattern, flags)
        self._flags = flags

    @cached_property
    def _may(self) -> Callable[[bytes], object]:
        flags = self._flags
        signs = "".join(s for s, flag in (("i", re.I), ("m", re.M), ("s", re.S)) if flags & flag)
        text = widened(self.own.pattern, verbose=bool(flags & re.X))
        # a set of one tells only whether it matches
        match: Callable[[bytes], object] = set_of(f"(?{signs}:{text})").Match
        return match

    def _may_have(self, text: str) -> bool:
        return not text.isascii() or bool(self._may(text.encode()))

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        if text.isascii() and not self._may(text.encode()):  # `_may_have`, asked most often
            return None
        return self.own.search(text, start)

    def sub(self, new: str, text: str) -> str:
        """As `re.Pattern.sub`."""
        return self.own.sub(new, text) if self._may_have(text) else text

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As `re.Pattern.finditer`."""
        return self.own.finditer(text) if self._may_have(text) else iter(())
