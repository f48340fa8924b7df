"""The learned part as tables of weights: multinomial logistic regression over named features,
scored in plain Python.

Two tables: the first reads a sentence, the second its place in the thread. The weights are readable
numbers in `weights.json`, written by `miner.training.claims`. A feature that a table does not name
weighs nothing.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Linear:
    """`labels` in order, a bias each, and for a feature's name its weights in the same order."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]

    def scores(self, features: Mapping[str, float]) -> list[float]:
        """Logits by label."""
        if len(self.bias) == 5:
            return self._five(features)
        totals = list(self.bias)
        for name, value in features.items():
            for i, weight in enumerate(self.weights.get(name, ())):
                totals[i] += weight * value
        return totals

    def _five(self, features: Mapping[str, float]) -> list[float]:
        """The same, unrolled for the five labels of sentences: this is where the time goes."""
        a, b, c, d, e = self.bias
        get = self.weights.get
        for name, value in features.items():
            row = get(name)
            if row is not None:
                v, w, x, y, z = row
                a += v * value
                b += w * value
                c += x * value
                d += y * value
                e += z * value
        return [a, b, c, d, e]

    def probabilities(self, features: Mapping[str, float]) -> tuple[float, ...]:
        """Probabilities by label; they add up to 1."""
        return softmax(self.scores(features))


def softmax(scores: Sequence[float]) -> tuple[float, ...]:
    """Probabilities of logits."""
    top = max(scores)
    powers = [math.exp(s - top) for s in scores]
    total = sum(powers)
    return tuple(p / total for p in powers)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chances from which a run of sentences is cited (`cause`, `fix`), is kept as refuted, and a
    sentence joins a run (`join`).

    `surest`: from which the surest run of its kind is cited in a thread where none reaches `cause`
    or `fix`.
    """

    cause: float
    fix: float
    refuted: float
    join: float
    surest: float


@dataclass(frozen=True, slots=True)
class Model:
    """The two tables and the thresholds chosen by cross-validation."""

    sentence: Linear
    course: Linear
    thresholds: Thresholds


def linear_of(document: Mapping[str, Any]) -> Linear:
    """A table from its JSON form: `labels`, `bias`, and `weights` by feature name."""
    return Linear(
        tuple(document["labels"]),
        tuple(document["bias"]),
        {name: tuple(row) for name, row in document["weights"].items()},
    )


@lru_cache(maxsize=1)
def load() -> Model:
    """The packaged model."""
    document = json.loads(
        resources.files("miner.extract").joinpath("weights.json").read_text(encoding="utf-8")
    )
    return Model(
        linear_of(document["sentence"]),
        linear_of(document["course"]),
        Thresholds(**document["thresholds"]),
    )
