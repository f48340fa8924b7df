"""A whole run: harvest, mine, timelines of what was found, mine again, export, report.

Each step commits as it goes, so a run may be killed at any moment; the next one goes on from there
and its report tells what both brought. A repository that fails does not stop the run: what arrived
is mined and exported, and the exit status says that something is left.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kb import runs, sql
from kb.curation import Curation, read_curation
from kb.errors import FaultloreError
from kb.notes.formats import format_named
from kb.notes.options import Options
from kb.query.stats import doubtful_mentions
from kb.settings import Config, Judge
from kb.store import Store, explain_sqlite
from miner.endings import Interrupted
from miner.harvest.access import HarvestOptions
from miner.harvest.github import What, harvest
from miner.harvest.progress import HarvestReport, Progress, RepoReport, failed_as_new
from miner.nightly.log import log
from miner.pipeline import mine
from miner.versions import stage_versions


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do: the configuration, and its tables of harvest and export as a command
    and the environment have them.
    """

    config: Config
    harvest: HarvestOptions
    export: Options
    workers: int | None = None

    def curation(self) -> Curation | None:
        """A person's decisions. Raises `BadInputError` for a file with a mistake, or none."""
        path = self.config.curation_file
        return read_curation(path) if path else None

    def folder(self, kind: str) -> Path:
        """Where a format of the export is written."""
        return self.config.resolve(self.export.out) / format_named(kind).folder


@dataclass(slots=True)
class Stage:
    """A stage of a run: what went in and what came out, as docs/how-to/nightly.md says; seconds."""

    name: str
    taken: int = 0
    made: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class NightReport:
    """What a run did. `unread`: threads that a stage could not read; they stay to be done.
    `doubtful`: main errors near the confidence from which they belong to an entry.

    `outcome`: done (everything), partial (a repository or thread failed, the next run tries it
    again), failed (an error that a person must see to) or interrupted (by a signal, cleanly). What
    was killed says nothing; the next run finds it.
    """

    run_id: int
    started_at: str
    ended_at: str = ""
    outcome: str = "done"
    exit_status: int = 0
    stopped: str | None = None
    repos: list[dict[str, Any]] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    new_entries: int = 0
    changed_entries: int = 0
    merged_entries: int = 0
    unread: list[str] = field(default_factory=list)
    judge: dict[str, Any] | None = None
    doubtful: list[dict[str, Any]] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    changes: runs.Changes = field(default_factory=lambda: runs.Changes(documents={}))

    @property
    def requests(self) -> int:
        return sum(repo["requests"] for repo in self.repos)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Repositories whose failure a person should see."""
        return [repo for repo in self.repos if failed_as_new(repo)]

    @property
    def continued(self) -> list[dict[str, Any]]:
        """Repositories with which the next run goes on, when the rate limit allows."""
        return [repo for repo in self.repos if repo["paused"]]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "requests": self.requests}


def nightly(store: Store, plan: Plan, progress: Progress | None = None) -> NightReport:
    """Runs everything; the run and its report become rows of `store`, which is open for writing
    (that is the lock).

    Raises `FaultloreError` for what a person must see to (a full disk, a curation file with a
    mistake) and `Interrupted` at a signal; both are in the run's row then, and what was done before
    is kept.
    """
    rules = stage_versions()
    report = NightReport(0, plan.harvest.now, rules=rules)
    try:
        report.run_id = runs.begin(store, "nightly", report.started_at, rules)
        many = len(plan.harvest.repos)
        log(logging.INFO, "run started", run=report.run_id, repos=many, rules=rules)
        _Night(store, plan, report, progress or _Logged()).run()
    except sqlite3.Error as error:
        known = explain_sqlite(error, store.path)
        _give_up(store, report, plan.harvest.now, known)
        raise known from error
    except (Interrupted, Exception) as error:
        _give_up(store, report, plan.harvest.now, error)
        raise
    return report


def _give_up(store: Store, report: NightReport, at: str, error: BaseException) -> None:
    """Says in the run's row how it ended, if the database still takes it."""
    level, report.outcome, text = logging.ERROR, "failed", f"{type(error).__name__}: {error}"
    if isinstance(error, Interrupted):
        level, report.outcome, text = logging.WARNING, "interrupted", f"{error} received"
    elif isinstance(error, FaultloreError):
        text = str(error)
    report.ended_at, report.exit_status = at, getattr(error, "exit_status", 2)
    facts = {"reason": text, "exit_status": report.exit_status}
    log(level, f"run {report.outcome}", run=report.run_id, **facts)
    with suppress(sqlite3.Error):
        if store.connection.in_transaction:
            sql.write(store.connection, "file.roll_back")
        if report.run_id:
            runs.finish(store, report.as_dict(), text)


