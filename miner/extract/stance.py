"""How far a claim can be trusted, and the quotes that this rests on.

`confirmed`: somebody else reports that a fix worked (that a cause is right: the reporter, a
maintainer, who owns it or two others; or its remedy worked), or a merged pull request that closes
the thread is named, and nobody contradicts, or fewer than the reporter and others whom it helped.
`supported`: its author reports success, one other person bears out a cause, or it has
distinct approvals. `stated`: a maintainer, or who speaks for the project, says so, and no outcome
is known. `suspected`: hedged, or a try is proposed. `refuted`: a post that answers it says that it
did not help or is wrong, or takes it back. `unverified`: the rest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, product
from math import inf

from kb.models import DELETED, Evidence
from kb.notes.remedies import in_part
from miner.extract.context import ClaimContext
from miner.extract.cue_phrases import cues, has, without
from miner.extract.model import kinds
from miner.extract.outcomes import outcome, tells_success
from miner.extract.references import references
from miner.extract.releases import VERSION, numbers
from miner.extract.replies import (
    ADDRESS,
    AT,
    Said,
    addresses,
    content,
    linked,
    mentions,
    named_in,
    own_remedy,
    quotes,
    stems,
    tie,
)
from miner.extract.spans import KINDS, Run
from miner.posts import ParsedPost

APPROVALS = 3
"""Thumbs up, from which a claim counts as approved, if they are at least three times the thumbs
down.
"""

ANSWERS = 0.5
"""The least tie by which a report is taken to answer a claim."""

NOT_SAID = ("code", "quote", "table")
"""Kinds of sentences that are not the words of who wrote a post."""
_TOP = 2
"""Sentences at the top of a post that tell how it went."""
_SHORT = 160
_SHARED = 2
_UNSURE = frozenset({"hedge", "question", "plan"})
_REMEDY = frozenset(
    "advise,command,release,success,i did,tried,ours,zh good,zh advice,de,es pt,fr,ru".split(",")
)
"""Turns of phrase of a remedy: without any of them a maintainer's sentence does not say that
something helps.
"""
_THING = re.compile(
    r"(?a)(?<![\w:./-])(?:/?[\w.-]{1,60}(?:/[\w.-]{0,60}\w){1,12}|--\w[\w-]{2,60})(?![\w/-])"
)
"""A path or a flag."""
_FLAG = re.compile(r"(?<![\w-])--[a-z][\w-]*")
_MODEL = re.compile(r"\b(?:id|model|model_name)\s?=\s?[\"']([\w./:-]{3,80})[\"']")
AGES = timedelta(days=180)
"""How long after a fix the error of another person is no word on it."""
_OF_ADDRESS = re.compile(r"(?<=\w)\?(?=\w)")
"""Begins the query of an address, and no question."""
_NAME = re.compile(r"`[^`\n]+`|\w=\S|\b\d+\.\d|[#]\d|https?://|\w_\w|(?<!\w)--?[a-z]")
_DOES = frozenset({"advise", "command", "i did", "release"})


@dataclass(frozen=True, slots=True)
class Report:
    """A sentence of somebody else that says of a claim that it holds (`role` is `confirms`), that
    it is taken as the answer (`accepts`: "Got it, thank you" does not say that it worked), or that
    it does not hold (`contradicts`). `sure`: of this one, not of what stands beside it as well.
    """

    said: Said
    role: str
    sure: bool = True


def reports(found: Sequence[Run], said: Sequence[Said]) -> dict[int, list[Report]]:
    """By the id of a claim, what others report of it later: each report answers the one claim it is
    most surely tied to.

    Reports are cited claims that tell how it went, and other sentences near the top of a post that
    tell of success ("works now" states no claim, but answers one). Of two claims tied alike the
    later one is answered.
    """
    out: dict[int, list[Report]] = defaultdict(list)
    # what stands before the first claim answers none: most of a thread's sentences
    first = min(map(_index, found), default=len(said))
    near = (one for one in said if one.post.index >= first)
    failed = {(one.post.index, one.post.author) for one in near if _went_wrong(one)}
    later = [one for one in said if one.post.index > first]
    for wanted, reporting, good in _told(found, later):
        for report, kind in product(reporting, wanted):
            # what did not help him did not either a post later
            alone = kind == "fix" and (report.post.index - 1, report.post.author) in failed
            if answered := [] if good and alone else _answered(found, kind, report, good):
                sees = _witness(report) and not has("thinks_solved", report.text)
                taken = kind == "fix" and good and not (sees or has("was_it", report.text))
                role = "accepts" if taken else "confirms" if good else "contradicts"
                whole = kind != "fix" or not good or not in_part(report.whole)
                for run in answered:
                    if all(report != other.said for other in out[id(run)]):
                        sure = whole and run is answered[0]
                        out[id(run)].append(Report(report, role, sure=sure))
                break
    for one in later:
        if has("takes_back", one.text) and one.number in _top(one.post):
            for run in _last_of(one, found):
                out[id(run)].append(Report(one, "contradicts"))
    return out


def _told(
    found: Sequence[Run], said: Sequence[Said]
) -> Iterable[tuple[tuple[str, ...], list[Said], bool]]:
    """What tells how something went: the kinds of claims that it may answer, its sentences, of
    which the first that answers one counts, and whether it went well; of claims and of `said`.
    """
    # what is kept as a fix tells of its own; as a cause, it still tells that a fix did not help
    causes, fixes = (
        {(id(one.post), one.number) for run in found if run.kind == kind for one in run.said}
        for kind in KINDS
    )
    for run in found:
        yield (run.kind,), _telling(run), not run.refuted
    top = {id(one.post): set(_top(one.post)) for one in said}
    for one in said:
        place = id(one.post), one.number
        if one.number not in top[id(one.post)]:
            if _lacks(one) or (has("fails_too", one.text) and has("i_tried", one.text)):
                yield ("fix",), [one], False
            continue
        if _agrees(one, found):
            yield ("fix",), [one], True
        if has("grants", one.text) and not asked(one.text):
            yield ("cause",), [one], True
        elif place in fixes:
            continue
        elif has("refutes", one.text):
            yield ("fix",), [one], False
            yield ("cause",), [one], False
        elif _went_wrong(one) or _lacks(one):
            yield ("fix",), [one], False
        elif place in causes:
            continue
        elif (_witness(one) and len(one.text) <= _SHORT and not asked(one.text)) or _accepts(one):
            yield ("fix", "cause"), [one], True


def _index(run: Run) -> int:
    """The number of the post in which a claim stands."""
    return run.said[0].post.index


def _top(post: ParsedPost) -> Iterable[int]:
    """The numbers of the first sentences that are the words of who wrote a post."""
    own = (i for i, sentence in enumerate(post.sentences) if sentence.kind not in NOT_SAID)
    return islice(own, _TOP)


def _last_of(one: Said, found: Sequence[Run]) -> list[Run]:
    """What the author of a sentence claimed last, in an earlier post."""
    before = [
        run
        for run in found
        if run.said[0].post.author == one.post.author not in DELETED
        and _index(run) < one.post.index
    ]
    last = max(map(_index, before), default=0)
    return [run for run in before if _index(run) == last]


def _answered(found: Sequence[Run], kind: str, report: Said, good: bool) -> list[Run]:
    """The claim that a report is most surely tied to, if to any; and what stands beside it in its
    post, if the report names nothing.
    """
    own = own_remedy(report.text)
    taken = _accepts(report) and not _witness(report)
    tied: list[tuple[float, Run]] = []
    for run in found:
        if run.kind != kind or _index(run) >= report.post.index or (run.refuted and good):
            continue
        if (taken and is_guess(run)) or not (good or _may_fail_of(run, report)):
            continue
        strength = max(tie(one, report) for one in run.said)
        if strength and kind == "fix" and good:
            shared = len(own & named_in(_with_its_code(run)))
            strength += 2 * shared >= len(own) > 0
        if strength >= ANSWERS and (
            _same_remedy(run, report, good=good)
            if kind == "fix"
            else not good or _same_matter(run, report)
        ):
            tied.append((strength, run))
    if not tied:
        return []
    best = max(reversed(tied), key=lambda pair: pair[0])[1]
    beside = (run for _, run in tied if run.said[0].post is best.said[0].post)
    return [best] if own or not good else [best, *beside]


def _same_remedy(run: Run, report: Said, *, good: bool = True) -> bool:
    """Whether a report may be one of this fix: not if it names a remedy of its own that the post of
    the fix does not name, nor if it is of success and its author wonders how that came, goes on
    with his own solution, or confirms the report of the error.
    """
    post, sentences = report.post, report.post.sentences
    empty = not content(without("bare", report.text))
    beside = sentences[max(0, report.number - 1) : report.number + (2 if empty else 1)]
    around = " ".join(post.say(s) for s in beside if s.kind not in NOT_SAID)
    named, own = named_in(run.said[0].post.text), own_remedy(report.text) | linked(report.text)
    if good and has("same_way", report.text) and mentions(post, run.said[0].post.author):
        return True
    if good and _adds_to(run, report):
        return False
    if good and (
        (not own and (has("unexplained", around) or has("own_way", around)))
        or (_index(run) <= 1 and has("confirmed_only", report.text))
        or (has("no_longer", report.text) and not _exact(named_in(report.text)) <= named)
    ):
        return False
    if good and not own and not quotes(post, run.said[0].post):
        own = own_remedy(around)
    exact = _exact(own)
    if exact and not exact & named and "update" not in stems(run.text):
        return False
    return not own or bool(own & named)


def _adds_to(run: Run, report: Said) -> bool:
    """Whether a report, or the code right beside it, has a flag that the post of the fix has not,
    or tells what its author did instead; or it was another model than that of the fix.
    """
    post, sentences = report.post, report.post.sentences
    beside = (s for s in sentences[max(0, report.number - 1) : report.number + 2])
    words = " ".join(post.say(s) for s in beside if s.kind != "quote")
    first = run.said[0].post.text
    known = tuple(_FLAG.findall(first))
    if has("own_way", words) or not all(f.startswith(known) for f in _FLAG.findall(words)):
        return True
    models = _MODEL.findall(post.text) if "model" in run.text.lower() else ()
    return bool(models) and not any(name.lower() in first.lower() for name in models)


def _later(run: Run, report: Said) -> timedelta:
    """How long after a claim a report comes; no time where one has none."""
    said, then = run.said[0].post.created_at, report.post.created_at
    known = bool(said and then)
    return datetime.fromisoformat(then) - datetime.fromisoformat(said) if known else timedelta()


def _exact(names: Iterable[str]) -> set[str]:
    """The versions, threads and pull requests among names."""
    return {word for word in names if word[0] == "#" or (word[0].isdigit() and "." in word)}


def _telling(run: Run) -> list[Said]:
    """The sentences of a cited run that tell how an earlier claim went: badly if it is refuted,
    else well.
    """
    stated = [one for one in run.said if not asked(one.text)]
    if run.refuted:
        return [
            one
            for one in stated
            if outcome(cues(one.text)) < 0 or "ruled out" in cues(one.text) or _went_wrong(one)
        ]
    if run.kind == "fix":
        return [one for one in stated if _witness(one)]
    agree = (one for one in stated if not has("denies", one.text) and not _differs(one))
    found = ((one, cues(one.text)) for one in agree)
    return [one for one, signs in found if outcome(signs) > 0 or not _UNSURE & set(signs)][:1]


def _witness(one: Said) -> bool:
    """Whether a sentence tells of a success that its author saw: not that of a remedy that he is
    glad others had.
    """
    affected = one.post.role == "reporter"
    return (
        (
            tells_success(without("grants", one.text), affected=affected)
            or (affected and has("did_so", one.text))
        )
        and not has("glad_for_you" if affected else "glad", one.text)
        and not has("another_machine", one.text)
        and (affected or not has("cannot_see", one.text) or "for me" in one.text)
        and (affected or not has("closes", one.post.text) or has("first_hand", one.post.text))
    )


def _agrees(one: Said, found: Sequence[Run]) -> bool:
    """Whether the reporter answers the only suggestion of others, in the post right before, with no
    more than that it was right: "Yes, thank you", "my bad".
    """
    post, text = one.post, " ".join(one.post.text.split())
    if post.role != "reporter" or len(text) > _SHORT or not has("agreed", text):
        return False
    fixes = {_index(run) for run in found if run.kind == "fix" and _index(run) < post.index}
    return fixes - {0, 1} == {post.index - 1} and not has("not_agreed", text)


def _accepts(one: Said) -> bool:
    return one.post.role == "reporter" and has("accepts", one.text)


def _went_wrong(one: Said) -> bool:
    """Whether a sentence says that something did not help, and not that who tried it was helped."""
    tried = has("tried_it", one.text)
    helped = tried and tells_success(one.text, affected=one.post.role == "reporter")
    failed = has("failed", without("tried_it", one.text) if helped else one.text)
    return (
        (failed or has("fails_too", one.text))
        and not has("worked", without("works_elsewhere", one.text))
        and not has("me_too", one.text)
        and not has("if_so", one.text)
        and (not reports_symptom(one.text) or has("in_spite", one.text))
        and not asked(one.text)
    )


def _differs(one: Said) -> bool:
    """Whether a sentence says that something did not help, or what it was in its author's case."""
    return bool(_OWN_CASE.match(one.text)) or _went_wrong(one)


