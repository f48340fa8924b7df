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

from kb.evidence import entries_to_show
from kb.models import REJECTED
from kb.notes import worth
from kb.notes.export import documents, export_to
from kb.notes.options import Options, entries_for
from kb.notes.outline import outlines
from kb.notes.page import description_of, title_of
from kb.notes.passages import AND_MORE, rendered
from kb.notes.related import RelatedFinder
from kb.notes.titles import TITLE_WIDTH
from kb.store import Store, connect_readonly
from kb.text import shorten
from kb.verify import verify_export
from tests.support.page_figures import figures, repeated
from tests.support.pages import SLUG, front, pages, prepared
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import filled, small
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread

ROOT = Path(__file__).resolve().parents[2]


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
    assert page["title"] == "OpenRouter 401: User not found – fixed in 1.2.3"
    assert page["description"] == (
        "OpenRouter 401: User not found (2 threads of 2 projects, last on 2026-01-08)."
        " What helped in tool: “Create a new key and put it into the settings.”"
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
        "“The key you send was deleted on the provider's site.”"
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
        of_others = [replace(e, tool=f"acme/{e.entry_id}") for e in entries]
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


@pytest.mark.parametrize(
    ("login", "role"), [("bo", "A likely maintainer"), ("ada", "The reporter"), ("eve", "A user")]
)
def test_who_once_speaks_for_the_project_in_a_thread_always_does(
    tmp_path: Path, login: str, role: str
) -> None:
    said = "Set `lid` to false and pour the tea again."
    other = "We have reproduced your issue and are currently working on a fix."
    comments = [comment(10, other, "bo" if login == "eve" else login), comment(11, said, login)]
    made = thread(1, "no lid", "", comments, user={"login": "ada", "type": "User"})
    stored = "reporter" if login == "ada" else "user"
    filled = Filled(made, "E1", "no lid", claims=[Said("fix", 11, said, role=stored)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert f"\n{role} in [acme/tool#1]" in documents(connection, "note")["E1.md"]


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
    assert f"- [OpenRouter 401: User not found.]({SLUG}.md) (2 threads, fixed in a release)" in text
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
            claims=[Said("cause", n * 10, words)],
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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Update the secret `KETTLE_KEY` of the repository under Settings and run it again.",
            "OpenRouter 401: no such user (r, 2026-01-02). What helped: “Update the secret"
            " KETTLE_KEY of the repository under Settings and run it again.”",
        ),
        (
            "Set `lid` to false.",
            "OpenRouter 401: no such user (r, 2026-01-02). What helped: “Set lid to false.”",
        ),
    ],
)
def test_a_description_has_the_fix_before_counts(tmp_path: Path, said: str, told: str) -> None:
    made = Filled(
        thread(1, "no such user", "", [comment(10, said, association="MEMBER")], repo="acme/r"),
        "E1",
        "no such user",
        fields={"provider": "openrouter", "status": 401, "title": "OpenRouter 401: no such user"},
        claims=[Said("fix", 10, said)],
    )
    connection = prepared(fill(tmp_path / "kb.db", [made]))
    (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    connection.close()
    assert front(page)["description"] == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Could you please try upgrading the lid to 3.1, and see if it is there?", "try upgrading"),
        ("I had to put the `lid` on the kettle. It is hot now, and the tea too.", "put the lid on"),
        ("Tomorrow it is there, or you can do it with `pip install lid==3.1` today.", "pip"),
        ("I was able to fix the thing by removing the old lid of the pot:", "removing the old"),
        ("You will need the `lid` tool (get it here: https://lid.org/a).", "You will need the lid"),
        (
            "It is so at home. If you install `lid` (see [it](https://lid.org/a)), it is fine.",
            "install lid”",
        ),
        ("Do not run `pip install lid==3.1`. Set `wait` to 3 in the pot.", "Do not run pip"),
        ("Where `pip install lid==3.1` fails, set `wait` to 3 in the pot.", "Where pip"),
        ("Instead of `pip install lid` use `conda install lid`.", "Instead of pip install lid use"),
    ],
)
def test_a_description_quotes_the_clause_that_says_what_helped(
    tmp_path: Path, said: str, told: str
) -> None:
    assert f" What helped: “{told}" in _described(tmp_path, said)


@pytest.mark.parametrize("said", ["If you use lid 3.1 it crashes", "It was not fixed in 3.1"])
def test_a_description_quotes_no_clause_that_says_what_did_not_help(
    tmp_path: Path, said: str
) -> None:
    said += ", so I set `wait` to 3 and it is fine" + " now" * 20
    assert "3.1" not in _described(tmp_path, said)


def _described(tmp_path: Path, said: str) -> str:
    """The description of an error for which these words helped."""
    claim = Said("fix", 10, said, "confirmed", "user", evidence=[("confirms", 11, "It works.")])
    made = thread(1, "No lid", "", [comment(10, said), comment(11, "It works.", login="eve")])
    filled = Filled(made, "E1", "No lid", claims=[claim])
    with closing_of(prepared(fill(tmp_path / "kb.db", [filled]))) as connection:
        (outline,) = outlines(connection, entries_for(connection, Options()))
        return description_of(outline)


