"""What mining costs as a database grows: threads a second, memory, bytes a thread.

    python benchmarks/bench_scale.py CORPUS.jsonl.gz --threads 5000 10000 --workers 1 2
    python benchmarks/bench_scale.py CORPUS.jsonl.gz --threads 5000 --scheduler tcp://HOST:8786
    python benchmarks/bench_scale.py CORPUS.jsonl.gz --threads 50000 --write big.jsonl

A corpus in the import format is repeated under other names: each copy's repositories, numbers of
threads and ids of comments are its own, and references among its threads follow. Memory is the
largest resident size of the process that owns the database, and of its largest worker. A second
`mine` without news shows what a quiet night costs.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

Json = dict[str, Any]
DEMO = sorted((ROOT / "data" / "demo").glob("*.jsonl"))
COMMENTS = 10_000_000
"""Ids of comments of a copy are so many apart."""


def lines_of(paths: list[Path]) -> list[str]:
    """The threads of some files, a line each."""
    out: list[str] = []
    for path in paths:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        out += [line + "\n" for line in data.decode().split("\n") if line.strip()]
    return out


def repeated(lines: list[str], count: int) -> Iterator[str]:
    """`count` threads: the given ones, then copies of them under other names."""
    owners = sorted({json.loads(line)["repo"].split("/")[0] for line in lines}, key=len)
    names = re.compile("|".join(rf"\b{re.escape(owner)}(?=/)" for owner in reversed(owners)))
    copies = (
        _copied(line, copy, names) if copy else line for copy in itertools.count() for line in lines
    )
    return itertools.islice(copies, count)


def _copied(line: str, copy: int, names: re.Pattern[str]) -> str:
    thread: Json = json.loads(names.sub(lambda found: f"{found.group()}-{copy}", line))
    for number, comment in enumerate(thread.get("comments") or []):
        comment["id"] = (int(comment["id"]) + copy * COMMENTS + number) % (1 << 52)
    return json.dumps(thread, ensure_ascii=False) + "\n"


def mine_once(path: Path, workers: int | None, scheduler: str | None) -> Json:
    """Mines a database in this process, then again without news."""
    from kb.store import Store
    from miner.dask_crew import DaskCrew
    from miner.pipeline import mine

    with Store.open(path) as store:
        engine = DaskCrew(path, scheduler) if scheduler else None
        start = time.perf_counter()
        report = mine(store, now="2026-01-01T00:00:00Z", workers=workers, engine=engine)
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        mine(store, now="2026-01-01T00:00:00Z", workers=workers)
        quiet = time.perf_counter() - start
    own, child = (
        resource.getrusage(who).ru_maxrss >> 10
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    size = sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    return {
        "threads": report.threads,
        "seconds": round(seconds, 1),
        "threads_a_second": round(report.threads / seconds, 1),
        **{f"{stage}_seconds": round(took, 1) for stage, took in report.seconds.items()},
        "quiet_seconds": round(quiet, 2),
        "owner_mb": own,
        "worker_mb": child,
        "bytes_a_thread": round(size / max(1, report.threads)),
    }


def measured(lines: list[str], count: int, workers: int | None, scheduler: str | None) -> Json:
    """The figures of one size and engine, taken in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path, threads = Path(folder) / "kb.db", Path(folder) / "threads.jsonl"
        with threads.open("w", encoding="utf-8") as file:
            file.writelines(repeated(lines, count))
        program = [sys.executable, "-m", "miner", "import", str(threads), "--db", str(path)]
        start = time.perf_counter()
        subprocess.run(program, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
        imported = time.perf_counter() - start
        program = [sys.executable, __file__, "--mine", str(path)]
        program += ["--scheduler", scheduler] if scheduler else ["--workers", str(workers)]
        done = subprocess.run(program, check=True, capture_output=True, text=True)
        found: Json = json.loads(done.stdout.splitlines()[-1])
        return {"engine": scheduler or f"{workers} processes",
                "import_seconds": round(imported, 1), **found}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="*", type=Path, help="files of threads; the demo's if none")
    parser.add_argument("--threads", type=int, nargs="+", default=[500])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--scheduler")
    parser.add_argument("--write", type=Path, help="only write the threads")
    parser.add_argument("--mine", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.mine:
        print(json.dumps(mine_once(arguments.mine, arguments.workers[0], arguments.scheduler)))
        return
    lines = lines_of(arguments.corpus or DEMO)
    if arguments.write:
        with arguments.write.open("w", encoding="utf-8") as file:
            file.writelines(repeated(lines, arguments.threads[0]))
        return
    engines = [(None, arguments.scheduler)] if arguments.scheduler else [
        (workers, None) for workers in arguments.workers]  # fmt: skip
    for count in arguments.threads:
        for workers, scheduler in engines:
            row = measured(lines, count, workers, scheduler)
            print(json.dumps({**row, "load": round(os.getloadavg()[0], 1)}), flush=True)


if __name__ == "__main__":
    main()
