"""Tells prose from what programs print: logs, listings and tables that somebody pasted without a
fence state no claim.
"""

from __future__ import annotations

import re

from miner.extract.cue_phrases import PHRASES

_WORD = re.compile(r"[(\"'*_~]*[^\W\d_]+(?:['’-][^\W\d_]+)*[)\"'*_~.,:;!?…]*\Z")
_GRAMMAR = frozenset(
    (
        "a an the is are was were be been it its it's i i'm im you your my me we our they"
        " this that these those there here and or but if then so not no to of in on at for"
        " from with by as than when while because which what who how do does did have has had"
        " can could will would should just ich du es der die das ist und nicht mit el la los"
        " las es un una que no de y con le les est pas et du je и в не на я что с это у"
    ).split()
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LOG = re.compile(
    r"\s*(?:\[?\d{4}-\d\d-\d\d[T ]|\[?\d\d:\d\d:\d\d|\[\d{5,}\]|\[\s*\d+\.\d+\]|-- [A-Z]"
    r"|(?:DEBUG|INFO|WARN(?:ING)?|TRACE|ERROR"
    r"|FATAL)\b[ :\]]"
    r"|#\d+ +0x|at [\w.$<>]+\(|\w[^\W_]*_\w+: |\|.*\||[$>%❯#] \S|={3,}|\(gdb\)|\d{4,}: |[\w. "
    r"]{1,30}\s=\s+\S+ ?\w*(?:\s*->|$)"
    r"|0x[0-9a-f]{6,})"
)


def is_prose(text: str) -> bool:
    """Whether a sentence is one that a person wrote."""
    if _LOG.match(text):
        return False
    if _CJK.search(text):
        return True
    tokens = re.sub(r"`[^`\n]*`", " x ", text[:1000]).split()
    if not tokens:
        return False
    words = sum(1 for token in tokens if _WORD.match(token))
    if len(tokens) <= 8:
        return words * 3 >= len(tokens)
    grammar = sum(1 for token in tokens if token.lower().strip(".,:;!?()\"'*_") in _GRAMMAR)
    return (words * 2 >= len(tokens) and (grammar > 0 or not text.isascii())) or (
        grammar >= 2 and words * 3 >= len(tokens)
    )


_MAIL_SAID = re.compile(
    r"(?:\b(?:wrote|a écrit|escribió|escreveu|ha scritto|schrieb|написала?|napisała?)|写道)"
    r" ?[:：]\Z",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>.]+\.[\w*]")
_MAIL_FIELD = re.compile(r"(?:From|Von|De|发件人) ?[:：].|-{2,} ?Original\b", re.IGNORECASE)
_MAIL_NEXT = re.compile(
    r"(?:From|Sent|Date|To|Gesendet|Enviado|发送时间|日期) ?[:：]", re.IGNORECASE
)
_MAIL_DATE = re.compile(r"(?:Sent|Date|Gesendet|Enviado|发送时间|日期) ?[:：]", re.IGNORECASE)
_MAIL_LINE = 300
"""Characters; the line that a mail client puts above what it quotes is shorter."""


def _says_who(line: str) -> bool:
    """`On Monday, Ann <ann@example.org> wrote:`; a mention (`As @ann wrote:`) is no address."""
    return bool(line[:1] != ">" and _MAIL_SAID.search(line) and _ADDRESS.search(line))


def _is_head(lines: list[str]) -> bool:
    """Whether lines are the head of a mail: the second is one of its fields, and a date or an
    address stands in them.
    """
    return (
        len(lines) > 1
        and _MAIL_NEXT.match(lines[1].strip()) is not None
        and any(_MAIL_DATE.match(line.strip()) or _ADDRESS.search(line) for line in lines)
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
        if len(bare) <= _MAIL_LINE and (
            _says_who(bare) or (_MAIL_FIELD.match(bare) and _is_head([line, *following]))
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
