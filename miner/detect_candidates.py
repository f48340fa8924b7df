"""Where in a thread an error's text may stand: every span a rule finds, and short output that no rule knows.

A candidate carries named features (numbers); `miner.detect_rank` weighs them. Nothing here decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.errortext import ErrorSpan, find_errors, may_hold_errors, root_error
from kb.errortext_lines import content
from miner.markdown import CODE_KINDS, Block, blocks

if TYPE_CHECKING:
    from kb.models import Place, Thread

MAX_BLOCKS = 4000
"""Of a text this many pieces are read; a piece is a paragraph, a fence, a cell, a code span."""

_SURE = 0.7
MAX_BLOCK = 400_000
"""Of a longer piece only this many characters are read (logs pasted whole)."""


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
    chained: bool = False
    noise: tuple[str, ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    score: float = 0.0

    @property
    def known(self) -> bool:
        """Whether a rule of `kb.errortext` found it."""
        return self.kind not in ("text", "snippet", "quote", "title")


_HEADINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("log", re.compile(r"log|output|error|trace|console|stack|crash|exception|日志|報錯|报错|лог|registro|fehler", re.IGNORECASE)),
    (
        "happened",
        re.compile(r"happen|actual|issue|problem|bug|descri|outcome|behaviou?r|summary|what is|observed|问题|描述|проблем", re.IGNORECASE),
    ),
    ("steps", re.compile(r"step|repro|how to|to reproduce|minimal|步骤|command", re.IGNORECASE)),
    ("expected", re.compile(r"expect|should|solution|proposal|feature|motivation|alternative|期望|idea|use case", re.IGNORECASE)),
    ("setup", re.compile(r"version|environment|system|operating|os\b|config|settings|hardware|model|provider|info", re.IGNORECASE)),
)
_CODE_LANGUAGES = frozenset(
    "python py javascript js typescript ts tsx jsx java kotlin go rust rs c cpp c++ csharp cs ruby php swift toml yaml yml diff patch sql html css xml "
    "dockerfile makefile cmake nix lua ini hcl proto graphql svelte vue scala zig".split()
)
_LEAD = re.compile(
    r"(?i)(?:error|fail|crash|says?|get|got|gives?|show|see|message|log|output|trace|ends? with|this|报错|提示|错误)[^\n]{0,40}[:：]?\s*\Z"
)
_WORD = re.compile(r"[A-Za-z0-9_]{2,}|[\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]")
_STOP = frozenset("the a an to of in on is it and or for with at by as be not no error failed bug when from after this that".split())
_QUOTED = re.compile('["“「]([^"“”「」\n]{8,200})["”」]')
_STATUS = re.compile(r"\b[45]\d\d\b")


_FAMILIES = {
    rule: family
    for family, rules in {
        "exception": "exception exception_repr error_colon java_thread uncaught go_panic rust_panic cpp_terminate",
        "build": "compiler linker tool_error npm test_failed",
        "crash": "assert signal memory gpu wasm_panic exit_code file_line_error nan",
        "service": "http_status status_first status_text api_error error_kind json_error json_rpc grpc daemon",
        "system": "errno os_message shell tls net win_code vendor_code sql_code",
        "level": "error_upper error_level error_json_log failed_colon",
        "words": "component verb_failed not_valid not_there ended limit symptom cjk",
    }.items()
    for rule in rules.split()
}


def words(text: str) -> set[str]:
    """The words of a text that tell it apart, in lower case."""
    return {word for word in (match.lower() for match in _WORD.findall(text[:1000])) if word not in _STOP}


def heading_class(heading: str) -> str:
    """What a form's section is about: `log`, `happened`, `steps`, `expected`, `setup`, `other`, or `none`."""
    if not heading:
        return "none"
    for name, pattern in _HEADINGS:
        if pattern.search(heading[:80]):
            return name
    return "other"