@pytest.mark.parametrize(
    ("place", "said", "title", "description"),
    [
        (
            "",
            "This was fixed in 2.12.1",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the)",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the-house,"
            " 2026-01-02). Fixed in the-hot-kettle-of-the-house 2.12.1.",
        ),
        (
            " (lid.py in acme/the-hot-kettle-of-the-house)",
            "This was fixed in 2.12.1",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the)",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the-house,"
            " 2026-01-02). Fixed in the-hot-kettle-of-the-house 2.12.1.",
        ),
        (
            " (the_lid_of_it.py in acme/pot)",
            "Set the option `lid_of_the_kettle` to closed in the file of the pot and start it.",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (pot, the_lid_of_it.py)",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (pot, 2026-01-02). What helped: “Set the option"
            " lid_of_the_kettle to closed in the file of the pot and start it.”",
        ),
    ],
)
def test_a_title_or_description_says_of_what_project_it_speaks(
    tmp_path: Path, place: str, said: str, title: str, description: str
) -> None:
    raw = "net::ERR_OF_THE_KETTLE_PROTOCOL"
    repo = place.removesuffix(")").rpartition(" ")[2] or "acme/the-hot-kettle-of-the-house"
    made = Filled(
        thread(1, raw, "", [comment(10, said, association="MEMBER")], repo=repo),
        "E1",
        raw,
        fields={"title": f"{raw}{place}"},
        claims=[Said("fix", 10, said)],
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    assert front(page)["title"] == title
    assert front(page)["description"] == description


def test_the_description_of_a_long_name_says_the_project(tmp_path: Path) -> None:
    raw = "The kettle holds no more water than fits into it because the lid of it is closed"
    said = "Set the option `lid_of_the_kettle` to open in the file of the pot and start it."
    made = Filled(
        thread(1, raw, "", [comment(10, said, association="MEMBER")], repo="acme/pot"),
        "E1",
        raw,
        fields={"title": f"{raw} (lid.py in acme/pot)"},
        claims=[Said("fix", 10, said)],
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    told = "is closed (pot). What helped: “Set the option lid_of_the"
    assert told in str(front(page)["description"])


@pytest.mark.parametrize(
    ("repos", "mark"),
    [
        (["ann/" + "k" * 90], f"({'k' * 29}…)"),
        (["a" * 38 + "/app"], f"({'a' * 29}…)"),
        (["ann/the_kettle_of_the_kitchen", "bo/another_kettle_of_the_kitchen"], "(2 projects)"),
        (["ann/pot", "bo/kettle"], "(pot and kettle)"),
    ],
)
def test_long_names_of_projects_leave_room_for_the_message(
    tmp_path: Path, repos: list[str], mark: str
) -> None:
    raw = "The lid of the hot one is open and the water is cold"
    made = [
        Filled(
            thread(n, raw, "", [comment(10 * n, FIX)], repo=repo),
            "E1",
            raw,
            claims=[Said("fix", 10 * n, FIX)],
        )
        for n, repo in enumerate(repos, start=1)
    ]
    with closing_of(prepared(fill(tmp_path / "kb.db", made))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    title = str(front(page)["title"])
    assert "id of the hot one" in title
    assert title.endswith(mark)
    assert len(title) <= 60


@pytest.mark.parametrize(
    ("about", "mark"),
    [
        ("azure speech", "(pot, Azure)"),
        ("kettle-embed-large", "(pot, kettle-embed-large)"),
        ("elevenlabs", "(pot, ElevenLabs)"),
        ("azure, groq", "(pot)"),
    ],
)
def test_a_service_that_the_thread_names_has_its_own_name(
    tmp_path: Path, about: str, mark: str
) -> None:
    made = thread(1, f"boom here with {about}", "", [comment(10, FIX)], repo="acme/pot")
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, FIX)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert next(outlines(connection, entries_to_show(connection))).title == f"boom here {mark}"


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


def test_an_entry_about_which_nothing_is_known_has_no_page(connection: sqlite3.Connection) -> None:
    assert not any("enospc" in name for name in pages(connection, Options()))


FIX = "Set the option `wait` to 3."
ALONE = Said("fix", 10, FIX, "suspected", "user")
RELEASED = Said("fix", 10, "This was fixed in 1.2.3", "unverified", "user")
AGREED = Said("cause", 10, "The lid was closed while it was hot")
EXPLAINS = "The option `wait` is left out where the lid is closed by hand."
OTHER = Said("fix", 11, "Use another lid", "unverified", "user", confidence=0.5, published=False)


HEARD_LATER = Said(
    "fix", 10, FIX, "confirmed", "user", evidence=[("confirms", 12, "That works, thanks")]
)
DID_ANOTHER = Said("cause", 12, "But I bought a pot, it works now", "unverified", published=False)
HEARD_OF_ANOTHER = replace(HEARD_LATER, evidence=[("confirms", 12, DID_ANOTHER.quote)])
TAKEN_BACK = Said(
    "cause", 11, "That is the correct fix instead of my hack", "unverified", "user", published=False
)
AGREED_LIMIT = Said("cause", 10, "The lid needs a width that is divisible by 16")
WISH = Said(
    "fix", 11, "We should allow lids of other pots", "unverified", "reporter", published=False
)


TAKEN_UP = Said("fix", 10, FIX, "supported", "user", confidence=0.7)
SURER = Said(
    "fix", 10, "Take off the lid `-L`", "supported", "user", confidence=0.8, published=False
)
MENDED = Said("fix", 10, "This was fixed in 1.2.3", "stated", "user")
LIMITED = Said("fix", 11, "This does not however fix all lids", "stated", "user", published=False)


@pytest.mark.parametrize(
    ("claims", "closed", "why"),
    [
        ([Said("fix", 10, "Close the lid and open it.", role="user")], None, None),
        ([Said("fix", 10, FIX, "stated")], None, None),
        ([ALONE], "2026-02-04", None),
        ([ALONE], None, worth.UNANSWERED),
        ([ALONE], "2026-02-20", worth.UNANSWERED),
        ([ALONE], "2026-02-01", worth.UNANSWERED),
        ([ALONE, OTHER], "2026-02-04", worth.RIVALLED),
        ([ALONE, replace(OTHER, confidence=0.3)], "2026-02-04", None),
        ([ALONE, replace(OTHER, withheld=REJECTED)], "2026-02-04", None),
        ([ALONE, replace(OTHER, published=True)], "2026-02-04", worth.RIVALLED),
        ([AGREED, OTHER], None, worth.RIVALLED),
        ([replace(AGREED, stance="stated")], None, worth.NOTHING),
        ([replace(AGREED, stance="supported", role="reporter")], None, worth.NOTHING),
        ([AGREED, replace(OTHER, kind="cause")], None, None),
        ([ALONE, replace(OTHER, place=10)], "2026-02-04", None),
        ([replace(ALONE, stance="confirmed"), OTHER], None, None),
        (
            [replace(ALONE, stance="confirmed"), replace(OTHER, confidence=0.7)],
            None,
            worth.RIVALLED,
        ),
        ([replace(ALONE, stance="confirmed"), replace(OTHER, kind="cause")], None, None),
        ([HEARD_LATER, replace(OTHER, confidence=0.7)], None, None),
        ([replace(ALONE, role="reporter")], "2026-02-04", worth.UNANSWERED),
        ([replace(ALONE, role="reporter", stance="supported")], None, None),
        ([RELEASED, OTHER], "2026-02-20", worth.RIVALLED),
        ([RELEASED], None, worth.UNANSWERED),
        ([Said("fix", 10, "Close the lid and open it.", "suspected", "user")], None, worth.VAGUE),
        ([Said("fix", 10, "Use this config:", "stated")], None, worth.CUT),
        (
            [Said("fix", 10, "`lid --cold` didn't work. Use `lid --hot` instead of it.")],
            None,
            worth.FAILED_FIRST,
        ),
        (
            [Said("cause", 10, "The lid is too hot for it", "suspected", "user")],
            None,
            worth.NOTHING,
        ),
        ([Said("fix", 10, "I fixed it.", "stated")], "2026-02-04", worth.NOTHING),
        ([Said("fix", 10, EXPLAINS), replace(AGREED, quote=EXPLAINS)], None, worth.NOTHING),
        ([Said("fix", 10, EXPLAINS)], None, None),
        (
            [Said("fix", 10, "Supported in the new lid, install it: `lid --new`")],
            None,
            worth.VAGUE,
        ),
        ([replace(RELEASED, stance="stated"), WISH], None, worth.OPTION),
        ([replace(RELEASED, stance="stated"), replace(WISH, role="user")], None, worth.RIVALLED),
        ([AGREED_LIMIT], None, None),
        ([TAKEN_UP, SURER], None, worth.RIVALLED),
        ([TAKEN_UP, replace(SURER, confidence=0.5)], "2026-02-04", None),
        ([TAKEN_UP, replace(SURER, stance="unverified")], "2026-02-04", None),
        ([MENDED, LIMITED], "2026-02-04", worth.RIVALLED),
        ([MENDED], "2026-02-04", None),
        ([replace(ALONE, quote="You hence need to set `wait` to 3.")], "2026-02-04", worth.CUT),
        ([Said("fix", 10, "Use lid 1.2 to 1.4 instead of  or lid 1.5", "stated")], None, worth.CUT),
        ([Said("fix", 10, "Confirmed it is working in 1.2.3")], None, worth.VAGUE),
        ([Said("fix", 10, "Yes you can set `lid` to hot.")], None, None),
        ([Said("fix", 10, "Yes: `lid --hot` did it, fixed.")], None, None),
        ([HEARD_OF_ANOTHER, DID_ANOTHER], None, worth.RIVALLED),
        ([replace(ALONE, stance="confirmed"), TAKEN_BACK], None, worth.RIVALLED),
        ([replace(ALONE, stance="confirmed"), replace(TAKEN_BACK, place=12)], None, None),
        (
            [replace(MENDED, quote="Use `lid` 1.2.3, but I'm fixing it in the pot.")],
            "2026-02-04",
            worth.UNANSWERED,
        ),
    ],
)
def test_why_an_entry_has_no_page(
    tmp_path: Path, claims: list[Said], closed: str | None, why: str | None
) -> None:
    heard = comment(12, "That works, thanks", login="eve", day=4)
    comments = [comment(10, ""), comment(11, "", day=3), heard]
    for said in claims:
        post = comments[int(said.place) - 10]
        post["body"] = f"{post['body']} {said.quote}".strip()
    closing = {"state": "closed", "closed_at": f"{closed}T00:00:00Z"} if closed else {}
    made = thread(1, "boom here", "", comments=comments, **closing)
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(connect_readonly(path)) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert worth.why_no_page(outline) == why
        # what carries no page stands in the note
        note = documents(connection, "note")["E1.md"]
        shown = [said.quote for said in claims if said.published]
        assert why == worth.NOTHING or all(words in note for words in shown)
    with closing_of(prepared(path)) as connection:
        assert ("boom-here.md" in pages(connection)) is (why is None)


def why_no_page(tmp_path: Path, filled: Filled) -> str | None:
    """Why the entry of a thread gets no page."""
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        return worth.why_no_page(next(outlines(connection, entries_to_show(connection))))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("\n\nMake the file like this:\n\n```\nlid\npot\n```", worth.CUT),
        (" Here is how:\n\n- close the lid\n- open it", worth.CUT),
        ("\n\n```py\nlid = Pot()\n```", worth.CUT),
        ("\n\nMy log is:\n\n```\nlid closed\n```", None),
        ("\n\n- pot 1.2\n- lid 4", None),
    ],
)
def test_a_fix_whose_code_or_list_is_not_shown_carries_no_page(
    tmp_path: Path, after: str, why: str | None
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, f"{FIX}{after}")])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, FIX)])
    assert why_no_page(tmp_path, filled) == why


