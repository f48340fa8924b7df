"""Evidence notes: what they show, in which order, and that nothing is said without its quote and
link.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kb.evidence import entry_named
from kb.notes.export import Options, export_to, notes
from kb.notes.note import render_note
from kb.notes.targets import TARGETS
from kb.store import Store, connect_readonly
from kb.verify import quotes_in, verify_export
from tests.support.small_kb import small


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


def note(connection: sqlite3.Connection, entry_id: str = "E1") -> str:
    row = entry_named(connection, entry_id)
    assert row is not None
    return render_note(connection, row)


def test_front_matter(connection: sqlite3.Connection) -> None:
    front = yaml.safe_load(note(connection).split("\n---\n")[0][4:])
    assert front["id"] == "E1"
    assert (front["threads"], front["repositories"], front["grade"]) == (2, 2, "A")
    assert (front["provider"], front["status"], front["tools"]) == (
        "openrouter",
        401,
        ["app", "tool"],
    )
    assert str(front["updated"]) == "2026-02-08"


def test_order_of_sections(connection: sqlite3.Connection) -> None:
    headings = [line for line in note(connection).split("\n") if line.startswith("## ")]
    assert headings == [
        "## What people see",
        "## Where and when",
        "## Causes",
        "## Fixes and workarounds",
        "## Tried, and did not help",
        "## Sources",
    ]


def test_a_statement_has_stance_role_date_link_and_answers(connection: sqlite3.Connection) -> None:
    text = note(connection)
    fix = text.split("## Fixes and workarounds")[1]
    assert fix.strip().startswith(
        "Confirmed fix: a maintainer of acme/tool wrote on 2026-02-02 in"
        " [acme/tool&#35;1](https://github.com/acme/tool/issues/1#issuecomment-10):\n\n"
        "> Create a new key"
    )
    assert "The same is said in 2 threads of 2 repositories by 2 people" in fix
    assert "1 person reports that it helped and 1 person reports that it did not" in fix
    assert "> Did not help me, same error" in fix


def test_every_quote_is_marked_and_linked(connection: sqlite3.Connection, tmp_path: Path) -> None:
    found = quotes_in(note(connection))
    assert len(found) == 7
    assert all(q.url for q in found)
    export_to(connection, "note", tmp_path / "out")
    assert verify_export(connection, tmp_path / "out") == []


def test_what_is_not_known_is_said(connection: sqlite3.Connection) -> None:
    text = note(connection, "E3").split("## What is not known")[1]
    assert (
        "What causes “ENOSPC: no space left on device”: the one thread read names no cause." in text
    )
    assert "has no fix and no workaround" in text


def test_the_same_database_gives_the_same_bytes_in_any_order(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    from tests.support.published import fill
    from tests.support.small_kb import filled

    for name, target in TARGETS.items():
        made = notes(connection, Options(target=target))
        assert made == notes(connection, Options(target=target)), name
    other = connect_readonly(fill(tmp_path / "other.db", list(reversed(filled()))))
    assert notes(other, Options()) == notes(connection, Options())
    other.close()


def test_a_long_tail_of_sources_is_folded(tmp_path: Path) -> None:
    from tests.support.published import Filled, fill
    from tests.support.threads import thread

    path = fill(
        tmp_path / "many.db", [Filled(thread(n, f"boom {n}"), "E1", "boom") for n in range(1, 16)]
    )
    connection = connect_readonly(path)
    text = note(connection)
    assert "<summary>5 more</summary>" in text
    assert text.count("](https://github.com/acme/tool/issues/") == 15
    assert "<details>" not in notes(connection, Options(target=TARGETS["jekyll"]))["E1.md"]
    connection.close()


def test_deleted_accounts_and_missing_texts_do_not_break_it(tmp_path: Path) -> None:
    path = small(tmp_path / "kb.db")
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update claim set author = null")
        db.execute("update evidence set author = null, created_at = null")
        db.execute("update entry set first_seen = null, last_seen = null")
    connection = connect_readonly(path)
    assert "Create a new key" in note(connection)
    connection.close()


def test_secrets_do_not_leave(tmp_path: Path) -> None:
    from tests.hostile.secrets import planted
    from tests.support.published import Filled, Said, fill
    from tests.support.threads import comment, thread

    filled = []
    for number, secret in enumerate(planted(), start=1):
        words = " ".join(secret.text.split())
        made = thread(
            number,
            words,
            secret.text,
            comments=[
                comment(number * 10, f"It was this: {secret.text}"),
                comment(number * 10 + 1, f"No: {secret.text}"),
            ],
        )
        claims = [
            Said(
                "fix",
                number * 10,
                f"It was this: {secret.text}",
                evidence=[("contradicts", number * 10 + 1, f"No: {secret.text}")],
            )
        ]
        fields = {"title": words, "exception": words, "code": words, "provider": words}
        filled.append(
            Filled(
                made,
                f"E{number:03d}",
                secret.text,
                "body",
                fields=fields,
                claims=claims,
                version=words,
                tool=words,
            )
        )
    path = fill(tmp_path / "kb.db", filled)
    with Store.open(path) as store:
        from kb.notes.export import prepare

        prepare(store)
    connection = connect_readonly(path)
    from kb.notes.export import MAKERS

    for kind, make in MAKERS.items():
        everything = "\n".join(make(connection, Options()).values())
        # shorter ones (user names) may be words of other sentences
        leaked = [s.kind for s in planted() if len(s.secret) >= 8 and s.secret in everything]
        assert leaked == [], kind
    connection.close()
