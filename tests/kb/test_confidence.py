"""Mentions near the threshold are listed for a person."""

from __future__ import annotations

import sqlite3

from kb.query.stats import doubtful_mentions


def test_nearest_first_and_only_main_errors() -> None:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("create table mention (repo, number, is_primary, confidence, counted, raw)")
    connection.executemany(
        "insert into mention values ('tea/kettle', ?, ?, ?, ?, ?)",
        [
            (1, 1, 0.99, 1, "sure"),
            (2, 1, 0.60, 0, "below"),
            (3, 1, 0.66, 1, "at the\nthreshold"),
            (4, 0, 0.65, 1, "not the main error"),
            (5, 1, None, 1, "never judged"),
        ],
    )
    found = doubtful_mentions(connection)
    assert [(row["number"], row["text"], row["counted"]) for row in found] == [
        (3, "at the threshold", True),
        (2, "below", False),
    ]
