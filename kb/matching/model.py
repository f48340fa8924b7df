"""Are two signatures the same error? Facts that conflict keep apart; otherwise learned weights
decide.

The weights (`kb/weights/match.json`, written by `miner.training.matching` from the labelled
families in `data/labels/`) are those of a logistic regression over the features below; they can be
read, and every decision can be told in words and figures. At run time this needs rapidfuzz only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log1p
from operator import mul
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from kb.signature.generic import same_place

if TYPE_CHECKING:
    from kb.matching.features import View

EXCLUSIVE_KINDS = frozenset({"quota", "rate", "overload"})
"""Failures that readers mix up and that need another fix each."""
LEAST_OVERLAP = 0.45
"""Below this containment of the shorter text's words two signatures without a common code are not
looked at closely.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """The learned decision: probability = logistic(bias + sum of weight x feature); two signatures
    are joined from `threshold` on, and an answer is called the same error from `sure` on.
    """

    bias: float
    threshold: float
    sure: float
    weight: dict[str, float]
    ordered: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against: the feature, its value, what it adds to the log-odds,
    and words for it.
    """

    name: str
    value: float
    adds: float
    words: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """`same` or not, the probability (0 to 1), the rule that decided if one did, and the reasons,
    weightiest first.
    """

    same: bool
    probability: float
    rule: str | None
    reasons: tuple[Reason, ...]


@cache
def weights() -> Weights:
    """The packaged weights."""
    table = json.loads((files("kb") / "weights" / "match.json").read_text(encoding="utf-8"))
    return Weights(
        table["bias"],
        table["threshold"],
        table["sure"],
        table["weight"],
        tuple(table["weight"].get(name, 0.0) for name in NAMES),
    )


def conflict(a: View, b: View) -> str | None:
    """The fact that keeps two signatures apart whatever their words, or None."""
    if a.exits and b.exits and not a.exits & b.exits:
        return "exit_code"
    if a.numbers and b.numbers and not a.numbers & b.numbers:
        return "numbered_code"
    if a.status and b.status and not a.status & b.status:
        return "status"
    if a.kinds and b.kinds and a.kinds != b.kinds:
        kinds_a, kinds_b = a.kinds & EXCLUSIVE_KINDS, b.kinds & EXCLUSIVE_KINDS
        if kinds_a and kinds_b and not kinds_a & kinds_b:
            return "kind"
    if a.ports and b.ports and not a.ports & b.ports:
        return "port"
    if (a.scope != "message" or b.scope != "message") and (found := generic_conflict(a, b)):
        return found
    if is_attribute(a) and is_attribute(b):
        return None
    return "object" if other_object(a, b) else None


def generic_conflict(a: View, b: View) -> str | None:
    """What keeps two messages apart of which one at least is printed for many failures."""
    if a.scope != b.scope or not same_place(a.scope, a.place, b.place):
        return "place"
    if is_codec(a) and is_codec(b):
        return None  # which character it was, and of which alphabet, is chance
    if is_attribute(a) and is_attribute(b):
        return None  # seldom the same, but one failure may lack several attributes
    apart = not a.weights.keys() <= b.weights.keys() and not b.weights.keys() <= a.weights.keys()
    return "words" if apart else None


def is_attribute(view: View) -> bool:
    """Whether a message says that an object, of which nothing is known, has no such attribute."""
    return view.scope == "place" and " has no attribute" in view.text


def is_codec(view: View) -> bool:
    """Whether a message says that a text is not of the encoding of a console or of a locale."""
    return any(kind == "codec" for kind, _ in view.decisive) and not view.text.startswith("utf")


def other_object(a: View, b: View) -> bool:
    """Whether two messages name different objects of a kind that decides what has to be fixed."""
    if a.decisive == b.decisive:
        return False
    kinds = {kind for kind, _ in a.decisive} & {kind for kind, _ in b.decisive}
    common = {kind for kind, _ in a.decisive & b.decisive}
    return not kinds <= common


def overlap_of(a: View, b: View) -> float:
    """Weight of the words that two signatures have in common."""
    if len(a.weights) > len(b.weights):
        a, b = b, a
    other = b.weights
    return sum([weight for word, weight in a.weights.items() if word in other])


def _swapped(a: View, b: View) -> float:
    """Weight of the words of one main clause that stand in the place of other words of the other
    one.
    """
    swapped = 0.0
    for op in Levenshtein.opcodes(a.line, b.line):
        if op.tag == "replace":
            gone = sum(
                [
                    a.weights.get(w, 0.0)
                    for w in a.line[op.src_start : op.src_end]
                    if w not in b.weights
                ]
            )
            come = sum(
                [
                    b.weights.get(w, 0.0)
                    for w in b.line[op.dest_start : op.dest_end]
                    if w not in a.weights
                ]
            )
            swapped += min(gone, come)
    return swapped


def _inserted(a: View, b: View) -> float:
    """Weight of the words that stand inside of one main clause, the other being the same without
    them.
    """
    short, long = (a, b) if len(a.line) <= len(b.line) else (b, a)
    if not short.line or len(long.line) - len(short.line) > MOST_INSERTED:
        return 0.0
    found, blocks = 0.0, 0
    for op in Levenshtein.opcodes(short.line, long.line):
        if op.tag == "equal":
            blocks += 1
        elif op.tag != "insert" or not 0 < op.src_start < len(short.line):
            return 0.0
        else:
            found += sum(
                [
                    long.weights.get(w, 0.0)
                    for w in long.line[op.dest_start : op.dest_end]
                    if w not in short.weights
                ]
            )
    return found if blocks >= 2 else 0.0


MOST_INSERTED = 2
LITTLE = 6.0
"""A text of less weight than this says little beside its code."""
PURE = 1.5
"""A text whose main clause has less weight of content than this says no more than a kind of failure
or a status.
"""


NAMES = (
    "jaccard",
    "core_high",
    "phrases",
    "code_conflict",
    "final_same",
    "final_alone",
    "exception_same",
    "exception_one",
    "status_one",
    "exit_same",
    "exit_one",
    "number_same",
    "object_conflict",
    "object_one",
    "kind_same",
    "kind_one",
    "kind_extra",
    "provider_conflict",
    "name_conflict",
    "names_shared",
    "names_extra",
    "swap_in_template",
    "info_swapped",
    "info_small",
    "info_missing",
    "info_extra",
    "info_core_missing",
    "info_shared",
    "core_low",
    "status_core",
    "pure_kind",
    "handling_one",
    "handling_code",
    "inserted",
    "named_conflict",
    "same_code",
    "same_kind",
    "contrast",
    "wrapped",
    "likeness",
    "decisive_same",
    "decisive_one",
)
"""The features, in the order of `values`."""


def values(a: View, b: View, overlap: float) -> tuple[float, ...]:
    """The features of a pair in the order of `NAMES`; `overlap` is that of `overlap_of`. Symmetric.

    All are between 0 and 1 except the `info_` ones, which are logarithms of word weights.
    """
    weights_a, weights_b = a.weights, b.weights
    low, high = (a.total, b.total) if a.total <= b.total else (b.total, a.total)
    lack_a = sum([weights_a[w] for w in a.core if w not in weights_b])
    lack_b = sum([weights_b[w] for w in b.core if w not in weights_a])
    share_a, share_b = lack_a / max(a.core_total, 0.1), lack_b / max(b.core_total, 0.1)
    core_high, core_low = 1.0 - min(share_a, share_b), 1.0 - max(share_a, share_b)
    grams = len(a.grams & b.grams) / max(1, min(len(a.grams), len(b.grams)))
    swapped = _swapped(a, b) if lack_a and lack_b and overlap >= 0.5 * low else 0.0
    names_a, names_b = a.codes | a.exceptions, b.codes | b.exceptions
    names_common, names_all = len(names_a & names_b), len(names_a | names_b)
    final = 1.0 if a.final & b.final else 0.0
    code_conflict = 1.0 if a.codes - b.codes and b.codes - a.codes else 0.0
    objects_conflict = 1.0 if a.objects and b.objects and not a.objects & b.objects else 0.0
    return (
        overlap / max(0.1, low + high - overlap),
        core_high,
        grams,
        code_conflict,
        final,
        final if low < LITTLE else 0.0,
        1.0 if a.exceptions & b.exceptions else 0.0,
        1.0 if bool(a.exceptions) != bool(b.exceptions) else 0.0,
        1.0 if bool(a.status) != bool(b.status) else 0.0,
        1.0 if a.exits & b.exits else 0.0,
        1.0 if bool(a.exits) != bool(b.exits) else 0.0,
        1.0 if a.numbers & b.numbers else 0.0,
        objects_conflict,
        1.0 if bool(a.objects) != bool(b.objects) else 0.0,
        1.0 if a.kinds & b.kinds else 0.0,
        1.0 if bool(a.kinds) != bool(b.kinds) else 0.0,
        min(3, len(a.kinds ^ b.kinds)) / 3.0,
        1.0 if a.provider and b.provider and a.provider != b.provider else 0.0,
        1.0 if names_a - names_b and names_b - names_a else 0.0,
        names_common / names_all if names_all else 0.0,
        min(3, names_all - names_common) / 3.0,
        min(1.0, swapped / 2.0) * grams * (1.0 - objects_conflict),
        log1p(swapped),
        log1p(low),
        log1p(max(0.0, low - overlap)),
        log1p(max(0.0, high - overlap)),
        log1p(min(lack_a, lack_b)),
        log1p(overlap),
        core_low,
        core_high if a.status & b.status else 0.0,
        1.0 if a.kinds & b.kinds and min(a.content, b.content) < PURE else 0.0,
        1.0 if a.handling != b.handling else 0.0,
        final if a.handling != b.handling else 0.0,
        log1p(_inserted(a, b)) if grams >= 0.5 else 0.0,
        1.0 if a.named and b.named and not a.named & b.named else 0.0,
        1.0 if same_code(a, b) else 0.0,
        1.0 if a.kinds and same_kind(a, b) else 0.0,
        1.0 if overlap >= 0.5 * low and contrast(a.text, b.text) else 0.0,
        1.0 if wrapped(a.text, b.text) else 0.0,
        fuzz.token_sort_ratio(a.text, b.text) / 100.0,
        1.0 if a.decisive & b.decisive else 0.0,
        1.0 if bool(a.decisive) != bool(b.decisive) else 0.0,
    )


def features(a: View, b: View) -> dict[str, float]:
    """The features of a pair by name (see `values`)."""
    return dict(zip(NAMES, values(a, b, overlap_of(a, b)), strict=True))


def probability(a: View, b: View) -> float:
    """How probably two signatures are the same error, 0 to 1; 0 where a fact conflicts or too few
    words are shared.
    """
    if a.fingerprint == b.fingerprint:
        return 1.0
    # the common case of candidates that are nothing alike is settled here, before anything dearer
    weights_a, weights_b = (
        (a.weights, b.weights) if len(a.weights) <= len(b.weights) else (b.weights, a.weights)
    )
    overlap = sum([weight for word, weight in weights_a.items() if word in weights_b])
    least = a.total if a.total < b.total else b.total
    if overlap < LEAST_OVERLAP * least and a.codes.isdisjoint(b.codes) and not is_codec(a):
        return 0.0
    if conflict(a, b):
        return 0.0
    if a.scope != "message" and (a.text == b.text or is_codec(a)):
        return SAME_PLACE
    value = _learned(a, b, overlap)
    if is_attribute(a) and not (a.operation or b.operation) and other_object(a, b):
        return min(value, OTHER_ATTRIBUTE)
    return value


OTHER_ATTRIBUTE = 0.3
"""Probability at most that two attributes which something lacks at one place are one failure."""
SAME_PLACE = 0.95
"""Probability of one failure for the same generic message at the same place."""


def same_kind(a: View, b: View) -> bool:
    """Whether both are about a quota (or both about overload, or both about a rate limit, with the
    same status), one says no more than that, and the other little more.
    """
    kinds = a.kinds & EXCLUSIVE_KINDS
    if kinds != b.kinds & EXCLUSIVE_KINDS or not kinds:
        return False
    if (
        not kinds <= MAIN_KINDS and not a.status & b.status
    ):  # a rate limit is one only where the service says so alike
        return False
    if (
        (a.provider and b.provider and a.provider != b.provider)
        or a.objects
        or b.objects
        or a.handling != b.handling
    ):
        return False
    if a.all_kinds & EXCLUSIVE_KINDS != b.all_kinds & EXCLUSIVE_KINDS:
        return False
    return min(a.content, b.content) < PURE and max(a.content, b.content) < LITTLE


MAIN_KINDS = frozenset({"quota", "overload"})


def same_code(a: View, b: View) -> bool:
    """Whether both carry a code that names the failure itself, no other codes stand beside it, and
    both (or neither) tell how a program handles the failure instead of the failure.
    """
    common = a.final & b.final
    if not common or (a.provider and b.provider and a.provider != b.provider):
        return False
    if a.objects and b.objects and not a.objects & b.objects:
        return False
    return (
        not (a.codes | b.codes) - common
        and a.handling == b.handling
        and not (a.kinds ^ b.kinds) & EXCLUSIVE_KINDS
    )


FEWEST = 3
"""Words that a message has at least where another one ends with the whole of it."""
_CONTRAST_WORDS = 2
_CONTRAST_SHARE = 0.6
_WORD = re.compile(r"<[a-z_-]+>?|[^\W_]+(?:[_-][^\W_]+){0,20}")
_BOUNDARY = re.compile(r"[:\]]\s*\W?\Z")
_SMALL = frozenset(
    "a an the is are was were be been to of for in on at it its this that your you with by and"  # noqa: SIM905
    " or as".split()
)
_MOST = 120


def _words(text: str) -> list[str]:
    return [word for word in (w.lower() for w in _WORD.findall(text)) if word not in _SMALL][:_MOST]


def wrapped(a: str, b: str) -> bool:
    """Whether one text ends with the whole of the other, after a colon or bracket."""
    if len(a) < len(b):
        a, b = b, a
    return (
        a.endswith(b)
        and len(_words(b)) >= FEWEST
        and _BOUNDARY.search(a[: len(a) - len(b)][-4:]) is not None
    )


def contrast(a: str, b: str) -> bool:
    """Whether two texts agree except for one or two words in their middle, where each has others;
    placeholders are no words.
    """
    left, right = _words(a), _words(b)
    steps = list(Indel.opcodes(left, right))
    if sum(s.src_end - s.src_start for s in steps if s.tag == "equal") < _CONTRAST_SHARE * min(
        len(left), len(right)
    ):
        return False
    only_left = only_right = 0
    inside = False
    for step in steps:
        if step.tag != "equal":
            only_left += sum(
                not word.startswith("<") for word in left[step.src_start : step.src_end]
            )
            only_right += sum(
                not word.startswith("<") for word in right[step.dest_start : step.dest_end]
            )
            continue
        if inside and 0 < only_left <= _CONTRAST_WORDS and 0 < only_right <= _CONTRAST_WORDS:
            return True
        inside, only_left, only_right = True, 0, 0
    return False


def _learned(a: View, b: View, overlap: float) -> float:
    table = weights()
    score = table.bias + sum(map(mul, table.ordered, values(a, b, overlap)))
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, score))))


def _logit(weight: float) -> str:
    return f"{weight:+.2f}"


_WORDS = {
    "jaccard": "share of all words in common",
    "core_high": "share of a main clause in the other text",
    "phrases": "neighbouring words in common",
    "code_conflict": "different error codes",
    "final_same": "the same code that names the failure itself",
    "final_alone": "one side is little more than the common code",
    "exception_same": "the same exception",
    "exception_one": "an exception on one side only",
    "status_one": "a status on one side only",
    "exit_same": "the same exit code",
    "exit_one": "an exit code on one side only",
    "number_same": "the same error number",
    "object_conflict": "different named objects",
    "object_one": "a named object on one side only",
    "kind_same": "the same kind of failure",
    "kind_one": "a kind of failure on one side only",
    "kind_extra": "kinds of failure that only one names",
    "provider_conflict": "different providers",
    "name_conflict": "codes and exceptions in the place of others",
    "names_shared": "share of codes and exceptions in common",
    "names_extra": "codes and exceptions that only one names",
    "swap_in_template": "a word in the place of another, the rest alike",
    "info_swapped": "words in the place of others",
    "info_small": "how much the shorter text says",
    "info_missing": "what of the shorter text the longer one lacks",
    "info_extra": "what the longer text adds",
    "info_core_missing": "what both main clauses lack of the other",
    "info_shared": "how much both say",
    "core_low": "share of either main clause in the other text",
    "status_core": "the same status, and a main clause in common",
    "handling_one": "only one tells how a program handles the failure",
    "handling_code": "the same code, and only one tells how a program handles it",
    "inserted": "a word stands inside of the other's main clause",
    "named_conflict": "they say that they are about different things",
    "same_code": "one code, and no other beside it",
    "same_kind": "both about a quota, or overload, and little more is said",
    "contrast": "alike but for a word or two in the middle",
    "wrapped": "one ends with the whole of the other",
    "likeness": "how alike the texts are",
    "decisive_same": "they name the same thing that has to be fixed",
    "decisive_one": "only one names a thing that has to be fixed",
    "pure_kind": "the same kind of failure, and one side says nothing else",
}


def judge(a: View, b: View) -> Judgement:
    """The decision on a pair with its reasons, weightiest first."""
    value = probability(a, b)
    if a.fingerprint == b.fingerprint:
        return Judgement(True, 1.0, "fingerprint", ())
    table = weights()
    reasons = [
        Reason(name, round(v, 3), round(table.weight[name] * v, 3), _WORDS.get(name, name))
        for name, v in features(a, b).items()
        if v and table.weight.get(name)
    ]
    reasons.sort(key=lambda r: (-abs(r.adds), r.name))
    rule = conflict(a, b)
    if rule is None and value == 0.0:
        rule = "few_words"
    return Judgement(value >= table.threshold, round(value, 6), rule, tuple(reasons))


_RULES = {
    "fingerprint": "the normalised text is the same",
    "exit_code": "the exit codes differ",
    "numbered_code": "the numbered error codes differ",
    "status": "the HTTP statuses differ",
    "kind": "one is about quota, rate limit or overload and the other about another of these",
    "port": "the ports differ",
    "place": "the message is printed for many failures, and it is not known to come from one place",
    "words": "the message is printed for many failures, and its objects differ",
    "object": "they name different things that have to be fixed",
    "few_words": "they have hardly a word in common",
}


def in_words(judgement: Judgement, most: int = 3) -> str:
    """A judgement as one line: the rule that decided or the weightiest reasons."""
    if judgement.rule:
        return _RULES[judgement.rule]
    told = "; ".join(f"{r.words} ({r.value:g}, {_logit(r.adds)})" for r in judgement.reasons[:most])
    return f"probability {judgement.probability:.2f}: {told}"
