"""Errors that are easily taken for one another: near messages, the same provider and status, named
together in threads.

Only entries that exist are named, and each with what tells the two apart.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.signature.title import provider_name

if TYPE_CHECKING:
    from kb.evidence import Entry

MOST = 6
COMMON = 400
"""A word in more entries than this says nothing about nearness, and is passed over: keeps the work
linear.
"""
NEAR = 0.5
"""Share of what two messages say that they have in common (Jaccard, words weighed by how rare they
are) from which they are near.
"""

_OF_ANY_REQUEST = (400, 422, 500)
"""Statuses that say nothing of what was wrong."""
_WORD = re.compile(r"[a-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Related:
    """Another entry, and in words what tells it from this one (empty: its name does)."""

    entry_id: str
    title: str
    difference: str


def message_of(entry: Entry) -> str:
    """The message part of an entry's title: what the program says, without provider and status."""
    title = entry.title
    head, colon, rest = title.partition(": ")
    fields = [str(f).lower() for f in (entry.provider, entry.status) if f]
    return rest if colon and any(f in head.lower() for f in fields) and len(head) < 40 else title


def _difference(mine: Entry, other: Entry) -> str | None:
    """What tells the other from this one beside its name, in a phrase, empty where the name tells
    it; None where nothing does.
    """
    if mine.title == other.title and mine.signature == other.signature:
        return f"raised as {other.exception}" if mine.exception != other.exception else None
    parts = []
    if mine.provider and other.provider and mine.provider != other.provider:
        parts.append(f"from {provider_name(other.provider)}")
    if mine.status and other.status and mine.status != other.status:
        parts.append(f"status {other.status} instead of {mine.status}")
    return ", ".join(parts)


class RelatedFinder:
    """Finds related entries among those of an export; one index for all of them."""

    def __init__(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        self.entries = {e.entry_id: e for e in entries}
        self._words = {
            i: sorted(set(_WORD.findall(e.signature.lower()))) for i, e in self.entries.items()
        }
        self._by_word: dict[str, list[str]] = defaultdict(list)
        self._by_kind: dict[tuple[object, object], list[str]] = defaultdict(list)
        for entry_id, entry in self.entries.items():
            for word in self._words[entry_id]:
                self._by_word[word].append(entry_id)
            if entry.provider and entry.status not in (None, *_OF_ANY_REQUEST):
                self._by_kind[entry.provider, entry.status].append(entry_id)
        self._weight = {w: log(1 + len(self.entries) / len(o)) for w, o in self._by_word.items()}
        self._total = {
            i: sum(self._weight[word] for word in words) for i, words in self._words.items()
        }
        self._together: dict[str, Counter[str]] = defaultdict(Counter)
        """For each entry the others that stand in the same threads, with how many."""
        by_thread: dict[tuple[str, int], set[str]] = defaultdict(set)
        for row in sql.ask(connection, "entries.of_threads"):
            if row["entry_id"] in self.entries:
                by_thread[row["repo"], row["number"]].add(row["entry_id"])
        for ids in by_thread.values():
            # a log with dozens of errors relates none of them
            for one in ids if len(ids) <= 6 else ():
                self._together[one].update(ids - {one})

    def related(self, entry_id: str) -> list[Related]:
        """At most `MOST` related entries, nearest first."""
        mine = self.entries[entry_id]
        scores: Counter[str] = Counter()
        for other, similarity in self._near(entry_id):
            near, same = self.entries[other], mine.provider or mine.tool
            # like words of two programs tell nothing about one another
            if same and same in (near.provider, near.tool):
                scores[other] += int(similarity * 100)
        for other, threads in self._together[entry_id].items():
            scores[other] += 40 + 10 * min(threads, 4)
        kind = self._by_kind.get((mine.provider, mine.status), ())
        for other in kind if len(kind) <= COMMON else ():
            scores[other] += 45
        scores.pop(entry_id, None)
        ranked = sorted(scores, key=lambda o: (-scores[o], -self.entries[o].threads, o))
        others = ((self.entries[o], _difference(mine, self.entries[o])) for o in ranked)
        found = (Related(e.entry_id, e.title, told) for e, told in others if told is not None)
        return list(islice(found, MOST))

    def _near(self, entry_id: str) -> Iterator[tuple[str, float]]:
        shared: dict[str, list[float]] = defaultdict(list)
        for word in self._words[entry_id]:
            owners = self._by_word[word]
            for owner in owners if len(owners) <= COMMON else ():
                shared[owner].append(self._weight[word])
        for other, weights in shared.items():
            both = sum(weights)
            union = self._total[entry_id] + self._total[other] - both
            if other != entry_id and len(weights) >= 2 and both / union >= NEAR:
                yield other, both / union
