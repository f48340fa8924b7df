"""Names of repositories: those that people give (`owner/name`, an address, `owner/*`, a file), that
under which a repository is stored, and that under which GitHub answers for it now.

A repository that was renamed keeps the name under which its threads are stored, so that nothing is
stored twice and every reference stays; asked for by either name, it is the same one. GitHub's names
do not differ by case.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kb import sql
from kb.errors import BadInputError
from kb.rows import upsert
from miner.harvest.client import KnownRepository
from miner.harvest.objects import check_repo

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from kb.store import Store
    from miner.harvest.client import Client

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
    api = sql.value(connection, "harvest.moved_to", repo) or repo
    for name in (repo, *sql.column(connection, "harvest.former_names", api), api):
        for known_as in ("harvest.name_in_cursors", "threads.name_of_repo"):
            if (stored := sql.value(connection, known_as, name)) is not None:
                return Names(stored, api, settled=True)
    return Names(api, api, settled=False)


def record_move(store: Store, repo: str, moved_to: str) -> None:
    """Records that GitHub redirects a name to another one, or no longer does."""
    new = None if moved_to.lower() == repo.lower() else moved_to
    with store.transaction() as connection:
        upsert(connection, "repo", {"repo": repo, "moved_to": new}, ("repo",))


def known_repository(connection: sqlite3.Connection, home: str) -> KnownRepository | None:
    """What GitHub said of a repository when it was last asked."""
    state = sql.value(connection, "harvest.state", home, REPOSITORY)
    return KnownRepository(**json.loads(state)) if state else None


def same_repository(connection: sqlite3.Connection, number: int, host: str) -> str | None:
    """The name under which the repository with this number at this GitHub is stored."""
    name: str | None = sql.value(connection, "harvest.same_repository", REPOSITORY, number, host)
    return name


def host_of(connection: sqlite3.Connection, home: str) -> str | None:
    """The GitHub that a stored repository is of; None if that was not recorded."""
    host: str | None = sql.value(connection, "harvest.host", home)
    return host


def record_repository(store: Store, home: str, found: KnownRepository, host: str) -> None:
    """Records what GitHub says of a repository; writes only what is news."""
    connection = store.connection
    if known_repository(connection, home) == found and host_of(connection, home) == host:
        return
    state = json.dumps(asdict(found), sort_keys=True)
    with store.transaction():
        sql.write(connection, "harvest.put_state", home, REPOSITORY, state)
        upsert(connection, "repo", {"repo": home, "api_host": host}, ("repo",))


def record_failure(
    store: Store, repo: str, failure: str | None, at: str, *, gone: bool = False
) -> str | None:
    """Records why a repository could not be harvested, or that it could be again, if that is news.
    `gone`: GitHub does not have it. Returns since when, if an earlier run found that too.
    """
    known, since = sql.first(store.connection, "harvest.failure", repo) or (None, None)
    if failure is None and known is None and since is None:
        return None
    facts = {"failed_at": at if failure else None, "gone_since": (since or at) if gone else None}
    with store.transaction() as connection:
        upsert(connection, "repo", {"repo": repo, "failure": failure, **facts}, ("repo",))
    return since if gone else None


# ---------------------------------------------------------------- as people give them


_ADDRESS = re.compile(r"https?://[^/\s]+/(?P<name>[^/\s]+/[^/\s?#]+?)(?:\.git)?(?:[/?#].*)?\Z")
_PATTERN = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]+/[A-Za-z0-9._*?-]+\Z")
MOST_PAGES = 100
"""Pages of an owner's repositories that are read, of a hundred each."""


def check_name(text: str) -> str:
    """A name, also out of an address, or a pattern such as `owner/*`. Raises `BadInputError`."""
    text = text.strip()
    if address := _ADDRESS.match(text):
        text = address["name"]
    if is_pattern(text) and _PATTERN.match(text):
        return text
    return check_repo(text)


def is_pattern(name: str) -> bool:
    """Whether a name stands for several repositories of its owner."""
    return "*" in name or "?" in name


def read_names(path: Path) -> list[str]:
    """The names in a file, one a line; `#` begins a comment. Raises `BadInputError` with a line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise BadInputError(f"{path}: {reason}; name a text file of repositories") from None
    names = []
    for number, line in enumerate(lines, start=1):
        if text := re.sub(r"(?:\A|\s)#.*", "", line).strip():
            try:
                names.append(check_name(text))
            except BadInputError as error:
                raise BadInputError(f"{path}:{number}: {error}") from None
    if not names:
        raise BadInputError(f"{path}: names no repository; write one a line, as owner/name")
    return names


def expand(client: Client, pattern: str) -> list[str]:
    """The repositories that a pattern stands for, by name; forks and those without issues are none.
    Raises as `Client` does.
    """
    pattern = pattern.lower()
    names = [
        str(found.get("full_name", ""))
        for found in client.repositories(pattern.partition("/")[0], MOST_PAGES)
        if found.get("has_issues") is not False and not found.get("fork")
    ]
    return sorted((name for name in names if fnmatchcase(name.lower(), pattern)), key=str.lower)
