"""Fits the two tables of detection to labelled threads: which candidate is the thread's main error
(`miner/detect/rank.json`), and how surely one is an error at all (`miner/detect/confidence.json`).

The first is a conditional logit: among the candidates of a thread, the probability that one is the
main error is the softmax of their weighted features; the weights maximise the probability of those
that lie on the labelled error lines (the first label counts in full, the others, which are further
lines of the same report, in part), with an L2 penalty.

The second is a logistic regression over single candidates. What is labelled as an error, or as
none, is learned from; of a thread of which only the main lines are labelled, the rest is left out,
but for what no program printed. Projects that were not learned from give the log odds by which the
table is calibrated (Platt, 1999): a slope and a shift, kept within the weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import BadInputError
from kb.linear import LinearModel, write_linear
from kb.models import Mention, Thread
from miner import detect
from miner.detect.candidates import Candidate, candidates
from miner.detect.features import describe_thread
from miner.detect.scoring import CONFIDENCE, RANK, Tables, packaged, rank, report_score
from miner.training.dataset import Span, places, read_labels, read_lines, span_of, thread_of
from miner.training.evaluate import Trained, folds, linear_from, reliability, table
from miner.training.matching import read_families

_OTHER_LABEL = 0.7
_MIN_OVERLAP = 0.6
_ON_ERROR = 0.5
_PENALTY = 1.0
_STRENGTH = 0.1
_MIN_COUNT = 3
_WEAK = 0.7
_MADE_UP = 0.5
_ALONE = 0.3
_SOURCE = frozenset({"code", "call", "comment"})
_KEPT = frozenset({"real_dev"})
"""Sets that are only looked at."""
_NEVER_FOR = (
    "noise_ chained by_bot chatty code_language block_code text_frame text_banner text_code"
    " text_command"
)
_SIGNS: tuple[tuple[str, float | None, float | None], ...] = (
    # What cannot be is not learned from a few hundred threads: prefix of a feature's name, least
    # and greatest weight.
    *((prefix, None, 0.0) for prefix in _NEVER_FOR.split()),
    *(("family_words", -0.6, 0.0), ("family_", -0.3, 1.5), ("rule_", -0.5, 1.0)),
    *(("weight", 1.0, None), ("block_root", 0.5, None), ("lead", 0.0, None), ("frames", 0.0, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A thread's candidates; `targets` of the ranking (0 to 1, all 0: nothing to rank), and
    `truths`, whether each is an error (None: not known).
    """

    thread: Thread
    found: list[Candidate]
    targets: list[float]
    truths: list[bool | None]
    weight: float


def shared(candidate: Candidate, label: Span) -> float:
    """The part of the shorter of candidate and label that both share, 0 to 1."""
    return label.shared_with(candidate.place, candidate.start, candidate.end)


def described(thread: Thread) -> list[Candidate]:
    """The candidates of a thread with all their features."""
    found = candidates(thread)
    rank(found, packaged().rank)
    describe_thread(report_score(thread), found)
    return found


def main_example(thread: Thread, lines: Sequence[Span], *, real: bool) -> Example:
    """A thread of which the main error's lines are labelled, the first one foremost."""
    found = described(thread)
    targets = []
    truths: list[bool | None] = []
    # a title repeats what the body shows; where both are labelled, the body is wanted
    titled = all(line.place == (None, "title") for line in lines)
    for candidate in found:
        on = [index for index, line in enumerate(lines) if shared(candidate, line) >= _MIN_OVERLAP]
        usable = candidate.known or candidate.place[0] is None
        first = on[:1] == [0] and (candidate.place != (None, "title") or titled)
        targets.append(0.0 if not on or not usable else 1.0 if first else _OTHER_LABEL)
        hit = any(shared(candidate, line) >= _ON_ERROR for line in lines)
        truths.append(True if hit else None if _open(candidate, bool(lines)) else False)
    return Example(thread, found, targets, truths, 1.0 if real else _MADE_UP)


def _open(candidate: Candidate, labelled: bool) -> bool:
    """Whether a candidate off the main lines may be an error all the same."""
    if _SOURCE.intersection(candidate.noise) and "text_keyword" in candidate.features:
        return False
    if "banner" in candidate.noise or "environment" in candidate.noise:
        return False
    if candidate.place[0] is not None:
        return True
    if not labelled:
        return False  # the report has no error's text at all
    if candidate.place == (None, "title"):
        return not candidate.known or candidate.weight >= _WEAK
    return candidate.kind != "snippet"


def whole_example(thread: Thread, errors: Sequence[Span], others: Sequence[Span] | None) -> Example:
    """A thread with all its errors labelled, or (`others`) some, and some that are none."""
    found = described(thread)
    truths: list[bool | None] = []
    for candidate in found:
        hit = any(shared(candidate, label) >= _ON_ERROR for label in errors)
        miss = others is None or any(shared(candidate, label) >= _ON_ERROR for label in others)
        truths.append(True if hit else False if miss else None)
    return Example(thread, found, [0.0] * len(found), truths, 1.0)


