"""Learns the weights of `kb.matching.model` and says how well they hold for families and projects
that they have not seen.

Labelled are texts of families (`same_families_*.txt`, and `lines_*.jsonl` with `raw` and `family`),
pairs of texts (`pairs_*.tsv` with `same`, `sigA`, `sigB`; `pairs_*.jsonl` with `a`, `b`, `same` and
`project`), and pairs of threads (`groups_*.jsonl` with `a`, `b`, `same`, beside a file that holds
the threads), in the folders given or in their `gold/`. Compared are pairs that blocking brings
together. A fold leaves families and projects out: its pairs are those with an end in one of them,
and it learns from pairs without one. Method: logistic regression (L2), scikit-learn's
`LogisticRegression`; sets count alike whatever their size.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from kb.matching.blocking import keys_of
from kb.matching.features import View, view_of
from kb.matching.model import LEAST_OVERLAP, NAMES, conflict, overlap_of, values
from kb.signature import sign
from miner.training.dataset import places, read_lines, thread_of
from miner.training.evaluate import Trained, folds, reliability, table

WEIGHTS = Path(__file__).resolve().parents[2] / "kb" / "weights" / "match.json"
JOIN = 0.65
"""Probability from which two signatures are joined: above one half, because a wrong entry costs
more than two right ones."""
SURE = 0.9
"""Probability from which an answer is called the same error."""
STRENGTH = 1.0
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A labelled text; its family (None: labelled in pairs); what folds are made by."""

    group: str
    view: View
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labelled texts as the decision sees them, of the set `source`; `groups` are theirs."""

    source: str
    groups: tuple[str, str]
    values: tuple[float, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, the family it belongs to, and the area of families that look alike."""

    area: str
    family: str
    text: str


def read_families(path: Path) -> list[Wording]:
    """The labelled texts of a file, or of all `same_families_*.txt` of a folder.

    Raises `ValueError` with file and line for a text outside a family.
    """
    if path.is_dir():
        files = sorted(path.glob("same_families_*.txt"))
        return [wording for file in files for wording in read_families(file)]
    found = []
    area = family = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("# area "):
            area, family = line[7:], ""
        elif line.startswith("## "):
            family = line[3:]
        elif line and not line.startswith("#"):
            if not family:
                raise ValueError(f"{path.name}:{number}: a text outside a family")
            found.append(Wording(area, family, line.replace("\\n", "\n")))
    return found


def _view(raw: str) -> View | None:
    """The view of a text; None for what is decided by its place, which these texts do not tell."""
    view = view_of(sign(raw))
    return view if view.scope == "message" and view.text else None


def _pair(source: str, a: Text, b: Text, *, same: bool) -> Pair | None:
    """A pair that the weights decide on; None for one that a rule or blocking decides."""
    overlap = overlap_of(a.view, b.view)
    if a.view.fingerprint == b.view.fingerprint or conflict(a.view, b.view):
        return None
    if overlap < LEAST_OVERLAP * min(a.view.total, b.view.total) and not (
        a.view.codes & b.view.codes
    ):
        return None
    return Pair(source, (a.group, b.group), values(a.view, b.view, overlap), same)


def _family_pairs(path: Path) -> Iterator[Pair]:
    """The pairs of texts of a file that share a blocking key."""
    if path.suffix == ".txt":
        labelled = [(one.family, one.text) for one in read_families(path)]
    else:
        labelled = [(line["family"], line["raw"]) for line in read_lines(path)]
    texts = [Text(family, v, family) for family, raw in labelled if (v := _view(raw))]
    buckets: defaultdict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        for key in keys_of(text.view):
            buckets[key].append(place)
    met = {pair for members in buckets.values() for pair in combinations(members, 2)}
    for i, j in sorted(met):
        a, b = texts[i], texts[j]
        if pair := _pair(path.stem, a, b, same=a.family == b.family):
            yield pair


def _text_pairs(path: Path) -> Iterator[Pair]:
    rows: list[dict[str, Any]]
    if path.suffix == ".tsv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                {"a": r["sigA"], "b": r["sigB"], "same": r["same"] == "1"}
                for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            ]
    else:
        rows = read_lines(path)
    for row in rows:
        a, b = _view(row["a"]), _view(row["b"])
        group = row.get("project")
        if a and b:
            texts = Text(group or a.fingerprint, a), Text(group or b.fingerprint, b)
            if pair := _pair(path.stem, *texts, same=row["same"]):
                yield pair


