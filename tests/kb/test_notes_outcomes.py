"""What a note says of how a cause or fix went: reports, releases, products, what is tried first."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.claims import NOT_ALONE
from kb.evidence import entries_to_show, is_version
from kb.notes.export import documents
from kb.notes.markdown import View
from kb.notes.options import Options
from kb.notes.outline import outlines
from kb.notes.releases import version_words
from kb.store import connect_readonly
from tests.support.notes import note_of, one
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread


def test_reports_name_the_version_that_they_are_about(tmp_path: Path) -> None:
    good = f"That did it for me at once, the lamp is green {'and bright ' * 12}now, on 4.2.1 here"
    bad = "4.3.0 here, did not help"
    text = note_of(tmp_path, [
                    comment(10, "Switch the relay off first."),
                    comment(11, good, login="ann"),
                    comment(12, bad, login="zed"),
                ], [
                Said(
                    "fix",
                    10,
                    "Switch the relay off first.",
                    evidence=[("confirms", 11, good), ("contradicts", 12, bad)],
                )
            ])  # fmt: skip
    assert re.search(r"Worked for one person: \[“That did it[^]]*\]\([^)]*\) with 4\.2\.1\.", text)
    assert re.search(r"Did not help one person: \[“4\.3\.0 here, did not help”\]\([^)]*\)\.", text)


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
        ("python - 3.12", "ann/kettle-ai", False),
        ("Python : Python 3.11.6", "ann/kettle-ai", False),
        ("Python 3.12.3", "ann/python", True),
        ("spoon-agents==1.0.2", "spoon/agents", True),
        ("Node-KETTLE 3.1", "node-kettle/node-kettle", True),
        ("Windows Kettle 1.19", "acme/kettle", True),
        ("tag = v1.2.3", "acme/kettle", True),
        ("spoon==1.2.3", "spoon/spoon-python", True),
        ("Docker  27.1", "acme/kettle", False),
        ("(e.g. v1.0.0)", "acme/kettle", False),
    ],
)
def test_the_version_of_another_package_is_not_the_projects(
    text: str, project: str, is_one: bool
) -> None:
    assert is_version(text, project) is is_one


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Kettle AI Version: 0.0.36", "0.0.36"),
        ("kettle version = v1.2", "1.2"),
        ("kettle-ai 1.2", "kettle-ai 1.2"),
        ('"kettle>=2.1",', "kettle>=2.1"),
    ],
)
def test_a_version_is_told_without_its_label(text: str, plain: str) -> None:
    assert version_words(text) == plain


def test_a_report_of_success_is_no_fix_of_its_own(tmp_path: Path) -> None:
    posts = [
        comment(10, "Set the option `wait` to 3.", association="MEMBER"),
        comment(11, "I set the option wait to 3 and it works now.", login="eve"),
    ]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=[("confirms", 11, posts[1]["body"])]),
        Said("fix", 11, posts[1]["body"], stance="supported", role="user"),
    ]
    text = note_of(tmp_path, posts, claims)
    assert "> I set the option" not in text
    assert "Worked for one person: [“I set the option" in text


def test_a_report_with_code_that_names_nothing_more_is_no_fix_of_its_own(tmp_path: Path) -> None:
    posts = [
        comment(10, "Set `wait: 3` in `pot.yml`.", association="MEMBER"),
        comment(11, "`wait: 3` in `pot.yml` works:\n\n```\nwait: int\n```", login="eve"),
    ]
    evidence = [("confirms", 11, "`wait: 3` in `pot.yml` works:")]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=evidence),
        Said("fix", 11, posts[1]["body"], stance="supported", role="user"),
    ]
    text = note_of(tmp_path, posts, claims)
    assert "> `wait: 3` in `pot.yml` works" not in text
    assert "Worked for one person: [“`wait: 3` in" in text


def test_code_that_holds_a_fix_and_more_is_a_fix_of_its_own(tmp_path: Path) -> None:
    more = "lid --open\n\n# with\n\npot --hot --slow"
    posts = [comment(10, "```\nlid --open\n```"), comment(11, f"```\n{more}\n```", login="eve")]
    claims = [Said("fix", 10, "lid --open"), Said("fix", 11, more, "supported", "user")]
    assert "pot --hot --slow" in note_of(tmp_path, posts, claims)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("So you have to use the flag `--slow`.", "One suggestion, not confirmed yet."),
        ("Use the flag `--slow`.", "Two suggestions, none confirmed yet."),
    ],
)
def test_what_sums_up_a_suggestion_is_none_of_its_own(tmp_path: Path, more: str, told: str) -> None:
    said = ["Set the option `wait` to 3.", more]
    posts = [comment(10 + n, text) for n, text in enumerate(said)]
    claims = [Said("fix", 10 + n, text, "unverified", "user") for n, text in enumerate(said)]
    assert f"**{told}**" in note_of(tmp_path, posts, claims)


def test_who_was_helped_in_part_is_told_so(tmp_path: Path) -> None:
    report = "It works, but only for small pots."
    posts = [comment(10, "Set the option `wait` to 3."), comment(11, report, login="eve")]
    text = note_of(
        tmp_path,
        posts,
        [Said("fix", 10, "Set the option `wait` to 3.", evidence=[("confirms", 11, report)])],
    )
    assert "Helped one person in part: [“It works, but only for small pots”]" in text
    assert "**A fix is reported to help in part.**" in text


@pytest.mark.parametrize(
    "words",
    [
        "The lid seems to require a width divisible by 16, 360 is not.",
        "It is made for pots of steel. I think changing the pot will help it.",
    ],
)
def test_a_confirmed_cause_that_says_what_to_do_is_what_to_try(tmp_path: Path, words: str) -> None:
    evidence = [("confirms", 11, "Yes, that was it.")]
    posts = [comment(10, words), comment(11, "Yes, that was it.", login="eve")]
    text = note_of(tmp_path, posts, [Said("cause", 10, words, evidence=evidence)])
    assert "**The cause is confirmed.**" in text
    assert "## What to try" in text
    assert "One person agrees" in text


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
    text = note_of(tmp_path, posts, claims)
    assert [text.index(fix) for fix in fixes] == sorted(text.index(fix) for fix in fixes)
    beneath = text.split("What to do about it:\n\n")[1]
    assert beneath.startswith(
        "**Careful:** this deletes something; make sure that you can do without it."
        "\n\n> Delete the lock"
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
    assert text.index(general) < text.rindex("Fixed in #12")
    assert "In tool:\n\n    > Fixed in #12" in text
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
    assert text.index("Fixed in #12") < text.rindex(general)
    heard = [("confirms", 21, "A new key helped.")]
    filled[1] = replace(
        filled[1],
        thread=thread(
            2,
            "boom here",
            "",
            [comment(20, general), comment(21, heard[0][2], "ann")],
            repo="beta/app",
        ),
        claims=[replace(filled[1].claims[0], evidence=heard)],
    )
    (tmp_path / "one.db").unlink()
    text = one(tmp_path, *filled)
    assert text.index(general) < text.rindex("Fixed in #12")


def test_a_stopgap_comes_after_the_release_that_mends_it(tmp_path: Path) -> None:
    stopgap = "Until a release is out you can set `lid` to false."
    release = "Released in kettle 1.4.2, please update it."
    posts = [
        comment(10, stopgap, association="MEMBER"),
        comment(11, release, association="MEMBER", day=3),
    ]
    claims = [Said("fix", 10, stopgap), Said("fix", 11, release, confidence=0.7)]
    text = note_of(tmp_path, posts, claims)
    assert f"1.  > {release}" in text
    assert f"2.  > {stopgap}" in text


def test_what_many_readers_approve_is_tried_first(tmp_path: Path) -> None:
    advice, other = "Open the settings and enable the lid.", "Set `lid` to false."
    posts = [comment(10, other), comment(11, advice, reactions={"+1": 9})]
    claims = [Said("fix", 10, other, stance="unverified"), Said("fix", 11, advice, "unverified")]
    text = note_of(tmp_path, posts, claims)
    assert f"1.  > {advice}" in text


@pytest.mark.parametrize(
    ("alone", "told"),
    [
        (False, "Readers approve a fix; nobody else has reported yet that it worked."),
        (True, "A fix is said to work; nobody else has confirmed it yet."),
    ],
)
def test_what_only_readers_approve_is_told_from_what_its_author_says_worked(
    tmp_path: Path, alone: bool, told: str
) -> None:
    advice, own = "Set the option `wait` to 3.", "I deleted the folder `~/.pot` and it pours."
    posts = [comment(10, advice, reactions={"+1": 9}), comment(11, own)]
    claims = [Said("fix", 10, advice, "supported", "maintainer")]
    claims += [Said("fix", 11, own, "supported", "reporter")] if alone else []
    assert f"**{told}**" in note_of(tmp_path, posts, claims)


def test_the_same_words_as_cause_and_fix_stand_once_with_what_was_said(tmp_path: Path) -> None:
    advice = "It seems that the kettle lost its key. You can set `KETTLE_KEY` and start it again."
    posts = [comment(10, advice), comment(11, "Thanks, it works", login="eve", day=3)]
    claims = [
        Said("cause", 10, advice.split(". ")[0] + ".", stance="suspected"),
        Said("fix", 10, advice, stance="supported", evidence=[("confirms", 11, "it works")]),
    ]
    text = note_of(tmp_path, posts, claims)
    assert f"## What to try\n\n> {advice}" in text
    assert text.split("\n---\n", 1)[1].count("lost its key") == 1
    assert "Worked for one person" in text


def test_a_claim_shown_for_one_said_alike_has_its_own_stance(tmp_path: Path) -> None:
    posts = [comment(10, "As said above: this."), comment(11, "Set `KETTLE_KEY` in the file.")]
    claims = [
        Said("fix", 10, posts[0]["body"], says="C0"),
        Said("fix", 11, posts[1]["body"], stance="unverified", confidence=0.6, says="C0"),
    ]
    text = note_of(tmp_path, posts, claims)
    assert "\n\n> Set `KETTLE_KEY`" in text
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
    text = note_of(tmp_path, posts, claims)
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
    text = note_of(tmp_path, posts, claims)
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
    text = note_of(tmp_path, posts, claims)
    assert "> Fixed in 3.1.4" in text
    assert "Worked for one person" in text


def test_a_merged_change_has_its_date_once(tmp_path: Path) -> None:
    said, title = (
        "Fixed in #50: update to the nightly build of the kettle.",
        "Ask for the key again",
    )
    posts = [comment(10, said, day=3), comment(11, title, login="eve", day=6)]
    claims = [Said("fix", 10, said, evidence=[("merged", 11, title)])]
    text = note_of(tmp_path, posts, claims)
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
        ("Should be fixed by version 0.4.0!", True),
    ],
)
def test_what_only_tells_of_a_change_is_nothing_to_try(
    tmp_path: Path, change: str, is_step: bool
) -> None:
    advice = "Set `lid` to false."
    posts = [comment(10, change), comment(11, advice, day=3)]
    claims = [Said("fix", 10, change, stance="supported"), Said("fix", 11, advice)]
    text = note_of(tmp_path, posts, claims)
    steps = text.split("## Changes in the projects")[0]
    assert (f"> {advice}" in steps, f"> {change}" in steps) == (True, is_step)
    assert (f"## Changes in the projects\n\n> {change}" in text) == (not is_step)


def test_a_release_that_a_user_names_is_said_and_not_certain(tmp_path: Path) -> None:
    posts = [comment(10, "This should be fixed in the new tool 1.4.2.")]
    claims = [Said("fix", 10, posts[0]["body"], role="user")]
    text = note_of(tmp_path, posts, claims)
    assert "**A fix is confirmed.** It is said to be in acme/tool [1.4.2]" in text
    assert 'solution: "released"' not in text
    posts.append(comment(11, "@mia - I took 1.4.2, and it pours.", login="eve"))
    heard = [("confirms", 11, posts[1]["body"])]
    (tmp_path / "one.db").unlink()
    text = note_of(tmp_path, posts, [replace(claims[0], evidence=heard)])
    assert "**Fixed in acme/tool [1.4.2]" in text
    assert "Worked for one person: [“I took 1.4.2, and it pours" in text


def test_a_version_to_use_meanwhile_is_not_the_one_that_mends_it(tmp_path: Path) -> None:
    posts = [comment(10, "You can upgrade the tool to 1.4.2, but I am making it the default.")]
    text = note_of(tmp_path, posts, [Said("fix", 10, posts[0]["body"], role="user")])
    assert "You can upgrade the tool to 1.4.2" in text
    assert "Said to be fixed" not in text


@pytest.mark.parametrize(
    ("report", "part"),
    [
        ("Added the key to the file, works now.", "beside"),
        (f"Added the key to the file that the kettle reads{' again' * 24}, works now.", "fix"),
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
    note_of(tmp_path, posts, claims)
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
    text = note_of(tmp_path, [comment(10, report)], claims)
    assert (f"> {report}" in text) == stands
    assert "Unresolved" not in text
    assert stands or "in words that cannot be quoted" in text


@pytest.mark.parametrize("words", ["It worked with an older lid.", "Could you try a new lid?"])
def test_a_confirmed_fix_is_never_denied(tmp_path: Path, words: str) -> None:
    said = Said("fix", 10, words, "confirmed", role="user")
    text = note_of(tmp_path, [comment(10, words)], [said])
    assert f"> {words}" not in text
    assert "A fix is confirmed.** A user names it in [" in text


def test_an_outcome_beside_a_fix_is_no_failed_attempt_of_its_own(tmp_path: Path) -> None:
    posts = [
        comment(10, "Set `wait` to 3.", association="MEMBER"),
        comment(11, "I set it to 3 and it is just the same", login="eve"),
    ]
    claims = [
        Said("fix", 10, posts[0]["body"], evidence=[("contradicts", 11, posts[1]["body"])]),
        Said("fix", 11, posts[1]["body"], stance="refuted", role="user"),
    ]
    text = note_of(tmp_path, posts, claims)
    assert "Did not help one person: [“I set it to 3" in text
    assert "## What did not help" not in text


@pytest.mark.parametrize(
    ("words", "other", "product"),
    [
        ("Should be fixed by the newest release", "app", "tool"),
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
    assert f"\nIn {product}:\n\n> {words}\n" in one(tmp_path, *filled)


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
    assert f"\n> {words}\n" in text
    assert "\nIn " not in text


def test_the_same_report_is_linked_once(tmp_path: Path) -> None:
    posts = [comment(10, "Set `wait` to 3.", association="MEMBER")]
    posts += [comment(n, "Thanks, solved", login="eve", day=n - 8) for n in (11, 12)]
    claim = Said("fix", 10, "Set `wait` to 3.")
    claim.evidence = [("confirms", n, "Thanks, solved") for n in (11, 12)]
    text = note_of(tmp_path, posts, [claim])
    assert text.count("“Thanks, solved”") == 1
    assert "Worked for one person: [“Thanks, solved”]" in text


def test_what_a_later_thread_refutes_is_no_step_and_says_so(tmp_path: Path) -> None:
    """A project's own change is told as one, with the thread in which the error came back."""
    did, update = "fixed by adding a lid", "Update to the newest version."
    late = thread(
        2,
        "boom here on Quill-7B",
        "",
        [comment(20, update, association="MEMBER", day=20)],
        created_at="2026-02-12T00:00:00Z",
    )
    first = thread(1, "boom here", "", [comment(10, did, association="MEMBER", day=3)])
    text = one(
        tmp_path,
        Filled(first, "E1", "boom here", claims=[Said("fix", 10, did, "stated")]),
        Filled(late, "E1", "boom here", claims=[Said("fix", 20, update, "stated")]),
    )
    tries, changes = text.split("## Changes in the projects")
    assert update in tries
    assert did not in tries
    assert "(seen with Quill-7B). The version is that of tool." in tries
    assert "Reported again in [acme/tool#2]" in changes
    assert "Reported again" not in tries


