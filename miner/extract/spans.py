"""From sentences with chances to what is cited: one sentence, or a short run of neighbours that say
the same kind of thing.

Explanations rarely end with the full stop ("The table is flushed on close. Close is never
called."), and half of one is a worse quote than both. A run is cited as one claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.models import Place
from kb.sentences import MAX_LENGTH
from miner.extract.cue_phrases import has
from miner.extract.model import kinds
from miner.extract.replies import Said
from miner.extract.thought import Thought

MAX_SENTENCES = 4
JOIN = 0.1
"""Chance of a kind from which a sentence is part of a run; chosen by cross-validation."""
KINDS = ("cause", "fix")


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring sentences of one post, cited together. `kind` is `cause` or `fix`. `chance` (0
    to 1) is calibrated once the run is judged; before that, it is the chance that one of its
    sentences is of the kind. `refuted`: the thread says that it is wrong or did not help; `chance`
    is that of this. `thought`: the words that are quoted of it, and the code they announce.
    """

    said: tuple[Said, ...]
    kind: str
    refuted: bool
    chance: float
    thought: Thought | None = None

    @property
    def start(self) -> int:
        """Where the quote begins in its text."""
        return self.thought.start if self.thought else self.said[0].sentence.start

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.thought.end if self.thought else self.said[-1].sentence.end

    @property
    def block(self) -> str:
        """The code that is quoted with them."""
        return self.thought.block if self.thought else ""

    @property
    def until(self) -> int:
        """Where the quote ends, with its code and what goes on behind it."""
        return self.thought.until if self.thought else self.end

    @property
    def is_torn(self) -> bool:
        """Whether its source cut it off before its point."""
        return self.thought is not None and self.thought.missing == "point"

    @property
    def text(self) -> str:
        """Its words: the stored text, with what stands between the sentences."""
        return self.said[0].post.text[self.start : self.end]


def runs(said: Sequence[Said], kind: str, join: float = JOIN) -> list[Run]:
    """Runs of sentences whose chance of `kind` is at least `join`, in order."""
    out: list[Run] = []
    current: list[tuple[Said, float]] = []
    for one in said:
        chance = kinds(one.chances)[KINDS.index(kind)]
        if chance < join:
            continue
        if current and not _continues([before for before, _ in current], one):
            out.append(_closed(current, kind))
            current = []
        current.append((one, chance))
    if current:
        out.append(_closed(current, kind))
    return out


def _continues(current: Sequence[Said], one: Said) -> bool:
    last = current[-1]
    return (
        last.post is one.post
        # A quote of prose and code would begin or end inside a fence.
        and last.sentence.kind != "code"
        and one.sentence.kind != "code"
        and last.number + 1 == one.number
        and _same_thought(current[0], last, one)
        and len(current) < MAX_SENTENCES
        and one.sentence.end - current[0].sentence.start <= MAX_LENGTH
    )


def _same_thought(first: Said, last: Said, one: Said) -> bool:
    """Whether a sentence goes on with a thought across the marks of a list: the items of a list are
    one with what introduces them, and else one each; a heading is none of its text, and what
    follows "the original error is fixed" is of another error.
    """
    kinds = (last.sentence.kind, one.sentence.kind)
    if "heading" in kinds or has("first_is_mended", last.text):
        return False
    if one.sentence.kind != "item" or one.sentence.block == last.sentence.block:
        return True
    if last.sentence.kind == "item":
        return first.sentence.kind != "item"
    return not last.text.rstrip().endswith((".", "!", "?", "。", "！", "？"))


def _closed(current: Sequence[tuple[Said, float]], kind: str) -> Run:
    none = 1.0
    for _, chance in current:
        none *= 1.0 - chance
    return Run(tuple(one for one, _ in current), kind, False, 1.0 - none)


def in_error(run: Run, errors: Iterable[tuple[Place, int, int]]) -> bool:
    """Whether the quote stands inside of an error's text (`errors`: where, from and to): "upgrade
    your plan" is then what the program says, and nobody's remedy. A title may say both.
    """
    place = run.said[0].post.place
    return place[1] != "title" and any(
        where == place and start <= run.start and run.end <= end for where, start, end in errors
    )


def overlap(a_start: int, a_end: int, b_start: int, b_end: int) -> float:
    """The part of the shorter span that both share, 0 to 1."""
    shared = max(0, min(a_end, b_end) - max(a_start, b_start))
    return shared / max(1, min(a_end - a_start, b_end - b_start))
