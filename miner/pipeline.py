"""Chains the stages: threads -> mentions -> entries -> claims, each on what changed since it last
ran.

A stage's work list is the table `dirty`; a thread leaves it in the transaction that stores what the
stage made of it, so a run that is killed goes on where it was. When the version of a stage's rules
changes, all threads become dirty for that stage and those after it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from kb.claim_groups import corroborate
from kb.errors import FaultloreError
from kb.grade import grade
from kb.rows import replace_claims, thread_mentions
from kb.store import load_threads
from miner import detect as detect_stage
from miner.authors.duplicates import record
from miner.cluster import GroupReport, group, refresh_entries
from miner.cluster.mentions import replace_mentions
from miner.extract import RULES_VERSION as CLAIMS_VERSION
from miner.extract import find_claims
from miner.extract.references import links_of
from miner.extract.sources import context_of, readers_of, sources_for, with_sources, write_links
from miner.harvest.threads import STAGES
from miner.workers import TooSlowError, cpu_limit, follow_parent, seconds_for, start_tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb.curation import Curation
    from kb.models import Claim, Mention, Thread
    from kb.store import Store
    from miner.extract.references import Link
    from miner.extract.sources import Sources

    Key = tuple[str, int]

BATCH = 128
"""Threads a transaction: small enough that a killed run loses seconds."""
POOL_FROM = 300
"""From this many dirty threads on, starting worker processes (about a second) pays."""


@dataclass(slots=True)
class MineReport:
    """What a run of the stages did. `failed` holds threads that a stage could not read; they stay
    dirty.
    """

    threads: int = 0
    mentions: int = 0
    claims: int = 0
    group: GroupReport | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


Progress = "Callable[[str, int, int], None]"
"""Called with stage, done and total."""


def stage_versions() -> dict[str, str]:
    """The version of each thread-reading stage's rules, as kept in table `rules`."""
    return {"detect": detect_stage.RULES_VERSION, "claims": CLAIMS_VERSION}


