"""What a document shows of a claim: its words without marks of Markdown, and its code.

The words are those of the stored span (`miner.extract.thought` chose it), with the code that they
announce as a block and the end of their sentence behind it. `verify` makes the same passage again,
so that what is shown is still held against the stored text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.markdown import CODE_KINDS, Document
from kb.notes.remedies import limited
from kb.redact import redact
from kb.rows import listed
from kb.sentences import split
from kb.tables import load_patterns
from kb.text import chunks, clean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

LANGUAGES = frozenset(
    [
        *("bash", "sh", "shell", "zsh", "console", "powershell", "ps1", "bat", "cmd"),
        *("python", "py", "json", "yaml", "yml", "toml", "ini", "dockerfile"),
        *("js", "javascript", "ts", "typescript", "go", "rust", "java", "c", "cpp", "diff", "xml"),
    ]
)
"""Languages a fence may name; others (`mermaid`) make a site do more than colour the text."""
MORE_THAN_A_POINTER = 7
"""Words before a link, of a sentence that says more than where to look."""

_CODE = re.compile(r"(`{1,3}[^`\n]{1,300}`{1,3})")
CUT_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\(https?://[^\s()]{0,500}\Z")
_LAST_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\Z")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,500})>")
_LINKED_CODE = re.compile(
    r"\[([^\[\]`\n]{0,120}(?:`[^`\n]{1,120}`[^\[\]`\n]{0,120}){1,4})\]\(https?://[^\s()]{1,500}\)"
)
_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\(https?://[^\s()]{1,500}\)")
_P = load_patterns("said.toml")
_FLAGS = re.IGNORECASE | re.VERBOSE
_BARE_LINK = re.compile(_P["bare_link"], _FLAGS)
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*\n]{1,300}?)(?<=\S)\1(?!\w)")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[\w`\"'(])([^*\n]{1,300})(?<=[\w`\"').!?])\*(?![\w*])")
_HEADING = re.compile(r"(?m)^[ \t]{0,3}#{1,6}[ \t]+")
_IMAGE = re.compile(r"(?i)<img\b[^<>\n]{0,400}>\s*")
_ENDS = re.compile(r"[.!?:;)\]\"'`”»…。！？*_>~|}]\Z|[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]\Z")


@dataclass(frozen=True, slots=True)
class Passage:
    """Text to show (redacted), whether it is code, in which language, and whether it is a whole
    thought. `block`: the code that the words announce; `rest`: how their sentence goes on behind
    it. `cut`: their source cut off what follows; `step`: a later one of numbered steps; `more`:
    what belongs to it is not shown: the code or list behind it, or what it goes on from. `start`,
    `end`: where the claim stands in the post.
    """

    text: str
    code: bool = False
    language: str = "text"
    whole: bool = True
    block: str = ""
    rest: str = ""
    cut: bool = False
    step: bool = False
    more: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


def passage(body: str, start: int, end: int) -> Passage:
    """The claim `body[start:end]` as it is shown."""
    words, rest, language, code = body[start:end], "", "text", ""
    for block in (one for one in _document(body).blocks if one.kind in CODE_KINDS):
        language = block.language if block.language in LANGUAGES else "text"
        if block.start <= start and end <= block.end + 1:
            cut = block.kind == "fence" and not body[block.end :].strip() and is_round(body)
            return Passage(_shown(words), True, language, not cut)
        if start < block.start < end:
            words = body[start : block.start].rstrip()
            words = words.rpartition("\n")[0] if block.kind == "fence" else words
            rest = _FENCE.sub("", body[block.end : end]).strip()
            code = _shown(body[block.start : min(end, block.end)])
            code += AND_MORE if body[end : block.end].strip() else ""
            break
    behind = body[end:].strip()
    cut = not code and is_cut(body, len(body)) and _is_stump(words, body[end:])
    bare = _LAST_LINK.sub(r"\1", words) if behind.startswith("(http") else words
    text = rendered(redact(bare))
    if cut and (not behind or behind.startswith("(http")):
        text = text.rstrip(" /,(`")
        text = f"{text} …" + "`" * (text.count("`") % 2)
    announces = ANNOUNCES.search(words) or ANNOUNCES_CODE.search(words)
    whole = bool(code) or not (announces and behind.startswith(("```", "~~~")))
    language = language if code else "text"
    return Passage(text, False, language, whole, code, rendered(redact(rest)), cut)


_FENCE = re.compile(r"\A[\s>]*[`~]{3,}")


def _is_stump(words: str, behind: str) -> bool:
    """Whether what is left behind the words is the rest of their sentence, or announces code."""
    if behind.strip() and not any(map(str.strip, behind.split("\n")[:2])):
        return False  # another paragraph
    told, announces, code = behind.strip().partition(":")
    if not (announces and code.lstrip().startswith(("```", "~~~"))):
        told = f"{words.rstrip()[-1:]} {behind.rstrip()}"
    return not _STOP.search(told)


_STOP = re.compile(r"[.!?]\s|[。！？]|\S\s*\n")


AND_MORE = "\n# [...]"
"""Stands behind commands of which the last was cut off."""


def are_commands(text: str) -> bool:
    """Whether each line of code that is no comment is a command for a shell, or sets a variable."""
    told = [x for x in text.split("\n") if x.strip() and not x.lstrip().startswith("#")]
    return bool(told) and all(map(_COMMAND.match, told))


_COMMAND = re.compile(
    r"(?:[$>] )?(?:sudo |python3? -m )?(?:pip3?|uv|npm|npx|yarn|pnpm|docker|git|conda|brew|cargo|go"
    r"|apt(?:-get)?|curl(?!:)|wget|export|set|unset|ollama)\b.*[^\\]\Z"
    r"|[a-z][\w-]{2,20} --?[a-z].*[^\\]\Z|[A-Z][A-Z0-9_]{2,40}=.*[^\\]\Z"
)


ANNOUNCES = re.compile(r"(?<!:)(?<!\d)[:：][*_]{0,2}\s*\Z")
ANNOUNCES_CODE = re.compile(_P["announces_code"], _FLAGS)


def is_cut(body: str, end: int) -> bool:
    """Whether the text ends here because its source cut it off."""
    if body[end:].strip():
        return False
    if link := CUT_LINK.search(body):
        # the words are there, and only the address is not
        said = re.split(r"[.!?]\s|\n", body[: link.start()])[-1]
        if " " in link[1] or len(said.split()) >= MORE_THAN_A_POINTER:
            return False
    line = body.rstrip().rpartition("\n")[2]
    if line.endswith("`") and not line.endswith("```") and line.count("`") % 2:
        return True  # a mark that opens code
    return is_round(body) and not _ENDS.search(body.rstrip())


def is_round(body: str) -> bool:
    """Whether a text is as long as those that sources cut: 300 characters, or hundreds more."""
    return len(body) >= 300 and len(body) % 100 == 0


@lru_cache(maxsize=16)
def _document(body: str) -> Document:
    return Document(body)


def _shown(code: str) -> str:
    """Code as it is shown: redacted, without the indentation that all of its lines have."""
    lines = clean(code.strip("\r\n")).expandtabs(4).split("\n")
    indent = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return redact("\n".join(line[indent:].rstrip() for line in lines))


def rendered(text: str) -> str:
    """Prose as a reader sees it: the words of links and images, no marks of emphasis or headings,
    not when a version is to come; what stands in code marks stays as it is.
    """
    text = _IMAGE.sub("", _HEADING.sub("", text))
    pieces = _CODE.split(_LINKED_CODE.sub(r"\1", text))
    for place in range(0, len(pieces), 2):
        piece = _BARE_LINK.sub(_with_address, pieces[place])
        piece = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", piece))
        pieces[place] = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", piece))
    text = _AT_WORK.sub("", _TOMORROW.sub("", "".join(pieces).strip()))
    return text.replace("**", "") if text.count("**") == 1 else text


_TOMORROW = re.compile(r"(?<=\d) (?:tomorrow|later today|soon)(?=[.!]?\Z)")
_AT_WORK = re.compile(r"\A[^.\n]{0,80}\bcurrently working on a fix\.\s+(?=[A-Z])")
"""Words of the day of a post, behind a version and before what to do until then."""


def _with_address(link: re.Match[str]) -> str:
    """The words of a link with its address, in brackets if they do not lead on to it."""
    words, address = link[1].strip(), link[2]
    if link.string.startswith(")", link.end()):
        return f"{words}: {address}"
    if not words or words.lower().endswith(("out", "see", "check", "read", "visit")):
        return f"{words} {address}".strip()
    return f"{words} ({address})"


def passages_of(
    connection: sqlite3.Connection, claim_ids: Iterable[str]
) -> dict[str, tuple[Passage, int]]:
    """Passage and approvals (thumbs up) of claims by id."""
    found: dict[str, tuple[Passage, int]] = {}
    for part in chunks(sorted(set(claim_ids))):
        for row in sql.ask(connection, "claims.in_their_posts", listed(part)):
            found[row["claim_id"]] = (passage_in(row), row["approvals"] or 0)
    return found


def passage_in(row: sqlite3.Row) -> Passage:
    """The passage of a row with a claim's span and the text it stands in; the quote itself where
    the stored text has changed since.
    """
    body = row["body"] or ""
    if body[row["start"] : row["end"]] != row["quote"]:
        return Passage(rendered(redact(row["quote"])))
    start, end, lacks = _with_neighbours(body, row["start"], row["end"])
    found = passage(body, start, end)
    begun = body.rfind("\n", 0, row["start"]) + 1
    step = _LATER_STEP.match(body, begun, row["end"]) is not None
    found = replace(found, start=row["start"], end=row["end"], step=step)
    if found.block.endswith(AND_MORE) and _OR.match(body, row["end"]):
        return replace(found, block=found.block.removesuffix(AND_MORE))
    shown = found.block or found.code
    more = lacks or (not shown and goes_on(body, row["end"])) or _ends_in_first_step(body, row)
    return replace(found, more=more)


def _ends_in_first_step(body: str, row: sqlite3.Row) -> bool:
    """Whether a claim's last line is the first of numbered steps, in which its source ends."""
    last, behind = body.rfind("\n", 0, row["end"]) + 1, body[row["end"] :].strip()
    numbered = _FIRST_STEP.match(body, last) is not None
    return numbered and "\n" not in behind and is_round(body)


