"""The log of unattended runs, by structlog: one line an event on standard error, as JSON or as
`key=value`; a processor takes out whatever looks like a secret.

    log(logging.INFO, "repository done", repo="acme/tool", requests=2)

Events go through the standard library's logger `faultlore`, so that a program that uses faultlore
decides for itself what becomes of them: nothing is written until `set_up` was called.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from structlog import processors, stdlib
from structlog.typing import EventDict, Processor

from kb.redact import redact, redact_all
from miner.harvest.access import TOKEN_VARIABLES

_SHORTEST_SECRET = 8
_LONGEST_TEXT = 2_000

logger = logging.getLogger("faultlore")
logger.addHandler(logging.NullHandler())

_events = structlog.wrap_logger(
    logger,
    processors=[stdlib.filter_by_level, stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=stdlib.BoundLogger,
)


def log(level: int, event: str, **facts: Any) -> None:
    """One event with its facts, which are texts, numbers, lists or dictionaries of such."""
    _events.log(level, event, **facts)


class Cleaner:
    """Takes secrets out of an event: those given by value, and those known by their form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        self._secrets = sorted(known, key=len, reverse=True)

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        """The event with every text in it cleaned, and what is no plain value made a text."""
        plain: EventDict = json.loads(json.dumps(event, default=str))
        return redact_all(plain, self.clean)

    def clean(self, text: str) -> str:
        """A text cleaned, on one line, and cut to a line's length."""
        for secret in self._secrets:
            text = text.replace(secret, "[token]")
        # cut twice: a secret cut in half would not be known as one
        text = redact(text[: 4 * _LONGEST_TEXT])[:_LONGEST_TEXT]
        return "".join(c if c.isprintable() else " " for c in text)


def _for_people(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The facts that are known, a dictionary in words: a line need not name the others."""
    known = {key: value for key, value in event.items() if value is not None}
    for key, value in known.items():
        if isinstance(value, dict):
            known[key] = ", ".join(f"{name} {one}" for name, one in value.items())
    return known


class _Handler(logging.StreamHandler["TextIO"]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """A log that cannot be written (a full disk, a closed pipe) does not stop the run."""


def set_up(
    level: str = "info",
    *,
    as_json: bool = False,
    stream: TextIO | None = None,
    secrets: Iterable[str] = (),
) -> logging.Handler:
    """Sends the log to a stream (default: standard error); returns the handler, for `tear_down`.
    `secrets`: values that must not show, besides those of `TOKEN_VARIABLES`.
    """
    known = [*secrets, *(os.environ.get(name, "") for name in TOKEN_VARIABLES)]
    steps: list[Processor] = [
        stdlib.add_log_level,
        processors.TimeStamper(fmt="iso", utc=True, key="time"),
        stdlib.ProcessorFormatter.remove_processors_meta,
        Cleaner(known),
    ]
    if as_json:
        steps.append(processors.JSONRenderer(ensure_ascii=True))
    else:
        order = ["time", "level", "event"]
        line = processors.LogfmtRenderer(key_order=order, drop_missing=True, bool_as_flag=False)
        steps += [_for_people, line]
    handler = _Handler(stream or sys.stderr)
    extra = [stdlib.ExtraAdder()]
    handler.setFormatter(stdlib.ProcessorFormatter(foreign_pre_chain=extra, processors=steps))
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    return handler


def tear_down(handler: logging.Handler) -> None:
    """Removes the handler that `set_up` installed."""
    logger.removeHandler(handler)
