"""Finds the claims of one thread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby
from operator import itemgetter

from kb.models import DELETED, Claim, Evidence, Mention, Place, Thread
from kb.notes.passages import ANNOUNCES, ANNOUNCES_CODE
from kb.notes.remedies import SAID, promises
from kb.sentences import MAX_LENGTH
from miner.extract.claim_features import ThreadRuns, run_words
from miner.extract.context import ClaimContext, posts_of
from miner.extract.cue_phrases import cues, has, without
from miner.extract.encoder import load as load_encoder
from miner.extract.encoder import reading_of, told
from miner.extract.features import about_post, sentence_parts
from miner.extract.model import Model, Thresholds, kinds, load
from miner.extract.outcomes import AHEAD, Outcomes
from miner.extract.parts import of_another_failure
from miner.extract.prose import is_prose, machine_tail, mail_tail
from miner.extract.publication import (
    ALONE,
    ANOTHER_POINT,
    KEPT,
    SUPERSEDED,
    with_publication,
    withheld,
)
from miner.extract.replies import Said, addresses, stems
from miner.extract.spans import KINDS, Run, in_error, runs
from miner.extract.stance import bare, stances
from miner.extract.thought import MOST_AFTER, MOST_BEFORE, thought
from miner.posts import ParsedPost, ParsedThread, parsed

_OWN_WORDS = 24
"""Characters from which the same sentence twice is no chance."""
LONGEST = MAX_LENGTH + MOST_BEFORE + MOST_AFTER
"""Characters of a quote's words with the sentences and the list that they point to."""
POINT, ASIDE = 0.5, 0.25
"""Chance from which a sentence makes the point of its run, and below which one at the run's ends is
not quoted beside it."""
_A_LOG = 3
"""Lines of one shape that make a log."""
_TELLING = 2
"""Words of an error that tell which one is meant."""
_NEAR = 3
"""Posts before a comment in which the error may stand that it speaks of."""
_NAME = 4
"""Characters of a code or an exception's name from which it names an error."""
_OWN = re.compile(r"(?<!`)`([^`\n]{12,200})`(?!`)|[\"“]([^\"“”\n]{12,200})[\"”]")
"""What stands between marks, long enough to be an error's own words."""
_QUOTE_MARK = re.compile(r"(?m)^[ \t]*>+[ \t]?")
_DIGITS = re.compile(r"\d+")
_BOX = re.compile(r"\[[ xX]\]\s*\Z")
"""The box of a checklist, before its text."""


def candidates(posts: Sequence[ParsedPost]) -> list[tuple[ParsedPost, int]]:
    """The sentences that may be claims: not what bots and adverts say, what is quoted of others
    (with a mark, or as the earlier mail below an answer) or of a language model, tables, or pasted
    logs.

    A sentence that stands in an earlier post of somebody else is that one's, quoted without a mark,
    and one of the post right before was sent again; lines that differ only in their numbers and
    come three times are a log.
    """
    out = []
    said: dict[str, ParsedPost] = {}
    shapes = Counter(
        _shape(post.say(s))
        for post in posts
        for s in post.sentences
        if s.kind not in ("code", "quote")
    )
    for post in posts:
        if not post.evidence:
            continue
        own = min(mail_tail(post.text), machine_tail(post.text))
        for i, sentence in enumerate(post.sentences):
            if sentence.start >= own:
                break
            text = post.say(sentence)
            is_long = len(text) >= _OWN_WORDS
            if sentence.kind == "quote":
                continue
            first = said.setdefault(text, post) if is_long else post
            if first.author != post.author or 1 < first.index == post.index - 1:
                continue
            if sentence.kind == "table" or len(text) > MAX_LENGTH:
                continue
            if _BOX.search(post.text, max(0, sentence.start - 5), sentence.start):
                continue
            in_log = is_long and shapes[_shape(text)] >= _A_LOG
            if sentence.kind == "code" or (is_prose(text) and not in_log):
                out.append((post, i))
    return out


@lru_cache(maxsize=4096)
def _shape(text: str) -> str:
    return _DIGITS.sub("0", text)


def judge(thread: Thread, outcomes: Outcomes, model: Model) -> list[Said]:
    """Every candidate with its chances, in order; `outcomes` are those of the thread's posts."""
    posts, closed = outcomes.posts, closing(thread)
    chances = model.sentence.chances
    out: list[Said] = []
    for post, found in groupby(candidates(posts), itemgetter(0)):
        about = about_post(posts, post, outcomes, closed)
        out += (Said(post, i, chances(sentence_parts(post, i, about))) for _, i in found)
    return out


def closing(thread: Thread) -> str:
    """How a thread was closed: empty while it is open; `pull` for any pull request, where hardly
    anything that reads like a claim is one ("Rebased to fix the build").
    """
    if thread.kind == "pull":
        return "pull"
    return "" if thread.state != "closed" else thread.state_reason or "closed"


