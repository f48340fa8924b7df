"""Which release is said to hold a fix: the project's own, and not without who sees it again."""

from __future__ import annotations

import pytest

from kb.claims import Quote, Statement
from kb.evidence import Entry, EntryEvidence, RepoCount, ThreadRef
from kb.notes.descriptions import description_of
from kb.notes.markdown import View
from kb.notes.outline import Outline
from kb.notes.releases import names_only_a_version, releases_of
from kb.notes.targets import COMMONMARK

ENTRY = Entry(
    entry_id="E1", title="It fails", signature="it fails", fingerprint="v1:0", provider=None,
    tool=None, status=None, code=None, exception=None, threads=1, repos=1, reporters=1,
    first_seen="2026-01-01T00:00:00Z", last_seen="2026-01-01T00:00:00Z", grade="B",
)  # fmt: skip


def known(text: str, role: str = "user", again: str | None = None) -> EntryEvidence:
    """An entry with one fix, and perhaps a later report."""
    fix = Quote(
        claim_id="C1", place=None, kind="fix", text=text, role=role, author="mia",
        association="NONE", repo="otterwick/plume", number=7, comment_id=1, field="body",
        created_at="2026-02-01T00:00:00Z", url="https://github.com/otterwick/plume/issues/7#1",
        stance="stated",
    )  # fmt: skip
    later = fix._replace(
        place=0, kind="still_seen", text=again or "", created_at="2026-03-01T00:00:00Z",
        url="https://github.com/otterwick/plume/issues/7#2", stance="",
    )  # fmt: skip
    said = Statement(best=fix, alike=(fix,), evidence=(later,) if again else ())
    return EntryEvidence(ENTRY, statements=[said])


POT = "https://github.com/acme/pot/issues/7"


def reported(title: str, *, main: bool = True) -> EntryEvidence:
    """The same, in one thread of another project with this title."""
    evidence = known("Fixed in 3.2.1.")
    evidence.repos = [RepoCount("acme/pot", 1, 0, "2026-01-01", "2026-01-01")]
    evidence.threads = [
        ThreadRef("acme/pot", 7, "issue", title, "closed", "2026-01-01T00:00:00Z", POT, main=main)
    ]
    return evidence


@pytest.mark.parametrize(
    ("title", "main", "told"),
    [
        ("[Bug]: No lid with kettle 3.2", True, "as [“No lid with kettle 3.2”]"),
        ("[Bug]: No lid with kettle 3.2", False, "under [“No lid with kettle 3.2”]"),
        ("[Bug] It fails", True, None),
        ("Uncaught LidError in pot.py line 7", True, None),
        ("Why does it fail when brewing?", True, None),
    ],
)  # fmt: skip
def test_a_thread_is_named_that_tells_more_than_its_error(
    title: str, main: bool, told: str | None
) -> None:
    evidence = reported(title, main=main)
    (one,) = evidence.threads
    lead = View(Outline(evidence), COMMONMARK).lead()
    named = f" {told}({POT})" if told else ""
    assert f"Reported in acme/pot on 2026-01-01{named}; the thread is closed." in lead
    evidence.threads = [one, one._replace(number=8), one._replace(number=9)]
    evidence.entry = ENTRY._replace(threads=3)
    named = main and told is not None  # several may be about another error
    assert (", one of them as" in View(Outline(evidence), COMMONMARK).lead()) is named
    evidence.threads.append(one._replace(number=10))
    assert " as " not in View(Outline(evidence), COMMONMARK).lead()


def test_where_it_was_raised_is_told_where_no_title_tells_the_case() -> None:
    evidence = reported("It fails")
    frames = ("/srv/pot/pour.py", "fill"), ("/v/site-packages/lid/seal.py", "close")
    evidence.trace = tuple(f'File "{path}", line 3, in {name}' for path, name in frames)
    told = "Raised in `close` of `lid/seal.py`, called from `fill` of `pour.py`. "
    assert View(Outline(evidence), COMMONMARK).lead().startswith(told)
    assert Outline(evidence).title == "It fails (pot)"
    evidence.entry = ENTRY._replace(exception="ImportError")
    assert "Raised in" not in View(Outline(evidence), COMMONMARK).lead()
    evidence.entry, evidence.threads = ENTRY, reported("No tea").threads
    assert "Raised in" not in View(Outline(evidence), COMMONMARK).lead()


def test_what_was_done_stands_beside_the_message_and_is_not_said_again() -> None:
    evidence = reported("[Bug] LidError when pouring with TeaCup")
    (one,) = evidence.threads
    assert Outline(evidence).title == "It fails (pot, when pouring with TeaCup)"
    assert description_of(Outline(evidence)).startswith("It fails (pot, when pouring with TeaCup")
    assert " as " not in View(Outline(evidence), COMMONMARK).lead()
    evidence.threads = [one, one._replace(number=8)]  # the other may fail at another time
    assert Outline(evidence).title == "It fails (pot, TeaCup)"


