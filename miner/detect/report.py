"""Whether a thread reports a failure, rather than being a wish, a question or praise."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kb.prefilter import Quick, Twin
from kb.tables import load_patterns

if TYPE_CHECKING:
    from kb.models import Thread

_P = load_patterns("shapes.toml", Path(__file__).parent)

_WISH_TITLE = re.compile(_P["wish_title"])
_TOLD_ERROR = re.compile(r"\s[\w.]{0,60}(?:Error|Exception): ")
"""What a program printed, in a title that begins like a wish ("Support chat is down: ...")."""
_WISH_TAG = re.compile(_P["wish_tag"])
_BUG_TITLE = re.compile(_P["bug_title"])
_WISH_LABEL = re.compile(_P["wish_label"])
_BUG_LABEL = re.compile(r"(?i)\bbug|crash|regression|defect|type[:/ -]?bug")
_WISH_SECTION = Quick(_P["wish_section"])
_CALM = Quick(_P["calm"])
_UPSET = Twin(_P["upset"])

VOTES = {
    "wish_title": -2.0,
    "wish_tag": -1.5,
    "bug_title": 1.5,
    "wish_label": -1.5,
    "bug_label": 1.5,
    "wish_section": -1.5,
    "calm": -1.0,
    "upset": 0.4,
    "pull": -2.0,
}
"""What each sign of a report (or of a wish) counts in `report_score`."""


def report_votes(thread: Thread) -> dict[str, float]:
    """How often each sign of `VOTES` stands in a thread (0 or 1; `calm` to 2, `upset` to 3)."""
    title, body = thread.title, thread.body[:20_000]
    labels = " ".join(thread.labels)
    wish = _WISH_TITLE.search(title) and not _TOLD_ERROR.search(title)
    return {
        "wish_title": float(bool(wish)),
        "wish_tag": float(bool(_WISH_TAG.search(title))),
        "bug_title": float(bool(_BUG_TITLE.search(title))),
        "wish_label": float(bool(_WISH_LABEL.search(labels))),
        "bug_label": float(bool(_BUG_LABEL.search(labels))),
        "wish_section": float(bool(_WISH_SECTION.search(body))),
        "calm": float(_count(_CALM, body, 2)),
        "upset": float(_count(_UPSET, body, 3)),
        "pull": float(thread.kind == "pull"),
    }


def _count(pattern: Twin | Quick, text: str, most: int) -> int:
    """How often a text has a pattern, `most` at most."""
    return sum(1 for _ in islice(pattern.finditer(text), most))


def report_score(votes: dict[str, float]) -> float:
    """How much a thread with these votes reads as the report of a failure: above 0 it is one, below
    0 a wish, a question or a change.

    The sum of small votes of title, labels, form and words; errors found in it are not looked at
    here.
    """
    return sum(VOTES[name] * value for name, value in votes.items())
