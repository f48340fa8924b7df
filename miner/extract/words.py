"""Words of a sentence as the model sees them: what is particular to one thread (code, numbers,
names) becomes a sign.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

_SIGNS = re.compile(
    # no sign begins with these; and most words are plain: both told first, for the time's sake
    r"(?=[^ \n\t,;()\"'*{}\[\]])(?:"
    r"(?P<plain>[A-Za-z]+(?:['’][A-Za-z]+)?(?=[ ,;)\n]|\.[ \n]|\.?\Z))"
    r"|(?P<code>(?<!`)`+[^`\n]+`+)"
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
    r"|(?P<mark>[?!]+|:\)|->|=>|→|=|\.\.+|👍|✅|🎉|❌|👎))"
)
_WORDS = frozenset(("plain", "cjk", "word"))
"""Kinds of which the words themselves are read, as marks are; of the others, that there is one."""


@lru_cache(maxsize=8192)
def words(text: str, limit: int = 80) -> tuple[str, ...]:
    """At most `limit` words, lower-case, apostrophes straightened; single Chinese and Japanese
    characters are words.
    """
    out: list[str] = []
    for match in islice(_SIGNS.finditer(text), limit):
        kind, said = match.lastgroup or "", match[0]
        if kind == "mark":
            out.append(said[:2] if said[0] in "?!" else said)
        elif kind in _WORDS:
            out.append(said.lower().replace("’", "").replace("'", ""))
        else:
            out.append("0" if kind == "num" else kind.upper())
    return tuple(out)