@dataclass(frozen=True)
class Judged:
    """A run with the calibrated chances that it stands, and that the thread refutes it."""

    run: Run
    good: float
    refuted: float

    @cached_property
    def quoted(self) -> Run:
        """The run as it is quoted; training asks for it at each threshold that it tries."""
        return _whole(self.run)


def judged_runs(
    outcomes: Outcomes, said: Sequence[Said], mentions: Sequence[Mention], closed: str, model: Model
) -> list[Judged]:
    """Every run of either kind, judged beside the others of its thread."""
    out = []
    for kind, claim_model in (("cause", model.cause), ("fix", model.fix)):
        found = runs(said, kind)
        if found:
            posts, encoder = outcomes.posts, load_encoder()
            read = [told(kind, encoder.scores(reading_of(run, posts, closed))) for run in found]
            rivals = ThreadRuns(posts, said, found, outcomes, closed, mentions, read)
            for i, run in enumerate(found):
                good, refuted = claim_model.chances(rivals.features(i), run_words(run))
                out.append(Judged(run, good, refuted))
    return out


def kept(judged: Sequence[Judged], levels: Thresholds) -> list[Run]:
    """The runs that are kept as claims, and those that the thread refutes."""
    chosen: list[tuple[Run, Run]] = []
    for kind, least in (("cause", levels.cause), ("fix", levels.fix)):
        found = [one for one in judged if one.run.kind == kind]
        best = max((one.good for one in found), default=0.0)
        enough = least if best >= least else max(best, levels.surest)
        for one in found:
            refuted = one.refuted >= max(levels.refuted, one.good)
            if refuted or one.good >= enough:
                chance = one.refuted if refuted else one.good
                wide, run = (
                    replace(r, refuted=refuted, chance=chance) for r in (one.quoted, one.run)
                )
                chosen.append((wide, run))
    out = [run for _, run in chosen]
    pairs = [
        (run if any(o.refuted != run.refuted and _meet(wide, o) for o in out) else wide, run)
        for wide, run in chosen
        if not _shows(run, out)
    ]
    widest: list[Run] = []
    for pair in sorted(pairs, key=lambda pair: (pair[0].start - pair[0].until, -pair[0].chance)):
        free = [run for run in pair if not any(_meet(run, other) for other in widest)]
        widest += free[:1]
    return sorted(widest, key=lambda run: (run.kind, run.said[0].post.index, run.start))


def _whole(run: Run) -> Run:
    """A run as it is quoted: with the sentences that its words point to, without what is said at
    its ends to one reader or of something else, or only leads to a link: "Possibly related to".
    """
    run = _to_the_point(run)
    post, first = run.said[0].post, run.said[0].number
    body, is_code = post.text, post.sentences[first].kind == "code"
    words = post.sentences[max(0, first - 1)] if is_code else run
    found = thought(
        body, post.sentences, words.start, words.end, has_code=run.kind == "fix" and not is_code
    )
    if found is None or post.place[1] == "title" or (is_code and not found.block):
        return run
    if found.end - found.start > LONGEST:
        return run
    wider = found.first < first or found.until > run.end
    if withheld(run.kind, body[found.start : found.end], post.role, has_code=True):
        # what it takes in does it no good, or what its source cut
        if wider and not found.missing:
            return run
        if found.missing:
            last, end = run.said[-1].number, run.end
            found = replace(found, last=last, end=end, until=end, missing="point")
    own = {one.number: one for one in run.said}
    said = tuple(own.get(n) or Said(post, n, ()) for n in range(found.first, found.last + 1))
    if any(has("output", one.text) for one in said if one.number not in own):
        return run
    wide = replace(run, said=said, thought=found)
    return run if is_code and bare(wide) else wide


def _to_the_point(run: Run) -> Run:
    """The run without the sentences at its ends that hardly tell what the surest does: chat before
    the remedy, a wish behind the cause. What limits it or calls it a guess, how it went, a step, a
    version and what the words that are left point to stay.
    """
    said, place = run.said, KINDS.index(run.kind)
    if len(said) > 1 and has("elsewhere", said[-1].text):
        said = said[:-1]
    run = replace(run, said=said)
    chances = [kinds(one.chances)[place] if one.chances else 1.0 for one in said]
    if max(chances) < POINT or has("failed", run.text):
        return run
    aside = [
        chance < ASIDE
        and not _reserves(one.text)
        and not (run.kind == "fix" and _RELEASE.search(one.text))
        and {"advise", "command"}.isdisjoint(cues(one.text))
        and not one.text.lower().startswith("please")
        for one, chance in zip(said, chances, strict=True)
    ]
    first, last = 0, len(said) - 1
    while first < last and aside[last] and not _belongs(said[last], said[last - 1]):
        last -= 1
    while first < last and aside[first] and not _is_needed(said[first], said[first + 1]):
        first += 1
    left = replace(run, said=said[first : last + 1])
    words = left.text.rstrip()
    only_asks = words.endswith("?") and "`" not in words
    leads_on = ANNOUNCES.search(words) is not None
    worse = only_asks or withheld(run.kind, words, said[0].post.role, has_code=leads_on)
    return run if worse else left


