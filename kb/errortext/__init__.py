"""Finds the errors that programs print, in a text without Markdown: exact spans, in order of
position.

Used by mining (on each piece of a thread) and by `query` (on a line, a log or a JSON body), so that
both see the same. The rules are those of `kb/rules/errors.toml`. Time is linear in the text: one
pass of RE2 finds the lines that any rule matches; at most `MAX_LINES` of them are looked at one by
one (the first ones and those of the text's end), each within bounded windows.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise, zip_longest
from math import prod
from typing import NamedTuple

import re2

from kb import lazy_re as re
from kb.errortext.columns import rejoin
from kb.errortext.extend import (
    MAX_TEXT,
    Lines,
    body_end,
    body_start,
    fields_end,
    frames_after,
    frames_before,
    wrapped_end,
)
from kb.errortext.lines import PREFIX, content, is_frame
from kb.errortext.rules import NOISE, RULES, Noise, Rule
from kb.prefilter import Patterns, generous
from kb.tables import load_patterns

_P = load_patterns("spans.toml")

MAX_LINES = 2000
"""Lines looked at one by one from a text's start, and from where each of `TAILS` begins."""

TAILS = (64_000, 8_000)
"""Bytes before a text's end."""

_MAX_LINE = 3000
_BEFORE = 120
_KEY_VALUE = re.compile(_P["key_value"])


class ErrorSpan(NamedTuple):
    """An error's text at `text[start:end]`. `kind` names the rule that found it; `weight` (0 to 1)
    how surely it is an error.

    `rules` names every rule that matched, `noise` what lowered the weight; `chained` is an
    exception that led to another one, which is the error. `message`: its text put together again,
    where a terminal broke it within words.
    """

    start: int
    end: int
    kind: str
    weight: float
    frames: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    chained: bool = False
    message: str | None = None


class _Rows:
    """The patterns of rules or of noise. Where a row has a trigger, it is asked first."""

    def __init__(self, rows: Sequence[Rule | Noise]) -> None:
        self._rows = rows
        self.wide = Patterns(f"(?m){row.trigger or row.pattern}" for row in rows)
        self.row = functools.cache(lambda at: re2.compile(rows[at].pattern, generous()))

    def matching(self, line: str) -> list[int]:
        """The rows that match a line."""
        return [
            at
            for at in self.wide.matching(line)
            if not self._rows[at].trigger or self.row(at).search(line) is not None
        ]

    def starts(self, data: bytes) -> Callable[[int], int | None]:
        """A function that tells where the first match of any row begins from a place on, asked with
        places that rise.
        """
        ahead = dict.fromkeys(self.wide.matching(data), -1)

        def start_from(position: int) -> int | None:
            for at, start in list(ahead.items()):
                if start >= position:
                    continue
                if (match := self.wide.one(at).search(data, position)) is None:
                    del ahead[at]
                else:
                    ahead[at] = match.start()
            return min(ahead.values(), default=None)

        return start_from


_rules = functools.cache(lambda: _Rows(RULES))
_noise = functools.cache(lambda: _Rows(NOISE))


class LineVerdict(NamedTuple):
    """What the rules say of a line: those that match, best first, its noise, its weight."""

    rules: tuple[int, ...]
    noise: tuple[int, ...]
    weight: float


@functools.lru_cache(maxsize=1024)
def judge(line: str) -> LineVerdict:
    """The rules' verdict on one line."""
    head = line[:_MAX_LINE]
    hits = _rules().matching(head)
    if not hits:
        return LineVerdict((), (), 0.0)
    noise = tuple(_noise().matching(head))
    order = sorted(hits, key=lambda index: (-RULES[index].weight, index))
    more = 0.02 * (len(order) - 1)
    best = RULES[order[0]].weight
    weight = min(0.99, best + more) if more else best
    weight *= prod(NOISE[index].factor for index in noise)
    return LineVerdict(tuple(order), noise, round(weight, 4))


