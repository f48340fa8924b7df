"""The same partitions, by the same functions, through several engines on one machine.

    python benchmarks/bench_engines.py KB.db [--threads 128] [--engines processes dask ray]

For each engine: seconds to start it and to run the detection of some threads with two worker
processes, processor seconds of all its processes, their memory (proportional set size) at the end.
Ray is measured where it is installed. A row of JSON each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

WORKERS = 2
PARTITION = 16
Job = tuple[Any, ...]


def run_job(job: Job) -> list[Any]:
    """What any worker does."""
    sys.path[:0] = [str(ROOT)]
    from miner.dask_crew import run_on_slice

    return run_on_slice(*job)


def jobs_of(path: Path, count: int) -> list[Job]:
    from kb.store import connect_readonly
    from miner.dask_crew import slice_of
    from miner.pipeline import WORK
    from miner.versions import stage_versions

    connection = connect_readonly(path)
    keys = [
        tuple(row) for row in connection.execute("select repo, number from thread order by 1, 2")
    ]
    connection.close()
    keys = keys[:: max(1, len(keys) // count)][:count]
    parts = [keys[start : start + PARTITION] for start in range(0, len(keys), PARTITION)]
    return [(WORK["detect"], slice_of(path, part), part, stage_versions()) for part in parts]


def by_processes() -> Iterator[Callable[[list[Job]], list[Any]]]:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        list(pool.map(abs, range(WORKERS)))
        yield lambda jobs: list(pool.map(run_job, jobs))


def by_dask() -> Iterator[Callable[[list[Job]], list[Any]]]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield lambda jobs: client.gather([client.submit(run_job, job, pure=False) for job in jobs])


def by_ray() -> Iterator[Callable[[list[Job]], list[Any]]]:
    import ray

    ray.init(num_cpus=WORKERS, include_dashboard=False, logging_level="error", log_to_driver=False)
    remote = ray.remote(run_job)
    yield lambda jobs: ray.get([remote.remote(job) for job in jobs])
    ray.shutdown()


ENGINES = {"processes": by_processes, "dask": by_dask, "ray": by_ray}


def cost() -> tuple[float, int]:
    """Processor seconds and megabytes of this process and all below it."""
    import psutil

    own = psutil.Process()
    seconds, size = 0.0, 0
    for one in (own, *own.children(recursive=True)):
        try:
            times, memory = one.cpu_times(), one.memory_full_info().pss
        except psutil.Error:
            continue
        seconds += times.user + times.system
        size += memory
    return seconds, size >> 20


def measured(name: str, path: Path, count: int) -> dict[str, Any]:
    jobs = jobs_of(path, count)
    before, _ = cost()
    start = time.perf_counter()
    engine = ENGINES[name]()
    run = next(engine)
    started = time.perf_counter() - start
    start = time.perf_counter()
    found = [one for part in run(jobs) for one in part]
    seconds = time.perf_counter() - start
    spent, size = cost()
    next(engine, None)
    return {
        "engine": name,
        "threads": len(found),
        "mentions": sum(len(one.mentions) for one in found),
        "start_seconds": round(started, 1),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(spent - before, 1),
        "memory_mb": size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    parser.add_argument("--threads", type=int, default=128)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    arguments = parser.parse_args()
    for name in arguments.engines:
        try:
            print(json.dumps(measured(name, arguments.base, arguments.threads)), flush=True)
        except ModuleNotFoundError as error:
            print(json.dumps({"engine": name, "left_out": str(error)}), flush=True)


if __name__ == "__main__":
    main()
