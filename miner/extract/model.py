"""The learned part: what a sentence does, and whether a run of such sentences is a claim.

Two steps. The sentence model (`weights.json`) gives every sentence five chances: that it states a
cause, one that the thread refutes, a fix, one that the thread refutes, or none of these. The claim
models (`claim_weights.json`), one for causes and one for fixes, judge runs of such sentences in
their thread. They are the mean of a logistic regression and of boosted trees (Friedman 2001), and
are calibrated by Platt's method on projects held out. Both files are written by
`python -m miner.training`; scoring is plain Python.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from kb.linear import LinearModel, linear_of, read_linear, softmax
from miner.extract.features import LETTER_RUN, PREFIXES, letter_weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from miner.extract.features import Group

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


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted regression trees: for every label of `VERDICTS` a start and trees that are added up.

    A node is `(feature, threshold, left, right)`: the numbers of a feature and of two nodes of the
    same tree, left if the feature is at most the threshold; a leaf is a number.
    """

    features: tuple[str, ...]
    start: tuple[float, ...]
    trees: tuple[tuple[tuple[Any, ...], ...], ...]

    def probabilities(self, features: Mapping[str, float]) -> tuple[float, ...]:
        """Chances by label."""
        row = [features.get(name, 0.0) for name in self.features]
        totals = list(self.start)
        for trees in self.trees:
            for label, tree in enumerate(trees):
                node = tree[0]
                while isinstance(node, tuple):
                    feature, threshold, left, right = node
                    node = tree[left if row[feature] <= threshold else right]
                totals[label] += node
        return softmax(totals)


@dataclass(frozen=True, slots=True)
class ClaimModel:
    """Judges runs of one kind. `calibration`: slope and offset of the log odds by label of
    `VERDICTS` but the first.
    """

    linear: LinearModel
    trees: Trees
    calibration: tuple[tuple[float, float], ...]

    def chances(self, features: Mapping[str, float]) -> tuple[float, float]:
        """Calibrated chances that the run stands, and that the thread refutes it."""
        pairs = zip(
            self.linear.probabilities(features), self.trees.probabilities(features), strict=True
        )
        mean = [(one + two) / 2 for one, two in pairs]
        good, refuted = (
            _sigmoid(slope * log_odds(chance) + offset)
            for chance, (slope, offset) in zip(mean[1:], self.calibration, strict=True)
        )
        return good, refuted


@dataclass(frozen=True)
class Model:
    """All that is learned, and the thresholds chosen by cross-validation over projects."""

    sentence: LinearModel
    cause: ClaimModel
    fix: ClaimModel
    thresholds: Thresholds

    @cached_property
    def scorer(self) -> SentenceScorer:
        """The sentence model as it is asked."""
        return SentenceScorer(self.sentence)


def log_odds(chance: float) -> float:
    """Log odds, cut at 0.001 and 0.999."""
    chance = min(max(chance, 1e-3), 1 - 1e-3)
    return math.log(chance / (1 - chance))


def _sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def sentence_chances(model: LinearModel, features: Mapping[str, float]) -> tuple[float, ...]:
    """Chances by label of `LABELS` of five regressions, one label against the rest each; they add
    up to 1.
    """
    return _one_against_rest(model.scores(features))


def _one_against_rest(scores: Sequence[float]) -> tuple[float, ...]:
    powers = [_sigmoid(score) for score in scores]
    total = sum(powers)
    return tuple(p / total for p in powers)


class SentenceScorer:
    """`sentence_chances` for groups of features (`features.feature_groups`), whose names are looked
    up in tables by prefix: putting the names together costs more than judging them.
    """

    def __init__(self, model: LinearModel) -> None:
        self._biases = model.biases
        self._tables: dict[str, dict[str, tuple[float, ...]]] = {p: {} for p in ("", *PREFIXES)}
        for name, row in model.weights.items():
            prefix = name[:2] if name[:2] in self._tables else ""
            self._tables[prefix][name[len(prefix) :]] = row

    def chances(self, groups: Iterable[Group]) -> tuple[float, ...]:
        """Chances by label of `LABELS`; they add up to 1."""
        rows: list[tuple[float, ...]] = [self._biases]
        for prefix, names in groups:
            get = self._tables[prefix].get
            found = [row for name in names if (row := get(name)) is not None]
            if prefix == LETTER_RUN and found:
                weight = letter_weight(names)
                rows.append(tuple([weight * total for total in map(sum, zip(*found, strict=True))]))
            else:
                rows += found
        return _one_against_rest(list(map(sum, zip(*rows, strict=True))))


def trees_of(document: Mapping[str, Any]) -> Trees:
    """Trees from their JSON form."""

    def node(one: Any) -> Any:
        if not isinstance(one, list):
            return float(one)
        feature, threshold, left, right = one
        return int(feature), float(threshold), int(left), int(right)

    return Trees(
        tuple(document["features"]),
        tuple(map(float, document["start"])),
        tuple(tuple(tuple(map(node, tree)) for tree in trees) for trees in document["trees"]),
    )


def claim_model_of(document: Mapping[str, Any]) -> ClaimModel:
    """The model of one kind from its JSON form."""
    return ClaimModel(
        linear_of(document["linear"]),
        trees_of(document["trees"]),
        tuple((float(slope), float(offset)) for slope, offset in document["calibration"]),
    )


@lru_cache(maxsize=1)
def load() -> Model:
    """The packaged model."""
    folder = resources.files("miner.extract")
    text = folder.joinpath("weights.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(
        folder.joinpath("claim_weights.json").read_text(encoding="utf-8")
    )
    return Model(
        read_linear(text, "weights.json"),
        claim_model_of(document["cause"]),
        claim_model_of(document["fix"]),
        Thresholds(**document["thresholds"]),
    )


def kinds(chances: Sequence[float]) -> tuple[float, float]:
    """The chances that a sentence states a cause and a fix, refuted or not."""
    return chances[1] + chances[2], chances[3] + chances[4]
