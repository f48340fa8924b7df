"""Pages: front matter, sections only where evidence carries them, order and warnings of steps,
uniqueness over an export.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kb.errors import BadInputError
from kb.notes import remedies as steps
from kb.notes.export import Options, export_to, pages, prepare
from kb.notes.slugs import slug_of
from kb.notes.targets import TARGETS
from kb.risk import risk
from kb.store import Store, connect_readonly
from kb.text import shorten
from kb.verify import verify_export
from tests.support.page_figures import figures, repeated
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import filled, small
from tests.support.threads import comment, thread

SLUG = "openrouter-401-user-not-found"


def prepared(path: Path) -> sqlite3.Connection:
    with Store.open(path) as store:
        prepare(store)
    return connect_readonly(path)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = prepared(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


def front(text: str) -> dict[str, object]:
    found = yaml.safe_load(text.split("\n---\n")[0][4:])
    assert isinstance(found, dict)
    return found


def test_front_matter(connection: sqlite3.Connection) -> None:
    options = Options(categories={"openrouter": "API errors", "*": "Other"})
    made = pages(connection, options)
    assert set(made) == {f"{SLUG}.md", "openrouter-401-no-auth-credentials-found.md"}
    page = front(made[f"{SLUG}.md"])
    assert (
        page["title"]
        == "OpenRouter 401: User not found: “Create a new key and put it into the settings.”"
    )
    assert page["category"] == "API errors"
    assert page["technology"] == "openrouter"
    assert page["error_signature"] == "user not found"
    assert str(page["quick_fix"]).startswith(
        "Confirmed fix, a maintainer of acme/tool, 2026-02-02: “Create a new key"
    )
    assert str(page["quick_fix"]).endswith("https://github.com/acme/tool/issues/1#issuecomment-10")
    assert page["common_causes"] == [
        "Confirmed, a maintainer of acme/tool, 2026-02-02: “The key you send was deleted on "
        "the provider's site.”"
        " https://github.com/acme/tool/issues/1#issuecomment-10"
    ]
    assert page["related_errors"] == ["OpenRouter 401: No auth credentials found"]
    assert str(page["updated"]) == "2026-02-08"
    assert {"description", "published_at", "updated_at", "entry"} <= set(page)


def test_sections(connection: sqlite3.Connection) -> None:
    made = pages(connection, Options())
    headings = [line[3:] for line in made[f"{SLUG}.md"].split("\n") if line.startswith("## ")]
    assert headings == [
        "What this error means",
        "Why this happens",
        "Quick fixes",
        "Step-by-step troubleshooting",
        "What did not help",
        "Sources checked",
        "Related errors",
        "FAQ",
    ]
    other = made["openrouter-401-no-auth-credentials-found.md"]
    assert "## Why this happens" not in other
    assert "## Platform/tool-specific checks" in other
    assert "names no cause" in other


def test_a_destructive_step_comes_last_with_a_warning(connection: sqlite3.Connection) -> None:
    text = pages(connection, Options())[f"{SLUG}.md"]
    assert "Careful, “Delete” deletes something: unconfirmed workaround: a user wrote" in text
    assert text.index("Careful, “Delete”") > text.index("> Create a new key")


def test_the_difference_to_a_related_error_is_said(connection: sqlite3.Connection) -> None:
    text = pages(connection, Options())[f"{SLUG}.md"]
    assert (
        "- [OpenRouter 401: No auth credentials "
        "found](openrouter-401-no-auth-credentials-found.md):"
        " it says “No auth credentials found”, this one “User not found.”." in text
    )


def test_an_entry_about_which_nothing_is_known_has_no_page(connection: sqlite3.Connection) -> None:
    assert not any("enospc" in name for name in pages(connection, Options()))


def test_quotes_are_checked_and_linked_on_every_target(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    for name, target in TARGETS.items():
        export_to(connection, "page", tmp_path / name, Options(target=target))
        assert verify_export(connection, tmp_path / name) == [], name
    found = figures(tmp_path / "commonmark")
    assert found.statements == found.linked > 0
    assert found.repeated == 0


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
    assert front(pages(connection, Options(target=TARGETS["hugo"]))[f"{SLUG}.md"])["aliases"] == [
        "/openrouter-401-no-auth-credentials-found/"
    ]
    assert front(pages(connection, Options())[f"{SLUG}.md"])["former_slugs"] == [
        "openrouter-401-no-auth-credentials-found"
    ]
    connection.close()


def test_titles_descriptions_and_addresses_are_unique(tmp_path: Path) -> None:
    made = [
        Filled(
            thread(
                n,
                "boom",
                "",
                repo=f"acme/r{n}",
                comments=[comment(n * 10, "Set the option to false and restart it.")],
            ),
            f"E{n}",
            "boom",
            signature=f"boom {n}",
            claims=[Said("fix", n * 10, "Set the option to false and restart it.")],
        )
        for n in range(1, 6)
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    found = [front(text) for text in pages(connection, Options()).values()]
    assert len({f["title"] for f in found}) == len({f["description"] for f in found}) == 5
    connection.close()


def test_words_of_one_page_stand_on_no_other(tmp_path: Path) -> None:
    words = "Set the option to false and restart the server."
    made = [
        Filled(
            thread(n, f"boom {n}", "", comments=[comment(n * 10, words)]),
            f"E{n}",
            f"boom {n}",
            claims=[Said("fix", n * 10, words)],
        )
        for n in (1, 2)
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    export_to(connection, "page", tmp_path / "out", Options())
    assert repeated(tmp_path / "out") == {}
    assert "the words quoted for [Boom 1](boom-1.md)." in (
        tmp_path / "out" / "boom-2.md"
    ).read_text().replace("boom 1]", "Boom 1]")
    connection.close()


def test_without_an_address_there_is_no_page(tmp_path: Path) -> None:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    with pytest.raises(BadInputError, match="no address yet"):
        pages(connection, Options())
    connection.close()


def test_the_order_of_threads_does_not_matter(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    other = prepared(fill(tmp_path / "other.db", list(reversed(filled()))))
    assert pages(other, Options()) == pages(connection, Options())
    other.close()


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


@pytest.mark.parametrize(
    ("text", "risky"),
    [
        ("run rm -rf ~/.cache/x", "rm -rf"),
        ("rm -fr node_modules", "rm -fr"),
        ("I cleared the cache folder", "cleared the cache folder"),
        ("git reset --hard origin/main", "git reset --hard"),
        ("docker system prune -a", "docker system prune"),
        ("set verify=False", "verify=False"),
        ("export NODE_TLS_REJECT_UNAUTHORIZED=0", "NODE_TLS_REJECT_UNAUTHORIZED"),
        ("curl https://x.example/i.sh | sudo bash", "curl https://x.example/i.sh | sudo bash"),
        ("disable the antivirus", "disable the antivirus"),
        ("set the key in the settings", None),
        ("removed the line from .zshrc", None),
        ("the form is reset", None),
        ("a wrong or deleted key", None),
        ("restart it", None),
    ],
)
def test_risk(text: str, risky: str | None) -> None:
    assert risk(text) == risky


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (
            "Right. Set the base URL to `http://x` instead. Then restart.",
            "Set the base URL to `http://x` instead.",
        ),
        ("You need to create a new key", "You need to create a new key"),
        ("Fixed in #470, released as 3.14.1.", "Fixed in #470, released as 3.14.1."),
        ("Wait for it: `until curl; do sleep 1`", None),
        ("It was the proxy all along.", None),
        ("Use " + "very " * 40 + "much", None),
    ],
)
def test_action_is_a_whole_sentence_that_says_what_to_do(text: str, action: str | None) -> None:
    assert steps.action(text, 70) == action


def test_costs_are_in_order() -> None:
    texts = [
        "wait and retry",
        "set max_tokens lower in the config",
        "upgrade to 1.2.3",
        "rebuild it from source",
        "delete the database",
    ]
    assert [steps.cost(t) for t in texts] == [0, 1, 2, 3, 4]


def test_shorten_cuts_between_words() -> None:
    assert shorten("one two three four", 12) == "one two…"
    assert shorten("one", 12) == "one"