def _with_neighbours(body: str, start: int, end: int) -> tuple[int, int, bool]:
    """Where a claim starts and ends with the sentences that its first clause goes on from ("you
    hence need") and with what limits it or goes on with it right behind; and whether one of them is
    not there.
    """
    hangs, behind = _HANGS.match(body, start, end), _BEHIND.match(body, end)
    if not (hangs or behind):
        return start, end, False
    lacks, sentences = False, split(_document(body))
    if hangs:
        before = [s for s in sentences if s.end <= start and start - s.start <= MOST_BEFORE]
        began = start
        # not another's words, code, a cell of a table or an image
        while before and before[-1].kind in ("text", "item"):
            first, last = before.pop()[:2]
            if body[last - 1] in "?,:" or body[first - 2 : first] == "![":
                break
            start = first - (body[first - 1 : first] == "[")  # words of a link
            if not _LEANS.match(body, first):
                break
        lacks = began - start < LEAST_BEFORE or bool(_LEANS.match(body, start))
        start = began if lacks else start
    after = next((s for s in sentences if s.start >= end), None)
    if behind and after and (not behind["limits"] or limited(body[after.start : after.end])):
        lost = after.kind == "code" or body[after.end - 1] == ":" or is_cut(body, after.end)
        end, lacks = (end, True) if lost else (after.end, lacks)
    return start, end, lacks