def test_a_release_at_the_top_is_told_once(tmp_path: Path) -> None:
    out, wait = "Released in the pot 1.4.2, please update.", "Set `wait` to 3."
    posts = [comment(10, out, association="MEMBER"), comment(11, wait, association="MEMBER")]
    text = note_of(tmp_path, posts[:1], [Said("fix", 10, out)])
    assert "**Fixed in acme/tool [1.4.2]" in text
    assert "What to try" not in text
    (tmp_path / "one.db").unlink()
    text = note_of(tmp_path, posts, [Said("fix", 10, out), Said("fix", 11, wait, "stated")])
    assert text.index(out) < text.index(wait)


@pytest.mark.parametrize("version", ["1.4.2", "1.4.20", "11.4.2"])
def test_what_a_project_says_of_another_release_is_linked(tmp_path: Path, version: str) -> None:
    out, more = "Released in the pot 1.4.2, please update.", f"It is in {version} instead."
    posts = [comment(10, out, association="MEMBER"), comment(11, more, association="MEMBER")]
    text = note_of(tmp_path, posts, [Said("fix", 10, out), Said("fix", 11, more, "stated")])
    assert ("issuecomment-11" in text) is (version != "1.4.2")


def test_what_only_one_person_says_of_a_release_is_one_sentence(tmp_path: Path) -> None:
    said, limit = "This should be fixed in 1.4.2", "This does not however fix all lids."
    posts = [comment(10, said, association="MEMBER"), comment(11, limit, association="MEMBER")]
    claims = [
        Said("fix", 10, said, "stated"),
        Said("cause", 11, limit, "stated", published=False),
    ]
    text = note_of(tmp_path, posts, claims)
    assert re.search(r"\*\*Said to be fixed in \S+ \[1\.4\.2\]\S+; nobody has confirmed", text)
    assert "suggests a fix" not in text


