"""An end to what may never end by itself."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


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
