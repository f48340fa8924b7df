"""Two results of `benchmarks/run.py` side by side.

    python benchmarks/compare.py OLD.json NEW.json

Of speeds and shares (`MORE`) more is better, of all others less. Exit status 1 if one
is worse by more than a quarter.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MORE = ("_a_second", "recall_at_10", "first_right", "b3_precision", "b3_recall", "b3_f1", "fga")
"""How the names of figures end of which more is better."""
WORSE = 1.25
"""Ratio from which a figure counts as worse: repeated runs differ by less on a quiet machine."""


def compared(old: dict[str, float], new: dict[str, float]) -> list[tuple[str, float, float, float]]:
    """Name, both values, and how many times worse the new one is (below 1: better)."""
    rows = []
    for name in old.keys() & new.keys():
        before, after = old[name], new[name]
        if before > 0 and after > 0:
            better_is_more = name.endswith(MORE)
            rows.append((name, before, after, before / after if better_is_more else after / before))
    return sorted(rows)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    old, new = (json.loads(Path(name).read_text(encoding="utf-8"))["figures"] for name in arguments)
    rows = compared(old, new)
    for name, before, after, worse in rows:
        mark = "worse" if worse > WORSE else "better" if worse < 1 / WORSE else ""
        print(f"{name:60} {before:12,.2f} {after:12,.2f} {worse:8.2f} {mark}")
    return int(any(worse > WORSE for *_, worse in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
