"""The matrix of faults: whatever goes wrong in a run, the next one ends with the database of an
undisturbed run, row by row.

Each fault meets a nightly run - harvest, mine, timelines, export - over 210 threads on a GitHub on
loopback.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import store as store_module
from kb.errors import BadInputError, LockedError
from kb.runs import last_runs
from kb.store import Store, connect_readonly
from miner.endings import Interrupted
from tests.support.cli import Patch
from tests.support.github_server import GitHubServer
from tests.support.nightly_runs import (
    REPOS,
    THREADS,
    ForkServer,
    QuickClock,
    content,
    differences,
    documents,
    run,
    threads,
)

TRIALS, PARTS, KILLS = 17, 4, 3
"""Each trial kills a run, the one that takes it up, and the next: 51 kills in all, spread over the
whole run.
"""


class Undisturbed:
    """What a run without faults leaves: rows and documents; seconds and requests it took."""

    def __init__(self, folder: Path, seconds: float, requests: int) -> None:
        self.rows = content(folder / "kb.db")
        self.documents = documents(folder)
        self.seconds = seconds
        self.requests = requests

    def check(self, folder: Path) -> None:
        """The same rows in the same tables, and the same files."""
        found = content(folder / "kb.db")
        assert differences(found, self.rows) == {}, (
            "rows only here, rows only in the undisturbed run"
        )
        assert documents(folder) == self.documents


@pytest.fixture(scope="session")
def nursery() -> Iterator[ForkServer]:
    with ForkServer() as nursery:
        yield nursery


@pytest.fixture
def clock(monkeypatch: Patch) -> QuickClock:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return QuickClock()


@pytest.fixture
def server(clock: QuickClock) -> Iterator[GitHubServer]:
    with GitHubServer(threads(), clock=clock.time) as server:
        yield server


@pytest.fixture(scope="session")
def undisturbed(nursery: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    with GitHubServer(threads(), clock=QuickClock().time) as server:
        ended = nursery.run(_steady(server), folder)
        requests = len(server.requests)
    assert ended.status == 0
    return Undisturbed(folder, ended.seconds, requests)


def _steady(server: GitHubServer) -> str:
    """The server's address; what it sends names no port: two servers send the same bytes."""
    server.public = "http://api.test"
    return server.url


def outcomes(folder: Path) -> list[str | None]:
    with contextlib.closing(connect_readonly(folder / "kb.db")) as connection:
        return [row["outcome"] for row in last_runs(connection, 99)]


def integrity(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "kb.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert (
            connection.execute("select count(*) from pragma_foreign_key_check").fetchone()[0] == 0
        )


