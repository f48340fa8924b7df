"""Which sentences name the failure, and a signature's case, width and punctuation."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from kb.signature.unwrap import words
from kb.tables import load_lines, load_patterns, phrases

_P = load_patterns("naming.toml")

WIDTH = 320
"""Most characters of a signature."""

_SPLIT = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!etc\.)\s+|\n+|\s+[·•]\s+")
_TAIL = re.compile(_P["tail"])
_TAIL_WORDS = (
    *("retr", "sleep", "attempt", "req", "url", "limit", "in <path", ".tf line", "total-vm"),
    *("topology", "terminated", "kernel errors", "](<", "ed when", "ed while", "ed after"),
    *("(request ", "or use ", ", how ", ", any ", ", please help", "ed during", "/<n> [", "➜", "❯"),
    *("(status_code", "core dumped) ", "(<path>", "(background", "detail: ", "hint: "),
)
"""Without one of these there is no such tail; looking for them is faster."""
_NAME = re.compile(r"\b[^\W\d_]+(?!\w)")
_ASCII_NAME = re.compile(r"\b(?:[A-Z][A-Za-z]*|e[a-z]{3,13})(?!\w)")
_EDGE = " \t\n\"'`.,;:!?…·•-–—=|{}\\"
_CLASS_ONLY = re.compile(r"(?:\w{1,60}\.){0,6}\w{1,60}(?:Error|Exception)")
_IDS = re.compile(r":\s(?:<(?:id|key|url|hash|time)>(?:, | and |,)?){1,40}$")
_LISTS = re.compile(r"(<[a-z]{1,10}>)(?:, \1| \1){1,40}")
_QUOTES = re.compile(r"[\"`]|(?<!\w)'|'(?!\w)")


@cache
def _asides() -> re.Pattern[str]:
    return re.compile(rf"(?:[\"'(\[]|or |and |\* )?(?:{phrases('asides.txt')})(?:\W|$)", re.I)


@cache
def _telling() -> re.Pattern[str]:
    return re.compile(phrases("telling.txt"), re.I)


@cache
def _errno() -> frozenset[str]:
    return frozenset(load_lines("errno.txt"))


def naming(message: str, whole: bool) -> str:
    """The sentences of a masked message that name the failure, joined by `. `."""
    sentences = [part for part in (_clean(part) for part in _SPLIT.split(message)) if part]
    kept: list[str] = []
    for sentence in sentences:
        aside = _asides().match(sentence) and not _telling().search(sentence)
        if kept and (sentence in kept or (aside and not _needed(kept, sentence))):
            continue
        if kept and _CLASS_ONLY.fullmatch(sentence):
            continue
        kept.append(sentence)
    if not whole and len(kept) > 1 and kept[-1] == sentences[-1] and words(kept[0]) >= 4:
        kept.pop()
    return ". ".join(kept)


_TELLS = 60


def _needed(kept: list[str], advice: str) -> bool:
    """Whether one word is all that was said before an advice at length: `Unauthorized. Please make
    sure you're using the latest version ...`.
    """
    return len(kept) == 1 and kept[0].isalpha() and len(advice) >= _TELLS


def _clean(sentence: str) -> str:
    low = sentence.lower()
    if any(word in low for word in _TAIL_WORDS):
        sentence = _TAIL.sub("", sentence)
    sentence = sentence.strip(_EDGE)
    return sentence[1:] if sentence.startswith("(") and ")" not in sentence else sentence


def _case(match: re.Match[str]) -> str:
    return _cased(match.group())


@lru_cache(maxsize=16_384)
def _cased(word: str) -> str:
    if word.islower():
        return word.upper() if word[0] == "e" and word.upper() in _errno() else word
    if word.isupper():
        return word if word in _errno() else word.lower()
    return word.lower() if word[1:].islower() else word


def settle(text: str) -> str:
    """One line of at most `WIDTH` characters, plain words in one letter case."""
    if '"' in text or "`" in text or "'" in text:
        text = _QUOTES.sub("", text)
    text = (_ASCII_NAME if text.isascii() else _NAME).sub(_case, " ".join(text.split()))
    if ">" in text:
        text = _LISTS.sub(r"\1", text).replace("<<", "<").replace(">>", ">")
    text = _edges(text)
    if len(text) > WIDTH:
        text = text[:WIDTH].rsplit(" ", 1)[0].strip(_EDGE)
    return _edges(text)


def _edges(text: str) -> str:
    """Takes punctuation off both ends, and brackets that close nothing or hold all of it."""
    while True:
        before = text
        text = text.strip(_EDGE).removesuffix(" []").removesuffix(" ()")
        if text.endswith(">"):
            text = _IDS.sub("", text)
            if text[-1:] != ">":
                continue
        if not text or (text[0] not in "[(" and text[-1] not in "[]()"):
            return text
        for opening, closing in ("[]", "()"):
            if text.startswith(opening) and (
                (text.endswith(closing) and text.count(opening) == 1) or closing not in text
            ):
                text = text[1:].removesuffix(closing)
            elif (text.endswith(closing) and opening not in text) or text.endswith(opening):
                text = text[:-1]
        if text == before:
            return text
