"""The commands that publish: what they print, where, and with which exit status they leave."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kb.notes.formats import format_names
from miner.cli import run
from tests.support.cli import Output, Patch
from tests.support.small_kb import small


@pytest.fixture
def db(tmp_path: Path, monkeypatch: Patch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(small(tmp_path / "kb.db"))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("note", ["E1.md", "E2.md", "E3.md"]),
        (
            "page",
            [
                "index.md",
                "openrouter-401-no-auth-credentials-found.md",
                "openrouter-401-user-not-found.md",
            ],
        ),
        ("candidates", ["candidates.json"]),
    ],
)
def test_export(db: str, tmp_path: Path, capsys: Output, kind: str, names: list[str]) -> None:
    arguments = ["export", "--format", kind, "--out", str(tmp_path / "out"), "--db", db, "--json"]
    assert run(arguments) == 0
    assert sorted(json.loads(capsys.readouterr().out)["written"]) == names
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {
        "written": [],
        "withdrawn": [],
        "unchanged": len(names),
        "removed": [],
        "kept": [],
    }


def test_a_changed_file_is_kept_and_named(db: str, tmp_path: Path, capsys: Output) -> None:
    run(["export", "--out", "out", "--db", db])
    (tmp_path / "out" / "E1.md").write_text("mine\n")
    assert run(["export", "--out", "out", "--db", db]) == 0
    assert "out/E1.md: was changed by hand and is kept" in capsys.readouterr().err


def test_target_and_categories_come_from_the_configuration(
    db: str, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "faultlore.toml").write_text(
        '[export]\ntarget = "mdx"\ncategories = { OpenRouter = "API errors" }\nnotes_url = "https://x.example/notes"\n'
    )
    assert run(["export", "--format", "page", "--out", "out", "--db", db]) == 0
    assert "have no page: --dry-run counts them by reason\n" in capsys.readouterr().err
    text = (tmp_path / "out" / "openrouter-401-user-not-found.mdx").read_text()
    assert 'category: "API errors"' in text
    assert "[E1](https://x.example/notes/E1/)" in text
    assert "<!--" not in text


def test_pages_of_a_base_that_cannot_be_written(db: str, tmp_path: Path, capsys: Output) -> None:
    assert run(["export", "--format", "page", "--out", "first", "--db", db]) == 0
    lock = Path(db + ".lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()
    # addresses are given: nothing has to be written any more
    assert run(["export", "--format", "page", "--out", "second", "--db", db]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("kind", format_names())
@pytest.mark.parametrize("given", [0, 1], ids=["no address is given", "one is"])
def test_a_dry_run_lists_what_the_export_then_writes(
    db: str, tmp_path: Path, capsys: Output, kind: str, given: int
) -> None:
    (tmp_path / "faultlore.toml").write_text('[export]\nsite_url = "https://example.com/e"\n')
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("pragma journal_mode = delete")
        if given:
            connection.execute("insert into slug values ('user-not-found', 'E1')")
            connection.commit()
    lock, before = Path(db + ".lock"), Path(db).read_bytes()
    lock.unlink(missing_ok=True)
    lock.mkdir()  # whoever would write it cannot
    Path(db).chmod(0o444)
    names = sorted(path.name for path in tmp_path.iterdir())
    arguments = ["export", "--format", kind, "--out", "out", "--db", db, "--json"]
    assert run([*arguments, "--dry-run"]) == 0
    said = json.loads(capsys.readouterr().out)["written"]
    assert Path(db).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    lock.rmdir()
    Path(db).chmod(0o644)
    assert run(arguments) == 0
    assert said == json.loads(capsys.readouterr().out)["written"]
    assert sorted(said) == sorted(path.name for path in (tmp_path / "out").glob("[!.]*"))
    assert kind != "page" or ("user-not-found.md" in said) == bool(given)


def test_a_dry_run_refuses_a_folder_that_the_export_refuses(
    db: str, tmp_path: Path, capsys: Output
) -> None:
    assert run(["export", "--out", "out", "--db", db]) == 0
    assert run(["export", "--format", "page", "--out", "out", "--dry-run", "--db", db]) == 2
    assert "out: holds an export of format note" in capsys.readouterr().err


def test_export_beside_a_writer_reads_one_state(db: str, tmp_path: Path) -> None:
    writer = sqlite3.connect(db, isolation_level=None)
    writer.execute("begin immediate")
    writer.execute("update entry set title = 'half done'")
    assert run(["export", "--out", "out", "--db", db]) == 0
    assert "half done" not in (tmp_path / "out" / "E1.md").read_text()
    writer.execute("rollback")
    writer.close()


def test_verify(db: str, tmp_path: Path, capsys: Output) -> None:
    run(["export", "--out", "out", "--db", db])
    assert run(["verify", "--export", "out", "--db", db, "--json"]) in (0, 1)
    before = json.loads(capsys.readouterr().out)["problems"]
    assert not [p for p in before if p["where"].startswith("E1.md")]
    note = tmp_path / "out" / "E1.md"
    note.write_text(note.read_text().replace("Create a new key", "Create an old key"))
    assert run(["verify", "--export", "out", "--db", db, "--json"]) == 1
    after = json.loads(capsys.readouterr().out)["problems"]
    assert [
        p
        for p in after
        if p["where"].startswith("E1.md") and "the quote is not that of claim" in p["what"]
    ]
    assert run(["verify", "--export", "nowhere", "--db", db]) == 2


def test_verify_says_what_an_export_would_write_anew(
    db: str, tmp_path: Path, capsys: Output
) -> None:
    changed = "1 document as exported: the database or faultlore changed since"
    run(["export", "--out", "out", "--db", db])
    note = tmp_path / "out" / "E1.md"
    text = note.read_text()
    note.write_text(text.replace("Create a new key", "Create an old key"))
    assert run(["verify", "--export", "out", "--db", db]) == 1
    assert changed not in capsys.readouterr().err
    with sqlite3.connect(db) as connection:
        connection.execute("delete from claim where quote like '%Create a new key%'")
    note.write_text(text)
    assert run(["verify", "--export", "out", "--db", db]) == 1
    assert changed in capsys.readouterr().err


def test_verify_names_what_is_missing_and_a_damaged_manifest(
    db: str, tmp_path: Path, capsys: Output
) -> None:
    arguments = ["export", "--out", "site/notes", "--db", db]
    run(arguments)
    (tmp_path / "site" / "notes" / "E2.md").unlink()
    manifest = tmp_path / "site" / "notes" / ".faultlore-manifest.json"
    sound = json.loads(manifest.read_text())
    for name in ("../E9.md", "/E9.md", "", ".", "E9\0", "E9" * 200):
        sound["files"][name] = "0"
    manifest.write_text(json.dumps(sound))
    verify = ["verify", "--export", "site", "--db", db]
    assert run([*verify, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["problems"]
    found = [p for p in found if p["where"].startswith("notes/")]
    where = [p["where"][:15] for p in found]
    assert where == ["notes/E2.md:0", "notes/E9\0:0", "notes/E9E9E9E9E"]
    assert "is missing; 'faultlore export' into its folder" in found[0]["what"]
    assert run(arguments) == 0
    run(verify)
    assert "notes/" not in capsys.readouterr().err
    manifest.write_text('{"files": [')
    note = tmp_path / "site" / "notes" / "E1.md"
    note.write_text(note.read_text().replace("Create a new key", "Create an old key"))
    capsys.readouterr()
    assert run(verify) == 1
    said = capsys.readouterr().err
    assert "notes/.faultlore-manifest.json:1: is damaged (" in said
    assert "; restore it, or empty the folder and export again\n" in said
    assert "the quote is not that of claim" in said


def test_audit(db: str, tmp_path: Path, capsys: Output) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.md").write_text(
        "---\nentry: E1\nupdated: 2026-03-01\n---\nhttps://github.com/acme/tool/issues/1 https://github.com/beta/app/issues/7\n"
    )
    assert run(["docs", "audit", "site", "--db", db]) == 0
    (site / "b.md").write_text("[x](https://github.com/acme/tool/issues/999)\n")
    capsys.readouterr()
    assert run(["docs", "audit", "site", "--db", db, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [f["kind"] for f in found["findings"]] == ["one-source", "missing-link"]
    assert run(["docs", "audit", "site", "--db", db, "--format", "markdown"]) == 1
    assert capsys.readouterr().out.startswith("# Audit\n")
    assert run(["docs", "audit", "site", "--db", db]) == 1
    assert "missing-link" in capsys.readouterr().out
    assert run(["docs", "audit", "nowhere", "--db", db]) == 2


def test_refresh(db: str, tmp_path: Path, capsys: Output) -> None:
    site = tmp_path / "site"
    site.mkdir()
    text = "---\nentry: E1\n---\n## Sources checked\n"
    (site / "a.md").write_text(text)
    assert run(["docs", "refresh", "site", "--insert", "--check", "--db", db]) == 1
    assert run(["docs", "refresh", "site", "--insert", "--diff", "--db", db]) == 1
    assert "+<!-- faultlore:begin entry=E1 -->" in capsys.readouterr().out
    assert (site / "a.md").read_text() == text
    assert run(["docs", "refresh", "site", "--insert", "--db", db]) == 0
    assert run(["docs", "refresh", "site", "--check", "--db", db]) == 0
    (site / "bad.md").write_text("<!-- faultlore:end -->\n")
    assert run(["docs", "refresh", "site", "--db", db]) == 2
    assert "site/bad.md:1: faultlore:end without" in capsys.readouterr().err


def test_a_missing_base_is_named(tmp_path: Path, capsys: Output, monkeypatch: Patch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    for arguments in (
        ["export", "--out", "out"],
        ["export", "--format", "page", "--out", "out"],
        ["verify"],
        ["docs", "audit", "site"],
        ["docs", "refresh", "site"],
    ):
        assert run([*arguments, "--db", "no.db"]) == 2
        assert "no.db: no such database" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_filter_of_an_export_that_fits_nothing_is_said(
    demo_db: Path, tmp_path: Path, capsys: Output
) -> None:
    out = ["--out", str(tmp_path / "notes"), "--db", str(demo_db)]
    assert run(["export", *out, "--provider", "openruter"]) == 0
    assert "no entry is of provider 'openruter'" in capsys.readouterr().err
    assert run(["export", *out, "--tool", "inklet"]) == 0
    assert "no entry" not in capsys.readouterr().err
