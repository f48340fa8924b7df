"""GitHub through PyGithub, for one who reads lists: one error for each thing that goes wrong.

PyGithub sends, authenticates, follows renames and tries again. What is added: waits that are shown
(`waiting`), pages as GitHub sent them (`pages`), and here another try for what breaks off behind an
answer's head. Limits:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from github import Auth, Github
from github.GithubException import GithubException
from github.Repository import Repository
from requests import exceptions as wire
from urllib3.exceptions import MaxRetryError, NewConnectionError

from kb.links import is_loopback
from miner.harvest.access import DEFAULT_API_URL, checked_url
from miner.harvest.failures import Passing, Paused, Refused, Stopped, Unsteady
from miner.harvest.pages import ItemPage, Page, what_it_is
from miner.harvest.streams import PAGE_SIZE
from miner.harvest.waiting import (
    LIMIT_STATUSES,
    VisibleRetry,
    Waits,
    bounded,
    reason_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from github.Requester import RequestsResponse

    from miner.harvest.objects import Json
    from miner.harvest.waiting import Clock

T = TypeVar("T")

TIMEOUT = 60
"""Seconds without a byte until a connection counts as dropped."""
TRIES = 7
"""How often a request is sent that meets a rate limit or fails in passing: then at once again, and
after 1, 2, 4, 8 and 16 s."""
CONNECT_TRIES = 5
"""How often a server is called that cannot be reached at all."""
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
    `Unsteady` (tried in vain), `Stopped` and `Paused` (nothing more can be asked).
    """

    def __init__(
        self,
        api_url: str = DEFAULT_API_URL,
        token: str | None = None,
        *,
        token_source: str | None = None,
        max_wait: float = 900.0,
        clock: Clock = time,
        on_wait: Callable[[float, str], None] = lambda seconds, why: None,
        tries: int = TRIES,
    ) -> None:
        self._base = checked_url(api_url)
        self._prefix = urlsplit(self._base).path
        self._token = token
        self._token_source = token_source or "the token"
        parts = urlsplit(self._base)
        self.private = parts.scheme == "https" or is_loopback(parts.hostname)
        self.anonymous = token is None
        self.waits = Waits(clock, max_wait, on_wait, anonymous=self.anonymous)
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
        self._redirects: list[str] = []
        self._watch_answers()

    def _watch_answers(self) -> None:
        """Has every answer looked at before PyGithub reads its headers and follows redirects."""
        name = "_Requester__connectionClass"
        former: Any = getattr(self._github.requester, name)
        client = self

        class Connection(former):  # type: ignore[misc]
            def getresponse(self) -> RequestsResponse:
                answer: RequestsResponse = super().getresponse()
                client.waits.leave_out_junk(answer.headers)
                if answer.status in (301, 302, 307, 308):
                    client._redirects.append(urlsplit(answer.headers.get("location", "")).path)
                return answer

        setattr(self._github.requester, name, Connection)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._github.close()

    @property
    def requests(self) -> int:
        """Requests sent, those tried again and redirected included."""
        return self.waits.requests

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
        """What GitHub says of a repository, renames followed; free if it is what is `known`."""
        return self._ask(lambda: self._repository(name, known))

    def _repository(self, name: str, known: KnownRepository | None) -> KnownRepository:
        if known is not None and known.etag is not None:
            place, tag = {"url": f"/repos/{name}"}, {"etag": known.etag}
            found = self._github.create_from_raw_data(Repository, place, dict(tag))
            if not found.update():
                return known
        else:
            found = self._github.get_repo(name)
        self.waits.note(found.raw_headers)
        data = found.raw_data
        number, full_name = data.get("id"), data.get("full_name")
        if not isinstance(full_name, str) or "/" not in full_name:
            raise Passing(what_it_is(data, found.raw_headers))
        if full_name.lower() != name.lower():
            self.waits.requests += 1  # the redirect that PyGithub followed
        number = number if isinstance(number, int) and 0 < number < 2**63 else 0
        return KnownRepository(number, full_name, found.etag, data.get("has_discussions") is True)

    def page(self, url: str, etag: str | None = None) -> Page:
        """A page of a list, if changed since `etag`; `url`: path and query below the API's base."""
        requester = self._github.requester
        page = self._ask(lambda: ItemPage(requester, self._prefix, url, etag).read(self.waits))
        return replace(page, moved_to=self._redirects[-1]) if self._redirects else page

    def pages(self, url: str, most: int) -> Iterator[Page]:
        """A list page by page, `most` of them."""
        following: str | None = url
        for _ in range(most):
            if following is None:
                return
            page = self.page(following)
            yield page
            following = page.next_url if page.next_url != following else None

    def document(self, url: str) -> Json:
        """One object; `url`: its path below the API's base."""
        requester = self._github.requester

        def ask() -> Json:
            headers, found = requester.requestJsonAndCheck("GET", url)
            self.waits.note(headers)
            if not isinstance(found, dict):
                raise Passing(what_it_is(found, headers))
            return found

        return self._ask(ask)

    def repositories(self, owner: str, most: int) -> Iterator[Json]:
        """The repositories of an organisation or a user, `most` pages of them."""
        try:
            for page in self.pages(f"/orgs/{owner}/repos?type=sources", most):
                yield from page.items
        except Refused as error:
            if error.status != 404:
                raise
            for page in self.pages(f"/users/{owner}/repos?type=owner", most):
                yield from page.items

    def graphql(self, query: str, variables: Json) -> Json:
        """The answer to a query. GraphQL has a rate limit of its own, which is not waited for."""
        requester = self._github.requester

        def ask() -> Json:
            left = requester.rate_limiting
            try:
                headers, document = requester.graphql_query(query, variables)
            finally:
                requester.rate_limiting = left  # that of the REST API, by which requests are paced
            self.waits.note(headers)
            if not isinstance(document.get("data"), dict):
                raise Passing(what_it_is(document, headers))
            return document

        return self._ask(ask)

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
        self._redirects.clear()
        retry = self._policy
        while True:
            try:
                return bounded(self.waits, call)
            except GithubException as error:
                failure = self._refusal(error)
            except wire.RequestException as error:
                failure = self._failure(error)
            except Passing as error:
                failure = error
            except json.JSONDecodeError:
                failure = Passing("it answered with a text that is not JSON or was cut off")
            except RecursionError:
                raise Refused(301, "GitHub redirects without end; try again later") from None
            except RuntimeError as error:  # PyGithub's word for a redirect to another server
                raise Refused(301, f"{self._scrub(str(error))}; check --api-url") from None
            except (ValueError, TypeError, AttributeError, AssertionError, KeyError) as error:
                # PyGithub takes headers and documents for what GitHub sends
                failure = Passing(f"it answered with what GitHub does not send ({error})")
            try:
                retry = retry.increment("GET", "", error=failure)
            except MaxRetryError:
                raise _tried(len(retry.history) + 1, failure) from None
            retry.sleep()

    def _await_limit(self) -> None:
        """Waits where the last answer said that nothing is left."""
        requester = self._github.requester
        if requester.rate_limiting[0] == 0:
            seconds = self.waits.until(requester.rate_limiting_resettime)
            self.waits.wait(seconds, self.waits.limit_text(), limit=True)

    # ------------------------------------------------------------------ what went wrong

    def _failure(self, error: wire.RequestException) -> Passing:
        """A failure of the connection that may pass. Raises what ends the request or the run."""
        last = error.args[0] if error.args else None
        if not isinstance(last, MaxRetryError):
            return Passing(reason_of(error))
        unreachable = isinstance(error, wire.ConnectTimeout | wire.ProxyError)
        if unreachable or isinstance(last.reason, NewConnectionError):
            where = f"GitHub cannot be reached at {self._base} (no connection)"
            raise Stopped(f"{where}; check the network and --api-url") from None
        reason = str(last.reason)
        if any(f" {status} " in reason for status in LIMIT_STATUSES):
            waits = f"GitHub's rate limit still refuses after {TRIES - 1} waits"
            raise Paused(f"{waits}; run it again later") from None
        text = reason_of(last.reason or error)
        if isinstance(error, wire.RetryError):
            text = f"it answered {re.sub(r'[^0-9]', '', reason)}"
        raise _tried((self._policy.total or 0) + 1, text) from None

    def _refusal(self, error: GithubException) -> Passing:
        """A refusal without a readable word, which may have been cut off. Raises all others."""
        self.waits.note({k.lower(): v for k, v in (error.headers or {}).items()})
        status, data = error.status, error.data
        if status in LIMIT_STATUSES and not isinstance(data, dict):
            return Passing(f"it answered {status} with a text that is not JSON or was cut off")
        reason = " ".join(self._scrub(_message(data)).split())[:300]
        if status == 401:
            if self.anonymous:
                raise Stopped("GitHub wants a token (401): set GITHUB_TOKEN") from None
            refused = f"GitHub refuses {self._token_source} (401: {reason})"
            raise Stopped(f"{refused}: set GITHUB_TOKEN to a valid token") from None
        raise Refused(
            status, REFUSALS.get(status, f"GitHub refuses ({status}: {reason})")
        ) from None

    def _scrub(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


def _message(data: object) -> str:
    """The reason that GitHub gives, for a GraphQL query in a list of errors."""
    if not isinstance(data, dict):
        return "no reason given"
    message, errors = data.get("message"), data.get("errors")
    if not message and isinstance(errors, list) and errors and isinstance(errors[0], dict):
        message = errors[0].get("message")
    return str(message or "no reason given")


def _tried(times: int, why: object) -> Unsteady:
    return Unsteady(f"GitHub failed {times} times in a row: {why}; run it again later")
