"""Whether a claim may be shown: can it be understood alone, and is it safe.

What may not stays in the database with the reason (`claim.withheld`) and is reachable with
`show --all` and `faultlore review`; a person can accept it all the same. How sure a claim must be
is a setting (`[publish] confidence`), applied over stored claims by `miner.extract.decisions`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.prefilter import Quick
from kb.risk import addresses_model, runs_strangers_script
from miner.extract.cue_phrases import cues
from miner.extract.outcomes import OUTPUT, says_failed
from miner.extract.replies import content

if TYPE_CHECKING:
    from collections.abc import Collection

    from kb.models import Claim

_DANGLING = re.compile(
    r"\s*(?:for|as (?:for|to)|about|re:?|regarding) (?:the )?(?:first|second|third|last"
    r"|former|latter|other|1st|2nd|3rd|\d)\b"
    r"|\s*(?:the (?:first|second|former|latter|above|other one|same)\b|one of (?:them|these"
    r"|those)|both of (?:them|these)|either of)"
    r"|\s*(?:yes|yep|yeah|yup|no|nope|ok|okay|sure|agreed|indeed|correct|right|exactly|same|ditto|\+1)\W*\Z"
    r"|\s*(?:see|like) (?:above|below|this|that|here|there)\W*\Z",
    re.IGNORECASE,
)
_REFERENCES = Quick(
    r"https?://\S+|(?:(?<![\w.-])[\w.-]{1,60}/[\w.-]{1,60})?#\d+|\bGH-\d+|`{3,}\w*|@[\w-]+|[0-9a-f]{7,40}\b"
)
_BOXED = re.compile(r"(?m)^\s{0,8}[×✗✖╭╰│├└]")
"""Lines that only tools draw."""
_ELSEWHERE = re.compile(
    r"\s*(?:i['’]m |i am )?(?:closing|closed?|merging|merged?|dup\w*|moved?|moving)\b"
    r"(?: (?:this|it|here|now|issue|as|in|a))*(?: (?:with|of|to|dup\w*|favou?r|into))*\W*\Z"
    r"|\s*(?:(?:this|it|is|looks|seems|could be|may be|might be|possibly|probably|maybe)\s+)*"
    r"related(?: to)?\W*\Z",
    re.IGNORECASE,
)
"""A thread that names another one, and nothing else."""
_PRONOUN = re.compile(
    r"\s*(?:(?:and|so|but|because|then|also|maybe|i think|i guess|looks like|yes|yeah|no)[,:]?\s+)*"
    r"(?:it|this|that|these|those|they|them)(?:['’]s| is| was| are| were| should| will| can| "
    r"may| might| seems?| did| does| has| worked| works"
    r"| fixe[sd]| solve[sd]| helped)\b",
    re.IGNORECASE,
)
_SOME_CHANGE = re.compile(
    r"\s*(?:(?:update|edit|hi|hey|ok|yes|great|confirmed|@[\w-]+)[,:!.]?\s+)*"
    r"(?:i can confirm (?:that )?)?(?:the|this|that|your|his|her|their) "
    r"(?:(?:linked|above|merged|latest) )?(?:pr|pull request|patch|fix|commit|change|branch)"
    r"(?: (?:above|here))? (?:(?:has|does|did|should|will|seems? to|also|indeed) )*"
    r"(?:fix(?:e[sd])?|solve[sd]?|resolve[sd]?|work(?:s|ed)?|help(?:s|ed)?)\b[^\n`#/]{0,60}\Z",
    re.IGNORECASE,
)
"""Says that some change helped, and not which: "The PR fixes this bug"."""
_FEW, _SHORT = 2, 70
"""Content words below which a quote says too little; characters below which a pronoun at its start
leaves it without a subject."""
ALONE = "cannot be understood alone"
FURTHER = 0.1
"""What a claim must be surer by where its thread has a surer one of its kind. On projects held out
3 to 4 in 100 threads more show a right claim, with as many of all shown ones right."""
_TRIED = frozenset({"tried", "i did", "advise", "command", "release"})
_PLANNED = Quick(
    r"\b(?:(?:need|want|have|going|plan|planning|try|trying) to (?:fix|look into|address"
    r"|investigate|reproduce)"
    r"|(?:are|am|['’]m|['’]re) (?:fixing|working on|looking|investigating)|(?:will|['’]ll) "
    r"(?:fix|look|investigate|check|address)"
    r"|(?:should|will|to) be (?:\w+ )?(?:in|with|by) (?:the |an? |our |some )?(?:coming|upcoming"
    r"|next|future|later) \w+"
    r"|get(?:ting)? (?:this|it|that) (?:fixed|sorted|resolved)|in (?:some|a few) days)\b",
    re.IGNORECASE,
)
_OFFERS = Quick(
    r"\b(?:(?:do|would) you (?:want|like)|want me to"
    r"|(?:waiting|ready|needs?|pending)(?: to be| for)?(?: an?)?"
    r" (?:test(?:ed|ing|ers?)?|review(?:ed)?|merged?|approv\w+|someone))\b"
    r"|\b(?:if|when) you (?:have|get) (?:a|the) chance to (?:try|test)\b[^.!?\n]{0,60}"
    r"|\blet (?:me|us) know (?:if|how|whether)\b[^.!?\n]{0,80}",
    re.IGNORECASE,
)
"""Asks what to do, or names what nobody has tried yet."""
_TRIED_IN_VAIN = Quick(
    r"\b(?:try|tried|attempted)\b[^.!?\n]{0,160}\bbut\b[^.!?\n]{0,80}"
    r"\b(?:errors?|errored|fail(?:s|ed)?|same|still|(?:did|do|does)(?:n['’]?t| not)|no luck)\b"
    r"|\bbut\b[^.!?\n]{0,60}\b(?:errored out|(?:the )?same (?:error|issue|problem|result)"
    r"|still (?:got|gets?|fails?|errors?)|did ?n['’]?t (?:help|work)|no luck)\b",
    re.IGNORECASE,
)
_AWAITED = Quick(
    r"\bhop(?:e|ing|efully)\b[^.!?\n]{0,30}\b(?:approved?|merged?|accepted|reviewed)\b"
    r"(?:\s+\w+){0,2}\W*$",
    re.IGNORECASE,
)
_SESSION = re.compile(r"\s*[$❯] \w[^\n]*\n")
"""A command and what it printed, as a terminal shows them."""
_NOW = Quick(
    r"\b(?:fixed|resolved|solved|works?|worked|released|meanwhile|workaround|for now|you "
    r"(?:can|could|may)|try|use"
    r"|install|upgrade|update|downgrade|set)\b",
    re.IGNORECASE,
)
_INVITES = Quick(
    r"\b(?:(?:could|can|would|will) you (?:please |maybe )?|please |feel free to |happy to "
    r"(?:accept|review|merge|look at) )(?:submit|open|create|make|send|file|raise|a)?\s*(?:an? )?"
    r"(?:draft )?(?:pull request|pr|patch|issue|doc patch)\b"
    r"|\b(?:prs?|pull requests?|contributions?|patches)(?: for [\w ]{1,40}?)?"
    r" (?:is |are |(?:would|will) be |very |always |more than )*(?:welcome|appreciated)\b",
    re.IGNORECASE,
)
_DENIES = Quick(
    r"\b(?:(?:is|are|was|were)(?: (?:likely|probably|definitely|really|actually|certainly))? not"
    r"|(?:is|was)n['’]?t|not sure (?:if |that |whether )?(?:this|it|that) is)"
    r"(?: (?:likely|probably|really|actually))? (?:an?|the|our|your|actual|[\w-]+['’]s)"
    r"(?: [\w-]+){0,2}? (?:issue|problem|bug|cause|culprit|fault|reason)\b",
    re.IGNORECASE,
)
_SAYS_WHY = Quick(
    r"\b(?:but|because|due to|caused?|since|rather|instead|it['’]s|it is|actually"
    r"|comes? from|mismatch|missing|wrong|requires?|needs?)\b",
    re.IGNORECASE,
)
_COUNTS = Quick(
    r"\b(?:(?:several|many|various|multiple|a few|some|lots? of|a number of)"
    r" (?:(?:possible|potential|different|other) )*(?:causes?|reasons?)"
    r"|(?:no|not any) (?:idea|clue))\b",
    re.IGNORECASE,
)
TELLING = (
    ("plans", _PLANNED),
    ("invites", _INVITES),
    ("offers", _OFFERS),
    ("denies", _DENIES),
    ("tried in vain", _TRIED_IN_VAIN),
    ("is out", _NOW),
    ("says why", _SAYS_WHY),
    ("refers", _REFERENCES),
)
"""What tells whether a quote may be shown tells the claim models as well whether it is a claim."""
_QUIET_CUES = frozenset({"request", "plan"})


def withheld(kind: str, quote: str, role: str, *, has_code: bool) -> str | None:
    """Why a claim is not shown, in a few words; None if it may be."""
    if addresses_model(quote):
        return "is addressed to a language model"
    if role != "maintainer" and runs_strangers_script(quote):
        return "runs a script that a stranger offers"
    if _DANGLING.match(quote) or (quote.rstrip().endswith((":", "：")) and not has_code):
        return ALONE
    bare = _REFERENCES.sub(" ", quote)
    words = content(bare)
    if _ELSEWHERE.match(bare) or _SOME_CHANGE.match(quote):
        return ALONE
    if len(words) < _FEW and not re.search(r"`[^`\n]+`|\d\.\d|--\w|\w_\w|[\u3400-\u9fff]", bare):
        return ALONE
    if len(quote) < _SHORT and _PRONOUN.match(quote) and len(words) < 2 * _FEW:
        return ALONE
    if (OUTPUT.search(quote) or _BOXED.search(quote)) and quote.count("\n") > _FEW:
        return "is what a program printed"
    if kind != "cause" and _PLANNED.search(quote) and not _NOW.search(_PLANNED.sub(" ", quote)):
        return "asks or plans"
    if _INVITES.search(quote) and not _NOW.search(_INVITES.sub(" ", quote)):
        return "asks or plans"
    if kind != "cause" and _OFFERS.search(quote) and not _NOW.search(_OFFERS.sub(" ", quote)):
        return "asks or plans"
    if kind != "cause" and _AWAITED.search(quote) and not _NOW.search(quote):
        return "asks or plans"
    return _cause_says_none(quote) if kind == "cause" else _only_asks(quote)


def _cause_says_none(quote: str) -> str | None:
    """Why a cause names none: it asks, it says what it is not, or that there may be many."""
    if "question" in cues(quote):
        return "asks"
    if _SESSION.match(quote):
        return "is what a program printed"
    if (denied := _DENIES.search(quote)) and not _SAYS_WHY.search(quote, denied.end()):
        return "says what it is not"
    if _COUNTS.search(quote) and len(quote) < 2 * _SHORT:
        return "names no cause"
    return None


def _only_asks(quote: str) -> str | None:
    found = cues(quote)
    states = {"advise", "command", "success", "i did"}
    if "question" not in found:  # "do we need to update the release?" names one, and asks
        states.add("release")
    return "asks or plans" if _QUIET_CUES & set(found) and not states & set(found) else None


def why_no_warning(quote: str, roles: Collection[str]) -> str | None:
    """Why a fix that is given as refuted does not warn: it names nothing that was tried, or neither
    it nor an answer to it (`roles` of its evidence) says that it failed. A model's belief alone is
    no warning.
    """
    if not _TRIED & set(cues(quote)):
        return "tells of a failure and not of what was tried"
    if "contradicts" not in roles and not says_failed(quote):
        return "nobody says that it did not help"
    return None


def why_no_help(quote: str, roles: Collection[str]) -> str | None:
    """Why a fix that is not given as refuted is none all the same."""
    if _TRIED_IN_VAIN.search(quote):
        return "tells of a failure"
    if "contradicts" in roles and "confirms" not in roles:
        return "somebody says that it did not help, and nobody that it did"
    return None


def with_publication(claim: Claim, least: float, post: str) -> Claim:
    """The claim with `withheld` and `published`, at a confidence of at least `least`. `post` is the
    text it stands in: who steers a language model in one sentence is not quoted with another.
    """
    has_code = any(evidence.role == "code" for evidence in claim.evidence)
    why = withheld(claim.kind, claim.quote, claim.author_role, has_code=has_code)
    refuted = claim.stance == "refuted"
    if why is None and claim.kind != "cause":
        roles = {evidence.role for evidence in claim.evidence}
        why = why_no_warning(claim.quote, roles) if refuted else why_no_help(claim.quote, roles)
    if why is None and addresses_model(post):
        why = "stands in a post that is addressed to a language model"
    sure = claim.confidence >= least
    return replace(claim, withheld=why, published=why is None and sure)


def with_source(claim: Claim, least: float) -> Claim:
    """A claim that can be understood alone once its evidence says what it names: "Fixed by #259"
    beside the title of the pull request that was merged.
    """
    if claim.withheld != ALONE or not any(e.role == "merged" for e in claim.evidence):
        return claim
    return replace(claim, withheld=None, published=claim.confidence >= least)
