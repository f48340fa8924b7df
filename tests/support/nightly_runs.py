"""A few hundred threads with errors, causes and fixes on a GitHub on loopback, and nightly runs
over them that can be killed.

Runs that are to be killed happen in a process of their own, forked from one (`ForkServer`) that has
loaded everything already: a kill is a real SIGKILL of a real process, at a fraction of the cost of
starting Python.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from kb.notes.folder import MANIFEST
from kb.notes.options import Options
from kb.settings import Config
from kb.store import Store
from miner.harvest.access import Access, HarvestOptions
from miner.nightly.run import NightReport, Plan, nightly
from tests.support.clocks import FakeClock

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
REPOS = ("lantern/cli", "lantern/desktop", "moss/bridge")
TOKEN = "ghp_NotARealTokenButOneThatMustNotShow2"
START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()

ERRORS = (
    'Error: 401 {"error":{"message":"User not found.","code":401}}',
    (
        "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'User not found.', "
        "'code': 401}}"
    ),
    "Error: connect ECONNREFUSED 127.0.0.1:11434",
    "ModuleNotFoundError: No module named 'lantern_core'",
    "Error: 429 Too Many Requests: rate limit reached for requests",
    "sqlite3.OperationalError: database is locked",
    "panic: runtime error: index out of range [3] with length 3",
    "TypeError: Cannot read properties of undefined (reading 'choices')",
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
    "Error: spawn npx ENOENT",
    "MCP error -32000: Connection closed",
    "CUDA error: out of memory",
)
ANSWERS = (
    (
        "This happens because the key was deleted on the provider's side.",
        "Create a new key and paste it into the settings.",
        "A new key fixed it, thanks!",
    ),
    (
        "It is caused by the daemon not running.",
        "Start the daemon before the editor.",
        "That did not help, same error.",
    ),
    (
        "The cause is a missing dependency in 1.4.",
        "Fixed in 1.4.2, please update.",
        "Confirmed, 1.4.2 works.",
    ),
    ("", "Same here.", "Any news?"),
)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(START + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _post(login: str, body: str, at: float, role: str = "NONE", **more: Any) -> Json:
    who = {"user": {"login": login}, "author_association": role}
    return {**more, **who, "body": body, "created_at": _at(at), "updated_at": _at(at)}


THREADS = 210


def threads(count: int = THREADS, seed: int = 8) -> list[Json]:
    """Threads of three repositories in the import format; half tell of an error, a third are
    answered, an eighth closed.
    """
    rng = random.Random(seed)
    made = []
    for index in range(count):
        repo = REPOS[index % len(REPOS)]
        number = index // len(REPOS) + 1
        error = ERRORS[rng.randrange(len(ERRORS))]
        at = index * 3000.0
        body = f"Please add dark mode {number}."
        if index % 2:
            body = f"### What happened?\n\nIt stopped in step {number}.\n\n```\n{error}\n```\n"
        title = error[:60] if index % 4 == 1 else f"It stops in step {number}"
        issue = _post(f"user{index % 41}", body, at, number=number, title=title)
        comments, events = [], []
        answers = ANSWERS[rng.randrange(len(ANSWERS))] if index // 3 % 3 == 1 else ()
        for place, text in enumerate(answers):
            if not text:
                continue
            at += 700
            who, role = ("keeper", "MEMBER") if place < 2 else (f"user{(index + 7) % 41}", "NONE")
            comments.append(_post(who, text, at, role, id=10_000 + index * 10 + place))
        if index % 8 == 1:
            at += 60
            issue |= {"state": "closed", "state_reason": "completed", "closed_at": _at(at)}
            closing = {"event": "closed", "id": 900_000 + index, "created_at": _at(at)}
            events.append({**closing, "actor": {"login": "keeper"}})
        issue["updated_at"] = _at(at)
        made.append({"repo": repo, "issue": issue, "comments": comments, "events": events})
    return made


class QuickClock(FakeClock):
    """One that begins when these threads are three months old."""

    def __init__(self) -> None:
        super().__init__(START + 90 * 86_400)


FORMATS = ("note", "page", "candidates")


def plan(
    url: str,
    folder: Path,
    *,
    repos: tuple[str, ...] = REPOS,
    formats: tuple[str, ...] = FORMATS,
    **harvest: Any,
) -> Plan:
    """A run over the repositories of a server, with its exports below `folder`."""
    given = {"clock": QuickClock(), "repos": repos, **harvest}
    return Plan(
        config=Config(),
        harvest=HarvestOptions(access=Access(url, TOKEN), **given),
        export=Options(formats=formats, out=str(folder / "out")),
        workers=1,
    )


def run(url: str, folder: Path, **options: Any) -> NightReport:
    """One nightly run in this process, into `folder/kb.db`."""
    with Store.open(folder / "kb.db") as store:
        return nightly(store, plan(url, folder, **options))


# What differs between two runs over the same data, and may: when they ran, how often, and numbers
# that only order rows.
_UNSTABLE = set(
    "run run_repo run_stage _sqlite_migrations entry_log last_report_entry last_report_claim"
    " last_report_document knowledge export_state".split()
)
# a failure that is over leaves an empty row
_WHERE = {"repo": "where moved_to is not null or failure is not null"}


def content(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables and relations, row by row, but for those that tell of runs; numbers of
    rows are left out.
    """
    tables = "select name from sqlite_master where type in ('table', 'view') order by name"
    found = {}
    with closing(sqlite3.connect(db)) as connection:
        for (name,) in connection.execute(tables).fetchall():
            if name in _UNSTABLE or name.startswith(("sqlite_", "entry_search_")):
                continue
            columns = connection.execute(f"select * from {name} limit 0").description
            kept = ", ".join(column[0] for column in columns if column[0] != "mention_id")
            rows = connection.execute(f"select {kept} from {name} {_WHERE.get(name, '')}")
            found[name] = sorted(map(tuple, rows), key=repr)
    return found


