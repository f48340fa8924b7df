"""Trains the claim models on labelled threads (`python -m miner.training --only claims FOLDER...`),
with figures by cross-validation over projects.

Each step is fitted on what the ones before say of projects that they have not seen (stacking), as
it will meet it in use: the sentence model, the encoder, the two claim models, their calibration
(Platt). The
thresholds are those with the best F1 on threads that people wrote; `publish` is the lowest
confidence from which `SHOWN_RIGHT` of the claims that are shown were right. Calibration, thresholds
and figures come of several splits into folds together: of one they are noise.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.errors import BadInputError
from kb.linear import LinearModel, write_linear
from miner.extract.claim_features import ThreadRuns, run_words
from miner.extract.context import posts_of
from miner.extract.encoder import SCORES, VOCABULARY, Reading, reading_of, told
from miner.extract.encoder import WEIGHTS as ENCODER
from miner.extract.features import about_post, sentence_parts
from miner.extract.find import Judged, candidates, closing, kept
from miner.extract.model import (
    LABELS,
    VERDICTS,
    Calibration,
    Thresholds,
    calibrated,
    log_odds,
    over_long,
    pooled,
)
from miner.extract.outcomes import Outcomes
from miner.extract.publication import FURTHER, why_no_help, withheld
from miner.extract.replies import Said
from miner.extract.spans import KINDS, Run, in_error, runs
from miner.extract.stance import bare, reports
from miner.training import encoder
from miner.training.dataset import Labelled, LabelledSet, Span, read_labels
from miner.training.detect import held_out
from miner.training.evaluate import (
    ENOUGH,
    Figures,
    Shown,
    Trained,
    folds,
    measure,
    reliability,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kb.models import Mention
    from kb.sentences import Sentence
    from miner.posts import ParsedPost

Fold = tuple[list[int], list[int]]
"""The examples to learn from and those to test on."""
FOLDER = Path(__file__).resolve().parents[1] / "extract"
WEIGHTS, CLAIM_WEIGHTS = FOLDER / "weights.json", FOLDER / "claim_weights.json"

LEAST_SEEN, LEAST_LETTERS = 5, 8
"""Sentences that a feature, and a run of letters, must be in to get a weight."""
STRENGTH, CLAIM_STRENGTH = 0.1, 0.01
"""Inverse regularisation of the sentence model and the linear claim models, by cross-validation."""
FOREST, LEAVES, LEAST_IN_LEAF = 60, 200, 12
"""Trees of the forest, leaves of each at most, runs in a leaf at least."""
WORD_STRENGTH = 2.0
"""Inverse regularisation of the regression over the words of a run."""
DIGITS, LEAST = 3, 0.02
"""Digits of weights, and below which in all labels a feature is left out."""
NEVER = -9.0
"""Log odds of a label without examples."""
UNKNOWN = -1
"""The label of what the labels of a thread say nothing of: read with it, and not learned from."""
FOLDS, SPLITS = 5, 3
MADE_UP, MOST = 0.5, 60
"""What a made-up thread counts against one that people wrote, and the threads of one project that
count in full: those of a project with more share that weight. With 158 of one C library in full,
the others' causes were found less well (0.005 of average precision), so weighed better (0.003)."""
FEW = 16
"""The encoder learns from one of so many sentences that are in no run and no claim."""
_UNREAD = (0.0,) * len(SCORES)
SHOWN_RIGHT = 0.88
"""Part of shown claims that must be right on held-out projects, as the labels have it; readers find
some of the others right as well."""
START = Thresholds(cause=0.35, fix=0.35, refuted=0.6, surest=0.2, publish=0.7)
"""Where the search begins. `refuted` stays: of the fixes that are taken for refuted on held-out
projects 0.75 are from 0.6 on, 0.68 from 0.5 on."""
GRID = tuple(round(0.2 + 0.025 * i, 3) for i in range(17))
SUREST = (0.2, 0.225, 0.25, 0.275, 0.3, 0.35)
AS_GOOD = 0.003
"""F1 within which a threshold is as good as the best one: the choice differs by 0.1 between splits.
The lowest of them is taken: what is found and not sure is kept and not shown."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled thread with its candidates and their labels (indices of `LABELS`, or `UNKNOWN`),
    what it counts in training, and whether thresholds and figures are taken from it.
    """

    labelled: Labelled
    posts: list[ParsedPost]
    candidates: list[tuple[ParsedPost, int]]
    labels: list[int]
    real: bool
    weight: float = 1.0
    measured: bool = True

    @property
    def closed(self) -> str:
        """How it was closed."""
        return closing(self.labelled.thread)

    def reading(self, run: Run) -> Reading:
        """What the encoder reads of a run."""
        return reading_of(run, self.posts, self.closed)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is labelled, and not only what somebody was shown."""
        return self.labelled.judged is None


def example(labelled: Labelled, *, real: bool = True) -> Example:
    """The candidates of a thread, each with the label that covers most of it."""
    posts = posts_of(labelled.thread, labelled.context)
    found = candidates(posts)
    return Example(labelled, posts, found, [_label(labelled, p, i) for p, i in found], real)


def _covering(spans: Sequence[Span], post: ParsedPost, one: Sentence | Run) -> list[Span]:
    """The labels that are the same place as a sentence or a run of a post."""
    return [span for span in spans if span.shared_with(post.place, one.start, one.end) >= ENOUGH]


def weighed(examples: Sequence[Example]) -> list[Example]:
    """The examples with what each counts: of a project with more than `MOST` threads that people
    wrote as many are measured, evenly spread. Pull requests are not: all labelled ones are of one
    project, so that no fold shows what is learned from them; nor what is labelled in part.
    """
    threads = Counter(one.labelled.project for one in examples if one.real and one.is_whole)
    seen: Counter[str] = Counter()
    out = []
    for one in examples:
        project = one.labelled.project
        count, place = max(MOST, threads[project]), seen[project]
        seen[project] += one.is_whole
        spread = (place + 1) * MOST // count > place * MOST // count
        measured = spread and one.is_whole and one.closed != "pull"
        out.append(replace(one, weight=MOST / count if one.real else MADE_UP, measured=measured))
    return out


def _label(labelled: Labelled, post: ParsedPost, number: int) -> int:
    one = post.sentences[number]
    best = max(
        _covering(labelled.spans, post, one),
        key=lambda span: min(one.end, span.end) - max(one.start, span.start),
        default=None,
    )
    if best is None and _is_unknown(labelled, post, one):
        return UNKNOWN
    return LABELS.index(best.kind + ("" if best.good else "-") if best else "none")


def _is_unknown(labelled: Labelled, post: ParsedPost, one: Sentence | Run) -> bool:
    """Whether a thread is labelled in part, and this not."""
    return labelled.judged is not None and not _covering(labelled.judged, post, one)


def verdict(labelled: Labelled, run: Run) -> int:
    """What a run is by the labels: an index of `VERDICTS`, or `UNKNOWN`."""
    if _is_unknown(labelled, run.said[0].post, run):
        return UNKNOWN
    found = {s.good for s in _covering(labelled.spans, run.said[0].post, run) if s.kind == run.kind}
    return VERDICTS.index("good" if True in found else "refuted" if found else "none")


def _answers(labelled: Labelled, run: Run) -> tuple[bool | None, ...]:
    """What a run is by the labels, by `encoder.SCORES`."""
    found = [verdict(labelled, replace(run, kind=kind)) for kind in KINDS]
    wanted = (VERDICTS.index("good"), VERDICTS.index("refuted"))
    return tuple(None if v == UNKNOWN else v == one for one in wanted for v in found)


def _is_of_few(said: Said) -> bool:
    """Whether a sentence is one of few, chosen by its words: the same ones each time."""
    return zlib.crc32(said.text.encode()) % FEW == 0


# ---------------------------------------------------------------- the sentence model


class SentenceData:
    """The sentences of all examples as one matrix: a row a sentence, a column a feature."""

    def __init__(self, examples: Sequence[Example]) -> None:
        import numpy as np

        rows = (
            sentence_parts(post, i, about_post(one.posts, post, outcomes, one.closed)).features()
            for one in examples
            for outcomes in [Outcomes(one.posts)]
            for post, i in one.candidates
        )
        self.matrix, self.names = matrix_of(
            rows, lambda name: LEAST_LETTERS if name.startswith("c=") else LEAST_SEEN
        )
        self.labels = np.array([label for one in examples for label in one.labels])
        self.counts = np.array([one.weight for one in examples for _ in one.labels])
        self.example = np.array([i for i, one in enumerate(examples) for _ in one.labels])

    def fit(self, chosen: Sequence[int]) -> LinearModel:
        """Five regressions, one label against the rest each, on these examples."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        rows = np.isin(self.example, list(chosen)) & (self.labels != UNKNOWN)
        x, counts = self.matrix[rows], self.counts[rows]
        biases, columns = [], []
        for label in range(len(LABELS)):
            y = self.labels[rows] == label
            if not 0 < y.sum() < len(y):  # a small set lacks a label: it is never given
                biases.append(NEVER)
                columns.append(np.zeros(x.shape[1]))
                continue
            scale = telling(x, y, counts)
            model = LogisticRegression(
                C=STRENGTH, solver="liblinear", dual=True, tol=0.1, intercept_scaling=3,
                random_state=0,
            )  # fmt: skip
            model.fit(x.multiply(scale).tocsr(), y, counts)
            biases.append(round(float(model.intercept_[0]), DIGITS))
            columns.append(np.round(model.coef_[0] * scale, DIGITS))
        weights = np.array(columns).T
        kept_rows = np.flatnonzero(np.abs(weights).max(1) >= LEAST)
        named = {self.names[i]: tuple(weights[i].tolist()) for i in kept_rows}
        return LinearModel(LABELS, tuple(biases), named)

    def chances(self, model: LinearModel) -> Any:
        """What a model says of every sentence: a row a sentence, a column a label."""
        import numpy as np

        weights = np.array([model.weights.get(name, (0.0,) * len(LABELS)) for name in self.names])
        powers = 1 / (1 + np.exp(-(self.matrix @ weights + np.array(model.biases))))
        return powers / powers.sum(1, keepdims=True)