def test_a_release_and_another_suggestion_are_told_in_one_sentence(tmp_path: Path) -> None:
    out, more = "This should be fixed in 1.4.2", "Set the option `wait` to 3 in the pot."
    posts = [comment(10, out, association="MEMBER"), comment(11, more, association="MEMBER")]
    claims = [Said("fix", 10, out, "stated"), Said("workaround", 11, more, "stated")]
    text = note_of(tmp_path, posts, claims)
    told = r"\*\*Said to be fixed in \S+ \[1\.4\.2\]\S+; the project suggests a fix; nobody has"
    assert re.search(told, text)


def test_one_report_speaks_for_the_fix_and_not_for_its_cause_too(tmp_path: Path) -> None:
    cause, fix, good = "The lid is too old for the pot.", "Set `lid` to 2.", "That was it, thanks"
    posts = [comment(10, f"{cause} {fix}"), comment(11, good, login="eve", day=3)]
    heard = [("confirms", 11, good)]
    claims = [Said("cause", 10, cause, evidence=heard), Said("fix", 10, fix, evidence=heard)]
    text = note_of(tmp_path, posts, claims)
    assert "Worked for one person" in text
    assert "agrees" not in text


def test_what_one_post_says_in_two_steps_stands_in_its_order(tmp_path: Path) -> None:
    """With a sentence between them; how it went is told beneath the first."""
    one_, two = "This file is not there, you need to pick a lid.", "You can use `lid.py` instead."
    body = f"{one_} The lid of the docs is for show. {two}"
    posts = [comment(10, body), comment(11, "Got it, thanks", login="eve", day=3)]
    took = [("accepts", 11, "Got it, thanks")]
    claims = [
        Said("fix", 10, two, "supported", "user", evidence=took),
        Said("fix", 10, one_, "supported", "user", evidence=took),
    ]
    text = note_of(tmp_path, posts, claims)
    assert text.index(f"1.  > {one_}") < text.index(f"2.  > {two}")
    assert text.count("took this answer") == 1


