"""Asks an endpoint of OpenAI's API (OpenRouter, Ollama, vLLM and others speak it too) with the
official client, within a budget.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb.errors import BadInputError
from kb.redact import redact
from miner.judge.questions import AnswerError, Question, read_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.settings import Judge

TIMEOUT = 120.0
"""Seconds that an answer may take."""
TRIES = 3
"""Times that a question is sent where the endpoint is busy or fails for the moment."""
LONGEST_WAIT = 60.0
"""Seconds that are waited at most because the endpoint asks for it (`Retry-After`)."""


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
        self._sleep = sleep
        key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
        if settings.api_key_env and not key:
            raise BadInputError(
                f"the variable {settings.api_key_env} is empty; set it to the key, or name another"
                " in [judge] api_key_env"
            )
        _check_address(settings.base_url, bool(key))
        # an empty key is refused by the client, not by endpoints that want none
        self._api = openai.OpenAI(
            base_url=settings.base_url, api_key=key or "none", max_retries=0, timeout=TIMEOUT
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
                return self._read(self._api.chat.completions.create(**question.request(self.model)))
            except self._openai.APIStatusError as error:
                wait = self._after_status(error, attempt)
            except (ValueError, self._openai.APIResponseValidationError):
                return ""  # a reply that was cut or is no completion: no answer
            except self._openai.APIConnectionError as error:
                if attempt == TRIES:
                    raise StoppedError(f"{self._where()}: {_words(error)}") from error
                wait = float(2**attempt)
            self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _check_budget(self, question: Question) -> None:
        settings = self.settings
        if self.spent.requests >= settings.max_requests:
            raise StoppedError(f"the budget of {settings.max_requests} requests is used up")
        if self.spent.tokens + question.tokens > settings.max_tokens:
            raise StoppedError(f"the budget of {settings.max_tokens} tokens is used up")

    def _read(self, completion: Any) -> str:
        usage = getattr(completion, "usage", None)
        self.spent.tokens += int(getattr(usage, "total_tokens", 0) or 0)
        choices = getattr(completion, "choices", None) or []
        content = choices[0].message.content if choices and choices[0].message else None
        return content if isinstance(content, str) else ""

    def _after_status(self, error: Any, attempt: int) -> float:
        """Seconds to wait before the next try. Raises `StoppedError` where none makes sense."""
        status = error.status_code
        if status in (401, 403):
            raise StoppedError(
                f"{self._where()} refuses the key ({status}); check"
                f" {self.settings.api_key_env or '[judge] api_key_env'}"
            ) from error
        passing = status == 429 or status >= 500
        if not passing or attempt == TRIES:
            raise StoppedError(f"{self._where()} answers {status}: {_words(error)}") from error
        asked = error.response.headers.get("retry-after", "")
        wait = float(asked) if asked.isdigit() else float(2**attempt)
        if wait > LONGEST_WAIT:
            raise StoppedError(f"{self._where()} asks to wait {wait:.0f} seconds") from error
        return wait

    def _where(self) -> str:
        return urlsplit(self.settings.base_url).netloc


def _words(error: Exception) -> str:
    """An endpoint's message, short and without keys."""
    return " ".join(redact(str(error)).split())[:200]


def _check_address(url: str, has_key: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadInputError(f"[judge] base_url {url!r} is no address: write https://HOST/v1")
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if has_key and parts.scheme == "http" and not loopback:
        raise BadInputError(f"[judge] base_url {url}: a key is sent over https only")
