"""Worker processes that end with the process they work for, however that one ends."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import connection, parent_process


def follow_parent() -> None:
    """Run at a worker's start: leaves Ctrl-C to the parent, and ends when the parent is gone.

    A worker of `concurrent.futures` waits for work on a pipe whose other end it holds itself;
    without this it would wait for ever after its parent was killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (parent := parent_process()) is not None:
        threading.Thread(target=_wait, args=(parent.sentinel,), daemon=True).start()


def _wait(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
