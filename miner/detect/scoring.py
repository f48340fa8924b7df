"""How candidates are weighed: weighted sums of their named features, the weights read from files of
numbers that `miner.training.detect` fits.

`rank` says which candidate is the thread's main error. `judge` says how surely one is an error that
a program printed and the thread reports (0 to 1): a logistic regression that is calibrated on
labelled threads of many projects, so that of candidates with 0.8 eight in ten are errors.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from kb.linear import LinearModel, logistic, read_linear
from kb.models import ENTRY_CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miner.detect.candidates import Candidate

RANK = Path(__file__).with_name("rank.json")
CONFIDENCE = Path(__file__).with_name("confidence.json")

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
def model(weights: Path) -> LinearModel:
    """Packaged weights; a feature that is not named weighs nothing."""
    return read_linear(weights.read_text(encoding="utf-8"), weights.name)


def rank(found: Iterable[Candidate]) -> None:
    """Sets `score` of every candidate: the highest is what the reporter came with."""
    for candidate in found:
        candidate.score = model(RANK).score(candidate.features)


def judge(found: Iterable[Candidate]) -> None:
    """Sets `confidence` of every candidate, which must have been described before."""
    for candidate in found:
        candidate.confidence = round(logistic(model(CONFIDENCE).score(candidate.features)), 4)
