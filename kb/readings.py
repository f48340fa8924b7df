"""Other readings of a text, each with the way back: with its escapes resolved, without marks inside
its words, with its lines joined.

What is escaped for JSON, for a URL, for HTML or for Markdown hides a key from a pattern, and a
browser or a person puts it together again.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable

from kb import lazy_re as re
from kb.text import clean

_ESCAPES = re.compile(
    # every alternative begins with the one character that was found: that is fast to look for
    r"[\\%&\x1b\[](?:"
    r"(?<=\\)\\*(?:u(?:(?P<u>[0-9a-fA-F]{4})|\{(?P<v>[0-9a-fA-F]{1,6})\})|x(?P<x>[0-7][0-9a-fA-F])"
    r"|(?P<c>[nrtbf0])|(?P<p>[\\\"'/_*\-.~#|()\[\]{}!+`>=&%:@$,]))"
    r"|(?<=%)(?:25){0,3}(?P<h>[2-7][0-9a-fA-F]|0[9aAdD])"
    r"|(?<=&)(?:amp;){0,3}(?:\#0{0,4}(?P<d>\d{1,6})|\#[xX]0{0,4}(?P<e>[0-9a-fA-F]{1,5})"
    r"|(?P<n>[a-zA-Z]{2,31}));"
    r"|(?<=\x1b)\[[0-9;]{0,12}m"
    r"|(?<=\[)[0-9;]{0,12}m)"
)
_TAG = r"/?[a-zA-Z]{1,8}(?: [^<>]{0,80})?/?>"
_INSIDE = re.compile(
    r"[\[<*`\"'\ufe0f](?<=[A-Za-z0-9_.-].)(?:(?<=\[)[0-9;]{0,12}m"
    rf"|(?<=<){_TAG}(?:<{_TAG}){{0,3}}|(?<=<)!--[^<>]{{0,40}}-->|(?<=\ufe0f)"
    r"|(?<=[*`\"'])[*`\"']{0,2}\s{0,2}\+?\s{0,2}[*`\"']{0,3}"
    # texts of a program that stand below each other
    r"|(?<=[`\"'])[ \t+\\]{0,3}\n[ \t+]{0,40}[`\"'])(?=[A-Za-z0-9_.-])"
)
_BREAKS = re.compile(
    r"[\n\\=](?<=[A-Za-z0-9_./+=-][\n\\=])(?:(?<=\n)[ \t>|#*\"'`+]{0,24}"
    r"|(?<=\\)(?:\\?\n[ \t>|#*\"'`+]{0,24}|(?:r\\)?n[ \t]{0,8})"
    r"|(?<==)\n[ \t>]{0,24})(?=[A-Za-z0-9_./+=-])"  # quoted-printable (RFC 2045)
)
_BOXES = "\u2502\u2503\u2551"
_BOXED = re.compile(rf"(?<=[A-Za-z0-9_./+=-]) [{_BOXES}]\n[{_BOXES}] (?=[A-Za-z0-9_./+=-])")


class Reading:
    """A text read another way: `text`, and `back` for the place in the original. `changes`: what is
    read as something else, as start, end and the other text, in order.
    """

    def __init__(self, original: str, changes: Iterable[tuple[int, int, str]]) -> None:
        pieces: list[str] = []
        self._here: list[int] = [0]
        self._there: list[int] = [0]
        last = here = 0
        for start, end, new in changes:
            pieces += (original[last:start], new)
            here += start - last
            self._here += (here, here + len(new))
            self._there += (start, end)
            here += len(new)
            last = end
        pieces.append(original[last:])
        self.text = "".join(pieces) if last else original
        self.differs = bool(last)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that reads as `text[start:end]` (not empty)."""
        return self._to(start)[0], self._to(end - 1)[1]

    def crossing(self, start: int, end: int) -> int | None:
        """Where within a span of `text` something was left out; None if nothing was."""
        at = bisect_right(self._here, start)
        return self._here[at] if at < len(self._here) and self._here[at] < end else None

    def _to(self, place: int) -> tuple[int, int]:
        """The span of the original that reads as the one character at `place`."""
        at = bisect_right(self._here, place) - 1
        offset = place - self._here[at]
        # entries come in pairs behind the first: where something read another way begins and ends
        if at % 2 == 1:
            return self._there[at], self._there[at + 1]
        return self._there[at] + offset, self._there[at] + offset + 1


def _named(name: str) -> str:
    """An HTML entity's character; empty for those that nobody sees."""
    from html.entities import html5  # a large table, and most texts have no name

    character = html5.get(f"{name};", " ")
    return character if character.isprintable() or character == "\n" else ""


def _unescaped(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind is None:
        return "\n"
    value = match[kind]
    if kind in "uvxhe":
        code = int(value, 16)
    elif kind == "d":
        code = int(value)
    else:
        return value if kind == "p" else "\n" if kind == "c" else _named(value)
    if code == 0 or code > sys.maxunicode:
        return ""
    character = chr(code)
    # what nobody sees is not there; breaks and other controls end a word
    return character if character.isprintable() else "\n" if code < 0xA0 else clean(character)


def _reading(text: str, pattern: re.Pattern[str], read: Callable[..., str]) -> Reading | None:
    reading = Reading(text, ((*match.span(), read(match)) for match in pattern.finditer(text)))
    return reading if reading.differs else None


def unescaped(text: str) -> Reading | None:
    """With escapes resolved, and colour codes as breaks; None where there are none."""
    return _reading(text, _ESCAPES, _unescaped) if any(sign in text for sign in "\\%&[") else None


def unmarked(text: str) -> Reading | None:
    """Without marks inside of words; None where there are none."""
    return _reading(text, _INSIDE, lambda match: "")


def joined(text: str) -> Reading | None:
    """With lines joined whose ends might belong to one word; None where there are none."""
    if "\n" not in text and "\\n" not in text:
        return None
    boxed = any(line in text for line in _BOXES)
    return _reading(text, _BOXED if boxed else _BREAKS, lambda match: "")
