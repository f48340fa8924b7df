"""Chains the stages: threads -> mentions -> entries -> claims, each on what changed since.

A stage's work list is the table `dirty`; a thread leaves it in the transaction that stores what the
stage made of it, so a run that is killed goes on where it was. When the version of a stage's rules
changes, all threads become dirty for that stage and those after it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import dropwhile, islice
from typing import Any

from kb import sql
from kb.claim_groups import corroborate, grade
from kb.curation import Curation, unknown_claim
from kb.errors import FaultloreError
from kb.models import Claim, Mention, Thread, ThreadKey
from kb.rows import STAGES, dirty_threads, mark_threads, replace_claims, thread_mentions
from kb.store import Store, load_thread
from miner.authors.roles import record, signs_of_thread
from miner.cluster import group
from miner.cluster.entries import refresh_entries
from miner.cluster.ids import GroupReport
from miner.cluster.mentions import replace_mentions
from miner.detect import detect
from miner.extract.decisions import decided, decisions_of, remember, set_published
from miner.extract.model import load
from miner.extract.references import Link, links_of
from miner.extract.sources import context_of, readers_of, sources_for, with_sources, write_links
from miner.judge.questions import answers_about, verdict_on_texts
from miner.judge.reading import claims_with_second_reader
from miner.posts import ParsedThread
from miner.versions import stage_versions
from miner.workers import Crew, TooSlowError, collect_rarely, cpu_limit, seconds_for, size_of

BATCH = 128
"""Threads a transaction: small enough that a killed run loses seconds."""


@dataclass(slots=True)
class MineReport:
    """What a run of the stages did; `failed`: threads that a stage could not read, still dirty."""

    threads: int = 0
    mentions: int = 0
    claims: int = 0
    group: GroupReport | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def mine(
    store: Store,
    curation: Curation | None = None,
    *,
    now: str,
    workers: int | None = None,
    engine: Crew | None = None,
    confidence: float | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> MineReport:
    """Runs every stage on what changed. `now` dates the log of merges and splits; `workers`
    defaults to the processors, `engine` to so many processes of this machine, `confidence` (from
    which claims are published) to the model's own. `progress` is called with stage, done and total
    (0: not known), at a stage's start too.
    """
    report = MineReport()
    _renew_outdated(store)
    with collect_rarely(), engine or Crew(store.path, store.connection, workers) as crew:
        with _timed(report, "detect"):
            _run_stage(store, crew, "detect", _store_detected, report, progress)
        with _timed(report, "group"):
            progress("group", 0, 0)
            report.group = group(store, curation, now, crew.spread)
        with _timed(report, "claims"):
            with store.transaction() as connection:
                unknown = remember(connection, curation)
            if unknown and not dirty_threads(store.connection, "claims"):
                raise unknown_claim(curation or Curation(), unknown[0])
            _run_stage(store, crew, "claims", _store_claims, report, progress)
            if unknown:
                # claims that a database made anew has only now
                with store.transaction() as connection:
                    unknown = remember(connection, curation)
                _run_stage(store, crew, "claims", _store_claims, report, progress)
            least = load().thresholds.publish if confidence is None else confidence
            with store.transaction() as connection:
                set_published(connection, least)
    _left.clear()
    with _timed(report, "entries"):
        _finish_entries(store, progress)
    if unknown:
        raise unknown_claim(curation or Curation(), unknown[0])
    return report


@contextmanager
def _timed(report: MineReport, stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    report.seconds[stage] = time.perf_counter() - start


def _renew_outdated(store: Store) -> None:
    """Makes every thread dirty for a stage whose rules changed, and for those after it."""
    stored = dict(sql.ask(store.connection, "work.stage_versions").fetchall())
    versions = stage_versions()
    outdated = list(dropwhile(lambda stage: stored.get(stage) == versions[stage], STAGES))
    if not outdated:
        return
    with store.transaction() as connection:
        for stage in outdated:
            sql.write(connection, "work.mark_all_threads", stage)
            now = (stage, versions[stage])
            sql.write(connection, "work.put_stage_version", *now)


# ---------------------------------------------------------------- a stage over its dirty threads


def _run_stage(
    store: Store,
    crew: Crew,
    stage: str,
    keep: Callable[[sqlite3.Connection, Any, MineReport], None],
    report: MineReport,
    progress: Callable[[str, int, int], None],
) -> None:
    """Runs one stage on its dirty threads, in their order, and stores what comes of them in
    batches. Workers go on reading while a batch is stored.
    """
    keys = dirty_threads(store.connection, stage)
    done = 0
    progress(stage, 0, len(keys))
    results = _told(crew.run(WORK[stage], keys), lambda one: progress(stage, one, len(keys)))
    while batch := list(islice(results, BATCH)):
        finished = keys[done : done + len(batch)]
        with store.transaction() as connection:
            for result in batch:
                if isinstance(result, Failure):
                    repo, number = result.key
                    report.failed.append(f"{repo}#{number}: {stage}: {result.reason}")
                    finished.remove(result.key)
                elif result is not None:
                    keep(connection, result, report)
            done_keys = [(stage, *key) for key in finished]
            sql.write_many(connection, "work.clean_thread", done_keys)
        done += len(batch)


def _told(results: Iterator[Any], tell: Callable[[int], None]) -> Iterator[Any]:
    """The results as they come in, and how many so far is told for each."""
    for done, result in enumerate(results, start=1):
        tell(done)
        yield result


@dataclass(frozen=True, slots=True)
class Failure:
    """A thread that a stage could not read."""

    key: ThreadKey
    reason: str


@dataclass(frozen=True, slots=True)
class Detected:
    """What the first stage makes of a thread, which comes with the comments that hold mentions, and
    without texts; `signs`: of posts that may be repeated elsewhere (`miner.authors.roles`).
    """

    thread: Thread
    mentions: list[Mention] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the claims stage makes of a thread, which comes without comments and texts."""

    thread: Thread
    claims: list[Claim] = field(default_factory=list)


