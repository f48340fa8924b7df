"""The stages on a Dask cluster: equal, row by row, to this machine, whatever happens to workers."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Nanny, Scheduler, SpecCluster

import miner.dask_crew
from kb.errors import BadInputError
from kb.store import Store
from miner.dask_crew import DaskCrew
from miner.harvest.files import import_files
from miner.pipeline import mine
from miner.versions import stage_versions
from tests.conftest import ROOT
from tests.support.cli import faultlore

THREADS = 16
NOW = "2026-01-01T00:00:00Z"


@contextmanager
def cluster() -> Iterator[SpecCluster]:
    """A scheduler in this process and two worker processes, one of them without memory: it is up,
    paused, and takes nothing.
    """
    common = {"nthreads": 1, "dashboard": False, "host": "127.0.0.1"}
    memory = ({"memory_limit": "2GB"}, {"memory_limit": "40MB"})
    workers = {i: {"cls": Nanny, "options": {**common, **one}} for i, one in enumerate(memory)}
    scheduler = {"cls": Scheduler, "options": {"dashboard": False, "port": 0, "host": "127.0.0.1"}}
    with (
        dask.config.set({"distributed.worker.memory.terminate": False}),
        SpecCluster(workers=workers, scheduler=scheduler, silence_logs=50) as one,
    ):
        _await_pause(one)
        yield one


def _await_pause(one: SpecCluster) -> None:
    """Until the scheduler knows that the worker without memory is paused, so that which of the two
    is killed at work does not hang on who was up first.
    """
    for _ in range(600):
        if [worker.status.name for worker in one.scheduler.workers.values()].count("paused") == 1:
            return
        time.sleep(0.05)
    raise AssertionError("no worker is paused")


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but for the times of migrations."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        return {
            name: sorted(map(tuple, connection.execute(f"select * from [{name}]")), key=repr)
            for (name,) in names
            if not name.startswith(("_sqlite", "entry_search_"))
        }


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The demo threads, and the same mined on this machine."""
    folder = tmp_path_factory.mktemp("whole")
    raw, mined = folder / "raw.db", folder / "mined.db"
    lines = [line for one in sorted((ROOT / "data" / "demo").glob("*.jsonl"))
             for line in one.read_text(encoding="utf-8").splitlines(keepends=True)]  # fmt: skip
    chosen = folder / "threads.jsonl"
    chosen.write_text("".join(lines[:: len(lines) // THREADS]), encoding="utf-8")
    for path in (raw, mined):
        with Store.open(path) as store:
            import_files(store, [chosen])
    with Store.open(mined) as store:
        assert mine(store, now=NOW, workers=1).failed == []
    return raw, mined


def copied(path: Path, folder: Path) -> Path:
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(folder / "kb.db")) as other:
        one.backup(other)
    return folder / "kb.db"


@pytest.mark.xdist_group("dask")
def test_a_cluster_makes_the_same_rows_though_one_worker_is_killed_and_one_is_starved(
    imported: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, mined = imported
    # as a large base would: everything is handed out, in small parts
    monkeypatch.setattr("kb.matching.blocking.SPREAD_FROM", 2)
    monkeypatch.setattr("kb.matching.blocking.SPREAD", 20)
    monkeypatch.setattr("kb.matching.blocking.JUDGED", 20)
    monkeypatch.setattr("miner.cluster.CUT_FROM", 2)
    monkeypatch.setattr("miner.cluster.CUT", 3)
    monkeypatch.setattr(miner.dask_crew, "PARTITION", 4)
    monkeypatch.setattr(miner.dask_crew, "PATIENCE", 0.5)
    path = copied(raw, tmp_path)
    killed: list[int] = []
    with cluster() as workers, Store.open(path) as store:
        with DaskCrew(path, workers.scheduler_address) as crew:
            about = crew._client.scheduler_info(n_workers=-1)["workers"].values()
            assert sorted(one["status"] for one in about) == ["paused", "running"]

        def kill(stage: str, done: int, total: int) -> None:
            if stage == "detect" and done and not killed:
                killed.append(workers.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)

        monkeypatch.setattr("miner.pipeline.BATCH", 4)
        report = mine(
            store, now=NOW, engine=DaskCrew(path, workers.scheduler_address), progress=kill
        )
    assert report.failed == []
    assert killed
    assert rows(path) == rows(mined)


class _Waiting:
    """A job's result that does not come while `left` is above 0."""

    key, cancelled = "job", False

    def __init__(self, left: int) -> None:
        self.left = left

    def result(self, timeout: float) -> str:
        if self.left:
            self.left -= 1
            raise TimeoutError
        return "from the cluster"

    def cancel(self) -> None:
        self.cancelled = True


class _Client:
    """What a crew asks of a scheduler with one worker that has one job."""

    def __init__(self, status: str, left: int) -> None:
        self.status, self.job = status, _Waiting(left)

    def submit(self, *job: object, pure: bool) -> _Waiting:
        return self.job

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {"tcp://one": {"status": self.status}}}

    def processing(self) -> dict[str, tuple[str, ...]]:
        return {"tcp://one": ("job",)}

    def nthreads(self) -> dict[str, int]:
        return {"tcp://one": 1}

    def cancel(self, futures: list[_Waiting]) -> None:
        assert futures == []


@pytest.mark.parametrize(
    ("status", "left", "found"),
    [("paused", 9, "4"), ("running", 3, "from the cluster"), ("paused", 0, "from the cluster")],
)
def test_a_job_that_lies_with_a_paused_worker_is_done_here(
    status: str, left: int, found: str
) -> None:
    crew = DaskCrew(Path("kb.db"), "tcp://none")
    client = crew._client = _Client(status, left)
    assert list(crew.spread(str, [4])) == [found]
    assert client.job.cancelled is (found == "4")


def test_what_is_no_scheduler_is_said_to_be_none(
    imported: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(miner.dask_crew, "SECONDS_TO_CONNECT", 1)
    path = copied(imported[0], tmp_path)
    with pytest.raises(BadInputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 "):
        DaskCrew(path, "tcp://127.0.0.1:9").__enter__()
    status, _, err = faultlore(capsys, "mine", "--engine", "dask", "--db", str(path))
    assert (status, "--engine dask --scheduler" in err) == (2, True)


def test_a_worker_with_other_rules_is_refused() -> None:
    with pytest.raises(BadInputError, match="another version of faultlore"):
        miner.dask_crew.run_on_slice(len, b"", [], {"detect": "other"})  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="another version of faultlore"):
        miner.dask_crew.run_on_job(len, "job", {"detect": "other"})
    assert miner.dask_crew.run_on_job(len, "job", stage_versions()) == 3
