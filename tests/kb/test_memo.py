"""Only what changed is rendered, and the folder is as if everything had been."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kb.notes import memo as memory
from kb.notes import outline, unchanged
from kb.notes.export import export_to, prepare
from kb.notes.folder import MANIFEST, read_inputs
from kb.notes.formats import note, page
from kb.notes.options import Options
from kb.store import Store, connect_readonly
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import small
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread

if TYPE_CHECKING:
    from kb.evidence import EntryEvidence

KINDS = ("note", "page", "extras")
OPTIONS = Options(site="https://example.com/errors", categories={"*": "Errors"})

CHANGES = {
    "a claim": "update claim set quote = 'The key you send was deleted', end = end - 25"
    " where quote like 'The key you send%'",
    "its stance": "update claim set stance = 'suspected' where kind = 'cause'",
    "its confidence": "update claim set confidence = 0.5",
    "its publication": "update claim set published = 0 where kind = 'fix' and number = 2",
    "what was said of it": "update evidence set quote = 'works' where role = 'confirms'",
    "an answer less": "delete from evidence where role = 'contradicts'",
    "the text around a claim": "update comment set body = body || ' It is easy.'",
    "approvals": "update comment set thumbs_up = 7",
    "a state": "update thread set state = 'closed' where repo = 'beta/app'",
    "a thread's title": "update thread set title = 'Another title' where number = 2",
    "a thread's author": "update thread set author = 'zed'",
    "a version": "update mention set version = '9.9.9'",
    "a system, of another error of the thread": "insert into mention (repo, number, field, start,"
    " end, raw, fingerprint, is_primary, counted, os, frames)"
    " select repo, number, field, start, end, raw, fingerprint, 0, 0, 'Windows', '[]' from mention"
    " where number = 1",
    "a version, of another error of the thread": "insert into mention (repo, number, field, start,"
    " end, raw, fingerprint, is_primary, counted, version, frames)"
    " select repo, number, field, start, end, raw, fingerprint, 0, 0, '9.1.2', '[]' from mention"
    " where number = 1",
    "a claim about another error, in a thread whose entry has none": "create temp table other as"
    " select * from claim where kind = 'fix' limit 1;"
    " update other set claim_id = 'C0', repo = 'gamma/db', number = 3, about = 'v1:0';"
    " insert into claim select * from other",
    "a title": "update entry set title = 'OpenRouter 401: Key unknown' where entry_id = 'E1'",
    "a title that another page has": "update entry set title = 'OpenRouter 401: User not found.'",
    "a signature": "update signature set text = 'no auth credentials found here'"
    " where text like 'no auth%'",
    "a provider": "update entry set provider = 'groq' where entry_id = 'E2'",
    "a grade": "update entry set grade = 'C'",
    "an address": "update slug set slug = 'elsewhere' where entry_id = 'E1'",
    "a merge": "update signature set entry_id = 'E1' where entry_id = 'E2';"
    " delete from entry where entry_id = 'E2';"
    " insert into alias (old_id, entry_id) values ('E2', 'E1')",
    "an entry less": "delete from claim where number = 2",
    "two errors in a thread": "insert into mention (repo, number, field, start, end, raw,"
    " fingerprint, is_primary, counted, frames) select 'acme/tool', 2, field, start, end, raw,"
    " fingerprint, 0, 1, '[]' from mention where number = 1",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = small(tmp_path_factory.mktemp("memo") / "kb.db")
    with Store.open(path) as store:
        prepare(store)
    return path


def copy(path: Path) -> sqlite3.Connection:
    there = sqlite3.connect(":memory:")
    with connect_readonly(path) as here:
        here.backup(there)
    there.row_factory = sqlite3.Row
    return there


def contents(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.iterdir() if p.name != MANIFEST}


def exported(connection: sqlite3.Connection, folder: Path, options: Options = OPTIONS) -> None:
    for kind in KINDS:
        export_to(connection, kind, folder / kind, options)


def same(connection: sqlite3.Connection, folder: Path, options: Options = OPTIONS) -> None:
    """What an export into a folder that has one makes is what one into an empty folder makes."""
    exported(connection, folder / "again", options)
    exported(connection, folder / "anew", options)
    for kind in KINDS:
        assert contents(folder / "again" / kind) == contents(folder / "anew" / kind), kind
        again = read_inputs(folder / "again" / kind)
        assert again == read_inputs(folder / "anew" / kind)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_rows_is_seen(base: Path, tmp_path: Path, change: str) -> None:
    connection = copy(base)
    exported(connection, tmp_path / "again")
    before = {kind: contents(tmp_path / "again" / kind) for kind in KINDS}
    connection.executescript(CHANGES[change])
    assert connection.total_changes
    same(connection, tmp_path)
    after = {kind: contents(tmp_path / "again" / kind) for kind in KINDS}
    # a change that shows nowhere would prove nothing
    assert after != before or change in ("a thread's author", "a grade", "a signature")
    connection.close()


@pytest.mark.parametrize(
    "options",
    [
        replace(OPTIONS, confidence=0.86),
        replace(OPTIONS, stance="stated"),
        replace(OPTIONS, min_threads=2),
        replace(OPTIONS, target=TARGETS["mdx"]),
        replace(OPTIONS, categories={"openrouter": "API"}),
        replace(OPTIONS, markers=False),
        replace(OPTIONS, notes="https://example.com/notes"),
        replace(OPTIONS, site="https://example.com/other"),
    ],
)
def test_a_change_of_options_is_seen(base: Path, tmp_path: Path, options: Options) -> None:
    connection = copy(base)
    exported(connection, tmp_path / "again")
    same(connection, tmp_path, options)
    connection.close()


def test_a_change_of_the_program_is_seen(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = copy(base)
    exported(connection, tmp_path)
    rendered = count(monkeypatch)
    exported(connection, tmp_path)
    assert rendered == []
    monkeypatch.setattr(unchanged, "_program", lambda: "another template")
    exported(connection, tmp_path)
    assert len(rendered) == 3 + 2 + 2
    connection.close()


def count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The entries whose documents are rendered from now on."""
    rendered: list[str] = []
    for module, name in ((note, "note_of"), (page, "page_of")):
        make = getattr(module, name)

        def counted(first, *more, make=make, **named):  # type: ignore[no-untyped-def]
            rendered.append(first.known.entry_id)
            return make(first, *more, **named)

        monkeypatch.setattr(module, name, counted)
    return rendered