@pytest.mark.parametrize(
    ("weaker", "stance", "role"),
    [
        ("You might also have to set `spout` to 3.", "suspected", "maintainer"),
        ("I think that you have to set `spout` to 3.", "suspected", "user"),
        ("Set `spout` to 3, which isn't really a solution.", "unverified", "maintainer"),
    ],
)
def test_what_goes_on_from_other_advice_and_a_guess_come_after_it(
    tmp_path: Path, weaker: str, stance: str, role: str
) -> None:
    better = "Set `lid` to 2."
    posts = [comment(10, weaker), comment(11, better, login="eve", day=3)]
    claims = [
        Said("fix", 10, weaker, stance, role, confidence=0.8),
        Said("fix", 11, better, "unverified", "user"),
    ]
    text = note_of(tmp_path, posts, claims)
    assert text.index(f"1.  > {better}") < text.index(f"2.  > {weaker}")


@pytest.mark.parametrize(
    ("later", "login", "first"),
    [
        ("Set `spout` to 3.", "bob", "later"),
        ("Set `spout` to 3.", "eve", "earlier"),
        ("Set `spout` to 3 for now.", "bob", "earlier"),
        ("You can also set `spout` to 3.", "bob", "earlier"),
    ],
)
def test_the_last_word_of_one_person_comes_first(
    tmp_path: Path, later: str, login: str, first: str
) -> None:
    earlier = "Set `lid` to 2."
    posts = [comment(10, earlier, login="bob"), comment(11, later, login=login, day=3)]
    claims = [
        Said("fix", 10, earlier, "stated", confidence=0.9),
        Said("fix", 11, later, "stated", confidence=0.85),
    ]
    text = note_of(tmp_path, posts, claims)
    places = sorted(
        (text.index(f"> {words}"), name) for name, words in (("earlier", earlier), ("later", later))
    )
    assert places[0][1] == first


