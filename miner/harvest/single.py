"""What is asked for a single thread: its timeline, and what an archive did not hold of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb import sql
from miner.harvest.failures import Refused
from miner.harvest.names import known_repository
from miner.harvest.objects import BadThreadError
from miner.harvest.streams import ISSUES
from miner.harvest.threads import note_complete, partial_numbers
from miner.harvest.turn import GONE

if TYPE_CHECKING:
    from miner.harvest.objects import Json
    from miner.harvest.turn import Turn

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
