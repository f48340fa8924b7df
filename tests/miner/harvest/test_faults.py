"""Interruptions, faults, and servers that misbehave."""

from __future__ import annotations

import sqlite3

import pytest

from miner.harvest.access import Access, HarvestOptions
from tests.support.github_server import JUNK_ITEMS, GitHubServer
from tests.support.harvests import (
    TOKEN,
    O,
    P,
    as_served,
    content,
    timelines,
    undisturbed,
    value,
    warned,
    with_mentions,
)

# ---------------------------------------------------------------------- interruptions and faults


@pytest.mark.parametrize("after", [1, 3, 4, 6])
def test_an_interrupted_harvest_goes_on_where_it_was(night, server, store, tmp_path, clock, after):
    night.interrupted(after, O)
    report = night.one()
    assert report.requests <= 8 - after + 3
    assert content(store) == undisturbed(server, tmp_path, clock)


def test_page_and_cursor_are_stored_together_or_not_at_all(
    night, server, store, monkeypatch, tmp_path, clock
):
    from miner.harvest import github

    pages = iter((github.save_cursor, github.save_cursor))

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(github, "save_cursor", lambda *page: next(pages, full)(*page))
    with pytest.raises(sqlite3.OperationalError):
        night.one()
    assert value(store, "select count(*) from thread") == 199
    monkeypatch.undo()
    night.one()
    assert content(store) == undisturbed(server, tmp_path, clock)


def test_a_limit_beyond_the_longest_wait_keeps_what_came_and_is_to_be_continued(
    night, server, store, tmp_path, clock
):
    server.limit = 4
    report = night.run(O, P, max_wait=60)
    assert (report.exit_status, report.paused) == (3, True)
    assert [one.paused for one in report.repos] == [True, True]
    assert "--max-wait" in report.repos[0].failure
    assert report.repos[1].failure.startswith("not tried")
    assert report.repos[1].requests == 0
    assert [one.repo for one in night.ear.done] == [O, P]
    assert value(store, "select count(*) from thread") == 230
    for _ in range(3):
        clock.now += 3600
        report = night.run(O, P, max_wait=60)
    assert not report.paused
    server.limit = None
    assert content(store) == undisturbed(server, tmp_path, clock, O, P)


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "not found"), (410, "switched off"), (451, "legal"), (403, "refuses")],
)
def test_one_refused_repository_does_not_stop_the_others(night, server, store, status, words):
    server.repo("bad/repo").status = status
    report = night.run("bad/repo", P)
    assert report.exit_status == 3
    assert words in report.repos[0].failure
    # a refusal is not taken for gone
    assert (report.repos[0].gone_since is None) == (status == 403)
    assert sum(asked.path.startswith("/repos/bad/") for asked in server.requests) <= 2
    assert report.repos[1].failure is None
    as_served(server, P, store)
    assert words in value(store, "select failure from repo where repo = 'bad/repo'")
    server.repo("bad/repo").status = 200
    assert night.run("bad/repo").exit_status == 0
    assert value(store, "select failure from repo where repo = 'bad/repo'") is None


def test_a_repository_that_always_fails_does_not_stop_the_others(night, server, store):
    server.before = lambda server, count: (
        server.faults.next.append("502") if P in server.requests[-1].path else None
    )
    report = night.run(P, O)
    assert [bool(one.failure) for one in report.repos] == [True, False]
    as_served(server, O, store)


def test_the_token_is_stored_nowhere(night, server, store, tmp_path):
    server.page_limit = 1
    server.repo("bad/repo").status = 403
    report = night.run(O, "bad/repo")
    store.connection.execute("pragma wal_checkpoint(truncate)")
    assert TOKEN.encode() not in b"".join(
        path.read_bytes() for path in tmp_path.iterdir() if path.is_file()
    )
    assert TOKEN not in repr(report)
    assert TOKEN not in repr(HarvestOptions(access=Access(token=TOKEN)))


# ---------------------------------------------------------------------- servers that misbehave


def test_objects_that_are_none_are_left_out_and_the_page_is_stored(night, server, store):
    server.faults.next = [None, "junk-items", "junk-items"]
    report = night.one(P)
    assert report.failure is None
    assert report.bad == 2 * len(JUNK_ITEMS)
    assert value(store, "select count(*) from thread") == 12
    assert warned(night, "expected an object")
    assert warned(night, "number")
    second = night.one(P)
    assert (second.failure, second.bad) == (None, 0)
    as_served(server, P, store)


def test_junk_in_a_timeline_is_left_out(night, server, store):
    night.one()
    with_mentions(store, 3)
    server.faults.next = ["junk-items"]
    report = timelines(night)
    assert (report.failure, report.timelines) == (None, 1)
    assert report.bad == sum(not isinstance(item, dict) for item in JUNK_ITEMS)
    assert value(store, "select count(*) from event where number = 3 and event = 'closed'")


