"""Claims that say the same are grouped; the groups depend on the claims alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.claim_groups import alike, corroborate, group_claims, meaning
from kb.claims import statements_of
from kb.store import Store, load_thread
from miner.harvest.threads import ThreadWriter
from tests.support.growth import calls
from tests.support.posts import claimed, keep_claim, put_entry
from tests.support.threads import comment, issue


def same(a: str, b: str, kind: str = "fix", other: str = "fix", repo: str = "acme/tool") -> bool:
    one, two = meaning(kind, a, "acme/tool"), meaning(other, b, repo)
    assert alike(one, two) == alike(two, one)
    return alike(one, two)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Setting `http.proxyStrictSSL` to false fixed it.",
            "I had to set `http.proxyStrictSSL` to false.",
        ),
        ("Fixed in #12", "#12 reads the key again before each request."),
        ("Fixed in #12", "See https://github.com/acme/tool/pull/12"),
        ("Downgrade to 3.14.2 helps", "Downgrading to 3.14.2 solved it for me"),
        (
            "NODE_OPTIONS=--max-old-space-size=8192 solves the heap error",
            "with NODE_OPTIONS=--max-old-space-size=8192 the heap error is gone",
        ),
        ("把 http.proxySupport 改成 off 就好了", "http.proxySupport 改成 off 解决"),
    ],
)
def test_same_thing_in_other_words(a: str, b: str) -> None:
    assert same(a, b)
    assert same(a, b, "fix", "workaround")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Upgrade to 3.14.2 and the crash is gone", "Downgrade to 3.14.2 and the crash is gone"),
        ("Upgrade to 3.14.2 and the crash is gone", "Upgrade to 3.15.0 and the crash is gone"),
        ("Set `telemetry.level` to true", "Set `telemetry.level` to false"),
        ("Enable HTTP2 in the settings of the proxy", "Disable HTTP2 in the settings of the proxy"),
        ("The key is stored in the wrong profile", "The key is not stored in the wrong profile"),
        (
            "Raise the timeout to 600 seconds in the config",
            "Raise the timeout to 30 seconds in the config",
        ),
        ("Fixed in #12", "Fixed in #13"),
        ("Delete `~/.cache/tool` and restart", "Delete `~/.config/other` and restart"),
        ("Restart it", "Restart it"),
        ("You may install kettle==2.2.0b20241013", "You may install kettle>=2.2.0b20241107"),
    ],
)
def test_things_that_look_alike_and_are_not(a: str, b: str) -> None:
    assert not same(a, b)


def test_a_number_of_another_repository_is_another_fix() -> None:
    assert not same("Fixed in #12", "Fixed in #12", repo="other/tool")
    assert same("Fixed in #12", "Fixed in acme/tool#12", repo="other/tool")


def test_causes_and_fixes_and_refuted_ones_stay_apart() -> None:
    text = "The `proxyStrictSSL` setting of the http client is ignored"
    assert not same(text, text, "cause", "fix")
    assert not alike(meaning("fix", text, "a/b"), meaning("fix", text, "a/b", "refuted"))


def row(number: int, quote: str, day: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": f"C{number}",
        "repo": "acme/tool",
        "kind": "fix",
        "stance": "unverified",
        "quote": quote,
        "created_at": f"2026-02-{day:02d}T00:00:00Z",
        **more,
    }


TEXTS = [
    "Setting `http.proxyStrictSSL` to false fixed it.",
    "I set `http.proxyStrictSSL` to false.",
    "Set `http.proxyStrictSSL` to true instead",
    "Downgrading to 3.14.2 solved it for me",
    "a downgrade to 3.14.2 helped",
    "Fixed in #12",
    "#12 has it",
]


@given(st.permutations(range(len(TEXTS))))
@settings(max_examples=60, deadline=None)
def test_order_does_not_matter(order: list[int]) -> None:
    rows = [row(i, text, day=i + 1) for i, text in enumerate(TEXTS)]
    assert group_claims([rows[i] for i in order]) == group_claims(rows)


def test_a_newcomer_renames_no_group() -> None:
    rows = [row(i, text, day=i + 1) for i, text in enumerate(TEXTS)]
    for count in range(1, len(rows) + 1):
        before = group_claims(rows[:count])
        assert all(
            before[name] == leader for name, leader in group_claims(rows).items() if name in before
        )


def test_groups_of_a_stored_entry(tmp_path: Path) -> None:
    says = "Setting `http.proxyStrictSSL` to false fixed it."
    with Store.open(tmp_path / "kb.db") as store, store.transaction() as connection:
        put_entry(connection)
        people = [("a/x", 1, 11, "sam"), ("a/x", 2, 12, "eve"), ("b/y", 1, 13, "sam")]
        for repo, number, comment_id, login in people:
            _said(
                connection,
                repo,
                number,
                comment_id,
                says,
                login,
                stance="supported" if login == "eve" else "unverified",
            )
        _said(
            connection,
            "b/y",
            1,
            14,
            "Downgrading to 3.14.2 solved it for me",
            "kim",
            stance="confirmed",
        )
        corroborate(connection, "E1")
        first, second = statements_of(connection, ["E1"])["E1"]
        assert (first.best.claim_id, first.stance, first.people) == ("C14", "confirmed", 1)
        assert (second.best.claim_id, second.stance) == ("C12", "supported")
        assert (len(second.alike), second.threads, second.repos, second.people) == (3, 3, 2, 2)
        changes = connection.total_changes
        corroborate(connection, "E1")
        assert connection.total_changes == changes
        stored = dict(connection.execute("select claim_id, says from claim").fetchall())
        assert stored == {"C11": "C11", "C12": "C11", "C13": "C11", "C14": "C14"}


def test_claims_are_not_compared_each_with_each() -> None:
    def rows(count: int) -> list[dict[str, object]]:
        return [
            row(
                i,
                f"Setting `option.number{i % (count * 3 // 10)}` of the client to {i % 7} fixed it"
                " here on my machine",
                day=1,
            )
            for i in range(count)
        ]

    few, many = rows(150), rows(600)
    assert len(set(group_claims(many).values())) > 180
    assert calls(lambda: group_claims(many)) < 8 * calls(lambda: group_claims(few))


def _said(
    connection: Any, repo: str, number: int, comment_id: int, text: str, login: str, stance: str
) -> None:
    writer = ThreadWriter(connection)
    if load_thread(connection, repo, number) is None:
        writer.put_issue(repo, issue(number, "It fails", "boom", repo=repo))
        connection.execute(
            "insert into mention (repo, number, field, start, end, raw, fingerprint, "
            "is_primary, counted, frames)"
            " values (?, ?, 'body', 0, 4, 'boom', 'v1:f', 1, 1, '[]')",
            (repo, number),
        )
    writer.put_comment(
        repo,
        number,
        comment(
            comment_id,
            text,
            login,
            html_url=f"https://github.com/{repo}/issues/{number}#{comment_id}",
        ),
    )
    thread = load_thread(connection, repo, number)
    assert thread is not None
    post = next(c for c in thread.comments if c.comment_id == comment_id)
    keep_claim(connection, f"C{comment_id}", thread, claimed(post, text, "fix", stance))
