"""Turns of phrase: asked for all at once, none is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.extract.cue_phrases import _CJK, CUES, cues

EACH = [
    *((name, re.compile(rf"(?i)(?<!\w)(?:{pattern})(?!\w)")) for name, pattern, _ in CUES),
    *((name, re.compile(pattern)) for name, pattern, _ in _CJK),
]
"""Each turn asked by itself, by Python's own engine."""
EXAMPLES = [example for _, _, example in (*CUES, *_CJK)]


@pytest.mark.parametrize(("name", "example"), [(row[0], row[2]) for row in (*CUES, *_CJK)])
def test_every_turn_of_phrase_has_an_example(name: str, example: str) -> None:
    assert name in cues(example)


# which characters of a newer Unicode are letters the engines do not agree on
KNOWN = st.text(st.characters(exclude_categories=("Cn",)), max_size=9)


@given(st.lists(st.sampled_from([*EXAMPLES, "é", "ſ", "_", "’", "\ud800", " "]) | KNOWN))
def test_none_is_lost(parts: list[str]) -> None:
    for text in ("".join(parts), " ".join(parts)):
        every = [name for name, pattern in EACH if pattern.search(text)]
        assert [name for name in cues(text) if name in dict(EACH)] == every
