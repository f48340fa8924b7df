"""Mentions of which it is doubtful whether they are errors, for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb import sql
from kb.models import ENTRY_CONFIDENCE, NEAR_ENTRY
from kb.redact import redact
from kb.text import shorten

if TYPE_CHECKING:
    import sqlite3

_LONGEST = 80


def doubtful_mentions(connection: sqlite3.Connection, most: int = 5) -> list[dict[str, Any]]:
    """The threads' main errors whose confidence is nearest to the threshold from which they belong
    to an entry, nearest first: `repo`, `number`, `confidence`, `counted`, `text` (redacted, one
    short line).
    """
    rows = sql.ask(
        connection, "mentions.near_threshold", at=ENTRY_CONFIDENCE, near=NEAR_ENTRY, most=most
    )
    return [
        {
            **{name: row[name] for name in ("repo", "number", "confidence")},
            "counted": bool(row["counted"]),
            "text": shorten(redact(row["raw"]), _LONGEST),
        }
        for row in rows
    ]