def mine(
    store: Store,
    curation: Curation | None = None,
    *,
    now: str,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> MineReport:
    """Runs every stage on what changed. `now` dates the log of merges and splits; `workers`
    defaults to the processors.
    """
    report = MineReport()
    _renew_outdated(store)
    with _timed(report, "detect"):
        _run_stage(store, "detect", _detect_one, _store_detected, report, workers, progress)
    with _timed(report, "group"):
        report.group = group(store, curation, now)
    with _timed(report, "claims"):
        _run_stage(store, "claims", _claims_one, _store_claims, report, workers, progress)
    with _timed(report, "entries"):
        _finish_entries(store, progress)
    return report


@contextmanager
def _timed(report: MineReport, stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    report.seconds[stage] = time.perf_counter() - start


def _renew_outdated(store: Store) -> None:
    """Makes every thread dirty for a stage whose rules changed, and for those after it."""
    stored = dict(store.connection.execute("select stage, version from rules").fetchall())
    versions = stage_versions()
    outdated = next(
        (i for i, stage in enumerate(STAGES) if stored.get(stage) != versions[stage]), None
    )
    if outdated is None:
        return
    with store.transaction() as connection:
        for stage in STAGES[outdated:]:
            connection.execute(
                (
                    "insert or ignore into dirty (stage, repo, number) select ?, repo, number "
                    "from thread"
                ),
                (stage,),
            )
            connection.execute(
                "insert or replace into rules (stage, version) values (?, ?)",
                (stage, versions[stage]),
            )


# ---------------------------------------------------------------- a stage over its dirty threads


def _dirty_batch(connection: sqlite3.Connection, stage: str, after: Key) -> list[Key]:
    rows = connection.execute(
        (
            "select repo, number from dirty where stage = ? and (repo, number) > (?, ?) order by "
            "repo, number limit ?"
        ),
        (stage, *after, BATCH),
    )
    return [(row["repo"], row["number"]) for row in rows]


def _run_stage(
    store: Store,
    stage: str,
    work: Callable[[Any], Any],
    keep: Callable[[sqlite3.Connection, Any, MineReport], None],
    report: MineReport,
    workers: int | None,
    progress: Callable[[str, int, int], None],
) -> None:
    total = store.connection.execute(
        "select count(*) from dirty where stage = ?", (stage,)
    ).fetchone()[0]
    if not total:
        return
    after: Key = ("", 0)
    done = 0
    with _mapper(total, workers) as run:
        while keys := _dirty_batch(store.connection, stage, after):
            after = keys[-1]
            gone = _gone(store.connection, keys)
            jobs = [
                _job(store.connection, stage, thread)
                for thread in load_threads(store.connection, [k for k in keys if k not in gone])
            ]
            results = [
                *run(work, jobs),
                *map(_EMPTY[stage], load_threads(store.connection, sorted(gone))),
            ]
            with store.transaction() as connection:
                finished = set(keys)
                for result in results:
                    if isinstance(result, Failure):
                        report.failed.append(
                            f"{result.key[0]}#{result.key[1]}: {stage}: {result.reason}"
                        )
                        finished.discard(result.key)
                    else:
                        keep(connection, result, report)
                connection.executemany(
                    "delete from dirty where stage = ? and repo = ? and number = ?",
                    [(stage, *k) for k in finished],
                )
            done += len(keys)
            progress(stage, done, total)


@contextmanager
def _mapper(
    jobs: int, workers: int | None
) -> Iterator[Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]]:
    """A function that maps a stage over jobs, in order; in worker processes where the number of
    jobs makes that pay.
    """
    count = workers if workers is not None else min(os.cpu_count() or 1, 8)
    if count < 2 or jobs < POOL_FROM:
        yield lambda work, batch: [work(job) for job in batch]
        return
    start_tracker()
    # spawn, not fork: a forked child would share the open database
    with ProcessPoolExecutor(
        max_workers=count, mp_context=get_context("spawn"), initializer=follow_parent
    ) as pool:

        def run(work: Callable[[Any], Any], batch: Sequence[Any]) -> list[Any]:
            try:
                return list(pool.map(work, batch, chunksize=8))
            except BrokenProcessPool:
                why = (
                    "a worker process was killed, perhaps because memory ran out; what was done "
                    "is kept"
                )
                raise FaultloreError(f"{why}. Run it again with --workers 1") from None

        try:
            yield run
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # what is not begun is not waited for
            raise


@dataclass(frozen=True, slots=True)
class Failure:
    """A thread that a stage could not read."""

    key: Key
    reason: str


@dataclass(frozen=True, slots=True)
class Detected:
    """What the first stage makes of a thread."""

    thread: Thread
    mentions: list[Mention]
    links: list[Link]


@dataclass(frozen=True, slots=True)
class ClaimJob:
    """A thread with what judging its claims needs from elsewhere in the database."""

    thread: Thread
    mentions: list[Mention]
    sources: Sources


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the claims stage makes of a thread."""

    thread: Thread
    claims: list[Claim]


_EMPTY: dict[str, Callable[[Thread], Any]] = {
    "detect": lambda thread: Detected(thread, [], []),
    "claims": lambda thread: Claimed(thread, []),
}
"""What a stage makes of a thread that GitHub no longer has: nothing, since nobody could check a
quote of it. A transferred one is counted where it is now.
"""


def _gone(connection: sqlite3.Connection, keys: Sequence[Key]) -> set[Key]:
    values = ",".join(["(?, ?)"] * len(keys))
    rows = connection.execute(
        (
            f"select repo, number from thread where gone_at is not null and (repo, number) in "
            f"(values {values})"
        ),
        [v for key in keys for v in key],
    )
    return {(row["repo"], row["number"]) for row in rows}


def _job(connection: sqlite3.Connection, stage: str, thread: Thread) -> Any:
    if stage == "detect":
        return thread
    return ClaimJob(thread, thread_mentions(connection, thread), sources_for(connection, thread))


def _failure(thread: Thread, error: Exception) -> Failure:
    if isinstance(error, FaultloreError | sqlite3.Error | OSError) or os.environ.get(
        "FAULTLORE_DEBUG"
    ):
        raise error
    name = "" if isinstance(error, TooSlowError) else f"{type(error).__name__}: "
    return Failure(thread.key, f"{name}{error}")


def _detect_one(thread: Thread) -> Detected | Failure:
    try:
        with cpu_limit(seconds_for(thread)):
            return Detected(thread, detect_stage.detect(thread), links_of(thread))
    except Exception as error:  # noqa: BLE001 - one thread must not stop the night; it stays dirty and is reported
        return _failure(thread, error)


def _claims_one(job: ClaimJob) -> Claimed | Failure:
    try:
        if not _may_hold_claims(job):
            return Claimed(job.thread, [])
        with cpu_limit(seconds_for(job.thread)):
            claims = find_claims(job.thread, job.mentions, context_of(job.sources))
            return Claimed(job.thread, with_sources(claims, job.sources))
    except Exception as error:  # noqa: BLE001 - as above
        return _failure(job.thread, error)


def _may_hold_claims(job: ClaimJob) -> bool:
    """Whether a thread may hold causes and fixes: any issue, and pull requests that report an
    error.

    An issue without an error's text (a picture, a symptom in words) has no entry; its claims wait
    for one, and no document shows them until then.
    """
    return job.thread.kind == "issue" or any(mention.counted for mention in job.mentions)


def _store_detected(connection: sqlite3.Connection, result: Detected, report: MineReport) -> None:
    replace_mentions(connection, result.thread, result.mentions)
    # what a thread's claims are worth depends on the threads it links to and on posts repeated
    # elsewhere
    touched = (
        readers_of(connection, result.thread, result.links)
        | record(connection, result.thread)
        | {result.thread.key}
    )
    write_links(connection, result.thread, result.links)
    touched |= readers_of(connection, result.thread, result.links)
    connection.executemany(
        "insert or ignore into dirty (stage, repo, number) values ('claims', ?, ?)", sorted(touched)
    )
    report.threads += 1
    report.mentions += len(result.mentions)


def _store_claims(connection: sqlite3.Connection, result: Claimed, report: MineReport) -> None:
    replace_claims(connection, result.thread, result.claims)
    report.claims += len(result.claims)


# ---------------------------------------------------------------- entries


def _finish_entries(store: Store, progress: Callable[[str, int, int], None]) -> None:
    """Corroborates, grades and counts the entries that anything above touched."""
    rows = store.connection.execute("select entry_id from dirty_entry order by entry_id").fetchall()
    entry_ids = [row["entry_id"] for row in rows]
    for start in range(0, len(entry_ids), BATCH):
        batch = entry_ids[start : start + BATCH]
        with store.transaction() as connection:
            for entry_id in batch:
                corroborate(connection, entry_id)
                connection.execute(
                    "update entry set grade = ? where entry_id = ?",
                    (grade(connection, entry_id), entry_id),
                )
            refresh_entries(connection, batch)
            connection.executemany(
                "delete from dirty_entry where entry_id = ?", [(e,) for e in batch]
            )
        progress("entries", start + len(batch), len(entry_ids))
