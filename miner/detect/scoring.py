"""How candidates are weighed: weighted sums of their named features, the weights read from files of
numbers that `miner.training.detect` fits.

`rank` says which candidate is the thread's main error. `judge` says how surely one is an error that
a program printed and the thread reports (0 to 1): a logistic regression that is calibrated on
labelled threads of many projects, so that of candidates with 0.8 eight in ten are errors.
`report_score` says whether the thread reports a failure at all.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kb.linear import LinearModel, logistic, read_linear
from kb.models import ENTRY_CONFIDENCE, Thread
from kb.prefilter import Quick
from kb.tables import load_patterns
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


class Tables(NamedTuple):
    """The two tables of weights."""

    rank: LinearModel
    confidence: LinearModel


def packaged() -> Tables:
    """Those that the program comes with."""
    return Tables(model(RANK), model(CONFIDENCE))


def rank(found: Iterable[Candidate], table: LinearModel) -> None:
    """Sets `score` of every candidate: the highest is what the reporter came with."""
    for candidate in found:
        candidate.score = table.score(candidate.features)


def judge(found: Iterable[Candidate], table: LinearModel) -> None:
    """Sets `confidence` of every candidate, which must have been described before."""
    for candidate in found:
        candidate.confidence = round(logistic(table.score(candidate.features)), 4)


# ---------------------------------------------------------------- reports


_P = load_patterns("shapes.toml", Path(__file__).parent / "rules")

_WISH_TITLE = re.compile(_P["wish_title"])
_TOLD_ERROR = re.compile(r"\s[\w.]{0,60}(?:Error|Exception): ")
"""What a program printed, in a title that begins like a wish ("Support chat is down: ...")."""
_WISH_TAG = re.compile(_P["wish_tag"])
_BUG_TITLE = re.compile(_P["bug_title"])
_WISH_LABEL = re.compile(_P["wish_label"])
_BUG_LABEL = re.compile(r"(?i)\bbug|crash|regression|defect|type[:/ -]?bug")
_WISH_SECTION = Quick(_P["wish_section"])
_CALM = Quick(_P["calm"])
_UPSET = re.compile(_P["upset"])


def report_score(thread: Thread) -> float:
    """How much a thread reads as the report of a failure: above 0 it is one, below 0 a wish, a
    question or a change.

    The sum of small votes of title, labels, form and words; errors found in it are not looked at
    here.
    """
    title, body, labels = thread.title, thread.body[:20_000], " ".join(thread.labels)
    votes = (
        (-2.0, _WISH_TITLE.search(title) and not _TOLD_ERROR.search(title)),
        (-1.5, _WISH_TAG.search(title)),
        (1.5, _BUG_TITLE.search(title)),
        (-1.5, _WISH_LABEL.search(labels)),
        (1.5, _BUG_LABEL.search(labels)),
        (-1.5, _WISH_SECTION.search(body)),
        (-2.0, thread.kind == "pull"),
    )
    calm, upset = (
        sum(1 for _ in islice(found, most))
        for found, most in ((_CALM.finditer(body), 2), (_UPSET.finditer(body.lower()), 3))
    )
    return sum(value for value, given in votes if given) - calm + 0.4 * upset
