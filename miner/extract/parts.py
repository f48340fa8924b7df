"""Which of several failures a claim is about: a report may tell of two, and a reporter who got past
the first may meet another in the same thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.models import Mention
from miner.extract.cue_phrases import PHRASES, has
from miner.extract.replies import mentions as addresses
from miner.extract.replies import stems
from miner.extract.spans import Run
from miner.posts import ParsedPost

_CODE, _NAME = re.compile(r"`([^`\n]+)`"), re.compile(r"\w+")
_STEPS = re.compile(r"\bsteps?\b|\breproduc", re.IGNORECASE)
"""A report with these numbers what to do, not what is wrong."""
_ANSWERS = re.compile(
    r"\b(?:respon[sd]|answers?\b|repl(?:y|ies)\b|concerns?\b|points?\b)", re.IGNORECASE
)
_ITEM = re.compile(r"(?m)^[ \t]{0,3}(?:[*_]{1,2})?\[?(\d{1,2})[.)\]](?=[ \t*_])")
_HEADING = re.compile(
    r"(?mi)^[ \t]{0,3}(?:#{1,6}|\*\*)[ \t]{0,3}(?:issue|problem|error|bug) #?(\d)\b"
)
_SEVERAL = re.compile(
    r"(?i)\b(?:two|three|following [23]) (?:\w+ )?(?:errors|issues|problems|bugs)\b"
)
_TO_ONE = re.compile(
    r"(?i)\b(?:regarding|as for|concerning) (?:the |your )?(first|1st|second|2nd|third|3rd)"
    r" (?:issue|problem|error|bug|one|point)\b"
)
_NO_ERROR = re.compile(r"(?i)\b(?:without|no)\b(?: \w+){0,2} errors?\b")
_ORDINALS = {"f": 1, "1": 1, "s": 2, "2": 2, "t": 3, "3": 3}


def item(text: str, place: int) -> str | None:
    """The number of the item of a numbered list in which a place of a text lies; None outside."""
    before = text.rfind("\n\n", 0, place)
    line_end = text.find("\n", place)
    paragraph = text[before + 1 : len(text) if line_end < 0 else line_end]
    numbers = [m[1] for m in _ITEM.finditer(paragraph)]
    return numbers[-1] if numbers else None


def _of_anothers_example(run: Run, posts: Sequence[ParsedPost]) -> bool:
    """Whether a claim marks as code nothing that the report names, and something that an earlier
    post does whose author it addresses.
    """
    post, reporter = run.said[0].post, posts[1].author
    earlier = [p for p in posts[2 : post.index] if p.author != reporter]
    names = {name for code in _CODE.findall(run.text) for name in _NAME.findall(code)}

    def shown_in(told: Sequence[ParsedPost]) -> bool:
        return any(name in names for one in told for name in _NAME.findall(one.text))

    return (
        bool(names)
        and shown_in([p for p in earlier if addresses(post, p.author)])
        and not shown_in(posts[:2])
    )


def _was_done_before(run: Run, body: ParsedPost, errors: Sequence[Mention]) -> bool:
    """Whether a reporter's claim is nothing but lines that his report shows before the error: what
    he had done when it came.
    """
    first = min((m.start for m in errors if (m.comment_id, m.field) == body.place), default=0)
    above = {line.strip() for line in body.text[:first].split("\n")}
    lines = [line.strip() for line in run.text.split("\n") if line.strip()]
    own = run.said[0].post.author == body.author
    return own and bool(lines) and all(line in above and " " in line for line in lines)


def _of_silence(run: Run, errors: Sequence[Mention]) -> bool:
    """Whether a claim answers a line of the report that it quotes, by which all ended without an
    error, and has no word of these.
    """
    post = run.said[0].post
    quoted = [post.say(s) for s in post.sentences[: run.said[0].number] if s.kind == "quote"]
    silent = bool(quoted) and _NO_ERROR.search(quoted[-1]) is not None
    return silent and not _has_words_of(run, errors)


def of_another_failure(
    run: Run, about: str | None, posts: Sequence[ParsedPost], mentions: Sequence[Mention]
) -> bool:
    """Whether a claim of a comment answers another failure than the error that it counts for (the
    fingerprint `about`; None: the main one): what the reporter met later, or another part of a
    report of several. Of the latter it answers the one that it numbers, else that of which it has
    words.
    """
    post, body = run.said[0].post, posts[1]
    about = about or next((m.signature.fingerprint for m in mentions if m.is_primary), None)
    errors = [m for m in mentions if m.signature.fingerprint == about]
    if post.index < 2 or _is_of_later_one(run, posts, errors):
        return post.index >= 2
    paragraph = max(0, *(post.text.rfind(gap, 0, run.start) for gap in ("\n\n", "\n\r\n")))
    aside = has("beside_the_point", post.text[paragraph : run.end].strip())
    mended = PHRASES["first_is_mended"].search(post.text[: run.start])
    if aside or _was_done_before(run, body, errors):
        return True
    if mended and not _has_words_of(run, errors):
        return True
    if post.author == body.author or any(m.comment_id == post.place[0] for m in errors):
        return False
    if _of_anothers_example(run, posts) or _of_silence(run, errors):
        return True
    shown = [m for m in mentions if (m.comment_id, m.field) == body.place]
    if apart := _apart(body, shown):
        own, told = _meant(post.text, run.start), [m for m in shown if m in errors]
        held = {n for m in told for n, (begin, end) in apart.items() if begin <= m.start < end}
    else:
        own, told = item(post.text, run.start), list(mentions)
        if _STEPS.search(body.text) or (own is not None and not _ANSWERS.search(post.text)):
            return False
        listed = {item(body.text, m.start) for m in shown}
        held = {number for number in listed if number and None not in listed}
    if not held or own is not None:
        return bool(held) and own not in held
    parts = {n: body.text[a:b] for n, (a, b) in (apart or _between(_ITEM, body.text)).items()}
    here = [posts[0].text, *(m.raw for m in told), *(parts[n] for n in parts if n in held)]
    said = _begun(run.text)
    if said & set[str]().union(*map(_begun, here)):
        return False
    # of failures that stand apart, words of none leave open which one is meant
    return bool(apart) or any(said & _begun(text) for text in parts.values())


def _apart(body: ParsedPost, shown: Sequence[Mention]) -> dict[str, tuple[int, int]]:
    """Where the failures of a report begin and end, by number: below headings that number them, or,
    of "the following two errors", each with its block of code. Empty for a report of one.
    """
    spans = _between(_HEADING, body.text)
    if not spans and _SEVERAL.search(body.text):
        begin = 0
        for error in (m for m in shown if m.counted and m.start >= begin):
            blocks = (s for s in body.sentences if s.kind == "code" and s.end > error.start)
            end = next((s.end for s in blocks if s.start <= error.start), error.end)
            spans[str(len(spans) + 1)] = begin, end
            begin = end
    return spans if len(spans) > 1 else {}


def _between(numbered: re.Pattern[str], text: str) -> dict[str, tuple[int, int]]:
    """From each number of a pattern to the next one."""
    starts = list(numbered.finditer(text))
    ends = [m.start() for m in starts[1:]] + [len(text)] * bool(starts)
    return {m[1]: (m.end(), end) for m, end in zip(starts, ends, strict=True)}


def _meant(text: str, place: int) -> str | None:
    """The number of the failure of which an answer speaks at a place: "regarding the second issue"
    begins its answer, and ends that to the one before.
    """
    numbers = [(m.start(), _ORDINALS[m[1][0].lower()]) for m in _TO_ONE.finditer(text)]
    above = [number for start, number in numbers if start <= place]
    if above or not numbers:
        return str(above[-1]) if above else None
    return str(numbers[0][1] - 1)


def _is_of_later_one(run: Run, posts: Sequence[ParsedPost], errors: Sequence[Mention]) -> bool:
    """Whether a claim comes after its thread's reporter met another error than these ("here is the
    new result"), and has no word of them.
    """
    for post in posts[2 : run.said[0].post.index + 1]:
        if post.author != posts[1].author or any(m.comment_id == post.place[0] for m in errors):
            continue
        own = (s for s in post.sentences if s.kind not in ("code", "quote", "table"))
        told = next((s for s in own if PHRASES["new_error"].search(post.say(s))), None)
        if told and (post.index, told.end) <= (run.said[0].post.index, run.start):
            return not _has_words_of(run, errors)
    return False


def _has_words_of(run: Run, errors: Sequence[Mention]) -> bool:
    """Whether a claim has a word of one of these errors."""
    return any(_begun(run.text) & _begun(error.raw) for error in errors)


def _begun(text: str) -> set[str]:
    """How the stems of a text's words begin: "names" and "named" meet in `name`."""
    return {stem[:4] for stem in stems(text) if len(stem) >= 4}
