"""The stage that turns signatures into entries: settles fields, updates near edges, cuts
components, gives ids, logs.

Works on table `dirty_signature`, in one transaction: what it read as dirty is clean in the same
commit as the results, so a run that is killed loses and doubles nothing. Only the components of
near signatures that a change touches are cut again.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb import sql
from kb.curation import Curation, check_curation
from kb.dirty import clean_signatures, dirty_signatures, mark_all_signatures, mark_entries
from kb.history import Log
from kb.matching.blocking import EdgeUpdate, PackedViews, Views
from kb.matching.model import conflict, weights
from kb.rows import listed
from miner.cluster.clustering import Edge, cut, small_enough, walls_of
from miner.cluster.constraints import Constraints, united
from miner.cluster.cuts import forget_cuts, keep_cuts, known_cuts
from miner.cluster.ids import Assigned, First, Registry, assign
from miner.cluster.signatures import forget, former_entries, move_anchors, settle
from miner.judge.store import judged_pairs
from miner.versions import stage_version

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kb.matching.blocking import Spread
    from kb.store import Store

CUT_FROM = 100_000
"""Pairs of members from which on components are cut in parts, elsewhere if that is possible,"""
CUT = 20_000
"""and how many of them are a part."""
LOAD_ALL_FROM = 5_000
"""Touched signatures from which on all edges and signatures are read at once."""


def rules_version() -> str:
    """The version of everything that decides which signatures are one entry."""
    return f"group-{stage_version('group')}"


@dataclass(frozen=True, slots=True)
class GroupReport:
    """How many entries are new, changed, merged away, split off, retired."""

    new: int = 0
    changed: int = 0
    merged: int = 0
    split: int = 0
    retired: int = 0
    signatures: int = 0
    compared: int = 0


def group(
    store: Store, curation: Curation | None, now: str, spread: Spread | None = None
) -> GroupReport:
    """Groups what changed since the last run. `now` dates the log; nothing else depends on it.
    `spread` runs pure functions elsewhere (`miner.workers.Engine`), where there is enough to do.

    Raises `BadInputError`, with file and line, for a curation file that names what does not exist;
    nothing is changed then.
    """
    with _no_collection(), store.transaction() as connection:
        return _Run(connection, curation or Curation(), now, spread).run()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Views and edges form no cycles; looking for some takes as long as the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def cut_part(
    job: tuple[
        Mapping[str, bytes], Sequence[tuple[list[str], list[Edge]]], Sequence[tuple[str, str]]
    ],
) -> list[list[list[str]]]:
    """The groups of some components, which come with their views: a job of its own."""
    packed, components, apart = job
    views, walls = PackedViews(packed), walls_of(apart)
    return [cut(members, edges, views, walls) for members, edges in components]


def _pairs_in(component: tuple[list[str], list[Edge]]) -> int:
    size = len(component[0])
    return size * (size - 1) // 2


def _balanced(
    components: list[tuple[list[str], list[Edge]]],
) -> Iterator[list[tuple[list[str], list[Edge]]]]:
    """Components, which come with the largest first, in parts that take about as long."""
    part: list[tuple[list[str], list[Edge]]] = []
    size = 0
    for component in components:
        part.append(component)
        size += _pairs_in(component)
        if size >= CUT:
            yield part
            part, size = [], 0
    if part:
        yield part


class _Run:
    def __init__(
        self, connection: sqlite3.Connection, curation: Curation, now: str, spread: Spread | None
    ) -> None:
        self._db = connection
        self._spread: Spread = spread or map
        self._curation = curation
        self._version = rules_version()
        self._log = Log(connection, now, self._version)
        self._registry = Registry(connection, self._log)
        self._views = Views(connection)
        self._former: dict[str, str] = {}
        self._all_edges: dict[str, list[Edge]] | None = None
        self._all_rows: dict[str, sqlite3.Row] | None = None
        self._all_entries: dict[str, list[str]] | None = None
        self._same: frozenset[tuple[str, str]] = frozenset()
        self._different: frozenset[tuple[str, str]] = frozenset()

    def run(self) -> GroupReport:
        self._renew_if_outdated()
        dirty = dirty_signatures(self._db)
        constraints = Constraints(self._db, self._curation)
        if not dirty and not constraints.changed:
            return GroupReport()
        settled = settle(self._db, dirty)
        move_anchors(self._db, self._registry, settled.gone)
        update = EdgeUpdate(self._db, self._views, self._spread)
        edges = update.run(self._views.stored(settled.changed), settled.gone)
        touched = set(edges.touched) - set(settled.gone)
        left = self._entries_of(settled.gone)
        self._former = former_entries(self._db)
        forget(self._db, settled.gone)
        self._same, self._different = judged_pairs(self._db)
        touched |= set(dirty) & {f for pair in (*self._same, *self._different) for f in pair}
        done = Assigned()
        known = constraints.resolve(self._registry)
        self._regroup(touched | constraints.touched_signatures(), constraints, done)
        if not known:
            # a database built from nothing knows the ids of an older file only now
            check_curation(self._db, self._curation)
            constraints.resolve(self._registry)
            self._regroup(constraints.touched_signatures(), constraints, done)
        done.touched |= self._entries_of(dirty) | left
        done.retired += sum(map(self._registry.retire, self._without_signatures(done.touched)))
        done.touched |= constraints.apply_marks(self._log)
        changed = self._finish(done.touched)
        return GroupReport(
            done.new, changed, done.merged, done.split, done.retired, len(dirty), edges.compared
        )

    def _renew_if_outdated(self) -> None:
        if sql.value(self._db, "work.stage_version", "group") == self._version:
            return
        sql.write(self._db, "groups.forget_keys")
        sql.write(self._db, "groups.forget_pairs")
        forget_cuts(self._db)
        sql.write(self._db, "signatures.forget_all_keys")
        mark_all_signatures(self._db)
        sql.write(self._db, "work.put_stage_version", "group", self._version)

    # ------------------------------------------------------------------ components

    def _edges_of(self, fingerprint: str) -> list[Edge]:
        if self._all_edges is not None:
            return self._all_edges.get(fingerprint, [])
        rows = sql.ask(self._db, "groups.pairs_of", fingerprint, weights().threshold)
        return self._heeding(
            [(row[0], row[1], row[2]) for row in rows], lambda pair: fingerprint in pair
        )

    def _heeding(
        self, edges: Iterable[Edge], concerns: Callable[[tuple[str, str]], bool]
    ) -> list[Edge]:
        """Edges, and pairs judged one failure, without those judged two."""
        known = {(a, b): (p, a, b) for p, a, b in edges if (a, b) not in self._different}
        known.update({pair: (1.0, *pair) for pair in self._same if concerns(pair)})
        return list(known.values())

    def _load_all(self) -> None:
        table: dict[str, list[Edge]] = {}
        rows = sql.ask(self._db, "groups.pairs", weights().threshold)
        for edge in self._heeding(((row[0], row[1], row[2]) for row in rows), lambda pair: True):
            table.setdefault(edge[1], []).append(edge)
            table.setdefault(edge[2], []).append(edge)
        self._all_edges = table
        self._all_rows = {
            row["fingerprint"]: row for row in sql.ask(self._db, "signatures.grouped")
        }
        self._all_entries = {}
        for fingerprint, row in self._all_rows.items():
            if row["entry_id"] is not None:
                self._all_entries.setdefault(row["entry_id"], []).append(fingerprint)

    def _component(self, start: str, seen: set[str]) -> tuple[list[str], set[Edge]]:
        members, edges, queue = [], set(), [start]
        seen.add(start)
        while queue:
            fingerprint = queue.pop()
            members.append(fingerprint)
            for edge in self._edges_of(fingerprint):
                edges.add(edge)
                other = edge[2] if edge[1] == fingerprint else edge[1]
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        return members, edges

    def _entries_of(self, fingerprints: Iterable[str]) -> set[str]:
        return set(sql.column(self._db, "signatures.entries", listed(fingerprints)))

    def _without_signatures(self, entries: Iterable[str]) -> list[str]:
        return sql.column(self._db, "entries.without_signatures", listed(entries))

    def _regroup(self, touched: set[str], constraints: Constraints, done: Assigned) -> None:
        """Cuts all components that a change of these signatures may concern; gives ids."""
        self._all_edges = self._all_rows = self._all_entries = None
        if len(touched) >= LOAD_ALL_FROM:
            self._load_all()
        components: list[tuple[list[str], set[Edge]]] = []
        first: dict[str, First] = {}
        was: dict[str, str | None] = {}
        seen: set[str] = set()
        entries: set[str] = set()
        waiting = sorted(touched, reverse=True)
        while waiting:
            fingerprint = waiting.pop()
            if fingerprint in seen or self._row(fingerprint) is None:
                continue
            members, edges = self._component(fingerprint, seen)
            components.append((members, edges))
            for member in members:
                row = self._row(member)
                assert row is not None
                first[member] = First(row["first_seen"], row["first_key"], member)
                was[member] = row["entry_id"] or self._former.get(member)
                if row["entry_id"] is not None and row["entry_id"] not in entries:
                    entries.add(row["entry_id"])
                    waiting += self._in_entry(row["entry_id"])
        groups = self._join_judged(self._cut_all(components, constraints), constraints)
        groups = constraints.join(groups)
        self._give_ids(groups, first, was, constraints, done)

    def _cut_all(
        self, components: list[tuple[list[str], set[Edge]]], constraints: Constraints
    ) -> list[list[str]]:
        """The groups of all components, in order of their smallest."""
        apart = [*constraints.apart, *self._different]
        walls = walls_of(apart)
        groups: list[list[str]] = []
        large: list[tuple[list[str], list[Edge]]] = []
        for component in components:
            for part in small_enough(*component):
                if len(part[0]) > 2:
                    large.append(part)
                else:  # without a look at its signatures
                    groups += cut(*part, self._views, walls)
        found, digests = known_cuts(self._db, large, walls)
        new = [at for at, one in enumerate(found) if one is None]
        cuts = self._cut([large[at] for at in new], apart, walls)
        keep_cuts(
            self._db,
            [(large[at], digests[at], one) for at, one in zip(new, cuts, strict=True)],
        )
        groups += [group for one in (*found, *cuts) if one is not None for group in one]
        return sorted(groups)

    def _cut(
        self,
        pieces: list[tuple[list[str], list[Edge]]],
        apart: list[tuple[str, str]],
        walls: Mapping[str, set[str]],
    ) -> list[list[list[str]]]:
        """The groups of each piece, in their order."""
        if sum(map(_pairs_in, pieces)) < CUT_FROM:
            self._views.load(f for members, _ in pieces for f in members)
            return [cut(*one, self._views, walls) for one in pieces]
        self._views.make((f for members, _ in pieces for f in members), self._spread)
        order = sorted(range(len(pieces)), key=lambda at: -_pairs_in(pieces[at]))
        ordered = [pieces[at] for at in order]
        jobs = ((self._views.packed({f for members, _ in part for f in members}), part, apart)
                for part in _balanced(ordered))  # fmt: skip
        found = [one for part in self._spread(cut_part, jobs) for one in part]
        return [one for _, one in sorted(zip(order, found, strict=True))]

    def _join_judged(self, groups: list[list[str]], constraints: Constraints) -> list[list[str]]:
        """Unites the groups of pairs that a second reader holds for one failure, unless a person,
        the second reader itself or facts that conflict keep members of them apart.
        """
        walls = {frozenset(pair) for pair in (*constraints.apart, *self._different)}

        def allowed(one: list[str], other: list[str]) -> bool:
            self._views.load([*one, *other])
            return not any(
                frozenset((a, b)) in walls or conflict(self._views[a], self._views[b])
                for a in one
                for b in other
            )

        return united(groups, sorted(self._same), allowed)

    def _row(self, fingerprint: str) -> sqlite3.Row | None:
        """What is stored of a signature that is indexed."""
        if self._all_rows is not None:
            return self._all_rows.get(fingerprint)
        row: sqlite3.Row | None = sql.first(self._db, "signatures.grouped_one", fingerprint)
        return row

    def _in_entry(self, entry_id: str) -> list[str]:
        """The signatures of an entry."""
        if self._all_entries is not None:
            return self._all_entries.get(entry_id, [])
        return sql.column(self._db, "signatures.of_entry", entry_id)

    def _give_ids(
        self,
        groups: list[list[str]],
        first: dict[str, First],
        was: dict[str, str | None],
        constraints: Constraints,
        done: Assigned,
    ) -> None:
        got = assign(self._registry, self._log, groups, first, was, constraints.merged_by)
        moved = sorted((e, f) for f, e in got.entry_of.items() if was[f] != e or f in self._former)
        sql.write_many(self._db, "signatures.set_entry", moved)
        done.new += got.new
        done.merged += got.merged
        done.split += got.split
        done.touched |= {e for e, _ in moved}
        done.touched |= {e for _, f in moved if (e := was[f]) is not None}

    def _finish(self, touched: set[str]) -> int:
        """Marks the entries that are left of those touched; how many."""
        alive = sql.column(self._db, "entries.that_exist", listed(touched))
        mark_entries(self._db, alive)
        clean_signatures(self._db)
        sql.write(self._db, "mentions.forget_previous")
        return len(alive)
