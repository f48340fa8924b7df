"""When an answer may be called the same error: stricter than grouping, because a person acts on it.

Grouping may put two wordings together when more speaks for it than against; whoever asks has one
text and no other witness. So the learned probability must be high, and two further things are
looked at, which word statistics cannot see:

- a *contrast*: two messages that agree but for a word or two in their middle (`requests per min`,
  `tokens per min`) are siblings, however much they share;
- a *wrapper*: a message that ends with the whole of the other after a colon (`failed to fetch
  models: connection refused`) is that error with somebody's words before it, so that a lower
  probability is enough.
"""

from __future__ import annotations

import re

SURE = 0.9
"""Probability from which a near signature is called the same."""
WRAPPED = 0.5
"""Probability that is enough where one message ends with the whole of the other."""
FEWEST = 3
"""Words that the shorter message must have for that."""

_CONTRAST_WORDS = 2
_CONTRAST_SHARE = 0.6
_WORD = re.compile(r"<[a-z_-]+>?|[^\W_]+(?:[_-][^\W_]+){0,20}")
_BOUNDARY = re.compile(r"[:\]]\s*\W?\Z")
_SMALL = frozenset(
    "a an the is are was were be been to of for in on at it its this that your you with by and"  # noqa: SIM905
    " or as".split()
)
_MOST = 120


def _words(text: str) -> list[str]:
    return [word for word in (w.lower() for w in _WORD.findall(text)) if word not in _SMALL][:_MOST]


def sure_enough(asked: str, known: str, probability: float) -> bool:
    """Whether a signature's text may be answered with an entry that has the signature `known`, as
    surely the same error.
    """
    if probability >= SURE:
        return not contrast(asked, known)
    return probability >= WRAPPED and wrapped(asked, known)


def wrapped(a: str, b: str) -> bool:
    """Whether one text ends with the whole of the other, after a colon or bracket."""
    if len(a) < len(b):
        a, b = b, a
    return (
        a.endswith(b)
        and len(_words(b)) >= FEWEST
        and _BOUNDARY.search(a[: len(a) - len(b)][-4:]) is not None
    )


def contrast(a: str, b: str) -> bool:
    """Whether two texts agree except for one or two words in their middle, where each has others;
    placeholders are no words.
    """
    from rapidfuzz.distance import Indel

    left, right = _words(a), _words(b)
    steps = list(Indel.opcodes(left, right))
    if sum(s.src_end - s.src_start for s in steps if s.tag == "equal") < _CONTRAST_SHARE * min(
        len(left), len(right)
    ):
        return False
    only_left = only_right = 0
    inside = False
    for step in steps:
        if step.tag != "equal":
            only_left += sum(
                not word.startswith("<") for word in left[step.src_start : step.src_end]
            )
            only_right += sum(
                not word.startswith("<") for word in right[step.dest_start : step.dest_end]
            )
            continue
        if inside and 0 < only_left <= _CONTRAST_WORDS and 0 < only_right <= _CONTRAST_WORDS:
            return True
        inside, only_left, only_right = True, 0, 0
    return False
