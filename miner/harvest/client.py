"""GitHub through PyGithub, for one who reads lists: pages as GitHub sent them, waits that can be
seen and interrupted, one error for each thing that goes wrong.

PyGithub sends, authenticates, follows renames and tries again. Three things are added to it.
`VisibleRetry` waits through `Waits`. `RawItem` is an item of a list that never asks for more (an
`Issue` would cost a request each). `ItemPage` looks at an answer before PyGithub builds on it: it
takes what a server sends for what GitHub documents. Limits:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import json
import logging
import math
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from github import Auth, Github, GithubRetry
from github.GithubException import GithubException
from github.GithubObject import NonCompletableGithubObject
from github.PaginatedList import PaginatedList
from github.Repository import Repository
from requests import exceptions as wire
from requests.utils import parse_header_links
from urllib3.exceptions import (
    InvalidHeader,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from kb.errors import GitHubError
from miner.harvest.access import DEFAULT_API_URL, checked_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType, TracebackType

    from github.Requester import Requester
    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import ConnectionPool

__all__ = [
    "DEFAULT_API_URL",
    "Client",
    "Clock",
    "KnownRepository",
    "Page",
    "Paused",
    "Refused",
    "Stopped",
    "SystemClock",
    "Unsteady",
]

Json = dict[str, Any]
T = TypeVar("T")

TIMEOUT = 60
"""Seconds without a byte until a connection counts as dropped."""
ANSWER_SECONDS = (30.0, 300.0)
"""An answer must be whole within `max_wait` seconds, but no less and no more than these: a server
that sends a few bytes now and then would hold a run for ever.
"""
TRIES = 7
"""How often a request that fails in passing is sent: at once again, then after 1, 2, 4, 8 and 16 s;
and how often one that meets a rate limit.
"""
CONNECT_TRIES = 5
"""How often a server is called that cannot be reached at all; a name that does not resolve seldom
does so seconds later.
"""
SECONDARY_WAIT = 60.0
"""Seconds to wait at a secondary limit that names no time; doubled each time in a row, as GitHub
asks.
"""
PAGE_SIZE = 100
_LIMITS = (403, 429)
logging.getLogger("github").setLevel(logging.WARNING)  # it prints what it tries again; we do
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
    """Nothing more can be asked in this run: a refused token, no connection, answers that do not
    end.
    """


class Paused(Stopped):
    """Nothing more can be asked for now: the rate limit wants a longer wait than is allowed."""


class Unsteady(GitHubError):
    """One request failed at every try: 5xx, dropped connections, cut bodies, answers that are not
    JSON.
    """


class _Passing(Exception):
    """A failure that may be gone at the next try."""


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


# ---------------------------------------------------------------------- waiting


def _no_wait_shown(seconds: float, why: str) -> None:
    del seconds, why


class Waits:
    """Waiting in steps of a second, so that it can be shown and interrupted; and what was sent.

    `max_wait`: seconds that may be waited for one request in all. `on_wait` is called with the
    seconds left, once a second and with 0 at the end. `requests`, `count` and `seconds` are totals;
    `skew` is the server's clock minus this machine's. How long a wait has lasted is counted, not
    read from the clock, which may be set meanwhile.
    """

    def __init__(
        self, clock: Clock, max_wait: float, on_wait: Callable[[float, str], None]
    ) -> None:
        self.max_wait = max_wait
        self.requests = 0
        self.count = 0
        self.seconds = 0.0
        self.skew = 0.0
        self.skew_known = False
        self.anonymous = False
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
        self.skew, self.skew_known = moment - self._clock.time(), True
        return moment

    def until(self, reset: float) -> float:
        """Seconds until the primary limit is reset, 0 if that is past."""
        left = reset - self.server_time()
        return left + 1.0 if left > 0 else 0.0  # the reset comes somewhere within that second

    def limit_text(self) -> str:
        """Why there is a wait for the primary limit."""
        hint = " (60 requests an hour without a token; set GITHUB_TOKEN)" if self.anonymous else ""
        return f"GitHub's rate limit is used up{hint}"

    def wait(self, seconds: float, why: str, *, limit: bool) -> None:
        """Waits. Raises `Paused` (at a rate limit) or `Unsteady` where that is too long."""
        if seconds <= 0:
            return
        if self._of_request + seconds > self.max_wait:
            text = (
                f"{why}; that needs a wait of {seconds:.0f} s, longer than --max-wait allows "
                f"({self.max_wait:.0f} s for a request): run it again later"
            )
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

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """The policy after one more failure. Raises what PyGithub and urllib3 raise where there is
        to be no other try.
        """
        if response is not None:
            self.waits.note(response.headers)
        again = super().increment(
            method,
            url,
            response,  # type: ignore[arg-type]
            error,
            _pool,
            _stacktrace,
        )
        return cast("Self", again)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Waits before the next try, and counts it."""
        if response is not None and response.status in _LIMITS:
            self.waits.wait(*self._limit(response), limit=True)
        else:
            after = self._retry_after(response) if response is not None else None
            what = f"it answered {response.status}" if response is not None else self._last_error()
            seconds = max(self.get_backoff_time(), after or 0.0)
            self.waits.wait(seconds, f"trying again: {what}", limit=False)
        self.waits.requests += 1

    def _limit(self, response: BaseHTTPResponse) -> tuple[float, str]:
        """Seconds to wait at a rate limit, and why."""
        if (after := self._retry_after(response)) is not None:
            return after, "GitHub asks for a pause (secondary rate limit)"
        reset = _number(response.headers.get("x-ratelimit-reset"))
        left = _number(response.headers.get("x-ratelimit-remaining"))
        if left == 0 and reset is not None and (seconds := self.waits.until(reset)) > 0:
            return seconds, self.waits.limit_text()
        in_a_row = 0
        for past in reversed(self.history):
            if past.status not in _LIMITS:
                break
            in_a_row += 1
        return (
            SECONDARY_WAIT * 2 ** max(0, in_a_row - 1),
            "GitHub asks for a pause (secondary rate limit)",
        )

    def _retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            return self.get_retry_after(response)
        except (InvalidHeader, ValueError, OverflowError):
            return None

    def _last_error(self) -> str:
        error = self.history[-1].error if self.history else None
        if isinstance(error, _Passing):
            return str(error)
        return "no connection" if isinstance(error, NewConnectionError) else _reason(error)


