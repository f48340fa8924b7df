"""Turns of phrase that say what a sentence does: names a cause, reports success or failure,
advises, asks, plans, thanks; and the wording by which quotes are judged.

Both are tables of data (`miner/extract/rules/`). The model learns what each turn is worth (and for
whom); none of them decides alone.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import re2

from kb.prefilter import Quick, for_ascii, generous
from kb.tables import load_patterns, load_toml, put_together

RULES = Path(__file__).parent / "rules"


class Cue(NamedTuple):
    """A turn of phrase: its name, its pattern, and an example of what it is for. `anywhere`: it is
    looked for inside of words too, as in Chinese.
    """

    name: str
    words: str
    example: str
    anywhere: bool = False


def _read_cues() -> tuple[Cue, ...]:
    table = load_toml("cues.toml", RULES)
    rows = (row | {"words": put_together(row["words"], table["parts"])} for row in table["cue"])
    return tuple(Cue(**row) for row in rows)


CUES = _read_cues()
PHRASES = {
    name: Quick(words, re.IGNORECASE)
    for name, words in load_patterns("wording.toml", RULES).items()
}
"""The patterns of `wording.toml` by name."""


def has(name: str, text: str) -> bool:
    """Whether a text has a phrase of `wording.toml`."""
    return PHRASES[name].search(text) is not None


def without(name: str, text: str) -> str:
    """A text with blanks in place of such a phrase."""
    return PHRASES[name].sub(" ", text)


@cache
def _table(*, ascii_only: bool) -> re2._Set:
    """All turns as one set: a sentence is read once. RE2's word signs know ASCII only, so the
    bounds of a turn are spelled out. For texts of ASCII only, which most are, bytes do, and take a
    quarter of the time; any other character then stands for one that such a text does not have.
    """
    options = generous(ascii_only=ascii_only)
    options.case_sensitive = False
    letter = "0-9A-Za-z_" if ascii_only else r"\pL\pN_"
    table = re2.Set.SearchSet(options)
    for cue in CUES:
        spelled = cue.words.replace(r"\w", f"[{letter}]")
        bounded = rf"(?:^|[^{letter}])(?:{spelled})(?:[^{letter}]|$)"
        pattern = cue.words if cue.anywhere else bounded
        table.Add(for_ascii(pattern) if ascii_only else pattern)
    table.Compile()
    return table


@lru_cache(maxsize=8192)
def cues(text: str) -> tuple[str, ...]:
    """The names of the turns of phrase that a sentence has, in the order of the table."""
    # lone surrogates cannot be asked of RE2
    known = text if text.isascii() else text.encode("utf-8", "replace").decode()
    found = [CUES[i].name for i in sorted(_table(ascii_only=text.isascii()).Match(known) or ())]
    if has("command", text):
        found.append("command")
    if text.rstrip(" )*_`\"'").endswith(("?", "？")):
        found.append("question")
    elif text.rstrip().endswith((":", "：")):
        found.append("colon")
    return tuple(found)
