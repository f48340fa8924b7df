"""Under which name a repository is stored, and under which GitHub answers for it now.

A repository that was renamed keeps the name under which its threads are stored, so that nothing is
stored twice and every reference stays; asked for by either name, it is the same one. GitHub's names
do not differ by case.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kb import sql
from kb.rows import upsert
from miner.harvest.client import KnownRepository

if TYPE_CHECKING:
    import sqlite3

    from kb.store import Store

REPOSITORY = "repository"
"""The stream under which what GitHub says of a repository itself is kept among the cursors."""


@dataclass(frozen=True, slots=True)
class Names:
    """`home`: where the threads are stored; `api`: the name to ask for; `settled`: if any are."""

    home: str
    api: str
    settled: bool


def home_of(connection: sqlite3.Connection, repo: str) -> Names:
    """What is known of a repository that is asked for by this name."""
    row = sql.first(connection, "harvest.moved_to", repo)
    api = row["moved_to"] if row else repo
    former = sql.ask(connection, "harvest.former_names", api).fetchall()
    for name in (repo, *(row["repo"] for row in former), api):
        if (stored := _stored(connection, name)) is not None:
            return Names(stored, api, settled=True)
    return Names(api, api, settled=False)


def _stored(connection: sqlite3.Connection, name: str) -> str | None:
    for name_of in ("harvest.name_in_cursors", "threads.name_of_repo"):
        if (stored := sql.value(connection, name_of, name)) is not None:
            return str(stored)
    return None


def record_move(store: Store, repo: str, moved_to: str) -> None:
    """Records that GitHub redirects a name to another one, or no longer does."""
    new = None if moved_to.lower() == repo.lower() else moved_to
    with store.transaction() as connection:
        _put(connection, repo, moved_to=new)


def _put(connection: sqlite3.Connection, repo: str, **facts: str | None) -> None:
    """Writes facts into the row of a repository."""
    upsert(connection, "repo", {"repo": repo, **facts}, ("repo",))


def known_repository(connection: sqlite3.Connection, home: str) -> KnownRepository | None:
    """What GitHub said of a repository when it was last asked."""
    row = sql.first(connection, "harvest.state", home, REPOSITORY)
    return None if row is None else KnownRepository(**json.loads(row["state"]))


def same_repository(connection: sqlite3.Connection, number: int, host: str) -> str | None:
    """The name under which the repository with this number at this GitHub is stored."""
    row = sql.first(connection, "harvest.same_repository", REPOSITORY, number, host)
    return None if row is None else str(row["repo"])


def host_of(connection: sqlite3.Connection, home: str) -> str | None:
    """The GitHub that a stored repository is of; None if that was not recorded."""
    row = sql.first(connection, "harvest.host", home)
    return None if row is None else row["api_host"]


def record_repository(store: Store, home: str, found: KnownRepository, host: str) -> None:
    """Records what GitHub says of a repository; writes only what is news."""
    connection = store.connection
    if known_repository(connection, home) == found and host_of(connection, home) == host:
        return
    with store.transaction():
        sql.write(
            connection,
            "harvest.put_state",
            home,
            REPOSITORY,
            json.dumps(asdict(found), sort_keys=True),
        )
        _put(connection, home, api_host=host)


def record_failure(
    store: Store, repo: str, failure: str | None, at: str, *, gone: bool = False
) -> str | None:
    """Records why a repository could not be harvested, or that it could be again, if that is news.
    `gone`: GitHub does not have it. Returns since when, if an earlier run found that too.
    """
    known, since = sql.first(store.connection, "harvest.failure", repo) or (None, None)
    if failure is None and known is None and since is None:
        return None
    failed_at, gone_since = at if failure else None, (since or at) if gone else None
    with store.transaction() as connection:
        _put(connection, repo, failed_at=failed_at, failure=failure, gone_since=gone_since)
    return since if gone else None
