"""Threads to mentions: where in a thread a program's error text stands, and which one the thread is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.models import Mention, Thread

RULES_VERSION = "1"


def detect(thread: Thread) -> list[Mention]:
    """The mentions of a thread, by place and position; at most one of them is primary."""
    raise NotImplementedError
