"""`make bench`: the figures that are watched, in a few minutes, as a table and as JSON.

    python benchmarks/run.py [--large] [--out FILE] [--corpus FILE] [--lines FILE]

`benchmarks/compare.py OLD.json NEW.json` sets two runs side by side. Figures of a machine that does
other work at the same time are worth little: its load is part of the result. `--large` takes an
hour and more; it has the sizes to 50,000 threads, and the peers (`benchmarks/bench_peers.py`, whose
LINES are those of `--lines`). `--corpus` is repeated instead of the demo's threads.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def rows_of(*program: str) -> list[dict[str, object]]:
    """The JSON objects that a benchmark prints, a line each."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / program[0]), *program[1:]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = [line[line.index("{") :] for line in done.stdout.splitlines() if "{" in line]
    return [json.loads(line) for line in found]


Figures = dict[str, float]
PEERS = ("lines_a_second", "b3_precision", "b3_recall", "b3_f1", "fga", "recall_at_10",
         "first_right", "query_ms", "requests", "seconds", "cpu_seconds", "bytes")  # fmt: skip
SCALE = ("threads_a_second", "quiet_seconds", "cpu_seconds", "owner_mb", "worker_mb",
         "bytes_a_thread")  # fmt: skip


def mining(*program: str) -> Figures:
    """What `benchmarks/bench_scale.py` measures."""
    out: Figures = {}
    for row in rows_of("bench_scale.py", *program):
        name = f"mine {row['threads']} threads ({row['input']}), {row['engine']}"
        out |= {f"{name}: {key}": float(str(row[key])) for key in SCALE}
    return out


def grouping(*program: str) -> Figures:
    """What `benchmarks/bench_group.py` measures."""
    out: Figures = {}
    for row in rows_of("bench_group.py", *program):
        size = row.get("signatures", row.get("threads"))
        what = f"group {size}, {row['workers']} processes" if "signatures" in row else (
            f"night over {size}")  # fmt: skip
        for key in ("seconds", "peak_mb", "worker_mb", "group_seconds"):
            if key in row:
                out[f"{what}: {key}"] = float(str(row[key]))
    return out


def peers(*program: str) -> Figures:
    """What `benchmarks/bench_peers.py` measures, ours beside theirs."""
    out: Figures = {}
    for row in rows_of("bench_peers.py", *program):
        name = f"{row['what']}, {row['program']}" + (f", {row['run']}" if "run" in row else "")
        out |= {f"{name}: {key}": float(str(row[key])) for key in PEERS if key in row}
    return out


def figures(corpus: list[str], lines: list[str], *, large: bool) -> Figures:
    """Every figure by its name."""
    if not large:
        return mining(*corpus, "--threads", "300") | grouping("--small")
    return (
        mining(*corpus, "--threads", "1000", "4000", "--dask")
        | mining("--made-up", "--threads", "10000", "50000", "--workers", "2")
        | grouping()
        | peers(*lines)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="the sizes that take an hour")
    parser.add_argument("--corpus", nargs="*", default=[], help="for bench_scale.py")
    parser.add_argument("--lines", nargs="?", help="for bench_peers.py")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    arguments = parser.parse_args()
    lines = [arguments.lines] if arguments.lines else []
    found = figures(arguments.corpus, lines, large=arguments.large)
    machine = {"python": platform.python_version(), "processors": os.cpu_count(),
               "load": round(os.getloadavg()[0], 1)}  # fmt: skip
    text = json.dumps({"machine": machine, "figures": found}, indent=1) + "\n"
    arguments.out.write_text(text, encoding="utf-8")
    for name, value in found.items():
        print(f"{name:75} {value:12,.2f}")
    print(f"machine: {machine}; written to {arguments.out}")


if __name__ == "__main__":
    main()
