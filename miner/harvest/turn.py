"""One repository's turn in a harvest: under which names it is stored and asked for, and how what
comes of it is stored and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb import sql
from kb.text import utc_of
from miner.harvest.access import host_and_web
from miner.harvest.failures import Refused
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
from miner.harvest.streams import COMMENTS, begin, load_cursor, stored_items
from miner.harvest.threads import ThreadWriter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.store import Store
    from miner.harvest.client import Client, KnownRepository
    from miner.harvest.github import HarvestOptions
    from miner.harvest.objects import Json
    from miner.harvest.pages import Page
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
