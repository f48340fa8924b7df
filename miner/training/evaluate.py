"""How good the claims of labelled threads are: precision, recall, F1, and whether the surest claim
is right (top1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miner.training.dataset import overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb.models import Claim
    from miner.training.dataset import Labelled, Span

ENOUGH = 0.6
"""Part of the shorter of claim and label that both must share."""


@dataclass(slots=True)
class Figures:
    """Figures of one kind (`cause`, or `fix` with workarounds). Claims that are refuted do not
    count; labels that are do not either.
    """

    right: int = 0
    claims: int = 0
    found: int = 0
    wanted: int = 0
    top_right: int = 0
    threads: int = 0

    @property
    def precision(self) -> float:
        """Right claims among all."""
        return self.right / self.claims if self.claims else 0.0

    @property
    def recall(self) -> float:
        """Labels that a claim covers among all."""
        return self.found / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def top1(self) -> float:
        """Threads with a label whose surest claim is right."""
        return self.top_right / self.threads if self.threads else 0.0


def covers(claim: Claim, span: Span) -> bool:
    """Whether a claim and a label are the same place of the same text."""
    same = (claim.comment_id, claim.field) == (span.comment_id, span.field)
    return same and overlap(claim.start, claim.end, span.start, span.end) >= ENOUGH


def measure(threads: Iterable[tuple[Labelled, Sequence[Claim]]]) -> dict[str, Figures]:
    """Figures by kind over threads with their claims."""
    out = {"cause": Figures(), "fix": Figures()}
    for labelled, claims in threads:
        for kind, figures in out.items():
            want = [s for s in labelled.spans if s.kind == kind and s.good]
            got = [
                c
                for c in claims
                if c.stance != "refuted" and (c.kind == "cause") == (kind == "cause")
            ]
            right = [any(covers(c, s) for s in want) for c in got]
            figures.right += sum(right)
            figures.claims += len(got)
            figures.found += sum(any(covers(c, s) for c in got) for s in want)
            figures.wanted += len(want)
            if want:
                figures.threads += 1
                best = max(range(len(got)), key=lambda i, got=got: got[i].confidence, default=None)  # type: ignore[misc]
                figures.top_right += best is not None and right[best]
    return out
