"""Whether a thread reports a failure, rather than being a wish, a question or praise."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kb.prefilter import Quick
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
_UPSET = Quick(_P["upset"])


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
        sum(1 for _ in islice(p.finditer(body), n)) for p, n in ((_CALM, 2), (_UPSET, 3))
    )
    return sum(value for value, given in votes if given) - calm + 0.4 * upset
