"""The learned part as a table of weights: multinomial logistic regression over named features, scored in plain Python.

The weights are readable numbers in `weights.json`, written by `miner.claims.train`. A feature that the table does not name
weighs nothing.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Linear:
    """`labels` in order, a bias each, and for a feature's name its weights in the same order."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]

    def scores(self, features: Iterable[str]) -> list[float]:
        """Logits by label; a feature counts once, however often it is named."""
        totals = list(self.bias)
        get = self.weights.get
        for name in set(features):
            row = get(name)
            if row is not None:
                for i, weight in enumerate(row):
                    totals[i] += weight
        return totals

    def probabilities(self, features: Iterable[str]) -> list[float]:
        """Probabilities by label; they add up to 1."""
        return softmax(self.scores(features))


def softmax(scores: Sequence[float]) -> list[float]:
    """Probabilities of logits."""
    top = max(scores)
    powers = [math.exp(s - top) for s in scores]
    total = sum(powers)
    return [p / total for p in powers]


@dataclass(frozen=True, slots=True)
class Model:
    """The tables that finding uses, with the thresholds that were chosen by cross-validation."""

    sentence: Linear
    thresholds: Mapping[str, float]


def linear_of(document: Mapping[str, object]) -> Linear:
    """A table from its JSON form: `labels`, `bias`, and `weights` by feature name."""
    labels, bias, weights = document["labels"], document["bias"], document["weights"]
    assert isinstance(labels, list)
    assert isinstance(bias, list)
    assert isinstance(weights, dict)
    return Linear(tuple(labels), tuple(bias), {name: tuple(row) for name, row in weights.items()})


@lru_cache(maxsize=1)
def load() -> Model:
    """The packaged model."""
    document = json.loads(resources.files("miner.claims").joinpath("weights.json").read_text(encoding="utf-8"))
    return Model(linear_of(document["sentence"]), document["thresholds"])
