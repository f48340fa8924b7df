"""Cuts the signatures of a connected component of near pairs into groups, one for each error.

A chain (A like B, B like C, A not like C) is cut: two groups are joined by their most probable pair
only if what they hold goes together as a whole. The result is a function of the set of signatures
and of what the curator forbade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kb.matching.model import conflict, probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.matching.features import View

    class ViewsByFingerprint(Protocol):
        """Anything that gives the view of a fingerprint."""

        def __getitem__(self, fingerprint: str, /) -> View: ...


EXEMPLARS = 6
"""Signatures that speak for a group when it is asked whether another belongs to it: those with the
smallest fingerprints.
"""
JOIN_MEAN = 0.2
"""Least mean probability over the pairs of exemplars of two groups that are joined."""

Edge = tuple[float, str, str]
"""(probability, a, b), a < b."""


class _Group:
    __slots__ = ("exemplars", "members")

    def __init__(self, fingerprint: str) -> None:
        self.members = [fingerprint]
        self.exemplars = [fingerprint]


class _Pairs:
    """Probabilities of pairs, known ones and those that had to be computed."""

    def __init__(self, edges: Iterable[Edge], views: ViewsByFingerprint) -> None:
        self._known = {(a, b): p for p, a, b in edges}
        self._views = views

    def probability(self, a: str, b: str) -> float | None:
        """The probability, or None if a fact conflicts."""
        pair = (a, b) if a < b else (b, a)
        if pair not in self._known:
            one, two = self._views[a], self._views[b]
            self._known[pair] = -1.0 if conflict(one, two) else round(probability(one, two), 6)
        value = self._known[pair]
        return None if value < 0 else value


def partition(
    members: Iterable[str],
    edges: Iterable[Edge],
    views: ViewsByFingerprint,
    apart: Iterable[tuple[str, str]] = (),
) -> list[list[str]]:
    """Groups of fingerprints, each sorted, in order of their smallest; every member is in exactly
    one.

    `edges` are the near pairs among the members, `apart` pairs that must not end up in one group.
    """
    edges = sorted(edges, key=lambda e: (-e[0], e[1], e[2]))
    pairs = _Pairs(edges, views)
    group = {f: _Group(f) for f in members}
    foes: dict[str, set[str]] = {}
    for a, b in apart:
        if a in group and b in group:
            foes.setdefault(a, set()).add(b)
            foes.setdefault(b, set()).add(a)
    refused: set[tuple[int, int, int, int]] = set()
    for _, a, b in edges:
        one, two = group[a], group[b]
        if one is two:
            continue
        asked = (id(one), len(one.members), id(two), len(two.members))
        if asked in refused:
            continue
        if _forbidden(one, two, group, foes) or not _goes_together(one, two, pairs):
            refused.add(asked)
            continue
        _join(one, two, group)
    seen = {id(g): g for g in group.values()}
    return sorted(sorted(g.members) for g in seen.values())


def _forbidden(
    one: _Group, two: _Group, group: Mapping[str, _Group], foes: Mapping[str, set[str]]
) -> bool:
    return bool(foes) and any(
        group[foe] is two for f in one.members if f in foes for foe in foes[f]
    )


def _goes_together(one: _Group, two: _Group, pairs: _Pairs) -> bool:
    total = 0.0
    for a in one.exemplars:
        for b in two.exemplars:
            value = pairs.probability(a, b)
            if value is None:
                return False
            total += value
    return total / (len(one.exemplars) * len(two.exemplars)) >= JOIN_MEAN


def _join(one: _Group, two: _Group, group: dict[str, _Group]) -> None:
    if len(one.members) < len(two.members):
        one, two = two, one
    one.members.extend(two.members)
    one.exemplars = sorted({*one.exemplars, *two.exemplars})[:EXEMPLARS]
    for f in two.members:
        group[f] = one
