"""Tells prose from what programs print: logs, listings and tables that somebody pasted without a
fence state no claim.
"""

from __future__ import annotations

import re

from kb.tables import load_toml
from miner.extract.cue_phrases import PHRASES, RULES, has

_WORD = re.compile(r"[(\"'*_~]*[^\W\d_]+(?:['’-][^\W\d_]+)*[)\"'*_~.,:;!?…]*\Z")
_GRAMMAR = frozenset(load_toml("same.toml", RULES)["grammar"].split())
_CODE = re.compile(r"`[^`\n]*`")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def is_prose(text: str) -> bool:
    """Whether a sentence is one that a person wrote."""
    if has("log", text):
        return False
    if _CJK.search(text):
        return True
    tokens = _CODE.sub(" x ", text[:1000]).split()
    if not tokens:
        return False
    words = sum(1 for token in tokens if token.isalpha() or _WORD.match(token))
    if len(tokens) <= 8:
        return words * 3 >= len(tokens)
    grammar = sum(1 for token in tokens if token.lower().strip(".,:;!?()\"'*_") in _GRAMMAR)
    return (words * 2 >= len(tokens) and (grammar > 0 or not text.isascii())) or (
        grammar >= 2 and words * 3 >= len(tokens)
    )


_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>.]+\.[\w*]")
_MAIL_LINE = 300
"""Characters; the line that a mail client puts above what it quotes is shorter."""


def _says_who(line: str) -> bool:
    """`On Monday, Ann <ann@example.org> wrote:`; a mention (`As @ann wrote:`) is no address."""
    return bool(line[:1] != ">" and _ADDRESS.search(line) and has("mail_said", line))


def _is_head(lines: list[str]) -> bool:
    """Whether lines are the head of a mail: the second is one of its fields, and a date or an
    address stands in them.
    """
    return (
        len(lines) > 1
        and has("mail_next", lines[1].strip())
        and any(has("mail_date", line.strip()) or _ADDRESS.search(line) for line in lines)
    )


def mail_tail(text: str) -> int:
    """Where the earlier mail begins that a mail client put below an answer; the length of a text
    that has none. What carries quote marks there is told apart by those.
    """
    if "@" not in text:
        return len(text)
    lines = text.splitlines(keepends=True)
    start = 0
    for number, line in enumerate(lines):
        following = lines[number + 1 : number + 4]
        bare = line.strip()
        if 0 < len(bare) <= _MAIL_LINE and (
            _says_who(bare) or (has("mail_field", bare) and _is_head([line, *following]))
        ):
            rest = text[start + len(line) : start + len(line) + _MAIL_LINE].lstrip()
            if not rest.startswith(">"):
                return start
        start += len(line)
    return len(text)


def machine_tail(text: str) -> int:
    """Where the answer of a language model begins that somebody pasted below its name; the length
    of a text that has none.
    """
    found = PHRASES["machine"].search(text)
    return found.start() if found else len(text)
