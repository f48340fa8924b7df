"""The name of an error as people write it: the title of an entry in the letters, quotation marks
and numbers of its real forms.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACEHOLDER = re.compile(
    r"<(?:n|id|host|path|value|model|key|url|duration|version|time|size|email|amount|addr|name|hash"
    r"|date|port|file|user|ip|uuid|num|undefined)>"
)
_NUMBER = re.compile(r"(?<![\w.-])N(?![\w.-])")
_AROUND = ((14, 14), (14, 1), (9, 1), (14, 0))
"""Characters before and after a number by which it is found again in a real form."""
_HEAD = re.compile(r"(?:[A-Z][\w.+& -]{1,30} )?\d{3}: |[A-Z][\w.+ -]{1,24}: ")
"""Provider and status before a message."""
_PLACE = re.compile(r" \((?:[^()\s]{1,80} in )?[\w.-]+/[\w.-]+(?:#\d+)?\)\Z")
_LITTER = re.compile(r"\A[\s*_#>…:|-]+(?=\w)")
_TOKEN = re.compile(r"…|\w+")
_CLASS = re.compile(r"\b(?:[A-Za-z_][\w.]{0,80}\.)?([A-Z]\w{0,50}(?:Error|Exception))\s*:\s*\Z")
_SUBJECT = re.compile(r"(?:error [A-Z]{1,3}\d{3,5}: )?['‘][\w.:-]{1,40}['’]:? ?\Z")
_DIGITS = re.compile(r"-?\d[\d.]*\Z|N\Z")
_NAME = re.compile(r"[A-Za-z][\w.-]{1,29}\Z")
_OPEN_END = re.compile(r"(?:[\s:,'\"‘“(\[{=-]+…[\s'\"’”)\]}]*)+\Z")
"""A value left open at the end: `Unknown model: …`."""
_LAST_SENTENCE = re.compile(r"(?<=[\w'\")\]])[.!;] [^.!;]{1,60}\Z")
_QUOTE = re.compile(r"(?<!\w)['\"`]|['\"`](?!\w)")
_ESCAPED = re.compile(r"(?<!\\)\\+(['\"])")
"""A quotation mark within a text of JSON."""
MOST_OPEN = 3
WIDTH = 130


def plain_title(title: str, forms: Sequence[str] = ()) -> str:
    """A title without the placeholders of a signature, in the words of the commonest real form: its
    capitals, its quotation marks, the class of the exception before it. A number that all forms
    share stands itself; what is left open at the end is left out.
    """
    text = _PLACEHOLDER.sub("…", title)
    first = _FIRST.match(text)
    if first and forms and all(_in_marks(first[0].lower(), form) for form in forms):
        text = text[0].lower() + text[1:]
    text = _NUMBER.sub(lambda found: _shared(found, forms), text)
    text = re.sub(r"…(?:\s*…)+", "…", text).strip()
    is_open = text.endswith("…") or _OPEN_END.search(text)
    text = _LITTER.sub("", _as_written(text, forms)).replace("`", "'")
    for opening, closing in ("()", "[]"):
        if text.count(opening) > text.count(closing):
            head = text[: text.rindex(opening)].rstrip(" :,-")
            text = head if len(head.split()) >= 2 else text
    ended = _OPEN_END.sub("", text)
    if is_open:
        # of a sentence that is left open or cut, nothing stays where another stands before it
        whole = _LAST_SENTENCE.sub("", ended)
        ended = whole if len(whole.split()) >= 6 else ended
    return ended if len(ended.split()) >= 2 else text


_FIRST = re.compile(r"[A-Z][a-z0-9_.-]+(?= )")


def _in_marks(name: str, form: str) -> bool:
    return any(f"{mark}{name}{mark}" in form for mark in "`'\"")


def _shared(found: re.Match[str], forms: Sequence[str]) -> str:
    """The number in the place of an `N` if every real form has the same one there."""
    text = found.string
    for left, right in _AROUND:
        before = text[max(0, found.start() - left) : found.start()].rpartition("N")[2]
        after = text[found.end() : found.end() + right].partition("N")[0]
        if not before.strip():
            break
        place = re.compile(
            rf"(?i){re.escape(before)}(-?\d+(?:\.\d+)?(?![\d.]\d)){re.escape(after)}"
        )
        places = [place.search(" ".join(form.split())) for form in forms]
        values = {m[1] if m else "" for m in places}
        if len(values) == 1 and (value := values.pop()):
            return value
    return "N"


def _as_written(title: str, forms: Sequence[str]) -> str:
    """The title in the letters of the first real form that holds its words in their order."""
    place = _PLACE.search(title)
    body, tail = (title[: place.start()], place[0]) if place else (title, "")
    head = _HEAD.match(body)
    parts = [("", body)]
    if head:
        parts.append((head[0], body[head.end() :]))
    flat = [_ESCAPED.sub(r"\1", " ".join(form.split())) for form in forms]
    for before, message in parts:
        pattern = _pattern(message)
        found = [m for f in flat if (m := pattern.search(f))] if pattern else []
        if found:
            text = _filled(found, every=len(found) == len(flat))
            made = before + _with_marks(found[0], text, message, alone=not before)
            return made + tail if len(made) <= WIDTH and len(made.split()) > 1 else title
    return title


def _pattern(message: str) -> re.Pattern[str] | None:
    """What finds a message in a form: its words, whatever stands between them."""
    tokens = _TOKEN.findall(message.rstrip(" …"))
    if not 2 <= len(tokens) <= 40 or tokens.count("…") > MOST_OPEN:
        return None
    open_ones = {"…": "(.{1,160}?)", "N": r"(-?\d[\d.]{0,14}|N)"}
    pieces = [open_ones.get(token) or re.escape(token) for token in tokens]
    if tokens[0] == "…":
        pieces[0] = r"(?:(?<![\w/.-])([A-Za-z][\w.-]{0,39})(?=[ '\"]))?"
    return re.compile(r"(?i)(?<!\w)" + r"[^\w\n]{0,12}".join(pieces) + r"(?!\w)")


def _filled(found: Sequence[re.Match[str]], *, every: bool) -> str:
    """The first of the matches; a value stands where all have the same one, and it is a number (if
    `every` form matches) or a name.
    """
    first = found[0]
    text = first[0]
    for number in range(first.re.groups, 0, -1):
        value = first[number]
        if value is None:
            continue
        name = _NAME.match(value) and sum(c.isdigit() for c in value) <= 3
        shared = len({m[number] for m in found}) == 1
        if not shared or not (name or (every and _DIGITS.match(value))):
            start, end = (at - first.start() for at in first.span(number))
            text = text[:start] + ("N" if _DIGITS.match(value) else "…") + text[end:]
    return _LITTER.sub("", text)


def _with_marks(found: re.Match[str], text: str, message: str, *, alone: bool) -> str:
    """The words with the quotation marks and brackets that belong to them, and the class before
    them. `alone`: nothing names the provider.
    """
    ahead, behind = found.string[: found.start()], found.string[found.end() :]
    if subject := _SUBJECT.search(ahead):
        text, ahead = subject[0] + text, ahead[: subject.start()]
    elif ahead[-1:] in ("'", '"', "`", "‘", "“"):
        text, ahead = ahead[-1] + text, ahead[:-1]
    elif ahead[-1:] == "[" and text.count("]") > text.count("["):
        text, ahead = "[" + text, ahead[:-1]
    marks = "".join(_QUOTE.findall(text))
    for mark in "'\"`":
        if marks.count(mark) % 2 and behind.startswith(mark):
            text, behind = text + mark, behind[1:]
        elif marks.count(mark) % 2 and text.startswith(mark):
            text = text[1:]
    for opening, closing in ("‘’", "“”", "()", "[]"):
        if text.count(opening) > text.count(closing) and behind.startswith(closing):
            text, behind = text + closing, behind[1:]
    if text[0] == text[-1] and _QUOTE.findall(text) == [text[0]] * 2:
        text = text[1:-1]
    text += "…" if re.search(r"\w…\Z", message) else "." if message.endswith(".") else ""
    named = _CLASS.search(ahead)
    if named and alone and not text.startswith(named[1]):
        return f"{named[1]}: {text}"
    # an ordinary word begins the title in a capital, a name of a program or variable does not
    ordinary = message[:1].isupper() and re.match(r"[a-z]+(?=[\s,])", text)
    return text[:1].upper() + text[1:] if ordinary else text
