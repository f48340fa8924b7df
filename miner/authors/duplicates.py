"""The same text or the same product link in threads that have nothing to do with each other.

Every post leaves a few signs (hashes) in table `post_hash`; a sign seen in several repositories, or
in many threads of one, is repeated. The table is a function of the stored posts, so the order of
arrival does not matter.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb import sql
from kb.markdown import Document, document
from kb.models import MAINTAINERS, ThreadKey
from miner.authors.pattern_lists import MAX_CHARACTERS
from miner.authors.spam import web_links
from miner.posts import ParsedThread, parsed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from kb.models import Thread


MIN_LETTERS = 60
"""A shorter text ("same here", "any news?") is repeated by chance."""
MIN_REPOS = 2
MIN_THREADS = 4
"""Threads of one repository that repeat a sign; cross-posting to two or three is honest."""

_HANDLE = re.compile(r"@[A-Za-z0-9-]+|#\d+|https?://\S+")
_KEPT = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class RepeatedPosts:
    """Which signs of posts are repeated; `counts` maps a sign to (repositories, threads)."""

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def is_repeated(self, signs: Iterable[str]) -> bool:
        """Whether one of these signs stands in unrelated threads."""
        counts = [self.counts.get(sign, (0, 0)) for sign in signs]
        return any(repos >= MIN_REPOS or threads >= MIN_THREADS for repos, threads in counts)


def _hash(kind: str, text: str) -> str:
    return kind + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def signs_of_post(text: str | Document, author: str | None, repo: str) -> list[str]:
    """The signs of a post: its words without names, numbers, links; its author's product links."""
    words = document(text).own_words[:MAX_CHARACTERS]
    signs = []
    letters = _KEPT.sub(" ", _HANDLE.sub(" ", words)).strip().lower()
    if len(letters) >= MIN_LETTERS:
        signs.append(_hash("t", letters))
    if author:
        targets = [link.target for link in web_links(words, repo) if link.is_product]
        signs += [_hash("l", f"{author.lower()} {target}") for target in targets]
    return sorted(set(signs))


def signs_of_thread(thread: Thread | ParsedThread) -> list[str]:
    """The signs of a thread: of comments of outsiders that are neither bots nor the reporter's."""
    whole = parsed(thread)
    found = set()
    for post in whole.comments:
        is_reporter = post.author and post.author == whole.thread.author
        if post.association not in MAINTAINERS and post.author_type != "Bot" and not is_reporter:
            found.update(signs_of_post(post.document, post.author, whole.thread.repo))
    return sorted(found)


def record(connection: sqlite3.Connection, key: ThreadKey, signs: Iterable[str]) -> set[ThreadKey]:
    """Writes a thread's signs and returns the other threads whose judgement they change.

    Call it inside a transaction for each thread that changed, before any of them is judged, and
    judge the returned threads again.
    """
    new = set(signs)
    changed = new ^ set(sql.column(connection, "threads.post_hashes", *key))
    if not changed:
        return set()
    before = load(connection, changed)
    sql.write(connection, "threads.drop_post_hashes", *key)
    sql.write_many(connection, "threads.put_post_hash", [(sign, *key) for sign in sorted(new)])
    after = load(connection, changed)
    touched: set[ThreadKey] = set()
    for sign in sorted(changed):
        if before.is_repeated([sign]) != after.is_repeated([sign]):
            touched.update(
                (row[0], row[1]) for row in sql.ask(connection, "threads.with_post_hash", sign)
            )
    return touched - {key}


def load(connection: sqlite3.Connection, signs: Iterable[str]) -> RepeatedPosts:
    """How often these signs stand in the database."""
    counts = {}
    for sign in sorted(set(signs)):
        row = sql.first(connection, "threads.count_post_hash", sign)
        if row[1]:
            counts[sign] = (int(row[0]), int(row[1]))
    return RepeatedPosts(counts)


def load_for(connection: sqlite3.Connection, thread: Thread) -> RepeatedPosts | None:
    """What `roles` needs to know of other threads to judge this one; None: nothing is repeated."""
    rows = sql.ask(connection, "threads.post_hashes", *thread.key)
    found = load(connection, [row[0] for row in rows])
    return found if found.is_repeated(found.counts) else None
