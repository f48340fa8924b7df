"""GitHub's REST API as a reader of lists needs it: one request at a time, within the limits, tried
again when it fails.

The client knows nothing of storage. It rides on PyGithub's `Requester` (authentication, headers,
connections) and keeps from it what does harm here: its spacing of requests by 0.25 s, its sleeping
for up to an hour inside a retry, and its following of a 301 without the query. Limits:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import json
import math
import time
from collections import deque
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from kb.errors import GitHubError
from miner.harvest.access import DEFAULT_API_URL, checked_url, find_token, parse_since
from miner.harvest.transport import never_connected, open_requester, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from urllib3.util.retry import Retry

__all__ = [
    "DEFAULT_API_URL",
    "Answer",
    "Client",
    "Refused",
    "Stopped",
    "SystemClock",
    "find_token",
    "parse_since",
]

Json = dict[str, Any]

POINTS_A_MINUTE = 900
"""GitHub's secondary limit on REST requests; a GET is one point."""
TRIES = 7
"""How often a request that fails in passing is sent: at once again, then after 1, 2, 4, 8 and 16 s.
"""
CONNECT_TRIES = 5
"""How often a server is called that cannot be reached at all; a name that does not resolve seldom
does so seconds later.
"""
LIMIT_TRIES = 6
"""How many rate-limit answers in a row are waited for."""
SECONDARY_WAIT = 60.0
"""Seconds to wait at a secondary limit that names no time; doubled each time in a row, as GitHub
asks.
"""
MAX_REDIRECTS = 5
_SECRET_PARAMETERS = frozenset({"access_token", "client_secret", "token"})


class Refused(GitHubError):
    """GitHub answered one request with an error that is no accident; other repositories are not
    concerned.

    `status` is the HTTP status.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Stopped(GitHubError):
    """Nothing more can be asked in this run: a refused token, a limit beyond the longest wait, no
    connection.
    """


class Unsteady(GitHubError):
    """One request failed at every try: 5xx, dropped connections, cut bodies, answers that are not
    JSON.
    """


class Clock(Protocol):
    """Time and sleep, so that tests need not wait."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Waits."""


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request.

    `document`: the parsed JSON (None for 304); `next_url`: the `Link` header's next page, as path
    and query without the API's base; `moved_to`: where a permanent redirect led; `server_time`: the
    server's clock in epoch seconds; `last_page`: the number of the list's last page, where GitHub
    names one; `headers`: as they came.
    """

    document: Any
    server_time: float
    next_url: str | None = None
    etag: str | None = None
    not_modified: bool = False
    moved_to: str | None = None
    last_page: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def items(self) -> list[Any]:
        """The document of a list. Raises `Unsteady` if it is none."""
        if not isinstance(self.document, list):
            raise Unsteady(
                "GitHub answered with an object where a list was expected; check --api-url"
            )
        return self.document


@dataclass(slots=True)
class Limits:
    """What the last answer said of the primary limit, and this run's use of the secondary one."""

    remaining: int | None = None
    reset: float | None = None
    skew: float = 0.0
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=POINTS_A_MINUTE))

    def note(self, headers: Mapping[str, str], now: float) -> None:
        """Reads the headers of an answer; `skew` is the server's clock minus ours, in seconds."""
        self.skew = _server_time(headers, now) - now
        if (remaining := _number(headers.get("x-ratelimit-remaining"))) is not None:
            self.remaining = int(remaining)
            self.reset = _number(headers.get("x-ratelimit-reset"))

    def primary_wait(self, now: float) -> float:
        """Seconds until the primary limit is reset, 0 if there is something left of it."""
        if self.remaining != 0 or self.reset is None or self.reset <= now + self.skew:
            return 0.0
        return self.reset - (now + self.skew) + 1.0  # the reset comes somewhere within that second

    def secondary_wait(self, now: float) -> float:
        """Seconds until one more request keeps within `POINTS_A_MINUTE`."""
        if len(self.sent) < POINTS_A_MINUTE:
            return 0.0
        return max(0.0, self.sent[0] + 60.0 - now)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _server_time(headers: Mapping[str, str], default: float) -> float:
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return default


def _no_wait_shown(seconds: float, why: str) -> None:
    del seconds, why


