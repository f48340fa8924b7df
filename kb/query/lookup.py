"""Ranks the entries that answer an error: exact fingerprint, then the same error by the learned
decision, then related ones.

Related entries come from the full-text index: the rare words of the signature, and all of its
common words together, so that the cost follows the number of entries looked at and not the size of
the database. They are ordered by the share of the asked words that they have (each weighted by its
rarity), the likeness of the messages and the fields that agree. A word that stands in `RARE`
entries or more is never read to its end, and BM25, whose statistics need that, is left to `search`.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable
from heapq import nsmallest

from kb import lazy_re as re
from kb import sql
from kb.models import Signature
from kb.query.entries import ALL, Filters, entries_by_id
from kb.query.results import Entry, Result
from kb.signature.generic import is_generic, same_place, scope_of
from kb.signature.place import Where
from kb.signature.tables import load_reasons
from kb.tables import load_lines

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
        "a an and are as at be been but by can did do does for from had has have hello hey hi how "
        "i if in into is it its me my no not of on or our so thanks that the their then there they "
        "this to was we were what when where which while "
        "who why will with without you your",
    )
)
"""Words that find nothing. What a message says with them ("not", "no") still counts where messages
are compared.
"""
LOOKED_AT = 100
"""Candidates whose words are compared; with filters, which leave out some of them, `FILTERED` times
as many.
"""
FILTERED = 8
COMPARED = 40
"""Candidates whose messages are compared."""
AROUND = 0.3
"""What a word of the wrappers weighs, beside one of the message."""
AROUND_CHARS = 400
"""Characters of the asked error in which wrappers are looked for."""
CLOSELY = 15
"""Candidates of which all wordings are compared."""
WORDINGS = 8
"""Wordings of a candidate that are compared."""
CUT_FROM = 18
"""Characters that a text which was cut off must have to name an error, and"""
CUT_WORDS = 3
"""its words, and"""
CUT_PART = 0.5
"""the part of the error's message that must be left."""
PLACES = 200
"""Places of one generic message that are looked at."""
SAME_PLACE = 0.98
"""Score of a generic message at the same place."""
RELATED_FLOOR = 0.3
"""Score below which an entry is not worth a look: of 45 labelled answers three score less, of 50
errors without an answer the best one of fourteen does.
"""
RELATED_TOP = 0.79
"""Score of a related entry that agrees in everything: below that of any entry that is surely the
same.
"""


