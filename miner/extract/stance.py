"""How far a claim can be trusted, and the quotes that this rests on.

`confirmed`: the reporter, a maintainer or two other people report that it worked, or a merged pull
request that closes the thread is named, and nobody contradicts. `supported`: one other person or
its own author reports success, or it has distinct approvals. `stated`: a maintainer says so, no
outcome is known. `suspected`: hedged. `refuted`: a post that answers it says that it did not help
or is wrong. `unverified`: the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.prefilter import Quick
from miner.extract.cue_phrases import cues
from miner.extract.outcomes import outcome, says_failed, says_worked, warns
from miner.extract.replies import Said, addresses, content, tie

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.models import Evidence
    from miner.extract.context import ClaimContext, LinkedThread
    from miner.extract.spans import Run

APPROVALS = 3
"""Thumbs up, from which a claim counts as approved, if they are at least three times the thumbs
down.
"""

ANSWERS = 0.5
"""The least tie by which a report is taken to answer a claim."""

_TOP = 2
"""Sentences at the top of a post that tell how it went."""
_SHORT = 160
_SHARED = 2
_UNSURE = frozenset({"hedge", "question", "plan"})
_REMEDY = frozenset(
    {
        "advise",
        "command",
        "release",
        "success",
        "i did",
        "tried",
        "ours",
        "zh good",
        "zh advice",
        "de",
        "es pt",
        "fr",
        "ru",
    }
)
"""Turns of phrase of a remedy: without any of them a maintainer's sentence does not say that
something helps.
"""
_ASKS = Quick(
    r"[?？]|\b(?:can|could|would|will) (?:you|somebody|someone|anyone|anybody|one of you)\b"
    r"|\bwould you mind\b|\blet (?:me|us) know\b"
    r"|\b(?:please|pls) (?:try|test|check|see|have a go|confirm|report|post|share|send|attach"
    r"|provide|show|tell|start)\b"
    r"|\b(?:try|test|check|see|say|tell me) (?:if|whether)\b"
    r"|\bgive (?:it|this|that|\S+) a (?:try|go|spin)\b",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"(?:@[\w-]+[,:]? )?(?:(?:please|just|so|then|or|also)[,]? )?(?:you can |you could )?try\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"`[^`\n]+`|\w=\S|\b\d+\.\d|[#]\d|https?://|\w_\w|(?<!\w)--?[a-z]")
_DRAFT = re.compile(
    (
        r"\b(?:drafts?|wip|work in progress|untested|not (?:yet )?tested|proof of concept|quick "
        r"hack)\b"
    ),
    re.IGNORECASE,
)
_PLAN = re.compile(
    (
        r"\b(?:(?:i|we)['’]ll|(?:i|we) will|(?:i['’]m|we['’]re|am|are) going to|(?:i|we)['’]d "
        r"like|(?:i|we) plan)\b"
    ),
    re.IGNORECASE,
)
_DONE = re.compile(r"\b(?:fixed|merged|released|landed|pushed|works|worked)\b", re.IGNORECASE)
_BARE = Quick(
    r"\b(?:perfect(?:ly)?|great|awesome|nice|cool|good|fine|solved|resolved|confirmed?|indeed|really|sorry|noise|much|many|lot|help|helped|quick"
    r"|everyone|everybody|guys|all|ah|oh|hi|yes|yep|yeah|works?|working|worked|successfully|correctly|properly|well|closing|close|closed|case"
    r"|been|now|again|finally|already|tested|expected|like|charm|did|trick|job|its|that|how|him|her|appreciated?|reply|answer|response|support|side|end|mine|both|i|ve|am|im|happy)\b",
    re.IGNORECASE,
)
_SYMPTOM = re.compile(
    r"(?:@[\w-]+[,:]?\s+|(?:hi|hello|hey|yes|yep|yeah|also|and)\b[,!.]?\s+)*"
    r"(?:(?:the |exactly the |exact )?same (?:here|for me|with me|on my (?:side|end)"
    r"|(?:issue|problem|error|thing|result|behaviou?r)\b)|me too\b|\+1\b|here too\b"
    r"|(?:i(?:['’]?m| am|['’]?ve| have)?\s+|am |we(?:['’]re| are|['’]ve| have)?\s+)?"
    r"(?:also |still |just )?"
    r"(?:have|having|had|see|seeing|saw|get|getting|got|face|facing|hit|hitting|ran into"
    r"|running into|experienc\w+|encounter\w+)"
    r" (?:the |this |exactly the )?(?:exact )?same\b)",
    re.IGNORECASE,
)
"""The opening of a report that somebody has the error as well."""
_AT = re.compile(r"(?<![\w.])@[\w-]+")
_REFERENCE = Quick(
    r"(?:(?<![\w/])([\w.-]{1,100}/[\w.-]{1,100}))?#(\d{1,7})\b|/(?:pull|issues)/(\d{1,7})\b"
)


def linked(text: str, context: ClaimContext) -> list[LinkedThread]:
    """The threads that a text names, of those the context knows."""
    out = []
    for found in _REFERENCE.finditer(text):
        repo, number, path = found.groups()
        key = f"{repo}#{number}" if repo and number else number or path
        if key in context.links:
            out.append(context.links[key])
    return out


@dataclass(frozen=True, slots=True)
class Report:
    """A sentence of somebody else that says of a claim that it holds (`good`), or that it does
    not.
    """

    said: Said
    good: bool


def reports(found: Sequence[Run], said: Sequence[Said]) -> dict[int, list[Report]]:
    """By the id of a claim, what others report of it later: each report answers the one claim it is
    most surely tied to, and, if that is a fix which is a report itself, the one that it reports on.

    Reports are cited claims that tell how it went, and other sentences near the top of a post that
    tell of success ("works now" states no claim, but answers one). Of two claims tied alike the
    later one is answered.
    """
    out: dict[int, list[Report]] = {}
    known = {(id(one.post), one.number) for run in found for one in run.said}
    told = [(run.kind, *_telling(run)) for run in found]
    for one in said:
        if one.number < _TOP and (id(one.post), one.number) not in known:
            if warns(one.text):
                told += [("fix", one, False), ("cause", one, False)]
            elif _went_wrong(one):
                told.append(("fix", one, False))
            elif _went_well(one):
                told.append(("fix", one, True))
    answered: dict[tuple[int, int], Run] = {}
    for kind, report, good in told:
        best = _answered(found, kind, report, good) if report is not None else None
        if report is None or best is None:
            continue
        answered[id(report.post), report.number] = best
        for run in (best, _reported_on(best, answered, report)):
            others = out.setdefault(id(run), [])
            if all(report != other.said for other in others):
                others.append(Report(report, good))
    return out


def _answered(found: Sequence[Run], kind: str, report: Said, good: bool) -> Run | None:
    """The claim that a report is most surely tied to, if to any."""
    best, strength = None, ANSWERS
    for run in found:
        if run.kind == kind and not (run.refuted and good) and not bare(run) and names_remedy(run):
            tied = max(tie(one, report) for one in run.said)
            if tied >= strength and (kind == "fix" or not good or _same_matter(run, report)):
                best, strength = run, tied
    return best


def _reported_on(run: Run, answered: Mapping[tuple[int, int], Run], report: Said) -> Run:
    """The fix that another one only reports on ("that setting works for me too"), back to the
    first, as far as a report names what they name: who answers the report speaks of the fix.
    """
    for _ in answered if run.kind == "fix" else ():
        earlier = (answered.get((id(one.post), one.number)) for one in run.said)
        first = next((one for one in earlier if one is not None and one is not run), None)
        if first is None or not content(first.text) & content(report.text):
            break
        run = first
    return run


def _telling(run: Run) -> tuple[Said | None, bool]:
    """The sentence of a cited run that tells how an earlier claim went, if one does, and whether it
    went well.
    """
    for one in run.said:
        found = cues(one.text)
        sign = outcome(found)
        if run.refuted and (sign < 0 or "ruled out" in found) and not asked(one.text):
            return one, False
        if (
            not run.refuted
            and (sign > 0 or (run.kind == "cause" and not _UNSURE & set(found)))
            and not asked(one.text)
        ):
            return one, True
    return None, False


def _went_well(one: Said) -> bool:
    return (
        one.post.index > 1
        and outcome(cues(one.text)) > 0
        and not asked(one.text)
        and len(one.text) <= _SHORT
    )


def _went_wrong(one: Said) -> bool:
    return (
        one.post.index > 1
        and says_failed(one.text)
        and not says_worked(one.text)
        and not asked(one.text)
        and len(one.text) <= _SHORT
    )


def _same_matter(run: Run, report: Said) -> bool:
    return (
        addresses(report.post, run.said[0].post)
        or len(content(run.text) & content(report.text)) >= _SHARED
    )


def asked(text: str) -> bool:
    """Whether a text asks: a question, a request for a test or for information. What is asked is
    not stated.
    """
    return _ASKS.search(text) is not None


def bare(run: Run) -> bool:
    """Whether a fix names nothing: "works now, thanks" tells that something helped, not what; "the
    same here with 1.2" tells that somebody has the error too.
    """
    if run.kind != "fix":
        return False
    text = _AT.sub(" ", run.text)
    if not run.refuted and reports_symptom(text):
        return True
    return not content(_BARE.sub(" ", text)) and not re.search(r"[#`\d/]", text)


def reports_symptom(text: str) -> bool:
    """Whether a text says that its author has the error as well, and nothing of a remedy."""
    return (
        _SYMPTOM.match(text.lstrip()) is not None
        and not says_worked(text)
        and not {"advise", "command", "i did", "success", "zh good"} & set(cues(text))
    )


def people(said: Sequence[Said]) -> int:
    """How many different people."""
    return len({s.post.author for s in said if s.post.author is not None})


def stance(
    run: Run, answers: Sequence[Report], context: ClaimContext, reporter: str | None = None
) -> tuple[str, list[Evidence]]:
    """The stance of a claim with the quotes it rests on, given the reports that answer it.
    `reporter` opened the thread.
    """
    good = [report.said for report in answers if report.good]
    bad = [report.said for report in answers if not report.good]
    rest = [
        report.said.evidence("confirms" if report.good else "contradicts") for report in answers
    ]
    if run.refuted or any(warns(one.text) for one in bad):
        return "refuted", rest
    post = run.said[0].post
    asks = asked(_with_its_question(run))
    planned = _PLAN.search(run.text) is not None and _DONE.search(run.text) is None
    hedged = asks or planned or "hedge" in cues(run.text) or _DRAFT.search(run.text) is not None
    merged = any(
        link.is_pull and link.merged_at and link.closes for link in linked(run.text, context)
    )
    names = names_remedy(run)
    heard = people(good) >= 2 or any(
        s.post.role == "maintainer" or (s.post.author is not None and s.post.author == reporter)
        for s in good
    )
    if (merged or heard) and not bad and names and not asks:
        return "confirmed", rest
    if (good or merged) and names:
        return "supported", rest
    if post.role == "maintainer" and not hedged and not bad and not _PROPOSAL.match(run.text):
        return ("stated" if names else "unverified"), rest
    own = run.kind == "fix" and says_worked(run.text) and not says_failed(run.text)
    approved = post.thumbs_up >= APPROVALS and post.thumbs_up >= 3 * post.thumbs_down
    if (own or approved) and not asks and not bad and names:
        return "supported", rest
    return ("suspected" if hedged else "unverified"), rest


def _with_its_question(run: Run) -> str:
    """A block of code that follows a question belongs to it: "Can you try this?"."""
    first = run.said[0]
    if first.sentence.kind != "code" or first.number == 0:
        return run.text
    return first.post.say(first.post.sentences[first.number - 1])


def names_remedy(run: Run) -> bool:
    """Whether a fix says what helps: a turn of phrase of a remedy, or a name (code, a version, a
    reference), and no bare failure.
    """
    found = cues(run.text)
    if run.kind != "fix":
        return True
    if outcome(found) < 0 and not {"advise", "command"} & set(found):
        return False
    return (
        bool(_REMEDY & set(found))
        or run.said[0].sentence.kind == "code"
        or _NAME.search(run.text) is not None
    )
