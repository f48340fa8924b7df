"""Are two signatures the same error? Facts that conflict keep apart; otherwise learned weights decide.

The weights (`kb/weights/same.json`, written by `miner.train_same` from the labelled families in `data/labels/`) are those of
a logistic regression over the features below; they can be read, and every decision can be told in words and figures.
At run time this needs rapidfuzz only.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from kb.view import View

EXCLUSIVE_KINDS = frozenset({"quota", "rate", "overload"})
"""Failures that readers mix up and that need another fix each."""
LEAST_OVERLAP = 0.3
"""Below this containment of the shorter text's words two signatures without a common code are not looked at closely."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The learned decision: probability = logistic(bias + sum of weight x feature); the same from `threshold` on."""

    bias: float
    threshold: float
    weight: dict[str, float]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against: the feature, its value, what it adds to the log-odds, and words for it."""

    name: str
    value: float
    adds: float
    words: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """`same` or not, the probability (0 to 1), the rule that decided if one did, and the reasons, weightiest first."""

    same: bool
    probability: float
    rule: str | None
    reasons: tuple[Reason, ...]


@cache
def weights() -> Weights:
    """The packaged weights."""
    table = json.loads((files("kb") / "weights" / "same.json").read_text(encoding="utf-8"))
    return Weights(table["bias"], table["threshold"], table["weight"])


def conflict(a: View, b: View) -> str | None:
    """The fact that keeps two signatures apart whatever their words, or None."""
    if a.exits and b.exits and not a.exits & b.exits:
        return "exit_code"
    if a.numbers and b.numbers and not a.numbers & b.numbers:
        return "numbered_code"
    if a.status and b.status and not a.status & b.status:
        return "status"
    kinds_a, kinds_b = a.kinds & EXCLUSIVE_KINDS, b.kinds & EXCLUSIVE_KINDS
    if kinds_a and kinds_b and not kinds_a & kinds_b:
        return "kind"
    if a.ports and b.ports and not a.ports & b.ports:
        return "port"
    return None


def _pair(a: frozenset[str], b: frozenset[str]) -> tuple[float, float, float]:
    """(both have one in common, both have some and none in common, only one has any), each 0 or 1."""
    if a and b:
        return (1.0, 0.0, 0.0) if a & b else (0.0, 1.0, 0.0)
    return (0.0, 0.0, 1.0) if a or b else (0.0, 0.0, 0.0)


def overlap_of(a: View, b: View) -> float:
    """Weight of the words that two signatures have in common."""
    if len(a.weights) > len(b.weights):
        a, b = b, a
    other = b.weights
    return sum(weight for word, weight in a.weights.items() if word in other)


def _edits(a: View, b: View) -> tuple[float, float]:
    """Weight of the words of one main clause that stand in the place of others, and of those put in between common words."""
    x, y = a.line, b.line
    swapped = inserted = 0.0
    last = len(x), len(y)
    for op in Levenshtein.opcodes(x, y):
        tag, i1, i2, j1, j2 = op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end
        if tag == "equal":
            continue
        gone = sum(a.weights.get(w, 0.0) for w in x[i1:i2] if w not in b.weights)
        come = sum(b.weights.get(w, 0.0) for w in y[j1:j2] if w not in a.weights)
        if tag == "replace":
            swapped += min(gone, come)
        elif (i1, j1) != (0, 0) and (i2, j2) != last:
            inserted += max(gone, come)
    return swapped, inserted


PURE = 1.5
"""A text whose main clause has less weight of content than this says no more than a kind of failure or a status."""


def features(a: View, b: View, overlap: float | None = None) -> dict[str, float]:
    """The features of a pair, symmetric; all between 0 and 1 except the `info_` ones (logarithms of weights)."""
    if overlap is None:
        overlap = overlap_of(a, b)
    small, large = (a, b) if a.total <= b.total else (b, a)
    low, high = max(small.total, 0.1), max(large.total, 0.1)
    core_a = sum(a.weights[w] for w in a.core if w in b.weights) / max(a.core_total, 0.1)
    core_b = sum(b.weights[w] for w in b.core if w in a.weights) / max(b.core_total, 0.1)
    core_both = sum(a.weights[w] for w in a.core if w in b.core) / max(0.1, min(a.core_total, b.core_total))
    grams = len(a.grams & b.grams) / max(1, min(len(a.grams), len(b.grams)))
    code = _pair(a.codes, b.codes)
    far = bool(a.far_codes & b.far_codes)
    final = _pair(a.final, b.final)
    exception = _pair(a.exceptions, b.exceptions)
    status = _pair(a.status, b.status)
    exits = _pair(a.exits, b.exits)
    numbers = _pair(a.numbers, b.numbers)
    objects = _pair(a.objects, b.objects)
    kinds = _pair(a.kinds, b.kinds)
    missing_small = low - overlap
    swapped, inserted = _edits(a, b) if overlap >= 0.5 * low else (0.0, 0.0)
    names_a, names_b = a.codes | a.exceptions, b.codes | b.exceptions
    codes_all = len(names_a | names_b)
    pure = min(a.content, b.content) < PURE
    main = {"overload", "quota"} & a.kinds & b.kinds
    return {
        "jaccard": overlap / max(0.1, a.total + b.total - overlap),
        "contained": overlap / low,
        "covered": overlap / high,
        "core_high": max(core_a, core_b),
        "core_low": min(core_a, core_b),
        "core_both": core_both,
        "phrases": grams,
        "ratio": fuzz.ratio(a.plain, b.plain) / 100.0,
        "partial": fuzz.partial_ratio(small.plain, large.plain) / 100.0 if len(small.plain) <= 300 else grams,
        "code_same": code[0],
        "code_conflict": code[1],
        "code_one": code[2],
        "code_far": 1.0 if far and not code[0] else 0.0,
        "final_same": final[0],
        "final_conflict": final[1],
        "final_one": final[2],
        "final_alone": final[0] * (1.0 if low < 6.0 else 0.0),
        "exception_same": exception[0],
        "exception_conflict": exception[1],
        "exception_one": exception[2],
        "status_same": status[0],
        "status_one": status[2],
        "exit_same": exits[0],
        "exit_one": exits[2],
        "number_same": numbers[0],
        "number_one": numbers[2],
        "object_same": objects[0],
        "object_conflict": objects[1],
        "object_one": objects[2],
        "kind_same": kinds[0],
        "kind_conflict": kinds[1],
        "kind_one": kinds[2],
        "kind_extra": min(3, len(a.kinds ^ b.kinds)) / 3.0,
        "provider_conflict": 1.0 if a.provider and b.provider and a.provider != b.provider else 0.0,
        "provider_same": 1.0 if a.provider and a.provider == b.provider else 0.0,
        "name_conflict": 1.0 if names_a and names_b and not names_a & names_b else 0.0,
        "names_shared": len(names_a & names_b) / codes_all if codes_all else 0.0,
        "names_extra": min(3, len(names_a ^ names_b)) / 3.0,
        "pure_kind": 1.0 if pure and main else 0.0,
        "pure_status": 1.0 if pure and status[0] else 0.0,
        "pure_other": 1.0 if pure and not main and not status[0] else 0.0,
        "objects_shared": len(a.objects & b.objects) / max(1, len(a.objects | b.objects)),
        "swap_in_template": min(1.0, swapped / 2.0) * grams * (1.0 if not objects[1] else 0.0),
        "insert_in_template": min(1.0, inserted / 2.0) * grams,
        "info_swapped": math.log1p(swapped),
        "info_inserted": math.log1p(inserted),
        "info_core_extra": math.log1p(max(0.0, a.core_total * (1 - core_a), b.core_total * (1 - core_b))),
        "info_small": math.log1p(small.total),
        "info_missing": math.log1p(max(0.0, missing_small)),
        "info_extra": math.log1p(max(0.0, high - overlap)),
        "info_core_missing": math.log1p(max(0.0, min(a.core_total * (1 - core_a), b.core_total * (1 - core_b)))),
        "info_shared": math.log1p(overlap),
    }


def probability(a: View, b: View) -> float:
    """How probably two signatures are the same error, 0 to 1; 0 where a fact conflicts or nearly no words are shared."""
    if a.fingerprint == b.fingerprint:
        return 1.0
    overlap = overlap_of(a, b)
    if overlap < LEAST_OVERLAP * min(a.total, b.total) and not a.codes & b.codes:
        return 0.0
    if conflict(a, b):
        return 0.0
    value = _learned(a, b, overlap)
    return max(value, SAME_CODE) if same_code(a, b) else value


SAME_CODE = 0.8


def same_code(a: View, b: View) -> bool:
    """Whether both carry a code that names the failure itself, and no other names stand beside it in a main clause."""
    common = a.final & b.final
    if not common or (a.provider and b.provider and a.provider != b.provider):
        return False
    if a.objects and b.objects and not a.objects & b.objects:
        return False
    return len((a.codes | b.codes) - common) <= 1 and not (a.kinds ^ b.kinds) & EXCLUSIVE_KINDS


def _learned(a: View, b: View, overlap: float) -> float:
    table = weights()
    score = table.bias
    weight = table.weight
    for name, value in features(a, b, overlap).items():
        if value:
            score += weight.get(name, 0.0) * value
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def _logit(weight: float) -> str:
    return f"{weight:+.2f}"


_WORDS = {
    "jaccard": "share of all words in common", "contained": "share of the shorter text's words in the longer one", "covered": "share of the longer text's words in the shorter one",
    "core_high": "share of one main clause in the other text", "core_low": "share of the other main clause", "core_both": "main clauses in common",
    "phrases": "neighbouring words in common", "ratio": "similarity of the whole texts", "partial": "similarity of the best matching part",
    "code_same": "the same error code", "code_conflict": "different error codes", "code_one": "an error code on one side only", "code_far": "an error code in common, beside the main clause",
    "final_same": "the same code that names the failure itself", "final_conflict": "codes that name different failures", "final_one": "a code that names the failure on one side only",
    "final_alone": "one side is little more than the common code", "exception_same": "the same exception", "exception_conflict": "different exceptions",
    "exception_one": "an exception on one side only", "status_same": "the same status", "status_one": "a status on one side only", "exit_same": "the same exit code",
    "exit_one": "an exit code on one side only", "number_same": "the same error number", "number_one": "an error number on one side only",
    "object_same": "the same named object", "object_conflict": "different named objects", "object_one": "a named object on one side only",
    "kind_same": "the same kind of failure", "kind_conflict": "different kinds of failure", "kind_one": "a kind of failure on one side only",
    "kind_extra": "kinds of failure that only one names", "provider_conflict": "different providers", "provider_same": "the same provider",
    "info_small": "how much the shorter text says", "info_missing": "what of the shorter text the longer one lacks", "info_extra": "what the longer text adds",
    "info_core_missing": "what both main clauses lack of the other", "info_shared": "how much both say",
}  # fmt: skip


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
    "few_words": "they have hardly a word in common",
}


def in_words(judgement: Judgement, most: int = 3) -> str:
    """A judgement as one line: the rule that decided or the weightiest reasons."""
    if judgement.rule:
        return _RULES[judgement.rule]
    told = "; ".join(f"{r.words} ({r.value:g}, {_logit(r.adds)})" for r in judgement.reasons[:most])
    return f"probability {judgement.probability:.2f}: {told}"