def test_what_a_fix_of_placeholders_means_is_shown_beside_it(tmp_path: Path) -> None:
    posts = ["Set it like this:\n\n```\nset:\n  - FOO=bar\n```", "Use the setting `LID=hot`."]
    comments = [comment(10 + n, text) for n, text in enumerate(posts)]
    claims = [
        Said("fix", 10, posts[0], role="user"),
        Said("fix", 11, posts[1], "unverified", "user"),
    ]
    made = thread(1, "boom here", "", comments=comments)
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(prepared(path)) as connection:
        assert "> Use the setting `LID=hot`." in pages(connection)["boom-here.md"]


def test_a_later_step_of_several_carries_no_page(tmp_path: Path) -> None:
    post = "Please try this:\n\n1. Close the lid:\n\n```\nlid\n```\n\n2. Use `pot --hot` for it."
    made = thread(1, "boom here", "", comments=[comment(10, post)])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, "Use `pot --hot` for it.")])
    assert why_no_page(tmp_path, filled) == worth.CUT


@pytest.mark.parametrize(
    ("code", "why"), [("wait = [lid]", worth.WORDLESS), ("# once\npip install lid==1.2", None)]
)
def test_code_without_a_word_leads_a_page_only_if_it_is_a_command(
    tmp_path: Path, code: str, why: str | None
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, f"```\n{code}\n```")])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, code)])
    assert why_no_page(tmp_path, filled) == why


