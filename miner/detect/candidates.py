"""Where in a thread an error's text may stand: every span a rule finds, and short output that no
rule knows.

A candidate carries named features (numbers), which `miner.detect.scoring` weighs. Nothing here
decides.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from kb.errortext import (
    ErrorSpan,
    find_errors,
    judge,
    may_hold_errors,
    root_error,
)
from kb.errortext.lines import content
from kb.errortext.rules import FAMILIES
from kb.markdown import CODE_KINDS, Block
from kb.models import Place, Thread
from kb.tables import load_patterns
from miner.detect.features import describe_text
from miner.detect.shapes import (
    CHANGE,
    CODE_LANGUAGES,
    COMMIT,
    LEAD,
    heading_class,
    in_title,
    is_chat,
    is_listing,
    is_marked,
    is_output,
    is_sentence,
    is_setting,
    is_spoken,
    title_start,
    words,
)
from miner.posts import ParsedPost, ParsedThread
from miner.posts import parsed as parsed_thread

_P = load_patterns("shapes.toml", Path(__file__).parent / "rules")

MAX_BLOCKS = 4000
"""Of a text this many pieces are read; a piece is a paragraph, a fence, a cell, a code span."""

MAX_BLOCK = 400_000
"""Of a longer piece only this many characters are read (logs pasted whole)."""

_SURE = 0.7
_TITLE_SURE = 0.85


@dataclass(slots=True)
class Candidate:
    """A span that may be an error: where it stands, which rule found it, and its features."""

    place: Place
    start: int
    end: int
    raw: str
    kind: str
    weight: float
    frames: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    score: float = 0.0
    confidence: float = 0.0
    message: str | None = None

    @property
    def said(self) -> str:
        """The error's text, put together again where a terminal broke it within words."""
        return self.message or self.raw

    @property
    def known(self) -> bool:
        """Whether a rule of `kb.errortext` found it."""
        return self.kind not in ("text", "snippet")


_SAID_INFO = re.compile(r"(?i)\b(?:level|severity)\"?[:=]\s?\"?(?:info|debug|trace|notice)\b")
"""A log's line that says itself that it is no error."""
_QUOTE_SIGN = re.compile(r"(?m)^[ \t]{0,3}>(?:[ \t]?>){0,5}")


def _in_block(place: Place, text: str, block: Block, title: set[str]) -> list[Candidate]:
    end = min(block.end, block.start + MAX_BLOCK)
    piece = text[block.start : end]
    if block.quoted:
        # the sign of a quote at a line's start is no shell's prompt
        piece = _QUOTE_SIGN.sub(lambda match: " " * len(match[0]), piece)
    written = block.kind in ("paragraph", "heading", "table", "html")
    spans = _in_prose(piece, block, title) if written else find_errors(piece)
    root = root_error(spans, piece)
    found = []
    before: set[tuple[str, ...]] = set()
    for index, span in enumerate(spans):
        candidate = _of_span(place, text, block.start, span)
        features = candidate.features
        features["block_root"] = float(span is root)
        features["block_first"] = float(index == 0)
        features["block_last"] = float(index == len(spans) - 1)
        features["alike_before"] = float(span.rules in before)
        before.add(span.rules)
        if written:
            line = _line_of(piece, span.start)
            features["chatty"] = float(is_chat(line))
            features["line_alone"] = float(span.end - span.start > 0.8 * len(line))
            features["paragraph_alone"] = float(span.end - span.start > 0.8 * len(piece))
        found.append(candidate)
    return found


def _line_of(piece: str, at: int) -> str:
    start = piece.rfind("\n", 0, at) + 1
    end = piece.find("\n", at)
    return piece[start : start + 600 if end < 0 else min(end, start + 600)]


def _by_program(piece: str, span: ErrorSpan, title: set[str]) -> bool:
    """Whether a line within a person's text was printed: no chat, and sure or titled so."""
    line = _line_of(piece, span.start)
    if is_sentence(line) and "cpp_terminate" not in span.rules:
        return False
    if span.weight < _SURE and not is_marked(line):
        mine = words(line)
        if len(line) > 2 * (span.end - span.start):
            return False
        if len(mine) < 2 or len(mine & title) < 0.6 * len(mine):
            return False
    return not is_chat(line)


def _in_prose(piece: str, block: Block, title: set[str]) -> list[ErrorSpan]:
    """The errors in a person's text: printed lines, and what surely is one in a sentence."""
    lines = find_errors(piece)
    if not lines:
        return []
    whole = [] if block.kind == "heading" else lines
    whole = [span for span in whole if _by_program(piece, span, title)]
    spoken = find_errors(piece, prose=True)
    starts = [span.start for span in spoken]
    whole = [span for span in whole if not _begins_later(piece, span, spoken, starts)]
    ends = [span.end for span in whole]
    inside = []
    for span in spoken:
        at = bisect_right(ends, span.start)
        if at == len(whole) or span.end <= whole[at].start:
            inside.append(span)
    return [_as_quoted(piece, span) for span in sorted(whole + inside, key=lambda span: span.start)]


