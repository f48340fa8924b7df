"""Refreshing: only what stands between the markers changes, everything else stays byte for byte."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.notes.folder import write_folder
from kb.site.audit import audit
from kb.site.refresh import refresh
from kb.store import connect_readonly
from kb.verify import verify_export
from tests.support.small_kb import small
from tests.support.targets import TARGETS

BEGIN, END = "<!-- faultlore:begin entry=E1 -->", "<!-- faultlore:end -->"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("base") / "kb.db")


@pytest.fixture
def connection(base: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_readonly(base)
    yield connection
    connection.close()


def test_what_is_outside_stays_byte_for_byte(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    before, after = "\ufeff---\ntitle: x  \n---\n\tkept \x0c \r\n", "\r\nno line end at the end  "
    page = tmp_path / "a.md"
    page.write_bytes(f"{before}{BEGIN}\nFORMER\n{END}{after}".encode())
    os.chmod(page, 0o640)
    report = refresh(connection, tmp_path)
    made = page.read_bytes().decode()
    assert report.changed == ["a.md"]
    assert made.startswith(before + BEGIN + "\n")
    assert made.endswith(END + after)
    assert "FORMER" not in made
    assert "> Create a new key" in made
    assert page.stat().st_mode & 0o777 == 0o640
    assert verify_export(connection, tmp_path) == []


def test_a_second_time_changes_nothing(connection: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"{BEGIN}\n{END}\n")
    refresh(connection, tmp_path)
    before = (tmp_path / "a.md").stat().st_mtime_ns
    report = refresh(connection, tmp_path)
    assert (report.changed, report.unchanged) == ([], 1)
    assert (tmp_path / "a.md").stat().st_mtime_ns == before


def test_line_ends_follow_the_page(connection: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(f"x\r\n{BEGIN}\r\n{END}\r\n".encode())
    refresh(connection, tmp_path)
    data = (tmp_path / "a.md").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 10


def test_a_symbolic_link_stays_one_and_leads_nowhere_else(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    folder, text = tmp_path / "docs", f"x\n{BEGIN}\n{END}\n"
    folder.mkdir()
    (folder / "real.txt").write_text(text)
    (folder / "a.md").symlink_to(folder / "real.txt")
    (tmp_path / "outside.md").write_text(text)
    (folder / "b.md").symlink_to(tmp_path / "outside.md")
    report = refresh(connection, folder)
    assert report.changed == ["a.md"]
    assert (folder / "a.md").is_symlink()
    assert (folder / "real.txt").read_text() != text
    assert (tmp_path / "outside.md").read_text() == text
    assert any("leads out of the folder" in problem for problem in report.problems)


def test_markers_are_put_under_the_sources(connection: sqlite3.Connection, tmp_path: Path) -> None:
    text = "---\nentry: E1\n---\n# Title\n\n## Sources checked\n\n- https://a.example\n"
    (tmp_path / "a.md").write_text(text)
    (tmp_path / "unknown.md").write_text(text.replace("entry: E1", "entry: E9"))
    (tmp_path / "nowhere.md").write_text("---\nentry: E1\n---\nno such heading\n")
    assert refresh(connection, tmp_path).changed == []
    report = refresh(connection, tmp_path, insert=True)
    assert report.inserted == report.changed == ["a.md"]
    made = (tmp_path / "a.md").read_text()
    assert made.startswith("---\nentry: E1\n---\n# Title\n\n## Sources checked\n\n" + BEGIN)
    assert made.endswith(END + "\n\n- https://a.example\n")
    assert refresh(connection, tmp_path, insert=True).changed == []


def test_mdx_pages_get_comments_of_mdx(connection: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "a.mdx").write_text("---\nentry: E1\n---\n## Sources\n")
    refresh(connection, tmp_path, insert=True)
    made = (tmp_path / "a.mdx").read_text()
    assert "{/* faultlore:begin entry=E1 */}" in made
    assert "<!--" not in made
    assert refresh(connection, tmp_path, target=TARGETS["mdx"]).unchanged == 1


def test_pages_of_the_export_get_no_markers(connection: sqlite3.Connection, tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.md": "---\nentry: E1\n---\n## Sources checked\n"})
    assert refresh(connection, tmp_path, insert=True).changed == []


def test_a_look_writes_nothing(connection: sqlite3.Connection, tmp_path: Path) -> None:
    text = f"kept\n{BEGIN}\nold\n{END}\n"
    (tmp_path / "a.md").write_text(text)
    report = refresh(connection, tmp_path, write=False)
    assert (tmp_path / "a.md").read_text() == text
    assert "-old" in report.diffs[0]
    assert "-kept" not in report.diffs[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{BEGIN}\nx\n", "a.md:1: faultlore:begin without faultlore:end"),
        (f"x\n{END}\n", "a.md:2: faultlore:end without faultlore:begin"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n", "a.md:2: faultlore:begin within another"),
        (f"{BEGIN.replace('E1', 'E9')}\nx\n{END}\n", "entry E9 is not in the knowledge base"),
    ],
)
def test_a_page_with_a_problem_is_left_as_it_is(
    connection: sqlite3.Connection, tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "a.md").write_text(text)
    report = refresh(connection, tmp_path)
    assert problem in report.problems[0]
    assert (tmp_path / "a.md").read_text() == text


def test_markers_within_code_are_words(connection: sqlite3.Connection, tmp_path: Path) -> None:
    text = f"write this:\n```\n{BEGIN}\n{END}\n```\n"
    (tmp_path / "a.md").write_text(text)
    assert refresh(connection, tmp_path).changed == []
    assert (tmp_path / "a.md").read_text() == text


def test_a_former_id_still_answers(tmp_path: Path) -> None:
    from kb.store import Store

    path = small(tmp_path / "kb.db")
    with Store.open(path) as store, store.transaction() as db:
        db.execute("insert into alias (old_id, entry_id) values ('E0', 'E1')")
    connection = connect_readonly(path)
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.md").write_text(f"{BEGIN.replace('E1', 'E0')}\n{END}\n")
    assert refresh(connection, site).problems == []
    assert "> Create a new key" in (site / "a.md").read_text()
    connection.close()


def test_the_pages_own_dates_follow_the_evidence(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    head = "---\nupdated: 2026-01-01\nupdated_at: '2026-01-01T10:00:00Z'\ndate: 2026-01-01\n---\n"
    (tmp_path / "a.md").write_text(f"{head}{BEGIN}\n{END}\n")
    (tmp_path / "b.md").write_text(f"---\nlastmod: 2027-01-01\n---\n{BEGIN}\n{END}\n")
    refresh(connection, tmp_path)
    assert (
        (tmp_path / "a.md")
        .read_text()
        .startswith(
            "---\nupdated: 2026-02-08\nupdated_at: '2026-02-08T00:00:00Z'\ndate: 2026-01-01\n---\n"
        )
    )
    assert (tmp_path / "b.md").read_text().startswith("---\nlastmod: 2027-01-01\n---\n")


def test_a_refreshed_page_has_nothing_for_the_audit(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(
        "---\nentry: E1\nupdated: 2026-01-01\n---\n# Title\n\n## Sources checked\n"
    )
    assert {f.kind for f in audit(connection, tmp_path, deserves=9).findings} >= {"outdated"}
    refresh(connection, tmp_path, insert=True)
    assert audit(connection, tmp_path, deserves=9).findings == []


PART = st.text(st.sampled_from("ab#>-` \t\n\r\x0c\u2028é"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(PART, PART, PART)
def test_any_page_keeps_its_bytes(
    base: Path, tmp_path_factory: pytest.TempPathFactory, before: str, inside: str, after: str
) -> None:
    folder = tmp_path_factory.mktemp("site")
    page = folder / "a.md"
    head, tail = f"{before}\n{BEGIN}\n", f"\n{END}\n{after}"
    page.write_bytes(f"{head}{inside}{tail}".encode())
    connection = connect_readonly(base)
    report = refresh(connection, folder)
    connection.close()
    made = page.read_bytes().decode()
    if report.changed:
        assert made.startswith(head)
        assert made.endswith(f"{END}\n{after}")
    else:
        assert made == f"{head}{inside}{tail}"
