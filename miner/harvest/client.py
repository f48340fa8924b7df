"""GitHub through PyGithub, for one who reads lists: one error for each thing that goes wrong.

PyGithub sends, authenticates, follows renames and tries again. What is added: a retry policy that
sees every answer and waits where it can be seen, interrupted and counted (`VisibleRetry`), another
try for what breaks off behind an answer's head, and pages as GitHub sent them: `RawItem` is an item
that never asks for more (an `Issue` would cost a request each), and `Page` looks at an answer
before PyGithub takes it for what GitHub documents. Limits:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from github import Auth, Github, GithubRetry
from github.GithubException import GithubException
from github.GithubObject import NonCompletableGithubObject
from github.PaginatedList import PaginatedList
from github.Repository import Repository
from github.Requester import Requester
from requests import exceptions as wire
from requests.utils import parse_header_links
from urllib3 import BaseHTTPResponse, HTTPHeaderDict
from urllib3 import exceptions as pool

from kb.doctor import GitHubState
from kb.errors import FaultloreError, GitHubError
from kb.links import is_open
from kb.settings import Config
from miner.endings import within
from miner.harvest.access import Access, Clock, checked_url, find_access
from miner.harvest.objects import Json, is_id, value_at
from miner.harvest.streams import PAGE_SIZE

T = TypeVar("T")


class Refused(GitHubError):
    """An answer with an error's `status` that is no accident; concerns this one request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Stopped(GitHubError):
    """Nothing more can be asked in this run: a refused token, no connection, endless answers."""


class Paused(Stopped):
    """Nothing more can be asked for now: the rate limit wants a longer wait than is allowed."""


class Passing(Exception):
    """A failure that may be gone at the next try."""


TRIES = 7
"""How often a request is sent that meets a rate limit or fails in passing: then at once again, and
after 1, 2, 4, 8 and 16 s."""
CONNECT_TRIES = 5
"""How often a server is called that cannot be reached at all."""
MOST_REDIRECTS = 5
LIMIT_STATUSES = (403, 429)
ANSWER_SECONDS = (30.0, 300.0)
"""An answer must be whole within `max_wait` seconds, but no less and no more than these: a server
that sends a few bytes now and then would hold a run for ever."""
SECONDARY_WAIT = 60.0
"""Seconds to wait at a secondary limit that names no time; doubled each time, as GitHub asks."""
NUMBER = re.compile(r"[0-9]{1,10}")
"""What a server may say of its rate limit; anything else it cannot mean."""
SECONDARY = "GitHub asks for a pause (secondary rate limit)"
_ODD = (ValueError, TypeError, LookupError, AttributeError, AssertionError)
"""What PyGithub stumbles with: it takes headers and documents for what GitHub sends."""


@dataclass(slots=True)
class Waits:
    """Waiting in steps of a second, so that it can be shown and interrupted; and what was sent.

    `max_wait`: seconds that may be waited for one request in all, of which `of_request` are over.
    `on_wait` is called with the seconds left, once a second and with 0 at the end. `used_up`: why
    there is a wait for the primary limit. `requests` (sent), `count` and `seconds` (waited) are
    totals; `skew` is the server's clock minus this machine's; `redirects`: the paths to which the
    request was redirected. How long a wait has lasted is counted, not read from the clock, which
    may be set meanwhile.
    """

    clock: Clock
    max_wait: float
    on_wait: Callable[[float, str], None]
    used_up: str
    requests: int = 0
    count: int = 0
    seconds: float = 0.0
    of_request: float = 0.0
    skew: float = 0.0
    redirects: list[str] = field(default_factory=list)

    def server_time(self) -> float:
        """The server's clock, epoch seconds."""
        return self.clock.time() + self.skew

    def note(self, status: int, headers: HTTPHeaderDict) -> None:
        """Reads the server's clock and a redirect from the head of an answer, and takes out what it
        says of its limits and cannot mean: PyGithub would stumble. Raises `Refused` where redirects
        do not end.
        """
        with suppress(KeyError, ValueError, TypeError, OverflowError):
            self.skew = parsedate_to_datetime(headers["date"]).timestamp() - self.clock.time()
        for limit in ("limit", "remaining", "reset"):
            if not NUMBER.fullmatch(headers.get(f"x-ratelimit-{limit}", "0")):
                headers.discard(f"x-ratelimit-{limit}")
        if status in (301, 302, 307, 308):
            if len(self.redirects) == MOST_REDIRECTS:
                raise Refused(301, "GitHub redirects without end; try again later")
            self.redirects.append(urlsplit(headers.get("location", "")).path)

    def until(self, reset: float) -> float:
        """Seconds until the primary limit is reset, 0 if that is past."""
        left = reset - self.server_time()
        return left + 1.0 if left > 0 else 0.0  # the reset comes somewhere within that second

    def wait(self, seconds: float, why: str, *, limit: bool) -> None:
        """Waits. Raises `Paused` (at a rate limit) or `GitHubError` where that is too long."""
        if seconds <= 0:
            return
        if self.of_request + seconds > self.max_wait:
            allowed = f"longer than --max-wait allows ({self.max_wait:.0f} s for a request)"
            text = f"{why}; that needs a wait of {seconds:.0f} s, {allowed}: run it again later"
            raise Paused(text) if limit else GitHubError(text)
        self.of_request += seconds
        self.count += 1
        left = seconds
        while left > 0:
            self.on_wait(float(math.ceil(left)), why)
            step = min(1.0, left)
            self.clock.sleep(step)
            self.seconds += step
            left -= step
        self.on_wait(0.0, why)


