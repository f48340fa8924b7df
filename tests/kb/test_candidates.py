"""The index of candidates: complete where buckets are small, linear where they are large, blind to
order.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kb.matching.blocking import LEADERS, Views, find_same, keys_of, signature_of
from kb.matching.blocking import EdgeUpdate as Update
from kb.matching.features import view_of
from kb.models import Signature
from kb.signature import sign
from kb.store import Store
from tests.support.growth import calls
from tests.support.kb_builder import index_signatures


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with Store.open(tmp_path / "kb.db") as store:
        yield store.connection


def put(db: sqlite3.Connection, texts: list[str]) -> list[Signature]:
    signatures = [sign(text) for text in texts]
    db.executemany(
        "insert or ignore into signature (fingerprint, text, provider, status, code, "
        "exception, wrappers, objects, entry_id)"
        " values (?, ?, ?, ?, ?, ?, '[]', '[]', ?)",
        [
            (
                s.fingerprint,
                s.text,
                s.provider,
                s.status,
                s.code,
                s.exception,
                f"E{s.fingerprint[3:9].upper()}",
            )
            for s in signatures
        ],
    )
    known = {s.fingerprint: s for s in signatures}
    rows = db.execute("select * from signature where keys is null order by fingerprint").fetchall()
    return [signature_of(row) for row in rows if row["fingerprint"] in known]


WORDS = [
    *("alpha", "bravo", "carbon", "delta", "ember", "flint", "garnet", "harbor"),
    *("indigo", "jasper", "kelvin", "lumen", "marble", "nickel", "onyx"),
]


def many(count: int, seed: int = 1) -> list[str]:
    """Texts that share their rarest words, so that buckets overflow."""
    random_ = random.Random(seed)
    return [
        f"shard rebalancer stalled: {' '.join(random_.sample(WORDS, 3))} quorum"
        for _ in range(count)
    ]


def tables(db: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    return [
        [tuple(row) for row in db.execute(f"select * from {name}")]
        for name in ("similar_pair", "blocking_key")
    ]


def test_keys_are_a_function_of_the_signature_alone() -> None:
    view = view_of(sign("shard rebalancer stalled in zone blue"))
    assert keys_of(view) == keys_of(view_of(sign("shard rebalancer stalled in zone blue")))
    assert 1 <= len(keys_of(view)) <= 30
    assert keys_of(view_of(sign("x"))), "even a text that says nothing has a key"
    assert set(keys_of(view)) & set(keys_of(view_of(sign("shard rebalancer stalled"))))


@pytest.mark.parametrize("seed", range(4))
def test_edges_do_not_depend_on_batches_even_where_buckets_overflow(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = many(30 * LEADERS, seed)
    # the whole in tables and parts, of the batches some as well
    monkeypatch.setattr("kb.matching.blocking.SPREAD_FROM", 150)
    monkeypatch.setattr("kb.matching.blocking.SPREAD", 40)
    monkeypatch.setattr("kb.matching.blocking.JUDGED", 60)
    with Store.open(tmp_path / "whole.db") as whole, Store.open(tmp_path / "parts.db") as parts:
        Update(whole.connection, Views(whole.connection)).run(put(whole.connection, texts), [])
        order = texts[:]
        random.Random(seed).shuffle(order)
        extra = [f"{text} unrelated leftover" for text in many(30, seed + 50)]
        for start in range(0, len(order), 17):
            Update(parts.connection, Views(parts.connection)).run(
                put(parts.connection, order[start : start + 17]), []
            )
            if start == 34:
                gone = put(parts.connection, extra)
                Update(parts.connection, Views(parts.connection)).run(gone, [])
        Update(parts.connection, Views(parts.connection)).run(
            [], [view.fingerprint for view in gone]
        )
        assert tables(parts.connection) == tables(whole.connection)
        assert tables(whole.connection)[0], "there are edges to speak of"


def test_large_buckets_cost_linear_time(db: sqlite3.Connection) -> None:
    views = put(db, [f"{text} {n}x{n}y" for n, text in enumerate(many(900))])
    _, compared = Update(db, Views(db)).run(views, [])
    assert compared < len(views) * LEADERS * 25


def test_one_new_signature_is_not_compared_with_all(db: sqlite3.Connection) -> None:
    Update(db, Views(db)).run(put(db, many(400)), [])
    compared = [
        Update(db, Views(db)).run(put(db, [f"shard rebalancer stalled: {word} beacon quorum"]), [])[
            1
        ]
        for word in WORDS
    ]
    assert sorted(compared)[len(compared) // 2] < 300


def test_a_question_is_answered_by_the_nearest_entry_first(db: sqlite3.Connection) -> None:
    put(
        db,
        [
            "shard rebalancer stalled: quorum lost",
            "HTTP 529 overloaded_error",
            "login page loops after single sign-on",
        ],
    )
    index_signatures(db)
    (found, *_) = find_same(db, sign("API Error: 529 Overloaded (with opus)"))
    assert found.entry_id == f"E{sign('HTTP 529 overloaded_error').fingerprint[3:9].upper()}"
    assert 0.5 < found.probability <= 1.0
    assert found.why
    assert find_same(db, sign("the printer is out of magenta")) == []
    assert find_same(db, Signature("", "v1:0")) == []


def test_a_question_takes_as_much_work_whatever_the_size(db: sqlite3.Connection) -> None:
    asked = [sign(text) for text in many(20, 9)]
    texts = [f"{text} {WORDS[n % 15]}{n % 97} port" for n, text in enumerate(many(800))]
    work = []
    for part in (texts[:200], texts[200:]):
        put(db, part)
        index_signatures(db)
        work.append(sorted(calls(partial(find_same, db, signature)) for signature in asked)[10])
    assert work[1] < 2 * work[0] + 1_000
