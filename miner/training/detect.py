"""Fits the weights of `miner.detect.rank` to labelled threads: `python -m miner.training.detect
THREADS.jsonl.gz LABELS.jsonl`.

A conditional logit: among the candidates of a thread, the probability that one is the main error is
the softmax of their weighted features; the weights maximise the probability of those that lie on
the labelled error lines (the first label counts in full, the others, which are further lines of the
same report, in part), with an L2 penalty. Needs numpy and scipy; nothing of this is imported when
threads are mined.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.models import Comment, Thread
from miner.detect.candidates import Candidate, candidates
from miner.detect.rank import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER_LABEL = 0.5
_MIN_OVERLAP = 0.6
_PENALTY = 0.2
_MIN_COUNT = 3
_SIGNS: tuple[tuple[str, float | None, float | None], ...] = (
    # What cannot be is not learned from a few hundred threads: prefix of a feature's name, least
    # and greatest weight.
    ("noise_", None, 0.0),
    ("chained", None, 0.0),
    ("quoted", None, 0.0),
    ("by_bot", None, 0.0),
    ("chatty", None, 0.0),
    ("code_language", None, 0.0),
    ("family_words", -0.6, 0.0),
    ("family_", -0.3, 1.5),
    ("rule_", -0.5, 1.0),
    ("weight", 1.0, None),
    ("block_root", 0.5, None),
    ("lead", 0.0, None),
    ("frames", 0.0, 1.0),
)


def thread_of(document: dict[str, Any]) -> Thread:
    """A thread of the import format, reduced to what detection reads."""
    issue = document["issue"]
    comments = tuple(
        Comment(
            c["id"],
            (c.get("user") or {}).get("login"),
            (c.get("user") or {}).get("type", "User"),
            "NONE",
            "",
            "",
            c.get("body") or "",
            "",
        )
        for c in document.get("comments", ())
    )
    labels = tuple(
        label["name"] if isinstance(label, dict) else label for label in issue.get("labels", ())
    )
    author = (issue.get("user") or {}).get("login")
    kind = "pull" if "pull_request" in issue else "issue"
    title, body = issue["title"], issue.get("body") or ""
    repo, number = document["repo"], issue["number"]
    return Thread(
        repo,
        number,
        kind,
        title,
        body,
        "open",
        None,
        author,
        "User",
        "NONE",
        "",
        "",
        None,
        None,
        "",
        labels,
        0,
        0,
        comments,
    )


def on_label(candidate: Candidate, label: dict[str, Any]) -> bool:
    """Whether a candidate lies on a labelled span: they share 0.6 of the shorter of the two."""
    comment_id, name = candidate.place
    if label["where"] != (name if comment_id is None else comment_id):
        return False
    shared = min(candidate.end, label["end"]) - max(candidate.start, label["start"])
    shorter = max(1, min(candidate.end - candidate.start, int(label["end"]) - int(label["start"])))
    return bool(shared >= _MIN_OVERLAP * shorter)


def fit(
    groups: Sequence[tuple[list[Candidate], list[float]]], penalty: float = _PENALTY
) -> dict[str, float]:
    """The weights for groups of candidates (one a thread) with their targets (0 to 1, at least one
    above 0).
    """
    import numpy as np
    from scipy.optimize import minimize

    counts: dict[str, int] = {}
    for found, _ in groups:
        for name in {name for c in found for name, value in c.features.items() if value}:
            counts[name] = counts.get(name, 0) + 1
    names = sorted(name for name, count in counts.items() if count >= _MIN_COUNT)
    matrices = [
        np.array([[c.features.get(name, 0.0) for name in names] for c in found])
        for found, _ in groups
    ]
    targets = [np.array(target) for _, target in groups]

    def loss(weights: Any) -> tuple[float, Any]:
        total, gradient = penalty * float(weights @ weights), 2 * penalty * weights
        for matrix, target in zip(matrices, targets, strict=True):
            scores = matrix @ weights
            odds = np.exp(scores - scores.max())
            chance = odds / odds.sum()
            hit = float(chance @ target)
            total -= np.log(hit + 1e-12)
            gradient = gradient - ((chance * target) / (hit + 1e-12) - chance) @ matrix
        return total, gradient

    start = np.array(
        [low if low is not None and low > 0 else 0.0 for low, _ in map(_bounds, names)]
    )
    best = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[_bounds(name) for name in names],
        options={"maxiter": 300},
    )
    return {
        name: round(float(weight), 3)
        for name, weight in zip(names, best.x, strict=True)
        if abs(weight) >= 0.01
    }


def _bounds(name: str) -> tuple[float | None, float | None]:
    return next(
        ((low, high) for prefix, low, high in _SIGNS if name.startswith(prefix)), (None, None)
    )


def groups_of(
    threads: Sequence[dict[str, Any]], labels: dict[int, dict[str, Any]]
) -> list[tuple[int, list[Candidate], list[float]]]:
    """Number, candidates and targets of each labelled thread that has a candidate on a label."""
    result = []
    for document in threads:
        number = document["issue"]["number"]
        lines = labels.get(number, {}).get("error_lines", [])
        if not lines:
            continue
        found = [c for c in candidates(thread_of(document)) if c.known or c.place[0] is None]
        target = [
            1.0
            if on_label(c, lines[0])
            else _OTHER_LABEL
            if any(on_label(c, line) for line in lines[1:])
            else 0.0
            for c in found
        ]
        if any(target):
            result.append((number, found, target))
    return result


def read(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file of lines, plain or gzipped."""
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _hits(
    groups: Sequence[tuple[int, list[Candidate], list[float]]], weights: dict[str, float]
) -> int:
    hits = 0
    for _, found, target in groups:
        scores = [
            sum(weights.get(name, 0.0) * value for name, value in c.features.items()) for c in found
        ]
        hits += target[scores.index(max(scores))] > 0
    return hits


def main() -> None:
    """Fits, cross-validates by hundreds of thread numbers (fields), and writes the weights beside
    this module.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("threads", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--penalty", type=float, default=_PENALTY)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    labels = {label["number"]: label for label in read(options.labels)}
    groups = groups_of(read(options.threads), labels)
    held = 0
    for field in sorted({number // 100 for number, _, _ in groups}):
        weights = fit([(f, t) for n, f, t in groups if n // 100 != field], options.penalty)
        held += _hits([group for group in groups if group[0] // 100 == field], weights)
    weights = fit([(f, t) for _, f, t in groups], options.penalty)
    sys.stdout.write(
        f"threads {len(groups)}, held out {held / len(groups):.3f}, fitted "
        f"{_hits(groups, weights) / len(groups):.3f}\n"
    )
    if not options.dry_run:
        document = {
            "fitted": "miner.training.detect",
            "penalty": options.penalty,
            "weights": dict(sorted(weights.items())),
        }
        WEIGHTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
