"""Small threads for the tests of claims, written as people write them."""

from __future__ import annotations

from typing import Any

from kb.models import Thread
from miner.training.dataset import thread_of
from tests.support import threads

Said = tuple[str, str, str]
"""Login, author association, text."""


def thread(
    title: str,
    body: str,
    *comments: Said,
    state: str = "closed",
    reporter: str = "rowan-t",
    repo: str = "otterwick/plume",
) -> Thread:
    """A thread of the reporter's text and comments in order; comment ids are 1, 2, 3, ..."""
    posts = [
        threads.comment(i, text, login, association, user=_user(login), created_at=_minute(i))
        for i, (login, association, text) in enumerate(comments, 1)
    ]
    reason = "completed" if state == "closed" else None
    told = {"repo": repo, "state": state, "state_reason": reason, "user": _user(reporter)}
    created = "2026-02-01T00:00:00Z"
    return thread_of(threads.thread(7, title, body, posts, created_at=created, **told))


def _user(login: str) -> dict[str, Any]:
    return threads.user(login, "Bot" if login.endswith("[bot]") else "User")


def _minute(number: int) -> str:
    return f"2026-02-02T{number // 60:02d}:{number % 60:02d}:00Z"


KEYRING = thread(
    "401 Missing Authorization Header after the update to 4.2",
    "Since the update every request ends with\n\n```\nError 401: Missing Authorization "
    "Header\n```\n\nThe key is right, curl takes it.",
    ("juno-pike", "NONE", "same here on fedora"),
    (
        "m-oakes",
        "MEMBER",
        "The cause is that 4.2 reads the key from the system keyring, and without one "
        "running it sends an empty header."
        " As a workaround set `PLUME_KEYRING=file` and log in again:\n\n```sh\n"
        "export PLUME_KEYRING=file\nplume login\n```",
    ),
    ("rowan-t", "NONE", "@m-oakes PLUME_KEYRING=file fixed it, no more 401. thank you!"),
    ("juno-pike", "NONE", "set PLUME_KEYRING=file as well and it works again"),
    (
        "triage-owl[bot]",
        "NONE",
        "The root cause is an outdated client. To fix it, update to the latest version.",
    ),
)
"""A maintainer names cause and workaround, two people report that it works, a bot guesses."""
