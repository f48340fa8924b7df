"""Threads from GitHub: two lists a repository, issues (pull requests among them) and all its
comments, then discussions and the timelines of the few threads that need one.

A run without news costs two requests a repository.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kb.errors import GitHubError
from miner.harvest.access import DEFAULT_API_URL, find_token
from miner.harvest.client import Client
from miner.harvest.discussions import bring_discussions
from miner.harvest.names import check_name, expand, is_pattern, known_repository, record_failure
from miner.harvest.progress import HarvestReport, Progress, RepoReport
from miner.harvest.sources import ImportReport
from miner.harvest.streams import COMMENTS, ISSUES
from miner.harvest.threads import partial_repos
from miner.harvest.turn import GONE, Run, Turn, bring_rest, bring_timelines, walk
from miner.harvest.waiting import Paused, Refused, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb.store import Store
    from miner.harvest.waiting import Clock

__all__ = ["HarvestOptions", "HarvestReport", "complete", "harvest", "harvest_timelines"]


ANONYMOUS = (
    "no token (GITHUB_TOKEN, GH_TOKEN or 'gh auth login'): GitHub allows 60 requests an hour"
    " instead of 5,000"
)


@dataclass(frozen=True, slots=True)
class HarvestOptions:
    """What a harvest is to do.

    `since`: ISO 8601, for a first walk, a full one, or one further back than before; `max_issues`:
    threads to bring in one run and repository; `full`: walk over everything and mark what is no
    longer there; `max_wait`: the longest single wait for a limit, seconds; `timelines`:
    requests for timelines in one run and repository.
    """

    api_url: str = DEFAULT_API_URL
    token: str | None = field(default=None, repr=False)
    token_source: str | None = None
    since: str | None = None
    max_issues: int | None = None
    full: bool = False
    max_wait: float = 900.0
    timelines: int = 200
    clock: Clock = time

    def client(self, **more: Any) -> Client:
        """Who asks GitHub with these options; `more` as `Client` takes it."""
        given = {"token_source": self.token_source, "max_wait": self.max_wait, "clock": self.clock}
        return Client(self.api_url, self.token, **{**given, **more})


def harvest(
    store: Store, repos: Sequence[str], options: HarvestOptions, progress: Progress | None = None
) -> HarvestReport:
    """Brings what is new in these repositories; one repository's failure does not stop the others.

    Timelines are read only if a repository's lists brought news. Raises `BadInputError` for a name
    that is none, before any request; failures of GitHub are in the report.
    """
    return _each(store, repos, options, progress, _bring_news)


def harvest_timelines(
    store: Store, repos: Sequence[str], options: HarvestOptions, progress: Progress | None = None
) -> HarvestReport:
    """Reads the timelines that threads with errors still miss, within the budget; after mining."""
    return _each(store, repos, options, progress, _bring_timelines)


def complete(
    store: Store, repos: Sequence[str], options: HarvestOptions, progress: Progress | None = None
) -> HarvestReport:
    """Brings the rest of threads of which an archive held only a part, `max_issues` of each
    repository; of all repositories that have such threads, where none is named.
    """
    names = repos or partial_repos(store.connection)
    return _each(store, names, options, progress, _bring_rest)


# ---------------------------------------------------------------- a repository's turn


def _bring_news(turn: Turn) -> None:
    found = turn.find_repository()
    if not turn.is_first():
        return
    if found is not None:
        turn.record(found)
    report = turn.report
    all_issues, reached = walk(turn, ISSUES, report.issues, limit=turn.options.max_issues)
    until = None if all_issues else reached
    all_comments, _ = walk(turn, COMMENTS, report.comments, until=until)
    report.complete = all_issues and all_comments
    if found is not None and found.discussions and not turn.client.anonymous:
        bring_discussions(turn)
    if report.news:
        bring_timelines(turn)


def _bring_timelines(turn: Turn) -> None:
    if turn.is_first():
        if known := known_repository(turn.store.connection, turn.home):
            turn.path = known.path
        bring_timelines(turn)
        turn.report.complete = True


def _bring_rest(turn: Turn) -> None:
    if turn.is_first():
        turn.find_repository()
        bring_rest(turn)
        turn.report.complete = True


# ---------------------------------------------------------------- a run


def _each(
    store: Store,
    repos: Sequence[str],
    options: HarvestOptions,
    progress: Progress | None,
    bring: Callable[[Turn], None],
) -> HarvestReport:
    """A turn for each repository; a pattern stands for several, and fails under its own name."""
    progress, report = progress or Progress(), HarvestReport()
    names = list(dict.fromkeys(check_name(name) for name in repos))
    with options.client(on_wait=progress.waiting) as client:
        if client.anonymous:
            progress.warning(ANONYMOUS)
        elif not client.private:
            open_way = f"{options.api_url} is not encrypted"
            progress.warning(f"{open_way}: others on the way can read the token")
        run = Run(store, client, options, progress)
        done: set[str] = set()
        for name in names:
            several = is_pattern(name) and report.stopped is None
            for repo in _expanded(run, report, name) if several else [name]:
                if repo.lower() not in done:
                    done.add(repo.lower())
                    _take(run, report, repo, bring)
    return report


def _expanded(run: Run, report: HarvestReport, pattern: str) -> list[str]:
    """The repositories of a pattern."""
    one, found = RepoReport(pattern), list[str]()
    with _counted(run, report, one):
        found = expand(run.client, pattern)
    if one.failure:
        report.repos.append(one)
        run.progress.repo_done(one)
    elif not found:
        run.progress.warning(f"{pattern}: no repository with issues has such a name")
    return found


def _take(run: Run, report: HarvestReport, repo: str, bring: Callable[[Turn], None]) -> None:
    """A repository's turn."""
    one = RepoReport(repo)
    report.repos.append(one)
    if report.stopped is not None:
        one.failure, one.paused = "not tried, for the same reason", report.paused
    else:
        run.progress.repo_started(repo)
        with _counted(run, report, one):
            bring(Turn(run, one))
            run.homes.add(one.home)
        if not one.paused:  # one that waits for the rate limit has not failed
            gone = one.gone_since is not None
            since = record_failure(run.store, repo, one.failure, run.now, gone=gone)
            one.gone_since, one.known_gone = since or one.gone_since, since is not None
    run.progress.repo_done(one)


@contextmanager
def _counted(run: Run, report: HarvestReport, one: RepoReport) -> Iterator[None]:
    """Counts what is asked in the block, and keeps how it failed, if it did."""
    client, waits = run.client, run.client.waits
    requests, count, seconds = client.requests, waits.count, waits.seconds
    try:
        yield
    except Stopped as error:
        report.stopped = one.failure = str(error)
        report.paused = one.paused = isinstance(error, Paused)
    except GitHubError as error:
        one.failure = str(error)
        if isinstance(error, Refused) and error.status in GONE:
            one.gone_since = run.now
    one.requests = client.requests - requests
    one.waits, one.waited = waits.count - count, waits.seconds - seconds


def bring(store: Store, arguments: Sequence[str], advance: Callable[[int], None]) -> ImportReport:
    """Harvests these repositories with the token of the environment; raises `GitHubError` if one
    of them cannot be.
    """
    token, source = find_token() or (None, None)
    found = harvest(store, arguments, HarvestOptions(token=token, token_source=source))
    if found.failures:
        raise GitHubError("; ".join(f"{one.repo}: {one.failure}" for one in found.failures))
    report = ImportReport()
    for one in found.repos:
        report.threads.add_all(one.issues)
        report.comments.add_all(one.comments)
        report.bad_lines += one.bad
    return report
