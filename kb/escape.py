"""Makes text of issue trackers harmless in Markdown: what people wrote is shown as they wrote it, and does nothing.

The rules are those of CommonMark 0.31 (backslash escapes, entities, code spans, fences) plus GitHub's references.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u061c\u180e\ufff9-\ufffb]|[\U000e0000-\U000e007f]")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>|~!$^]")
_REFERENCE = re.compile(r"#(?=\w)|@(?=\w)")
_TEMPLATE = re.compile(r"[{}]|<%|%>")
_SCHEME = re.compile(r"(?i)\b(javascript|vbscript|data|file|blob)(\s*):")
_LINE_START = re.compile(r"^(\s*)([-+=#:]|\d{1,9}(?=[.)]))")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,300})(?<!`)\1(?!`)")

_ENTITY = {"{": "&#123;", "}": "&#125;", "<%": "&lt;%", "%>": "%&gt;"}


def clean(text: str) -> str:
    """Text without control characters, ANSI escapes and invisible or direction-changing characters; lines end with a line feed."""
    text = _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))


def _escape_plain(text: str) -> str:
    text = text.replace("&", "&amp;")
    text = _PUNCTUATION.sub(lambda m: "\\" + m[0], text)
    text = _REFERENCE.sub(lambda m: f"&#{ord(m[0])};", text)
    text = _TEMPLATE.sub(lambda m: _ENTITY[m[0]], text)
    return _SCHEME.sub(r"\1\2&#58;", text)


def _escape_line(line: str) -> str:
    pieces: list[str] = []
    last = 0
    for span in _CODE_SPAN.finditer(line):
        if "{" in span[2] or "<%" in span[2]:
            continue
        pieces += [_escape_plain(line[last : span.start()]), span[0]]
        last = span.end()
    escaped = "".join([*pieces, _escape_plain(line[last:])]).strip()
    start = _LINE_START.match(escaped)
    if not start:
        return escaped
    mark = start[2]
    if mark.isdigit():
        return f"{start[1]}{mark}\\{escaped[start.end() :]}"
    return f"{start[1]}\\{escaped[start.end() - 1 :]}"


def inline(text: str) -> str:
    """Text for a place inside a line: a heading, a table cell, a list item."""
    return _escape_line(" ".join(clean(text).split()))


def blockquote(text: str, indent: str = "") -> str:
    """Text as a block quote; its lines and single blank lines are kept."""
    lines = [_escape_line(line) for line in clean(text).strip().split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(f"{indent}> {line}".rstrip() for line in kept)


def fence(text: str, indent: str = "", info: str = "text") -> str:
    """Text as a fenced code block whose fence is longer than any run of backticks in it."""
    text = clean(text).strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    body = "\n".join(f"{indent}{line}".rstrip() for line in text.split("\n"))
    return f"{indent}{marks}{info}\n{body}\n{indent}{marks}"


def yaml_string(text: str) -> str:
    """A double-quoted YAML scalar (YAML 1.2, 7.3.1) on one line: cannot end the front matter."""
    text = " ".join(clean(text).split())
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
