"""The chain of stages: what it makes, that a second run does nothing, that a killed one goes on,
that order does not matter.
"""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from kb.store import Store
from miner import pipeline
from miner.harvest.files import import_files
from miner.pipeline import mine
from tests.support.threads import comment, thread

NOW = "2026-06-30T00:00:00Z"

FENCED = "### What happened?\n\nIt broke.\n\n```\n{}\n```\n"
THREADS = [
    thread(
        1,
        "401 from the provider",
        FENCED.format('Error: 401 {"error":{"message":"User not found.","code":401}}'),
        [
            comment(
                11,
                "The key was deleted on the provider's side, that is why it answers 401.",
                "mia",
                "MEMBER",
            ),
            comment(12, "Create a new key and paste it into the settings.", "mia", "MEMBER", day=3),
            comment(13, "A new key fixed it, thanks!", "ada", day=4),
        ],
    ),
    thread(
        2,
        "AuthenticationError",
        FENCED.format(
            "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'User not "
            "found.', 'code': 401}}"
        ),
        repo="acme/other",
    ),
    thread(3, "Cannot start", FENCED.format("ModuleNotFoundError: No module named 'requests'")),
    thread(
        4,
        "Feature: dark mode",
        'It would be nice to have a dark mode.\n\n```json\n{"theme": "dark"}\n```\n',
    ),
]


def write(path: Path, threads: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(t) + "\n" for t in threads), encoding="utf-8")
    return path