class VisibleRetry(GithubRetry):
    """PyGithub's retry policy with waits that are shown, can be interrupted, and end.

    GithubRetry says which answers are tried again (429 is added), urllib3 how often. The time to
    wait at a limit is reckoned by the server's clock. `base`: the API's address, for messages.
    """

    def __init__(self, waits: Waits, base: str, **options: Any) -> None:
        statuses = [429, *range(500, 600)]
        super().__init__(**{"status_forcelist": statuses, "raise_on_status": False, **options})
        self.waits, self.base = waits, base

    def new(self, **options: Any) -> Self:
        """A copy with other counts."""
        return super().new(waits=self.waits, base=self.base, **options)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Always, for urllib3: so that `increment` sees every answer."""
        return True

    def increment(self, method: Any = None, url: Any = None, *rest: Any, **more: Any) -> Any:
        """The policy for the next try, as urllib3 asks for it, by `response` or `error`. Raises
        `Stopped`, `Paused` or `GitHubError` where there is none, and `MaxRetryError` for an answer
        that needs none: urllib3 returns it then.
        """
        response, error = more.get("response"), more.get("error")
        self.waits.requests += "_pool" in more  # asked by urllib3, after each request that it sent
        if response is not None:
            self.waits.note(response.status, response.headers)
            if not super().is_retry(method, response.status, "Retry-After" in response.headers):
                raise pool.MaxRetryError(more["_pool"], url)
        try:
            return super().increment(method, url, *rest, **more)
        except pool.MaxRetryError:
            raise self._given_up(response, error) from None

    def _given_up(self, response: BaseHTTPResponse | None, error: Exception | None) -> GitHubError:
        """What is said after the last try."""
        if isinstance(error, pool.ConnectTimeoutError | pool.NewConnectionError | pool.ProxyError):
            where = f"GitHub cannot be reached at {self.base} (no connection)"
            return Stopped(f"{where}; check the network and --api-url")
        if response is not None and response.status in LIMIT_STATUSES:
            waits = f"GitHub's rate limit still refuses after {TRIES - 1} waits"
            return Paused(f"{waits}; run it again later")
        why = reason_of(error) if response is None else f"it answered {response.status}"
        times = len(self.history) + 1
        return GitHubError(f"GitHub failed {times} times in a row: {why}; run it again later")

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Waits before the next try."""
        after, why = None, reason_of(self.history[-1].error if self.history else None)
        if response is not None:
            why = f"it answered {response.status}"
            with suppress(pool.InvalidHeader, ValueError, OverflowError):
                after = self.get_retry_after(response)
        if response is not None and response.status in LIMIT_STATUSES:
            self.waits.wait(*self._limit(response, after), limit=True)
        else:
            seconds = max(self.get_backoff_time(), after or 0.0)
            self.waits.wait(seconds, f"trying again: {why}", limit=False)

    def _limit(self, response: BaseHTTPResponse, after: float | None) -> tuple[float, str]:
        """Seconds to wait at a rate limit, and why."""
        if after is not None:
            return after, SECONDARY
        left, reset = (response.headers.get(f"x-ratelimit-{x}", "") for x in ("remaining", "reset"))
        seconds = self.waits.until(int(reset)) if NUMBER.fullmatch(reset) else 0.0
        if left == "0" and seconds > 0:
            return seconds, self.waits.used_up
        before = takewhile(lambda past: past.status in LIMIT_STATUSES, reversed(self.history))
        return SECONDARY_WAIT * 2 ** max(0, len(list(before)) - 1), SECONDARY


