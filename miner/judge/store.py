"""Answers of the second reader in the database: asked once, used by every mining after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from miner.judge.questions import AnswerError, Question, joined, read_answer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

Labels = dict[int, tuple[str, int | None]]


def stored_answer(
    connection: sqlite3.Connection, question: Question, model: str | None = None
) -> str | None:
    """The answer to a question: of a model, or (None) the newest of any. None if it was not asked,
    or has changed since.
    """
    row = connection.execute(
        "select answer from judgement where content = ? and (? is null or model = ?)"
        " order by asked_at desc, model limit 1",
        (question.content, model, model),
    ).fetchone()
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
    connection.execute(
        "insert or replace into judgement (content, model, kind, about, answer, asked_at)"
        " values (?, ?, ?, ?, ?, ?)",
        (question.content, model, question.kind, question.about, plain, now),
    )


def answers_about(connection: sqlite3.Connection, about: str) -> dict[str, str]:
    """The answers about a thread (`owner/repo#12`) by what was asked, the newest of any model."""
    rows = connection.execute(
        "select content, answer from judgement where about = ? and kind = 'claims'"
        " order by asked_at, model desc",
        (about,),
    )
    return {row["content"]: row["answer"] for row in rows}


def labels_of(questions: Sequence[Question], answers: Mapping[str, str]) -> Labels | None:
    """The labels of a thread's sentences; None unless all its questions were answered."""
    read: list[tuple[Question, Labels]] = []
    for question in questions:
        try:
            found = read_answer(question, answers.get(question.content, ""))
        except AnswerError:
            return None
        assert not isinstance(found, bool)  # a question about claims is answered by labels
        read.append((question, found))
    return joined(max((max(q.numbers) for q in questions), default=0), read)


def judged_threads(connection: sqlite3.Connection) -> frozenset[str]:
    """The threads (`owner/repo#12`) about which something was answered."""
    rows: Iterable[sqlite3.Row] = connection.execute(
        "select distinct about from judgement where kind = 'claims'"
    )
    return frozenset(row["about"] for row in rows)
