"""Finds the claims of one thread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.models import Claim, Evidence, Mention, Thread
from miner.claims.features import sentence_features
from miner.claims.model import Model, load
from miner.claims.posts import Post, posts_of
from miner.claims.replies import Said, answered
from miner.claims.stance import evidence, stance
from miner.sentences import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miner.claims.context import ClaimContext

_WORKAROUND = re.compile(
    r"\b(?:work-?around|for now|until|meanwhile|in the meantime|instead|downgrad\w+|roll(?:ed|ing)? back|revert(?:ed|ing)?|went back|go back|disabl\w+|turn(?:ed|ing)? off"
    r"|switch(?:ed|ing)?|without|avoid\w*|restart\w*|pin(?:ned|ning)?)\b",
    re.IGNORECASE,
)
_CAUSE, _CAUSE_BAD, _FIX, _FIX_BAD = 1, 2, 3, 4


def candidates(posts: Sequence[Post]) -> list[tuple[Post, int]]:
    """The sentences that may be claims: what bots and adverts say, what is quoted of others, and tables are not."""
    return [
        (post, i)
        for post in posts
        if post.evidence
        for i, sentence in enumerate(post.sentences)
        if sentence.kind not in ("quote", "table") and sentence.end - sentence.start <= MAX_LENGTH
    ]


def judge(posts: list[Post], model: Model) -> list[Said]:
    """Every candidate with its chances."""
    return [
        Said(post, post.sentences[i], tuple(model.sentence.probabilities(sentence_features(posts, post, i))))
        for post, i in candidates(posts)
    ]


def find_claims(thread: Thread, mentions: Sequence[Mention], context: ClaimContext) -> list[Claim]:
    """The claims of a thread by place and position; every quote is the stored text from `start` to `end`.

    Deterministic, without network or clock. Linear in the text, quadratic in the number of claims.
    """
    model = load()
    posts = posts_of(thread, context)
    said = judge(posts, model)
    found: list[tuple[Said, str, float, bool]] = []
    for one in said:
        for kind, good, bad in (("cause", _CAUSE, _CAUSE_BAD), ("fix", _FIX, _FIX_BAD)):
            chance, against = one.chances[good], one.chances[bad]
            if chance >= model.thresholds[kind]:
                found.append((one, kind, chance, False))
            elif chance + against >= model.thresholds["refuted"] and against > chance:
                found.append((one, kind, against, True))
    return _with_stance(found, mentions, context)


def _with_stance(found: list[tuple[Said, str, float, bool]], mentions: Sequence[Mention], context: ClaimContext) -> list[Claim]:
    successes: dict[int, list[Said]] = {}
    failures: dict[int, list[Said]] = {}
    for one, kind, _, refuted in found:
        same = [other for other, its, _, _ in found if its == kind]
        target = answered(same, one)
        if target is not None:
            (failures if refuted else successes).setdefault(id(target), []).append(one)
    out = []
    for one, kind, chance, refuted in found:
        good, bad = successes.get(id(one), []), failures.get(id(one), [])
        rest = [evidence("confirms", s) for s in good] + [evidence("contradicts", s) for s in bad]
        word = stance(one, refuted=refuted, successes=good, failures=[] if not refuted else bad, context=context)
        out.append(_claim(one, kind, chance, word, [*rest, *_code(one, kind)], mentions))
    return sorted(out, key=lambda c: (c.comment_id or 0, c.field == "body", c.start, c.kind))


def _claim(one: Said, kind: str, chance: float, word: str, rest: list[Evidence], mentions: Sequence[Mention]) -> Claim:
    post, sentence = one.post, one.sentence
    name = kind if kind == "cause" else "workaround" if _WORKAROUND.search(one.text) else "fix"
    return Claim(
        post.place[0], post.place[1], name, one.text, sentence.start, sentence.end, post.author, post.role, post.association,
        post.created_at, post.url, word, round(chance, 4), _about(post, mentions), tuple(rest),
    )  # fmt: skip


def _about(post: Post, mentions: Sequence[Mention]) -> str | None:
    """A post that brings an error of its own speaks of that one; otherwise of the thread's main error."""
    if post.place[0] is None:
        return None
    primary = next((m.signature.fingerprint for m in mentions if m.is_primary), None)
    own = [m.signature.fingerprint for m in mentions if m.counted and (m.comment_id, m.field) == post.place]
    return None if not own or primary in own else own[0]


def _code(one: Said, kind: str) -> list[Evidence]:
    """The code block right after a fix belongs to it."""
    if kind == "cause" or one.sentence.kind == "code":
        return []
    sentences = one.post.sentences
    place = sentences.index(one.sentence) + 1
    if place < len(sentences) and sentences[place].kind == "code" and sentences[place].end - sentences[place].start <= 1500:
        return [evidence("code", Said(one.post, sentences[place], one.chances))]
    return []