def read_examples(folders: Sequence[Path]) -> list[Example]:
    """All labelled threads of folders: those of `read_labels`, and `errors_*.jsonl` (`repo`,
    `number`, `errors`, and perhaps `not_errors`) with the threads of any of the folders; a file of
    which no thread is given is left out.

    Raises `BadInputError` where only some of a file's threads are given.
    """
    sets = read_labels(folders)
    sets += [one for one in read_labels(folders, held_out=True) if one.name not in _KEPT]
    out = []
    for labels in sets:
        for one in labels.threads:
            if one.errors is not None and (one.errors or labels.real):
                out.append(main_example(one.thread, one.errors, real=labels.real))
    for folder in folders:
        out.extend(_whole(folder, folders))
        out.extend(_alone(folder))
    return out


def _alone(folder: Path) -> Iterator[Example]:
    """Texts that are known to be errors (`same_families_*.txt`), each shown as a report shows what
    no rule may know: named by the title and in a fence, or in a fence for logs below words that say
    nothing.
    """
    for number, one in enumerate(read_families(folder)):
        text, log = one.text, number % 2
        title = "Request fails" if log else f"{one.area}: {text.splitlines()[0]}"
        heading = "Relevant log output" if log else "What happened?"
        body = f"### {heading}\n\n```\n{text}\n```\n"
        issue = {"number": number + 1, "title": title, "body": body, "state": "open"}
        issue["created_at"] = "2026-01-01T00:00:00Z"
        thread = thread_of({"repo": f"families/{one.area}", "issue": issue, "comments": []})
        start = body.index(text)
        line = Span(None, "body", start, start + len(text), "error", good=True)
        example = main_example(thread, [line], real=False)
        yield Example(thread, example.found, [0.0] * len(example.found), example.truths, _ALONE)


def _whole(folder: Path, folders: Sequence[Path]) -> Iterator[Example]:
    home = [f for one in folders for p in places(one) for f in sorted(p.glob("*.jsonl.gz"))]
    for path in sorted(f for p in places(folder) for f in p.glob("errors_*.jsonl")):
        gold = {(line["repo"], line["number"]): line for line in read_lines(path)}
        labelled = len(gold)
        for document in (one for file in home for one in read_lines(file) if "issue" in one):
            line = gold.pop((document["repo"], document["issue"]["number"]), None)
            if line is not None:
                others = line.get("not_errors")
                none = None if others is None else _spans(others)
                yield whole_example(thread_of(document), _spans(line["errors"]), none)
        if 0 < len(gold) < labelled:
            repo, number = next(iter(gold))
            raise BadInputError(f"{path}: no file of the folders holds {repo}#{number}")


def _spans(labels: Sequence[dict[str, Any]]) -> list[Span]:
    return [span_of(label, "error") for label in labels]


# ---------------------------------------------------------------- the main error


def fit_rank(examples: Sequence[Example]) -> LinearModel:
    """The table of the ranking. Examples without a target are passed over."""
    import numpy as np
    from scipy.optimize import minimize

    chosen = [example for example in examples if any(example.targets)]
    if not chosen:
        raise BadInputError("no label names a main error; give a folder with labels that do")
    counts: Counter[str] = Counter()
    for example in chosen:
        counts.update({name for c in example.found for name, value in c.features.items() if value})
    names = sorted(n for n, count in counts.items() if count >= _MIN_COUNT and n not in _LATER)
    matrices = [
        np.array([[c.features.get(name, 0.0) for name in names] for c in example.found])
        for example in chosen
    ]
    targets = [np.array(example.targets) for example in chosen]

    def loss(weights: Any) -> tuple[float, Any]:
        total, gradient = _PENALTY * float(weights @ weights), 2 * _PENALTY * weights
        for matrix, target in zip(matrices, targets, strict=True):
            scores = matrix @ weights
            odds = np.exp(scores - scores.max())
            chance = odds / odds.sum()
            hit = float(chance @ target)
            total -= np.log(hit + 1e-12)
            gradient = gradient - ((chance * target) / (hit + 1e-12) - chance) @ matrix
        return total, gradient

    bounds = [_bounds(name) for name in names]
    start = np.array([low if low is not None and low > 0 else 0.0 for low, _ in bounds])
    options = {"maxiter": 300}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    found = zip(names, best.x.tolist(), strict=True)
    weights = {name: (weight,) for name, weight in found if abs(weight) >= 0.01}
    return LinearModel(("other", "main"), (0.0,), weights)


_LATER = frozenset({"best", "behind", "weaker"})
"""Features that are made of the ranking itself."""


def _bounds(name: str) -> tuple[float | None, float | None]:
    bounds = ((low, high) for prefix, low, high in _SIGNS if name.startswith(prefix))
    return next(bounds, (None, None))


def hold_out_rank(examples: Sequence[Example]) -> list[tuple[str, bool]]:
    """The project of each thread with a labelled line among its candidates, and whether weights
    that have not seen the project choose it.
    """
    out = []
    for train, test in folds([e.thread.repo for e in examples]):
        main = fit_rank([examples[i] for i in train])
        for example in (examples[i] for i in test if any(examples[i].targets)):
            rank(example.found, main)
            chosen = detect.choose(example.thread, example.found)
            right = chosen is not None and example.targets[example.found.index(chosen)] > 0
            out.append((example.thread.repo, right))
    return out


