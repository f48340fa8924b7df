"""Every lie that a database or an export could tell is found; the truth is not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.store import Store, load_thread
from kb.verify import quotes_in, verify_database, verify_export
from miner.harvest.threads import ThreadWriter
from tests.support.posts import claimed, keep_claim, put_entry, quoted
from tests.support.threads import comment, issue

SAYS = "Setting `proxy.ssl` to *false* <b>fixed</b> it 🎉."
URL = "https://github.com/acme/tool/issues/1#issuecomment-11"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """One thread with a mention, a claim and an answer that confirms it."""
    with Store.open(tmp_path / "kb.db") as store:
        with store.transaction() as connection:
            writer = ThreadWriter(connection)
            writer.put_issue("acme/tool", issue(1, "It fails", "so: boom!"))
            writer.put_comment("acme/tool", 1, comment(11, f"Hello. {SAYS} Bye.", "sam"))
            writer.put_comment("acme/tool", 1, comment(12, "Works for me.", "eve", day=3))
            put_entry(connection)
            connection.execute(
                "insert into mention (mention_id, repo, number, field, start, end, raw, "
                "fingerprint, is_primary, counted, frames)"
                " values (1, 'acme/tool', 1, 'body', 4, 8, 'boom', 'v1:f', 1, 1, '[]')"
            )
            thread = load_thread(connection, "acme/tool", 1)
            assert thread is not None
            keep_claim(
                connection,
                "C1",
                thread,
                claimed(
                    thread.comments[0],
                    SAYS,
                    "fix",
                    "supported",
                    quoted(thread.comments[1], "Works for me."),
                ),
            )
        yield store.connection


def test_a_true_database_has_no_problem(db: sqlite3.Connection) -> None:
    assert verify_database(db) == []


@pytest.mark.parametrize(
    ("lie", "where", "what"),
    [
        ("update comment set body = 'edited away' where comment_id = 11", "claim C1", "span"),
        (
            "update comment set body = replace(body, 'Hello', 'Hullo!') where comment_id = 11",
            "claim C1",
            "quote is not the stored text",
        ),
        ("update claim set quote = 'Setting'", "claim C1", "quote is not the stored text"),
        ("update claim set comment_id = 99", "claim C1", "not stored"),
        ("update claim set field = 'title'", "claim C1", "not stored"),
        ("update claim set url = 'https://evil.example/'", "claim C1", "url"),
        ("update claim set author = 'max'", "claim C1", "author"),
        ("update claim set association = 'OWNER'", "claim C1", "association"),
        ("update claim set author_role = 'maintainer'", "claim C1", "association"),
        ("update claim set author_role = 'bot'", "claim C1", "bot"),
        ("update claim set about = 'v1:other'", "claim C1", "does not mention"),
        ("update claim set says = 'C7'", "claim C1", "not stored: C7"),
        (
            "update comment set gone_at = '2026-03-01T00:00:00Z' where comment_id = 11",
            "claim C1",
            "deleted",
        ),
        (
            "update comment set gone_at = '2026-03-01T00:00:00Z' where comment_id = 12",
            "evidence C1/0",
            "deleted",
        ),
        (
            "update evidence set quote = 'Works for m.'",
            "evidence C1/0",
            "quote is not the stored text",
        ),
        ("update evidence set url = 'https://evil.example/'", "evidence C1/0", "url"),
        ("update evidence set repo = 'other/tool', number = 1", "evidence C1/0", "not stored"),
        ("update evidence set role = 'merged'", "evidence C1/0", "no pull request"),
        (
            "update evidence set role = 'merged', url = 'https://github.com/acme/tool/pull/2'",
            "evidence C1/0",
            "was merged",
        ),
        ("update mention set raw = 'bang'", "mention 1", "quote is not the stored text"),
        ("update mention set start = 5", "mention 1", "quote is not the stored text"),
        ("update mention set end = 400", "mention 1", "span"),
        (
            "update mention set comment_id = 12, start = 0, end = 4",
            "mention 1",
            "quote is not the stored text",
        ),
        ("update signature set entry_id = 'E9'", "signature v1:f", "not stored: E9"),
    ],
)
def test_lies_of_a_database(db: sqlite3.Connection, lie: str, where: str, what: str) -> None:
    db.execute(lie)
    problems = verify_database(db)
    assert any(p.where.startswith(where) and what in p.what for p in problems), [
        str(p) for p in problems
    ]


def test_relations_that_do_not_hold(db: sqlite3.Connection) -> None:
    db.execute("pragma foreign_keys = off")
    db.execute("insert into alias values ('E1', 'E8')")
    columns = (
        "repo, number, comment_id, field, start, end, raw, fingerprint, is_primary, counted, frames"
    )
    db.execute(f"insert into mention ({columns}) select {columns} from mention")
    found = {p.where: p.what for p in verify_database(db)}
    assert "main errors" in found["thread acme/tool#1"]
    assert "alias E1" in found
    assert "table alias" in found


def test_characters_outside_the_basic_plane_count_once(db: sqlite3.Connection) -> None:
    db.execute("update comment set body = '🎉🎉' || body where comment_id = 11")
    assert [p.where for p in verify_database(db)] == ["claim C1 (acme/tool#1)"]
    db.execute("update claim set start = start + 2, end = end + 2")
    assert verify_database(db) == []


# ---------------------------------------------------------------- exported folders

NOTE = """---
title: "An error"
---

# An error

## What to try

