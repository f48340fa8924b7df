"""What grouping costs: from nothing by the number of distinct signatures, and a nightly run by the
size of the database.

python benchmarks/bench_group.py                 # 10,000 and 100,000 signatures; nights over 1,000,
10,000, 100,000 threads python benchmarks/bench_group.py --small         # a tenth of it
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

NOW = "2026-01-01T00:00:00Z"


def _fill(path: Path, texts: list[str], at: int = 0) -> None:
    """Stores one thread with one mention for each text, as detection would."""
    from kb.models import Mention, Thread
    from kb.signature import sign
    from kb.store import Store
    from miner.cluster.mentions import replace_mentions

    with Store.open(path) as store, store.transaction() as db:
        for number, text in enumerate(texts, start=at + 1):
            day = f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}T00:00:00Z"
            who = f"u{number}"
            thread = Thread(
                "acme/tool",
                number,
                "issue",
                "t",
                text,
                "open",
                None,
                who,
                "User",
                "NONE",
                day,
                day,
                None,
                None,
                "u",
            )
            db.execute(
                "insert or replace into thread (repo, number, kind, title, body, state, "
                "author_type, association,"
                " created_at, updated_at, url, labels, thumbs_up, thumbs_down)"
                " values ('acme/tool', ?, 'issue', 't', ?, 'open', 'User', 'NONE', ?, ?, "
                "'u', '[]', 0, 0)",
                (number, text, day, day),
            )
            replace_mentions(
                db, thread, [Mention(None, "body", 0, len(text), text, sign(text), is_primary=True)]
            )


def scratch(path: Path, workers: int = 2) -> dict[str, float]:
    """Groups everything in a database that was filled but never grouped."""
    from kb.store import Store
    from miner.cluster import group
    from miner.workers import Crew

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Store.open(path) as store, Crew(path, store.connection, workers) as crew:
        start = time.perf_counter()
        report = group(store, None, NOW, crew.spread)
        seconds = time.perf_counter() - start
    peak, worker = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "workers": workers,
        "signatures": report.signatures,
        "entries": report.new,
        "compared": report.compared,
        "seconds": round(seconds, 2),
        "peak_mb": round(peak / 1024),
        "peak_before_mb": round(before / 1024),
        "worker_mb": round(worker / 1024),
    }


def night(path: Path, changed: list[str]) -> dict[str, float]:
    """Replaces or adds as many threads as texts are given, groups and counts the touched
    entries."""
    from kb.store import Store
    from miner.cluster import group
    from miner.cluster.entries import refresh_entries

    with Store.open(path) as store:
        size = store.connection.execute("select count(*) from thread").fetchone()[0]
    _fill(path, changed, at=size)
    with Store.open(path) as store:
        start = time.perf_counter()
        report = group(store, None, NOW)
        grouped = time.perf_counter()
        with store.transaction() as db:
            refresh_entries(
                db, [row[0] for row in db.execute("select entry_id from dirty_entry").fetchall()]
            )
            db.execute("delete from dirty_entry")
        end = time.perf_counter()
    return {
        "threads": size,
        "changed": len(changed),
        "group_seconds": round(grouped - start, 3),
        "refresh_seconds": round(end - grouped, 3),
        "entries": report.changed,
    }


def mentions(count: int, seed: int = 1) -> list[str]:
    """Error texts of `count` threads, as `generate.threads` makes them."""
    from benchmarks.generate import threads

    return [
        thread["issue"]["body"].split("```\n")[1].rstrip("\n") for thread in threads(count, seed)
    ]


def _alone(*arguments: str) -> dict[str, float]:
    # a process of its own, so that its peak of memory is its own
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.scratch:
        print(json.dumps(scratch(arguments.scratch)))
        return
    from benchmarks.generate import distinct_texts

    sizes = [1_000, 10_000] if arguments.small else [10_000, 100_000]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"scratch{size}.db"
            _fill(path, list(distinct_texts(size)))
            print("from nothing:", json.dumps(_alone("--scratch", str(path))), flush=True)
            path.unlink()
        fresh = mentions(100, seed=7)
        for size in [100, *sizes] if arguments.small else [1_000, *sizes]:
            path = Path(folder) / f"night{size}.db"
            _fill(path, mentions(size))
            scratch(path)
            known = mentions(size)[:: max(1, size // 50)][:50]
            print("night:", json.dumps(night(path, fresh[:50] + known)), flush=True)


if __name__ == "__main__":
    main()
