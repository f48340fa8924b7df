"""Opening, migrating and refusing database files."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kb import schema
from kb.errors import BadInputError, LockedError
from kb.store import Store, connect_readonly, pack, unpack
from tests.support.old_database import database_0_1


def test_a_new_database_has_the_relations_of_the_contract(tmp_path: Path) -> None:
    wanted = {
        "threads": (
            "repo number kind title body state state_reason author association created_at "
            "updated_at closed_at url"
        ),
        "comments": "repo number comment_id author association created_at updated_at body url",
        "mentions": "repo number comment_id field start end raw signature entry_id is_primary",
        "entries": (
            "entry_id title signature provider tool status code exception threads repos "
            "reporters first_seen last_seen grade"
        ),
        "claims": (
            "claim_id entry_id repo number comment_id field kind quote start end author "
            "association created_at url stance confidence"
        ),
        "aliases": "old_id entry_id",
    }
    with Store.open(tmp_path / "kb.db") as store:
        for relation, columns in wanted.items():
            found = {
                c[0] for c in store.connection.execute(f"select * from {relation}").description
            }
            assert set(columns.split()) <= found, relation
        assert store.connection.execute("pragma journal_mode").fetchone()[0] == "wal"
        assert store.connection.execute("pragma foreign_keys").fetchone()[0] == 1


def test_a_file_that_is_not_sqlite_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"my precious notes, longer than a header would be" * 10)
    before = path.read_bytes()
    with pytest.raises(BadInputError, match="not a SQLite database"):
        Store.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "why", ["attempt to write a readonly database", "unable to open database file"]
)
def test_a_folder_that_cannot_be_written_is_no_reason_to_restore_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    path = tmp_path / "kb.db"
    Store.open(path).close()

    def refused(_: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError(why)

    monkeypatch.setattr("kb.store.read_only", refused)
    with pytest.raises(BadInputError, match="SQLite has to write in its folder") as told:
        connect_readonly(path)
    assert "restore" not in str(told.value)


def test_another_programs_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("create table songs (title text)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(BadInputError, match="another program"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"pragma user_version = {schema.SCHEMA_VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    for opening in (Store.open, connect_readonly):
        with pytest.raises(BadInputError, match="upgrade faultlore"):
            opening(path)
    assert path.read_bytes() == before


def test_an_older_schema_is_migrated_on_open_by_writer_and_reader(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    database_0_1(path)
    connection = connect_readonly(path)
    assert connection.execute("pragma user_version").fetchone()[0] == schema.SCHEMA_VERSION
    assert connection.execute("select count(*) from entries").fetchone()[0] > 0
    connection.close()


def test_a_schema_from_before_the_first_version_is_refused_and_kept(tmp_path: Path) -> None:
    path = database_0_1(tmp_path / "kb.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {schema.OLDEST - 1}")
    before = path.read_bytes()
    for opening in (Store.open, connect_readonly):
        with pytest.raises(BadInputError, match="before version"):
            opening(path)
    assert path.read_bytes() == before


def test_a_damaged_database_gives_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    Store.open(path).close()
    data = bytearray(path.read_bytes())
    data[100:4096] = os.urandom(3996)
    path.write_bytes(data)
    with pytest.raises(BadInputError, match=r"kb\.db: .*(damaged|read as a database)"):
        Store.open(path)


@pytest.mark.parametrize("opening", [Store.open, connect_readonly])
def test_a_folder_is_refused(tmp_path: Path, opening: object) -> None:
    with pytest.raises(BadInputError, match="is a folder"):
        opening(tmp_path)  # type: ignore[operator]


def test_reading_what_does_not_exist_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="faultlore import"):
        connect_readonly(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    with Store.open(path):
        code = (
            "import sys\nfrom kb.store import Store\nfrom kb.errors import LockedError\n"
            "try:\n    Store.open(sys.argv[1])\nexcept LockedError as e:\n    print(e)"
        )
        out = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        ).stdout
        assert f"process {os.getpid()}" in out
        with pytest.raises(LockedError):
            Store.open(path)
    Store.open(path).close()


def test_a_link_in_the_place_of_the_lock_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept", encoding="utf-8")
    (tmp_path / "kb.db.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(BadInputError, match="cannot be written"):
        Store.open(tmp_path / "kb.db")
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "kept"


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "kb.db") as store:
        with pytest.raises(RuntimeError), store.transaction() as connection:
            connection.execute("insert into repo (repo) values ('a/b')")
            raise RuntimeError("killed")
        assert store.connection.execute("select count(*) from repo").fetchone()[0] == 0
        with store.transaction() as connection:
            connection.execute("insert into repo (repo) values ('a/b')")
        assert store.connection.execute("select count(*) from repo").fetchone()[0] == 1


def test_a_reader_sees_the_last_commit_while_a_writer_writes(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    with Store.open(path) as store:
        reader = connect_readonly(path)
        with store.transaction() as connection:
            connection.execute("insert into repo (repo) values ('a/b')")
            assert reader.execute("select count(*) from repo").fetchone()[0] == 0
        assert reader.execute("select count(*) from repo").fetchone()[0] == 1
        reader.close()


def test_a_full_disk_is_said_and_what_was_committed_stays(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    with Store.open(path) as store:
        with store.transaction() as connection:
            connection.execute("insert into repo (repo) values ('a/b')")
        pages = store.connection.execute("pragma page_count").fetchone()[0]
        store.connection.execute(f"pragma max_page_count = {pages + 2}")
        with (
            pytest.raises(sqlite3.OperationalError, match="full"),
            store.transaction() as connection,
        ):
            connection.executemany(
                "insert into repo (repo, failure) values (?, ?)",
                [(f"a/{i}", "x" * 500) for i in range(1000)],
            )
        assert [r[0] for r in store.connection.execute("select repo from repo")] == ["a/b"]


def test_a_file_with_much_empty_space_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kb.db"
    blob = bytes(range(256)) * 12
    with Store.open(path) as store:
        with store.transaction() as db:
            db.executemany(
                "insert into raw (kind, repo, number, id, json) values ('issue', 'a/b', ?, '1', ?)",
                [(number, blob) for number in range(400)],
            )
        assert not store.tidy()
        with store.transaction() as db:
            db.execute("delete from raw where number >= 40")
        assert not store.tidy(), "what is free is little on a disk"
        monkeypatch.setattr("kb.store.LEAST_FREE", 1 << 20)
        pages = store.connection.execute("pragma page_count").fetchone()[0]
        with sqlite3.connect(path) as other:
            other.execute("begin immediate")
            store.connection.execute("pragma busy_timeout = 10")
            assert not store.tidy(), "another program writes: another time"
            other.rollback()
        other.close()
        assert store.tidy()
        assert store.connection.execute("pragma page_count").fetchone()[0] < pages / 2
        assert not store.tidy()
        kept = store.connection.execute("select count(*), min(json) from raw").fetchone()
        assert tuple(kept) == (40, blob)


def test_the_index_of_words_is_put_together_after_many_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.store.MANY_ENTRIES", 20)
    with Store.open(tmp_path / "kb.db") as store:
        count = "select count(distinct segid) from entry_search_fts_idx"
        for number in range(1, 13):
            with store.transaction() as db:
                db.execute(
                    "insert into entry_search (seq, entry_id, title, signature, words)"
                    " values (?, 'E', 'Disk full', 'disk full', ?)",
                    (number, f"word{number}"),
                )
        pieces = store.connection.execute(count).fetchone()[0]
        store.tidy(19)
        assert store.connection.execute(count).fetchone()[0] == pieces > 1
        store.tidy(20)
        assert store.connection.execute(count).fetchone()[0] == 1
        found = "select count(*) from entry_search_fts where entry_search_fts match 'word7'"
        assert store.connection.execute(found).fetchone()[0] == 1


def test_pack_keeps_any_json_and_is_canonical() -> None:
    document = {"b": ["ü", None, 1.5, "\ud800"], "a": {"x": "\x00"}}
    assert unpack(pack(document)) == document
    assert pack({"a": 1, "b": 2}) == pack({"b": 2, "a": 1})
