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
from miner.extract.cue_phrases import WORDING, cues
from miner.extract.outcomes import OUTPUT, says_failed
from miner.extract.replies import content

if TYPE_CHECKING:
    from collections.abc import Collection

    from kb.models import Claim

_DANGLING = re.compile(WORDING["dangling"], re.IGNORECASE)
_REFERENCES = Quick(WORDING["references"])
_BOXED = re.compile(r"(?m)^\s{0,8}[×✗✖╭╰│├└]")
"""Lines that only tools draw."""
_ELSEWHERE = re.compile(WORDING["elsewhere"], re.IGNORECASE)
_PRONOUN = re.compile(WORDING["pronoun"], re.IGNORECASE)
_SOME_CHANGE = re.compile(WORDING["some_change"], re.IGNORECASE)
_VAIN_CHANGE = re.compile(
    r"\W*(?:(?:but|and|so|even)\s+)?(?:after|with|despite)\s+(?:(?:the|this|that|your|my)\s+)?"
    r"(?:patch\w*|fix\w*|chang\w*|(?:doing|applying|trying)\s+(?:so|this|that|it"
    r"|the\s+(?:patch|fix|change)))\b[^\n`#/\d]{0,60}\Z",
    re.IGNORECASE,
)
"""Says that some change did not help, and not which: "After patching, this issue still exists"."""
_FEW, _SHORT = 2, 70
"""Content words below which a quote says too little; characters below which a pronoun at its start
leaves it without a subject."""
ALONE = "cannot be understood alone"
ANOTHER_POINT = "answers another point of the report"
FURTHER = 0.1
"""What a claim must be surer by where its thread has a surer one of its kind. On projects held out
3 to 4 in 100 threads more show a right claim, with as many of all shown ones right."""
_TRIED = frozenset({"tried", "i did", "advise", "command", "release"})
_PLANNED = Quick(WORDING["planned"], re.IGNORECASE)
_OFFERS = Quick(WORDING["offers"], re.IGNORECASE)
_TRIED_IN_VAIN = Quick(WORDING["tried_in_vain"], re.IGNORECASE)
_AWAITED = Quick(WORDING["awaited"], re.IGNORECASE)
_SESSION = re.compile(r"\s*[$❯] \w[^\n]*\n")
"""A command and what it printed, as a terminal shows them."""
_NOW = Quick(WORDING["now"], re.IGNORECASE)
_INVITES = Quick(WORDING["invites"], re.IGNORECASE)
_DENIES = Quick(WORDING["denies"], re.IGNORECASE)
_SAYS_WHY = Quick(WORDING["says_why"], re.IGNORECASE)
_COUNTS = Quick(WORDING["counts"], re.IGNORECASE)
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
    if _ELSEWHERE.match(bare) or _SOME_CHANGE.match(quote) or _VAIN_CHANGE.match(quote):
        return ALONE
    if len(words) < _FEW and not re.search(r"`[^`\n]+`|\d\.\d|--\w|\w_\w|[\u3400-\u9fff]", bare):
        return ALONE
    if len(quote) < _SHORT and _PRONOUN.match(quote) and len(words) < 2 * _FEW:
        return ALONE
    if (OUTPUT.search(quote) or _BOXED.search(quote)) and quote.count("\n") > _FEW:
        return "is what a program printed"
    asking = (_INVITES,) if kind == "cause" else (_INVITES, _PLANNED, _OFFERS)
    if any(one.search(quote) and not _NOW.search(one.sub(" ", quote)) for one in asking):
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
    found = set(cues(quote))
    states = {"advise", "command", "success", "i did"}
    if "question" not in found:  # "do we need to update the release?" names one, and asks
        states.add("release")
    quiet = bool(found & {"request", "plan"}) and not states & found
    awaited = _AWAITED.search(quote) and not _NOW.search(quote)
    return "asks or plans" if quiet or awaited else None


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
