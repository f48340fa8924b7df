"""Linear models as tables that people can read: a bias and one weight a feature for every label.

One class, one JSON form, one reader and one writer for all learned decisions of the program.
Scoring is plain Python, so that no command has to load scikit-learn; the trainers of
`miner.training` fit the tables with it.

The JSON form, a feature a line and sorted by name, so that a retraining reads well as a diff::

    {"labels": ["other", "cause"], "biases": [-2.1], "weights": {
    "cue:turned out": [1.2],
    ...
    }}

A model of two labels may have one column (log odds of the second label, as scikit-learn fits it);
any other has a column a label.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kb.errors import BadInputError

DIGITS = 3
"""Digits after the point that weights are written with."""
LEAST = 0.005
"""A feature whose weights are all nearer to zero than this is not written."""


class LinearModel(NamedTuple):
    """Logistic regression over named features, binary or multinomial.

    `labels` in order; `biases` and each row of `weights` have one number a label, or a single one
    where there are two labels: the log odds of the second. A feature without a row weighs nothing.
    """

    labels: tuple[str, ...]
    biases: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]

    def scores(self, features: Mapping[str, float]) -> list[float]:
        """Sums of weights, one a column: log odds up to a constant."""
        get, totals = self.weights.get, list(self.biases)
        known = [(row, value) for name, value in features.items() if value and (row := get(name))]
        for column, total in enumerate(totals):
            for row, value in known:
                total += row[column] * value
            totals[column] = total
        return totals

    def score(self, features: Mapping[str, float]) -> float:
        """The single sum of a model with one column: log odds of its second label, or a rank."""
        return self.scores(features)[0]

    def probabilities(self, features: Mapping[str, float]) -> tuple[float, ...]:
        """Probabilities in the order of `labels`; they add up to 1."""
        scores = self.scores(features)
        return softmax(scores if len(scores) > 1 else (0.0, scores[0]))


def logistic(odds: float) -> float:
    """The probability of log odds."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def softmax(scores: Sequence[float]) -> tuple[float, ...]:
    """Probabilities of log odds; they add up to 1."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return tuple(power / total for power in powers)


def read_linear(text: str, name: str = "the model") -> LinearModel:
    """The model of a JSON document. Raises `BadInputError` with the file's `name` if it is none."""
    try:
        return linear_of(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(
            f"{name}: no linear model ({error}); write it again with python -m miner.training"
        ) from error


def linear_of(document: Mapping[str, Any]) -> LinearModel:
    """The model of a parsed document. Raises `KeyError` or `ValueError` where it is none."""
    labels = tuple(document["labels"])
    biases = tuple(float(bias) for bias in document["biases"])
    rows = {name: tuple(map(float, row)) for name, row in document["weights"].items()}
    if any(len(row) != len(biases) for row in rows.values()):
        raise ValueError("a row of weights is not as long as the biases")
    if len(biases) not in (1, len(labels)):
        raise ValueError("there are neither one bias nor as many as labels")
    return LinearModel(labels, biases, rows)


def write_linear(model: LinearModel, digits: int = DIGITS, least: float = LEAST) -> str:
    """The JSON form of a model; what is read from it is the model with rounded weights."""

    def rounded(row: Sequence[float]) -> str:
        # Minus zero would make two trainings differ that are the same.
        return json.dumps([round(float(w), digits) + 0.0 for w in row])

    biases = [round(float(bias), digits) + 0.0 for bias in model.biases]
    rows = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}: {rounded(row)}"
        for name, row in sorted(model.weights.items())
        if max(map(abs, row), default=0.0) >= least
    )
    lead = json.dumps({"labels": model.labels, "biases": biases}, ensure_ascii=False)[:-1]
    return f'{lead}, "weights": {{\n{rows}\n}}}}\n'
