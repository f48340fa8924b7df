"""A clock for tests that wait without waiting."""

from __future__ import annotations


class FakeClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
