"""What the second reader says of a thread, put beside what the built-in model says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kb.models import Claim, Mention, Place, Thread
from miner.extract.context import ClaimContext
from miner.extract.find import find_claims
from miner.extract.replies import Said
from miner.judge.questions import Labels, Question, claim_questions, labels_of
from miner.posts import ParsedThread

WEIGHT = 0.75
"""How much the second reader's word counts against the built-in model's, of 1."""
_PLACES = {"cause": 1, "fix": 3, "workaround": 3, "failed_attempt": 4}
"""Where a label stands in `miner.extract.model.LABELS`; all others count as "none"."""


def questions_of(
    thread: Thread, said: Sequence[Said], mentions: Sequence[Mention]
) -> list[Question]:
    """The questions about a thread's candidate sentences."""
    errors = [mention.raw for mention in _errors(mentions)]
    sentences = [(one.post.role, one.post.say(one.sentence)) for one in said]
    return claim_questions(f"{thread.repo}#{thread.number}", sentences, errors)


def _errors(mentions: Sequence[Mention]) -> list[Mention]:
    """A thread's errors as a question numbers them: each text once, the main one first."""
    shown = sorted((m for m in mentions if m.counted), key=lambda m: not m.is_primary)
    return list({mention.raw: mention for mention in reversed(shown)}.values())[::-1]


def claims_with_second_reader(
    whole: ParsedThread,
    mentions: Sequence[Mention],
    context: ClaimContext,
    answers: Mapping[str, str],
) -> list[Claim]:
    """The claims of a thread that heed stored answers; those of the built-in model where there are
    none, or not to the questions that would be asked now.

    Stances follow from what people wrote in the thread, and a claim that only the second reader
    found is never confirmed. A claim in a sentence for which it names an error is about that one.
    """
    own = find_claims(whole, mentions, context)
    if not answers:
        return own

    about: list[tuple[Place, range, str | None]] = []

    def heed(said: Sequence[Said]) -> Sequence[Said]:
        labels = labels_of(questions_of(whole.thread, said, mentions), answers)
        if labels is None:
            return said
        about.extend(_about(said, labels, mentions))
        return heeding(said, labels)

    known = {(claim.comment_id, claim.field, claim.start, claim.kind) for claim in own}
    found = []
    for claim in find_claims(whole, mentions, context, heed):
        place = (claim.comment_id, claim.field)
        if claim.stance == "confirmed" and (*place, claim.start, claim.kind) not in known:
            claim = replace(claim, stance="supported")
        named = (error for at, span, error in about if at == place and claim.start in span)
        found.append(replace(claim, about=next(named, claim.about)))
    return found


def _about(
    said: Sequence[Said], labels: Labels, mentions: Sequence[Mention]
) -> Iterator[tuple[Place, range, str | None]]:
    """The sentences that state something of an error which their label names: their place, and the
    error as its fingerprint (None: the main one).
    """
    errors = _errors(mentions)
    main = next((m.signature.fingerprint for m in errors if m.is_primary), None)
    for number, (label, error) in labels.items():
        if error is None or label not in _PLACES:
            continue
        one, fingerprint = said[number - 1], errors[error - 1].signature.fingerprint
        span = range(one.sentence.start, one.sentence.end)
        yield one.post.place, span, None if fingerprint == main else fingerprint


def heeding(said: Sequence[Said], labels: Labels, *, weight: float = WEIGHT) -> list[Said]:
    """Probabilities that are a weighted mean of both readers'; `weight` is that of the labels."""
    out = []
    for number, one in enumerate(said, start=1):
        place = _PLACES.get(labels.get(number, ("other", None))[0], 0)
        chances = (
            (1 - weight) * chance + weight * (i == place) for i, chance in enumerate(one.chances)
        )
        out.append(one._replace(chances=tuple(chances)))
    return out
