"""From sentences with chances to what is cited: one sentence, or a short run of neighbours that say
the same kind of thing.

Explanations rarely end with the full stop ("The table is flushed on close. Close is never
called."), and half of one is a worse quote than both. A run is cited as one claim; its confidence
is the chance that at least one of its sentences is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.sentences import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miner.extract.replies import Said

MAX_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring sentences of one post, cited together. `kind` is `cause` or `fix`; `chance` is 0
    to 1.
    """

    said: tuple[Said, ...]
    kind: str
    refuted: bool
    chance: float

    @property
    def start(self) -> int:
        """Where the quote begins in its text."""
        return self.said[0].sentence.start

    @property
    def end(self) -> int:
        """Where the quote ends."""
        return self.said[-1].sentence.end

    @property
    def text(self) -> str:
        """The quote: the stored text, with what stands between the sentences."""
        return self.said[0].post.text[self.start : self.end]


def runs(said: Sequence[Said], label: int, join: float) -> list[tuple[tuple[Said, ...], float]]:
    """Runs of sentences whose chance of `label` is at least `join`, each with its joint chance, in
    order.
    """
    out: list[tuple[tuple[Said, ...], float]] = []
    current: list[Said] = []
    for one in said:
        if one.chances[label] < join:
            continue
        if current and not _continues(current, one):
            out.append(_closed(current, label))
            current = []
        current.append(one)
    if current:
        out.append(_closed(current, label))
    return out


def _continues(current: Sequence[Said], one: Said) -> bool:
    last = current[-1]
    return (
        last.post is one.post
        # A quote of prose and code would begin or end inside a fence.
        and last.sentence.kind != "code"
        and one.sentence.kind != "code"
        and last.number + 1 == one.number
        and len(current) < MAX_SENTENCES
        and one.sentence.end - current[0].sentence.start <= MAX_LENGTH
    )


def _closed(current: Sequence[Said], label: int) -> tuple[tuple[Said, ...], float]:
    none = 1.0
    for one in current:
        none *= 1.0 - one.chances[label]
    return tuple(current), 1.0 - none
