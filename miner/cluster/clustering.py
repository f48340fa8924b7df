"""Cuts the signatures of a connected component of near pairs into groups, one for each error.

A component of three and more is cut by agglomerative clustering with average linkage: two groups
are joined where the mean distance of their members, one minus the probability of one failure, is
small enough, so that a chain (A like B, B like C, A not like C) is cut. Facts that conflict, and
what the curator keeps apart, are distances that no mean makes up for. The result is a function of
the set of signatures and of what the curator forbade.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from kb import sql
from kb.matching.features import View
from kb.matching.model import conflict, probability, weights

MOST_MEMBERS = 600
"""Signatures that are clustered at once; a larger component is first cut at surer pairs."""
JOIN_MEAN = 0.2
"""Least mean probability over the members of two groups that are joined. Each pair that shares too
few words counts as zero, though a third wording may connect the two.
"""
FEW = 60
"""Signatures that are clustered in plain Python, as all of most trackers are: scikit-learn takes
2.7 seconds of processor time to load, and 130 MB."""
STEP = 0.05
"""By how much surer, each time."""
WALL = 1e6
"""Distance of two signatures that must not end up in one group."""

Edge = tuple[float, str, str]
"""(probability, a, b), a < b."""


def walls_of(apart: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Pairs that are kept apart, by each of their ends."""
    walls: dict[str, set[str]] = {}
    for a, b in apart:
        walls.setdefault(a, set()).add(b)
        walls.setdefault(b, set()).add(a)
    return walls


def united(
    groups: Iterable[list[str]],
    pairs: Iterable[tuple[str, str]],
    allowed: Callable[[list[str], list[str]], bool] = lambda one, other: True,
) -> list[list[str]]:
    """Groups of fingerprints, those of each pair made one where `allowed`; in order."""
    members = {i: list(group) for i, group in enumerate(groups)}
    place = {f: i for i, group in members.items() for f in group}
    for a, b in pairs:
        if a in place and b in place and place[a] != place[b]:
            one, other = sorted((place[a], place[b]), key=lambda i: -len(members[i]))
            if allowed(members[one], members[other]):
                moved = members.pop(other)
                members[one] += moved
                place.update(dict.fromkeys(moved, one))
    return sorted(map(sorted, members.values()))


Piece = tuple[list[str], list[Edge]]
"""Members, sorted, and the near pairs among them, sorted too."""


def components(members: Iterable[str], edges: Iterable[Edge]) -> list[Piece]:
    """Members that hang together, with the edges among them; in order."""
    ordered = sorted(edges)
    groups = united(([member] for member in members), ((a, b) for _, a, b in ordered))
    place = {member: at for at, group in enumerate(groups) for member in group}
    within: list[list[Edge]] = [[] for _ in groups]
    for edge in ordered:
        within[place[edge[1]]].append(edge)
    return list(zip(groups, within, strict=True))


def small_enough(members: list[str], edges: list[Edge], least: float = 0.0) -> list[Piece]:
    """A component with its edges, or where it is too large the components of its surer pairs."""
    if len(members) <= MOST_MEMBERS or least >= 1.0:
        return [(members, edges)]
    least = max(least, weights().threshold) + STEP
    parts = components(members, [edge for edge in edges if edge[0] >= least])
    return [small for part in parts for small in small_enough(*part, least)]


def cut(
    members: list[str], edges: list[Edge], views: Mapping[str, View], walls: Mapping[str, set[str]]
) -> list[list[str]]:
    """The groups, each sorted, of members that are few enough to be clustered at once."""
    if len(members) == 1:
        return [members]
    if len(members) == 2:
        joined = bool(edges) and members[1] not in walls.get(members[0], ())
        return [members] if joined else [[member] for member in members]
    known = {(a, b): p for p, a, b in edges}
    distances = distances_of(members, known, views, walls)
    groups = (few_linked if len(members) <= FEW else many_linked)(distances, 1.0 - JOIN_MEAN)
    return [sorted(members[i] for i in group) for group in groups]


def distances_of(
    members: list[str],
    known: Mapping[tuple[str, str], float],
    views: Mapping[str, View],
    walls: Mapping[str, set[str]],
) -> list[list[float]]:
    """The distances of members as a square. `known`: the probability of pairs (a, b), a < b."""
    square = [[0.0] * len(members) for _ in members]
    for (i, a), (j, b) in combinations(enumerate(members), 2):
        if b in walls.get(a, ()):
            distance = WALL
        elif (likely := known.get((a, b))) is not None:
            distance = 1.0 - likely
        elif conflict(one := views[a], two := views[b]):
            distance = WALL
        else:
            distance = 1.0 - round(probability(one, two), 6)
        square[i][j] = square[j][i] = distance
    return square


def few_linked(distances: Sequence[Sequence[float]], below: float) -> list[list[int]]:
    """Average linkage of a few items: the two groups with the smallest mean distance are joined as
    long as it is `below`. Of equal means the pair of the smallest items goes first.
    """
    groups = [[item] for item in range(len(distances))]
    while len(groups) > 1:
        least, one, two = min(
            (sum(distances[a][b] for a in x for b in y) / (len(x) * len(y)), x, y)
            for x, y in combinations(groups, 2)
        )
        if least >= below:
            break
        groups = sorted([g for g in groups if g not in (one, two)] + [sorted(one + two)])
    return groups


def many_linked(distances: Any, below: float) -> list[list[int]]:
    """The same groups, by scikit-learn."""
    from sklearn.cluster import AgglomerativeClustering

    labels = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=below
    ).fit_predict(distances)
    groups: dict[int, list[int]] = {}
    for item, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(item)
    return list(groups.values())


# ---------------------------------------------------------------- what was cut before


def cut_anew(
    connection: sqlite3.Connection,
    pieces: Sequence[Piece],
    walls: Mapping[str, set[str]],
    cut: Callable[[list[Piece]], list[list[list[str]]]],
) -> list[list[str]]:
    """The groups of pieces. Signatures hang together in long chains, and one new signature may
    touch a component of thousands: a piece whose members, fields, near pairs and walls are those of
    last time is not `cut` again. Table `component_cut` keeps a digest of the four and the groups,
    one row for the smallest member.
    """
    every = json.dumps([member for members, _ in pieces for member in members])
    # what a signature is judged by beside its text and place, which its fingerprint stands for
    named = sql.ask(connection, "signatures.decision_fields", every)
    fields = {row[0]: repr(tuple(row)) for row in named}
    keys = [(members[0], _digest(members, edges, fields, walls)) for members, edges in pieces]
    stored = sql.ask(connection, "groups.cuts", json.dumps([first for first, _ in keys]))
    found = {(row[0], row[1]): json.loads(row[2]) for row in stored}
    new = {key: piece for key, piece in zip(keys, pieces, strict=True) if key not in found}
    made = dict(zip(new, cut(list(new.values())), strict=True))
    rows = [(*key, json.dumps(groups).encode()) for key, groups in made.items()]
    sql.write_many(connection, "groups.put_cut", rows)
    sql.write(connection, "groups.drop_old_cuts")
    found |= made
    return [group for key in keys for group in found[key]]


def _digest(
    members: list[str], edges: list[Edge], fields: Mapping[str, str], walls: Mapping[str, set[str]]
) -> bytes:
    inside = set(members)
    apart = [(one, other) for one in members for other in sorted(walls.get(one, set()) & inside)]
    said = repr(([fields[member] for member in members], edges, apart))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