def _in_block(place: Place, text: str, block: Block, title: set[str]) -> list[Candidate]:
    end = min(block.end, block.start + MAX_BLOCK)
    piece = text[block.start : end]
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
        features["block_only"] = float(len(spans) == 1)
        features["alike_before"] = float(span.rules in before)
        before.add(span.rules)
        features["depth"] = span.start / max(1, len(piece))
        if written:
            line = _line_of(piece, span.start)
            features["chatty"] = float(bool(_CHATTY.search(line)))
            features["line_alone"] = float(span.end - span.start > 0.8 * len(line))
            features["paragraph_alone"] = float(span.end - span.start > 0.8 * len(piece))
        found.append(candidate)
    return found


_CHATTY = re.compile(
    r"\b(?:I|i|I'm|im|I've|my|me|we|our|same|thanks?|thx|please|pls|anyone|think|guess|maybe|tried|try|got|but|because|also|still|why|any ?body|hi|hello|lol|imo|you can|should|would|here|"
    r"@\w+|seems?|looks? like|this (?:is|issue|happens)|after (?:the )?(?:update|upgrad\w+)|since)\b"
)


def _line_of(piece: str, at: int) -> str:
    start = piece.rfind("\n", 0, at) + 1
    end = piece.find("\n", at)
    return piece[start : start + 600 if end < 0 else min(end, start + 600)]


_MARKED = re.compile(r"\s*[^\w\s\"'`(*_#>@!\[-]")


_SENTENCE = re.compile(r"\s*[a-z]+ [a-z]+")


def _by_program(piece: str, span: ErrorSpan, title: set[str]) -> bool:
    """Whether the line that holds an error, in a text of a person, was printed by a program: it is no chat, and sure, or what the title says."""
    line = _line_of(piece, span.start)
    if _SENTENCE.match(line) and ":" not in line:
        return False
    if span.weight < _SURE and not _MARKED.match(line):
        mine = words(line)
        if len(mine) < 2 or len(mine & title) < 0.6 * len(mine) or len(line) > 2 * (span.end - span.start):
            return False
    return not _CHATTY.search(line)


def _in_prose(piece: str, block: Block, title: set[str]) -> list[ErrorSpan]:
    """The errors within what a person wrote: whole lines that a program wrote, and what surely is one within a sentence."""
    lines = find_errors(piece)
    if not lines:
        return []
    whole = [] if block.kind == "heading" else [span for span in lines if _by_program(piece, span, title)]
    inside = [span for span in find_errors(piece, prose=True) if not any(w.start < span.end and span.start < w.end for w in whole)]
    return sorted(whole + inside, key=lambda span: span.start)


def _of_span(place: Place, text: str, base: int, span: ErrorSpan) -> Candidate:
    start, end = base + span.start, base + span.end
    candidate = Candidate(place, start, end, text[start:end], span.kind, span.weight, span.frames, span.chained, span.noise)
    features = candidate.features
    features["weight"] = span.weight
    features["rules"] = min(4.0, len(span.rules)) / 4
    for rule in span.rules[:6]:
        features[f"rule_{rule}"] = 0.4
        features[f"family_{_FAMILIES.get(rule, 'other')}"] = 1.0
    for noise in span.noise:
        features[f"noise_{noise}"] = 1.0
    features["chained"] = float(span.chained)
    features["frames"] = float(bool(span.frames))
    return candidate


def _plain(place: Place, start: int, end: int, text: str, kind: str) -> Candidate:
    return Candidate(place, start, end, text[start:end], kind, 0.0, features={f"plain_{kind}": 1.0})


