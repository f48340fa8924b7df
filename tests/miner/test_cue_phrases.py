"""Turns of phrase: asked for all at once, none is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.extract.cue_phrases import CUES, cues, has

EACH = [
    (cue.name, re.compile(cue.words if cue.anywhere else rf"(?i)(?<!\w)(?:{cue.words})(?!\w)"))
    for cue in CUES
]
"""Each turn asked by itself, by Python's own engine."""
EXAMPLES = [cue.example for cue in CUES]


@pytest.mark.parametrize(("name", "example"), [(cue.name, cue.example) for cue in CUES])
def test_every_turn_of_phrase_has_an_example(name: str, example: str) -> None:
    assert name in cues(example)
    assert [cue.name for cue in CUES].count(name) == 1
    assert [cue.name for cue in CUES].count(name) == 1


# which characters of a newer Unicode are letters the engines do not agree on
KNOWN = st.text(st.characters(exclude_categories=("Cn",)), max_size=9)


@given(st.lists(st.sampled_from([*EXAMPLES, "é", "ſ", "_", "’", "\ud800", " "]) | KNOWN))
def test_none_is_lost(parts: list[str]) -> None:
    for text in ("".join(parts), " ".join(parts)):
        every = [name for name, pattern in EACH if pattern.search(text)]
        assert [name for name in cues(text) if name in dict(EACH)] == every


@pytest.mark.parametrize(
    ("text", "avoids"),
    [
        ("Use the old driver for now.", True),
        ("I leave this open for now.", False),
        ("Meanwhile use the second queue instead.", True),
        ("Import it from `plume.core` instead of `plume`.", False),
        ("A temporary fix is to hard-code the path.", True),
        ("Call it without the dot.", False),
    ],
)
def test_words_of_a_workaround(text: str, avoids: bool) -> None:
    assert has("workaround", text) is avoids