def _number(text: object) -> float | None:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


# ---------------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    `items`: its objects as GitHub sent them; `odd`: the types of what stood there and is no object;
    `next_url`: path and query of the next page, below the API's base; `last_page`: the number of
    the list's last page, where GitHub names one; `server_time`: epoch seconds; `not_modified`:
    nothing has changed since the answer whose `etag` was sent along.
    """

    items: list[Json]
    server_time: float
    odd: list[str] = field(default_factory=list)
    next_url: str | None = None
    etag: str | None = None
    last_page: int | None = None
    not_modified: bool = False


class RawItem(NonCompletableGithubObject):
    """An object of a list as GitHub sent it; whatever it is asked for, no request is sent."""

    def _initAttributes(self) -> None:  # noqa: N802 - PyGithub's name
        """It has none but `raw_data`."""

    def _useAttributes(self, attributes: Json) -> None:  # noqa: N802 - PyGithub's name
        """Nothing is made of them."""


class ItemPage(PaginatedList[RawItem]):
    """One page of a list through PyGithub."""

    def __init__(self, requester: Requester, prefix: str, url: str, etag: str | None) -> None:
        self._prefix = prefix
        self._etag = etag
        self._answered: Json = {}
        self._odd: list[str] = []
        self._links: dict[str, str] = {}
        parts = urlsplit(url)
        super().__init__(
            RawItem,
            requester,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={"If-None-Match": etag} if etag else None,
        )

    def read(self, waits: Waits) -> Page:
        """Sends the request. Raises `_Passing` for what is no list."""
        items = [item.raw_data for item in self._fetchNextPage()]
        etag = self._answered.get("etag")
        last = dict(parse_qsl(urlsplit(self._links.get("last", "")).query)).get("page", "")
        return Page(
            items,
            waits.note(self._answered),
            self._odd,
            next_url=self._links.get("next"),
            etag=etag,
            last_page=int(last) if last.isdecimal() else None,
            # a 304 has no body; an empty list of the same tag says the same
            not_modified=self._etag is not None and not items and etag in (None, self._etag),
        )

    def _getPage(self, data: Any, headers: Json | None) -> list[RawItem]:  # noqa: N802
        """Checks an answer before PyGithub builds on it."""
        self._answered = headers or {}
        if not isinstance(data, list):
            raise _Passing(_what_it_is(data, self._answered))
        self._odd = [type(item).__name__ for item in data if not isinstance(item, dict)]
        self._links = {
            link["rel"]: _relative(link["url"], self._prefix)
            for link in reversed(parse_header_links(str(self._answered.get("link", ""))))
            if link.get("rel") and link.get("url")
        }
        # without its links: PyGithub expects them in one spelling, and would follow them anywhere
        kept = {name: value for name, value in self._answered.items() if name != "link"}
        return super()._getPage([item for item in data if isinstance(item, dict)], kept)


def _what_it_is(data: object, headers: Mapping[str, Any]) -> str:
    """What came where a list should, in words."""
    if location := headers.get("location"):
        return f"it redirects to {urlsplit(str(location)).hostname}"
    text = data.get("data") if isinstance(data, dict) else None
    if isinstance(text, str):
        page = text.lstrip()[:1] == "<"
        return "it answered with " + (
            "a web page (is --api-url right?)" if page else "a text that is not JSON"
        )
    return "it answered with an object where a list was expected (is --api-url right?)"


def _relative(url: str, prefix: str) -> str:
    """Path and query below the API's base: the token goes to no other host, whatever an answer
    names, and no secret into storage.
    """
    parts = urlsplit(url)
    below = prefix and parts.path.startswith(prefix + "/")
    path = parts.path.removeprefix(prefix) if below else parts.path
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _SECRET_PARAMETERS
    ]
    return ("/" + path.lstrip("/")) + (f"?{urlencode(query)}" if query else "")


# ---------------------------------------------------------------------- the client


@dataclass(frozen=True, slots=True)
class KnownRepository:
    """What GitHub says of a repository: its number, which it keeps when it is renamed, its name
    now, and the tag that makes asking again free. `id` 0: the server does not say.
    """

    id: int
    name: str
    etag: str | None = None

    @property
    def path(self) -> str:
        """Its path below the API's base; by number, which no rename redirects."""
        return f"/repositories/{self.id}" if self.id else f"/repos/{self.name}"


