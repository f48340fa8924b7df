"""Nightly runs against a GitHub on loopback: requests and seconds with and without news, and kills
survived.

    .venv/bin/python benchmarks/bench_nightly.py [--repos 10] [--kills 50] [--threads 210]

Prints a JSON object a line. First: a first harvest of 878 issues and pull requests with 5,197
comments, and the run after it. Then ten repositories without news. Then so many runs killed with
SIGKILL, each at a moment drawn from the whole run and then run again, with the rows of every table
that differ from an undisturbed run's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.github_server import GitHubServer, make_threads
from tests.support.nightly_runs import (
    ForkServer,
    QuickClock,
    content,
    differences,
    documents,
    run,
    threads,
)


def timed(name: str, server: GitHubServer, folder: Path, **options: object) -> None:
    server.requests.clear()
    start = time.perf_counter()
    report = run(server.url, folder, **options)
    seconds = time.perf_counter() - start
    stages = {stage.name: stage.seconds for stage in report.stages}
    news = sum(repo["issues_new"] + repo["comments_new"] for repo in report.repos)
    print(
        json.dumps(
            {
                "run": name,
                "requests": len(server.requests),
                "seconds": round(seconds, 2),
                "news": news,
                "stages": stages,
            }
        )
    )


def lists(folder: Path) -> None:
    """The repository that github-to-sqlite was measured on, by its size."""
    folder.mkdir()
    with GitHubServer(make_threads("made/up", 878, 5197)) as server:
        for name in ("first of 878 threads, 5,197 comments", "the next, no news"):
            timed(name, server, folder, repos=("made/up",), formats=("note",), timelines=0)


def no_news(folder: Path, count: int) -> None:
    folder.mkdir()
    repos = tuple(f"made/up{number}" for number in range(count))
    made: list[dict[str, Any]] = []
    for place, repo in enumerate(repos):
        for thread in threads(210):
            comments = [{**c, "id": c["id"] + place * 100_000} for c in thread["comments"]]
            made.append(
                {
                    **thread,
                    "repo": repo,
                    "issue": {**thread["issue"], "number": len(made) + 1},
                    "comments": comments,
                }
            )
    with GitHubServer(made) as server:
        for name in (
            f"first of {count} repositories, {len(made)} threads",
            "the next, no news",
            "and the next",
        ):
            timed(name, server, folder, repos=repos)


def kills(folder: Path, count: int, size: int) -> None:
    folder.mkdir()
    rng = random.Random(1)
    facts = {
        "kills": 0,
        "survived": 0,
        "rows lost": 0,
        "rows doubled or other": 0,
        "documents that differ": 0,
    }
    with GitHubServer(threads(size), clock=QuickClock().time) as server, ForkServer() as nursery:
        server.public = "http://api.test"
        calm = folder / "calm"
        calm.mkdir()
        length = nursery.run(server.url, calm).seconds
        rows, files = content(calm / "kb.db"), documents(calm)
        while facts["kills"] < count:
            place = folder / str(facts["kills"])
            place.mkdir(exist_ok=True)
            ended = nursery.run(
                server.url, place, after=length * (facts["kills"] + rng.random()) / count
            )
            if not ended.signalled:
                length *= 0.9  # it was through: this machine is less busy than before
                facts["runs that ended first"] = facts.get("runs that ended first", 0) + 1
                place = place.rename(folder / f"through{facts['runs that ended first']}")
                continue
            facts["kills"] += 1
            status = nursery.run(server.url, place).status
            found = differences(content(place / "kb.db"), rows)
            facts["rows lost"] += sum(missing for _, missing in found.values())
            facts["rows doubled or other"] += sum(more for more, _ in found.values())
            other = documents(place) != files
            facts["documents that differ"] += other
            facts["survived"] += status == 0 and not found and not other
    print(json.dumps(facts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repos", type=int, default=10)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--threads", type=int, default=210)
    chosen = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    with tempfile.TemporaryDirectory() as folder:
        lists(Path(folder) / "lists")
        no_news(Path(folder) / "news", chosen.repos)
        if chosen.kills:
            kills(Path(folder) / "kills", chosen.kills, chosen.threads)


if __name__ == "__main__":
    main()
