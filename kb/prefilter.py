"""Which patterns can match a text at all, told by one pass of RE2 over it; only those are then run:
of a table (`Gate`), or a single one that most texts do not have (`Quick`).

Each pattern is widened to one that RE2 takes (no lookaround, no anchors, long bounded
repetitions unbounded): a gate may let one through that does not match, never the other way
round. RE2 sees ASCII words only, so a text with other characters passes every gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property

import re2

from kb import lazy_re as re

_BRACKETS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"
_TOKEN = re.compile(rf"[^\\[\s#]+|\\.|{_BRACKETS}|[\s#]+", re.S)
_CLASS = re.compile(_BRACKETS, re.S)
_BLANKS = r"\s\x0b\x1c-\x1f"
_ESCAPES = {r"\Z": r"\z", r"\s": rf"[{_BLANKS}]"}
_LOOK = re.compile(r"\(\?<?[=!]")
_LONG = re.compile(r"(\{\d+,)(?:[5-9]|\d\d+)\}")


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


def _for_re2(token: str, *, verbose: bool) -> str:
    """A class, an escape, a blank, or what stands between; Python's `\\s` knows more blanks than
    RE2's.
    """
    if token[0] == "\\":
        return _ESCAPES.get(token, token)
    if token[0] == "[":
        return token if token[1] == "^" else token.replace(r"\s", _BLANKS)
    return "" if verbose and token.isspace() else token


def widened(pattern: str, *, verbose: bool = True) -> str:
    """A pattern as one for RE2 that matches wherever the first does."""
    pattern = "".join([_for_re2(token, verbose=verbose) for token in _TOKEN.findall(pattern)])
    pattern = _without_looks(pattern)
    pattern = pattern.replace("(?:^|", "(?:|").replace("|$)", "|)").replace("|^)", "|)")
    pattern = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    return _LONG.sub(lambda match: match[1] + "}", pattern)


def generous(*, ascii_only: bool = False) -> re2.Options:
    """Options with which RE2 keeps the states that it has built; for texts of ASCII only, bytes do,
    which make a smaller automaton.
    """
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    options.never_capture = True
    if ascii_only:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


def for_ascii(pattern: str) -> bytes:
    """A pattern for texts of ASCII only: any other character is one of many that such a text lacks,
    since a filter takes no single ones.
    """
    if not pattern.isascii():
        pattern = _CLASS_OR_OTHER.sub(_as_others, pattern)
    return pattern.encode("latin-1")


def _as_others(match: re.Match[str]) -> str:
    if match[0][0] in "[\\":
        return _OTHER.sub("\x80-\xff", match[0])
    return "[\x80-\xff]"


_OTHER = re.compile(r"[^\x00-\x7f](?:-[^\x00-\x7f])?")
_CLASS_OR_OTHER = re.compile(rf"{_BRACKETS}|\\.|[^\x00-\x7f]", re.S)

FEW = 20
"""Texts after which a filter is asked, which takes longer to make and answers sooner."""
SHORT = 2_000
"""Characters of the texts before: the states of a set hardly come twice, a long one takes long."""


class Patterns:
    """Patterns of RE2 of which one pass over a text tells those that match: first by a set, one
    automaton of them all; then by a filter, which looks for the letters without which each cannot
    match, and tries only those whose letters a text has.
    """

    def __init__(self, patterns: Iterable[str], *, ascii_only: bool = False) -> None:
        self._patterns = [for_ascii(one) if ascii_only else one.encode() for one in patterns]
        self._options = generous(ascii_only=ascii_only)
        self._asked = 0
        self.one = cache(lambda at: re2.compile(self._patterns[at], self._options))

    @cached_property
    def _set(self) -> re2.Set:
        # the last one always matches: its absence says that RE2 ran out of memory
        return set_of(self._options, *self._patterns, b"")

    @cached_property
    def _filter(self) -> re2.Filter:
        made = re2.Filter()
        for pattern in self._patterns:
            made.Add(pattern, self._options)
        made.Compile()
        return made

    def matching(self, text: str | bytes) -> list[int]:
        """The indices of those that match, in order."""
        self._asked += 1
        if self._asked <= FEW and len(text) <= SHORT:
            found = sorted(self._set.Match(text) or ())
            if found[-1:] == [len(self._patterns)]:
                return found[:-1]
        return self._filter.Match(text) or []


def set_of(options: re2.Options, *patterns: bytes) -> re2.Set:
    """Patterns of RE2 as one automaton, which tells in one pass which of them match."""
    made = re2.Set.SearchSet(options)
    for pattern in patterns:
        made.Add(pattern)
    made.Compile()
    return made


class Gate:
    """The verbose patterns of a table; letter case does not matter. `passing` gives the indices of
    those that may match, in order; `pattern` one of them, compiled when first asked for.
    `at_start`: they are only tried at the start of a text, which takes less time.
    """

    def __init__(self, patterns: Sequence[str], *, at_start: bool = False) -> None:
        start = r"\A" if at_start else ""
        self._all = range(len(patterns))
        wide = (f"(?i){start}(?:{widened(one)})" for one in patterns)
        self._wide = Patterns(wide, ascii_only=True)
        self.pattern = cache(lambda index: re.compile(patterns[index], re.X | re.I))

    def passing(self, text: str) -> Sequence[int]:
        """The indices of patterns that may match a text."""
        return self._wide.matching(text) if text.isascii() else self._all


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
        made = set_of(generous(ascii_only=True), for_ascii(f"(?{signs}:{text})"))
        match: Callable[[bytes], object] = made.Match
        return match

    def _may_have(self, text: str) -> bool:
        return not text.isascii() or bool(self._may(text.encode()))

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        if text.isascii() and not self._may(text.encode()):  # `_may_have`, asked most often
            return None
        return self.own.search(text, start)

    def match(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.match`."""
        return self.own.match(text) if self._may_have(text) else None

    def sub(self, new: str, text: str) -> str:
        """As `re.Pattern.sub`."""
        return self.own.sub(new, text) if self._may_have(text) else text

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As `re.Pattern.finditer`."""
        return self.own.finditer(text) if self._may_have(text) else iter(())
