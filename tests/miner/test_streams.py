"""Walks over lists, in memory: whatever happens to the list meanwhile, no item that stays in it is
missed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from miner.harvest.streams import COMMENTS, SETTLE_SECONDS, Cursor, advance, begin, number_of

SIZE = 3
SMALL = replace(COMMENTS, page_size=SIZE)
NOW = 1_790_000_000


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class List:
    """A list as GitHub serves it: by time of change, in pages by number or by cursor, down to some
    depth.
    """

    def __init__(
        self, times: list[int], *, cursors: bool, depth: int | None, sorts: bool = True
    ) -> None:
        self.items = {key: NOW - 100_000 + time for key, time in enumerate(times)}
        self.cursors, self.depth, self.sorts = cursors, depth, sorts
        self.now = NOW
        self.asked = 0

    def page(self, url: str) -> tuple[list[dict], str | None]:
        self.asked += 1
        query = dict(parse_qsl(urlsplit(url).query))
        rows = [
            (time, key) for key, time in self.items.items() if iso(time) >= query.get("since", "")
        ]
        if self.sorts:
            rows.sort()
        rows = rows[: self.depth]
        start = (int(query.get("page", 1)) - 1) * SIZE
        if "after" in query:
            behind = tuple(int(part) for part in query["after"].split("."))
            rows, start = [row for row in rows if row > behind], 0
        part = rows[start : start + SIZE]
        link = None
        if start + SIZE < len(rows):
            since = f"&since={query['since']}" if "since" in query else ""
            more = (
                f"after={part[-1][0]}.{part[-1][1]}"
                if self.cursors and part
                else f"page={int(query.get('page', 1)) + 1}"
            )
            link = f"/repos/o/r/issues/comments?{more}{since}"
        return [{"id": key, "updated_at": iso(time)} for time, key in part], link


def walk(
    source: List, cursor: Cursor, disturb=lambda source: None, most: int = 3000
) -> tuple[Cursor, dict[int, str]]:
    met: dict[int, str] = {}
    for _ in range(most):
        items, link = source.page(cursor.next_url or SMALL.url("/repos/o/r", cursor.since))
        met.update({item["id"]: item["updated_at"] for item in items})
        disturb(source)
        cursor, done = advance(SMALL, cursor, items, link, source.now)
        if done:
            return cursor, met
    raise AssertionError("the walk does not end")


# Few values, so that many items share a second.
TIMES = st.lists(st.integers(0, 40).map(lambda n: n * 7 // 3), max_size=40)


SPARSE = st.lists(st.integers(0, 400), max_size=40)


@settings(max_examples=150, deadline=None)
@given((TIMES | SPARSE).filter(lambda times: len(times) > SIZE), st.booleans(), st.data())
def test_edits_and_deletions_meanwhile_hide_nothing(times, cursors, data):
    # More changes in one second than a page holds are read by page number where links carry no
    # cursor.
    assume(cursors or crowd(times) < SIZE)
    source = List(times, cursors=cursors, depth=None)
    steps = data.draw(
        st.lists(
            st.tuples(st.sampled_from(["edit", "delete", "add"]), st.integers(0, 60)),
            min_size=1,
            max_size=25,
        )
    )

    def disturb(source: List) -> None:
        if not steps:
            return
        what, which = steps.pop()
        source.now += 40
        if what == "add":
            source.items[1000 + len(steps)] = source.now - 5
        elif source.items:
            key = sorted(source.items)[which % len(source.items)]
            if what == "edit":
                source.items[key] = source.now - 5
            else:
                del source.items[key]

    _, met = walk(source, Cursor(), disturb)
    assert not set(source.items) - set(met) - late(source), (
        "an item that is in the list was never met"
    )


def crowd(times: list[int]) -> int:
    """How many share a second with its neighbours, at most."""
    return max((sum(abs(a - b) <= 1 for b in times) for a in times), default=0)


def late(source: List) -> set[int]:
    """What changed so recently that the next run is the one to meet it."""
    return {key for key, time in source.items.items() if time > source.now - 2 * SETTLE_SECONDS}


@settings(max_examples=150, deadline=None)
@given(TIMES, st.booleans(), st.integers(SIZE, 20))
def test_a_list_that_ends_at_its_depth_is_read_to_its_real_end(times, cursors, depth):
    source = List(times, cursors=cursors, depth=depth)
    cursor, met = walk(source, Cursor())
    if crowd(times) < depth:  # more changes in two seconds than a list is deep cannot be told apart
        assert set(met) == set(source.items)
        again, _ = walk(source, cursor)
        assert again.since == cursor.since


@settings(max_examples=100, deadline=None)
@given(TIMES)
def test_a_server_that_does_not_heed_the_order_is_read_whole_and_then_briefly(times):
    source = List(sorted(times, reverse=True), cursors=False, depth=None, sorts=False)
    cursor, met = walk(source, Cursor())
    assert set(met) == set(source.items)
    source.asked = 0
    walk(source, cursor)
    tail = sum(time >= max(times) - 1 for time in times) if times else 0
    assert source.asked <= 1 + tail // SIZE


@settings(max_examples=100, deadline=None)
@given(TIMES, TIMES, st.booleans())
def test_the_next_run_meets_all_that_is_new(times, later, cursors):
    source = List(times, cursors=cursors, depth=None)
    cursor, _ = walk(source, Cursor())
    source.now += 5000
    for index, time in enumerate(later):
        source.items[500 + index] = NOW + time
    _, met = walk(source, cursor)
    assert {500 + index for index in range(len(later))} <= set(met)


def test_an_item_dated_in_the_future_hides_nothing():
    source = List([1, 2, 3, 4], cursors=False, depth=None)
    source.items |= {100 + n: NOW + 10**8 + n for n in range(8)}
    cursor, met = walk(source, Cursor())
    assert set(met) == set(source.items)
    assert cursor.since is not None
    assert cursor.since <= iso(NOW)
    source.items[7] = NOW + 60
    source.now += 3600
    assert 7 in walk(source, cursor)[1]


def test_links_that_lead_nowhere_end():
    items = [{"id": n, "updated_at": iso(NOW - 1000)} for n in range(SIZE)]
    cursor, done = Cursor(since=iso(NOW - 1001)), False
    for _ in range(2):
        assert not done
        cursor, done = advance(SMALL, cursor, items, "/the/same?after=x", NOW)
    assert done
    _, done = advance(
        SMALL, Cursor(since=iso(NOW), next_url="/page?page=7"), [], "/page?page=8", NOW
    )
    assert done


def test_pages_overlap_by_little():
    source = List([n * 60 for n in range(30)], cursors=False, depth=None)
    walk(source, Cursor())
    assert source.asked == 15  # 3, then 2 new ones a page


def test_where_a_run_begins():
    stored = Cursor(since="2026-05-01T00:00:00Z", begin="2026-01-01T00:00:00Z", etag="x")
    assert begin(None, "2026-03-01T00:00:00Z", full=False) == Cursor(
        since="2026-03-01T00:00:00Z", begin="2026-03-01T00:00:00Z", full_from="2026-03-01T00:00:00Z"
    )
    assert begin(stored, None, full=False) == stored
    assert begin(stored, "2026-04-01T00:00:00Z", full=False) == stored
    further_back = begin(stored, "2025-01-01T00:00:00Z", full=False)
    assert (further_back.since, further_back.begin, further_back.etag) == (
        "2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00Z",
        None,
    )
    full = begin(stored, None, full=True)
    assert (full.since, full.full, full.begin, full.etag) == (None, True, None, None)
    half_way = replace(full, since="2026-02-01T00:00:00Z")
    assert begin(half_way, None, full=True) == half_way  # an interrupted full walk goes on
    assert (
        begin(Cursor(since="2026-05-01T00:00:00Z"), "2020-01-01T00:00:00Z", full=False).since
        == "2026-05-01T00:00:00Z"
    )


def test_the_thread_of_a_comment():
    assert number_of({"issue_url": "https://api.github.com/repos/o/r/issues/17"}) == 17
    assert number_of({"html_url": "https://github.com/o/r/pull/18#issuecomment-5"}) == 18
