"""Candidate records: the fields an import queue wants, scores by the stated rules, files that are
small enough.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.errors import BadInputError
from kb.evidence import entries_to_show, read_evidence
from kb.notes.export import documents
from kb.notes.formats import candidates as candidates_export
from kb.notes.formats.candidates import (
    commercial_value,
    priority,
    ranking_difficulty,
    reach,
)
from kb.notes.options import Options
from kb.store import connect_readonly
from tests.support.small_kb import small

FIELDS = {
    "error_signature",
    "title",
    "technology",
    "recommended_category",
    "search_intent",
    "why_developers_search_it",
    "commercial_value_score",
    "ranking_difficulty_score",
    "priority_score",
    "duplicate_risk",
    "source_urls",
    "evidence_summary",
    "suggested_related_errors",
    "notes",
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_readonly(small(tmp_path / "kb.db"))
    yield connection
    connection.close()


def test_records(connection: sqlite3.Connection) -> None:
    made = documents(connection, "candidates", Options(categories={"*": "Errors"}, unanswered=True))
    assert list(made) == ["candidates.json"]
    records = json.loads(made["candidates.json"])["candidates"]
    assert [r["error_signature"] for r in records] == [
        "user not found",
        "no auth credentials found",
        "enospc: no space left on device",
    ]
    for record in records:
        assert set(record) == FIELDS
        assert record["recommended_category"] == "Errors"
        for score in ("commercial_value_score", "ranking_difficulty_score", "priority_score"):
            assert 1 <= record[score] <= 10
    first = records[0]
    assert first["search_intent"] == "fix"
    assert first["source_urls"] == [
        "https://github.com/acme/tool/issues/1",
        "https://github.com/beta/app/issues/7",
    ]
    assert first["suggested_related_errors"] == ["OpenRouter 401: No auth credentials found"]
    assert first["evidence_summary"].startswith(
        "Grade A. 1 cause, 2 fixes and workarounds (2 confirmed,"
    )
    assert records[2]["search_intent"] == "report"


def test_scores_follow_the_counts(connection: sqlite3.Connection) -> None:
    first, second, third = read_evidence(connection, entries_to_show(connection))
    assert (reach(first), reach(second)) == (4.0, 2.0)
    # 1 + 4 / 2 + 2 (a provider's) + 2 (401) + 1 (two tools)
    assert commercial_value(first) == 8
    assert commercial_value(third) == 2
    # 2 + 2 (confirmed) + 1 / 2 + 2 (three words)
    assert ranking_difficulty(first) == 6
    assert priority(first) > priority(second) > priority(third)


def test_files_stay_below_the_limit(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates_export, "MOST_BYTES", 1_500)
    made = documents(connection, "candidates", Options(unanswered=True))
    assert list(made) == ["candidates.json", "candidates-2.json", "candidates-3.json"]
    assert sum(len(json.loads(text)["candidates"]) for text in made.values()) == 3


def test_an_empty_base_gives_an_empty_list(tmp_path: Path) -> None:
    from kb.store import Store

    Store.open(tmp_path / "kb.db").close()
    connection = connect_readonly(tmp_path / "kb.db")
    assert json.loads(documents(connection, "candidates")["candidates.json"]) == {"candidates": []}
    connection.close()


def test_the_schema_can_be_the_queues_own(connection: sqlite3.Connection) -> None:
    schema = {"headline": "{title}", "count": "{threads}", "line": "{entry}: {status} {code}"}
    (name,) = made = documents(connection, "candidates", Options(candidates=schema))
    first, _ = json.loads(made[name])["candidates"]
    assert first == {
        "headline": "OpenRouter 401: User not found – what fixes it",
        "count": 2,
        "line": "E1: 401 ",
    }
    with pytest.raises(BadInputError, match=r"names \{tittle\}; known: code, "):
        documents(connection, "candidates", Options(candidates={"a": "{tittle}"}))


def test_what_nobody_answered_is_left_out_unless_asked(connection: sqlite3.Connection) -> None:
    def of(options: Options) -> int:
        return len(
            json.loads(documents(connection, "candidates", options)["candidates.json"])[
                "candidates"
            ]
        )

    assert (of(Options()), of(Options(unanswered=True))) == (2, 3)
