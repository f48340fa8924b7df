"""Signals that end a program: every command that writes ends cleanly, and says so in one line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.store import connect_readonly
from kb.verify import verify_database
from miner.cli import COMMANDS, WRITING, run
from miner.endings import Interrupted, ending_cleanly
from tests.support.nightly_runs import threads

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    """A command in a process group of its own, as a terminal or a service has."""
    return subprocess.Popen(
        [sys.executable, "-m", "miner", *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT), "GITHUB_TOKEN": "x"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(found: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not found() and process.poll() is None:
        time.sleep(0.02)


def said(process: subprocess.Popen[str]) -> list[str]:
    _, err = process.communicate(timeout=60)
    return [line for line in err.splitlines() if line.startswith("faultlore") or "Warn" in line]


def count(db: Path, table: str) -> int:
    with contextlib.closing(connect_readonly(db)) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_mining_with_workers_ends_cleanly_though_all_of_the_group_get_the_signal(
    number: signal.Signals, tmp_path: Path
) -> None:
    file, db = tmp_path / "threads.jsonl", tmp_path / "kb.db"
    file.write_text("".join(json.dumps(thread) + "\n" for thread in threads(500)))
    assert run(["import", str(file), "--db", str(db)]) == 0
    process = start("mine", "--workers", "2", "--db", str(db))
    wait_for(lambda: count(db, "mention") > 0, process)
    os.killpg(process.pid, number)
    assert said(process) == [
        f"faultlore: stopped by {number.name}; what was done is kept,"
        " and the next run goes on from there"
    ]
    assert process.returncode == 128 + number
    assert 0 < count(db, "dirty") < 1000
    assert run(["mine", "--workers", "1", "--db", str(db)]) == 0
    with contextlib.closing(connect_readonly(db)) as connection:
        assert verify_database(connection) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_harvest_that_waits_ends_at_once(number: signal.Signals, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = start("harvest", "a/b", "--api-url", url, "--db", str(tmp_path / "kb.db"))
        silent.settimeout(60)
        asked, _ = silent.accept()
        process.send_signal(number)
        lines = said(process)
        asked.close()
    assert lines == [
        f"faultlore: stopped by {number.name}; what was done is kept,"
        " and the next run goes on from there"
    ]
    assert process.returncode == 128 + number


def test_every_command_is_known_to_write_or_only_to_read() -> None:
    reading = {"init", "query", "search", "show", "history", "explain", "signature", "stats"}
    reading |= {"trends", "serve", "mcp", "verify", "curate", "review", "doctor"}
    assert WRITING | reading == set(COMMANDS)
    assert not WRITING & reading


class _HitWhenItGoes:
    """The signal arrives while this is finalized, where Python drops what is raised."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_meets_a_finalizer_is_not_lost() -> None:
    with pytest.raises(Interrupted) as caught, ending_cleanly():
        one = _HitWhenItGoes()
        del one
        threading.Event().wait(5)  # at most, until it is raised again
    assert caught.value.exit_status == 128 + signal.SIGTERM
