"""The health of a knowledge base and of what a run needs: each finding with what to do about it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb.confidence import doubtful_mentions
from kb.config import CONFIG_NAME, find_config
from kb.dirty import waiting as count_waiting
from kb.errors import FaultloreError
from kb.runs import last_runs
from kb.schema import SCHEMA_VERSION
from kb.store import WAL_BYTES, check_file, connect_readonly, writer_of
from kb.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kb.settings import Config

MIN_FREE_BYTES = 1 << 30
MAX_SKEW = 60.0
"""Seconds by which this machine's clock may differ from GitHub's."""
STALE_HOURS = 48
"""A scheduler that runs nightly has failed twice by then."""
EXPIRES_DAYS = 14
READING = frozenset(
    {
        "read:org",
        "read:user",
        "public_repo",
        "repo:status",
        "read:project",
        "user:email",
        "read:packages",
    }
)
"""Scopes of a classic token that are no reason to make another one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found and, where it is not in order, the remedy."""

    check: str
    ok: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class GitHubState:
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
    path: Path,
    token_source: Callable[[Config], str | None],
    versions: Mapping[str, str],
    ask: Callable[[Config], GitHubState] | None = None,
    now: datetime | None = None,
) -> list[Finding]:
    """Every finding about a database file, the configuration in the current folder, the token,
    GitHub, clock and disk.

    `token_source`: where the token for the configuration's API is from, None if there is none.
    `versions`: the rules' version of each stage of this program. `ask`: asks GitHub (None: it is
    not asked, and no token is wanted).
    """
    config, finding = _configuration()
    findings = [
        finding,
        *_curation(config),
        _token(config, token_source, needed=ask is not None),
        _disk(path),
    ]
    if ask is not None:
        findings += _github(ask(config), len(config.harvest.repos))
    try:
        version = check_file(path, must_exist=True)
    except FaultloreError as error:
        return [
            *findings,
            Finding(
                "database",
                False,
                str(error),
                "name the right file with --db, or make one with 'faultlore import'",
            ),
        ]
    schema = f"schema {version} of {SCHEMA_VERSION}"
    findings.append(
        Finding(
            "database",
            True,
            f"{path}, {schema}"
            + ("" if version == SCHEMA_VERSION else "; migrated when it is next opened"),
        )
    )
    if version == SCHEMA_VERSION:
        findings += _contents(path, versions)
        findings += _runs(path, now or datetime.now(UTC))
    return findings


def _configuration() -> tuple[Config, Finding]:
    try:
        config = find_config()
    except FaultloreError as error:
        from kb.settings import Config

        return Config(), Finding("configuration", False, str(error), "fix that line")
    if config.path is None:
        return config, Finding(
            "configuration",
            True,
            f"no {CONFIG_NAME} here, defaults are used; 'faultlore init' writes one",
        )
    return config, Finding(
        "configuration",
        True,
        f"{config.path}, {counted(len(config.harvest.repos), 'repository', 'repositories')}",
    )


def _curation(config: Config) -> list[Finding]:
    from kb.curation import read_curation

    if config.curation is None:
        return []
    path = config.resolve(config.curation)
    try:
        decisions = read_curation(path).decisions
    except FaultloreError as error:
        return [Finding("curation", False, str(error), "fix that line")]
    return [Finding("curation", True, f"{path}, {len(decisions)} decisions")]


def _github(state: GitHubState, repos: int) -> list[Finding]:
    if state.failure is not None:
        return [
            Finding(
                "GitHub",
                False,
                state.failure,
                "fix this, or run 'faultlore doctor --offline'",
            )
        ]
    findings = []
    if state.limit is not None and state.remaining is not None:
        needed = 2 * repos
        enough = state.remaining > needed
        found = (
            f"{state.remaining:,} of {state.limit:,} requests left, all again at {state.reset_at}"
        )
        findings.append(
            Finding(
                "rate limit",
                enough,
                found,
                ""
                if enough
                else f"a run without news takes {needed:,}: wait until then, or use a token",
            )
        )
    findings.append(_scopes(state))
    if state.expires is not None:
        findings.append(_expiry(state.expires))
    findings.append(_clock(state.skew))
    return findings


def _clock(skew: float | None) -> Finding:
    if skew is None:
        return Finding("clock", True, "not compared: GitHub's answer does not say its time")
    if abs(skew) < 1:
        return Finding("clock", True, "that of GitHub")
    found = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} GitHub's"
    if abs(skew) <= MAX_SKEW:
        return Finding("clock", True, found)
    remedy = "set this machine's clock (NTP): dates of runs and waits at the rate limit are wrong"
    return Finding("clock", False, found, remedy)


def _scopes(state: GitHubState) -> Finding:
    if state.scopes is None:
        return Finding(
            "scopes", True, "none named: a fine-grained token, one of GitHub Actions, or no token"
        )
    wide = sorted(set(state.scopes) - READING)
    if not wide:
        return Finding(
            "scopes",
            True,
            ", ".join(sorted(state.scopes))
            or "none: reads public repositories only, which is enough",
        )
    remedy = (
        "public repositories need no scope at all; a token that can do less does less harm when "
        "it is lost"
    )
    return Finding("scopes", True, f"{', '.join(wide)}: more than reading", remedy)


def _expiry(expires: str) -> Finding:
    try:
        moment = datetime.fromisoformat(expires.replace(" UTC", "+00:00"))
        days = (moment - datetime.now(UTC)).total_seconds() / 86_400
    except (ValueError, TypeError):
        return Finding("token expires", True, expires)
    fine = days > EXPIRES_DAYS
    return Finding(
        "token expires",
        fine,
        f"{expires}, in {days:.0f} days",
        "" if fine else "make a new one before that",
    )


def _token(
    config: Config, token_source: Callable[[Config], str | None], *, needed: bool
) -> Finding:
    try:
        source = token_source(config)
    except FaultloreError as error:
        return Finding("token", False, str(error))
    if source is None:
        return Finding(
            "token",
            not needed,
            "none; GitHub allows 60 requests an hour without",
            "set GITHUB_TOKEN, or run 'gh auth login'" if needed else "",
        )
    return Finding("token", True, f"from {source}")


def _disk(path: Path) -> Finding:
    folder = path.resolve().parent
    if not folder.is_dir():
        return Finding("disk", False, f"{folder} does not exist", "make it")
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):.1f} GiB free in {folder}"
    return Finding(
        "disk",
        free >= MIN_FREE_BYTES,
        found,
        "" if free >= MIN_FREE_BYTES else "free some space: a run needs room to write",
    )


def _contents(path: Path, versions: Mapping[str, str]) -> list[Finding]:
    try:
        connection = connect_readonly(path)
    except (FaultloreError, sqlite3.Error) as error:
        return [Finding("integrity", False, str(error), "restore a backup")]
    try:
        problems = [row[0] for row in connection.execute("pragma quick_check(5)") if row[0] != "ok"]
        broken = connection.execute("select count(*) from pragma_foreign_key_check").fetchone()[0]
        counts = connection.execute(
            "select (select count(*) from thread), (select count(*) from comment),"
            " (select count(*) from entries), (select count(*) from claim)"
        ).fetchone()
        waiting = count_waiting(connection)
        stored = dict(connection.execute("select stage, version from stage_version").fetchall())
        doubtful = doubtful_mentions(connection)
    except sqlite3.Error as error:
        return [Finding("integrity", False, str(error), "restore a backup")]
    finally:
        connection.close()
    sound = not problems and not broken
    damage = "; ".join(problems) or f"{broken} rows refer to rows that are not there"
    outdated = sorted(stage for stage, version in versions.items() if stored.get(stage) != version)
    return [
        Finding(
            "integrity", sound, "sound" if sound else damage, "" if sound else "restore a backup"
        ),
        Finding("contents", True, "{} threads, {} comments, {} entries, {} claims".format(*counts)),
        Finding(
            "work left",
            not waiting,
            f"{waiting} threads wait for a stage" if waiting else "none",
            "run 'faultlore mine'" if waiting else "",
        ),
        Finding(
            "rules",
            not outdated or not counts[0],
            "current" if not outdated or not counts[0] else f"older in {', '.join(outdated)}",
            "run 'faultlore mine': it reads all threads anew, without the network"
            if outdated and counts[0]
            else "",
        ),
        Finding(
            "doubtful errors",
            True,
            "; ".join(
                f"{row['repo']}#{row['number']} {row['confidence']:.2f} {row['text']}"
                for row in doubtful
            )
            or "none",
        ),
    ]


def _runs(path: Path, now: datetime) -> list[Finding]:
    connection = connect_readonly(path)
    try:
        runs = [run for run in last_runs(connection, 50) if run["command"] == "nightly"]
        failing = connection.execute(
            "select repo, failure, failed_at from repo where failure is not null order by repo"
        ).fetchall()
    finally:
        connection.close()
    findings = [_last_run(runs, path, now), *_log_size(path)]
    for row in failing:
        remedy = "take it out of faultlore.toml if it stays so; the next run tries again"
        findings.append(
            Finding(
                "repository", False, f"{row['repo']}: {row['failure']} ({row['failed_at']})", remedy
            )
        )
    return findings


def _last_run(runs: list[dict[str, object]], path: Path, now: datetime) -> Finding:
    if not runs:
        return Finding(
            "last run",
            True,
            "none yet; a scheduler runs 'faultlore nightly': https://faultlore.github.io/faultlore/how-to/nightly/",
        )
    last = runs[0]
    started = str(last["started_at"])
    if last["ended_at"] is None and last["outcome"] is None:
        if writer_of(path) == last["process"]:
            return Finding("last run", True, f"going on since {started}, process {last['process']}")
        return Finding(
            "last run",
            False,
            f"that of {started} was killed; nothing is lost",
            "run 'faultlore nightly' again",
        )
    outcome = f"{started}: {last['outcome']}" + (f", {last['failure']}" if last["failure"] else "")
    if last["outcome"] not in ("done", "partial"):
        return Finding("last run", False, outcome, "fix that and run 'faultlore nightly' again")
    done = next((str(run["started_at"]) for run in runs if run["outcome"] == "done"), None)
    if last["outcome"] == "partial" and done is None and last["exit_status"]:
        return Finding("last run", False, outcome, "see its report; the next run tries again")
    hours = (now - datetime.fromisoformat(started)).total_seconds() / 3600
    if hours > STALE_HOURS:
        return Finding(
            "last run",
            False,
            f"{outcome}, {hours:.0f} hours ago",
            "look whether the scheduler still runs",
        )
    return Finding("last run", True, outcome)


def _log_size(path: Path) -> list[Finding]:
    log = path.with_name(path.name + "-wal")
    size = log.stat().st_size if log.exists() else 0
    if size <= 4 * WAL_BYTES:
        return []
    found = f"{log.name} has {size / (1 << 20):,.0f} MiB"
    return [
        Finding(
            "log",
            False,
            found,
            (
                "a program has been reading for long (serve, a notebook?): end it; the next run "
                "shortens the log"
            ),
        )
    ]