def _without_texts(thread: Thread, mentions: Sequence[Mention] = ()) -> Thread:
    """What storing needs to know of a thread: no texts, and only comments with mentions."""
    places = {mention.comment_id for mention in mentions}
    comments = tuple(c._replace(body="") for c in thread.comments if c.comment_id in places)
    return replace(thread, title="", body="", comments=comments, events=())


def _made_of(
    make: Callable[[sqlite3.Connection, Thread], Detected | Claimed],
    nothing: Callable[[Thread], Detected | Claimed],
    connection: sqlite3.Connection,
    key: ThreadKey,
) -> Detected | Claimed | Failure | None:
    """What a stage makes of one stored thread, in the time that its length allows: nothing of one
    that GitHub no longer has.
    """
    try:
        thread = load_thread(connection, *key)
        if thread is None:
            return None
        if sql.first(connection, "threads.is_gone", *key):  # nobody could check what it says
            return nothing(_without_texts(thread))
        with cpu_limit(seconds_for(thread)):
            return make(connection, thread)
    except Exception as error:
        # one thread must not stop the night; it stays dirty and is reported
        ours = isinstance(error, FaultloreError | sqlite3.Error | OSError)
        if ours or os.environ.get("FAULTLORE_DEBUG"):
            raise
        name = "" if isinstance(error, TooSlowError) else f"{type(error).__name__}: "
        return Failure(key, f"{name}{error}")


LEFT = 500
"""Threads that the first stage leaves parsed in its process, for the last one,"""
LEFT_SIZE = 10_000
"""of those with so many characters at most: some 60 MB at the very most, as measured."""
_left: dict[ThreadKey, ParsedThread] = {}


def _detected(connection: sqlite3.Connection, thread: Thread) -> Detected:
    whole = ParsedThread(thread)
    if len(_left) < LEFT and size_of(thread) <= LEFT_SIZE:
        _left[thread.key] = whole
    mentions = detect(whole, verdict_on_texts(connection))
    kept = _without_texts(thread, mentions)
    return Detected(kept, mentions, links_of(whole), signs_of_thread(whole))


def _claimed(connection: sqlite3.Connection, thread: Thread) -> Claimed:
    left = _left.pop(thread.key, None)
    mentions = thread_mentions(connection, thread)
    # any issue may hold causes and fixes, a pull request only with an error; the claims of an issue
    # without an error's text wait for one, and no document shows them
    if thread.kind != "issue" and not any(mention.counted for mention in mentions):
        return Claimed(_without_texts(thread))
    whole = left if left and left.thread == thread else ParsedThread(thread)
    sources = sources_for(connection, whole)
    answers = answers_about(connection, f"{thread.repo}#{thread.number}")
    claims = claims_with_second_reader(whole, mentions, context_of(sources), answers)
    return Claimed(_without_texts(thread), with_sources(claims, sources))


WORK = {
    "detect": partial(_made_of, _detected, Detected),
    "claims": partial(_made_of, _claimed, Claimed),
}
"""What each stage makes of one thread, given a connection to read by and the thread's key."""


def _store_detected(connection: sqlite3.Connection, result: Detected, report: MineReport) -> None:
    thread = result.thread
    replace_mentions(connection, thread, result.mentions)
    # what a thread's claims are worth depends on the threads it links to, before and now, and on
    # posts repeated elsewhere
    touched = {thread.key} | record(connection, thread.key, result.signs)
    touched |= readers_of(connection, thread, result.links)
    write_links(connection, thread, result.links)
    touched |= readers_of(connection, thread, result.links)
    mark_threads(connection, ("claims",), touched)
    report.threads += 1
    report.mentions += len(result.mentions)


def _store_claims(connection: sqlite3.Connection, result: Claimed, report: MineReport) -> None:
    thread, claims = result.thread, result.claims
    if decisions_of(connection, thread):
        claims = decided(connection, load_thread(connection, *thread.key) or thread, claims)
    replace_claims(connection, thread, claims)
    report.claims += len(result.claims)


# ---------------------------------------------------------------- entries


def _finish_entries(store: Store, progress: Callable[[str, int, int], None]) -> None:
    """Corroborates, grades and counts the entries that anything above touched."""
    entry_ids = sql.column(store.connection, "work.entries")
    for start in range(0, len(entry_ids), BATCH):
        batch = entry_ids[start : start + BATCH]
        with store.transaction() as connection:
            for entry_id in batch:
                corroborate(connection, entry_id)
                graded = (grade(connection, entry_id), entry_id)
                sql.write(connection, "entries.set_grade", *graded)
            refresh_entries(connection, batch)
            sql.write_many(connection, "work.clean_entry", [(one,) for one in batch])
        progress("entries", start + len(batch), len(entry_ids))
    store.tidy(len(entry_ids))
