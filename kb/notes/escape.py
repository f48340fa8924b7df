"""Makes text of issue trackers harmless in a site's Markdown: what people wrote is shown as they
wrote it, and does nothing.

The rules are those of CommonMark 0.31 (backslash escapes, entities, code spans, fences), kept to
what kramdown, Python-Markdown, goldmark and MDX read alike: a backslash only before the characters
that all of them let it escape, a numeric entity for the rest. Addresses and command line flags
become code spans: nothing links them, and no typographer turns `--flag` into a dash.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from kb.notes.targets import COMMONMARK
from kb.redact import redact
from kb.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.notes.targets import Target


def shown(text: str) -> str:
    """What a reader of a document sees of a stored text: redacted, without invisible characters, in
    single spaces.
    """
    return " ".join(clean(redact(text)).split())


# ---------------------------------------------------------------- characters

_SPECIAL = re.compile(
    r"""(?P<entity>[&<>|~$^{}])
      | (?P<backslash>[\\`*\[\]])
      | (?P<underscore>_)
      | (?P<reference>[#@](?=\w)|(?<=\bGH)-(?=\d)|(?<=\bgh)-(?=\d))
      | (?P<scheme>\b(?:javascript|vbscript|data|file|blob
      |mailto|tel|xmpp)\s{0,4}:|\b(?:https?|ftp|wss?):(?=//))
      | (?P<directive>(?<!\d):(?=[\w+-]{1,40}[:\[{]))
      | (?P<doubled>==|\+\+)""",
    re.VERBOSE | re.IGNORECASE,
)
_TYPOGRAPHER = re.compile(r"--+|\.\.\.|[\"']")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_LINE_START = re.compile(
    r"(?:(?P<mark>[-+#])|(?P<entity>[=:])|(?P<number>\d{1,9})(?=[.)](?:\s|$))|(?P<program>import|export)\b)"
)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,300})(?<!`)\1(?!`)")
_CODE_LIKE = re.compile(
    r"(?i)(?<![\w`])(?:(?:https?|ftp|wss?)://|www\.)[^\s`|<>\"'{}]{1,600}|(?<![\w-])--[a-z][\w-]{0,60}(?:=[\w./:-]{1,80})?"
)
_OPENS = re.compile(r"\s{0,3}(`{3,}|~{3,})[^`]*$")
_LIST_LINE = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")


def _entity(text: str) -> str:
    return "".join(_NAMED.get(c, f"&#{ord(c)};") for c in text)


def _escape_special(match: re.Match[str]) -> str:
    found = match[0]
    kind = match.lastgroup
    if kind == "backslash":
        return "\\" + found
    if kind == "underscore":
        text, at = match.string, match.start()
        inside = 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
        return "_" if inside else "\\_"
    if kind == "scheme":
        return found[:-1] + "&#58;"
    return _entity(found)


