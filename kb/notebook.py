"""What the notebooks share: a database as tables, and the figures that need more than a query.

Wants `faultlore[notebooks]` (pandas); nothing else imports this module.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import BadInputError

if TYPE_CHECKING:
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
    from scipy.stats import CensoredData, ecdf

    if not days:
        return [0.0], [1.0]
    ends = [day for day, end in zip(days, ended, strict=True) if end]
    going_on = [day for day, end in zip(days, ended, strict=True) if not end]
    curve = ecdf(CensoredData(ends, right=going_on)).sf
    return [0.0, *curve.quantiles], [1.0, *curve.probabilities]
