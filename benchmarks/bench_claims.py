"""How fast claims are found: threads and sentences a second, on one core, on the threads of
`data/labels`.

python benchmarks/bench_claims.py [REPEAT]
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from pathlib import Path

from kb.sentences import split
from miner.extract import ClaimContext, find_claims
from miner.extract.find import judge
from miner.extract.model import load
from miner.extract.posts import posts_of
from miner.training.dataset import read_labels

LABELS = Path(__file__).resolve().parent.parent / "data" / "labels"


def main() -> None:
    repeat = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    threads = [one.thread for part in read_labels([LABELS]) for one in part.threads]
    texts = [text for t in threads for text in (t.body, *(c.body for c in t.comments))]
    model = load()
    context = ClaimContext()
    for name, run in (
        ("split", lambda: [split(text) for text in texts]),
        ("judge", lambda: [judge(t, posts_of(t, context), model) for t in threads]),
        ("find_claims", lambda: [find_claims(t, (), context) for t in threads]),
    ):
        best = min(timed(run) for _ in range(repeat))
        print(
            f"{name:12s} {len(threads) / best:8.0f} threads/s  "
            f"{sum(map(len, texts)) / best / 1e6:6.2f} M characters/s"
        )
    profile = cProfile.Profile()
    profile.runcall(lambda: [find_claims(t, (), context) for t in threads])
    pstats.Stats(profile).sort_stats("tottime").print_stats(12)


def timed(run: object) -> float:
    start = time.perf_counter()
    run()  # type: ignore[operator]
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
