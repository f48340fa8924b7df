"""Trains the tables of `weights.json` on labelled threads, and reports their quality by
cross-validation over fields.

    python -m miner.training.claims data/labels            trains and writes the weights
    python -m miner.training.claims data/labels --report   only reports: train on all fields but
    one, test on that one

A field is a hundred of thread numbers (11xx editor agents, 12xx command line agents, ...). The
second table learns from what the first says of threads that it has not seen (stacking), as it will
meet it in use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from miner.extract.context import ClaimContext
from miner.extract.course import Course
from miner.extract.features import sentence_features
from miner.extract.find import candidates, claims_of, closing
from miner.extract.model import Linear, Model, Thresholds
from miner.extract.posts import Post, posts_of
from miner.extract.replies import Said
from miner.training.dataset import LABELS, Labelled, overlap, read_labels
from miner.training.evaluate import ENOUGH, Figures, measure

if TYPE_CHECKING:
    from collections.abc import Sequence


WEIGHTS = Path(__file__).resolve().parents[1] / "extract" / "weights.json"

LEAST_SEEN = 5
"""Sentences that a feature must be in to get a weight."""

DIGITS, LEAST_WEIGHT = 3, 0.01
"""Digits that weights are written with, and below which in all labels a feature is left out."""

STRENGTH = {"sentence": 0.05, "course": 0.003}
"""Inverse regularisation of the two tables, chosen by cross-validation."""

THRESHOLDS = Thresholds(cause=0.33, fix=0.37, refuted=0.4, join=0.06, surest=0.2)
"""Chosen by cross-validation."""

THIN = frozenset({23, 24, 25})
"""Fields (long technical threads, plain short ones, terse technical ones) that are thin; each of
their threads counts twice.
"""

Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class _Who:
    role: str
    evidence: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled thread with its candidates and their labels (indices of `LABELS`)."""

    labelled: Labelled
    posts: list[Post]
    candidates: list[tuple[Post, int]]
    labels: list[int]

    @property
    def field(self) -> int:
        """The field that its number tells."""
        return self.labelled.thread.number // 100


def context_of(labelled: Labelled) -> ClaimContext:
    """The context of a thread whose adverts and bots are known from its labels."""
    bad = {number for number, why in labelled.no_evidence.items() if why in ("advert", "bot")}
    return ClaimContext(posts={number: _Who("bot", False) for number in bad})


def example(labelled: Labelled) -> Example:
    """The candidates of a thread, each with the label that covers most of it."""
    posts = posts_of(labelled.thread, context_of(labelled))
    found = candidates(posts)
    return Example(labelled, posts, found, [_label(labelled, post, i) for post, i in found])


def _label(labelled: Labelled, post: Post, number: int) -> int:
    sentence = post.sentences[number]
    best, label = 0, "none"
    for span in labelled.spans:
        if (span.comment_id, span.field) == post.place and overlap(
            sentence.start, sentence.end, span.start, span.end
        ) >= ENOUGH:
            shared = min(sentence.end, span.end) - max(sentence.start, span.start)
            if shared > best:
                best, label = shared, span.kind + ("" if span.good else "-")
    return LABELS.index(label)


# ---------------------------------------------------------------- the two tables


def fit(rows: Sequence[Row], labels: Sequence[int], strength: float, least: int) -> Linear:
    """A table for rows of named numbers. Numbers are brought to one scale for fitting if `least` is
    0 (the second table).
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for row in rows for name in row)
    names = sorted(name for name, count in seen.items() if count >= max(least, 1))
    place = {name: i for i, name in enumerate(names)}
    values, columns, ends = [], [], [0]
    for row in rows:
        for name, value in row.items():
            if name in place:
                columns.append(place[name])
                values.append(value)
        ends.append(len(columns))
    matrix = csr_matrix((values, columns, ends), shape=(len(rows), len(names)))
    scale, middle = np.ones(len(names)), np.zeros(len(names))
    dense: Any = matrix
    if not least:
        dense = matrix.toarray()
        middle, scale = dense.mean(0), np.maximum(dense.std(0), 1e-6)
        dense = (dense - middle) / scale
    model = LogisticRegression(C=strength, max_iter=100).fit(dense, np.array(labels))
    weights = model.coef_ / scale
    bias = model.intercept_ - weights @ middle
    table = {
        name: tuple(round(float(w), DIGITS) for w in weights[:, i])
        for name, i in place.items()
        if np.abs(weights[:, i]).max() >= LEAST_WEIGHT
    }
    return Linear(LABELS, tuple(round(float(b), DIGITS) for b in bias), table)


def first_rows(one: Example) -> list[Row]:
    """The rows of the first table."""
    return [dict.fromkeys(sentence_features(one.posts, post, i), 1.0) for post, i in one.candidates]


def second_rows(one: Example, chances: Sequence[tuple[float, ...]]) -> list[Row]:
    """The rows of the second table, given the first one's chances."""
    course = Course(one.posts, one.candidates, chances, closing(one.labelled.thread))
    return [course.features(k) for k in range(len(one.candidates))]


