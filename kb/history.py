"""What happened to entries: written by grouping (`miner.cluster.ids`), printed by `faultlore
history`.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from kb import lazy_re as re
from kb import sql
from kb.redact import redact_all
from kb.rows import listed

_FINGERPRINT = re.compile(r"\bv\d{1,4}:[0-9a-f]{16}\b")


class Event(NamedTuple):
    """One row of `entry_log`: minted, merged, split, revived, retired, titled or ignored.

    merged: `entry_id` stays, `other_id` became its alias. split: `entry_id` was taken out of
    `other_id`. `at` is the time of the run, `rules` the version of the grouping rules.
    """

    at: str
    action: str
    entry_id: str
    other_id: str | None
    why: str
    rules: str


def surviving(connection: sqlite3.Connection, entry_id: str) -> str:
    """The id of the entry that answers for an id: itself, unless it was merged into another."""
    for _ in range(50):
        row = sql.first(connection, "entries.heir", entry_id)
        if row is None:
            break
        entry_id = str(row[0])
    return entry_id


def history(connection: sqlite3.Connection, entry_id: str) -> list[Event]:
    """What happened to an id and to those it was merged with or split from, oldest first; empty for
    an unknown id. Its words are redacted: they hold what threads and a curation file say. They name
    a signature by its text where it is still there.
    """

    def text_of(fingerprint: re.Match[str]) -> str:
        text = sql.value(connection, "signatures.text", fingerprint[0])
        return "of earlier rules" if text is None else f"“{text}”"

    ids = list(dict.fromkeys([entry_id, surviving(connection, entry_id)]))
    ids += sql.column(connection, "entries.merged_into", entry_id)
    rows = sql.ask(connection, "entries.events", listed(ids))
    events = (Event(*row) for row in rows)
    return [redact_all(e._replace(why=_FINGERPRINT.sub(text_of, e.why))) for e in events]
