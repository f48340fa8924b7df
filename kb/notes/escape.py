"""Makes text of issue trackers harmless in a site's Markdown: what people wrote is shown as they
wrote it, and does nothing.

The rules are those of CommonMark 0.31 (backslash escapes, entities, code spans, fences), kept to
what the target reads: a sign is escaped only where it would act, with a backslash where the target
lets one escape it, else as an entity. Addresses, `@names` and command line flags become code spans:
nothing links them, and no typographer turns `--flag` into a dash.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from kb import lazy_re as re
from kb.notes.targets import COMMONMARK, Target
from kb.redact import redact
from kb.text import clean


def shown(text: str) -> str:
    """What a reader of a document sees of a stored text: redacted, without invisible characters, in
    single spaces.
    """
    return " ".join(clean(redact(text)).split())


# ---------------------------------------------------------------- characters

_SPECIAL = re.compile(
    r"""(?P<entity>&(?=\#?\w{1,32};))
      | (?P<tag><(?=[A-Za-z/!?$]))
      | (?P<include>(?<=8)<(?=-))
      | (?P<angle><)
      | (?P<paired>[~$])
      | (?P<caret>\^)
      | (?P<brace>[{}])
      | (?P<always>[`|])
      | (?P<star>\*)
      | (?P<slash>\\(?=[!-/:-@\[-`{-~]|$))
      | (?P<open>\[) | (?P<close>\])
      | (?P<underscore>_)
      | (?P<reference>\#(?=\w))
      | (?P<scheme>\b(?:mailto|xmpp):(?=\S)|\b(?:https?|ftp|wss?):(?=//))
      | (?P<directive>(?<!\d):(?=[\w+-]{1,40}[:\[{]))
      | (?P<doubled>==|\+\+)""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_LINE_START = re.compile(
    r"(?:(?P<mark>[-+](?=[\s+-]|$)|\#|>|[=:])|(?P<number>\d{1,9})(?=[.)](?:\s|$))"
    r"|(?P<program>import|export)\b)"
)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,300})(?<!`)\1(?!`)")
_CODE_LIKE = re.compile(
    r"(?i)(?<![\w`])(?:(?:https?|ftp|wss?)://|www\.)[^\s`|<>\"'{}“”…]{1,600}"
    r"|(?<![\w-])--[a-z][\w-]{0,60}(?:=[\w./:-]{1,80})?"
    r"|(?<![\w`.+/-])@[a-z0-9][\w-]{0,38}(?:/[\w.-]{1,80})?"
)
_TASK = re.compile(r"\[[ xX]\]")
_DEFINES = re.compile(r"\[[^\]\n]{0,1000}\]:")
"""A line that is the target of a link: it is not shown, and makes links of what stands elsewhere.
kramdown reads `[1\\]: x` as one.
"""


def _entity(text: str) -> str:
    return "".join(_NAMED.get(c, f"&#{ord(c)};") for c in text)


class _Signs(NamedTuple):
    """Which signs act in one text. `paired`: those that only act in pairs and stand there twice;
    `brackets`: all brackets are escaped, as within the text of a link; `inside`: the text stands
    within a line, of a table perhaps.
    """

    paired: frozenset[str]
    brackets: bool = False
    inside: bool = False


def _paired(text: str) -> frozenset[str]:
    return frozenset(c for c in "~$" if text.count(c) >= 2)


_NO_COMMENT = re.compile(r"[^\w .,:;=/#@-]|--+|\*/")


class Escaper:
    """Writes texts of strangers for one target."""

    def __init__(self, target: Target = COMMONMARK) -> None:
        self.target = target

    # ------------------------------------------------------------ text

    def inline(self, text: str, *, brackets: bool = False) -> str:
        """Text for a place inside a line: a heading, a table cell, a list item. `brackets`: all of
        them are escaped, for the text of a link.
        """
        text = " ".join(clean(text).split())
        if _PLAIN.fullmatch(text):
            return text
        return self._line(text, _Signs(_paired(text), brackets, inside=True))

    def blockquote(self, text: str) -> str:
        """Text as a block quote; its lines, its lists' items and single blank lines are kept."""
        text = clean(text).strip("\n")
        out = self._lines(text, _Signs(_paired(text)))
        # two spaces at the end of a line are its break
        return "\n".join(
            f"> {line}" if line.endswith("  ") else f"> {line}".rstrip()
            for line in _single_blanks(out)
        )

    def fence(self, text: str, *, quoted: bool = False, language: str = "text") -> str:
        """Text as a fenced code block whose fence is longer than any run of backticks in it.

        Where the target would run template syntax in it, the text stands in a paragraph (`quoted`:
        a block quote) with its line breaks.
        """
        text = clean(text).strip("\n")
        if not self._may_fence(text):
            signs, start = _Signs(_paired(text)), "> " if quoted else ""
            lines = (self._line(line.strip(), signs) for line in text.split("\n"))
            return "  \n".join(f"{start}{line}" for line in lines if line)
        longest = max((len(run) for run in re.findall(f"{self.target.fence}+", text)), default=0)
        marks = self.target.fence * max(3, longest + 1)
        body = "\n".join(line.rstrip() for line in text.split("\n"))
        return f"{marks}{language}\n{body}\n{marks}"

    def yaml(self, text: str) -> str:
        """A double-quoted YAML scalar (YAML 1.2, 7.3.1) on one line: it cannot end the front
        matter.
        """
        text = " ".join(clean(text).split())
        if not self.target.angle_brackets:
            text = (
                text.replace("<", "‹").replace(">", "›").replace("{{", "{ {").replace("{%", "{ %")
            )
        if not self.target.backslashes:
            text = text.replace("\\", "∖")
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def link(self, text: str, url: str) -> str:
        """A link with a text of strangers."""
        return f"[{self.inline(text, brackets=True)}]({safe_url(url)})"

    def page(self, title: str, slug: str, *, from_index: bool = False) -> str:
        """A link from one page of an export to another; an index stands above the pages where each
        has a folder.
        """
        href = self.target.href(slug)
        words = self.inline(title, brackets=True)
        return f"[{words}]({href.removeprefix('../') if from_index else href})"

    def comment(self, text: str) -> str:
        """A comment that readers do not see: ids and names of markers. What could end it is left
        out, for a database may be anybody's.
        """
        start, end = self.target.comment
        return f"{start}{_NO_COMMENT.sub('', text)}{end}"

    # ------------------------------------------------------------ inside

    def _may_fence(self, text: str) -> bool:
        return not any(opener in text for opener in self.target.templates)

    def _lines(self, text: str, signs: _Signs) -> list[str]:
        lines = text.split("\n")
        out = []
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            escaped = self._line(line.strip(), signs)
            # trackers keep the lines of a paragraph; two spaces are the one hard line break that
            # every Markdown knows
            out.append(escaped + "  " if escaped and following.strip() else escaped)
        return out

    def _line(self, line: str, signs: _Signs) -> str:
        pieces: list[str] = []
        last = 0
        for span in _CODE_SPAN.finditer(line):
            cell = "|" in span[2] and (signs.inside or self.target.fence == "~")
            if cell or not span[2].strip() or not self._may_fence(span[2]):
                continue
            pieces += [self._prose(line[last : span.start()], signs), span[0]]
            last = span.end()
        escaped = "".join([*pieces, self._prose(line[last:], signs)])
        start = _LINE_START.match(escaped)
        if not start:
            begins = _TASK.match(escaped) or _DEFINES.match(escaped)
            return f"\\{escaped}" if begins else escaped
        rest = escaped[start.end() :]
        if start["mark"]:
            return self._sign(start[0]) + rest
        if start["number"]:
            return f"{start[0]}\\{rest}"
        return _entity(start[0][0]) + start[0][1:] + rest if self.target.mdx else escaped

    def _prose(self, text: str, signs: _Signs) -> str:
        pieces: list[str] = []
        last = 0
        for found in _CODE_LIKE.finditer(text):
            code = found[0].rstrip(".,;:!?)]}*_~")
            if len(code) < 3 or not self._may_fence(code):
                continue
            end = found.start() + len(code)
            pieces += [self._plain(text[last : found.start()], signs), f"`{code}`"]
            last = end
        return "".join([*pieces, self._plain(text[last:], signs)])

    def _plain(self, text: str, signs: _Signs) -> str:
        return _SPECIAL.sub(lambda match: self._special(match, signs), text)

    def _sign(self, sign: str) -> str:
        """A sign without its meaning: behind a backslash where that works, else as an entity."""
        opens = sign in "{}" and any(o[0] == "{" != o[1] for o in self.target.templates)
        # `\{%` still holds the opener of a tag
        return "\\" + sign if sign in self.target.escapes and not opens else _entity(sign)

    def _special(self, match: re.Match[str], signs: _Signs) -> str:
        acts = _ACTS.get(match.lastgroup or "")
        if acts is not None and not acts(match, signs, self.target):
            return match[0]
        if match.lastgroup == "scheme":
            return match[0][:-1] + self._sign(":")
        return "".join(map(self._sign, match[0]))


def _within_word(match: re.Match[str], *_: object) -> bool:
    text, at = match.string, match.start()
    inside = 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
    return not inside


def _star(match: re.Match[str], *_: object) -> bool:
    around = match.string[max(0, match.start() - 1) : match.end() + 1]
    return around != " * "


def _opening(match: re.Match[str], signs: _Signs, target: Target) -> bool:
    following = match.string[match.end() : match.end() + 1]
    return signs.brackets or target.extended or following in ("^", "!", "[")


def _closing(match: re.Match[str], signs: _Signs, target: Target) -> bool:
    following = match.string[match.end() : match.end() + 1]
    defines = following == ":" and not signs.inside
    return signs.brackets or target.extended or defines or following in ("(", "[")


_ACTS: dict[str, Callable[[re.Match[str], _Signs, Target], bool]] = {
    "include": lambda _m, _s, target: target.mdx or "-8<-" in target.templates,
    "angle": lambda _m, _s, target: target.mdx or "@include" in target.templates,
    "paired": lambda match, signs, _t: match[0] in signs.paired,
    "caret": lambda _m, _s, target: target.extended,
    "brace": lambda _m, _s, target: target.braces,
    "star": _star,
    "open": _opening,
    "close": _closing,
    "underscore": _within_word,
    "reference": lambda _m, _s, target: target.extended,
    "doubled": lambda _m, _s, target: target.extended,
}
"""Whether a sign means something where it stands, by the group of `_SPECIAL` that found it; those
of the other groups always do.
"""


def _single_blanks(lines: list[str]) -> list[str]:
    kept = [line for i, line in enumerate(lines) if line.strip() or (i and lines[i - 1].strip())]
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


@lru_cache(maxsize=4_096)
def safe_url(url: str) -> str:
    """A link that may stand in a document of any target: `https`, and no character that ends a link
    or begins a template.
    """
    parts = urlsplit(clean(url).strip())
    if parts.scheme not in ("https", "http") or not parts.netloc:
        return "https://github.com/"
    return quote(parts.geturl(), safe=":/?#@!$&'*+,;=%-._~")


_PLAIN = re.compile(r"(?!(?:im|ex)port\b|.*(?:--|(?i:www)\.))[A-Za-z][A-Za-z0-9 ,./()-]*")
"""A text in which nothing acts on any target: names of projects, dates, plain words."""


@cache
def escaper(target: Target) -> Escaper:
    """The escaper of a target."""
    return Escaper(target)


inline: Callable[[str], str] = Escaper().inline