def test_what_ends_a_thread_is_linked_beside_what_nobody_speaks_for(tmp_path: Path) -> None:
    guess, end = "The lid could be set to 2.", "Fixed by #7"
    posts = [comment(10, guess), comment(11, end, login="eve", day=3)]
    hidden = {"published": False, "withheld": NOT_ALONE}
    claims = [
        Said("fix", 10, guess, "suspected", "reporter"),
        Said("fix", 11, end, "unverified", "user", **hidden),
    ]
    assert "A user names another one in" in note_of(tmp_path, posts, claims)
    claims[1] = replace(claims[1], place=10, quote=guess)  # not the last word
    (tmp_path / "one.db").unlink()
    assert "names another one" not in note_of(tmp_path, posts, claims)


def test_a_change_that_is_only_offered_is_not_said_to_be_in(tmp_path: Path) -> None:
    posts = [comment(10, "I opened a PR that sets the lid.")]
    text = note_of(tmp_path, posts, [Said("fix", 10, posts[0]["body"], "unverified", "user")])
    assert "**A change is announced.**" in text
    assert "said to be fixed" not in text


def test_a_failure_from_before_in_the_same_thread_is_of_another_version(tmp_path: Path) -> None:
    """Even where both remedies are said alike."""
    first, later = "Update the pot to 1.4.", "Update the pot: the fix is on main, pull it."
    posts = [
        comment(10, first),
        comment(11, "The same with 1.4.", login="eve", day=3),
        comment(12, later, day=5),
    ]
    failed = [("contradicts", 11, "The same with 1.4.")]
    claims = [
        Said("fix", 10, first, "unverified", says="C0", evidence=failed, published=False),
        Said("fix", 12, later, "stated", says="C0"),
    ]
    assert "Did not help" not in note_of(tmp_path, posts, claims)


