"""The innermost message of an error body: JSON, a Python repr, a JavaScript dump, whole, cut off or
nested in a string.

Bodies are scanned for `key: value` pairs rather than parsed: what people paste is cut off, wrapped
by a terminal or escaped by halves, and a parser would refuse most of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.signature.tables import load_reasons
from kb.tables import load_patterns

_P = load_patterns("naming.toml")

MOST_VALUES = 60
"""Pairs of a body that are looked at; keeps hostile nesting linear."""

_KEY = re.compile(_P["key"])
_INNER = re.compile(r"""\{\s{0,200}["']?\w{1,40}["']?\s{0,20}:|\[\s{0,200}\{""")
_SIGNS = ("{", '"message"', "'message'", '"error"', 'error="', "message: '")
_END = {q: re.compile(rf"""{q}\s{{0,200}}(?:[,}}\])]|$)""") for q in "\"'`"}
_BARE_END = re.compile(r"[,}\n]")
_TOKEN = re.compile(r"[\w.:/-]{1,60}$")


@dataclass(slots=True)
class Found:
    """A message inside a body: where it starts, its text, whether its closing quote was there,
    whether another body follows inside it.
    """

    start: int
    text: str
    whole: bool
    opens: bool = False


def has_body(text: str) -> bool:
    """Whether a text holds something like a body."""
    return any(sign in text for sign in _SIGNS)


def messages(text: str) -> list[Found]:
    """The messages of a text's bodies in order, those of bodies within bodies too."""
    found: list[Found] = []
    at = 0
    for _ in range(MOST_VALUES):
        match = _KEY.search(text, at)
        if match is None:
            break
        at = match.end()
        quote = match.group(1)
        if quote == "b" and text[at + 1 : at + 2] in ("'", '"'):
            at, quote = at + 1, text[at + 1]
        if quote in _END:
            end = _END[quote].search(text, at + 1)
            stop = end.start() if end else len(text)
            value = text[at + 1 : stop]
            inner = _INNER.search(value)
            if inner:
                if inner.start() > 0:
                    found.append(Found(at + 1, value[: inner.start()], True, opens=True))
                at = at + 1 + inner.start()
                continue
            found.append(Found(at + 1, value, end is not None))
            at = max(stop, at + 1)
        elif quote.isalpha() and quote not in "ntfN":
            end = _BARE_END.search(text, at)
            stop = end.start() if end else len(text)
            inner = _INNER.search(text, at, stop)
            if inner:
                at = inner.start()
                continue
            found.append(Found(at, text[at:stop], end is not None))
            at = stop
    return [one for one in found if one.text.strip()]


def is_token(text: str) -> bool:
    """Whether a value is a code rather than a sentence."""
    return _TOKEN.match(text.strip()) is not None and text.strip(" .").lower() not in load_reasons()


def outside(text: str) -> tuple[str, str]:
    """What stands before the first body and after the last one."""
    match = _INNER.search(text)
    if match is None:
        return text, ""
    close = max(text.rfind("}"), text.rfind("]"))
    return text[: match.start()], text[close + 1 :] if close > match.start() else ""
