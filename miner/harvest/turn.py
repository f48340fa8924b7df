"""One repository's turn in a harvest: under which names it is stored and asked for, how what comes
of it is stored and told, and what it brings: lists, timelines, the rest of threads that are here in
part. A walk over a list stores a page a transaction, with the cursor that covers it: killed at any
moment, the next run goes on from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb import sql
from kb.text import utc_of
from miner.harvest.access import host_and_web
from miner.harvest.names import (
    Names,
    home_of,
    host_of,
    known_repository,
    record_move,
    record_repository,
    same_repository,
)
from miner.harvest.objects import BadThreadError, is_id
from miner.harvest.progress import Stored
from miner.harvest.streams import (
    COMMENTS,
    ISSUES,
    advance,
    begin,
    load_cursor,
    save_cursor,
    stored_items,
)
from miner.harvest.threads import ThreadWriter, note_complete, partial_numbers
from miner.harvest.waiting import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.store import Store
    from miner.harvest.client import Client, KnownRepository, Page
    from miner.harvest.github import HarvestOptions
    from miner.harvest.objects import Json
    from miner.harvest.progress import Progress, RepoReport
    from miner.harvest.streams import Cursor, Stream
    from miner.harvest.threads import Counts


GONE = (404, 410, 451)
"""GitHub's answers for what it does not have, or not for this token: deleted or private, issues
switched off, blocked."""
GONE_CHECK = 100
"""From this many on, a full walk that misses more than half of what is stored is not believed."""


@dataclass(frozen=True, slots=True)
class Run:
    """What all turns of a harvest share; `homes`: the repositories that had theirs."""

    store: Store
    client: Client
    options: HarvestOptions
    progress: Progress
    homes: set[str] = field(default_factory=set)

    @property
    def now(self) -> str:
        return utc_of(self.options.clock.time())


class Turn:
    """The turn of one repository. `path`: where the API has it; `home`: the name under which its
    threads are stored; `writer`: stores them, within a transaction of the store.
    """

    def __init__(self, run: Run, report: RepoReport) -> None:
        self.run = run
        self.store = run.store
        self.client = run.client
        self.options = run.options
        self.report = report
        self._requests_before = run.client.requests
        self._host, web = host_and_web(run.options.api_url)
        self.writer = ThreadWriter(self.store.connection, web=web)
        self._call(home_of(self.store.connection, report.repo))
        self.path = f"/repos/{self.names.api}"

    # ------------------------------------------------------------------ names

    def _call(self, names: Names) -> None:
        """Settles under which names the repository is stored and asked for."""
        self.names, self.home, self.report.home = names, names.home, names.home
        self.report.moved_to = names.api if names.api != self.report.repo else None

    def is_first(self) -> bool:
        """Whether this repository has not had its turn under another name."""
        if self.home not in self.run.homes:
            return True
        self.report.complete = True
        which = f"{self.report.repo} is {self.home} under another name"
        self.run.progress.warning(f"{which}, which is harvested already")
        return False

    def find_repository(self) -> KnownRepository | None:
        """Asks GitHub for the repository and settles its names: a move is followed and recorded, a
        new one is spelled as GitHub does. None: the server knows lists only.
        """
        connection = self.store.connection
        known = known_repository(connection, self.home)
        try:
            found = self.client.repository(self.names.api, known)
        except Refused as error:
            if error.status != 404:
                raise
            # Gone, or a server that knows nothing but lists: the list will say which.
            self.path = f"/repos/{self.names.api}"
            return None
        if found.name.lower() != self.names.api.lower():
            record_move(self.store, self.report.repo, found.name)
            self._call(home_of(connection, self.report.repo))
            known = known_repository(connection, self.home)
        if not self.names.settled:
            former = same_repository(connection, found.id, self._host) if found.id else None
            if former is not None:  # moved, and the old name does not redirect
                record_move(self.store, former, found.name)
            self.names = Names(former or found.name, found.name, settled=True)
            self.home = self.report.home = self.names.home
        if known is not None and found.id and known.id and found.id != known.id:
            self._check_successor(known, found)
        self.path = found.path
        return found

    def record(self, found: KnownRepository) -> None:
        """Keeps what GitHub said of the repository."""
        record_repository(self.store, self.home, found, self._host)

    def _check_successor(self, known: KnownRepository, found: KnownRepository) -> None:
        """Another repository has this name now. Raises `Refused` where the threads that are stored
        are of one that exists elsewhere: two must not be mixed.
        """
        other = host_of(self.store.connection, self.home) or self._host
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
            sql.write(
                self.store.connection, "harvest.put_seen", self.home, stream.name, item[stream.key]
            )
        try:
            counts.add(stream.put(self.writer, self.home, item))
        except BadThreadError as error:
            self.leave_out(error)
            return False
        return True

    def put_comments(self, number: int, comments: Iterable[Json]) -> None:
        for comment in comments:
            try:
                self.report.comments.add(self.writer.put_comment(self.home, number, comment))
            except BadThreadError as error:
                self.leave_out(error)

    def leave_out(self, reason: object) -> None:
        """Counts and tells what cannot be stored."""
        self.report.bad += 1
        self.run.progress.warning(f"{self.report.repo}: not stored: {reason}")

    def items_of(self, page: Page, what: str) -> list[Json]:
        """The objects of a page; what stands there and is none is counted and told."""
        for kind in page.odd:
            self.leave_out(f"{what} holds {kind}, expected an object")
        return page.items

    def tell(self, what: str, items: int, expected: int | None = None) -> None:
        requests = self.client.requests - self._requests_before
        remaining = self.client.remaining
        stored = Stored(self.report.repo, what, items, requests, remaining, expected)
        self.run.progress.page(stored)

    # ------------------------------------------------------------------ walks

    def cursor(self, stream: Stream) -> Cursor:
        """Where the walk over a stream starts."""
        stored = load_cursor(self.store.connection, self.home, stream)
        cursor = begin(stored, self.options.since, full=self.options.full)
        if cursor.full and (stored is None or not stored.full):
            with self.store.transaction() as connection:
                sql.write(connection, "harvest.forget_seen", self.home, stream.name)
        return cursor

    def end(self, stream: Stream, cursor: Cursor, after: Cursor) -> Cursor:
        """The cursor after a walk: at the end of a full one, what is stored and was not met is
        deleted or transferred.
        """
        if cursor.full:
            self._mark_gone(stream, cursor)
        return replace(after, full=False, full_from=None)

    def _mark_gone(self, stream: Stream, cursor: Cursor) -> None:
        connection = self.store.connection
        items = stored_items(connection, self.home, stream, cursor.full_from or "")
        seen = set(sql.column(connection, "harvest.seen", self.home, stream.name))
        stored, missing = len(items), [one for one in items.items() if one[0] not in seen]
        sql.write(connection, "harvest.forget_seen", self.home, stream.name)
        if stored >= GONE_CHECK and len(missing) * 2 > stored:
            shown = f"{stored - len(missing)} of {stored} stored {stream.name}"
            self.run.progress.warning(
                f"{self.report.repo}: GitHub shows {shown};"
                " that is hard to believe, so none is marked as gone"
            )
            return
        for item, (number, _) in missing:
            comment = item if stream is COMMENTS else None
            self.writer.mark_gone(self.home, number, self.run.now, comment)
        self.report.gone += len(missing)


def walk(
    turn: Turn,
    stream: Stream,
    counts: Counts,
    *,
    limit: int | None = None,
    until: str | None = None,
) -> tuple[bool, str | None]:
    """Walks over a list from its cursor on.

    `limit`: stop after so many new or changed items; `until`: after the first page beyond this
    time. Returns whether the walk came to its end, and the time of the last item stored.
    """
    cursor, fresh, reached = turn.cursor(stream), True, None
    while True:
        cursor, page = _fetch(turn, stream, cursor, fresh=fresh)
        fresh = False
        if page.not_modified:
            return True, reached
        turn.items_of(page, f"the list of {stream.name}")
        left = None if limit is None else max(0, limit - counts.news)
        cursor, done, reached = _store_page(turn, stream, counts, cursor, page, left)
        pages_left = 0 if page.next_url is None else page.last_page and page.last_page - 1
        met = counts.news + counts.same + counts.older
        expected = None if pages_left is None else met + pages_left * stream.page_size
        turn.tell(stream.name, met, expected)
        if done:
            return True, reached
        if (limit is not None and counts.news >= limit) or (until and (reached or "") > until):
            return False, reached


def _fetch(turn: Turn, stream: Stream, cursor: Cursor, *, fresh: bool) -> tuple[Cursor, Page]:
    """The page at the cursor; where a link is refused, the query from the time reached instead."""
    if cursor.next_url is None:
        return cursor, _first_page(turn, stream, cursor.since, cursor.etag)
    try:
        return cursor, turn.client.page(cursor.next_url)
    except Refused as error:
        since = cursor.behind() or (cursor.since if fresh else None)
        if since is None and not fresh:
            ends = f"the list of {stream.name} cannot be followed beyond {cursor.last}"
            raise Refused(error.status, f"{error}; {ends}") from error
    cursor = cursor.moved(since)
    return cursor, _first_page(turn, stream, cursor.since)


def _first_page(turn: Turn, stream: Stream, since: str | None, etag: str | None = None) -> Page:
    """The first page of a query; by name where a server does not know repositories by number."""
    by_name = f"/repos/{turn.names.api}"
    try:
        return turn.client.page(stream.url(turn.path, since), etag)
    except Refused as error:
        if error.status != 404 or turn.path == by_name:
            raise
    turn.path = by_name
    return turn.client.page(stream.url(turn.path, since))


def _store_page(
    turn: Turn, stream: Stream, counts: Counts, cursor: Cursor, page: Page, left: int | None
) -> tuple[Cursor, bool, str | None]:
    """Stores a page and the cursor behind it; with `left`, at most so many new or changed items."""
    before, taken, items = counts.news, 0, page.items
    with turn.store.transaction() as connection:
        for item in items:
            if left is not None and counts.news - before >= left:
                break
            turn.put(stream, counts, item, seen=cursor.full)
            taken += 1
        stored = items[:taken]
        if taken < len(items):
            done, after = False, _behind(stream, cursor, stored, page.server_time)
        else:
            after, done = advance(stream, cursor, items, page.next_url, page.server_time)
        if done:
            single = cursor.chain == 0 and len(items) < stream.page_size
            after = replace(turn.end(stream, cursor, after), etag=page.etag if single else None)
        save_cursor(connection, turn.home, stream, after)
    return after, done, stream.latest(stored)


def _behind(stream: Stream, cursor: Cursor, stored: list[Json], server_time: float) -> Cursor:
    """The cursor after a part of a page; where time does not move on, the same page again."""
    started = cursor.started or int(server_time)
    target = replace(cursor, last=stream.latest(stored), started=started).behind()
    if target is None or cursor.unsorted:
        return replace(cursor, etag=None)
    return cursor.moved(target)


MAX_TIMELINE_PAGES = 20
MAX_COMMENT_PAGES = 1000

# ---------------------------------------------------------------- timelines


def bring_timelines(turn: Turn) -> None:
    """Reads who closed the threads that hold errors, and what refers to them, last closed first."""
    before, budget = turn.client.requests, turn.options.timelines
    wanted = {"repo": turn.home, "budget": max(0, budget)}
    for row in sql.ask(turn.store.connection, "threads.without_timeline", **wanted).fetchall():
        if turn.client.requests - before >= budget:
            break
        _bring_timeline(turn, row["number"], row["closed_at"])


def _bring_timeline(turn: Turn, number: int, closed_at: str) -> None:
    events: list[Json] = []
    transferred = False
    try:
        url = f"{turn.path}/issues/{number}/timeline"
        for page in turn.client.pages(url, MAX_TIMELINE_PAGES):
            if page.moved_to and not _leads_to(turn, number, page.moved_to):
                events, transferred = [], True
                break
            events += turn.items_of(page, f"the timeline of {number}")
    except Refused as error:
        if error.status not in (404, 410):
            raise
    with turn.store.transaction() as connection:
        if transferred:
            turn.writer.mark_gone(turn.home, number, turn.run.now)
        for event in events:
            try:
                if event.get("event") != "commented":  # one of the comments list again
                    turn.writer.put_events(turn.home, number, [event])
            except BadThreadError as error:
                turn.leave_out(error)
        sql.write(connection, "threads.set_timeline", closed_at, turn.home, number)
    turn.report.timelines += 1
    turn.tell("timelines", turn.report.timelines)


def _leads_to(turn: Turn, number: int, path: str) -> bool:
    """Whether a redirect leads to this issue still. One that was transferred has another number or
    repository now, and what happens there is not this one's history.
    """
    home = re.search(r"/repositories/(\d+)/issues/", path)
    known = known_repository(turn.store.connection, turn.home)
    same_home = home is None or known is None or int(home[1]) == known.id
    return same_home and f"/issues/{number}/" in path


# ---------------------------------------------------------------- the rest of partial threads


def bring_rest(turn: Turn) -> None:
    """Brings threads whole of which an archive held only a part, `max_issues` of them."""
    most = turn.options.max_issues or 1_000_000
    numbers = partial_numbers(turn.store.connection, turn.home, most)
    for done, number in enumerate(numbers, start=1):
        _bring_whole(turn, number)
        turn.tell("threads", done, len(numbers))


def _bring_whole(turn: Turn, number: int) -> None:
    """Brings one thread whole; one that GitHub does not have is marked as gone."""
    path = f"{turn.path}/issues/{number}"
    comments: list[Json] = []
    try:
        issue, _ = turn.client.document(path)
        for page in turn.client.pages(f"{path}/comments?per_page=100", MAX_COMMENT_PAGES):
            comments += turn.items_of(page, f"the list of comments of {number}")
    except Refused as error:
        if error.status not in GONE:
            raise
        issue = None
    with turn.store.transaction() as connection:
        if issue is None or not _is_issue(turn, number, issue):
            turn.writer.mark_gone(turn.home, number, turn.run.now)
            turn.report.gone += 1
        else:
            turn.put(ISSUES, turn.report.issues, issue)
            turn.put_comments(number, comments)
        note_complete(connection, (turn.home, number))


def _is_issue(turn: Turn, number: int, issue: Json) -> bool:
    """Whether GitHub's answer is the issue that was asked for: for one that was transferred it
    answers with what it became, which may have the same number elsewhere.
    """
    api, address = turn.names.api.lower(), issue.get("repository_url")
    named = "/".join(address.split("/")[-2:]) if isinstance(address, str) else api
    return issue.get("number") == number and named.lower() == api
