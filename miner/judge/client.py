"""Asks an endpoint of OpenAI's API (OpenRouter, Ollama, vLLM speak it too) within a budget."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb.errors import BadInputError
from kb.links import is_loopback, parse_address
from kb.redact import redact
from miner.deadline import within
from miner.harvest.access import TRUST_VARIABLE, is_trusted
from miner.judge.questions import AnswerError, Question, content_of, read_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb.settings import Judge

KNOWN_HOSTS = frozenset({"openrouter.ai", "api.openai.com", "api.anthropic.com"})
"""Hosts that get a key because a file names them; any other one a person must name too."""
TIMEOUT = 120.0
"""Seconds that an answer may take."""
LARGEST = 4_000_000
"""Bytes of an answer that are read: labels of a window are some kilobytes."""
TRIES = 3
"""Times that a question is sent where the endpoint is busy or fails for the moment."""
LONGEST_WAIT = 60.0
"""Seconds that are waited at most because the endpoint asks for it (`Retry-After`)."""


class StoppedError(Exception):
    """Nothing more can be asked now; says why. What was answered is kept."""


class RefusedError(Exception):
    """A question got no usable answer; the built-in model decides. Says why."""


NOT_THIS_ONE = (400, 413, 422)
"""What an endpoint answers to a question that it does not take: too long, against its rules."""
MOST_REFUSED = 3
"""Questions in a row that it may not take before nothing more is asked."""


@dataclass(slots=True)
class Spent:
    """What was used of a budget."""

    requests: int = 0
    tokens: int = 0
    refused: list[str] = field(default_factory=list)


class Client:
    """An endpoint with a model. `sleep` waits a number of seconds.

    Raises `BadInputError` where the settings or the package `openai` are missing.
    """

    def __init__(self, settings: Judge, sleep: Callable[[float], None] = time.sleep) -> None:
        if not settings.model:
            raise BadInputError("[judge] model is not set: no language model is asked")
        try:
            import openai
        except ImportError:
            raise BadInputError(
                "the package openai is missing; install it with: pip install 'faultlore[judge]'"
            ) from None
        self._openai = openai
        self.settings = settings
        self.model = settings.model
        self.spent = Spent()
        self._refused = 0
        self._sleep = sleep
        key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
        if settings.api_key_env and not key:
            remedy = "set it to the key, or name another in [judge] api_key_env"
            raise BadInputError(f"the variable {settings.api_key_env} is empty; {remedy}")
        _check_address(settings, bool(key))
        # an empty key is refused by the client, not by endpoints that want none
        self._api = openai.OpenAI(
            base_url=settings.base_url,
            api_key=key or "none",
            max_retries=0,
            timeout=TIMEOUT,
            http_client=_bounded(openai.DefaultHttpxClient),
        )

    def ask(self, question: Question) -> str:
        """A usable answer as the endpoint gave it.

        Raises `RefusedError` if there is none after a second try, `StoppedError` if nothing more
        can be asked.
        """
        why = ""
        for _ in range(2):
            answer = self._send(question)
            try:
                read_answer(question, answer)
            except AnswerError as error:
                why = str(error)
            else:
                return answer
        self.spent.refused.append(f"{question.about}: {why}")
        raise RefusedError(why)

    def _send(self, question: Question) -> str:
        for attempt in range(1, TRIES + 1):
            self._check_budget(question)
            self.spent.requests += 1
            try:
                reply = within(TIMEOUT, lambda: self._post(question))
            except self._openai.APIStatusError as error:
                wait = self._after_status(question, error, attempt)
            except (self._openai.APIConnectionError, TimeoutError) as error:
                if attempt == TRIES:
                    why = _words(error) or "no complete answer in time"
                    raise StoppedError(f"{self._where()}: {why}") from error
                wait = float(2**attempt)
            else:
                self._refused = 0
                return self._read(question, reply)
            self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _post(self, question: Question) -> str:
        completions = self._api.chat.completions.with_raw_response
        return str(completions.create(**question.request(self.model)).text)

    def _check_budget(self, question: Question) -> None:
        settings = self.settings
        if self.spent.requests >= settings.max_requests:
            raise StoppedError(f"the budget of {settings.max_requests} requests is used up")
        if self.spent.tokens + question.tokens > settings.max_tokens:
            raise StoppedError(f"the budget of {settings.max_tokens} tokens is used up")

    def _read(self, question: Question, reply: str) -> str:
        """The content of a reply, empty where it was cut or is no completion. One that does not say
        what it cost took what was reckoned.
        """
        try:
            document = json.loads(reply)
        except (ValueError, RecursionError):
            document = None
        usage = document.get("usage") if isinstance(document, dict) else None
        told = usage.get("total_tokens") if isinstance(usage, dict) else None
        self.spent.tokens += told if type(told) is int and told > 0 else question.tokens
        try:
            return content_of(document)
        except AnswerError:
            return ""

    def _after_status(self, question: Question, error: Any, attempt: int) -> float:
        """Seconds to wait before the next try. Raises `RefusedError` where only this question is
        not taken, `StoppedError` where no try makes sense.
        """
        status = error.status_code
        said = f"{self._where()} answers {status}: {_words(error)}"
        if status in (401, 403):
            name = self.settings.api_key_env or "[judge] api_key_env"
            refused = f"{self._where()} refuses the key ({status})"
            raise StoppedError(f"{refused}; check {name}") from error
        if status in NOT_THIS_ONE and self._refused + 1 < MOST_REFUSED:
            self._refused += 1
            self.spent.refused.append(f"{question.about}: {said}")
            raise RefusedError(said) from error
        passing = status == 429 or status >= 500
        if not passing or attempt == TRIES:
            raise StoppedError(said) from error
        asked = error.response.headers.get("retry-after", "")
        wait = float(asked) if asked.isascii() and asked.isdigit() else float(2**attempt)
        if wait > LONGEST_WAIT:
            raise StoppedError(f"{self._where()} asks to wait {wait:.0f} seconds") from error
        return wait

    def _where(self) -> str:
        return urlsplit(self.settings.base_url).netloc


def _words(error: Exception) -> str:
    """An endpoint's message, short and without keys."""
    return " ".join(redact(str(error)).split())[:200]


