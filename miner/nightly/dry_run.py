"""What a run would do and how many requests that takes, asked of GitHub with at most two small
requests a repository.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kb.dirty import waiting
from kb.errors import GitHubError
from miner.harvest.client import Client
from miner.harvest.github import MISSING_TIMELINES
from miner.harvest.names import Names, home_of, known_repository
from miner.harvest.objects import is_id
from miner.harvest.patterns import check_name, expand, is_pattern
from miner.harvest.streams import COMMENTS, ISSUES, PAGE_SIZE, STREAMS, load_cursor
from miner.harvest.waiting import Stopped

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from miner.harvest.github import HarvestOptions
    from miner.harvest.streams import Cursor, Stream
    from miner.judge.run import Estimate


REQUEST_SECONDS = 0.7
"""What a page of GitHub's takes, about."""
HOURLY_LIMIT = 5_000
THREAD_BYTES, COMMENT_BYTES = 10_500, 2_100
"""What a thread and a comment take in the database once they are mined, measured over 741 threads
with 2,381 comments of twenty trackers.
"""


@dataclass(slots=True)
class RepoForecast:
    """What a repository has for a run.

    `known`: harvested before; `issues`, `comments`: new or changed items (None: GitHub does not say
    how many); `timelines`: threads that wait for theirs; `requests`: of the run, `at_least` if it
    may be more; `problem`: why it would fail.
    """

    repo: str
    known: bool = False
    issues: int | None = 0
    comments: int | None = 0
    timelines: int = 0
    requests: int = 0
    at_least: bool = False
    problem: str | None = None


