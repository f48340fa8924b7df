"""Lists that people edit: tables in `miner/authors/rules`, one pattern or name a line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import re2

from kb.prefilter import generous
from kb.tables import load_toml

FOLDER = Path(__file__).parent / "rules"
MAX_CHARACTERS = 20_000
"""Rules about wording read this much of a post: adverts and notices show early, logs are long."""


@cache
def load_wording(name: str) -> dict[str, re2._Regexp]:
    """The lists of `miner/authors/rules/NAME.toml`, each as one case-insensitive pattern that
    matches any of its lines, which are patterns of RE2 (no look-around).
    """
    found = load_toml(f"{name}.toml", FOLDER).items()
    return {
        title: re2.compile("(?i)" + "|".join(f"(?:{line})" for line in lines), generous())
        for title, lines in found
    }


@cache
def load_names(name: str) -> dict[str, frozenset[str]]:
    """The lists of `miner/authors/rules/NAME.toml` as sets."""
    return {title: frozenset(lines) for title, lines in load_toml(f"{name}.toml", FOLDER).items()}


def in_any_line(pattern: re2._Regexp, lines: Sequence[str]) -> bool:
    """Whether a pattern matches one of some lines, each looked at alone.

    Most posts hold none: one pass over all of them, in which `^` and `$` mean lines, tells that.
    """
    if not _over_lines(pattern.pattern).search("\n".join(lines)):
        return False
    return any(pattern.search(line) for line in lines)


@cache
def _over_lines(pattern: str) -> re2._Regexp:
    return re2.compile(f"(?m){pattern}", generous())
