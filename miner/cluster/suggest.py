"""Which pairs a curator should look at first: nearest to the line."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from kb import sql
from kb.matching.blocking import signature_of
from kb.matching.features import view_of
from kb.matching.model import in_words, judge, weights
from kb.redact import redact_all
from kb.rows import listed


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two signatures near the line: to `merge` their entries, or to `split` their one."""

    action: str
    probability: float
    entry_a: str
    entry_b: str
    signature_a: str
    signature_b: str
    why: str
    line: str

    def as_text(self) -> str:
        """Three lines: what to write into the curation file, and the two texts."""
        return (
            f"{self.line}    # {self.probability:.2f}, {self.why}\n    {self.signature_a}\n"
            f"    {self.signature_b}"
        )


def suggest(connection: sqlite3.Connection, limit: int = 20) -> list[Suggestion]:
    """Pairs nearest to the line that are not decided, one for each pair of entries."""
    most = min(0.99, weights().threshold + 0.2)
    rows = sql.ask(connection, "groups.to_suggest", most).fetchall()
    return [_suggestion(connection, row) for row in undecided(connection, rows)[:limit]]


def undecided(connection: sqlite3.Connection, rows: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
    """Of pairs of signatures those of which no person said what they are: for each two entries (or
    for one) the pair nearest to the line, the nearest first.
    """
    least = _logit(weights().threshold)
    decided = {
        frozenset(line.split()[1:3])
        for (line,) in sql.ask(connection, "entries.curation_lines")
        if line.startswith(("not-same", "merge"))
    }
    best: dict[frozenset[str], sqlite3.Row] = {}
    for row in sorted(rows, key=lambda r: (abs(_logit(r["probability"]) - least), r["a"], r["b"])):
        best.setdefault(frozenset((row["ea"], row["eb"])), row)
    return [row for pair, row in best.items() if pair not in decided]


def _logit(p: float) -> float:
    p = min(0.9999, max(0.0001, p))
    return math.log(p / (1 - p))


def _suggestion(connection: sqlite3.Connection, row: sqlite3.Row) -> Suggestion:
    signatures = {
        r["fingerprint"]: signature_of(r)
        for r in sql.ask(connection, "signatures.fields", listed([row["a"], row["b"]]))
    }
    a, b = signatures[row["a"]], signatures[row["b"]]
    two = row["ea"] != row["eb"]
    line = f"merge {row['ea']} {row['eb']}" if two else f"split {row['ea']} {row['b']}"
    why = in_words(judge(view_of(a), view_of(b)))
    asked = "merge" if two else "split", row["probability"], row["ea"], row["eb"]
    return redact_all(Suggestion(*asked, a.text, b.text, why, line))