@dataclass(slots=True)
class Forecast:
    """What a run would do. `asked`: requests that the forecast took; `remaining`: what is left of
    the rate limit, and `limit` what it allows an hour; `waiting`: threads that mining has still to
    read, whatever the harvest brings; `judge`: what asking the second reader about what is stored
    now would take (None: it is off).
    """

    repos: list[RepoForecast]
    asked: int = 0
    remaining: int | None = None
    waiting: int = 0
    judge: Estimate | None = None
    limit: int | None = None

    @property
    def requests(self) -> int:
        """Requests of the run."""
        return sum(repo.requests for repo in self.repos)

    @property
    def at_least(self) -> bool:
        """Whether it may be more."""
        return any(repo.at_least for repo in self.repos)

    @property
    def hours(self) -> float:
        """Of harvesting, with the waits for the rate limit; spread over as many nights as that
        takes.
        """
        full_hours = max(0, self.requests - 1) // (self.limit or HOURLY_LIMIT)
        return full_hours + self.requests * REQUEST_SECONDS / 3600

    @property
    def disk(self) -> int:
        """Bytes by which the database grows, about."""
        return sum(
            (repo.issues or 0) * THREAD_BYTES + (repo.comments or 0) * COMMENT_BYTES
            for repo in self.repos
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        from dataclasses import asdict

        return {
            **asdict(self),
            "requests": self.requests,
            "at_least": self.at_least,
            "hours": round(self.hours, 3),
            "disk": self.disk,
        }


def forecast(
    connection: sqlite3.Connection | None, repos: Sequence[str], options: HarvestOptions
) -> Forecast:
    """Asks GitHub how much there is; writes nothing. `connection`: None where there is no database
    yet.

    Failures are in the forecast. Raises `BadInputError` for a name that is none.
    """
    names = [check_name(repo) for repo in repos]
    out = Forecast([])
    if connection is not None:
        out.waiting = waiting(connection)
    with Client(
        options.api_url,
        options.token,
        token_source=options.token_source,
        max_wait=0,
        clock=options.clock,
        tries=2,
    ) as client:
        stopped: str | None = None
        for name in names:
            out.repos += _expanded(client, name)
        for one in out.repos:
            if one.problem is not None:
                continue
            if stopped is not None:
                one.problem = f"not asked: {stopped}"
            else:
                stopped = _try(connection, client, options, one)
        out.asked, out.remaining, out.limit = client.requests, client.remaining, client.limit
    return out


def _expanded(client: Client, name: str) -> list[RepoForecast]:
    """The repositories of a pattern; the pattern itself where GitHub does not say which."""
    try:
        return [
            RepoForecast(repo) for repo in (expand(client, name) if is_pattern(name) else [name])
        ]
    except GitHubError as error:
        return [RepoForecast(name, problem=str(error))]


def _try(
    connection: sqlite3.Connection | None,
    client: Client,
    options: HarvestOptions,
    one: RepoForecast,
) -> str | None:
    """Asks for one repository; returns why no other can be asked for, if so."""
    try:
        _ask(connection, client, options, one)
    except Stopped as error:
        one.problem = str(error)
        return one.problem
    except GitHubError as error:
        one.problem = str(error)
    return None


def _ask(
    connection: sqlite3.Connection | None,
    client: Client,
    options: HarvestOptions,
    one: RepoForecast,
) -> None:
    names = (
        home_of(connection, one.repo)
        if connection is not None
        else Names(one.repo, one.repo, settled=False)
    )
    known = known_repository(connection, names.home) if connection is not None else None
    path = known.path if known is not None else f"/repos/{names.api}"
    found: dict[str, int | None] = {}
    for stream in STREAMS:
        cursor = (
            load_cursor(connection, names.home, stream)
            if connection is not None and not options.full
            else None
        )
        if connection is None or cursor is None:
            found[stream.name] = _count(client, stream, path, options.since, one)
        else:
            one.known = True
            found[stream.name] = _news(connection, client, stream, (names.home, path), cursor, one)
    one.issues, one.comments = found[ISSUES.name], found[COMMENTS.name]
    if connection is not None:
        one.timelines = len(
            connection.execute(
                MISSING_TIMELINES, {"repo": names.home, "budget": options.timeline_budget}
            ).fetchall()
        )
    if (
        one.issues is not None
        and options.max_issues is not None
        and one.issues > options.max_issues
    ):
        one.issues, one.at_least = options.max_issues, True
    # a page begins with the last item of the one before
    pages = [max(1, math.ceil((count or 0) / (PAGE_SIZE - 1))) for count in found.values()]
    one.requests = 1 + sum(pages) + one.timelines
    # what is new may hold errors, and the timelines of their threads are read
    one.at_least = one.at_least or None in found.values() or bool(one.issues)


def _news(
    connection: sqlite3.Connection,
    client: Client,
    stream: Stream,
    place: tuple[str, str],
    cursor: Cursor,
    one: RepoForecast,
) -> int | None:
    """How many items the next walk would find new or changed: its first request, and if that is not
    all, the number of all. `place`: the name under which the repository is stored, and its path.
    """
    (home, path), since = place, cursor.since or cursor.last
    page = client.page(stream.url(path, since), etag=cursor.etag)
    if page.not_modified:
        return 0
    if page.next_url is not None:
        return _count(client, stream, path, since, one)
    facts = [
        {"repo": home, "id": item[stream.key], "at": stream.time_of(item)}
        for item in page.items
        if is_id(item.get(stream.key))
    ]
    return sum(connection.execute(_SAME[stream.name], each).fetchone() is None for each in facts)


_SAME = {
    ISSUES.name: "select 1 from thread where repo = :repo and number = :id and updated_at = :at",
    COMMENTS.name: "select 1 from comment "
    "where repo = :repo and comment_id = :id and updated_at = :at",
}


def _count(
    client: Client, stream: Stream, path: str, since: str | None, one: RepoForecast
) -> int | None:
    """How many items changed since: the number of the last page where a page holds one item.

    A long list does not name its last page; the newest issue's number is then the length of the
    list, or a little more.
    """
    query = {**dict(stream.parameters), "per_page": "1", "sort": "created", "direction": "desc"}
    if since:
        query["since"] = since
    page = client.page(f"{path}/{stream.path}?{urlencode(query)}")
    if page.last_page is not None:
        return page.last_page
    if page.next_url is None or not page.items:
        return len(page.items)
    one.at_least = True
    number = page.items[0].get("number")
    return number if stream is ISSUES and since is None and isinstance(number, int) else None
