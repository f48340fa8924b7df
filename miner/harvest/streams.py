"""The lists a repository is harvested from, and how a walk over one goes on from page to page.

A stream declares its path and its key (the model is MeltanoLabs' tap-github); the client knows
nothing else about it. `advance` is a pure function: where a walk stands, and a page of it, give
where it stands then.

Why a walk moves `since` instead of asking for page 2: a list sorted by time of change shifts under
its reader. Whatever is edited or deleted meanwhile leaves its place, all that follow move up by
one, and the one at the head of the next page is never seen. A query for what changed since the last
one seen has no such gap, and never gets deep enough for GitHub's limits on depth. It costs the one
or two items that two pages have in common. Links are followed where they carry a cursor (`after`),
which does not shift, and where more than a page of items changed within one second (only there, and
only without `after`, can an edit at that moment still hide an item until its next change or the
next full walk).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import parse_qs, urlencode, urlsplit

from kb import sql
from kb.links import DISCUSSION_COMMENTS
from kb.text import seconds_before, utc_of
from miner.harvest.objects import BadThreadError, Json, parse_time, value_at
from miner.harvest.threads import Outcome, ThreadWriter

PAGE_SIZE = 100
OVERLAP_SECONDS = 1
"""How far `since` stays behind the last item seen: a page may end amid the items of a second."""
SETTLE_SECONDS = 30
"""How far `since` stays behind the server's clock: a change takes a moment to show up in lists."""

_ISSUE_URL = re.compile(r"/(?:issues|pull)/(\d{1,18})(?:#.*)?\Z")


@dataclass(frozen=True, slots=True)
class Stream:
    """A list of GitHub's, sorted by time of change (`updated_at`).

    `path` is below the repository's; `key` names the field that identifies an item within the
    repository; `put` stores an item and raises `BadThreadError`.
    """

    name: str
    path: str
    key: str
    put: Callable[[ThreadWriter, str, Json], Outcome]
    parameters: tuple[tuple[str, str], ...] = ()
    page_size: int = PAGE_SIZE

    def url(self, repository: str, since: str | None) -> str:
        """Path and query of the first page; `repository` is the API path of the repository."""
        query = {**dict(self.parameters), "sort": "updated", "direction": "asc"}
        query |= {"per_page": str(self.page_size), **({"since": since} if since else {})}
        return f"{repository}/{self.path}?{urlencode(query)}"

    def time_of(self, item: object) -> str | None:
        """When an item was last changed, None if it does not say so in GitHub's way."""
        return parse_time(value_at(item, "updated_at") or value_at(item, "created_at"))


def number_of(comment: Json) -> int:
    """The thread that a comment of the repository-wide list belongs to. Raises `BadThreadError`."""
    for field in ("issue_url", "html_url"):
        if found := _ISSUE_URL.search(str(comment.get(field) or "")):
            return int(found[1])
    raise BadThreadError(f"comment {comment.get('id')} does not say which issue it belongs to")


_ALL = (("state", "all"),)
ISSUES = Stream(
    name="issues", path="issues", key="number", put=ThreadWriter.put_issue, parameters=_ALL
)
COMMENTS = Stream(
    name="comments",
    path="issues/comments",
    key="id",
    put=lambda writer, repo, item: writer.put_comment(repo, number_of(item), item),
)
DISCUSSIONS = Stream(
    name="discussions", path="discussions", key="number", put=ThreadWriter.put_issue
)
"""Read by GraphQL, those changed last first (`miner.harvest.discussions`)."""
STREAMS = (ISSUES, COMMENTS)
"""In the order in which they are read: threads before what was said in them."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the walk over a stream stands.

    `since`: all that changed before it has been seen; `next_url`: the page to go on with (None: the
    query from `since`); `begin`: the walks so far cover all that changed since then (None:
    everything); `full`: this walk ends with marking what it has not met as gone, of what changed
    since `full_from`. Of the chain of pages from `since` on: `chain`, the pages read; `started`,
    the server's clock at the first (epoch seconds); `last`, the latest time met; `unsorted`,
    whether the server does not sort as asked. `etag`: of the one page that the query from `since`
    gave when the walk ended.
    """

    since: str | None = None
    next_url: str | None = None
    begin: str | None = None
    full: bool = False
    full_from: str | None = None
    chain: int = 0
    started: int | None = None
    last: str | None = None
    unsorted: bool = False
    etag: str | None = None

    def moved(self, since: str | None) -> Cursor:
        """The cursor of a new query from a later time."""
        return Cursor(since=since, begin=self.begin, full=self.full, full_from=self.full_from)

    def behind(self) -> str | None:
        """From when a new query goes on behind what this chain met; None if that is no progress."""
        if self.last is None or self.started is None:
            return None
        settled = utc_of(self.started - SETTLE_SECONDS)
        target = min(seconds_before(self.last, OVERLAP_SECONDS), settled)
        return target if self.since is None or target > self.since else None


