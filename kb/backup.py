"""A consistent copy of a knowledge base while a run writes, and putting one back after it was
checked.

The copy is made by SQLite's own backup in one step, which reads one committed state
(https://sqlite.org/backup.html); it stands under its name only when it is whole and checked. A
restore replaces the contents within one transaction where the database is sound, so that readers
see the old state or the new one; a damaged file is moved aside.
"""

from __future__ import annotations

import glob
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kb import sql
from kb.errors import BadInputError
from kb.store import check_file, explain_sqlite, lock_writers, read_only, unsound
from kb.text import make_folder

_COMPANIONS = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy: where it is, its size, what it holds, and the older ones removed for it."""

    path: Path
    size: int
    threads: int
    entries: int
    removed: list[Path] = field(default_factory=list)


class Restored(NamedTuple):
    """What was put back; `former`: where the database is that was there before, if there was."""

    threads: int
    entries: int
    former: Path | None


def backup(db: Path, target: Path, at: str, keep: int | None = None) -> Backup:
    """Copies a database to a file, or into a folder under a name with the time `at`, where only the
    `keep` newest stay.

    Raises `BadInputError` for a database that is none or is damaged, for a target that holds
    something else, and for a full disk; no half copy is left then.
    """
    check_file(db, must_exist=True)
    path = target
    if keep is not None or target.is_dir():
        make_folder(target)
        path = target / f"{db.stem}-{_stamp(at)}.db"
    elif not path.parent.is_dir():
        raise BadInputError(f"{path}: the folder {path.parent} does not exist; make it first")
    if path.exists() and path.samefile(db):
        raise BadInputError(f"{path}: is the database itself; name another file")
    check_file(path, must_exist=False)  # something else is not overwritten
    threads, entries = _copy(db, path)
    removed = _remove_older(path, db.stem, keep) if keep is not None else []
    return Backup(path, path.stat().st_size, threads, entries, removed)


def _stamp(at: str) -> str:
    return at.replace("-", "").replace(":", "")


def restore(source: Path, db: Path, at: str) -> Restored:
    """Checks a backup and puts it in the place of `db`, whose former state is kept as
    `NAME.before-TIME`.

    Raises `BadInputError` for a backup that is none, is damaged or of a newer schema, and
    `LockedError` while another process writes `db`; nothing is changed then.
    """
    threads, entries = _held(source)
    if db.exists() and source.samefile(db):
        raise BadInputError(f"{source}: is the database itself; name a backup")
    lock = lock_writers(db, 0.0)
    try:
        former = db.with_name(f"{db.name}.before-{_stamp(at)}") if db.exists() else None
        sound = False
        if former is not None:
            with suppress(BadInputError):
                sound = bool(_held(db))
        if former is not None and sound:
            _copy(db, former)
            with closing(read_only(source)) as reader, closing(sqlite3.connect(db)) as target:
                reader.backup(target)
        else:
            if former is not None:
                _move_aside(db, former)
            _copy(source, db)
    except sqlite3.Error as error:
        raise explain_sqlite(error, db) from error
    finally:
        lock.release()
    return Restored(threads, entries, former)


def check(connection: sqlite3.Connection, path: Path) -> tuple[int, int]:
    """Checks a database; its numbers of threads and entries. Raises `BadInputError`."""
    try:
        if problem := unsound(connection, indexes=True):
            raise BadInputError(f"{path}: is damaged ({problem}); use another backup")
        counts = sql.first(connection, "file.counts")
    except sqlite3.Error as error:
        raise explain_sqlite(error, path) from error
    return counts[0], counts[2]


def _held(path: Path) -> tuple[int, int]:
    """The numbers of threads and entries of a sound database. Raises `BadInputError`."""
    if check_file(path, must_exist=True) == 0:
        raise BadInputError(f"{path}: is empty; name a file that 'faultlore backup' made")
    with closing(read_only(path)) as connection:
        return check(connection, path)


def _copy(source: Path, path: Path) -> tuple[int, int]:
    """Copies a database by way of a temporary file; its numbers of threads and entries."""
    part = path.with_name(f".{path.name}.part")
    _unlink(part)
    try:
        with closing(read_only(source)) as connection, closing(sqlite3.connect(part)) as target:
            connection.backup(target)
            sql.ask(target, "file.without_log")  # one file, that needs no companion
            counts = check(target, source)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except sqlite3.Error as error:
        raise explain_sqlite(error, path) from error
    except OSError as error:
        raise BadInputError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        _unlink(part)
    return counts


def _unlink(path: Path) -> None:
    for ending in ("", *_COMPANIONS, "-journal"):
        with suppress(OSError):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def _move_aside(db: Path, former: Path) -> None:
    """A damaged database with its log, which must never be found beside another one."""
    for ending in _COMPANIONS:
        companion = db.with_name(db.name + ending)
        if companion.exists():
            os.replace(companion, former.with_name(former.name + ending))
    os.replace(db, former)


def _remove_older(made: Path, stem: str, keep: int) -> list[Path]:
    """Removes all but the `keep` newest copies, of which `made` is always one.

    A copy that is dated later than the one just made is of a time when the clock was wrong (then,
    or now): it counts as the oldest, so that it does not stay for ever.
    """
    digits = "[0-9]"
    pattern = f"{glob.escape(stem)}-{digits * 8}T{digits * 6}Z.db"
    others = [path for path in made.parent.glob(pattern) if path.name != made.name]
    others.sort(key=lambda path: (path.name < made.name, path.name))
    older = others[: max(0, len(others) - (keep - 1))]
    for path in older:
        path.unlink()
    return older
