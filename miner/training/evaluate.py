"""How good a learned decision is: folds by project, figures of claims, reliability, model card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.linear import LinearModel
from kb.models import Claim

if TYPE_CHECKING:
    from pathlib import Path

    from miner.training.dataset import Labelled, Span

ENOUGH = 0.6
"""Part of the shorter of claim and label that both must share."""
FOLDS = 10
"""Folds of a cross-validation; every project is in one of them only."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trainer's part of the model card (Markdown) and the files to write, by path."""

    name: str
    card: str
    files: dict[Path, bytes]


def folds(
    groups: Sequence[str], count: int = FOLDS, seed: int = 0
) -> Iterator[tuple[list[int], list[int]]]:
    """Indices to learn from and to test on, `count` times, no group on both sides: by the groups'
    sizes, or by chance with a `seed`. Raises `BadInputError` for labels of a single group.
    """
    from sklearn.model_selection import GroupKFold

    count = min(count, len(set(groups)))
    if count < 2:
        raise BadInputError("too few labels; give folders with labels of several projects")
    split = GroupKFold(count, shuffle=seed > 0, random_state=seed or None)
    for train, test in split.split(groups, groups=groups):
        yield train.tolist(), test.tolist()


def linear_from(vectors: Any, fitted: Any) -> LinearModel:
    """A `LogisticRegression` over a `DictVectorizer` as a table of weights."""
    names = vectors.get_feature_names_out()
    rows = zip(*fitted.coef_.tolist(), strict=True)
    return LinearModel(
        tuple(str(label) for label in fitted.classes_),
        tuple(fitted.intercept_.tolist()),
        {str(name): row for name, row in zip(names, rows, strict=True)},
    )


def parts_of(
    confidence: Sequence[float], right: Sequence[bool], steps: int = 10
) -> list[tuple[float, float, int]]:
    """How often a confidence is right: (mean confidence, share that is right, number) of each of
    `steps` equal parts of 0 to 1 that holds any.
    """
    parts: dict[int, list[tuple[float, bool]]] = {}
    for value, hit in zip(confidence, right, strict=True):
        parts.setdefault(min(steps - 1, int(value * steps)), []).append((value, hit))
    return [
        (sum(v for v, _ in part) / len(part), sum(h for _, h in part) / len(part), len(part))
        for _, part in sorted(parts.items())
    ]


def reliability(chances: Sequence[float], right: Sequence[bool], steps: int = 10) -> str:
    """A reliability table (Markdown): of what was given a chance in each tenth, how much was right.

    A calibrated model has the two last columns alike. Its summary is the Brier score (mean squared
    error of the chance; lower is better).
    """
    from sklearn.metrics import brier_score_loss

    rows = []
    for mean, share, number in parts_of(chances, right, steps):
        low = min(steps - 1, int(mean * steps + 1e-9)) / steps
        rows.append((f"{low:.1f} to {low + 1 / steps:.1f}", number, f"{mean:.2f}", f"{share:.2f}"))
    score = brier_score_loss(list(right), list(chances)) if chances else 0.0
    head = ("chance", "number", "mean chance", "right")
    return f"{table(rows, head)}\nBrier score {score:.3f}.\n"


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """A Markdown table; floats with three digits."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        cells = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class Figures:
    """Figures of one kind (`fix` with workarounds); what is refuted does not count."""

    right: int = 0
    claims: int = 0
    found: int = 0
    wanted: int = 0
    top_right: int = 0
    threads: int = 0

    @property
    def precision(self) -> float:
        """Right claims among all."""
        return self.right / self.claims if self.claims else 0.0

    @property
    def recall(self) -> float:
        """Labels that a claim covers among all."""
        return self.found / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def top1(self) -> float:
        """Threads with a label whose surest claim is right."""
        return self.top_right / self.threads if self.threads else 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """As much of a claim as the measures read."""

    comment_id: int | None
    field: str
    start: int
    end: int
    kind: str
    stance: str
    confidence: float


def covers(claim: Claim | Shown, span: Span) -> bool:
    """Whether a claim and a label are the same place of the same text."""
    return span.shared_with((claim.comment_id, claim.field), claim.start, claim.end) >= ENOUGH


def measure(threads: Iterable[tuple[Labelled, Sequence[Claim | Shown]]]) -> dict[str, Figures]:
    """Figures by kind over threads with their claims."""
    out = {"cause": Figures(), "fix": Figures()}
    for labelled, claims in threads:
        for kind, figures in out.items():
            want = [s for s in labelled.spans if s.kind == kind and s.good]
            of_kind = (c for c in claims if (c.kind == "cause") == (kind == "cause"))
            got = [c for c in of_kind if c.stance != "refuted"]
            right = [any(covers(c, s) for s in want) for c in got]
            figures.right += sum(right)
            figures.claims += len(got)
            figures.found += sum(any(covers(c, s) for c in got) for s in want)
            figures.wanted += len(want)
            if want:
                figures.threads += 1
                pairs = zip(got, right, strict=True)
                best = max(pairs, key=lambda pair: pair[0].confidence, default=(None, False))
                figures.top_right += best[1]
    return out
