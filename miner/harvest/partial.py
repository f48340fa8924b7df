"""Threads of which only a part arrived: what an archive does not hold, and the tracker does.

A thread is in table `partial_thread` as long as something of it is missing: `texts` (an event named
it and quoted nothing of it, or not all) or `comments` (it has more than are stored). `faultlore
harvest --complete` brings the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.store import unpack

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kb.models import ThreadKey


def note_partial(connection: sqlite3.Connection, key: ThreadKey, missing: str) -> None:
    """Something of a thread is missing: `texts` or `comments`."""
    connection.execute(
        "insert into partial_thread (repo, number, missing) values (?, ?, ?) "
        "on conflict (repo, number) do update set missing = max(missing, excluded.missing)",
        (*key, missing),
    )


def note_complete(connection: sqlite3.Connection, key: ThreadKey) -> None:
    """Nothing of a thread is missing any more."""
    connection.execute("delete from partial_thread where repo = ? and number = ?", key)


def note_what_is_missing(connection: sqlite3.Connection, keys: Iterable[ThreadKey | None]) -> None:
    """Compares the number of comments that a thread says it has with those that are stored."""
    issue = "select json from raw where kind = 'issue' and repo = ? and number = ?"
    comments = "select count(*) from comment where repo = ? and number = ?"
    for key in sorted(key for key in keys if key is not None):
        row = connection.execute(issue, key).fetchone()
        said = unpack(row[0]).get("comments") if row else None
        stored = connection.execute(comments, key).fetchone()[0]
        if type(said) is int and said > stored:
            note_partial(connection, key, "comments")
        else:
            whole = "delete from partial_thread where repo = ? and number = ?"
            connection.execute(f"{whole} and missing = 'comments'", key)


def partial_repos(connection: sqlite3.Connection) -> list[str]:
    """The repositories with threads of which something is missing."""
    rows = connection.execute("select distinct repo from partial_thread order by repo")
    return [row[0] for row in rows]


def partial_numbers(connection: sqlite3.Connection, repo: str, most: int) -> list[int]:
    """The numbers of a repository's partial threads, the newest first, `most` of them."""
    newest = "select number from partial_thread where repo = ? order by number desc limit ?"
    return [row[0] for row in connection.execute(newest, (repo, most))]
