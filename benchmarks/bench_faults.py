"""What leaks and what breaks: secrets planted and leaked by sink, texts made up and failed by part
of the program, and the slowest texts.

    python benchmarks/bench_faults.py [--texts 300] [--seed 1]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kb.errors import FaultloreError  # noqa: E402
from kb.errortext import find_errors  # noqa: E402
from kb.notes.escape import escaper  # noqa: E402
from kb.notes.export import documents, prepare  # noqa: E402
from kb.notes.options import Options  # noqa: E402
from kb.query.knowledge import KnowledgeBase  # noqa: E402
from kb.redact import hide_keys, redact  # noqa: E402
from kb.settings import Config  # noqa: E402
from kb.signature import explain, sign  # noqa: E402
from kb.store import Store  # noqa: E402
from miner.cli import run  # noqa: E402
from miner.harvest.access import HarvestOptions  # noqa: E402
from miner.harvest.files import import_files  # noqa: E402
from miner.judge.batch import export_batch  # noqa: E402
from miner.nightly import notice  # noqa: E402
from miner.nightly.log import log, set_up, tear_down  # noqa: E402
from miner.nightly.notice import as_json, as_markdown  # noqa: E402
from miner.nightly.run import Plan, nightly  # noqa: E402
from miner.pipeline import mine  # noqa: E402
from tests.hostile.fuzzed import ONCE_FOUND  # noqa: E402
from tests.hostile.key_formats import ALONE, BESIDE, NAMED, value  # noqa: E402
from tests.hostile.secrets import ORDINARY, Planted, planted  # noqa: E402
from tests.hostile.surroundings import BEFORE_AND_AFTER  # noqa: E402
from tests.support.targets import TARGETS  # noqa: E402
from tests.support.threads import comment, thread  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOW = (
    *("Secret=", "C:\\Users\\", "/home/a/", "10.0.0.1 ", "a.local ", "password:", "sk-", "sk-a_"),
    *(
        "key=",
        "\\n",
        "%20",
        "&#45;",
        "eyJ.",
        "token ",
        "a@b.c ",
        "Error: x\n",
        "?",
        "a_",
        "\x1b[31m",
    ),
    *('{"error":"', "Caused by:\n", "http://a:b", "-----BEGIN PRIVATE KEY-----"),
)
LENGTH = 200_000


def secrets(rng: random.Random) -> list[Planted]:
    """One secret a format, in a surrounding or beside its vendor's name, and those of people."""
    found = []
    places = list(BEFORE_AND_AFTER.values())
    for number, form in enumerate(ALONE):
        found.append(Planted(form, value(rng, form), places[number % len(places)]))
    for number, (vendor, form) in enumerate(BESIDE):
        named = NAMED[number % len(NAMED)]
        text = named.replace("{VENDOR}", vendor.upper()).replace("{vendor}", vendor)
        found.append(Planted(f"{vendor} {form}", value(rng, form), text))
    return found + [p for p in planted() if len(p.secret) > 8]


