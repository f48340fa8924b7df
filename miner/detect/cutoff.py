"""Errors of which a source gave only the beginning: comments that were cut in the middle."""

from __future__ import annotations

import re
from string import punctuation, whitespace
from typing import TYPE_CHECKING

from kb.signature import sign
from kb.signature.generic import is_generic

if TYPE_CHECKING:
    from miner.detect.candidates import Candidate

CUT_AT = range(295, 302)
"""Lengths of a comment that may have been cut: GitHub's search and exports made from it give the
first 300 characters, some without white space at the end or with a mark behind them.
"""

_OPEN_END = re.compile(r"[\w,:;(\[{<=/\\+&|-]\s*\Z")
"""An end in the middle of a word or of a line."""
_MARKED = re.compile(r"(?:…|[\[(<](?:\.\.\. ?)?truncated[\])>])\s*\Z")
"""The mark of a source that says itself that it cut a text."""
_LAST_WORD = re.compile(r"(?:\A|\s)\S{1,4000}\s*\Z")


def is_half(candidate: Candidate, text: str) -> bool:
    """Whether a candidate runs into the end of a comment (`text`) that was cut there, and its
    message with it.

    A message is whole where it reads the same without its last word (what was cut is an address, a
    trace, the rest of a body behind it) and names a failure by itself.
    """
    if candidate.place[0] is None:
        return False
    mark = _MARKED.search(text, max(0, len(text) - 40))
    end = len(text) if mark is None else mark.start()
    if candidate.end < len(text[:end].rstrip()):
        return False
    open_end = _OPEN_END.search(text[-40:]) is not None or candidate.raw.count('"') % 2 == 1
    if not mark and not (len(text) in CUT_AT and open_end):
        return False
    said = _MARKED.sub("", candidate.said)
    shown = sign(said).text
    begun = _LAST_WORD.sub("", said.rstrip(punctuation + whitespace))
    return is_generic(shown) or sign(begun).text != shown