def begin(stored: Cursor | None, since: str | None, *, full: bool) -> Cursor:
    """Where a run starts: at the stored cursor, unless more is asked for than the walks so far
    cover. `since` limits a first walk and one over everything (`full`).
    """
    if stored is None:
        return Cursor(since=since, begin=since, full=full, full_from=since)
    if full and not stored.full:
        covered = None if stored.begin is None or since is None else min(stored.begin, since)
        return Cursor(since=since, begin=covered, full=True, full_from=since)
    if since is not None and stored.begin is not None and since < stored.begin:
        return replace(stored.moved(since), begin=since)
    return stored


def advance(
    stream: Stream,
    cursor: Cursor,
    items: Sequence[object],
    next_url: str | None,
    server_time: float,
) -> tuple[Cursor, bool]:
    """The cursor after a page, and whether the walk is at its end.

    The end of a chain of links is not taken for the end of the data: lists end at some depth
    without saying so. Only a query whose first page is not full, or one from which `since` cannot
    move on, ends a walk. `since` never passes the clock of the server, so that an item dated in the
    future does not hide those that come before its date.
    """
    times = [stream.time_of(item) for item in items]
    known = [time for time in (cursor.last, *times) if time is not None]
    seen = replace(
        cursor,
        chain=cursor.chain + 1,
        started=cursor.started or int(server_time),
        last=max(known, default=None),
        unsorted=cursor.unsorted or None in times or known != sorted(known),
        etag=None,
    )
    target = seen.behind()
    # links that lead nowhere must not be followed for ever
    if next_url is None or not items or next_url == cursor.next_url:
        if target and (seen.chain > 1 or len(items) >= stream.page_size):
            return cursor.moved(target), False
        return cursor.moved(cursor.since), True
    # a page of one second does not show that the list is sorted
    rising = len(known) > 1 and known[0] < known[-1]
    by_cursor = "after" in parse_qs(urlsplit(next_url).query)
    if target is None or seen.unsorted or not rising or by_cursor:
        return replace(seen, next_url=next_url), False
    return cursor.moved(target), False


def stored_items(
    connection: sqlite3.Connection, repo: str, stream: Stream, since: str
) -> dict[int, tuple[int, str]]:
    """What is stored of a stream and not gone, changed at `since` or later: an item's thread and
    the time of its last change, by its id.
    """
    more = {"first_of_discussions": DISCUSSION_COMMENTS} if stream is COMMENTS else {}
    rows = sql.ask(connection, f"harvest.stored_{stream.name}", repo=repo, since=since, **more)
    return {row[0]: (row[1], row[2]) for row in rows}


def load_cursor(connection: sqlite3.Connection, repo: str, stream: Stream) -> Cursor | None:
    """The stored cursor of a repository's stream."""
    row = sql.first(connection, "harvest.cursor", repo, stream.name)
    if row is None:
        return None
    known = {field.name for field in fields(Cursor)}
    state = json.loads(row["state"] or "{}") | {"since": row["since"], "next_url": row["next_url"]}
    return Cursor(**{name: value for name, value in state.items() if name in known})


def save_cursor(connection: sqlite3.Connection, repo: str, stream: Stream, cursor: Cursor) -> None:
    """Stores a cursor, in the transaction of the page that it covers."""
    own = ("since", "next_url")
    state = {k: v for k, v in asdict(cursor).items() if k not in own and v not in (None, False, 0)}
    row = (repo, stream.name, cursor.since, cursor.next_url, json.dumps(state, sort_keys=True))
    sql.write(connection, "harvest.put_cursor", *row)
