"""What changes between runs: edited, gone, back again."""

from __future__ import annotations

from kb.store import load_thread, unpack
from tests.support.harvests import O, P, as_served, value, warned


def test_an_edit_keeps_the_hash_of_what_stood_there(night, server, store, clock):
    night.one()
    clock.now += 1000
    server.repo(O).edit_comment(10_007, "Never mind.")
    server.repo(O).edit_issue(7, title="Another title")
    night.one()
    rows = {
        (row["comment_id"], row["field"])
        for row in store.connection.execute("select * from revision")
    }
    assert rows == {(10_007, "body"), (None, "title")}


def test_only_a_full_run_finds_what_is_gone(night, server, store, clock):
    night.one()
    server.repo(O).delete_comment(10_100)
    server.repo(O).delete_issue(9)
    assert night.one().gone == 0
    clock.now += 10
    report = night.one(full=True)
    assert report.gone == 2 + 2  # a comment, a thread and its two comments
    gone = store.connection.execute(
        "select body, gone_at from comment where comment_id = 10100"
    ).fetchone()
    assert gone["gone_at"] is not None
    assert gone["body"]
    as_served(server, O, store)
    assert report.requests == 9
    assert night.one().requests == 3
    again = night.one(full=True)
    assert (again.gone, again.news) == (0, 0)


def test_what_comes_back_is_there_again(night, server, store):
    night.one()
    kept = server.repo(O).comments.pop(10_100)
    night.one(full=True)
    server.repo(O).comments[10_100] = kept
    night.one(full=True)
    as_served(server, O, store)


def test_an_interrupted_full_run_is_ended_by_the_next(night, server, store):
    night.one()
    server.repo(O).delete_comment(10_100)
    night.interrupted(5, O, full=True)
    report = night.one()
    assert report.gone == 1
    assert report.requests < 8
    assert value(store, "select count(*) from full_sync_seen") == 0


def test_a_full_run_of_the_latest_says_nothing_of_what_is_older(night, server, store):
    night.one()
    server.repo(O).delete_comment(10_000)
    server.repo(O).delete_comment(10_459)
    report = night.one(full=True, since="2025-01-05T00:00:00Z")
    assert report.gone == 1
    assert value(store, "select comment_id from comment where gone_at is not null") == 10_459


def test_a_server_that_suddenly_has_almost_nothing_is_not_believed(night, server, store):
    night.one()
    server.repo(O).comments = dict(list(server.repo(O).comments.items())[:20])
    report = night.one(full=True)
    assert report.gone == 0
    assert warned(night, "hard to believe")


def test_hostile_and_odd_objects(night, server, store):
    repo = server.repo(P)
    repo.issues[1] |= {"user": None, "body": None, "labels": [{"name": "bug"}]}
    repo.edit_issue(2, at="2025-02-01T00:00:00Z", body="x" * 65_536)
    repo.edit_issue(3, at="2025-02-01T00:00:01Z", body="lone \ud800 surrogate")
    repo.edit_issue(4, at="2099-01-01T00:00:00Z", title="From the future")
    repo.edit_issue(6, at="2025-02-01T00:00:02Z", title=7)
    report = night.one(P)
    assert report.failure is None
    assert report.bad == 1
    assert warned(night, "title")
    assert load_thread(store.connection, P, 1).author is None
    assert len(load_thread(store.connection, P, 2).body) == 65_536
    assert load_thread(store.connection, P, 3).body == "lone \ufffd surrogate"
    raw = value(store, "select json from raw where kind = 'issue' and repo = ? and number = 3", P)
    assert unpack(raw)["body"] == "lone \ud800 surrogate"
    repo.edit_issue(7, title="Changed after the one from the future")
    night.one(P)
    assert load_thread(store.connection, P, 7).title == "Changed after the one from the future"