_OWN_CASE = re.compile(r"(?i)in (?:my|our) case,? the (?:reason|cause|culprit|problem) was\b")


def _lacks(one: Said) -> bool:
    """Whether the reporter says that something is not there, and not that it works."""
    lacks = one.post.role == "reporter" and has("is_missing", one.text)
    return lacks and not tells_success(one.post.text, affected=True)


def _may_fail_of(run: Run, report: Said) -> bool:
    """Whether a report of failure may be one of this claim. That something is not there is one of a
    fix that needs it and does not make it; that others than the reporter have the same error, and
    no word of what they did, is one of a claim that the thread refutes.
    """
    if run.kind == "fix" and _lacks(report) and not _went_wrong(report):
        return not has("makes", run.text) and any(
            name in run.text for name in _THING.findall(report.text)
        )
    if run.refuted:
        return names_remedy(run)
    if report.post.role == "reporter":
        return True
    if _later(run, report) > AGES:
        return False
    same = has("in_common", report.text) and not _tried(run, report.text)
    return not same or has("failed", without("in_common", report.text))


def _tried(run: Run, text: str) -> bool:
    """Whether who reports the error did something against it: what a fix says, or he has a version
    that it names, or a newer one than that from which it is mended.
    """
    had, named = (
        {numbers(version) for version in VERSION.findall(ADDRESS.sub(" ", words))}
        for words in (text, run.said[0].post.text)
    )
    newer = had and (not named or (max(had) >= min(named) and not has("workaround", run.text)))
    return has("did_try", text) or bool(newer or had & named)


