"""Threads from GitHub's REST API into storage: one transaction a page, with the cursor that covers
it.

Two lists a repository, issues (pull requests among them) and all its comments, then the timelines
of the few threads that need one. Killed at any moment, the next run goes on from the stored cursor;
a run without news costs two requests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kb.errors import GitHubError
from kb.text import utc_of
from miner.harvest.access import DEFAULT_API_URL, find_token, host_and_web
from miner.harvest.client import Client, KnownRepository
from miner.harvest.discussions import (
    COMMENTS_PAGE,
    LIST,
    MORE,
    PAGE,
    as_comments,
    as_issue,
    nodes_of,
)
from miner.harvest.names import (
    Names,
    home_of,
    host_of,
    known_repository,
    record_failure,
    record_move,
    record_repository,
    same_repository,
)
from miner.harvest.objects import BadThreadError, Json, is_id
from miner.harvest.partial import note_complete, partial_numbers, partial_repos
from miner.harvest.patterns import check_name, expand, is_pattern
from miner.harvest.progress import HarvestReport, Progress, RepoReport, Stored
from miner.harvest.sources import ImportReport
from miner.harvest.streams import (
    COMMENTS,
    DISCUSSIONS,
    ISSUES,
    Cursor,
    Stream,
    advance,
    begin,
    load_cursor,
    save_cursor,
)
from miner.harvest.threads import Counts, ThreadWriter
from miner.harvest.waiting import Clock, Paused, Refused, Stopped, SystemClock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from kb.store import Store
    from miner.harvest.pages import Page

__all__ = [
    "HarvestOptions",
    "HarvestReport",
    "Progress",
    "RepoReport",
    "complete",
    "harvest",
    "harvest_timelines",
]

MAX_TIMELINE_PAGES = 20
MOST_COMMENT_PAGES = 1000
GONE = (404, 410, 451)
"""Statuses of a repository that GitHub does not have, or not for this token: deleted or private,
its issues switched off, blocked.
"""
MISSING_TIMELINES = """
select t.number, t.closed_at from thread t
where t.repo = :repo and t.kind = 'issue' and t.state = 'closed' and t.closed_at is not null
  and t.gone_at is null
  and coalesce(t.state_reason, 'completed') <> 'not_planned'
  and (t.timeline_at is null or t.timeline_at < t.closed_at)
  and exists (select 1 from mention m where m.repo = t.repo and m.number = t.number and m.counted)
