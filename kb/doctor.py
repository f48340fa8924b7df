"""The health of a knowledge base and of what a run needs: each finding with what to do about it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kb import sql
from kb.config import CONFIG_NAME, find_config
from kb.errors import FaultloreError
from kb.query.stats import doubtful_mentions
from kb.rows import waiting as count_waiting
from kb.runs import last_runs
from kb.schema import SCHEMA_VERSION
from kb.store import WAL_BYTES, check_file, connect_readonly, unsound, writer_of
from kb.text import counted

if TYPE_CHECKING:
    from kb.settings import Config

DOCS = "https://faultlore.github.io/faultlore"
MIN_FREE_BYTES = 1 << 30
MAX_SKEW = 60.0
"""Seconds by which this machine's clock may differ from GitHub's."""
STALE_HOURS = 48
"""A scheduler that runs nightly has failed twice by then."""
EXPIRES_DAYS = 14
READING = frozenset(
    ("read:org read:user read:project read:packages repo:status user:email public_repo").split()
)
"""Scopes of a classic token that are no reason to make another one."""


class Finding(NamedTuple):
    """One check: what was found and, where it is not in order, the remedy."""

    check: str
    ok: bool
    found: str
    remedy: str = ""


class GitHubState(NamedTuple):
    """What GitHub says to this token. `reset_at`: ISO 8601; `scopes`: of a classic token, None for
    others; `expires`: as GitHub writes it; `skew`: this machine's clock minus GitHub's, seconds
    (None: not measured); `failure`: why there was no answer.
    """

    limit: int | None = None
    remaining: int | None = None
    reset_at: str | None = None
    scopes: tuple[str, ...] | None = None
    expires: str | None = None
    skew: float | None = None
    failure: str | None = None


def examine(
    path: Path | None,
    token_source: Callable[[Config], str | None],
    versions: Mapping[str, str],
    ask: Callable[[Config], GitHubState] | None = None,
    now: datetime | None = None,
) -> list[Finding]:
    """Every finding about a database file (None: only the configuration would name it, and cannot
    be read), the configuration in the current folder, the token, GitHub, clock and disk.

    `token_source`: where the token for the configuration's API is from, None if there is none.
    `versions`: the rules' version of each stage of this program. `ask`: asks GitHub (None: it is
    not asked, and no token is wanted).
    """
    config, findings = _configuration()
    findings += [
        _token(config, token_source, needed=ask is not None),
        _disk(path or Path(CONFIG_NAME)),
    ]
    if ask is not None:
        findings += _github(ask(config), len(config.harvest.repos))
    if path is None:
        remedy = "mend the configuration, or name the file with --db"
        return [*findings, Finding("database", False, "which one is not known", remedy)]
    try:
        version = check_file(path, must_exist=True)
    except FaultloreError as error:
        found, _, remedy = error.said_in("cli").partition("; ")
        remedy = remedy or "name another file with --db"
        return [*findings, Finding("database", False, found, remedy)]
    later = "" if version == SCHEMA_VERSION else "; migrated when it is next opened"
    found = f"{path}, schema {version} of {SCHEMA_VERSION}{later}"
    findings.append(Finding("database", True, found))
    if version == SCHEMA_VERSION:
        try:
            with closing(connect_readonly(path)) as connection:
                findings += _contents(connection, versions)
                findings += _runs(connection, path, now or datetime.now(UTC))
        except (FaultloreError, sqlite3.Error) as error:
            findings.append(Finding("integrity", False, str(error), "restore a backup"))
    return findings


def _or_remedy(check: str, ok: bool, found: str, remedy: str) -> Finding:
    """A finding whose remedy counts only where it is not in order."""
    return Finding(check, ok, found, "" if ok else remedy)


def _configuration() -> tuple[Config, list[Finding]]:
    """The configuration of the current folder, and what is found of it and of its curation file."""
    from kb.curation import read_curation

    try:
        config = find_config()
    except FaultloreError as error:
        from kb.settings import Config

        return Config(), [Finding("configuration", False, str(error), "mend that file")]
    found = f"no {CONFIG_NAME} here, defaults are used; 'faultlore init' writes one"
    if config.path is not None:
        found = f"{config.path}, {counted(len(config.harvest.repos), 'repository', 'repositories')}"
    findings = [Finding("configuration", True, found)]
    if path := config.curation_file:
        try:
            decided = f"{path}, {len(read_curation(path).decisions)} decisions"
            findings.append(Finding("curation", True, decided))
        except FaultloreError as error:
            findings.append(Finding("curation", False, str(error), "mend that file"))
    return config, findings


def _github(state: GitHubState, repos: int) -> Iterator[Finding]:
    if state.failure is not None:
        remedy = "fix this, or run 'faultlore doctor --offline'"
        yield Finding("GitHub", False, state.failure, remedy)
        return
    if state.limit is not None and state.remaining is not None:
        left = f"{state.remaining:,} of {state.limit:,} requests left"
        left += f", all again at {state.reset_at}" if state.reset_at else ""
        remedy = f"a run without news takes {2 * repos:,}: wait until then, or use a token"
        yield _or_remedy("rate limit", state.remaining > 2 * repos, left, remedy)
    scopes, remedy = "none named: a fine-grained token, one of GitHub Actions, or no token", ""
    if state.scopes is not None:
        none = "none: reads public repositories only, which is enough"
        scopes = ", ".join(sorted(state.scopes)) or none
        if wide := sorted(set(state.scopes) - READING):
            scopes = f"{', '.join(wide)}: more than reading"
            remedy = (
                "public repositories need no scope at all; a token that can do less does less harm"
                " when it is lost"
            )
    yield Finding("scopes", True, scopes, remedy)
    if state.expires is not None:
        yield _expiry(state.expires)
    skew = state.skew or 0.0
    found = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} GitHub's"
    found = "that of GitHub" if abs(skew) < 1 else found
    if state.skew is None:
        found = "not compared: GitHub's answer does not say its time"
    remedy = "set this machine's clock (NTP): dates of runs and waits at the rate limit are wrong"
    yield _or_remedy("clock", abs(skew) <= MAX_SKEW, found, remedy)


def _expiry(expires: str) -> Finding:
    try:
        moment = datetime.fromisoformat(expires.replace(" UTC", "+00:00"))
        days = (moment - datetime.now(UTC)).total_seconds() / 86_400
    except (ValueError, TypeError):
        return Finding("token expires", True, expires)
    found = f"{expires}, in {days:.0f} days"
    return _or_remedy("token expires", days > EXPIRES_DAYS, found, "make a new one before that")


def _token(
    config: Config, token_source: Callable[[Config], str | None], *, needed: bool
) -> Finding:
    try:
        source = token_source(config)
    except FaultloreError as error:
        return Finding("token", False, str(error))
    if source is not None:
        return Finding("token", True, f"from {source}")
    none = "none; GitHub allows 60 requests an hour without"
    return _or_remedy("token", not needed, none, "set GITHUB_TOKEN, or run 'gh auth login'")


def _disk(path: Path) -> Finding:
    folder = path.resolve().parent
    if not folder.is_dir():
        return Finding("disk", False, f"{folder} does not exist", "make it")
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):.1f} GiB free in {folder}"
    remedy = "free some space: a run needs room to write"
    return _or_remedy("disk", free >= MIN_FREE_BYTES, found, remedy)


def _contents(connection: sqlite3.Connection, versions: Mapping[str, str]) -> Iterator[Finding]:
    problem = unsound(connection)
    yield _or_remedy("integrity", not problem, problem or "sound", "restore a backup")
    counts = sql.first(connection, "file.counts")
    contents = "{} threads, {} comments, {} entries, {} claims".format(*counts)
    yield Finding("contents", True, contents)
    waiting = count_waiting(connection)
    found = f"{waiting} threads wait for a stage" if waiting else "none"
    yield _or_remedy("work left", not waiting, found, "run 'faultlore mine'")
    stored = dict(sql.ask(connection, "work.stage_versions").fetchall())
    outdated = sorted(stage for stage, version in versions.items() if stored.get(stage) != version)
    current = not outdated or not stored or not counts[0]
    found = "current" if current else f"older in {', '.join(outdated)}"
    remedy = "run 'faultlore mine': it reads all threads anew, without the network"
    yield _or_remedy("rules", current, found, remedy)
    doubtful = [
        f"{row['repo']}#{row['number']}, confidence {row['confidence']:.2f}: {row['text']}"
        for row in doubtful_mentions(connection)
    ]
    near = f"near the threshold: {'; '.join(doubtful)}" if doubtful else "none"
    yield Finding("doubtful errors", True, near)


def _runs(connection: sqlite3.Connection, path: Path, now: datetime) -> Iterator[Finding]:
    yield _last_run([r for r in last_runs(connection, 50) if r["command"] == "nightly"], path, now)
    log = path.with_name(path.name + "-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > 4 * WAL_BYTES:
        remedy = (
            "a program has been reading for long (serve, a notebook?): end it; the next run"
            " shortens the log"
        )
        yield Finding("log", False, f"{log.name} has {size / (1 << 20):,.0f} MiB", remedy)
    remedy = "take it out of faultlore.toml if it stays so; the next run tries again"
    for row in sql.ask(connection, "harvest.failed_repos"):
        yield Finding("repository", False, f"{row[0]}: {row[1]} ({row[2]})", remedy)


def _last_run(runs: list[dict[str, object]], path: Path, now: datetime) -> Finding:
    if not runs:
        found = f"none yet; a scheduler runs 'faultlore nightly': {DOCS}/how-to/nightly/"
        return Finding("last run", True, found)
    last = runs[0]
    started = str(last["started_at"])
    if last["ended_at"] is None and last["outcome"] is None:
        if writer_of(path) == last["process"]:
            return Finding("last run", True, f"going on since {started}, process {last['process']}")
        found = f"that of {started} was killed; nothing is lost"
        return Finding("last run", False, found, "run 'faultlore nightly' again")
    outcome = f"{started}: {last['outcome']}" + (f", {last['failure']}" if last["failure"] else "")
    if last["outcome"] not in ("done", "partial"):
        return Finding("last run", False, outcome, "fix that and run 'faultlore nightly' again")
    done = any(run["outcome"] == "done" for run in runs)
    if last["outcome"] == "partial" and not done and last["exit_status"]:
        return Finding("last run", False, outcome, "see its report; the next run tries again")
    hours = (now - datetime.fromisoformat(started)).total_seconds() / 3600
    if hours > STALE_HOURS:
        found = f"{outcome}, {hours:.0f} hours ago"
        return Finding("last run", False, found, "look whether the scheduler still runs")
    return Finding("last run", True, outcome)
