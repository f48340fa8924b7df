"""What a harvest reads, in how many requests."""

from __future__ import annotations

import pytest

from kb.errors import BadInputError
from kb.store import load_thread
from miner.harvest.access import read_names
from miner.harvest.streams import ISSUES, load_cursor
from tests.support.github_server import GitHubServer
from tests.support.harvests import O, P, as_served, content, value, warned

# ---------------------------------------------------------------------- requests


def test_progress_tells_items_requests_what_is_left_and_about_how_much_there_is(night, server):
    server.limit = 1000
    night.one()
    assert night.ear.pages[-1] == (O, "comments", 464, 9, 1000 - 9)
    assert [report.repo for report in night.ear.done] == [O]
    issues = [
        (items, expected) for stream, items, expected in night.ear.expected if stream == "issues"
    ]
    assert len(issues) >= 3
    assert all(expected is None or items <= expected <= 400 for items, expected in issues)
    assert issues[0][1] is not None
    assert issues[0][1] >= 230
    assert issues[-1][0] == issues[-1][1]


def test_a_first_run_costs_a_request_a_page_and_a_second_three(night, server, store):
    first = night.one()
    as_served(server, O, store)
    assert (first.issues.new, first.comments.new) == (230, 460)
    # the repository, 230 in hundreds, 460 in hundreds, with an item or two in common
    assert first.requests == 1 + 3 + 5
    by_number = f"/repositories/{server.repo(O).id}"
    lists = {f"{by_number}/issues", f"{by_number}/issues/comments"}
    assert {asked.path for asked in server.requests} == {f"/repos/{O}", *lists}  # none an issue
    assert all(asked.query["per_page"] == "100" for asked in server.requests[1:])
    assert first.complete
    changes = store.connection.total_changes
    before = content(store)
    second = night.one()
    assert second.requests == 3
    assert [asked.status for asked in server.requests] == [304, 304, 304]
    assert second.news == 0
    assert store.connection.total_changes == changes
    assert content(store) == before


def test_without_etags_a_second_run_changes_nothing_either(night, server, store):
    server.etags = False
    night.one()
    before = content(store)
    second = night.one()
    assert (second.requests, second.news) == (3, 0)
    assert content(store) == before


def test_what_is_new_comes_in_few_requests(night, server, store, clock):
    night.one()
    clock.now += 86_400
    server.repo(O).add_comment(5, 77_000, "It is back in 2.1.")
    server.repo(O).edit_comment(10_003, "Edited: it was the proxy.")
    report = night.one()
    assert report.requests <= 4
    assert (report.issues.changed, report.comments.new, report.comments.changed) == (1, 1, 1)
    as_served(server, O, store)


def test_pull_requests_are_threads_with_their_merge_time(night, store):
    night.one()
    merged = load_thread(store.connection, O, 10)
    assert merged is not None
    assert merged.kind == "pull"
    assert merged.merged_at is not None
    assert load_thread(store.connection, O, 5).merged_at is None
    assert load_thread(store.connection, O, 1).kind == "issue"


# ---------------------------------------------------------------------- depth


def test_deep_lists_are_read_to_their_end(night, server, store):
    server.page_limit = 1
    server.depth = 150
    report = night.one()
    as_served(server, O, store)
    assert report.failure is None


def test_cursors_in_links_are_followed(night, server, store):
    server.page_limit = 1
    night.one()
    assert sum("after" in asked.query for asked in server.requests) == 2
    as_served(server, O, store)
    assert night.one().requests == 3


def test_more_changes_in_one_second_than_a_page_holds(night, server, store):
    for number in range(1, 161):
        server.repo(O).edit_issue(number, at="2025-06-01T12:00:00Z")
    for comment_id in range(10_000, 10_450):
        server.repo(O).comments[comment_id][1]["updated_at"] = "2025-06-01T12:00:00Z"
    report = night.one()
    assert report.failure is None
    as_served(server, O, store)