order by t.closed_at desc, t.number desc limit :budget
"""
"""Threads of `:repo` whose timeline is to be read: closed ones with errors, once for each closing;
`:budget` of them.
"""
GONE_CHECK = 100
"""From this many on, a full walk that misses more than half of what is stored is not believed."""


@dataclass(frozen=True, slots=True)
class HarvestOptions:
    """What a harvest is to do.

    `since`: ISO 8601, for a first walk, a full one, or one further back than before; `max_issues`:
    threads to bring in one run and repository; `full`: walk over everything and mark what is no
    longer there; `max_wait`: the longest single wait for a limit, seconds; `timeline_budget`:
    requests for timelines in one run and repository.
    """

    api_url: str = DEFAULT_API_URL
    token: str | None = field(default=None, repr=False)
    token_source: str | None = None
    since: str | None = None
    max_issues: int | None = None
    full: bool = False
    max_wait: float = 900.0
    timeline_budget: int = 200
    clock: Clock = field(default_factory=SystemClock)


def harvest(
    store: Store, repos: Sequence[str], options: HarvestOptions, progress: Progress | None = None
) -> HarvestReport:
    """Brings what is new in these repositories; one repository's failure does not stop the others.

    Timelines are read only if a repository's lists brought news. Raises `BadInputError` for a name
    that is none, before any request; failures of GitHub are in the report.
    """
    return _each(store, repos, options, progress, lambda one: one.run())


def harvest_timelines(
    store: Store, repos: Sequence[str], options: HarvestOptions, progress: Progress | None = None
) -> HarvestReport:
    """Reads the timelines that are still missing of threads with errors, within the budget; to be
    run after mining.
    """
    return _each(store, repos, options, progress, lambda one: one.run_timelines())


def complete(
    store: Store, repos: Sequence[str], options: HarvestOptions, progress: Progress | None = None
) -> HarvestReport:
    """Brings the rest of threads of which an archive held only a part, `max_issues` of each
    repository; of all repositories that have such threads, where none is named.
    """
    names = repos or partial_repos(store.connection)
    return _each(store, names, options, progress, lambda one: one.run_complete())


def _each(
    store: Store,
    repos: Sequence[str],
    options: HarvestOptions,
    progress: Progress | None,
    run: Callable[[_RepoHarvest], None],
) -> HarvestReport:
    progress = progress or Progress()
    names = list(dict.fromkeys(check_name(name) for name in repos))
    report = HarvestReport()
    with Client(
        options.api_url,
        options.token,
        token_source=options.token_source,
        max_wait=options.max_wait,
        clock=options.clock,
        on_wait=progress.waiting,
    ) as client:
        if client.anonymous:
            progress.warning(
                "no token (GITHUB_TOKEN, GH_TOKEN or 'gh auth login'): GitHub allows 60 "
                "requests an hour instead of 5,000"
            )
        elif not client.private:
            progress.warning(
                f"{options.api_url} is not encrypted: others on the way can read the token"
            )
        turns = _Turns(_Run(store, client, options, progress), report)
        for name in names:
            for repo in turns.expanded(name) if is_pattern(name) else [name]:
                turns.take(repo, run)
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    """What all repositories of a run share."""

    store: Store
    client: Client
    options: HarvestOptions
    progress: Progress


class _Turns:
    """The turns of the repositories of a run: what each brought, or how it failed."""

    def __init__(self, run: _Run, report: HarvestReport) -> None:
        self._run = run
        self._report = report
        self._homes: set[str] = set()
        self._done: set[str] = set()

    def expanded(self, pattern: str) -> list[str]:
        """The repositories of a pattern; a failure is reported under the pattern."""
        found: list[str] = []

        def ask(one: RepoReport) -> None:
            found.extend(expand(self._run.client, pattern))
            if not found:
                self._run.progress.warning(f"{pattern}: no repository with issues has such a name")

        one = RepoReport(pattern)
        self._try(one, ask)
        if one.failure:
            self._report.repos.append(one)
            self._run.progress.repo_done(one)
        return found

    def take(self, repo: str, run: Callable[[_RepoHarvest], None]) -> None:
        """A repository's turn, the first time that it is named."""
        if repo.lower() in self._done:
            return
        self._done.add(repo.lower())
        one = RepoReport(repo)
        self._report.repos.append(one)
        if self._report.stopped is None:
            self._run.progress.repo_started(repo)

        def harvest_it(one: RepoReport) -> None:
            run(_RepoHarvest(self._run, one, self._homes))
            self._homes.add(one.home)

        self._try(one, harvest_it)
        self._run.progress.repo_done(one)

    def _try(self, one: RepoReport, call: Callable[[RepoReport], None]) -> None:
        """Counts what a turn costs and says how it failed, if it did."""
        report, client = self._report, self._run.client
        if report.stopped is not None:
            one.failure, one.paused = f"not tried: {report.stopped}", report.paused
            return
        before, gone = (client.requests, client.waits.count, client.waits.seconds), False
        try:
            call(one)
        except Stopped as error:
            report.stopped = one.failure = str(error)
            report.paused = one.paused = isinstance(error, Paused)
        except GitHubError as error:
            one.failure = str(error)
            gone = isinstance(error, Refused) and error.status in GONE
        one.requests = client.requests - before[0]
        one.waits = client.waits.count - before[1]
        one.waited = client.waits.seconds - before[2]
        if not is_pattern(one.repo):
            _record(self._run.store, one, utc_of(self._run.options.clock.time()), gone=gone)


