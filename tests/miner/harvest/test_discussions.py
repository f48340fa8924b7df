"""Discussions, which are threads of their own kind."""

from __future__ import annotations

import pytest

from kb.store import Store, load_thread
from tests.support.github_objects import discussion
from tests.support.github_server import Answered, GitHubServer
from tests.support.harvests import P, as_served, content, undisturbed, warned


@pytest.fixture
def talkative(server: GitHubServer) -> GitHubServer:
    """P has 45 discussions too, which come in three pages; one has comments for three."""
    repo = server.repo(P)
    repo.discussions = {number: discussion(number) for number in range(101, 146)}
    repo.discussions[120] = discussion(120, comments=120)
    return server


def kinds(store: Store) -> dict[str, int]:
    return dict(
        store.connection.execute("select kind, count(*) from threads group by kind").fetchall()
    )


def test_discussions_are_threads_of_their_own_kind(night, talkative, store):
    report = night.one(P)
    assert (report.failure, report.bad, report.complete) == (None, 0, True)
    assert kinds(store)["discussion"] == 45
    thread = load_thread(store.connection, P, 120)
    assert thread.kind == "discussion"
    url, author = store.connection.execute(
        "select url, author from thread where repo = ? and number = 120", (P,)
    ).fetchone()
    assert (url, author) == (f"https://github.com/{P}/discussions/120", "asker")
    comments = store.connection.execute(
        "select url, thumbs_up, body from comment where repo = ? and number = 120", (P,)
    ).fetchall()
    assert len(comments) == 121
    assert f"https://github.com/{P}/discussions/120#discussioncomment-120000" in {
        row["url"] for row in comments
    }
    assert {row["thumbs_up"] for row in comments} == {3}
    assert sum(asked.path == "/graphql" for asked in talkative.requests) == 3 + 2
    as_before = content(store)
    second = night.one(P)
    assert (second.news, second.requests) == (0, 4)
    assert content(store) == as_before


def test_new_and_changed_discussions_come_in_one_request(night, talkative, store):
    night.one(P)
    repo = talkative.repo(P)
    repo.discussions[101] = discussion(101, day=29, title="Edited")
    repo.discussions[200] = discussion(200, day=29)
    report = night.one(P)
    assert (report.issues.new, report.issues.changed) == (1, 1)
    assert report.requests == 4
    assert load_thread(store.connection, P, 101).title == "Edited"


@pytest.mark.parametrize("after", [3, 4])
def test_an_interrupted_walk_over_discussions_goes_on_where_it_was(
    night, talkative, store, tmp_path, clock, after
):
    night.interrupted(after, P)
    assert 0 < kinds(store)["discussion"] < 45
    night.one(P)
    assert content(store) == undisturbed(talkative, tmp_path, clock, P)
    assert night.one(P).requests == 4


def test_since_limits_discussions_and_a_full_run_finds_what_is_gone(night, talkative, store):
    night.one(P, since="2025-03-20T00:00:00Z")
    some = kinds(store)["discussion"]
    assert 0 < some < 45
    night.one(P, since="2025-01-01T00:00:00Z")
    assert kinds(store)["discussion"] == 45
    del talkative.repo(P).discussions[110]
    assert night.one(P, full=True).gone == 1
    row = store.connection.execute("select gone_at from thread where number = 110").fetchone()
    assert row["gone_at"]
    assert night.one(P, full=True).gone == 0


def test_discussions_that_are_refused_spoil_nothing(night, talkative, store):
    def refuse(asked):
        error = {"type": "RATE_LIMITED", "message": "API rate limit exceeded"}
        return Answered(200, {"data": None, "errors": [error]})

    talkative._graphql = refuse
    report = night.one(P)
    assert (report.failure, report.complete) == (None, True)
    assert warned(night, "discussions were not read")
    as_served(talkative, P, store)


def test_odd_discussions_are_left_out(night, talkative, store):
    repo = talkative.repo(P)
    repo.discussions[101] |= {"title": 7}
    repo.discussions[102] |= {"author": None, "reactionGroups": 5, "labels": {"nodes": [None]}}
    repo.discussions[103]["comments"][0] |= {"databaseId": "x"}
    repo.discussions[104] |= {"stateReason": "OUTDATED", "closed": True}
    report = night.one(P)
    assert (report.failure, report.bad) == (None, 2)
    assert kinds(store)["discussion"] == 44
    assert load_thread(store.connection, P, 104).state_reason == "not_planned"


def test_without_a_token_no_discussion_is_asked_for(night, talkative, store):
    assert night.run(P, token=None).exit_status == 0
    assert "discussion" not in kinds(store)
