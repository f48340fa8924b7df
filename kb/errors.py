"""Errors that reach a user: one line that says what is wrong and what to do.

Exit statuses are those of the contract: 1 nothing found, 2 wrong usage or bad input,
3 GitHub could not be reached or refused, 4 another process is writing the database.
"""

from __future__ import annotations

from typing import NamedTuple


class FaultloreError(Exception):
    """A failure with a remedy; the command line prints it as one line and leaves with
    `exit_status`.

    `remedies`: what to do in the words of the place, where these differ: `cli`, `agent` (over the
    Model Context Protocol), `browser`, `python` (which `str` gives too).
    """

    exit_status = 2

    def __init__(self, message: str = "", **remedies: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedies = remedies

    def __str__(self) -> str:
        return self.said_in("python")

    def said_in(self, place: str) -> str:
        """The message with the remedy for a place."""
        remedy = self.remedies.get(place, "")
        return f"{self.message}; {remedy}" if remedy else self.message


class NotFoundError(FaultloreError):
    """What was asked for is not in the knowledge base."""

    exit_status = 1


class BadInputError(FaultloreError):
    """A file, an argument or a database that cannot be used as it is."""

    exit_status = 2


class GitHubError(FaultloreError):
    """GitHub could not be reached or refused; what had arrived is kept."""

    exit_status = 3


class LockedError(FaultloreError):
    """Another process is writing this database."""

    exit_status = 4


class Problem(NamedTuple):
    """What a check found wrong. `where`: `claim C1`, `mention 7`, `file:line`; `what`: one line."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
