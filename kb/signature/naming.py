"""Which sentences name the failure, a signature's case, width and punctuation; one wording for what
systems word differently, and names for mere HTTP statuses.
"""

from __future__ import annotations

from functools import lru_cache

from kb import lazy_re as re
from kb.providers import providers
from kb.signature.fields import code_of, provider_of, status_of
from kb.signature.tables import errno_names, load_reasons, table
from kb.signature.unwrap import words
from kb.tables import load_patterns, phrases

_P = load_patterns("naming.toml")

WIDTH = 320
"""Most characters of a signature."""

_SPLIT = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!etc\.)\s+|\n+|\s+[·•]\s+")
_TAIL = re.compile(_P["tail"])
_TAIL_WORDS = (
    *("retr", "sleep", "attempt", "req", "url", "limit", "in <path", ".tf line", "total-vm"),
    *("topology", "terminated", "kernel errors", "](<", "ed when", "ed while", "ed after"),
    *("(request ", "or use ", ", how ", ", any ", ", please help", "ed during", "/<n> [", "➜", "❯"),
    *("(status_code", "core dumped) ", "(<path>", "(<host>", "(background", "detail: ", "hint: "),
)
"""Without one of these there is no such tail; looking for them is faster."""
_NAME = re.compile(r"\b[^\W\d_]+(?!\w)")
_ASCII_NAME = re.compile(r"\b(?:[A-Z][A-Za-z]*|e[a-z]{3,13})(?!\w)")
_EDGE = " \t\n\"'`.,;:!?…·•-–—=|{}\\"
_CLASS_ONLY = re.compile(r"(?:\w{1,60}\.){0,6}\w{1,60}(?:Error|Exception)")
_IDS = re.compile(r":\s(?:<(?:id|key|url|hash|time)>(?:, | and |,)?){1,40}$")
_LISTS = re.compile(r"(<[a-z]{1,10}>)(?:, \1| \1){1,40}")
_ASIDES = re.compile(rf"(?:[\"'(\[]|or |and |\* )?(?:{phrases('asides.txt')})(?:\W|$)", re.I)
_TELLING = re.compile(phrases("telling.txt"), re.I)
_TELLS = 60
_QUOTES = re.compile(r"[\"`]|(?<!\w)'|'(?!\w)")


def naming(message: str, whole: bool) -> str:
    """The sentences of a masked message that name the failure, joined by `. `."""
    sentences = [part for part in (_clean(part) for part in _SPLIT.split(message)) if part]
    kept: list[str] = []
    for sentence in sentences:
        # one word is all that was said before an advice at length: `Unauthorized. Please make ...`
        needed = len(kept) == 1 and kept[0].isalpha() and len(sentence) >= _TELLS
        if kept and (
            sentence in kept
            or _CLASS_ONLY.fullmatch(sentence)
            or (not needed and _ASIDES.match(sentence) and not _TELLING.search(sentence))
        ):
            continue
        kept.append(sentence)
    if not whole and len(kept) > 1 and kept[-1] == sentences[-1] and words(kept[0]) >= 4:
        kept.pop()
    return ". ".join(kept)


def _clean(sentence: str) -> str:
    low = sentence.lower()
    if any(word in low for word in _TAIL_WORDS):
        sentence = _TAIL.sub("", sentence)
    sentence = sentence.strip(_EDGE)
    return sentence[1:] if sentence.startswith("(") and ")" not in sentence else sentence


@lru_cache(maxsize=16_384)
def _cased(word: str) -> str:
    if word.islower():
        return word.upper() if word[0] == "e" and word.upper() in errno_names() else word
    if word.isupper():
        return word if word in errno_names() else word.lower()
    return word.lower() if word[1:].islower() else word


def settle(text: str) -> str:
    """One line of at most `WIDTH` characters, plain words in one letter case."""
    if '"' in text or "`" in text or "'" in text:
        text = _QUOTES.sub("", text)
    text = (_ASCII_NAME if text.isascii() else _NAME).sub(
        lambda m: _cased(m[0]), " ".join(text.split())
    )
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


# ---------------------------------------------------------------- one wording


_STATUS_FIRST = re.compile(r"(?:error )?([1-5]\d\d)[: -]{0,3}\s?(.*)$", re.I)
_CODE_ALONE = re.compile(r"(?i)(?:error|status) code[:= ]{1,3}(\d{3})\b")
"""A status of which a client told no more."""
_ALONE = frozenset({"insufficient credits", "insufficient balance"})
"""Phrases that say more than their status, so that the provider is no part of the name."""


def canonical(text: str, around: str, told: dict[str, str]) -> str:
    """A message's one wording; `around`: its cleaned text, `told`: what its layers told."""
    for rule, pattern in table("canonical.toml").candidates(text):
        match = pattern.fullmatch(text)
        if match and re.search(rule.when, around[:4000], re.X | re.I):
            return rule.becomes.format(**match.groupdict(default=""))
    return _with_status(text, around, told)


def _with_status(text: str, around: str, told: dict[str, str]) -> str:
    head, _, rest = text.partition(" ")
    if _STATUS_FIRST.match(rest) and head in {one.name for one in providers()}:
        return text
    phrase, said = text.lower(), None
    alone = _CODE_ALONE.search(around) if phrase in ("error code", "status code") else None
    if alone:
        return f"{phrase}: {alone[1]}"
    if match := _STATUS_FIRST.match(text):
        said, phrase = match.group(1), match.group(2).lower()
    status = load_reasons().get(phrase)
    if status is None:
        return text
    shown = said or told.get("status") or str(status_of(around) or status)
    if code_of(around) == "overloaded_error":
        shown = "529"
    if status == 529:
        return f"{shown} overloaded"
    provider = None if phrase in _ALONE else provider_of(around)
    return f"{provider} {shown} {phrase}" if provider else f"{shown} {phrase}"
