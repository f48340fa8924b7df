"""The stages on a Dask cluster: what a crew of worker processes does on one machine, on many.

The database stays where it is. A partition travels as a slice of it: a small SQLite database with
the rows that its threads are judged by, so that a worker runs the very function that a process of
this machine runs, on rows it cannot tell from the whole. Results come back in order; ids, curation
and all writing stay with the process that owns the database. A job that is lost with its worker is
run again by another one; one that is lost with worker after worker, by the owner of the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, Self, TypeVar

from kb import sql
from kb.errors import BadInputError, FaultloreError
from kb.models import ThreadKey
from kb.schema import make_tables
from kb.text import chunks
from miner.versions import stage_versions
from miner.workers import Crew, collect_rarely

A = TypeVar("A")
B = TypeVar("B")

PARTITION = 32
"""Threads that a worker takes at a time: some hundred kilobytes of rows."""
AHEAD = 4
"""Jobs for each thread of the cluster that are given out before the first one's result is taken."""
PATIENCE = 10.0
"""Seconds that a result may take before it is asked whether its worker works at all."""
SECONDS_TO_CONNECT = 20

_COPIED = ("post_hash", "thread", "comment", "event", "mention", "signature", "link", "judgement")
"""The tables of which the stages read rows of some threads, and of threads linked with them: each a
statement of `kb/sql/slices.sql`, in the order in which they are copied.
"""


def slice_of(path: Path, keys: Sequence[ThreadKey]) -> bytes:
    """A database, as bytes, with the rows by which these threads are judged."""
    # outside of a transaction of the owner, whose uncommitted rows it does not see
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None)
    try:
        sql.write(connection, "slices.attach", f"{path.resolve().as_uri()}?mode=ro")
        sql.script(connection, "slices.make_lists")
        sql.write_many(connection, "slices.want", keys)
        sql.write(connection, "slices.list_beside")
        make_tables(connection, "whole", _COPIED)
        sql.write(connection, "slices.post_hash")
        signs = sql.ask(connection, "slices.signs").fetchall()
        sql.write_many(connection, "slices.counted", signs)
        for table in _COPIED[1:]:
            sql.write(connection, f"slices.{table}")
        sql.write(connection, "slices.detach")
        return connection.serialize()
    finally:
        connection.close()


def run_on_slice(
    work: Callable[[sqlite3.Connection, ThreadKey], B],
    rows: bytes,
    keys: Sequence[ThreadKey],
    versions: dict[str, str],
) -> list[B]:
    """On a worker: what `work` makes of each thread. Raises as `_check_versions`."""
    _check_versions(versions)
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(rows)
        connection.row_factory = sqlite3.Row
        sql.script(connection, "file.only_read")
        with collect_rarely():
            return [work(connection, key) for key in keys]
    finally:
        connection.close()


def run_on_job(function: Callable[[A], B], job: A, versions: dict[str, str]) -> B:
    """On a worker: what a function makes of a job. Raises as `_check_versions`."""
    _check_versions(versions)
    return function(job)


def _check_versions(versions: dict[str, str]) -> None:
    """Raises `BadInputError` on a worker with other rules or weights than the process that asks."""
    if stage_versions() != versions:
        other = "a worker of the cluster has another version of faultlore"
        raise BadInputError(f"{other}; install the same one there")


class DaskCrew(Crew):
    """A crew whose workers are those of a Dask cluster. Raises `BadInputError` if there is none at
    the address, `FaultloreError` if it is lost, or if a job is lost with worker after worker.
    """

    def __init__(self, path: Path, scheduler: str) -> None:
        self._path = path
        self._address = scheduler
        self._client: Any = None

    def __enter__(self) -> Self:
        try:
            import distributed
        except ModuleNotFoundError:
            raise BadInputError(
                "--engine dask needs Dask; install it: pip install 'faultlore[dask]'"
            ) from None
        client: Any = distributed.Client
        how = {"timeout": SECONDS_TO_CONNECT, "set_as_default": False, "name": "faultlore"}
        try:
            self._client = client(self._address, **how)
        except (OSError, ValueError) as error:
            none = f"no Dask scheduler answers at {self._address} ({error})"
            remedy = "start one with 'dask scheduler' and workers with 'dask worker ADDRESS'"
            raise BadInputError(f"{none}; {remedy}") from None
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def run(
        self, work: Callable[[sqlite3.Connection, ThreadKey], B], keys: Sequence[ThreadKey]
    ) -> Iterator[B]:
        versions, parts = stage_versions(), chunks(keys, PARTITION)
        jobs = ((work, slice_of(self._path, part), part, versions) for part in parts)
        return chain.from_iterable(self._in_order(run_on_slice, jobs))

    def spread(self, function: Callable[[A], B], jobs: Iterable[A]) -> Iterator[B]:
        versions = stage_versions()
        return self._in_order(run_on_job, ((function, job, versions) for job in jobs))

    def _in_order(self, function: Callable[..., B], jobs: Iterable[tuple[Any, ...]]) -> Iterator[B]:
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError

        try:
            yield from super()._in_order(function, jobs)
        except (FutureCancelledError, CommClosedError, TimeoutError) as error:
            lost = f"the cluster at {self._address} was lost ({error})"
            raise FaultloreError(f"{lost}; what was done is kept. Run it again") from None
        finally:
            # where the scheduler is gone there is nothing to take back
            with suppress(OSError, TimeoutError):
                self._client.cancel([future for future, _ in self._given])

    def _ahead(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return AHEAD * max(1, sum(threads.values()))

    def _give(self, function: Callable[..., Any], job: tuple[Any, ...]) -> Any:
        return self._client.submit(function, *job, pure=False)

    def _take(self, function: Callable[..., B], given: Any, job: tuple[Any, ...]) -> B:
        from distributed import KilledWorker

        while True:
            try:
                return given.result(timeout=PATIENCE)  # type: ignore[no-any-return]
            except KilledWorker:  # worker after worker: too large, or they are too small
                return function(*job)
            except TimeoutError:
                if self._is_held_up(given):
                    given.cancel()
                    return function(*job)

    def _is_held_up(self, future: Any) -> bool:
        """Whether a job lies with a worker paused for want of memory, where it may lie for ever."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return any(
            future.key in keys and workers.get(address, {}).get("status") == "paused"
            for address, keys in self._client.processing().items()
        )
