"""Settles most pairs of many signatures without looking at each: in tables instead of objects.

Two signatures that share few words are never the same error (`kb.matching.model.probability`), and
most candidates are such pairs. Here their common words are summed in sparse matrices, a million
pairs in seconds. What is called unlikely has probability 0; of the others the model decides. Sums
in another order may differ in the last digits, so what is near the bound is left to the model: the
answers are the same, pair by pair.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from kb.matching.features import View
from kb.matching.model import LEAST_OVERLAP, conflict

AT_ONCE = 100_000
"""Pairs that are looked at together: some 40 MB."""
MARGIN = 1e-6
"""How far below the bound a sum must be, in weights of words."""


class _Rows:
    """A sparse matrix that grows by rows; columns are given by name."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}
        self._ends, self._places, self._values = array("q", [0]), array("i"), array("d")

    def add(self, row: Iterable[tuple[str, float]]) -> None:
        for name, value in row:
            self._places.append(self._columns.setdefault(name, len(self._columns)))
            self._values.append(value)
        self._ends.append(len(self._places))

    def matrix(self) -> Any:
        """As `scipy.sparse.csr_array`."""
        import numpy as np
        from scipy.sparse import csr_array

        made = csr_array(
            (np.array(self._values), np.array(self._places), np.array(self._ends)),
            shape=(len(self._ends) - 1, max(1, len(self._columns))),
        )
        made.sort_indices()
        return made


class Screen:
    """What is read here of some views, a row each: the weights of their words, and their codes."""

    def __init__(self, views: Iterable[View]) -> None:
        import numpy as np

        words, codes, totals = _Rows(), _Rows(), array("d")
        for view in views:
            words.add(view.weights.items())
            codes.add((code, 1.0) for code in view.codes)
            totals.append(view.total)
        self._words, self._codes = words.matrix(), codes.matrix()
        self._present = self._words.copy()
        self._present.data = np.ones_like(self._present.data)
        self._totals = np.array(totals)

    def unlikely(self, ones: Any, others: Any) -> Any:
        """Which pairs of rows (two arrays) are surely no same error: an array of booleans."""
        import numpy as np

        words, present, codes, totals = self._words, self._present, self._codes, self._totals
        sizes = np.diff(words.indptr)
        out = np.zeros(len(ones), dtype=bool)
        for start in range(0, len(ones), AT_ONCE):
            a, b = ones[start : start + AT_ONCE], others[start : start + AT_ONCE]
            first = sizes[a] <= sizes[b]
            short, long = np.where(first, a, b), np.where(first, b, a)
            overlap = words[short].multiply(present[long]).sum(axis=1)
            few = overlap < LEAST_OVERLAP * np.minimum(totals[a], totals[b]) - MARGIN
            at = np.flatnonzero(few)
            few[at] = codes[a[at]].multiply(codes[b[at]]).sum(axis=1) == 0
            out[start : start + AT_ONCE] = few
        return out


def conflicts(views: Sequence[View]) -> Any:
    """Which pairs of some views have facts that conflict: a square array of booleans.

    Of two generic messages of one scope nothing is said here (False): their places and words have
    to be looked at.
    """
    import numpy as np

    kinds: dict[Any, int] = {}
    some: list[View] = []
    for view in views:
        if kinds.setdefault(_facts(view), len(kinds)) == len(some):
            some.append(view)
    table = np.zeros((len(some), len(some)), dtype=bool)
    for (i, a), (j, b) in combinations(enumerate(some), 2):
        if a.scope == "message" or b.scope == "message" or a.scope != b.scope:
            table[i, j] = table[j, i] = conflict(a, b) is not None
    places = np.array([kinds[_facts(view)] for view in views])
    return table[np.ix_(places, places)]


def _facts(view: View) -> Any:
    """All that `conflict` reads of a view, unless both are generic messages of one scope."""
    if view.scope != "message":
        return view.scope  # apart from every message of another scope
    return (view.exits, view.numbers, view.status, view.kinds, view.ports, view.decisive)
