"""What is to be done again: threads by stage, signatures to group, entries to count.

Whoever changes what a stage reads marks it in tables `dirty`, `dirty_signature` and `dirty_entry`
(statements of `work.sql`), in the transaction of the change; the stage takes it off in the
transaction that stores its result. So a run that is killed loses nothing and does nothing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb import sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kb.models import ThreadKey

STAGES = ("detect", "claims")
"""The stages that read threads, in order. A thread whose text changed is marked for all of them,
one whose events or links changed for the second.
"""


def mark_threads(
    connection: sqlite3.Connection, stages: Sequence[str], keys: Iterable[ThreadKey]
) -> None:
    """These stages have to read these threads again."""
    sql.write_many(
        connection, "work.mark_thread", [(stage, *key) for key in sorted(keys) for stage in stages]
    )


def dirty_threads(connection: sqlite3.Connection, stage: str) -> list[ThreadKey]:
    """The threads that a stage has to read, by repository and number."""
    rows = sql.ask(connection, "work.threads", stage)
    return [(row[0], row[1]) for row in rows]


def waiting(connection: sqlite3.Connection) -> int:
    """How many threads some stage has still to read."""
    return int(sql.value(connection, "work.count_threads"))


def mark_signatures(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> None:
    """Grouping has to look at these signatures."""
    sql.write_many(connection, "work.mark_signature", [(one,) for one in sorted(fingerprints)])


def mark_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """These entries have to be graded and counted."""
    sql.write_many(connection, "work.mark_entry", [(one,) for one in sorted(entry_ids)])
