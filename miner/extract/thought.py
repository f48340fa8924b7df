"""What a claim quotes: one thought, of which the judged sentences may be a part.

A run of sentences may end within a link or before the code that it announces, or begin with words
that point back ("removed the line"). With a thought come the sentences before it in the paragraph,
the list, the code and the end of the sentence behind the code. Greetings and thanks at its ends are
left out, and so is what its source cut off. All of it is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.notes.passages import ANNOUNCES, ANNOUNCES_CODE, CUT_LINK, are_commands, is_cut, is_round
from kb.sentences import Sentence
from kb.tables import load_patterns

MOST_ANNOUNCED = 1500
"""Characters of code that is quoted because words announce it."""
MOST_BEFORE = 240
"""Characters of sentences that are added because the first words point back to them."""
MOST_AFTER = 420
"""Characters of a list that is added because the last words announce it."""
MOST_OF_A_CLAIM = 0.6
"""Share of a claim that must be left when its last sentence or clause, which its source cut, is
left out."""

_P = load_patterns("said.toml")
_FLAGS = re.IGNORECASE | re.VERBOSE
_POINTS_BACK = re.compile(_P["points_back"], _FLAGS)
_COURTESY = re.compile(_P["courtesy"], _FLAGS)
_ASIDE_AT_END = re.compile(_P["aside_at_end"], _FLAGS)
_ME_TOO = re.compile(_P["me_too"], _FLAGS)
_SALUTATION = re.compile(_P["salutation"], _FLAGS)
_WORD = re.compile(r"[^\W\d_]{2}")
_ADDRESS = re.compile(r"https?://\S{1,500}")
_SAYS_MORE = re.compile(r"`|\d\.\d|#\d|https?://|(?i:\bbut\b|\bhowever\b)")


@dataclass(frozen=True, slots=True)
class Thought:
    """What a claim says: the sentences `first` to `last`, `body[start:end]` without what is said at
    their ends to one reader; `block`: the code that they announce; `until`: where the quote ends
    with it and with how their sentence goes on behind it. `missing`: what its source cut off, the
    `rest`, which is left out, or the `point` or code that is announced, without which the rest says
    little.
    """

    first: int
    last: int
    start: int
    end: int
    block: str
    until: int
    missing: str


@dataclass(frozen=True, slots=True)
class _Code:
    """Code behind words, and where the quote ends with it; `cut`: its source cut it off."""

    text: str
    until: int
    cut: bool = False


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
    first, last = _listed(body, sentences, _back(body, sentences, touched[0]), touched[-1])
    first, last = _polite(body, sentences, first, last)
    missing = ""
    if last > first and sentences[last].kind != "code" and is_cut(body, sentences[last].end):
        # without it, if that is not where the point is
        kept = sentences[last - 1].end - max(start, sentences[first].start)
        if kept >= MOST_OF_A_CLAIM * (end - start):
            last, missing = last - 1, "point" if _is_item(body, sentences[last]) else "rest"
    start = sentences[first].start
    last, code = _announced(body, sentences, last, has_code=has_code)
    # the claim may reach beyond its last sentence: the address of a link, say
    end = max(end, sentences[last].end) if last >= touched[-1] else sentences[last].end
    end = _whole_link(body, start, end)
    lost = code is not None and code.cut
    while lost and last > first:
        # what is announced is not all there: what is said before it may be enough
        last, missing = last - 1, "rest"
        end = sentences[last].end
        lost = bool(ANNOUNCES.search(body, start, end))
    missing = "point" if lost else missing
    start += _salutation(body[start:end])
    if code is None and not missing:
        end, missing = _without_aside(body, start, end)
    end = _trimmed(body, start, end)
    block, until = (code.text, code.until) if code and not missing else ("", end)
    return Thought(first, last, start, end, block, until, missing)


def _trimmed(body: str, start: int, end: int) -> int:
    """The end without the address of a link that its source cut, and without a comma."""
    if link := CUT_LINK.search(body, start, end):
        end = link.end(1) + 1
    return start + len(body[start:end].rstrip(" ,;"))


def _without_aside(body: str, start: int, end: int) -> tuple[int, str]:
    """The end without words to one reader, and without a clause that its source cut off if that is
    not where the point is.
    """
    aside = _ASIDE_AT_END.search(body, start, end)
    if aside and len(_WORD.findall(body, start, aside.start())) >= 3:
        end = aside.start()
    if not is_cut(body, end):
        return end, ""
    least = start + MOST_OF_A_CLAIM * (end - start)
    for pause in reversed(list(_PAUSE.finditer(body, start, end))):
        words = body[start : pause.start()]
        if pause.start() < least or _LAST.search(body, pause.start(), end):
            break
        closed = words.count("`") % 2 == 0 and words.count("(") == words.count(")")
        if closed and not _LEADS_UP.match(_LAST.split(words)[-1]):
            return pause.start(), "rest"
    return end, "point"


_PAUSE = re.compile(
    r"[,;]\s|\s(?:but|so|and(?= (?:I|we|you|it|they|then)\b)|that(?= (?:should|will)\b))\s"
)
"""Where a sentence may be left: not before what says which one is meant, or until when."""
_LAST = re.compile(r"[.!?]\s+|\n")
_LEADS_UP = re.compile(
    r"(?i)\W*(?:(?:so|but|and),? )?"
    r"(?:(?:if|when|since|as|because|although|though|despite|once|while|for|after|before|unless"
    r"|in order|to|given|assuming|with|without|therefore|however)\b"
    r"[^,]*(?:,\s(?:which|that|who|and|or|including|such as)\b[^,]*)*|[\w ]{0,20})\Z"
)
"""What leads up to the clause that matters."""


def _back(body: str, sentences: Sequence[Sentence], first: int) -> int:
    """The sentence to begin with: an earlier one of the post where the first one's words point
    back.
    """
    began, kind = sentences[first].start, sentences[first].kind
    while first and (
        _POINTS_BACK.match(body, sentences[first].start, sentences[first].end)
        or _is_line(body, sentences[first])
    ):
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
    while begin and _is_item(body, sentences[begin]):
        begin -= 1
    while end + 1 < len(sentences) and _is_item(body, sentences[end + 1]):
        end += 1
    announced = ANNOUNCES.search(body, sentences[begin].start, sentences[begin].end)
    titled = body.endswith(("**", "__"), 0, sentences[begin].start)
    fits = sentences[end].end - sentences[begin].start <= MOST_AFTER
    if begin == last or not announced or titled or not fits:
        return first, last
    return min(begin, first), end


def _is_item(body: str, sentence: Sentence) -> bool:
    """Whether it is an item of a list, which Markdown may not know: "1 - pour"."""
    return sentence.kind == "item" or bool(_ITEM.match(body, sentence.start, sentence.end))


_ITEM = re.compile(r"\d{1,2} ?[-–)] ?\S")


def _says_nothing(body: str, sentence: Sentence) -> bool:
    """Whether it is a courtesy, or a number or an address without words."""
    text = _ADDRESS.sub("", body[sentence.start : sentence.end])
    return _is_courtesy(body, sentence) or not _WORD.search(text)


def _is_courtesy(body: str, sentence: Sentence) -> bool:
    text = body[sentence.start : sentence.end]
    return bool(_ME_TOO.match(text) or (_COURTESY.match(text) and not _SAYS_MORE.search(text)))


def _polite(body: str, sentences: Sequence[Sentence], first: int, last: int) -> tuple[int, int]:
    """First and last sentence without greetings and thanks at either end."""
    while first < last and _is_courtesy(body, sentences[first]):
        first += 1
    while last > first and _is_courtesy(body, sentences[last]):
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
    """Where a quote ends that would end within a link."""
    opened = body.rfind("[", start, end)
    rest = _REST_OF_LINK.match(body, end)
    return rest.end() if rest and opened >= 0 and "]" not in body[opened:end] else end


def _announced(
    body: str, sentences: Sequence[Sentence], last: int, *, has_code: bool
) -> tuple[int, _Code | None]:
    """The last sentence of a thought whose last words may announce something, with it (or whose
    code nobody put between fences), and the code that they announce. `has_code`: code right after
    them is meant.
    """
    begin = end = sentences[last].end
    is_line = _is_line(body, sentences[last])
    words = body[max(sentences[last].start, end - 80) : end]
    following = sentences[last + 1] if last + 1 < len(sentences) else None
    if following is None or not _BETWEEN.fullmatch(body, end, following.start):
        return last, None
    announces = ANNOUNCES.search(words)
    if following.kind == "code" and not is_line:
        code = _code(body, following)
        opens = (has_code or words[-1:].isalnum()) and not code.cut
        opens = opens and not _PRINTED.search(code.text)
        meant = announces or opens or ANNOUNCES_CODE.search(words)
        return last, code if meant and len(code.text) <= MOST_ANNOUNCED else None
    more = bool(announces or is_line)
    for number, one in enumerate(sentences[last + 1 :], last + 1):
        fits = one.end - begin <= MOST_AFTER and body.count("\n", end, one.start) <= 2
        listed = _is_line(body, one) if is_line else _is_item(body, one)
        more = more and fits and (listed or (one.kind == "text" and begin == end and not is_line))
        if not more or _NO_REST.search(body[one.start - 2 : one.end]):
            break
        last, end, more = number, one.end, listed
    return last, None


def _code(body: str, block: Sentence) -> _Code:
    """A block of code as it is quoted: with its fence and what goes on behind it; where its source
    cut it, the whole lines, if each is a command of its own.
    """
    text, behind = body[block.start : block.end], body[block.end :].strip()
    if behind or not (is_round(body) or is_cut(body, block.end)):
        fence = _FENCE.match(body, block.end)
        until = fence.end() if fence else block.end
        rest = _GOES_ON.match(body, until)
        return _Code(text, rest.end() if rest else until)
    lines = text.rstrip().split("\n")[:-1]
    # a command that goes on in the next line was cut off with it
    while lines and (not lines[-1].strip() or _GOES_ON_BELOW.search(lines[-1])):
        lines.pop()
    if are_commands("\n".join(map(str.strip, lines))):
        told = "\n".join(lines).rstrip()
        return _Code(told, block.start + len(told))
    return _Code(text, block.end, cut=True)


_GOES_ON_BELOW = re.compile(r"\A\s*#|\\\s*\Z")


def _is_line(body: str, sentence: Sentence) -> bool:
    """Whether it is a line of code that nobody put between fences."""
    return bool(_LINE_OF_CODE.match(body, sentence.start, sentence.end))


_LINE_OF_CODE = re.compile(
    r"(?:import|from|export|pip3?|npm|npx|yarn|uv|docker|git|sudo|curl|python3?|set|cd)\s\S[^\n]*"
    r"|[\w.]{2,60}\([^\n]*\)|[\w.]{2,60}\s?=[^=\n][^\n]*"
)
_PRINTED = re.compile(r"(?im)error\b|exception\b|^traceback|^\s{0,8}at ")
_NO_REST = re.compile(r"\A\W*(?:!\[|[\w.]{2,60}(?:Error|Exception)\b)|[:：]\s*\Z")
"""A picture, an error that is printed, or what announces something itself."""
_FENCE = re.compile(r"\s*?\n[ \t>]*[`~]{3,}")
_BETWEEN = re.compile(r"\s*(?:(?:(?:[-*+]|\d{1,3}[.)])\s|[`~]{3}[^\n]*\n)\s*)?")


_GOES_ON = re.compile(
    r"[ \t]*\r?\n[ \t]{0,8}((?:after|before|when|once|if|unless|until|instead|or|and|but|with"
    r"|without|in|on|to|from|for|as|which|so|then)\b[^\n]{3,200})(?<![:,])(?=\n|\Z)"
)
"""The line right behind a block of code that goes on with the sentence before it."""
