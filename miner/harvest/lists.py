"""What a repository's turn brings: lists, timelines, and the rest of threads that are here in part.

A walk over a list stores a page a transaction, with the cursor that covers it: killed at any
moment, the next run goes on from there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kb import sql
from miner.harvest.failures import Refused
from miner.harvest.names import known_repository
from miner.harvest.objects import BadThreadError
from miner.harvest.streams import ISSUES, advance, save_cursor
from miner.harvest.threads import note_complete, partial_numbers
from miner.harvest.turn import GONE

if TYPE_CHECKING:
    from miner.harvest.objects import Json
    from miner.harvest.pages import Page
    from miner.harvest.streams import Cursor, Stream
    from miner.harvest.threads import Counts
    from miner.harvest.turn import Turn


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
        issue = turn.client.document(path)
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