def find_errors(text: str, *, floor: float = 0.3, prose: bool = False) -> list[ErrorSpan]:
    """The errors of a text in order of position, not overlapping.

    `floor` is the weight below which a line is not reported. `prose`: the text is what a person
    wrote, in which only the rules that are sure enough are believed and an error may begin in the
    middle of a sentence.
    """
    text = _clean(text)
    whole = None if prose else rejoin(text)
    if whole is None:
        return _find(text, floor, prose)
    found = []
    for span in _find(whole.text, floor, prose):
        start, end = whole.back(span.start, span.end)
        broken = whole.crossing(span.start, span.end) is not None
        message = whole.text[span.start : span.end] if broken else None
        found.append(span._replace(start=start, end=end, message=message))
    return found


def _find(text: str, floor: float, prose: bool) -> list[ErrorSpan]:
    lines = Lines(text)
    spans: list[ErrorSpan] = []
    done = -1
    for start, end in _hits(text):
        if start < done:
            continue
        span = _span(text, lines, start, end, prose)
        if span is None or span.weight < floor or span.start < done:
            continue
        spans.append(span)
        done = span.end
    return _mark_headlines(text, lines, _mark_chained(text, spans))


_WIDE = str.maketrans("：（）", ":()")


def _clean(text: str) -> str:
    """The text, character for character, without lone surrogates, which UTF-8 cannot hold; colons
    and brackets of full width as programs print them.
    """
    if text.isascii():
        return text
    return text.translate(_WIDE).encode("utf-8", "replace").decode("utf-8")


@functools.lru_cache(maxsize=64)
def _hits(text: str) -> list[tuple[int, int]]:
    """The lines that some rule matches, at most `MAX_LINES` from the start and as many from each of
    `TAILS`.

    A line longer than `_MAX_LINE` is taken in pieces, each from a match on.
    """
    data = text.encode("utf-8", "replace")
    searched = data.replace(b"\r\n", b"\n\n")  # as long; `$` stands before a line feed only
    start_from = _rules().starts(searched)
    found: list[tuple[int, int]] = []
    size, position = len(data), 0
    for begin in (0, *(size - tail for tail in TAILS)):
        if begin < position:
            continue
        position = _boundary(data, begin)
        for _ in range(MAX_LINES):
            at = start_from(position) if position < size else None
            if at is None:
                break
            while at < size - 1 and data[at] in b"\r\n":
                at += 1
            start = data.rfind(b"\n", max(position - 1, at - _MAX_LINE, 0), at) + 1
            if start == 0 and at - position > _MAX_LINE:
                start = data.find(b" ", at - _BEFORE, at) + 1 or at
            start = _boundary(data, max(start, min(position, at)))
            end = data.find(b"\n", at, at + _MAX_LINE)
            end = _boundary(data, min(size, at + _MAX_LINE)) if end < 0 else end
            found.append((start, end - 1 if end - 1 > start and data[end - 1] == 13 else end))
            position = max(end, at + 1)
        else:
            continue
        break
    return found if len(data) == len(text) else _characters(data, found)


def _boundary(data: bytes, at: int) -> int:
    """The next offset from `at` on at which a character of UTF-8 begins."""
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


