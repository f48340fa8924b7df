"""The peers: what other programs make of the same input in the same run.

    python benchmarks/bench_peers.py [LINES.jsonl] [--peers PYTHON] [--only lines query harvest]

A row of JSON for each: **lines** (normalising and grouping error lines: lines a second of
processor time, B-cubed, and FGA, the F1 of groups that are exactly right), **query** (lines left
out of an index are asked for: share with a line of their family among the first ten answers,
milliseconds a question), **harvest** (a tracker on loopback: requests, seconds).

LINES holds objects with `raw` and `family`; without it lines are made up, whose families differ in
one word often. Drain3 (drain3-improved) and github-to-sqlite run in the Python of `--peers`
(`make bench-large` sets it up from requirements/peers.txt); without one they are left out.
HDBSCAN and sqlite-utils come with this project.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

Json = dict[str, Any]
Line = tuple[str, str]
"""An error line and its family."""
MADE_UP = 2_000
GITHUB = "https://api.github.com"
FIRST = 10


def lines_of(path: Path | None) -> list[Line]:
    """The lines of a file, or lines that are made up."""
    if path is not None:
        rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
        return [(row["raw"], row["family"]) for row in rows]
    from benchmarks.generate import family, rank, text

    draw = random.Random(1)
    numbers = [rank(draw, MADE_UP // 2) for _ in range(MADE_UP)]
    return [(text(draw, family(1, number)), str(number)) for number in numbers]


# ---------------------------------------------------------------- lines


def likeness(found: Sequence[Hashable], true: Sequence[Hashable]) -> Json:
    """B-cubed precision, recall and F1, and FGA, of a grouping."""
    groups: dict[Hashable, set[int]] = collections.defaultdict(set)
    families: dict[Hashable, set[int]] = collections.defaultdict(set)
    for item, (one, other) in enumerate(zip(found, true, strict=True)):
        groups[one].add(item)
        families[other].add(item)
    common = [len(groups[a] & families[b]) for a, b in zip(found, true, strict=True)]
    precision = sum(n / len(groups[a]) for n, a in zip(common, found, strict=True)) / len(true)
    recall = sum(n / len(families[b]) for n, b in zip(common, true, strict=True)) / len(true)
    right = len(set(map(frozenset, groups.values())) & set(map(frozenset, families.values())))
    return {
        "b3_precision": round(precision, 3),
        "b3_recall": round(recall, 3),
        "b3_f1": round(2 * precision * recall / (precision + recall), 3),
        "fga": round(2 * right / (len(groups) + len(families)), 3),
        "groups": len(groups),
        "families": len(families),
    }


def by_faultlore(lines: Sequence[str]) -> list[Hashable]:
    """The entries of lines, one thread each."""
    from benchmarks.bench_group import NOW, _fill
    from kb.store import Store
    from miner.cluster import group

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kb.db"
        _fill(path, list(lines))
        with Store.open(path) as store:
            group(store, None, NOW)
            rows = store.connection.execute("select number, entry_id from mentions").fetchall()
    entries = dict(map(tuple, rows))
    return [entries.get(number) or number for number in range(1, len(lines) + 1)]


def by_signature(lines: Sequence[str]) -> list[Hashable]:
    """The normal form alone."""
    from kb.signature import sign

    return [sign(line).fingerprint for line in lines]


def by_hdbscan(lines: Sequence[str]) -> list[Hashable]:
    """Density clusters of TF-IDF over words; what is noise stands for itself."""
    from sklearn.cluster import HDBSCAN
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = TfidfVectorizer(sublinear_tf=True).fit_transform(lines).toarray()
    labels = HDBSCAN(min_cluster_size=2, copy=True).fit_predict(table)
    return [f"noise {n}" if one < 0 else int(one) for n, one in enumerate(labels)]


DRAIN_MASKS = (
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
)
"""Of Drain3's own example."""


def by_drain(lines: Sequence[str], *, masks: bool) -> list[Hashable]:
    """Drain3's clusters; of an error of several lines it is given one, as of a log."""
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.profiling_enabled = False
    if masks:
        config.masking_instructions = [MaskingInstruction(*one) for one in DRAIN_MASKS]
    miner = TemplateMiner(config=config)
    for line in lines:
        miner.add_log_message(" ".join(line.split()))
    # a template may have changed since a line was put to it, its number has not
    return [miner.match(" ".join(line.split())).cluster_id for line in lines]


