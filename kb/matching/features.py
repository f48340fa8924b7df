"""One signature as the decision "same error or not" sees it: weighted words, phrases, and the facts
that can conflict.

Everything here is a pure function of the signature's text and fields and of the word table in
`kb/weights/words.json`; no statistic of a database enters, so two signatures are judged alike in
every database.
"""

from __future__ import annotations

import marshal
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kb.providers import names
from kb.signature.generic import scope_of
from kb.tables import load_weights

if TYPE_CHECKING:
    from kb.models import Signature

MAX_TEXT = 600
"""Characters of a signature that are looked at: what identifies an error stands at its start."""
MAX_WORDS = 80
MIN_HEAD = 10
"""Characters that the main clause has at least."""

# the patterns below have no nested or adjacent unbounded repeats over the same characters: each is
# linear in the text
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,9}://[^\s'\"`)>\]}]+", re.I)
_TOKEN = re.compile(
    r"[A-Za-z0-9_@\u00c0-\u024f][A-Za-z0-9_@.:/\\$\u00c0-\u024f-]*|[\u0400-\u04ff\u3040-\u9fff\uac00-\ud7af]+"
)
_PIECES = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-z\u00df-\u024f]+|[0-9]+|[\u0400-\u04ff\u3040-\u9fff\uac00-\ud7af]+"
)
_IN_QUOTES = r"[^'\"`\u2018\u2019\u201c\u201d\s]"
_QUOTED = re.compile(
    rf"(?<!\w)['\"`\u2018\u201c]({_IN_QUOTES}{{2,80}}(?: {_IN_QUOTES}{{1,40}}){{0,"
    rf"2}})['\"`\u2019\u201d](?!\w)"
)
_CONTEXT = re.compile(
    r"\s[\u2014\u2013|]\s|\s-{1,2}\s|\s\u00b7\s|\s?[(\[]|; |\n|\.\s(?=[A-Za-z<])|,?\splease\b"
)
_STATUS = re.compile(r"(?<![\w.:$#-])([45]\d\d)(?![\w%]|\.\d|,\d)")
_NOT_STATUS = re.compile(
    (
        r"(?:port|line|limit|exit|exited|after|at least|most|code\s+h|seconds?|than|max|first"
        r"|last|~)\s*$"
    ),
    re.I,
)
_NOT_STATUS_AFTER = re.compile(
    r"\s*(?:ms|s|seconds?|tokens?|bytes|[kmg]i?b|pixels|characters|requests?|files?|lines?|times|messages?|tools?)\b",
    re.I,
)
_EXIT = re.compile(
    r"\bexit(?:ed|s)?(?:\s+(?:with|code|status|due|to|non-zero|error|:|=)){1,4}\s*:?\s*(-?\d{1,10}|0x[0-9a-f]{1,16})\b",
    re.I,
)
_RPC = re.compile(r"(?<!\w)-32\d{3}\b")
_NUMBERED = re.compile(
    r"\b(?:code|errno|error code|error|cloudflare|winerror|errno)[:=\s#]{1,3}(\d{4,6})\b", re.I
)
_ERRNO = re.compile(r"\[errno (\d{1,3})\]", re.I)
# several codes in a row: the text is about how a program tells them apart
_LISTED = re.compile(
    (
        r"\b([a-z]{2,30}(?:_[a-z]{2,30}){1,4})(?: / |, | (?:or|and|vs\.?) "
        r")([a-z]{2,30}(?:_[a-z]{2,30}){1,4})\b"
    ),
    re.I,
)
_KEBAB = re.compile(r"(?<![\w/.<-])[a-z][a-z0-9]+(?:-[a-z0-9]+){2,8}(?![\w/<-])")
# an abbreviation in brackets says which of several is meant: "(TPM)", "(RPD)"
_SHORT = re.compile(r"\(([A-Za-z]{2,5})\)")
_CVE = re.compile(r"\b(?:CVE-\d{4}-\d{4,7}|GHSA(?:-[a-z0-9]{4}){3})\b", re.I)
_CAPS = re.compile(r"\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|E[A-Z]{4,}|[A-Z]{1,4}\d{2,6}|[A-Z]{6,})\b")
_SNAKE = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_CAMEL = re.compile(r"\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\b")
_EXCEPTION = re.compile(r"(?:Error|Exception|Fault|Failure|Warning|Timeout|Interrupt)\Z")
# what to do about it is said alike of many errors; a full stop, a bracket or a dash ends it
_ADVICE = re.compile(
    r"(?:^|[,.;:]|\band\b)?\s*\b(?:please (?:check|try|see|retry|visit|read|consult|contact"
    r"|refer|wait)"
    r"|for more (?:information|details)|to learn more|you can check your|try "
    r"again)\b[^.;()\[\n\u2014\u2013]*",
    re.I,
)
_DIGIT = re.compile(r"[0-9]")
_FIGURE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_CONTRACTED = re.compile(
    r"\b(ca|wo|is|are|do|does|did|has|have|was|were|could|should|would)n['\u2019]t\b", re.I
)
_PORT = re.compile(
    r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|::1|<host>|\bport)['\"\s=:,]{1,4}(\d{2,5})\b", re.I
)


