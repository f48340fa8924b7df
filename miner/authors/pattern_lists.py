"""Lists that people edit: text files in `miner/authors/rules`, one pattern a line, in sections."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import re2

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).parent / "rules"


@cache
def load_wording(name: str) -> dict[str, re2._Regexp]:
    """The sections of `miner/authors/rules/NAME.txt`, each as one case-insensitive pattern that
    matches any of its lines.

    A line is a pattern of RE2 (no look-around); `#` at its start makes it a comment, `[section]`
    opens a section. Raises `ValueError` for a pattern before the first section or one that RE2
    refuses, with the line's number.
    """
    return {title: _any_of(lines, name) for title, lines in _sections(name).items()}


@cache
def load_names(name: str) -> dict[str, frozenset[str]]:
    """The sections of `miner/authors/rules/NAME.txt` as sets of lines. Raises `ValueError`."""
    found = _sections(name).items()
    return {title: frozenset(line.strip() for _, line in lines) for title, lines in found}


def in_any_line(pattern: re2._Regexp, lines: Sequence[str]) -> bool:
    """Whether a pattern matches one of some lines, each looked at alone.

    Most posts hold none: one pass over all of them, in which `^` and `$` mean lines, tells that.
    """
    if not _over_lines(pattern.pattern).search("\n".join(lines)):
        return False
    return any(pattern.search(line) for line in lines)


@cache
def _over_lines(pattern: str) -> re2._Regexp:
    return _compiled(f"(?m){pattern}")


def _sections(name: str) -> dict[str, list[tuple[int, str]]]:
    """Lines by section, each with its number in the file."""
    sections: dict[str, list[tuple[int, str]]] = {}
    section: list[tuple[int, str]] | None = None
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]") and line[1:-1].replace(" ", "").isalpha():
            section = sections.setdefault(line[1:-1], [])
        elif section is None:
            raise ValueError(f"{name}.txt, line {number}: a line before the first section")
        else:
            section.append((number, line))
    return sections


def _any_of(lines: list[tuple[int, str]], name: str) -> re2._Regexp:
    try:
        return _compiled("(?i)" + "|".join(f"(?:{line})" for _, line in lines))
    except re2.error:
        for number, line in lines:
            try:
                re2.compile(line)
            except re2.error as error:
                raise ValueError(f"{name}.txt, line {number}: {error}") from error
        raise


def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    # with less a long pattern forgets the states that it has built, and builds them again
    options.max_mem = 64 << 20
    return re2.compile(pattern, options)