def test_only_what_changed_is_rendered(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = copy(base)
    exported(connection, tmp_path)
    rendered = count(monkeypatch)
    connection.execute("update comment set thumbs_up = 5 where comment_id = 20")
    exported(connection, tmp_path)
    assert rendered == ["E2", "E2", "E2"]
    connection.close()


def test_which_entries_are_asked_for_is_no_reason_to_render(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = copy(base)
    exported(connection, tmp_path, replace(OPTIONS, since="2025-01-01T00:00:00Z"))
    rendered = count(monkeypatch)
    for kind in KINDS:
        later = replace(OPTIONS, since="2025-01-01T00:05:00Z")
        report = export_to(connection, kind, tmp_path / kind, later)
        assert (report.written, report.removed) == ([], [])
    assert rendered == []
    connection.close()


def test_a_night_without_news_looks_at_what_is_asked_for(base: Path, tmp_path: Path) -> None:
    path = tmp_path / "kb.db"
    path.write_bytes(base.read_bytes())
    asked = [replace(OPTIONS, since=f"2026-01-0{n}T00:00:00Z") for n in (1, 2, 7)]
    with Store.open(path) as store:
        unchanged.settle(store)
        export_to(store.connection, "note", tmp_path / "out", asked[0])
        unchanged.remember(store, "note", tmp_path / "out", asked[0])
        stands = [
            unchanged.what_stands(store.connection, "note", tmp_path / "out", options)
            for options in asked
        ]
    assert [found is not None for found in stands] == [True, True, False]


def test_words_that_two_pages_share_and_related_pages(tmp_path: Path) -> None:
    words = "Set the option `wait` to 3 and restart the server."
    filled = [
        Filled(
            thread(n, f"kettle {n} is cold", "", comments=[comment(n * 10, words)]),
            f"E{n}",
            f"kettle {n} is cold",
            claims=[Said("fix", n * 10, words)],
        )
        for n in (1, 2, 3)
    ]
    path = fill(tmp_path / "kb.db", filled)
    with Store.open(path) as store:
        prepare(store)
        exported(store.connection, tmp_path / "again")
        # the page that others point to has the words no more
        with store.transaction() as db:
            db.execute("update claim set published = 0 where number = 1")
        same(store.connection, tmp_path)


def test_a_file_that_is_not_as_written_is_rendered(base: Path, tmp_path: Path) -> None:
    connection = copy(base)
    export_to(connection, "note", tmp_path, OPTIONS)
    whole = (tmp_path / "E1.md").read_text()
    (tmp_path / "E1.md").unlink()
    (tmp_path / "E2.md").write_text("a person's own words")
    report = export_to(connection, "note", tmp_path, OPTIONS)
    assert (report.written, report.kept, report.unchanged) == (["E1.md"], ["E2.md"], 1)
    assert (tmp_path / "E1.md").read_text() == whole
    connection.close()


def test_a_killed_export_is_made_anew(base: Path, tmp_path: Path) -> None:
    connection = copy(base)
    export_to(connection, "note", tmp_path, OPTIONS)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert set(manifest["inputs"]) == {"E1.md", "E2.md", "E3.md"}
    (tmp_path / MANIFEST).write_text(json.dumps({**manifest, "pending": {"E1.md": "0"}}))
    assert read_inputs(tmp_path) == {}
    connection.close()


def test_formats_of_one_night_share_what_is_said_of_an_entry(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = copy(base)
    made: list[str] = []
    decide = outline.outline

    def counted(known: EntryEvidence, *more: Any) -> outline.Outline:
        made.append(known.entry_id)
        return decide(known, *more)

    monkeypatch.setattr(outline, "outline", counted)
    surer = replace(OPTIONS, stance="stated")
    with outline.made_once():
        exported(connection, tmp_path / "again")
        assert sorted(made) == sorted(set(made)) != []
        exported(connection, tmp_path / "surer", surer)
    same(connection, tmp_path)
    exported(connection, tmp_path / "surer anew", surer)
    for kind in KINDS:
        found = (contents(tmp_path / name / kind) for name in ("surer", "surer anew"))
        assert next(found) == next(found), kind
    connection.close()


def test_a_memo_that_nothing_is_known_to_renders_all() -> None:
    memo = memory.Memo("how")
    assert memo.is_new("a.md", ["x", 1])
    assert not memory.Memo("how", memo.inputs).is_new("a.md", ["x", 1])
    assert memory.Memo("how", memo.inputs).is_new("a.md", ["x", 2])
    assert memory.Memo("other", memo.inputs).is_new("a.md", ["x", 1])
