"""The audit of an existing site: each kind of finding, and silence about pages that are well."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kb.errors import BadInputError
from kb.notes.export import export_to, prepare
from kb.notes.folder import read_manifest
from kb.notes.options import Options
from kb.notes.targets import target_names
from kb.notes.worth import NO_NAME
from kb.site import KINDS
from kb.site.audit import as_annotations, as_markdown, as_sarif, audit
from kb.site.pages import read_page
from kb.site.refresh import refresh
from kb.store import Store, connect_readonly
from kb.verify import verify_export
from tests.support.small_kb import lived, small

GOOD = """---
title: User not found
error_signature: user not found
updated: 2026-03-01
---
See https://github.com/acme/tool/issues/1#issuecomment-10 and [that](https://github.com/beta/app/issues/7).
"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "sub").mkdir(parents=True)
    (site / "good.md").write_text(GOOD)
    return site


def kinds(connection: sqlite3.Connection, site: Path) -> list[tuple[str, str | None]]:
    return [(f.kind, f.page) for f in audit(connection, site).findings]


def test_nothing_is_found_on_a_good_page(connection: sqlite3.Connection, site: Path) -> None:
    report = audit(connection, site)
    assert report.findings == []
    assert [(p.page, p.entry_id, p.how, p.sources) for p in report.pages] == [
        ("good.md", "E1", "signature", 2)
    ]


def test_pages_about_one_error(connection: sqlite3.Connection, site: Path) -> None:
    (site / "sub" / "again.mdx").write_text(GOOD)
    assert kinds(connection, site) == [("same-error", "good.md")]


def test_a_page_without_front_matter_is_about_what_its_first_heading_names(
    connection: sqlite3.Connection, site: Path
) -> None:
    (site / "good.md").write_text("```sh\n# install it\n```\n# user not found #\r\n# x\n")
    page = read_page(site / "good.md", "good.md")
    assert page.title == "user not found"
    [told] = audit(connection, site).pages
    assert (told.entry_id, told.how, told.title) == ("E1", "title", "user not found")


def test_pages_without_sources(connection: sqlite3.Connection, site: Path) -> None:
    (site / "none.md").write_text(
        "---\ntitle: x\n---\nJust try again.\n```\nhttps://github.com/acme/tool/issues/1\n```\n"
    )
    (site / "one.md").write_text("Only https://example.org/a and https://example.org/a again.\n")
    (site / "thread.md").write_text(
        "https://github.com/acme/tool/issues/2 https://github.com/acme/tool/issues/2#issuecomment-20\n"
    )
    (site / "index.md").write_text("Welcome.\n")
    assert kinds(connection, site) == [
        ("no-source", "none.md"),
        ("one-source", "one.md"),
    ]


def test_links_that_are_not_there(connection: sqlite3.Connection, site: Path) -> None:
    (site / "bad.md").write_text(
        "https://github.com/acme/tool/issues/999\nhttps://github.com/acme/tool/issues/1#issuecomment-999\nhttps://github.com/else/where/issues/5\n"
    )
    found = audit(connection, site).findings
    assert [(f.kind, f.line) for f in found if f.kind == "missing-link"] == [
        ("missing-link", 1),
        ("missing-link", 2),
    ]


def test_links_to_what_was_contradicted(connection: sqlite3.Connection, site: Path) -> None:
    wrong = "https://github.com/acme/tool/issues/1#issuecomment-14"
    (site / "wrong.md").write_text(
        f"---\nentry: E2\n---\n## Fix\n\nReinstall: {wrong}, see https://github.com/acme/tool/issues/2\n"
    )
    (site / "right.md").write_text(
        f"---\nentry: E3\n---\n## What did not help\n\n{wrong} and https://github.com/gamma/db/issues/3\n"
    )
    (site / "brief.md").write_text(
        f"---\nentry: E1\n---\n## Fix\n\nAlso: [“Again”]({wrong}) (tool, contradicted).\n"
    )
    found = [f.page for f in audit(connection, site).findings if f.kind == "contradicted"]
    assert found == ["wrong.md"]


@pytest.mark.parametrize(
    "form", ["> see `{}`", '<script type="application/ld+json">\n{{"text": "see {}"}}\n</script>']
)
def test_an_address_in_a_code_span_or_script_is_no_link(
    connection: sqlite3.Connection, site: Path, form: str
) -> None:
    missing = form.format("https://github.com/acme/tool/issues/999")
    (site / "good.md").write_text(f"{GOOD}\n{missing}\n")
    assert audit(connection, site).findings == []


def test_links_to_another_error(connection: sqlite3.Connection, site: Path) -> None:
    (site / "other.md").write_text(
        "---\nentry: E2\n---\nhttps://github.com/acme/tool/issues/2 https://github.com/gamma/db/issues/3\n"
    )
    assert kinds(connection, site) == [("other-error", "other.md")]