@dataclass(slots=True)
class _Night:
    store: Store
    plan: Plan
    report: NightReport
    progress: Progress
    harvested: HarvestReport = field(default_factory=HarvestReport)
    manifests: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self) -> None:
        self._harvest("harvest", "news", self.plan.harvest.repos)
        self._mine("")
        fine = [repo.repo for repo in self.harvested.repos if not repo.failure]
        # who closed the threads in which an error was found just now
        asks = fine and not self.report.stopped
        if asks and self._harvest("timelines", "timelines", fine):
            self._mine(" again")
        if self.plan.config.judge.model:
            self._ask_second_reader(self.plan.config.judge)
        self._export()
        self._finish()

    # ------------------------------------------------------------------ GitHub

    def _harvest(self, name: str, what: What, repos: Sequence[str]) -> int:
        """Harvests, and keeps what all harvests of the run did; how much this one brought."""
        found = self.harvested
        requests, news = found.requests, found.news
        with self._stage(name) as stage:
            harvest(self.store, repos, self.plan.harvest, self.progress, found, what=what)
            stage.taken, stage.made = found.requests - requests, found.news - news
            self.report.stopped = found.stopped
            self.report.repos = [repo.as_row() for repo in found.repos]
            runs.keep_repos(self.store, self.report.run_id, self.report.repos)
        return stage.made

    # ------------------------------------------------------------------ mining

    def _mine(self, mark: str) -> None:
        taken: dict[str, int] = {}

        def progress(stage: str, done: int, total: int) -> None:
            taken[stage] = max(taken.get(stage, 0), total)
            self.progress.mining(stage, done, total)

        plan = self.plan
        mined = mine(
            self.store,
            plan.curation(),
            now=plan.harvest.now,
            workers=plan.workers,
            confidence=plan.config.publish.confidence,
            progress=progress,
        )
        self.report.unread += mined.failed
        for line in mined.failed:
            log(logging.WARNING, "thread not read", thread=line)
        grouped = mined.group
        facts = {
            "detect": (mined.threads, mined.mentions),
            "group": (grouped.signatures, grouped.changed) if grouped else (0, 0),
            "claims": (taken.get("claims", 0), mined.claims),
            "entries": (taken.get("entries", 0), taken.get("entries", 0)),
        }
        for name, seconds in mined.seconds.items():
            self._keep_stage(Stage(name + mark, *facts[name], seconds))
        if grouped is not None:
            self.report.new_entries += grouped.new
            self.report.changed_entries += grouped.changed
            self.report.merged_entries += grouped.merged

    def _ask_second_reader(self, settings: Judge) -> None:
        """Has a language model judge what the built-in one is not sure of, and mines its answers.
        Whatever is wrong with it, the night goes on without it and says so.
        """
        from miner.judge.run import Client, judge

        with self._stage("judge") as stage:
            try:
                found = judge(self.store, Client(settings), self.plan.harvest.now)
            except FaultloreError as error:
                self.report.judge = {"model": settings.model, "stopped": str(error)}
                log(logging.WARNING, "second reader not asked", reason=str(error))
                return
            stage.taken, stage.made = found.requests, found.judged
        self.report.judge = {"model": settings.model, **asdict(found)}
        if found.stopped:
            log(logging.WARNING, "second reader stopped", reason=found.stopped, left=found.left)
        if found.judged:
            self._mine(" after judging")

    # ------------------------------------------------------------------ documents

    def _export(self) -> None:
        """Writes the documents. What nothing changed for is not rendered again."""
        from kb.notes.export import export_again, prepare, settle, what_stands
        from kb.notes.folder import read_manifest
        from kb.notes.outline import made_once

        plan, connection = self.plan, self.store.connection
        folders = {kind: plan.folder(kind) for kind in plan.export.formats}
        if any(
            format_named(kind).needs_addresses
            and not what_stands(connection, kind, folder, plan.export)
            for kind, folder in folders.items()
        ):
            prepare(self.store, plan.export)
        settle(self.store)
        with made_once():
            for kind, folder in folders.items():
                with self._stage(f"export {kind}") as stage:
                    done = export_again(self.store, kind, folder, plan.export)
                    stage.taken = len(done.written) + done.unchanged + len(done.kept)
                    stage.made = len(done.written) + len(done.removed)
                    for name in done.kept:
                        log(logging.WARNING, "changed by hand and kept", file=str(folder / name))
                    self.manifests[kind] = manifest = read_manifest(folder).files
                    compared = runs.compare_documents(connection, kind, manifest, done.kept)
                    self.report.changes["documents"][kind] = compared

    # ------------------------------------------------------------------ the end

    def _finish(self) -> None:
        report = self.report
        report.changes |= runs.compare(self.store.connection)
        report.doubtful = doubtful_mentions(self.store.connection, runs.LISTED)
        report.ended_at = self.plan.harvest.now
        if report.failures or report.unread or report.continued:
            report.outcome = "partial"
            report.exit_status = 3 if report.failures else 2 if report.unread else 0
        failures = [f"{r['repo']}: {r['failure']}" for r in (*report.failures, *report.continued)]
        runs.finish(self.store, report.as_dict(), "; ".join(failures) or None, self.manifests)
        # readers begin at the database, not at a long log; one that reads right now keeps it, and
        # the next run tries again
        sql.ask(self.store.connection, "file.empty_log").fetchall()
        level = logging.INFO if report.outcome == "done" else logging.WARNING
        facts = {"exit_status": report.exit_status, "requests": report.requests}
        log(level, f"run {report.outcome}", run=report.run_id, **facts)

    @contextmanager
    def _stage(self, name: str) -> Iterator[Stage]:
        stage = Stage(name)
        start = time.perf_counter()
        yield stage
        stage.seconds = time.perf_counter() - start
        self._keep_stage(stage)

    def _keep_stage(self, stage: Stage) -> None:
        stage.seconds = round(stage.seconds, 3)
        self.report.stages.append(stage)
        facts: dict[str, Any] = {"taken": stage.taken, "made": stage.made, "seconds": stage.seconds}
        runs.keep_stage(self.store, self.report.run_id, stage.name, **facts)
        log(logging.INFO, "stage done", stage=stage.name, **facts)


class _Logged(Progress):
    """A harvest's progress as events of the log; a warning is told once a run."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = False

    def page(
        self, repo: str, stream: str, items: int, requests: int, left: int | None, of: int | None
    ) -> None:
        facts = {"items": items, "requests": requests, "remaining": left, "expected": of}
        log(logging.DEBUG, "page stored", repo=repo, stream=stream, **facts)

    def waiting(self, seconds: float, why: str) -> None:
        if seconds and not self._waiting:
            log(logging.INFO, "waiting", seconds=seconds, why=why)
        self._waiting = bool(seconds)

    def repo_done(self, report: RepoReport) -> None:
        row = report.as_row()
        log(logging.WARNING if failed_as_new(row) else logging.INFO, "repository done", **row)

    def warn(self, text: str) -> None:
        log(logging.WARNING, text)
