"""What a site has beside its pages: feed, sitemap, lists for language models, twins, redirects."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kb.errors import BadInputError
from kb.notes.export import documents, export_to, prepare
from kb.notes.formats import extras
from kb.notes.options import Options
from kb.store import Store, connect_readonly
from kb.verify import verify_export
from tests.support.small_kb import small

SITE = "https://example.com/errors"
SLUG = "openrouter-401-user-not-found"
OTHER = "openrouter-401-no-auth-credentials-found"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = small(tmp_path / "kb.db")
    with Store.open(path) as store:
        prepare(store)
    connection = connect_readonly(path)
    yield connection
    connection.close()


def site(connection: sqlite3.Connection) -> dict[str, str]:
    return documents(connection, "extras", Options(site_url=SITE))


def test_files(connection: sqlite3.Connection, tmp_path: Path) -> None:
    made = site(connection)
    assert set(made) == {
        *(f"{slug}{end}" for slug in (SLUG, OTHER) for end in (".md", ".jsonld")),
        "feed.xml",
        "llms.txt",
        "sitemap.xml",
    }
    assert made == site(connection)
    assert "<!--" not in made[f"{SLUG}.md"]
    assert json.loads(made[f"{SLUG}.jsonld"])["@graph"][0]["@type"] == "TechArticle"
    export_to(connection, "extras", tmp_path / "out", Options(site_url=SITE))
    assert verify_export(connection, tmp_path / "out") == []


def test_the_sites_address_is_wanted(connection: sqlite3.Connection) -> None:
    with pytest.raises(BadInputError, match="set site_url under"):
        documents(connection, "extras")


def test_the_feed_tells_what_is_new_and_what_is_fixed(connection: sqlite3.Connection) -> None:
    feed = ElementTree.fromstring(site(connection)["feed.xml"])
    told = [
        (e.findtext("a:updated", "", ATOM)[:10], e.findtext("a:title", "", ATOM))
        for e in feed.findall("a:entry", ATOM)
    ]
    assert told == [
        ("2026-02-07", "Fixed in acme/tool 1.2.3: OpenRouter 401: User not found."),
        ("2026-01-03", "New: OpenRouter 401: No auth credentials found (tool)"),
        ("2026-01-02", "New: OpenRouter 401: User not found."),
    ]
    ids = [e.findtext("a:id", "", ATOM) for e in feed.findall("a:entry", ATOM)]
    assert len(set(ids)) == 3
    assert feed.findtext("a:updated", "", ATOM) == "2026-02-07T00:00:00Z"


def test_the_sitemap_has_the_last_change_of_evidence(connection: sqlite3.Connection) -> None:
    tree = ElementTree.fromstring(site(connection)["sitemap.xml"])
    assert [[child.text for child in url] for url in tree] == [
        [f"{SITE}/", "2026-02-08T00:00:00Z"],
        [f"{SITE}/{OTHER}/", "2026-02-02T00:00:00Z"],
        [f"{SITE}/{SLUG}/", "2026-02-08T00:00:00Z"],
    ]


@pytest.mark.parametrize(
    ("target", "end"), [("mkdocs", "/"), ("hugo", "/"), ("jekyll", ".html"), ("vitepress", ".html")]
)
def test_addresses_are_those_of_the_built_site(
    connection: sqlite3.Connection, target: str, end: str
) -> None:
    made = documents(connection, "extras", Options(site_url=SITE, target=target))
    assert f"<loc>{SITE}/{SLUG}{end}</loc>" in made["sitemap.xml"]
    assert f'<link href="{SITE}/{SLUG}{end}"/>' in made["feed.xml"]
    data = json.loads(made[f"{SLUG}.jsonld"])["@graph"]
    assert data[0]["url"] == data[1]["itemListElement"][1]["item"] == f"{SITE}/{SLUG}{end}"
    page = documents(connection, "page", Options(site_url=SITE, target=target))
    assert f"[This page as Markdown]({SITE}/{SLUG}.md)" in page[f"{SLUG}.md"]


def test_lists_for_language_models_stay_small(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site(connection)["llms.txt"]
    assert f"- [OpenRouter 401: User not found.]({SITE}/{SLUG}.md): " in made
    monkeypatch.setattr(extras, "MOST_CHARACTERS", 400)
    split = site(connection)
    assert f"]({SITE}/llms-1.txt): 1 errors" in split["llms.txt"]
    assert SLUG in split["llms-1.txt"] + split["llms-2.txt"]


def test_former_addresses_lead_on(connection: sqlite3.Connection, tmp_path: Path) -> None:
    connection.close()
    with Store.open(tmp_path / "kb.db") as store, store.transaction() as db:
        db.execute("update signature set entry_id = 'E1' where entry_id = 'E2'")
        db.execute("delete from entry where entry_id = 'E2'")
        db.execute("insert into alias (old_id, entry_id) values ('E2', 'E1')")
    changed = connect_readonly(tmp_path / "kb.db")
    assert site(changed)["_redirects"] == f"/errors/{OTHER}/ /errors/{SLUG}/ 301\n"
    changed.close()