def matrix_of(
    rows: Iterable[Mapping[str, float]], least: Callable[[str], int]
) -> tuple[Any, list[str]]:
    """Features by name as a sparse matrix with the names of its columns: those features that at
    least so many rows have.
    """
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer

    vectors = DictVectorizer(dtype=np.float32)
    matrix = vectors.fit_transform(rows).tocsr()
    names = vectors.get_feature_names_out()
    seen = matrix.getnnz(axis=0)
    keep = [i for i, name in enumerate(names) if seen[i] >= least(name)]
    return matrix[:, keep].tocsr(), [str(names[i]) for i in keep]


def telling(x: Any, y: Any, counts: Any) -> Any:
    """How unevenly each feature is spread over two classes: the root of the log ratio of its shares
    in both, 1 in the mean square. Columns weighed so are shrunk less where they tell more (naive
    Bayes features: Wang and Manning 2012).
    """
    import numpy as np

    def share(rows: Any) -> Any:
        total = x.T @ (counts * rows) + 1.0
        return total / total.sum()

    ratio = np.sqrt(np.abs(np.log(share(y) / share(~y))))
    return ratio / max(float(np.sqrt((ratio**2).mean())), 1e-9)


# ---------------------------------------------------------------- the claim models


@dataclass(slots=True)
class ClaimData:
    """The runs of one kind in all examples, as each split finds them: the numbers of their splits
    and examples, features, the words of each (a sparse row) and what they are by the labels;
    `over`: by how much its thread is longer than threads are.
    """

    runs: list[Run]
    split: Any
    example: Any
    rows: Any
    names: list[str]
    words: Any
    vocabulary: list[str]
    labels: Any
    counts: Any
    over: Any


