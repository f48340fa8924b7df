"""What a document shows of a claim: the whole sentences that its span stands in, or the whole code
block, taken from the stored text.

A claim's span may end within a sentence, a link or a block of code; a reader wants the thought. The
span grows to whole sentences (`kb.sentences`) or to its code block; where its first words point
back ("removed the line") the sentences before them in the paragraph come with it, where its last
ones point ahead ("as follows:") what they announce. Greetings and thanks at its ends are left out.
All of it is bounded. `verify` makes the same passage again, so that what is shown is still held
against the stored text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kb import sql
from kb.markdown import CODE_KINDS, Block, blocks
from kb.redact import redact
from kb.rows import listed
from kb.sentences import split
from kb.tables import load_patterns
from kb.text import chunks, clean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kb.sentences import Sentence

MOST_CODE = 900
"""A longer block of code is not shown whole."""
MOST_ANNOUNCED = 1500
"""Characters of code that is shown whole because words announce it."""
MOST_LINES = 24
LANGUAGES = frozenset(
    [
        *("bash", "sh", "shell", "zsh", "console", "powershell", "ps1", "bat", "cmd"),
        *("python", "py", "json", "yaml", "yml", "toml", "ini", "dockerfile"),
        *("js", "javascript", "ts", "typescript", "go", "rust", "java", "c", "cpp", "diff", "xml"),
    ]
)
"""Languages a fence may name; others (`mermaid`) make a site do more than colour the text."""
MOST_BEFORE = 240
"""Characters of sentences that are added because the first words point back to them."""
MOST_AFTER = 420
"""Characters of a list that is added because the last words announce it."""
MOST_OF_A_CLAIM = 0.6
"""Share of a claim that must be left when its last sentence or clause, which its source cut, is
left out."""
MORE_THAN_A_POINTER = 7
"""Words before a link, of a sentence that says more than where to look."""
_CUT_AT = 100
"""Sources that cut comments cut them at so many characters, or some times as many, from
`LEAST_CUT` on."""
LEAST_CUT = 300

_CODE = re.compile(r"(`{1,3}[^`\n]{1,300}`{1,3})")
_CUT_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\(https?://[^\s()]{0,500}\Z")
_LAST_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\Z")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,500})>")
_LINKED_CODE = re.compile(
    r"\[([^\[\]`\n]{0,120}(?:`[^`\n]{1,120}`[^\[\]`\n]{0,120}){1,4})\]\(https?://[^\s()]{1,500}\)"
)
_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\(https?://[^\s()]{1,500}\)")
_P = load_patterns("said.toml")
_FLAGS = re.IGNORECASE | re.VERBOSE
_BARE_LINK = re.compile(_P["bare_link"], _FLAGS)
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*\n]{1,300}?)(?<=\S)\1(?!\w)")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[\w`\"'(])([^*\n]{1,300})(?<=[\w`\"').!?])\*(?![\w*])")
_HEADING = re.compile(r"(?m)^[ \t]{0,3}#{1,6}[ \t]+")
_ENDS = re.compile(r"[.!?:;)\]\"'`”»…。！？*_>~|}]\Z|[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]\Z")


_POINTS_BACK = re.compile(_P["points_back"], _FLAGS)
_COURTESY = re.compile(_P["courtesy"], _FLAGS)
_ASIDE_AT_END = re.compile(_P["aside_at_end"], _FLAGS)
_ME_TOO = re.compile(_P["me_too"], _FLAGS)
_WORD = re.compile(r"[^\W\d_]{2}")
_ADDRESS = re.compile(r"https?://\S{1,500}")
_SAYS_MORE = re.compile(r"`|\d\.\d|#\d|https?://|(?i:\bbut\b|\bhowever\b)")
_SALUTATION = re.compile(_P["salutation"], _FLAGS)


@dataclass(frozen=True, slots=True)
class Passage:
    """Text to show (redacted), whether it is code, in which language, and whether it is a whole
    thought: not cut off by its source, and not somebody else's words quoted. `block`: the code that
    the words announce; `rest`: how their sentence goes on behind it. `cut`: what is missing of the
    thought was cut off by its source; `step`: a later one of numbered steps; `more`: code or a list
    that belongs to it stands behind it and is not shown; `other`: another way does. `start`, `end`:
    where the claim stands in the post.
    """

    text: str
    code: bool = False
    language: str = "text"
    whole: bool = True
    block: str = ""
    rest: str = ""
    cut: bool = False
    step: bool = False
    more: bool = False
    other: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


def passage(body: str, start: int, end: int) -> Passage:
    """The passage around `body[start:end]`."""
    return _code_around(body, start, end) or _words(body, start, end)


def _words(body: str, start: int, end: int) -> Passage:
    found = thought(body, _split(body), start, end)
    if found is None:
        return Passage(rendered(redact(body[start:end])), whole=not _is_cut(body, end))
    text = body[found.start : found.end]
    if body.startswith("(http", found.end):
        text = _LAST_LINK.sub(r"\1", text)
    text = rendered(redact(text))
    if found.missing == "point":
        text = text.rstrip(" /,(`")
        text = f"{text} …" + "`" * (text.count("`") % 2)
    own, block = not found.quoted, found.block or Code("", "text")
    ends = bool(block.end) and not block.text.endswith(AND_MORE)  # where it does not, code follows
    rest = _GOES_ON.match(body, block.end) if ends else None
    return Passage(
        text,
        language=block.language,
        whole=own and found.missing in ("", "sentence"),
        block=block.text,
        rest=rendered(redact(rest[1])) if rest else "",
        cut=own and found.missing in ("sentence", "clause", "point"),
    )


_GOES_ON = re.compile(
    r"[ \t]*\r?\n[ \t]{0,8}((?:after|before|when|once|if|unless|until|instead|or|and|but|with"
    r"|without|in|on|to|from|for|as|which|so|then)\b[^\n]{3,200})(?<![:,])(?=\n|\Z)"
)
"""The line right behind a block of code that goes on with the sentence before it."""
Missing = Literal["", "sentence", "clause", "point", "code"]


@dataclass(frozen=True, slots=True)
class Thought:
    """What a claim says: the sentences `first` to `last`, `body[start:end]` without what is said at
    their ends to one reader, and the code that they announce. `missing`: what its source cut off,
    the last `sentence` or `clause`, which is left out, or the `point` or the `code` that is
    announced, without which the rest says little. `quoted`: all of it are somebody else's words.
    """

    first: int
    last: int
    start: int
    end: int
    block: Code | None
    missing: Missing
    quoted: bool


def thought(
    body: str, sentences: Sequence[Sentence], start: int, end: int, *, has_code: bool = False
) -> Thought | None:
    """The thought of `body[start:end]`; None where no sentence stands. `has_code`: code right after
    it belongs to it, announced or not. A span that ends with its code gives the same thought as
    the words alone.
    """
    touched = [i for i, s in enumerate(sentences) if s.start < end and s.end > start]
    while len(touched) > 1 and sentences[touched[-1]].kind == "code":
        has_code, end = True, min(end, sentences[touched.pop() - 1].end)
    if not touched:
        return None
    first, last = touched[0], touched[-1]
    missing: Missing = ""
    quoted = all(s.kind == "quote" for s in sentences[first : last + 1])
    first, last = _listed(body, sentences, _back(body, sentences, first), last)
    first, last = _polite(body, sentences, first, last)
    if last > first and sentences[last].kind != "code" and _is_cut(body, sentences[last].end):
        # without it, if that is not where the point is
        kept = sentences[last - 1].end - max(start, sentences[first].start)
        if kept >= MOST_OF_A_CLAIM * (end - start):
            last, missing = last - 1, "sentence"
    # the claim may reach beyond its last sentence: the address of a link, say
    end = max(end, sentences[last].end) if last == touched[-1] else sentences[last].end
    start = sentences[first].start
    end = _whole_link(body, start, end)
    last, end, block = _announced(body, sentences, last, end, has_code=has_code)
    lost = block is not None and block.cut
    while lost and last > first:
        # what is announced is not all there: what is said before it may be enough
        last -= 1
        end, missing = sentences[last].end, "sentence"
        lost = bool(_ANNOUNCES.search(body, start, end))
    if lost:
        missing = "code"
    start += _salutation(body[start:end])
    if missing:
        block = None
    elif block is None:
        end, missing = _without_aside(body, start, end)
    return Thought(first, last, start, _trimmed(body, start, end), block, missing, quoted)


def _trimmed(body: str, start: int, end: int) -> int:
    """The end without the address of a link that its source cut, and without a comma."""
    if link := _CUT_LINK.search(body, start, end):
        end = link.end(1) + 1
    return start + len(body[start:end].rstrip(" ,;"))


def _without_aside(body: str, start: int, end: int) -> tuple[int, Missing]:
    """The end without words to one reader, and without a clause that its source cut off if that is
    not where the point is.
    """
    aside = _ASIDE_AT_END.search(body, start, end)
    if aside and len(_WORD.findall(body, start, aside.start())) >= 3:
        end = aside.start()
    if not _is_cut(body, end):
        return end, ""
    least = start + MOST_OF_A_CLAIM * (end - start)
    for pause in reversed(list(_PAUSE.finditer(body, start, end))):
        words = body[start : pause.start()]
        if pause.start() < least or _LAST.search(body, pause.start(), end):
            break
        closed = words.count("`") % 2 == 0 and words.count("(") == words.count(")")
        if closed and not _LEADS_UP.match(_LAST.split(words)[-1]):
            return pause.start(), "clause"
    return end, "point"


_PAUSE = re.compile(r"[,;]\s|,?\s(?:and|but|so|that|which|because|until|unless)\s")
"""Where a sentence may be left."""
_LAST = re.compile(r"[.!?]\s+|\n")
_LEADS_UP = re.compile(
    r"(?i)\W*(?:(?:if|when|since|as|because|although|though|despite|once|while|for|after|before|unless"
    r"|in order|to|given|assuming|with|without|therefore|however)\b[^,]*|[\w ]{0,20})\Z"
)
"""What leads up to the clause that matters."""


def _back(body: str, sentences: Sequence[Sentence], first: int) -> int:
    """The sentence to begin with: an earlier one of the post where the first one's words point
    back.
    """
    began, kind = sentences[first].start, sentences[first].kind
    while first and _POINTS_BACK.match(body, sentences[first].start, sentences[first].end):
        while (
            first > 1
            and "quote" not in {kind, sentences[first - 1].kind}
            and _says_nothing(body, sentences[first - 1])
        ):
            first -= 1
        before = sentences[first - 1]
        if (
            before.kind != kind
            or began - before.start > MOST_BEFORE
            or body[before.start : before.end].rstrip().endswith("?")
        ):
            break
        first -= 1
    return first


def _listed(body: str, sentences: Sequence[Sentence], first: int, last: int) -> tuple[int, int]:
    """First and last sentence, of one in a list that another announces all of it: a step of several
    is no answer.
    """
    begin, end = last, last
    while begin and sentences[begin].kind == "item":
        begin -= 1
    while end + 1 < len(sentences) and sentences[end + 1].kind == "item":
        end += 1
    announced = _ANNOUNCES.search(body, sentences[begin].start, sentences[begin].end)
    titled = body.endswith(("**", "__"), 0, sentences[begin].start)
    fits = sentences[end].end - sentences[begin].start <= MOST_AFTER
    if begin == last or not announced or titled or not fits:
        return first, last
    return min(begin, first), end


def _says_nothing(body: str, sentence: Sentence) -> bool:
    """Whether it is a courtesy, or a number or an address without words."""
    text = body[sentence.start : sentence.end]
    return _is_courtesy(text) or not _WORD.search(_ADDRESS.sub("", text))


def _is_courtesy(text: str) -> bool:
    return bool(_ME_TOO.match(text) or (_COURTESY.match(text) and not _SAYS_MORE.search(text)))


def _polite(body: str, sentences: Sequence[Sentence], first: int, last: int) -> tuple[int, int]:
    """First and last sentence without greetings and thanks at either end."""

    def is_courtesy(place: int) -> bool:
        return _is_courtesy(body[sentences[place].start : sentences[place].end])

    while first < last and is_courtesy(first):
        first += 1
    while last > first and is_courtesy(last):
        last -= 1
    return first, last


def _salutation(text: str) -> int:
    """How many characters at the start address somebody; none where little else is said."""
    found = _SALUTATION.match(text)
    if found is None or len(re.findall(r"\w{2,}", text[found.end() :])) < 3:
        return 0
    return found.end()


_REST_OF_LINK = re.compile(r"[^\[\]\n]{0,120}\]\([^()\s]{1,500}\)\.?")


def _whole_link(body: str, start: int, end: int) -> int:
    """Where a passage ends that would end within a link."""
    opened = body.rfind("[", start, end)
    if opened < 0 or "]" in body[opened:end]:
        return end
    rest = _REST_OF_LINK.match(body, end)
    return rest.end() if rest else end


@dataclass(frozen=True, slots=True)
class Code:
    """Code as it is shown, and where it ends in its post; `cut`: its source cut it off."""

    text: str
    language: str
    end: int = 0
    cut: bool = False


def _announced(
    body: str, sentences: Sequence[Sentence], last: int, end: int, *, has_code: bool
) -> tuple[int, int, Code | None]:
    """The last sentence and the end of a thought whose last words may announce something, with it,
    and the code that they announce. `has_code`: code right after them is meant.
    """
    if _LINE_OF_CODE.match(body, sentences[last].start, end):
        return *_code_lines(body, sentences, last, end), None
    words = body[max(sentences[last].start, end - 80) : end]
    following = sentences[last + 1] if last + 1 < len(sentences) else None
    if following is None or not _BETWEEN.fullmatch(body, end, following.start):
        return last, end, None
    announces = _ANNOUNCES.search(words)
    if following.kind == "code":
        found = _code_around(body, following.start, following.end)
        if found is None or len(found.text) > MOST_ANNOUNCED:
            return last, end, None
        whole = found.whole and not _is_cut(body, following.end)
        # of other line breaks than a newline, the lines shown are not those of the post
        same = found.text.count("\n") == body.count("\n", following.start, following.end)
        lines = found.text if whole else _commands(found.text) if same else ""
        opens = has_code or words[-1:].isalnum()
        opens = bool(opens and lines) and not _PRINTED.search(found.text)
        if not (announces or opens or _ANNOUNCES_CODE.search(words)):
            return last, end, None
        if whole:
            fence = _FENCE.match(body, following.end)
            until = fence.end() if fence else following.end
            return last, end, Code(found.text, found.language, until)
        until = following.start
        for _ in range(lines.removesuffix(AND_MORE).count("\n") + 1):
            until = body.find("\n", until) + 1
        until = len(body[:until].rstrip())
        return last, end, Code(lines or found.text, found.language, until, not lines)
    kinds: tuple[str, ...] = ("text", "item") if announces else ()
    begin = end
    for number, one in enumerate(sentences[last + 1 :], last + 1):
        fits = one.end - begin <= MOST_AFTER and body.count("\n", end, one.start) <= 2
        if one.kind not in kinds or not fits or _NO_REST.search(body[one.start - 2 : one.end]):
            break
        last, end = number, one.end
        kinds = ("item",) if one.kind == "item" else ()
    return last, end, None


def _commands(text: str) -> str:
    """The whole lines of code that its source cut off, if each is a command of its own."""
    lines = text.split("\n")[:-1]
    # a command that goes on in the next line was cut off with it
    while lines and (
        not lines[-1].strip() or lines[-1].lstrip().startswith("#") or lines[-1].endswith("\\")
    ):
        lines.pop()
    whole = "\n".join(lines)
    return f"{whole}{AND_MORE}" if are_commands(whole) else ""


AND_MORE = "\n# [...]"
"""Stands behind commands of which the last was cut off."""


def are_commands(text: str) -> bool:
    """Whether each line of code that is no comment is a command for a shell."""
    told = [x for x in text.split("\n") if x.strip() and not x.lstrip().startswith("#")]
    return bool(told) and all(map(_COMMAND.match, told))


_COMMAND = re.compile(
    r"(?:[$>] )?(?:sudo |python3? -m )?(?:pip3?|uv|npm|npx|yarn|pnpm|docker|git|conda|brew|cargo|go"
    r"|apt(?:-get)?|curl(?!:)|wget|export|set|unset|ollama)\b.*[^\\]\Z"
    r"|[a-z][\w-]{2,20} --?[a-z].*[^\\]\Z"
)


def _code_lines(body: str, sentences: Sequence[Sentence], last: int, end: int) -> tuple[int, int]:
    """The last line, and its end, of code that nobody put between fences: lines that follow one
    another.
    """
    for number, sentence in enumerate(sentences[last + 1 :], last + 1):
        if body[end : sentence.start].count("\n") > 1 or sentence.end - end > MOST_AFTER:
            break
        if not _LINE_OF_CODE.match(body, sentence.start, sentence.end):
            break
        last, end = number, sentence.end
    return last, end


_LINE_OF_CODE = re.compile(
    r"(?:import|from|export|pip3?|npm|npx|yarn|uv|docker|git|sudo|curl|python3?|set|cd)\s\S[^\n]*"
    r"|[\w.]{2,60}\([^\n]*\)|[\w.]{2,60}\s?=[^=\n][^\n]*"
)
_ANNOUNCES = re.compile(r"(?<!:)(?<!\d)[:：][*_]{0,2}\s*\Z")
_ANNOUNCES_CODE = re.compile(_P["announces_code"], _FLAGS)
_PRINTED = re.compile(r"(?im)error\b|exception\b|^traceback|^\s{0,8}at ")
_NO_REST = re.compile(r"\A\W*!\[|[:：]\s*\Z")
"""A picture, or what announces something itself."""
_FENCE = re.compile(r"\s*?\n[ \t>]*[`~]{3,}")
_BETWEEN = re.compile(r"\s*(?:(?:[-*+]|\d{1,3}[.)])\s+|[`~]{3,}[^\n]*\n)?\s*")


def _is_cut(body: str, end: int) -> bool:
    """Whether the text ends here because its source cut it off."""
    if body[end:].strip():
        return False
    if link := _CUT_LINK.search(body):
        # the words are there, and only the address is not
        said = re.split(r"[.!?]\s|\n", body[: link.start()])[-1]
        if " " in link[1] or len(said.split()) >= MORE_THAN_A_POINTER:
            return False
    line = body.rstrip().rpartition("\n")[2]
    if line.endswith("`") and not line.endswith("```") and line.count("`") % 2:
        return True  # a mark that opens code
    return _is_round(body) and not _ENDS.search(body.rstrip())


def _is_round(body: str) -> bool:
    return len(body) >= LEAST_CUT and len(body) % _CUT_AT == 0


@lru_cache(maxsize=16)
def _split(body: str) -> list[Sentence]:
    return split(body)


def _code_around(body: str, start: int, end: int) -> Passage | None:
    while start < end and body[start] in "\r\n":
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    for block in _blocks(body):
        if block.kind in CODE_KINDS and block.start <= start and end <= block.end + 1:
            return _code(body, block, start, end)
    return None


@lru_cache(maxsize=16)
def _blocks(body: str) -> list[Block]:
    return blocks(body)


def _code(body: str, block: Block, start: int, end: int) -> Passage:
    whole = body[block.start : block.end].strip("\r\n")
    if len(whole) > MOST_CODE or whole.count("\n") >= MOST_LINES:
        first = max(block.start, body.rfind("\n", block.start, start) + 1)
        last = body.find("\n", end, block.end)
        whole = body[first : last if last > 0 else block.end].strip("\r\n")
    language = block.language if block.language in LANGUAGES else "text"
    after = body[block.end :].strip()
    cut = block.kind == "fence" and not after and _is_round(body)
    return Passage(redact(_dedented(clean(whole))), True, language, not cut)


def _dedented(text: str) -> str:
    lines = text.expandtabs(4).split("\n")
    indent = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return "\n".join(line[indent:].rstrip() for line in lines)


def rendered(text: str) -> str:
    """Prose as a reader sees it: the words of links and images, no marks of emphasis or headings;
    what stands in code marks stays as it is.
    """
    text = _HEADING.sub("", text)
    pieces = _CODE.split(_LINKED_CODE.sub(r"\1", text))
    for place in range(0, len(pieces), 2):
        piece = _BARE_LINK.sub(_with_address, pieces[place])
        piece = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", piece))
        pieces[place] = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", piece))
    text = "".join(pieces).strip()
    return text.replace("**", "") if text.count("**") == 1 else text


def _with_address(link: re.Match[str]) -> str:
    """The words of a link with its address, in brackets if they do not lead on to it."""
    words, address = link[1].strip(), link[2]
    if link.string.startswith(")", link.end()):
        return f"{words}: {address}"
    if not words or words.lower().endswith(("out", "see", "check", "read", "visit")):
        return f"{words} {address}".strip()
    return f"{words} ({address})"


def passages_of(
    connection: sqlite3.Connection, claim_ids: Iterable[str]
) -> dict[str, tuple[Passage, int]]:
    """Passage and approvals (thumbs up) of claims by id."""
    found: dict[str, tuple[Passage, int]] = {}
    for part in chunks(sorted(set(claim_ids))):
        for row in sql.ask(connection, "claims.in_their_posts", listed(part)):
            found[row["claim_id"]] = (passage_in(row), row["approvals"] or 0)
    return found


def passage_in(row: sqlite3.Row) -> Passage:
    """The passage of a row with a claim's span and the text it stands in; the quote itself where
    the stored text has changed since.
    """
    body = row["body"] or ""
    if body[row["start"] : row["end"]] != row["quote"]:
        return Passage(rendered(redact(row["quote"])))
    found = passage(body, row["start"], row["end"])
    begun = body.rfind("\n", 0, row["start"]) + 1
    step = _LATER_STEP.match(body, begun, row["end"]) is not None
    found = replace(found, start=row["start"], end=row["end"], step=step)
    if found.block.endswith(AND_MORE) and _OR.match(body, row["end"]):
        return replace(found, block=found.block.removesuffix(AND_MORE), other=True)
    shown = found.block or found.code
    return replace(found, more=not shown and goes_on(body, row["end"]))


def goes_on(body: str, end: int) -> bool:
    """Whether right behind `end`, or one line that announces it, stands code that no program
    printed, or a list that is announced.
    """
    found = _FOLLOWED.match(body, end)
    return found is not None and not _PRINTS.search(found[0])


_FOLLOWED = re.compile(
    r"[\s.?!)]{0,40}(?:[^\s`][^\n]{0,160})?(?:\n\s{0,20}[`~]{3,}[^\n]{0,40}\n[^`~]{0,300}"
    r"|(?<=[:：])\s{0,8}\n\s{0,20}(?:[-*+]|\d{1,2}[.)])[ ])"
)
_PRINTS = re.compile(
    r"(?im)error|exception|traceback|\blogs?\b|output|result|\bversions?\b|^\s{0,8}at "
)
_OR = re.compile(r"(?i)\s{0,40}(?:#|//)[ \t]*or\b")
_LATER_STEP = re.compile(r"[ \t]{0,3}(?:[2-9]|1\d)[.)][ \t]")
