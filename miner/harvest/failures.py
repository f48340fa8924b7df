"""The errors that a harvest from GitHub may end with."""

from __future__ import annotations

from kb.errors import GitHubError


class Refused(GitHubError):
    """An answer with an error's `status` that is no accident; concerns this one request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Stopped(GitHubError):
    """Nothing more can be asked in this run: a refused token, no connection, endless answers."""


class Paused(Stopped):
    """Nothing more can be asked for now: the rate limit wants a longer wait than is allowed."""


class Unsteady(GitHubError):
    """One request failed at every try: 5xx, dropped connections, answers cut or not JSON."""


class Passing(Exception):
    """A failure that may be gone at the next try."""
