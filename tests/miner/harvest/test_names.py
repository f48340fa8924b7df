"""Repositories that are renamed, moved or made anew, and two of one name."""

from __future__ import annotations

import pytest

from kb.store import load_thread
from tests.support.github_server import GitHubServer, make_threads
from tests.support.harvests import Night, O, P, as_served, timelines, value, warned, with_mentions

# ---------------------------------------------------------------------- names


def test_a_renamed_repository_keeps_its_name_here(night, server, store):
    night.one()
    server.rename(O, "new/home")
    server.repo("new/home").edit_issue(3, title="After the move")
    report = night.one()
    assert (report.home, report.moved_to, report.failure) == (O, "new/home", None)
    assert value(store, "select moved_to from repo where repo = ?", O) == "new/home"
    assert load_thread(store.connection, O, 3).title == "After the move"
    assert night.one().requests == 3  # asked for by its new name from now on
    by_new_name = night.one("new/home")
    assert by_new_name.home == O
    assert store.connection.execute("select distinct repo from thread").fetchall()[0][0] == O
    assert value(store, "select count(*) from thread") == 230


def test_a_repository_that_moved_before_it_was_known_gets_its_new_name(night, server, store):
    server.rename(P, "new/home")
    assert night.one(P).home == "new/home"
    assert {row[0] for row in store.connection.execute("select repo from thread")} == {"new/home"}
    report = night.run(P, "new/home")
    assert report.repos[1].requests <= 1
    assert warned(night, "under another name")


def test_an_empty_repository_that_moved_says_where(night, server):
    server.repo("empty/one")
    server.rename("empty/one", "empty/two")
    report = night.one("empty/one")
    assert (report.failure, report.moved_to) == (None, "empty/two")


def test_a_name_that_came_back(night, server, store):
    night.one(P)
    server.rename(P, "new/home")
    night.one(P)
    server.rename("new/home", P)
    server.repo(P).edit_issue(3, title="Back again")
    assert night.one(P).failure is None
    assert load_thread(store.connection, P, 3).title == "Back again"


def test_names_do_not_differ_by_case(night, store):
    night.one("OTHER/One")
    night.one(P)
    assert {row[0] for row in store.connection.execute("select repo from thread")} == {P}


# ---------------------------------------------------------------------- one name, two repositories


def test_two_githubs_in_one_database_keep_their_own(night, server, store, clock):
    night.one(P)
    with GitHubServer(make_threads("corp/tool", 12, 30), clock=clock.time) as other:
        comments = other.repo("corp/tool").comments
        other.repo("corp/tool").comments = {
            key + 500_000: (number, {**comment, "id": key + 500_000, "body": "ours"})
            for key, (number, comment) in comments.items()
        }
        assert set(other.repo("corp/tool").comments) == set(server.repo(P).comments)
        assert Night(other, store, clock).one("corp/tool").failure is None
        assert night.one(P, full=True).gone == 0
        as_served(server, P, store)
        as_served(other, "corp/tool", store)


def test_a_repository_of_another_github_is_not_mixed_into_one_of_the_same_name(
    night, server, store, clock
):
    night.one(P)
    with store.transaction() as connection:
        connection.execute("update repo set api_host = 'ghe.example' where repo = ?", (P,))
    server.repo(P).id += 1
    report = night.run(P)
    assert "another database" in report.repos[0].failure
    assert "ghe.example" in report.repos[0].failure


def test_a_name_that_another_repository_has_now_is_not_followed(night, server, store):
    night.one(P)
    server.repos["new/home"] = server.repos.pop(P)
    server.repos["new/home"].name = "new/home"
    server.repo(P).add(
        {"repo": P, "issue": {"number": 1, "title": "Not the same", "created_at": server.now()}}
    )
    server.repo(P).id += 1
    report = night.one(P)
    assert "another name now" in report.failure
    assert load_thread(store.connection, P, 1).title != "Not the same"
    # asked for by its new name it is the one that is stored
    assert night.one("new/home").home == P


def test_a_repository_made_anew_under_its_name_is_said_and_read(night, server, store):
    night.one(P)
    server.repo(P).id += 1
    server.repo(P).edit_issue(3, title="Of the new one")
    assert night.one(P).failure is None
    assert warned(night, "another repository than before")
    assert load_thread(store.connection, P, 3).title == "Of the new one"


def test_a_transfer_without_a_redirect_counts_no_thread_twice(night, server, store):
    night.one(P)
    server.repos["new/home"] = server.repos.pop(P)
    server.repos["new/home"].name = "new/home"
    report = night.one("new/home")
    assert (report.home, report.failure) == (P, None)
    assert (report.issues.new, report.comments.new) == (0, 0)
    assert value(store, "select count(*) from thread") == 12


def test_the_history_of_an_issue_that_was_transferred_is_not_this_ones(night, server, store):
    night.one()
    with_mentions(store, 3, 6)
    assert server.transfer(O, 3, P) != 3
    assert timelines(night).failure is None
    rows = store.connection.execute("select distinct number from event where repo = ?", (O,))
    assert [row["number"] for row in rows] == [6]
    gone = "select number from thread where repo = ? and gone_at is not null"
    assert [row["number"] for row in store.connection.execute(gone, (O,))] == [3]
    assert load_thread(store.connection, O, 3) is not None  # its text is kept
    assert timelines(night).timelines == 0


@pytest.mark.parametrize("lists_only", [True, False])
def test_a_server_that_knows_repositories_by_name_only_is_harvested(
    night, server, store, lists_only
):
    real = server._resource

    def by_name(repo, rest, asked):
        known = asked.path.startswith("/repos/") and (rest or not lists_only)
        return real(repo, rest, asked) if known else server.not_found()

    server._resource = by_name
    assert night.one(P).failure is None
    as_served(server, P, store)
