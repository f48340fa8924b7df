"""Worker processes that end with the process they work for, however that one ends."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import connection, parent_process, resource_tracker

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