class Client:
    """Asks GitHub, one request after the other. Close it, or use it as a context manager.

    `max_wait`: seconds that may be waited for one request; `on_wait`: see `Waits`; `tries`: how
    often a request is sent that fails in passing. Its methods raise `Refused` (this request),
    `Unsteady` (tried in vain), `Stopped` and `Paused` (nothing more can be asked).
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
        self._base = checked_url(api_url)
        self._prefix = urlsplit(self._base).path
        self._token = token
        self._token_source = token_source or "the token"
        self.waits = Waits(clock or SystemClock(), max_wait, on_wait)
        self.waits.anonymous = token is None
        self._policy = VisibleRetry(
            self.waits,
            total=tries - 1,
            connect=min(tries, CONNECT_TRIES) - 1,
            backoff_factor=0.5,
            backoff_max=30,
            backoff_jitter=0.25,
        )
        self._github = Github(
            auth=Auth.Token(token) if token else None,
            base_url=self._base,
            timeout=TIMEOUT,
            user_agent="faultlore",
            per_page=PAGE_SIZE,
            retry=self._policy,
            # One request is sent after the other, and none takes less than the 67 ms that would
            # make 900 a minute; the secondary limit is waited for where it comes.
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version="2022-11-28",
        )

    def close(self) -> None:
        """Closes the connection."""
        self._github.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def requests(self) -> int:
        """Requests sent, those tried again and redirected included."""
        return self.waits.requests

    @property
    def anonymous(self) -> bool:
        """Whether requests are sent without a token."""
        return self._token is None

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read the token: HTTPS, or this machine."""
        parts = urlsplit(self._base)
        return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def remaining(self) -> int | None:
        """What is left of the primary limit, None if no answer has said so."""
        left = self._github.requester.rate_limiting[0]
        return left if left >= 0 else None

    @property
    def limit(self) -> int | None:
        """Requests that the primary limit allows an hour, None if no answer has said so."""
        limit = self._github.requester.rate_limiting[1]
        return limit if limit > 0 else None

    def repository(self, name: str, known: KnownRepository | None = None) -> KnownRepository:
        """What GitHub says of the repository of this name; asking again with what it said before
        costs nothing of the limit where nothing has changed. Renames are followed.
        """

        def ask() -> KnownRepository:
            if known is not None and known.etag is not None:
                tag: dict[str, str | int] = {"etag": known.etag}
                found = self._github.create_from_raw_data(
                    Repository, {"url": f"/repos/{name}"}, tag
                )
                if not found.update():
                    return known
            else:
                found = self._github.get_repo(name)
            self.waits.note(found.raw_headers)
            number, full_name = (found.raw_data.get(key) for key in ("id", "full_name"))
            if not isinstance(full_name, str) or "/" not in full_name:
                raise _Passing(_what_it_is(found.raw_data, found.raw_headers))
            if full_name.lower() != name.lower():
                self.waits.requests += 1  # the redirect that PyGithub followed
            return KnownRepository(
                number if isinstance(number, int) and 0 < number < 2**63 else 0,
                full_name,
                found.etag,
            )

        return self._ask(ask)

    def page(self, url: str, etag: str | None = None) -> Page:
        """One page of a list; `url`: path and query below the API's base; `etag` makes it
        conditional.
        """
        return self._ask(
            lambda: ItemPage(self._github.requester, self._prefix, url, etag).read(self.waits)
        )

    def pages(self, url: str, most: int) -> Iterator[Page]:
        """A list page by page, `most` of them."""
        following: str | None = url
        for _ in range(most):
            if following is None:
                return
            page = self.page(following)
            yield page
            following = page.next_url if page.next_url != following else None

    def repositories(self, owner: str, most: int) -> Iterator[Json]:
        """The repositories of an organisation or a user, `most` pages of them."""
        try:
            yield from self._items(f"/orgs/{owner}/repos?type=sources", most)
        except Refused as error:
            if error.status != 404:
                raise
            yield from self._items(f"/users/{owner}/repos?type=owner", most)

    def _items(self, url: str, most: int) -> Iterator[Json]:
        for page in self.pages(url, most):
            yield from page.items

    def rate_limit(self) -> tuple[Json, Mapping[str, Any]]:
        """What is left, as `/rate_limit` says it, and the headers of that answer; it is free."""

        def ask() -> tuple[Json, Mapping[str, Any]]:
            found = self._github.get_rate_limit()
            self.waits.note(found.raw_headers)
            return found.raw_data, found.raw_headers

        return self._ask(ask)

    # ------------------------------------------------------------------ one request

    def _ask(self, call: Callable[[], T]) -> T:
        """Sends one request through PyGithub, again where its answer breaks off or is none.

        urllib3 tries again what fails before the body of an answer; what comes behind that is
        tried again here, by the same policy.
        """
        self.waits.begin()
        self._await_limit()
        self.waits.requests += 1
        retry = self._policy
        while True:
            try:
                with self._bounded():
                    return call()
            except GithubException as error:
                failure = self._refusal(error)
            except wire.RequestException as error:
                failure = self._failure(error)
            except _Passing as error:
                failure = error
            except json.JSONDecodeError:
                failure = _Passing("it answered with a text that is not JSON or was cut off")
            except RecursionError:
                raise Refused(301, "GitHub redirects without end; try again later") from None
            except RuntimeError as error:  # PyGithub's word for a redirect to another server
                raise Refused(301, f"{self._scrub(str(error))}; check --api-url") from None
            except (ValueError, TypeError, AttributeError, AssertionError, KeyError) as error:
                # PyGithub takes headers and documents for what GitHub sends
                failure = _Passing(f"it answered with what GitHub does not send ({error})")
            retry = self._again(retry, failure)

    def _again(self, retry: VisibleRetry, failure: _Passing) -> VisibleRetry:
        try:
            retry = retry.increment("GET", "", error=failure)
        except MaxRetryError:
            tried = len(retry.history) + 1
            raise Unsteady(
                f"GitHub failed {tried} times in a row: {failure}; run it again later"
            ) from None
        retry.sleep()
        return retry

    def _await_limit(self) -> None:
        """Waits where the last answer said that nothing is left."""
        requester = self._github.requester
        if requester.rate_limiting[0] == 0:
            seconds = self.waits.until(requester.rate_limiting_resettime)
            self.waits.wait(seconds, self.waits.limit_text(), limit=True)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Ends an answer that takes too long, by the alarm clock of the process; only in the main
        thread and where there is one. The waits for a limit come on top.
        """
        if threading.current_thread() is not threading.main_thread() or not hasattr(
            signal, "setitimer"
        ):
            yield
            return
        least, most = ANSWER_SECONDS
        seconds = min(most, max(least, self.waits.max_wait))
        waited = self.waits.seconds

        def ring(number: int, frame: FrameType | None) -> None:
            nonlocal waited
            del number, frame
            if self.waits.seconds > waited:
                waited = self.waits.seconds
                signal.setitimer(signal.ITIMER_REAL, seconds)
                return
            raise Stopped(
                f"GitHub's answer was not whole after {seconds:.0f} s; run it again later"
            )

        former = signal.signal(signal.SIGALRM, ring)
        before = signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, *before)
            signal.signal(signal.SIGALRM, former)

    # ------------------------------------------------------------------ what went wrong

    def _failure(self, error: wire.RequestException) -> _Passing:
        """A failure of the connection that may pass. Raises what ends the request or the run."""
        last = error.args[0] if error.args else None
        if not isinstance(last, MaxRetryError):
            return _Passing(_reason(error))
        if isinstance(last.reason, NewConnectionError) or isinstance(
            error, wire.ConnectTimeout | wire.ProxyError
        ):
            raise Stopped(
                f"GitHub cannot be reached at {self._base} (no connection); "
                "check the network and --api-url"
            ) from None
        reason = str(last.reason)
        if any(f" {status} " in reason for status in _LIMITS):
            raise Paused(
                f"GitHub's rate limit still refuses after {TRIES - 1} waits; run it again later"
            ) from None
        if isinstance(error, wire.RetryError):
            text = f"it answered {''.join(c for c in reason if c.isdigit())}"
        else:
            text = _reason(last.reason or error)
        tries = (self._policy.total or 0) + 1
        raise Unsteady(
            f"GitHub failed {tries} times in a row: {text}; run it again later"
        ) from None

    def _refusal(self, error: GithubException) -> _Passing:
        """An answer that says no without a readable word, which may have been cut off. Raises what
        ends the request or the run.
        """
        self.waits.note({k.lower(): v for k, v in (error.headers or {}).items()})
        status, data = error.status, error.data
        if status in _LIMITS and not isinstance(data, dict):
            return _Passing(f"it answered {status} with a text that is not JSON or was cut off")
        message = data.get("message") if isinstance(data, dict) else None
        reason = " ".join(self._scrub(str(message or "no reason given")).split())[:300]
        if status == 401:
            if self.anonymous:
                raise Stopped("GitHub wants a token (401): set GITHUB_TOKEN") from None
            raise Stopped(
                f"GitHub refuses {self._token_source} (401: {reason}): set GITHUB_TOKEN to a valid "
                "token"
            ) from None
        texts = {
            404: "not found (404), or private and closed to this token: check the name, or set "
            "GITHUB_TOKEN to a token that may read it",
            410: "issues are switched off (410)",
            451: "blocked for legal reasons (451)",
        }
        text = texts.get(status, f"GitHub refuses ({status}: {reason})")
        raise Refused(status, text) from None

    def _scrub(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


def _reason(error: Exception | None) -> str:
    """One short line for a failure of the connection, without addresses of objects."""
    if isinstance(error, wire.Timeout | ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, wire.ChunkedEncodingError | wire.ContentDecodingError):
        return "the answer was cut off"
    if isinstance(error, wire.SSLError | SSLError):
        return "its certificate was not accepted"
    return "the connection was dropped"
