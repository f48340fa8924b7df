"""Which signatures are worth comparing: an index of blocking keys, so that never all are compared
with all.

A signature's keys are a pure function of the signature (its heaviest words, their pairs, its
codes). Two signatures are candidates if they share a key and one of them is among the `LEADERS`
smallest fingerprints that have this key. A bucket of up to that size is thus compared completely, a
larger one in linear time; fingerprints are hashes, so the leaders are a random but fixed sample,
and what is compared depends on the set of signatures only, never on the order in which they
arrived.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from kb import sql
from kb.matching.features import View, packed, unpacked, view_of
from kb.matching.model import PURE, in_words, judge, probability, weights
from kb.models import Signature, from_row
from kb.rows import listed
from kb.text import chunks

Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Runs a pure function on jobs elsewhere; what it makes of them comes in their order."""
LEADERS = 4
SINGLES = 2
PAIRED = 5
TELLING = 3.6
"""Least weight of a pair of words that makes a key, in texts that have that much to say."""
MOST_CODES = 3
NOTED = 0.25
"""Pairs from this probability on are kept, so that a curator can be asked."""
ASKED = 400
"""Candidates that `find_same` takes from the index, those with the most common keys first."""
COMPARED = 20
"""Candidates that it judges, and"""
FOUND = 10
"""entries that it gives, at most."""
SPREAD_FROM = 4_000
"""Signatures or pairs from which on they are worked on in parts, elsewhere if that is possible,"""
SPREAD = 2_000
"""and how many signatures are a part,"""
JUDGED = 5_000
"""or pairs."""