class Escaper:
    """Writes texts of strangers for one target."""

    def __init__(self, target: Target = COMMONMARK) -> None:
        self.target = target

    # ------------------------------------------------------------ text

    def inline(self, text: str) -> str:
        """Text for a place inside a line: a heading, a table cell, a list item."""
        return self._line(" ".join(clean(text).split()))

    def blockquote(self, text: str, indent: str = "") -> str:
        """Text as a block quote; its lines, its lists' items, single blank lines and fenced code
        are kept.
        """
        out: list[str] = []
        for is_code, part in _fenced_parts(clean(text).strip("\n")):
            if is_code and self._may_fence(part) and self.target.nested_fences:
                # kramdown begins a fence only after a blank line
                out += ["", *self.fence(part).split("\n"), ""]
            elif is_code:
                out += [
                    f"{line}  "
                    for line in (self._line(line.strip()) for line in part.split("\n"))
                    if line
                ]
            else:
                out += self._lines(part)
        return "\n".join(
            f"{indent}> {line}".rstrip() if not line.endswith("  ") else f"{indent}> {line}"
            for line in _single_blanks(out)
        )

    def fence(self, text: str, *, quoted: bool = False) -> str:
        """Text as a fenced code block whose fence is longer than any run of backticks in it.

        Where the target would run template syntax in it, the text stands in a paragraph (`quoted`:
        a block quote) with its line breaks.
        """
        text = clean(text).strip("\n")
        if not self._may_fence(text):
            lines = [
                line for line in (self._line(line.strip()) for line in text.split("\n")) if line
            ]
            broken = [*(f"{line}  " for line in lines[:-1]), *lines[-1:]]
            return "\n".join(f"> {line}" for line in broken) if quoted else "\n".join(broken)
        longest = max((len(run) for run in re.findall(f"{self.target.fence}+", text)), default=0)
        marks = self.target.fence * max(3, longest + 1)
        body = "\n".join(line.rstrip() for line in text.split("\n"))
        return f"{marks}text\n{body}\n{marks}"

    def yaml(self, text: str) -> str:
        """A double-quoted YAML scalar (YAML 1.2, 7.3.1) on one line: cannot end the front
        matter.
        """
        text = " ".join(clean(text).split())
        if not self.target.angle_brackets:
            text = (
                text.replace("<", "‹").replace(">", "›").replace("{{", "{ {").replace("{%", "{ %")
            )
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def link(self, text: str, url: str) -> str:
        """A link with a text of strangers."""
        return f"[{self.inline(text)}]({safe_url(url)})"

    def comment(self, text: str) -> str:
        """A comment that readers do not see; `text` is this program's own (ids, names of
        markers).
        """
        start, end = self.target.comment
        return f"{start}{text}{end}"

    # ------------------------------------------------------------ inside

    def _may_fence(self, text: str) -> bool:
        return not any(opener in text for opener in self.target.templates)

    def _lines(self, text: str) -> list[str]:
        lines = text.split("\n")
        out = []
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            escaped = self._line(line.strip())
            # two spaces are the one hard line break that every Markdown knows
            out.append(escaped + "  " if escaped and _LIST_LINE.match(following) else escaped)
        return out

    def _line(self, line: str) -> str:
        pieces: list[str] = []
        last = 0
        for span in _CODE_SPAN.finditer(line):
            if (
                "|" in span[2]
                or not span[2].strip()
                or any(o in span[2] for o in ("{{", "{%", "{#", "<%"))
            ):
                continue
            pieces += [self._prose(line[last : span.start()]), span[0]]
            last = span.end()
        escaped = "".join([*pieces, self._prose(line[last:])])
        start = _LINE_START.match(escaped)
        if not start:
            return escaped
        rest = escaped[start.end() :]
        if start["mark"]:
            return f"\\{start[0]}{rest}"
        if start["number"]:
            return f"{start[0]}\\{rest}"
        return _entity(start[0][0]) + start[0][1:] + rest

    def _prose(self, text: str) -> str:
        pieces: list[str] = []
        last = 0
        for found in _CODE_LIKE.finditer(text):
            code = found[0].rstrip(".,;:!?)]}*_~")
            if len(code) < 4:
                continue
            end = found.start() + len(code)
            pieces += [self._plain(text[last : found.start()]), f"`{code}`"]
            last = end
        return "".join([*pieces, self._plain(text[last:])])

    def _plain(self, text: str) -> str:
        text = _SPECIAL.sub(_escape_special, text)
        if self.target.typographer:
            text = _TYPOGRAPHER.sub(lambda m: _entity(m[0]), text)
        return text


def _fenced_parts(text: str) -> list[tuple[bool, str]]:
    """Runs of lines: fenced code without its fences (True), and all else."""
    parts: list[tuple[bool, str]] = []
    lines = text.split("\n")
    start = at = 0
    # each opening fence looks for its end: bounded, as a quote is short and a hostile one need not
    # be pretty
    while at < min(len(lines), 200):
        mark = _OPENS.match(lines[at])
        end = (
            next((i for i in range(at + 1, len(lines)) if lines[i].strip() == mark[1]), None)
            if mark
            else None
        )
        if (
            mark
            and end is None
            and at + 1 < len(lines)
            and not any(_OPENS.match(line) for line in lines[at + 1 :])
        ):
            # the quote ends before its code does
            end = len(lines)
        if end is None:
            at += 1
            continue
        if at > start:
            parts.append((False, "\n".join(lines[start:at])))
        parts.append((True, "\n".join(lines[at + 1 : end])))
        at = start = end + 1
    if start < len(lines):
        parts.append((False, "\n".join(lines[start:])))
    return parts


def _single_blanks(lines: list[str]) -> list[str]:
    kept = [line for i, line in enumerate(lines) if line.strip() or (i and lines[i - 1].strip())]
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def safe_url(url: str) -> str:
    """A link that may stand in a document of any target: `https`, and no character that ends a link
    or begins a template.
    """
    parts = urlsplit(clean(url).strip())
    if parts.scheme not in ("https", "http") or not parts.netloc:
        return "https://github.com/"
    return quote(parts.geturl(), safe=":/?#@!$&'*+,;=%-._~")


@cache
def escaper(target: Target) -> Escaper:
    """The escaper of a target."""
    return Escaper(target)


_DEFAULT = Escaper()
inline: Callable[[str], str] = _DEFAULT.inline
blockquote: Callable[..., str] = _DEFAULT.blockquote
fence: Callable[..., str] = _DEFAULT.fence
yaml_string: Callable[[str], str] = _DEFAULT.yaml
