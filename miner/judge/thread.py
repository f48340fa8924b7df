"""The questions about a stored thread: the same sentences, in the same order, as mining judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.rows import thread_mentions
from kb.store import load_thread
from miner.extract.context import posts_of
from miner.extract.find import candidates
from miner.extract.replies import Said
from miner.extract.sources import context_of, sources_for
from miner.judge.reading import questions_of
from miner.posts import ParsedThread

if TYPE_CHECKING:
    import sqlite3

    from kb.models import Mention, Thread
    from miner.judge.questions import Question


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


def questions_in(connection: sqlite3.Connection, repo: str, number: int) -> list[Question]:
    """The questions about a stored thread; none if it is not stored or says nothing."""
    found = sentences_in(connection, repo, number)
    return [] if found is None else questions_of(*found)