def base(folder: Path, found: list[Planted]) -> Path:
    """A knowledge base whose titles, errors, causes and fixes hold the secrets."""
    lines = []
    for number, start in enumerate(range(0, len(found), 4), start=1):
        a, b, c, d = (found[(start + i) % len(found)].text for i in range(4))
        body = f"It fails.\n\n```\nError: widget{number} frobnication failed: {b}\n```\n"
        said = [
            comment(number * 10 + 1, f"The cause is the wrong header. {c}", "mia", "MEMBER"),
            comment(number * 10 + 2, f"Fixed in 1.2.3, update to it. {d}", "mia", "MEMBER", day=3),
            comment(number * 10 + 3, f"1.2.3 works, no more failures. {a}", "ada", day=4),
        ]
        lines.append(json.dumps(thread(number, f"frobnication failed {a}", body, said)))
    (folder / "t.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(folder / "kb.db") as store:
        import_files(store, [folder / "t.jsonl"])
        mine(store, now="2026-06-30T00:00:00Z", workers=1)
    return folder / "kb.db"


def said(*arguments: str) -> str:
    """What a command prints."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run(list(arguments))
    return out.getvalue() + err.getvalue()


def sinks(folder: Path, db: Path) -> Iterator[tuple[str, str]]:
    """The name of each way out, and all that leaves by it."""
    at = ["--db", str(db)]
    for form in ("note", "page", "candidates", "site"):
        out = folder / form
        said("export", "--format", form, "--out", str(out), *at)
        files = [p for p in sorted(out.rglob("*")) if p.is_file()]
        yield form, "\n".join(p.name + "\n" + p.read_text(encoding="utf-8") for p in files)
    with Store.open(db) as store:
        options = Options(site_url="https://example.org/errors")
        prepare(store, options)
        beside = documents(store.connection, "extras", options)
    yield "feed and others", "\n".join(f"{name}\n{text}" for name, text in beside.items())
    with KnowledgeBase(db) as kb:
        ids = [e.entry_id for e in kb.entries()]
        yield "show", "\n".join(str(kb.show(i)) for i in ids)
        yield (
            "show --json",
            "\n".join(json.dumps(kb.show(i).to_dict(), ensure_ascii=False) for i in ids),
        )
        asked = [f"Error: widget{n} frobnication failed" for n in range(1, len(ids) + 1)]
        yield (
            "query --json",
            "\n".join(json.dumps(kb.query(q).to_dict(), ensure_ascii=False) for q in asked),
        )
        yield (
            "search --json",
            "\n".join(
                json.dumps(r.to_dict(), ensure_ascii=False)
                for r in kb.search("frobnication failed", limit=200)
            ),
        )
        yield "explain", "\n".join(str(kb.explain(i)) for i in ids[:40])
    yield "stats, trends", said("stats", *at) + said("trends", *at) + said("stats", "--json", *at)
    yield "serve", served(db, ids)
    yield from night(folder, db)
    yield "judge questions", questions(folder, db)


def night(folder: Path, db: Path) -> Iterator[tuple[str, str]]:
    """What an unattended run writes: its log, as lines and as JSON, and its report in both forms;
    every text of the database goes through the log too.
    """
    stream = io.StringIO()
    handlers = [set_up(as_json=as_json, stream=stream) for as_json in (False, True)]
    try:
        plan = Plan(Config(), HarvestOptions(), Options(formats=()), workers=1)
        with Store.open(db) as store:
            store.connection.execute(
                "insert or ignore into dirty select 'claims', repo, number from thread"
            )
            report = nightly(store, plan)
            rows = store.connection.execute(
                "select title from thread union all select body from thread"
                " union all select body from comment"
            )
            for row in rows:
                log(logging.WARNING, row[0], text=row[0], reasons=[row[0]], by={"name": row[0]})
                report.unread.append(f"acme/tool#1: {row[0]}")
    finally:
        for handler in handlers:
            tear_down(handler)
    yield "log", stream.getvalue()
    news = notice.document(report.as_dict())
    sent = [json.dumps(notice.payload(news, form)) for form in ("slack", "discord", "json")]
    yield "notifications", "\n".join(sent)
    yield "night's report", as_markdown(report.as_dict()) + as_json(report.as_dict())


def questions(folder: Path, db: Path) -> str:
    """What a language model would be asked."""
    with Store.open(db) as store:
        export_batch(store, folder / "batch.jsonl", "m", (0.0, 1.0))
    return (folder / "batch.jsonl").read_text(encoding="utf-8")


def served(db: Path, ids: list[str]) -> str:
    """The pages of the browser and their twins for programs."""
    import asyncio

    from kb.web import application

    urls = ["/", "/browse", "/review", "/kb/claims.json?_size=max", "/kb/comments.json?_size=max"]
    urls += [f"/entry/{i}{end}" for i in ids[:60] for end in ("", ".json", ".md")]

    async def ask() -> str:
        client = application(db).client
        return "\n".join([(await client.get(url)).text for url in urls])

    return asyncio.run(ask())


def leaks(seed: int) -> None:
    found = secrets(random.Random(seed))
    print(
        f"secrets: {len(found)} planted ({len(ALONE)} formats alone, {len(BESIDE)} beside a name)\n"
    )
    print(f"{'sink':16} {'characters':>12} {'leaked':>7}")
    with tempfile.TemporaryDirectory() as name:
        db = base(Path(name), found)
        for sink, text in sinks(Path(name), db):
            out = [p.kind for p in found if p.secret in text or json.dumps(p.secret)[1:-1] in text]
            print(f"{sink:16} {len(text):12,} {len(out):7}  {', '.join(out[:5])}")
    changed = [line for line in ORDINARY if redact(line) != line]
    print(f"\nordinary lines: {len(ORDINARY)}, changed {len(changed)}\n")


def mutated(rng: random.Random, count: int) -> Iterator[str]:
    """Texts that nobody would write: pieces of hostile ones, cut, doubled, mixed."""
    pieces = [*ORDINARY, *ONCE_FOUND, *(p.text for p in planted()), *SLOW]
    for _ in range(count):
        text = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 6)))
        for _ in range(rng.randint(0, 8)):
            at = rng.randrange(len(text) + 1)
            odd = rng.choice(
                ["\ud800", "\0", "\x1b[0m", "\u200b", "\\", "%", "\n", "`", "{", '"', "é"]
            )
            text = text[:at] + odd * rng.choice([1, 1, 1, 50]) + text[at + rng.randint(0, 3) :]
        yield text


def faults(seed: int, count: int) -> None:
    texts = [*ONCE_FOUND, *mutated(random.Random(seed), count)]
    failed: Counter[str] = Counter()
    first: dict[str, str] = {}
    writers = [escaper(target) for _, target in TARGETS.items()]
    with tempfile.TemporaryDirectory() as name:
        db = base(Path(name), planted()[:40])
        with KnowledgeBase(db) as kb:
            parts: dict[str, Callable[[str], object]] = {
                "redact": lambda t: twice(redact, t),
                "hide keys": lambda t: twice(hide_keys, t),
                "sign": sign,
                "explain": explain,
                "find errors": find_errors,
                "escape": lambda t: [(w.inline(t), w.fence(t), w.blockquote(t)) for w in writers],
                "query": kb.query,
                "search": kb.search,
                "show": kb.show,
            }
            for part, call in parts.items():
                for text in texts:
                    try:
                        call(text)
                    except FaultloreError:
                        pass
                    except Exception as error:  # noqa: BLE001 - that is what is counted
                        failed[part] += 1
                        first.setdefault(part, f"{type(error).__name__}: {error}"[:80])
    print(f"{'part':16} {'texts':>7} {'failed':>7}")
    for part in parts:
        print(f"{part:16} {len(texts):7} {failed[part]:7}  {first.get(part, '')}")
    print()


def twice(call: Callable[[str], str], text: str) -> None:
    once = call(text)
    if call(once) != once:
        raise AssertionError("twice is not once")


def slowest() -> None:
    print(f"CPU seconds for a megabyte, the slowest of {len(SLOW)} repeated units")
    calls: dict[str, Callable[[str], object]] = {
        "redact": redact, "hide keys": hide_keys, "sign": sign, "find errors": find_errors,
    }  # fmt: skip
    for name, call in calls.items():
        call("x")
        taken = []
        for unit in SLOW:
            text = unit * (LENGTH // len(unit))
            seconds = []
            for _ in range(2):  # the first builds the automata that a process builds once
                start = time.process_time()
                call(text)
                seconds.append(time.process_time() - start)
            taken.append((min(seconds) * 1e6 / len(text), unit))
        taken.sort(reverse=True)
        print(f"{name:16} " + "  ".join(f"{s:.2f} {u!r}" for s, u in taken[:4]))


def killed() -> None:
    """Runs that are killed, cut off and lied to must end with the database of one that was not."""
    for what, file, words in (
        ("kills", "test_faults.py", "killed"),
        ("faults", "test_faults.py", "not killed"),
        ("harvest", "harvest", "interrupted or junk or drips or sense"),
    ):
        command = [sys.executable, "-m", "pytest", f"tests/miner/{file}", "-k", words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        summary = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]
        counts = dict(re.findall(r"(\d+) (passed|failed)", done.stdout))
        ends = {word: number for number, word in counts.items()}
        print(f"{what:16} equal {ends.get('passed', '0'):>4}  failed {ends.get('failed', '0'):>4}"
              + ("" if done.returncode == 0 else f"  {summary[:80]}"))  # fmt: skip
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    leaks(options.seed)
    faults(options.seed, options.texts)
    killed()
    slowest()


if __name__ == "__main__":
    main()
