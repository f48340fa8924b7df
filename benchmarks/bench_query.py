"""How long a question takes: from a cold start beside `sqlite-utils search`, and warm in one
process.

    python benchmarks/bench_query.py                    both, with 10,000, 20,000 and 100,000
    entries python benchmarks/bench_query.py cold --entries 20000 --runs 15
    python benchmarks/bench_query.py warm --entries 10000 100000 --queries 1000

Cold: wall time and processor time of the whole process of `faultlore query` and of `sqlite-utils
search`, taken in turns on one file, in one run. `sqlite-utils` imports pandas where it is installed
(as the notebooks of this project have it); it is measured with that import switched off, which is
its better case. Warm: `KnowledgeBase.query` on error texts, half of them of entries that exist,
half of none.

The entries are made up: messages of a few dozen forms with names, codes and details drawn with a
long tail, so that some words stand in a large part of all entries and most in very few, as in real
trackers.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kb import KnowledgeBase
from kb.matching.blocking import keys_of
from kb.matching.features import view_of
from kb.signature import sign
from kb.store import Store

if TYPE_CHECKING:
    from kb.models import Signature

FORMS = (
    "ModuleNotFoundError: No module named '{name}'",
    "Error: Cannot find module '{name}'",
    "ImportError: cannot import name '{Name}' from '{name}'",
    "TypeError: {name}.{name} is not a function",
    "AttributeError: '{Name}' object has no attribute '{name}'",
    "KeyError: '{name}'",
    "Error: spawn {name} ENOENT",
    "bash: {name}: command not found",
    "API Error: {status} {name} {word} {word} is not supported with this model",
    (
        "openai.BadRequestError: Error code: {status} - {{'error': {{'message': 'Unsupported "
        "parameter: {name}', 'code': '{name}_error'}}}}"
    ),
    "litellm.APIError: OpenrouterException - {word} {word} failed: {name} {word}",
    "error[E0{digits}]: {word} `{name}` {word} {word} scope",
    "error TS2{digits}: Property '{name}' does not exist on type '{Name}'.",
    "undefined reference to `{name}_{name}'",
    "panic: runtime error: {word} {name} {word}",
    "Failed to {word} {name}: {word} {word} {word}",
    "fatal: {word} {name} {word} in the {word}",
    "java.lang.{Name}Exception: {word} {word} {name}",
    "MCP error -32{digits}: {word} {name} {word}",
    "Error response from daemon: {word} {name}: {word} {word}",
    "SQLSTATE[42S22]: Column not found: unknown column '{name}' in '{word} list'",
    "Could not {word} the {word} of {name}, {word} {word} was {word}",
)
WORDS = """
    request response model provider token tokens context limit rate exceeded invalid unsupported
    missing key credential header stream
    connection server client timeout failed error parse read write open close file path permission
    denied access quota balance region
    tool call function result block message role content image schema parameter value type argument
    option version release build link
    compile load start stop spawn process thread memory device driver kernel tensor shape layer
    cache index table column row query lock
    transaction commit branch merge rebase remote push fetch clone package install resolve
    dependency peer registry proxy gateway route
    endpoint deployment function edge worker queue job task step plan agent mode panel editor
    extension window terminal shell command
""".split()
SYLLABLES = """ba be bi bo ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so
ta te ti to va ve vi vo za zu""".split()
PANDAS_OFF = (
    "import sys; sys.modules['pandas'] = None; sys.modules['numpy'] = None; from "
    "sqlite_utils.cli import cli; cli()"
)


class Maker:
    """Error texts with a long tail; the same seed gives the same texts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.weights = [1 / (rank + 1) for rank in range(len(WORDS))]

    def word(self) -> str:
        return self.random.choices(WORDS, self.weights)[0]

    def name(self) -> str:
        return "".join(
            self.random.choice(SYLLABLES) for _ in range(self.random.choice((2, 3, 3, 4)))
        )

    def text(self) -> str:
        text = self.random.choice(FORMS)
        while "{" in text.replace("{{", "").replace("}}", ""):
            for slot, value in (
                ("{word}", self.word()),
                ("{name}", self.name()),
                ("{Name}", self.name().title()),
            ):
                text = text.replace(slot, value, 1)
            text = text.replace(
                "{status}", str(self.random.choice((400, 401, 402, 404, 429, 500, 503, 529)))
            )
            text = text.replace("{digits}", str(self.random.randrange(100, 999)))
        return text.replace("{{", "{").replace("}}", "}")


