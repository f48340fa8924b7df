"""The SQLite file of a knowledge base: opening it safely, transactions, and reading threads.

Writers open it with `Store.open`, which takes the lock beside the file, migrates an older schema
and switches to WAL; readers with `connect_readonly`, which needs neither sqlite-utils nor the lock
and may run while a writer writes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb import sql
from kb.errors import BadInputError, FaultloreError, LockedError
from kb.models import Comment, Event, Thread, from_row
from kb.schema import APPLICATION_ID, OLDEST, SCHEMA_VERSION, foreign_triggers, migrate

if TYPE_CHECKING:
    from filelock import FileLock

SQLITE_MAGIC = b"SQLite format 3\x00"
BUSY_SECONDS = 30.0
"""How long another program may hold the database before a writer gives up."""
BUSY_STEP = 0.5
"""SQLite waits this long at a time: within its wait no signal is handled."""
WAL_BYTES = 64 << 20
"""A write-ahead log that grew beyond this (a reader held it for long) is cut back to it by SQLite
(`file.open_log`).
"""

LEAST_FREE = 64 << 20
"""Bytes of pages that hold nothing any more from which on the file is written anew,"""
FREE_SHARE = 0.25
"""if they are this share of it."""
MANY_ENTRIES = 1_000
"""Entries after whose change the index of words is written anew: it grows by pieces."""

_FULL_MESSAGE = (
    "the disk is full; what was committed before is kept. Free some space and run it again"
)


def pack(document: object) -> bytes:
    """Canonical JSON, zlib-compressed: an issue shrinks to about a third."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 6)


def unpack(blob: bytes) -> Any:
    """The document that `pack` was given."""
    return json.loads(zlib.decompress(blob).decode("utf-8", "surrogatepass"))


def _refused(path: Path, problem: str, **remedies: str) -> BadInputError:
    return BadInputError(f"{path}: {problem}", **remedies)


def check_file(path: Path, *, must_exist: bool) -> int:
    """The schema version of a database file (0: new or empty).

    Raises `BadInputError` for a folder, a file that is not SQLite, another program's database or a
    newer schema.
    """
    refused = partial(_refused, path)
    if path.is_dir():
        raise refused("is a folder; --db wants a file")
    if not path.exists():
        if must_exist:
            commands = "'faultlore harvest' and 'faultlore import' make one"
            python = f"name the file of a knowledge base; {commands}"
            raise refused("no such database", cli=f"name one with --db; {commands}", python=python)
        if not path.parent.is_dir():
            raise refused(f"the folder {path.parent} does not exist; make it first")
        return 0
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise refused(f"cannot be read ({error.strerror}); check its permissions") from error
    if not head:
        return 0
    if not head.startswith(SQLITE_MAGIC):
        raise refused("is not a SQLite database; name another file")
    try:
        with closing(read_only(path)) as connection:
            version, application, tables = sql.first(connection, "file.version")
    except sqlite3.Error as error:
        raise refused(_why_unreadable(str(error))) from error
    if application != APPLICATION_ID and tables:
        raise refused("is another program's database; name another file with --db")
    if version > SCHEMA_VERSION:
        known = f"this faultlore knows up to {SCHEMA_VERSION}"
        raise refused(f"has schema {version}, {known}; upgrade faultlore (nothing was changed)")
    if 0 < version < OLDEST:
        old = "is from before version 0.1 and cannot be brought up to date"
        raise refused(f"{old}; harvest or import its threads into a new one")
    return int(version)


def _why_unreadable(error: str) -> str:
    if "readonly" in error or "unable to open" in error:
        remedy = "make it writable, or read a copy that 'faultlore backup' made"
        return f"SQLite has to write in its folder to read it; {remedy}"
    return f"cannot be read as a database ({error}); restore a backup"


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for one thread at a time."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


def unsound(connection: sqlite3.Connection, *, indexes: bool = False) -> str:
    """What is wrong with a file itself, in a few words ("": nothing). `indexes`: they are held
    against their tables too, which takes longer.
    """
    found = sql.column(connection, "file.damage_of_indexes_too" if indexes else "file.damage", 5)
    if broken := sql.value(connection, "file.count_orphans"):
        found.append(f"{broken} rows refer to rows that are not there")
    return "; ".join(map(str, found))


def _configure(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.row_factory = sqlite3.Row
    sql.script(connection, "file.check_what_is_read")
    return connection


def connect_readonly(path: str | Path) -> sqlite3.Connection:
    """A read-only connection to an existing knowledge base of the current schema.

    A database of an older schema is migrated first (which takes the writers' lock).
    Raises `BadInputError` if the file is missing or not a knowledge base.
    """
    path = Path(path)
    _migrated(path)
    connection = read_only(path)
    try:
        sql.script(connection, "file.only_read")
        return _configure(connection)
    except sqlite3.Error as error:
        connection.close()
        raise explain_sqlite(error, path) from error


def _migrated(path: Path) -> None:
    """Brings an older schema up to date, or waits while a writer that came first does so."""
    until = time.monotonic() + BUSY_SECONDS
    while check_file(path, must_exist=True) < SCHEMA_VERSION:
        try:
            Store.open(path).close()
        except LockedError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.05)


