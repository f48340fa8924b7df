"""How a key stands in what people paste: after escapes, in colour, within marks; and what hides one
from a pattern but not from a reader.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

BEFORE_AND_AFTER: dict[str, str] = {
    "in a sentence": "The key {} does not work",
    "alone": "{}",
    "after a literal line feed": "headers: x\\n{}\\nhost: y",
    "after a literal tab": "x\\t{}",
    "after a doubly escaped line feed": "x\\\\n{}\\\\n",
    "after %20": "GET /v1/models%20{}",
    "after %3D": "https://api.example.org/?key%3D{}&a=1",
    "after \\u003d": '{{"q": "key\\u003d{}"}}'.replace("{{", "{").replace("}}", "}"),
    "in colour": "\x1b[32m{}\x1b[0m",
    "in colour without the escape": "[32m{}[0m",
    "in italics": "it is _{}_ here",
    "in bold": "it is **{}** here",
    "in code": "it is `{}` here",
    "in a fence": "```\n{}\n```",
    "in a file name": "backup_{}.txt was not found",
    "in JSON": '{"a": "{}"}',
    "in a URL": "https://api.example.org/v1/x?a=1&k={}&b=2 answered 502",
    "in HTML": "<b>{}</b>",
    "in an error": "Error: 401 for {}: unauthorized",
}
"""Texts with `{}` where the key stands."""


def _middle(inserted: str) -> Callable[[str], str]:
    return lambda key: key[: len(key) // 2] + inserted + key[len(key) // 2 :]


def _each(written: Callable[[str], str]) -> Callable[[str], str]:
    return lambda key: "".join(c if c.isalnum() else written(c) for c in key)


HIDDEN: dict[str, Callable[[str], str]] = {
    "zero width space": _middle("\u200b"),
    "soft hyphen": _middle("\u00ad"),
    "word joiner": _middle("\u2060"),
    "byte order mark": _middle("\ufeff"),
    "NUL": _middle("\x00"),
    "direction": _middle("\u202a"),
    "colour reset": _middle("\x1b[0m"),
    "colour reset without the escape": _middle("[0m"),
    "variation selector": _middle("\ufe0f"),
    "colour of one byte": _middle("\x9b31m"),
    "tag": _middle("<wbr>"),
    "two tags": _middle('</span><span class="highlighted">'),
    "entity of nothing": _middle("&#8203;"),
    "named entity of nothing": _middle("&ZeroWidthSpace;"),
    "escape of nothing": _middle("\\u200b"),
    "entities": _each(lambda c: f"&#{ord(c)};"),
    "hexadecimal entities": _each(lambda c: f"&#x{ord(c):x};"),
    "entities of entities": _each(lambda c: f"&amp;#{ord(c)};"),
    "braced escapes": _each(lambda c: f"\\u{{{ord(c):x}}}"),
    "Markdown escapes": _each(lambda c: f"\\{c}"),
    "JSON escapes": _each(lambda c: f"\\u{ord(c):04x}"),
    "URL escapes": _each(lambda c: f"%{ord(c):02X}"),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(
        f"Authorization: Bearer {key}".encode()
    ).decode(),
    "base64 of UTF-16": lambda key: base64.b64encode(f"$k='{key}'".encode("utf-16-le")).decode(),
    "base64 with other bytes": lambda key: base64.b64encode(
        b"\x00\x02\xff" + key.encode() + b"\xfe"
    ).decode(),
    "two lines": _middle("\n"),
    "two lines of a mail": _middle("=\n"),
    "two lines of a box": _middle(" \u2502\n\u2502 "),
    "two lines of a program": _middle('"\n    "'),
    "two indented lines": _middle("\n        "),
    "two lines of a shell": _middle("\\\n"),
    "two quoted lines": _middle("\n> "),
}
"""How a key is written so that it is not there letter by letter."""
