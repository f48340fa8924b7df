"""How surely a candidate is an error that a program printed and the thread reports (0 to 1).

A logistic regression over the named features of `miner.detect.candidates` and
`miner.detect.features`, fitted and calibrated by `miner.training.confidence` on labelled threads of
many projects, and read from a file of numbers: of candidates with 0.8, eight in ten are errors.
"""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING

from kb.linear import LinearModel, read_linear
from kb.models import ENTRY_CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miner.detect.candidates import Candidate

WEIGHTS = Path(__file__).with_name("confidence.json")

MAIN_ERROR = ENTRY_CONFIDENCE
OTHER_ERROR = 0.75
"""From this confidence on a further error of a thread belongs to an entry."""
DOUBT = 0.1
"""What a whole vote against a report (`report_score` of -1) adds to both."""
MOST_DOUBT = 0.2
"""What such votes add at most."""
DOUBTFUL = 0.3
"""Below this confidence a thread has no main error."""


@functools.cache
def model() -> LinearModel:
    """The packaged weights."""
    return read_linear(WEIGHTS.read_text(encoding="utf-8"), WEIGHTS.name)


def judge(found: Iterable[Candidate]) -> None:
    """Sets `confidence` of every candidate, which must have been described before."""
    table = model()
    for candidate in found:
        odds = table.score(candidate.features)
        candidate.confidence = round(1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))), 4)
