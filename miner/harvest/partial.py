"""Threads of which only a part arrived: what an archive does not hold, and the tracker does.

A thread is in table `partial_thread` as long as something of it is missing: `texts` (an event named
it and quoted nothing of it, or not all) or `comments` (it has more than are stored). `faultlore
harvest --complete` brings the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb import sql
from kb.store import unpack

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kb.models import ThreadKey


def note_partial(connection: sqlite3.Connection, key: ThreadKey, missing: str) -> None:
    """Something of a thread is missing: `texts` or `comments`."""
    sql.write(connection, "harvest.put_partial", *key, missing)


def note_complete(connection: sqlite3.Connection, key: ThreadKey) -> None:
    """Nothing of a thread is missing any more."""
    sql.write(connection, "harvest.drop_partial", *key)


def note_what_is_missing(connection: sqlite3.Connection, keys: Iterable[ThreadKey | None]) -> None:
    """Compares the number of comments that a thread says it has with those that are stored."""
    for key in sorted(key for key in keys if key is not None):
        row = sql.first(connection, "harvest.raw_issue", *key)
        said = unpack(row[0]).get("comments") if row else None
        stored = sql.value(connection, "threads.count_comments", *key)
        if type(said) is int and said > stored:
            note_partial(connection, key, "comments")
        else:
            whole = "delete from partial_thread where repo = ? and number = ?"
            connection.execute(f"{whole} and missing = 'comments'", key)


def partial_repos(connection: sqlite3.Connection) -> list[str]:
    """The repositories with threads of which something is missing."""
    rows = sql.ask(connection, "harvest.partial_repos")
    return [row[0] for row in rows]


def partial_numbers(connection: sqlite3.Connection, repo: str, most: int) -> list[int]:
    """The numbers of a repository's partial threads, the newest first, `most` of them."""
    return [row[0] for row in sql.ask(connection, "harvest.partial_numbers", repo, most)]