def _reserves(text: str) -> bool:
    """Whether a sentence says how far to trust the others: without it they would claim more."""
    is_question = text.rstrip().endswith("?")
    return has("reserves", text) or ("hedge" in cues(without("should", text)) and not is_question)


def _belongs(one: Said, before: Said) -> bool:
    """Whether a sentence stays behind another."""
    if one.sentence.kind != "text" or ANNOUNCES.search(before.text):
        return True
    marks = before.text.count('"') % 2 or before.text.count("(") > before.text.count(")")
    leads_on = ANNOUNCES.search(one.text) or ANNOUNCES_CODE.search(one.text)
    told = any(has(name, one.text) for name in ("worked", "works_now", "workaround"))
    return bool(marks or leads_on or told or SAID["limits"].search(one.text))


def _is_needed(one: Said, after: Said) -> bool:
    """Whether the words behind a sentence point back to it."""
    listed = after.sentence.kind != "text" or ANNOUNCES.search(one.text)
    named = _THE.match(after.text)
    taken_up = named is not None and named[1].lower() in one.text.lower()
    return bool(listed or taken_up or _NEEDS_MORE.match(after.text))


_THE = re.compile(r"(?i).{0,40}?\bthe (\w{4,})")
_RELEASE = re.compile(r"\d\.\d")
_NEEDS_MORE = re.compile(
    r"(?i)\W*(?:because|but|and|so|then|also|otherwise|or|hence|therefore|instead|if (?:not|so)"
    r"|.{0,40}?\b(?:(?:this|that|these|those)\b(?! (?:error|issue|problem|bug|message|exception)\b)"
    r"|it|its|they|them|their|he|she|such|same|here|there(?! (?:is|are|was|were)\b)))\b"
)


def _shows(run: Run, others: Sequence[Run]) -> bool:
    """Whether a run is the code right after a fix, which is shown with it."""
    first = run.said[0]
    return first.sentence.kind == "code" and any(
        _beside(one, run) and one.said[-1].number == first.number - 1
        for one in others
        if not one.refuted and not bare(one)
    )


def _meet(run: Run, other: Run) -> bool:
    """Whether the quotes of two runs of one kind share words."""
    return _beside(run, other) and run.start < other.until and other.start < run.until


def _beside(run: Run, other: Run) -> bool:
    """Whether two runs are of one kind and post."""
    return (run.kind, run.said[0].post) == (other.kind, other.said[0].post)


def claims_of(
    thread: Thread,
    outcomes: Outcomes,
    said: Sequence[Said],
    mentions: Sequence[Mention],
    context: ClaimContext,
    model: Model,
) -> list[Claim]:
    """The claims among judged sentences, by place and position."""
    levels, posts = model.thresholds, outcomes.posts
    found = kept(judged_runs(outcomes, said, mentions, closing(thread), model), levels)
    errors = [((m.comment_id, m.field), m.start, m.end) for m in mentions]
    found = [run for run in found if not bare(run) and not in_error(run, errors)]
    judged = stances(found, said, context, thread.author)
    made: list[tuple[Run, Claim]] = []
    for run in sorted(found, key=lambda run: (run.said[0].post.index, run.start, run.until)):
        claim = _claim(run, *judged[id(run)], posts, mentions)
        claim = with_publication(claim, levels.publish, run.said[0].post.text, run)
        if not claim.withheld and of_another_failure(run, claim.about, posts, mentions):
            claim = _held(claim, ANOTHER_POINT)
        made.append((run, claim))
    # what its source cut off before its point is shown only where nothing else is, or for a promise
    free = [c for run, c in made if c.published and c.stance != "refuted" and not run.is_torn]
    promised = {claim.author for claim in free if promises(claim.quote)}
    out = [
        _held(claim, claim.withheld or ALONE)
        if run.is_torn and free and claim.author not in promised
        else claim
        for run, claim in made
    ]
    texts = {post.place: post.text for post in posts}
    return [_unless_replaced(claim, out[i + 1 :], texts) for i, claim in enumerate(out)]


def _held(claim: Claim, why: str) -> Claim:
    return replace(claim, withheld=why, published=False)


