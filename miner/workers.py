"""Worker processes that end with the process they work for, and a limit to what one thread may
cost.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from multiprocessing import connection, parent_process, resource_tracker
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from kb.models import Thread

GRACE = 6.0
"""Seconds that a worker goes on after SIGTERM: the process it works for is through by then."""


def start_tracker() -> None:
    """To be called before the first worker is made. Python's tracker of semaphores ignores SIGINT
    and SIGTERM but not SIGHUP, and is complained of when it is gone.
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


def seconds_for(thread: Thread) -> float:
    """CPU seconds that a stage may spend on a thread."""
    size = len(thread.title) + len(thread.body) + sum(len(c.body) for c in thread.comments)
    return SECONDS + SECONDS_PER_MILLION * size / 1e6


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises `TooSlowError` in the block once it has used `seconds` of this process's CPU time.

    Python's regular expressions look at signals while they run, so this stops them too. Where
    there is no such timer (Windows) or outside of the main thread, nothing is limited.
    """
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
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
    signal.signal(signal.SIGTERM, _end_later)
    if (parent := parent_process()) is not None:
        threading.Thread(target=_wait, args=(parent.sentinel,), daemon=True).start()


def _end_later(number: int, frame: object) -> None:
    del frame
    timer = threading.Timer(GRACE, os._exit, args=(128 + number,))
    timer.daemon = True
    timer.start()


def _wait(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
