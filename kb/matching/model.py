"""Are two signatures the same error? Facts that conflict keep apart; otherwise learned weights
decide.

The weights (`kb/weights/match.json`, written by `miner.training.matching` from the labelled
families in `data/labels/`) are those of a logistic regression over the features below; they can be
read, and every decision can be told in words and figures. At run time this needs rapidfuzz only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import log1p
from operator import mul

from rapidfuzz.distance import LCSseq, Levenshtein

from kb.linear import logistic
from kb.matching.features import View
from kb.signature.generic import same_place
from kb.tables import load_toml, load_weights

EXCLUSIVE_KINDS = frozenset({"quota", "rate", "overload"})
"""Failures that readers mix up and that need another fix each."""
LEAST_OVERLAP = 0.45
"""Least shared part of the shorter text's words, where there is no common code."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The learned decision: probability = logistic(bias + sum of weight x feature); two signatures
    are joined from `threshold` on, and an answer is called the same error from `sure` on. `usual`
    is the mean of each feature over the pairs that were learned from.
    """

    bias: float
    threshold: float
    sure: float
    weight: dict[str, float]
    usual: dict[str, float]
    ordered: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against: the feature, its value, what it adds to the log-odds,
    words for it ("" where there are none), and how much it speaks for one failure: what it adds
    more than the usual value of the feature does.
    """

    name: str
    value: float
    adds: float
    words: str
    speaks: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, the rule that decided if one did, the reasons, weightiest first."""

    same: bool
    probability: float
    rule: str | None
    reasons: tuple[Reason, ...]


@cache
def weights() -> Weights:
    """The packaged weights."""
    table = load_weights("match.json")
    return Weights(**table, ordered=tuple(table["weight"].get(name, 0.0) for name in NAMES))


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


def _alone(one: View, other: View, line: tuple[str, ...]) -> float:
    """Weight of the words of a part of one main clause that the other text does not have."""
    return sum([one.weights.get(word, 0.0) for word in line if word not in other.weights])


def _swapped(a: View, b: View) -> float:
    """Weight of a main clause's words that stand in place of others of the other one."""
    swapped = 0.0
    for op in Levenshtein.opcodes(a.line, b.line):
        if op.tag == "replace":
            gone = _alone(a, b, a.line[op.src_start : op.src_end])
            swapped += min(gone, _alone(b, a, b.line[op.dest_start : op.dest_end]))
    return swapped


def _inserted(a: View, b: View) -> float:
    """Weight of the words inside of a main clause that is else the other one."""
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
            found += _alone(long, short, long.line[op.dest_start : op.dest_end])
    return found if blocks >= 2 else 0.0


MOST_INSERTED = 2
LITTLE = 6.0
"""A text of less weight than this says little beside its code."""
PURE = 1.5
"""A text of less weight says no more than a kind of failure or a status."""

_SAID: dict[str, list[str]] = load_toml("reasons.toml")["feature"]
NAMES = tuple(_SAID)
"""The features, in the order of `values`. Others (likeness of the texts by edit distance, statuses
and exits of one side, objects that differ or agree, texts that end alike, a common exception) were
tried and dropped: without them the probabilities of families and projects that were left out are
better. So were trees in place of the weights: boosted ones are no better.
"""


def values(a: View, b: View, overlap: float) -> tuple[float, ...]:
    """The features of a pair in the order of `NAMES`; `overlap` is that of `overlap_of`. Symmetric.

    All are between 0 and 1 except the `info_` ones, which are logarithms of word weights, and
    `rarest`, which is one weight.
    """
    weights_a, weights_b = a.weights, b.weights
    low = min(a.total, b.total)
    lack_a = sum([weights_a[w] for w in a.core if w not in weights_b])
    lack_b = sum([weights_b[w] for w in b.core if w not in weights_a])
    core_low = 1.0 - max(lack_a / max(a.core_total, 0.1), lack_b / max(b.core_total, 0.1))
    grams = len(a.grams & b.grams) / max(1, min(len(a.grams), len(b.grams)))
    swapped = _swapped(a, b) if lack_a and lack_b and overlap >= 0.5 * low else 0.0
    names = min(3, len((a.codes | a.exceptions) ^ (b.codes | b.exceptions))) / 3.0
    within = (a.core if a.total <= b.total else b.core) <= (
        weights_b if a.total <= b.total else weights_a
    ).keys()
    in_order = LCSseq.similarity(a.line, b.line)
    elsewhere = 1.0 if a.handling != b.handling else 0.0
    return (
        grams,
        core_low * log1p(low),
        log1p(low),
        log1p(max(0.0, low - overlap)),
        _begins(a.line, b.line),
        in_order / max(1, min(len(a.line), len(b.line))),
        in_order / max(1, len(a.line), len(b.line)),
        max([weight for word, weight in weights_a.items() if word in weights_b], default=0.0),
        names,
        names if within else 0.0,
        1.0 if a.numbers & b.numbers else 0.0,
        1.0 if a.figures & b.figures else 0.0,
        1.0 if same_code(a, b) else 0.0,
        1.0 if a.kinds and same_kind(a, b) else 0.0,
        min(3, len(a.kinds ^ b.kinds)) / 3.0,
        1.0 if a.provider and a.provider == b.provider else 0.0,
        1.0 if bool(a.provider) != bool(b.provider) else 0.0,
        1.0 if a.provider and b.provider and a.provider != b.provider else 0.0,
        1.0 if bool(a.decisive) != bool(b.decisive) else 0.0,
        min(1.0, swapped / 2.0) * grams,
        log1p(_inserted(a, b)) if grams >= 0.5 else 0.0,
        elsewhere,
        elsewhere if a.final & b.final else 0.0,
    )