def relations(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """What others rely on, without what depends on the order of arrival (row ids)."""
    wanted = {
        "mentions": "repo, number, comment_id, field, start, end, raw, signature, entry_id,"
        " is_primary",
        "entries": "*",
        "claims": "*",
        "aliases": "*",
    }
    return {
        name: sorted(
            (tuple(r) for r in store.connection.execute(f"select {columns} from {name}")), key=repr
        )
        for name, columns in wanted.items()
    }


def mined(folder: Path, name: str, threads: list[dict[str, object]]) -> Store:
    store = Store.open(folder / f"{name}.db")
    import_files(store, [write(folder / f"{name}.jsonl", threads)])
    mine(store, now=NOW, workers=1)
    return store


def test_the_whole_path(tmp_path: Path) -> None:
    with mined(tmp_path, "kb", THREADS) as store:
        entries = {
            r["entry_id"]: dict(r) for r in store.connection.execute("select * from entries")
        }
        of = {
            (r["repo"], r["number"]): r["entry_id"]
            for r in store.connection.execute("select * from mentions where is_primary")
        }
        assert of["acme/tool", 1] == of["acme/other", 2] != of["acme/tool", 3]
        assert ("acme/tool", 4) not in {k for k, v in of.items() if v}
        entry = entries[of["acme/tool", 1]]
        assert (entry["threads"], entry["repos"], entry["status"]) == (2, 2, 401)
        claims = store.connection.execute(
            "select * from claims where entry_id = ?", (entry["entry_id"],)
        ).fetchall()
        assert {c["number"] for c in claims} == {1}
        assert "fix" in {c["kind"] for c in claims} | {
            "fix" for c in claims if c["kind"] == "workaround"
        }
        assert entry["grade"] in "AB"


def test_quotes_and_mentions_equal_the_stored_text(tmp_path: Path) -> None:
    from kb.verify import verify_database

    with mined(tmp_path, "kb", THREADS) as store:
        assert store.connection.execute("select count(*) from mentions").fetchone()[0] >= 3
        assert verify_database(store.connection) == []


def test_a_second_run_reads_nothing_and_changes_nothing(tmp_path: Path) -> None:
    with mined(tmp_path, "kb", THREADS) as store:
        before = relations(store)
        changes = store.connection.total_changes
        report = mine(store, now="2026-07-01T00:00:00Z", workers=1)
        assert (report.threads, report.mentions, report.claims) == (0, 0, 0)
        assert store.connection.total_changes == changes
        assert relations(store) == before


def test_only_a_changed_thread_is_read_again(tmp_path: Path) -> None:
    with mined(tmp_path, "kb", THREADS) as store:
        changed = {**THREADS[2], "comments": [comment(31, "Same here", day=9)]}
        import_files(store, [write(tmp_path / "more.jsonl", [changed])])
        assert mine(store, now=NOW, workers=1).threads == 1


def test_rules_of_a_new_version_read_everything_again_and_keep_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mined(tmp_path, "kb", THREADS) as store:
        before = relations(store)
        monkeypatch.setattr(
            pipeline, "stage_versions", lambda: {"detect": "other", "claims": "other"}
        )
        assert mine(store, now=NOW, workers=1).threads == len(THREADS)
        assert relations(store) == before


@pytest.mark.parametrize("seed", range(3))
def test_neither_order_nor_batches_matter(tmp_path: Path, seed: int) -> None:
    shuffled = THREADS[:]
    random.Random(seed).shuffle(shuffled)
    with mined(tmp_path, "whole", THREADS) as whole, Store.open(tmp_path / "parts.db") as parts:
        for number, item in enumerate(shuffled):
            import_files(parts, [write(tmp_path / f"part{number}.jsonl", [item])])
            mine(parts, now=NOW, workers=1)
        a, b = relations(whole), relations(parts)
        groups = [
            {frozenset((m[0], m[1]) for m in r["mentions"] if m[8] == e[0]) for e in r["entries"]}
            for r in (a, b)
        ]
        assert groups[0] == groups[1]
        strip = lambda rows: sorted(m[:8] + m[9:] for m in rows)  # noqa: E731
        assert strip([tuple(map(str, m)) for m in a["mentions"]]) == strip(
            [tuple(map(str, m)) for m in b["mentions"]]
        )


def test_a_run_killed_between_transactions_goes_on(tmp_path: Path) -> None:
    """Every transaction of a run is made to fail in turn; running again ends as an undisturbed run
    does.
    """
    with mined(tmp_path, "whole", THREADS) as whole:
        expected = relations(whole)
    for killed_at in range(1, 8):
        path = tmp_path / f"killed{killed_at}.db"
        with Store.open(path) as store:
            import_files(store, [write(tmp_path / "t.jsonl", THREADS)])
            _fail_at_transaction(store, killed_at)
            try:
                mine(store, now=NOW, workers=1)
            except KeyboardInterrupt:
                pass
        with Store.open(path) as store:
            mine(store, now=NOW, workers=1)
            assert relations(store) == expected, killed_at


def _fail_at_transaction(store: Store, number: int) -> None:
    begin, count = store.transaction, 0

    def transaction() -> object:
        nonlocal count
        count += 1
        if count == number:
            raise KeyboardInterrupt
        return begin()

    store.transaction = transaction  # type: ignore[method-assign,assignment]


def test_a_thread_that_a_stage_cannot_read_is_reported_and_stays_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAULTLORE_DEBUG", raising=False)
    real = pipeline.detect

    def detect(item: Any, *judged: Any) -> object:
        if item.thread.number == 3:
            raise ValueError("too odd")
        return real(item, *judged)

    with Store.open(tmp_path / "kb.db") as store:
        import_files(store, [write(tmp_path / "t.jsonl", THREADS)])
        monkeypatch.setattr(pipeline, "detect", detect)
        report = mine(store, now=NOW, workers=1)
        assert report.failed == ["acme/tool#3: detect: ValueError: too odd"]
        assert report.threads == len(THREADS) - 1
        left = store.connection.execute(
            "select number from dirty where stage = 'detect'"
        ).fetchall()
        assert [r[0] for r in left] == [3]
        monkeypatch.undo()
        assert mine(store, now=NOW, workers=1).threads == 1


def test_no_thread_stays_parsed(tmp_path: Path) -> None:
    pull = thread(5, "Dark mode", "It is dark now.", pull_request={"merged_at": None})
    with Store.open(tmp_path / "kb.db") as store:
        import_files(store, [write(tmp_path / "t.jsonl", [*THREADS, pull])])
        keys = [tuple(row) for row in store.connection.execute("select repo, number from thread")]
        for stage in ("detect", "claims"):
            for key in keys:
                pipeline.WORK[stage](store.connection, key)
    assert len(keys) == len(THREADS) + 1
    assert pipeline._left == {}


def test_an_empty_database_mines_to_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "kb.db") as store:
        report = mine(store, now=NOW)
        assert (report.threads, report.failed) == (0, [])