def claim_data(
    kind: str,
    examples: Sequence[Example],
    said: Sequence[Sequence[Sequence[Said]]],
    mentions: Sequence[Sequence[Mention]],
    read: Mapping[Reading, Sequence[float]],
) -> ClaimData:
    """The runs of a kind among sentences (`said`: by split and example), beside errors, that models
    judged, found and read that had not seen their project.
    """
    import numpy as np

    found: list[Run] = []
    owners: list[tuple[int, int]] = []
    features: list[dict[str, float]] = []
    for split, i in product(range(len(said)), range(len(examples))):
        one, row = examples[i], said[split][i]
        own = runs(row, kind)
        scores = [told(kind, read.get(one.reading(run), _UNREAD)) for run in own]
        outcomes = Outcomes(one.posts)
        rivals = ThreadRuns(one.posts, row, own, outcomes, one.closed, mentions[i], scores)
        features += [rivals.features(k) for k in range(len(own))]
        found += own
        owners += [(split, i)] * len(own)
    names = list(features[0])
    words, vocabulary = matrix_of(map(run_words, found), lambda _: LEAST_SEEN * len(said))
    owned = [examples[i] for _, i in owners]
    split_of, example_of = np.array(owners).T
    return ClaimData(
        runs=found,
        split=split_of,
        example=example_of,
        rows=np.array([[row[name] for name in names] for row in features]),
        names=names,
        words=words,
        vocabulary=vocabulary,
        labels=np.array([verdict(o.labelled, r) for o, r in zip(owned, found, strict=True)]),
        counts=np.array([one.weight / len(said) for one in owned]),
        over=np.array([over_long(row["sentences in thread"]) for row in features]),
    )


