"""What the second reader says of a thread, put beside what the built-in model says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from miner.extract.find import find_claims
from miner.judge.questions import claim_questions
from miner.judge.store import labels_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.models import Claim, Mention, Thread
    from miner.extract.context import ClaimContext
    from miner.extract.replies import Said
    from miner.judge.questions import Question
    from miner.judge.store import Labels
    from miner.posts import ParsedThread

WEIGHT = 0.75
"""How much the second reader's word counts against the built-in model's, of 1."""
_PLACES = {"cause": 1, "fix": 3, "workaround": 3, "failed_attempt": 4}
"""Where a label stands among the probabilities of a sentence (`miner.extract.model.LABELS`);
all others count as "none".
"""


def questions_of(
    thread: Thread, said: Sequence[Said], mentions: Sequence[Mention]
) -> list[Question]:
    """The questions about a thread's candidate sentences."""
    shown = sorted((m for m in mentions if m.counted), key=lambda m: not m.is_primary)
    errors = list(dict.fromkeys(mention.raw for mention in shown))
    sentences = [(one.post.role, one.post.say(one.sentence)) for one in said]
    return claim_questions(f"{thread.repo}#{thread.number}", sentences, errors)


def claims_with_second_reader(
    whole: ParsedThread,
    mentions: Sequence[Mention],
    context: ClaimContext,
    answers: Mapping[str, str],
) -> list[Claim]:
    """The claims of a thread that heed stored answers (`miner.judge.store.answers_about`); those of
    the built-in model where there are none, or not to the questions that would be asked now.

    Stances follow from what people wrote in the thread, and a claim that only the second reader
    found is never confirmed.
    """
    own = find_claims(whole, mentions, context)
    if not answers:
        return own

    def heed(said: Sequence[Said]) -> Sequence[Said]:
        labels = labels_of(questions_of(whole.thread, said, mentions), answers)
        return said if labels is None else heeding(said, labels)

    known = {(claim.comment_id, claim.field, claim.start, claim.kind) for claim in own}
    return [
        claim
        if claim.stance != "confirmed"
        or (claim.comment_id, claim.field, claim.start, claim.kind) in known
        else replace(claim, stance="supported")
        for claim in find_claims(whole, mentions, context, heed)
    ]


def heeding(said: Sequence[Said], labels: Labels, *, weight: float = WEIGHT) -> list[Said]:
    """Probabilities that are a weighted mean of both readers'; `weight` is that of the labels."""
    out = []
    for number, one in enumerate(said, start=1):
        label = labels.get(number, ("other", None))[0]
        place = _PLACES.get(label, 0)
        chances = tuple(
            (1 - weight) * chance + weight * (i == place) for i, chance in enumerate(one.chances)
        )
        out.append(replace(one, chances=chances))
    return out
