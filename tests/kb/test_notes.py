"""Evidence notes: what they show, in which order, and that nothing is said without its quote and
link.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from kb import KnowledgeBase
from kb.evidence import entry_named, is_version
from kb.notes.export import documents, export_to
from kb.notes.formats import format_names
from kb.notes.note import WORDS, render_note, words_of
from kb.notes.options import Options
from kb.notes.points import label
from kb.notes.titles import plain_title
from kb.query.terminal import plain
from kb.query.terminal_views import page_view
from kb.query.told import outline_to_answer
from kb.store import Store, connect_readonly
from kb.verify import quotes_in, verify_export
from tests.support.growth import assert_linear
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import small
from tests.support.targets import TARGETS
from tests.support.threads import comment, thread


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


def note(connection: sqlite3.Connection, entry_id: str = "E1") -> str:
    row = entry_named(connection, entry_id)
    assert row is not None
    return render_note(connection, row)


def one(tmp_path: Path, *filled: Filled) -> str:
    """The note of the only entry of a base."""
    connection = connect_readonly(fill(tmp_path / "one.db", list(filled)))
    made = documents(connection, "note")
    export_to(connection, "note", tmp_path / "out")
    assert verify_export(connection, tmp_path / "out") == []
    connection.close()
    return next(iter(made.values()))


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
    assert front["solution"] == "released"
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
        " between 2026-01-02 and 2026-01-08; one is still open. **Fixed in acme/tool"
        " [1.2.3](https://github.com/acme/tool/issues/1#issuecomment-15).**\n\n"
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
    assert "Reported once, in gamma/db on 2026-01-04; the thread is open." in text
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


def test_the_whole_sentence_is_shown(tmp_path: Path) -> None:
    body = "It is an old bug. Fixed in [v0.2.26](https://example.org/r), please update to that one."
    text = one(
        tmp_path,
        Filled(
            thread(1, "boom here", "", comments=[comment(10, body)]),
            "E1",
            "boom here",
            claims=[Said("fix", 10, "Fixed in [v0.2.26")],
        ),
    )
    assert "> Fixed in v0.2.26, please update to that one.\n" in text
    assert "old bug" not in text


def test_reports_name_the_version_that_they_are_about(tmp_path: Path) -> None:
    good = "That did it for me at once, the lamp is green now, I am on 4.2.1 here"
    bad = "4.3.0 here, did not help"
    text = one(
        tmp_path,
        Filled(
            thread(
                1, "boom here", "",
                comments=[
                    comment(10, "Switch the relay off first."),
                    comment(11, good, login="ann"),
                    comment(12, bad, login="zed"),
                ],
            ),
            "E1",
            "boom here",
            claims=[
                Said(
                    "fix",
                    10,
                    "Switch the relay off first.",
                    evidence=[("confirms", 11, good), ("contradicts", 12, bad)],
                )
            ],
        ),
    )  # fmt: skip
    assert re.search(r"Worked for one person: \[“That did it[^]]*\]\([^)]*\) with 4\.2\.1\.", text)
    assert re.search(r"Did not help one person: \[“4\.3\.0 here, did not help”\]\([^)]*\)\.", text)


@pytest.mark.parametrize(
    ("post", "quote", "shown"),
    [
        (
            "There was a key in my .zshrc. Removed the line, restarted it, and it works.",
            "Removed the line, restarted it, and it works.",
            "> There was a key in my .zshrc. Removed the line, restarted it, and it works.\n",
        ),
        (
            "Hi @ana, set `wait` to 3 in the config.\nHope this helps!",
            "Hi @ana, set `wait` to 3 in the config.\nHope this helps!",
            "> set `wait` to 3 in the config.\n",
        ),
        (
            "Same problem here with 1.2. Setting `wait` to 3 solved it.",
            "Same problem here with 1.2. Setting `wait` to 3 solved it.",
            "> Setting `wait` to 3 solved it.\n",
        ),
        (
            "Set the variable as follows:\n\n```sh\nexport WAIT=3\n```\n\nThat is all.",
            "Set the variable as follows:",
            "> Set the variable as follows:\n\n    ```sh\n    export WAIT=3\n    ```\n",
        ),
        (
            "Add these lines and try\n\nimport wait\nwait.apply()",
            "Add these lines and try\n\nimport wait",
            ">\n    > import wait  \n    > wait.apply()\n",
        ),
        (
            "Fixed in <https://example.com/pull/7>, update [`kettle`](https://example.com) to 1.4.",
            "Fixed in <https://example.com/pull/7>, update [`kettle`](https://example.com) to 1.4.",
            "> Fixed in `https://example.com/pull/7`, update `kettle` to 1.4.\n",
        ),
    ],
)
def test_a_quote_is_a_whole_thought(tmp_path: Path, post: str, quote: str, shown: str) -> None:
    filled = Filled(
        thread(1, "boom here", "", comments=[comment(10, post)]),
        "E1",
        "boom here",
        claims=[Said("fix", 10, quote)],
    )
    assert shown in one(tmp_path, filled)  # which holds it against the stored text too


_LID = "BrewError: 'tea' object has no lid"
_CUPS = "Got 9 cups: too many of them"


@pytest.mark.parametrize(
    ("title", "forms", "shown"),
    [
        ("Got N, not N", ["got 2, not 9", "Got 2, not 9"], "Got 2, not 9"),
        ("Got N, not N", ["got 2, not 9", "got 2, not 8"], "Got 2, not N"),
        ("Kettle not installed", ["`kettle` not installed"], "'kettle' not installed"),
        ("No tea in <path>", [], "No tea in …"),
        ("Tea object has no lid", ["x.BrewError: 'tea' object has no lid"], _LID),
        ("Unknown tea: <name>", ["unknown tea: 'oolong'", "unknown tea: sencha"], "Unknown tea"),
        (
            "AcmeAI 400: No lid for …",
            ["400 {'e': 'no lid for \\'pot\\''}"],
            "AcmeAI 400: No lid for …",
        ),
        ("Got N cups: too many of them. You…", ["got 9 cups: too many of them. You may"], _CUPS),
        ("Lost lid (p.py:<lambda> in ann/tea)", ["lost lid"], "Lost lid (tea)"),
        ("Lost lid (ann/tea#7)", ["lost lid"], "Lost lid (tea)"),
        ("No reply came to the request. Waited", [], "No reply came to the request"),
        ("It takes one lid but two were given", [], "It takes one lid but two were given"),
        ("KettleError: Lid' is not fully defined", [], "KettleError: Lid is not fully defined"),
        ("No pot: File 'Letter of", [], "No pot: File Letter of …"),
        ("The pots' lids of 'tea' are lost", [], "The pots' lids of 'tea' are lost"),
        ("'Lids' object has no 'pot'", [], "'Lids' object has no 'pot'"),
        ("Name all_lids' is not defined", [], "Name all_lids is not defined"),
        ("… is empty", ["Pot is empty", "Cup is empty"], "… is empty"),
        ("… is empty", ["tea:pot is empty"], "… is empty"),
        ("… is empty", ["model Pot is empty"], "Pot is empty"),
        ("SELECT tea FROM kettle(pot", [], "SELECT tea FROM kettle"),
        ("Lost lid (ann/agents#7)", ["lost lid"], "Lost lid (ann/agents)"),
        ("This lid needs a pot; Found one of version", [], "This lid needs a pot"),
        ("No such lid at…", [], "No such lid"),
        ("The lid is out of reach. Tried to allocate", [], "The lid is out of reach"),
        ("tea.pot.lids.LidError: no lid", [], "LidError: no lid"),
        ("401: tea.pot.<locals>.lid_lost: HTTP Error 401: no lid", [], "401: lid_lost: HTTP Error"
         " 401: no lid"),
        ('404: "pot "…" not found, fill it first"', [], '404: pot "…" not found, fill it first'),
        ('404: "pot" and "lid"', [], '404: "pot" and "lid"'),
        ("401: tea.pot.lids.LidError", [], "401: tea LidError"),
        ("org.tea.LidError", [], "org.tea.LidError"),
        ("It holds {self.cups", [], "It holds {self.cups"),
        ("unsupported operand for |: lid and pot", [], "unsupported operand for |: lid and pot"),
        ("Got <class Lid", ["got <class 'Lid'>"], "Got <class 'Lid'>"),
        ("Cannot pour the type: <class 'Lid", [], "Cannot pour the type: Lid"),
        ("'<' not supported between lid and pot", [], "'<' not supported between lid and pot"),
        ("'Tea' has no 'lid_of_pot_>", [], "'Tea' has no 'lid_of_pot…'"),
        ("Parent <Pot at … is lost", [], "Parent <Pot at …> is lost"),
        ("lids cannot have keywords {'pot'", [], "lids cannot have keywords {'pot'"),
        ("No lid on … today", ["no lid on '/a/pot.yaml' today"], "No lid on '/a/pot.yaml' today"),
        ("No lid on … today", ["no lid on /home/[user]/a/pot.yaml today"], "No lid on /…/pot.yaml"
         " today"),
        ("No lid on … today", ["no lid on 0x7f3a1c2b today"], "No lid on … today"),
        ("400: code: 7, msg: No lid is there", ['{"code": 7, "msg": "No lid is there"}'],
         "400: No lid is there"),
        ("Validation errors for Pot lid Field required", ["2 validation errors for Pot\nlid\n"
         " Field required"], "Validation errors for Pot: lid: Field required"),
        ("No lid is found here", ["x 'No lid is found 'here'"], "No lid is found 'here'"),
        ("LidError: LidError: lost", [], "LidError: lost"),
        ("The lid of it is lost", ["the lid   |\n|  of it is lost"], "The lid of it is lost"),
    ],
)  # fmt: skip
def test_titles_are_what_the_forms_say(title: str, forms: list[str], shown: str) -> None:
    assert plain_title(title, forms) == shown


@pytest.mark.parametrize(
    ("forms", "shown"),
    [
        (["Cannot open '/srv/pot.yaml'"], "Cannot open '/srv/pot.yaml'"),
        (["Cannot open /home/[user]/tea/pot.yaml"], "Cannot open …/pot.yaml"),
        (["Cannot open pot.yaml", "Cannot open lid.yaml"], "Cannot open"),
        (["Cannot open after dinner"], "Cannot open"),
    ],
)
def test_a_title_ends_in_the_value_that_all_forms_end_in(forms: list[str], shown: str) -> None:
    assert plain_title("Cannot open", forms, ends_open=True) == shown


@pytest.mark.parametrize(
    "raw",
    [
        "TS2345: Argument of type 'string | undefined' is not assignable to type 'string'",
        "Type 'Pot | Lid' is missing the following properties",
        "TypeError: expected str | None, got int",
        "Property 'lid' does not exist on type 'Pot | Kettle'",
        "Kettle | Pot failed: tea | water",
        "Command failed: cat tea.txt | grep lid",
        "Invalid value for 'level': must be info | debug",
        "command 'npm run pour $ lid' failed",
        "Could not shift lid >>> 3 in a pot",
        "Lid must be | or nothing at all",
    ],
)
def test_an_ordinary_message_is_no_log(raw: str) -> None:
    """A bar, a dollar and three angles stand in types, choices, pipes and sums."""
    assert plain_title(raw) == plain_title(raw, [raw]) == raw


@pytest.mark.parametrize(
    ("text", "project", "is_one"),
    [
        ("1.2.3", "ann/kettle-ai", True),
        ("kettle-ai==1.2", "ann/kettle-ai", True),
        ("Kettle AI 1.2", "ann/kettle-ai", True),
        ("kettle-ai-slim[lid]==1.2", "ann/kettle-ai", True),
        ("version = 1.2", "ann/kettle-ai", True),
        ('"kettle>=2.10.3",', "ann/kettle-ai", False),
        ('"kettle[lid]==2.11.3",', "ann/kettle-ai", False),
        ("kettle            2.11.4", "ann/kettle-ai", False),
        ("Python 3.12.3", "ann/kettle-ai", False),
        ("* python 3.13.2", "ann/kettle-ai", False),
        ("Python 3.12.3", "ann/python", True),
        ("spoon-agents==1.0.2", "spoon/agents", True),
        ("Node-KETTLE 3.1", "node-kettle/node-kettle", True),
        ("Windows Kettle 1.19", "acme/kettle", True),
        ("tag = v1.2.3", "acme/kettle", True),
        ("spoon==1.2.3", "spoon/spoon-python", True),
        ("Docker  27.1", "acme/kettle", False),
    ],
)
def test_the_version_of_another_package_is_not_the_projects(
    text: str, project: str, is_one: bool
) -> None:
    assert is_version(text, project) is is_one


def test_an_answer_is_headed_as_its_note(tmp_path: Path) -> None:
    """However many mentions an entry has: a number that most forms share is no number of all."""
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
    assert "# It holds N cups here\n" in render_note(connection, entry)
    assert outline_to_answer(connection, entry, []).title == "It holds N cups here"
    connection.close()


def test_a_report_of_success_is_no_fix_of_its_own(tmp_path: Path) -> None:
    posts = [
        comment(10, "Set the option `wait` to 3.", association="MEMBER"),
        comment(11, "I set the option wait to 3 and it works now.", login="eve"),
    ]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=[("confirms", 11, posts[1]["body"])]),
        Said("fix", 11, posts[1]["body"], stance="supported", role="user"),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "> I set the option" not in text
    assert "Worked for one person: [“I set the option" in text


def test_code_is_shown_as_a_block_once(tmp_path: Path) -> None:
    body = "Put this into it:\n\n```toml\n[net]\nretry = 3\nproxy = true\n```\nand start again."
    text = one(
        tmp_path,
        Filled(
            thread(1, "boom here", "", comments=[comment(10, body)]),
            "E1",
            "boom here",
            claims=[Said("fix", 10, "retry = 3", evidence=[("code", 10, "[net]\nretry = 3")])],
        ),
    )
    assert "1.  ```toml\n    [net]\n    retry = 3\n    proxy = true\n    ```\n" in text
    assert text.count("retry = 3") == 1


def test_a_fix_stands_beneath_the_cause_of_its_post(tmp_path: Path) -> None:
    one_post = "The lock file is stale. Delete the lock file in the cache, please."
    fixes = [
        "Set the option `wait` to false.",
        "Set the option `lock` to none.",
        "Set the option `retry` to 9.",
    ]
    posts = [comment(10, one_post, association="MEMBER")]
    posts += [comment(20 + n, text, login=f"u{n}") for n, text in enumerate(fixes)]
    claims = [
        Said("cause", 10, "The lock file is stale."),
        Said("fix", 10, "Delete the lock file in the cache, please.", stance="unverified"),
        *(Said("fix", 20 + n, text, stance="supported") for n, text in enumerate(fixes)),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert [text.index(fix) for fix in fixes] == sorted(text.index(fix) for fix in fixes)
    beneath = text.split("What to do about it:\n\n")[1]
    assert beneath.startswith(
        "-   **Careful:** this deletes something; make sure that you can do without it."
        "\n\n    > Delete the lock"
    )


def test_a_fix_of_one_product_comes_after_those_for_all(tmp_path: Path) -> None:
    own, general = "Fixed in #12, out in 1.4.0.", "Create a new key in the account."
    filled = [
        Filled(
            thread(1, "boom here", "", [comment(10, own)], repo="acme/tool"),
            "E1",
            "boom here",
            claims=[Said("fix", 10, own)],
        ),
        Filled(
            thread(2, "boom here", "", [comment(20, general)], repo="beta/app"),
            "E1",
            "boom here",
            claims=[Said("fix", 20, general, stance="supported", role="user")],
        ),
    ]
    text = one(tmp_path, *filled)
    assert text.index(general) < text.index("Fixed in #12")
    assert "Applies to tool only." in text
    worked = Said("fix", 10, own, evidence=[("confirms", 11, "1.4.0 helped.")])
    filled[0] = replace(
        filled[0],
        thread=thread(
            1,
            "boom here",
            "",
            [comment(10, own), comment(11, "1.4.0 helped.", login="eve")],
            repo="acme/tool",
        ),
        claims=[worked],
    )
    (tmp_path / "one.db").unlink()
    text = one(tmp_path, *filled)
    assert text.index("Fixed in #12") < text.index(general)


@pytest.mark.parametrize(
    "words",
    [
        "Thanks a lot, that is great support!",
        "the same here with version 1.2",
        "Did you try it with the new key?",
        "Successfully uninstalled the-package-1.2",
        'File "/usr/lib/x.py", line 12, in main',
        "ok",
        "We'd love a PR that adds this option",
        "I guess it is safe to close this issue, the update has fixed it for others",
        "We should probably add a flag for this",
        "I would try the other things in the link I posted above",
        "You forgot to set the host, do as quietlark says.",
        "I am moving this to the new client, so it should be fixed in some days.",
    ],
)
def test_what_cannot_stand_alone_is_not_shown(tmp_path: Path, words: str) -> None:
    text = one(
        tmp_path,
        Filled(
            thread(1, "boom here", "", comments=[comment(10, words)]),
            "E1",
            "boom here",
            claims=[Said("fix", 10, words, stance="unverified", role="user")],
        ),
    )
    assert words not in text
    assert "Unresolved" in text


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

    for name, target in TARGETS.items():
        made = documents(connection, "note", Options(target=target))
        assert made == documents(connection, "note", Options(target=target)), name
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
    jekyll = documents(connection, "note", Options(target=TARGETS["jekyll"]))["E1.md"]
    assert "<details>" not in jekyll
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


def test_statements_can_be_left_out(connection: sqlite3.Connection) -> None:
    def shown(**asked: object) -> str:
        options = replace(Options(), **asked)  # type: ignore[arg-type]
        return "".join(documents(connection, "note", options).values())

    everything = shown()
    assert "Delete the folder" in everything
    assert "Delete the folder" not in shown(stance="supported")
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
        made = documents(connection, kind, Options(site="https://example.com"))
        everything = "\n".join(map(readable, made.values()))
        # shorter ones (user names) may be words of other sentences
        leaked = [s.kind for s in planted() if len(s.secret) >= 8 and s.secret in everything]
        assert leaked == [], kind
    connection.close()


def test_a_stopgap_comes_after_the_release_that_mends_it(tmp_path: Path) -> None:
    stopgap = "Until a release is out you can set `lid` to false."
    release = "Released in kettle 1.4.2, please update it."
    posts = [
        comment(10, stopgap, association="MEMBER"),
        comment(11, release, association="MEMBER", day=3),
    ]
    claims = [Said("fix", 10, stopgap), Said("fix", 11, release, confidence=0.7)]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert f"1.  > {release}" in text
    assert f"2.  > {stopgap}" in text


def test_what_many_readers_approve_is_tried_first(tmp_path: Path) -> None:
    advice, other = "Open the settings and enable the lid.", "Set `lid` to false."
    posts = [comment(10, other), comment(11, advice, reactions={"+1": 9})]
    claims = [Said("fix", 10, other, stance="unverified"), Said("fix", 11, advice, "unverified")]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert f"1.  > {advice}" in text


def test_an_answer_has_the_code_of_its_note_and_the_warning_sees_it(tmp_path: Path) -> None:
    advice = "Clear what the kettle has stored on your disk"
    body = f"{advice}\n\nI found this after long hours.\n\n```\nrm -rf ~/.kettle\n```"
    claim = Said("fix", 10, advice, evidence=[("code", 10, "rm -rf ~/.kettle")])
    posts = [comment(10, body)]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=[claim])
    )
    with KnowledgeBase(tmp_path / "one.db") as kb:
        (told,) = kb.show("E1").claims
    assert told.code == "rm -rf ~/.kettle"
    assert f"```text\n    {told.code}\n" in text
    assert told.warning
    assert f"**Careful:** {told.warning}" in text


def test_the_same_words_as_cause_and_fix_stand_once_with_what_was_said(tmp_path: Path) -> None:
    advice = "It seems that the kettle lost its key. You can set `KETTLE_KEY` and start it again."
    posts = [comment(10, advice), comment(11, "Thanks, it works", login="eve", day=3)]
    claims = [
        Said("cause", 10, advice.split(". ")[0] + ".", stance="suspected"),
        Said("fix", 10, advice, stance="supported", evidence=[("confirms", 11, "it works")]),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert f"1.  > {advice}" in text
    assert text.count("lost its key") == 1
    assert "Worked for one person" in text


@pytest.mark.parametrize("stance", ["supported", "suspected"])
def test_a_fix_within_a_cause_stays_itself_and_warns(tmp_path: Path, stance: str) -> None:
    advice = "Delete the folder `~/.kettle` and start over."
    post = f"It is a broken cache that the kettle reads at every start. {advice}"
    posts = [comment(10, post, association="MEMBER"), comment(11, "it works", login="eve")]
    confirms = [("confirms", 11, "it works")]
    claims = [
        Said("cause", 10, post, stance=stance, evidence=confirms if stance == "supported" else []),
        Said("fix", 10, advice, confidence=0.8, evidence=confirms),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert f"make sure that you can do without it.\n\n    > {post}" in text
    assert "Worked for one person" in text
    with KnowledgeBase(tmp_path / "one.db") as kb:
        page = kb.show("E1")
        shown = [(c.part, c.kind, c.stance, c.confidence, c.quote, c.text) for c in page.claims]
        assert shown == [
            ("fix", "fix", "confirmed", 0.8, advice, post),
            ("beside", "cause", stance, 0.9, post, post),
        ]
        assert page.claims[0].warning
        assert page.only("fix").claims == page.claims[:1] == (page.best("fix"),)
        whole, causes = (plain(page_view(page, kind=kind)) for kind in (None, "cause"))
        assert "Why it happens: said above, under “What to try”" in whole
        assert "Why it happens: said within another statement" in causes


def test_a_cause_that_says_what_to_do_warns(tmp_path: Path) -> None:
    cause = "The kettle reads a broken cache. Delete the folder `~/.kettle` and start over."
    posts = [comment(10, cause)]
    claims = [Said("cause", 10, cause, stance="suspected")]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "## Why it happens\n\n**Careful:** this deletes something" in text


def test_a_claim_shown_for_one_said_alike_has_its_own_stance(tmp_path: Path) -> None:
    posts = [comment(10, "As said above: this."), comment(11, "Set `KETTLE_KEY` in the file.")]
    claims = [
        Said("fix", 10, posts[0]["body"], says="C0"),
        Said("fix", 11, posts[1]["body"], stance="unverified", confidence=0.6, says="C0"),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "1.  > Set `KETTLE_KEY`" in text
    assert "A fix is confirmed." in text
    with KnowledgeBase(tmp_path / "one.db") as kb:
        shown = [(c.part, c.stance, c.confidence, c.quote) for c in kb.show("E1").claims]
    assert shown == [
        ("fix", "unverified", 0.6, posts[1]["body"]),
        ("beside", "confirmed", 0.9, posts[0]["body"]),
    ]


WHOLE = "Set `KETTLE_KEY` in the file. Then reinstall the kettle with `pip install -U kettle`."
PART = WHOLE.partition(". ")[2]
HELPED, FAILED = ("confirms", 11, "it works"), ("contradicts", 12, "Did not help me")


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        (
            [
                Said("fix", 10, WHOLE, "stated", evidence=[FAILED]),
                Said("fix", 10, PART, evidence=[HELPED]),
            ],
            "Did not help one person",
        ),
        (
            [
                Said("fix", 10, WHOLE, evidence=[HELPED]),
                Said("fix", 10, PART, "refuted", evidence=[FAILED]),
            ],
            "Did not help one person",
        ),
        (
            [Said("fix", 10, WHOLE, "unverified"), Said("cause", 10, PART, evidence=[HELPED])],
            "Worked for one person",
        ),
        (
            [
                Said("fix", 10, f"The kettle has an old key. {WHOLE}", "unverified"),
                Said("cause", 10, "The kettle has an old key.", evidence=[HELPED]),
            ],
            "The cause in it is confirmed: [",
        ),
    ],
)
def test_claims_of_the_same_words_lose_no_outcome(
    tmp_path: Path, claims: list[Said], told: str
) -> None:
    posts = [
        comment(10, f"The kettle has an old key. {WHOLE}", association="MEMBER"),
        comment(11, "Thanks, it works", login="eve"),
        comment(12, "Did not help me, the same error", login="bob"),
    ]
    made = thread(1, "boom here", "", posts)
    text = one(tmp_path, Filled(made, "E1", "boom here", claims=claims))
    assert told in text
    assert text.count(PART) == 1


def test_what_an_export_leaves_out_is_not_shown_for_what_it_keeps(tmp_path: Path) -> None:
    posts = [comment(10, "As said above: this."), comment(11, "Set `KETTLE_KEY` in the file.")]
    claims = [
        Said("fix", 10, posts[0]["body"], says="C0"),
        Said("fix", 11, posts[1]["body"], stance="unverified", says="C0"),
    ]
    made = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    connection = connect_readonly(fill(tmp_path / "kb.db", [made]))
    everything = documents(connection, "note")
    sure = documents(connection, "note", Options(stance="supported"))
    assert ["KETTLE_KEY" in text for (text,) in (everything.values(), sure.values())] == [
        True,
        False,
    ]
    connection.close()


def test_an_answer_begins_with_the_release_of_the_first_sentence(tmp_path: Path) -> None:
    posts = [
        comment(10, "Fixed in v0.3.6", association="MEMBER"),
        comment(11, "Until then set `wait` to 3."),
    ]
    claims = [
        Said("fix", 10, "Fixed in v0.3.6", stance="stated"),
        Said("workaround", 11, posts[1]["body"], stance="unverified", role="user"),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "**Fixed in acme/tool [0.3.6]" in text
    assert "> Fixed in" not in text
    with KnowledgeBase(tmp_path / "one.db") as kb:
        assert [c.text for c in kb.show("E1").claims] == [p["body"] for p in posts]


def test_a_release_that_somebody_tried_keeps_its_outcome(tmp_path: Path) -> None:
    posts = [
        comment(10, "Fixed in 3.1.4, out now.", association="MEMBER"),
        comment(11, "it works", login="eve"),
        *(comment(12 + n, f"Set `wait_{n}` to {n} in the file.") for n in range(3)),
    ]
    claims = [
        Said("fix", 10, posts[0]["body"], stance="stated", evidence=[("confirms", 11, "it works")]),
        *(Said("fix", 12 + n, posts[2 + n]["body"]) for n in range(3)),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "> Fixed in 3.1.4" in text
    assert "Worked for one person" in text


def test_a_merged_change_has_its_date_once(tmp_path: Path) -> None:
    said, title = (
        "Fixed in #50: update to the nightly build of the kettle.",
        "Ask for the key again",
    )
    posts = [comment(10, said, day=3), comment(11, title, login="eve", day=6)]
    claims = [Said("fix", 10, said, evidence=[("merged", 11, title)])]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert f"2026-02-03. Merged 2026-02-06: [“{title}”]" in text
    assert text.split("---\n")[2].count("2026-02-06") == 1


@pytest.mark.parametrize(
    ("change", "is_step"),
    [
        ("I've implemented the fix on #12.", False),
        ("this was fixed in latest release", False),
        ("The fix is available in the main branch.", False),
        ("Should be fixed with the newest version!", False),
        ("The lid was fixed on main, so pull and build it again.", True),
        ("The fix is merged; install the nightly of the kettle.", True),
        ("Should be fixed with the latest 0.4.0 version!", True),
    ],
)
def test_what_only_tells_of_a_change_is_nothing_to_try(
    tmp_path: Path, change: str, is_step: bool
) -> None:
    advice = "Set `lid` to false."
    posts = [comment(10, change), comment(11, advice, day=3)]
    claims = [Said("fix", 10, change, stance="supported"), Said("fix", 11, advice)]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    steps = text.split("## Changes in the projects")[0]
    assert (f".  > {advice}" in steps, f".  > {change}" in steps) == (True, is_step)
    assert (f"## Changes in the projects\n\n-   > {change}" in text) == (not is_step)


def test_a_release_that_a_user_names_is_said_and_not_certain(tmp_path: Path) -> None:
    posts = [comment(10, "This should be fixed in the new tool 1.4.2.")]
    claims = [Said("fix", 10, posts[0]["body"], role="user")]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "Said to be fixed in acme/tool [1.4.2]" in text
    assert 'solution: "released"' not in text


def test_a_fix_that_its_source_cut_off_says_so(tmp_path: Path) -> None:
    said = "You have to set `kettle.lid` to false, since then the water is"
    body = "x" * (299 - len(said) - 1) + ".\n" + said
    body += " " * (-len(body) % 50)
    assert len(body) % 50 == 0
    posts = [comment(10, body.rstrip() + "w" * (len(body) - len(body.rstrip())))]
    claims = [Said("fix", 10, said)]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert f"> {said}" in text
    assert " …\n" in text


@pytest.mark.parametrize("within", [True, False])
def test_a_report_is_quoted_on_the_page_only_where_its_words_are(
    tmp_path: Path, within: bool
) -> None:
    cause, report = "The server forgets old keys after `30` days.", "The new key did it."
    second = f"{cause} {report}" if within else f"{report}\n\n{cause}"
    posts = [
        comment(10, "Create a new key on the site.", association="MEMBER"),
        comment(11, second, login="eve", day=3),
    ]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=[("confirms", 11, report)]),
        Said("cause", 11, second if within else cause, stance="unverified"),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    words = "quoted on this page" if within else f"“{report}”"
    assert f"Worked for one person: [{words}](" in text


@pytest.mark.parametrize(
    ("report", "part"),
    [
        ("Added the key to the file, works now.", "beside"),
        ("Added the key to the file that the kettle reads when it starts, works now.", "fix"),
    ],
)
def test_a_report_that_is_linked_beside_its_fix_is_nothing_to_try(
    tmp_path: Path, report: str, part: str
) -> None:
    posts = [
        comment(10, "Set `KETTLE_KEY` in the file.", association="MEMBER"),
        comment(11, report, login="eve", day=3),
    ]
    confirms = [("confirms", 11, posts[1]["body"])]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=confirms),
        Said("fix", 11, posts[1]["body"], stance="supported", role="user"),
    ]
    one(tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims))
    with KnowledgeBase(tmp_path / "one.db") as kb:
        assert [c.part for c in kb.show("E1").claims] == ["fix", part]


@pytest.mark.parametrize(
    ("report", "stands"),
    [
        ("The new lid fixed it for me too.", False),
        ("That worked for me, great.", False),
        ("The second update fixed it for me.", True),
        ("It works after a restart of the kettle.", True),
        ("This is fixed on main, please pull and rebuild.", True),
    ],
)
def test_agreement_without_what_it_agrees_with_is_no_advice(
    tmp_path: Path, report: str, stands: bool
) -> None:
    claims = [Said("fix", 10, report, "supported", role="user")]
    text = one(
        tmp_path,
        Filled(thread(1, "boom here", "", [comment(10, report)]), "E1", "boom here", claims=claims),
    )
    assert (f"> {report}" in text) == stands
    assert "Unresolved" not in text
    assert stands or "in words that cannot be quoted" in text


@pytest.mark.parametrize("words", ["It worked with an older lid.", "Could you try a new lid?"])
def test_a_confirmed_fix_is_never_denied(tmp_path: Path, words: str) -> None:
    made = thread(1, "boom here", "", [comment(10, words)])
    said = Said("fix", 10, words, "confirmed", role="user")
    text = one(tmp_path, Filled(made, "E1", "boom here", claims=[said]))
    assert f"> {words}" not in text
    assert "A fix is confirmed.** A user names it in [" in text


def test_a_form_of_repeated_words_is_aligned_with_little_work() -> None:
    assert_linear(
        lambda form: plain_title("lid … lid … lid … lid lid lid end", [form]), "lid ", 150
    )


def test_an_outcome_beside_a_fix_is_no_failed_attempt_of_its_own(tmp_path: Path) -> None:
    posts = [
        comment(10, "Set `wait` to 3.", association="MEMBER"),
        comment(11, "I set it to 3 and it is just the same", login="eve"),
    ]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=[("contradicts", 11, posts[1]["body"])]),
        Said("fix", 11, posts[1]["body"], stance="refuted", role="user"),
    ]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    )
    assert "Did not help one person: [“I set it to 3" in text
    assert "## What did not help" not in text


def test_a_cause_that_repeats_the_error_is_not_shown(tmp_path: Path) -> None:
    words = "The error clearly says that the kettle is not installed."
    filled = Filled(
        thread(1, "kettle is not installed", "", comments=[comment(10, words)]),
        "E1",
        "kettle is not installed",
        claims=[Said("cause", 10, words)],
    )
    assert words not in one(tmp_path, filled)


@pytest.mark.parametrize(
    ("words", "other", "product"),
    [
        ("Should be fixed with the latest release", "app", "tool"),
        ("Upgrade to kettle 2.2.0, it retries the handshake.", "kettle", "kettle"),
    ],
)
def test_a_release_applies_to_its_product_only(
    tmp_path: Path, words: str, other: str, product: str
) -> None:
    filled = [
        Filled(
            thread(n, "boom here", "", [comment(n * 10, words)] if n == 1 else [], repo=repo),
            "E1",
            "boom here",
            claims=[Said("fix", 10, words)] if n == 1 else [],
        )
        for n, repo in ((1, "acme/tool"), (2, f"beta/{other}"))
    ]
    assert f"Applies to {product} only." in one(tmp_path, *filled)


def test_what_people_of_two_projects_say_is_no_products_alone(tmp_path: Path) -> None:
    words = "Set `boil_timeout = 30` in kettle.toml, out since 1.4.0."
    filled = [
        Filled(
            thread(n, "boom here", "", [comment(n * 10, words)], repo=repo),
            "E1",
            "boom here",
            claims=[Said("fix", n * 10, words, says="same")],
        )
        for n, repo in ((1, "acme/kettle"), (2, "beta/app"))
    ]
    text = one(tmp_path, *filled)
    assert "Also said in" in text
    assert "Applies to" not in text


def test_the_same_report_is_linked_once(tmp_path: Path) -> None:
    posts = [comment(10, "Set `wait` to 3.", association="MEMBER")]
    posts += [comment(n, "Thanks, solved", login="eve", day=n - 8) for n in (11, 12)]
    claim = Said("fix", 10, "Set `wait` to 3.")
    claim.evidence = [("confirms", n, "Thanks, solved") for n in (11, 12)]
    text = one(
        tmp_path, Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=[claim])
    )
    assert text.count("“Thanks, solved”") == 1
    assert "Worked for one person: [“Thanks, solved”]" in text


def test_two_claims_of_the_same_words_one_of_which_has_code(tmp_path: Path) -> None:
    body = "Set the address.\n\n```toml\nbase = 1\n```\n"
    claims = [
        Said("fix", 10, "Set the address", evidence=[("code", 10, "base = 1")]),
        Said("fix", 10, "the address.", stance="unverified"),
    ]
    for order in (claims, claims[::-1]):
        folder = tmp_path / order[0].quote
        folder.mkdir()
        made = Filled(
            thread(1, "boom here", "", [comment(10, body)]), "E1", "boom here", claims=order
        )
        assert "base = 1" in one(folder, made)
        connection = connect_readonly(folder / "one.db")
        export_to(connection, "note", folder / "out", Options(markers=False))
        assert verify_export(connection, folder / "out") == []
        connection.close()


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("Set the option `wait` to three and start the server again, as the manual says. ", True),
        ("I use it. ", False),
    ],
)
def test_a_sentence_that_its_source_cut_is_left_out(
    tmp_path: Path, before: str, shown: bool
) -> None:
    rest = ".\n\n" + before + "However a clean one with the patch"
    body = "x" * (250 - len(rest) % 50) + rest
    quote = body[body.index(before) :]
    filled = Filled(
        thread(1, "boom here", "", [comment(10, body)]),
        "E1",
        "boom here",
        claims=[Said("fix", 10, quote)],
    )
    text = one(tmp_path, filled)
    assert (before.strip() in text) is shown
    assert "However" not in text


@pytest.mark.parametrize(
    ("width", "shown"),
    [(60, "Run `brew --hot` first"), (14, "Run brew…"), (19, "Run `brew --hot`…")],
)
def test_the_text_of_a_link_keeps_the_marks_of_whole_code(width: int, shown: str) -> None:
    assert label("Run `brew --hot` first", width) == shown