def fitted_claims(data: ClaimData, chosen: Sequence[int]) -> tuple[Any, Any, Any]:
    """A scaled logistic regression and a forest on the runs of these examples, and a regression on
    their words. Raises `BadInputError` where a verdict has no run.
    """
    import numpy as np
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.isin(data.example, list(chosen)) & (data.labels != UNKNOWN)
    x, y, counts = data.rows[rows], data.labels[rows], data.counts[rows]
    if len(set(y.tolist())) < len(VERDICTS):
        raise BadInputError(
            "too few labels; give folders with claims that stand and some that are refuted, each in"
            " several projects"
        )
    line = make_pipeline(StandardScaler(), LogisticRegression(C=CLAIM_STRENGTH, max_iter=300))
    line.fit(x, y, logisticregression__sample_weight=counts)
    forest = ExtraTreesClassifier(
        n_estimators=FOREST, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST_IN_LEAF,
        max_features=0.3, random_state=0,
    )  # fmt: skip
    forest.fit(x, y, counts)
    worded = LogisticRegression(C=WORD_STRENGTH, max_iter=300)
    return line, forest, worded.fit(data.words[rows], y, counts)


def claim_document(
    data: ClaimData, chosen: Sequence[int], calibration: Sequence[Calibration]
) -> dict[str, Any]:
    """The model of these examples in the JSON form of `model.claim_model_of`."""
    (scale, regression), forest, worded = fitted_claims(data, chosen)
    weights = regression.coef_ / scale.scale_
    biases = regression.intercept_ - weights @ scale.mean_
    return {
        "calibration": calibration,
        "linear": _linear(biases, weights, data.names, 4, 0.0005),
        "words": _linear(worded.intercept_, worded.coef_, data.vocabulary, 2, LEAST),
        "forest": {"features": data.names, "trees": [_tree(t.tree_) for t in forest.estimators_]},
    }


def _linear(biases: Any, weights: Any, names: Sequence[str], digits: int, least: float) -> Any:
    """A regression over verdicts in its JSON form."""
    rows = dict(zip(names, map(tuple, weights.T.tolist()), strict=True))
    model = LinearModel(VERDICTS, tuple(biases.tolist()), rows)
    return json.loads(write_linear(model, digits, least))


def _tree(tree: Any) -> list[list[float]]:
    """The nodes of a tree of the forest (`model.Node`)."""
    nodes: list[list[float]] = []
    for i in range(tree.node_count):
        left, right = int(tree.children_left[i]), int(tree.children_right[i])
        leaf = [round(float(x), 3) for x in tree.value[i][0][1:]]
        cut = [int(tree.feature[i]), round(float(tree.threshold[i]), 4), left, right]
        nodes.append(leaf if left < 0 else cut)
    return nodes


# ---------------------------------------------------------------- all of it