_LISTING = re.compile(
    r"^\s*(?:\$|%|>|#|PS [A-Z]:|sudo |-{1,2}[a-zA-Z]|\./\S+|\d\d:\d\d ?<)"
    r"|^\s*(?:npm|npx|pnpm|yarn|pip|uv|docker|kubectl|helm|git|cd|curl|wget|python3?|node|deno|bun|export|set|make|cmake|ninja|gcc|g\+\+|clang|cargo|go|apt|apt-get|brew"
    r"|echo|cat|ls|mkdir|ollama|vllm) (?!err|ERR)\S"
    r"|^\s*[\w .-]{1,30}[:=]\s*v?\d+(?:\.\d+)+|^\s*(?i:version|os|node|python|name|model|gpu|cpu)\b\s?[:=]|^\s*[\w.-]+=\S*$|^\s*[{}\[\]]\s*$|^\s*[\"'][\w.-]+[\"']\s*:"
)
_CODE_LINE = re.compile(
    r"[;{\\]\s*$|^\s*(?:import|from|const|let|var|def|class|return|if|else|for|while|function|async|await|#include|#define|//|/\*|\*/|static|void|int|uint\d+_t|std::|echo|then|fi|FROM|RUN|PARAMETER)\b|=>|->"
    r"|^\s*[\w.]+\([^)]*\)\s*$|^\s*[\w.\[\]]+ ?[+*/-]?= ?\S+\s*$|^\s*\(\S+ "
)


def is_output(text: str) -> bool:
    """Whether plain text looks like what a program said, and not like code, settings, commands or a list of versions."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    if not lines or not _WORD.search(text):
        return False
    odd = sum(1 for line in lines if _LISTING.search(line[:300]) or _CODE_LINE.search(line[:300]))
    return odd * 2 < len(lines)


def _plain_lines(place: Place, text: str, block: Block, taken: list[Candidate]) -> list[Candidate]:
    """Lines of a short fence that no rule knows; the whole text if it is one message."""
    piece = text[block.start : block.end]
    if len(piece) > 4000 or block.language in _CODE_LANGUAGES or not is_output(piece):
        return []
    found = []
    at = block.start
    for line in piece.splitlines(keepends=True)[:40]:
        first, last = content(text, at, at + len(line.rstrip("\r\n")))
        at += len(line)
        if last - first >= 6 and not any(c.start < last and first < c.end for c in taken) and not _LISTING.search(text[first:last][:300]):
            found.append(_plain(place, first, last, text, "text"))
    if not taken and 0 < len(found) <= 12:
        whole = _plain(place, found[0].start, found[-1].end, text, "text")
        if len(found) > 1 and "\n\n" not in whole.raw:
            whole.features["whole"] = 1.0
            return [whole, *found]
        found[0].features["whole"] = 1.0
    return found


def _of_text(place: Place, text: str, title: set[str], *, reporter: bool) -> list[Candidate]:
    if not reporter and not may_hold_errors(text):
        return []
    parsed = blocks(text)[:MAX_BLOCKS]
    found: list[Candidate] = []
    code_blocks = 0
    lead = ""
    for index, block in enumerate(parsed):
        if block.kind == "inline" and "\n" in text[block.start : block.end]:
            continue  # backticks of a log that stands without a fence
        code = block.kind in CODE_KINDS
        code_blocks += code
        here = _in_block(place, text, block, title)
        if code and reporter:
            here += _plain_lines(place, text, block, here)
        if block.kind == "inline" and not here and reporter and is_output(text[block.start : block.end]):
            here = _snippet(place, text, block, parsed)
        if block.kind == "paragraph" and reporter:
            here += _quotes(place, text, block, here)
        for candidate in here:
            _describe(candidate, block, lead, code_blocks, index / max(1, len(parsed)))
        found.extend(here)
        if block.kind in ("paragraph", "heading"):
            lead = text[max(block.start, block.end - 120) : block.end]
    return _distinct(found)


def _snippet(place: Place, text: str, block: Block, parsed: list[Block]) -> list[Candidate]:
    raw = text[block.start : block.end]
    if len(raw) < 8 or " " not in raw or block.parent < 0:
        return []
    candidate = _plain(place, block.start, block.end, text, "snippet")
    run = parsed[block.parent]
    candidate.features["snippet_lead"] = float(bool(_LEAD.search(text[max(run.start, block.start - 60) : block.start].rstrip("`"))))
    candidate.features["snippet_alone"] = float(run.end - run.start <= block.end - block.start + 6)
    return [candidate]


def _quotes(place: Place, text: str, block: Block, taken: list[Candidate]) -> list[Candidate]:
    found = []
    for match in _QUOTED.finditer(text, block.start, min(block.end, block.start + 4000)):
        first, last = match.span(1)
        if not any(c.start < last and first < c.end for c in taken) and " " in match.group(1):
            candidate = _plain(place, first, last, text, "quote")
            candidate.features["snippet_lead"] = float(bool(_LEAD.search(text[max(block.start, first - 61) : first - 1])))
            found.append(candidate)
    return found[:8]


def _describe(candidate: Candidate, block: Block, lead: str, code_blocks: int, place: float) -> None:
    features = candidate.features
    features[f"in_{block.kind}"] = 1.0
    features[f"under_{heading_class(block.heading)}"] = 1.0
    features["quoted"] = float(block.quoted)
    features["folded"] = float(block.folded)
    features["position"] = place
    if block.kind in CODE_KINDS:
        features["first_code"] = float(code_blocks == 1)
        features["code_language"] = float(block.language in _CODE_LANGUAGES)
        features["lead"] = float(bool(_LEAD.search(lead)))


def _distinct(found: list[Candidate]) -> list[Candidate]:
    """Of a run and the inline codes within it only the one that holds the error: the code, unless the error began before it.

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
                if run[0].start < candidate.start - 1:
                    continue
                run[0].features["dropped"] = 1.0
        else:
            run = []
        result.append(candidate)
    return [candidate for candidate in result if not candidate.features.pop("dropped", 0.0)]


