"""The stage that turns signatures into entries: settles fields, updates near edges, cuts
components, gives ids, logs.

Works on table `dirty_signature`, in one transaction: what it read as dirty is clean in the same
commit as the results, so a run that is killed loses and doubles nothing. Only the components of
near signatures that a change touches are cut again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, groupby, product

from kb import sql
from kb.curation import Curation, check_curation
from kb.matching.blocking import EdgeUpdate, PackedViews, Spread, Views
from kb.matching.model import conflict, weights
from kb.rows import listed, mark_entries
from kb.store import Store
from miner.cluster.clustering import (
    Edge,
    Piece,
    components,
    cut,
    cut_anew,
    small_enough,
    united,
    walls_of,
)
from miner.cluster.constraints import Constraints
from miner.cluster.ids import GroupReport, Registry, assign
from miner.cluster.signatures import forget, former_entries, move_anchors, settle
from miner.judge.questions import judged_pairs
from miner.versions import stage_version

CUT_FROM = 100_000
"""Pairs of members from which on components are cut in parts, elsewhere if that is possible,"""
CUT = 20_000
"""and how many of them are a part."""


def rules_version() -> str:
    """The version of everything that decides which signatures are one entry."""
    return f"group-{stage_version('group')}"


def group(
    store: Store, curation: Curation | None, now: str, spread: Spread | None = None
) -> GroupReport:
    """Groups what changed since the last run. `now` dates the log; nothing else depends on it.
    `spread` runs pure functions elsewhere (`miner.workers.Crew`), where there is enough to do.

    Raises `BadInputError`, with file and line, for a curation file that names what does not exist;
    nothing is changed then.
    """
    with store.transaction() as connection:
        return _Run(connection, curation or Curation(), now, spread).run()


def cut_part(
    job: tuple[Mapping[str, bytes], Sequence[Piece], Sequence[tuple[str, str]]],
) -> list[list[list[str]]]:
    """The groups of some components, which come with their views: a job of its own."""
    packed, components, apart = job
    views, walls = PackedViews(packed), walls_of(apart)
    return [cut(members, edges, views, walls) for members, edges in components]


def _pairs_in(component: Piece) -> int:
    size = len(component[0])
    return size * (size - 1) // 2


class _Run:
    def __init__(
        self, connection: sqlite3.Connection, curation: Curation, now: str, spread: Spread | None
    ) -> None:
        self._db = connection
        self._spread: Spread = spread or map
        self._curation = curation
        self._version = rules_version()
        self._registry = Registry(connection, now, self._version)
        self._views = Views(connection)
        self._done = GroupReport()
        self._touched: set[str] = set()
        self._former: dict[str, str] = {}
        self._same: frozenset[tuple[str, str]] = frozenset()
        self._different: frozenset[tuple[str, str]] = frozenset()

    def run(self) -> GroupReport:
        self._renew_if_outdated()
        dirty = sql.column(self._db, "work.signatures")
        constraints = Constraints(self._db, self._curation)
        if not dirty and not constraints.changed:
            return self._done
        changed, gone = settle(self._db, dirty)
        move_anchors(self._db, self._registry, gone)
        update = EdgeUpdate(self._db, self._views, self._spread)
        stored = self._views.stored(changed)
        touched, compared = update.run(stored, gone)
        touched -= set(gone)
        left = self._entries_of(gone)
        self._former = former_entries(self._db)
        forget(self._db, gone)
        self._same, self._different = judged_pairs(self._db)
        touched |= set(dirty) & {f for pair in (*self._same, *self._different) for f in pair}
        known = constraints.resolve(self._registry)
        self._regroup(touched | constraints.touched_signatures(), constraints)
        if not known:
            # a database built from nothing knows the ids of an older file only now
            check_curation(self._db, self._curation)
            constraints.resolve(self._registry)
            self._regroup(constraints.touched_signatures(), constraints)
        self._touched |= self._entries_of(dirty) | left
        empty = sql.column(self._db, "entries.without_signatures", listed(self._touched))
        self._done.retired = sum(map(self._registry.retire, empty))
        self._touched |= constraints.apply_marks(self._registry)
        alive = sql.column(self._db, "entries.that_exist", listed(self._touched))
        mark_entries(self._db, alive)
        sql.write(self._db, "work.clean_signatures")
        sql.write(self._db, "mentions.forget_previous")
        self._done.changed, self._done.signatures = len(alive), len(dirty)
        self._done.compared = compared
        return self._done

    def _renew_if_outdated(self) -> None:
        if sql.value(self._db, "work.stage_version", "group") == self._version:
            return
        for name in ("groups.forget_keys", "groups.forget_pairs", "groups.drop_cuts"):
            sql.write(self._db, name)
        sql.write(self._db, "signatures.forget_all_keys")
        sql.write(self._db, "work.mark_all_signatures")
        sql.write(self._db, "work.put_stage_version", "group", self._version)

    def _entries_of(self, fingerprints: Iterable[str]) -> set[str]:
        return set(sql.column(self._db, "signatures.entries", listed(fingerprints)))

    def _reached(self, touched: Iterable[str]) -> tuple[dict[str, sqlite3.Row], set[Edge]]:
        """The signatures that hang together with these, by near pairs or as one entry, each with
        its row, and their near pairs: those judged one failure among them, those judged two not.
        """
        found: dict[str, sqlite3.Row] = {}
        edges: set[Edge] = set()
        seen, waiting = set[str](), set(touched)
        while waiting:
            seen |= waiting
            rows = sql.ask(self._db, "signatures.grouped", listed(waiting))
            new = {row["fingerprint"]: row for row in rows}
            found |= new
            pairs = sql.ask(self._db, "groups.pairs_of", listed(new), weights().threshold)
            near = {(p, a, b) for p, a, b in pairs if (a, b) not in self._different}
            near |= {(1.0, *pair) for pair in self._same if not new.keys().isdisjoint(pair)}
            edges |= near
            entries = {row["entry_id"] for row in new.values() if row["entry_id"] is not None}
            waiting = {*sql.column(self._db, "signatures.of_entries", listed(entries))}
            waiting = (waiting | {f for _, *pair in near for f in pair}) - seen
        edges -= {edge for edge in edges if edge[0] < 1.0 and edge[1:] in self._same}
        return found, {edge for edge in edges if edge[1] in found and edge[2] in found}

    def _regroup(self, touched: set[str], constraints: Constraints) -> None:
        """Cuts all components that a change of these signatures may concern; gives ids."""
        found, edges = self._reached(touched)
        groups = self._join_judged(
            self._cut_all(components(found, edges), constraints), constraints
        )
        first = {f: (row["first_seen"], row["first_key"], f) for f, row in found.items()}
        was = {f: row["entry_id"] or self._former.get(f) for f, row in found.items()}
        groups = constraints.join(groups)
        got = assign(self._registry, groups, first, was, constraints.merged_by, self._done)
        moved = sorted((e, f) for f, e in got.items() if was[f] != e or f in self._former)
        sql.write_many(self._db, "signatures.set_entry", moved)
        self._touched |= {one for e, f in moved for one in (e, was[f]) if one is not None}

    def _cut_all(self, hanging: Iterable[Piece], constraints: Constraints) -> list[list[str]]:
        """The groups of all components, in order of their smallest."""
        apart = [*constraints.apart, *self._different]
        walls = walls_of(apart)
        parts = [part for component in hanging for part in small_enough(*component)]
        # a pair is cut without a look at its signatures; of the others the largest come first
        small = [cut(*part, PackedViews({}), walls) for part in parts if len(part[0]) <= 2]
        large = sorted((p for p in parts if len(p[0]) > 2), key=lambda p: -_pairs_in(p))
        cuts = cut_anew(self._db, large, walls, lambda new: self._cut(new, apart))
        return sorted([*chain.from_iterable(small), *cuts])

    def _cut(self, pieces: list[Piece], apart: list[tuple[str, str]]) -> list[list[list[str]]]:
        """The groups of each piece, in their order."""
        sizes = list(accumulate(map(_pairs_in, pieces)))
        spread = self._spread if sizes and sizes[-1] >= CUT_FROM else map
        self._views.packed({f for members, _ in pieces for f in members}, spread)
        # in parts that take about as long
        numbered = groupby(range(len(pieces)), key=lambda at: sizes[at] // CUT)
        parts = ([pieces[at] for at in part] for _, part in numbered)
        jobs = ((self._views.packed({f for members, _ in part for f in members}), part, apart)
                for part in parts)  # fmt: skip
        return [groups for part in spread(cut_part, jobs) for groups in part]

    def _join_judged(self, groups: list[list[str]], constraints: Constraints) -> list[list[str]]:
        """Unites the groups of pairs that a second reader holds for one failure, unless a person,
        the second reader itself or facts that conflict keep members of them apart.
        """
        walls = {frozenset(pair) for pair in (*constraints.apart, *self._different)}

        def allowed(one: list[str], other: list[str]) -> bool:
            views = PackedViews(self._views.packed([*one, *other]))
            pairs = product(one, other)
            return not any(
                frozenset(p) in walls or conflict(views[p[0]], views[p[1]]) for p in pairs
            )

        return united(groups, sorted(self._same), allowed)