# ---------------------------------------------------------------- error or not


@dataclass(frozen=True, slots=True)
class Rows:
    """Candidates as rows: features, whether they are errors, weights, projects."""

    features: list[dict[str, float]]
    truths: list[bool]
    weights: list[float]
    projects: list[str]


def rows_of(examples: Sequence[Example]) -> Rows:
    """All candidates of which it is known whether they are errors; a thread with many counts as
    their square root, so that no log outweighs the rest.
    """
    rows = Rows([], [], [], [])
    for example in examples:
        pairs = zip(example.found, example.truths, strict=True)
        known = [(candidate, truth) for candidate, truth in pairs if truth is not None]
        for candidate, truth in known:
            rows.features.append(_learned(candidate))
            rows.truths.append(truth)
            rows.weights.append(example.weight / len(known) ** 0.5)
            rows.projects.append(example.thread.repo)
    return rows


def _learned(candidate: Candidate) -> dict[str, float]:
    """The features that are learned from: families of recognisers, not single ones."""
    features = candidate.features.items()
    return {n: float(value) for n, value in features if value and not n.startswith("rule_")}


def calibrated_confidence(rows: Rows) -> tuple[LinearModel, list[float]]:
    """The calibrated table of the rows, and the chance of each row by one that has not seen its
    project.

    The table is fitted to all rows; log odds of projects left out give its slope and shift (Platt),
    which are kept within the weights.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    vectors = DictVectorizer()
    matrix = vectors.fit_transform(rows.features)
    line = LogisticRegression(C=_STRENGTH, max_iter=3000)
    splits = list(folds(rows.projects))
    model = CalibratedClassifierCV(line, cv=splits, ensemble=False)
    model.fit(matrix, rows.truths, sample_weight=rows.weights)
    (fitted,) = model.calibrated_classifiers_
    (platt,) = fitted.calibrators
    table_ = linear_from(vectors, fitted.estimator)
    weights = {name: (-platt.a_ * row[0],) for name, row in table_.weights.items()}
    bias = -platt.a_ * table_.biases[0] - platt.b_
    odds = cross_val_predict(
        line, matrix, rows.truths, cv=splits, method="decision_function",
        params={"sample_weight": rows.weights},
    )  # fmt: skip
    chances = platt.predict(odds).tolist()
    return LinearModel(("other", "error"), (float(bias),), weights), chances


def fitted(examples: Sequence[Example]) -> tuple[Tables, Rows, list[float]]:
    """Both tables, the candidates that the second is fitted to, and the chance of each by one that
    has not seen its project.
    """
    main = fit_rank(examples)
    for example in examples:
        rank(example.found, main)
        describe_thread(report_score(example.thread), example.found)
    rows = rows_of(examples)
    confidence, chances = calibrated_confidence(rows)
    return Tables(main, confidence), rows, chances


def held_out(
    folders: Sequence[Path],
    threads: Sequence[Thread],
    parts: Iterable[tuple[Sequence[int], Sequence[int]]],
) -> list[list[Mention]]:
    """The errors of threads as they are found by tables that have not seen their projects, but for
    the packaged ones where the folders label too few errors. `parts` as of `folds`.
    """
    examples = read_examples(folders)
    out: list[list[Mention]] = [[] for _ in threads]
    for _, test in parts:
        projects = {threads[i].repo for i in test}
        try:
            tables, _, _ = fitted([e for e in examples if e.thread.repo not in projects])
        except BadInputError:
            tables = packaged()
        for i in test:
            out[i] = detect.detect(threads[i], tables=tables)
    return out


def trained(folders: Sequence[Path]) -> Trained:
    """Fits both tables, with figures on projects that were not learned from."""
    from sklearn.metrics import average_precision_score

    examples = read_examples(folders)
    ranking = hold_out_rank(examples)
    tables, rows, chances = fitted(examples)
    right = Counter(repo for repo, found in ranking if found)
    some = Counter(repo for repo, _ in ranking).most_common(12)
    card = "\n".join(
        (
            f"Trained on {len(examples)} threads of {len({e.thread.repo for e in examples})} "
            f"projects, {len(rows.truths)} labelled candidates ({sum(rows.truths)} are errors). "
            "Folds are by project.\n",
            f"Main error: {right.total() / max(1, len(ranking)):.3f} of {len(ranking)} threads that"
            " have it among their candidates.\n",
            table([(name, right[name], n) for name, n in some], ("project", "right", "threads")),
            "Error or not: average precision "
            f"{average_precision_score(rows.truths, chances):.3f}.\n",
            reliability(chances, rows.truths),
        )
    )
    files = {RANK: tables.rank, CONFIDENCE: tables.confidence}
    return Trained("detect", card, {p: write_linear(one).encode() for p, one in files.items()})
