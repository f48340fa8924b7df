"""`make bench`: the figures that are watched, in a few minutes, as a table and as JSON.

    python benchmarks/run.py [--large] [--out FILE]

`benchmarks/compare.py OLD.json NEW.json` sets two runs side by side. Figures of a machine that does
other work at the same time are worth little: its load is part of the result.
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


def figures(*, large: bool) -> dict[str, float]:
    """Every figure by its name."""
    sizes = ["5000", "50000"] if large else ["300"]
    out: dict[str, float] = {}
    for row in rows_of("bench_scale.py", "--threads", *sizes):
        name = f"mine {row['threads']} threads, {row['engine']}"
        for key in ("threads_a_second", "quiet_seconds", "owner_mb", "worker_mb", "bytes_a_thread"):
            out[f"{name}: {key}"] = float(str(row[key]))
    for row in rows_of("bench_group.py", *([] if large else ["--small"])):
        size = row.get("signatures", row.get("threads"))
        what = "group" if "signatures" in row else "night over"
        for key in ("seconds", "peak_mb", "group_seconds"):
            if key in row:
                out[f"{what} {size}: {key}"] = float(str(row[key]))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="the sizes that take an hour")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    arguments = parser.parse_args()
    found = figures(large=arguments.large)
    machine = {"python": platform.python_version(), "processors": os.cpu_count(),
               "load": round(os.getloadavg()[0], 1)}  # fmt: skip
    text = json.dumps({"machine": machine, "figures": found}, indent=1) + "\n"
    arguments.out.write_text(text, encoding="utf-8")
    for name, value in found.items():
        print(f"{name:60} {value:12,.2f}")
    print(f"machine: {machine}; written to {arguments.out}")


if __name__ == "__main__":
    main()
