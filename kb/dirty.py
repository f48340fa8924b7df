"""What is to be done again: threads by stage, signatures to group, entries to count.

The only writer of tables `dirty`, `dirty_signature` and `dirty_entry`. Whoever changes what a
stage reads marks it here, in the transaction of the change; the stage takes it off in the
transaction that stores its result. So a run that is killed loses nothing and does nothing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    connection.executemany(
        "insert or ignore into dirty (stage, repo, number) values (?, ?, ?)",
        [(stage, *key) for key in sorted(keys) for stage in stages],
    )


def mark_all_threads(connection: sqlite3.Connection, stage: str) -> None:
    """A stage has to read every thread again: its rules changed."""
    connection.execute(
        "insert or ignore into dirty (stage, repo, number) select ?, repo, number from thread",
        (stage,),
    )


def dirty_threads(connection: sqlite3.Connection, stage: str) -> list[ThreadKey]:
    """The threads that a stage has to read, by repository and number."""
    rows = connection.execute(
        "select repo, number from dirty where stage = ? order by repo, number", (stage,)
    )
    return [(row[0], row[1]) for row in rows]


def clean_threads(connection: sqlite3.Connection, stage: str, keys: Iterable[ThreadKey]) -> None:
    """A stage has read these threads."""
    connection.executemany(
        "delete from dirty where stage = ? and repo = ? and number = ?",
        [(stage, *key) for key in keys],
    )


def waiting(connection: sqlite3.Connection) -> int:
    """How many threads some stage has still to read."""
    row = connection.execute("select count(distinct repo || '#' || number) from dirty").fetchone()
    return int(row[0])


def mark_signatures(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> None:
    """Grouping has to look at these signatures."""
    _mark(connection, "dirty_signature (fingerprint)", fingerprints)


def mark_all_signatures(connection: sqlite3.Connection) -> None:
    """Grouping has to look at every signature: its rules changed."""
    connection.execute(
        "insert or ignore into dirty_signature (fingerprint) select fingerprint from signature"
    )


def dirty_signatures(connection: sqlite3.Connection) -> list[str]:
    """The signatures that grouping has to look at, sorted."""
    rows = connection.execute("select fingerprint from dirty_signature order by fingerprint")
    return [row[0] for row in rows]


def clean_signatures(connection: sqlite3.Connection) -> None:
    """Grouping has looked at all signatures that were marked."""
    connection.execute("delete from dirty_signature")


def mark_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """These entries have to be graded and counted."""
    _mark(connection, "dirty_entry (entry_id)", entry_ids)


def dirty_entries(connection: sqlite3.Connection) -> list[str]:
    """The entries that have to be graded and counted, sorted."""
    rows = connection.execute("select entry_id from dirty_entry order by entry_id")
    return [row[0] for row in rows]


def clean_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """These entries are counted, or gone."""
    one = [(entry_id,) for entry_id in entry_ids]
    connection.executemany("delete from dirty_entry where entry_id = ?", one)


def _mark(connection: sqlite3.Connection, column: str, names: Iterable[str]) -> None:
    one = [(name,) for name in sorted(names)]
    connection.executemany(f"insert or ignore into {column} values (?)", one)