def test_pages_older_than_the_news(connection: sqlite3.Connection, site: Path) -> None:
    (site / "good.md").write_text(GOOD.replace("2026-03-01", "2026-02-05"))
    fixed, finding = audit(connection, site).findings
    assert fixed.kind == "fixed"
    assert fixed.what.startswith("fixed in acme/tool 1.2.3 (https://github.com/acme/tool/issues/1#")
    assert finding.kind == "outdated"
    assert (
        finding.what
        == "updated 2026-02-05; since then 0 threads and 3 posts, the newest of 2026-02-08"
    )


def test_entries_that_deserve_a_page(connection: sqlite3.Connection, site: Path) -> None:
    (site / "good.md").unlink()
    assert [(f.kind, f.entry_id) for f in audit(connection, site).findings] == [("unwritten", "E1")]
    assert [f.entry_id for f in audit(connection, site, deserves=1).findings] == ["E1", "E2", "E3"]


def test_an_entry_that_the_gate_withholds_is_not_unwritten(
    connection: sqlite3.Connection, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "good.md").unlink()
    monkeypatch.setattr("kb.site.audit.why_no_page", lambda _: NO_NAME)
    assert audit(connection, site, deserves=1).findings == []


def test_pages_that_cannot_be_read(connection: sqlite3.Connection, site: Path) -> None:
    (site / "a.md").write_text("---\ntitle: [\n---\nx\n")
    (site / "b.md").write_text("---\ntitle: x\n")
    (site / "c.md").write_bytes(b"\xff\xfe\x00")
    (site / "d.md").write_text(
        "<!-- faultlore:begin entry=E1 -->\nhttps://a.example https://b.example\n"
    )
    found = audit(connection, site).findings
    unreadable = {f.page: f.what for f in found if f.kind == "unreadable"}
    assert list(unreadable) == ["a.md", "b.md", "c.md", "d.md"]
    assert re.search(r"cannot be read: [^<]+, in line [23]$", unreadable["a.md"])


def test_how_a_page_is_matched(connection: sqlite3.Connection, site: Path) -> None:
    (site / "good.md").unlink()
    links = "https://github.com/acme/tool/issues/2 https://example.org/x\n"
    (site / "a.md").write_text(
        f"<!-- faultlore:begin entry=E1 -->\n<!-- faultlore:end -->\n{links}"
    )
    (site / "b.md").write_text(f"---\nentry: E1\n---\n{links}")
    (site / "c.md").write_text(f"---\nid: intro\n---\n{links}")
    (site / "e.md").write_text(f"---\nid: E1\n---\n{links}")
    (site / "d.md").write_text(
        "+++\ntitle = 'Anything'\nerror_signature = 'mystery'\n+++\nhttps://a.example https://b.example\n"
    )
    report = audit(connection, site, lambda text: "E3" if "mystery" in text else None)
    assert [(p.page, p.entry_id, p.how) for p in report.pages] == [
        ("a.md", "E1", "marker"),
        ("b.md", "E1", "front matter"),
        ("c.md", "E2", "sources"),
        ("d.md", "E3", "signature"),
        ("e.md", "E1", "front matter"),
    ]


def test_a_report_as_markdown(connection: sqlite3.Connection, site: Path) -> None:
    (site / "a|b.md").write_text("x\n")
    text = as_markdown(audit(connection, site))
    assert "## No link to a source (1)" in text
    assert "a\\|b.md" in text


