"""The health of a knowledge base and of what a run needs: each finding with what to do about it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.config import CONFIG_NAME, Config, find_config
from kb.errors import FaultloreError
from kb.schema import SCHEMA_VERSION
from kb.store import check_file, connect_readonly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MIN_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found and, where it is not in order, the remedy."""

    check: str
    ok: bool
    found: str
    remedy: str = ""


def examine(path: Path, find_token: Callable[[str], tuple[str, str] | None], versions: Mapping[str, str]) -> list[Finding]:
    """Every finding about a database file, the configuration in the current folder, the token and the disk.

    `find_token` takes the API's address and returns `(token, source)`; the token is never shown.
    `versions`: the rules' version of each stage of this program.
    """
    config, finding = _configuration()
    findings = [finding, _token(config, find_token), _disk(path)]
    try:
        version = check_file(path, must_exist=True)
    except FaultloreError as error:
        return [*findings, Finding("database", False, str(error), "name the right file with --db, or make one with 'faultlore import'")]
    schema = f"schema {version} of {SCHEMA_VERSION}"
    findings.append(
        Finding("database", True, f"{path}, {schema}" + ("" if version == SCHEMA_VERSION else "; migrated when it is next opened"))
    )
    if version == SCHEMA_VERSION:
        findings += _contents(path, versions)
    return findings


def _configuration() -> tuple[Config, Finding]:
    try:
        config = find_config()
    except FaultloreError as error:
        return Config(), Finding("configuration", False, str(error), "mend that line")
    if config.path is None:
        return config, Finding("configuration", True, f"no {CONFIG_NAME} here, defaults are used; 'faultlore init' writes one")
    return config, Finding("configuration", True, f"{config.path}, {len(config.harvest.repos)} repositories")


def _token(config: Config, find_token: Callable[[str], tuple[str, str] | None]) -> Finding:
    try:
        found = find_token(config.harvest.api_url or "https://api.github.com")
    except FaultloreError as error:
        return Finding("token", False, str(error))
    if found is None:
        return Finding("token", False, "none; GitHub allows 60 requests an hour without", "set GITHUB_TOKEN, or run 'gh auth login'")
    return Finding("token", True, f"from {found[1]}")


def _disk(path: Path) -> Finding:
    folder = path.resolve().parent
    if not folder.is_dir():
        return Finding("disk", False, f"{folder} does not exist", "make it")
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):.1f} GiB free in {folder}"
    return Finding("disk", free >= MIN_FREE_BYTES, found, "" if free >= MIN_FREE_BYTES else "free some space: a run needs room to write")


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
        waiting = connection.execute("select count(*) from dirty").fetchone()[0]
        stored = dict(connection.execute("select stage, version from rules").fetchall())
    except sqlite3.Error as error:
        return [Finding("integrity", False, str(error), "restore a backup")]
    finally:
        connection.close()
    sound = not problems and not broken
    damage = "; ".join(problems) or f"{broken} rows refer to rows that are not there"
    outdated = sorted(stage for stage, version in versions.items() if stored.get(stage) != version)
    return [
        Finding("integrity", sound, "sound" if sound else damage, "" if sound else "restore a backup"),
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
            "current" if not outdated else f"older in {', '.join(outdated)}",
            "run 'faultlore mine': it reads all threads anew, without the network" if outdated and counts[0] else "",
        ),
    ]