def test_a_link_that_has_expired_is_replaced_by_the_time_reached(night, server, store):
    server.page_limit = 1
    night.interrupted(1, O)
    cursor = load_cursor(store.connection, O, ISSUES)
    assert cursor.next_url is not None
    assert "after=" in cursor.next_url
    with store.transaction() as connection:
        connection.execute("update cursor set next_url = '/repos/made/gone/issues?after=x'")
    assert night.one().failure is None
    as_served(server, O, store)


# ---------------------------------------------------------------------- changes while it reads


def test_a_comment_that_comes_before_its_thread_waits_for_it(night, server, store, clock):
    def disturb(server: GitHubServer, count: int) -> None:
        if count == 5:  # the issues are read
            clock.now += 100
            now = server.now()
            issue = {"number": 900, "title": "New meanwhile", "created_at": now, "updated_at": now}
            server.repo(O).add(
                {
                    "repo": O,
                    "issue": issue,
                    "comments": [{"id": 99_001, "created_at": now, "updated_at": now, "body": "x"}],
                }
            )

    server.before = disturb
    night.one()
    assert value(store, "select count(*) from orphan_comment") == 1
    server.before = None
    night.one()
    assert value(store, "select count(*) from orphan_comment") == 0
    as_served(server, O, store)


# ---------------------------------------------------------------------- options


def test_since_limits_and_an_earlier_one_fills_up(night, server, store):
    night.one(since="2025-01-05T00:00:00Z")
    some = value(store, "select count(*) from thread")
    assert 0 < some < 230
    assert night.one(since="2025-01-05T12:00:00Z").requests == 3
    night.one(since="2025-01-04T12:00:00Z")
    assert some < value(store, "select count(*) from thread")


def test_max_issues_takes_some_and_the_next_run_the_next(night, server, store):
    report = night.one(max_issues=40)
    assert report.issues.new == 40
    assert not report.complete
    assert value(store, "select count(*) from thread") == 40
    assert report.requests <= 6
    assert night.one(max_issues=40).issues.new == 40
    assert night.one().complete
    as_served(server, O, store)


# ---------------------------------------------------------------------- several at once


def test_a_pattern_is_all_of_an_owner_but_forks(night, server, store):
    for name in ("made/extra", "made/a-fork", "other/two"):
        server.repo(name)
    server.repo("made/a-fork").fork = True
    report = night.run("made/*")
    assert [one.repo for one in report.repos] == ["made/extra", O]
    assert report.exit_status == 0
    as_served(server, O, store)
    server.users = {"other"}
    assert [one.repo for one in night.run("other/on?", P).repos] == [P]


def test_a_pattern_of_nobody_fails_alone_and_one_that_matches_nothing_is_said(night, server, store):
    report = night.run("nobody/*", P)
    failed = [(one.repo, bool(one.failure)) for one in report.repos]
    assert failed == [("nobody/*", True), (P, False)]
    assert [one.repo for one in night.run("made/zzz*").repos] == []
    assert warned(night, "made/zzz*")
    assert value(store, "select count(*) from repo where repo like '%*'") == 0


@pytest.mark.parametrize("name", ["no-slash", "*/*", "../*", "a b/*", "acme/*/x", "https://x/a"])
def test_a_name_or_pattern_that_is_none_is_refused_before_any_request(night, server, name):
    with pytest.raises(BadInputError, match="owner/name"):
        night.run(O, name)
    assert server.requests == []


def test_names_come_from_a_file_too(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text(
        "# trackers\nacme/tool  # the main one\n\nhttps://github.com/acme/other/issues\nacme/*\n"
        "https://ghe.example/acme/third.git\n",
        encoding="utf-8",
    )
    assert read_names(path) == ["acme/tool", "acme/other", "acme/*", "acme/third"]
    for text, said in (
        (b"acme/tool\nacme\n", r"names\.txt:2: "),
        (b"\xff\n", "UTF-8"),
        (b"# none\n", "no repository"),
    ):
        path.write_bytes(text)
        with pytest.raises(BadInputError, match=said):
            read_names(path)
    with pytest.raises(BadInputError, match="absent"):
        read_names(tmp_path / "absent.txt")