def test_what_its_author_alone_says_does_not_stand_beside_what_worked(tmp_path: Path) -> None:
    said = ["Set `wait` to 3.", "Use the flag `--slow`.", "Delete the folder `~/.pot`."]
    made = thread(
        1, "boom here", "", comments=[comment(10 + n, text) for n, text in enumerate(said)]
    )
    claims = [Said("fix", 10, said[0], role="user")]
    claims += [Said("fix", 10 + n, said[n], "unverified", "user") for n in (1, 2)]
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(prepared(path)) as connection:
        text = pages(connection)["boom-here.md"]
    assert "## Quick fixes\n\n> Set `wait` to 3." in text
    assert "Use the flag" not in text
    assert "Delete the folder" not in text


@pytest.mark.parametrize(
    ("said", "left_out"), [(Said("fix", 10, FIX), False), (ALONE, True)], ids=["vouched", "alone"]
)
def test_a_fix_of_the_threads_other_error_carries_no_page(
    tmp_path: Path, said: Said, left_out: bool
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, FIX)])
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=[said])])
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update mention set is_primary = 0")
        db.execute("update claim set about = (select fingerprint from signature)")
    with closing_of(prepared(path)) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert worth.why_no_page(outline) == worth.ELSEWHERE
        assert ("E1.md" not in documents(connection, "note")) is left_out
        assert "E1.md" in documents(connection, "note", Options(doubtful=True))


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ([OTHER], "**Undecided: an answer is given that is not certain enough to quote.**"),
        ([ALONE, OTHER], "not confirmed yet. Another answer is not certain enough to quote.**"),
        ([ALONE, replace(OTHER, confidence=0.3)], "**One suggestion, not confirmed yet.**"),
        ([ALONE, replace(OTHER, confidence=0.95)], None),
    ],
)
def test_a_note_says_that_something_is_undecided(
    tmp_path: Path, claims: list[Said], told: str | None
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, FIX), comment(11, OTHER.quote)])
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(connect_readonly(path)) as connection:
        found = documents(connection, "note").get("E1.md")
        assert told in found if told and found else found is told