def _thread_pairs(path: Path, threads: dict[str, dict[str, Any]]) -> Iterator[Pair]:
    from miner.detect import detect

    known: dict[str, Text | None] = {}

    def main_error(key: str) -> Text | None:
        if key not in known:
            known[key] = None
            mentions = detect(thread_of(threads[key])) if key in threads else []
            signature = next((m.signature for m in mentions if m.is_primary), None)
            if signature is not None and (view := view_of(signature)).scope == "message":
                known[key] = Text(key.split("#")[0], view)
        return known[key]

    for row in read_lines(path):
        a, b = main_error(row["a"]), main_error(row["b"])
        if a and b and (pair := _pair(path.stem, a, b, same=row["same"])):
            yield pair


def read_pairs(folders: Sequence[Path]) -> list[Pair]:
    """The labelled pairs of folders that the weights decide on."""
    pairs: list[Pair] = []
    for folder in folders:
        for path in sorted(f for p in places(folder) for f in p.iterdir()):
            if path.match("same_families_*.txt") or path.match("lines_*.jsonl"):
                pairs += _family_pairs(path)
            elif path.match("pairs_*.tsv") or path.match("pairs_*.jsonl"):
                pairs += _text_pairs(path)
            elif path.match("groups_*.jsonl"):
                pairs += _thread_pairs(path, _threads_of(folder))
    return pairs


def _threads_of(folder: Path) -> dict[str, dict[str, Any]]:
    lines = (read_lines(path) for path in sorted((folder / "corpus").glob("*_apps.jsonl*")))
    return {f"{one['repo']}#{one['issue']['number']}": one for part in lines for one in part}


def _fit(pairs: Sequence[Pair]) -> Any:
    from sklearn.linear_model import LogisticRegression

    sizes = Counter(pair.source for pair in pairs)
    share = [(len(pairs) / len(sizes) / sizes[pair.source]) ** 0.5 for pair in pairs]
    model = LogisticRegression(C=STRENGTH, max_iter=5000)
    return model.fit([p.values for p in pairs], [p.same for p in pairs], share)


def cross_validate(pairs: Sequence[Pair]) -> list[float]:
    """The probability of each pair by weights that saw no pair of its families or projects."""
    groups = sorted({group for pair in pairs for group in pair.groups})
    chances = [0.0] * len(pairs)
    for _, test in folds(groups, FOLDS):
        held = {groups[i] for i in test}
        outside = [p for p in pairs if held.isdisjoint(p.groups)]
        inside = [i for i, p in enumerate(pairs) if not held.isdisjoint(p.groups)]
        found = _fit(outside).predict_proba([pairs[i].values for i in inside])[:, 1]
        for i, chance in zip(inside, found.tolist(), strict=True):
            chances[i] = chance
    return chances


def figures(same: Iterable[bool], told: Iterable[bool]) -> tuple[float, float, float]:
    """Matthews correlation (0 where all labels and answers are the same), precision, recall."""
    from sklearn.metrics import matthews_corrcoef, precision_score, recall_score

    y, z = list(same), list(told)
    return (
        float(matthews_corrcoef(y, z)) if len({*y, *z}) > 1 else 0.0,
        float(precision_score(y, z, zero_division=0)),
        float(recall_score(y, z, zero_division=0)),
    )


def trained(folders: Sequence[Path]) -> Trained:
    """The model of `kb/weights/match.json`, with figures for families and projects left out."""
    pairs = read_pairs(folders)
    chances = cross_validate(pairs)
    rows: list[tuple[object, ...]] = []
    for source in (*sorted({p.source for p in pairs}), "all"):
        chosen = [
            (p.same, c) for p, c in zip(pairs, chances, strict=True) if source in (p.source, "all")
        ]
        same = [s for s, _ in chosen]
        joined = figures(same, [c >= JOIN for _, c in chosen])
        sure = figures(same, [c >= SURE for _, c in chosen])
        rows.append((source, len(chosen), sum(same), *joined, *sure[1:]))
    head = ("set", "near pairs", "same", "MCC", "precision", "recall", "sure: precision", "recall")
    model = _fit(pairs)
    weights = model.coef_.tolist()[0]
    document = {
        "bias": round(float(model.intercept_[0]), 4),
        "threshold": JOIN,
        "sure": SURE,
        "weight": {n: round(float(w), 4) for n, w in zip(NAMES, weights, strict=True)},
        "usual": {
            name: round(sum(pair.values[at] for pair in pairs) / len(pairs), 4)
            for at, name in enumerate(NAMES)
        },
    }
    card = (
        "Whether two signatures are one failure (`kb/matching/model.py`). Pairs that share a"
        " blocking key and that no rule decides; by weights that saw neither family nor project of"
        " a pair:\n\n" + table(rows, head) + "\n" + reliability(chances, [p.same for p in pairs])
    )
    return Trained("matching", card, {WEIGHTS: f"{json.dumps(document, indent=1)}\n".encode()})