# ---------------------------------------------------------------------- killed


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_moment_nothing_is_lost_or_doubled(
    part: int, nursery: ForkServer, server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """A run is killed at a random moment, the next two at random moments of what is left, the
    fourth ends.
    """
    rng = random.Random(part)
    length, kills, runs = undisturbed.seconds, 0, 0
    for trial in range(part, TRIALS, PARTS):
        folder = tmp_path / str(trial)
        folder.mkdir()
        share = (trial + rng.random()) / TRIALS
        after, left = [share], 1 - share
        for _ in range(KILLS - 1):
            after.append(left * rng.random())
            left -= after[-1]
        while after:
            ended = nursery.run(_steady(server), folder, after=after[0] * length)
            runs += 1
            # a signal that meets a run that is through kills nothing
            if ended.signalled and ended.status != 0:
                assert ended.status == -signal.SIGKILL
                kills += 1
                after.pop(0)
            elif runs < 2 * KILLS * TRIALS // PARTS:
                # it was through already: this machine is less busy than it was
                length *= 0.8
                shutil.rmtree(folder)
                folder.mkdir()
            else:
                break
        assert nursery.run(_steady(server), folder).status == 0
        integrity(folder)
        undisturbed.check(folder)
        shutil.rmtree(folder)
    assert kills >= KILLS * (TRIALS // PARTS) - 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_cleanly_within_five_seconds(
    number: signal.Signals,
    nursery: ForkServer,
    server: GitHubServer,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    stopped = 0
    for share in (0.15, 0.5, 0.7):
        ended = nursery.run(
            _steady(server), tmp_path, after=share * undisturbed.seconds, signal=number
        )
        if ended.signalled and ended.status == 0:
            # it was through when the signal came: what it says of itself and leaves must be that of
            # a whole run
            assert ended.seconds < 0.5
            undisturbed.check(tmp_path)
        elif ended.signalled:
            assert ended.status == 128 + number
            assert ended.seconds < 5
            stopped += 1
    assert stopped
    with contextlib.closing(connect_readonly(tmp_path / "kb.db")) as connection:
        told = [row for row in last_runs(connection) if row["outcome"] == "interrupted"]
    assert all(
        row["ended_at"] and row["exit_status"] == 128 + number and number.name in row["failure"]
        for row in told
    )
    assert nursery.run(_steady(server), tmp_path).status == 0
    undisturbed.check(tmp_path)


def test_a_wait_at_the_rate_limit_is_ended_by_a_signal(
    nursery: ForkServer, server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    server.faults.at[3] = "secondary"
    server.retry_after = 600
    ended = nursery.run(
        _steady(server),
        tmp_path,
        after=undisturbed.seconds * 0.4 + 0.5,
        signal=signal.SIGTERM,
        real_clock=True,
    )
    assert (ended.status, ended.signalled) == (128 + signal.SIGTERM, True)
    assert ended.seconds < 5
    assert nursery.run(_steady(server), tmp_path).status == 0
    undisturbed.check(tmp_path)


BUSY = """
import os, signal, sqlite3, sys
from miner.endings import Interrupted, ending_cleanly
with ending_cleanly(grace=0.5):
    print("ready", flush=True)
    sqlite3.connect(":memory:").execute(
        "with recursive n(i) as (select 1 union all select i + 1 from n)"
        " select max(i) from n limit 1").fetchone()
"""


def test_a_computation_that_sees_no_signal_is_ended_the_hard_way() -> None:
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    # the statement holds the interpreter and cannot say that it has begun: its work tells
    before = _ticks(process.pid)
    while _ticks(process.pid) < before + 10:
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=30) == 128 + signal.SIGTERM  # it would never end
    process.stdout.close()


POOL = """
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from miner.workers import follow_parent
from tests.support.cli import Patch
if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=follow_parent) as pool:
        pool.submit(abs, 1).result()
        print(*pool._processes, flush=True)
        time.sleep(60)
"""


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(POOL, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    workers = [int(word) for word in process.stdout.readline().split()]
    assert workers
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 5
    while any(_alive(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_alive(pid) for pid in workers)


def _ticks(pid: int) -> int:
    """Processor time that a process has used, in hundredths of a second."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_file_that_was_killed_before_its_first_table_is_still_ours(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    from kb import schema

    killed = (_ for _ in ()).throw
    monkeypatch.setattr(schema, "read_text", lambda name: killed(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        Store.open(tmp_path / "kb.db")
    monkeypatch.undo()
    Store.open(tmp_path / "kb.db").close()


# ---------------------------------------------------------------------- GitHub


def _every(**faults: int):
    def make(server: GitHubServer) -> None:
        server.faults.every = {period: kind.replace("_", "-") for kind, period in faults.items()}

    return make


def _primary_limit(server: GitHubServer) -> None:
    server.limit, server.limit_window = 12, 300.0


def _slow(server: GitHubServer) -> None:
    server.faults.every = {6: "slow"}


def _redirects(server: GitHubServer) -> None:
    """Renamed after a few requests, under the old name in the configuration."""

    def rename(server: GitHubServer, count: int) -> None:
        if count == 2:
            server.rename(REPOS[0], "lantern/command-line")

    server.before = rename


FAULTS = {
    "every 7th 502": _every(**{"502": 7}),
    "every 11th dropped": _every(drop=11),
    "every 13th cut": _every(cut=13),
    "502, dropped and cut together": lambda server: server.faults.every.update(
        {7: "502", 11: "drop", 13: "cut"}
    ),
    "web pages and half documents": _every(html=4, cut_json=9),
    "secondary limits and busy": _every(secondary=9, secondary_bare=10, **{"429": 8, "503": 7}),
    "the primary limit in the middle": _primary_limit,
    "slow": _slow,
    "redirects": _redirects,
}


SILENT = ("slow", "redirects")
"""Faults that cost no request: lists are asked for by the repository's number."""


@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_wrong_on_the_way_leaves_no_trace(
    name: str, server: GitHubServer, clock: QuickClock, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    FAULTS[name](server)
    report = run(_steady(server), tmp_path, clock=clock)
    assert report.exit_status == 0
    assert len(server.requests) > undisturbed.requests or clock.slept or name in SILENT
    if name == "redirects":
        # stored under the name that was asked for; another run is told the new one, and one more
        # finds all as it is
        assert run(_steady(server), tmp_path, clock=clock).outcome == "done"
        found = content(tmp_path / "kb.db")
        assert len(found["thread"]) == THREADS
        assert run(_steady(server), tmp_path, clock=clock).outcome == "done"
        assert differences(content(tmp_path / "kb.db"), found) == {}
    else:
        undisturbed.check(tmp_path)


def test_a_repository_that_fails_is_said_and_mended_by_the_next_run(
    server: GitHubServer, clock: QuickClock, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    server.repo(REPOS[1]).status = 404
    report = run(_steady(server), tmp_path, clock=clock)
    assert (report.outcome, report.exit_status) == ("partial", 3)
    assert [repo["repo"] for repo in report.failures] == [REPOS[1]]
    assert sum(repo["issues_new"] for repo in report.repos) == THREADS * 2 // 3
    server.repo(REPOS[1]).status = 200
    report = run(_steady(server), tmp_path, clock=clock)
    assert (report.outcome, report.exit_status) == ("done", 0)
    # what GitHub sent and what is said of it is the same; ids were given in another order
    names = "thread comment raw event claims evidence mentions entries aliases".split()
    found = content(tmp_path / "kb.db")
    assert differences({n: found[n] for n in names}, {n: undisturbed.rows[n] for n in names}) == {}
    integrity(tmp_path)


def test_a_server_that_cannot_be_reached_stops_the_harvest_not_the_run(
    server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    run(_steady(server), tmp_path)
    report = run("http://127.0.0.1:9", tmp_path)
    assert (report.outcome, report.exit_status) == ("partial", 3)
    assert report.stopped
    assert [stage.name for stage in report.stages][-3:] == [
        "export note",
        "export page",
        "export candidates",
    ]
    assert run(_steady(server), tmp_path).outcome == "done"
    undisturbed.check(tmp_path)


# ---------------------------------------------------------------------- disk, locks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB, which a run fills."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
        )
        if shutil.which("mount")
        else None
    )
    if done is None or done.returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_the_run_after_it_ends(
    server: GitHubServer, undisturbed: Undisturbed, small_disk: Path
) -> None:
    with pytest.raises(BadInputError, match=r"disk is full|No space left"):
        run(_steady(server), small_disk)
    integrity(small_disk)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert run(_steady(server), small_disk).outcome == "done"
    undisturbed.check(small_disk)


def test_a_quota_is_said_and_the_run_after_it_ends(
    server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path, monkeypatch: Patch
) -> None:
    begin = Store._begin

    def limited(self: Store) -> None:
        self.connection.execute("pragma max_page_count = 150")
        begin(self)

    monkeypatch.setattr(Store, "_begin", limited)
    with pytest.raises(BadInputError, match="disk is full"):
        run(_steady(server), tmp_path)
    monkeypatch.undo()
    integrity(tmp_path)
    assert run(_steady(server), tmp_path).outcome == "done"
    undisturbed.check(tmp_path)


def test_a_reader_that_holds_the_database_disturbs_nothing(
    server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    Store.open(tmp_path / "kb.db").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "kb.db", isolation_level=None)) as reader:
        reader.execute("begin")
        assert reader.execute("select count(*) from thread").fetchone()[0] == 0
        assert run(_steady(server), tmp_path).outcome == "done"
        assert reader.execute("select count(*) from thread").fetchone()[0] == 0
    undisturbed.check(tmp_path)


def test_another_program_that_writes_is_waited_for_then_named_as_the_reason(
    server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path, monkeypatch: Patch
) -> None:
    Store.open(tmp_path / "kb.db").close()
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.6)
    with contextlib.closing(sqlite3.connect(tmp_path / "kb.db", isolation_level=None)) as writer:
        writer.execute("begin immediate")
        with pytest.raises(LockedError, match="another process is using this database"):
            run(_steady(server), tmp_path)
        writer.execute("rollback")
    assert run(_steady(server), tmp_path).outcome == "done"
    undisturbed.check(tmp_path)


def test_two_runs_at_once_one_leaves_and_names_the_other(
    nursery: ForkServer, server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    asked = threading.Event()
    server.before = lambda server, count: asked.set()
    ended = []
    first = threading.Thread(target=lambda: ended.append(nursery.run(_steady(server), tmp_path)))
    first.start()
    assert asked.wait(30)
    with pytest.raises(LockedError, match=r"process \d+"):
        run(_steady(server), tmp_path)
    with Store.open(tmp_path / "kb.db", wait=60):  # and one that waits gets its turn
        pass
    first.join()
    assert ended[0].status == 0
    undisturbed.check(tmp_path)


def test_a_reader_waits_while_a_writer_migrates(tmp_path: Path, monkeypatch: Patch) -> None:
    from kb import schema

    real, begun = schema.migrate, threading.Event()

    def slowly(db: object) -> None:
        begun.set()
        time.sleep(0.5)  # what a large database takes: the reader below comes in the middle of it
        real(db)  # type: ignore[arg-type]

    (tmp_path / "kb.db").touch()
    monkeypatch.setattr(store_module, "migrate", slowly)
    writer = threading.Thread(target=lambda: Store.open(tmp_path / "kb.db").close())
    writer.start()
    assert begun.wait(10)
    with contextlib.closing(connect_readonly(tmp_path / "kb.db")) as reader:
        assert reader.execute("select count(*) from entries").fetchone()[0] == 0
    writer.join()


def test_queries_during_a_run_neither_fail_nor_wait(
    nursery: ForkServer, server: GitHubServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    from kb.query.knowledge import KnowledgeBase

    Store.open(tmp_path / "kb.db").close()
    ended = []
    night = threading.Thread(target=lambda: ended.append(nursery.run(_steady(server), tmp_path)))
    asked = 0
    night.start()
    while night.is_alive():
        with KnowledgeBase(tmp_path / "kb.db") as base:
            base.query("Error: 401 User not found.")
        asked += 1
        time.sleep(0.05)
    night.join()
    assert ended[0].status == 0
    assert asked >= 5
    undisturbed.check(tmp_path)


# ---------------------------------------------------------------------- documents


def test_an_export_that_was_killed_is_not_taken_for_a_persons_work(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    from kb.notes import folder

    folder.write_folder(tmp_path, {"a.md": "1", "b.md": "1", "c.md": "1"})
    real, count = os.replace, 0

    def killed(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count == 3:  # the manifest, one file, and then no more
            raise Interrupted(signal.SIGTERM)
        real(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(Interrupted):
        folder.write_folder(tmp_path, {"a.md": "2", "b.md": "2", "d.md": "2"})
    monkeypatch.undo()
    assert (tmp_path / "a.md").read_text() == "2"
    (tmp_path / "b.md").write_text("a person's")
    report = folder.write_folder(tmp_path, {"a.md": "3", "b.md": "3"})
    assert (report.written, report.kept, report.removed) == (["a.md"], ["b.md"], ["c.md"])
    assert (tmp_path / "b.md").read_text() == "a person's"
    again = folder.write_folder(tmp_path, {"a.md": "3", "b.md": "3"})
    assert (again.written, again.kept) == ([], ["b.md"])


def test_half_a_file_of_a_killed_export_goes_when_its_writer_must_be_dead(tmp_path: Path) -> None:
    from kb.notes import folder

    folder.write_folder(tmp_path, {"a.md": "1"})
    old, fresh = tmp_path / ".faultlore-abc", tmp_path / ".faultlore-def"
    for path in (old, fresh):
        path.write_text("half")
    os.utime(old, (time.time() - 120, time.time() - 120))
    folder.write_folder(tmp_path, {"a.md": "1"})
    assert (old.exists(), fresh.exists()) == (False, True)
    assert (tmp_path / folder.MANIFEST).exists()
