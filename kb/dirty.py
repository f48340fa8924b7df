"""What is to be done again: threads by stage, signatures to group, entries to count.

The only writer of tables `dirty`, `dirty_signature` and `dirty_entry`. Whoever changes what a
stage reads marks it here, in the transaction of the change; the stage takes it off in the
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


def mark_all_threads(connection: sqlite3.Connection, stage: str) -> None:
    """A stage has to read every thread again: its rules changed."""
    sql.write(connection, "work.mark_all_threads", stage)


def dirty_threads(connection: sqlite3.Connection, stage: str) -> list[ThreadKey]:
    """The threads that a stage has to read, by repository and number."""
    rows = sql.ask(connection, "work.threads", stage)
    return [(row[0], row[1]) for row in rows]


def clean_threads(connection: sqlite3.Connection, stage: str, keys: Iterable[ThreadKey]) -> None:
    """A stage has read these threads."""
    sql.write_many(connection, "work.clean_thread", [(stage, *key) for key in keys])


def waiting(connection: sqlite3.Connection) -> int:
    """How many threads some stage has still to read."""
    return int(sql.value(connection, "work.count_threads"))


def mark_signatures(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> None:
    """Grouping has to look at these signatures."""
    sql.write_many(connection, "work.mark_signature", [(one,) for one in sorted(fingerprints)])


def mark_all_signatures(connection: sqlite3.Connection) -> None:
    """Grouping has to look at every signature: its rules changed."""
    sql.write(connection, "work.mark_all_signatures")


def dirty_signatures(connection: sqlite3.Connection) -> list[str]:
    """The signatures that grouping has to look at, sorted."""
    return sql.column(connection, "work.signatures")


def clean_signatures(connection: sqlite3.Connection) -> None:
    """Grouping has looked at all signatures that were marked."""
    sql.write(connection, "work.clean_signatures")


def mark_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """These entries have to be graded and counted."""
    sql.write_many(connection, "work.mark_entry", [(one,) for one in sorted(entry_ids)])


def dirty_entries(connection: sqlite3.Connection) -> list[str]:
    """The entries that have to be graded and counted, sorted."""
    return sql.column(connection, "work.entries")


def clean_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """These entries are counted, or gone."""
    sql.write_many(connection, "work.clean_entry", [(one,) for one in entry_ids])