class Training:
    """The examples with what models say of them that have not seen their project, by several splits
    into folds: `said` their sentences, `judged` their runs (by split and example). `model` is the
    sentence model of all of them; the claim models learn from the runs of every split.
    """

    def __init__(
        self, sets: Sequence[LabelledSet], folders: Sequence[Path], encoders: Path | None = None
    ) -> None:
        self.examples = weighed([example(t, real=one.real) for one in sets for t in one.threads])
        projects = [one.labelled.project for one in self.examples]
        self.parts = [list(folds(projects, FOLDS, seed)) for seed in range(SPLITS)]
        sentences = SentenceData(self.examples)
        self.model = sentences.fit(range(len(self.examples)))
        threads = [one.labelled.thread for one in self.examples]
        errors = held_out(folders, threads, self.parts[0])
        self.said = [self._said(sentences, parts) for parts in self.parts]
        self.encoder: dict[Path, bytes] = {}
        read = self._read(encoders) if encoders else {}
        self.data = {
            kind: claim_data(kind, self.examples, self.said, errors, read) for kind in KINDS
        }
        self.calibration: dict[str, list[Calibration]] = {}
        self.judged: list[list[list[Judged]]] = [[[] for _ in self.examples] for _ in self.parts]
        for kind, data in self.data.items():
            chances = self._held_out(data)
            self.calibration[kind] = levels = self._calibration(data, chances)
            for run, split, i, (_, *pair), over in zip(
                data.runs, data.split, data.example, chances.tolist(), data.over, strict=True
            ):
                good, refuted = map(calibrated, pair, levels, (over, over))
                self.judged[split][i].append(Judged(run, good, refuted))

    def _said(self, sentences: SentenceData, parts: Sequence[Fold]) -> list[list[Said]]:
        """The sentences of every example as models judge them that have not seen its project."""
        out: list[list[Said]] = [[] for _ in self.examples]
        for train, test in parts:
            rows = sentences.chances(sentences.fit(train))
            for i in test:
                own = rows[sentences.example == i].tolist()
                pairs = zip(self.examples[i].candidates, own, strict=True)
                out[i] = [Said(post, number, tuple(row)) for (post, number), row in pairs]
        return out

    def _read(self, folder: Path) -> dict[Reading, Sequence[float]]:
        """What encoders say of every run that have not seen its project, by the folds of the first
        split; makes the one of all projects as well. Those kept in `folder` are used again.
        """
        pairs = zip(self.examples, self.said[0], strict=True)
        samples = [self._samples(one, row) for one, row in pairs]
        words = encoder.vocabulary(one.reading for row in samples for one in row)
        out: dict[Reading, Sequence[float]] = {}
        for number, (train, test) in enumerate(self.parts[0]):
            rows = [one for i in train for one in samples[i]]
            network = encoder.kept(folder, f"fold{number}", words, rows)
            found = {
                self.examples[i].reading(run)
                for i, split, kind in product(test, self.said, KINDS)
                for run in runs(split[i], kind)
            }
            readings = sorted(found)
            scores = encoder.scores_of(network, words, readings)
            out |= dict(zip(readings, scores, strict=True))
        rows = [one for row in samples for one in row]
        network = encoder.kept(folder, "all", words, rows)
        self.encoder = {
            FOLDER / ENCODER: encoder.rounded(network),
            FOLDER / VOCABULARY: "".join(f"{word}\n" for word in words).encode(),
        }
        return out

    @staticmethod
    def _samples(one: Example, said: Sequence[Said]) -> list[encoder.Sample]:
        """What the encoder learns from a thread: its runs, the sentences of claims that are in
        none, and a few of the others.
        """
        found = {run.said: run for kind in KINDS for run in runs(said, kind)}
        inside = {said for run in found for said in run}
        for each in said:
            alone = Run((each,), KINDS[0], False, 0.0)
            if each not in inside and (any(_answers(one.labelled, alone)) or _is_of_few(each)):
                found[alone.said] = alone
        answers = [(run, _answers(one.labelled, run)) for run in found.values()]
        return [
            encoder.Sample(one.reading(run), row, one.weight)
            for run, row in answers
            if any(answer is not None for answer in row)
        ]

    def _held_out(self, data: ClaimData) -> Any:
        """Chances of every run by `VERDICTS`, by models that have not seen its project."""
        import numpy as np

        out = np.zeros((len(data.runs), len(VERDICTS)))
        given = (data.rows, data.rows, data.words)
        for split, parts in enumerate(self.parts):
            for train, test in parts:
                rows = np.flatnonzero((data.split == split) & np.isin(data.example, test))
                if len(rows):
                    pairs = zip(fitted_claims(data, train), given, strict=True)
                    found = [model.predict_proba(x[rows]).tolist() for model, x in pairs]
                    out[rows] = list(map(pooled, *found))
        return out

    def _calibration(self, data: ClaimData, chances: Any) -> list[Calibration]:
        """The calibration by verdict (Platt) from held-out chances: slope and offset of the runs of
        threads that people wrote, labelled whole and no pull requests, if any are; and what length
        costs in all runs, since few of those threads are long.

        No `CalibratedClassifierCV`: it calibrates over all that it learns from, and by the chance
        only.
        """
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        owners = [self.examples[i] for i in data.example]
        made_up = np.array([not one.real for one in owners])
        known = data.labels != UNKNOWN
        whole = [one.real and one.is_whole and one.closed != "pull" for one in owners]
        rows = whole if any(whole) else known
        out = []
        for label in (1, 2):
            x = np.array([[log_odds(chance)] for chance in chances[:, label]])
            y, counts = data.labels == label, data.counts
            fitted = LogisticRegression(C=1.0).fit(x[rows], y[rows], counts[rows])
            both = LogisticRegression(C=10.0)
            both.fit(np.column_stack([x, data.over, made_up])[known], y[known], counts[known])
            found = (fitted.coef_[0][0], fitted.intercept_[0], min(0.0, both.coef_[0][1]))
            slope, offset, length = (round(float(one), 4) for one in found)
            out.append((slope, offset, length))
        return out

    def model_document(self, thresholds: Thresholds) -> dict[Path, bytes]:
        """The files of the model of all examples."""
        every = range(len(self.examples))
        document: dict[str, Any] = {"thresholds": asdict(thresholds)}
        for kind in KINDS:
            document[kind] = claim_document(self.data[kind], every, self.calibration[kind])
        sentence = write_linear(self.model, DIGITS, LEAST)
        tables = {WEIGHTS: sentence, CLAIM_WEIGHTS: _lines(document)}
        return {path: text.encode() for path, text in tables.items()} | self.encoder


