"""What a candidate's own text, its line and its thread say for and against an error: named numbers.

`miner.detect.candidates` says where a span stands; here is what it looks like. Nothing here
decides.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errortext.lines import is_frame
from kb.prefilter import Quick
from kb.tables import load_patterns
from miner.detect.shapes import is_listing, is_sentence

if TYPE_CHECKING:
    from miner.detect.candidates import Candidate

_P = load_patterns("shapes.toml", Path(__file__).parent / "rules")

_HEAD = 300
_BEFORE = 60
_REACH = 160
_SURE = 0.7

_FAILS = Quick(_P["fails"])
_CLASS = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning|Fault)\b")
_CALL = re.compile(r"\w\((?:[^)\s]|\s(?!\d))*(?:\)|\Z)")
_ASSIGNED = re.compile(r"(?:^|\s)[\w.\[\]\"'*-]+\s?(?:[+*/|-]?=)\s?\S")
_COMPARED = re.compile(r"[=!<>]=|&&|\|\||->|=>|≡")
_KEYWORD = re.compile(_P["keyword"])
_TOLD = Quick(_P["told"])
_REGISTERS = re.compile(r"\((?:sub)?code=[^)\n]{1,60}\)|\b(?:addr|address|pc)=0x\w{1,20}")
"""What debuggers and Go print beside a signal."""
_BANNER = re.compile(_P["banner"])
_BARE = re.compile(r"\W*(?:\w+\.)*\w+(?:Error|Exception|Warning|Interrupt|Fault)\W*\Z")
_DIGIT = re.compile(r"\d")
_WARNS = re.compile(r"(?i)\bwarning\b")

_EXAMPLE = re.compile(_P["example"])
_EXAMPLE_BEHIND = re.compile(_P["example_behind"])
_ALIKE = re.compile(_P["alike"])
_TASK = re.compile(r"\s*(?:(?:[-*+]|\d{1,3}[.)])\s*)?\[[ xX]\]")
"""An item of a list of things to do or to check."""


def describe_text(candidate: Candidate, text: str) -> None:
    """Adds the features of a candidate's own characters and of what stands before them."""
    head = candidate.raw[:_HEAD]
    first = head.split("\n", 1)[0]
    before = text[max(0, candidate.start - _BEFORE) : candidate.start]
    line = before.rsplit("\n", 1)[-1]
    words = len(first.split())
    features = candidate.features
    seen = {
        "text_fails": _FAILS.search(head) is not None,
        "text_class": _CLASS.search(head) is not None,
        "text_word": words <= 1,
        "text_few": 2 <= words <= 3,
        "text_code": _is_code(first),
        "text_keyword": _KEYWORD.match(line + first) is not None,
        "text_command": is_listing(first) or " --" in first,
        "text_frame": is_frame(first, 0, len(first)) or (first.startswith("==") and " 0x" in first),
        "text_colon": ": " in first,
        "text_banner": _BANNER.search(first) is not None,
        "text_lines": "\n" in candidate.raw.strip(),
        "text_warns": _WARNS.search(first) is not None,
        "text_lower": first[:1].islower(),
        "text_sentence": is_sentence(first),
        "text_figures": len(_DIGIT.findall(head)) > 0.25 * max(1, len(head)),
        "text_bare": _BARE.match(candidate.raw) is not None,
        "before_told": _TOLD.search(before) is not None,
        "as_example": _EXAMPLE.search(_line_before(text, candidate.start)) is not None
        or _EXAMPLE_BEHIND.match(text, candidate.end) is not None
        or _ALIKE.match(candidate.raw) is not None,
        "as_task": _TASK.match(_line_before(text, candidate.start) + first) is not None,
        "before_nothing": not line.strip(" \t>*`\"'“-"),
    }
    features.update({name: 1.0 for name, is_so in seen.items() if is_so})
    if "text_bare" in features and not features.get("in_fence"):
        features["bare_in_words"] = 1.0
    if "text_sentence" in features and not _CLASS.search(head):
        features["words_without_class"] = 1.0


def _line_before(text: str, at: int) -> str:
    """What stands on the same line before a position, the last 160 characters of it."""
    return text[max(text.rfind("\n", 0, at) + 1, at - _REACH) : at]


def _is_code(line: str) -> bool:
    """Whether a line reads as source: a comparison, an assignment, calls with their brackets."""
    line = _REGISTERS.sub("", line)
    if _COMPARED.search(line):
        return True
    return ": " not in line and bool(_ASSIGNED.search(line) or _CALL.search(line))


def describe_thread(report: float, found: list[Candidate]) -> None:
    """Adds what the thread as a whole says: whether it reads as a `report` (of `report_score`), and
    what else it holds. Candidates must have their `score`.

    `thread_*` are the same for all candidates of the thread, but weighed apart for those that a
    rule found and those that none did.
    """
    sure = [c for c in found if c.weight >= _SURE and c.place == (None, "body")]
    said = {
        "shown": float(any(c.features.get("in_fence", 0.0) for c in sure)),
        "sure": float(bool(sure)),
        "report": max(-1.0, min(1.0, report / 4)),
    }
    best = max((c.score for c in found), default=0.0)
    strongest = max((c.weight for c in found), default=0.0)
    for candidate in found:
        kind = "known" if candidate.known else "plain"
        for name, value in said.items():
            if value:
                candidate.features[f"thread_{name}_{kind}"] = value
        candidate.features["best"] = float(candidate.score >= best)
        candidate.features["behind"] = min(1.0, (best - candidate.score) / 6)
        candidate.features["weaker"] = max(0.0, strongest - candidate.weight)
