"""Cuts a GitHub text into sentences and code blocks, each with its exact span.

Markdown structure comes from `kb.markdown`; inside a paragraph the rules below
decide. They know code spans, addresses, versions, abbreviations, hard-wrapped prose, earlier
comments quoted with `>`, and the full stops of Chinese and Japanese. Every pattern is linear in the
length of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from kb import lazy_re as re
from kb.markdown import Document, Prose, ProseKind, document
from kb.tables import load_patterns

MAX_LENGTH = 400
"""Characters; a longer sentence is cut, at a clause where there is one."""

_STOP = re.compile(
    r"(?=[。！？；.!?…:])(?:[。！？；]+[”」』）)]*|(?:(?<![.!?…])[.!?…]+|:[)D(])[\"')\]*_»”]*(?=\s|$)"
    r"|(?<![.!?…])[.!?…]+(?=[\u3400-\u9fff]))"
)
"""Ends of sentences. A run of full stops is tried from its first one only: from the others it would
end at the same place, and trying them all takes time that grows with the square of the run.
"""
_P = load_patterns("sentences.toml")
_ABBREVIATION, _OPEN_END, _CLAUSE = (
    re.compile(_P[name], re.IGNORECASE) for name in ("abbreviation", "open_end", "clause")
)
_ORDINAL = re.compile(r"^\s*\(?\d{1,2}[.)]$")
_QUOTED = re.compile(r"[.!?…]+[\"'”»]+[ \t][a-zà-ÿа-я]")
"""A full stop in quotes whose sentence goes on: `"Not found." is the answer`."""
_MARKED = re.compile(r"[ \t]*>")
_EDGE = " \t\r\n\u3000*_"


class Sentence(NamedTuple):
    """`text[start:end]` of one kind; `block` numbers the block that it stands in."""

    start: int
    end: int
    kind: ProseKind
    block: int


def split(given: str | Document) -> list[Sentence]:
    """The sentences and code blocks of a text, by position, not overlapping, none of them empty."""
    out: list[Sentence] = []
    source = document(given)
    text = source.text
    for number, block in enumerate(source.prose):
        if block.kind == "code":
            start, end = _trim(text, block.start, block.end, "\r\n")
            if start < end:
                out.append(Sentence(start, end, "code", number))
            continue
        for start, end, kind in _lines(text, block):
            out.extend(
                Sentence(s, e, kind, number) for s, e in _sentences(text, start, end, source.whole)
            )
    return out


# ---------------------------------------------------------------- lines and sentences


def _lines(text: str, block: Prose) -> Iterator[tuple[int, int, ProseKind]]:
    """The runs of lines that belong together. What stands in a quote but has no `>` is the quoter's
    own (Markdown calls it lazy).
    """
    start, quote = block.start, block.kind == "quote"
    begin = text.rfind("\n", 0, start) + 1
    kind: ProseKind = block.kind
    if quote and not _MARKED.match(text, begin, start + 1):
        kind = "text"
    while True:
        last, newline = start, text.find("\n", start, block.end)
        # hard-wrapped prose: the sentence goes on in the next line
        while not quote and newline >= 0 and not _breaks(text, last, newline, block.end):
            last, newline = newline + 1, text.find("\n", newline + 1, block.end)
        if newline < 0:
            yield start, block.end, kind
            return
        yield start, newline, kind
        start = newline + 1
        if quote:
            kind = "quote" if _MARKED.match(text, start, block.end) else "text"


def _breaks(text: str, start: int, newline: int, end: int) -> bool:
    """Whether a line's end is a sentence's end, and not that of wrapped prose."""
    line = text[max(start, newline - 200) : newline].rstrip()
    following = text[newline + 1 : min(end, newline + 40)].lstrip(" \t*_")
    if len(line) < 55 or not following:
        return True
    if _STOP.search(line[-6:]) and line[-1] in ".!?…。！？:)":
        return True
    return not (following[0].islower() or _OPEN_END.search(line[-12:]))


def _sentences(
    text: str, start: int, end: int, protected: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    begin = start
    while begin < end and (text[begin] in " \t>" or text[begin] == "\n"):
        begin += 1
    for match in _STOP.finditer(text, begin, end):
        stop = match.end()
        if match.start() < begin or _inside(match.start(), protected):
            continue
        head = text[max(begin, match.start() - 12) : match.end()]
        if match.group()[0] == "." and (
            (stop - begin <= 8 and _ORDINAL.match(text[begin:stop]))
            or _abbreviated(head, text[stop : stop + 3])
        ):
            continue
        if _QUOTED.match(text, match.start(), min(end, stop + 3)):
            continue
        yield from _pieces(text, begin, stop, protected)
        begin = stop
    yield from _pieces(text, begin, end, protected)


def _abbreviated(head: str, following: str) -> bool:
    match = _ABBREVIATION.search(head)
    ends = match and match[0].strip(" (/").lower() in ("etc.", "no.")
    return bool(match) and not (ends and following.strip()[:1].isupper())


def _pieces(
    text: str, start: int, end: int, whole: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """One trimmed sentence, or pieces of at most `MAX_LENGTH` characters: cut at the last clause
    where there is one, else between words.
    """
    start, end = _trim(text, start, end, _EDGE)
    while end - start > MAX_LENGTH:
        most = start + MAX_LENGTH
        clauses = (m for m in _CLAUSE.finditer(text, start, most) if not _inside(m.start(), whole))
        cuts = [m.end() for m in clauses if m.end() - start > MAX_LENGTH // 4]
        space = text.rfind(" ", start + MAX_LENGTH // 2, most)
        cut = cuts[-1] if cuts else space if space > 0 else most
        head = _trim(text, start, cut, _EDGE)
        if head[0] < head[1]:
            yield head
        start, end = _trim(text, cut, end, _EDGE)
    if any(char.isalnum() for char in text[start:end]):
        yield start, end


def _trim(text: str, start: int, end: int, edge: str) -> tuple[int, int]:
    """Without white space and emphasis at the edges, as in `*so*`."""
    while start < end and (text[start] in edge or (text[start].isspace() and edge is _EDGE)):
        start += 1
    while end > start and (text[end - 1] in edge or (text[end - 1].isspace() and edge is _EDGE)):
        end -= 1
    return start, end


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    index = bisect_right(spans, (position, 1 << 60)) - 1
    # Links may hold code spans, so the enclosing span can be one further back.
    return any(spans[i][0] <= position < spans[i][1] for i in (index, index - 1) if i >= 0)
