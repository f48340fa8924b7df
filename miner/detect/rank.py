"""Which candidate is the thread's main error: a weighted sum of named features, the weights read
from a file of numbers.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miner.detect.candidates import Candidate

WEIGHTS = Path(__file__).with_name("weights.json")


@functools.cache
def weights() -> dict[str, float]:
    """The weight of each feature; one that is not named weighs nothing."""
    loaded = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in loaded["weights"].items()}


def rank(found: Iterable[Candidate]) -> None:
    """Sets `score` of every candidate: the higher, the more likely it is what the reporter came
    with.
    """
    table = weights()
    for candidate in found:
        candidate.score = sum(
            table.get(name, 0.0) * value for name, value in candidate.features.items()
        )
