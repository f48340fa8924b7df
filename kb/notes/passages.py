"""What a document shows of a claim: the whole sentences that its span stands in, or the whole code
block, taken from the stored text.

A claim's span may end within a sentence, a link or a block of code; a reader wants the thought. The
span grows to whole sentences (`kb.sentences`) or to its code block, both bounded, never beyond the
block it stands in. `verify` makes the same passage again, so that what is shown is still held
against the stored text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.markdown import CODE_KINDS, Block, blocks
from kb.redact import redact
from kb.sentences import split
from kb.text import chunks, clean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

MOST_MORE = 260
"""Characters that a span may grow by on one side."""
MOST_CODE = 900
"""A longer block of code is not shown whole."""
MOST_LINES = 24
LANGUAGES = frozenset(
    [
        *("bash", "sh", "shell", "zsh", "console", "powershell", "ps1", "bat", "cmd"),
        *("python", "py", "json", "yaml", "yml", "toml", "ini", "dockerfile"),
        *("js", "javascript", "ts", "typescript", "go", "rust", "java", "c", "cpp", "diff", "xml"),
    ]
)
"""Languages a fence may name; others (`mermaid`) make a site do more than colour the text."""
_CUT_AT = 50
"""Sources that cut comments cut them at a round number of characters."""

_CODE = re.compile(r"(`{1,3}[^`\n]{1,300}`{1,3})")
_IMAGE = re.compile(r"!\[(?i:image|screenshot|img)?\]\(https?://[^\s()]{1,500}\)")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\(https?://[^\s()]{1,500}\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,300})(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[\w`\"'(])([^*\n]{1,300})(?<=[\w`\"').!?])\*(?![\w*])")
_HEADING = re.compile(r"(?m)^[ \t]{0,3}#{1,6}[ \t]+")
_ENDS = re.compile(r"[.!?:;)\]\"'`”»…。！？*_>~|}]\Z|[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]\Z")


@dataclass(frozen=True, slots=True)
class Passage:
    """Text to show (redacted), whether it is code, in which language, and whether it is a whole
    thought: not cut off by its source, and not somebody else's words quoted.
    """

    text: str
    code: bool = False
    language: str = "text"
    whole: bool = True


def passage(body: str, start: int, end: int) -> Passage:
    """The passage around `body[start:end]`."""
    code = _code_around(body, start, end)
    if code is not None:
        return code
    quoted = False
    touched = [s for s in _split(body) if s.start < end and s.end > start]
    if touched and start - touched[0].start <= MOST_MORE:
        start = min(start, touched[0].start)
    if touched and touched[-1].end - end <= MOST_MORE:
        end = max(end, touched[-1].end)
    quoted = bool(touched) and all(s.kind == "quote" for s in touched)
    text = redact(body[start:end])
    return Passage(rendered(text), whole=not quoted and not _is_cut(body, end))


def _is_cut(body: str, end: int) -> bool:
    """Whether the text ends here because its source cut it off."""
    if body[end:].strip() or len(body) < 200 or len(body) % _CUT_AT:
        return False
    return not _ENDS.search(body.rstrip())


@lru_cache(maxsize=16)
def _split(body: str) -> list:  # type: ignore[type-arg]
    return split(body)


def _code_around(body: str, start: int, end: int) -> Passage | None:
    while start < end and body[start] in "\r\n":
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    for block in _blocks(body):
        if block.kind in CODE_KINDS and block.start <= start and end <= block.end + 1:
            return _code(body, block, start, end)
    return None


@lru_cache(maxsize=16)
def _blocks(body: str) -> list[Block]:
    return blocks(body)


def _code(body: str, block: Block, start: int, end: int) -> Passage:
    whole = body[block.start : block.end].strip("\r\n")
    if len(whole) > MOST_CODE or whole.count("\n") >= MOST_LINES:
        first = max(block.start, body.rfind("\n", block.start, start) + 1)
        last = body.find("\n", end, block.end)
        whole = body[first : last if last > 0 else block.end].strip("\r\n")
    language = block.language if block.language in LANGUAGES else "text"
    after = body[block.end :].strip()
    cut = block.kind == "fence" and not after and len(body) % _CUT_AT == 0 and len(body) >= 200
    return Passage(redact(_dedented(clean(whole))), True, language, not cut)


def _dedented(text: str) -> str:
    lines = text.expandtabs(4).split("\n")
    indent = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return "\n".join(line[indent:].rstrip() for line in lines)


def rendered(text: str) -> str:
    """Prose as a reader sees it: the words of links and images, no marks of emphasis or headings;
    what stands in code marks stays as it is.
    """
    pieces = _CODE.split(_HEADING.sub("", text))
    for place in range(0, len(pieces), 2):
        piece = _LINK.sub(r"\1", _IMAGE.sub("", pieces[place]))
        pieces[place] = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", piece))
    return "".join(pieces).strip()


_BODIES = (
    "select c.claim_id, c.quote, c.start, c.end,"
    " case when c.comment_id is not null then m.body when c.field = 'title' then t.title"
    " else t.body end as body,"
    " case when c.comment_id is not null then m.thumbs_up else t.thumbs_up end as approvals"
    " from claim c join thread t on t.repo = c.repo and t.number = c.number"
    " left join comment m on m.repo = c.repo and m.comment_id = c.comment_id"
    " where c.claim_id in ({}) order by c.repo, c.number, c.comment_id"
)


def passages_of(
    connection: sqlite3.Connection, claim_ids: Iterable[str]
) -> dict[str, tuple[Passage, int]]:
    """Passage and approvals (thumbs up) of claims by id."""
    found: dict[str, tuple[Passage, int]] = {}
    for part in chunks(sorted(set(claim_ids))):
        query = _BODIES.format(",".join("?" * len(part)))
        for row in connection.execute(query, part):
            found[row["claim_id"]] = (passage_in(row), row["approvals"] or 0)
    return found


def passage_in(row: sqlite3.Row) -> Passage:
    """The passage of a row with a claim's span and the text it stands in; the quote itself where
    the stored text has changed since.
    """
    body = row["body"] or ""
    if body[row["start"] : row["end"]] != row["quote"]:
        return Passage(rendered(redact(row["quote"])))
    return passage(body, row["start"], row["end"])