class Ranker:
    """Answers questions from one connection; keeps what it read of the index between questions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._index = WordIndex(connection)

    # ------------------------------------------------------------------ errors

    def rank(
        self, signature: Signature, limit: int, filters: Filters = ALL, *, raw: str = ""
    ) -> list[Result]:
        """The entries for one signature, best first, at most `limit`.

        `raw`: the text that it was made of, whose wrappers say something of what is related.
        """
        hits = self.sure(signature, limit, filters) or self._cut_off(signature, filters, raw)
        if len(hits) < limit:
            known = {hit.entry.entry_id for hit in hits}
            related = self.related(signature, limit + len(known), filters, raw)
            hits += [hit for hit in related if hit.entry.entry_id not in known]
        if len(hits) < limit and (
            is_generic(signature.text) or (not hits and _says_little(signature.text))
        ):
            hits += self._of_status(signature, limit, filters, {hit.entry.entry_id for hit in hits})
        return hits[:limit]

    def sure(
        self,
        signature: Signature,
        limit: int,
        filters: Filters = ALL,
        *,
        exact_only: bool = False,
    ) -> list[Result]:
        """The entry with this fingerprint, else (unless `exact_only`) those that are the same error
        by `kb.matching.model`.
        """
        if not signature.text:
            return []
        if is_generic(signature.text):
            return self._by_place(signature, limit, filters)
        exact = sql.first(self._db, "signatures.entry", signature.fingerprint)
        if exact is None:
            return [] if exact_only else self._same(signature, limit, filters)
        # the HTTP statuses with which it was seen, if the asked one is known and none of them
        seen = sql.column(self._db, "signatures.statuses", signature.fingerprint)
        other = ", ".join(map(str, seen)) if signature.status not in (None, *seen) else ""
        hits = []
        for entry in entries_by_id(self._db, [exact["entry_id"]], filters).values():
            why = "the same message, apart from what varies (numbers, paths, ids)"
            if entry.fingerprint != signature.fingerprint:
                why += "; one of the wordings of this entry"
            hit = Result(entry, "exact", 1.0, why)
            if other:
                came = f"it came with status {other}, not {signature.status}"
                hit = Result(entry, "related", RELATED_TOP, f"the message is the same, but {came}")
            hits.append(hit)
        return hits

    def _by_place(self, signature: Signature, limit: int, filters: Filters) -> list[Result]:
        """The entries of a message that is printed for many failures: surely only that of the place
        where it was asked about, the others as worth a look.
        """
        rows = sql.ask(self._db, "signatures.places", signature.text, PLACES).fetchall()
        places: dict[str, str] = {}
        sure: set[str] = set()
        scope, _ = scope_of(signature.text)
        for row in rows:
            places.setdefault(row["entry_id"], Where.parse(row["place"]).in_words())
            if same_place(scope, signature.place, row["place"]):
                sure.add(row["entry_id"])
        hits = []
        for entry_id, entry in entries_by_id(self._db, places, filters).items():
            if entry_id in sure:
                why = f"the same message at the same place: {places[entry_id]}"
                hits.append(Result(entry, "same", SAME_PLACE, why))
            else:
                why = f"this message has many causes; this one is from {places[entry_id]}"
                hits.append(Result(entry, "related", RELATED_TOP, why))
        hits.sort(key=lambda hit: (-hit.score, -hit.entry.threads, hit.entry.entry_id))
        return hits[:limit]

    def _cut_off(self, signature: Signature, filters: Filters, raw: str) -> list[Result]:
        """The one entry whose message begins with a text that was cut off ("…")."""
        size, words = len(signature.text), len(words_of(signature.text))
        if not raw.rstrip().endswith(("…", "...")) or size < CUT_FROM or words < CUT_WORDS:
            return []
        rows = sql.ask(self._db, "signatures.that_begin_with", size, signature.text).fetchall()
        if len(rows) != 1 or size < CUT_PART * rows[0]["size"]:
            return []
        why = "the text was cut off, and this is the only known error that begins with it"
        return [
            Result(entry, "same", RELATED_TOP + 0.01, why)
            for entry in entries_by_id(self._db, [rows[0]["entry_id"]], filters).values()
        ]

    def _same(self, signature: Signature, limit: int, filters: Filters) -> list[Result]:
        from kb.matching.blocking import find_same
        from kb.matching.model import weights

        found = find_same(self._db, signature)
        near = {n.entry_id: n for n in found if n.probability >= weights().sure}
        hits = []
        for entry_id, entry in entries_by_id(self._db, near, filters).items():
            score = min(0.99, max(RELATED_TOP + 0.01, near[entry_id].probability))
            hits.append(Result(entry, "same", score, near[entry_id].why))
        return sorted(hits, key=lambda hit: (-hit.score, hit.entry.entry_id))[:limit]

    # ------------------------------------------------------------------ related

    def related(
        self, signature: Signature, limit: int, filters: Filters = ALL, raw: str = ""
    ) -> list[Result]:
        """Entries worth a look for a signature that is none of theirs."""
        from rapidfuzz import fuzz

        # the words of the message, and at a part of their weight those of the wrappers taken off
        asked, around = telling_words(signature.text), telling_words(raw[:AROUND_CHARS])
        around = [w for w in around if len(w) > 2 and w.isalpha() and w not in asked]
        weights = self._index.weights(asked + around)
        weights |= {word: AROUND * weights[word] for word in around if word in weights}
        if not weights:
            return []
        most = FILTERED if any(filters.values()) else 1
        nearest = self._index.nearest(weights, LOOKED_AT * most)[: COMPARED * most]
        entries = entries_by_id(self._db, [entry_id for entry_id, _ in nearest], filters)

        def likeness(text: str) -> float:
            return fuzz.token_sort_ratio(signature.text, text) / 100

        likely = [
            (likeness(entry.signature), share, entry)
            for entry_id, share in nearest
            if (entry := entries.get(entry_id))
        ]
        likely.sort(key=lambda item: (-0.5 * item[1] - 0.35 * item[0], item[2].entry_id))
        hits = []
        for place, (alike, share, entry) in enumerate(likely):
            if place < CLOSELY:
                texts = sql.column(self._db, "signatures.texts_of_entry", entry.entry_id, WORDINGS)
                alike = max([alike, *map(likeness, texts)])
            agreed, conflict = _fields(signature, entry)
            score = 0.5 * share + 0.35 * alike + 0.05 * min(3, len(agreed)) - 0.05 * conflict
            score = RELATED_TOP * max(0.0, min(1.0, score))
            why = f"same {', '.join(agreed)}; " if agreed else ""
            why += f"the messages are {alike:.0%} alike"
            hits.append(Result(entry, "related", score, why))
        hits.sort(key=lambda hit: (-hit.score, -hit.entry.threads, hit.entry.entry_id))
        return [hit for hit in hits if hit.score >= RELATED_FLOOR][:limit]

    def _of_status(
        self, signature: Signature, limit: int, filters: Filters, known: set[str]
    ) -> list[Result]:
        """The entries with the HTTP status of a text that says little more, and with its provider
        if it names one: those of the most threads.
        """
        same = (signature.status, signature.provider)
        most = (limit + len(known)) * (FILTERED if any(filters.values()) else 1)
        ids = sql.column(self._db, "entries.of_status", *same, most)
        entries = entries_by_id(self._db, [i for i in ids if i not in known], filters).values()
        hits = [
            Result(
                entry, "related", RELATED_FLOOR, f"same {', '.join(_fields(signature, entry)[0])}"
            )
            for entry in entries
        ]
        return sorted(hits, key=lambda hit: (-hit.entry.threads, hit.entry.entry_id))

    # ------------------------------------------------------------------ words

    def search(self, text: str, limit: int, filters: Filters = ALL) -> list[Result]:
        """Entries for words that somebody typed: all of them first (titles before signatures before
        other words), then most of them.
        """
        asked = telling_words(text)[:TERMS]
        if not asked:
            return []
        hits: dict[str, Result] = {}
        many = limit * (10 if any(filters.values()) else 3)
        for enough, name, words, most in (
            (limit, "search.by_words", quoted(asked, " AND "), many),
            (limit, "search.by_words", quoted(asked, " OR "), max(many, COMPARED)),
            # for scripts without spaces between words, and parts of words: a plain scan
            (1, "search.by_letters", json.dumps(asked), many),
        ):
            rows = sql.ask(self._db, name, words, most).fetchall() if len(hits) < enough else []
            entries = entries_by_id(self._db, [row["entry_id"] for row in rows], filters)
            for place, row in enumerate(rows):
                entry = entries.get(row["entry_id"])
                if entry is None or entry.entry_id in hits:
                    continue
                text = row["text"].lower()
                have = [word for word in asked if word in text]
                share = len(have) / len(asked)
                # bm25's own scale depends on the database: keep its order within those that have
                # as many of the words
                score = RELATED_TOP * (share - 0.2 * place / (len(rows) + 1) / len(asked))
                some = f"has {len(have)} of {len(asked)} words: {', '.join(have[:6])}"
                why = "has all the words" if share == 1 else some
                hits[entry.entry_id] = Result(entry, "related", max(0.0, score), why)
        return sorted(hits.values(), key=lambda h: -h.score)[:limit]


def _fields(signature: Signature, entry: Entry) -> tuple[list[str], int]:
    """Fields that agree, in words, and the number of those that conflict."""
    agreed, conflicts = [], 0
    for name in ("status", "code", "exception", "provider", "tool"):
        asked, known = getattr(signature, name), getattr(entry, name)
        if asked is None or known is None:
            continue
        if str(asked).lower() == str(known).lower():
            agreed.append(f"{name} {asked}")
        elif name != "tool":
            conflicts += 1
    return agreed, conflicts


# ---------------------------------------------------------------- the index of words


def words_of(text: str) -> list[str]:
    """The words of a text as the index cuts them, in order, each once; placeholders are none."""
    return list(dict.fromkeys(_WORD.findall(_PLACEHOLDER.sub(" ", text).lower())))


def telling_words(text: str) -> list[str]:
    """`words_of` without those that find nothing, unless the text has no other."""
    words = words_of(text)
    return [word for word in words if word not in _STOP] or words


def _says_little(text: str) -> bool:
    """Whether a text says no more than an HTTP status and whose it is: of its words at most one,
    which may name a tool, is neither filler nor a reason or a provider.
    """
    from kb.matching.words import stem
    from kb.matching.words import words as table

    lists = (*load_lines("plain_words.txt"), *load_lines("common_words.txt"), *load_reasons())
    filler = set(" ".join(lists).split())
    told = [word for word in telling_words(text) if word not in filler and word not in _STOP]
    return sum(not word.isdigit() and stem(word) not in table().pale for word in told) <= 1


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