def _record(store: Store, one: RepoReport, at: str, *, gone: bool) -> None:
    """Keeps how a repository's turn ended; one that waits for the rate limit has not failed."""
    if one.paused:
        return
    since = record_failure(store, one.repo, one.failure, at, gone=gone)
    if gone:
        one.gone_since, one.known_gone = since or at, since is not None


class _RepoHarvest:
    """The harvest of one repository."""

    def __init__(self, run: _Run, report: RepoReport, homes: set[str]) -> None:
        self._store = run.store
        self._client = run.client
        self._options = run.options
        self._progress = run.progress
        self._report = report
        self._homes = homes
        self._first_request = run.client.requests
        self._host, self._web = host_and_web(run.options.api_url)
        self._names = Names(report.repo, report.repo, settled=False)
        self._path = f"/repos/{report.repo}"

    def run(self) -> None:
        """Both lists, then timelines."""
        self._resolve()
        found = self._repository()
        if not self._first_time():
            return
        if found is not None:
            record_repository(self._store, self._names.home, found, self._host)
        all_issues, reached = self._walk(
            ISSUES, self._report.issues, limit=self._options.max_issues
        )
        all_comments, _ = self._walk(
            COMMENTS, self._report.comments, until=None if all_issues else reached
        )
        self._report.complete = all_issues and all_comments
        if found is not None and found.discussions and not self._client.anonymous:
            self._discussions()
        if self._report.news:
            self._timelines()

    def run_timelines(self) -> None:
        """Only the timelines."""
        self._resolve()
        if not self._first_time():
            return
        known = known_repository(self._store.connection, self._names.home)
        self._path = known.path if known else f"/repos/{self._names.api}"
        self._timelines()
        self._report.complete = True

    def run_complete(self) -> None:
        """Only the rest of threads that an archive held a part of."""
        self._resolve()
        if not self._first_time():
            return
        self._repository()
        limit = self._options.max_issues or 1_000_000
        numbers = partial_numbers(self._store.connection, self._names.home, limit)
        for done, number in enumerate(numbers, start=1):
            self._complete(number)
            self._tell_items("threads", done, len(numbers))
        self._report.complete = True

    def _complete(self, number: int) -> None:
        """Brings one thread whole; one that GitHub does not have is marked as gone."""
        home, path = self._names.home, f"{self._path}/issues/{number}"
        comments: list[Json] = []
        try:
            issue = self._client.document(path)
            for page in self._client.pages(f"{path}/comments?per_page=100", MOST_COMMENT_PAGES):
                self._leave_out(page, f"the list of comments of {number}")
                comments += page.items
        except Refused as error:
            if error.status not in GONE:
                raise
            issue = None
        with self._store.transaction() as connection:
            writer = ThreadWriter(connection, web=self._web)
            if issue is None or not self._is_here(number, issue):
                writer.mark_thread_gone(home, number, utc_of(self._options.clock.time()))
                self._report.gone += 1
            else:
                self._put(ISSUES, self._report.issues, writer, issue, seen=False)
                for comment in comments:
                    self._put_comment(writer, number, comment)
            note_complete(connection, (home, number))

    def _is_here(self, number: int, issue: Json) -> bool:
        """Whether an issue that was asked for by number is that of this repository: GitHub answers
        for one that was transferred with the one it became, which may have the same number.
        """
        address = issue.get("repository_url")
        named = "/".join(address.split("/")[-2:]) if isinstance(address, str) else self._names.api
        return issue.get("number") == number and named.lower() == self._names.api.lower()

    def _put_comment(self, writer: ThreadWriter, number: int, comment: Json) -> None:
        try:
            self._report.comments.add(writer.put_comment(self._names.home, number, comment))
        except BadThreadError as error:
            self._bad(error)

    # ------------------------------------------------------------------ names

    def _resolve(self) -> None:
        """Finds under which name the repository is stored and asked for."""
        self._names = home_of(self._store.connection, self._report.repo)
        self._report.home = self._names.home
        self._report.moved_to = self._names.api if self._names.api != self._report.repo else None

    def _first_time(self) -> bool:
        """Whether this repository has not had its turn under another name."""
        if self._names.home not in self._homes:
            return True
        self._report.complete = True
        self._progress.warning(
            f"{self._report.repo} is {self._names.home} under another name, which is harvested "
            "already"
        )
        return False

    def _repository(self) -> KnownRepository | None:
        """Asks GitHub for the repository and settles names: a move is followed and recorded, a name
        that nothing is stored under is spelled as GitHub does. None: the server knows lists only.
        """
        connection = self._store.connection
        known = known_repository(connection, self._names.home)
        try:
            found = self._client.repository(self._names.api, known)
        except Refused as error:
            if error.status != 404:
                raise
            # Gone, or a server that knows nothing but lists: the list will say which.
            self._path = f"/repos/{self._names.api}"
            return None
        if found.name.lower() != self._names.api.lower():
            record_move(self._store, self._report.repo, found.name)
            self._resolve()
            known = known_repository(connection, self._names.home)
        if not self._names.settled:
            self._names = Names(found.name, found.name, settled=True)
            former = same_repository(connection, found.id, self._host) if found.id else None
            if former is not None:  # moved, and the old name does not redirect
                record_move(self._store, former, found.name)
                self._names = replace(self._names, home=former)
            self._report.home = self._names.home
        if known is not None and found.id and known.id and found.id != known.id:
            self._check_successor(known, found)
        self._path = found.path
        return found

    def _check_successor(self, known: KnownRepository, found: KnownRepository) -> None:
        """Another repository has this name now. Raises `Refused` where the threads that are stored
        are of one that exists elsewhere: two must not be mixed.
        """
        home, host = self._names.home, host_of(self._store.connection, self._names.home)
        other = host or self._host
        if other == self._host:
            try:
                self._client.page(f"/repositories/{known.id}/issues?per_page=1")
            except Refused:
                self._progress.warning(
                    f"{home}: this is another repository than before (number {found.id}, was "
                    f"{known.id}), which is gone; its threads are kept"
                )
                return
            other = f"repository number {known.id}, which has another name now"
        raise Refused(
            409,
            f"the threads stored under {home} are of {other}; harvest this one into another "
            "database (--db)",
        )

    # ------------------------------------------------------------------ lists

    def _walk(
        self, stream: Stream, counts: Counts, *, limit: int | None = None, until: str | None = None
    ) -> tuple[bool, str | None]:
        """Walks over a list from its cursor on.

        `limit`: stop after so many new or changed items; `until`: after the first page beyond this
        time. Returns whether the walk came to its end, and the time of the last item stored.
        """
        cursor, fresh, reached = self._start(stream), True, None
        while True:
            cursor, page = self._fetch(stream, cursor, fresh=fresh)
            fresh = False
            if page.not_modified:
                return True, reached
            self._leave_out(page, f"the list of {stream.name}")
            left = None if limit is None else max(0, limit - counts.new - counts.changed)
            cursor, done, reached = self._store_page(stream, counts, cursor, page, left)
            self._tell(stream, page)
            if done:
                return True, reached
            if (limit is not None and counts.new + counts.changed >= limit) or (
                until is not None and (reached or "") > until
            ):
                return False, reached

    def _start(self, stream: Stream) -> Cursor:
        connection, home = self._store.connection, self._names.home
        stored = load_cursor(connection, home, stream)
        cursor = begin(stored, self._options.since, full=self._options.full)
        if cursor.full and (stored is None or not stored.full):
            with self._store.transaction():
                connection.execute(
                    "delete from full_sync_seen where repo = ? and stream = ?", (home, stream.name)
                )
        return cursor

    def _fetch(self, stream: Stream, cursor: Cursor, *, fresh: bool) -> tuple[Cursor, Page]:
        """The page at the cursor; where a stored or given link is refused, the query from the time
        reached instead.
        """
        if cursor.next_url is None:
            return cursor, self._page(stream, cursor.since, cursor.etag)
        try:
            return cursor, self._client.page(cursor.next_url)
        except Refused as error:
            since = cursor.behind() or (cursor.since if fresh else None)
            if since is None and not fresh:
                raise Refused(
                    error.status,
                    f"{error}; the list of {stream.name} cannot be followed beyond {cursor.last}",
                ) from error
        cursor = cursor.moved(since)
        return cursor, self._page(stream, cursor.since)

    def _page(self, stream: Stream, since: str | None, etag: str | None = None) -> Page:
        """The first page of a query. Not every server that is like GitHub knows repositories by
        number; that is asked for by its name.
        """
        by_name = f"/repos/{self._names.api}"
        try:
            return self._client.page(stream.url(self._path, since), etag)
        except Refused as error:
            if error.status != 404 or self._path == by_name:
                raise
        self._path = by_name
        return self._client.page(stream.url(self._path, since))

    def _leave_out(self, page: Page, what: str) -> None:
        """Says what stood in a page and is no object."""
        for kind in page.odd:
            self._bad(f"{what} holds {kind}, expected an object")

    def _bad(self, reason: object) -> None:
        self._report.bad += 1
        self._progress.warning(f"{self._report.repo}: not stored: {reason}")

    def _store_page(
        self,
        stream: Stream,
        counts: Counts,
        cursor: Cursor,
        page: Page,
        left: int | None,
    ) -> tuple[Cursor, bool, str | None]:
        """Stores a page and the cursor behind it in one transaction; with `left`, at most so many
        new or changed items.
        """
        before, items = counts.new + counts.changed, page.items
        with self._store.transaction() as connection:
            writer = ThreadWriter(connection, web=self._web)
            taken = 0
            for item in items:
                if left is not None and counts.new + counts.changed - before >= left:
                    break
                self._put(stream, counts, writer, item, seen=cursor.full)
                taken += 1
            stored = items[:taken]
            if taken < len(items):
                done, after = False, self._behind(stream, cursor, stored, page.server_time)
            else:
                after, done = advance(stream, cursor, items, page.next_url, page.server_time)
            if done:
                if cursor.full:
                    self._mark_gone(stream, cursor, writer, connection)
                single = cursor.chain == 0 and len(items) < stream.page_size
                after = replace(
                    after, full=False, full_from=None, etag=page.etag if single else None
                )
            save_cursor(connection, self._names.home, stream, after)
        times = [time for time in map(stream.time_of, stored) if time]
        return after, done, max(times, default=None)

    @staticmethod
    def _behind(stream: Stream, cursor: Cursor, stored: list[Any], server_time: float) -> Cursor:
        """The cursor after a part of a page; where time does not move on, the same page again."""
        last = max((time for time in map(stream.time_of, stored) if time), default=None)
        target = (
            None
            if cursor.unsorted
            else replace(cursor, last=last, started=cursor.started or int(server_time)).behind()
        )
        return cursor.moved(target) if target else replace(cursor, etag=None)

    def _put(
        self, stream: Stream, counts: Counts, writer: ThreadWriter, item: Json, *, seen: bool
    ) -> None:
        try:
            counts.add(stream.put(writer, self._names.home, item))
        except BadThreadError as error:
            self._bad(error)
        if seen and is_id(item.get(stream.key)):
            self._store.connection.execute(
                "insert or ignore into full_sync_seen (repo, stream, id) values (?, ?, ?)",
                (self._names.home, stream.name, item[stream.key]),
            )

    def _mark_gone(
        self, stream: Stream, cursor: Cursor, writer: ThreadWriter, connection: sqlite3.Connection
    ) -> None:
        """At the end of a full walk: what is stored and was not met is gone (deleted or
        transferred).
        """
        home = self._names.home
        facts = {"repo": home, "stream": stream.name, "since": cursor.full_from or ""}
        stored = connection.execute(f"select count(*) from ({stream.stored})", facts).fetchone()[0]
        missing = connection.execute(
            f"select id, number from ({stream.stored}) where id not in (select id from "
            f"full_sync_seen "
            f"where repo = :repo and stream = :stream)",
            facts,
        ).fetchall()
        connection.execute(
            "delete from full_sync_seen where repo = ? and stream = ?", (home, stream.name)
        )
        if stored >= GONE_CHECK and len(missing) * 2 > stored:
            self._progress.warning(
                f"{self._report.repo}: GitHub shows {stored - len(missing)} of {stored} "
                f"stored {stream.name}; "
                "that is hard to believe, so none is marked as gone"
            )
            return
        at = utc_of(self._options.clock.time())
        for row in missing:
            if stream is COMMENTS:
                writer.mark_gone(home, row["number"], row["id"], at)
            else:
                writer.mark_thread_gone(home, row["number"], at)
        self._report.gone += len(missing)

    # ------------------------------------------------------------------ discussions

    def _discussions(self) -> None:
        """Walks over the discussions, those changed last first, down to what has been seen. One
        that cannot be read costs the others of the repository nothing.
        """
        cursor = self._start(DISCUSSIONS)
        owner, _, name = self._names.api.partition("/")
        asked = {"owner": owner, "name": name, "first": PAGE, "comments": COMMENTS_PAGE}
        try:
            done = False
            while not done and not self._limit_reached():
                document = self._client.graphql(LIST, {**asked, "after": cursor.next_url})
                nodes, more = nodes_of(document, "data", "repository", "discussions")
                threads = [(as_issue(node), self._comments_of(node, asked)) for node in nodes]
                cursor, done = self._store_discussions(cursor, threads, more)
                self._tell_items("discussions", len(nodes))
        except (Refused, BadThreadError) as error:
            if cursor.next_url is not None:  # the place reached may be what is refused
                with self._store.transaction() as connection:
                    again = cursor.moved(cursor.since)
                    save_cursor(connection, self._names.home, DISCUSSIONS, again)
            self._progress.warning(f"{self._report.repo}: discussions were not read: {error}")
            done = True
        self._report.complete = self._report.complete and done

    def _limit_reached(self) -> bool:
        counts, limit = self._report.issues, self._options.max_issues
        return limit is not None and counts.new + counts.changed >= limit

    def _comments_of(self, node: Json, asked: Json) -> list[Json]:
        """All comments of a discussion; those beyond the first page cost requests of their own."""
        if not isinstance(node.get("comments"), dict):
            return []
        comments, more = nodes_of(node, "comments")
        for _ in range(MAX_TIMELINE_PAGES):
            if more is None:
                break
            variables = {**asked, "number": node.get("number"), "after": more}
            del variables["first"]
            document = self._client.graphql(MORE, variables)
            path = ("data", "repository", "discussion", "comments")
            further, more = nodes_of(document, *path)
            comments += further
        return list(as_comments(comments))

    def _store_discussions(
        self, cursor: Cursor, threads: list[tuple[Json, list[Json]]], more: str | None
    ) -> tuple[Cursor, bool]:
        """Stores a page and the cursor behind it in one transaction; whether the walk is over."""
        times = [time for issue, _ in threads if (time := DISCUSSIONS.time_of(issue))]
        reached = replace(
            cursor,
            next_url=more,
            started=cursor.started or int(self._client.waits.server_time()),
            last=max([*times, *([cursor.last] if cursor.last else [])], default=None),
        )
        done = more is None or (cursor.since is not None and min(times, default="") < cursor.since)
        with self._store.transaction() as connection:
            writer = ThreadWriter(connection, web=self._web)
            for issue, comments in threads:
                if cursor.since is None or (DISCUSSIONS.time_of(issue) or "") >= cursor.since:
                    self._put_discussion(writer, issue, comments, seen=cursor.full)
            if done:
                if cursor.full:
                    self._mark_gone(DISCUSSIONS, cursor, writer, connection)
                reached = reached.moved(reached.behind() or cursor.since)
                reached = replace(reached, full=False, full_from=None)
            save_cursor(connection, self._names.home, DISCUSSIONS, reached)
        return reached, done

    def _put_discussion(
        self, writer: ThreadWriter, issue: Json, comments: list[Json], *, seen: bool
    ) -> None:
        bad = self._report.bad
        self._put(DISCUSSIONS, self._report.issues, writer, issue, seen=seen)
        if self._report.bad > bad:
            return
        for comment in comments:
            self._put_comment(writer, issue["number"], comment)

    # ------------------------------------------------------------------ timelines

    def _timelines(self) -> None:
        """Reads who closed the threads that hold errors, and what refers to them, the latest closed
        first.
        """
        first = self._client.requests
        rows = self._store.connection.execute(
            MISSING_TIMELINES,
            {"repo": self._names.home, "budget": max(0, self._options.timeline_budget)},
        ).fetchall()
        for row in rows:
            if self._client.requests - first >= self._options.timeline_budget:
                break
            self._timeline(row["number"], row["closed_at"])

    def _timeline(self, number: int, closed_at: str) -> None:
        events: list[Any] = []
        gone = False
        url = f"{self._path}/issues/{number}/timeline"
        try:
            for page in self._client.pages(url, MAX_TIMELINE_PAGES):
                if page.moved_to and not self._is_of(number, page.moved_to):
                    events, gone = [], True
                    break
                self._leave_out(page, f"the timeline of {number}")
                # A comment in a timeline is one of the comments list again.
                events.extend(item for item in page.items if item.get("event") != "commented")
        except Refused as error:
            if error.status not in (404, 410):
                raise
        with self._store.transaction() as connection:
            if gone:
                at = utc_of(self._options.clock.time())
                ThreadWriter(connection).mark_thread_gone(self._names.home, number, at)
            for event in events:
                try:
                    ThreadWriter(connection).put_events(self._names.home, number, [event])
                except BadThreadError as error:
                    self._bad(error)
            connection.execute(
                "update thread set timeline_at = ? where repo = ? and number = ?",
                (closed_at, self._names.home, number),
            )
        self._report.timelines += 1
        self._tell_items("timelines", self._report.timelines)

    def _is_of(self, number: int, path: str) -> bool:
        """Whether a path that GitHub redirects to is still of this issue: one that was transferred
        has another number or repository now, and what happens there is not this one's history.
        """
        home = re.search(r"/repositories/(\d+)/issues/", path)
        known = known_repository(self._store.connection, self._names.home)
        same_home = home is None or known is None or int(home[1]) == known.id
        return same_home and f"/issues/{number}/" in path

    # ------------------------------------------------------------------ progress

    def _tell(self, stream: Stream, page: Page) -> None:
        counts = self._report.issues if stream is ISSUES else self._report.comments
        items = counts.new + counts.changed + counts.same + counts.older
        pages_left = 0 if page.next_url is None else page.last_page and page.last_page - 1
        self._tell_items(
            stream.name,
            items,
            None if pages_left is None else items + pages_left * stream.page_size,
        )

    def _tell_items(self, what: str, items: int, expected: int | None = None) -> None:
        requests = self._client.requests - self._first_request
        self._progress.page(
            Stored(self._report.repo, what, items, requests, self._client.remaining, expected)
        )


class _GitHub:
    """The source `github`: a harvest with the settings of the environment."""

    takes = "OWNER/REPO..."

    def bring(
        self, store: Store, arguments: Sequence[str], advance: Callable[[int], None]
    ) -> ImportReport:
        """Harvests these repositories; raises `GitHubError` if one of them cannot be."""
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


SOURCE = _GitHub()