def _begins(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """The share of the shorter main clause with which the other one begins."""
    size = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        size += 1
    return size / max(1, min(len(a), len(b)))


def features(a: View, b: View) -> dict[str, float]:
    """The features of a pair by name (see `values`)."""
    return dict(zip(NAMES, values(a, b, overlap_of(a, b)), strict=True))


def probability(a: View, b: View) -> float:
    """How probably two signatures are the same error; 0 for conflicts and few words."""
    if a.fingerprint == b.fingerprint:
        return 1.0
    # candidates that are nothing alike, most of them, are settled before anything dearer
    overlap = overlap_of(a, b)
    least = a.total if a.total < b.total else b.total
    if overlap < LEAST_OVERLAP * least and a.codes.isdisjoint(b.codes):
        return 0.0
    if conflict(a, b):
        return 0.0
    if a.scope != "message" and (is_codec(a) or begins_with(a.text, b.text)):
        return SAME_PLACE
    table = weights()
    value = logistic(table.bias + sum(map(mul, table.ordered, values(a, b, overlap))))
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
    if not kinds <= MAIN_KINDS and not a.status & b.status:
        return False  # a rate limit is one only where the service says so alike
    other_provider = a.provider and b.provider and a.provider != b.provider
    if other_provider or a.handling != b.handling:
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
    return not (a.codes | b.codes) - common and a.handling == b.handling


FEWEST = 3
"""Words that a message has at least of which another one goes on."""


def begins_with(a: str, b: str) -> bool:
    """Whether one text is the other, or its beginning, cut between two words."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if short == long:
        return True
    return long.startswith(short) and long[len(short)] == " " and short.count(" ") >= FEWEST


def judge(a: View, b: View) -> Judgement:
    """The decision on a pair with its reasons, weightiest first."""
    value = probability(a, b)
    if a.fingerprint == b.fingerprint:
        return Judgement(True, 1.0, "fingerprint", ())
    table = weights()
    reasons = []
    for name, v in features(a, b).items():
        weight, usual = table.weight.get(name, 0.0), table.usual.get(name, 0.0)
        more, less = _SAID[name]
        if weight:
            said, adds = more if v > usual else less, round(weight * v, 3)
            reasons.append(Reason(name, round(v, 3), adds, said, round(weight * (v - usual), 3)))
    reasons.sort(key=lambda r: (-abs(r.adds), r.name))
    rule = conflict(a, b)
    if rule is None and value == 0.0:
        rule = "few_words"
    if rule is None and value == SAME_PLACE:
        rule = "same_place"
    return Judgement(value >= table.threshold, round(value, 6), rule, tuple(reasons))


_RULES: dict[str, str] = load_toml("reasons.toml")["rule"]


def in_words(judgement: Judgement, most: int = 3) -> str:
    """What decided, in words without figures: a rule, or the facts that weigh most for the
    decision and the one that weighs most against it.
    """
    if judgement.rule:
        return _RULES[judgement.rule]
    told = [r for r in judgement.reasons if r.words]
    told.sort(key=lambda r: (-abs(r.speaks), r.name))
    decided = [r.words for r in told if (r.speaks > 0) == judgement.same][:most]
    against = [r.words for r in told if (r.speaks > 0) != judgement.same][:1]
    said = "; ".join(decided) or ("they are alike" if judgement.same else "they are little alike")
    return f"{said}; although {against[0]}" if against else said