1.  > Setting `proxy.ssl` to \\*false\\* &lt;b&gt;fixed&lt;/b&gt; it 🎉.

    A user in [acme/tool#1](https://github.com/acme/tool/issues/1#issuecomment-11), 2026-02-02.
    Worked for one person: [“Works for me.”](https://github.com/acme/tool/issues/1#issuecomment-12).
    <!-- claim C1 -->

## The message

```text
boom
```
"""


def checked(db: sqlite3.Connection, folder: Path, note: str, name: str = "note.md") -> list[str]:
    (folder / "out").mkdir(exist_ok=True)
    (folder / "out" / name).write_text(note, encoding="utf-8")
    return [str(p) for p in verify_export(db, folder / "out")]


def test_a_true_export_has_no_problem(db: sqlite3.Connection, tmp_path: Path) -> None:
    assert checked(db, tmp_path, NOTE) == []
    assert (
        checked(db, tmp_path, NOTE.replace("<!-- ", "{/* ").replace(" -->", " */}"), "page.mdx")
        == []
    )
    assert [(q.line, q.claim_id) for q in quotes_in(NOTE)] == [(11, "C1")]
    # without the comment it must be of the post that is linked
    assert checked(db, tmp_path, NOTE.replace("    <!-- claim C1 -->\n", "")) == []


def test_a_thread_may_be_named_by_its_title(db: sqlite3.Connection, tmp_path: Path) -> None:
    lead = "Reported as [“It {}”](https://github.com/acme/tool/issues/1)."
    assert checked(db, tmp_path, lead.format("fails")) == []
    assert "the words of the link are not" in checked(db, tmp_path, lead.format("works"))[0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("\\*false\\*", "\\*true\\*", "11: the quote is not that of claim C1"),
        ("it 🎉.", "it 🎉. Always.", "11: the quote is not that of claim C1"),
        ("claim C1", "claim C2", "11: claim C2 is not in the database"),
        ("-11), 2026", "-12), 2026", "11: the link is not that of claim C1"),
        ("issuecomment-11", "x", "11: the link is not that of claim C1"),
        ("Works for me.", "Works for all.", "12: the words of the link are not those of"),
        ("issuecomment-12", "issuecomment-11", "12: the words of the link are not those of"),
        ("A user in [", "Somebody in [", "9: a quote names no source"),
        ("A user in [", "Somebody in [", "13: a quote names no source"),
        (
            "<!-- claim C1 -->",
            "\n    <!-- claim C1 -->\n\n    > more",
            "16: a quote names no source",
        ),
        (
            "    A user",
            "    ```sh\n    rm -rf x\n    ```\n\n    A user",
            "15: the code is not that of",
        ),
    ],
)
@pytest.mark.parametrize("form", ["{}", "1.  ```text\n    code in a list\n    ```\n\n{}"])
def test_lies_of_an_export(
    db: sqlite3.Connection, tmp_path: Path, old: str, new: str, problem: str, form: str
) -> None:
    assert old in NOTE
    head, body = NOTE.split("# An error\n")
    found = checked(db, tmp_path, head + form.format(body.replace(old, new)))
    more = form.count("\n") - 1
    line, what = problem.split(":", 1)
    assert any(p.startswith(f"note.md:{int(line) + more}:{what}") for p in found), found


def test_code_of_a_fix_is_checked(db: sqlite3.Connection, tmp_path: Path) -> None:
    body = "Run this:\n\n```sh\nrm -rf `cache`\n```\n"
    with_code = "rm -rf `cache`"
    db.execute("update comment set body = ? where comment_id = 12", (body,))
    start = body.index(with_code)
    db.execute(
        "update evidence set role = 'code', quote = ?, start = ?, end = ?",
        (with_code, start, start + len(with_code)),
    )
    code = "    ```text\n    rm -rf `cache`\n    ```\n\n"
    note = NOTE.replace("    A user", f"{code}    A user").replace("“Works for me.”", "that")
    assert checked(db, tmp_path, note) == []
    assert checked(db, tmp_path, note.replace("cache", "/")) != []


def test_an_empty_folder_and_other_files_are_fine(db: sqlite3.Connection, tmp_path: Path) -> None:
    assert checked(db, tmp_path, "> not Markdown of ours", "notes.txt") == []


def candidates(
    folder: Path, *summaries: str, url: str = "https://github.com/acme/tool/issues/1"
) -> None:
    records = [{"evidence_summary": text, "source_urls": [url]} for text in summaries]
    (folder / "out").mkdir(exist_ok=True)
    (folder / "out" / "candidates.json").write_text(
        json.dumps({"candidates": records}), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("summary", "true"),
    [
        (f"Grade B. Best: a user: “{SAYS}” {URL}", True),
        (f"Best: “Setting `proxy.ssl` to *false*…” {URL}.", True),
        (f"Best: “Works for me.” {URL.replace('11', '12')}", True),
        (f"Best: “Setting `proxy.ssl` to *true*…” {URL}", False),
        (f"Best: “Works for me.” {URL}", False),
        (f"Best: “{SAYS} Always.” {URL}", False),
        (f"“{SAYS}” https://evil.example/", False),
        ("Nothing is “known”.", True),
    ],
)
def test_candidate_records(
    db: sqlite3.Connection, tmp_path: Path, summary: str, true: bool
) -> None:
    candidates(tmp_path, "nothing", summary)
    problems = [str(p) for p in verify_export(db, tmp_path / "out")]
    assert (problems == []) == true, problems
    assert all(p.startswith("candidates.json:2: ") for p in problems)


def test_candidate_records_of_an_unknown_thread_or_of_another_kind(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    candidates(tmp_path, "nothing", url="https://github.com/acme/tool/issues/2")
    assert "no stored thread" in str(verify_export(db, tmp_path / "out")[0])
    (tmp_path / "out" / "candidates.json").write_text("[1]", encoding="utf-8")
    assert "no file of candidate records" in str(verify_export(db, tmp_path / "out")[0])