_LABELLED = re.compile(_P["labelled"])
_WITHIN = re.compile(_P["within"])


def _as_quoted(text: str, span: ErrorSpan) -> ErrorSpan:
    """The error alone where a sentence quotes it: `I get "Error: ..." when I start`."""
    for match in _WITHIN.finditer(text, span.start, span.end):
        if _LABELLED.match(text, span.start, match.start()):
            break  # a program quotes it
        if " " in match[0] and judge(match[0][1:-1]).weight >= _SURE:
            return span._replace(start=match.start() + 1, end=match.end() - 1)
    begin = text.rfind("\n", 0, span.start) + 1
    before = text[begin : span.start]
    end = text.find('"', span.start, span.end)
    # it began behind the mark that it ends at: `it stops with "fatal error: no tea" at times`
    if before.count('"') % 2 and end >= 0 and _QUOTED_TO.match(text, end):
        start = begin + before.rfind('"') + 1
        return span._replace(start=start if span.start - start < _A_WORD else span.start, end=end)
    return span


_QUOTED_TO = re.compile(r"\"(?=[\s,.;:)]|\Z)")
_A_WORD = 12
"""Characters of a word or two that belong to an error's name: `fatal error`."""


def _begins_later(piece: str, whole: ErrorSpan, spoken: list[ErrorSpan], starts: list[int]) -> bool:
    """Whether a line's error begins behind a few words of the person who wrote the line."""
    at = bisect_right(starts, whole.start)
    return (
        at < len(spoken)
        and spoken[at].start < whole.end
        and is_spoken(piece[whole.start : spoken[at].start])
    )


def _of_span(place: Place, text: str, base: int, span: ErrorSpan) -> Candidate:
    start, end = base + span.start, base + span.end
    if end - start > 2 and text[start] == text[end - 1] == "`":
        start, end = start + 1, end - 1
    features = {"weight": span.weight, "rules": min(4.0, len(span.rules)) / 4}
    for rule in span.rules[:6]:
        features[f"rule_{rule}"] = 0.4
        features[f"family_{FAMILIES[rule]}"] = 1.0
    if all(FAMILIES[rule] == "words" or rule == "error_word" for rule in span.rules):
        features["words_only"] = 1.0
    features |= {f"noise_{noise}": 1.0 for noise in span.noise}
    features |= {"chained": float(span.chained), "frames": float(bool(span.frames))}
    said = text[start:end], span.kind, span.weight, span.frames, span.noise, features
    return Candidate(place, start, end, *said, message=span.message)


def _plain(place: Place, start: int, end: int, text: str, kind: str) -> Candidate:
    return Candidate(place, start, end, text[start:end], kind, 0.0, features={f"plain_{kind}": 1.0})


def _plain_lines(place: Place, text: str, block: Block, taken: list[Candidate]) -> list[Candidate]:
    """Lines of a short fence that no rule knows; the whole text if it is one message."""
    piece = text[block.start : block.end]
    if len(piece) > 4000 or block.language in CODE_LANGUAGES or not is_output(piece):
        return []
    found = []
    at = block.start
    for line in piece.splitlines(keepends=True)[:40]:
        first, last = content(text, at, at + len(line.rstrip("\r\n")))
        at += len(line)
        if last - first < 6 or any(c.start < last and first < c.end for c in taken):
            continue
        said = text[first:last]
        if words(said) and not (is_listing(said) or is_setting(said) or _SAID_INFO.search(said)):
            found.append(_plain(place, first, last, text, "text"))
    if not taken and 0 < len(found) <= 12:
        whole = _plain(place, found[0].start, found[-1].end, text, "text")
        if len(found) > 1 and "\n\n" not in whole.raw:
            whole.features["whole"] = 1.0
            return [whole, *found]
        found[0].features["whole"] = 1.0
    return found


def _of_post(post: ParsedPost, title: set[str], *, reporter: bool) -> list[Candidate]:
    place, text = post.place, post.text
    if not reporter and not may_hold_errors(text):
        return []
    parsed = post.document.blocks[:MAX_BLOCKS]
    found: list[Candidate] = []
    lead = ""
    for index, block in enumerate(parsed):
        if block.kind == "inline" and "\n" in text[block.start : block.end]:
            continue  # backticks of a log that stands without a fence
        code = block.kind in CODE_KINDS
        here = _in_block(place, text, block, title)
        if code and here and not is_output(text[block.start : min(block.end, block.start + 4000)]):
            for candidate in here:
                candidate.features["block_code"] = 1.0
        if code and reporter:
            here += _plain_lines(place, text, block, here)
        raw = text[block.start : block.end]
        within = block.kind == "inline" and block.parent >= 0 and reporter and not here
        if within and len(raw) >= 8 and " " in raw and is_output(raw):
            here = [_plain(place, block.start, block.end, text, "snippet")]
        for candidate in here:
            _describe(candidate, block, lead, index / max(1, len(parsed)))
            describe_text(candidate, text)
        found.extend(here)
        if block.kind in ("paragraph", "heading"):
            lead = text[max(block.start, block.end - 120) : block.end]
    return _distinct(found)


