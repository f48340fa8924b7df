"""The learned part: what a sentence does, and whether a run of such sentences is a claim.

Two steps. The sentence model (`weights.json`) gives every sentence five chances: that it states a
cause, one that the thread refutes, a fix, one that the thread refutes, or none of these. The claim
models (`claim_weights.json`), one for causes and one for fixes, judge runs of such sentences in
their thread: by a logistic regression and a forest of random trees (Geurts 2006) over what the
thread makes of a run and what the encoder reads in it (`encoder.py`), and by a regression over its
words. They are calibrated by Platt's method on projects held out. Both files are written by
`python -m miner.training`; but for the encoder, scoring is plain Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import resources
from typing import Any

import msgspec

from kb.linear import DIGITS, LinearModel, linear_of, logistic
from miner.extract.features import LETTERS, SentenceParts, letter_runs, token_names

LABELS = ("none", "cause", "cause-", "fix", "fix-")
"""What a sentence is; those with a minus are refuted in their thread."""
VERDICTS = ("none", "good", "refuted")
"""What a run is: no claim of its thread, one that stands, one that the thread refutes."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Calibrated chances from which a run is kept as a claim (`cause`, `fix`), or as refuted.

    `surest`: from which the surest run of its kind is kept in a thread where none reaches `cause`
    or `fix`. `publish`: from which documents show a claim unless the configuration says otherwise.
    """

    cause: float
    fix: float
    refuted: float
    surest: float
    publish: float


Node = tuple[Any, Any, Any, Any]
"""`(feature, threshold, left, right)`: the number of a feature and two nodes, the left one if the
feature is at most the threshold; or a leaf, -1 and the chances of all verdicts but the first.
"""


def linked(tree: Sequence[Sequence[Any]], number: int = 0) -> Node:
    """A node of a tree as `claim_weights.json` has it (nodes name the two after them by number; a
    leaf has its chances alone), with all that follow it.
    """
    first, second, *after = tree[number]
    if not after:
        return -1, first, second, None
    return first, second, linked(tree, after[0]), linked(tree, after[1])


@dataclass(frozen=True, slots=True)
class Forest:
    """Random trees over numbered features; a row's chances are the mean over its leaves."""

    features: tuple[str, ...]
    trees: tuple[Node, ...]

    def probabilities(self, features: Mapping[str, float]) -> tuple[float, float, float]:
        """Chances in the order of `VERDICTS`."""
        row = [features.get(name, 0.0) for name in self.features]
        good = refuted = 0.0
        for feature, cut, left, right in self.trees:
            while feature >= 0:
                feature, cut, left, right = left if row[feature] <= cut else right
            good += cut
            refuted += left
        good, refuted = good / len(self.trees), refuted / len(self.trees)
        return 1 - good - refuted, good, refuted


BY_WORDS = 0.2
"""What the regression over words counts, as an exponent; the mean of the others has the rest."""


def pooled(
    by_line: Sequence[float], by_forest: Sequence[float], by_words: Sequence[float]
) -> tuple[float, ...]:
    """What three models say together, by `VERDICTS`. Words alone know little, but what they make
    unlikely is so: their chances are multiplied, those of the other two averaged.
    """
    powers = [
        max((line + leaf) / 2, 1e-4) ** (1 - BY_WORDS) * max(word, 1e-4) ** BY_WORDS
        for line, leaf, word in zip(by_line, by_forest, by_words, strict=True)
    ]
    total = sum(powers)
    return tuple(power / total for power in powers)


@dataclass(frozen=True, slots=True)
class ClaimModel:
    """Judges runs of one kind. `calibration`, by label of `VERDICTS` but the first: slope and
    offset of the log odds, and what they lose by the log of how many times `LONG` sentences a
    thread has.
    """

    linear: LinearModel
    forest: Forest
    words: LinearModel
    calibration: tuple[Calibration, ...]

    def chances(
        self, features: Mapping[str, float], words: Mapping[str, float]
    ) -> tuple[float, float]:
        """Calibrated chances that the run stands, and that the thread refutes it, by the features
        of a run and its words (`claim_features`).
        """
        together = pooled(
            self.linear.probabilities(features),
            self.forest.probabilities(features),
            self.words.probabilities(words),
        )
        over = over_long(features["sentences in thread"])
        good, refuted = (
            calibrated(chance, one, over)
            for chance, one in zip(together[1:], self.calibration, strict=True)
        )
        return good, refuted


@dataclass(frozen=True, slots=True)
class Model:
    """All that is learned, and the thresholds chosen by cross-validation over projects."""

    sentence: SentenceModel
    cause: ClaimModel
    fix: ClaimModel
    thresholds: Thresholds


Calibration = tuple[float, float, float]
LONG = 60
"""Sentences above which a thread is long. Of two sentences that read alike, the one in a long
technical thread is a claim less often: more of the same is said there."""


def over_long(log_sentences: float) -> float:
    """By how much a thread is longer than `LONG`, as a log; 0 for others. Given the log of its
    sentences.
    """
    return max(0.0, log_sentences - math.log(LONG))


