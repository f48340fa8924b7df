"""What a person wrote in a post, without what was pasted or quoted.

Fenced code, quoted lines (`>`) and HTML comments are blanked with spaces, so that an offset in the
result is the same offset in the stored text.
"""

from __future__ import annotations

import re

import re2

_FENCE = re2.compile(r"^ {0,3}(?:[-*+] +|\d{1,3}[.)] +)?(`{3,}|~{3,})")
_COMMENT_OPEN, _COMMENT_CLOSE = "<!--", "-->"
_INLINE_CODE = re.compile(r"`[^`\n]{1,400}`")
_NOT_SPACE = re.compile(r"\S")  # the library's own: re2 is slow at substitution
MAX_CHARACTERS = 20_000
"""Rules about wording read this much of a post: an advert or a notice shows itself early, a pasted
log is long.
"""


def blank(text: str) -> str:
    """Spaces of the same length; line ends stay."""
    return _NOT_SPACE.sub(" ", text)


def without_comments(text: str) -> str:
    """The text with HTML comments blanked; one that is never closed runs to the end, as on
    GitHub.
    """
    parts: list[str] = []
    at = 0
    while (start := text.find(_COMMENT_OPEN, at)) >= 0:
        end = text.find(_COMMENT_CLOSE, start + len(_COMMENT_OPEN))
        end = len(text) if end < 0 else end + len(_COMMENT_CLOSE)
        parts += [text[at:start], blank(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def own_words(text: str) -> str:
    """The text with fenced code, quoted lines and HTML comments blanked; same length, same
    offsets.
    """
    text = without_comments(text)
    lines: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if fence:
            closes = (
                mark is not None
                and mark.group(1).startswith(fence)
                and not line.strip().strip(fence[0])
            )
            lines.append(blank(line))
            fence = "" if closes else fence
        elif mark is not None:
            fence = mark.group(1)
            lines.append(blank(line))
        elif line.lstrip(" ").startswith(">"):
            lines.append(blank(line))
        else:
            lines.append(line)
    return "".join(lines)


def without_inline_code(text: str) -> str:
    """The text with code spans in backticks blanked; same length."""
    return _INLINE_CODE.sub(lambda match: " " * len(match.group(0)), text)
