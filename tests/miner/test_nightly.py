"""A nightly run: what it does, what its row and its report say, and what the command makes of
it."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.notes import export
from kb.runs import last_runs
from kb.store import Store, connect_readonly
from kb.verify import verify_database
from miner.cli import run as cli
from miner.nightly import run as nightly_module
from miner.nightly.notice import as_markdown
from miner.nightly.run import NightReport
from tests.support.cli import Output, Patch, faultlore
from tests.support.github_objects import discussion
from tests.support.github_server import GitHubServer
from tests.support.judge_server import FakeEndpoint, labels, served
from tests.support.nightly_runs import (
    REPOS,
    TOKEN,
    QuickClock,
    content,
    differences,
    documents,
    run,
    threads,
)
from tests.support.threads import issue, user

Json = dict[str, Any]
DAY = 86_400
REPORTED = (
    '### What happened?\n\n```\nError: 401 {"error":{"message":"User not found.","code":401}}\n'
    "```\n"
)
NO_MODULE = "```\nModuleNotFoundError: No module named 'lantern_core'\n```\n"
PANIC = "```\npanic: assignment to entry in nil map\n```\n"


@pytest.fixture
def clock(monkeypatch: Patch) -> QuickClock:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return QuickClock()


@pytest.fixture
def server(clock: QuickClock) -> Iterator[GitHubServer]:
    with GitHubServer(threads(36), clock=clock.time) as server:
        yield server


class Nights:
    """Nights of one knowledge base; the clock moves a day between them."""

    def __init__(self, server: GitHubServer, clock: QuickClock, folder: Path) -> None:
        self.server, self.clock, self.folder = server, clock, folder

    def __call__(self, **options: Any) -> NightReport:
        self.server.requests.clear()
        report = run(self.server.url, self.folder, clock=self.clock, **options)
        self.clock.now += DAY
        return report

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with contextlib.closing(connect_readonly(self.folder / "kb.db")) as connection:
            return [tuple(row) for row in connection.execute(sql, values)]

    def add(self, repo: str, number: int, body: str, title: str = "It fails") -> None:
        at = self.server.now()
        made = issue(number, title, body, created_at=at, updated_at=at, user=user("new"), repo=repo)
        self.server.repo(repo).add({"repo": repo, "issue": made})


@pytest.fixture
def night(server: GitHubServer, clock: QuickClock, tmp_path: Path) -> Nights:
    return Nights(server, clock, tmp_path)


# ---------------------------------------------------------------------- rows and reports


def test_a_run_is_rows_that_say_what_it_did(night: Nights) -> None:
    report = night()
    assert (report.outcome, report.exit_status) == ("done", 0)
    (row,) = night.rows(
        "select command, outcome, exit_status, started_at, ended_at, new_entries, rules, "
        "report from run"
    )
    assert row[:3] == ("nightly", "done", 0)
    assert row[3] <= row[4]
    assert row[5] == report.new_entries > 3
    assert set(json.loads(row[6])) == {"detect", "claims"}
    assert json.loads(row[7])["changes"]["new"]["count"] == report.changes["new"]["count"]
    repos = night.rows(
        "select repo, issues_new, comments_new, timelines, requests, complete, failure from "
        "run_repo order by repo"
    )
    assert [r[0] for r in repos] == sorted(REPOS)
    assert sum(r[1] for r in repos) == 36
    assert sum(r[4] for r in repos) == len(night.server.requests)
    assert all(r[5] == 1 and r[6] is None for r in repos)
    stages = {
        stage: (taken, made)
        for stage, taken, made in night.rows("select stage, taken, made from run_stage")
    }
    assert stages["detect"][0] == 36
    new = report.changes["new"]["count"]
    assert stages["export note"][1] == new == len(report.changes["documents"]["note"]["new"])
    assert {"harvest", "group", "claims", "entries", "timelines"} <= stages.keys()
    assert {"export page", "export candidates"} <= stages.keys()
    # the token is in no row and no file
    assert TOKEN not in "\n".join(sqlite3.connect(night.folder / "kb.db").iterdump())
    written = documents(night.folder).values()
    assert written
    assert all(TOKEN.encode() not in data for data in written)


@pytest.fixture
def rendered(monkeypatch: Patch) -> list[str]:
    """The formats whose documents were looked at one by one."""
    made: list[str] = []
    real = export.export_to

    def export_to(connection: sqlite3.Connection, kind: str, *more: Any) -> Any:
        made.append(kind)
        return real(connection, kind, *more)

    monkeypatch.setattr(export, "export_to", export_to)
    return made


def test_a_night_without_news_takes_three_requests_a_repository_renders_and_changes_nothing(
    night: Nights, rendered: list[str]
) -> None:
    night()
    assert sorted(rendered) == ["candidates", "note", "page"]
    rendered.clear()
    before, files = (
        content(night.folder / "kb.db"),
        {p: p.stat().st_mtime_ns for p in (night.folder / "out").rglob("*")},
    )
    report = night()
    assert rendered == []
    assert len(night.server.requests) == 3 * len(REPOS)
    assert differences(content(night.folder / "kb.db"), before) == {}
    assert {p: p.stat().st_mtime_ns for p in (night.folder / "out").rglob("*")} == files
    (notes,) = [stage for stage in report.stages if stage.name == "export note"]
    assert (notes.taken, notes.made) == (len(list((night.folder / "out/notes").glob("*.md"))), 0)
    changes = report.changes
    assert not changes["first"]
    kinds = ("new", "grown", "rose", "fell", "merged", "contradicted")
    assert [changes[kind]["count"] for kind in kinds] == [0] * 6


def test_what_anybody_changed_is_rendered_once(night: Nights, rendered: list[str]) -> None:
    def edit() -> None:
        night.server.repo(REPOS[0]).edit_issue(2, title="Another title")

    def change_a_row() -> None:
        with sqlite3.connect(night.folder / "kb.db") as connection:
            connection.execute("update thread set title = 'A third' where number = 2")

    night()
    for change in (edit, change_a_row):
        change()
        rendered.clear()
        night()
        assert sorted(rendered) == ["candidates", "note", "page"]
    rendered.clear()
    night()
    assert rendered == []


def test_a_folder_that_was_touched_is_written_again(night: Nights, rendered: list[str]) -> None:
    night()
    notes = sorted((night.folder / "out" / "notes").glob("*.md"))
    gone = notes[0].read_bytes()
    notes[0].unlink()
    rendered.clear()
    night()
    assert rendered == ["note"]
    assert notes[0].read_bytes() == gone
    notes[1].write_text("by hand")
    rendered.clear()
    assert night().changes["documents"]["note"]["kept"] == [notes[1].name]
    assert rendered == []
    assert notes[1].read_text() == "by hand"


def test_the_report_tells_what_is_new_grown_and_rising(night: Nights) -> None:
    for number in range(400, 410):
        night.add(REPOS[0], number, NO_MODULE)
    night()
    night.clock.now += 7 * DAY
    for number in range(500, 510):
        night.add(REPOS[0], number, NO_MODULE)
    for number in range(520, 530):
        night.add(REPOS[0], number, REPORTED)
    night.add(REPOS[0], 600, PANIC, "A panic of its own kind")
    report = night()
    assert report.changes["new"]["count"] == 1
    assert "nil map" in report.changes["new"]["listed"][0]["title"]
    grown = report.changes["grown"]["listed"]
    assert [entry["threads"] - entry["threads_before"] for entry in grown] == [10, 10]
    (rising,) = report.changes["rising"]["listed"]
    assert (rising["now"], rising["before"]) == (10, 0)
    assert rising["entry_id"] in {entry["entry_id"] for entry in grown}
    assert report.changes["documents"]["note"]["changed"] == sorted(
        f"{entry['entry_id']}.md" for entry in grown
    )
    text = as_markdown(report.as_dict())
    assert "## New errors: 1" in text
    assert "## Rising: 1" in text
    assert "10 more" in text


def test_the_report_tells_of_grades_and_contradicted_fixes(night: Nights) -> None:
    night()
    with Store.open(night.folder / "kb.db") as store, store.transaction() as connection:
        better, worse = [
            row[0]
            for row in connection.execute("select entry_id from entries order by entry_id limit 2")
        ]
        connection.execute("update last_report_entry set grade = 'E' where entry_id = ?", (better,))
        connection.execute("update last_report_entry set grade = '@' where entry_id = ?", (worse,))
        claim = connection.execute(
            "select claim_id from claim where kind = 'fix' order by claim_id"
        ).fetchone()[0]
        connection.execute("update claim set stance = 'refuted' where claim_id = ?", (claim,))
    report = night()
    assert [entry["entry_id"] for entry in report.changes["rose"]["listed"]] == [better]
    assert [entry["entry_id"] for entry in report.changes["fell"]["listed"]] == [worse]
    assert [entry["claim_id"] for entry in report.changes["contradicted"]["listed"]] == [claim]
    text = as_markdown(report.as_dict())
    for heading in (
        "## Better known now: 1",
        "## Less sure than before: 1",
        "## Fixes that were contradicted: 1",
    ):
        assert heading in text
    assert night().changes["contradicted"]["count"] == 0


def test_what_a_killed_run_had_done_is_told_by_the_next(night: Nights, monkeypatch: Patch) -> None:
    night()
    night.add(REPOS[0], 600, PANIC)

    def killed(*args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(nightly_module.runs, "compare", killed)
        night()
    report = night()
    assert report.changes["new"]["count"] == 1
    assert report.changes["documents"]["note"]["new"] == [
        f"{report.changes['new']['listed'][0]['entry_id']}.md"
    ]
    assert [row["outcome"] for row in last_runs(connect_readonly(night.folder / "kb.db"))] == [
        "done",
        "killed",
        "done",
    ]
    assert night().changes["new"]["count"] == 0


def test_a_night_that_the_rate_limit_ends_is_continued_by_the_next(night: Nights) -> None:
    night.server.limit = 4
    report = night(max_wait=0)
    assert (report.outcome, report.exit_status) == ("partial", 0)
    assert report.continued
    assert report.failures == []
    text = as_markdown(report.as_dict())
    assert "## To be continued" in text
    assert "What did not work" not in text
    assert night.rows("select count(*) from mention")[0][0] > 0  # what arrived is mined
    nights = 1
    while report.continued:
        report, nights = night(max_wait=0), nights + 1
    assert nights < 8
    assert (report.outcome, report.exit_status) == ("done", 0)
    assert night.rows("select count(*) from thread")[0][0] == 36


def test_a_repository_that_is_gone_spoils_one_night(night: Nights) -> None:
    night()
    night.server.repo(REPOS[1]).status = 404
    report = night()
    assert (report.outcome, report.exit_status) == ("partial", 3)
    assert "not found" in as_markdown(report.as_dict())
    report = night()
    assert (report.outcome, report.exit_status) == ("done", 0)
    assert "## Gone" in as_markdown(report.as_dict())
    night.server.repo(REPOS[1]).status = 200
    report = night()
    assert (report.outcome, report.failures) == ("done", [])
    assert "## Gone" not in as_markdown(report.as_dict())


def test_a_discussion_is_mined_like_an_issue(night: Nights) -> None:
    body = "It fails:\n\n```\npanic: assignment to entry in nil map\n```\n"
    node = discussion(501, title="panic: assignment to entry in nil map", body=body)
    node["comments"][0]["body"] = "It is caused by the empty table. Fixed in 1.4.2, please update."
    night.server.repo(REPOS[0]).discussions = {501: node}
    night()
    ((entry,),) = night.rows(
        "select distinct entry_id from mentions where repo = ? and number = 501"
        " and entry_id is not null",
        REPOS[0],
    )
    assert night.rows("select count(*) from claims where number = 501") != [(0,)]
    note = documents(night.folder)[f"notes/{entry}.md"].decode()
    assert f"https://github.com/{REPOS[0]}/discussions/501" in note
    with contextlib.closing(connect_readonly(night.folder / "kb.db")) as connection:
        assert verify_database(connection) == []
    assert sum(repo["issues_changed"] for repo in night().repos) == 0


def test_hostile_titles_are_escaped_in_the_report(night: Nights) -> None:
    night.add(
        REPOS[0],
        600,
        "```\nError: <script>alert(1)</script> {{ x }} ghp_"
        + "a1B2c3D4e5F6" * 3
        + " failed\n```\n",
        "Error: <img src=x> | [x](y)",
    )
    text = as_markdown(night().as_dict())
    assert not re.search(r"(?<!\\)<script>", text)
    assert not re.search(r"(?<!\\)<img", text)
    assert "ghp_" not in text


def test_a_thread_that_no_stage_can_read_is_told_and_stays_to_do(
    night: Nights, monkeypatch: Patch
) -> None:
    from miner import pipeline

    monkeypatch.delenv("FAULTLORE_DEBUG", raising=False)
    real = pipeline.detect

    def detect(item: Any, *more: Any) -> Any:
        if item.thread.number == 3:
            raise ValueError("too odd")
        return real(item, *more)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "detect", detect)
        report = night()
    assert (report.outcome, report.exit_status) == ("partial", 2)
    assert len(report.unread) >= 3
    assert "too odd" in as_markdown(report.as_dict())
    assert night().outcome == "done"


# ---------------------------------------------------------------------- the data change


def _edits(server: GitHubServer) -> None:
    repo = server.repo(REPOS[0])
    repo.edit_issue(2, body=REPORTED, title="It is the key")
    first = min(repo.comments)
    repo.edit_comment(first, "Edited: create a new key and paste it into the settings.")
    repo.add_comment(
        1, 77_000, "That did not help, same error.", user={"login": "late"}
    )  # on an old thread
    repo.edit_issue(5, state="closed", state_reason="completed", closed_at=server.now())
    repo.edit_issue(7, user=None, labels=[{"name": "bug", "description": None}])
    repo.edit_issue(8, body="x" * 65_536)
    repo.edit_issue(9, body="```\nError: lone \ud800 surrogate failed\n```\n")
    repo.edit_issue(10, title="From the future", at="2099-01-01T00:00:00Z")


def _deletions(server: GitHubServer) -> None:
    repo = server.repo(REPOS[1])
    repo.delete_comment(min(repo.comments))
    repo.delete_issue(4)
    moved = server.repo(REPOS[1]).issues[6]
    repo.delete_issue(6)
    server.repo(REPOS[2]).add(
        {"repo": REPOS[2], "issue": {**moved, "number": 900, "updated_at": server.now()}}
    )  # transferred


def _rename(server: GitHubServer) -> None:
    server.rename(REPOS[2], "moss/bridge-two")
    server.repo("moss/bridge-two").edit_issue(3, title="After the move", body=REPORTED)


CHANGES = [_edits, _deletions, _rename]
BAD = {7: "502", 11: "drop", 13: "cut"}


def _nights(
    server: GitHubServer, clock: QuickClock, folder: Path, faults: dict[int, str]
) -> Nights:
    """Four nights between which the data change; the last but one walks over everything."""
    folder.mkdir()
    night = Nights(server, clock, folder)
    server.faults.every = dict(faults)
    night()
    for change in CHANGES:
        change(server)
        report = night(full=change is _deletions)
        assert report.outcome == "done", report.failures
    return night


def test_data_that_change_between_nights_end_the_same_with_and_without_faults(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    found = {}
    for name, faults in (("calm", {}), ("stormy", BAD)):
        clock = QuickClock()
        with GitHubServer(threads(60), clock=lambda clock=clock: clock.now // DAY * DAY) as server:
            server.public = "http://api.test"
            night = _nights(server, clock, tmp_path / name, faults)
            found[name] = content(tmp_path / name / "kb.db"), documents(tmp_path / name)
    # when something was found gone is the time of the run, which waits make later
    for rows, _ in found.values():
        for table in ("thread", "threads", "comment", "comments"):
            rows[table] = [
                tuple(v for v in row if not (isinstance(v, str) and v.startswith("2026-04")))
                for row in rows[table]
            ]
    assert differences(found["calm"][0], found["stormy"][0]) == {}
    assert found["calm"][1] == found["stormy"][1]
    # and they are as the server has them
    one = dict(
        night.rows("select number, title from thread where repo = ? and gone_at is null", REPOS[0])
    )
    assert one[2] == "It is the key"
    assert one[10] == "From the future"
    assert night.rows(
        "select count(*) from thread where repo = ? and number in (4, 6) and gone_at is not null",
        REPOS[1],
    ) == [(2,)]
    assert (
        night.rows("select count(*) from comment where repo = ? and gone_at is not null", REPOS[1])[
            0
        ][0]
        >= 1
    )
    assert night.rows("select title from thread where repo = ? and number = 3", REPOS[2]) == [
        ("After the move",)
    ]
    assert night.rows(
        "select length(body) from thread where repo = ? and number = 8", REPOS[0]
    ) == [(65_536,)]
    with contextlib.closing(connect_readonly(night.folder / "kb.db")) as connection:
        assert verify_database(connection) == []


def test_what_github_no_longer_has_is_no_source_and_its_entry_still_answers(night: Nights) -> None:
    night.add(REPOS[0], 600, PANIC)
    report = night()
    (entry_id,) = (
        e["entry_id"] for e in report.changes["new"]["listed"] if "nil map" in e["title"]
    )
    assert night.rows("select count(*) from mentions where number = 600") == [(1,)]
    night.server.repo(REPOS[0]).delete_issue(600)
    assert night().changes["new"]["count"] == 0  # a deletion is seen by a walk over everything only
    report = night(full=True)
    assert night.rows("select count(*) from mentions where number = 600") == [(0,)]
    assert report.changes["documents"]["note"]["removed"] == [f"{entry_id}.md"]
    assert cli(["show", entry_id, "--db", str(night.folder / "kb.db")]) in (0, 1)
    # it comes back
    night.add(REPOS[0], 600, PANIC)
    report = night(full=True)
    assert [e["entry_id"] for e in report.changes["new"]["listed"]] == [entry_id]


# ---------------------------------------------------------------------- the command


NIGHTLY = ("nightly", "--workers", "1")
QUIET = (*NIGHTLY, "--json", "--log-level", "error")


@pytest.fixture
def project(server: GitHubServer, tmp_path: Path, monkeypatch: Patch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("FAULTLORE_DB", "GITHUB_STEP_SUMMARY", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("FAULTLORE_TRUST_API_URL", "127.0.0.1")
    repos = ", ".join(f'"{repo}"' for repo in REPOS)
    (tmp_path / "faultlore.toml").write_text(
        f'[harvest]\nrepos = [{repos}]\napi_url = "{server.url}"\n[export]\n'
        f'formats = ["note", "page"]\n'
    )
    return tmp_path


def test_the_command_reports_where_it_is_asked_to(
    project: Path, monkeypatch: Patch, capsys: Output
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "summary.md"))
    reports = ("--report-to", "r.md", "--report-to", "r.json")
    status, out, err = faultlore(capsys, *NIGHTLY, "--log-json", *reports)
    assert (status, out[:13]) == (0, "# Run 1: done")
    assert (project / "r.md").read_text() == out
    assert (project / "summary.md").read_text().strip() == out.strip()
    assert json.loads((project / "r.json").read_text())["outcome"] == "done"
    events = [json.loads(line) for line in err.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["run started", "run done"]
    assert sum(event["event"] == "repository done" for event in events) == 2 * len(REPOS)
    assert TOKEN not in out + err
    assert sorted(p.name for p in (project / "evidence").iterdir()) == ["notes", "pages"]
    status, out, err = faultlore(capsys, *QUIET)
    assert (status, json.loads(out)["requests"], err) == (0, 3 * len(REPOS), "")


def test_a_dry_run_says_how_many_requests_and_writes_nothing(
    project: Path, server: GitHubServer, capsys: Output
) -> None:
    found = json.loads(faultlore(capsys, "nightly", "--dry-run", "--json")[1])
    assert [repo["issues"] for repo in found["repos"]] == [12, 12, 12]
    assert (found["requests"], found["asked"], len(server.requests)) == (9, 6, 6)
    assert 0 < found["hours"] < 1
    assert found["disk"] >= 36 * 12_000
    assert [p.name for p in project.iterdir()] == ["faultlore.toml"]
    settings = (project / "faultlore.toml").read_text()
    late = settings.replace("[harvest]\n", '[harvest]\nsince = "2026-01-31"\n')
    (project / "faultlore.toml").write_text(late)
    out = faultlore(capsys, "nightly", "--dry-run")[1]
    assert f"{REPOS[0]}: first harvest of what changed since 2026-01-31:" in out
    (project / "faultlore.toml").write_text(settings)
    server.requests.clear()
    assert faultlore(capsys, *NIGHTLY)[0] == 0
    before = (project / "kb.db").read_bytes()
    server.repo(REPOS[0]).edit_issue(2, title="Edited")
    status, out, _ = faultlore(capsys, "nightly", "--dry-run")
    assert status == 0
    assert f"{REPOS[0]}: news: 1 thread, 0 comments: at least 3 requests" in out
    assert f"{REPOS[1]}: news: 0 threads, 0 comments: 3 requests" in out
    assert "in all: at least 9 requests; 4,999 are left" in out
    assert (project / "kb.db").read_bytes() == before
    server.repo(REPOS[1]).status = 404
    status, out, _ = faultlore(capsys, "nightly", "--dry-run")
    assert (status, f"{REPOS[1]}: not found (404)" in out) == (3, True)
    assert "in all: " in out
    for name in REPOS:
        server.repo(name).status = 404
    assert "in all: " not in faultlore(capsys, "nightly", "--dry-run")[1]


# ---------------------------------------------------------------------- the second reader


@pytest.fixture
def reader(project: Path) -> Iterator[FakeEndpoint]:
    """An endpoint that [judge] names, which finds no claim anywhere."""
    with served(FakeEndpoint(lambda request: labels({}))) as endpoint:
        with (project / "faultlore.toml").open("a") as file:
            file.write(
                f'\n[judge]\nmodel = "m1"\nbase_url = "{endpoint.url}"\napi_key_env = ""\n'
                "band = [0.0, 1.0]\n"
            )
        yield endpoint


def test_a_night_asks_the_second_reader_and_reports_it(
    project: Path, reader: FakeEndpoint, capsys: Output
) -> None:
    status, out, _ = faultlore(capsys, *QUIET, "--report-to", "night.md")
    told = json.loads(out)["judge"]
    assert (status, told["stopped"]) == (0, None)
    assert told["requests"] == len(reader.requests) > 3
    assert min(told["threads"], told["errors"]) > 0
    assert f"m1 judged {told['threads']} threads" in (project / "night.md").read_text()
    again = json.loads(faultlore(capsys, *QUIET)[1])["judge"]
    assert again["requests"] < told["requests"] / 2
    assert "then: ask m1 about" in faultlore(capsys, "nightly", "--dry-run")[1]


FAULTS: dict[str, list[tuple[int, dict[str, str], bytes]]] = {
    "a wrong key": [(401, {}, b'{"error": {"message": "bad key"}}')],
    "cut answers": [(200, {}, b'{"choices": [{"mess')] * 400,
    "no budget": [],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_night_goes_on_without_the_second_reader_and_says_so(
    project: Path, reader: FakeEndpoint, capsys: Output, fault: str
) -> None:
    reader.faults = list(FAULTS[fault])
    if fault == "no budget":
        with (project / "faultlore.toml").open("a") as file:
            file.write("max_requests = 1\n")
    status, out, _ = faultlore(capsys, *QUIET, "--report-to", "night.md")
    found = json.loads(out)
    assert (status, found["outcome"], found["exit_status"]) == (0, "done", 0)
    assert found["judge"]["stopped"] or found["judge"]["refused"]
    assert "second reader" in (project / "night.md").read_text()
    assert sorted(p.name for p in (project / "evidence").iterdir()) == ["notes", "pages"]


def test_the_forecast_of_a_long_list_is_what_a_run_takes(
    clock: QuickClock, tmp_path: Path, monkeypatch: Patch
) -> None:
    from miner.nightly.dry_run import forecast
    from tests.support.github_server import make_threads
    from tests.support.nightly_runs import plan

    with GitHubServer(make_threads("made/up", 250, 480), clock=clock.time) as server:
        options = plan(server.url, tmp_path).harvest
        expected = forecast(None, ["made/up"], options).requests
        server.requests.clear()
        report = run(server.url, tmp_path, repos=("made/up",), formats=(), timelines=0)
        assert report.requests == expected == 1 + 3 + 5


def test_a_broken_configuration_is_named_and_nothing_is_done(
    project: Path, server: GitHubServer, capsys: Output
) -> None:
    (project / "faultlore.toml").write_text('[harvest]\nrepos = ["a/b"]\nmax_wait = "900"\n')
    status, out, err = faultlore(capsys, "nightly")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("faultlore: faultlore.toml:3: ")
    assert [p.name for p in project.iterdir()] == ["faultlore.toml"]
    assert server.requests == []


def test_a_mistake_in_the_curation_file_is_told_before_anything_is_asked(
    project: Path, server: GitHubServer, capsys: Output
) -> None:
    toml, curation = project / "faultlore.toml", project / "curation.txt"
    toml.write_text('curation = "curation.txt"\n' + toml.read_text())
    for text, said in ((None, "curation.txt: there is no such file"), ("merge E1", "on.txt:1: ")):
        if text is not None:
            curation.write_text(text)
        for command in (["nightly"], ["nightly", "--dry-run"]):
            status, _, err = faultlore(capsys, *command)
            assert (status, said in err, server.requests) == (2, True, [])
    curation.write_text("merge EAAAAAAAAAAA EBBBBBBBBBBB\n")  # ids that only mining can know
    status, _, err = faultlore(capsys, *NIGHTLY)
    assert (status, "curation.txt:1" in err) == (2, True)
    with contextlib.closing(connect_readonly(project / "kb.db")) as connection:
        (row,) = last_runs(connection)
        assert (row["outcome"], row["exit_status"]) == ("failed", 2)
        assert "curation.txt:1" in row["failure"]
        assert connection.execute("select count(*) from thread").fetchone()[0] == 36
    curation.write_text("")
    assert faultlore(capsys, *NIGHTLY)[0] == 0


def test_without_configuration_or_repositories_it_says_how_to_begin(
    project: Path, capsys: Output
) -> None:
    (project / "faultlore.toml").write_text("")
    assert "set [harvest] repos" in faultlore(capsys, "nightly")[2]
    (project / "faultlore.toml").unlink()
    status, _, err = faultlore(capsys, "nightly")
    assert (status, "'faultlore init OWNER/REPO' writes one" in err) == (2, True)


def test_another_run_is_left_alone(project: Path, server: GitHubServer, capsys: Output) -> None:
    with Store.open(project / "kb.db"):
        status, _, err = faultlore(capsys, "nightly", "--log-level", "error")
    assert (status, "process" in err, server.requests) == (4, True, [])


def test_a_refused_token_is_said_and_what_is_stored_is_mined_and_exported(
    project: Path, server: GitHubServer, capsys: Output
) -> None:
    assert faultlore(capsys, *NIGHTLY)[0] == 0
    server.token = "another"
    status, out, err = faultlore(capsys, *NIGHTLY)
    assert (status, "GITHUB_TOKEN" in out, "not tried" in out) == (3, True, True)
    assert f"- {REPOS[1]}, {REPOS[2]}: not tried, for the same reason\n" in out
    assert TOKEN not in out + err
    assert re.search(r'event="run started" .* rules="\w+ \w+, \w+ \w+"', err)
    out = faultlore(capsys, "nightly", "--dry-run")[1]
    assert f"\n{REPOS[1]}, {REPOS[2]}: not asked, for the same reason\n" in out
