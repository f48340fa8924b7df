"""Pages: front matter, sections only where evidence carries them, order and warnings of steps,
uniqueness over an export.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing as closing_of
from dataclasses import replace
from pathlib import Path

import pytest

from kb.claims import statements_of
from kb.evidence import entries_to_show
from kb.notes.export import documents, export_to
from kb.notes.jsonld import json_ld
from kb.notes.options import Options
from kb.notes.pageset import page_set
from kb.notes.passages import rendered
from kb.notes.related import RelatedFinder
from kb.store import Store, connect_readonly
from kb.text import shorten
from kb.verify import verify_export
from tests.support.page_figures import figures, repeated
from tests.support.pages import SLUG, front, pages, prepared
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import filled, small
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = prepared(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


def test_front_matter(connection: sqlite3.Connection) -> None:
    options = Options(categories={"openrouter": "API errors", "*": "Other"})
    made = pages(connection, options)
    assert set(made) == {
        "index.md",
        f"{SLUG}.md",
        "openrouter-401-no-auth-credentials-found.md",
    }
    page = front(made[f"{SLUG}.md"])
    assert page["title"] == "OpenRouter 401: User not found – what fixes it"
    assert page["description"] == (
        "OpenRouter 401: User not found (2 threads of 2 projects, last on 2026-01-08)."
        " What helped: “Create a new key and put it into the settings.”"
    )
    assert page["category"] == "API errors"
    assert page["technology"] == "openrouter"
    assert page["error_signature"] == "user not found"
    assert page["quick_fix"] == (
        "“Create a new key and put it into the settings.”"
        " https://github.com/acme/tool/issues/1#issuecomment-10"
        " (a maintainer, acme/tool#1, 2026-02-02)"
    )
    assert page["common_causes"] == [
        "In tool: “The key you send was deleted on the provider's site.”"
        " https://github.com/acme/tool/issues/1#issuecomment-10"
        " (a maintainer, acme/tool#1, 2026-02-02)"
    ]
    assert page["related_errors"] == ["OpenRouter 401: No auth credentials found (tool)"]
    assert str(page["updated"]) == "2026-02-08"
    assert {"published_at", "updated_at", "entry"} <= set(page)
    assert "category" not in front(pages(connection)[f"{SLUG}.md"])


def test_front_matter_follows_the_target(connection: sqlite3.Connection) -> None:
    def of(name: str) -> dict[str, object]:
        target = TARGETS[name]
        made = pages(connection, Options(target=name, categories={"*": "API"}))
        found = front(made[f"{SLUG}{target.suffix}"])
        assert None not in found.values()
        return found

    hugo = of("hugo")
    assert (hugo["date"], hugo["lastmod"]) == ("2026-01-02T00:00:00Z", "2026-02-08T00:00:00Z")
    assert (hugo["categories"], hugo["slug"]) == (["API"], SLUG)
    # titles in a menu say of no page alone what it has
    assert (
        hugo["linkTitle"] == of("docusaurus")["sidebar_label"] == "OpenRouter 401: User not found"
    )
    assert of("starlight")["sidebar"] == {"label": "OpenRouter 401: User not found"}
    assert str(of("starlight")["lastUpdated"]) == "2026-02-08"
    assert "TechArticle" in str(of("starlight")["head"])
    assert str(of("docusaurus")["last_update"]) == "{'date': datetime.date(2026, 2, 8)}"
    assert str(of("jekyll")["last_modified_at"]) == "2026-02-08"
    assert str(of("vitepress")["head"]).startswith("[['script', {'type': 'application/ld+json'}")


@pytest.mark.parametrize(
    ("target", "link"),
    [
        ("commonmark", "(openrouter-401-no-auth-credentials-found.md)"),
        ("mkdocs", "(openrouter-401-no-auth-credentials-found.md)"),
        ("hugo", "(../openrouter-401-no-auth-credentials-found/)"),
        ("astro", "(../openrouter-401-no-auth-credentials-found/)"),
        ("starlight", "(../openrouter-401-no-auth-credentials-found/)"),
        ("docusaurus", "(./openrouter-401-no-auth-credentials-found.mdx)"),
        ("vitepress", "(./openrouter-401-no-auth-credentials-found.md)"),
        ("jekyll", "(openrouter-401-no-auth-credentials-found.html)"),
    ],
)
def test_links_are_those_of_the_target(
    connection: sqlite3.Connection, target: str, link: str
) -> None:
    made = pages(connection, Options(target=target))
    assert link in made[f"{SLUG}{TARGETS[target].suffix}"]


def test_sections(connection: sqlite3.Connection) -> None:
    made = pages(connection)
    headings = [line[3:] for line in made[f"{SLUG}.md"].split("\n") if line.startswith("## ")]
    assert headings == [
        "Quick fixes",
        "Why this happens",
        "What did not help",
        "The message",
        "Sources checked",
        "Related errors",
    ]
    other = made["openrouter-401-no-auth-credentials-found.md"]
    assert "## The message\n\n```" in other
    assert "## Why this happens" not in other
    boxed = pages(connection, Options(target="starlight"))[f"{SLUG}.md"]
    assert ":::tip[Quick fixes]\n\n1.  > Create a new key" in boxed


def test_a_destructive_step_comes_last_with_a_warning(connection: sqlite3.Connection) -> None:
    text = pages(connection)[f"{SLUG}.md"]
    assert (
        "**Careful:** this deletes something; make sure that you can do without it."
        "\n\n    > Delete the folder" in text
    )
    assert text.index("**Careful:**") > text.index("> Create a new key")


def test_the_difference_to_a_related_error_is_said(connection: sqlite3.Connection) -> None:
    text = pages(connection)[f"{SLUG}.md"]
    assert (
        "- [OpenRouter 401: No auth credentials found (tool)]"
        "(openrouter-401-no-auth-credentials-found.md)\n" in text
    )


def test_errors_that_share_only_what_many_say_are_not_related(tmp_path: Path) -> None:
    names = ("lid", "pot", "spout", "handle", "leaf", "water", "spoon", "cup")
    errors = [f"'{name}' object has no attribute '{name[::-1]}ize'" for name in names]
    errors += ["the lid of kettle 7 is open while it pours", "the lid of kettle 9 is open there"]
    filled = [
        Filled(thread(n, e, ""), f"E{n}", e, tool="acme/kettle")
        for n, e in enumerate(errors, start=1)
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", filled))) as connection:
        entries = entries_to_show(connection)
        finder = RelatedFinder(connection, entries)
        assert finder.related("E1") == []
        assert [r.entry_id for r in finder.related("E9")] == ["E10"]
        of_others = [e._replace(tool=f"acme/{e.entry_id}") for e in entries]
        assert RelatedFinder(connection, of_others).related("E9") == []


@pytest.mark.parametrize(("status", "related"), [(401, ["E2"]), (400, []), (422, [])])
def test_a_status_of_any_wrong_request_relates_no_errors(
    tmp_path: Path, status: int, related: list[str]
) -> None:
    fields = {"provider": "openrouter", "status": status}
    filled = [
        Filled(thread(n, e, "", repo=f"acme/r{n}"), f"E{n}", e, fields=fields)
        for n, e in enumerate(("the lid is open", "no spout was given"), start=1)
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", filled))) as connection:
        finder = RelatedFinder(connection, entries_to_show(connection))
        assert [r.entry_id for r in finder.related("E1")] == related


def test_the_message_is_shown_as_it_is_printed(tmp_path: Path) -> None:
    shown = "future: exception=LidError('the lid is \\'open\\'')"
    body = f"{shown}\n\npot.LidError: the lid is 'open'"
    made = Filled(thread(1, "No tea", body), "E1", shown, place="body")
    with Store.open(fill(tmp_path / "kb.db", [made])) as store:
        printed = "pot.LidError: the lid is 'open'"
        with store.transaction() as db:
            names = "repo, number, comment_id, field, start, end, fingerprint, frames"
            copy = (
                f"insert into mention ({names}, raw, is_primary, counted) select {names}, ?, 0, 0"
            )
            db.execute(f"{copy} from mention", (printed,))
        note = documents(store.connection, "note")["E1.md"]
    assert f"```text\n{printed}\n```" in note
    assert "exception=" not in note.partition("## The message")[2]


def test_an_account_has_one_role_in_a_repository(tmp_path: Path) -> None:
    said = "Set `lid.{}` to false and pour the tea again."
    made = [
        Filled(
            thread(
                n,
                f"no lid {n}",
                "",
                [
                    comment(n * 10, said.format(n), "ann", association),
                    comment(n * 10 + 1, "That worked, the tea is poured.", "bo"),
                ],
            ),
            f"E{n}",
            f"no lid {n}",
            claims=[Said("fix", n * 10, said.format(n), role=role)],
        )
        for n, association, role in ((1, "MEMBER", "maintainer"), (2, "NONE", "user"))
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        for text in documents(connection, "note").values():
            assert "\nA maintainer in [acme/tool#" in text


REPRODUCED = "We have reproduced your issue and are currently working on a fix."


@pytest.mark.parametrize(
    ("login", "other", "role"),
    [
        ("bo", REPRODUCED, "A likely maintainer"),
        ("ada", REPRODUCED, "The reporter"),
        ("eve", REPRODUCED, "A user"),
        ("bo", "Good, it pours.\r\nClosing as answered.", "A likely maintainer"),
        ("bo", "The lid is missing from our docs.", "A likely maintainer"),
        ("bo", "The lid keeps closing as soon as I pour.", "A user"),
        ("bo", "Thanks for reaching out.", "A user"),
        ("bo", "We will fix the lid in the next pot.", "A likely maintainer"),
        ("ada", "We will fix the lid in the next pot.", "The reporter"),
        ("bo", "Ann's change will close this issue.", "A user"),
        ("bo", "I have reproduced this error, I will try to fix it.", "A user"),
    ],
)
def test_who_once_speaks_for_the_project_in_a_thread_always_does(
    tmp_path: Path, login: str, other: str, role: str
) -> None:
    said = "Set `lid` to false and pour the tea again."
    comments = [comment(10, other, "bo" if login == "eve" else login), comment(11, said, login)]
    made = thread(1, "no lid", "", comments, user={"login": "ada", "type": "User"})
    stored = "reporter" if login == "ada" else "user"
    filled = Filled(made, "E1", "no lid", claims=[Said("fix", 11, said, role=stored)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert f"\n{role} in [acme/tool#1]" in documents(connection, "note")["E1.md"]


def test_what_somebody_wrote_is_read_once_for_all_that_is_quoted_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    class Counted:
        def search(self, text: str) -> None:
            read.append(len(text))

    monkeypatch.setattr("kb.claims._FOR_PROJECT", Counted())
    said = [f"Set `lid{n}` to hot and pour the tea again." for n in range(8)]
    long = comment(9, "The pot is a good pot, and I like tea. " * 500, "eve")
    comments = [long, *(comment(10 + n, text, "eve") for n, text in enumerate(said))]
    claims = [Said("fix", 10 + n, text, role="user") for n, text in enumerate(said)]
    filled = Filled(thread(1, "no lid", "", comments), "E1", "no lid", claims=claims)
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        statements_of(connection, ["E1"])
    assert len(long["body"]) < sum(read) < 2 * len(long["body"])


@pytest.mark.parametrize(
    "said",
    [
        "We have not encountered it since.",
        "We recently moved to pot 2 and have it too.",
        "> we reproduced it\n\nGood.",
        "Thanks!\n\n> Hi, we have reproduced it.\n\nGood.",
    ],
)
def test_who_says_what_any_user_can_say_or_quotes_the_project_is_a_user(
    tmp_path: Path, said: str
) -> None:
    fix = Said("fix", 11, "Set `lid` to false.", "suspected", "user")
    comments = [comment(10, said, "eve"), comment(11, fix.quote, "eve")]
    filled = Filled(thread(1, "no lid", "", comments), "E1", "no lid", claims=[fix])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert "\nA user in [acme/tool#1]" in documents(connection, "note")["E1.md"]


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("Fixed - please pull, `lid` is there.", "A likely maintainer"),
        ("We pushed a fix, set `lid` to hot.", "A likely maintainer"),
        ("I pushed the lid, set `lid` to hot.", "A user"),
    ],
)
def test_who_mends_the_project_speaks_for_it(tmp_path: Path, said: str, role: str) -> None:
    made = thread(1, "no lid", "", [comment(11, said, "eve")])
    filled = Filled(made, "E1", "no lid", claims=[Said("fix", 11, said, role="user")])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert f"\n{role} in [acme/tool#1]" in documents(connection, "note")["E1.md"]


def test_words_of_the_day_are_not_shown() -> None:
    assert rendered("You may try pot>=2.2.0b2024 tomorrow") == "You may try pot>=2.2.0b2024"
    told = (
        "We saw it and are currently working on a fix. As a workaround, use 3.1 tomorrow morning."
    )
    assert rendered(told) == "As a workaround, use 3.1 tomorrow morning."


def test_the_index_lists_every_page(connection: sqlite3.Connection) -> None:
    text = pages(connection)["index.md"]
    assert "### OpenRouter\n" in text
    assert "### HTTP 401\n" in text
    assert f"- [OpenRouter 401: User not found.]({SLUG}.md) (2 threads, fix confirmed)" in text
    hugo = pages(connection, Options(target="hugo"))["_index.md"]
    assert f"({SLUG}/)" in hugo


def test_a_family_of_messages_has_a_page(tmp_path: Path) -> None:
    said = {
        1: ("no such user", "The key belongs to no account any more."),
        2: ("no credentials sent", "The variable is not passed on to the container."),
        3: ("header is missing", "The proxy takes the header away from requests."),
    }
    made = [
        Filled(
            thread(n, raw, "", [comment(n * 10, words, association="MEMBER")], repo=f"acme/r{n}"),
            f"E{n}",
            raw,
            fields={"provider": "openrouter", "status": 401, "title": f"OpenRouter 401: {raw}"},
            claims=[Said("cause", n * 10, words, confidence=1.0)],
            tool=f"acme/r{n}",
        )
        for n, (raw, words) in said.items()
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    export_to(connection, "page", tmp_path / "out")
    assert verify_export(connection, tmp_path / "out") == []
    text = (tmp_path / "out" / "openrouter-401-errors.md").read_text()
    assert front(text)["title"] == "OpenRouter 401 – which message means what"
    for n, (raw, words) in said.items():
        slug = f"openrouter-401-{raw.replace(' ', '-')}.md"
        assert f"| [{raw}]({slug}) | 1 | 1 | 2026-01-0{n + 1} | cause named |" in text
        assert f"- **What it means:** [“{words}”](https://github.com/" in text
    assert "(openrouter-401-errors.md)" in (tmp_path / "out" / "index.md").read_text()
    export_to(connection, "extras", tmp_path / "extras", Options(site_url="https://a.example/e"))
    for name, end in (("sitemap.xml", "/</loc>"), ("llms.txt", ".md)")):
        beside = (tmp_path / "extras" / name).read_text()
        assert f"https://a.example/e/openrouter-401-errors{end}" in beside
    connection.close()


def test_a_familys_page_leaves_out_words_that_announce_code(tmp_path: Path) -> None:
    made = []
    for n, raw in enumerate(("no such user", "no credentials sent", "header is missing"), 1):
        words = f"To fix it, add this to kettle{n}.json and boil it again:"
        posts = [comment(n * 10, f'{words}\n\n```json\n{{"lid{n}": false}}\n```\n')]
        made.append(
            Filled(
                thread(n, raw, "", posts, repo=f"acme/r{n}"),
                f"E{n}",
                raw,
                fields={"provider": "openrouter", "status": 401, "title": f"OpenRouter 401: {raw}"},
                claims=[Said("fix", n * 10, words)],
            )
        )
    connection = prepared(fill(tmp_path / "kb.db", made))
    export_to(connection, "page", tmp_path / "out")
    connection.close()
    text = (tmp_path / "out" / "openrouter-401-errors.md").read_text()
    assert "add this to" not in text
    assert (
        "add this to kettle1" in (tmp_path / "out" / "openrouter-401-no-such-user.md").read_text()
    )


def test_a_familys_page_says_what_to_do_where_a_post_explains_first(tmp_path: Path) -> None:
    why = (
        "Message {} means that the request went out without its header, because the proxy between"
        " the kettle and the provider takes away all that it does not know, as proxies like it do."
    )
    advice = "Set `kettle.base_url` to `https://acme.example/v{}`."
    made = []
    for n, raw in enumerate(("no such user", "no credentials sent", "header is missing"), 1):
        post, step = f"{why} {advice}".format(n, n), advice.format(n)
        posts = [comment(n * 10, post, association="MEMBER")]
        made.append(
            Filled(
                thread(n, raw, "", posts, repo=f"acme/r{n}"),
                f"E{n}",
                raw,
                fields={"provider": "openrouter", "status": 401, "title": f"OpenRouter 401: {raw}"},
                claims=[
                    Said("cause", n * 10, post),
                    *([Said("fix", n * 10, step)] if n > 1 else []),
                ],
            )
        )
    connection = prepared(fill(tmp_path / "kb.db", made))
    export_to(connection, "page", tmp_path / "out")
    assert verify_export(connection, tmp_path / "out") == []
    text = (tmp_path / "out" / "openrouter-401-errors.md").read_text()
    for n in (1, 2, 3):
        assert f"- **What it means:** [“Message {n} means" in text
        assert (
            f"- **What fixed it:** [“Set `kettle.base_url` to `https://acme.example/v{n}`" in text
        )
    connection.close()


def test_structured_data(connection: sqlite3.Connection) -> None:
    options = Options(target="astro", site_url="https://example.com/errors/")
    text = pages(connection, options)[f"{SLUG}.md"]
    script = text.split('<script type="application/ld+json">\n')[1].split("\n</script>")[0]
    article, crumbs = json.loads(script)["@graph"]
    assert article["@type"] == "TechArticle"
    assert article["url"] == f"https://example.com/errors/{SLUG}/"
    assert {c["@type"] for c in article["citation"]} == {"Comment"}
    assert article["citation"][0]["text"] == "Create a new key and put it into the settings."
    assert [step["position"] for step in crumbs["itemListElement"]] == [1, 2]
    assert "FAQPage" not in text
    assert f"[This page as Markdown](https://example.com/errors/{SLUG}.md)" in text


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("a\x1b[31mred\x07 \u202elid", "ared lid"),
        ("a\r\nlid", "a\nlid"),
        ('</script>{{ "a\\" }}', '</script>{{ "a\\" }}'),
    ],
)
def test_structured_data_holds_no_sign_that_acts(
    connection: sqlite3.Connection, title: str, shown: str
) -> None:
    plan = next(iter(page_set(connection, Options()).plans.values()))
    found = json_ld(replace(plan, title=title), Options(), SLUG)
    assert json.loads(found)["@graph"][0]["headline"] == shown
    assert not any(sign in found.partition('"headline": ')[2].split(", ")[0] for sign in "<>{}&")


def test_an_entry_about_which_nothing_is_known_has_no_page(connection: sqlite3.Connection) -> None:
    assert not any("enospc" in name for name in pages(connection, Options()))


def test_an_older_fix_that_leads_back_does_not_stand_beside_the_newer_version(
    tmp_path: Path,
) -> None:
    said = ["I uninstalled the latest version and took 0.7 again.", "Fixed in the latest 0.8.1."]
    posts = [comment(10, said[0]), comment(11, said[1], day=9, association="MEMBER")]
    claims = [
        Said("fix", 10, said[0], "supported", "user"),
        Said("fix", 11, said[1], evidence=[("confirms", 10, said[0])]),
    ]
    made = thread(1, "no lid on the kettle", "", comments=posts)
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "no lid on the kettle", claims=claims)])
    with closing_of(prepared(path)) as connection:
        page = pages(connection)["no-lid-on-the-kettle.md"]
        assert "0.8.1" in page
        assert f"> {said[0]}" not in page
        assert f"> {said[0]}" in documents(connection, "note")["E1.md"]


def test_what_its_author_alone_says_does_not_stand_beside_what_worked(tmp_path: Path) -> None:
    said = ["Set `wait` to 3.", "Use the flag `--slow`.", "Delete the folder `~/.pot`."]
    made = thread(
        1, "boom here", "", comments=[comment(10 + n, text) for n, text in enumerate(said)]
    )
    claims = [Said("fix", 10, said[0])]
    claims += [Said("fix", 10 + n, said[n], "unverified", "user") for n in (1, 2)]
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(prepared(path)) as connection:
        text = pages(connection)["boom-here.md"]
    assert "## Quick fixes\n\n> Set `wait` to 3." in text
    assert "Use the flag" not in text
    assert "Delete the folder" not in text


def test_a_page_of_a_release_alone_says_to_update(tmp_path: Path) -> None:
    said = "The fix was released in 1.2.3"
    made = thread(1, "boom here", "", comments=[comment(10, said)])
    claims = [Said("fix", 10, said, "stated")]
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(prepared(path)) as connection:
        text = pages(connection)["boom-here.md"]
    assert "## Quick fixes\n\nUpdate acme/tool to 1.2.3 or later.\n\n## The message" in text
    # in the front matter too, without what else the project says beside it
    assert str(front(text)["quick_fix"]).startswith("Update acme/tool to 1.2.3 or later. https://")


def test_of_forms_the_whole_ones_are_shown(tmp_path: Path) -> None:
    forms = [
        "<b>no such</b> lid",
        "Error: no such lid!",
        "no such lids",
        "with status: no such lid",
        "{'lid': 'no such lid, see https://lid.org",
    ]
    made = [Filled(thread(n, raw), "E1", raw) for n, raw in enumerate(forms, start=1)]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        note = documents(connection, "note")["E1.md"]
    told = note.partition("## Sources")[0]
    assert told.count("\nno such lid\n```") == told.count("\nno such lids\n```") == 1
    assert "Error: no such lid!" not in told
    assert "https://lid.org" not in told


@pytest.mark.parametrize(
    ("code", "told"), [("pip install lid", True), ("pip install lid\npip install pot", False)]
)
def test_code_of_several_lines_is_not_told_on_one(tmp_path: Path, code: str, told: bool) -> None:
    made = Filled(
        thread(
            1, "lid is open", "", [comment(10, f"```\n{code}\n```\n"), comment(11, "It helps.")]
        ),
        "E1",
        "lid is open",
        claims=[Said("fix", 10, code, "confirmed", evidence=[("confirms", 11, "It helps.")])],
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection).items() if n != "index.md")
    assert ("quick_fix" in front(page)) is told
    assert "lid pip install" not in page


def test_the_first_fix_keeps_the_words_before_its_code(tmp_path: Path) -> None:
    """Words that another page has too ("Get the newest version like this:"): further fixes are
    shown as their code alone.
    """
    words = "Get the newest version like this:"
    other = "Or build the pot of the kitchen anew:"

    def post(said: str, n: int) -> str:
        return f"{said}\n\n```\nkettle --version {n}.{len(said)}\n```\n"

    made = [
        Filled(
            thread(
                n,
                f"boom {n}",
                "",
                [comment(n * 10, post(words, n)), comment(n * 10 + 1, post(other, n))],
            ),
            f"E{n}",
            f"boom {n}",
            claims=[
                Said("fix", n * 10, words),
                Said("fix", n * 10 + 1, other, "stated"),
            ],
        )
        for n in (1, 2)
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    first, second = (pages(connection)[f"boom-{n}.md"] for n in (1, 2))
    connection.close()
    assert words in first.partition("# boom")[2]
    assert other in first
    assert words in second.partition("# boom")[2]
    assert other not in second
    assert f"kettle --version 2.{len(other)}" in second


def test_quotes_are_checked_and_linked_on_every_target(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    for name in TARGETS:
        export_to(connection, "page", tmp_path / name, Options(target=name))
        assert verify_export(connection, tmp_path / name) == [], name
    found = figures(tmp_path / "commonmark")
    assert found.statements == found.linked > 0
    assert found.repeated == 0


def test_words_of_one_page_stand_on_no_other(tmp_path: Path) -> None:
    words = "Set the option to false and restart the server."
    own = {1: "", 2: "Lower `wait` to 2.", 3: ""}
    made = [
        Filled(
            thread(
                n, f"boom {n}", "", comments=[comment(n * 10, words), comment(n * 10 + 1, own[n])]
            ),
            f"E{n}",
            f"boom {n}",
            claims=[
                Said("fix", n * 10, words),
                *([Said("fix", n * 10 + 1, own[n])] if own[n] else []),
            ],
        )
        for n in own
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    export_to(connection, "page", tmp_path / "out", Options())
    assert repeated(tmp_path / "out") == {}
    assert "Lower `wait` to 2." in (tmp_path / "out" / "boom-2.md").read_text()
    # nothing of its own would stand on it
    assert front((tmp_path / "out" / "boom-3.md").read_text())["moved_to"] == "boom-1"
    connection.close()


def test_the_order_of_threads_does_not_matter(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    other = prepared(fill(tmp_path / "other.db", list(reversed(filled()))))
    assert pages(other, Options()) == pages(connection, Options())
    other.close()


def test_shorten_cuts_between_words() -> None:
    assert shorten("one two three four", 12) == "one two…"
    assert shorten("one", 12) == "one"


def test_what_a_library_raises_is_told_by_the_call_to_it(tmp_path: Path) -> None:
    place = "models.py:_load_lid in acme/pot"
    made = thread(1, "KeyError: 'lid'", "", repo="acme/pot")
    fields = {"title": f"KeyError: 'lid' ({place})"}
    filled = Filled(made, "E1", "KeyError: 'lid'", signature="keyerror", fields=fields)
    filled.frames = (
        'File "/srv/pot/models.py", line 3, in _load_lid',
        'File "/srv/lib/site-packages/tea/lids.py", line 9, in load',
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [filled]))) as connection:
        note = documents(connection, "note")["E1.md"]
    told = "Raised in `load` of `tea/lids.py`, called from `_load_lid` of `models.py`."
    assert told in note
    assert "(pot, tea/lids.py)" in note


def test_an_error_was_raised_where_its_own_form_was_and_not_what_held_it(tmp_path: Path) -> None:
    held = "PotError: {'detail': 'no lid here\\nHINT: none'}"
    made = thread(1, "No lid here", f"NoLid: no lid here\n{held}", repo="acme/pot")
    own = Filled(made, "E1", "NoLid: no lid here", "body", signature="no lid here")
    own.frames = ('File "/srv/pot/lids.py", line 9, in close',)
    around = replace(own, raw=held, frames=('File "/srv/pot/tea.py", line 3, in brew',))
    with Store.open(fill(tmp_path / "kb.db", [own, around])) as store, store.transaction() as db:
        db.execute("update mention set counted = 0, is_primary = 0 where raw = ?", (own.raw,))
    with closing_of(prepared(tmp_path / "kb.db")) as connection:
        note = documents(connection, "note")["E1.md"]
    assert "Raised in `close` of `lids.py`." in note


def test_a_page_of_a_file_that_is_not_there_says_which_as_no_markdown(tmp_path: Path) -> None:
    told, raw = (
        "Set `wait` to 3.",
        "pot.c:14:10: fatal error: **tea/lid.h**: No such file or directory",
    )
    fields = {"title": "No such file or directory: tea/lid.h"}
    made = thread(1, raw, "", [comment(10, told)])
    filled = Filled(
        made,
        "E1",
        raw,
        signature="no such file or directory",
        fields=fields,
        claims=[Said("fix", 10, told)],
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [filled]))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    assert front(page)["error_signature"] == "no such file or directory: tea/lid.h"
    assert "\npot.c:14:10: fatal error: tea/lid.h: No such file or directory\n" in page
