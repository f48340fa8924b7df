"""What a thread says of others: fixed by, duplicate of, just named; releases and versions that
still fail.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.markdown import Document
from kb.models import Claim, Comment, Event, Thread
from kb.store import Store, load_thread
from kb.verify import verify_database
from miner.authors.roles import roles
from miner.extract.references import Link, links_of, references
from miner.extract.releases import versions_of
from miner.extract.sources import context_of, readers_of, sources_for, with_sources, write_links
from miner.harvest.threads import ThreadWriter
from tests.support.posts import asked, claimed, keep_claim, said
from tests.support.threads import comment, issue, user


def kinds(thread: Thread) -> dict[str, str]:
    """Kind of each link by target."""
    return {
        (f"{link.to_repo}" if link.to_repo != thread.repo else "") + f"#{link.to_number}": link.kind
        for link in links_of(thread)
    }


def by_maintainer(text: str, **more: object) -> dict[str, str]:
    return kinds(asked(said(text, "max", "MEMBER"), **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see #12 and owner/repo#5", [("acme/tool", 12), ("owner/repo", 5)]),
        ("GH-7", [("acme/tool", 7)]),
        ("https://github.com/Owner/repo/pull/9#issuecomment-1", [("Owner/repo", 9)]),
        ("https://github.com/ACME/Tool/issues/4", [("acme/tool", 4)]),
        ("&#39; page.html#3 a/b/c#1x #0 #x issue#5", []),
        ("colour #123456789", []),
    ],
)
def test_references(text: str, found: list[tuple[str, int]]) -> None:
    assert [(r.repo, r.number) for r in references(text, "acme/tool")] == found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Fixed in #12.", "fixed_by"),
        ("Resolved by #12", "fixed_by"),
        ("This has been solved by https://github.com/acme/tool/pull/12.", "fixed_by"),
        ("#12 fixes this.", "fixed_by"),
        ("#12 reads the key again, will be in 2.4.7", "fixed_by"),
        ("#12 is merged.", "fixed_by"),
        ("Done in 1.9: one file per task (#12).", "fixed_by"),
        ("https://github.com/acme/tool/pull/12", "fixed_by"),
        ("已在 #12 修复", "fixed_by"),
        ("This came in with #12.", "mentions"),
        ("Is it fixed by #12?", "mentions"),
        ("This might be fixed by #12", "mentions"),
        ("#12 does not fix this.", "mentions"),
        ("#12 is unrelated.", "mentions"),
        ("It fails after #12 was merged.", "mentions"),
        ("See https://github.com/acme/tool/pull/12#discussion_r4", "mentions"),
        ("> Fixed in #12.\n\nNo, see above.", None),
        ("`Fixed in #12`", None),
        ("```\nFixed in #12\n```", None),
        ("Duplicate of #12", "duplicate"),
        ("Closing in favour of #12.", "duplicate"),
        ("dupe of #12, please follow there", "duplicate"),
        ("This is not a duplicate of #12.", "mentions"),
        ("Possibly a duplicate of #12", "mentions"),
        ("Duplicate of #12?", "mentions"),
        ("Same as #12", "mentions"),
    ],
)
def test_what_a_maintainer_says(text: str, kind: str | None) -> None:
    assert by_maintainer(text).get("#12") == kind


def test_lists_share_what_is_said() -> None:
    assert by_maintainer("Fixed in #12 and #13, see also #14.") == {
        "#12": "fixed_by",
        "#13": "fixed_by",
        "#14": "mentions",
    }


def test_strongest_word_wins_and_own_number_is_no_link() -> None:
    thread = asked(
        said("see #12 and #1", comment_id=1),
        said("Fixed by #12", "max", "MEMBER", comment_id=2, day=3),
    )
    assert kinds(thread) == {"#12": "fixed_by"}


def test_bots_lists_join_nothing() -> None:
    listing = said(
        "Found 2 possible duplicates:\n- Duplicate of #12\n- #13", "scout[bot]", author_type="Bot"
    )
    assert kinds(asked(listing, state="closed")) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"state_reason": "duplicate", "state": "closed"},
        {"labels": ("duplicate",), "state": "closed"},
        {"events": (Event("marked_as_duplicate", "2026-02-03T00:00:00Z", "max"),)},
    ],
)
def test_state_event_or_label_make_a_weak_word_a_duplicate(more: dict[str, object]) -> None:
    assert by_maintainer("Same as #12, please follow there.", **more) == {"#12": "duplicate"}
    # without a word of which one, only if there is no choice
    assert by_maintainer("Please follow #12.", **more) == {"#12": "duplicate"}
    assert by_maintainer("Please follow #12 or #13.", **more) == {
        "#12": "mentions",
        "#13": "mentions",
    }


def test_unmarked_again() -> None:
    events = (
        Event("marked_as_duplicate", "2026-02-03T00:00:00Z", "max"),
        Event("unmarked_as_duplicate", "2026-02-04T00:00:00Z", "max"),
    )
    assert by_maintainer("Same as #12.", events=events) == {"#12": "mentions"}


def test_pull_requests_close_issues_with_githubs_words() -> None:
    pull = asked(
        body="Closes #12, fixes owner/repo#5. Related to #13.\n<!-- Fixes #14 -->",
        kind="pull",
        number=99,
    )
    assert kinds(pull) == {"#12": "fixes", "owner/repo#5": "fixes", "#13": "mentions"}


def merged(at: str, closed: str | None, **more: object) -> Thread:
    reference = Event(
        "cross-referenced",
        "2026-02-03T00:00:00Z",
        "max",
        source_repo="acme/tool",
        source_number=12,
        source_is_pull=True,
        source_merged_at=at,
    )
    closing = (Event("closed", closed, "max"),) if closed else ()
    return asked(events=(reference, *closing), state="closed", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("closed", "reason", "kind"),
    [
        ("2026-02-05T10:00:02Z", None, "fixed_by"),
        ("2026-02-09T10:00:02Z", None, "mentions"),
        ("2026-02-05T10:00:02Z", "not_planned", "mentions"),
        ("2026-02-05T09:00:00Z", None, "mentions"),
    ],
)
def test_pull_request_that_closed_the_thread(closed: str, reason: str | None, kind: str) -> None:
    found = kinds(merged("2026-02-05T10:00:00Z", closed, state_reason=reason))
    assert found == {"#12": kind}


@given(st.permutations(range(4)))
@settings(max_examples=24, deadline=None)
def test_order_of_comments_does_not_matter(order: list[int]) -> None:
    texts = ["Fixed in #12", "see #12", "Duplicate of #13", "#14 is bad"]
    comments = [
        said(text, "max", "MEMBER", comment_id=i + 1, day=i + 1) for i, text in enumerate(texts)
    ]
    assert links_of(asked(*(comments[i] for i in order))) == links_of(asked(*comments))


@given(st.text(alphabet="#1GH-/ab \n`>", max_size=120))
@settings(max_examples=150, deadline=None)
def test_spans_lie_in_the_text(text: str) -> None:
    thread = asked(said(text, "max", "MEMBER"))
    for link in links_of(thread):
        assert link.place == (11, "body")
        assert f"{link.to_number}" in text[link.start : link.end]
    for found in references(Document(text).own_words, "a/b"):
        assert str(found.number) in text[found.start : found.end]


# ---------------------------------------------------------------- versions


def versions(*comments: Comment) -> list[tuple[str, str]]:
    thread = asked(*comments)
    return [(note.version, note.role) for note in versions_of(thread, roles(thread))]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Released in 1.4.2.", "1.4.2"),
        ("#12 fills either pot, will be in 2.4.7", "2.4.7"),
        ("Goes out with 3.35.6.", "3.35.6"),
        ("It's part of v2.7.0", "2.7.0"),
        ("v3.6.1 is out.", "3.6.1"),
        ("published as 2.4.0-beta.1", "2.4.0-beta.1"),
        ("Fixed in 1.2", "1.2"),
    ],
)
def test_release_that_a_maintainer_names(text: str, version: str) -> None:
    assert versions(said(text, "max", "MEMBER")) == [(version, "released")]
    assert versions(said(text, "eve")) == []


@pytest.mark.parametrize(
    "text",
    [
        "It broke in 1.4.2.",
        "That was introduced in 1.4.2",
        "Works since 1.4.2",
        "We might fix it in 1.4.2",
        "Not in 1.4.2",
    ],
)
def test_versions_that_are_no_release_of_the_fix(text: str) -> None:
    assert versions(said(text, "max", "MEMBER")) == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("1.4.2 does not fix it for me", True),
        ("still the same with 1.4.2", True),
        ("I get it on 1.5.0 too", True),
        ("1.4.2 works, thanks", False),
        ("no longer seen on 1.4.2", False),
        ("still on 1.3.9, same error", False),
        ("same here, macOS 15.1", False),
        ("still an error with glm-4.6", False),
    ],
)
def test_versions_that_still_fail(text: str, seen: bool) -> None:
    fix = said("Released in 1.4.2.", "max", "MEMBER", comment_id=1)
    found = versions(fix, said(text, "eve", comment_id=2, day=3))
    assert [role for _, role in found] == (["released", "still_seen"] if seen else ["released"])


@pytest.mark.parametrize(
    ("author", "text", "taken_back"),
    [
        ("eve", "Wrong path, my own fault.", True),
        ("zed", "Wrong path, my own fault.", False),
        ("eve", "With 1.6.0 it works now.", False),
        ("eve", "Still the same on my side, every day.", False),
    ],
)
def test_a_report_that_its_author_takes_back_is_none(
    author: str, text: str, *, taken_back: bool
) -> None:
    fix = said("Released in 1.4.2.", "max", "MEMBER", comment_id=1)
    again = said("I get it on 1.5.0 too", "eve", comment_id=2, day=3)
    later = said(text, author, comment_id=3, day=4)
    roles = [role for _, role in versions(fix, again, later)]
    assert roles == (["released"] if taken_back else ["released", "still_seen"])


def test_an_earlier_report_contradicts_no_release() -> None:
    before = said("I get it on 1.5.0 too", "eve", comment_id=1, day=1)
    assert versions(before, said("Released in 1.4.2.", "max", "MEMBER", comment_id=2, day=3)) == [
        ("1.4.2", "released")
    ]


# ---------------------------------------------------------------- in the database

ISSUE = issue(1, "It fails", "boom", state="closed")
SAYS = "Fixed in #12, goes out with 2.4.7"
PULL = issue(
    12,
    "Read the key again",
    "Fixes #1",
    user=user("max"),
    author_association="MEMBER",
    pull_request={"merged_at": "2026-02-06T00:00:00Z"},
    html_url="https://github.com/acme/tool/pull/12",
)


def _store(store: Store, order: tuple[int, ...] = (0, 1)) -> None:
    with store.transaction() as connection:
        writer = ThreadWriter(connection)
        for step in order:
            if step == 0:
                writer.put_issue("acme/tool", ISSUE)
                writer.put_comment("acme/tool", 1, comment(5, SAYS, "max", "MEMBER", day=5))
                writer.put_comment(
                    "acme/tool", 1, comment(6, "2.4.7 does not fix it here", "eve", day=9)
                )
            else:
                writer.put_issue("acme/tool", PULL)
        for number in (1, 12):
            thread = load_thread(connection, "acme/tool", number)
            assert thread is not None
            write_links(connection, thread, links_of(thread))


def _fix(thread: Thread) -> Claim:
    return claimed(thread.comments[0], SAYS, role="maintainer")


def _loaded(store: Store, number: int) -> Thread:
    thread = load_thread(store.connection, "acme/tool", number)
    assert thread is not None
    return thread


@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_merged_pull_request_is_named_whatever_came_first(
    store: Store, order: tuple[int, ...]
) -> None:
    _store(store, order)
    thread = _loaded(store, 1)
    merged = context_of(sources_for(store.connection, thread)).merged
    assert merged == {("acme/tool", 12)}
    (claim,) = with_sources([_fix(thread)], sources_for(store.connection, thread))
    by_role = {e.role: e for e in claim.evidence}
    assert set(by_role) == {"merged", "closes", "released", "still_seen"}
    merge = by_role["merged"]
    assert (merge.quote, merge.created_at, merge.url) == (
        "Read the key again",
        "2026-02-06T00:00:00Z",
        PULL["html_url"],
    )
    assert (merge.repo, merge.number, merge.field) == ("acme/tool", 12, "title")
    assert by_role["still_seen"].comment_id == 6
    assert by_role["released"].comment_id == 5


def test_evidence_of_links_stands_the_check(store: Store) -> None:
    _store(store)
    thread = _loaded(store, 1)
    (claim,) = with_sources([_fix(thread)], sources_for(store.connection, thread))
    with store.transaction() as connection:
        keep_claim(connection, "C1", thread, claim)
    assert verify_database(store.connection) == []


def test_pull_request_known_from_an_event_only(store: Store) -> None:
    event = {
        "event": "cross-referenced",
        "id": 3,
        "created_at": "2026-02-05T00:00:00Z",
        "actor": user("max"),
        "source": {
            "issue": {
                "number": 12,
                "repository": {"full_name": "acme/tool"},
                "pull_request": {"merged_at": "2026-02-06T00:00:00Z"},
            }
        },
    }
    with store.transaction() as connection:
        writer = ThreadWriter(connection)
        writer.put_issue("acme/tool", ISSUE)
        writer.put_comment("acme/tool", 1, comment(5, SAYS, "max", "MEMBER", day=5))
        writer.put_events("acme/tool", 1, [event])
    thread = _loaded(store, 1)
    (claim,) = with_sources([_fix(thread)], sources_for(store.connection, thread))
    merge = claim.evidence[0]
    assert (merge.role, merge.quote, merge.created_at) == (
        "merged",
        SAYS,
        "2026-02-06T00:00:00Z",
    )
    assert (merge.url, merge.repo) == ("https://github.com/acme/tool/pull/12", None)


def test_a_changed_pull_request_has_readers(store: Store) -> None:
    _store(store)
    pull, report = _loaded(store, 12), _loaded(store, 1)
    assert readers_of(store.connection, pull, links_of(pull)) == {("acme/tool", 1)}
    assert readers_of(store.connection, report, links_of(report)) == set()


def test_refuted_fixes_and_causes_get_no_source(store: Store) -> None:
    _store(store)
    thread = _loaded(store, 1)
    sources = sources_for(store.connection, thread)
    for claim in (replace(_fix(thread), stance="refuted"), replace(_fix(thread), kind="cause")):
        assert with_sources([claim], sources) == [claim]


def test_links_are_rows() -> None:
    assert Link("a/b", 1, "fixed_by", "c/d", 2, (None, "body"), 0, 5).row == (
        "a/b",
        1,
        "fixed_by",
        "c/d",
        2,
    )
