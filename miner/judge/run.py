"""Asks the second reader about what the built-in models are not sure of.

A thread with a claim, a pair of signatures with a match, a mention with an error text: each has a
confidence, and those inside the band are asked about. What an answer changes is made anew by the
next mining.

`Client` asks an endpoint of OpenAI's API (OpenRouter, Ollama, vLLM speak it too) within a budget.
The client of `openai` sends a question again where the endpoint is busy or fails for the moment,
after the time that `Retry-After` asks for; what asks for more than two minutes it leaves.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import urlsplit

from kb import sql
from kb.errors import BadInputError, FaultloreError
from kb.links import is_loopback, parse_address
from kb.models import Mention, Thread, ThreadKey
from kb.redact import redact
from kb.rows import mark_signatures, mark_threads, thread_mentions
from kb.settings import Judge
from kb.store import Store, load_thread
from kb.text import counted
from miner.cluster.suggest import undecided
from miner.endings import within
from miner.extract.context import posts_of
from miner.extract.find import candidates
from miner.extract.replies import Said
from miner.extract.sources import context_of, sources_for
from miner.harvest.access import TRUST_VARIABLE, is_trusted
from miner.harvest.objects import value_at
from miner.judge.questions import (
    AnswerError,
    Kind,
    Question,
    content_of,
    error_question,
    keep_answer,
    pair_question,
    read_answer,
    stored_answer,
)
from miner.judge.reading import questions_of
from miner.posts import ParsedThread

Band = tuple[float, float]


KNOWN_HOSTS = frozenset({"openrouter.ai", "api.openai.com", "api.anthropic.com"})
"""Hosts that get a key because a file names them; any other one a person must name too."""
TIMEOUT = 120.0
"""Seconds that an answer may take, and as many for each further try and the wait before it."""
LARGEST = 4_000_000
"""Bytes of an answer that are read: labels of a window are some kilobytes."""
TRIES = 3
"""Times that a question is sent where the endpoint is busy or fails for the moment."""
NOT_THIS_ONE = (400, 413, 422)
"""What an endpoint answers to a question that it does not take: too long, against its rules."""
MOST_REFUSED = 3
"""Questions in a row that it may not take before nothing more is asked."""


class StoppedError(FaultloreError):
    """Nothing more can be asked now; says why. What was answered is kept."""


class RefusedError(FaultloreError):
    """A question got no usable answer; the built-in model decides. Says why."""


class Client:
    """An endpoint with a model; `spent`: what it did and took so far. Raises `BadInputError` where
    the settings or the package `openai` are missing.
    """

    def __init__(self, settings: Judge) -> None:
        if not settings.model:
            raise BadInputError("[judge] model is not set: no language model is asked")
        try:
            import openai
        except ImportError:
            raise BadInputError(
                "the package openai is missing; install it with: pip install 'faultlore[judge]'"
            ) from None
        self._openai = openai
        self.settings, self.model = settings, settings.model
        self.spent = JudgeReport()
        self._refused = 0
        hooks: Any = {"request": [self._count], "response": [_bound]}
        identity = {"accept-encoding": "identity"}
        self._api = openai.OpenAI(
            base_url=settings.base_url,
            api_key=_key(settings),
            timeout=TIMEOUT,
            http_client=openai.DefaultHttpxClient(headers=identity, event_hooks=hooks),
        )
        self._where = urlsplit(settings.base_url).netloc

    def _count(self, _: object) -> None:
        self.spent.requests += 1

    def ask(self, question: Question) -> str:
        """A usable answer as the endpoint gave it.

        Raises `RefusedError` if there is none after a second try, `StoppedError` if nothing more
        can be asked.
        """
        why = ""
        for _ in range(2):
            completion = self._send(question)
            try:
                read_answer(question, answer := content_of(completion))
                return answer
            except AnswerError as error:
                why = str(error)
        self.spent.refused.append(f"{question.about}: {why}")
        raise RefusedError(why)

    def _send(self, question: Question) -> Any:
        """A reply, None where it was cut; one that hides its cost took what was reckoned."""
        settings, spent = self.settings, self.spent
        if spent.requests >= settings.max_requests:
            raise StoppedError(f"the budget of {settings.max_requests} requests is used up")
        if spent.tokens + question.tokens > settings.max_tokens:
            raise StoppedError(f"the budget of {settings.max_tokens} tokens is used up")
        tries = min(TRIES, settings.max_requests - spent.requests)
        raw = self._api.with_options(max_retries=tries - 1).chat.completions.with_raw_response
        try:
            answer = within(
                TRIES * TIMEOUT, lambda: raw.create(**question.request(self.model)).content
            )
        except self._openai.APIStatusError as error:
            raise self._refusal(question, error) from error
        except (self._openai.APIConnectionError, TimeoutError) as error:
            late = isinstance(error, TimeoutError | self._openai.APITimeoutError)
            why = "no complete answer in time" if late else _words(error)
            raise StoppedError(f"{self._where}: {why}") from error
        if len(answer) > LARGEST:
            raise StoppedError(f"{self._where}: the answer does not end")
        self._refused = 0
        try:
            document = json.loads(answer)
        except (ValueError, RecursionError):
            document = None
        told = value_at(document, "usage", "total_tokens")
        spent.tokens += told if type(told) is int and told > 0 else question.tokens
        return document

    def _refusal(self, question: Question, error: Any) -> RefusedError | StoppedError:
        """What an error's status means: only this question is not taken, or none any more."""
        status = error.status_code
        said = f"{self._where} answers {status}: {_words(error)}"
        if status in (401, 403):
            name = self.settings.api_key_env or "[judge] api_key_env"
            return StoppedError(f"{self._where} refuses the key ({status}); check {name}")
        if status in NOT_THIS_ONE and self._refused + 1 < MOST_REFUSED:
            self._refused += 1
            self.spent.refused.append(f"{question.about}: {said}")
            return RefusedError(said)
        if wait := error.response.headers.get("retry-after"):
            said += f" (it asks to wait {wait[:20]} seconds)"
        return StoppedError(said)


