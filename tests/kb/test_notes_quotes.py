"""What a note quotes: whole thoughts and code, nothing that cannot stand alone, no words twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.notes.export import export_to
from kb.notes.options import Options
from kb.notes.points import label
from kb.query.terminal import plain
from kb.query.terminal_views import page_view
from kb.store import connect_readonly
from kb.verify import verify_export
from tests.support.notes import note_of, one
from tests.support.published import Filled, Said
from tests.support.threads import comment, thread


def test_the_whole_sentence_is_shown(tmp_path: Path) -> None:
    body = "It is an old bug. Set [`lid`](https://example.org/r) to 2, please update to that one."
    text = note_of(tmp_path, [comment(10, body)], [Said("fix", 10, "Set [`lid`")])
    assert "> Set `lid` to 2, please update to that one.\n" in text
    assert "old bug" not in text


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
            "> Set the variable as follows:\n\n```sh\nexport WAIT=3\n```\n",
        ),
        (
            "Add these lines and try\n\nimport wait\nwait.apply()",
            "Add these lines and try\n\nimport wait",
            ">\n> import wait  \n> wait.apply()\n",
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


def test_code_is_shown_as_a_block_once(tmp_path: Path) -> None:
    body = "Put this into it:\n\n```toml\n[net]\nretry = 3\nproxy = true\n```\nand start again."
    text = note_of(
        tmp_path,
        [comment(10, body)],
        [Said("fix", 10, "retry = 3", evidence=[("code", 10, "[net]\nretry = 3")])],
    )
    assert "\n\n```toml\n[net]\nretry = 3\nproxy = true\n```\n" in text
    assert text.split("\n---\n", 1)[1].count("retry = 3") == 1


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
        "I am moving the pot to another client, and it should be fixed by Sunday.",
    ],
)
def test_what_cannot_stand_alone_is_not_shown(tmp_path: Path, words: str) -> None:
    text = note_of(
        tmp_path, [comment(10, words)], [Said("fix", 10, words, stance="unverified", role="user")]
    )
    assert words not in text
    assert "Unresolved" in text


def test_an_answer_has_the_code_of_its_note_and_the_warning_sees_it(tmp_path: Path) -> None:
    advice = "Clear what the kettle has stored on your disk"
    body = f"{advice}.\n\n```\nrm -rf ~/.kettle\n```"
    claim = Said("fix", 10, body)
    posts = [comment(10, body)]
    text = note_of(tmp_path, posts, [claim])
    with KnowledgeBase(tmp_path / "one.db") as kb:
        (told,) = kb.show("E1").claims
    assert told.code == "rm -rf ~/.kettle"
    assert f"```text\n{told.code}\n" in text
    assert told.warning
    assert f"**Careful:** {told.warning}" in text


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
    text = note_of(tmp_path, posts, claims)
    assert f"make sure that you can do without it.\n\n> {post}" in text
    assert "Worked for one person" in text
    with KnowledgeBase(tmp_path / "one.db") as kb:
        page = kb.show("E1")
        shown = [(c.part, c.kind, c.stance, c.confidence, c.quote, c.text) for c in page.claims]
        assert shown == [
            ("fix", "fix", "confirmed", 0.8, advice, post),
            ("beside", "cause", stance, 0.9, post, post),
        ]
        assert page.claims[0].warning
        assert page.only("fix").claims == page.claims[:1]
        whole, causes = (plain(page_view(page, kind=kind)) for kind in (None, "cause"))
        assert "Why it happens: said above, under “What to try”" in whole
        assert "Why it happens: said within another statement" in causes


def test_a_cause_that_says_what_to_do_warns(tmp_path: Path) -> None:
    cause = "The kettle reads a broken cache. Delete the folder `~/.kettle` and start over."
    posts = [comment(10, cause)]
    claims = [Said("cause", 10, cause, stance="suspected")]
    text = note_of(tmp_path, posts, claims)
    assert "## Why it happens\n\n**Careful:** this deletes something" in text


@pytest.mark.parametrize("mark", [",", ""])
def test_a_fix_that_its_source_cut_off_ends_with_a_clause(tmp_path: Path, mark: str) -> None:
    fix = "You have to set `kettle.lid` to false in the file"
    said = f"{fix}{mark} since then the water is"
    body = "x" * (299 - len(said) - 1) + ".\n" + said
    body += " " * (-len(body) % 100)
    assert len(body) % 100 == 0
    posts = [comment(10, body.rstrip() + "w" * (len(body) - len(body.rstrip())))]
    claims = [Said("fix", 10, said)]
    text = note_of(tmp_path, posts, claims)
    assert (f"> {fix}\n" in text) is bool(mark)
    assert " …\n" not in text


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
    text = note_of(tmp_path, posts, claims)
    words = "quoted on this page" if within else f"“{report[:-1]}”"
    assert f"Worked for one person: [{words}](" in text


def test_a_cause_that_repeats_the_error_is_not_shown(tmp_path: Path) -> None:
    words = "The error clearly says that the kettle is not installed."
    filled = Filled(
        thread(1, "kettle is not installed", "", comments=[comment(10, words)]),
        "E1",
        "kettle is not installed",
        claims=[Said("cause", 10, words)],
    )
    assert words not in one(tmp_path, filled)


def test_two_claims_of_the_same_words_one_of_which_has_code(tmp_path: Path) -> None:
    body = "Set the address.\n\n```toml\nbase = 1\n```\n"
    claims = [
        Said("fix", 10, body.strip()),
        Said("fix", 10, "the address.", stance="unverified"),
    ]
    for order in (claims, claims[::-1]):
        folder = tmp_path / order[0].stance
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
    body = "x" * (300 - len(rest) % 100) + rest
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
