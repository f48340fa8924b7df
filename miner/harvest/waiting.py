"""Waiting that can be seen, interrupted and counted."""

from __future__ import annotations

import math
import re
from email.utils import parsedate_to_datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from github import GithubRetry
from requests import exceptions as wire
from urllib3.exceptions import InvalidHeader, NewConnectionError, ReadTimeoutError, SSLError

from kb.errors import GitHubError
from miner.deadline import within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from urllib3 import BaseHTTPResponse


class Refused(GitHubError):
    """An answer with an error's `status` that is no accident; concerns this one request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Stopped(GitHubError):
    """Nothing more can be asked in this run: a refused token, no connection, endless answers."""


class Paused(Stopped):
    """Nothing more can be asked for now: the rate limit wants a longer wait than is allowed."""


class Unsteady(GitHubError):
    """One request failed at every try: 5xx, dropped connections, answers cut or not JSON."""


class Passing(Exception):
    """A failure that may be gone at the next try."""


T = TypeVar("T")

LIMIT_STATUSES = (403, 429)
ANSWER_SECONDS = (30.0, 300.0)
"""An answer must be whole within `max_wait` seconds, but no less and no more than these: a server
that sends a few bytes now and then would hold a run for ever."""
SECONDARY_WAIT = 60.0
"""Seconds to wait at a secondary limit that names no time; doubled each time, as GitHub asks."""
NUMBER = re.compile(r"[0-9]{1,10}")
"""What a server may say of its rate limit; anything else it cannot mean."""
SECONDARY = "GitHub asks for a pause (secondary rate limit)"


class Clock(Protocol):
    """Time and sleep: the module `time`, or what tests need not wait for."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Waits."""


class Waits:
    """Waiting in steps of a second, so that it can be shown and interrupted; and what was sent.

    `max_wait`: seconds that may be waited for one request in all. `on_wait` is called with the
    seconds left, once a second and with 0 at the end. `requests`, `count` and `seconds` are totals;
    `skew` is the server's clock minus this machine's. How long a wait has lasted is counted, not
    read from the clock, which may be set meanwhile.
    """

    def __init__(
        self,
        clock: Clock,
        max_wait: float,
        on_wait: Callable[[float, str], None],
        *,
        anonymous: bool,
    ) -> None:
        self.max_wait = max_wait
        self.requests = 0
        self.count = 0
        self.seconds = 0.0
        self.skew = 0.0
        self._anonymous = anonymous
        self._clock = clock
        self._on_wait = on_wait
        self._of_request = 0.0

    def begin(self) -> None:
        """A new request: it may wait `max_wait` seconds."""
        self._of_request = 0.0

    def server_time(self) -> float:
        """The server's clock, epoch seconds."""
        return self._clock.time() + self.skew

    def note(self, headers: Mapping[str, Any]) -> float:
        """Reads the server's clock from the headers of an answer; epoch seconds."""
        try:
            moment = parsedate_to_datetime(str(headers["date"])).timestamp()
        except (KeyError, ValueError, TypeError, OverflowError):
            return self.server_time()
        self.skew = moment - self._clock.time()
        return moment

    def until(self, reset: float) -> float:
        """Seconds until the primary limit is reset, 0 if that is past."""
        left = reset - self.server_time()
        return left + 1.0 if left > 0 else 0.0  # the reset comes somewhere within that second

    def limit_text(self) -> str:
        """Why there is a wait for the primary limit."""
        hint = " (60 requests an hour without a token; set GITHUB_TOKEN)" if self._anonymous else ""
        return f"GitHub's rate limit is used up{hint}"

    def wait(self, seconds: float, why: str, *, limit: bool) -> None:
        """Waits. Raises `Paused` (at a rate limit) or `Unsteady` where that is too long."""
        if seconds <= 0:
            return
        if self._of_request + seconds > self.max_wait:
            allowed = f"longer than --max-wait allows ({self.max_wait:.0f} s for a request)"
            text = f"{why}; that needs a wait of {seconds:.0f} s, {allowed}: run it again later"
            raise Paused(text) if limit else Unsteady(text)
        self._of_request += seconds
        self.count += 1
        left = seconds
        while left > 0:
            self._on_wait(float(math.ceil(left)), why)
            step = min(1.0, left)
            self._clock.sleep(step)
            self.seconds += step
            left -= step
        self._on_wait(0.0, why)


class VisibleRetry(GithubRetry):
    """PyGithub's retry policy with waits that are shown, can be interrupted, and end.

    GithubRetry says which answers are tried again (429 is added), urllib3 how often. The time to
    wait at a limit is reckoned by the server's clock.
    """

    def __init__(self, waits: Waits, **options: Any) -> None:
        super().__init__(**{"status_forcelist": [429, *range(500, 600)], **options})
        self.waits = waits

    def new(self, **options: Any) -> Self:
        """A copy with other counts."""
        return super().new(waits=self.waits, **options)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Waits before the next try, and counts it."""
        after, what, limit = None, self._last_error(), False
        if response is not None:
            self.waits.note(response.headers)
            after, what = self._retry_after(response), f"it answered {response.status}"
            limit = response.status in LIMIT_STATUSES
        if response is not None and limit:
            self.waits.wait(*self._limit(response, after), limit=True)
        else:
            seconds = max(self.get_backoff_time(), after or 0.0)
            self.waits.wait(seconds, f"trying again: {what}", limit=False)
        self.waits.requests += 1

    def _limit(self, response: BaseHTTPResponse, after: float | None) -> tuple[float, str]:
        """Seconds to wait at a rate limit, and why."""
        if after is not None:
            return after, SECONDARY
        left, reset = (response.headers.get(f"x-ratelimit-{x}", "") for x in ("remaining", "reset"))
        seconds = self.waits.until(int(reset)) if NUMBER.fullmatch(reset) else 0.0
        if left == "0" and seconds > 0:
            return seconds, self.waits.limit_text()
        before = takewhile(lambda past: past.status in LIMIT_STATUSES, reversed(self.history))
        return SECONDARY_WAIT * 2 ** max(0, len(list(before)) - 1), SECONDARY

    def _retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            return self.get_retry_after(response)
        except (InvalidHeader, ValueError, OverflowError):
            return None

    def _last_error(self) -> str:
        error = self.history[-1].error if self.history else None
        if isinstance(error, Passing):
            return str(error)
        return "no connection" if isinstance(error, NewConnectionError) else reason_of(error)


def bounded(waits: Waits, call: Callable[[], T]) -> T:
    """A call of which an answer must be whole in time; the waits for a limit come on top."""
    least, most = ANSWER_SECONDS
    seconds = min(most, max(least, waits.max_wait))
    try:
        return within(seconds, call, lambda: waits.seconds)
    except TimeoutError:
        whole = f"GitHub's answer was not whole after {seconds:.0f} s"
        raise Stopped(f"{whole}; run it again later") from None


def reason_of(error: Exception | None) -> str:
    """One short line for a failure of the connection, without addresses of objects."""
    if isinstance(error, wire.Timeout | ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, wire.ChunkedEncodingError | wire.ContentDecodingError):
        return "the answer was cut off"
    if isinstance(error, wire.SSLError | SSLError):
        return "its certificate was not accepted"
    return "the connection was dropped"
