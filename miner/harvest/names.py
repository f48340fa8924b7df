"""Under which name a repository is stored, and under which GitHub answers for it now.

A repository that was renamed keeps the name under which its threads are stored, so that nothing is
stored twice and every reference stays; asked for by either name, it is the same one. GitHub's names
do not differ by case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from kb.store import Store

_API_NAME = re.compile(r"(?:\A|/)repos/([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)(?:/|\Z)")
_ADDRESSES = ("url", "repository_url", "issue_url")


@dataclass(frozen=True, slots=True)
class Names:
    """`home`: the name under which the threads are stored; `api`: the one to ask for; `settled`:
    whether anything is stored.
    """

    home: str
    api: str
    settled: bool

    @property
    def path(self) -> str:
        """The repository's path below the API's base."""
        return f"/repos/{self.api}"


def name_in(source: object) -> str | None:
    """The `owner/name` in an API path, or in the addresses that an object of the API holds."""
    if isinstance(source, dict):
        return next((name for field in _ADDRESSES if (name := name_in(source.get(field)))), None)
    found = _API_NAME.search(source) if isinstance(source, str) else None
    return found[1] if found else None


def home_of(connection: sqlite3.Connection, repo: str) -> Names:
    """What is known of a repository that is asked for by this name."""
    row = connection.execute(
        "select moved_to from repo where repo = ? collate nocase and moved_to is not null", (repo,)
    ).fetchone()
    api = row["moved_to"] if row else repo
    former = connection.execute(
        "select repo from repo where moved_to = ? collate nocase order by repo", (api,)
    ).fetchall()
    for name in (repo, *(row["repo"] for row in former), api):
        if (stored := _stored(connection, name)) is not None:
            return Names(stored, api, settled=True)
    return Names(api, api, settled=False)


def _stored(connection: sqlite3.Connection, name: str) -> str | None:
    for table in ("cursor", "thread"):
        row = connection.execute(
            f"select repo from {table} where repo = ? collate nocase limit 1", (name,)
        ).fetchone()
        if row is not None:
            return str(row["repo"])
    return None


def record_move(store: Store, repo: str, moved_to: str) -> None:
    """Records that GitHub redirects a name to another one; nothing if it is the name itself, which
    came back.
    """
    new = None if moved_to.lower() == repo.lower() else moved_to
    with store.transaction() as connection:
        connection.execute(
            (
                "insert into repo (repo, moved_to) values (?, ?) on conflict (repo) do update "
                "set moved_to = excluded.moved_to"
            ),
            (repo, new),
        )


def record_failure(store: Store, repo: str, failure: str | None, at: str) -> None:
    """Records why a repository could not be harvested, or that it could be again; writes only what
    is news.
    """
    row = store.connection.execute("select failure from repo where repo = ?", (repo,)).fetchone()
    if failure is None and (row is None or row["failure"] is None):
        return
    with store.transaction() as connection:
        connection.execute(
            "insert into repo (repo, failed_at, failure) values (?, ?, ?) "
            "on conflict (repo) do update set failed_at = excluded.failed_at, failure = "
            "excluded.failure",
            (repo, at if failure else None, failure),
        )
