"""Addresses of pages: given once, kept for good, and what stands there when a page is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from kb.errors import BadInputError
from kb.notes.export import documents, export_to, prepare
from kb.notes.options import Options
from kb.notes.slugs import slug_of
from kb.store import Store, connect_readonly
from tests.support.pages import SLUG, front, pages, prepared
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import small
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread

LOST = {
    "no claim is sure any more": "update claim set published = 0 where number = 2",
    "a person says that it is no error": "update entry set ignored = 1 where entry_id = 'E2'",
}


@pytest.mark.parametrize("name", list(TARGETS))
@pytest.mark.parametrize("how", LOST)
def test_an_address_whose_page_is_lost_says_so(tmp_path: Path, name: str, how: str) -> None:
    path = small(tmp_path / "kb.db")
    target = TARGETS[name]
    options = Options(target=name, site_url="https://example.com/errors")
    file = f"openrouter-401-no-auth-credentials-found{target.suffix}"
    with Store.open(path) as store:
        prepare(store)
        assert "Withdrawn" not in pages(store.connection, options)[file]
        store.connection.executescript(LOST[how])
        made = pages(store.connection, options)
        beside = documents(store.connection, "extras", options)
        # what an export leaves out is not lost
        left_out = pages(store.connection, replace(options, provider="groq"))
    page = front(made[file])
    assert page["withdrawn"] is True
    assert set(page) >= set(target.hidden)
    assert page.get("last_update") != {}  # Docusaurus wants a date or an author in it
    assert "This page was withdrawn" in made[file]
    threads = "reported in [acme/tool" in made[file]
    assert threads == (how == "no claim is sure any more")
    named = "Withdrawn: OpenRouter 401: No auth credentials found"
    assert page["title"] == (named if threads else "Withdrawn")
    assert "no-auth" not in made[f"{target.index}{target.suffix}"]
    for listing in ("sitemap.xml", "llms.txt", "feed.xml"):
        assert "no-auth" not in beside[listing]
    assert (file in left_out) == (not threads)


def test_a_page_that_stood_here_before_its_grade_was_too_low_says_so(tmp_path: Path) -> None:
    file = "openrouter-401-no-auth-credentials-found.md"
    with Store.open(small(tmp_path / "kb.db")) as store:
        prepare(store)
        with store.transaction() as db:
            db.execute("update entry set grade = case entry_id when 'E1' then 'A' else 'D' end")
        surer = Options(min_grade="A")
        told = []
        for folder, options in (("a", Options()), ("a", surer), ("b", surer), ("a", surer)):
            told.append(export_to(store.connection, "page", tmp_path / folder, options).withdrawn)
        assert [file in names for names in told] == [False, True, False, False]
        assert front((tmp_path / "a" / file).read_text())["withdrawn"] is True
        # where it never stood, nothing is missing
        assert not (tmp_path / "b" / file).exists()
        other = replace(surer, provider="groq")
        assert file in export_to(store.connection, "page", tmp_path / "a", other).removed


SAME_WORDS = "Set the variable in the container, it is not passed on"
ELSEWHERE = {
    "its claim is about another error of the thread": (
        "insert into mention (repo, number, field, start, end, raw, fingerprint, is_primary,"
        " counted, frames) select 'acme/tool', 2, 'title', 0, 2, 'No', fingerprint, 0, 1, '[]'"
        " from entry where entry_id = 'E1'; update claim set about = (select fingerprint from"
        " entry where entry_id = 'E1'), stance = 'confirmed' where number = 2",
        "reported in [acme/tool",
        "of other errors stands on [OpenRouter 401",
    ),
    "its thread went to an entry that was split off": (
        "update mention set fingerprint = (select fingerprint from entry where entry_id = 'E1')"
        " where number = 2; update entry set threads = 0, retired = 1 where entry_id = 'E2';"
        " insert into entry_log (at, action, entry_id, other_id, why, rules) values"
        " ('2026-02-01T00:00:00Z', 'split', 'E1', 'E2', 'they do not go together', '1')",
        "What people say of this error stands on [OpenRouter 401",
        None,
    ),
    "a page of more threads says the same": (
        f"update comment set body = '{SAME_WORDS}' where comment_id = 13;"
        f" update claim set quote = '{SAME_WORDS}', start = 0, end = {len(SAME_WORDS)},"
        " stance = 'confirmed' where comment_id = 13",
        "What people say of this error stands on [OpenRouter 401",
        "reported in [acme/tool",
    ),
}


@pytest.mark.parametrize("name", list(TARGETS))
@pytest.mark.parametrize("how", ELSEWHERE)
def test_an_address_whose_words_stand_on_another_page_leads_there(
    tmp_path: Path, name: str, how: str
) -> None:
    target, (change, *said) = TARGETS[name], ELSEWHERE[how]
    options = Options(target=name, site_url="https://example.com/errors")
    file = f"openrouter-401-no-auth-credentials-found{target.suffix}"
    path = small(tmp_path / "kb.db")
    with Store.open(path) as store:
        prepare(store)
        assert "stands on [" not in pages(store.connection, options)[file]
        store.connection.executescript(change)
        made = pages(store.connection, options)
        beside = documents(store.connection, "extras", options)
    for words in filter(None, said):
        assert words in made[file]
    assert f"]({target.href(SLUG)})" in made[file]
    page = front(made[file])
    assert set(page) >= set(target.hidden)
    assert page.get("moved_to") == (SLUG if "What people say of this" in made[file] else None)
    assert "no-auth" not in made[f"{target.index}{target.suffix}"]
    for listing in ("sitemap.xml", "llms.txt", "feed.xml"):
        assert "no-auth" not in beside[listing]


def test_the_title_of_a_page_that_leads_on_is_cut_between_words(tmp_path: Path) -> None:
    title = "OpenRouter 401: The account of this organisation was closed by its owner"
    with Store.open(small(tmp_path / "kb.db")) as store:
        prepare(store)
        store.connection.execute("insert into alias values ('E2', 'E1')")
        store.connection.execute("update entry set title = ? where entry_id = 'E1'", (title,))
        store.connection.execute("delete from entry where entry_id = 'E2'")
        made = pages(store.connection)["openrouter-401-no-auth-credentials-found.md"]
    assert front(made)["title"] == "Moved: OpenRouter 401: The account … was closed by its owner"
    assert front(made)["moved_to"] == SLUG


@pytest.mark.parametrize(
    "change",
    [
        "update claim set published = 0 where number = 3",
        "insert into alias values ('E3', 'E2'); update signature set entry_id = 'E2' where"
        " entry_id = 'E3'; delete from entry where entry_id = 'E3'",
    ],
)
def test_the_address_of_a_family_that_is_none_any_more_leads_on(
    tmp_path: Path, change: str
) -> None:
    said = "Set `kettle.{}` to the address of the provider and start it again."
    made = [
        Filled(
            thread(n, raw, "", [comment(n * 10, said.format(raw[-4:]))], repo=f"acme/r{n}"),
            f"E{n}",
            raw,
            fields={"provider": "openrouter", "status": 401, "title": f"OpenRouter 401: {raw}"},
            claims=[Said("fix", n * 10, said.format(raw[-4:]))],
        )
        for n, raw in enumerate(("no such user", "no credentials sent", "header is missing"), 1)
    ]
    with Store.open(fill(tmp_path / "kb.db", made)) as store:
        prepare(store)
        file = "openrouter-401-errors.md"
        assert "which message means what" in pages(store.connection)[file]
        store.connection.executescript(change)
        text = pages(store.connection)[file]
        apart = pages(store.connection, Options(provider="groq"))
    assert "What people say of this error stands on [OpenRouter 401: no " in text
    assert front(text)["moved_to"] == "openrouter-401-no-such-user"
    assert text.count("](openrouter-401-") == 2
    assert file not in apart


def test_an_address_outlives_its_title(tmp_path: Path) -> None:
    path = small(tmp_path / "kb.db")
    connection = prepared(path)
    before = set(pages(connection, Options()))
    connection.close()
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update entry set title = 'Something else' where entry_id = 'E1'")
    connection = prepared(path)
    made = pages(connection, Options())
    assert set(made) == before
    assert str(front(made[f"{SLUG}.md"])["title"]).startswith("Something else")
    connection.close()


def test_a_merged_entrys_address_leads_on(tmp_path: Path) -> None:
    path = small(tmp_path / "kb.db")
    prepared(path).close()
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update signature set entry_id = 'E1' where entry_id = 'E2'")
        db.execute("delete from entry where entry_id = 'E2'")
        db.execute("insert into alias (old_id, entry_id) values ('E2', 'E1')")
    connection = prepared(path)
    old = "openrouter-401-no-auth-credentials-found"
    hugo = pages(connection, Options(target="hugo"))
    assert front(hugo[f"{SLUG}.md"])["aliases"] == [old]
    assert f"{old}.md" not in hugo
    # Jekyll's plugin counts from the site's root
    for site, base in ((None, "/errors"), ("https://a.example/kb/", "/kb")):
        jekyll = pages(connection, Options(target="jekyll", site_url=site))
        assert front(jekyll[f"{SLUG}.md"])["redirect_from"] == [f"{base}/{old}.html"]
    made = pages(connection)
    assert front(made[f"{SLUG}.md"])["former_slugs"] == [old]
    # a target that cannot redirect gets a page that leads on
    assert f"({SLUG}.md)" in made[f"{old}.md"]
    connection.close()


def test_without_an_address_there_is_no_page(tmp_path: Path) -> None:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    with pytest.raises(BadInputError, match="no address yet"):
        pages(connection, Options())
    connection.close()


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("OpenRouter 401: User not found.", "openrouter-401-user-not-found"),
        ("Ünïcode – déjà vu: 100 %", "unicode-deja-vu-100"),
        ("无法连接", ""),
        ("a" * 200, "a" * 72),
        ("word " * 40, "-".join(["word"] * 14)),
    ],
)
def test_slugs_are_lowercase_ascii(title: str, slug: str) -> None:
    assert slug_of(title) == slug
