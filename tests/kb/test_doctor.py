"""The doctor: each thing that can be wrong is found, and what to do about it is said; all is well
where all is well.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb import doctor, runs
from kb.doctor import Finding, GitHubState, examine
from kb.settings import Config, Harvest
from kb.store import Store
from miner.cli import run as cli
from miner.harvest.client import Client, ask_github
from miner.nightly.run import NightReport
from miner.versions import stage_versions
from tests.support.github_server import GitHubServer

TOKEN = "ghp_NotARealTokenButOneThatMustNotShow2"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINE = GitHubState(limit=5000, remaining=4990, reset_at="12:30:00Z", scopes=(), skew=0.2)


def at_url(url: str) -> Config:
    return Config(harvest=Harvest(api_url=url))


def at(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "MIN_FREE_BYTES", 1)
    path = tmp_path / "kb.db"
    with Store.open(path) as store, store.transaction() as connection:
        connection.executemany(
            "insert into stage_version values (?, ?)", list(stage_versions().items())
        )
    return path


def look(
    db: Path,
    state: GitHubState | None = FINE,
    token: str | None = "GITHUB_TOKEN",
) -> dict[str, Finding]:
    found = examine(
        db,
        lambda config: token,
        stage_versions(),
        (lambda config: state) if state else None,
        now=NOW,
    )
    for finding in found:
        assert finding.ok or finding.remedy or finding.check in ("token",), finding
        assert TOKEN not in finding.found + finding.remedy
    return {finding.check: finding for finding in found}


def wrong(found: dict[str, Finding]) -> list[str]:
    return [name for name, finding in found.items() if not finding.ok]


def ended(db: Path, outcome: str, hours_ago: float, failure: str | None = None) -> None:
    with Store.open(db) as store:
        run_id = runs.begin(store, "nightly", at(hours_ago), {})
        status = 0 if outcome == "done" else 3
        report = NightReport(run_id, at(hours_ago), at(hours_ago - 0.1), outcome, status)
        runs.finish(store, report.as_dict(), failure)


def test_where_all_is_well_nothing_is_found(db: Path) -> None:
    ended(db, "done", 9)
    found = look(db)
    assert wrong(found) == []
    assert {
        "configuration",
        "token",
        "disk",
        "rate limit",
        "scopes",
        "clock",
        "database",
        "integrity",
        "rules",
        "last run",
    } <= found.keys()
    assert found["rate limit"].found == "4,990 of 5,000 requests left, all again at 12:30:00Z"


def test_a_mistake_in_the_configuration_or_the_curation_is_named_with_its_line(db: Path) -> None:
    Path("faultlore.toml").write_text('db = "kb.db"\n[harvest]\nrepos = ["nothing"]\n')
    assert "faultlore.toml:3" in look(db)["configuration"].found
    Path("faultlore.toml").write_text('curation = "c.txt"\n')
    Path("c.txt").write_text("\nmerge\n")
    assert "c.txt:2" in look(db)["curation"].found
    assert wrong(look(db)) == ["curation"]


STATES: dict[str, tuple[GitHubState, str, str]] = {
    "unreachable": (GitHubState(failure="GitHub cannot be reached"), "GitHub", "--offline"),
    "used up": (GitHubState(limit=60, remaining=0, reset_at="12:30:00Z"), "rate limit", "token"),
    "slow clock": (GitHubState(limit=60, remaining=60, skew=-400.0), "clock", "NTP"),
    "fast clock": (GitHubState(limit=60, remaining=60, skew=90.0), "clock", "NTP"),
    "expires soon": (
        GitHubState(
            expires=(datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d %H:%M:%S UTC")
        ),
        "token expires",
        "new",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_what_github_says_is_judged(name: str, db: Path) -> None:
    state, check, remedy = STATES[name]
    found = look(db, state)
    assert wrong(found) == [check]
    assert remedy in found[check].remedy


def test_a_token_that_may_more_than_read_is_pointed_out(db: Path) -> None:
    found = look(db, GitHubState(scopes=("repo", "read:org", "delete_repo")))
    assert found["scopes"].found == "delete_repo, repo: more than reading"
    assert "less" in found["scopes"].remedy
    assert look(db, GitHubState(scopes=("public_repo",)))["scopes"].remedy == ""
    assert wrong(look(db, token=None)) == ["token"]


def _killed(db: Path) -> None:
    with Store.open(db) as store:
        runs.begin(store, "nightly", at(5), {})
    Path(f"{db}.lock").write_text("999999")


def _going_on(db: Path) -> None:
    with Store.open(db) as store:
        runs.begin(store, "nightly", at(0.5), {})


def _repository(db: Path) -> None:
    with Store.open(db) as store, store.transaction() as connection:
        connection.execute(
            "insert into repo (repo, failed_at, failure) values ('a/b', ?, 'not found (404)')",
            (at(5),),
        )
    ended(db, "partial", 5, "a/b: not found (404)")
    ended(db, "done", 30)
    ended(db, "partial", 5, "a/b: not found (404)")


NIGHTS: dict[str, tuple[Callable[[Path], None], list[str], str]] = {
    "none yet": (lambda db: None, [], "none yet"),
    "done": (lambda db: ended(db, "done", 9), [], "done"),
    "failed": (
        lambda db: ended(db, "failed", 9, "the disk is full"),
        ["last run"],
        "the disk is full",
    ),
    "interrupted": (lambda db: ended(db, "interrupted", 9), ["last run"], "interrupted"),
    "killed": (_killed, ["last run"], "was killed; nothing is lost"),
    "going on": (_going_on, [], f"process {os.getpid()}"),
    "the scheduler sleeps": (lambda db: ended(db, "done", 80), ["last run"], "80 hours ago"),
    "a repository fails": (_repository, ["repository"], "partial"),
}


@pytest.mark.parametrize("name", NIGHTS)
def test_the_last_runs_are_judged(name: str, db: Path) -> None:
    make, expected, text = NIGHTS[name]
    make(db)
    found = look(db)
    assert wrong(found) == expected
    assert text in found["last run"].found


def _damage(db: Path) -> None:
    data = bytearray(db.read_bytes())
    data[20_480:40_960] = os.urandom(20_480)
    db.write_bytes(data)


def _orphan(db: Path) -> None:
    with contextlib.closing(sqlite3.connect(db)) as connection:
        connection.execute(
            "insert into event (repo, number, id, event, source_is_pull) values ('a/b', 1, "
            "'x', 'closed', 0)"
        )
        connection.commit()


def _work_left(db: Path) -> None:
    with Store.open(db) as store, store.transaction() as connection:
        connection.execute("insert into dirty values ('detect', 'a/b', 1)")


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (_damage, "integrity"),
        (_orphan, "integrity"),
        (_work_left, "work left"),
        (lambda db: db.write_bytes(b"text" * 99), "database"),
        (Path.unlink, "database"),
    ],
)
def test_what_is_wrong_with_the_database_is_said(
    spoil: Callable[[Path], None], check: str, db: Path
) -> None:
    spoil(db)
    assert check in wrong(look(db))


def test_a_database_that_is_not_there_is_told_once(db: Path) -> None:
    db.unlink()
    found = look(db)["database"]
    assert found.found == f"{db}: no such database"
    assert found.remedy == "name one with --db; 'faultlore harvest' and 'faultlore import' make one"


def test_a_small_disk_and_a_long_log_are_said(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MIN_FREE_BYTES", 1 << 60)
    monkeypatch.setattr(doctor, "WAL_BYTES", 1)
    with Store.open(db) as store:
        with store.transaction() as connection:
            connection.execute("insert into full_sync_seen values ('a/b', 'issues', 1)")
        assert {"disk", "log"} <= set(wrong(look(db)))


# ---------------------------------------------------------------------- asking GitHub, and the
# command


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("FAULTLORE_TRUST_API_URL", "127.0.0.1")
    with GitHubServer() as server:
        yield server


def test_github_is_asked_once(server: GitHubServer) -> None:
    server.scopes = "repo, gist"
    state = ask_github(at_url(server.url))
    assert [asked.path for asked in server.requests] == ["/rate_limit"]
    assert (state.limit, state.scopes, state.failure) == (5000, ("repo", "gist"), None)
    assert state.skew is not None
    assert abs(state.skew) < 5


def test_a_clock_that_is_ahead_is_measured(server: GitHubServer) -> None:
    server.clock = lambda: datetime.now(UTC).timestamp() - 7200
    skew = ask_github(at_url(server.url)).skew
    assert skew is not None
    assert 7100 < skew < 7300


@pytest.mark.parametrize("reset", [10**15, -5, "soon", None])
def test_a_reset_at_no_time_is_left_out(
    db: Path, server: GitHubServer, monkeypatch: pytest.MonkeyPatch, reset: object
) -> None:
    core = {"limit": 60, "remaining": 50, "reset": reset}
    monkeypatch.setattr(Client, "document", lambda *_: ({"resources": {"core": core}}, {}))
    state = ask_github(at_url(server.url))
    assert (state.remaining, state.reset_at) == (50, None)
    assert look(db, state)["rate limit"].found == "50 of 60 requests left"


def test_a_clock_that_was_not_compared_is_not_called_right(db: Path) -> None:
    found = look(db, GitHubState())["clock"]
    assert found.ok
    assert found.found.startswith("not compared")


def test_a_refused_token_and_a_dead_server_are_told_without_the_token(server: GitHubServer) -> None:
    server.token = "another"
    failure = ask_github(at_url(server.url)).failure
    assert failure is not None
    assert "GITHUB_TOKEN" in failure
    assert TOKEN not in failure
    assert ask_github(at_url("http://127.0.0.1:9")).failure


def test_the_command_says_all_and_leaves_with_2_if_something_is_wrong(
    db: Path, server: GitHubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("faultlore.toml").write_text(f'[harvest]\nrepos = ["a/b"]\napi_url = "{server.url}"\n')
    assert cli(["doctor", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)
    assert {"rate limit", "clock", "last run"} <= {check["check"] for check in checks}
    assert cli(["doctor", "--offline"]) == 0
    assert "rate limit" not in capsys.readouterr().out
    server.token = "another"
    assert cli(["doctor"]) == 2
    shown = capsys.readouterr()
    assert "GITHUB_TOKEN" in shown.out
    assert TOKEN not in shown.out + shown.err


def test_a_broken_configuration_is_one_finding_among_all(
    db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("faultlore.toml").write_text("x = [\n")
    assert cli(["doctor", "--offline"]) == 2
    out, err = capsys.readouterr()
    assert "configuration: faultlore.toml:1: is not valid TOML" in out
    assert "database: which one is not known" in out
    assert "disk:" in out
    assert err == ""
    assert cli(["doctor", "--offline", "--db", str(db)]) == 2
    assert "integrity: sound" in capsys.readouterr().out
