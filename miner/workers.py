"""Worker processes that read the database themselves, and a limit to what a thread may cost."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import chain
from multiprocessing import connection, get_context, parent_process, resource_tracker
from pathlib import Path
from types import FrameType
from typing import Any, Self, TypeVar

from kb.errors import FaultloreError
from kb.models import Thread, ThreadKey
from kb.text import chunks

_T = TypeVar("_T")
_A = TypeVar("_A")

OBJECTS = 50_000
"""Objects made between two rounds of Python's collector of circles (its own number is 700): stages
make many and hardly a circle, and models were looked through for 6 % of the time."""


@contextmanager
def collect_rarely() -> Iterator[None]:
    """Lets Python look for circles of objects less often in the block."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


GRACE = 6.0
"""Seconds that a worker goes on after SIGTERM: the process it works for is through by then."""


def start_tracker() -> None:
    """Starts Python's tracker of semaphores deaf to SIGHUP, as it is to SIGINT and SIGTERM: it is
    complained of when it is gone. To be called before the first worker is made.
    """
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        return
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        resource_tracker.ensure_running()
    finally:
        signal.signal(signal.SIGHUP, former)


SECONDS = 60.0
"""CPU time that a stage may spend on any thread,"""
SECONDS_PER_MILLION = 600.0
"""and more for a million characters of text: several times what the slowest texts take."""


class TooSlowError(Exception):
    """A stage spent more CPU time on one thread than it may."""


def size_of(thread: Thread) -> int:
    """The characters of a thread's texts."""
    return len(thread.title) + len(thread.body) + sum(len(c.body) for c in thread.comments)


def seconds_for(thread: Thread) -> float:
    """CPU seconds that a stage may spend on a thread."""
    return SECONDS + SECONDS_PER_MILLION * size_of(thread) / 1e6


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises `TooSlowError` in the block once it has used `seconds` of this process's CPU time.

    Python's regular expressions look at signals while they run, so this stops them too. Where
    there is no such timer (Windows) or outside of the main thread, nothing is limited.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"took more than {seconds:.0f} seconds of CPU time")

    before = signal.signal(signal.SIGVTALRM, stop)
    # again every second: the first one may fall into a block that catches everything
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)


def follow_parent() -> None:
    """Run at a worker's start: leaves signals to the parent, and ends when the parent is gone.

    A worker of `concurrent.futures` waits for work on a pipe whose other end it holds itself;
    without this it would wait for ever after its parent was killed. A terminal, systemd and
    `docker stop` signal every process of the group: workers that ended first would look like ones
    that were killed for want of memory.
    """
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(
        signal.SIGTERM, lambda number, _: _exit_after(partial(time.sleep, GRACE), 128 + number)
    )
    if (parent := parent_process()) is not None:
        _exit_after(partial(connection.wait, [parent.sentinel]), 1)


def _exit_after(wait: Callable[[], object], status: int) -> None:
    """Ends the process once `wait` returns, in a thread of its own."""

    def end() -> None:
        wait()
        os._exit(status)

    threading.Thread(target=end, daemon=True).start()


# ---------------------------------------------------------------- a crew of workers


POOL_FROM = 300
"""From this many threads on, starting worker processes (about two seconds) pays."""
CHUNK = 8
"""Threads that a worker takes at a time: few, since one of them may be long."""
AHEAD = 6
"""Chunks a worker that are given out before the first one's results are taken."""
ASKED = 16
"""Jobs after which it is asked again how many workers there are."""


class Crew:
    """Runs a stage's work on threads, in worker processes where their number makes that pay.

    `work` is a function of a connection and a thread's key. Each worker reads by a connection of
    its own, which cannot write; the process that owns the crew writes what they return. The
    workers are started once and serve all stages. `count` defaults to the processors. Raises
    `FaultloreError` if a worker was killed. A crew of other workers gives out and takes jobs in
    its own way (`miner.dask_crew`).
    """

    def __init__(self, path: Path, own: sqlite3.Connection, count: int | None = None) -> None:
        self._path = path
        self._own = own
        self._count = count if count is not None else min(os.cpu_count() or 1, 8)
        self._pool: ProcessPoolExecutor | None = None
        self._given: deque[tuple[Any, tuple[Any, ...]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._pool is not None:
            _ended.append(self._pool)
            # after an error what is not begun is not waited for
            self._pool.shutdown(wait=kind is None, cancel_futures=kind is not None)

    def run(
        self, work: Callable[[sqlite3.Connection, ThreadKey], _T], keys: Sequence[ThreadKey]
    ) -> Iterator[_T]:
        """What `work` makes of each thread, in the order of the keys."""
        if self._count < 2 or len(keys) < POOL_FROM:
            return (work(self._own, key) for key in keys)
        jobs = ((work, part) for part in chunks(keys, CHUNK))
        return chain.from_iterable(self._in_order(_run_chunk, jobs))

    def spread(self, function: Callable[[_A], _T], jobs: Iterable[_A]) -> Iterator[_T]:
        """What a pure function makes of each job, in order."""
        if self._count < 2:
            return map(function, jobs)
        return self._in_order(function, ((job,) for job in jobs))

    def _in_order(
        self, function: Callable[..., _T], jobs: Iterable[tuple[Any, ...]]
    ) -> Iterator[_T]:
        """What comes of jobs, in their order; the next ones are given out meanwhile."""
        given = self._given = deque()
        ahead = 0
        try:
            for number, job in enumerate(jobs):
                if number % ASKED == 0:
                    ahead = self._ahead()
                given.append((self._give(function, job), job))
                if len(given) >= ahead:
                    yield self._take(function, *given.popleft())
            while given:
                yield self._take(function, *given.popleft())
        except BrokenProcessPool:
            why = "a worker process was killed, perhaps because memory ran out"
            kept = "what was done is kept. Run it again with --workers 1"
            raise FaultloreError(f"{why}; {kept}") from None

    def _ahead(self) -> int:
        return self._count * AHEAD

    def _give(self, function: Callable[..., Any], job: tuple[Any, ...]) -> Any:
        """Gives a job to a worker; what it is taken by."""
        if self._pool is None:
            start_tracker()
            # spawn, not fork: a forked child would share the open database
            self._pool = ProcessPoolExecutor(
                max_workers=self._count,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(str(self._path),),
            )
        return self._pool.submit(function, *job)

    def _take(self, function: Callable[..., _T], given: Any, job: tuple[Any, ...]) -> _T:
        """What comes of a job that was given to a worker."""
        return given.result()  # type: ignore[no-any-return]


_ended: list[ProcessPoolExecutor] = []
"""Pools that were shut down: one that is forgotten before its thread has seen that cancels nothing,
and the end of the program waits for it."""
_reader: list[sqlite3.Connection] = []
"""In a worker: its connection."""


def _begin(path: str) -> None:
    from kb.store import connect_readonly

    follow_parent()
    gc.set_threshold(OBJECTS)
    _reader.append(connect_readonly(path))


def _run_chunk(
    work: Callable[[sqlite3.Connection, ThreadKey], _T], keys: Sequence[ThreadKey]
) -> list[_T]:
    return [work(_reader[0], key) for key in keys]