@pytest.mark.parametrize(
    ("error", "named"),
    [
        ("Unexpected error", False),
        ("LidError", False),
        ("LidError: …", False),
        ("LidError …", False),
        ("LidError: lid", True),
        ("LidError (pot.py:pour in acme/tea)", False),
        ("TypeError: fetch failed", False),
        ("Error: Line 62: Unexpected token -", False),
        ("LidError: no lid on …", False),
        ("Failed to pour the tea from the pot:", False),
        ("No lid fits the ket    tle" + " " * 20 + "of the house", False),
        ("Aborted (core dumped) (acme/tea#1)", False),
        (
            "Command failed with exit code 1: /opt/kettles/of/the/kitchen/bin/pour --lid closed",
            True,
        ),
    ],
)
def test_a_page_has_a_name_that_not_every_failure_has(
    tmp_path: Path, error: str, named: bool
) -> None:
    made = thread(1, error, "", comments=[comment(10, "Set `wait` to 3.")])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, "Set `wait` to 3.")])
    connection = prepared(fill(tmp_path / "kb.db", [filled]))
    assert bool(pages(connection)) is named
    assert "Set `wait` to 3." in documents(connection, "note")["E1.md"]
    connection.close()


@pytest.mark.parametrize(
    ("advice", "why"),
    [
        ("Switch to `Quill-7b`.", worth.FAILS),
        ("Switch to `brush-2b`.", None),
        ("Switch from `quill-7b` to `brush-2b`.", None),
    ],
)
def test_a_model_that_the_message_is_printed_for_leads_no_page(
    tmp_path: Path, advice: str, why: str | None
) -> None:
    error = "The pot failed to pour: status 400, model_name: acme/quill-7b, lid: open"
    made = thread(1, error, "", comments=[comment(10, advice)])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, advice)])
    assert why_no_page(tmp_path, filled) == why


@pytest.mark.parametrize(
    ("earlier", "why"), [("I went back to pot 1.1", worth.RIVALLED), ("I poured 1.1 of it", None)]
)
def test_a_promised_release_leads_no_page_beside_what_somebody_did(
    tmp_path: Path, earlier: str, why: str | None
) -> None:
    comments = [comment(9, earlier, "ann"), comment(10, MENDED.quote)]
    closing = {"state": "closed", "closed_at": comments[1]["created_at"]}
    made = thread(1, "boom here", "", comments=comments, **closing)
    did = Said("fix", 9, earlier, "unverified", "user", published=False)
    filled = Filled(made, "E1", "boom here", claims=[MENDED, did])
    assert why_no_page(tmp_path, filled) == why


@pytest.mark.parametrize(("login", "why"), [("eve", worth.ELSEWHERE), ("reporter", None)])
def test_what_the_reporter_did_is_no_answer_to_what_somebody_else_shows(
    tmp_path: Path, login: str, why: str | None
) -> None:
    posts = [comment(9, "I get boom here", login), comment(10, "Set `wait` to 3, it worked.")]
    made = thread(1, "The lid is loose", "", comments=posts)
    made["issue"]["user"]["login"] = "reporter"
    said = Said("fix", 10, "Set `wait` to 3, it worked.", "supported", "reporter")
    assert why_no_page(tmp_path, Filled(made, "E1", "boom here", 9, claims=[said])) == why