@pytest.mark.parametrize(
    ("text", "role", "version"),
    [
        ("Fixed in 3.2.1.", "maintainer", "3.2.1"),
        ("Fixed in #12, released as 3.2.1.", "maintainer", "3.2.1"),
        ("You can upgrade your version of `plume` to 3.2.1.", "maintainer", "3.2.1"),
        ("Upgrade to 3.2.1, it is gone there.", "user", "3.2.1"),
        ("Fixed in the desktop app 3.2.1", "user", "3.2.1"),
        ("Released in kettle 3.2.1.", "maintainer", "3.2.1"),
        ("It's fixed now, update plume to 3.2.1b20260102 and try.", "maintainer", "3.2.1b20260102"),
        ("Fixed in 3.2.1-rc.1, please try", "maintainer", "3.2.1-rc.1"),
        # the version of another program
        ("Updating Node to 20.11.0 fixed it for me.", "user", None),
        ("Please upgrade your Python version to 3.12.1", "maintainer", None),
        ("Now resolved as of kettledict 6.5.1", "user", None),
        ("updated the secret, works on 1.2.0 now", "user", None),
    ],
)
def test_a_release_is_one_of_the_project(text: str, role: str, version: str | None) -> None:
    assert [r.version for r in releases_of(known(text, role))] == ([version] if version else [])


def test_who_sees_it_again_stands_beside_the_release_which_is_not_sure() -> None:
    evidence = known("Fixed in 3.2.1.", "maintainer", "I still get it with v3.3.0 on Linux.")
    lead = View(Outline(evidence, releases=releases_of(evidence)), COMMONMARK).lead()
    assert "Fixed in otterwick" not in lead
    assert "Said to be fixed in otterwick/plume [3.2.1]" in lead
    assert "(reported again [with 3.3.0](https://github.com/otterwick/plume/issues/7#2))" in lead
    for words, sure in (("Fixed in 3.2.1.", True), ("This should be fixed in 3.2.1.", False)):
        assert [r.sure for r in releases_of(known(words, "maintainer"))] == [sure]


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ({("otterwick/plume", 7): "3.2.1 on Linux"}, "3.2.1"),
        ({("otterwick/plume", 7): "v3.10.0"}, "3.10.0"),
        ({("otterwick/plume", 7): "3.2.0"}, ""),
        ({("otterwick/plume", 8): "3.2.1"}, ""),
    ],
)
def test_a_release_that_the_reporter_names_as_failing_is_not_sure(
    failing: dict[tuple[str, int], str], told: str
) -> None:
    evidence = known("Fixed in 3.2.1.", "maintainer")
    found = releases_of(evidence, failing=failing)
    assert [(r.sure, r.fails) for r in found] == [(not told, told)]
    lead = View(Outline(evidence, releases=found), COMMONMARK).lead()
    assert (f"(its thread names {told} as failing)" in lead) is bool(told)
    assert ("**Fixed in otterwick/plume" in lead) is (not told)


def test_what_was_meant_to_be_fixed_is_not_sure() -> None:
    evidence = known("This was supposed to be fixed in 3.2.1.", "maintainer")
    assert [r.sure for r in releases_of(evidence)] == [False]


@pytest.mark.parametrize(
    ("report", "sure"),
    [("It works now.", True), ("It pours now, but the lid does not fit.", False)],
)
def test_a_release_that_worked_for_somebody_is_sure(report: str, sure: bool) -> None:
    evidence = known("Fixed in 3.2.1.")
    fix = evidence.statements[0].best._replace(stance="confirmed")
    heard = fix._replace(kind="confirms", text=report, author="eve", url=f"{fix.url}2")
    evidence.statements = [Statement(best=fix, alike=(fix,), evidence=(heard,))]
    lead = View(Outline(evidence, releases=releases_of(evidence)), COMMONMARK).lead()
    assert ("**Fixed in otterwick/plume" in lead) is sure


def test_the_thread_that_another_repeats_is_told_and_linked() -> None:
    evidence = known("Fixed in 3.2.1.")
    evidence.repos = [RepoCount("acme/pot", 1, 0, "2026-01-01", "2026-01-01")]
    evidence.threads = [
        ThreadRef(
            repo="acme/pot", number=7, kind="issue", title="It fails", state="closed",
            created_at="2026-01-01T00:00:00Z", url="https://github.com/acme/pot/issues/7",
            duplicate_of="acme/lid#3",
        )
    ]  # fmt: skip
    view = View(Outline(evidence), COMMONMARK)
    assert "Reported in acme/pot on 2026-01-01; the thread is said to be the same as" in view.lead()
    assert "(https://github.com/acme/lid/issues/3)" in view.source(evidence.threads[0])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Please update to the newest version.", True),
        ("See if version 1.2.0 helps, we changed the lid.", True),
        ("Updating Pot to the latest version helps.", False),
        ("Install the newest version of pot.", False),
        ("Update `pot` to the latest version.", False),
        ("Set the version of it to hot.", False),
    ],
)
def test_a_version_is_the_projects_where_no_other_product_is_named(words: str, found: bool) -> None:
    assert names_only_a_version(words) is found