def _lines(document: dict[str, Any]) -> str:
    """JSON with a tree, and a feature's weights, a line each."""
    text = json.dumps(document, separators=(",", ":"))
    return re.sub(r"(?<=[\]}],)(?=\[\[|\"|\{)", "\n", text) + "\n"


def shown(judged: Sequence[Judged], levels: Thresholds) -> list[Shown]:
    """The claims that these thresholds keep, as the measures read them."""
    stances = ("unverified", "refuted")
    return [
        Shown(*o.said[0].post.place, o.start, o.until, o.kind, stances[o.refuted], o.chance)
        for o in kept(judged, levels)
        if not bare(o)
    ]


def figures(
    training: Training, levels: Thresholds, *, real: bool, kinds: Sequence[str] = KINDS
) -> dict[str, Figures]:
    """Figures of held-out claims of these kinds, over threads that people wrote or made-up ones;
    each thread that is measured counts as often as there are splits.
    """
    return measure(
        (one.labelled, shown([judged for judged in row if judged.run.kind in kinds], levels))
        for split in training.judged
        for one, row in zip(training.examples, split, strict=True)
        if one.measured and one.real == real
    )


def best_thresholds(training: Training) -> Thresholds:
    """The thresholds with the best F1 on real threads; `publish` is not chosen here."""
    levels, real = START, any(one.real for one in training.examples)

    def f1(one: Thresholds, *kinds: str) -> float:
        found = figures(training, one, real=real, kinds=kinds)
        return sum(found[kind].f1 + 0.2 * found[kind].top1 for kind in kinds)

    for _ in range(2):  # a second time beside what was chosen for the others
        for name in KINDS:
            tried = [(f1(one := replace(levels, **{name: x}), name), one) for x in GRID]
            best = max(score for score, _ in tried)
            levels = next(one for score, one in tried if score >= best - AS_GOOD)
        levels = max((replace(levels, surest=x) for x in SUREST), key=lambda t: f1(t, *KINDS))
    return levels


def confidence_for_showing(found: Iterable[Candidate]) -> float:
    """The lowest from which enough of the claims that are shown were right."""
    hits, publish = 0, 1.0
    for place, one in enumerate(sorted(found, key=lambda c: -c.least), 1):
        hits += one.right
        if place >= 20 and hits / place >= SHOWN_RIGHT:
            publish = one.least
    return round(publish, 3)