class Client:
    """Sends GET requests one after the other. Close it, or use it as a context manager.

    `max_wait`: the longest single wait for a limit, in seconds; `on_wait` is called with the
    seconds left, once a second and with 0 at the end. `requests`, `waits` and `waited` (seconds)
    count what was done.
    """

    def __init__(
        self,
        api_url: str = DEFAULT_API_URL,
        token: str | None = None,
        *,
        token_source: str | None = None,
        max_wait: float = 900.0,
        clock: Clock | None = None,
        on_wait: Callable[[float, str], None] = _no_wait_shown,
        tries: int = TRIES,
    ) -> None:
        from urllib3.util.retry import Retry

        self._base = checked_url(api_url)
        self._token = token
        self._token_source = token_source or "the token"
        self._max_wait = max_wait
        self._clock = clock or SystemClock()
        self._on_wait = on_wait
        # Only urllib3's arithmetic is used: sleeping is ours, so that it can be shown, interrupted
        # and tested.
        self._policy = Retry(
            total=tries - 1, backoff_factor=0.5, backoff_max=30, backoff_jitter=0.25
        )
        self._requester, self._connection = open_requester(self._base, token)
        self.limits = Limits()
        self.requests = 0
        self.waits = 0
        self.waited = 0.0

    def close(self) -> None:
        """Closes the connection."""
        self._connection.shut()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def anonymous(self) -> bool:
        """Whether requests are sent without a token."""
        return self._token is None

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read the token: HTTPS, or this machine."""
        parts = urlsplit(self._base)
        return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")

    def get(self, url: str, etag: str | None = None) -> Answer:
        """One GET of a path with query below the API's base; `etag` makes it conditional.

        Raises `Refused` (an HTTP error of this request), `Unsteady` (tried in vain) and `Stopped`.
        """
        retry, moved_to, limited, hops = self._policy, None, 0, 0
        while True:
            try:
                status, headers, body = self._send(url, etag)
                if status in (301, 302, 307, 308):
                    hops += 1
                    url = self._redirect(url, headers, hops)
                    moved_to = url if status in (301, 308) else moved_to
                    continue
                if self._is_limit(status, headers, body):
                    limited += 1
                    self._wait_for_limit(headers, body, limited)
                    continue
                if 400 <= status < 500:
                    raise self._refusal(status, body)
                return self._answer(status, headers, body, moved_to)
            except _Passing as error:
                retry = self._again(retry, url, error)

    # ------------------------------------------------------------------ one request

    def _send(self, url: str, etag: str | None) -> tuple[int, dict[str, str], str]:
        from requests.exceptions import ConnectionError as NotConnected
        from requests.exceptions import RequestException

        self._pace()
        headers = {"Accept": "application/vnd.github+json"}
        if etag:
            headers["If-None-Match"] = etag
        self.requests += 1
        self.limits.sent.append(self._clock.time())
        try:
            status, answered, body = self._requester.requestJson("GET", url, headers=headers)
        except RequestException as error:
            reachable = not isinstance(error, NotConnected) or not never_connected(error)
            raise _Passing(self._scrub(reason(error)), reachable=reachable) from None
        self.limits.note(answered, self._clock.time())
        return status, answered, body

    def _answer(
        self, status: int, headers: Mapping[str, str], body: str, moved_to: str | None
    ) -> Answer:
        server_time = _server_time(headers, self._clock.time())
        if status == 304:
            return Answer(None, server_time, not_modified=True, moved_to=moved_to)
        if status != 200:
            raise _Passing(f"it answered {status}", retry_after=headers.get("retry-after"))
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            what = (
                "a web page (is --api-url right?)"
                if body.lstrip()[:1] == "<"
                else "a text that is not JSON or was cut off"
            )
            raise _Passing(f"it answered with {what}") from None
        links = self._links(headers)
        last = dict(parse_qsl(urlsplit(links.get("last", "")).query)).get("page", "")
        return Answer(
            document,
            server_time,
            links.get("next"),
            headers.get("etag"),
            moved_to=moved_to,
            last_page=int(last) if last.isdecimal() else None,
            headers=headers,
        )

    def _links(self, headers: Mapping[str, str]) -> dict[str, str]:
        from requests.utils import parse_header_links

        links = parse_header_links(headers.get("link", ""))
        return {
            link["rel"]: self._relative(link["url"])
            for link in reversed(links)
            if link.get("rel") and link.get("url")
        }

    def _relative(self, url: str) -> str:
        """Path and query below the API's base: the token goes to no other host, whatever an answer
        names, and no secret into storage.
        """
        parts = urlsplit(url)
        prefix = urlsplit(self._base).path
        path = (
            parts.path.removeprefix(prefix)
            if prefix and parts.path.startswith(prefix + "/")
            else parts.path
        )
        query = [
            (k, v)
            for k, v in parse_qsl(parts.query, keep_blank_values=True)
            if k.lower() not in _SECRET_PARAMETERS
        ]
        return (path or "/") + (f"?{urlencode(query)}" if query else "")

    def _redirect(self, url: str, headers: Mapping[str, str], hops: int) -> str:
        location = headers.get("location", "")
        target = urlsplit(urljoin(self._base + "/", location))
        if not location or hops > MAX_REDIRECTS:
            raise Refused(301, "GitHub redirects without end; try again later")
        if (target.scheme, target.netloc) != urlsplit(self._base)[:2]:
            raise Refused(
                301,
                (
                    f"GitHub redirects to another server ({target.scheme}://{target.hostname}); "
                    f"name that one with --api-url"
                ),
            )
        asked = urlsplit(url).query
        moved = self._relative(location)
        return f"{moved}?{asked}" if asked and "?" not in moved else moved

    # ------------------------------------------------------------------ limits, waits, failures

    def _pace(self) -> None:
        now = self._clock.time()
        if (seconds := self.limits.primary_wait(now)) > 0:
            self._wait(seconds, self._primary_text())
            self.limits.remaining = None
        if (seconds := self.limits.secondary_wait(self._clock.time())) > 0:
            self._wait(seconds, f"keeping below {POINTS_A_MINUTE} requests a minute")

    def _primary_text(self) -> str:
        return "GitHub's rate limit is used up" + (
            " (60 requests an hour without a token; set GITHUB_TOKEN)" if self.anonymous else ""
        )

    def _is_limit(self, status: int, headers: Mapping[str, str], body: str) -> bool:
        if status not in (403, 429):
            return False
        from github.Requester import Requester

        told = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        return status == 429 or told or bool(Requester.isRateLimitError(_message(body)))

    def _wait_for_limit(self, headers: Mapping[str, str], body: str, limited: int) -> None:
        if limited > LIMIT_TRIES:
            raise Stopped(
                f"GitHub's rate limit still refuses after {LIMIT_TRIES} waits; run it again later"
            )
        now = self._clock.time()
        after = self._retry_after(headers.get("retry-after"))
        if after is not None:
            self._wait(after, "GitHub asks for a pause (secondary rate limit)")
        elif (seconds := self.limits.primary_wait(now)) > 0:
            self._wait(seconds, self._primary_text())
        else:
            self._wait(
                SECONDARY_WAIT * 2 ** (limited - 1),
                "GitHub asks for a pause (secondary rate limit)",
            )
        self.limits.remaining = None

    def _retry_after(self, value: str | None) -> float | None:
        from urllib3.exceptions import InvalidHeader

        if not value:
            return None
        try:
            return max(0.0, self._policy.parse_retry_after(value))
        except (InvalidHeader, ValueError, OverflowError):
            return None

    def _wait(self, seconds: float, why: str) -> None:
        if seconds > self._max_wait:
            raise Stopped(
                f"{why}; that needs a wait of {seconds:.0f} s, longer than --max-wait "
                f"({self._max_wait:.0f} s): run it again later"
            )
        self.waits += 1
        end = self._clock.time() + seconds
        while (left := end - self._clock.time()) > 0:
            self._on_wait(float(math.ceil(left)), why)
            self._clock.sleep(min(1.0, left))
        self.waited += seconds
        self._on_wait(0.0, why)

    def _again(self, retry: Retry, url: str, error: _Passing) -> Retry:
        from urllib3.exceptions import MaxRetryError

        if not error.reachable and len(retry.history) >= CONNECT_TRIES - 1:
            raise Stopped(
                f"GitHub cannot be reached at {self._base} ({error}); check the network and "
                f"--api-url"
            )
        try:
            retry = retry.increment("GET", url, error=error)
        except MaxRetryError:
            raise Unsteady(
                f"GitHub failed {len(retry.history) + 1} times in a row: {error}; run it "
                f"again later"
            ) from None
        seconds = max(retry.get_backoff_time(), self._retry_after(error.retry_after) or 0.0)
        if seconds > 0:
            self._wait(seconds, f"trying again: {error}")
        return retry

    def _refusal(self, status: int, body: str) -> GitHubError:
        message = self._scrub(_message(body))
        if status == 401:
            if self.anonymous:
                return Stopped("GitHub wants a token (401): set GITHUB_TOKEN")
            return Stopped(
                f"GitHub refuses {self._token_source} (401: {message}): set GITHUB_TOKEN to "
                f"a valid token"
            )
        texts = {
            404: (
                "not found (404), or private and closed to this token: check the name, or set "
                "GITHUB_TOKEN to a token that may read it"
            ),
            410: "issues are switched off (410)",
            451: "blocked for legal reasons (451)",
        }
        return Refused(status, texts.get(status, f"GitHub refuses ({status}: {message})"))

    def _scrub(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


class _Passing(Exception):
    """A failure that may be gone at the next try."""

    def __init__(
        self, text: str, *, retry_after: str | None = None, reachable: bool = True
    ) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.reachable = reachable


def _message(body: str) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "no reason given"
    message = document.get("message") if isinstance(document, dict) else None
    return " ".join(str(message).split())[:300] if message else "no reason given"