def _key(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def keys_of(view: View) -> list[int]:
    """The blocking keys of a signature, 64-bit hashes, at most about forty."""
    heavy = sorted(view.weights.items(), key=lambda item: (-item[1], item[0]))
    texts = {f"w {word}" for word, weight in heavy[:SINGLES] if weight >= 2.5}
    # pairs of words that stand everywhere find nothing, unless a text has no others
    least = TELLING if view.content >= TELLING else 0.0
    for segment in view.segments:
        words = sorted(set(segment), key=lambda word: (-view.weights.get(word, 0.0), word))[:PAIRED]
        weight = {word: view.weights.get(word, 0.0) for word in words}
        pairs = combinations(sorted(words), 2)
        texts.update(f"p {a} {b}" for a, b in pairs if weight[a] + weight[b] >= least)
    texts.update(f"c {code}" for code in sorted(view.codes | view.exceptions)[:MOST_CODES])
    texts.update(f"n {number}" for number in sorted(view.numbers)[:MOST_CODES])
    if view.content < PURE:
        texts.add(f"s {' '.join(sorted(view.status))} {' '.join(sorted(view.weights))}"[:200])
        texts.update(f"s {status}" for status in view.status)
    return sorted({_key(text) for text in texts})


def signature_of(row: sqlite3.Row) -> Signature:
    """The signature in a row of table `signature`."""
    return from_row(Signature, row, tool=None, model=None, version=None, os=None)


class Views:
    """Views of stored signatures, each made once and kept as bytes, a tenth of its size."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._packed: dict[str, bytes] = {}

    def keep(self, fingerprint: str, data: bytes) -> None:
        """Takes a view that was made elsewhere."""
        self._packed[fingerprint] = data

    def packed(self, fingerprints: Iterable[str], spread: Spread = map) -> dict[str, bytes]:
        """Views as bytes, for a job elsewhere; those that are missing are made first, with one
        query, elsewhere if that is possible.
        """
        some = list(fingerprints)
        if missing := {f for f in some if f not in self._packed}:
            for part in spread(packed_views, chunks(self.stored(missing), SPREAD)):
                self._packed.update(part)
        return {f: self._packed[f] for f in some}

    def stored(self, fingerprints: Iterable[str]) -> list[Signature]:
        """The signatures that views are made of, by fingerprint."""
        rows = sql.ask(self._db, "signatures.fields", listed(fingerprints))
        return sorted(map(signature_of, rows), key=lambda one: one.fingerprint)


class PackedViews(dict[str, View]):
    """Views that came as bytes, by fingerprint; each is unpacked when it is first asked for."""

    def __init__(self, data: Mapping[str, bytes]) -> None:
        super().__init__()
        self._data = data

    def __missing__(self, fingerprint: str) -> View:
        view = self[fingerprint] = unpacked(self._data[fingerprint])
        return view


class Pairs(NamedTuple):
    """Pairs of signatures: names, sorted, and for each pair the places of its two among them, in
    two lists or arrays; the first is the smaller.
    """

    names: list[str]
    ones: Any
    others: Any

    def named(self) -> list[tuple[str, str]]:
        """The pairs by name."""
        return [(self.names[a], self.names[b]) for a, b in zip(self.ones, self.others, strict=True)]


class EdgeUpdate:
    """Brings tables `blocking_key` and `similar_pair` up to date with signatures that are new,
    changed or gone.

    The result is the same as that of building both from nothing over the signatures that are left.
    Cost follows the number of changed signatures, and the sizes of those buckets whose leaders
    changed, which a new signature seldom does. Must run inside a transaction; rows of `signature`
    must hold what the views were made of.
    """

    def __init__(
        self, connection: sqlite3.Connection, views: Views, spread: Spread | None = None
    ) -> None:
        self._db = connection
        self._views = views
        self._spread: Spread = spread or map

    def run(self, changed: Sequence[Signature], gone: Iterable[str]) -> tuple[set[str], int]:
        """Updates for signatures to (re)index and for those to take out. The signatures whose near
        edges may have changed, and how many pairs were compared.
        """
        keys = self._keys(changed)
        out = sorted(set(gone) | keys.keys())
        if sql.first(self._db, "groups.any_key") is None:
            pairs = self._index_all(keys)
            del keys  # of many signatures it is large
            return self._write(pairs).union(out), len(pairs.ones)
        added: dict[int, list[str]] = {}
        for fingerprint in sorted(keys):
            for key in keys[fingerprint]:
                added.setdefault(key, []).append(fingerprint)
        stored = self._stored_keys(out)
        former = {(key, f) for f, known in stored.items() for key in known}
        before = {key: self._leaders(key) for key in added.keys() | {key for key, _ in former}}
        touched = {*out, *sql.column(self._db, "groups.partners", listed(out))}
        one = [(fingerprint,) for fingerprint in out]
        sql.write_many(self._db, "groups.drop_pairs", one)
        sql.write_many(self._db, "groups.drop_key", former)
        sql.write_many(self._db, "signatures.forget_keys", one)
        self._store_keys(keys, ((key, f) for key in sorted(added) for f in added[key]))
        pairs, lost = self._pairs(added, before)
        touched |= self._drop_unsupported(lost) | self._write(pairs)
        return touched, len(pairs.ones)

    def _keys(self, changed: Sequence[Signature]) -> dict[str, list[int]]:
        """The keys of signatures by fingerprint."""
        spread = self._spread if len(changed) >= SPREAD_FROM else map
        found = {}
        for part in spread(indexed, chunks(changed, SPREAD)):
            for fingerprint, keys, view in part:
                found[fingerprint] = keys
                self._views.keep(fingerprint, view)
        return found

    def _index_all(self, keys: dict[str, list[int]]) -> Pairs:
        """Fills an index that was empty; all candidate pairs."""
        import numpy as np

        names, size = sorted(keys), max(1, len(keys))
        made = np.fromiter((k for name in names for k in keys[name]), dtype=np.int64)
        rows = np.repeat(np.arange(len(names)), [len(keys[name]) for name in names])
        order = np.lexsort((rows, made))
        made, rows = made[order], rows[order]
        self._store_keys(keys, zip(made.tolist(), (names[row] for row in rows), strict=True))
        # where each bucket begins, and which of its members each one is
        begins = np.flatnonzero(np.diff(made, prepend=made[:1] - 1)) if len(made) else made
        sizes = np.diff(np.append(begins, len(made)))
        rank = np.arange(len(made)) - np.repeat(begins, sizes)
        leader = np.repeat(begins, sizes)
        found = [rows[leader[rank > r] + r] * size + rows[rank > r] for r in range(LEADERS)]
        pairs = np.unique(np.concatenate(found))
        return Pairs(names, pairs // size, pairs % size)

    def _store_keys(self, keys: dict[str, list[int]], rows: Iterable[tuple[int, str]]) -> None:
        blobs = ((struct.pack(f">{len(ks)}q", *ks), f) for f, ks in sorted(keys.items()))
        sql.write_many(self._db, "groups.put_key", rows)
        sql.write_many(self._db, "signatures.set_keys", blobs)

    def _stored_keys(self, fingerprints: Iterable[str]) -> dict[str, tuple[int, ...]]:
        rows = sql.ask(self._db, "signatures.keys", listed(fingerprints))
        return {f: struct.unpack(f">{len(blob or b'') // 8}q", blob or b"") for f, blob in rows}

    def _leaders(self, key: int) -> list[str]:
        return sql.column(self._db, "groups.first_with_key", key, LEADERS)

    def _pairs(
        self, added: dict[int, list[str]], before: dict[int, list[str]]
    ) -> tuple[Pairs, set[tuple[str, str]]]:
        """Pairs to compare, and those that a bucket no longer supports: a leader fell."""
        pairs: set[tuple[str, str]] = set()
        lost: set[tuple[str, str]] = set()
        for key, led in before.items():
            new, now = added.get(key, []), self._leaders(key)
            pairs |= _between(now, new)
            risen = [f for f in now if f in new or f not in led]
            fallen = [f for f in led if f not in now]
            if risen or fallen:
                members = sql.column(self._db, "groups.all_with_key", key)
                pairs |= _between(risen, members)
                lost |= _between(fallen, members)
        names = sorted({f for pair in pairs for f in pair})
        place = {name: i for i, name in enumerate(names)}
        ordered = sorted(pairs)
        return Pairs(names, [place[a] for a, _ in ordered], [place[b] for _, b in ordered]), lost

    def _drop_unsupported(self, lost: set[tuple[str, str]]) -> set[str]:
        """Drops pairs of which no common key is led by either; their signatures."""
        stored = [pair for pair in sorted(lost) if sql.first(self._db, "groups.is_pair", *pair)]
        keys = self._stored_keys({f for pair in stored for f in pair})
        dropped = [
            (a, b)
            for a, b in stored
            if not any({a, b} & set(self._leaders(k)) for k in {*keys[a]} & {*keys[b]})
        ]
        sql.write_many(self._db, "groups.drop_pair", dropped)
        return {f for pair in dropped for f in pair}

    def _write(self, pairs: Pairs) -> set[str]:
        """Stores the pairs that are noted; the signatures of those that are joined."""
        many = len(pairs.ones) >= SPREAD_FROM
        spread = self._spread if many else map
        self._views.packed(pairs.names, spread)
        parts = _in_parts(pairs) if many else [pairs]
        jobs = ((self._views.packed({f for pair in part for f in pair}), part)
                for part in (one.named() for one in parts))  # fmt: skip
        touched: set[str] = set()
        for rows in spread(judged_part, jobs):
            touched.update(f for *pair, p in rows if p >= weights().threshold for f in pair)
            sql.write_many(self._db, "groups.put_pair", rows)
        return touched


def _in_parts(pairs: Pairs) -> Iterator[Pairs]:
    """The pairs in parts, sorted as rows of a sparse matrix are to bring its values near the
    diagonal, so that a part names few signatures.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    ones, others = np.asarray(pairs.ones), np.asarray(pairs.others)
    size = len(pairs.names)
    graph = coo_array((np.ones(len(ones)), (ones, others)), shape=(size, size))
    place = np.empty(size, dtype=np.int64)
    near = reverse_cuthill_mckee((graph + graph.T).tocsr(), symmetric_mode=True)
    place[near] = np.arange(size)
    first, second = (end(place[ones], place[others]) for end in (np.minimum, np.maximum))
    order: Any = np.lexsort((second, first))
    for start in range(0, len(order), JUDGED):
        part = order[start : start + JUDGED]
        yield Pairs(pairs.names, ones[part].tolist(), others[part].tolist())


def _between(some: Iterable[str], others: Iterable[str]) -> set[tuple[str, str]]:
    """The pairs of one of some names and another one of others, the smaller first."""
    return {(min(a, b), max(a, b)) for a in some for b in others if a != b}


def packed_views(signatures: Sequence[Signature]) -> list[tuple[str, bytes]]:
    """The views of some signatures, as bytes: a job of its own."""
    return [(one.fingerprint, packed(view_of(one))) for one in signatures]


def indexed(signatures: Sequence[Signature]) -> list[tuple[str, list[int], bytes]]:
    """The keys and views of some signatures: a job of its own."""
    views = map(view_of, signatures)
    return [(view.fingerprint, keys_of(view), packed(view)) for view in views]


def judged_part(
    job: tuple[Mapping[str, bytes], Sequence[tuple[str, str]]],
) -> list[tuple[str, str, float]]:
    """The noted pairs of a part, which comes with its views, in the order given, with their
    probabilities: a job of its own.
    """
    views = PackedViews(job[0])
    rows = ((a, b, round(probability(views[a], views[b]), 6)) for a, b in job[1])
    return [row for row in rows if row[2] >= NOTED]


class Near(NamedTuple):
    """An entry of which a stored signature is the same error; how probably (0 to 1), and why."""

    entry_id: str
    probability: float
    why: str


def find_same(connection: sqlite3.Connection, signature: Signature) -> list[Near]:
    """The entries of stored signatures that are the same error, worded differently, most probable
    first.

    Looks at the `COMPARED` candidates with the most keys in common, whatever the size of the
    database.
    """
    asked = view_of(signature)
    shared: dict[str, float] = {}
    for key in keys_of(asked):
        found = sql.column(connection, "groups.first_with_key", key, ASKED)
        for fingerprint in found:
            shared[fingerprint] = shared.get(fingerprint, 0.0) + 1.0 + 1.0 / len(found)
    nearest = sorted(shared, key=lambda fingerprint: (-shared[fingerprint], fingerprint))
    ranked = []
    for row in sql.ask(connection, "signatures.fields_in_entries", listed(nearest[:COMPARED])):
        view = view_of(signature_of(row))
        if (value := probability(asked, view)) >= weights().threshold:
            ranked.append((-value, view.fingerprint, row["entry_id"], view))
    best: dict[str, Near] = {}
    for less, _, entry_id, view in sorted(ranked, key=lambda one: one[:2]):
        if entry_id not in best and len(best) < FOUND:
            best[entry_id] = Near(entry_id, round(-less, 4), in_words(judge(asked, view)))
    return list(best.values())