def reason_of(error: Exception | None) -> str:
    """One short line for a failure of the connection, without addresses of objects."""
    if isinstance(error, Passing):
        return str(error)
    if isinstance(error, pool.NewConnectionError):
        return "no connection"
    if isinstance(error, wire.Timeout | pool.ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, wire.SSLError | pool.SSLError):
        return "its certificate is not trusted (REQUESTS_CA_BUNDLE names one of your own)"
    return f"the connection failed ({type(error).__name__})"


# ---------------------------------------------------------------- pages

_SECRET_PARAMETERS = frozenset({"access_token", "client_secret", "token"})


class RawItem(NonCompletableGithubObject):
    """An object of a list as GitHub sent it; whatever it is asked for, no request is sent."""

    def _initAttributes(self) -> None:  # noqa: N802 - PyGithub's name
        """It has none but `raw_data`."""

    def _useAttributes(self, attributes: Json) -> None:  # noqa: N802 - PyGithub's name
        """Nothing is made of them."""


class Page(PaginatedList[RawItem]):
    """A page of a list through PyGithub, asked for when it is made.

    `items`: its objects as GitHub sent them; `odd`: the types of what stood there and is no object;
    `next_url`: path and query of the next page, below the API's base (`prefix`); `last_page`: the
    number of the list's last page, where GitHub names one; `not_modified`: nothing has changed
    since the answer whose `etag` was sent along; `moved_to`: the path to which the request was
    redirected. Raises `Passing` for what is no list.
    """

    def __init__(
        self, requester: Requester, waits: Waits, prefix: str, url: str, etag: str | None
    ) -> None:
        self.etag: str | None = None
        self.odd: list[str] = []
        self._prefix = prefix
        self._links: dict[str, str] = {}
        parts, headers = urlsplit(url), {"If-None-Match": etag} if etag else None
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        super().__init__(RawItem, requester, parts.path, query, headers=headers)
        self.items: list[Json] = [item.raw_data for item in self._fetchNextPage()]
        self.next_url = self._links.get("next")
        last = dict(parse_qsl(urlsplit(self._links.get("last", "")).query)).get("page", "")
        self.last_page = int(last) if last.isdecimal() else None
        # a 304 has no body; an empty list of the same tag says the same
        self.not_modified = bool(etag) and not self.items and self.etag in (None, etag)
        self.moved_to = waits.redirects[-1] if waits.redirects else None

    def _getPage(self, data: Any, headers: Json | None) -> list[RawItem]:  # noqa: N802
        """Checks an answer before PyGithub builds on it."""
        headers = headers or {}
        if not isinstance(data, list):
            raise Passing(what_it_is(data, headers))
        self.etag = headers.get("etag")
        self.odd = [type(item).__name__ for item in data if not isinstance(item, dict)]
        self._links = {
            link["rel"]: relative(link["url"], self._prefix)
            for link in reversed(parse_header_links(str(headers.get("link", ""))))
            if link.get("rel") and link.get("url")
        }
        # without its links: PyGithub expects them in one spelling, and would follow them anywhere
        kept = {name: value for name, value in headers.items() if name != "link"}
        return super()._getPage([item for item in data if isinstance(item, dict)], kept)


def what_it_is(data: object, headers: Mapping[str, Any]) -> str:
    """What came where a list should, in words."""
    if location := headers.get("location"):
        return f"it redirects to {urlsplit(str(location)).hostname}"
    text = data.get("data") if isinstance(data, dict) else None
    found = "an object where a list was expected"
    if isinstance(text, str):
        found = "a web page" if text.lstrip()[:1] == "<" else "a text that is not JSON"
    return f"it answered with {found} (is --api-url right?)"


def relative(url: str, prefix: str) -> str:
    """Path and query below the API's base: the token goes to no other host, whatever an answer
    names, and no secret into storage.
    """
    parts = urlsplit(url)
    below = prefix and parts.path.startswith(prefix + "/")
    path = parts.path.removeprefix(prefix) if below else parts.path
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = [(name, value) for name, value in given if name.lower() not in _SECRET_PARAMETERS]
    return ("/" + path.lstrip("/")) + (f"?{urlencode(query)}" if query else "")


TIMEOUT = 60
"""Seconds without a byte until a connection counts as dropped."""
MOST_PAGES = 100
"""Pages of an owner's repositories that are read, of a hundred each."""
REFUSALS = {
    404: "not found (404), or private and closed to this token: check the name, or set "
    "GITHUB_TOKEN to a token that may read it",
    410: "issues are switched off (410)",
    451: "blocked for legal reasons (451)",
}
logging.getLogger("github").setLevel(logging.WARNING)  # it prints what it tries again; we do


