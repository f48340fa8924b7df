"""What the notebooks share: a database as tables, and the figures that need more than a query.

Wants `faultlore[notebooks]` (pandas); nothing else imports this module.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame


def open_database() -> sqlite3.Connection:
    """The database that `FAULTLORE_DB` names, read-only; without it the demo's made-up threads,
    mined into a temporary folder.

    Raises `BadInputError` if there is no such file.
    """
    named = os.environ.get("FAULTLORE_DB")
    if named:
        path = Path(named)
    else:
        folder = tempfile.mkdtemp(prefix="faultlore-")
        command = [sys.executable, "-m", "miner", "demo", "--out", folder]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program
        path = Path(folder) / "demo.db"
    if not path.is_file():
        raise BadInputError(f"{path}: no such database; set FAULTLORE_DB to one")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def table(connection: sqlite3.Connection, sql: str, times: Sequence[str] = ()) -> DataFrame:
    """The rows of a query. `times`: its columns that are times, which become timestamps in UTC."""
    import pandas as pd

    found = pd.read_sql_query(sql, connection)
    for name in times:
        found[name] = pd.to_datetime(found[name], utc=True)
    return found


def survival(days: Sequence[float], ended: Sequence[bool]) -> tuple[list[float], list[float]]:
    """The share that is still open after so many days (Kaplan and Meier, 1958): what was not seen
    to end counts as long as it was watched.

    `days`: how long each was watched, >= 0; `ended`: whether it ended then. Gives days and shares
    of a step curve that begins at (0, 1).
    """
    at, share = [0.0], [1.0]
    watched = sorted(zip(days, ended, strict=True))
    place = 0
    while place < len(watched):
        day, left, ends = watched[place][0], len(watched) - place, 0
        while place < len(watched) and watched[place][0] == day:
            ends += watched[place][1]
            place += 1
        at.append(day)
        share.append(share[-1] * (1 - ends / left))
    return at, share


def reliability(
    confidence: Sequence[float], right: Sequence[bool], bins: int = 10
) -> list[tuple[float, float, int]]:
    """How often a confidence is right: (mean confidence, share that is right, number) of each of
    `bins` equal parts of 0 to 1 that holds any.
    """
    parts: dict[int, list[tuple[float, bool]]] = {}
    for value, hit in zip(confidence, right, strict=True):
        parts.setdefault(min(bins - 1, int(value * bins)), []).append((value, hit))
    return [
        (sum(v for v, _ in part) / len(part), sum(h for _, h in part) / len(part), len(part))
        for _, part in sorted(parts.items())
    ]
