"""Ends: of a call that may never end by itself, and of the program at SIGINT, SIGTERM and SIGHUP,
cleanly and within a time that a scheduler waits.

The first signal raises `Interrupted` where the program is; transactions roll back, what was
committed stays. Later signals are ignored. A thread ends the process the hard way if the program is
not through after `grace` seconds (a signal is not seen while a name is looked up or inside of a
long computation): killed at any moment, nothing is lost.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TypeVar

T = TypeVar("T")

GRACE = 4.0
"""Seconds; schedulers wait at least 5 (`docker stop` 10, systemd 90) before they kill."""
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to end; `exit_status`: 128 and its number, as shells have it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_status = 128 + number


@contextmanager
def ending_cleanly(grace: float = GRACE) -> Iterator[None]:
    """Turns signals into `Interrupted` within the block; does nothing but in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    through = threading.Event()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    former_hook, sys.unraisablehook = sys.unraisablehook, _again
    former_fd = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader, through, grace), daemon=True).start()
    for number in SIGNALS:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        through.set()
        sys.unraisablehook = former_hook
        signal.set_wakeup_fd(former_fd)
        for number, handler in before.items():
            with suppress(TypeError):  # None: a handler that was not set from Python
                signal.signal(number, handler)
        writer.close()


def _raise(number: int, frame: object) -> None:
    del frame
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


def _again(unraisable: sys.UnraisableHookArgs) -> None:
    """Raises an interruption once more, which Python dropped while an object was finalized."""
    lost = unraisable.exc_value
    if not isinstance(lost, Interrupted) or not hasattr(signal, "setitimer"):
        sys.__unraisablehook__(unraisable)
        return
    number = lost.exit_status - 128

    def raise_it(_: int, frame: object) -> None:
        _raise(number, frame)

    signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def _watch(reader: socket.socket, through: threading.Event, grace: float) -> None:
    """Waits for the byte that Python writes at a signal, whatever the main thread is doing."""
    with reader:
        while True:
            received = reader.recv(1)
            if not received:
                return
            if received[0] in SIGNALS:
                break
    if not through.wait(grace):
        os._exit(128 + received[0])


def within(seconds: float, call: Callable[[], T], waited: Callable[[], float] = float) -> T:
    """What a call gives or raises. Raises `TimeoutError` where it takes longer; it goes on then, in
    a thread that ends with the process. Time that it spends waiting on purpose does not count:
    `waited` says, in seconds, how much that is so far.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again by the future
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    before = waited()
    while True:
        try:
            return answer.result(seconds)
        except TimeoutError:
            if answer.done() or waited() <= before:
                raise
            before = waited()
