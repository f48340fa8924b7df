"""One signature as the decision "same error or not" sees it: weighted words, phrases, and the facts
that can conflict.

Everything here is a pure function of the signature's text and fields and of the word table in
`kb/weights/words.json`; no statistic of a database enters, so two signatures are judged alike in
every database.
"""

from __future__ import annotations

import marshal
from dataclasses import dataclass
from itertools import pairwise

from kb import lazy_re as re
from kb.matching.facts import (
    add_fields,
    decisive,
    facts_of,
    kinds_of,
)
from kb.matching.words import Words, placed_words, word_list, words
from kb.models import Signature
from kb.signature.generic import scope_of
from kb.tables import load_patterns

_P = load_patterns("facts.toml")

MAX_TEXT = 600
"""Characters of a signature that are looked at: what identifies an error stands at its start."""
MIN_HEAD = 10
"""Characters that the main clause has at least."""

_CONTEXT = re.compile(_P["context"])
_LISTED = re.compile(_P["listed"])
_ADVICE = re.compile(_P["advice"])
_FIGURE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_CONTRACTED = re.compile(_P["contracted"])


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is compared of a signature. Weights are those of `Words`, without a unit.

    `weights` maps each distinct word to its weight, `total` is their sum. `core`: the words before
    the first dash, bracket or semicolon, in order in `line`; `core_total` their weight, `content`
    the weight of those that say more than a kind of failure, a status or a provider. Facts (codes,
    exceptions, statuses, ...) are those of the core where it has any; `final` the codes that name
    the failure itself; `kinds` the kinds of failure (quota, rate, overload, ...), `all_kinds` those
    named anywhere; `decisive` the objects by kind that decide what has to be fixed. `place` is that
    of a generic message, one whose `scope` is not `message`; `operation`: a missing attribute is
    followed by words on when it was missed. `segments`: the words of the first pieces of the text,
    for the index; `figures`: the numbers that its rules kept.
    """

    fingerprint: str
    text: str
    weights: dict[str, float]
    total: float
    core: frozenset[str]
    core_total: float
    codes: frozenset[str]
    final: frozenset[str]
    exceptions: frozenset[str]
    kinds: frozenset[str]
    status: frozenset[str]
    exits: frozenset[str]
    numbers: frozenset[str]
    ports: frozenset[str]
    provider: str | None
    grams: frozenset[tuple[str, str]]
    line: tuple[str, ...]
    content: float
    handling: bool
    all_kinds: frozenset[str]
    segments: tuple[tuple[str, ...], ...]
    place: str | None
    scope: str
    operation: bool
    decisive: frozenset[tuple[str, str]]
    figures: frozenset[str]


def packed(view: View) -> bytes:
    """A view as bytes, a tenth of its size, for one run only; never stored."""
    return marshal.dumps(tuple(getattr(view, name) for name in View.__slots__), 4)


def unpacked(data: bytes) -> View:
    """The view that was packed, five times as fast as making it anew."""
    return View(*marshal.loads(data))  # noqa: S302 - bytes of this very program


_ATTRIBUTE = re.compile(r"\bhas no attribute(?: [\w.]{1,100})?(?P<rest>.*)", re.S)
_WORD = re.compile(r"[^\W\d_]{2,}")
FEW_WORDS = 2
"""Words behind a missing attribute that say when it was missed."""


def _plain(text: str) -> str:
    text = _CONTRACTED.sub(lambda m: m[1] + " not", text[:MAX_TEXT])
    bare = _ADVICE.sub(" ", text)
    return bare if len(bare.strip()) >= MIN_HEAD else text


def _segments(ends: list[int], placed: list[tuple[str, int]]) -> tuple[tuple[str, ...], ...]:
    """The words of the first three pieces between dashes, brackets and the like."""
    if not ends:
        return (tuple([word for word, _ in placed]),)
    pieces: list[list[str]] = [[] for _ in range(len(ends) + 1)]
    for word, at in placed:
        pieces[sum(at >= end for end in ends)].append(word)
    return tuple(tuple(piece) for piece in pieces)


def view_of(signature: Signature) -> View:
    """A signature's view; at most `MAX_TEXT` characters are read, in linear time."""
    table = words()
    attribute = _ATTRIBUTE.search(signature.text[:MAX_TEXT])
    text = _plain(signature.text)
    placed = placed_words(text)
    order = [word for word, _ in placed]
    weights = {word: table.weight.get(word, table.default) for word in order}
    marks = [m.start() for m in _CONTEXT.finditer(text)]
    cut = next((at for at in marks if at >= MIN_HEAD), len(text))
    head = text[:cut]
    line = tuple(word for word, at in placed if at < cut)
    core = frozenset(line)
    core_total = sum(weights.get(word, 0.0) for word in core)
    if core_total < LEAST_CORE:
        head, line, core, core_total = text, tuple(order), frozenset(order), sum(weights.values())
    near = facts_of(head)
    add_fields(near, signature)
    wrapped = _plain(" \n ".join(signature.wrappers))
    around = facts_of(wrapped)
    near["codes"] |= around["codes"]
    near["exceptions"] |= around["exceptions"]
    for word in word_list(wrapped):
        # what stood around the message helps to recognise it, but another program wraps it
        # otherwise
        if word not in weights and (weight := table.weight.get(word, table.default)) >= 1.0:
            weights[word] = weight * WRAPPED
    far = facts_of(text) if len(head) < len(text) else near
    final = frozenset(
        c
        for c in near["codes"] | near["exceptions"]
        if c not in table.unsure and (table.codes.get(c) in _FINAL_KINDS or _is_final(c))
    )
    kinds = (
        {table.codes[c] for c in final if c in table.codes}
        or kinds_of([w for w in order if w in core], near["codes"], set())
        or kinds_of(order, far["codes"], set())
        or kinds_of(word_list(wrapped), near["exceptions"], near["status"] or far["status"])
    )
    telling = [
        weight
        for word in core
        if (weight := weights.get(word, 0.0)) >= LEAST_CONTENT
        and word not in table.kinds
        and word not in table.pale
    ]
    return View(
        fingerprint=signature.fingerprint,
        text=signature.text,
        weights=weights,
        total=sum(weights.values()),
        core=core,
        core_total=core_total,
        codes=frozenset(near["codes"]),
        final=final,
        exceptions=frozenset(near["exceptions"]),
        kinds=frozenset(kinds),
        status=frozenset(near["status"] or far["status"]),
        exits=frozenset(near["exits"] or far["exits"]),
        numbers=frozenset(near["numbers"] or far["numbers"]),
        ports=frozenset(near["ports"] or far["ports"]),
        provider=signature.provider,
        grams=frozenset(pairwise(order)),
        line=line,
        content=sum(telling),
        handling=_is_handling(text, table, core, weights),
        all_kinds=frozenset(kinds_of(order, far["codes"], set())),
        segments=_segments(marks[:2], placed),
        place=signature.place,
        scope=scope_of(signature.text)[0],
        operation=attribute is not None and len(_WORD.findall(attribute["rest"])) >= FEW_WORDS,
        decisive=frozenset(decisive(signature.text[:MAX_TEXT], signature.objects)),
        figures=frozenset(_FIGURE.findall(signature.text)),
    )