JUNK_HEADERS = [
    {"Date": "soon"},
    {"Link": "nonsense"},
    {"Link": "<>; rel=next, ;;, <http://127.0.0.1:1/x>; rel=last"},
    {"Retry-After": "-"},
    {"ETag": ""},
    {"X-OAuth-Scopes": ",,"},
    {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": ""},
    *(
        {"X-RateLimit-Reset": junk}
        for junk in ("soon", "-5", "99999999999", "inf", "nan", "", "\u00b2", "9" * 400)
    ),
    *(
        {"X-RateLimit-Remaining": junk, "X-RateLimit-Limit": junk}
        for junk in ("", "many", "-1", "1e400")
    ),
]


@pytest.mark.parametrize("headers", JUNK_HEADERS, ids=lambda headers: str(headers)[:60])
def test_headers_that_make_no_sense_stop_nothing(night, server, store, headers):
    server.extra_headers = headers
    assert night.run(P).exit_status == 0
    as_served(server, P, store)


@pytest.mark.parametrize("reset", ["soon", "-5", "99999999999"])
def test_a_limit_that_names_no_sane_reset_is_waited_for_a_bounded_time(
    night, server, store, clock, reset
):
    server.limit, server.limit_window = 2, 50
    server.extra_headers = {"X-RateLimit-Reset": reset}
    before = clock.now
    report = night.run(P)
    assert report.exit_status == 0
    assert 0 < clock.now - before < 900
    as_served(server, P, store)


def test_an_answer_that_drips_in_for_ever_stops_the_run(night, server, store, monkeypatch):
    monkeypatch.setattr("miner.harvest.client.ANSWER_SECONDS", (0.3, 0.3))
    night.one(P)
    server.repo(P).edit_issue(2, title="Changed")
    server.faults.next = [None, "drip"]
    report = night.run(P, O, max_wait=0)
    assert "not whole after" in report.repos[0].failure
    assert report.repos[1].failure.startswith("not tried")
    assert report.exit_status == 3
    monkeypatch.undo()
    assert night.run(P, O).exit_status == 0
    as_served(server, P, store)


def test_a_token_that_ends_midway_keeps_what_came(night, server, store):
    def expire(server: GitHubServer, count: int) -> None:
        if count == 4:
            server.token = "a new one"

    server.before = expire
    report = night.run(O, P, token_source="GH_TOKEN")
    assert report.exit_status == 3
    assert "GITHUB_TOKEN" in report.repos[0].failure
    assert "GH_TOKEN" in report.repos[0].failure
    assert report.repos[1].failure.startswith("not tried")
    assert value(store, "select count(*) from thread") > 100
    server.before = server.token = None
    assert night.run(O, P).exit_status == 0
    as_served(server, O, store)


@pytest.mark.parametrize("status", [403, 404])
def test_rights_that_shrink_midway_cost_one_repository(night, server, store, status):
    def shrink(server: GitHubServer, count: int) -> None:
        if count == 4:
            server.repo(O).status = status

    server.before = shrink
    report = night.run(O, P)
    assert [bool(one.failure) for one in report.repos] == [True, False]
    as_served(server, P, store)
    server.before, server.repo(O).status = None, 200
    assert night.run(O, P).exit_status == 0
    as_served(server, O, store)


@pytest.mark.parametrize("years", [-20, -1, 1, 200])
def test_a_clock_that_jumps_in_the_middle_of_a_wait_does_not_make_it_longer(
    night, server, store, clock, years
):
    server.limit, server.limit_window = 4, 100
    steps = []
    real = clock.sleep

    def sleep(seconds: float) -> None:
        real(seconds)
        steps.append(seconds)
        if len(steps) == 10:
            clock.now += years * 365 * 86_400

    clock.sleep = sleep
    server.clock = lambda: 1_790_000_000.0 + sum(steps)
    report = night.run(O)
    assert report.exit_status == 0
    assert sum(steps) < 1000
    as_served(server, O, store)


def test_times_with_fractions_are_times(night, server, store):
    for issue in server.repo(P).issues.values():
        issue["updated_at"] = issue["updated_at"].replace("Z", ".123Z")
    for _, comment in server.repo(P).comments.values():
        comment["updated_at"] = comment["updated_at"].replace("Z", ".987Z")
    night.one(P)
    assert night.one(P).requests == 3


# ---------------------------------------------------------------------- gone, and to be continued


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_repository_that_is_gone_is_known_to_be_from_the_second_time_on(
    night, server, store, clock, status
):
    night.one(P)
    server.repo(P).status = status
    first = night.one(P)
    assert (first.known_gone, bool(first.failure)) == (False, True)
    since = first.gone_since
    clock.now += 86_400
    second = night.one(P)
    assert (second.known_gone, second.gone_since) == (True, since)
    server.repo(P).status = 200
    back = night.one(P)
    assert (back.failure, back.gone_since) == (None, None)
    server.repo(P).status = status
    assert not night.one(P).known_gone


def test_what_a_repository_is_and_on_which_server_are_stored_together(night, store):
    full = "create temp trigger full before insert on main.repo begin select raise(fail, 'x'); end"
    store.connection.execute(full)
    with pytest.raises(sqlite3.Error):
        night.run(O)
    assert not store.connection.execute("select * from cursor").fetchall()
    store.connection.execute("drop trigger full")
    assert night.one().failure is None
    assert store.connection.execute("select count(api_host) from repo").fetchone()[0] == 1
