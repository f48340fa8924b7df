"""The log of unattended runs: structured, with levels, on standard error; whatever looks like a
secret is taken out.

Stages log through `logger` of the standard library's `logging`, with facts as keywords:

    log(logging.INFO, "repository done", repo="acme/tool", requests=2)

Nothing is written until `set_up` was called, so that a program that uses faultlore decides for
itself.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kb.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

LEVELS = ("debug", "info", "warning", "error")
SECRET_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
_SHORTEST_SECRET = 8
_LONGEST_TEXT = 2_000

logger = logging.getLogger("faultlore")
logger.addHandler(logging.NullHandler())


def log(level: int, event: str, **facts: Any) -> None:
    """One event with its facts, which are texts, numbers, lists or dictionaries of such."""
    logger.log(level, event, extra={"facts": facts})


class Cleaner:
    """Takes secrets out of anything that is about to be logged: those given by value, and those
    `redact` knows by form.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(
            {s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True
        )

    def clean(self, value: Any) -> Any:
        """The value with every text in it cleaned and cut to a length that a line of a log can
        have.
        """
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "[token]")
            # cut twice: a secret cut in half would not be known as one
            return redact(value[: 4 * _LONGEST_TEXT])[:_LONGEST_TEXT]
        if isinstance(value, dict):
            return {self.clean(str(key)): self.clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean(item) for item in value]
        return (
            value
            if value is None or isinstance(value, bool | int | float)
            else self.clean(str(value))
        )


def _time(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


class _Formatter(logging.Formatter):
    def __init__(self, cleaner: Cleaner, *, as_json: bool) -> None:
        super().__init__()
        self._cleaner = cleaner
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the event holds."""
        facts = dict(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1] is not None:
            facts["error"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        event = self._cleaner.clean(record.getMessage())
        facts = self._cleaner.clean(facts)
        head = {"time": _time(record), "level": record.levelname.lower()}
        if self._as_json:
            return json.dumps({**facts, **head, "event": event}, ensure_ascii=True)
        said = " ".join(
            f"{key}={_shown(value)}" for key, value in facts.items() if value is not None
        )
        return f"{head['time']} {head['level']} {_one_line(event)}{': ' + said if said else ''}"


def _shown(value: Any) -> str:
    if (
        isinstance(value, str)
        and value
        and not any(c.isspace() or c in '"=' or not c.isprintable() for c in value)
    ):
        return value
    return (
        json.dumps(value, ensure_ascii=True)
        if not isinstance(value, bool | int | float)
        else str(value)
    )


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


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

    `secrets`: values that must not show, besides those of `SECRET_VARIABLES`.
    """
    handler = _Handler(stream or sys.stderr)
    known = [*secrets, *(os.environ.get(name, "") for name in SECRET_VARIABLES)]
    handler.setFormatter(_Formatter(Cleaner(known), as_json=as_json))
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    return handler


def tear_down(handler: logging.Handler) -> None:
    """Ends what `set_up` began."""
    logger.removeHandler(handler)
