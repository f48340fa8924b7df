"""A knowledge base that somebody else made: nothing in it acts, nothing of it leaves its place."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kb.errors import BadInputError
from kb.notes.export import documents, export_to, prepare
from kb.notes.folder import MANIFEST, read_manifest, write_folder
from kb.query.knowledge import KnowledgeBase
from kb.store import Store, connect_readonly
from kb.verify import verify_database
from miner.cli import run
from tests.support.published import fill
from tests.support.small_kb import filled

BAD_NAMES = [
    "../../x", "/tmp/x", "a/b", "..", ".hidden", "CON", "nul.md", "com1", "x.", "a b", "x\0y",
    "x\n", "", "a\\b", "C:x", "ü", "x" * 300,
]  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return fill(tmp_path / "kb.db", filled())


def change(path: Path, *statements: str, **values: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("drop trigger if exists changed_entry_update;")
        for statement in statements:
            connection.execute(statement, values)
        connection.commit()


def everything(folder: Path) -> dict[str, bytes | None]:
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
        if not p.name.startswith("kb.db-")
    }


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_is_no_file_name_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError, match="no name for a document"):
        write_folder(tmp_path / "out", {"good.md": "x", name: "y"})
    assert everything(tmp_path) == {}


def test_names_that_are_one_file_on_some_systems_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="one file on some systems"):
        write_folder(tmp_path / "out", {"Same.md": "x", "same.md": "y"})
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("name", ["../../x", "/tmp/faultlore-x", "E1/../../../x"])
def test_an_id_of_a_stranger_leads_nowhere(db: Path, tmp_path: Path, name: str) -> None:
    change(db, "update entry set entry_id = :name where entry_id = 'E1'", name=name)
    change(db, "update signature set entry_id = :name where entry_id = 'E1'", name=name)
    out = tmp_path / "a" / "b" / "out"
    before = everything(tmp_path)
    with closing(connect_readonly(db)) as connection:
        with pytest.raises(BadInputError, match="no name for a document"):
            export_to(connection, "note", out)
        assert any("is no id of an entry" in str(p) for p in verify_database(connection))
    assert everything(tmp_path) == before


def test_an_address_of_a_stranger_leads_nowhere(db: Path, tmp_path: Path) -> None:
    assert run(["export", "--format", "page", "--out", str(tmp_path / "o"), "--db", str(db)]) == 0
    change(db, "update slug set slug = '../../p' where slug = (select min(slug) from slug)")
    before = everything(tmp_path)
    assert run(["export", "--format", "page", "--out", str(tmp_path / "o"), "--db", str(db)]) == 2
    assert everything(tmp_path) == before
    assert run(["verify", "--db", str(db)]) == 1


def test_a_trigger_of_a_stranger_never_runs(db: Path, tmp_path: Path) -> None:
    change(
        db, "create trigger entry_search_ai2 after insert on dirty begin delete from thread; end"
    )
    with pytest.raises(BadInputError, match="trigger 'entry_search_ai2'"):
        Store.open(db)
    with closing(connect_readonly(db)) as connection:
        assert any("was not made by faultlore" in str(p) for p in verify_database(connection))


def test_a_trigger_is_known_by_what_it_does_not_by_its_name(db: Path) -> None:
    change(
        db,
        "create trigger changed_entry_update after update on entry begin delete from thread; end",
    )
    with pytest.raises(BadInputError, match="changed_entry_update"):
        Store.open(db)


def test_a_view_of_a_stranger_is_named_and_calls_nothing(db: Path) -> None:
    change(
        db,
        "drop view aliases",
        "create view aliases as select load_extension('x') old_id, 1 entry_id",
    )
    with closing(connect_readonly(db)) as connection:
        assert any("view aliases" in str(p) for p in verify_database(connection))
        with pytest.raises(sqlite3.Error):
            connection.execute("select * from aliases").fetchall()


def test_a_reader_writes_nothing(db: Path) -> None:
    with closing(connect_readonly(db)) as connection:
        for statement in ("delete from thread", "create table x (y)", "pragma user_version = 3"):
            with pytest.raises(sqlite3.Error):
                connection.execute(statement)


def test_a_sound_database_has_nothing_foreign(demo_db: Path) -> None:
    with closing(connect_readonly(demo_db)) as connection:
        assert verify_database(connection) == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://evil.example/a/b", "https://x y/"]
)
def test_a_link_of_a_stranger_is_not_shown(db: Path, url: str) -> None:
    change(
        db,
        "update thread set url = :url",
        "update claim set url = :url",
        "update evidence set url = :url",
        url=url,
    )
    with KnowledgeBase(db) as kb:
        shown = str(kb.show("E1").to_dict()) + str(kb.query("401 User not found").to_dict())
    assert url not in shown
    with closing(connect_readonly(db)) as connection:
        assert any("is no link to a thread" in str(p) for p in verify_database(connection))


def test_an_id_cannot_end_a_comment(db: Path, tmp_path: Path) -> None:
    bad = "C1 --> <script>alert(1)</script> */} x"
    change(
        db,
        "pragma foreign_keys = off",
        "update evidence set claim_id = :bad where claim_id = (select min(claim_id) from claim)",
        "update claim set claim_id = :bad where claim_id = (select min(claim_id) from claim)",
        bad=bad,
    )
    for target in ("commonmark", "mdx"):
        out = tmp_path / target
        assert run(["export", "--out", str(out), "--target", target, "--db", str(db)]) == 0
        assert "<script>alert" not in "".join(p.read_text() for p in out.iterdir())


def test_a_full_disk_leaves_the_folder_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_folder(out, {"a.md": "1", "b.md": "1"})
    before = everything(out)
    opened = os.fdopen
    calls = []

    def full(handle: int, *args: object, **more: object) -> object:
        calls.append(handle)
        if len(calls) == 3:  # the manifest, one document
            os.close(handle)
            raise OSError(28, "No space left on device")
        return opened(handle, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(BadInputError, match="as before"):
        write_folder(out, {"a.md": "2", "b.md": "2"})
    monkeypatch.undo()
    after = everything(out)
    assert {n: after[n] for n in before if n != MANIFEST} == {
        n: data for n, data in before.items() if n != MANIFEST
    }
    assert set(after) == set(before)
    assert write_folder(out, {"a.md": "2", "b.md": "2"}).written == ["a.md", "b.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_folder_hangs_nothing(tmp_path: Path) -> None:
    for name in (MANIFEST, "a.md"):
        out = tmp_path / f"of-{name.strip('.')}"
        out.mkdir()
        os.mkfifo(out / name)
        for write in (True, False):
            with pytest.raises(BadInputError, match="is no file"):
                write_folder(out, {"a.md": "1"}, write=write)
    # an export reads the manifest before it makes anything
    with pytest.raises(BadInputError, match="is no file"):
        read_manifest(tmp_path / f"of-{MANIFEST.strip('.')}")


def test_a_symbolic_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside.md"
    out.mkdir()
    outside.write_text("theirs")
    (out / "a.md").symlink_to(outside)
    (out / "b.md").symlink_to(tmp_path / "nowhere")
    report = write_folder(out, {"a.md": "1", "b.md": "1"})
    assert report.kept == ["a.md"]
    assert outside.read_text() == "theirs"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_said_to_be_damaged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    rng = random.Random(seed)
    source = fill(tmp_path / "kb.db", filled())
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma journal_mode = delete")
    data = bytearray(source.read_bytes())
    for _ in range(rng.choice([3, 30, 300])):
        data[rng.randrange(100, len(data))] = rng.randrange(256)
    if seed == 5:
        del data[len(data) // 2 :]
    for number, command in enumerate(
        ("query User", "search key", "show E1", "explain E1", "stats", "verify", "doctor", "mine")
    ):
        path = tmp_path / f"kb.db-{number}.db"
        path.write_bytes(data)
        assert run([*command.split(), "--db", str(path)]) in (0, 1, 2)
    errors = capfd.readouterr().err
    assert "a defect" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "place",
    ["thread.number", "thread.repo", "mention.number", "entry.threads", "claim.confidence",
     "evidence.quote", "evidence.url", "claim.start", "claim.created_at", "signature.status"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["words", b"\xff", -1e300])
def test_values_of_another_type_are_said_to_be_wrong(
    demo_db: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], place: str, value: object
) -> None:
    table, _, column = place.partition(".")
    path = Path(shutil.copy(demo_db, tmp_path / "kb.db"))
    entry_id = KnowledgeBase(path).entries(limit=1)[0].entry_id
    change(
        path,
        "pragma foreign_keys = off",
        f"update or ignore {table} set {column} = :value where {column} is not null",
        value=value,
    )
    asked = ("query User not found", "search key", f"show {entry_id}", f"explain {entry_id}")
    for command in (*asked, "stats", "trends"):
        assert run([*command.split(), "--db", str(path)]) in (0, 1, 2)
    assert "a defect" not in capfd.readouterr().err
    assert run(["verify", f"--db={path}"]) == 1


def test_a_merged_pull_request_with_an_endless_number_is_said_to_be_wrong(
    demo_db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copy(demo_db, tmp_path / "kb.db"))
    url = f"https://github.com/pennarch/inklet-code/pull/{'9' * 23}"
    change(path, "update evidence set role = 'merged', url = :url", url=url)
    assert run(["verify", f"--db={path}"]) == 1
    said = capsys.readouterr()
    assert "its address is no pull request's" in said.out + said.err
    assert "a defect" not in said.err


def test_a_defect_over_a_sound_database_is_called_one(
    demo_db: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(KnowledgeBase, "stats", broken)
    assert run(["stats", "--db", str(demo_db)]) == 2
    assert "a defect: RuntimeError: boom" in capfd.readouterr().err


def test_an_address_that_an_earlier_version_made_of_a_key_is_replaced(
    db: Path, tmp_path: Path
) -> None:
    """And leads nowhere: a redirect would publish it again. All others stay."""
    out = ["--format", "page", "--out", str(tmp_path / "o"), "--db", str(db)]
    assert run(["export", *out]) == 0
    key = "xoxb-540818394483-979960014248"
    leaking = "cookie-header-nxoxb-540818394483-979960014248"
    with closing(connect_readonly(db)) as connection:
        before = {row["entry_id"]: row["slug"] for row in connection.execute("select * from slug")}
    change(
        db,
        "delete from stage_version where stage = 'addresses'",
        f"update thread set title = 'Cookie header\\n{key}-{'a1' * 12} ' || title",
        f"update slug set slug = '{leaking}' where entry_id = 'E1'",
        "insert into alias (old_id, entry_id) values ('EOLD', 'E1')",
        "insert into slug (slug, entry_id) values ('old-nxoxb-540818394483-97996', 'EOLD')",
    )
    assert run(["export", *out]) == 0
    with closing(connect_readonly(db)) as connection:
        after = {row["entry_id"]: row["slug"] for row in connection.execute("select * from slug")}
    assert after == before
    shown = "".join(p.name + p.read_text() for p in (tmp_path / "o").iterdir())
    assert "540818394483" not in shown
    assert leaking not in shown


def test_documents_of_a_database_that_cannot_be_written_hold_no_unsafe_address(db: Path) -> None:
    with Store.open(db) as store:
        prepare(store)
    change(
        db,
        "delete from stage_version where stage = 'addresses'",
        "update thread set title = 'xoxb-540818394483-979960014248-a1a1a1a1a1a1 ' || title",
        "update slug set slug = 'xoxb-540818394483' where entry_id = 'E1'",
    )
    with (
        closing(connect_readonly(db)) as connection,
        pytest.raises(BadInputError, match="can be written"),
    ):
        documents(connection, "page")