def _describe(candidate: Candidate, block: Block, lead: str, place: float) -> None:
    features = candidate.features
    features[f"in_{block.kind}"] = 1.0
    features[f"under_{heading_class(block.heading)}"] = 1.0
    features["position"] = place
    if "words_only" in features and block.kind in ("paragraph", "heading"):
        features["words_of_person"] = 1.0
    if block.kind in CODE_KINDS:
        features["code_language"] = float(block.language in CODE_LANGUAGES)
        features["lead"] = float(LEAD.search(lead) is not None)
        source = {"code", "call", "comment"}.intersection(candidate.noise)
        features["source_in_code"] = float(
            bool(source) and (block.language in CODE_LANGUAGES or "block_code" in features)
        )


_ONLY_A_LABEL = re.compile(
    r"(?i)(?:\w+ )?(?:error|exception|message)s?(?: message)?:?\s*[`\"']{1,2}"
)


def _distinct(found: list[Candidate]) -> list[Candidate]:
    """Of a run and the inline codes within it only the one that holds the error: the code, unless
    the error began before it.

    Candidates come run by run, each followed by its codes; both in order of position.
    """
    result: list[Candidate] = []
    run: list[Candidate] = []
    for candidate in found:
        features = candidate.features
        if features.get("in_paragraph"):
            if run and candidate.start < run[0].start:
                run = []
            run.append(candidate)
        elif features.get("in_inline"):
            while run and run[0].end <= candidate.start:
                run.pop(0)
            if run and run[0].start < candidate.end:
                before = run[0].raw[: max(0, candidate.start - run[0].start)]
                if len(before) > 1 and not _ONLY_A_LABEL.fullmatch(before):
                    continue
                run[0].features["dropped"] = 1.0
        else:
            run = []
        result.append(candidate)
    return [candidate for candidate in result if not candidate.features.pop("dropped", 0.0)]


def _of_title(thread: Thread) -> list[Candidate]:
    at = title_start(thread.title)
    text = thread.title
    # what was changed is told in words of a person, which quote an error at most
    change = (CHANGE if thread.kind == "pull" else COMMIT).match(text, at)
    spans = find_errors(text[at:], prose=change is not None)
    found = []
    for whole_span in spans:
        start, end = in_title(text[at:], whole_span.start, whole_span.end)
        span = _as_quoted(text[at:], whole_span._replace(start=start, end=end))
        candidate = _of_span((None, "title"), text, at, span)
        candidate.features["in_title"] = 1.0
        candidate.features["title_from_start"] = float(span.start <= 2)
        # what its author was doing is no part of it
        size = span.end if span.end < whole_span.end else len(text) - at
        whole = span.end - span.start > 0.8 * size
        candidate.features["title_sure"] = float(span.weight >= _TITLE_SURE and whole)
        candidate.features["words_in_title"] = candidate.features.get("words_only", 0.0)
        candidate.features["title_weak"] = float(span.weight < _SURE)
        describe_text(candidate, text)
        found.append(candidate)
    return found


def candidates(given: Thread | ParsedThread) -> list[Candidate]:
    """Every candidate of a thread: title, body, comments, in order of place and position."""
    whole = parsed_thread(given)
    thread = whole.thread
    found = _of_title(thread)
    title = words(thread.title[title_start(thread.title) :])
    found += _of_post(whole.body, title, reporter=True)
    for index, post in enumerate(whole.comments):
        bot = post.author_type == "Bot"
        here = _of_post(post, title, reporter=False)
        for candidate in here:
            candidate.features["in_comment"] = 1.0
            candidate.features["by_reporter"] = float(
                post.author is not None and post.author == thread.author
            )
            candidate.features["by_bot"] = float(bot)
            candidate.features["comment_order"] = min(1.0, index / 20)
        found += here
    _compare(title, found)
    return found


def _compare(title: set[str], found: list[Candidate]) -> None:
    """Features that need the whole thread: likeness to the title, order."""
    body_rank = 0
    for candidate in found:
        mine = words(candidate.raw)
        shared = len(mine & title)
        features = candidate.features
        features["like_title"] = shared / max(2, min(len(mine), 12)) if mine else 0.0
        features["title_like"] = shared / max(3, len(title))
        features["short"] = float(len(candidate.raw) < 20)
        if candidate.place == (None, "body"):
            features["first_in_body"] = float(body_rank == 0)
            body_rank += 1