def test_a_folder_that_is_none(connection: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such folder; name the folder"):
        audit(connection, tmp_path / "nowhere")


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("one\x0c\u2028two\r\nhttps://a.example\r\n".encode())
    assert [link.line for link in read_page(tmp_path / "a.md", "a.md").links] == [2]


def test_a_cited_comment_that_was_edited_or_is_gone(site: Path, tmp_path: Path) -> None:
    path = small(tmp_path / "changed.db")
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update comment set updated_at = '2026-04-01T00:00:00Z' where comment_id = 10")
    connection = connect_readonly(path)
    (finding,) = audit(connection, site).findings
    assert (finding.kind, finding.line) == ("edited", 6)
    assert finding.what.endswith("was edited on 2026-04-01, the page is of 2026-03-01")
    connection.close()
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update comment set gone_at = '2026-04-02T00:00:00Z' where comment_id = 10")
    connection = connect_readonly(path)
    assert [f.kind for f in audit(connection, site).findings] == ["deleted"]
    connection.close()


def test_an_edit_is_cured_by_an_export_and_by_a_refresh(site: Path, tmp_path: Path) -> None:
    path = small(tmp_path / "changed.db")
    with Store.open(path) as store:
        prepare(store)
    connection = connect_readonly(path)
    export_to(connection, "page", tmp_path / "pages", Options())
    connection.close()
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update comment set updated_at = '2026-04-01T00:00:00Z' where comment_id = 10")
    connection = connect_readonly(path)
    found = {f.kind for f in audit(connection, tmp_path / "pages", deserves=9).findings}
    assert found == {"edited"}
    export_to(connection, "page", tmp_path / "pages", Options())
    assert audit(connection, tmp_path / "pages", deserves=9).findings == []
    (site / "good.md").write_text(f"{GOOD}\n## Sources\n")
    assert [f.kind for f in audit(connection, site).findings] == ["edited"]
    refresh(connection, site, insert=True)
    assert audit(connection, site).findings == []
    connection.close()


@pytest.mark.parametrize("name", target_names())
def test_nothing_is_found_in_what_the_export_writes(tmp_path: Path, name: str) -> None:
    connection = connect_readonly(lived(tmp_path / "kb.db"))
    site = tmp_path / "site"
    options = Options(target=name, site_url="https://a.example/errors")
    for made in ("note", "page", "extras"):
        export_to(connection, made, site / made, options)
        assert audit(connection, site / made, deserves=9).findings == []
        assert verify_export(connection, site / made) == []
    # a note and a page of one error are no doubles, what another export left out is not missing
    export_to(connection, "page", site / "page", replace(options, min_grade="A"))
    assert audit(connection, site, deserves=9).findings == []
    connection.close()


LATER = {
    "a person ignores its error": (
        "update entry set ignored = 1 where entry_id = 'E4'",
        ["withdrawn"],
    ),
    "a person withdraws a claim": (
        "update claim set published = 0 where comment_id = 40",
        ["withdrawn"],
    ),
    "two are merged": (
        "update signature set entry_id = 'E1' where entry_id = 'E2';"
        " delete from entry where entry_id = 'E2'; insert into alias values ('E2', 'E1')",
        ["same-error", "fixed", "outdated"],
    ),
    "nobody reports it any more": (
        "update entry set threads = 0, retired = 1 where entry_id = 'E4';"
        " delete from mention where number = 4",
        [],
    ),
}


@pytest.mark.parametrize("change", LATER)
def test_what_happened_since_the_export(tmp_path: Path, change: str) -> None:
    path, site = lived(tmp_path / "kb.db"), tmp_path / "site"
    options = Options(target="mkdocs")
    with Store.open(path) as store:
        export_to(store.connection, "page", site, options)
        store.connection.executescript(LATER[change][0])
        assert [f.kind for f in audit(store.connection, site).findings] == LATER[change][1]
        export_to(store.connection, "page", site, options)
        assert audit(store.connection, site).findings == []


def test_an_id_that_is_none_is_said(connection: sqlite3.Connection, site: Path) -> None:
    text = GOOD.replace("title:", "entry: EABCDEF234567\ntitle:")
    (site / "good.md").write_text(
        f"{text}<!-- faultlore:begin entry=Enope -->\n<!-- faultlore:end -->\n"
    )
    found = audit(connection, site).findings
    assert [(f.kind, f.line, f.what.split()[1]) for f in found] == [
        ("withdrawn", None, "EABCDEF234567"),
        ("withdrawn", 8, "Enope"),
    ]


@pytest.mark.parametrize(
    "options",
    [
        Options(min_threads=2),
        Options(min_grade="A"),
        Options(stance="confirmed", confidence=0.95),
        Options(provider="openrouter", tool="acme", since="2026-01-05T00:00:00Z"),
    ],
)
@pytest.mark.parametrize("made", ["note", "site"])
def test_an_export_is_held_against_what_it_was_asked_for(
    tmp_path: Path, connection: sqlite3.Connection, options: Options, made: str
) -> None:
    export_to(connection, made, tmp_path / made, options)
    assert audit(connection, tmp_path / made, deserves=1).findings == []
    chosen = Options.of_manifest(read_manifest(tmp_path / made).chosen)
    assert chosen.chosen == options.chosen != {}
    (tmp_path / made / "more.md").write_text("No source")
    assert ("no-source", "more.md") in kinds(connection, tmp_path / made)


def test_what_a_manifest_does_not_know_is_passed_over() -> None:
    assert Options.of_manifest({"min_threads": "3", "target": "hugo", "stance": 1}) == Options()
    assert Options.of_manifest({"min_threads": 3, "stance": "sure"}) == Options()


def test_code_scanning_gets_a_place_for_every_finding(
    connection: sqlite3.Connection, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "a b.md").write_text("x\n")
    report = audit(connection, site, deserves=1)
    monkeypatch.chdir(site.parent)
    (run,) = json.loads(as_sarif(report, site))["runs"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert [p["uri"] for p in places] == ["site/a%20b.md", "site", "site"]


def test_reports_for_machines(connection: sqlite3.Connection, site: Path) -> None:
    (site / "a,b.md").write_text("x\n")
    report = audit(connection, site)
    log = json.loads(as_sarif(report, Path("docs")))
    assert {r["id"] for r in log["runs"][0]["tool"]["driver"]["rules"]} == set(KINDS)
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("no-source", "error")
    assert place["artifactLocation"]["uri"] == "docs/a%2Cb.md"
    assert list(as_annotations(report, Path("docs"))) == [
        "::error file=docs/a%2Cb.md,line=1,title=no link to a source::the page links to no source"
    ]
