"""Learns the weights of `kb.matching.model` from the labelled families and reports how well they
generalise.

    python -m miner.training.matching            # report only
    python -m miner.training.matching --write    # and write kb/weights/match.json

Positives are pairs of texts of one family, negatives pairs of different families that share enough
words to be looked at. Cross-validation leaves whole families out: a pair is judged by weights that
saw no pair of either of its families. Method: logistic regression (L2), scikit-learn's
`LogisticRegression`.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.matching.features import View, view_of
from kb.matching.model import LEAST_OVERLAP, NAMES, conflict, overlap_of, same_code, values
from kb.signature import sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LABELS = Path(__file__).resolve().parents[2] / "data" / "labels"
WEIGHTS = Path(__file__).resolve().parents[2] / "kb" / "weights" / "match.json"
THRESHOLD = 0.66
"""Above one half, because a wrong entry costs more than two right ones."""
STRENGTH = 1.0
FOLDS = 5
SEED = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, the family it belongs to, and the area of families that look alike."""

    area: str
    family: str
    text: str


def read_families(folder: Path = LABELS) -> list[Labelled]:
    """The labelled texts of `same_families_*.txt`. Raises `ValueError` with file and line for a
    text outside a family.
    """
    found = []
    for path in sorted(folder.glob("same_families_*.txt")):
        area = family = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.startswith("# area "):
                area, family = line[7:], ""
            elif line.startswith("## "):
                family = line[3:]
            elif line and not line.startswith("#"):
                if not family:
                    raise ValueError(f"{path.name}:{number}: a text outside a family")
                found.append(Labelled(area, family, line.replace("\\n", "\n")))
    return found


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labelled texts as the decision sees them. `decided`: what a rule says whatever the
    weights (None: nothing).
    """

    families: tuple[str, str]
    values: tuple[float, ...]
    same: bool
    decided: bool | None


def pairs_of(items: Iterable[Labelled]) -> Iterator[Pair]:
    """All pairs of one family, and those of different ones that come near each other; equal
    signatures are left out.
    """
    # what is printed for many failures is decided by its place, which these texts do not tell
    views = [
        (item.family, view)
        for item in items
        if (view := view_of(sign(item.text))).scope == "message"
    ]
    for place, (family, a) in enumerate(views):
        for other, b in views[:place]:
            if a.fingerprint == b.fingerprint:
                continue
            pair = _pair(family, a, other, b)
            if pair.same or pair.decided is not False:
                yield pair


def _pair(family: str, a: View, other: str, b: View) -> Pair:
    overlap = overlap_of(a, b)
    far = overlap < LEAST_OVERLAP * min(a.total, b.total) and not a.codes & b.codes
    decided = False if far or conflict(a, b) else True if same_code(a, b) else None
    return Pair((family, other), values(a, b, overlap), family == other, decided)


def matthews(told: list[bool], true: list[bool]) -> tuple[float, float, float]:
    """Matthews correlation, precision and recall."""
    both = list(zip(told, true, strict=True))
    tp, fp = both.count((True, True)), both.count((True, False))
    fn, tn = both.count((False, True)), both.count((False, False))
    root = math.sqrt(max(1, (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
    return (tp * tn - fp * fn) / root, tp / max(1, tp + fp), tp / max(1, tp + fn)


def _fit(pairs: list[Pair]) -> tuple[float, list[float]]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(
        [p.values for p in pairs], [p.same for p in pairs]
    )
    return float(model.intercept_[0]), [float(w) for w in model.coef_[0]]


def _tell(pair: Pair, bias: float, learned: list[float]) -> bool:
    if pair.decided is not None:
        return pair.decided
    score = bias + sum(w * v for w, v in zip(learned, pair.values, strict=True))
    return score >= math.log(THRESHOLD / (1 - THRESHOLD))


def cross_validate(pairs: list[Pair]) -> list[bool]:
    """What weights that saw neither family of a pair say of it."""
    families = sorted({family for pair in pairs for family in pair.families})
    random.Random(SEED).shuffle(families)  # noqa: S311 - folds, not secrets
    fold = {family: place % FOLDS for place, family in enumerate(families)}
    told = [False] * len(pairs)
    for held in range(FOLDS):
        inside = [held in (fold[p.families[0]], fold[p.families[1]]) for p in pairs]
        bias, learned = _fit(
            [p for p, out in zip(pairs, inside, strict=True) if not out and p.decided is not False]
        )
        for place, pair in enumerate(pairs):
            if inside[place]:
                told[place] = _tell(pair, bias, learned)
    return told


def train() -> tuple[dict[str, object], str]:
    """The table for `same.json`, and a report in words."""
    items = read_families()
    pairs = list(pairs_of(items))
    told = cross_validate(pairs)
    mcc, precision, recall = matthews(told, [p.same for p in pairs])
    bias, learned = _fit([p for p in pairs if p.decided is not False])
    own, _, _ = matthews([_tell(p, bias, learned) for p in pairs], [p.same for p in pairs])
    report = (
        f"{len(items)} texts, {len({i.family for i in items})} families,"
        f" {len(pairs)} near pairs, {sum(p.same for p in pairs)} of them the same\n"
        f"left-out families: MCC {mcc:.3f}, precision {precision:.3f}, recall {recall:.3f}\n"
        f"families learned from: MCC {own:.3f}"
    )
    table = {
        "bias": round(bias, 4),
        "threshold": THRESHOLD,
        "weight": {name: round(w, 4) for name, w in zip(NAMES, learned, strict=True)},
    }
    return table, report


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Learns the weights of kb.matching.model; prints how well they generalise."
    )
    parser.add_argument("--write", action="store_true", help="write kb/weights/match.json")
    arguments = parser.parse_args()
    table, report = train()
    sys.stdout.write(report + "\n")
    if arguments.write:
        WEIGHTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