def _words(error: Exception) -> str:
    """An endpoint's message, short and without keys."""
    return " ".join(redact(str(error)).split())[:200]


def _bound(response: Any) -> None:
    """Unpacks no reply, and reads none on that is larger than an answer can be."""
    import httpx

    response.headers.pop("content-encoding", None)
    read = b""
    with closing(response.stream) as parts:
        for part in parts:
            read += part
            if len(read) > LARGEST:
                break
    response.stream = httpx.ByteStream(read)


def _key(settings: Judge) -> str:
    """The endpoint's key. A cloned folder's `faultlore.toml` may name any variable as that: it is
    not sent to a host that only the file names. Raises `BadInputError`.
    """
    url, name = settings.base_url, settings.api_key_env
    key = os.environ.get(name, "") if name else "none"  # the client refuses an empty one
    if not key:
        remedy = "set it to the key, or name another in [judge] api_key_env"
        raise BadInputError(f"the variable {name} is empty; {remedy}")
    parts = parse_address(url)
    if parts is None:
        raise BadInputError(f"[judge] base_url {url!r} is no address: write https://HOST/v1")
    host = parts.hostname or ""
    if name and not is_loopback(host):
        if parts.scheme == "http":
            raise BadInputError(f"[judge] base_url {url}: a key is sent over https only")
        if host not in KNOWN_HOSTS and not is_trusted(url, os.environ):
            raise BadInputError(
                f"[judge] base_url {url}: {name} is not sent to a host that only a file names;"
                f" set {TRUST_VARIABLE}={parts.netloc} if it may have the key"
            )
    return key


# ---------------------------------------------------------------- asking about what waits


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

    def as_text(self, settings: Judge) -> str:
        """What is to be judged, what that takes, and the most that a run may take."""
        most = f"at most {settings.max_requests:,} and {settings.max_tokens:,} a run"
        requests = counted(self.requests, "request")
        return f"{self.things}: {requests}, about {self.tokens:,} tokens ({most})"


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
    report = client.spent
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
    return report


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
    rows = undecided(connection, sql.ask(connection, "groups.unsure", *band).fetchall())
    for row in sorted(rows, key=lambda r: (-r["threads"], r["a"], r["b"])):
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
