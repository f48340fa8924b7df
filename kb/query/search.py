"""The full-text index as ranking uses it: how rare a word is, and the entries that share the most
telling words with a text.

The cost follows the number of entries looked at, not the size of the database: a word that stands
in `RARE` entries or more is never read to its end, and BM25, whose statistics need that, is left to
`faultlore search`.
"""

from __future__ import annotations

import json
import math
import re
from heapq import nsmallest
from typing import TYPE_CHECKING

from kb import sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

RARE = 150
"""Entries from which on a word counts as common."""
TERMS = 24
"""Different words of a question that are used, the rarest ones."""
WORDS_READ = 500
"""Characters of a candidate's other words that are compared."""

_CACHED_WORDS = 20_000
_TOGETHER = 60
_ATTEMPTS = 3
_PLACEHOLDER = re.compile(r"<[a-z][a-z0-9_-]{0,30}>?")
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been but by can did do does for from had has have how i if in "
        "into is it its me my no not of on or our"
        " so that the their then there they this to was we were what when where which while "
        "who why will with without you your",
    )
)
"""Words that find nothing. What a message says with them ("not", "no") still counts where messages
are compared.
"""


def words_of(text: str) -> list[str]:
    """The words of a text as the index cuts them, in order, each once; placeholders are none."""
    return list(dict.fromkeys(_WORD.findall(_PLACEHOLDER.sub(" ", text).lower())))


def telling_words(text: str) -> list[str]:
    """`words_of` without those that find nothing, unless the text has no other."""
    words = words_of(text)
    return [word for word in words if word not in _STOP] or words


def quoted(words: Iterable[str], joint: str) -> str:
    """An FTS5 expression over words; quotes keep them from being read as its operators."""
    return joint.join('"' + word.replace('"', '""') + '"' for word in words)


class WordIndex:
    """Look-ups in `entry_search`; keeps what it read of a word until the database changes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._rows: dict[str, tuple[int, ...] | None] = {}
        self._version = -1
        self._entries = 0

    def weights(self, asked: list[str]) -> dict[str, float]:
        """Each asked word that the index has, with its weight by rarity; the rarest `TERMS` of
        them, rarest first.
        """
        version = sql.value(self._db, "file.data_version")
        if version != self._version or len(self._rows) > _CACHED_WORDS:
            self._version, self._rows = version, {}
            self._entries = sql.value(self._db, "search.size") or 0
        counts = {
            word: RARE if (rows := self._rows_of(word)) is None else len(rows)
            for word in asked[: 4 * TERMS]
        }
        rarest = nsmallest(
            TERMS,
            (word for word, count in counts.items() if count),
            key=lambda w: (counts[w], -len(w), w),
        )
        return {word: math.log(1 + max(self._entries, 2 * RARE) / counts[word]) for word in rarest}

    def _rows_of(self, word: str) -> tuple[int, ...] | None:
        """The rows with a word; None for a common one."""
        if word not in self._rows:
            rows = sql.ask(self._db, "search.matching", quoted([word], ""), RARE).fetchall()
            self._rows[word] = None if len(rows) == RARE else tuple(row[0] for row in rows)
        return self._rows[word]

    def nearest(self, weights: dict[str, float], most: int) -> list[tuple[str, float]]:
        """Entries that have rare words of a question, or many of its common ones: id and share of
        the weight (0 to 1), best first.

        At most `most`, of which the common words are counted too.
        """
        scores: dict[int, float] = {}
        common = []
        for word, weight in weights.items():
            rows = self._rows_of(word)
            if rows is None:
                common.append(word)
                continue
            for row in rows:
                scores[row] = scores.get(row, 0.0) + weight
        self._add_common(scores, common, weights)
        best = nsmallest(most, scores.items(), key=lambda item: (-item[1], item[0]))
        whole = sum(weights.values())
        wanted = json.dumps([row for row, _ in best])
        rows_of = sql.ask(self._db, "search.texts", WORDS_READ, wanted)
        texts = {row[0]: (row[1], row[2]) for row in rows_of}
        shares = []
        for row, _ in best:
            entry_id, text = texts[row]
            have = set(words_of(text))
            shares.append(
                (entry_id, sum(weight for word, weight in weights.items() if word in have) / whole)
            )
        shares.sort(key=lambda item: (-item[1], item[0]))
        return shares

    def _add_common(
        self, scores: dict[int, float], common: list[str], weights: dict[str, float]
    ) -> None:
        """Rows that have all the common words, or the longer ones of them: short words say
        least.
        """
        size = len(common)
        seen: set[int] = set()
        alone = not scores
        for _ in range(_ATTEMPTS):
            if not size or (size == 1 and not alone):
                return
            together = common[:size]
            rows = sql.ask(
                self._db, "search.matching", quoted(together, " AND "), _TOGETHER
            ).fetchall()
            for (row,) in rows:
                if row not in seen:
                    seen.add(row)
                    scores[row] = scores.get(row, 0.0) + sum(weights[word] for word in together)
            if len(rows) >= _TOGETHER // 2:
                return
            size = size - 1 if size <= 3 else size * 2 // 3