def calibrated(chance: float, calibration: Calibration, over: float) -> float:
    """A model's chance as a part of right ones among those with it (Platt)."""
    slope, offset, length = calibration
    return logistic(slope * log_odds(chance) + offset + length * over)


def log_odds(chance: float) -> float:
    """Log odds, cut at 0.001 and 0.999."""
    chance = min(max(chance, 1e-3), 1 - 1e-3)
    return math.log(chance / (1 - chance))


_UNIT = 10**DIGITS
"""Weights are written with so many digits that sums of them, times this, are whole numbers."""
_BITS = 32
"""Bits that each label's sum has in a packed row."""
_LANES = [_BITS * i for i in range(len(LABELS))]
_HALF = 1 << (_BITS - 1)
_HALVES = sum(_HALF << lane for lane in _LANES)
_WORDS = 1 << 15
"""Words, and groups of names, whose sums are remembered."""


def _packed(row: Sequence[float]) -> int:
    """A row of five weights as one whole number, so that rows are added up in one sum."""
    a, b, c, d, e = row
    total: int = (
        round(a * _UNIT)
        + (round(b * _UNIT) << _BITS)
        + (round(c * _UNIT) << 2 * _BITS)
        + (round(d * _UNIT) << 3 * _BITS)
        + (round(e * _UNIT) << 4 * _BITS)
    )
    return total


def _unpacked(total: int) -> list[float]:
    """The five sums of packed rows; the half that is added keeps each of them above zero."""
    total += _HALVES
    mask = (1 << _BITS) - 1
    return [(((total >> lane) & mask) - _HALF) / _UNIT for lane in _LANES]


class SentenceModel:
    """Five regressions, one label against the rest each, over `SentenceParts`.

    Words come again and again, so what a word weighs (itself, its stems, its letters) is added up
    once, and the five sums of a sentence are one sum of whole numbers: this is where the time of
    finding claims went.
    """

    def __init__(self, linear: LinearModel) -> None:
        self.linear = linear
        self._bias = _packed(linear.biases)
        self._rows: dict[str, int] = {}
        self._of: dict[str, dict[str, int]] = {name: {} for name in ("w=", "p=", "n=", "c=", "r=")}
        for name, weights in linear.weights.items():
            self._rows[name] = row = _packed(weights)
            if (of := self._of.get(name[:2])) is not None:
                of[name[2:]] = row
        self._own = lru_cache(maxsize=_WORDS)(self._own_row)
        self._letters = lru_cache(maxsize=_WORDS)(self._letter_row)
        self._group = lru_cache(maxsize=_WORDS)(partial(_added, self._rows))

    def _own_row(self, token: str) -> int:
        return _added(self._rows, token_names(token))

    def _letter_row(self, word: str) -> tuple[int, int]:
        runs = letter_runs(word)
        return len(runs), _added(self._of["c="], runs)

    def scores(self, parts: SentenceParts) -> list[float]:
        """Log odds by label."""
        speaker = parts.speaker.removeprefix("r=")
        sums = _unpacked(
            self._bias
            + sum(map(self._own, parts.tokens))
            + self._group(parts.about)
            + sum(map(self._group, parts.groups))
            + _added(self._of["w="], parts.pairs)
            + _added(self._of["r="], [speaker + token for token in parts.tokens])
            + _added(self._of["p="], parts.before)
            + _added(self._of["n="], parts.after)
        )
        if parts.letters:
            counts, rows = zip(*map(self._letters, parts.letters), strict=True)
            factor = LETTERS / sum(counts) ** 0.5
            spelled = _unpacked(sum(rows))
            sums = [one + factor * two for one, two in zip(sums, spelled, strict=True)]
        return sums

    def chances(self, parts: SentenceParts) -> tuple[float, ...]:
        """Chances by label; they add up to 1."""
        powers = [logistic(score) for score in self.scores(parts)]
        total = sum(powers)
        return tuple(power / total for power in powers)


def _added(rows: Mapping[str, int], names: Iterable[str]) -> int:
    """The sum of the packed rows of some features; one without a row weighs nothing."""
    return sum(filter(None, map(rows.get, names)))


def claim_model_of(document: Mapping[str, Any]) -> ClaimModel:
    """The model of one kind from its JSON form."""
    forest = document["forest"]
    return ClaimModel(
        linear_of(document["linear"]),
        Forest(tuple(forest["features"]), tuple(map(linked, forest["trees"]))),
        linear_of(document["words"]),
        tuple(
            (float(slope), float(offset), float(length))
            for slope, offset, length in document["calibration"]
        ),
    )


@lru_cache(maxsize=1)
def load() -> Model:
    """The packaged model."""
    folder = resources.files("miner.extract")
    sentences, document = (
        msgspec.json.decode(folder.joinpath(name).read_bytes())
        for name in ("weights.json", "claim_weights.json")
    )
    return Model(
        SentenceModel(linear_of(sentences)),
        claim_model_of(document["cause"]),
        claim_model_of(document["fix"]),
        Thresholds(**document["thresholds"]),
    )


def kinds(chances: Sequence[float]) -> tuple[float, float]:
    """The chances that a sentence states a cause and a fix, refuted or not."""
    return chances[1] + chances[2], chances[3] + chances[4]
