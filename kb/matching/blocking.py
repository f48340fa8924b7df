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
import struct
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kb import sql
from kb.matching.features import View, packed, unpacked, view_of
from kb.matching.model import PURE, in_words, judge, probability, weights
from kb.matching.screen import Screen
from kb.models import Signature, from_row
from kb.rows import listed
from kb.text import chunks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    A = TypeVar("A")
    B = TypeVar("B")

    class Spread(Protocol):
        """Runs a pure function on jobs elsewhere; what it makes of them comes in their order."""

        def __call__(self, function: Callable[[A], B], jobs: Iterable[A], /) -> Iterator[B]:
            """What the function makes of each job."""


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
COMPARED = 60
SPREAD_FROM = 4_000
"""Signatures or pairs from which on they are worked on in parts, elsewhere if that is possible,"""
SPREAD = 2_000
"""and how many signatures are a part,"""
JUDGED = 5_000
"""or pairs."""

_COLUMNS = "fingerprint, text, place, provider, status, code, exception, wrappers, objects"


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
    """Views of stored signatures, each made once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._known: dict[str, View] = {}
        self._packed: dict[str, bytes] = {}

    def make(self, fingerprints: Iterable[str], spread: Spread) -> None:
        """Makes many views, elsewhere if that is possible, and keeps them as bytes."""
        missing = {f for f in fingerprints if f not in self._packed}
        for part in spread(packed_views, chunks(self.stored(missing), SPREAD)):
            self._packed.update(part)

    def keep(self, fingerprint: str, data: bytes) -> None:
        """Takes a view that was made elsewhere."""
        self._packed[fingerprint] = data

    def packed(self, fingerprints: Iterable[str]) -> dict[str, bytes]:
        """Views that were made in numbers, as bytes, for a job elsewhere."""
        return {f: self._packed[f] for f in fingerprints}

    def put(self, view: View) -> None:
        """Takes a view that was made elsewhere."""
        self._known[view.fingerprint] = view

    def load(self, fingerprints: Iterable[str]) -> Mapping[str, View]:
        """Makes the views that are missing, with one query; returns all that are known."""
        missing = {f for f in fingerprints if f not in self._known}
        self._known.update((one.fingerprint, view_of(one)) for one in self.stored(missing))
        return self._known

    def stored(self, fingerprints: Iterable[str]) -> list[Signature]:
        """The signatures that views are made of, by fingerprint."""
        rows = sql.ask(self._db, "signatures.fields", listed(fingerprints))
        return sorted(map(signature_of, rows), key=lambda one: one.fingerprint)

    def __getitem__(self, fingerprint: str) -> View:
        if fingerprint not in self._known:
            self.load([fingerprint])
        return self._known[fingerprint]


class PackedViews(dict[str, View]):
    """Views that came as bytes, by fingerprint; each is unpacked when it is first asked for."""

    def __init__(self, data: Mapping[str, bytes]) -> None:
        super().__init__()
        self._data = data

    def __missing__(self, fingerprint: str) -> View:
        view = self[fingerprint] = unpacked(self._data[fingerprint])
        return view


def _key_bytes(keys: list[int]) -> bytes:
    return struct.pack(f">{len(keys)}q", *keys)


def _keys_in(blob: bytes | None) -> tuple[int, ...]:
    return struct.unpack(f">{len(blob) // 8}q", blob) if blob else ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of signatures: names, sorted, and for each pair the places of its two among them, in
    two lists or arrays; the first is the smaller.
    """

    names: list[str]
    ones: Any
    others: Any

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Pairs:
        """The same pairs."""
        ordered = sorted(pairs)
        names = sorted({f for pair in ordered for f in pair})
        place = {name: i for i, name in enumerate(names)}
        return cls(names, [place[a] for a, _ in ordered], [place[b] for _, b in ordered])

    def __len__(self) -> int:
        return len(self.ones)

    def named(self) -> list[tuple[str, str]]:
        """The pairs by name."""
        names = self.names
        return [(names[a], names[b]) for a, b in zip(self.ones, self.others, strict=True)]


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """The signatures whose near edges may have changed, and how many pairs were compared."""

    touched: frozenset[str]
    compared: int


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
        self._leaders: dict[int, list[str]] = {}

    def run(self, changed: Sequence[Signature], gone: Iterable[str]) -> EdgeChange:
        """Updates for signatures to (re)index and for those to take out."""
        keys = self._keys(changed)
        out = sorted(set(gone) | keys.keys())
        if sql.first(self._db, "groups.any_key") is None:
            pairs = self._index_all(keys)
            del keys  # of many signatures it is large
            return EdgeChange(frozenset(self._write(pairs)).union(out), len(pairs))
        buckets: dict[int, list[str]] = {}
        for fingerprint in sorted(keys):
            for key in keys[fingerprint]:
                buckets.setdefault(key, []).append(fingerprint)
        stored = self._stored_keys(out)
        before = {
            key: self._leaders_of(key)
            for key in buckets.keys() | {k for ks in stored.values() for k in ks}
        }
        self._leaders.clear()
        touched = set(out) | self._forget(out, stored)
        self._store_keys(
            keys, sorted((key, f) for key, members in buckets.items() for f in members)
        )
        candidates, lost = self._pairs(buckets, before)
        touched |= self._drop_unsupported(lost)
        touched |= self._write(Pairs.of(candidates))
        return EdgeChange(frozenset(touched), len(candidates))

    # ------------------------------------------------------------------ inside

    def _keys(self, changed: Sequence[Signature]) -> dict[str, list[int]]:
        """The keys of signatures by fingerprint."""
        if len(changed) < SPREAD_FROM:
            for signature in changed:
                self._views.put(view_of(signature))
            return {one.fingerprint: keys_of(self._views[one.fingerprint]) for one in changed}
        found = {}
        for part in self._spread(indexed, chunks(changed, SPREAD)):
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
        sql.write_many(self._db, "groups.put_key", rows)
        sql.write_many(
            self._db, "signatures.set_keys", ((_key_bytes(k), f) for f, k in sorted(keys.items()))
        )

    def _judged(self, pairs: Pairs) -> Iterator[list[tuple[str, str, float]]]:
        """The pairs that are noted, with their probabilities, part by part."""
        if len(pairs) < SPREAD_FROM:
            few = pairs.named()
            yield judged_pairs(self._views.load({f for pair in few for f in pair}), few)
            return
        likely = self._likely(pairs)
        jobs = ((self._views.packed({f for pair in part for f in pair}), part)
                for part in (one.named() for one in likely))  # fmt: skip
        yield from self._spread(judged_part, jobs)

    def _likely(self, pairs: Pairs) -> Iterator[Pairs]:
        """The pairs that the model has to look at, in parts. They are sorted as rows of a sparse
        matrix are to bring its values near the diagonal, so that a part names few signatures.
        """
        import numpy as np
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import reverse_cuthill_mckee

        self._views.make(pairs.names, self._spread)
        screen = Screen(map(unpacked, self._views.packed(pairs.names).values()))
        ones, others = np.asarray(pairs.ones), np.asarray(pairs.others)
        kept = ~screen.unlikely(ones, others)
        ones, others = ones[kept], others[kept]
        size = len(pairs.names)
        graph = coo_array((np.ones(len(ones)), (ones, others)), shape=(size, size))
        place = np.empty(size, dtype=np.int64)
        place[reverse_cuthill_mckee((graph + graph.T).tocsr(), symmetric_mode=True)] = np.arange(
            size
        )
        first, second = (end(place[ones], place[others]) for end in (np.minimum, np.maximum))
        order: Any = np.lexsort((second, first))
        for start in range(0, len(order), JUDGED):
            part = order[start : start + JUDGED]
            yield Pairs(pairs.names, ones[part].tolist(), others[part].tolist())

    def _stored_keys(self, out: list[str]) -> dict[str, tuple[int, ...]]:
        rows = sql.ask(self._db, "signatures.keys", listed(out))
        return {fingerprint: _keys_in(keys) for fingerprint, keys in rows}

    def _leaders_of(self, key: int) -> list[str]:
        if key not in self._leaders:
            self._leaders[key] = sql.column(self._db, "groups.first_with_key", key, LEADERS)
        return self._leaders[key]

    def _members_of(self, key: int) -> list[str]:
        return sql.column(self._db, "groups.all_with_key", key)

    def _forget(self, out: list[str], stored: dict[str, tuple[int, ...]]) -> set[str]:
        ends: set[str] = set()
        for fingerprint in out:
            rows = sql.ask(self._db, "groups.partners", fingerprint, fingerprint)
            ends.update(row[0] for row in rows)
        one = [(fingerprint,) for fingerprint in out]
        sql.write_many(self._db, "groups.drop_pairs", one)
        sql.write_many(
            self._db, "groups.drop_key", [(k, f) for f, ks in stored.items() for k in ks]
        )
        sql.write_many(self._db, "signatures.forget_keys", one)
        return ends

    def _pairs(
        self, buckets: dict[int, list[str]], before: dict[int, list[str]]
    ) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Pairs to compare, and those that a bucket no longer supports: a leader fell."""
        pairs: set[tuple[str, str]] = set()
        lost: set[tuple[str, str]] = set()
        for key in before:
            added = buckets.get(key, [])
            now = self._leaders_of(key)
            for leader in now:
                pairs.update(_ordered(leader, f) for f in added if f != leader)
            risen = [f for f in now if f not in before[key] and f not in added]
            led = [f for f in now if f in added]
            fallen = [f for f in before[key] if f not in now]
            if not (risen or led or fallen):
                continue
            members = self._members_of(key) if len(now) == LEADERS else now
            present = set(members)
            for leader in (*risen, *led):
                pairs.update(_ordered(leader, f) for f in members if f != leader)
            for f in fallen:
                if f in present:
                    lost.update(_ordered(f, other) for other in members if other != f)
        return pairs, lost

    def _drop_unsupported(self, lost: set[tuple[str, str]]) -> set[str]:
        dropped: set[str] = set()
        if not lost:
            return dropped
        stored = {pair for pair in sorted(lost) if sql.first(self._db, "groups.is_pair", *pair)}
        keys = self._stored_keys(sorted({f for pair in stored for f in pair}))
        for a, b in sorted(stored):
            shared = set(keys.get(a, ())) & set(keys.get(b, ()))
            if not any(a in self._leaders_of(key) or b in self._leaders_of(key) for key in shared):
                sql.write(self._db, "groups.drop_pair", a, b)
                dropped.update((a, b))
        return dropped

    def _write(self, pairs: Pairs) -> set[str]:
        least = weights().threshold
        touched: set[str] = set()
        for rows in self._judged(pairs):
            touched.update(f for a, b, value in rows if value >= least for f in (a, b))
            sql.write_many(self._db, "groups.put_pair", rows)
        return touched


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
    """The noted pairs of a part, which comes with its views: a job of its own."""
    views, pairs = job
    return judged_pairs(PackedViews(views), pairs)


def judged_pairs(
    views: Mapping[str, View], pairs: Iterable[tuple[str, str]]
) -> list[tuple[str, str, float]]:
    """The pairs that are noted, in the order given, with their probabilities."""
    out = []
    for a, b in pairs:
        value = probability(views[a], views[b])
        if value >= NOTED:
            out.append((a, b, round(value, 6)))
    return out


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


# ---------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True)
class Near:
    """A stored signature that is the same error; how probably (0 to 1), and why."""

    fingerprint: str
    entry_id: str | None
    probability: float
    why: str


def find_same(
    connection: sqlite3.Connection,
    signature: Signature,
    limit: int = 10,
    *,
    compared: int = COMPARED,
) -> list[Near]:
    """The stored signatures that are the same error, worded differently, most probable first; one
    for each entry.

    Looks at `compared` candidates at most, those with the most keys in common, whatever the size of
    the database.
    """
    asked = view_of(signature)
    shared: dict[str, float] = {}
    for key in keys_of(asked):
        rows = sql.ask(connection, "groups.first_with_key", key, ASKED).fetchall()
        for row in rows:
            shared[row[0]] = shared.get(row[0], 0.0) + 1.0 + 1.0 / len(rows)
    nearest = sorted(shared, key=lambda fingerprint: (-shared[fingerprint], fingerprint))
    rows = sql.ask(
        connection, "signatures.fields_in_entries", listed(nearest[:compared])
    ).fetchall()
    found = []
    for row in rows:
        view = view_of(signature_of(row))
        value = probability(asked, view)
        if value >= weights().threshold:
            found.append((-value, row["fingerprint"], row["entry_id"], view))
    best: dict[str, Near] = {}
    for less, fingerprint, entry_id, view in sorted(found, key=lambda one: one[:2]):
        if entry_id not in best and len(best) < limit:
            why = in_words(judge(asked, view))
            best[entry_id] = Near(fingerprint, entry_id, round(-less, 4), why)
    return list(best.values())
