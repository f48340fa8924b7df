"""Which candidate is the thread's main error: a weighted sum of named features, the weights read
from a file of numbers.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from kb.linear import LinearModel, read_linear

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miner.detect.candidates import Candidate

WEIGHTS = Path(__file__).with_name("rank.json")


@functools.cache
def model() -> LinearModel:
    """The packaged weights; a feature that is not named weighs nothing."""
    return read_linear(WEIGHTS.read_text(encoding="utf-8"), WEIGHTS.name)


def rank(found: Iterable[Candidate]) -> None:
    """Sets `score` of every candidate: the higher, the more likely it is what the reporter came
    with.
    """
    table = model()
    for candidate in found:
        candidate.score = table.score(candidate.features)
