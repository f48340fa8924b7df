"""Words of a sentence as the model sees them: what is particular to one thread (code, numbers,
names) becomes a sign.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SIGNS = re.compile(
    r"(?P<code>(?<!`)`+[^`\n]+`+)"
    r"|(?P<link>https?://\S+)"
    r"|(?P<at>(?<![\w.])@[A-Za-z0-9][\w-]*)"
    r"|(?P<ref>(?<![\w&])#\d+\b)"
    r"|(?P<ver>\bv?\d+\.\d+(?:\.\d+)*(?:[-.]?(?:rc|beta|alpha|b|dev)\.?\d*)?\b)"
    r"|(?P<path>(?<!\w)(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]+)+|\b[A-Za-z]:\\\S+)"
    r"|(?P<flag>(?<!\w)--?[a-z][\w-]+)"
    r"|(?P<name>\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b\w[^\W_]*_\w+\b|\b[\w-]+\.(?:py|js|ts|json|ya?ml|toml|cpp|[ch]|rs|go|md|sh|exe|dll|so)\b)"
    r"|(?P<num>\d+)"
    r"|(?P<cjk>[\u3040-\u30ff\u3400-\u9fff])"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<mark>[?!]+|:\)|->|=>|→|=|\.\.+|👍|✅|🎉|❌|👎)"
)
_KEPT = frozenset(("cjk", "word", "mark"))
"""Kinds of which the words themselves are read; of the others, that there is one."""


@lru_cache(maxsize=8192)
def words(text: str, limit: int = 80) -> tuple[str, ...]:
    """At most `limit` words, lower-case, apostrophes straightened; single Chinese and Japanese
    characters are words.
    """
    out: list[str] = []
    for match in _SIGNS.finditer(text):
        kind = match.lastgroup or ""
        sign = "0" if kind == "num" else kind.upper()
        if kind in _KEPT:
            sign = match.group().lower().replace("’", "'")
            if kind == "mark":
                sign = sign[:2] if sign[0] in "?!" else sign
            elif kind == "word":
                sign = sign.replace("'", "")
        out.append(sign)
        if len(out) >= limit:
            break
    return tuple(out)