def test_a_report_is_quoted_without_whom_it_speaks_to(tmp_path: Path) -> None:
    fix, good = "Set `lid` to 2.", "@ana-kettle Yes, it works now"
    posts = [comment(10, fix), comment(11, good, login="eve", day=3)]
    text = note_of(tmp_path, posts, [Said("fix", 10, fix, evidence=[("confirms", 11, good)])])
    assert "Worked for one person: [“Yes, it works now”]" in text


def test_how_it_went_is_the_same_in_whatever_order_it_is_asked(tmp_path: Path) -> None:
    parts = "You need to pick a lid for it.", "You can use `lid.py` instead."
    body = f"{parts[0]} The lid of the docs is for show. {parts[1]}"
    posts = [comment(10, body), comment(11, "Got it, thanks", login="eve", day=3)]
    took = [("accepts", 11, "Got it, thanks")]
    claims = [Said("fix", 10, part, "supported", "user", evidence=took) for part in parts]
    made = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    with closing(connect_readonly(fill(tmp_path / "one.db", [made]))) as connection:
        (known,) = outlines(connection, entries_to_show(connection))
    points = known.points()
    told = [View.plain(known).about(point) for point in points]
    assert ["took this answer" in text for text in told] == [True, False]
    view = View.plain(known)
    assert [view.about(point) for point in reversed(points)] == told[::-1]