@dataclass(frozen=True, slots=True)
class KnownRepository:
    """What GitHub says of a repository: its number, which it keeps when it is renamed, its name
    now, and the tag that makes asking again free. `id` 0: the server does not say; `discussions`:
    it has them switched on.
    """

    id: int
    name: str
    etag: str | None = None
    discussions: bool = False

    @property
    def path(self) -> str:
        """Its path below the API's base; by number, which no rename redirects."""
        return f"/repositories/{self.id}" if self.id else f"/repos/{self.name}"


class Client:
    """Asks GitHub, one request after the other; use it as a context manager.

    `max_wait`: seconds that may be waited for one request; `on_wait`: see `Waits`; `tries`: how
    often a request is sent that fails in passing. `anonymous`: without a token; `private`: nobody
    on the way can read it (HTTPS, or this machine). Its methods raise `Refused` (this request),
    `GitHubError` (tried in vain), `Stopped` and `Paused` (nothing more can be asked).
    """

    def __init__(
        self,
        access: Access,
        *,
        max_wait: float = 900.0,
        clock: Clock = time,
        on_wait: Callable[[float, str], None] = lambda seconds, why: None,
        tries: int = TRIES,
    ) -> None:
        self._access = access
        base = checked_url(access.url)
        self._prefix = urlsplit(base).path
        self.private = not is_open(urlsplit(base))
        self.anonymous = access.token is None
        hint = " (60 requests an hour without a token; set GITHUB_TOKEN)" if self.anonymous else ""
        used_up = f"GitHub's rate limit is used up{hint}"
        self.waits = Waits(clock, max_wait, on_wait, used_up)
        self._policy = VisibleRetry(
            self.waits,
            base,
            total=tries - 1,
            connect=min(tries, CONNECT_TRIES) - 1,
            backoff_factor=0.5,
            backoff_max=30,
            backoff_jitter=0.25,
        )
        self._github = Github(
            auth=Auth.Token(access.token) if access.token else None,
            base_url=base,
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

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._github.close()

    @property
    def rate(self) -> tuple[int | None, int | None]:
        """What is left of the primary limit, and how many requests it allows an hour; None if no
        answer has said so.
        """
        left, limit = self._github.requester.rate_limiting
        return left if left >= 0 else None, limit if limit > 0 else None

    def repository(self, name: str, known: KnownRepository | None = None) -> KnownRepository:
        """What GitHub says of a repository, renames followed; free if it is what is `known`."""

        def ask() -> KnownRepository:
            if known is not None and known.etag is not None:
                place, tag = {"url": f"/repos/{name}"}, {"etag": known.etag}
                found = self._github.create_from_raw_data(Repository, place, dict(tag))
                if not found.update():
                    return known
            else:
                found = self._github.get_repo(name)
            data: Json = found.raw_data
            full_name = data.get("full_name")
            if not isinstance(full_name, str) or "/" not in full_name:
                raise Passing(what_it_is(data, found.raw_headers))
            talks = data.get("has_discussions") is True
            number = data["id"] if is_id(data.get("id")) else 0
            return KnownRepository(number, full_name, found.etag, talks)

        return self._ask(ask)

    def page(self, url: str, etag: str | None = None) -> Page:
        """A page of a list, if changed since `etag`; `url`: path and query below the API's base."""
        requester = self._github.requester
        return self._ask(lambda: Page(requester, self.waits, self._prefix, url, etag))

    def pages(self, url: str, most: int) -> Iterator[Page]:
        """A list page by page, `most` of them."""
        following: str | None = url
        for _ in range(most):
            if following is None:
                return
            page = self.page(following)
            yield page
            following = page.next_url if page.next_url != following else None

    def document(self, url: str) -> tuple[Json, Mapping[str, Any]]:
        """One object and the headers of its answer; `url`: its path below the API's base."""

        def ask() -> tuple[Json, Mapping[str, Any]]:
            headers, found = self._github.requester.requestJsonAndCheck("GET", url)
            if not isinstance(found, dict):
                raise Passing(what_it_is(found, headers))
            return found, headers

        return self._ask(ask)

    def expand(self, pattern: str) -> list[str]:
        """The repositories that a pattern such as `owner/*` stands for, by name; forks and those
        without issues are none.
        """
        pattern = pattern.lower()
        owner = pattern.partition("/")[0]
        try:
            pages = list(self.pages(f"/orgs/{owner}/repos?type=sources", MOST_PAGES))
        except Refused as error:
            if error.status != 404:
                raise
            pages = list(self.pages(f"/users/{owner}/repos?type=owner", MOST_PAGES))
        names = [
            str(found.get("full_name", ""))
            for page in pages
            for found in page.items
            if found.get("has_issues") is not False and not found.get("fork")
        ]
        return sorted(filter(lambda name: fnmatchcase(name.lower(), pattern), names), key=str.lower)

    def graphql(self, query: str, variables: Json) -> Json:
        """The answer to a query. GraphQL has a rate limit of its own, which is not waited for."""
        requester = self._github.requester

        def ask() -> Json:
            left = requester.rate_limiting
            try:
                headers, document = requester.graphql_query(query, variables)
            finally:
                requester.rate_limiting = left  # that of the REST API, by which requests are paced
            if not isinstance(document.get("data"), dict):
                raise Passing(what_it_is(document, headers))
            return document

        return self._ask(ask)

    # ------------------------------------------------------------------ one request

    def _ask(self, call: Callable[[], T]) -> T:
        """Sends one request through PyGithub, again where its answer breaks off or is none.

        urllib3 tries again what fails before the body of an answer; what comes behind that is
        tried again here, by the same policy. An answer must be whole in time; the waits for a limit
        come on top.
        """
        requester, (least, most) = self._github.requester, ANSWER_SECONDS
        allowed = min(most, max(least, self.waits.max_wait))
        self.waits.of_request = 0.0
        if requester.rate_limiting[0] == 0:  # the last answer said that nothing is left
            seconds = self.waits.until(requester.rate_limiting_resettime)
            self.waits.wait(seconds, self.waits.used_up, limit=True)
        retry: Any = self._policy
        while True:
            self.waits.redirects.clear()
            try:
                return within(allowed, call, lambda: self.waits.seconds)
            except TimeoutError:
                whole = f"GitHub's answer was not whole after {allowed:.0f} s"
                raise Stopped(f"{whole}; run it again later") from None
            except GithubException as error:
                failure = self._refusal(error)
            except wire.RequestException as error:
                failure = Passing(reason_of(error))
            except Passing as error:
                failure = error
            except (*_ODD, RecursionError) as error:
                failure = Passing(f"it answered with what GitHub does not send ({error})")
            except RuntimeError as error:  # PyGithub's word for a redirect to another server
                raise Refused(301, f"{self._scrub(str(error))}; check --api-url") from None
            retry = retry.increment("GET", "", error=failure)
            retry.sleep()

    def _refusal(self, error: GithubException) -> Passing:
        """A refusal without a readable word, which may have been cut off. Raises all others."""
        status, data = error.status, error.data
        if status in LIMIT_STATUSES and not isinstance(data, dict):
            return Passing(f"it answered {status} with a text that is not JSON or was cut off")
        reason = " ".join(self._scrub(_message(data)).split())[:300]
        if status == 401:
            if self.anonymous:
                raise Stopped("GitHub wants a token (401): set GITHUB_TOKEN") from None
            refused = f"GitHub refuses {self._access.source or 'the token'} (401: {reason})"
            raise Stopped(f"{refused}: set GITHUB_TOKEN to a valid token") from None
        raise Refused(
            status, REFUSALS.get(status, f"GitHub refuses ({status}: {reason})")
        ) from None

    def _scrub(self, text: str) -> str:
        return text.replace(self._access.token, "***") if self._access.token else text


def _message(data: object) -> str:
    """The reason that GitHub gives, for a GraphQL query in a list of errors."""
    errors = value_at(data, "errors")
    first = value_at(errors[0], "message") if isinstance(errors, list) and errors else None
    return str(value_at(data, "message") or first or "no reason given")


def ask_github(config: Config) -> GitHubState:
    """Asks `/rate_limit` of the API that the configuration names. Failures are in the result."""
    try:
        with Client(find_access(config), max_wait=1, tries=2) as client:
            document, headers = client.document("/rate_limit")
            skew = client.waits.skew
    except FaultloreError as error:
        # GitHub Enterprise with rate limits switched off has none
        none = isinstance(error, Refused) and error.status == 404
        return GitHubState(failure=None if none else str(error))
    core = value_at(document, "resources", "core")
    limit, left, reset = (
        number if isinstance(number := value_at(core, name), int) else None
        for name in ("limit", "remaining", "reset")
    )
    reset_at, scopes = None, headers.get("x-oauth-scopes")
    if reset and NUMBER.fullmatch(str(reset)):
        reset_at = datetime.fromtimestamp(reset, UTC).strftime("%H:%M:%SZ")
    return GitHubState(
        limit=limit,
        remaining=left,
        reset_at=reset_at,
        scopes=None if scopes is None else tuple(filter(None, map(str.strip, scopes.split(",")))),
        expires=headers.get("github-authentication-token-expiration"),
        skew=-skew,
    )
