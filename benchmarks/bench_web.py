"""How long the pages of the browser take, asked through the whole web application.

    python benchmarks/bench_web.py                      with 20,000 entries
    python benchmarks/bench_web.py --entries 5000 --pages 200 --profile entry

The entries are those of `bench_query` (made up, one thread each); to every hundredth a long tail
of further threads, claims and answers is added, up to 400 threads and 60 claims: an entry that
everybody meets. One page of each kind is asked for before its kind is measured. Aim: an entry's
page in 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bench_query import build
from kb.web import application

MOST_THREADS, MOST_CLAIMS = 400, 60
SAID = (
    "Update to {version}, the request was built wrongly before it.",
    "Set `{name}_timeout` to {number} in the settings and start it again.",
    "It was the proxy: with `NO_PROXY={name}.local` it works.",
    "Delete the folder `~/.{name}` and log in again, that solved it for {number} of us.",
)


def add_busy(path: Path, entries: int, seed: int = 5) -> list[str]:
    """Gives every hundredth entry more threads, claims and evidence; returns the ids, busiest
    first.
    """
    random_ = random.Random(seed)
    connection = sqlite3.connect(path)
    number, busy = entries, []
    for rank, entry in enumerate(range(1, entries + 1, 100), start=1):
        entry_id = f"E{entry:07d}"
        mark, raw = connection.execute(
            "select m.fingerprint, m.raw from mention m join signature s using (fingerprint)"
            " where s.entry_id = ?",
            (entry_id,),
        ).fetchone()
        threads = max(1, MOST_THREADS // rank)
        for _ in range(threads):
            number += 1
            _thread(connection, random_, number, mark, raw)
        for claim in range(max(1, MOST_CLAIMS // rank)):
            _claim(connection, random_, number - random_.randrange(threads), claim, mark)
        connection.execute(
            "update entry set threads = ?, repos = 40, reporters = ?, grade = 'A'"
            " where entry_id = ?",
            (threads + 1, threads, entry_id),
        )
        busy.append(entry_id)
    connection.commit()
    connection.execute("analyze")
    connection.close()
    return busy


def _thread(
    db: sqlite3.Connection, random_: random.Random, number: int, mark: str, raw: str
) -> None:
    repo = f"made/up{number % 40}"
    month = f"202{random_.randrange(3, 7)}-{random_.randrange(1, 13):02d}"
    at = f"{month}-{number % 28 + 1:02d}T00:00:00Z"
    url = f"https://github.com/{repo}/issues/{number}"
    db.execute(
        "insert into thread (repo, number, kind, title, body, state, author_type, association,"
        " created_at, updated_at, url, labels, thumbs_up, thumbs_down) values"
        " (?, ?, 'issue', 'It fails here too', ?, 'open', 'User', 'NONE', ?, ?, ?, '[]', 0, 0)",
        (repo, number, raw, at, at, url),
    )
    db.execute(
        "insert into mention (repo, number, field, start, end, raw, fingerprint, is_primary,"
        " counted, version, frames) values (?, ?, 'body', 0, ?, ?, ?, 1, 1, ?, '[]')",
        (repo, number, len(raw), raw, mark, f"1.{number % 90}.0"),
    )


def _claim(
    db: sqlite3.Connection, random_: random.Random, number: int, claim: int, mark: str
) -> None:
    repo, claim_id = f"made/up{number % 40}", f"Cb{number}x{claim}"
    quote = random_.choice(SAID).format(version=f"2.{claim}", name=f"tool{claim}", number=claim + 2)
    url, at = f"https://github.com/{repo}/issues/{number}", "2026-05-01T00:00:00Z"
    db.execute(
        "insert into claim (claim_id, repo, number, field, kind, quote, start, end, author_role,"
        " association, created_at, url, stance, confidence, about, published)"
        " values (?, ?, ?, 'body', ?, ?, 0, ?, 'user', 'NONE', ?, ?, 'supported', 0.9, ?, 1)",
        (
            claim_id,
            repo,
            number,
            ("fix", "cause")[claim % 3 == 0],
            quote,
            len(quote),
            at,
            url,
            mark,
        ),
    )
    db.execute(
        "insert into evidence (claim_id, position, role, field, start, end, quote, author,"
        " association, created_at, url) values"
        " (?, 0, 'confirms', 'body', 0, 10, 'That did it.', 'kim', 'NONE', ?, ?)",
        (claim_id, at, url),
    )


def measure(client: Any, urls: list[str], profile: cProfile.Profile | None) -> list[float]:
    """Milliseconds of each address, after one that is not counted."""

    async def ask() -> list[float]:
        taken = []
        for place, url in enumerate([urls[0], *urls]):
            start = time.perf_counter()
            response = await client.get(url)
            if place:
                taken.append((time.perf_counter() - start) * 1000)
            assert response.status_code == 200, url
        return taken

    if profile is not None:
        profile.enable()
    taken = asyncio.run(ask())
    if profile is not None:
        profile.disable()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--pages", type=int, default=300, help="entry pages and questions measured")
    parser.add_argument("--db", type=Path, help="keep the database here, and use it if it is there")
    parser.add_argument(
        "--profile", metavar="PAGE", help="print where the time of this kind of page goes"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.db or Path(folder) / "web.db"
        if not path.exists():
            build(path, options.entries)
            add_busy(path, options.entries)
        run(path, options.entries, options.pages, options.profile)


def run(path: Path, entries: int, pages: int, profiled: str | None) -> None:
    """Measures every kind of page and prints median, 99th percentile and longest."""
    random_ = random.Random(7)
    some = [f"E{random_.randrange(1, entries + 1):07d}" for _ in range(pages)]
    connection = sqlite3.connect(path)
    texts = [
        connection.execute(
            "select signature from entry where entry_id = ?", (entry_id,)
        ).fetchone()[0]
        for entry_id in some[: max(1, pages // 3)]
    ]
    provider = connection.execute(
        "select provider from entry where provider is not null group by 1 order by count(*) desc"
    ).fetchone()[0]
    connection.close()
    kinds = {
        "entry": [f"/entry/{entry_id}" for entry_id in some],
        "busiest": [f"/entry/E{1 + 100 * k:07d}" for k in range(10)],
        "answer": ["/ask"] * len(texts),
        "start": ["/"] * 10,
        "browse": ["/browse"] * 10,
        "provider": [f"/provider/{provider}"] * 10,
        "repository": [f"/repo/made/up{k}" for k in range(10)],
        "review": ["/review"] * 10,
        "search": ["/search?q=connection+timeout"] * 10,
    }
    client = application(path).client
    print(f"{entries:,} entries, milliseconds:     median      99 %   longest")
    for kind, urls in kinds.items():
        if kind == "answer":
            from urllib.parse import quote

            urls = [f"/ask?q={quote(text)}" for text in texts]
        profile = cProfile.Profile() if kind == profiled else None
        taken = sorted(measure(client, urls, profile))
        print(
            f"  {kind:12} ({len(taken):3} pages)      {statistics.median(taken):8.1f}"
            f"  {taken[int(len(taken) * 0.99)]:8.1f}  {taken[-1]:8.1f}"
        )
        if profile is not None:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
