"""Megabytes of thread text a second through detection and normalisation on one core, and linear
time on hostile text.

    .venv/bin/python benchmarks/bench_detect.py THREADS.jsonl[.gz]...

For each file: the share of time that the Markdown parser takes, finding errors, ranking, and naming
(signatures). Text counts in characters of titles, bodies and comments. Then one megabyte and two of
each hostile text through `find_errors`. Times are processor time of this process; each file is read
once before it is measured, so that patterns are compiled.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kb import signature
from kb.errortext import find_errors, root_error
from kb.markdown import blocks
from miner.detect import detect
from miner.detect.candidates import candidates
from miner.training.dataset import read_lines as read
from miner.training.dataset import thread_of
from tests.kb.test_errortext_hostile import HOSTILE, MEGABYTE

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _forget() -> None:
    """Empties the cache of signatures, which would make a second run look quick."""
    clear = getattr(getattr(signature, "_sign", None), "cache_clear", None)
    if clear is not None:
        clear()


def corpus(path: Path) -> dict[str, object]:
    """Figures of one file of threads."""
    threads = [thread_of(document) for document in read(path)]
    texts = [
        text
        for thread in threads
        for text in (thread.body, *(comment.body for comment in thread.comments))
    ]
    size = sum(map(len, texts)) + sum(len(thread.title) for thread in threads)
    mentions = [mention for thread in threads for mention in detect(thread)]
    _forget()
    whole = seconds(lambda: [detect(thread) for thread in threads])
    parsing = seconds(lambda: [blocks(text) for text in texts])
    finding = seconds(lambda: [candidates(thread) for thread in threads])
    _forget()
    naming = seconds(lambda: [signature.sign(mention.raw) for mention in mentions])
    return {
        "file": path.name,
        "threads": len(threads),
        "megabytes": round(size / 1e6, 2),
        "mentions": len(mentions),
        "megabytes_a_second": round(size / 1e6 / whole, 2),
        "megabytes_a_second_without_naming": round(size / 1e6 / finding, 2),
        "parser_megabytes_a_second": round(size / 1e6 / parsing, 2),
        "parser_share": round(parsing / whole, 2),
        "naming_share": round(naming / whole, 2),
    }


def hostile() -> None:
    """One and two megabytes of each hostile text: seconds, and how they grow."""
    for name, unit in HOSTILE.items():
        once = unit * (MEGABYTE // len(unit.encode()))
        one, two = (
            min(seconds(lambda text=text: root_error(find_errors(text), text)) for _ in range(2))
            for text in (once, once * 2)
        )
        print(f"{name:22s} 1 MB {one:6.3f} s   2 MB {two:6.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    chosen = parser.parse_args()
    for path in chosen.files:
        print(json.dumps(corpus(path)))
    hostile()


if __name__ == "__main__":
    main()