@dataclass(frozen=True, slots=True)
class Words:
    """The word table: `weight` of common words (others count `default`), `same` maps a word to the
    one it stands for, `phrases` pairs of words to one, `codes` and `kinds` what a code or word says
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


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is compared of a signature. Weights are those of `Words`, without a unit.

    `weights` maps each distinct word to its weight, `total` is their sum; `core` the words before
    the first dash, bracket or semicolon, `core_total` their weight. Facts (codes, exceptions,
    statuses, ...) are those of the core where it has any. `final`
    are the codes that name the failure itself; `kinds` the kinds of failure (quota, rate, overload,
    ...) that are named. `place` is that of a generic message, one whose
    `scope` is not `message`; `decisive` the objects by kind that decide what has to be fixed;
    `operation` tells that a missing attribute is followed by words on when it was missed.
    `line` holds the words of the core in order, `content` the weight of those that say more than
    a kind of failure, a status or a provider, `all_kinds` the kinds of failure named anywhere,
    `segments` the words of the first pieces of the text, for the index; `figures` the numbers that
    its rules kept.
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
    objects: frozenset[str]
    ports: frozenset[str]
    provider: str | None = None
    grams: frozenset[tuple[str, str]] = frozenset()
    line: tuple[str, ...] = ()
    content: float = 0.0
    handling: bool = False
    all_kinds: frozenset[str] = frozenset()
    segments: tuple[tuple[str, ...], ...] = ()
    place: str | None = None
    scope: str = "message"
    operation: bool = False
    decisive: frozenset[tuple[str, str]] = frozenset()
    figures: frozenset[str] = frozenset()


def packed(view: View) -> bytes:
    """A view as bytes, a tenth of its size: to be kept in numbers, or sent to another process. Made
    and read within one run, never stored.
    """
    return marshal.dumps(tuple(getattr(view, name) for name in View.__slots__), 4)


def unpacked(data: bytes) -> View:
    """The view that was packed, five times as fast as making it anew."""
    return View(*marshal.loads(data))  # noqa: S302 - bytes of this very program


_NAME = r"[`'\"]?(?P<value>[\w@$][\w@./:$-]{0,100})"
_BEGINS = re.compile(r"(?:\\b|\^)?(?P<words>[A-Za-z' -]{4,})(?P<then>[?*{+])?")


def _needed(pattern: str) -> str:
    """The words that a pattern begins with, in lower case: a text without them has no match. Empty
    if it begins otherwise.
    """
    begins = _BEGINS.match(pattern)
    if begins is None:
        return ""
    return begins["words"][: -1 if begins["then"] else None].casefold()


_DECISIVE = tuple(
    (kind, _needed(pattern), re.compile(pattern, re.I))
    for kind, pattern in (
        ("module", rf"\bno module named {_NAME}"),
        ("module", rf"\bcannot find (?:module|package) {_NAME}"),
        ("module", rf"\bcan't resolve {_NAME}"),
        ("package", r"\brequirement (?P<value>[\w.-]{1,60}?)(?=[=<>!~\s\[(]|$)"),
        (
            "package",
            r"\bno matching distribution found for (?P<value>[\w.-]{1,60}?)(?=[=<>!~\s\[(]|$)",
        ),
        ("package", rf"\bcould not import {_NAME}"),
        ("name", rf"\bcannot import name {_NAME}"),
        ("operands", r"\boperand types?(?:\(s\))? for (?P<value>.{1,80})"),
        ("keyword", rf"\bunexpected keyword argument {_NAME}"),
        ("attribute", rf"\bhas no attribute {_NAME}"),
        ("attribute", rf"\(reading {_NAME}"),
        ("variable", rf"\b(?:local|free) variable {_NAME}"),
        ("variable", rf"\bname {_NAME} is not defined"),
        ("key", r"^KeyError: (?P<value>.{1,60})"),
        ("fields", r"\bvalidation errors? for (?P<value>.{1,120})"),
        ("table", rf"\bno such (?:table|column|function)s?:? {_NAME}"),
        ("container", rf"\bcontainer {_NAME} is unhealthy"),
        (
            "option",
            r"\bun(?:known|recognized|supported) (?:option|argument|command|flag|parameter"
            rf"|architecture)s?:? {_NAME}",
        ),
        ("credits", r"\brequires more credits\b.{0,200}(?P<value>key with a higher)"),
        ("credits", r"\b(?P<value>requires more credits)\b(?!.{0,200}key with a higher)"),
        ("payload", rf"\bunknown name {_NAME} at "),
        ("payload ends", r"\b(?P<value>cannot find field|proto field is not repeating)\b"),
        ("architecture", rf"\bunknown (?:model architecture|pre-tokenizer type):? {_NAME}"),
        ("cause", r"\bcaused by (?P<value>[A-Za-z]{4,40})"),
        (
            "library",
            r"(?P<value>[\w+-]{1,60}\.(?:so|dll|dylib)[\w.]{0,20}): cannot open shared object",
        ),
        ("library", r"\blibrary not loaded: (?P<value>\S{1,160})"),
        ("target", rf"\b(?:recipe for|rule to make) target {_NAME}"),
        ("conversion", r"\bcannot convert (?P<value>\S{1,80} to \S{1,80})"),
        ("constraint", rf"\bviolates [a-z -]{{3,20}} constraint {_NAME}"),
        ("package", r"\bcannot install (?P<value>\w[\w.-]{1,60})"),
        ("package", r"\b(?P<value>\w[\w.-]{1,60})==\S{1,30} because these package versions"),
        # what a program tried when the system said no
        (
            "tried",
            r"^(?P<value>[^:\n()<\[]{8,120}): \[(?:errno|winerror|os error) -?\d{1,5}\]",
        ),
        ("schema", r"\binvalid schema for function \S{1,80} .{0,80}?\), (?P<value>.{10,120})"),
        (
            "limit",
            r"\b(?P<value>(?:requests|tokens|images|messages) per (?:sec|min|hour|day))",
        ),
        ("type", r"\bserialize unknown type: (?P<value>[^\n]{1,80})"),
        ("receiver", r"^(?P<value>\w{1,60})(?: object)? has no attribute\b"),
        ("codec", r"^[\w-]{1,30} codec can't (?P<value>(?:en|de)code)\b"),
        ("status", r"\bnon-zero exit status (?P<value>\d{1,3})"),
    )
)
"""Objects that decide what has to be fixed: two messages about different ones are two failures."""


_ATTRIBUTE = re.compile(r"\bhas no attribute(?: [\w.]{1,100})?(?P<rest>.*)", re.S)


def _says_when(text: str) -> bool:
    match = _ATTRIBUTE.search(text)
    return match is not None and len(re.findall(r"[^\W\d_]{2,}", match["rest"])) >= FEW_WORDS


FEW_WORDS = 2
_SCHEMA_WORDS = frozenset(
    "$schema $ref $defs title default const examples additionalproperties anyof allof oneof not"
    " exclusiveminimum exclusivemaximum patternproperties definitions discriminator".split()
)


def _decisive(text: str, objects: tuple[str, ...]) -> set[tuple[str, str]]:
    folded = text.casefold()
    found = {
        (kind, match["value"].strip(".,:").lower())
        for kind, needed, pattern in _DECISIVE
        if needed in folded
        for match in pattern.finditer(text)
    }
    # a service that knows a part of JSON Schema only refuses all other words of it alike
    found = {
        (kind, "json schema" if kind == "payload" and value in _SCHEMA_WORDS else value)
        for kind, value in found
    }
    for name in objects:
        kind, colon, value = name.partition(":")
        if colon and kind in ("assert", "host"):
            found.add((kind, value))
    return found


@lru_cache(maxsize=60_000)
def stem(word: str) -> str:
    """A lower-case English word without its ending, by a few suffix rules, then mapped by the word
    table.
    """
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
    ("'s", "", 2),
    ("ities", "ity", 2),
    ("ies", "y", 2),
    ("sses", "ss", 1),
    ("ations", "ate", 3),
    ("ation", "ate", 3),
    ("ings", "", 4),
    ("ing", "", 4),
    ("edly", "", 3),
    ("ed", "", 3),
    ("xes", "x", 2),
    ("ches", "ch", 2),
    ("shes", "sh", 2),
    ("ss", "ss", 1),
    ("us", "us", 1),
    ("is", "is", 1),
    ("s", "", 3),
)


def _split(token: str) -> list[str]:
    return [piece.lower() for piece in _PIECES.findall(token)]


def _plain(text: str) -> str:
    text = _CONTRACTED.sub(lambda m: m[1] + " not", text[:MAX_TEXT])
    bare = _ADVICE.sub(" ", text)
    if len(bare.strip()) >= MIN_HEAD:
        text = bare
    return _URL.sub(lambda m: " " + m[0].split("://", 1)[1].split("/", 1)[0] + " ", text)


def word_list(text: str) -> list[str]:
    """The words of a text in order: identifiers taken apart, endings removed, two-word phrases
    joined.
    """
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


def _weight_of(word: str, table: Words) -> float:
    weight = table.weight.get(word)
    return table.default if weight is None else weight


def _statuses(text: str) -> set[str]:
    found: set[str] = set()
    for match in _STATUS.finditer(text):
        before = text[max(0, match.start() - 14) : match.start()]
        if not _NOT_STATUS.search(before) and not _NOT_STATUS_AFTER.match(text, match.end()):
            found.add(match[1])
    return found


def _object_name(raw: str) -> str:
    name = raw.strip().strip(".,:;").replace("\\", "/").lower()
    if name.startswith(("/", "./", "../", "c:/")) or "node_modules/" in name:
        name = name.rsplit("node_modules/", 1)[-1]
    return name


def _is_placeholder(name: str) -> bool:
    return (
        not name
        or name[0] in "<{["
        or name.startswith(("...", "…"))
        or not any(c.isalpha() for c in name)
    )


def _objects(text: str) -> set[str]:
    found = set()
    for match in _QUOTED.finditer(text):
        name = _object_name(match[1])
        if not _is_placeholder(name):
            found.add(name)
    found.update(_KEBAB.findall(text))
    found.update(short.lower() for short in _SHORT.findall(text))
    return found


def _numbers(text: str) -> set[str]:
    found = set(_RPC.findall(text))
    found.update(_NUMBERED.findall(text))
    found.update(f"errno {number}" for number in _ERRNO.findall(text))
    found.update(value.upper() for value in _CVE.findall(text))
    return found


def _codes(text: str, table: Words) -> tuple[set[str], set[str]]:
    """Error codes and exception names that are written in a text, in snake case."""
    codes = {m.lower() for m in _CAPS.findall(text)} | {m.lower() for m in _SNAKE.findall(text)}
    exceptions: set[str] = set()
    for name in _CAMEL.findall(text):
        (exceptions if _EXCEPTION.search(name) else codes).add(_snake(name))
    codes = {table.same.get(c, c) for c in codes}
    exceptions = {table.same.get(e, e) for e in exceptions}
    return codes - table.vague, exceptions - table.vague


def _facts(text: str, table: Words) -> dict[str, set[str]]:
    """The facts that a piece of text states, by kind of fact."""
    codes, exceptions = _codes(text, table)
    status = _statuses(text)
    codes |= {table.same[s] for s in status if s in table.same}
    figures = _DIGIT.search(text) is not None
    return {
        "codes": codes,
        "exceptions": exceptions,
        "status": status,
        "exits": set(_EXIT.findall(text)) if figures else set(),
        "numbers": _numbers(text) if figures else set(),
        "ports": set(_PORT.findall(text)) if figures else set(),
    }


def _kinds(order: list[str], codes: set[str], status: set[str], table: Words) -> set[str]:
    kinds = {table.kinds[w] for w in order if w in table.kinds} | {
        table.codes[c] for c in codes if c in table.codes
    }
    # a status says least of all: 429 is sent for quotas too
    return kinds or {table.codes[s] for s in status if s in table.codes}


def _merge_fields(facts: dict[str, set[str]], signature: Signature, table: Words) -> None:
    if signature.code:
        code = _snake(signature.code)
        if code.lstrip("-").isdigit():
            if len(code) > 3:
                facts["numbers"].add(code)
        else:
            facts["codes"] |= {table.same.get(code, code)} - table.vague
    if signature.exception:
        name = _snake(signature.exception.rsplit(".", 1)[-1])
        facts["exceptions"] |= {table.same.get(name, name)} - table.vague
    if signature.status is not None and signature.status >= 400:
        facts["status"].add(str(signature.status))
        if str(signature.status) in table.same:
            facts["codes"].add(table.same[str(signature.status)])


def _segments(ends: list[int], placed: list[tuple[str, int]]) -> tuple[tuple[str, ...], ...]:
    """The words of the first three pieces between dashes, brackets and the like."""
    if not ends:
        return (tuple([word for word, _ in placed]),)
    pieces: list[list[str]] = [[] for _ in range(len(ends) + 1)]
    for word, at in placed:
        pieces[sum(at >= end for end in ends)].append(word)
    return tuple(tuple(piece) for piece in pieces)


def view_of(signature: Signature) -> View:
    """A signature's view. Linear in the length of its text (at most `MAX_TEXT` characters are
    read).
    """
    table = words()
    text = _plain(signature.text)
    placed = placed_words(text)
    order = [word for word, _ in placed]
    weights = {word: _weight_of(word, table) for word in order}
    marks = [m.start() for m in _CONTEXT.finditer(text)]
    cut = next((at for at in marks if at >= MIN_HEAD), len(text))
    head = text[:cut]
    line = tuple(word for word, at in placed if at < cut)
    core = frozenset(line)
    core_total = sum(weights.get(word, 0.0) for word in core)
    if core_total < LEAST_CORE:
        head, line, core, core_total = text, tuple(order), frozenset(order), sum(weights.values())
    near = _facts(head, table)
    _merge_fields(near, signature, table)
    wrapped = _plain(" \n ".join(signature.wrappers))
    around = _facts(wrapped, table)
    near["codes"] |= around["codes"]
    near["exceptions"] |= around["exceptions"]
    for word in word_list(wrapped):
        # what stood around the message helps to recognise it, but another program wraps it
        # otherwise
        if word not in weights and (weight := _weight_of(word, table)) >= 1.0:
            weights[word] = weight * WRAPPED
    far = _facts(text, table) if len(head) < len(text) else near
    final = frozenset(
        c
        for c in near["codes"] | near["exceptions"]
        if c not in table.unsure and (table.codes.get(c) in _FINAL_KINDS or _is_final(c))
    )
    kinds = (
        {table.codes[c] for c in final if c in table.codes}
        or _kinds([w for w in order if w in core], near["codes"], set(), table)
        or _kinds(order, far["codes"], set(), table)
        or _kinds(word_list(wrapped), near["exceptions"], near["status"] or far["status"], table)
    )
    named = {name for o in signature.objects if not _is_placeholder(name := _object_name(o))}
    objects = _objects(text) | named
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
        objects=frozenset(objects),
        ports=frozenset(near["ports"] or far["ports"]),
        provider=signature.provider,
        grams=frozenset(pairwise(order)),
        line=line,
        content=sum(
            weights[w]
            for w in core
            if w in weights
            and weights[w] >= LEAST_CONTENT
            and w not in table.kinds
            and w not in table.pale
        ),
        handling=_is_handling(text, table, core, weights),
        all_kinds=frozenset(_kinds(order, far["codes"], set(), table)),
        segments=_segments(marks[:2], placed),
        place=signature.place,
        scope=scope_of(signature.text)[0],
        operation=_says_when(signature.text[:MAX_TEXT]),
        decisive=frozenset(_decisive(signature.text[:MAX_TEXT], signature.objects)),
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
    listed = _LISTED.search(text)
    return listed is not None and table.codes.get(listed[1].lower()) != table.codes.get(
        listed[2].lower()
    )


_FINAL_KINDS = frozenset({"quota", "overload", "timeout"})
_FINAL_WORDS = tuple(
    (
        "timeout overload quota exceeded too_large not_found exhausted expired not_exported "
        "mismatch unsupported"
    ).split()
)
LEAST_CORE = 2.5
LEAST_CONTENT = 1.0
WRAPPED = 0.5
"""Weight of a wrapper's word, as a share of that of a word of the message."""


def _is_final(code: str) -> bool:
    """Whether a code names the failure itself (`FUNCTION_INVOCATION_TIMEOUT`), not only the layer
    (`..._FAILED`).
    """
    if code.startswith(
        "cloudflare_5"
    ):  # statuses above 519 are Cloudflare's own, one for each failure
        return True
    if (
        code.endswith(("not_found_error", "not_found_exception")) or code == "module_not_found"
    ):  # which one is said in words
        return False
    return code.count("_") >= 2 and any(word in code for word in _FINAL_WORDS)


def _snake(name: str) -> str:
    """`OverloadedError` and `overloaded_error` alike."""
    if "_" in name or "-" in name or name.isupper() or name.islower():
        return name.lower()
    return "_".join(_split(name))