def _characters(data: bytes, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of bytes, in order and apart, as spans of characters."""
    places = pairwise([0, *(place for span in spans for place in span)])
    ends = accumulate(len(data[a:b].decode("utf-8", "replace")) for a, b in places)
    return list(zip(ends, ends, strict=False))  # two at a time


def _span(text: str, lines: Lines, start: int, end: int, prose: bool) -> ErrorSpan | None:
    if is_frame(text, start, end) or _is_source(text, lines, start):
        return None
    verdict = judge(text[start:end])
    if not verdict.rules or verdict.weight == 0:
        return None
    first, last = content(text, start, end)
    if first == last:
        return None
    in_cell = None
    best = RULES[verdict.rules[0]]
    if prose:
        sure = [index for index in verdict.rules if RULES[index].prose]
        if not sure:
            return None
        first, last = _in_sentence(text, first, last, sure)
        best = RULES[sure[0]]
    else:
        first, last = _key_value(text, after_frames(text, first, last), last)
        in_cell = _cell(text, start, end)
        first, last = in_cell or (first, last)
    if not text.isascii():
        first, last = _in_other_words(text, first, last)
    if last - first < _LABEL and _EMPTY.fullmatch(text, first, last):
        return None
    if not prose and in_cell is None:
        first, last = _whole(text, lines, start, (first, last), best.name)
    if last - first > MAX_TEXT:
        last = first + MAX_TEXT
    frames = frames_after(text, lines, last) or frames_before(text, lines, start)
    names = tuple(RULES[index].name for index in verdict.rules)
    noise = tuple(NOISE[index].name for index in verdict.noise)
    return ErrorSpan(first, last, best.name, verdict.weight, frames, names, noise)


def _whole(
    text: str, lines: Lines, start: int, message: tuple[int, int], rule: str
) -> tuple[int, int]:
    """A message with the body, the fields and the wrapped lines that belong to it."""
    first, last = message
    if rule == "json_error" or _MEMBER.match(text, first, first + 60):
        opened = body_start(text, lines, start)
        if opened < start:
            first = opened
    last = body_end(text, lines, first, last)
    fields = fields_end(text, lines, first, last)
    return first, fields if fields > last else wrapped_end(text, lines, first, last)


_ONE_LINE = re.compile(r"`?Traceback \(most recent call last\):? {1,4}File ")
_RAISED = re.compile(_P["raised"])


_MARKED = re.compile(r"[✕✖✗✘⎿] {1,3}(?=\[?[A-Z])")


def after_frames(text: str, first: int, last: int) -> int:
    """Where the error begins in a line that was pasted with what stood before it: behind the sign
    that a program puts before an error, behind the frames of a Python traceback, at the last
    exception.
    """
    if (marked := _MARKED.search(text, first, last)) is not None:
        return marked.end()
    if _ONE_LINE.match(text, first, last) is None:
        return first
    return max((match.start() for match in _RAISED.finditer(text, first, last)), default=first)


_LABEL = 60
_EMPTY = re.compile(r"(?i)\W*(?:errors?|fatal|exception|failed|failure|panic|warning|err)\W*")
"""A label with nothing behind it."""
_MEMBER = re.compile(r"[\"']?\w{1,40}[\"']?\s?: ?[\"'{\[\d]")
"""A member of an object that was printed over several lines."""


def _key_value(text: str, first: int, last: int) -> tuple[int, int]:
    """The part of a `key=value` log line that says what went wrong."""
    if "=" not in text[first : first + 400]:
        return first, last
    # what an "error" or "cause" holds says more than a "msg"
    found = sorted(_KEY_VALUE.finditer(text, first, last), key=lambda m: m[0].startswith("msg"))
    if not found or found[0].start() == first:
        return first, last
    if found[0][0].startswith("msg") and not _rules().matching(found[0][0]):
        return first, last
    return found[0].span()


_MAX_CELLS = 20


def _cell(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The cell of a table's row that says most surely what went wrong, if the line is one."""
    row = text[start:end].strip()
    if not (row.startswith("|") and row.endswith("|") and 3 <= row.count("|") <= _MAX_CELLS):
        return None
    edges = [at for at in range(start, end) if text[at] == "|"]
    cells = [(judge(text[a + 1 : b].strip()).weight, a + 1, b) for a, b in pairwise(edges)]
    weight, first, last = max(cells, key=lambda cell: cell[0])
    return content(text, first, last) if weight else None


_CLOSING = {'"': '"', "'": "'", "`": "`", "「": "」", "『": "』", "“": "”", "«": "»"}
_WORDS_BEFORE = re.compile(_P["words_before"])
_WORDS_BEHIND = re.compile(_P["words_behind"])


def _in_other_words(text: str, first: int, last: int) -> tuple[int, int]:
    """An error in Latin letters without the sentence in another script that stands around it."""
    before = _WORDS_BEFORE.match(text, first, last)
    begin = first if before is None else before.end()
    if not text[begin : begin + 12].isascii():
        return first, last
    behind = _WORDS_BEHIND.search(text, begin, last)
    # what a service says in another script within its answer is the error
    return begin, last if behind is None or "{" in text[begin : behind.start()] else behind.start()


_LEFT_OPEN = re.compile(r"(?<!\S)([\"'“])(?:(?!\1(?!\w))[^”\n]){1,200}\Z")
_SENTENCE_END = re.compile(_P["sentence_end"])


def _is_source(text: str, lines: Lines, start: int) -> bool:
    """Whether the line is the source that Python prints below a frame."""
    prefix = PREFIX.match(text, start)
    if text[(at := prefix.end() if prefix else start) : at + 1] not in (" ", "\t"):
        return False
    above = lines.before(start)
    return above is not None and text.startswith('File "', content(text, *above)[0])


def _closed(text: str, begin: int, stop: int, last: int) -> int:
    """Where the braces that are open at `stop` are closed; `stop` if none is, or they never are."""
    depth = text.count("{", begin, stop) - text.count("}", begin, stop)
    for brace in _BRACE.finditer(text, stop, last) if depth > 0 else ():
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return stop


_BRACE = re.compile(r"[{}]")


def _in_sentence(text: str, first: int, last: int, sure: list[int]) -> tuple[int, int]:
    """The error within the line of a person, from where one of the `sure` rules matches."""
    line = text[first:last]
    at = len(line)
    for match in filter(None, (_rules().row(index).search(line) for index in sure)):
        said = match.group()
        at = min(at, match.end() - len(said.lstrip(" \t[(|>:'\"`⎿「『“«（：，、")))
    at = 0 if at >= len(line) else at
    begin = first + at
    stop = last
    match = _SENTENCE_END.search(text, min(begin + 25, last), last)
    if match is not None:
        stop = match.start() + 1 if text[match.start()] in ".!?" else match.start()
        stop = _closed(text, begin, stop, last)  # an answer's body goes on
    quote = text[begin - 1] if begin > first else ""
    if quote in _CLOSING:
        closing = text.find(_CLOSING[quote], begin, last)
        if closing > begin:
            stop = closing
    elif (left := _LEFT_OPEN.search(text, first, begin)) is not None:
        # the sentence quotes words before the error too
        quote = _CLOSING[left[1]]
        ends = re.compile(rf"[^{quote}\n]{{12,400}}\w{quote}(?=[\s.,;:)])").match(text, begin, stop)
        stop = stop if ends is None else ends.end() - 1
    return begin, max(stop, begin + 1)


_CHAINED = re.compile(_P["chained"])


def _mark_chained(text: str, spans: list[ErrorSpan]) -> list[ErrorSpan]:
    """Marks exceptions that led to the next one, which Python prints last, and Node below it as its
    `[cause]`.
    """
    marks = [match.start() for match in _CHAINED.finditer(text)] if spans else []
    if not marks:
        return spans
    result: list[ErrorSpan] = []
    led = False
    for span, following in zip_longest(spans, spans[1:]):
        again = led and _RERAISED.match(text, span.start, span.end) is not None
        at = bisect_left(marks, span.end)
        led = at < len(marks) and (following is None or marks[at] < following.start)
        if again:
            # it only says that the one before it happened
            result[-1] = result[-1]._replace(chained=False)
            span = span._replace(weight=round(span.weight * _RERAISED_FACTOR, 4))
        result.append(span._replace(chained=True) if again or led else span)
    return result


_HEADLINE = re.compile(_P["headline"])
_DETAIL = re.compile(_P["detail"])

_LONGEST_HEADLINE = 200


def _mark_headlines(text: str, lines: Lines, spans: list[ErrorSpan]) -> list[ErrorSpan]:
    """Marks lines of a log that say only that something failed (`ERROR turn failed`) where the next
    line says what: they led to the error, and are none of their own.
    """
    result = spans[:1]
    for span, following in pairwise(spans):
        short = span.end - span.start <= _LONGEST_HEADLINE
        if not span.chained and short and _HEADLINE.fullmatch(text, span.start, span.end):
            start, end = lines.after(span.end) or (0, 0)
            shown = start <= following.start < end
            if shown and _DETAIL.match(text, following.start, following.end):
                result[-1] = span._replace(chained=True)
        result.append(following)
    return result


_RERAISED = re.compile(_P["reraised"])
_RERAISED_FACTOR = 0.6


def may_hold_errors(text: str) -> bool:
    """Whether any rule might match; if not, `find_errors` finds nothing."""
    return bool(_rules().wide.matching(_clean(text).replace("\r\n", "\n\n")))


def root_error(spans: list[ErrorSpan], text: str) -> ErrorSpan | None:
    """The error one would ask about: the last of a chain, the first of a log's surest."""
    best: ErrorSpan | None = None
    for span in spans:
        if not span.chained and (best is None or span.weight > best.weight + 0.09):
            best = span
    return best or (spans[-1] if spans else None)
