"""What a piece of a thread looks like: output, code, chat, a form's section, a title."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from kb.prefilter import Quick
from kb.tables import load_patterns, load_toml

_P = load_patterns("shapes.toml", Path(__file__).parent / "rules")
_T = load_toml("shapes.toml", Path(__file__).parent / "rules")

CODE_LANGUAGES = frozenset(_T["code_languages"].split())
"""Languages of fences that hold code or settings, not output."""

_WORD = re.compile(r"[A-Za-z0-9_]{2,}|[\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]")
_STOP = frozenset(_T["stop_words"].split())
_HEADINGS: list[tuple[str, re.Pattern[str]]] = [
    (row["name"], re.compile(row["pattern"], re.I)) for row in _T["heading"]
]
LEAD = Quick(_P["lead"])
"""The end of a text that announces what a program said."""
_CHATTY = re.compile(_P["chatty"])
_MARKED = re.compile(r"\s*[^\w\s\"'`(*_#>@!\[-]")

_ANNOUNCES = re.compile(r":(?:\s|\Z)")
_WORDS = re.compile(r"(?:[A-Za-z']+,? ){1,12}\Z")
_LITTLE = re.compile(_P["little"])
_MANY = 3
_SENTENCE = re.compile(r"\s*[a-z]+ \w+")
_LISTING = re.compile(_P["listing"])
_CODE_LINE = re.compile(_P["code_line"])
_TAGS = re.compile(_P["tags"])
_SETTING = re.compile(r"\s*[\w .-]{1,30}\s?[:=]\s*[^\s:]{1,80}(?: \([^)]{1,40}\))?\s*\Z")
_NOTE = re.compile(r"(?:.{0,80}[: ])?[Nn]ote: |.{1,80}: Could not collect\s*\Z")
_REPORTING = re.compile(_P["reporting"])
_FAILING = re.compile(r"(?i)err|fail|exception|fatal|panic|denied|invalid|abort|crash|refused")
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "「": "」"}
_SHORTEST = 20
_DOING = re.compile(_P["doing"])
_BEFORE_CLASS = re.compile(r"[\w.+-]{1,30}: ?(?=(?:\w+\.){0,5}\w+(?:Error|Exception): )")
COMMIT, CHANGE = re.compile(_P["commit"]), re.compile(_P["change"])
"""What a title begins with that says what was changed: of an issue, and of a pull request."""


def words(text: str) -> set[str]:
    """The words of a text that tell it apart, in lower case."""
    return {word.lower() for word in _WORD.findall(text[:1000])} - _STOP


@lru_cache(maxsize=1024)
def heading_class(heading: str) -> str:
    """What a form's section is about: a name of `_HEADINGS`, `other`, or `none`."""
    if not heading:
        return "none"
    for name, pattern in _HEADINGS:
        if pattern.search(heading[:80]):
            return name
    return "other"


def is_output(text: str) -> bool:
    """Whether text looks like output, not like code, settings, commands or versions."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    if not lines or not _WORD.search(text):
        return False
    odd = sum(1 for line in lines if _LISTING.search(line[:300]) or _CODE_LINE.search(line[:300]))
    return odd * 2 < len(lines)


def title_start(title: str) -> int:
    """Where a title begins behind its tags (`[Bug]:`, `Bug:`)."""
    at = 0
    for _ in range(4):
        match = _TAGS.match(title, at)
        if match is None or match.end() >= len(title) or match.end() == at:
            break
        at = match.end()
        while at < len(title) and title[at] in ": ":
            at += 1
    return at


def in_title(title: str, start: int, end: int) -> tuple[int, int]:
    """An error in a title, without quotes and what its author was doing ("when ...")."""
    for first in (start + 1, start):
        quote = title[first - 1 : first] if first else ""
        closing = title.find(_QUOTES[quote], first + _SHORTEST, end) if quote in _QUOTES else -1
        if closing > 0:
            return first, closing
    prefix = _BEFORE_CLASS.match(title, start, end)
    start = start if prefix is None else prefix.end()
    doing = _DOING.search(title, start + _SHORTEST, end)
    return start, end if doing is None else doing.start()


def is_setting(line: str) -> bool:
    """Whether a line is a name and one word, number or path, or a note, and tells no failure."""
    if _NOTE.match(line) or _REPORTING.match(line):
        return True
    return _SETTING.match(line) is not None and _FAILING.search(line) is None


def is_chat(line: str) -> bool:
    """Whether a line has words that people write and programs do not."""
    return _CHATTY.search(line) is not None


def is_sentence(line: str) -> bool:
    """Whether a line is prose: small letters or many little words, announcing nothing."""
    if _ANNOUNCES.search(line):
        return False
    return _SENTENCE.match(line) is not None or len(_LITTLE.findall(line)) >= _MANY


def is_spoken(text: str) -> bool:
    """Whether a text is words that people put before what a program said."""
    return _WORDS.match(text) is not None or len(_LITTLE.findall(text)) >= _MANY


def is_marked(line: str) -> bool:
    """Whether a line begins with a sign that programs print before a message."""
    return _MARKED.match(line) is not None


def is_listing(line: str) -> bool:
    """Whether a line is a command, a version, a setting or a bracket."""
    return _LISTING.search(line[:300]) is not None