GROUPERS: dict[str, Callable[[Sequence[str]], list[Hashable]]] = {
    "faultlore": by_faultlore,
    "faultlore, normal form alone": by_signature,
    "drain3-improved": lambda lines: by_drain(lines, masks=False),
    "drain3-improved with its example masks": lambda lines: by_drain(lines, masks=True),
    "HDBSCAN on TF-IDF": by_hdbscan,
}


def grouped(name: str, lines: list[Line]) -> Json:
    """The figures of one way to group lines, in this process."""
    GROUPERS[name]([raw for raw, _ in lines[:50]])  # what is loaded once is not counted
    start = time.process_time()
    found = GROUPERS[name]([raw for raw, _ in lines])
    seconds = time.process_time() - start
    return {
        "what": "lines",
        "program": name,
        "lines": len(lines),
        "lines_a_second": round(len(lines) / seconds),
        **likeness(found, [one for _, one in lines]),
    }


def compare_lines(lines: list[Line], peers: Path | None) -> Iterator[Json]:
    for name in GROUPERS:
        python = peers if name.startswith("drain3-improved") else Path(sys.executable)
        if python is not None:
            yield asked_of(python, ["--as-peer", name], json.dumps(lines))


def asked_of(python: Path, arguments: list[str], text: str = "") -> Json:
    """What this file prints when another Python runs it."""
    program = [str(python), str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(program, input=text, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Json = json.loads(done.stdout.splitlines()[-1])
    return found


# ---------------------------------------------------------------- query


def left_out(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Lines to index, and of each family of two and more one to ask for."""
    last = {family: number for number, (_, family) in enumerate(lines)}
    sizes = collections.Counter(family for _, family in lines)
    asked = {number for family, number in last.items() if sizes[family] > 1}
    return (
        [line for number, line in enumerate(lines) if number not in asked],
        [lines[number] for number in sorted(asked)],
    )


def compare_queries(lines: list[Line]) -> Iterator[Json]:
    known, asked = left_out(lines)
    with tempfile.TemporaryDirectory() as folder:
        for name, answers in (
            ("faultlore query", faultlore_answers(Path(folder) / "kb.db", known)),
            ("FTS5 bm25, any of the words", fts_answers(known, any_word=True)),
            ("sqlite-utils search, all words", fts_answers(known, any_word=False)),
        ):
            answers(asked[0][0])
            start = time.process_time()
            found = [answers(raw) for raw, _ in asked]
            seconds = time.process_time() - start
            hits = sum(family in some for some, (_, family) in zip(found, asked, strict=True))
            first = sum(family in some[:1] for some, (_, family) in zip(found, asked, strict=True))
            yield {
                "what": "query",
                "program": name,
                "asked": len(asked),
                "recall_at_10": round(hits / len(asked), 3),
                "first_right": round(first / len(asked), 3),
                "query_ms": round(1000 * seconds / len(asked), 2),
            }


def faultlore_answers(path: Path, known: list[Line]) -> Callable[[str], list[str]]:
    from benchmarks.bench_group import NOW, _fill
    from kb import KnowledgeBase
    from kb.store import Store
    from miner.cluster import group
    from miner.cluster.entries import refresh_entries

    _fill(path, [raw for raw, _ in known])
    with Store.open(path) as store:
        group(store, None, NOW)
        with store.transaction() as db:
            rows = db.execute("select entry_id from dirty_entry").fetchall()
            refresh_entries(db, [row[0] for row in rows])
        rows = store.connection.execute("select entry_id, number from mentions").fetchall()
    families: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for entry, number in rows:
        families[entry][known[number - 1][1]] += 1
    base = KnowledgeBase(path)
    return lambda raw: [
        families[one.entry.entry_id].most_common(1)[0][0]
        for one in base.query(raw, limit=FIRST).results
    ]


def fts_answers(known: list[Line], *, any_word: bool) -> Callable[[str], list[str]]:
    """Full-text search as sqlite-utils sets it up, ranked by bm25."""
    from sqlite_utils import Database

    db = Database(memory=True)
    table = db.table("line")
    table.insert_all({"raw": raw, "family": family} for raw, family in known)
    table.enable_fts(["raw"])

    def answers(raw: str) -> list[str]:
        words = list(dict.fromkeys(re.findall(r"\w+", raw)))[:60]
        asked = (" OR " if any_word else " ").join(f'"{word}"' for word in words)
        try:
            return [row["family"] for row in table.search(asked, limit=FIRST)]
        except sqlite3.OperationalError:
            return []

    return answers


# ---------------------------------------------------------------- harvest


def compare_harvests(peers: Path | None) -> Iterator[Json]:
    from tests.support.github_server import GitHubServer, make_threads

    os.environ["NO_PROXY"] = "127.0.0.1"
    repo, threads = "made/up", make_threads("made/up", 878, 5_197)
    runs = {"faultlore": Path(sys.executable), "github-to-sqlite": peers}
    for name, python in runs.items():
        if python is None:
            continue
        with GitHubServer(threads) as server, tempfile.TemporaryDirectory() as folder:
            if name != "faultlore":
                server.public = GITHUB
            for again in ("first", "without news"):
                before = len(server.requests)
                done = asked_of(
                    python, ["--as-peer", name, server.url, repo, str(Path(folder) / "out.db")]
                )
                yield {
                    "what": "harvest",
                    "program": name,
                    "run": again,
                    "requests": len(server.requests) - before,
                    **done,
                }


def harvest_once(name: str, url: str, repo: str, path: Path) -> Json:
    """One harvest in this process: seconds, and what is stored."""
    start, spent = time.perf_counter(), time.process_time()
    if name == "faultlore":
        from kb.store import Store
        from miner.harvest.access import Access, HarvestOptions
        from miner.harvest.github import harvest

        with Store.open(path) as store:
            harvest(store, [repo], HarvestOptions(access=Access(url, "local")))
        tables = ("thread", "comment")
    else:
        ask_elsewhere(url)
        from github_to_sqlite.cli import cli

        for command in ("issues", "issue-comments"):
            cli([command, str(path), repo, "--auth", f"{path}.none"], standalone_mode=False)
        tables = ("issues", "issue_comments")
    seconds, spent = time.perf_counter() - start, time.process_time() - spent
    connection = sqlite3.connect(path)
    counts = [connection.execute(f"select count(*) from {t}").fetchone()[0] for t in tables]
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(spent, 2),
        "threads": counts[0],
        "comments": counts[1],
        "bytes": path.stat().st_size,
    }


def ask_elsewhere(base: str) -> None:
    """github-to-sqlite knows one address only, and reads more of a repository than is served."""
    import requests
    from github_to_sqlite import utils

    fetched = utils.fetch_repo

    def fetch_repo(name: str, *rest: Any, **more: Any) -> Json:
        owner = {"id": 1, "login": name.split("/")[0]}
        return {"owner": owner, "license": None, **fetched(name, *rest, **more)}

    utils.fetch_repo = fetch_repo

    real = requests.Session.request

    def request(self: Any, *, method: str, url: str, **rest: Any) -> Any:
        return real(self, method, url.replace(GITHUB, base), **rest)

    requests.Session.request = request  # type: ignore[method-assign, assignment]


# ---------------------------------------------------------------- the command


def as_peer(arguments: list[str]) -> Json:
    """The part of a run that another process does."""
    if arguments[0] in GROUPERS and len(arguments) == 1:
        return grouped(arguments[0], [tuple(line) for line in json.load(sys.stdin)])
    name, url, repo, path = arguments
    return harvest_once(name, url, repo, Path(path))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lines", nargs="?", type=Path)
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers" / "bin" / "python")
    parser.add_argument("--only", nargs="+", choices=("lines", "query", "harvest"))
    parser.add_argument("--as-peer", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.as_peer:
        print(json.dumps(as_peer(arguments.as_peer)))
        return
    peers = arguments.peers if arguments.peers.exists() else None
    if peers is None:
        print(f"no {arguments.peers}: drain3 and github-to-sqlite are left out", file=sys.stderr)
    wanted = arguments.only or ("lines", "query", "harvest")
    lines = lines_of(arguments.lines)
    for name, rows in (
        ("lines", compare_lines(lines, peers)),
        ("query", compare_queries(lines)),
        ("harvest", compare_harvests(peers)),
    ):
        if name in wanted:
            for row in rows:
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
