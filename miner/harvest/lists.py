"""The walk over a list of a repository: one transaction a page, with the cursor that covers it.
Killed at any moment, the next run goes on from there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from miner.harvest.failures import Refused
from miner.harvest.streams import advance, save_cursor

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