def _same_matter(run: Run, report: Said) -> bool:
    """Whether a cause that another person names is this one, and no rival: it says so, or both
    speak mostly of the same and it says why that is, or that it helped.
    """
    one, two = (stems(ADDRESS.sub(" ", text)) for text in (run.text, report.text))
    shared = len(one & two)
    if not set(_FLAG.findall(report.text)) <= set(_FLAG.findall(run.said[0].post.text)):
        return False
    if has("grants", report.text) or (
        has("did_so", report.text) and report.post.index == _index(run) + 1
    ):
        return True
    near = addresses(report.post, run.said[0].post) or shared >= _SHARED
    agreed = has("agrees", report.text) or has("agrees", report.post.text[: _SHORT // 2])
    mostly = 2 * shared >= min(len(one), len(two))
    return near and (agreed or (mostly and (has("is_why", report.text) or _witness(report))))


def asked(text: str) -> bool:
    """Whether a text asks: a question, a request for a test or for information. What is asked is
    not stated.
    """
    return has("asks", _OF_ADDRESS.sub(" ", text) if "?" in text else text)


def bare(run: Run) -> bool:
    """Whether a fix names nothing: "works now, thanks" tells that something helped, not what; "the
    same here with 1.2" tells that somebody has the error too.
    """
    if run.kind != "fix":
        return False
    text = AT.sub(" ", run.text)
    if not run.refuted and reports_symptom(text):
        return True
    return not content(without("bare", text)) and not re.search(r"[#`\d/]", text)


def reports_symptom(text: str) -> bool:
    """Whether a text says that its author has the error as well, and nothing of a remedy."""
    return (
        has("symptom", text.lstrip())
        and not has("worked", text)
        and not {"advise", "command", "i did", "success", "zh good"} & set(cues(text))
    )


def stances(
    found: Sequence[Run], said: Sequence[Said], context: ClaimContext, reporter: str | None = None
) -> dict[int, tuple[str, list[Evidence]]]:
    """By the id of a claim its stance with the quotes it rests on. `reporter` opened the thread."""
    answers = reports(found, said)
    affected = {one.post.author for one in said if one.number <= _TOP and has("symptom", one.text)}
    speakers = context.speakers - affected
    mended = min(
        (
            one.post.index
            for one in said
            if (one.post.role == "maintainer" or one.post.author in speakers)
            and has("announced", one.text)
        ),
        default=inf,
    )
    out = {
        id(run): stance(run, answers[id(run)], context, reporter, affected, speakers, mended)
        for run in found
    }
    for run in found:
        word, rest = out[id(run)]
        open_cause = run.kind == "cause" and word in ("suspected", "unverified", "stated")
        if open_cause and all(one.role != "contradicts" for one in rest):
            borne, told = _borne_out(run, found, out)
            if told:
                out[id(run)] = borne, rest + [one for one in told if one not in rest]
    return out


def _borne_out(
    cause: Run, found: Sequence[Run], stances: Mapping[int, tuple[str, list[Evidence]]]
) -> tuple[str, list[Evidence]]:
    """The stance of the remedy of a cause, which stands right after it or ends it, with the
    reports that it works; none if there is none such.
    """
    post, last = cause.said[-1].post, cause.said[-1].number
    for run in found:
        first = run.said[0].number
        if (
            run.kind == "fix"
            and run.said[0].post is post
            and cause.start <= run.start
            and first <= last + 1
        ):
            word, rest = stances[id(run)]
            told = [one for one in rest if one.role == "confirms"]
            if told and word in ("confirmed", "supported"):
                return word, told
    return "", []


def stance(
    run: Run,
    answers: Sequence[Report],
    context: ClaimContext,
    reporter: str | None = None,
    affected: Collection[str | None] = (),
    speakers: Collection[str | None] = (),
    mended: float = inf,
) -> tuple[str, list[Evidence]]:
    """The stance of a claim with the quotes it rests on, given the reports that answer it.
    `reporter` opened the thread; `affected` have the error too, `speakers` speak for the project,
    who said in post `mended` that the error is mended.
    """
    bad = [report.said for report in answers if report.role == "contradicts"]
    # who says in one post that it helps and that it does not is no witness that it does
    against = {id(one.post) for one in bad}
    good = [r for r in answers if r.role != "contradicts" and id(r.said.post) not in against]
    rest = [r.said.evidence(r.role, whole=True) for r in answers if r in good or r.said in bad]
    if run.refuted or any(has("refutes", s.text) or has("takes_back", s.text) for s in bad):
        return "refuted", rest
    post, hedged = run.said[0].post, is_guess(run)
    named = references(run.text, post.repo) if context.merged else ()
    merged = any((one.repo, one.number) in context.merged for one in named)
    sure = [one.said.post for one in good if one.role == "confirms" and one.sure]
    people = {post.author for post in sure if post.author is not None}
    enough = 1 if run.kind == "fix" else 2
    decides = reporter in people or any(p.role == "maintainer" for p in sure)
    owned = run.kind == "cause" and any(has("grants", one.said.text) for one in good if one.sure)
    heard = decides or owned or len(people) >= enough
    against_it = {one.post.author for one in bad}
    prevails = decides and reporter not in against_it and len(against_it) <= len(people)
    if (heard and (prevails or not bad)) or (merged and not bad):
        return "confirmed", rest
    if good or merged:
        return "supported", rest
    speaks = post.role == "maintainer" or (post.role == "user" and post.author in speakers)
    if speaks and not hedged and not bad:
        told = without("hear_back", run.text)
        vain = run.kind == "fix" and has("failed", told) and not _DOES & set(cues(run.text))
        return ("unverified" if vain else "stated"), rest
    hit = post.role == "reporter" or post.author in {*affected} - {None}
    own = _own_success(run, affected=hit) if run.kind == "fix" else hit and _own_fault(run)
    in_version = has("confirms_in", run.text) and VERSION.search(run.text)
    if own and hit and in_version and _index(run) > mended:
        return ("supported" if bad else "confirmed"), rest
    if not own and (beside := _success_beside(run, affected=hit)):
        own, rest = True, [*rest, beside.evidence("confirms")]
    approved = post.thumbs_up >= APPROVALS and post.thumbs_up >= 3 * post.thumbs_down
    if (own or approved) and not asked(run.text) and not bad:
        return "supported", rest
    return ("suspected" if hedged else "unverified"), rest


def is_guess(run: Run) -> bool:
    """Whether a claim is hedged, asked, proposed as a try, planned or a draft. A guess at the cause
    beside a fix is no doubt of the fix.
    """
    text = run.text
    beside = [one.text for one in run.said if run.kind == "fix" and _guesses_cause(one)]
    for words in beside if len(beside) < len(run.said) else ():
        text = text.replace(words, " ")
    text = without("hear_back", text)
    planned = has("will_do", text) and not has("done", text)
    if run.kind == "fix" and planned and not has("meanwhile", text):
        return True
    guess = without("should" if run.kind == "cause" else "should_do", text)
    unsure = "hedge" in cues(without("could_be", without("aside_doubt", guess))) or has(
        "appears", guess
    )
    proposed = has("draft", text) or has("proposal", text)
    return unsure or proposed or (asked(text) and not any(map(_announces, run.said)))


def _announces(one: Said) -> bool:
    """Whether a sentence says that it was mended, whatever stands beside it: "I have fixed it.
    Please try the nightly."
    """
    sure = not asked(one.text) and "should" not in one.text.lower()
    return sure and has("announced", one.text)


def _guesses_cause(one: Said) -> bool:
    """Whether a sentence is rather a cause than a fix, and hedged."""
    cause, fix = kinds(one.chances) if one.chances else (0.0, 0.0)
    return cause > fix and "hedge" in cues(without("should", one.text))


def _own_fault(run: Run) -> bool:
    """Whether who has the error says with a cause, or right before it, that he caused it or has
    found what does.
    """
    post, first = run.said[0].post, run.said[0].number
    above = [s for s in post.sentences[max(0, first - 1) : first] if s.kind not in NOT_SAID]
    return any(has("own_fault", text) for text in (run.text, *map(post.say, above)))


def _own_success(run: Run, *, affected: bool) -> bool:
    """Whether the author of a fix tells that it helped him. "It works for me" of somebody who never
    had the error, and no word of a remedy, says that he cannot see it.
    """
    failed = max((i for i, one in enumerate(run.said, 1) if has("failed", one.text)), default=0)
    # what comes after the last try that failed
    after = " ".join(one.text for one in run.said[failed:]) if failed else ""
    text = without("have_tried", after or run.text)
    if has("still_open", text):
        return False
    if (affected or " for me" in text) and (_tells_a_cure(run) or has("able_now", text)):
        return True
    then = has("went_well_then", text) and not _UNSURE - {"hedge"} & set(cues(text))
    if not (then or tells_success(without("grants", text), affected=affected)):
        return False
    found = set(cues(text))
    seen = bool({"i did", "tried"} & found) or has("first_hand", text)
    doubts = "hedge" in cues(without("seems", text) if affected else text)
    if doubts and not seen and not own_remedy(text):
        return False
    works = has("worked", without("no_success", text)) or has("works_now", without("not_so", text))
    told = then or works or "i did" in found
    if not told and (len(text) > _SHORT or doubts):
        return False
    unseen = any(has("cannot_see", one.text) for one in run.said)
    return affected or not unseen or bool(own_remedy(text))


def _success_beside(run: Run, *, affected: bool) -> Said | None:
    """The sentence after a fix and its code, or before one that is only code, in which its author
    tells that it helped him: "The error is gone." Before a fix or a cause, who has the error says
    "Solved."
    """
    post, last = run.said[-1].post, run.said[-1].number
    own = [i for i, one in enumerate(post.sentences[: last + 3]) if one.kind not in NOT_SAID]
    above = [Said(post, i, ()) for i in own if i < run.said[0].number][-1:]
    if affected and above and has("solved_it", above[0].text):
        return above[0]
    if run.kind != "fix":
        return None
    beside = [i for i in own if i > last][:1]
    if run.said[0].sentence.kind == "code":
        beside += [i for i in own if i == run.said[0].number - 1]
    for one in (Said(post, number, ()) for number in beside):
        heard = _witness(one) and not asked(one.text) and not has("failed", one.text)
        sees = one.number > last or not has("cannot_see", one.text)
        if heard and (affected or (sees and has("first_hand", one.text))):
            return one
    return None


def _tells_a_cure(run: Run) -> bool:
    """Whether who had the error says "I solved this by ..." or "doing this mends it", however
    carefully and whatever did not help before, and nothing that takes it back.
    """
    cured = [
        one.text
        for one in run.said
        if has("own_cure", one.text) or has("doing_cures", without("no_success", one.text))
    ]
    return (
        bool(cured) and not has("relapse", run.text) and not any(has("asks", one) for one in cured)
    )


def _with_its_code(run: Run) -> str:
    """A run with the block of code after it."""
    post, after = run.said[-1].post, run.said[-1].number + 1
    shown = [s.end for s in post.sentences[after : after + 1] if s.kind == "code"]
    return post.text[run.start : shown[0] if shown else run.end]


def names_remedy(run: Run) -> bool:
    """Whether a fix says what helps: a turn of phrase of a remedy, or a name (code, a version, a
    reference), and no bare failure.
    """
    if run.kind != "fix":
        return True
    found = {turn for text in (run.text, *(one.text for one in run.said)) for turn in cues(text)}
    if outcome(cues(run.text)) < 0 and not {"advise", "command"} & found:
        return False
    shown = run.text.rstrip().endswith((":", "：")) and _with_its_code(run) != run.text
    return (
        bool(_REMEDY & found)
        or shown
        or run.said[0].sentence.kind == "code"
        or _NAME.search(run.text) is not None
        or has("shell", run.text)
    )