_HANDLING_ANYWHERE = frozenset(
    "class dedicat differentiat distinguish instead leak mislead misreport opposit surfac".split()
)
"""Words that tell of a program's handling wherever they stand, not only in the main clause."""


def _is_handling(text: str, table: Words, core: frozenset[str], weights: dict[str, float]) -> bool:
    """Whether a text tells how a program treats a failure instead of the failure."""
    if not table.handling.isdisjoint(core) or not _HANDLING_ANYWHERE.isdisjoint(weights):
        return True
    if (listed := _LISTED.search(text)) is None:
        return False
    one, other = (table.codes.get(code.lower()) for code in listed.groups())
    return one != other


_FINAL_KINDS = frozenset({"quota", "overload", "timeout"})
_FINAL_WORDS = (
    *("timeout", "overload", "quota", "exceeded", "too_large", "not_found", "exhausted"),
    *("expired", "not_exported", "mismatch", "unsupported"),
)
LEAST_CORE = 2.5
LEAST_CONTENT = 1.0
WRAPPED = 0.5
"""Weight of a wrapper's word, as a share of that of a word of the message."""


def _is_final(code: str) -> bool:
    """Whether a code names the failure (`..._TIMEOUT`), not only the layer (`..._FAILED`)."""
    if code.startswith("cloudflare_5"):
        return True  # statuses above 519 are Cloudflare's own, one for each failure
    if code.endswith(("not_found_error", "not_found_exception")) or code == "module_not_found":
        return False  # which one is said in words
    return code.count("_") >= 2 and any(word in code for word in _FINAL_WORDS)
