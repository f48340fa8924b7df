"""What a run would do and what that takes, asked with at most two small requests a repository."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from kb import sql
from kb.errors import GitHubError
from kb.rows import waiting
from miner.harvest.access import HarvestOptions, check_name, is_pattern
from miner.harvest.client import Client, Page, Stopped
from miner.harvest.github import known_repository, names_of
from miner.harvest.objects import is_id
from miner.harvest.streams import ISSUES, PAGE_SIZE, STREAMS, Stream, load_cursor, stored_items

if TYPE_CHECKING:
    from miner.judge.run import Estimate


REQUEST_SECONDS = 0.7
"""What a page of GitHub's takes, about."""
HOURLY_LIMIT = 5_000
THREAD_BYTES, COMMENT_BYTES = 10_500, 2_100
"""What each takes in the database once it is mined, measured over 741 threads of 20 trackers."""


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
    now would take (None: it is off); `requests` of the run, `at_least` if it may be more; `hours`
    of harvesting, with the waits for the rate limit, over as many nights as that takes; `disk`:
    bytes by which the database grows, about.
    """

    repos: list[RepoForecast]
    asked: int = 0
    remaining: int | None = None
    waiting: int = 0
    judge: Estimate | None = None
    limit: int | None = None
    requests: int = 0
    at_least: bool = False
    hours: float = 0.0
    disk: int = 0


def forecast(
    connection: sqlite3.Connection | None, repos: Sequence[str], options: HarvestOptions
) -> Forecast:
    """Asks GitHub how much there is; writes nothing. `connection`: None without a database.
    Failures are in the forecast. Raises `BadInputError` for a name that is none.
    """
    names = [check_name(repo) for repo in repos]
    out, stopped = Forecast([]), False
    if connection is not None:
        out.waiting = waiting(connection)
    with Client(options.access, clock=options.clock, max_wait=0, tries=2) as client:
        for name in names:
            try:
                found = client.expand(name) if is_pattern(name) else [name]
                out.repos += [RepoForecast(repo) for repo in found]
            except GitHubError as error:
                out.repos.append(RepoForecast(name, problem=str(error)))
        for one in out.repos:
            if one.problem is None and stopped:
                one.problem = "not asked, for the same reason"
            elif one.problem is None:
                try:
                    _ask_about(one, connection, client, options)
                except GitHubError as error:
                    one.problem, stopped = str(error), isinstance(error, Stopped)
        out.asked, (out.remaining, out.limit) = client.waits.requests, client.rate
    out.requests = sum(repo.requests for repo in out.repos)
    out.at_least = any(repo.at_least for repo in out.repos)
    full_hours = max(0, out.requests - 1) // (out.limit or HOURLY_LIMIT)
    out.hours = round(full_hours + out.requests * REQUEST_SECONDS / 3600, 3)
    posts = ((one.issues or 0, one.comments or 0) for one in out.repos)
    out.disk = sum(issues * THREAD_BYTES + comments * COMMENT_BYTES for issues, comments in posts)
    return out


def _ask_about(
    one: RepoForecast, db: sqlite3.Connection | None, client: Client, options: HarvestOptions
) -> None:
    """Fills the forecast of a repository. Raises `GitHubError`."""
    home, api, _ = names_of(db, one.repo) if db else (one.repo, one.repo, False)
    known = known_repository(db, home) if db else None
    path = known.path if known is not None else f"/repos/{api}"
    found: list[int | None] = []
    for stream in STREAMS:
        cursor = load_cursor(db, home, stream) if db and not options.full else None
        since = options.since if cursor is None else cursor.since or cursor.last
        news = None
        if db and cursor is not None:
            one.known = True
            news = _news(db, stream, home, client.page(stream.url(path, since), etag=cursor.etag))
        found.append(_count(client, stream, path, since, one) if news is None else news)
    one.issues, one.comments = found
    if db is not None:
        wanted = {"repo": home, "budget": options.timelines}
        one.timelines = len(sql.ask(db, "threads.without_timeline", **wanted).fetchall())
    most = options.max_issues
    if one.issues is not None and most is not None and one.issues > most:
        one.issues, one.at_least = most, True
    # a page begins with the last item of the one before
    pages = [max(1, math.ceil((count or 0) / (PAGE_SIZE - 1))) for count in found]
    one.requests = 1 + sum(pages) + one.timelines
    # what is new may hold errors, and the timelines of their threads are read
    one.at_least = one.at_least or None in found or bool(one.issues)


def _news(db: sqlite3.Connection, stream: Stream, home: str, page: Page) -> int | None:
    """How many items of a walk's first page are new or changed; None: it goes on behind it."""
    if page.not_modified:
        return 0
    if page.next_url is not None:
        return None
    stored, new = stored_items(db, home, stream, ""), 0
    for item in page.items:
        if is_id(item.get(stream.key)):
            at, known = stream.time_of(item), stored.get(item[stream.key])
            new += known is None or at is None or known[1] < at
    return new


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
