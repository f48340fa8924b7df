"""Asks an endpoint of OpenAI's API (OpenRouter, Ollama, vLLM speak it too) within a budget.

The client of `openai` sends a question again where the endpoint is busy or fails for the moment,
after the time that `Retry-After` asks for; what asks for more than two minutes it leaves.
"""

from __future__ import annotations

import json
import os
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
    from kb.settings import Judge

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


class StoppedError(Exception):
    """Nothing more can be asked now; says why. What was answered is kept."""


class RefusedError(Exception):
    """A question got no usable answer; the built-in model decides. Says why."""


@dataclass(slots=True)
class Spent:
    """What was used of a budget."""

    requests: int = 0
    tokens: int = 0
    refused: list[str] = field(default_factory=list)


class Client:
    """An endpoint with a model. Raises `BadInputError` where the settings or the package `openai`
    are missing.
    """

    def __init__(self, settings: Judge) -> None:
        if not settings.model:
            raise BadInputError("[judge] model is not set: no language model is asked")
        try:
            import httpx
            import openai
        except ImportError:
            raise BadInputError(
                "the package openai is missing; install it with: pip install 'faultlore[judge]'"
            ) from None
        self._openai, self._cut = openai, httpx.HTTPError
        self.settings = settings
        self.model = settings.model
        self.spent = Spent()
        self._refused = 0
        key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
        if settings.api_key_env and not key:
            remedy = "set it to the key, or name another in [judge] api_key_env"
            raise BadInputError(f"the variable {settings.api_key_env} is empty; {remedy}")
        _check_address(settings, bool(key))
        self._where = urlsplit(settings.base_url).netloc
        # an empty key is refused by the client, not by endpoints that want none
        self._api = openai.OpenAI(
            base_url=settings.base_url,
            api_key=key or "none",
            timeout=TIMEOUT,
            http_client=openai.DefaultHttpxClient(event_hooks={"request": [self._count]}),
        )

    def _count(self, _: object) -> None:
        self.spent.requests += 1

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
        """The content of a reply, empty where it was cut or is no completion. One that does not say
        what it cost took what was reckoned.
        """
        settings, spent = self.settings, self.spent
        if spent.requests >= settings.max_requests:
            raise StoppedError(f"the budget of {settings.max_requests} requests is used up")
        if spent.tokens + question.tokens > settings.max_tokens:
            raise StoppedError(f"the budget of {settings.max_tokens} tokens is used up")
        tries = min(TRIES, settings.max_requests - spent.requests)
        try:
            reply = within(TRIES * TIMEOUT, lambda: self._post(question, tries))
        except self._openai.APIStatusError as error:
            raise self._refusal(question, error) from error
        except (self._openai.APIConnectionError, TimeoutError) as error:
            why = _words(error) or "no complete answer in time"
            raise StoppedError(f"{self._where}: {why}") from error
        except self._cut:
            reply = b""
        self._refused = 0
        try:
            document = json.loads(reply)
        except (ValueError, RecursionError):
            document = None
        usage = document.get("usage") if isinstance(document, dict) else None
        told = usage.get("total_tokens") if isinstance(usage, dict) else None
        spent.tokens += told if type(told) is int and told > 0 else question.tokens
        try:
            return content_of(document)
        except AnswerError:
            return ""

    def _post(self, question: Question, tries: int) -> bytes:
        """A reply, of which no more than `LARGEST` bytes are read."""
        api = self._api.with_options(max_retries=tries - 1).chat.completions
        reply = b""
        with api.with_streaming_response.create(**question.request(self.model)) as answer:
            for part in answer.iter_bytes():
                reply += part
                if len(reply) > LARGEST:
                    raise StoppedError(f"{self._where}: the answer does not end")
        return reply

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
