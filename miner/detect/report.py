"""Whether a thread reports a failure, rather than being a wish, a question or praise."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from kb.prefilter import Quick, Twin

if TYPE_CHECKING:
    from kb.models import Thread

_WISH_TITLE = re.compile(
    r"(?i)^\W*(?:feat(?:ure)?s?\b(?: request)?|enhancement|request(?: for\b|:)|proposal|idea"
    r"|rfc|rfe|suggestion|"
    r"discussion|question|usage|docs?|how (?:to|do)|is (?:it|there)|can (?:i|we|you)|does"
    r"|what|why|where|which|"
    r"support|add|allow|refactor|chore|improve\w*|wish|better|consider|expose|rename"
    r"|replace|migrate|implement|introduce|enable|drop|remove"
    r"|typo|spelling|wording"
    r"|release|changelog|perf|translat\w+)\b"
    r"|\bplease\W*$|\?\W*$|功能|建议|请求|新機能"
)
_TOLD_ERROR = re.compile(r"\s[\w.]{0,60}(?:Error|Exception): ")
"""What a program printed, in a title that begins like a wish ("Support chat is down: ...")."""
_WISH_TAG = re.compile(
    r"(?i)^\W*(?:feat(?:ure)?(?: request)?|enhancement|proposal|idea|rfc|rfe|suggestion"
    r"|discussion|question|usage)\s*(?:[\]\)】:(]|request)"
)
_BUG_TITLE = re.compile(
    r"(?i)^\W*(?:[\w/ ]{0,12}bug|crash|regression|issue|error)\b|\b(?:crash\w*|fails?|failed"
    r"|broken|error|exception|"
    r"panic|segfault|assert\w*|hangs?|freezes?|not work\w*|can'?t|cannot|can ?not|won'?t"
    r"|does(?:n'?t| not)|dies?|dead|stuck|refuses|unable|"
    r"no longer|loses|times? out|timed out|oom|leaks?|corrupt\w*|garbage|black screen|boot "
    r"?loop|aborts?|dying|falls)\b"
)
_WISH_LABEL = re.compile(
    r"(?i)enhancement|feature|question|proposal|idea|discussion|usage|documentation|wish|improvement|rfc"
)
_BUG_LABEL = re.compile(r"(?i)\bbug|crash|regression|defect|type[:/ -]?bug")
_WISH_SECTION = Quick(
    r"(?im)^\W{0,6}(?:\*\*)?(?:the feature|feature (?:description|request)|motivation|use case|"
    r"possible implementation|proposal|proposed (?:solution|change)|describe the solution|"
    r"is your feature request|acceptance criteria|what would you like|alternatives?\b"
    r"|why is this needed|problem statement|prerequisites.*feature)"
)
_CALM = Quick(
    r"(?i)\b(?:nothing (?:is )?broken|not (?:a )?bug|no bug|no error|not broken|isn't broken"
    r"|just curious|"
    r"works as designed|no problem with|would (?:be (?:nice|great|lovely|cool)|love|like to "
    r"(?:see|have))|"
    r"is (?:it|there) (?:possible|any way|a way)|are there (?:any )?plans|any plans|I'd like|"
    r"thanks? (?:you )?for (?:the|this|your) (?:great|awesome|amazing|work))"
)
_UPSET = Twin(
    r"(?i)\b(?:crash(?:e[sd]|ing)?|fail(?:s|ed|ing)?|broken|error(?:s|ed)?|exception|traceback|panic|segfault|"
    r"does(?:n't| not) work|stopped working|no longer works?|hang(?:s|ing)?|freez\w+|stuck"
    r"|regression|wrong|garbage|"
    r"corrupt\w*|abort\w*|can(?:'t|not)|unable)\b"
)

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
