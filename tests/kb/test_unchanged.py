"""An export that would write what stands in its folder is not made again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kb.evidence import EntryEvidence
from kb.notes import export, outline
from kb.notes.export import export_again, export_to, prepare, settle, what_stands
from kb.notes.folder import MANIFEST, ExportReport, read_manifest, write_folder
from kb.notes.options import Options
from kb.store import Store
from tests.support.small_kb import small

OPTIONS = Options(site_url="https://example.com/errors", categories={"*": "Errors"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(small(tmp_path / "kb.db")) as opened:
        prepare(opened)
        yield opened


def stands(store: Store, folder: Path, options: Options = OPTIONS) -> ExportReport | None:
    return what_stands(store.connection, "page", folder, options)


@pytest.fixture
def folder(store: Store, tmp_path: Path) -> Path:
    """An export's folder that a night would find as it left it."""
    out = tmp_path / "out"
    assert stands(store, out) is None
    settle(store)
    written = export_again(store, "page", out, OPTIONS).written
    assert stands(store, out) == ExportReport(unchanged=len(written))
    return out


@pytest.mark.parametrize(
    "change",
    [
        "update claim set stance = 'suspected' where kind = 'cause'",
        "update claim set published = 0 where kind = 'fix' and number = 2",
        "update evidence set quote = 'works' where role = 'confirms'",
        "update comment set thumbs_up = 7",
        "update thread set state = 'closed' where repo = 'beta/app'",
        "update mention set version = '9.9.9'",
        "update signature set text = 'no key here' where text like 'no auth%'",
        "update entry set title = 'OpenRouter 401: Key unknown' where entry_id = 'E1'",
        "update slug set slug = 'elsewhere' where entry_id = 'E1'",
        "insert into alias (old_id, entry_id) values ('E0', 'E1')",
    ],
)
def test_changed_rows_are_seen_until_the_next_export(
    store: Store, folder: Path, change: str
) -> None:
    with store.transaction() as db:
        db.execute(change)
    assert stands(store, folder) is None
    settle(store)
    assert stands(store, folder) is None
    export_again(store, "page", folder, OPTIONS)
    assert stands(store, folder) is not None


@pytest.mark.parametrize(
    "options",
    [
        replace(OPTIONS, confidence=0.86),
        replace(OPTIONS, stance="stated"),
        replace(OPTIONS, min_threads=2),
        replace(OPTIONS, target="mdx"),
        replace(OPTIONS, categories={"openrouter": "API"}),
        replace(OPTIONS, markers=False),
        replace(OPTIONS, notes_url="https://example.com/notes"),
        replace(OPTIONS, since="2026-01-07T00:00:00Z"),
    ],
)
def test_changed_options_are_seen(store: Store, folder: Path, options: Options) -> None:
    assert stands(store, folder, options) is None


def test_which_entries_are_asked_for_counts_by_what_they_are(store: Store, folder: Path) -> None:
    # "the last 90 days" is another time every night
    assert stands(store, folder, replace(OPTIONS, since="2026-01-01T00:00:00Z")) is not None


def test_a_changed_program_is_seen(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_program", lambda: "another template")
    assert stands(store, folder) is None


def test_a_file_that_is_gone_is_written_and_a_persons_is_kept(store: Store, folder: Path) -> None:
    name, other, *_ = sorted(read_manifest(folder).files)
    (folder / other).write_text("a person's own words")
    found = stands(store, folder)
    assert found is not None
    assert found.kept == [other]
    (folder / name).unlink()
    assert stands(store, folder) is None
    report = export_to(store.connection, "page", folder, OPTIONS)
    assert (report.written, report.kept) == ([name], [other])


def test_a_persons_change_that_is_taken_back_is_made_up_for(store: Store, folder: Path) -> None:
    [file] = [path for path in folder.iterdir() if "user-not-found" in path.name]
    before = file.read_bytes()
    file.write_text("a person's own words")
    with store.transaction() as db:
        db.execute("update claim set published = 0 where kind = 'fix'")
    settle(store)
    assert export_again(store, "page", folder, OPTIONS).kept == [file.name]
    assert stands(store, folder) is not None
    file.write_bytes(before)
    assert export_again(store, "page", folder, OPTIONS).written == [file.name]
    assert file.read_bytes() != before


def test_a_manifest_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "A"})
    text = (tmp_path / MANIFEST).read_text()
    (tmp_path / MANIFEST).write_text(text.replace("{", '{"inputs": {"a.md": "0"},', 1))
    assert set(read_manifest(tmp_path).files) == {"a.md"}


def test_formats_of_one_night_share_what_is_said_of_an_entry(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    decide = outline.outline

    def counted(known: EntryEvidence, *more: Any) -> outline.Outline:
        made.append(known.entry_id)
        return decide(known, *more)

    monkeypatch.setattr(outline, "outline", counted)

    def exported(to: Path, options: Options) -> dict[str, bytes]:
        for kind in ("note", "page", "extras"):
            export_to(store.connection, kind, to / kind, options)
        return {str(p.relative_to(to)): p.read_bytes() for p in to.rglob("*") if p.is_file()}

    surer = replace(OPTIONS, stance="stated")
    with outline.made_once():
        everything = exported(tmp_path / "all", OPTIONS)
        assert sorted(made) == sorted(set(made)) != []
        sure = exported(tmp_path / "surer", surer)
    assert exported(tmp_path / "all anew", OPTIONS) == everything
    assert exported(tmp_path / "surer anew", surer) == sure
