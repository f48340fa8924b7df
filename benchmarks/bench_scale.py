"""What mining costs as a database grows: threads a second, memory, bytes a thread.

    python benchmarks/bench_scale.py CORPUS.jsonl.gz --threads 5000 10000 --workers 1 2
    python benchmarks/bench_scale.py CORPUS.jsonl.gz --threads 5000 --scheduler tcp://HOST:8786
    python benchmarks/bench_scale.py CORPUS.jsonl.gz --threads 50000 --write big.jsonl
    python benchmarks/bench_scale.py --made-up --threads 10000 50000 200000 --workers 2

With `--made-up` the threads are short ones of benchmarks/generate.py, with an error each. Else a
corpus in the import format is repeated under other names: each copy's repositories, numbers of
threads and ids of comments are its own, and references among its threads follow. Memory is the
largest resident size of the process that owns the database, and of its largest worker; processor
time that of all processes, a local cluster's too. A second `mine` without news shows what a quiet
night costs.
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
from contextlib import contextmanager
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
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, child = (one.ru_maxrss >> 10 for one in both)
    size = sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    return {
        "threads": report.threads,
        "seconds": round(seconds, 1),
        "threads_a_second": round(report.threads / seconds, 1),
        **{f"{stage}_seconds": round(took, 1) for stage, took in report.seconds.items()},
        "quiet_seconds": round(quiet, 2),
        "cpu_seconds": round(sum(one.ru_utime + one.ru_stime for one in both), 1),
        "owner_cpu_seconds": round(both[0].ru_utime + both[0].ru_stime, 1),
        "owner_mb": own,
        "worker_mb": child,
        "bytes_a_thread": round(size / max(1, report.threads)),
    }


def made_up(count: int) -> Iterator[str]:
    """Short threads with an error each, half as many errors as threads."""
    from benchmarks.generate import threads

    return (json.dumps(thread) + "\n" for thread in threads(count))


def measured(lines: list[str], count: int, workers: int | None, scheduler: str | None) -> Json:
    """The figures of one size and engine, taken in a process of its own; made-up threads if no
    lines are given.
    """
    with tempfile.TemporaryDirectory() as folder:
        path, threads = Path(folder) / "kb.db", Path(folder) / "threads.jsonl"
        with threads.open("w", encoding="utf-8") as file:
            file.writelines(repeated(lines, count) if lines else made_up(count))
        program = [sys.executable, "-m", "miner", "import", str(threads), "--db", str(path)]
        start = time.perf_counter()
        subprocess.run(program, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
        imported = time.perf_counter() - start
        program = [sys.executable, __file__, "--mine", str(path)]
        program += ["--scheduler", scheduler] if scheduler else ["--workers", str(workers)]
        before = cluster_seconds() if scheduler else 0.0
        done = subprocess.run(program, check=True, capture_output=True, text=True)
        found: Json = json.loads(done.stdout.splitlines()[-1])
        if scheduler:
            found["cpu_seconds"] = round(found["cpu_seconds"] + cluster_seconds() - before, 1)
        return {"input": "corpus" if lines else "made-up threads",
                "engine": "dask" if scheduler else f"{workers} processes",
                "import_seconds": round(imported, 1), **found}  # fmt: skip


def cluster_seconds() -> float:
    """Processor seconds of this process, in which the scheduler runs, and of a local cluster's
    workers.
    """
    import psutil

    own = psutil.Process()
    return sum(
        float(one.cpu_times().user + one.cpu_times().system)
        for one in (own, *own.children(recursive=True))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="*", type=Path, help="files of threads; the demo's if none")
    parser.add_argument("--threads", type=int, nargs="+", default=[500])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--scheduler")
    parser.add_argument(
        "--dask",
        type=int,
        nargs="?",
        const=2,
        metavar="N",
        help="on a local cluster of so many worker processes",
    )
    parser.add_argument("--made-up", action="store_true")
    parser.add_argument("--write", type=Path, help="only write the threads")
    parser.add_argument("--mine", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.mine:
        print(json.dumps(mine_once(arguments.mine, arguments.workers[0], arguments.scheduler)))
        return
    lines = [] if arguments.made_up else lines_of(arguments.corpus or DEMO)
    if arguments.write:
        with arguments.write.open("w", encoding="utf-8") as file:
            file.writelines(repeated(lines, arguments.threads[0]))
        return
    engines = [(None, arguments.scheduler)] if arguments.scheduler else [
        (workers, None) for workers in arguments.workers]  # fmt: skip
    with local_cluster(arguments.dask) as address:
        if address is not None:
            engines = [*engines, (None, address)] if arguments.workers else [(None, address)]
        for count in arguments.threads:
            for workers, scheduler in engines:
                row = measured(lines, count, workers, scheduler)
                print(json.dumps({**row, "load": round(os.getloadavg()[0], 1)}), flush=True)


@contextmanager
def local_cluster(workers: int | None) -> Iterator[str | None]:
    """A Dask scheduler in this process, with worker processes of one thread; None for none."""
    if workers is None:
        yield None
        return
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


if __name__ == "__main__":
    main()