@pytest.mark.parametrize("known", [True, False])
def test_what_worked_in_one_project_leads_no_page_of_another(tmp_path: Path, known: bool) -> None:
    said = [FIX, "Use the flag `--slow`."]
    made = [
        Filled(
            thread(n, "boom here", "", [comment(10 * n, said[n - 1])], repo=f"ann/{name}"),
            "E1",
            "boom here",
            claims=[Said("fix", 10 * n, said[n - 1])] if n == 1 or known else [],
        )
        for n, name in ((1, "kettle"), (2, "samovar"))
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert worth.why_no_page(outline) == (None if known else worth.BY_PROJECT)


def test_what_a_service_answers_to_several_projects_has_a_fix_for_each(tmp_path: Path) -> None:
    error, said = "no such lid here", ["Set `lid` to 3 in it.", "Set `pot` to 4 in it."]
    for same in (False, True):
        made = [
            Filled(
                thread(n, error, "", [comment(10 * n, words)], repo=f"ann/{name}"),
                "E1",
                error,
                fields={"provider": "openai", "status": 401},
                claims=[Said("fix", 10 * n, words, "supported", "user", says=words)],
            )
            for n, (name, words) in enumerate(
                zip(("kettle", "samovar"), said[:1] * 2 if same else said, strict=True), start=1
            )
        ]
        with closing_of(connect_readonly(fill(tmp_path / f"{same}.db", made))) as connection:
            outline = next(outlines(connection, entries_to_show(connection)))
            note = documents(connection, "note")["E1.md"]
        assert (worth.why_no_page(outline) == worth.BY_PROJECT) is not same
        assert ("Applies to kettle only." in note) is not same


def test_an_error_of_many_threads_whose_fixes_are_not_shown_has_a_page(tmp_path: Path) -> None:
    error, said = "no such lid here", "Set `lid` to 3 in it."
    made = [
        Filled(
            thread(n, error, "", [comment(10 * n, said)], repo=f"ann/{'pot' if n % 2 else 'tea'}"),
            "E1",
            error,
            fields={"provider": "openai", "status": 401},
            claims=[Said("fix", 10 * n, said, "suspected", "user", published=False)],
        )
        for n in range(1, worth.MANY + 1)
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert outline.withheld
    assert worth.why_no_page(outline) is None


def test_every_reason_for_no_page_is_documented() -> None:
    text = (ROOT / "docs/reference/pages.md").read_text(encoding="utf-8")
    reasons = [
        v for k, v in vars(worth).items() if k.isupper() and isinstance(v, str) and v.isprintable()
    ]
    assert len(reasons) > 10
    assert [reason for reason in reasons if f"\n| {reason} |" not in text] == []


@pytest.mark.parametrize(("error", "why"), [("kettle not installed", worth.VAGUE), ("boom", None)])
def test_a_release_alone_is_no_answer_to_what_tells_to_install(
    tmp_path: Path, error: str, why: str | None
) -> None:
    error += " here, run it with the lid"
    made = thread(1, error, "", comments=[comment(10, "The fix was released with 1.6.0")])
    said = Said("fix", 10, "The fix was released with 1.6.0")
    assert why_no_page(tmp_path, Filled(made, "E1", error, claims=[said])) == why


def test_the_sentence_of_a_report_that_says_how_it_went_is_quoted(tmp_path: Path) -> None:
    told = ["`/spout` complains but pours the tea.", "The pot no longer breaks at all."]
    claim = Said("fix", 10, FIX, "confirmed", evidence=[("confirms", 11, words) for words in told])
    made = thread(1, "boom here", "", [comment(10, FIX), comment(11, " ".join(told), "eve")])
    for words, evidence in ((told[1], claim.evidence), ("acme/tool#1", claim.evidence[:1])):
        filled = Filled(made, "E1", "boom here", claims=[replace(claim, evidence=evidence)])
        with closing_of(connect_readonly(fill(tmp_path / f"{len(evidence)}.db", [filled]))) as db:
            note = documents(db, "note")["E1.md"]
        assert words.rstrip(".") in note.partition("Helped one person in part: [")[2][:60]
        assert "/spout" not in note


@pytest.mark.parametrize(
    ("subject", "mark"),
    [("`kettle-embed-large`", "(kettle-embed-large)"), (f"`lids/{'of_the_' * 10}tea`", "(pot)")],
)
def test_what_died_stands_in_a_title_if_there_is_room(
    tmp_path: Path, subject: str, mark: str
) -> None:
    message = "worker process has terminated with code 11 and took all of the tea of the kitchen"
    made = thread(1, f"Crash of {subject}", message, repo="acme/pot")
    filled = Filled(made, "E1", message, place="body")
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        (outline,) = outlines(connection, entries_to_show(connection))
    title = title_of(outline)
    assert title.lower().startswith("worker process has terminated")
    assert title.endswith(mark)
    assert len(title) <= TITLE_WIDTH


def test_of_forms_the_whole_ones_are_shown(tmp_path: Path) -> None:
    forms = [
        "<b>no such</b> lid",
        "with status: no such lid",
        "{'lid': 'no such lid, see https://lid.org",
    ]
    made = [Filled(thread(n, raw), "E1", raw) for n, raw in enumerate(forms, start=1)]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        note = documents(connection, "note")["E1.md"]
    assert note.count("no such lid\n```") == 1
    assert "https://lid.org" not in note.partition("## Sources")[0]


def test_what_was_taken_of_two_answers_in_one_post_carries_no_page(tmp_path: Path) -> None:
    said = [FIX, "You will need to use the `--pot` of your own."]
    comments = [comment(10, f"{said[1]}\n\nIt is only shown.\n\n{said[0]}")]
    comments.append(comment(11, "Got it", "ann"))
    took = [("accepts", 11, "Got it")]
    claims = [Said("fix", 10, words, "supported", "user", evidence=took) for words in said]
    made = thread(1, "boom here", "", comments=comments)
    for several in (False, True):
        filled = Filled(made, "E1", "boom here", claims=claims[: 1 + several])
        path = fill(tmp_path / f"{several}.db", [filled])
        with closing_of(connect_readonly(path)) as connection:
            outline = next(outlines(connection, entries_to_show(connection)))
            assert worth.why_no_page(outline) == (worth.RIVALLED if several else None)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("kettle --install-main", "Get it like this: `kettle --install-main`"),
        ("kettle --new\n\n# or...\n\nmake lid\nmake pot", "Get it like this: `kettle --new`"),
        ("pot:\n  lid: false", None),
        (f"kettle --lid {'x' * 240}", None),
        ("kettle `which lid`", "Get it like this: kettle `which lid`"),
    ],
)
def test_the_quick_fix_names_the_code_that_it_announces(
    tmp_path: Path, code: str, told: str | None
) -> None:
    post = f"Get it like this:\n\n```\n{code}\n```\n"
    made = Filled(
        thread(1, "lid is open", "", [comment(10, post)]),
        "E1",
        "lid is open",
        claims=[Said("fix", 10, "Get it like this:")],
    )
    connection = prepared(fill(tmp_path / "kb.db", [made]))
    (page,) = (t for n, t in pages(connection).items() if n != "index.md")
    connection.close()
    found = front(page).get("quick_fix")
    assert (found and str(found).split("” ")[0]) == (told and f"“{told}")
    assert "> Get it like this:\n" in page


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


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ("import lid\nlid.open_all()", None),
        ("Use this one:\nlid = Lid(size=3)\nlid.open_all()", None),
        ("Set the size of the lid to 3\n\nlid = Lid(size=3)", "Set the size of the lid to 3"),
        ("The lid is too small.\n\nSet its size to 3.", "The lid is too small. Set its size to 3."),
        ("Set the size of the lid\nto 3 for now.", "Set the size of the lid to 3 for now."),
        ("Do the following:\n\n1. Set the size of the lid to 3\n2. Pour the tea", None),
        ("Go back to the old lid\n\n`pip get lid==3`", "Go back to the old lid `pip get lid==3`"),
    ],
)  # fmt: skip
def test_lines_that_make_no_line_are_not_told_as_one(
    tmp_path: Path, post: str, told: str | None
) -> None:
    said = Said("fix", 10, post, "confirmed", evidence=[("confirms", 11, "It helps.")])
    posts = [comment(10, post), comment(11, "It helps.")]
    made = Filled(thread(1, "lid is open", "", posts), "E1", "lid is open", claims=[said])
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection).items() if n != "index.md")
    found = front(page)
    assert (found.get("quick_fix") or "").split("” ")[0] == (f"“{told}" if told else "")
    joined = " ".join(post.split())
    assert told == joined or joined not in found["description"]
    assert told or "Set the" not in found["description"]


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


