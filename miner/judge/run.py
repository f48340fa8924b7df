"""Asks the second reader about threads whose claims the built-in model is not sure of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.dirty import mark_threads
from miner.judge.client import RefusedError, StoppedError
from miner.judge.questions import error_question
from miner.judge.store import keep_answer, stored_answer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from kb.models import ThreadKey
    from kb.store import Store
    from miner.judge.client import Client
    from miner.judge.questions import Question


@dataclass(slots=True)
class JudgeReport:
    """What asking did: threads that were judged, questions that got no usable answer, and why it
    stopped before its end (None: it did not).
    """

    threads: int = 0
    requests: int = 0
    tokens: int = 0
    refused: list[str] = field(default_factory=list)
    stopped: str | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What asking would take: threads, requests and about how many tokens."""

    threads: int
    requests: int
    tokens: int


def unsure_threads(connection: sqlite3.Connection, band: tuple[float, float]) -> list[ThreadKey]:
    """The threads with a claim whose confidence lies inside the band, those that many threads share
    first.
    """
    rows = connection.execute(
        "select c.repo, c.number, max(e.threads) as threads from claim c"
        " join claim_entry using (claim_id) join entry e using (entry_id)"
        " where c.confidence between ? and ? and not e.ignored"
        " group by c.repo, c.number order by threads desc, c.repo, c.number",
        band,
    )
    return [(row["repo"], row["number"]) for row in rows]


def open_questions(
    connection: sqlite3.Connection, band: tuple[float, float], model: str
) -> Iterator[tuple[ThreadKey, list[Question]]]:
    """The threads that are to be judged, each with the questions that this model has not answered
    yet.
    """
    from miner.judge.thread import questions_in

    for key in unsure_threads(connection, band):
        questions = [
            question
            for question in questions_in(connection, *key)
            if stored_answer(connection, question, model) is None
        ]
        if questions:
            yield key, questions


def estimate(connection: sqlite3.Connection, band: tuple[float, float], model: str) -> Estimate:
    """What judging everything that waits would take; asks nothing."""
    threads = requests = tokens = 0
    for _, questions in open_questions(connection, band, model):
        threads += 1
        requests += len(questions)
        tokens += sum(question.tokens for question in questions)
    return Estimate(threads, requests, tokens)


def judge(
    store: Store,
    client: Client,
    now: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> JudgeReport:
    """Asks about every unsure thread until the budget ends, and stores each answer at once; mining
    heeds them. Raises nothing that the endpoint does: the report says what went wrong.
    """
    report = JudgeReport()
    waiting = list(open_questions(store.connection, client.settings.band, client.model))
    for done, (key, questions) in enumerate(waiting):
        try:
            answers = [(question, client.ask(question)) for question in questions]
        except RefusedError:
            continue
        except StoppedError as error:
            report.stopped, report.left = str(error), len(waiting) - done
            break
        with store.transaction() as connection:
            for question, answer in answers:
                keep_answer(connection, question, client.model, answer, now)
            mark_unread(connection, key)
        report.threads += 1
        progress(done + 1, len(waiting))
    report.requests, report.tokens = client.spent.requests, client.spent.tokens
    report.refused = list(client.spent.refused)
    return report


def check(client: Client) -> str | None:
    """Asks one small question; why there was no usable answer, None if there was."""
    try:
        client.ask(error_question("doctor", "Error: connection refused"))
    except (RefusedError, StoppedError) as error:
        return str(error)
    return None


def mark_unread(connection: sqlite3.Connection, key: ThreadKey) -> None:
    """Has a thread's claims found anew by the next mining."""
    mark_threads(connection, ("claims",), [key])
