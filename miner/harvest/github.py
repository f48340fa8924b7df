"""Threads from GitHub: two lists a repository, issues (pull requests among them) and all its
comments, then discussions and the timelines of the few threads that need one.

A run without news costs two requests a repository. A walk over a list stores a page a transaction,
with the cursor that covers it: killed at any moment, the next run goes on from there. A repository
that was renamed keeps the name under which its threads are stored, so that nothing is stored twice
and every reference stays; asked for by either name, it is the same one.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Literal

from kb import sql
from kb.errors import GitHubError
from kb.rows import upsert
from kb.store import Store
from miner.harvest.access import HarvestOptions, check_name, host_and_web, is_pattern
from miner.harvest.client import Client, KnownRepository, Page, Paused, Refused, Stopped
from miner.harvest.discussions import bring_discussions
from miner.harvest.objects import BadThreadError, Json, is_id
from miner.harvest.progress import HarvestReport, Progress, RepoReport
from miner.harvest.streams import (
    COMMENTS,
    ISSUES,
    Cursor,
    Stream,
    advance,
    begin,
    load_cursor,
    save_cursor,
    stored_items,
)
from miner.harvest.threads import Counts, Outcome, ThreadWriter

What = Literal["news", "timelines", "rest"]
"""What a harvest brings of a repository."""
ANONYMOUS = (
    "no token (GITHUB_TOKEN, GH_TOKEN or 'gh auth login'): GitHub allows 60 requests an hour"
    " instead of 5,000"
)
GONE = (404, 410, 451)
"""GitHub's answers for what it does not have, or not for this token: deleted or private, issues
switched off, blocked."""
GONE_CHECK = 100
"""From this many on, a full walk that misses more than half of what is stored is not believed."""
MAX_TIMELINE_PAGES = 20
MAX_COMMENT_PAGES = 1000
REPOSITORY = "repository"
"""The stream under which what GitHub says of a repository itself is kept among the cursors."""


def harvest(
    store: Store,
    repos: Sequence[str],
    options: HarvestOptions,
    progress: Progress | None = None,
    report: HarvestReport | None = None,
    *,
    what: What = "news",
) -> HarvestReport:
    """Brings something of these repositories; one repository's failure does not stop the others.

    `what`: `news` (what is new; timelines only where that is anything); `timelines` (those that
    threads with errors still miss, within the budget, after mining); `rest` (of threads of which an
    archive held only a part, `max_issues` of each repository; of all that have such threads, where
    none is named). A pattern stands for several repositories, and fails under its own name.
    `report`: of an earlier harvest of the same run, which goes on. Raises `BadInputError` for a
    name that is none, before any request; failures of GitHub are in the report.
    """
    progress = progress or Progress()
    if what == "rest" and not repos:
        repos = sql.column(store.connection, "harvest.partial_repos")
    names = list(dict.fromkeys(check_name(name) for name in repos))
    with Client(
        options.access,
        max_wait=options.max_wait,
        clock=options.clock,
        on_wait=progress.waiting,
    ) as client:
        if client.anonymous:
            progress.warning(ANONYMOUS)
        elif not client.private:
            open_way = f"{options.access.url} is not encrypted"
            progress.warning(f"{open_way}: others on the way can read the token")
        run = Run(store, client, options, progress, report or HarvestReport())
        done: set[str] = set()
        for name in names:
            several = is_pattern(name) and run.report.stopped is None
            for repo in run.expanded(name) if several else [name]:
                if repo.lower() not in done:
                    done.add(repo.lower())
                    run.take(repo, what)
    return run.report


# ---------------------------------------------------------------- a run


@dataclass(frozen=True, slots=True)
class Run:
    """What all turns of a harvest share; `homes`: the repositories that had theirs."""

    store: Store
    client: Client
    options: HarvestOptions
    progress: Progress
    report: HarvestReport
    homes: set[str] = field(default_factory=set)

    def expanded(self, pattern: str) -> list[str]:
        """The repositories of a pattern."""
        one, found = RepoReport(pattern), list[str]()
        with self._counted(one):
            found = self.client.expand(pattern)
            if not found:
                self.progress.warning(f"{pattern}: no repository with issues has such a name")
        if one.failure:
            self.report.repos.append(one)
            self.progress.repo_done(one)
        return found

    def take(self, repo: str, what: What) -> None:
        """A repository's turn."""
        one = self.report.of(repo)
        if self.report.stopped is not None:
            one.failure, one.paused = "not tried, for the same reason", self.report.paused
        else:
            self.progress.repo_started(repo)
            with self._counted(one):
                Turn(self, one).bring(what)
                self.homes.add(one.home)
            if not one.paused:  # one that waits for the rate limit has not failed
                self._record_outcome(one)
        self.progress.repo_done(one)

    @contextmanager
    def _counted(self, one: RepoReport) -> Iterator[None]:
        """Counts what is asked in the block, and keeps how it failed, if it did."""
        waits = self.client.waits
        requests, count, seconds = waits.requests, waits.count, waits.seconds
        try:
            yield
        except Stopped as error:
            self.report.stopped = one.failure = str(error)
            self.report.paused = one.paused = isinstance(error, Paused)
        except GitHubError as error:
            one.failure = str(error)
            if isinstance(error, Refused) and error.status in GONE:
                one.gone_since = self.options.now
        one.requests += waits.requests - requests
        one.waits += waits.count - count
        one.waited += waits.seconds - seconds

    def _record_outcome(self, one: RepoReport) -> None:
        """Records why a repository could not be harvested, or that it could be again, if that is
        news; the report tells if an earlier run already found that GitHub does not have it.
        """
        known, since = sql.first(self.store.connection, "harvest.failure", one.repo) or (None, None)
        one.known_gone = one.gone_since is not None and since is not None
        one.gone_since = one.gone_since and (since or one.gone_since)
        if one.failure or known or since:
            row = {"failure": one.failure, "failed_at": self.options.now if one.failure else None}
            self.record(one.repo, **row, gone_since=one.gone_since)

    def record(self, repo: str, **facts: Any) -> None:
        """Keeps what is known of a repository by this name."""
        with self.store.transaction() as connection:
            upsert(connection, "repo", {"repo": repo, **facts}, ("repo",))


