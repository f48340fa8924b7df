"""From what a terminal or a tracker shows to plain lines: no escapes, no boxes, no clocks, no stack
frames.

Every step is linear: single passes with patterns whose repetitions are bounded or cannot overlap.
"""

from __future__ import annotations

from kb import lazy_re as re
from kb.tables import load_patterns

_P = load_patterns("naming.toml")

LIMIT = 16_384
"""Characters of an error's text that are looked at."""

_ANSI = re.compile(_P["ansi"])


def _each(characters: str, becomes: str | None) -> dict[int, str | None]:
    return dict.fromkeys(map(ord, characters), becomes)


_CURLY = (
    _each("‘’‚‛´", "'")
    | _each("“”„«»", '"')
    | _each("\u00a0\u202f❱│┃║─━═╭╮╰╯", " ")
    | _each("\u2028\u2029\u0085\x0b\x0c", "\n")
    | _each("\u200b\u200c\u200d\ufeff\ufe0f\u2060", None)
    | {ord("…"): "...", ord("："): ": ", ord("，"): ", ", ord("。"): ". "}
    | {ord("（"): "(", ord("）"): ")", 0x2011: "-"}
)
_CONTAINER = re.compile(_P["container"])
_MARKS = re.compile(_P["marks"])
_PREFIX = re.compile(_P["prefix"])
_FRAME = re.compile(_P["frame"])
_EXCEPTION_LINE = re.compile(r"(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}(?:: |$)")
_TRAILING = " \t\n\r\x0b\x0c.,;:!?…。，！？"
_QUOTED = re.compile(r"""\\{1,16}(?=["'`/])""")
_NEWLINE = re.compile(r"""\\{1,16}[nr](?:\\{1,16}n)?(?=["'`\s\\}\]]|at |[A-Z]|$)""")
_ANY_NEWLINE = re.compile(r"\\{1,16}[nr]")
_TAB = re.compile(r"\\{1,16}t(?=\W|$)")
_UNICODE = re.compile(r"\\{1,16}u(0[0-9a-fA-F]{3}|20[0-9a-fA-F]{2})")


def unescape(text: str) -> str:
    r"""Takes away any number of levels of string escapes: `\\\"` is a quote, `\n` before a new
    line's start a line end.
    """
    if "\\" not in text:
        return text
    if "u00" in text or "u20" in text:
        text = _UNICODE.sub(lambda m: c if (c := chr(int(m[1], 16))).isprintable() else " ", text)
    escaped = '\\"' in text or "\\'" in text
    text = _QUOTED.sub("", text)
    text = (_ANY_NEWLINE if escaped else _NEWLINE).sub("\n", text)
    return _TAB.sub(" ", text)


def _after_traceback(lines: list[str]) -> list[str]:
    """A Python traceback's lines from its last exception on: the rest is context."""
    start = max(
        (i for i, line in enumerate(lines) if line.lstrip().startswith("Traceback (most recent")),
        default=len(lines),
    )
    for i in range(start + 1, len(lines)):
        if lines[i][:1].strip() and _EXCEPTION_LINE.match(lines[i]):
            return lines[i:]
    return lines


def plain(raw: str) -> str:
    """An error's text as lines without decoration, at most `LIMIT` characters."""
    text = raw.strip().rstrip(_TRAILING)[: 2 * LIMIT]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.translate(_CURLY)
    text = _CONTAINER.sub("", text[:LIMIT])
    if "&" in text:
        import html  # its table of names is large, and most texts have none

        text = html.unescape(text)
    if "[" in text or not text.isprintable():
        text = _ANSI.sub("", text)
    if "<" in text:
        text = _BREAK.sub("\n", _TAG.sub("", text))
    if "**" in text:
        text = _BOLD.sub(r"\1", text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    text = _DEBUGGER.sub(r"\1: ", unescape(text), count=1)
    text = _MARKS.sub("", text)
    lines = text.split("\n")
    if "Traceback (most recent" in text:
        lines = _after_traceback(lines)
    kept = []
    shown = [line for line in lines if not _FRAME.match(line)]
    for line in shown or lines:
        at = 0
        while (match := _PREFIX.match(line, at)) and match.end() > at and match.end() < len(line):
            at = match.end()
        kept.append(line[at:].strip())
    return _join(kept)


_CONTINUES = re.compile(r"""[a-z0-9`'"(<_,.;)}\]{-]""")

_BOLD = re.compile(r"(?<![\w*])\*\*(?=\w)([^*\n]{1,300}(?<=\S))\*\*(?![\w*])")
_LINK = re.compile(_P["link"])
_TAG = re.compile(r"</?(?:b|i|strong|em|code|title)>")
_BREAK = re.compile(r"<br\s?/?>")
_DEBUGGER = re.compile(
    r"\A(?i:exception has occurred: )([\w.]{3,80})\s{1,4}(?!(?i:exception: no description))(?=\S)"
)
"""VS Code names the class on a line of its own."""


def _join(lines: list[str]) -> str:
    """Joins wrapped lines: the next one starts small, or the sentence has not ended."""
    out: list[str] = []
    for line in lines:
        if not line:
            continue
        if out and (
            _CONTINUES.match(line)
            or out[-1][-1] in ",({["
            or (out[-1][-1] not in ".!?;:}\"'" and len(out[-1]) > 60)
        ):
            out[-1] = f"{out[-1]} {line}"
        else:
            out.append(line)
    return "\n".join(out)
