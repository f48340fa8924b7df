"""Evidence notes: what they show, in which order, and that nothing is said without its quote and
link.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from msgspec.structs import replace

from kb.evidence import entry_named, read_evidence
from kb.notes.export import documents, export_to
from kb.notes.formats import format_names
from kb.notes.note import WORDS, render_note, words_of
from kb.notes.options import Options
from kb.notes.outline import outlines_of
from kb.store import Store, connect_readonly
from kb.verify import quotes_in, verify_export
from tests.support.notes import note, one
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import small
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


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
    assert front["solution"] == "confirmed"
    assert front["description"].startswith("OpenRouter 401: User not found")
    assert len(front["description"]) <= 155
    assert None not in front.values()


def test_the_answer_comes_first(connection: sqlite3.Connection) -> None:
    text = note(connection)
    headings = [line for line in text.split("\n") if line.startswith("## ")]
    assert headings == [
        "## What to try",
        "## Why it happens",
        "## What did not help",
        "## Who sees it",
        "## The message",
        "## Sources",
    ]
    lead = text.split("## What to try")[0].split("# OpenRouter 401: User not found.\n")[1]
    assert lead == (
        "\nReported in 2 threads across 2 projects"
        " between 2026-01-02 and 2026-01-08; one is still open. **A fix is confirmed.** Fixed in"
        " acme/tool [1.2.3](https://github.com/acme/tool/issues/1#issuecomment-15).\n\n"
    )


def test_a_fix_has_its_source_and_how_it_went(connection: sqlite3.Connection) -> None:
    first = note(connection).split("## What to try\n\n")[1].split("\n\n2.  ")[0]
    assert first.split("\n") == [
        "1.  > Create a new key and put it into the settings.",
        "",
        "    A maintainer in [acme/tool#1](https://github.com/acme/tool/issues/1#issuecomment-10),"
        " 2026-02-02 (seen with 1.2.2). Worked for one person: [“New key, works again, thanks”]"
        "(https://github.com/acme/tool/issues/1#issuecomment-11). Did not help one person:"
        " [“Did not help me, same error”](https://github.com/acme/tool/issues/1#issuecomment-12)."
        " Also said in [beta/app#7](https://github.com/acme/tool/issues/1#issuecomment-70).",
        "    <!-- claim Cacme-tool-1-1 -->",
    ]


def test_every_quote_is_marked_and_linked(connection: sqlite3.Connection, tmp_path: Path) -> None:
    found = quotes_in(note(connection))
    assert len(found) == 4
    assert all(q.url and q.claim_id for q in found)
    export_to(connection, "note", tmp_path / "out")
    assert verify_export(connection, tmp_path / "out") == []


def test_without_markers_quotes_are_found_by_their_links(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    export_to(connection, "note", tmp_path / "out", Options(markers=False))
    text = (tmp_path / "out" / "E1.md").read_text()
    assert "<!--" not in text
    assert verify_export(connection, tmp_path / "out") == []
    for old, new in (
        ("Create a new key", "Create an old key"),
        ("“Did not help me", "“It did help me"),
        ("issuecomment-10)", "issuecomment-11)"),
    ):
        (tmp_path / "out" / "E1.md").write_text(text.replace(old, new))
        assert verify_export(connection, tmp_path / "out") != [], old


def test_what_is_not_known_is_said(connection: sqlite3.Connection) -> None:
    text = note(connection, "E3")
    assert "**Unresolved: the thread names no cause and no fix.**" in text
    assert "Reported in gamma/db on 2026-01-04; the thread is open." in text
    assert "What to try" not in text


def test_a_thread_whose_claims_are_about_another_error_is_not_called_unanswered(
    tmp_path: Path,
) -> None:
    path = small(tmp_path / "kb.db")
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute(
            "insert into claim select 'C2', repo, number, null, 'body', 'cause', 'x', 0, 1, 'bo',"
            " 'user', 'NONE', created_at, 'https://github.com/gamma/db/issues/1', 'unverified',"
            " 0.9, 'v1:another', null, null, 1 from thread where repo = 'gamma/db'"
        )
    with closing(connect_readonly(path)) as connection:
        text = note(connection, "E3")
    assert "no cause" not in text
    assert "certain enough to quote" in text


def test_an_answer_is_headed_as_its_note(tmp_path: Path) -> None:
    """However many mentions an entry has: a number that most forms share is no number of all. The
    note names the one project too.
    """
    made = [
        Filled(
            thread(n, raw := f"it holds {9 if n < 50 else 8} cups here", ""),
            "E1",
            raw,
            signature="it holds N cups here",
            fields={"title": "It holds N cups here"},
        )
        for n in range(1, 52)
    ]
    connection = connect_readonly(fill(tmp_path / "kb.db", made))
    entry = entry_named(connection, "E1")
    assert entry is not None
    assert "# It holds N cups here (tool)\n" in render_note(connection, entry)
    (known,) = read_evidence(connection, [entry], most=50)
    assert next(outlines_of(connection, [known])).title == "It holds N cups here (tool)"
    connection.close()


def test_a_common_error_keeps_to_its_length(tmp_path: Path) -> None:
    filled = []
    for number in range(1, 9):
        words = [
            f"Set the option part_{number}_{n} to false and restart the server." for n in "abc"
        ]
        causes = f"The cause is the stale lock of part {number} that the worker left behind."
        posts = [comment(number * 10 + n, w, login=f"u{n}") for n, w in enumerate([causes, *words])]
        claims = [Said("cause", number * 10, causes)]
        claims += [Said("fix", number * 10 + n, w) for n, w in enumerate(words, start=1)]
        filled.append(
            Filled(
                thread(number, "boom here", "", posts, repo=f"acme/r{number}"),
                "E1",
                "boom here",
                claims=claims,
            )
        )
    text = one(tmp_path, *filled)
    assert 150 < words_of(text) <= WORDS
    assert "In brief: [“" in text
    assert "<summary>5 more threads</summary>" in text


def test_the_same_database_gives_the_same_bytes_in_any_order(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    from tests.support.small_kb import filled

    for name in TARGETS:
        made = documents(connection, "note", Options(target=name))
        assert made == documents(connection, "note", Options(target=name)), name
    other = connect_readonly(fill(tmp_path / "other.db", list(reversed(filled()))))
    assert documents(other, "note") == documents(connection, "note")
    other.close()


def test_a_long_tail_of_sources_is_folded(tmp_path: Path) -> None:
    path = fill(
        tmp_path / "many.db", [Filled(thread(n, f"boom {n}"), "E1", "boom") for n in range(1, 16)]
    )
    connection = connect_readonly(path)
    text = note(connection)
    assert "<summary>12 more threads</summary>" in text
    assert text.count("](https://github.com/acme/tool/issues/") == 15
    jekyll = documents(connection, "note", Options(target="jekyll"))["E1.md"]
    assert "<details>" not in jekyll
    connection.close()


def test_a_source_has_the_day_it_was_opened_before_its_state(tmp_path: Path) -> None:
    path = fill(tmp_path / "kb.db", [Filled(thread(n, "boom"), "E1", "boom") for n in (1, 2)])
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update thread set state = 'closed'")
        db.execute("update thread set merged_at = '2026-03-01T00:00:00Z' where number = 2")
    with closing(connect_readonly(path)) as connection:
        sources = note(connection).partition("## Sources")[2]
    assert sources.count(", closed)") == sources.count(", merged)") == 1


def test_deleted_accounts_and_missing_texts_do_not_break_it(tmp_path: Path) -> None:
    path = small(tmp_path / "kb.db")
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update claim set author = null")
        db.execute("update evidence set author = null, created_at = null")
        db.execute("update entry set first_seen = null, last_seen = null")
    connection = connect_readonly(path)
    assert "Create a new key" in note(connection)
    connection.close()


def test_statements_can_be_left_out(connection: sqlite3.Connection) -> None:
    def shown(**asked: object) -> str:
        options = replace(Options(), **asked)  # type: ignore[arg-type]
        return "".join(documents(connection, "note", options).values())

    everything = shown()
    assert "Delete the folder" in everything
    assert "Delete the folder" not in shown(stance="confirmed")
    assert "Create a new key" in shown(stance="supported")
    assert "Create a new key" not in shown(confidence=0.95)
    assert shown(min_threads=2).count("\nid: ") == 1
    assert shown(min_grade="A").count("\nid: ") == everything.count('grade: "A"')
    assert shown(provider="openrouter").count("\nid: ") == 2
    assert shown(since="2027-01-01T00:00:00Z") == ""


def readable(document: str | bytes) -> str:
    """A document as text; a table as its rows."""
    if isinstance(document, str):
        return document
    return str(pq.read_table(pa.BufferReader(document)).to_pylist())


def test_secrets_do_not_leave(tmp_path: Path) -> None:
    from tests.hostile.secrets import planted

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
    for kind in format_names():
        made = documents(connection, kind, Options(site_url="https://example.com"))
        everything = "\n".join(map(readable, made.values()))
        # shorter ones (user names) may be words of other sentences
        leaked = [s.kind for s in planted() if len(s.secret) >= 8 and s.secret in everything]
        assert leaked == [], kind
    connection.close()
