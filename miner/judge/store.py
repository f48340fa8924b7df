"""Answers of the second reader in the database: asked once, used by every mining after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kb import sql
from miner.judge.questions import (
    AnswerError,
    Labels,
    Question,
    claim_labels,
    error_question,
    joined,
    pair_question,
    read_answer,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

Pair = tuple[str, str]
"""Two fingerprints, the smaller one first."""


def stored_answer(
    connection: sqlite3.Connection, question: Question, model: str | None = None
) -> str | None:
    """The answer to a question as it is now: of a model, or (None) the newest of any."""
    row = sql.first(connection, "judge.answer", question.content, model, model)
    return None if row is None else str(row["answer"])


def keep_answer(
    connection: sqlite3.Connection, question: Question, model: str, answer: str, now: str
) -> None:
    """Stores an answer; `now` is the time, ISO 8601 with `Z`. Raises `AnswerError` for one that is
    not what was asked for.
    """
    read_answer(question, answer)
    # only what was read is kept: the labels, not the spaces or the order of a model's own making
    plain = json.dumps(json.loads(answer), sort_keys=True, separators=(",", ":"))
    sql.write(
        connection, "judge.put", question.content, model, question.kind, question.about, plain, now
    )


def answers_about(connection: sqlite3.Connection, about: str) -> dict[str, str]:
    """The answers about a thread (`owner/repo#12`) by what was asked, the newest of any model."""
    rows = sql.ask(connection, "judge.answers_about", about)
    return {row["content"]: row["answer"] for row in rows}


def labels_of(questions: Sequence[Question], answers: Mapping[str, str]) -> Labels | None:
    """The labels of a thread's sentences; None unless all its questions were answered."""
    try:
        read = [(one, claim_labels(one, answers.get(one.content, ""))) for one in questions]
    except AnswerError:
        return None
    return joined(max((max(one.numbers) for one in questions), default=0), read)


def said_yes(connection: sqlite3.Connection, question: Question) -> bool | None:
    """The newest answer to a question of yes or no; None where there is none."""
    try:
        return read_answer(question, stored_answer(connection, question) or "") is True
    except AnswerError:
        return None


def verdict_on_texts(connection: sqlite3.Connection) -> Callable[[str], bool | None] | None:
    """Says of a text whether it was judged to be an error (None: not judged); None: none was."""
    if sql.first(connection, "judge.any_on_texts"):
        return lambda raw: said_yes(connection, error_question("", raw))
    return None


def judged_pairs(connection: sqlite3.Connection) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """The pairs of signatures that were judged one failure, and those that were judged two; they
    must be grouped, and say what they said when it was asked.
    """
    rows = sql.ask(connection, "judge.pairs").fetchall()
    found: dict[bool, set[Pair]] = {True: set(), False: set()}
    for row in rows:
        verdict = said_yes(connection, pair_question("", row["one"], row["other"]))
        if verdict is not None:
            found[verdict].add((row["a"], row["b"]))
    return frozenset(found[True]), frozenset(found[False])


def judged_threads(connection: sqlite3.Connection) -> list[str]:
    """The threads (`owner/repo#12`) about which something was answered."""
    return sql.column(connection, "judge.threads")
