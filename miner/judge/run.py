"""Asks the second reader about what the built-in models are not sure of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.text import counted
from miner.judge.client import RefusedError, StoppedError
from miner.judge.questions import error_question
from miner.judge.store import keep_answer
from miner.judge.tasks import open_tasks

if TYPE_CHECKING:
    import sqlite3

    from kb.store import Store
    from miner.judge.client import Client
    from miner.judge.questions import Kind


@dataclass(slots=True, kw_only=True)
class Estimate:
    """What asking would take, or took: threads, pairs of signatures, texts, requests, tokens."""

    threads: int = 0
    pairs: int = 0
    errors: int = 0
    requests: int = 0
    tokens: int = 0

    @property
    def judged(self) -> int:
        """Everything that is judged."""
        return self.threads + self.pairs + self.errors

    @property
    def things(self) -> str:
        """What is judged, in words."""
        pairs, texts = counted(self.pairs, "pair"), counted(self.errors, "text")
        return f"{counted(self.threads, 'thread')}, {pairs} of errors, {texts}"


@dataclass(slots=True, kw_only=True)
class JudgeReport(Estimate):
    """What asking did, and which questions got no usable answer; `stopped`: why before its end."""

    refused: list[str] = field(default_factory=list)
    stopped: str | None = None
    left: int = 0

    def add(self, kind: Kind) -> None:
        """Counts one thing that was judged."""
        self.threads += kind == "claims"
        self.pairs += kind == "pair"
        self.errors += kind == "error"


def estimate(connection: sqlite3.Connection, band: tuple[float, float], model: str) -> Estimate:
    """What judging everything that waits would take; asks nothing."""
    tasks = list(open_tasks(connection, band, model))
    kinds = Counter(task.kind for task in tasks)
    return Estimate(
        threads=kinds["claims"],
        pairs=kinds["pair"],
        errors=kinds["error"],
        requests=sum(len(task.questions) for task in tasks),
        tokens=sum(question.tokens for task in tasks for question in task.questions),
    )


def judge(store: Store, client: Client, now: str) -> JudgeReport:
    """Asks about everything that waits until the budget ends, and stores each answer at once;
    mining heeds them. Raises nothing that the endpoint does: the report says what went wrong.
    """
    report = JudgeReport()
    waiting = list(open_tasks(store.connection, client.settings.band, client.model))
    for done, task in enumerate(waiting):
        try:
            answers = [(question, client.ask(question)) for question in task.questions]
        except RefusedError:
            continue
        except StoppedError as error:
            report.stopped, report.left = str(error), len(waiting) - done
            break
        with store.transaction() as connection:
            for question, answer in answers:
                keep_answer(connection, question, client.model, answer, now)
            task.mark(connection)
        report.add(task.kind)
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
