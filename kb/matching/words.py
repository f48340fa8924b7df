"""Words of an error's text: identifiers taken apart, endings removed, each with its weight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from kb import lazy_re as re
from kb.providers import names
from kb.tables import load_weights

MAX_WORDS = 80
_TOKEN = re.compile(
    r"[A-Za-z0-9_@\u00c0-\u024f][A-Za-z0-9_@.:/\\$\u00c0-\u024f-]*|[\u0400-\u04ff\u3040-\u9fff\uac00-\ud7af]+"
)
_PIECES = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-z\u00df-\u024f]+|[0-9]+|[\u0400-\u04ff\u3040-\u9fff\uac00-\ud7af]+"
)


@dataclass(frozen=True, slots=True)
class Words:
    """The word table: `weight` of common words (others count `default`), counted once: from 3.2 to
    0.25 with the log of how many paragraphs of issue threads have the word, for function words
    0.4 of that and 1.2 at most, for words that say little 0.6; `same` maps a word to the one it
    stands for, `phrases` pairs of words to one, `codes` and `kinds` what a code or word says
    of the kind of failure; `vague` codes name no failure, `pale` words only a provider or a status,
    `handling` words tell how a program treats a failure, `unsure` codes a kind of failure that
    several services mean differently.
    """

    weight: dict[str, float]
    default: float
    same: dict[str, str]
    phrases: dict[str, str]
    kinds: dict[str, str]
    codes: dict[str, str]
    vague: frozenset[str]
    pale: frozenset[str]
    unsure: frozenset[str]
    handling: frozenset[str]


@cache
def words() -> Words:
    """The table in `kb/weights/words.json`."""
    table = load_weights("words.json")
    return Words(
        weight=table["weight"],
        default=table["default"],
        same=table["same"],
        phrases=table["phrases"],
        kinds={word: kind for kind, group in table["kinds"].items() for word in group},
        codes={code: kind for kind, group in table["codes"].items() for code in group},
        vague=frozenset(table["vague"]),
        pale=frozenset(table["pale"]) | frozenset(names()),
        unsure=frozenset(table["unsure"]),
        handling=frozenset(table["handling"]),
    )


@lru_cache(maxsize=60_000)
def stem(word: str) -> str:
    """A lower-case English word without its ending, mapped by the word table."""
    table = words()
    if word in table.same:
        return table.same[word]
    root = word
    for ending, put, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            root = word[: len(word) - len(ending)] + put
            break
    if len(root) > 4 and root[-1] == root[-2] and root[-1] not in "lse":
        root = root[:-1]
    if len(root) > 4 and root.endswith("e"):
        root = root[:-1]
    return table.same.get(root, root)


_ENDINGS = (
    *(("'s", "", 2), ("ities", "ity", 2), ("ies", "y", 2), ("sses", "ss", 1)),
    *(("ations", "ate", 3), ("ation", "ate", 3), ("ings", "", 4), ("ing", "", 4), ("edly", "", 3)),
    *(("ed", "", 3), ("xes", "x", 2), ("ches", "ch", 2), ("shes", "sh", 2), ("ss", "ss", 1)),
    *(("us", "us", 1), ("is", "is", 1), ("s", "", 3)),
)
"""Endings, what is put in their place, and how many letters must stand before."""


def word_list(text: str) -> list[str]:
    """The words of a text in order: identifiers apart, endings removed, phrases joined."""
    return [word for word, _ in placed_words(text)]


@lru_cache(maxsize=60_000)
def _token_words(token: str) -> tuple[str, ...]:
    pieces = [piece.lower() for piece in _PIECES.findall(token)]
    if len(pieces) > 12:  # an id, a hash, a path without meaning
        pieces = pieces[-3:]
    return tuple(stem(p) for p in pieces if not p.isdigit() and not (len(p) == 1 and p.isascii()))


def placed_words(text: str) -> list[tuple[str, int]]:
    """The words of a text with the position of the token each comes from."""
    phrases = words().phrases
    out: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(text):
        for word in _token_words(match[0]):
            if out and (joined := phrases.get(f"{out[-1][0]} {word}")):
                out[-1] = (joined, out[-1][1])
            elif word:
                out.append((word, match.start()))
        if len(out) >= MAX_WORDS:
            break
    return out[:MAX_WORDS]


def snake(name: str) -> str:
    """`OverloadedError` and `overloaded_error` alike."""
    if "_" in name or "-" in name or name.isupper() or name.islower():
        return name.lower()
    return "_".join(piece.lower() for piece in _PIECES.findall(name))