# ---------------------------------------------------------------- names


def names_of(connection: sqlite3.Connection, repo: str) -> tuple[str, str, bool]:
    """What is known of a repository that is asked for by this name: under which name its threads
    are stored, by which one GitHub is asked, whether any are stored. GitHub's names do not differ
    by case.
    """
    api = sql.value(connection, "harvest.moved_to", repo) or repo
    for name in (repo, *sql.column(connection, "harvest.former_names", api), api):
        for known_as in ("harvest.name_in_cursors", "threads.name_of_repo"):
            if (stored := sql.value(connection, known_as, name)) is not None:
                return stored, api, True
    return api, api, False


def known_repository(connection: sqlite3.Connection, home: str) -> KnownRepository | None:
    """What GitHub said of a repository when it was last asked."""
    state = sql.value(connection, "harvest.state", home, REPOSITORY)
    return KnownRepository(**json.loads(state)) if state else None


# ---------------------------------------------------------------- a repository's turn


class Turn:
    """The turn of one repository. `home`: the name under which its threads are stored; `api`: the
    one by which GitHub is asked; `path`: where the API has it; `writer`: stores its threads, within
    a transaction of the store.
    """

    def __init__(self, run: Run, report: RepoReport) -> None:
        self.run, self.report = run, report
        self.store, self.client, self.options = run.store, run.client, run.options
        self.db = run.store.connection
        self._requests_before = run.client.waits.requests
        self._host, web = host_and_web(run.options.access.url)
        self.writer = ThreadWriter(self.db, web=web)
        self._call(*names_of(self.db, report.repo))

    @property
    def known(self) -> KnownRepository | None:
        """What GitHub said of the repository when it was last asked."""
        return known_repository(self.db, self.home)

    def bring(self, what: What) -> None:
        """Brings something of the repository, unless it had its turn under another name."""
        found = self._find_repository() if what != "timelines" else self.known
        if what == "timelines" and found:
            self.path = found.path
        if self.home in self.run.homes:
            self.report.complete = True
            which = f"{self.report.repo} is {self.home} under another name"
            self.run.progress.warning(f"{which}, which is harvested already")
        elif what == "news":
            self._bring_news(found)
        elif what == "timelines":
            self._bring_timelines()
        else:  # threads whole of which an archive held only a part
            most = self.options.max_issues or 1_000_000
            waiting = sql.column(self.db, "harvest.partial_numbers", self.home, most)
            for done, number in enumerate(waiting, start=1):
                self._bring_whole(number)
                self.tell("threads", done, len(waiting))
            self.report.complete = True

    def _bring_news(self, found: KnownRepository | None) -> None:
        """Walks over the lists on from where the last run ended, and keeps what GitHub said of the
        repository, if that is news.
        """
        host = sql.value(self.db, "harvest.host", self.home)
        if found is not None and (self.known != found or host != self._host):
            state = json.dumps(asdict(found), sort_keys=True)
            with self.store.transaction() as connection:
                sql.write(connection, "harvest.put_state", self.home, REPOSITORY, state)
                upsert(connection, "repo", {"repo": self.home, "api_host": self._host}, ("repo",))
        report = self.report
        all_issues, reached = self.walk(ISSUES, report.issues, limit=self.options.max_issues)
        until = None if all_issues else reached
        all_comments, _ = self.walk(COMMENTS, report.comments, until=until)
        report.complete = all_issues and all_comments
        if found is not None and found.discussions and not self.client.anonymous:
            bring_discussions(self)
        if report.news:
            self._bring_timelines()

    # ------------------------------------------------------------------ names

    def _call(self, home: str, api: str, stored: bool) -> None:
        """Settles under which names the repository is stored and asked for."""
        self.home, self.api, self._stored = home, api, stored
        self.path = f"/repos/{api}"
        self.report.home = home
        self.report.moved_to = api if api.lower() != self.report.repo.lower() else None

    def _find_repository(self) -> KnownRepository | None:
        """Asks GitHub for the repository and settles its names: a move is followed and recorded, a
        new one is spelled as GitHub does. None: it is gone, or the server knows lists only; the
        list will say which.
        """
        try:
            found = self.client.repository(self.api, self.known)
        except Refused as error:
            if error.status != 404:
                raise
            return None
        if found.name.lower() != self.api.lower():
            self._record_move(self.report.repo, found.name)
            self._call(*names_of(self.db, self.report.repo))
        known = self.known
        if not self._stored:
            of_same = ("harvest.same_repository", REPOSITORY, found.id, self._host)
            former = sql.value(self.db, *of_same) if found.id else None
            if former is not None:  # moved, and the old name does not redirect
                self._record_move(former, found.name)
            self._call(former or found.name, found.name, True)
        if known is not None and found.id and known.id and found.id != known.id:
            self._check_successor(known, found)
        self.path = found.path
        return found

    def _record_move(self, repo: str, moved_to: str) -> None:
        """Records that GitHub redirects a name to another one, or no longer does."""
        self.run.record(repo, moved_to=None if moved_to.lower() == repo.lower() else moved_to)

    def _check_successor(self, known: KnownRepository, found: KnownRepository) -> None:
        """Another repository has this name now. Raises `Refused` where the threads that are stored
        are of one that exists elsewhere: two must not be mixed.
        """
        other = sql.value(self.db, "harvest.host", self.home) or self._host
        if other == self._host:
            try:
                self.client.page(f"/repositories/{known.id}/issues?per_page=1")
            except Refused:
                numbers = f"(number {found.id}, was {known.id})"
                self.run.progress.warning(
                    f"{self.home}: this is another repository than before {numbers}, which is gone;"
                    " its threads are kept"
                )
                return
            other = f"repository number {known.id}, which has another name now"
        mixed = f"the threads stored under {self.home} are of {other}"
        raise Refused(409, f"{mixed}; harvest this one into another database (--db)")

    # ------------------------------------------------------------------ what comes

    def put(self, stream: Stream, counts: Counts, item: Json, *, seen: bool = False) -> bool:
        """Stores an item of a stream; `seen`: a full walk met it. Whether it was fit for that."""
        if seen and is_id(item.get(stream.key)):
            met = (self.home, stream.name, item[stream.key])
            sql.write(self.db, "harvest.put_seen", *met)
        return self._keep(counts, partial(stream.put, self.writer), item)

    def put_comments(self, number: int, comments: Iterable[Json]) -> None:
        """Stores the comments of a thread."""
        for comment in comments:
            self._keep(self.report.comments, self.writer.put_comment, number, comment)

    def _keep(self, counts: Counts, put: Callable[..., Outcome], *what: Any) -> bool:
        """Stores something of the repository; what is not fit for that (false) is told."""
        try:
            counts.add(put(self.home, *what))
        except BadThreadError as error:
            self._leave_out(error)
            return False
        return True

    def _leave_out(self, reason: object) -> None:
        """Counts and tells what cannot be stored."""
        self.report.bad += 1
        self.run.progress.warning(f"{self.report.repo}: not stored: {reason}")

    def _items_of(self, page: Page, what: str) -> list[Json]:
        """The objects of a page; what stands there and is none is counted and told."""
        for kind in page.odd:
            self._leave_out(f"{what} holds {kind}, expected an object")
        return page.items

    def tell(self, what: str, items: int, expected: int | None = None) -> None:
        """Tells the progress of what the turn has brought so far."""
        requests = self.client.waits.requests - self._requests_before
        left, _ = self.client.rate
        self.run.progress.page(self.report.repo, what, items, requests, left, expected)

    # ------------------------------------------------------------------ walks over lists

    def walk(
        self, stream: Stream, counts: Counts, *, limit: int | None = None, until: str | None = None
    ) -> tuple[bool, str | None]:
        """Walks over a list from its cursor on.

        `limit`: stop after so many new or changed items; `until`: after the first page beyond this
        time. Returns whether the walk came to its end, and the time of the last item stored.
        """
        cursor, fresh, reached = self.cursor(stream), True, None
        while True:
            cursor, page = self._fetch(stream, cursor, fresh=fresh)
            fresh = False
            if page.not_modified:
                return True, reached
            self._items_of(page, f"the list of {stream.name}")
            left = None if limit is None else max(0, limit - counts.news)
            cursor, done, reached = self._store_page(stream, counts, cursor, page, left)
            pages_left = 0 if page.next_url is None else page.last_page and page.last_page - 1
            met = counts.news + counts.same + counts.older
            expected = None if pages_left is None else met + pages_left * stream.page_size
            self.tell(stream.name, met, expected)
            if done:
                return True, reached
            if (limit is not None and counts.news >= limit) or (until and (reached or "") > until):
                return False, reached

    def cursor(self, stream: Stream) -> Cursor:
        """Where the walk over a stream starts."""
        stored = load_cursor(self.db, self.home, stream)
        cursor = begin(stored, self.options.since, full=self.options.full)
        if cursor.full and not (stored and stored.full):
            with self.store.transaction() as connection:
                sql.write(connection, "harvest.forget_seen", self.home, stream.name)
        return cursor

    def _fetch(self, stream: Stream, cursor: Cursor, *, fresh: bool) -> tuple[Cursor, Page]:
        """The page at the cursor; where a link is refused, the query from the time reached."""
        if cursor.next_url is None:
            return cursor, self._first_page(stream, cursor.since, cursor.etag)
        try:
            return cursor, self.client.page(cursor.next_url)
        except Refused as error:
            since = cursor.behind() or (cursor.since if fresh else None)
            if since is None and not fresh:
                ends = f"the list of {stream.name} cannot be followed beyond {cursor.last}"
                raise Refused(error.status, f"{error}; {ends}") from error
        return cursor.moved(since), self._first_page(stream, since)

    def _first_page(self, stream: Stream, since: str | None, etag: str | None = None) -> Page:
        """The first page of a query; by name where a server knows no repositories by number."""
        by_name = f"/repos/{self.api}"
        try:
            return self.client.page(stream.url(self.path, since), etag)
        except Refused as error:
            if error.status != 404 or self.path == by_name:
                raise
        self.path = by_name
        return self.client.page(stream.url(self.path, since))

    def _store_page(
        self, stream: Stream, counts: Counts, cursor: Cursor, page: Page, left: int | None
    ) -> tuple[Cursor, bool, str | None]:
        """Stores a page, with `left` at most so many new or changed items of it, and the cursor
        behind that. Returns it, whether the walk is at its end, and the time of the last item.
        """
        before, taken, items = counts.news, 0, page.items
        now = self.client.waits.server_time()
        with self.store.transaction() as connection:
            for item in items:
                if left is not None and counts.news - before >= left:
                    break
                self.put(stream, counts, item, seen=cursor.full)
                taken += 1
            last = max(filter(None, map(stream.time_of, items[:taken])), default=None)
            done = False
            if taken == len(items):
                after, done = advance(stream, cursor, items, page.next_url, now)
            else:  # where time does not move on, the same page again
                started = cursor.started or int(now)
                target = replace(cursor, last=last, started=started).behind()
                stays = target is None or cursor.unsorted
                after = replace(cursor, etag=None) if stays else cursor.moved(target)
            if done:
                single = cursor.chain == 0 and len(items) < stream.page_size
                after = replace(self.end(stream, cursor, after), etag=page.etag if single else None)
            save_cursor(connection, self.home, stream, after)
        return after, done, last

    def end(self, stream: Stream, cursor: Cursor, after: Cursor) -> Cursor:
        """The cursor after a walk: at the end of a full one, what is stored and was not met is
        deleted or transferred.
        """
        after = replace(after, full=False, full_from=None)
        if not cursor.full:
            return after
        stored = stored_items(self.db, self.home, stream, cursor.full_from or "")
        missing = stored.keys() - set(sql.column(self.db, "harvest.seen", self.home, stream.name))
        sql.write(self.db, "harvest.forget_seen", self.home, stream.name)
        if len(stored) >= GONE_CHECK and len(missing) * 2 > len(stored):
            shown = f"{len(stored) - len(missing)} of {len(stored)} stored {stream.name}"
            self.run.progress.warning(
                f"{self.report.repo}: GitHub shows {shown};"
                " that is hard to believe, so none is marked as gone"
            )
            return after
        for item in sorted(missing):
            comment = item if stream is COMMENTS else None
            self.writer.mark_gone(self.home, stored[item][0], self.options.now, comment)
        self.report.gone += len(missing)
        return after

    # ------------------------------------------------------------------ timelines

    def _bring_timelines(self) -> None:
        """Reads who closed the threads that hold errors, and what refers to them, last closed
        first, within the budget of requests.
        """
        before, budget = self.client.waits.requests, self.options.timelines
        wanted = {"repo": self.home, "budget": max(0, budget)}
        for row in sql.ask(self.db, "threads.without_timeline", **wanted).fetchall():
            if self.client.waits.requests - before < budget:
                self._bring_timeline(row["number"], row["closed_at"])

    def _bring_timeline(self, number: int, closed_at: str) -> None:
        events: list[Json] = []
        transferred = False
        try:
            url = f"{self.path}/issues/{number}/timeline"
            for page in self.client.pages(url, MAX_TIMELINE_PAGES):
                if page.moved_to and not self._leads_to(number, page.moved_to):
                    events, transferred = [], True
                    break
                events += self._items_of(page, f"the timeline of {number}")
        except Refused as error:
            if error.status not in (404, 410):
                raise
        with self.store.transaction() as connection:
            if transferred:
                self.writer.mark_gone(self.home, number, self.options.now)
            for event in events:
                if event.get("event") != "commented":  # one of the comments list again
                    self._keep(Counts(), self.writer.put_events, number, [event])
            sql.write(connection, "threads.set_timeline", closed_at, self.home, number)
        self.report.timelines += 1
        self.tell("timelines", self.report.timelines)

    def _leads_to(self, number: int, path: str) -> bool:
        """Whether a redirect leads to this issue still. One that was transferred has another number
        or repository now, and what happens there is not this one's history.
        """
        home, known = re.search(r"/repositories/(\d+)/issues/", path), self.known
        same_home = home is None or known is None or int(home[1]) == known.id
        return same_home and f"/issues/{number}/" in path

    # ------------------------------------------------------------------ partial threads

    def _bring_whole(self, number: int) -> None:
        """Brings one thread whole; one that GitHub does not have is marked as gone."""
        path = f"{self.path}/issues/{number}"
        comments: list[Json] = []
        try:
            issue, _ = self.client.document(path)
            for page in self.client.pages(f"{path}/comments?per_page=100", MAX_COMMENT_PAGES):
                comments += self._items_of(page, f"the list of comments of {number}")
        except Refused as error:
            if error.status not in GONE:
                raise
            issue = {}
        # for an issue that was transferred GitHub answers with what it became, which may have the
        # same number elsewhere
        address = issue.get("repository_url")
        named = "/".join(address.split("/")[-2:]) if isinstance(address, str) else self.api
        with self.store.transaction() as connection:
            if issue.get("number") == number and named.lower() == self.api.lower():
                self.put(ISSUES, self.report.issues, issue)
                self.put_comments(number, comments)
            else:
                self.writer.mark_gone(self.home, number, self.options.now)
                self.report.gone += 1
            sql.write(connection, "harvest.drop_partial", self.home, number)
