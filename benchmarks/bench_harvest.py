"""Requests and seconds of a first harvest, a second one without news, and one of everything, from a
GitHub on loopback.

    .venv/bin/python benchmarks/bench_harvest.py [--threads 878] [--comments 5197] [--faults]
    [FILE...]

Without files the threads are made up; with files (import format) they are theirs. The requests are
what counts: the seconds are those of the local server and of storage, since GitHub itself takes
some 0.3 to 1 s for a page.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kb.store import Store
from miner.harvest.github import HarvestOptions, harvest
from tests.support.github_server import GitHubServer, load_threads, make_threads


class QuickClock:
    """The real time plus what was slept for, without sleeping."""

    def __init__(self) -> None:
        self.slept = 0.0

    def time(self) -> float:
        return time.time() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--threads", type=int, default=878)
    parser.add_argument("--comments", type=int, default=5197)
    parser.add_argument(
        "--faults",
        action="store_true",
        help="every 7th request 502, every 11th dropped, every 13th cut",
    )
    chosen = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    threads = (
        load_threads(*chosen.files)
        if chosen.files
        else make_threads("made/up", chosen.threads, chosen.comments)
    )
    repos = sorted({thread["repo"] for thread in threads})
    print(
        f"{len(threads)} issues and pull requests, "
        f"{sum(len(t['comments']) for t in threads)} comments, {len(repos)} repositories"
    )
    clock = QuickClock()
    with GitHubServer(threads, clock=clock.time) as server, tempfile.TemporaryDirectory() as folder:
        if chosen.faults:
            server.faults.every = {7: "502", 11: "drop", 13: "cut"}
        with Store.open(Path(folder) / "bench.db") as store:
            for name, full in (("first", False), ("second, no news", False), ("full", True)):
                start, waited = time.perf_counter(), clock.slept
                report = harvest(
                    store,
                    repos,
                    HarvestOptions(api_url=server.url, token="local", full=full, clock=clock),
                )
                facts = {
                    "run": name,
                    "requests": report.requests,
                    "seconds": round(time.perf_counter() - start, 2),
                    "waits_not_slept": round(clock.slept - waited, 1),
                    "news": sum(one.news for one in report.repos),
                    "failures": len(report.failures),
                }
                print(json.dumps(facts))
            rows = {
                table: store.connection.execute(f"select count(*) from {table}").fetchone()[0]
                for table in ("thread", "comment")
            }
            print(json.dumps({"stored": rows, "bytes": (Path(folder) / "bench.db").stat().st_size}))


if __name__ == "__main__":
    main()
