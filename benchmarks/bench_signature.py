"""Normalisation: lines a second beside Drain3's template miner on the same lines in the same run,
and the worst megabyte.

    python benchmarks/bench_signature.py [LINES_FILE] [--megabytes]

Lines come from the corpora beside the checkout (`FAULTLORE_SHARED`), from LINES_FILE, or else from
the demo threads. Times are processor time of one core, best of `ROUNDS`. "distinct" gives each line
once to cold caches; "as logs come" repeats lines as logs do (a few lines make most of a log: Zipf's
law, exponent 1.1, fixed seed), caches cold at the start. Drain3 is measured as it comes (no
masking), with the masks of its own example configuration, and with the rules of
`kb/rules/placeholders.toml` as masks, which is the same work as `mask` here.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

from kb import signature
from kb.signature.mask import mask
from kb.signature.tables import load_rules

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
MOST_LINES = 4_000
DRAIN_MASKS = [
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
    (r"(?<=executed cmd )(\".+?\")", "CMD"),
]
HOSTILE = [
    '{"error":"',
    "\"'",
    "a:",
    "\x1b[31m",
    "x",
    " ",
    "\\",
    "error: ",
    "/a",
    "a.",
    "{'message': '",
    '{"message":"{\\"message\\":\\"',
]


def corpus_lines() -> Iterable[str]:
    """Lines of thread text that hold an error's words, from the corpora or the demo threads."""
    shared = Path(os.environ.get("FAULTLORE_SHARED", ROOT.parent / "shared")) / "corpus"
    files = sorted(shared.glob("*.jsonl.gz")) or sorted((ROOT / "data" / "demo").glob("*.jsonl"))
    word = re.compile(
        (
            r"error|fail|exception|cannot|denied|refused|timed out|fatal|panic|invalid|undefined"
            r"|assert|[45]\d\d"
        ),
        re.I,
    )
    for path in files:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as source
        ):
            for row in source:
                thread = json.loads(row)
                for text in [
                    thread["issue"].get("body") or "",
                    *(comment.get("body") or "" for comment in thread["comments"]),
                ]:
                    yield from (
                        line.strip()
                        for line in text.splitlines()
                        if 10 < len(line) < 1_000 and word.search(line)
                    )


def as_logs_come(lines: list[str], count: int) -> list[str]:
    """`count` lines with Zipf's repetition."""
    draw = random.Random(1)
    weights = [1 / (rank + 1) ** 1.1 for rank in range(len(lines))]
    return draw.choices(lines, weights, k=count)


def cold() -> None:
    """Empties the caches of signatures."""
    signature._sign.cache_clear()
    signature._once.cache_clear()


def drain(masks: list[tuple[str, str]]) -> Callable[[list[str]], None]:
    """A pass of a new Drain3 miner over lines."""

    def run(lines: list[str]) -> None:
        config = TemplateMinerConfig()
        config.profiling_enabled = False
        config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in masks]
        miner = TemplateMiner(config=config)
        for line in lines:
            miner.add_log_message(line)

    return run


def over(function: Callable[[str], object]) -> Callable[[list[str]], None]:
    """A pass of a function over lines, caches cold at the start."""

    def run(lines: list[str]) -> None:
        cold()
        for line in lines:
            function(line)

    return run


def rate(run: Callable[[list[str]], None], lines: list[str]) -> float:
    """Lines a second of processor time, the best of `ROUNDS`."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        run(lines)
        best = min(best, time.process_time() - start)
    return len(lines) / best


def main() -> None:
    """Prints the figures, and as the last line one JSON object with all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lines", nargs="?", type=Path)
    parser.add_argument("--megabytes", action="store_true", help="only the hostile megabytes")
    options = parser.parse_args()
    figures: dict[str, float] = {}
    if not options.megabytes:
        source = (
            options.lines.read_text(encoding="utf-8").splitlines()
            if options.lines
            else corpus_lines()
        )
        lines = list(dict.fromkeys(source))
        random.Random(1).shuffle(lines)
        lines = lines[:MOST_LINES]
        table = [
            (f"(?xi:{re.sub(r'[(][?]P<[a-z]+>', '(?:', rule.pattern)})", rule.name.upper())
            for rule in load_rules("placeholders.toml")
        ]
        runs = {
            "sign (all fields)": over(signature.sign),
            "mask (placeholders only)": over(mask),
            "drain3 without masks": drain([]),
            "drain3 with its example masks": drain(DRAIN_MASKS),
            "drain3 with this table as masks": drain(table),
        }
        sets = {"distinct": lines, "as logs come": as_logs_come(lines, 5 * len(lines))}
        print(
            f"{len(lines)} distinct lines, {sum(map(len, lines)) / len(lines):.0f} "
            f"characters on average"
        )
        for kind, chosen in sets.items():
            for name, run in runs.items():
                if name.endswith("table as masks") and kind != "distinct":
                    continue
                value = rate(run, chosen)
                figures[f"{name}, {kind}"] = round(value)
                print(f"{kind:14s} {name:34s} {value:10.0f} lines/s")
    worst = 0.0
    for unit in HOSTILE:
        text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
        cold()
        start = time.process_time()
        signature.sign(text)
        worst = max(worst, time.process_time() - start)
    figures["worst megabyte, seconds"] = round(worst, 3)
    print(f"worst of {len(HOSTILE)} hostile megabytes: {worst:.3f} s")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
