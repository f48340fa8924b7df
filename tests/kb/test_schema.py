"""The schema: a database of version 0.1 is brought up to date, and what watches its rows."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from kb.query.knowledge import KnowledgeBase
from kb.schema import APPLICATION_ID, SCHEMA_VERSION, VIEWS, schema_sql
from kb.store import Store, connect_readonly
from kb.verify import verify_database
from miner.pipeline import mine
from tests.support.old_database import database_0_1


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return database_0_1(tmp_path / "old.db")


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(connect_readonly(path)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def test_a_database_of_0_1_opens_and_holds_what_it_held(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        counts = {
            name: connection.execute(f"select count(*) from {name}").fetchone()[0]
            for name in ("threads", "comments", "mentions", "entries", "claims", "aliases")
        }
        entries = connection.execute("select entry_id, title from entries order by 1").fetchall()
    assert counts["claims"] > 1
    assert counts["entries"] > 1
    assert rows(old, "select entry_id, title from entries order by 1") == entries
    for name, count in counts.items():
        assert rows(old, f"select count(*) from {name}") == [(count,)], name
    with closing(connect_readonly(old)) as connection:
        assert connection.execute("pragma user_version").fetchone()[0] == SCHEMA_VERSION
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert verify_database(connection) == []


def test_a_database_of_0_1_answers_and_is_mined_again_under_the_same_ids(old: Path) -> None:
    with KnowledgeBase(old) as base:
        found, *_ = base.search("daemon")
        assert "REFUSED" in found.entry.title
    before = rows(old, "select entry_id from entries union select old_id from aliases")
    with Store.open(old) as store:
        mine(store, now="2026-06-01T00:00:00Z", workers=1)
    after = rows(old, "select entry_id from entries union select old_id from aliases")
    assert set(before) <= set(after)


def test_the_words_of_a_migrated_entry_are_kept_apart(old: Path) -> None:
    found = rows(old, "select words, said from entry_search order by seq")
    assert all("\n" not in f"{words}{said}" for words, said in found)
    assert any("Daemon" in str(said) and "Daemon" not in str(words) for words, said in found)
    indexed = "select count(*) from entry_search_fts where entry_search_fts match 'daemon'"
    assert rows(old, indexed) == [(1,)]


def test_every_row_that_documents_are_made_of_is_watched(tmp_path: Path) -> None:
    with Store.open(tmp_path / "kb.db") as store:
        db = store.connection
        triggers = {
            row[0]
            for row in db.execute(
                "select distinct tbl_name from sqlite_master where name like ?", ("changed_%",)
            )
        }
        assert {"thread", "comment", "mention", "signature", "entry", "claim", "alias"} <= triggers
        assert {"raw", "cursor", "run", "dirty"}.isdisjoint(triggers)
        db.execute("update knowledge set changed = 0")
        db.execute("insert into repo (repo) values ('a/b')")
        assert db.execute("select changed from knowledge").fetchone()[0] == 0
        db.execute("insert into slug values ('a', 'E1')")
        assert db.execute("select changed from knowledge").fetchone()[0] == 1


def test_relations_are_as_the_schema_says_however_old_the_file_is(
    old: Path, tmp_path: Path
) -> None:
    Store.open(tmp_path / "new.db").close()
    sql = "select name, sql from sqlite_master where type = 'view' order by name"
    assert rows(old, sql) == rows(tmp_path / "new.db", sql)
    assert {name for name, _ in rows(old, sql)} == set(VIEWS)


def test_a_new_database_is_what_the_migrations_come_to(old: Path, tmp_path: Path) -> None:
    stored = (files("kb") / "schema.sql").read_text(encoding="utf-8")
    assert stored == schema_sql(), "run: python -m kb.schema"
    Store.open(tmp_path / "new.db").close()

    def made(path: Path) -> list[object]:
        sql = "select type, name, tbl_name, sql from sqlite_master order by type, name"
        found = [
            (*names, " ".join(re.sub(r"--.*", "", str(text)).split()).replace("( ", "("))
            for *names, text in rows(path, sql)
        ]
        sql = "select migration_set, name from _sqlite_migrations order by id"
        numbers = [rows(path, f"pragma {name}") for name in ("user_version", "application_id")]
        return [*found, *rows(path, sql), *numbers]

    assert made(old) == made(tmp_path / "new.db")
    assert rows(tmp_path / "new.db", "pragma integrity_check") == [("ok",)]


def test_a_file_whose_making_was_killed_before_its_first_table_is_made(tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"pragma application_id = {APPLICATION_ID};"
            "create table _sqlite_migrations (id integer primary key, migration_set text,"
            " name text, applied_at text);"
        )
    Store.open(path).close()
    assert rows(path, "select count(*) from comments") == [(0,)]
