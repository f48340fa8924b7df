"""Harvests from a GitHub on loopback into a database: requests, faults, interruptions, changes
between runs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.errors import BadInputError
from kb.store import Store, load_thread, unpack
from miner.harvest.access import Access, HarvestOptions, read_names
from miner.harvest.github import harvest
from miner.harvest.progress import Progress, RepoReport
from miner.harvest.streams import ISSUES, load_cursor
from miner.harvest.threads import ThreadWriter
from tests.support.cli import Patch
from tests.support.clocks import FakeClock
from tests.support.github_objects import discussion
from tests.support.github_server import JUNK_ITEMS, Answered, GitHubServer, make_threads

TOKEN = "ghp_NotARealTokenButOneThatMustNotShow2"
O = "made/up"  # noqa: E741
P = "other/one"


class RecordingProgress(Progress):
    """Progress that remembers."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, str, int, int, int | None]] = []
        self.expected: list[tuple[str, int, int | None]] = []
        self.waits: list[tuple[float, str]] = []
        self.warnings: list[str] = []
        self.done: list[RepoReport] = []
        self.stop_after: int | None = None

    def page(
        self, repo: str, stream: str, items: int, requests: int, left: int | None, of: int | None
    ) -> None:
        self.pages.append((repo, stream, items, requests, left))
        self.expected.append((stream, items, of))
        if self.stop_after is not None and len(self.pages) >= self.stop_after:
            raise KeyboardInterrupt

    def waiting(self, seconds: float, why: str) -> None:
        self.waits.append((seconds, why))

    def repo_done(self, report: RepoReport) -> None:
        self.done.append(report)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def clock(monkeypatch: Patch) -> FakeClock:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[GitHubServer]:
    with GitHubServer(
        [*make_threads(O, 230, 460), *make_threads(P, 12, 30)], clock=clock.time
    ) as server:
        # Comment ids are GitHub's own and the same in no two repositories.
        for repo, offset in ((O, 0), (P, 500_000)):
            comments = server.repo(repo).comments
            server.repo(repo).comments = {
                key + offset: (n, {**c, "id": key + offset}) for key, (n, c) in comments.items()
            }
        yield server


class Night:
    """Runs harvests of one server into one store."""

    def __init__(self, server: GitHubServer, store: Store, clock: FakeClock) -> None:
        self.server, self.store, self.clock = server, store, clock
        self.ear = RecordingProgress()

    def run(self, *repos: str, **options):
        self.ear = RecordingProgress()
        self.ear.stop_after = options.pop("stop_after", None)
        self.server.requests.clear()
        return harvest(self.store, repos or (O,), self.options(**options), self.ear)

    def options(self, **given) -> HarvestOptions:
        token, source = given.pop("token", TOKEN), given.pop("token_source", None)
        access = Access(given.pop("api_url", self.server.url), token, source)
        return HarvestOptions(access=access, clock=self.clock, **given)

    def interrupted(self, after: int, repo: str, **options) -> None:
        """A run that ends after so many pages."""
        with pytest.raises(KeyboardInterrupt):
            self.run(repo, stop_after=after, **options)

    def one(self, repo: str = O, **options) -> RepoReport:
        return self.run(repo, **options).repos[0]


@pytest.fixture
def night(server: GitHubServer, store: Store, clock: FakeClock) -> Night:
    return Night(server, store, clock)


RELATIONS = ("thread", "comment", "raw", "event", "orphan_comment", "dirty")


def content(store: Store, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    """All rows that say what GitHub sent."""
    names = [name for name in RELATIONS if name not in without]
    return {
        name: sorted(map(tuple, store.connection.execute(f"select * from {name}")), key=repr)
        for name in names
    }


def value(store: Store, sql: str, *values: object) -> Any:
    """The one value that a query gives."""
    return store.connection.execute(sql, values).fetchone()[0]


def warned(night: Night, words: str) -> bool:
    return any(words in text for text in night.ear.warnings)


def undisturbed(
    server: GitHubServer, tmp_path: Path, clock: FakeClock, *repos: str
) -> dict[str, list[tuple]]:
    """What a harvest without faults brings."""
    with Store.open(tmp_path / "undisturbed.db") as other:
        report = Night(server, other, clock).run(*(repos or (O,)))
        assert report.exit_status == 0
        return content(other)


def as_served(server: GitHubServer, name: str, store: Store) -> None:
    """The store holds what the server has, no more and no less."""
    repo = server.repo(name)
    here = "where repo = ? and gone_at is null"
    threads = f"select number, title, updated_at from thread {here}"
    comments = f"select comment_id, number, body from comment {here}"
    assert {tuple(row) for row in store.connection.execute(threads, (name,))} == {
        (n, i["title"], i["updated_at"]) for n, i in repo.issues.items()
    }
    assert {tuple(row) for row in store.connection.execute(comments, (name,))} == {
        (key, n, c["body"]) for key, (n, c) in repo.comments.items()
    }


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


# ---------------------------------------------------------------------- changes between runs


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


# ---------------------------------------------------------------------- timelines


def with_mentions(store: Store, *numbers: int) -> None:
    """As mining leaves it: these threads hold errors."""
    with store.transaction() as connection:
        connection.execute(
            "insert or ignore into signature (fingerprint, text, wrappers, objects) values "
            "('v1:x', 'x', '[]', '[]')"
        )
        connection.executemany(
            "insert into mention (repo, number, field, start, end, raw, fingerprint, "
            "is_primary, counted, frames) "
            "values (?, ?, 'title', 0, 5, 'Error', 'v1:x', 1, 1, '[]')",
            [(O, number) for number in numbers],
        )


def timelines(night: Night, **options):
    night.server.requests.clear()
    made = night.options(**options)
    return harvest(night.store, (O,), made, night.ear, what="timelines").repos[0]


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


# ---------------------------------------------------------------------- discussions


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


def test_what_a_repository_is_and_on_which_server_are_stored_together(night, store):
    full = "create temp trigger full before insert on main.repo begin select raise(fail, 'x'); end"
    store.connection.execute(full)
    with pytest.raises(sqlite3.Error):
        night.run(O)
    assert not store.connection.execute("select * from cursor").fetchall()
    store.connection.execute("drop trigger full")
    assert night.one().failure is None
    assert store.connection.execute("select count(api_host) from repo").fetchone()[0] == 1