def _check_address(settings: Judge, has_key: bool) -> None:
    """A cloned folder's `faultlore.toml` may name any variable as the key: it is not sent to a host
    that only the file names.
    """
    url = settings.base_url
    parts = parse_address(url)
    if parts is None:
        raise BadInputError(f"[judge] base_url {url!r} is no address: write https://HOST/v1")
    host = parts.hostname or ""
    if not has_key or is_loopback(host):
        return
    if parts.scheme == "http":
        raise BadInputError(f"[judge] base_url {url}: a key is sent over https only")
    if host not in KNOWN_HOSTS and not is_trusted(url, os.environ):
        raise BadInputError(
            f"[judge] base_url {url}: {settings.api_key_env} is not sent to a host that only a file"
            f" names; set {TRUST_VARIABLE}={parts.netloc} if it may have the key"
        )


def _bounded(client: Any) -> Any:
    """An HTTP client that reads at most `LARGEST` bytes of an answer and unpacks none."""
    import httpx

    class Limited(httpx.SyncByteStream):
        def __init__(self, stream: Any, request: httpx.Request) -> None:
            self.stream, self.request = stream, request

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for part in self.stream:
                size += len(part)
                if size > LARGEST:
                    raise httpx.ReadError("the answer does not end", request=self.request)
                yield part

        def close(self) -> None:
            self.stream.close()

    def limit(response: httpx.Response) -> None:
        response.headers.pop("content-encoding", None)
        response.stream = Limited(response.stream, response.request)

    return client(
        headers={"accept-encoding": "identity"}, event_hooks={"response": [limit]}, timeout=TIMEOUT
    )