@pytest.mark.parametrize(
    ("error", "title"),
    [
        ("lid is open", "lid is open (tool) – what fixes it"),
        ("the lid of the kettle is open and the water is cold", None),
        (
            "BrewError: the lid of the big kettle in the kitchen is open and the water is cold",
            "Lid of the big kettle … is open and the water is cold (tool)",
        ),
        (
            "Lost the lids of pots and cups with status = StatusCode.LIDS_ARE_LOST",
            "Lost the lids of pots … StatusCode.LIDS_ARE_LOST (tool)",
        ),
        (
            "cannot import name 'BigKettleLid' from 'kettles.lids.of.the.kitchen'",
            "cannot import name 'BigKettleLid' (tool)",
        ),
        (
            "BrewError: the lid of the kettle was found open just now",
            "The lid of the kettle was found open just now (tool) – fix",
        ),
        (
            "AttributeError: module 'kettle' has no attribute 'lids_of_all_the_kitchen_pots'",
            "No attribute 'lids_of_all_the_kitchen_pots' (tool)",
        ),
        (
            "[Errno 2] No such file or directory: '/srv/kettles/of/the/kitchen/pots/lids.yaml'",
            "No such file or directory: '…/lids.yaml' (tool) – fix",
        ),
        (
            "Kettle 400: Invalid lid for the pot 'kitchen_kettle_of_all', it must have a spout",
            "Kettle 400: Invalid lid … pot 'kitchen_kettle_of_all' (tool)",
        ),
        (
            "Copper Kettle 400: Invalid lid for the pot 'hot_pot_one': in the kitchen is none",
            "Copper Kettle 400: Invalid lid … pot 'hot_pot_one' (tool)",
        ),
        (
            "brew_the_pot(): Assertion (lid-pot)%N==0 && the lid must be closed first failed",
            "The lid must be closed first (tool)",
        ),
        (
            "Could not pour the 'tea', which is needed by all of the cups in this kitchen",
            "Could not pour the 'tea' (tool)",
        ),
    ],
)
def test_a_title_fits_without_being_cut(tmp_path: Path, error: str, title: str | None) -> None:
    made = thread(1, error, "", comments=[comment(10, "Set `wait` to 3.")])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, "Set `wait` to 3.")])
    filled.fields = {"title": error}
    connection = prepared(fill(tmp_path / "kb.db", [filled]))
    (text,) = (t for name, t in pages(connection).items() if name != "index.md")
    found = str(front(text)["title"])
    assert found == (title or f"{error} (tool)"), found
    assert f"\n# {error} (tool)\n" in text
    connection.close()


