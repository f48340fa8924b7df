"""Trains the tables of `weights.json` on labelled threads (`python -m miner.training --only claims
FOLDER...`), with figures by cross-validation over projects.

The second table learns from what the first says of threads of projects that it has not seen
(stacking), as it will meet it in use.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from miner.extract.context import ClaimContext
from miner.extract.course import Course
from miner.extract.features import sentence_features
from miner.extract.find import candidates, claims_of, closing
from miner.extract.model import Linear, Model, Thresholds
from miner.extract.posts import Post, posts_of
from miner.extract.replies import Said
from miner.training.dataset import LABELS, Labelled, LabelledSet, overlap, read_labels
from miner.training.evaluate import ENOUGH, Figures, Trained, folds, measure

if TYPE_CHECKING:
    from collections.abc import Sequence


WEIGHTS = Path(__file__).resolve().parents[1] / "extract" / "weights.json"

LEAST_SEEN = 5
"""Sentences that a feature must be in to get a weight."""

DIGITS, LEAST_WEIGHT = 3, 0.01
"""Digits that weights are written with, and below which in all labels a feature is left out."""

STRENGTH = {"sentence": 0.05, "course": 0.003}
"""Inverse regularisation of the two tables, chosen by cross-validation."""

THRESHOLDS = Thresholds(cause=0.33, fix=0.37, refuted=0.4, join=0.1, surest=0.2)
"""Where the search for thresholds begins."""
GRID = {
    "join": (0.06, 0.1, 0.15, 0.2),
    "cause": (0.25, 0.29, 0.33, 0.37, 0.41, 0.45),
    "fix": (0.25, 0.29, 0.33, 0.37, 0.41, 0.45),
    "surest": (0.12, 0.16, 0.2, 0.25, 0.3),
}

MADE_UP = 0.5
"""What a sentence of a made-up thread counts against one that people wrote."""
FOLDS = 5

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
    def project(self) -> str:
        """What folds are made by."""
        return self.labelled.project


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


def fit(
    rows: Sequence[Row],
    labels: Sequence[int],
    counts: Sequence[float],
    strength: float,
    least: int,
) -> Linear:
    """A table for rows of named numbers, each of which counts as often as `counts` says. Numbers
    are brought to one scale for fitting if `least` is 0 (the second table).
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
    model = LogisticRegression(C=strength, max_iter=200)
    model.fit(dense, np.array(labels), sample_weight=np.array(counts))
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
    example's project.
    """

    def __init__(self, sets: Sequence[LabelledSet]) -> None:
        self.examples = [example(one) for part in sets for one in part.threads]
        self.real = [part.real for part in sets for _ in part.threads]
        self.folds = list(folds([one.project for one in self.examples], FOLDS))
        self.first = [first_rows(one) for one in self.examples]
        self.first_chances = self._held_out(self.first, STRENGTH["sentence"], LEAST_SEEN)
        self.second = [
            second_rows(one, chances)
            for one, chances in zip(self.examples, self.first_chances, strict=True)
        ]

    def _fit(
        self,
        rows: Sequence[Sequence[Row]],
        strength: float,
        least: int,
        chosen: Sequence[int] | None = None,
    ) -> Linear:
        chosen = range(len(self.examples)) if chosen is None else chosen
        return fit(
            _flat([rows[i] for i in chosen]),
            _flat([self.examples[i].labels for i in chosen]),
            _flat([[1.0 if self.real[i] else MADE_UP] * len(rows[i]) for i in chosen]),
            strength,
            least,
        )

    def _held_out(
        self, rows: Sequence[Sequence[Row]], strength: float, least: int
    ) -> list[list[tuple[float, ...]]]:
        out: list[list[tuple[float, ...]]] = [[] for _ in self.examples]
        for train, test in self.folds:
            table = self._fit(rows, strength, least, train)
            for i in test:
                out[i] = [table.probabilities(row) for row in rows[i]]
        return out

    def held_out(self) -> list[list[Said]]:
        """Every candidate of every example with the chances that a model gives which has not seen
        its project.
        """
        chances = self._held_out(self.second, STRENGTH["course"], 0)
        return [
            [Said(post, i, row) for (post, i), row in zip(one.candidates, rows, strict=True)]
            for one, rows in zip(self.examples, chances, strict=True)
        ]

    def model(self, thresholds: Thresholds) -> Model:
        """The model of all examples."""
        return Model(
            self._fit(self.first, STRENGTH["sentence"], LEAST_SEEN),
            self._fit(self.second, STRENGTH["course"], 0),
            thresholds,
        )

    def report(
        self, said: Sequence[Sequence[Said]], thresholds: Thresholds, *, real: bool
    ) -> dict[str, Figures]:
        """Figures of held-out chances, over threads that people wrote or over made-up ones."""
        return measure(
            (one.labelled, claims_of(list(row), thresholds, (), context_of(one.labelled)))
            for one, row, is_real in zip(self.examples, said, self.real, strict=True)
            if is_real == real
        )

    def best(self, said: Sequence[Sequence[Said]]) -> Thresholds:
        """The thresholds with the highest F1 on real threads, one after the other."""
        best = THRESHOLDS
        real = any(self.real)
        for name, steps in GRID.items():
            kinds = (name,) if name in ("cause", "fix") else ("cause", "fix")
            tried = [replace(best, **{name: step}) for step in steps]
            best = max(
                tried,
                key=lambda t: sum(self.report(said, t, real=real)[kind].f1 for kind in kinds),
            )
        return best


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


def trained(folders: Sequence[Path]) -> Trained:
    """Both tables from all labelled threads of folders, with figures for projects that a model had
    not seen.
    """
    sets = read_labels(folders)
    training = Training(sets)
    said = training.held_out()
    thresholds = training.best(said)
    names = ", ".join(f"{one.name} ({len(one.threads)})" for one in sets)
    card = f"Labelled threads: {names}. Figures by {FOLDS} folds over projects.\n"
    for real, title in ((True, "Threads that people wrote"), (False, "Made-up threads")):
        if real in training.real:
            figures = training.report(said, thresholds, real=real)
            card += f"\n### {title}\n\n{table_text(figures)}"
    text = document(training.model(thresholds))
    return Trained("claims", card, {WEIGHTS: text})
