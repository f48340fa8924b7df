"""Backups: consistent while a run writes, checked, and put back without a moment in which nothing
is there.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from kb import schema
from kb.backup import backup, restore
from kb.errors import BadInputError, LockedError
from kb.store import Store, connect_readonly
from tests.support.old_database import database_0_1

AT, LATER = "2026-01-31T02:00:00Z", "2026-02-01T02:00:00Z"


def fill(store: Store, first: int, count: int = 10) -> None:
    with store.transaction() as connection:
        connection.executemany(
            "insert into repo (repo, failure) values (?, ?)",
            [(f"a/{first + i}", "x" * 300) for i in range(count)],
        )


def repos(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("select count(*) from repo").fetchone()[0])


def made(tmp_path: Path, count: int = 10) -> Path:
    path = tmp_path / "kb.db"
    with Store.open(path) as store:
        fill(store, 0, count)
    return path


def test_a_copy_made_while_a_run_writes_is_one_committed_state(tmp_path: Path) -> None:
    db = made(tmp_path)
    stop = threading.Event()

    def write() -> None:
        with Store.open(db) as store:
            first = 10
            while not stop.is_set():
                fill(store, first)
                first += 10

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = backup(db, tmp_path / f"copy{number}.db", AT)
            assert repos(copy.path) % 10 == 0
            with contextlib.closing(connect_readonly(copy.path)) as connection:
                assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
    finally:
        stop.set()
        writer.join()
    assert not list(tmp_path.glob(".*"))


def test_a_backup_is_one_file_that_needs_no_companion(tmp_path: Path) -> None:
    db = made(tmp_path)
    with Store.open(db) as store:
        fill(store, 100)  # in the log, not yet in the file
        copy = backup(db, tmp_path / "copy.db", AT).path
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    os.replace(copy, moved / "x.db")
    assert repos(moved / "x.db") == 20


def test_a_folder_holds_dated_copies_and_keeps_the_newest(tmp_path: Path) -> None:
    db, folder = made(tmp_path), tmp_path / "backups"
    (tmp_path / "backups").mkdir()
    (folder / "kb-mine.db").write_text("a person's")
    for day in range(1, 5):
        last = backup(db, folder, f"2026-01-0{day}T02:00:00Z", keep=2)
    assert sorted(p.name for p in folder.iterdir()) == [
        "kb-20260103T020000Z.db",
        "kb-20260104T020000Z.db",
        "kb-mine.db",
    ]
    assert [p.name for p in last.removed] == ["kb-20260102T020000Z.db"]


def test_a_backup_overwrites_nothing_that_is_no_backup(tmp_path: Path) -> None:
    db = made(tmp_path)
    (tmp_path / "notes.txt").write_text("mine, and longer than a header of SQLite is" * 9)
    for target, match in (
        (tmp_path / "notes.txt", "not a SQLite"),
        (db, "is the database itself"),
        (tmp_path / "no" / "x.db", "does not exist"),
    ):
        with pytest.raises(BadInputError, match=match):
            backup(db, target, AT)
    assert repos(db) == 10
    with pytest.raises(BadInputError, match="no such database"):
        backup(tmp_path / "none.db", tmp_path / "copy.db", AT)


def test_a_restore_keeps_what_was_there_and_readers_see_one_state_or_the_other(
    tmp_path: Path,
) -> None:
    db = made(tmp_path)
    copy = backup(db, tmp_path / "copy.db", AT).path
    with Store.open(db) as store:
        fill(store, 10)
    with contextlib.closing(sqlite3.connect(db, isolation_level=None)) as reader:
        reader.execute("begin")
        assert reader.execute("select count(*) from repo").fetchone()[0] == 20
        done = restore(copy, db, LATER)
        assert reader.execute("select count(*) from repo").fetchone()[0] == 20
        reader.execute("commit")
        assert reader.execute("select count(*) from repo").fetchone()[0] == 10
    assert done.former is not None
    assert (repos(db), repos(done.former)) == (10, 20)
    Store.open(db).close()


def test_a_damaged_database_is_moved_aside_with_its_log(tmp_path: Path) -> None:
    db = made(tmp_path)
    copy = backup(db, tmp_path / "copy.db", AT).path
    data = bytearray(db.read_bytes())
    data[100:8192] = os.urandom(8092)
    db.write_bytes(data)
    (tmp_path / "kb.db-wal").write_bytes(b"an old log")
    done = restore(copy, db, LATER)
    assert done.former is not None
    assert done.former.read_bytes() == bytes(data)
    assert (tmp_path / (done.former.name + "-wal")).read_bytes() == b"an old log"
    assert repos(db) == 10
    Store.open(db).close()


def test_into_an_empty_place(tmp_path: Path) -> None:
    copy = backup(made(tmp_path), tmp_path / "copy.db", AT).path
    assert restore(copy, tmp_path / "new.db", LATER).former is None
    assert repos(tmp_path / "new.db") == 10


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:40960] = os.urandom(32768)
    path.write_bytes(data)


def _newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {schema.SCHEMA_VERSION + 1}")


def _orphaned(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into link values ('a/b', 1, 'mentions', 'a/b', 2)")
        connection.execute(
            "insert into claim (claim_id, repo, number, comment_id, field, kind, quote, start, end,"
            " author, author_role, association, created_at, url, stance, confidence, about, says)"
            " values ('C1','a/b',1,null,'body','fix','q',0,1,null,'other','NONE',"
            "'2026-01-01T00:00:00Z','u','unverified',0.5,null,null)"
        )
        connection.commit()


def test_a_backup_of_a_damaged_database_names_that(tmp_path: Path) -> None:
    db = made(tmp_path, count=600)
    _damaged(db)
    with pytest.raises(BadInputError, match=r"kb\.db: is damaged"):
        backup(db, tmp_path / "copy.db", AT)
    assert not list(tmp_path.glob("*copy*"))


SPOILED = {
    "empty": lambda p: p.write_bytes(b""),
    "no database": lambda p: p.write_bytes(b"text " * 99),
    "truncated": _truncated,
}
SPOILED |= {
    "damaged": _damaged,
    "newer": _newer,
    "rows that refer to nothing": _orphaned,
    "missing": lambda p: p.unlink(),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_backup_that_is_not_sound_replaces_nothing(how: str, tmp_path: Path) -> None:
    db = made(tmp_path, count=600)
    copy = backup(db, tmp_path / "copy.db", AT).path
    SPOILED[how](copy)
    before = db.read_bytes()
    with pytest.raises(BadInputError, match=r"copy\.db: "):
        restore(copy, db, LATER)
    assert db.read_bytes() == before
    assert not list(tmp_path.glob("kb.db.before*"))


def test_a_restore_waits_for_nobody_who_writes(tmp_path: Path) -> None:
    db = made(tmp_path)
    copy = backup(db, tmp_path / "copy.db", AT).path
    with Store.open(db), pytest.raises(LockedError, match=f"process {os.getpid()}"):
        restore(copy, db, LATER)
    assert repos(db) == 10


def test_an_older_schema_is_copied_as_it_is(tmp_path: Path) -> None:
    db = database_0_1(tmp_path / "kb.db")
    copy = backup(db, tmp_path / "copy.db", AT).path
    for path in (db, copy):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            assert connection.execute("pragma user_version").fetchone()[0] == schema.OLDEST
    restore(copy, tmp_path / "new.db", LATER)
    with Store.open(tmp_path / "new.db") as store:
        assert (
            store.connection.execute("pragma user_version").fetchone()[0] == schema.SCHEMA_VERSION
        )


def test_the_copy_just_made_stays_although_an_older_one_has_a_later_date(tmp_path: Path) -> None:
    db, folder = made(tmp_path), tmp_path / "copies"
    stale = backup(db, folder, "2036-01-01T02:00:00Z", keep=1)
    last = backup(db, folder, AT, keep=1)
    assert last.removed == [stale.path]
    assert last.path.exists()
    assert last.size > 0
    # and a clock that was set back for a night costs no more than that
    days = [backup(db, folder, f"2026-03-0{day}T02:00:00Z", keep=3).path for day in range(1, 4)]
    back = backup(db, folder, "1970-01-01T00:00:00Z", keep=3)
    assert sorted(folder.iterdir()) == sorted([back.path, *days[1:]])
    assert backup(db, folder, "2026-03-04T02:00:00Z", keep=3).removed == [back.path]