def documents(folder: Path) -> dict[str, bytes]:
    """Every exported file with its bytes, the manifests too; not the half file of a killed run,
    which goes after a minute.
    """
    out = folder / "out"
    found = [
        path
        for kind in ("notes", "pages", "candidates")
        for path in sorted((out / kind).rglob("*"))
        if path.is_file()
    ]
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in found
        if path.name == MANIFEST or not path.name.startswith(".faultlore-")
    }


def differences(
    a: dict[str, list[tuple[Any, ...]]], b: dict[str, list[tuple[Any, ...]]]
) -> dict[str, tuple[int, int]]:
    """Relation to rows that only `a` has and rows that only `b` has."""
    found = {}
    for name in sorted(a.keys() | b.keys()):
        left, right = list(map(repr, a.get(name, []))), list(map(repr, b.get(name, [])))
        if left != right:
            found[name] = (len(set(left) - set(right)), len(set(right) - set(left)))
    return found


@dataclass
class Ended:
    """How a run in a process of its own ended.

    `status`: its exit status, or minus the signal that killed it; `seconds`: it took, since the
    signal if there was one; `signalled`: whether the signal came in time; `cpu`: seconds of
    processor time.
    """

    status: int
    seconds: float
    signalled: bool
    cpu: float


class ForkServer:
    """A process that forks a child for each run; use it as a context manager."""

    def __enter__(self) -> Self:
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.support.fork_server"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)

    def run(
        self, url: str, folder: Path, *, after: float | None = None, signal: int = 9, **options: Any
    ) -> Ended:
        """A run that gets a signal after so many seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {"url": url, "folder": str(folder), "after": after, "signal": int(signal), **options}
        print(json.dumps(job), file=self._process.stdin, flush=True)
        return Ended(**json.loads(self._process.stdout.readline()))
