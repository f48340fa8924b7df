"""Narrower readings of what a person typed: the error without the words around it.

"I get Error: no kettle found when I start it" names an error that no thread shows with those words.
Each reading is a part of the text, asked only where the whole is not surely known, and believed
only where it surely is an entry. What is left out must be a person's: a service's longer sentence
is another message than its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator

from kb import lazy_re as re
from kb.errortext import find_errors
from kb.errortext.lines import content
from kb.tables import load_patterns

MOST = 12
"""Readings of one text."""
LONGEST = 1_500
"""Characters of a text that is read so: a sentence or two, not a log."""

_LEAST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]{2,}")
_P = load_patterns("around.toml")
_QUOTED, _PERSON, _SPEAKS, _ON, _LEADS = (
    re.compile(_P[name]) for name in ("quoted", "person", "speaks", "on", "leads")
)
_TAG = re.compile(r"</?(?:p|br|li|td|tr|code|pre|b|i|em|strong|div|span)(?:\s[^<>\n]{0,80})?/?>")
_BODY = re.compile(r"[{\[]\s{0,9}[\"'{\[]")


def narrower(text: str) -> Iterator[tuple[int, int]]:
    """Parts of a text that may be the error alone, as `(start, end)`, the likeliest first; at most
    `MOST`, none twice.
    """
    if len(text) > LONGEST:
        return
    seen = {text.strip()}
    for start, end in _parts(text):
        if len(seen) > MOST:
            return
        start, end = _trimmed(text, start, end)
        part = text[start:end]
        if part not in seen and len(_WORD.findall(part)) >= _LEAST_WORDS:
            seen.add(part)
            yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    start, end = content(text, start, end)
    while start < end and text[start] in " \t\"'`«“„「『*":
        start += 1
    while end > start and text[end - 1] in " \t\"'`»”“」』*,;:。，！？!?":
        end -= 1
    return start, end


def _parts(text: str) -> Iterator[tuple[int, int]]:
    lines = list(_lines(text))
    for line in lines:
        yield from _without_marks(text, *line)
    if _BODY.search(text):
        return  # what a service said, which no person wrote around
    for match in _QUOTED.finditer(text):
        start, end = match.span(match.lastindex or 0)
        if _PERSON.search(text, 0, start) or _PERSON.search(text, end):
            yield start, end
    if 1 < len(lines) <= MOST and _PERSON.search(text):
        yield from lines
    for start, end in lines:
        begins = [start + span.start for span in find_errors(text[start:end], prose=True)]
        begins += [match.end() for match in _LEADS.finditer(text, start, end)]
        for begin in dict.fromkeys([*begins, start]):
            if begin > start:
                yield begin, end
            yield from _cut(text, begin, end)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def _without_marks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A line of HTML without its tags, one in bold without its stars."""
    line = text[start:end].strip()
    if line.startswith("**") and line.endswith("**"):
        yield start, end
    last = start
    tags = list(_TAG.finditer(text, start, end))
    for match in tags:
        yield last, match.start()
        last = match.end()
    if tags:
        yield last, end


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A part without the words of a person that follow: from the first place where a person goes
    on, back to where that may have begun.
    """
    goes_on = _PERSON.search(text, min(start + 8, end), end)
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if goes_on is None or not _SPEAKS.search(text, first, len(text) if last < 0 else last):
        return
    ends = [goes_on.start()]
    ends += [match.start() for match in _ON.finditer(text, start + 8, goes_on.start())][-2:]
    for at in dict.fromkeys(ends):
        yield start, at
