"""Finds the claims of one thread."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from kb.models import Claim, Evidence, Mention, Thread
from kb.sentences import MAX_LENGTH
from miner.extract.course import Course
from miner.extract.features import sentence_features
from miner.extract.model import Model, Thresholds, load
from miner.extract.posts import Post, posts_of
from miner.extract.prose import is_prose
from miner.extract.replies import Said
from miner.extract.spans import Run, runs
from miner.extract.stance import bare, reports, stance
from miner.posts import ParsedThread, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miner.extract.context import ClaimContext

_WORKAROUND = re.compile(
    r"\b(?:work-?arounds?|for now|until|meanwhile|in the meantime|instead|downgrad\w+"
    r"|roll(?:ed|ing)? back|revert(?:ed|ing)?|went back"
    r"|go back|disabl\w+|turn(?:ed|ing)? (?:it )?off|switch(?:ed|ing)?|without|avoid\w*"
    r"|restart\w*|pin(?:ned|ning)?)\b",
    re.IGNORECASE,
)
_MAX_CODE = 1500
_OWN_WORDS = 24
"""Characters from which the same sentence twice is no chance."""
_A_LOG = 3
"""Lines of one shape that make a log."""
_LONG = 80
"""Candidates."""


def candidates(posts: Sequence[Post]) -> list[tuple[Post, int]]:
    """The sentences that may be claims: not what bots and adverts say, what is quoted of others,
    tables, or pasted logs.

    A sentence that stands in an earlier post of somebody else is that one's, quoted without a mark;
    lines that differ only in their numbers and come three times are a log.
    """
    out = []
    said: dict[str, str | None] = {}
    shapes = Counter(
        _shape(post.say(s))
        for post in posts
        for s in post.sentences
        if s.kind not in ("code", "quote")
    )
    for post in posts:
        if not post.evidence:
            continue
        for i, sentence in enumerate(post.sentences):
            text = post.say(sentence)
            if sentence.kind == "quote" or (
                len(text) >= _OWN_WORDS and said.setdefault(text, post.author) != post.author
            ):
                continue
            if sentence.kind == "table" or sentence.end - sentence.start > MAX_LENGTH:
                continue
            if sentence.kind == "code" or (
                is_prose(text) and (len(text) < _OWN_WORDS or shapes[_shape(text)] < _A_LOG)
            ):
                out.append((post, i))
    return out


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def judge(thread: Thread, posts: list[Post], model: Model) -> list[Said]:
    """Every candidate with its chances, in order."""
    found = candidates(posts)
    first = [
        model.sentence.probabilities(dict.fromkeys(sentence_features(posts, post, i), 1.0))
        for post, i in found
    ]
    course = Course(posts, found, first, closing(thread))
    return [
        Said(post, i, model.course.probabilities(course.features(k)))
        for k, (post, i) in enumerate(found)
    ]


def closing(thread: Thread) -> str:
    """How a thread was closed: empty while it is open."""
    return "" if thread.state != "closed" else thread.state_reason or "closed"


def cited(said: Sequence[Said], levels: Thresholds) -> list[Run]:
    """The runs that are worth citing, and those that the thread refutes, without overlap within a
    kind.
    """
    out = []
    for kind, good, bad, least in (("cause", 1, 2, levels.cause), ("fix", 3, 4, levels.fix)):
        taken: set[int] = set()
        hopeful = runs(said, good, levels.join)
        best = max((chance for _, chance in hopeful), default=0.0)
        enough = least if best >= least else max(best, levels.surest)
        for run, chance in hopeful:
            if chance >= enough:
                out.append(Run(run, kind, False, chance))
                taken.update(id(one) for one in run)
        for run, chance in runs([one for one in said if id(one) not in taken], bad, levels.join):
            if chance >= levels.refuted:
                out.append(Run(run, kind, True, chance))
    return out


def tempered(said: Sequence[Said]) -> Sequence[Said]:
    """Chances for a long thread: the number of claims that a thread holds grows more slowly than
    its sentences.

    The tables know threads of some eighty sentences best. In one of eight hundred a sentence is
    less likely to be a claim than its words and place tell, so the odds of every label but `none`
    are divided by the root of how many times eighty it has.
    """
    if len(said) <= _LONG:
        return said
    rare = math.sqrt(_LONG / len(said))
    out = []
    for one in said:
        none, *rest = one.chances
        total = none + rare * sum(rest)
        out.append(
            Said(one.post, one.number, (none / total, *(rare * chance / total for chance in rest)))
        )
    return out


def claims_of(
    said: Sequence[Said], levels: Thresholds, mentions: Sequence[Mention], context: ClaimContext
) -> list[Claim]:
    """The claims among judged sentences, by place and position."""
    found = cited(tempered(said), levels)
    answers = reports(found, said)
    out = []
    for run in found:
        if bare(run):
            continue
        word, rest = stance(run, answers.get(id(run), []), context)
        out.append((run.said[0].post.index, _claim(run, word, [*rest, *_code(run)], mentions)))
    return [
        claim
        for _, claim in sorted(
            out, key=lambda pair: (pair[0], pair[1].start, pair[1].end, pair[1].kind)
        )
    ]


def find_claims(
    given: Thread | ParsedThread,
    mentions: Sequence[Mention],
    context: ClaimContext,
    second_reader: Callable[[Sequence[Said]], Sequence[Said]] | None = None,
) -> list[Claim]:
    """The claims of a thread by place and position; every quote is the stored text from `start` to
    `end`. `second_reader` may change the sentences' probabilities (`miner.judge`).

    Deterministic, without network or clock. Time grows with the length of the text, and with the
    square of the number of claims (not of sentences).
    """
    model = load()
    whole = parsed(given)
    said: Sequence[Said] = judge(whole.thread, posts_of(whole, context), model)
    if second_reader is not None:
        said = second_reader(said)
    return claims_of(said, model.thresholds, mentions, context)


def _claim(run: Run, word: str, rest: list[Evidence], mentions: Sequence[Mention]) -> Claim:
    post = run.said[0].post
    name = (
        run.kind if run.kind == "cause" else "workaround" if _WORKAROUND.search(run.text) else "fix"
    )
    return Claim(
        post.place[0],
        post.place[1],
        name,
        run.text,
        run.start,
        run.end,
        post.author,
        post.role,
        post.association,
        post.created_at,
        post.url,
        word,
        round(run.chance, 4),
        _about(post, mentions),
        tuple(rest),
    )


def _about(post: Post, mentions: Sequence[Mention]) -> str | None:
    """A post that brings an error of its own speaks of that one; otherwise of the thread's main
    error.
    """
    if post.place[0] is None:
        return None
    primary = next((m.signature.fingerprint for m in mentions if m.is_primary), None)
    own = [
        m.signature.fingerprint
        for m in mentions
        if m.counted and (m.comment_id, m.field) == post.place
    ]
    return None if not own or primary in own else own[0]


def _code(run: Run) -> list[Evidence]:
    """The code block right after a fix belongs to it."""
    last = run.said[-1]
    place = last.number + 1
    beside = last.post.sentences
    if run.kind == "cause" or place >= len(beside) or beside[place].kind != "code":
        return []
    code = beside[place]
    return (
        [Said(last.post, place, ()).evidence("code")] if code.end - code.start <= _MAX_CODE else []
    )