def test_quotes_are_checked_and_linked_on_every_target(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    for name in TARGETS:
        export_to(connection, "page", tmp_path / name, Options(target=name))
        assert verify_export(connection, tmp_path / name) == [], name
    found = figures(tmp_path / "commonmark")
    assert found.statements == found.linked > 0
    assert found.repeated == 0


def test_titles_descriptions_and_addresses_are_unique(tmp_path: Path) -> None:
    made = [
        Filled(
            thread(
                n,
                "boom",
                "",
                repo=f"acme/r{n}",
                comments=[comment(n * 10, f"Set option {n} to false and restart it.")],
            ),
            f"E{n}",
            "boom",
            signature=f"boom {n}",
            claims=[Said("fix", n * 10, f"Set option {n} to false and restart it.")],
        )
        for n in range(1, 6)
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    made_pages = pages(connection)
    found = [front(text) for name, text in made_pages.items() if name != "index.md"]
    assert all(len(str(f["title"])) <= 60 for f in found)
    assert all(len(str(f["description"])) <= 155 for f in found)
    assert len({f["title"] for f in found}) == len({f["description"] for f in found}) == 5
    connection.close()


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


@pytest.mark.parametrize(("day", "why"), [(2, None), (9, worth.RIVALLED)])
def test_what_is_reported_again_after_its_release_carries_no_page(
    tmp_path: Path, day: int, why: str | None
) -> None:
    advice, worked = "Set `wait` to 3 with tool 1.2.0.", "It was fixed in 1.2.0 for me."
    posts = [comment(10, advice, day=3), comment(11, worked, day=4)]
    filled = [
        Filled(
            thread(1, "boom here", "", posts),
            "E1",
            "boom here",
            claims=[Said("fix", 10, advice), Said("fix", 11, worked, "supported", "user")],
        ),
        Filled(
            thread(2, "boom here", "", created_at=f"2026-02-{day:02d}T00:00:00Z"), "E1", "boom here"
        ),
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", filled))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert outline.releases
        assert worth.why_no_page(outline) == why


JSON = (
    "Expecting value: line 1 column 1 (char 0)",
    "expecting value: line <n> column <n> (char <n>)",
)
NO_FILE = "[Errno 2] No such file or directory: "
DEEP = "maximum recursion depth exceeded"


@pytest.mark.parametrize(
    ("raw", "signature", "place", "title"),
    [
        (*JSON, "models.py:_load_lid in acme/pot", f"{JSON[0][:32]} (models.py in pot) – fix"),
        (*JSON, "models.py:load in acme/pot", f"{JSON[0][:32]} (pot/models.py in pot)"),
        (*JSON, "models.py:load in acme/tea", None),
        (*JSON, "acme/pot#1", None),
        (f"{NO_FILE}'pour'", f"{NO_FILE.lower()}pour", "acme/pot#1", None),
        (f"{NO_FILE}'/lid/my.jar'", f"{NO_FILE.lower()}<path>", "acme/pot#1", "(pot) – "),
        (DEEP, DEEP, "acme/pot#1", None),
        (
            DEEP,
            DEEP,
            "lid.py:pour in acme/pot",
            "recursion depth exceeded (lid.py in pot)",
        ),
    ],
)
def test_a_message_of_many_failures_has_a_page_where_its_place_is_told(
    tmp_path: Path, raw: str, signature: str, place: str, title: str | None
) -> None:
    told = "Set `wait` to 3."
    made = thread(1, raw, "", [comment(10, told)], repo="acme/pot")
    fields = {"title": f"{raw} ({place})"}
    filled = Filled(
        made, "E1", raw, signature=signature, fields=fields, claims=[Said("fix", 10, told)]
    )
    if "tea" not in place and ":" in place:
        file, function = place.partition(" ")[0].split(":")
        filled.frames = (f'File "/srv/pot/{file}", line 3, in {function}',)
    with closing_of(prepared(fill(tmp_path / "kb.db", [filled]))) as connection:
        found = [
            front(t)["title"] for n, t in pages(connection, Options()).items() if n != "index.md"
        ]
        assert (
            "_load_lid" not in place
            or "Raised in `_load_lid` of `models.py`" in documents(connection, "note")["E1.md"]
        )
    assert title in found[0] if title else found == []


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


@pytest.mark.parametrize(("other", "name"), [("|acme/pot|2|", "pot#1"), ("|acme/tea|2|", "pot")])
def test_a_thread_is_named_behind_a_title_that_two_of_a_project_share(
    tmp_path: Path, other: str, name: str
) -> None:
    raw = "Failed building wheel for lid"
    threads = [("E1", raw, "acme/pot#1"), ("E2", "no lid here", "acme/pot#2")]
    filled = [
        Filled(
            thread(number, words, "", repo="acme/pot"),
            entry,
            words,
            fields={"title": f"{words} ({place})"},
        )
        for number, (entry, words, place) in enumerate(threads, start=1)
    ]
    with Store.open(fill(tmp_path / "kb.db", filled)) as store:
        same = "update signature set text = ?, place = ? where entry_id = ?"
        with store.transaction() as db:
            db.execute(same, (raw.lower(), "|acme/pot|1|", "E1"))
            db.execute(same, (raw.lower(), other, "E2"))
            db.execute("update entry set signature = ?", (raw.lower(),))
        heads = [o.title for o in outlines(db, entries_to_show(db))]
    assert heads[0] == f"{raw} ({name})"


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


def test_no_page_leads_with_settings_of_which_the_last_are_missing(tmp_path: Path) -> None:
    words = "Put these entries into the file of the pot:"
    posts = [comment(10, f"{words}\n\n```\nLID=2\n```")]
    claim = Said("fix", 10, words, "confirmed", "user")
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=[claim])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert worth.why_no_page(outline) is None
    (lead,) = outline.tries
    outline.tries = [replace(lead, passage=replace(lead.passage, block=f"LID=2{AND_MORE}"))]
    assert worth.why_no_page(outline) == worth.CUT
