"""Asks the second reader about what the built-in models are not sure of.

A thread with a claim, a pair of signatures with a match, a mention with an error text: each has a
confidence, and those inside the band are asked about. What an answer changes is made anew by the
next mining.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from kb import sql
from kb.dirty import mark_signatures, mark_threads
from kb.matching.model import weights
from kb.rows import thread_mentions
from kb.store import load_thread
from kb.text import counted
from miner.extract.context import posts_of
from miner.extract.find import candidates
from miner.extract.replies import Said
from miner.extract.sources import context_of, sources_for
from miner.judge.client import RefusedError, StoppedError
from miner.judge.questions import error_question, pair_question
from miner.judge.reading import questions_of
from miner.judge.store import keep_answer, stored_answer
from miner.posts import ParsedThread

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kb.models import Mention, Thread, ThreadKey
    from kb.store import Store
    from miner.judge.client import Client
    from miner.judge.questions import Kind, Question

    Band = tuple[float, float]


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
        return self.threads + self.pairs + self.errors

    def add(self, kind: Kind) -> None:
        self.threads += kind == "claims"
        self.pairs += kind == "pair"
        self.errors += kind == "error"

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


def estimate(connection: sqlite3.Connection, band: tuple[float, float], model: str) -> Estimate:
    """What judging everything that waits would take; asks nothing."""
    found = Estimate()
    for task in open_tasks(connection, band, model):
        found.add(task.kind)
        found.requests += len(task.questions)
        found.tokens += sum(question.tokens for question in task.questions)
    return found


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


# ---------------------------------------------------------------- what is asked


@dataclass(frozen=True, slots=True)
class Task:
    """Questions about one thing, and the threads and signatures that depend on their answers."""

    kind: Kind
    questions: tuple[Question, ...]
    threads: tuple[ThreadKey, ...] = ()
    signatures: tuple[str, ...] = ()

    def mark(self, connection: sqlite3.Connection) -> None:
        """Has the next mining heed the answers."""
        mark_threads(connection, ("detect" if self.kind == "error" else "claims",), self.threads)
        mark_signatures(connection, self.signatures)


def open_tasks(connection: sqlite3.Connection, band: Band, model: str) -> Iterator[Task]:
    """What this model has not answered yet: the kinds in turn, and of each what most threads share
    first, so that a budget that ends leaves out the least.
    """
    kinds = (unsure(connection, band) for unsure in (unsure_threads, unsure_pairs, unsure_errors))
    for task in filter(None, chain.from_iterable(zip_longest(*kinds))):
        questions = tuple(q for q in task.questions if stored_answer(connection, q, model) is None)
        if questions:
            yield Task(task.kind, questions, task.threads, task.signatures)


def unsure_threads(connection: sqlite3.Connection, band: Band) -> Iterator[Task]:
    """The threads with a claim whose confidence lies inside the band."""
    for row in sql.ask(connection, "claims.unsure_threads", *band).fetchall():
        key = (row["repo"], row["number"])
        if (found := sentences_in(connection, *key)) is not None:
            yield Task("claims", tuple(questions_of(*found)), threads=(key,))


def unsure_pairs(connection: sqlite3.Connection, band: Band) -> Iterator[Task]:
    """The pairs of signatures whose probability of one failure lies inside the band: of two
    entries, or of one, the pair that is nearest to the threshold. What a person decided is not
    asked about.
    """
    rows = sql.ask(connection, "groups.unsure", *band).fetchall()
    decided = {
        frozenset(line.split()[1:3])
        for (line,) in sql.ask(connection, "entries.curation_lines")
        if line.startswith(("not-same", "merge"))
    }
    least = _odds(weights().threshold)
    nearest: dict[frozenset[str], sqlite3.Row] = {}
    for row in sorted(rows, key=lambda r: (abs(_odds(r["probability"]) - least), r["a"], r["b"])):
        pair = frozenset((row["ea"], row["eb"]))
        if pair not in decided:
            nearest.setdefault(pair, row)
    for row in sorted(nearest.values(), key=lambda r: (-r["threads"], r["a"], r["b"])):
        pair_of = (row["a"], row["b"])
        question = pair_question(" ".join(pair_of), row["one"], row["other"])
        yield Task("pair", (question,), signatures=pair_of)


def unsure_errors(connection: sqlite3.Connection, band: Band) -> Iterator[Task]:
    """The texts of mentions that are errors by a confidence alone that lies inside the band."""
    places: dict[str, set[ThreadKey]] = defaultdict(set)
    for row in sql.ask(connection, "mentions.unsure", *band):
        places[row["raw"]].add((row["repo"], row["number"]))
    for raw, threads in sorted(places.items(), key=lambda item: (-len(item[1]), item[0])):
        repo, number = min(threads)
        question = error_question(f"{repo}#{number}", raw)
        yield Task("error", (question,), threads=tuple(sorted(threads)))


def _odds(probability: float) -> float:
    bounded = min(0.9999, max(0.0001, probability))
    return math.log(bounded / (1 - bounded))


# ---------------------------------------------------------------- a stored thread


def sentences_in(
    connection: sqlite3.Connection, repo: str, number: int
) -> tuple[Thread, list[Said], list[Mention]] | None:
    """A stored thread (None: it is not), its candidate sentences, not judged yet, its mentions."""
    thread = load_thread(connection, repo, number)
    if thread is None:
        return None
    whole = ParsedThread(thread)
    context = context_of(sources_for(connection, whole))
    said = [Said(post, i, ()) for post, i in candidates(posts_of(whole, context))]
    return thread, said, thread_mentions(connection, thread)
