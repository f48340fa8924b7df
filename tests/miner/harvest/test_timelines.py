"""Timelines of threads."""

from __future__ import annotations

from miner.harvest.threads import ThreadWriter
from tests.support.harvests import O, P, timelines, value, with_mentions


def test_timelines_are_read_of_closed_threads_with_errors_once(night, server, store, clock):
    night.one()
    with_mentions(store, 3, 4, 6, 9)  # 4 is open
    with store.transaction() as connection:
        connection.execute("update thread set state_reason = 'not_planned' where number = 9")
    server.repo(O).events[3].append(
        {"event": "commented", "id": 5, "created_at": "2025-01-01T00:00:00Z", "actor": None}
    )
    assert timelines(night).timelines == 2
    assert sorted(asked.path for asked in server.requests) == [
        f"/repositories/{server.repo(O).id}/issues/{number}/timeline" for number in (3, 6)
    ]
    assert {row[0] for row in store.connection.execute("select number from event")} == {3, 6}
    assert {row[0] for row in store.connection.execute("select event from event")} == {"closed"}
    assert timelines(night).requests == 0
    # Reopened and closed again: another timeline.
    clock.now += 500
    server.repo(O).edit_issue(3, state="closed", closed_at=server.now())
    night.one()
    assert any(asked.path.endswith("/3/timeline") for asked in server.requests)


def test_timelines_keep_to_their_budget_and_lists_without_news_ask_for_none(night, server, store):
    night.one()
    with_mentions(store, *range(3, 60, 3))
    assert night.one().requests == 3
    assert timelines(night, timelines=4).requests == 4
    assert timelines(night, timelines=4).requests == 4
    assert timelines(night, timelines=0).requests == 0


def test_a_long_timeline_is_read_to_its_end_and_a_lost_one_not_again(night, server, store):
    server.repo(O).events[3] = [
        {"event": "labeled", "id": n, "created_at": "2025-01-01T00:00:00Z", "actor": None}
        for n in range(1, 251)
    ]
    night.one()
    with_mentions(store, 3, 6)
    del server.repo(O).issues[6]
    report = timelines(night)
    assert report.requests == 3 + 1
    assert value(store, "select count(*) from event where number = 3") == 250
    assert timelines(night).requests == 0


def test_a_cross_reference_that_changes_stays_one_event(store):
    def crossing(state: str) -> dict:
        issue = {
            "number": 2,
            "state": state,
            "repository": {"full_name": P},
            "pull_request": {"merged_at": None},
        }
        return {
            "event": "cross-referenced",
            "created_at": "2025-01-02T00:00:00Z",
            "source": {"type": "issue", "issue": issue},
        }

    with store.transaction() as connection:
        writer = ThreadWriter(connection)
        writer.put_issue(O, {"number": 1, "title": "t", "created_at": "2025-01-01T00:00:00Z"})
        writer.put_events(O, 1, [crossing("open")])
        writer.put_events(O, 1, [crossing("closed")])
    assert value(store, "select count(*) from event") == 1
