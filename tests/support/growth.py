"""How work grows with the length of a text, counted in calls of functions: no clock, so a busy
machine changes nothing. What happens within one call of a pattern is not seen: patterns are held by
tests of their own, and by the time limit that every test has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

SPREAD = 3.0
"""How much more than in proportion the calls may grow: rounds of four times the length."""


def calls(work: Callable[[], object]) -> int:
    """Calls of functions, of Python and of C, that a piece of work makes."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    former = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(former)
    return count


def assert_linear(work: Callable[[str], object], unit: str, length: int) -> None:
    """Four times the text makes at most some four times the calls (`SPREAD` times that: caches,
    bounds and sorting), not sixteen times.
    """
    work(unit)  # what is made once, is made
    short = (unit * (length // len(unit) + 1))[:length]
    few, many = calls(lambda: work(short)), calls(lambda: work(4 * short))
    assert many <= 4 * SPREAD * few + 2_000, f"{few} calls, then {many}"
