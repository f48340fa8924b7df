"""What the second reader costs and what its plumbing loses: requests and tokens for labelled
threads, and F1 with an endpoint that answers from their labels, some of them wrong.

    python benchmarks/bench_judge.py FOLDER [--only real_dev] [--noise 0.05] [--seed 7]

FOLDER holds labelled threads as `miner.training` reads them. "labels" are the answers themselves,
measured as claims without questions, windows, sentences or the models behind them: what "judge"
(answers alone) has less than that is lost on the way. Of labels with noise 5 in 100 are another
label or none, and as many other sentences have a label.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kb.store import Store  # noqa: E402
from miner.extract.context import posts_of  # noqa: E402
from miner.extract.find import candidates  # noqa: E402
from miner.harvest.files import import_files  # noqa: E402
from miner.judge.compare import READERS, three_readings  # noqa: E402
from miner.judge.run import estimate  # noqa: E402
from miner.pipeline import mine  # noqa: E402
from miner.training.dataset import read_labels  # noqa: E402
from miner.training.evaluate import Figures, measure  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.models import Claim
    from miner.judge.questions import Question
    from miner.judge.run import Client
    from miner.training.dataset import Labelled

SURE = {"cause": "cause", "fix": "fix", "workaround": "fix"}
WRONG = ("cause", "fix", "other")
BANDS = ((0.3, 0.8), (0.0, 1.0))


class FromLabels:
    """An endpoint that answers from labels; `noise` is the share of them that is wrong."""

    def __init__(self, threads: Sequence[Labelled], noise: float, seed: int) -> None:
        self.labels = {f"{t.thread.repo}#{t.thread.number}": _labels(t) for t in threads}
        rng = random.Random(seed)
        for found in self.labels.values():
            _disturb(found, noise, rng)

    def ask(self, question: Question) -> str:
        """The labels of the sentences that a question shows."""
        found = self.labels[question.about]
        items = [
            {"sentence": number, "label": found[number][0], "error": None}
            for number in sorted(question.numbers)
            if number in found and found[number][0] != "other"
        ]
        return json.dumps({"labels": items})


def _labels(one: Labelled) -> dict[int, tuple[str, Any]]:
    """The label of each sentence of a thread that may be asked about, by its number."""
    posts = posts_of(one.thread, one.context)
    found = {}
    for number, (post, i) in enumerate(candidates(posts), start=1):
        sentence = post.sentences[i]
        span = next(
            (
                s
                for s in one.spans
                if (s.comment_id, s.field) == post.place
                and min(s.end, sentence.end) - max(s.start, sentence.start)
                > min(sentence.end - sentence.start, s.end - s.start) / 2
            ),
            None,
        )
        label = "other" if span is None else span.kind if span.good else "failed_attempt"
        found[number] = (label, (post, sentence))
    return found


def _disturb(found: dict[int, tuple[str, Any]], noise: float, rng: random.Random) -> None:
    labelled = [n for n, (label, _) in found.items() if label != "other"]
    others = [n for n, (label, _) in found.items() if label == "other"]
    wrong = [n for n in labelled if rng.random() < noise]
    more = sum(rng.random() < noise for _ in labelled)
    for number in (*wrong, *rng.sample(others, min(more, len(others)))):
        label, place = found[number]
        found[number] = (rng.choice([w for w in WRONG if w != label]), place)


def as_claims(found: dict[int, tuple[str, Any]]) -> list[Claim]:
    """Labels as claims; neighbours of one kind are one."""
    made: list[SimpleNamespace] = []
    for number, (label, (post, sentence)) in sorted(found.items()):
        if label not in SURE:
            continue
        place, kind = post.place, SURE[label]
        last = made[-1] if made else None
        if last and (last.number, last.kind, last.place) == (number - 1, kind, place):
            last.end, last.number = sentence.end, number
            continue
        made.append(
            SimpleNamespace(
                comment_id=place[0], field=place[1], start=sentence.start, end=sentence.end,
                kind=kind, stance="stated", confidence=1.0, number=number, place=place,
            )
        )  # fmt: skip
    return cast("list[Claim]", made)


def readings(threads: Sequence[Labelled], noise: float, seed: int) -> dict[str, dict[str, Figures]]:
    """Figures by reader ("labels" and those of `miner.judge.compare`) and kind."""
    endpoint = FromLabels(threads, noise, seed)
    found: dict[str, list[tuple[Labelled, Sequence[Claim]]]] = defaultdict(list)
    for one in threads:
        key = f"{one.thread.repo}#{one.thread.number}"
        found["labels"].append((one, as_claims(endpoint.labels[key])))
        for name, claims in three_readings(one, cast("Client", endpoint)).items():
            found[name].append((one, claims))
    return {name: measure(rows) for name, rows in found.items()}


def costs(folder: Path, threads: Sequence[Labelled]) -> None:
    """What asking about these threads would take, with the usual band and with all of them."""
    wanted = {one.thread.key for one in threads}
    titles = {(*one.thread.key, one.thread.title) for one in threads}
    lines = []
    for path in sorted({*folder.rglob("*.jsonl"), *folder.rglob("*.jsonl.gz")}):
        lines += _threads_of(path, wanted, titles)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "threads.jsonl"
        file.write_text("".join(lines), encoding="utf-8")
        with Store.open(Path(name) / "kb.db") as store:
            import_files(store, [file])
            mine(store, now="2026-06-30T00:00:00Z", workers=1)
            for band in BANDS:
                found = estimate(store.connection, band, "m")
                print(
                    f"band {band[0]:.1f} to {band[1]:.1f}: {found.threads} threads,"
                    f" {found.pairs} pairs, {found.errors} texts; {found.requests} requests,"
                    f" about {found.tokens:,} tokens"
                )


def _threads_of(path: Path, wanted: set[Any], titles: set[Any]) -> list[str]:
    from miner.training.dataset import read_lines

    found = []
    for line in read_lines(path):
        key = (line.get("repo"), line.get("issue", {}).get("number"))
        if key in wanted and (*key, line["issue"]["title"]) in titles:
            titles.discard((*key, line["issue"]["title"]))
            found.append(json.dumps(line) + "\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="real_dev", help="the set, by a part of its name")
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    sets = [
        *read_labels([options.folder], held_out=True),
        *read_labels([options.folder], held_out=False),
    ]
    threads = [one for part in sets if options.only in part.name for one in part.threads]
    print(f"{len(threads)} labelled threads of {options.only}")
    costs(options.folder, threads)
    for noise in (0.0, options.noise):
        figures = readings(threads, noise, options.seed)
        print(f"\nnoise {noise:.0%}\n{'reader':10} " + "  ".join(
            f"{kind:5} P     R     F1  " for kind in ("cause", "fix")))  # fmt: skip
        for name in ("labels", *READERS):
            row = "  ".join(
                f"    {f.precision:.3f} {f.recall:.3f} {f.f1:.3f}" for f in figures[name].values()
            )
            print(f"{name:10} {row}")
        lost = {kind: figures["labels"][kind].f1 - f.f1 for kind, f in figures["judge"].items()}
        print("lost on the way: " + ", ".join(f"{k} {v:+.3f}" for k, v in lost.items()))


if __name__ == "__main__":
    main()