def test_worker_processes_make_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mined(tmp_path, "one", THREADS) as one, Store.open(tmp_path / "two.db") as two:
        monkeypatch.setattr("miner.workers.POOL_FROM", 1)
        import_files(two, [write(tmp_path / "t.jsonl", THREADS)])
        mine(two, now=NOW, workers=2)
        assert relations(one) == relations(two)
        assert isinstance(two.connection, sqlite3.Connection)


def test_a_thread_that_repeats_another_lends_it_what_was_said(tmp_path: Path) -> None:
    """One answer for the relation, the grade, `show` and the note: a duplicate without an error
    text of its own has no entry.
    """
    from kb import KnowledgeBase
    from kb.evidence import entry_named
    from kb.notes.note import render_note

    repeats = thread(
        9,
        "The panel stays empty since the update",
        "Nothing is shown, see the picture.",
        [
            comment(
                91,
                "Duplicate of #1",
                "mia",
                "MEMBER",
                url="u",
                html_url="https://github.com/acme/tool/issues/9#issuecomment-91",
            ),
            comment(
                92,
                "I deleted the old key in the settings and added a new one, and the 401 is gone.",
                "cleo",
                day=5,
                html_url="https://github.com/acme/tool/issues/9#issuecomment-92",
            ),
        ],
        state="closed",
        state_reason="duplicate",
    )
    with mined(tmp_path, "kb", [*THREADS, repeats]) as store:
        own = store.connection.execute(
            "select count(*) from mentions where number = 9 and entry_id is not null"
        ).fetchone()[0]
        assert own == 0
        entry_id = store.connection.execute(
            "select entry_id from mentions where repo = 'acme/tool' and number = 1 and is_primary"
        ).fetchone()[0]
        lent = store.connection.execute(
            "select claim_id, quote from claims where number = 9 and entry_id = ?", (entry_id,)
        ).fetchall()
        assert lent
        entry = entry_named(store.connection, entry_id)
        assert entry is not None
        assert entry.threads == 2  # it is not counted as a report
        note = render_note(store.connection, entry)
    with KnowledgeBase(tmp_path / "kb.db") as kb:
        shown = {claim.quote for claim in kb.show(entry_id).claims}
    for row in lent:
        assert row["quote"] in shown
        assert f"<!-- claim {row['claim_id']} -->" in note
    assert "issuecomment-92" in note


def test_a_thread_that_takes_too_long_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detect = pipeline.detect

    def slow(given: Any, *judged: Any) -> Any:
        while given.thread.number == 3:
            pass
        return detect(given, *judged)

    monkeypatch.setattr(pipeline, "detect", slow)
    monkeypatch.setattr("miner.workers.SECONDS", 0.2)
    with Store.open(tmp_path / "kb.db") as store:
        import_files(store, [write(tmp_path / "threads.jsonl", THREADS)])
        report = mine(store, now=NOW, workers=1)
        assert report.failed == ["acme/tool#3: detect: took more than 0 seconds of CPU time"]
        monkeypatch.setattr(pipeline, "detect", detect)
        assert mine(store, now=NOW, workers=1).failed == []
        whole = relations(store)
    with mined(tmp_path, "other", THREADS) as other:
        assert {e[2] for e in whole["entries"]} == {e[2] for e in relations(other)["entries"]}