MOST_BEFORE = 240
LEAST_BEFORE = 20
"""Characters of what may stand before a claim that goes on from it; fewer are a greeting."""
_HANGS = re.compile(
    r"(?i)[^.!?;:,\n]{0,80}?\b(?:(?<!\bI )also|as well(?! as)|too(?=\s?[.,!?;:\n])|in addition"
    r"|additionally|instead(?! of)|(?:that|which) [a-z]{3,12} (?:it|them)|hence"
    r"|therefore|thus|otherwise|in that case"
    r"|(?:in|with|after|make) (?:this|that|these|those) (?:version|change|line)(?!\W{0,3}[`\d]))\b"
    r"|\W*or\b"
)
_LEANS = re.compile(r"(?i)(?:so|and|but|this|that|it)\b")
_BEHIND = re.compile(
    r"(?i)[\s.:;)*_\"'”]{1,12}(?:(?P<limits>however|but|unfortunately)\b|(?<=\n)(?:and|then|or)\s(?!I\b|re-?open|thank|let\b)\w)"
)


def goes_on(body: str, end: int) -> bool:
    """Whether right behind `end`, or one line that announces it, stands code that no program
    printed, or a list that is announced.
    """
    found = _FOLLOWED.match(body, end)
    return found is not None and not _PRINTS.search(found[0])


_FOLLOWED = re.compile(
    r"[\s.?!)]{0,40}(?:[^\s`][^\n]{0,160})?(?:\n\s{0,20}[`~]{3,}[^\n]{0,40}\n[^`~]{0,300}"
    r"|(?<=[:：])\s{0,8}\n\s{0,20}(?:[-*+]|\d{1,2}[.)])[ ])"
)
_PRINTS = re.compile(
    r"(?im)error|exception|traceback|\blogs?\b|output|result|\bversions?\b|^\s{0,8}at "
)
_OR = re.compile(r"(?i)\s{0,40}(?:#|//)[ \t]*or\b")
_FIRST_STEP = re.compile(r"[ \t]{0,3}1[.)][ \t]")
_LATER_STEP = re.compile(r"[ \t]{0,3}(?:[2-9]|1\d)[.)][ \t]")