def build(path: Path, entries: int, seed: int = 1) -> list[str]:
    """A knowledge base of so many entries, one thread each; returns their texts."""
    maker = Maker(seed)
    texts: dict[str, tuple[str, Signature]] = {}
    while len(texts) < entries:
        raw = maker.text()
        signature = sign(raw)
        texts.setdefault(signature.fingerprint, (raw, signature))
    with Store.open(path) as store, store.transaction() as db:
        for number, (fingerprint, (raw, s)) in enumerate(texts.items(), start=1):
            entry_id, repo = f"E{number:07d}", f"made/up{number % 40}"
            url = f"https://github.com/{repo}/issues/{number}"
            time_ = f"2026-0{number % 9 + 1}-{number % 28 + 1:02d}T00:00:00Z"
            db.execute(
                "insert into thread (repo, number, kind, title, body, state, author_type, "
                "association, created_at, updated_at, url, labels,"
                " thumbs_up, thumbs_down) values (?, ?, 'issue', 'It fails', ?, 'open', "
                "'User', 'NONE', ?, ?, ?, '[]', 0, 0)",
                (repo, number, raw, time_, time_, url),
            )
            db.execute(
                "insert into signature (fingerprint, text, provider, status, code, "
                "exception, wrappers, objects, entry_id)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    fingerprint,
                    s.text,
                    s.provider,
                    s.status,
                    s.code,
                    s.exception,
                    json.dumps(s.wrappers),
                    json.dumps(s.objects),
                    entry_id,
                ),
            )
            db.execute(
                "insert into mention (repo, number, field, start, end, raw, fingerprint, "
                "is_primary, counted, provider, status, frames)"
                " values (?, ?, 'body', 0, ?, ?, ?, 1, 1, ?, ?, '[]')",
                (repo, number, len(raw), raw, fingerprint, s.provider, s.status),
            )
            db.execute(
                "insert into entry (entry_id, title, signature, fingerprint, provider, "
                "status, code, exception, threads, repos, reporters,"
                " first_seen, last_seen, grade, born_run) values (?, ?, ?, ?, ?, ?, ?, ?, 1, "
                "1, 1, ?, ?, 'D', 1)",
                (
                    entry_id,
                    s.text[:80],
                    s.text,
                    fingerprint,
                    s.provider,
                    s.status,
                    s.code,
                    s.exception,
                    time_,
                    time_,
                ),
            )
            db.execute(
                "insert into claim (claim_id, repo, number, field, kind, quote, start, end, "
                "author_role, association, created_at, url,"
                " stance, confidence, about)"
                " values (?, ?, ?, 'body', 'fix', 'It was this.', 0, 12, 'user', 'NONE', ?, "
                "?, 'supported', 0.6, ?)",
                (f"C{number}", repo, number, time_, url, fingerprint),
            )
            db.execute(
                (
                    "insert into entry_search (seq, entry_id, title, signature, words) values "
                    "(?, ?, ?, ?, ?)"
                ),
                (number, entry_id, s.text[:80], s.text, f"{s.provider or ''} {s.code or ''}"),
            )
        # the index from which near signatures are found; grouping's comparison of all of them is
        # not what is measured here
        keys = [
            (key, fingerprint)
            for fingerprint, (_, s) in texts.items()
            for key in keys_of(view_of(s))
        ]
        db.executemany(
            "insert or ignore into blocking_key (key, fingerprint) values (?, ?)", sorted(keys)
        )
        db.execute("insert into entry_search_fts (entry_search_fts) values ('optimize')")
    with Store.open(path) as store:
        store.connection.execute("analyze")
    return [raw for raw, _ in texts.values()]


def run_timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of one process."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), done.stderr
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cold(folder: Path, entries: int, runs: int) -> None:
    path = folder / f"cold{entries}.db"
    texts = build(path, entries)
    asked = texts[len(texts) // 2]
    word = max((w for w in asked.replace("'", " ").split() if w.isalpha()), key=len)
    programs = {
        "faultlore query": [
            str(Path(sys.executable).parent / "faultlore"),
            "query",
            asked,
            "--db",
            str(path),
        ],
        "sqlite-utils search": [
            sys.executable,
            "-c",
            PANDAS_OFF,
            "search",
            str(path),
            "entry_search",
            word,
            "--limit",
            "5",
        ],
    }
    for command in programs.values():
        run_timed(command)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, command in programs.items():
            taken[name].append(run_timed(command))
    print(f"\ncold start, {entries:,} entries, median of {runs} runs taken in turns")
    medians = {}
    for name, times in taken.items():
        medians[name] = statistics.median(wall for wall, _ in times)
        cpu = statistics.median(cpu for _, cpu in times)
        print(f"  {name:20} {medians[name] * 1000:7.0f} ms wall  {cpu * 1000:7.0f} ms processor")
    ratio = medians["faultlore query"] / medians["sqlite-utils search"]
    print(f"  ratio {ratio:.2f} (at most 1.20)")


def warm(folder: Path, entries: int, queries: int) -> None:
    path = folder / f"warm{entries}.db"
    start = time.perf_counter()
    texts = build(path, entries)
    built = time.perf_counter() - start
    known = random.Random(2).sample(texts, queries // 2)
    maker = Maker(3)
    unknown = [maker.text() for _ in range(queries - len(known))]
    asked = known + unknown
    random.Random(4).shuffle(asked)
    with KnowledgeBase(path) as kb:
        for text in maker.text(), maker.text():
            kb.query(text)
        times, found = [], 0
        for text in asked:
            start = time.perf_counter()
            answer = kb.query(text)
            times.append((time.perf_counter() - start) * 1000)
            found += answer.found
    times.sort()
    size = path.stat().st_size / 1e6
    print(
        f"\nwarm, {entries:,} entries ({size:.0f} MB, built in {built:.0f} s), {queries:,} "
        f"queries, {found} found"
    )
    print(
        f"  median {statistics.median(times):.1f} ms, 99th percentile "
        f"{times[int(len(times) * 0.99)]:.1f} ms, longest {times[-1]:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("cold", "warm", "all"), default="all")
    parser.add_argument(
        "--entries", type=int, nargs="+", help="sizes [default: 20000 cold, 10000 and 100000 warm]"
    )
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--queries", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.what in ("cold", "all"):
            for entries in options.entries or [20_000]:
                cold(Path(folder), entries, options.runs)
        if options.what in ("warm", "all"):
            for entries in options.entries or [10_000, 100_000]:
                warm(Path(folder), entries, options.queries)


if __name__ == "__main__":
    main()