def _flat(items: Sequence[Sequence[Any]]) -> list[Any]:
    return [x for item in items for x in item]


class Training:
    """Examples with their rows; `held_out` gives chances from a table that has not seen the
    example's field.
    """

    def __init__(self, labelled: Sequence[Labelled]) -> None:
        self.examples = [example(one) for one in labelled]
        self.fields = sorted({one.field for one in self.examples})
        self.first = [first_rows(one) for one in self.examples]
        self.first_chances = self._held_out(self.first, STRENGTH["sentence"], LEAST_SEEN)
        self.second = [
            second_rows(one, chances)
            for one, chances in zip(self.examples, self.first_chances, strict=True)
        ]

    def _fit(
        self, rows: Sequence[Sequence[Row]], strength: float, least: int, without: int | None = None
    ) -> Linear:
        chosen = [
            i
            for i, one in enumerate(self.examples)
            if one.field != without
            for _ in range(2 if one.field in THIN else 1)
        ]
        return fit(
            _flat([rows[i] for i in chosen]),
            _flat([self.examples[i].labels for i in chosen]),
            strength,
            least,
        )

    def _held_out(
        self, rows: Sequence[Sequence[Row]], strength: float, least: int
    ) -> list[list[tuple[float, ...]]]:
        out: list[list[tuple[float, ...]]] = [[] for _ in self.examples]
        for field in self.fields:
            table = self._fit(rows, strength, least, without=field)
            for i, one in enumerate(self.examples):
                if one.field == field:
                    out[i] = [table.probabilities(row) for row in rows[i]]
        return out

    def held_out(self) -> list[list[Said]]:
        """Every candidate of every example with the chances that a model gives which has not seen
        its field.
        """
        chances = self._held_out(self.second, STRENGTH["course"], 0)
        return [
            [Said(post, i, row) for (post, i), row in zip(one.candidates, rows, strict=True)]
            for one, rows in zip(self.examples, chances, strict=True)
        ]

    def model(self) -> Model:
        """The model of all examples."""
        return Model(
            self._fit(self.first, STRENGTH["sentence"], LEAST_SEEN),
            self._fit(self.second, STRENGTH["course"], 0),
            THRESHOLDS,
        )

    def report(
        self, said: Sequence[Sequence[Said]], thresholds: Thresholds = THRESHOLDS
    ) -> dict[str, Figures]:
        """Figures of held-out chances."""
        return measure(
            (one.labelled, claims_of(list(row), thresholds, (), context_of(one.labelled)))
            for one, row in zip(self.examples, said, strict=True)
        )


def table_text(table: dict[str, Figures]) -> str:
    """Figures as a Markdown table."""
    lines = [
        "| kind | precision | recall | F1 | top1 | claims |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for kind, f in table.items():
        lines.append(
            f"| {kind} | {f.precision:.3f} | {f.recall:.3f} | {f.f1:.3f} | {f.top1:.3f} | "
            f"{f.claims} |"
        )
    return "\n".join(lines) + "\n"


def document(model: Model) -> str:
    """The model as JSON, a feature a line."""

    def part(table: Linear) -> str:
        rows = ",\n".join(
            f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}"
            for name, row in sorted(table.weights.items())
        )
        return (
            f'{{"labels": {json.dumps(table.labels)}, "bias": {json.dumps(table.bias)}, '
            f'"weights": {{\n{rows}\n}}}}'
        )

    thresholds = json.dumps(asdict(model.thresholds))
    return (
        f'{{"thresholds": {thresholds},\n"sentence": {part(model.sentence)},\n'
        f'"course": {part(model.course)}}}\n'
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains and writes, or reports."""
    # Small matrices: more threads only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "labels", type=Path, help="folder with claims_*.jsonl.gz and claims_*.jsonl"
    )
    parser.add_argument("--report", action="store_true", help="cross-validate, write nothing")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    training = Training([t for one in read_labels([options.labels]) for t in one.threads])
    if options.report:
        sys.stdout.write(table_text(training.report(training.held_out())))
    else:
        options.out.write_text(document(training.model()), encoding="utf-8")


if __name__ == "__main__":
    main()
