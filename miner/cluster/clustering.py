"""Cuts the signatures of a connected component of near pairs into groups, one for each error.

A component of three and more is cut by agglomerative clustering with average linkage: two groups
are joined where the mean distance of their members, one minus the probability of one failure, is
small enough, so that a chain (A like B, B like C, A not like C) is cut. Facts that conflict, and
what the curator keeps apart, are distances that no mean makes up for. The result is a function of
the set of signatures and of what the curator forbade.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

from kb.matching.model import conflict, probability, weights
from kb.matching.screen import Screen, conflicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.matching.features import View

    class ViewsByFingerprint(Protocol):
        """Anything that gives the view of a fingerprint."""

        def __getitem__(self, fingerprint: str, /) -> View: ...


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


def components(members: Iterable[str], edges: Iterable[Edge]) -> list[tuple[list[str], list[Edge]]]:
    """Members that hang together, with the edges among them; sorted."""
    root = {member: member for member in sorted(members)}

    def find(member: str) -> str:
        while root[member] != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    ordered = sorted(edges)
    for _, a, b in ordered:
        one, two = sorted((find(a), find(b)))
        root[two] = one
    parts: dict[str, tuple[list[str], list[Edge]]] = {}
    for member in root:
        parts.setdefault(find(member), ([], []))[0].append(member)
    for edge in ordered:
        parts[find(edge[1])][1].append(edge)
    return list(parts.values())


def small_enough(
    members: list[str], edges: list[Edge], least: float = 0.0
) -> list[tuple[list[str], list[Edge]]]:
    """A component with its edges, or where it is too large the components of its surer pairs."""
    if len(members) <= MOST_MEMBERS or least >= 1.0:
        return [(members, edges)]
    least = max(least, weights().threshold) + STEP
    parts = components(members, [edge for edge in edges if edge[0] >= least])
    return [small for part in parts for small in small_enough(*part, least)]


def cut(
    members: list[str], edges: list[Edge], views: ViewsByFingerprint, walls: Mapping[str, set[str]]
) -> list[list[str]]:
    """The groups, each sorted, of members that are few enough to be clustered at once."""
    if len(members) == 1:
        return [members]
    if len(members) == 2:
        joined = bool(edges) and members[1] not in walls.get(members[0], ())
        return [members] if joined else [[member] for member in members]
    known = {(a, b): p for p, a, b in edges}
    few = len(members) <= FEW
    distances = (_distances if few else _many_distances)(members, known, views, walls)
    groups = (few_linked if few else many_linked)(distances, 1.0 - JOIN_MEAN)
    return [sorted(members[i] for i in group) for group in groups]


def _distances(
    members: list[str],
    known: dict[tuple[str, str], float],
    views: ViewsByFingerprint,
    walls: Mapping[str, set[str]],
) -> list[list[float]]:
    distances = [[0.0] * len(members) for _ in members]
    for (i, a), (j, b) in combinations(enumerate(members), 2):
        distances[i][j] = distances[j][i] = _distance(a, b, known, views, walls)
    return distances


def _many_distances(
    members: list[str],
    known: dict[tuple[str, str], float],
    views: ViewsByFingerprint,
    walls: Mapping[str, set[str]],
) -> Any:
    """The same as `_distances`, as an array: most pairs of many members are settled in tables."""
    import numpy as np

    own = [views[member] for member in members]
    place = {member: i for i, member in enumerate(members)}
    ones, others = np.triu_indices(len(members), 1)
    apart = conflicts(own)[ones, others]
    distances = np.zeros((len(members), len(members)))
    distances[ones, others] = np.where(apart, WALL, 1.0)
    left = np.flatnonzero(~apart)
    screen = Screen(own)
    left = left[~screen.unlikely(ones[left], others[left])]
    asked = {(i, j) for i, j in zip(ones[left].tolist(), others[left].tolist(), strict=True)}
    asked |= {(place[a], place[b]) for a, b in known}
    asked |= {
        (i, place[other])
        for i, member in enumerate(members)
        for other in walls.get(member, ())
        if place.get(other, -1) > i
    }
    for i, j in asked:
        distances[i, j] = _distance(members[i], members[j], known, views, walls)
    return distances + distances.T


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


def _distance(
    a: str,
    b: str,
    known: dict[tuple[str, str], float],
    views: ViewsByFingerprint,
    walls: Mapping[str, set[str]],
) -> float:
    if b in walls.get(a, ()):
        return WALL
    if (a, b) in known:
        return 1.0 - known[a, b]
    one, two = views[a], views[b]
    return WALL if conflict(one, two) else 1.0 - round(probability(one, two), 6)