def explain_sqlite(error: Exception, path: str | Path) -> FaultloreError:
    """The error of the database library as one that says what to do."""
    text = str(error)
    if "full" in text:
        return BadInputError(f"{path}: {_FULL_MESSAGE}")
    if "readonly" in text or "unable to open" in text:
        return BadInputError(
            f"{path}: cannot be written ({text}); check the permissions of the file and its folder"
        )
    if "locked" in text or "busy" in text:
        return LockedError(f"{path}: another process is using this database; wait for it to end")
    damaged = ("malformed", "not a database", "utf-8", "UTF-8", "unsupported file format")
    if any(word in text for word in damaged):
        return BadInputError(f"{path}: is damaged ({text}); restore a backup")
    return BadInputError(f"{path}: database error: {text}")


def lock_path(path: Path) -> Path:
    """The file whose lock a writer of `path` holds."""
    return path.with_name(path.name + ".lock")


def writer_of(path: Path) -> int | None:
    """The process that writes `path`, or was the last to; None if that is not known."""
    try:
        text = lock_path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isascii() and text.isdigit() else None


def lock_writers(path: Path, wait: float) -> FileLock:
    """Takes the writers' lock. Raises `LockedError`, which names who has it."""
    from filelock import FileLock, Timeout

    lock = FileLock(lock_path(path))
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        holder = writer_of(path)
        who = f" (process {holder})" if holder else ""
        raise LockedError(
            f"{path}: another faultlore{who} is writing this database; wait for it to end"
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be written ({error.strerror}); check the permissions of its folder"
        ) from error
    try:
        lock_path(path).write_text(str(os.getpid()), encoding="utf-8")
    except OSError as error:
        lock.release()
        raise BadInputError(f"{path}: {_FULL_MESSAGE}") from error
    return lock


class Store:
    """A knowledge base open for writing; use as a context manager.

    `connection` is in autocommit mode: write inside `transaction()`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        self.path = path
        self.connection = connection
        self._lock = lock

    @classmethod
    def open(cls, path: str | Path, *, wait: float = 0.0) -> Store:
        """Opens or makes a knowledge base, migrating an older schema.

        `wait`: seconds to wait for another writer. Raises `LockedError` if one is still there,
        `BadInputError` if the file cannot be used; nothing is changed then.
        """
        path = Path(path)
        check_file(path, must_exist=False)
        if path.exists() and not os.access(path, os.W_OK):
            raise BadInputError(
                f"{path}: cannot be written (permission denied); check the permissions of the file"
            )
        lock = lock_writers(path, wait)
        connection = None
        try:
            connection = sqlite3.connect(path, timeout=BUSY_STEP, isolation_level=None)
            if names := foreign_triggers(connection):  # what is written would run them
                raise BadInputError(
                    f"{path}: has a trigger {names[0]!r} that faultlore did not make, and is not"
                    " opened for writing; drop it, or restore a backup"
                )
            if check_file(path, must_exist=False) < SCHEMA_VERSION:
                sql.script(connection, "file.open_log")
                migrate(connection)
            sql.script(connection, "file.open_log")
            return cls(path, _configure(connection), lock)
        except BaseException as error:
            if connection is not None:
                connection.close()
            lock.release()
            if isinstance(error, sqlite3.Error):
                raise explain_sqlite(error, path) from error
            raise

    def close(self) -> None:
        """Closes the file and gives the lock back."""
        self.connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: commits at the end, rolls back on any exception. Not nested."""
        self._begin()
        try:
            yield self.connection
        except BaseException:
            if self.connection.in_transaction:
                sql.write(self.connection, "file.roll_back")
            raise
        sql.write(self.connection, "file.commit")

    def tidy(self, changed: int = 0) -> bool:
        """What keeps the file small and quick, where it pays: the index of words in one piece after
        `changed` entries, if those are many; without its empty pages, if those are many. Whether
        the file was written anew: that needs as much disk again, and is left for another time where
        there is none, or while another program reads.

        The planner's statistics (`analyze`) are not asked for: every statement goes by a key, and
        questions took as long with them as without.
        """
        if changed >= MANY_ENTRIES:
            with self.transaction() as connection:
                sql.write(connection, "search.optimize")
        size, pages, free = sql.first(self.connection, "file.pages")
        if free * size < LEAST_FREE or free < FREE_SHARE * pages:
            return False
        try:
            sql.write(self.connection, "file.vacuum")
        except sqlite3.OperationalError:
            return False
        return True

    def _begin(self) -> None:
        """Waits for another program that writes (the lock file only keeps other faultlores out)."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                sql.write(self.connection, "file.begin_writing")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= until:
                    raise
            else:
                return


def load_thread(connection: sqlite3.Connection, repo: str, number: int) -> Thread | None:
    """A thread with its comments that still exist and its events, by time; None: not stored."""
    row = sql.first(connection, "threads.one", repo, number)
    if row is None:
        return None
    comments = sql.ask(connection, "threads.comments", repo, number)
    events = sql.ask(connection, "threads.events", repo, number)
    return from_row(
        Thread,
        row,
        comments=tuple(from_row(Comment, r) for r in comments),
        events=tuple(from_row(Event, r) for r in events),
    )