_TAGS = re.compile(r"\s*(?:\[[^\]]{1,30}\]|【[^】]{1,30}】|(?:[\w/ ]{0,12}(?:bug|issue|crash|error report|problem)) ?:)\s*", re.IGNORECASE)


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


def _of_title(thread: Thread) -> list[Candidate]:
    at = title_start(thread.title)
    text = thread.title
    spans = find_errors(text[at:])
    found = []
    for span in spans:
        candidate = _of_span((None, "title"), text, at, span)
        candidate.features["in_title"] = 1.0
        candidate.features["title_from_start"] = float(span.start <= 2)
        found.append(candidate)
    return found


def candidates(thread: Thread) -> list[Candidate]:
    """Every candidate of a thread: title, body, comments, in order of place and position."""
    found = _of_title(thread)
    title = words(thread.title[title_start(thread.title) :])
    found += _of_text((None, "body"), thread.body, title, reporter=True)
    for index, comment in enumerate(thread.comments):
        bot = comment.author_type == "Bot"
        here = _of_text((comment.comment_id, "body"), comment.body, title, reporter=False)
        for candidate in here:
            candidate.features["in_comment"] = 1.0
            candidate.features["by_reporter"] = float(comment.author is not None and comment.author == thread.author)
            candidate.features["by_bot"] = float(bot)
            candidate.features["comment_order"] = min(1.0, index / 20)
        found += here
    _compare(title, found)
    return found


def _compare(title: set[str], found: list[Candidate]) -> None:
    """Features that need the whole thread: likeness to the title, repetition, order, length."""
    seen: dict[str, int] = {}
    body_rank = 0
    for candidate in found:
        key = " ".join(candidate.raw.lower().split())[:80]
        seen[key] = seen.get(key, 0) + 1
    for candidate in found:
        mine = words(candidate.raw)
        shared = len(mine & title)
        features = candidate.features
        features["like_title"] = shared / max(2, min(len(mine), 12)) if mine else 0.0
        features["title_like"] = shared / max(3, len(title))
        features["repeats"] = min(1.0, (seen[" ".join(candidate.raw.lower().split())[:80]] - 1) / 3)
        size = len(candidate.raw)
        features["garbage"] = float(size >= 16 and len(set(candidate.raw[:200])) <= 6)
        features["short"] = float(size < 20)
        features["status"] = float(bool(_STATUS.search(candidate.raw[:200])))
        if candidate.place == (None, "body"):
            features["first_in_body"] = float(body_rank == 0)
            body_rank += 1