def _unless_replaced(claim: Claim, later: Sequence[Claim], texts: Mapping[Place, str]) -> Claim:
    """A guess at a cause is not shown where its author found the cause in a later post, nor the
    promise of a change where he names the fix there.
    """
    is_cause = claim.kind == "cause"
    after = (
        one
        for one in later
        if one.author == claim.author not in DELETED
        and one.about == claim.about
        and (one.kind == "cause") is is_cause
        and one.comment_id != claim.comment_id
        and one.stance != "refuted"
    )
    if claim.withheld:
        return claim
    if is_cause:
        found = claim.stance == "suspected" and any(
            one.stance != "suspected"
            and has("found_out", texts[one.comment_id, one.field][: one.end])
            for one in after
        )
        return _held(claim, SUPERSEDED) if found else claim
    kept = promises(claim.quote) and any(o.published and not promises(o.quote) for o in after)
    return _held(claim, KEPT) if claim.published and kept else claim


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
    outcomes = Outcomes(posts_of(whole, context))
    said: Sequence[Said] = judge(whole.thread, outcomes, model)
    if second_reader is not None:
        said = second_reader(said)
    return claims_of(whole.thread, outcomes, said, mentions, context, model)


def _claim(
    run: Run,
    word: str,
    rest: list[Evidence],
    posts: Sequence[ParsedPost],
    mentions: Sequence[Mention],
) -> Claim:
    post = run.said[0].post
    avoids = has("workaround", run.text) and not has("fixed", run.text)
    return Claim(
        comment_id=post.place[0],
        field=post.place[1],
        kind="workaround" if run.kind == "fix" and avoids else run.kind,
        quote=post.text[run.start : run.until],
        start=run.start,
        end=run.until,
        author=post.author,
        author_role=post.role,
        association=post.association,
        created_at=post.created_at,
        url=post.url,
        stance=word,
        confidence=round(run.chance, 4),
        about=_about(run, posts, mentions),
        evidence=tuple(rest),
    )


def _about(run: Run, posts: Sequence[ParsedPost], mentions: Sequence[Mention]) -> str | None:
    """Which of a thread's errors a claim is about, as its fingerprint; None: the main one.

    The error that the quote names; else the nearest before it in its post, or that of the lines
    that the post quotes; else, in a comment, the one that the post it answers, or the nearest
    earlier post with an error of its own, brings. A post that shows the main error too speaks of
    that one.
    """
    counted = [m for m in mentions if m.counted]
    primary = next((m.signature.fingerprint for m in counted if m.is_primary), None)
    if len({m.signature.fingerprint for m in counted}) < 2:
        return None
    post = run.said[0].post
    named = [m.signature.fingerprint for m in counted if _names(run.text, m)]
    if named:
        return None if primary in named else named[0]
    # of the comments right before, the nearest first; the report speaks of the main error
    before = reversed(posts[max(2, post.index - _NEAR) : post.index])
    for earlier in [post, *answered(post, posts), *before]:
        own = [m for m in counted if (m.comment_id, m.field) == earlier.place]
        if earlier is post:
            above = [m for m in own if m.start < run.start]
            own = above[-1:] or own
            if not own and (quoted := _quoted_before(run)):
                own = [m for m in counted if m.raw in quoted]
        if own:
            found = [m.signature.fingerprint for m in own]
            return None if primary in found or _tells_main(run.text, counted, own) else found[0]
    return None


def _tells_main(text: str, counted: Sequence[Mention], near: Sequence[Mention]) -> bool:
    """Whether a text has words of the main error, and hardly any of the errors that stand near."""
    words, main, other = (
        frozenset().union(*map(stems, texts))
        for texts in ([text], [m.raw for m in counted if m.is_primary], [m.raw for m in near])
    )
    own = len(words & main - other)
    return own >= _TELLING and own > 2 * len(words & other - main)


def answered(post: ParsedPost, posts: Sequence[ParsedPost]) -> list[ParsedPost]:
    """The earlier posts of others that a post quotes or addresses, the nearest first."""
    if ">" not in post.text and "@" not in post.text:
        return []
    earlier = reversed(posts[max(2, post.index - AHEAD) : post.index])
    return [one for one in earlier if one.author != post.author and addresses(post, one)]


def _quoted_before(run: Run) -> str:
    """The lines that the post of a run quotes before it, without their marks."""
    post = run.said[0].post
    lines = [
        post.say(s)
        for s in post.sentences[: run.said[0].number]
        if s.kind == "quote" and s.end <= run.start
    ]
    return "\n".join(_QUOTE_MARK.sub("", line) for line in lines)


def _names(text: str, mention: Mention) -> bool:
    """Whether a text names an error by its code, its exception or its own words in quotation
    marks.
    """
    fields = mention.signature
    names = [name for name in (fields.code, fields.exception) if name and len(name) >= _NAME]
    if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names):
        return True
    marked = (match[1] or match[2] for match in _OWN.finditer(text))
    return any(words.strip() in mention.raw for words in marked)
