"""Fits the table of what lets a page go out (`kb/weights/pages.json`) to editors' verdicts.

A verdict is kept by what the page began with (`pages_NAME.jsonl`: repository, number, `where`,
`start` and `end` of its first fix or cause); the threads are mined anew, and what leads an entry
now has the verdict of the label that it shares most of its words with. Two editors read each page,
an ordinary and a strict one: the table learns from both alike (logistic regression with an L2
penalty over scaled signs). Zero is where, in projects that were not learned from, as many pages are
let out by the ordinary editor as `AIM`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kb.errors import BadInputError
from kb.evidence import entries_to_show
from kb.linear import LinearModel, write_linear
from kb.notes import worth
from kb.notes.outline import outlines
from kb.store import Store
from miner.harvest.files import import_files
from miner.pipeline import mine
from miner.training.dataset import Span, files_of, read_lines, span_of
from miner.training.evaluate import Trained, folds, table

AIM = 0.9
"""Share of the pages of an export that an editor lets out: above the 13 of 15 that are wanted,
because projects of which nobody labelled a claim do worse."""
LEAST = 30
"""Pages from which a share is believed."""
SPLITS = 4
_FOLDS = 8
_STRENGTH = 0.01
_ENOUGH = 0.6
_NOW = "2026-01-01T00:00:00Z"
_WEIGHTS = Path(worth.__file__).parents[1] / "weights" / "pages.json"


class Verdict(NamedTuple):
    """What two editors said of a page that leads with a claim of a thread."""

    project: str
    lead: Span
    ordinary: bool
    strict: bool


class Example(NamedTuple):
    """A page: its signs, the two verdicts, and whether the table decides on it: the rules hold back
    others.
    """

    project: str
    signs: dict[str, float]
    ordinary: bool
    strict: bool
    decided: bool


def read_examples(folders: Sequence[Path]) -> Iterator[Example]:
    """The labelled pages of folders (`pages_NAME.jsonl`) whose threads (`NAME.jsonl`, plain or
    gzipped) any of the folders has.
    """
    homes = {f.name.split(".")[0]: f for one in folders for f in files_of(one)}
    for name, path in sorted(homes.items()):
        home = homes.get(name.removeprefix("pages_"))
        if name.startswith("pages_") and home is not None:
            yield from _judged(read_lines(path), home)


def _judged(lines: Sequence[dict[str, Any]], home: Path) -> Iterator[Example]:
    known: dict[tuple[str, int], list[Verdict]] = {}
    for line in lines:
        one = Verdict(line["repo"], span_of(line, "fix"), line["ordinary"], line["strict"])
        known.setdefault((line["repo"], line["number"]), []).append(one)
    folder = Path(tempfile.mkdtemp())
    try:
        with Store.open(folder / "kb.db") as store:
            import_files(store, [home])
            mine(store, now=_NOW, workers=1)
            for made in outlines(store.connection, entries_to_show(store.connection)):
                lead = worth.lead_of(made)
                if lead is None:
                    continue
                said, shown = lead.quote, lead.passage
                place = (said.comment_id, said.field)
                for one in known.get((said.repo, said.number), []):
                    if one.lead.shared_with(place, shown.start, shown.end) >= _ENOUGH:
                        decided = worth.why_no_page(made) in (None, *worth.FAULTS.values())
                        signs = worth.signs(made, lead)
                        yield Example(one.project, signs, one.ordinary, one.strict, decided)
                        break
    finally:
        shutil.rmtree(folder)


def fit(examples: Sequence[Example]) -> LinearModel:
    """The table, not yet shifted. Raises `BadInputError` where no page was let out, or each."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    if len({one.ordinary for one in examples}) < 2:
        raise BadInputError("too few verdicts of pages; give folders with pages_*.jsonl")
    vectors, scaler = DictVectorizer(sparse=False), StandardScaler()
    scaled = scaler.fit_transform(vectors.fit_transform([one.signs for one in examples]))
    fitted = LogisticRegression(C=_STRENGTH, max_iter=1000).fit(
        [*scaled, *scaled], [*(one.ordinary for one in examples), *(one.strict for one in examples)]
    )
    weights = fitted.coef_[0] / scaler.scale_
    bias = float(fitted.intercept_[0] - weights @ scaler.mean_)
    named = zip(vectors.get_feature_names_out(), weights.tolist(), strict=True)
    return LinearModel(
        ("held back", "let out"), (bias,), {name: (weight,) for name, weight in named}
    )


def held_out(examples: Sequence[Example]) -> list[float]:
    """The score of every page by tables that did not see its project, as the mean of splits."""
    scores = [0.0] * len(examples)
    projects = [one.project for one in examples]
    for seed in range(1, SPLITS + 1):
        for train, test in folds(projects, _FOLDS, seed):
            model = fit([examples[i] for i in train])
            for i in test:
                scores[i] += model.score(examples[i].signs) / SPLITS
    return scores


def floor_of(scores: Sequence[float], let_out: Sequence[bool]) -> float:
    """The least score from which, of `LEAST` pages and more, the share of `AIM` is let out; of no
    such score, the one of the `LEAST` best.
    """
    ranked = sorted(zip(scores, let_out, strict=True), reverse=True)
    floor, right = ranked[min(LEAST, len(ranked)) - 1][0], 0
    for number, (score, good) in enumerate(ranked, start=1):
        right += good
        tied = number < len(ranked) and ranked[number][0] == score  # those are let out with it
        if number >= LEAST and right >= AIM * number and not tied:
            floor = score
    return floor


def trained(folders: Sequence[Path]) -> Trained:
    """The table of pages, with its figures."""
    examples = list(read_examples(folders))
    on = [n for n, one in enumerate(examples) if one.decided]
    if not on:
        raise BadInputError("no verdicts of pages; give folders with pages_*.jsonl and the threads")
    model = fit(examples)
    scores = held_out(examples)
    scores, examples = [scores[n] for n in on], [examples[n] for n in on]
    floor = floor_of(scores, [one.ordinary for one in examples])
    model = model._replace(biases=(model.biases[0] - floor,))
    return Trained(
        "pages", _card(examples, scores, floor), {_WEIGHTS: write_linear(model).encode()}
    )


def _card(examples: Sequence[Example], scores: Sequence[float], floor: float) -> str:
    from sklearn.metrics import roc_auc_score

    areas = [
        roc_auc_score([getattr(one, editor) for one in examples], scores)
        for editor in ("ordinary", "strict")
    ]
    ranked = sorted(zip(scores, examples, strict=True), key=lambda pair: -pair[0])
    shown = sum(score >= floor for score in scores)
    rows = []
    for number in sorted({15, 30, 45, 60, 90, shown, len(ranked)}):
        best = [one for _, one in ranked[:number]]
        shares = (sum(getattr(one, e) for one in best) / len(best) for e in ("ordinary", "strict"))
        rows.append((f"{number} surest" + (" (shown)" if number == shown else ""), *shares))
    return (
        f"Whether an editor lets a page out as it is: {len(examples)} pages of"
        f" {len({one.project for one in examples})} projects, each read by an ordinary and a strict"
        f" editor; by tables that have not seen the project. Area under the curve {areas[0]:.3f}"
        f" (strict: {areas[1]:.3f}).\n\n" + table(rows, ("pages", "ordinary", "strict"))
    )