class Candidate(NamedTuple):
    """A held-out claim that may be shown: its confidence, the threshold up to which it is, whether
    it is right, and its split and example.
    """

    chance: float
    least: float
    right: bool
    thread: tuple[int, int]


def publication(training: Training, levels: Thresholds) -> list[Candidate]:
    """Every held-out claim of real threads that is withheld for nothing but its confidence."""
    out = []
    for split, i in product(range(SPLITS), range(len(training.examples))):
        one = training.examples[i]
        if one.measured and one.real:
            found = [run for run in kept(training.judged[split][i], levels) if not bare(run)]
            answers = reports(found, training.said[split][i])
            heard = {id(run): {r.role for r in answers.get(id(run), ())} for run in found}
            errors = [(error.place, error.start, error.end) for error in one.labelled.errors or ()]
            found = [
                run
                for run in found
                if not run.refuted
                and not withheld(run.kind, run.text, run.said[0].post.role, has_code=True)
                and not (run.kind != "cause" and why_no_help(run.text, heard[id(run)]))
                and not in_error(run, errors)
            ]
            for before, run in enumerate(sorted(found, key=lambda run: -run.chance)):
                least = run.chance - (FURTHER if before else 0.0)
                right = verdict(one.labelled, run) == VERDICTS.index("good")
                out.append(Candidate(run.chance, least, right, (split, i)))
    return out


def _publication_table(training: Training, found: Sequence[Candidate], publish: float) -> str:
    labelled = {
        (split, i)
        for i, one in enumerate(training.examples)
        if one.measured and one.real and any(span.good for span in one.labelled.spans)
        for split in range(SPLITS)
    }
    rows = []
    for least in sorted({0.5, 0.6, 0.7, 0.8, 0.9, publish}):
        chosen = [one for one in found if one.least >= least]
        hits = sum(one.right for one in chosen)
        served = len({one.thread for one in chosen if one.right} & labelled)
        part = hits / len(chosen) if chosen else 0.0
        rows.append((f"{least:.3f}", len(chosen), part, served / max(1, len(labelled))))
    return table(rows, ("confidence", "claims shown", "right", "threads with a right one"))


_OF_ENCODER = (
    "Encoder: all-MiniLM-L6-v2 (Apache-2.0), fine-tuned on these threads; in these figures by the"
    " folds of the first split."
)


def trained(folders: Sequence[Path], encoders: Path | None = None) -> Trained:
    """The models from all labelled threads of folders, with figures for projects that a model had
    not seen. `encoders`: where fine-tuned encoders are kept; without it none is trained, and what
    is read counts nothing.
    """
    sets = read_labels(folders)
    training = Training(sets, folders, encoders)
    levels = best_thresholds(training)
    found = publication(training, levels)
    levels = replace(levels, publish=confidence_for_showing(found))
    names = ", ".join(f"{one.name} ({len(one.threads)})" for one in sets)
    card = (
        f"Labelled threads: {names}. Figures by {FOLDS} folds over projects, {SPLITS} such splits"
        " taken together: each thread counts as often. Thresholds: "
        + ", ".join(f"{name} {value}" for name, value in asdict(levels).items())
        + f". {_OF_ENCODER if training.encoder else 'No encoder.'}\n"
    )
    head = ("kind", "precision", "recall", "F1", "top1", "claims")
    for real, title in ((True, "Threads that people wrote"), (False, "Made-up threads")):
        if any(one.real == real for one in training.examples):
            kinds = figures(training, levels, real=real).items()
            rows = [(k, f.precision, f.recall, f.f1, f.top1, f.claims) for k, f in kinds]
            card += f"\n### {title}\n\n{table(rows, head)}"
    shown_ = _publication_table(training, found, levels.publish)
    card += f"\n### Shown claims of threads that people wrote\n\n{shown_}"
    every = publication(training, replace(levels, cause=0.0, fix=0.0))
    table_ = reliability([one.chance for one in every], [one.right for one in every])
    card += f"\n### Reliability of the confidence\n\n{table_}"
    return Trained("claims", card, training.model_document(levels))
