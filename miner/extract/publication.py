"""Whether a claim may be shown: can it be understood alone, and is it safe.

What may not stays in the database with the reason (`claim.withheld`) and is reachable with
`show --all` and `faultlore review`; a person can accept it all the same. How sure a claim must be
is a setting (`[publish] confidence`), applied over stored claims by `miner.extract.decisions`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from kb.models import Claim
from kb.risk import addresses_model, runs_strangers_script
from miner.extract.cue_phrases import PHRASES, cues, has, without
from miner.extract.replies import AT, content
from miner.extract.spans import Run

_BOXED = re.compile(r"(?m)^\s{0,8}[×✗✖╭╰│├└]")
"""Lines that only tools draw."""
_FEW, _SHORT = 2, 70
"""Content words below which a quote says too little; characters below which a pronoun at its start
leaves it without a subject."""
_RELEASED = re.compile(
    r"(?<!will be )(?:fixed|released|resolved|solved)\b[^\n]{0,40}\d\.\d", re.IGNORECASE
)
"""Names the release that has it, which is all that needs to be known."""
_MENDED_BY = re.compile(
    r"(?<!be )(?:fixed|resolved|solved|addressed)\b[^\n]{0,40}https?://[\w./-]+/(?:pull|commit)/\w",
    re.IGNORECASE,
)
"""Links the change that mended it."""
ALONE = "cannot be understood alone"
ASKS = "asks or plans"
ANOTHER_POINT = "answers another point of the report"
SUPERSEDED = "was a guess before its author found the cause"
KEPT = "was a promise before its author named the fix"
MERGED = 0.9
"""How sure a fix is at least that names the merged change which closed its thread."""
FURTHER = 0.1
"""What a claim must be surer by where its thread has a surer one, unless it is a fix that worked.
On projects held out 4 in 100 threads more show a right claim than if all were shown from one
confidence, as many being right."""
_TRIED = frozenset({"tried", "i did", "advise", "command", "release"})
_NAMED = re.compile(r"`[^`\n]+`|\d\.\d|--\w|\w_\w|[\u3400-\u9fff]")
_LINK_TITLE = re.compile(r"\[[^\]\n]*(?:\]|\Z)")
_SESSION = re.compile(r"\s*[$❯] \w[^\n]*\n")
"""A command and what it printed, as a terminal shows them."""
TELLING = (
    ("plans", "planned"),
    ("invites", "invites"),
    ("offers", "offers"),
    ("denies", "denies"),
    ("tried in vain", "tried_in_vain"),
    ("is out", "now"),
    ("says why", "says_why"),
    ("refers", "references"),
)
"""What tells whether a quote may be shown tells the claim models as well whether it is a claim."""


def withheld(kind: str, quote: str, role: str, *, has_code: bool) -> str | None:
    """Why a claim is not shown, in a few words; None if it may be."""
    if addresses_model(quote):
        return "is addressed to a language model"
    if role != "maintainer" and runs_strangers_script(quote):
        return "runs a script that a stranger offers"
    unfinished = quote.rstrip().endswith((":", "："))
    announces = kind != "cause" and has("announces", quote)
    if has("dangling", quote) or ((unfinished or announces) and not has_code):
        return ALONE
    bare = without("references", quote)
    words = content(bare)
    if has("elsewhere", bare) or has("some_change", quote) or has("vain_change", quote):
        return ALONE
    named = _NAMED.search(bare)
    if kind != "cause" and not has_code and _names_no_change(quote):
        return ALONE
    linked = _MENDED_BY.search(quote) is not None
    if len(words) < _FEW and not (unfinished or named or linked):
        return ALONE
    vague = len(quote) < _SHORT and has("pronoun", quote) and len(words) < 2 * _FEW
    if vague and not linked and not (_RELEASED.search(quote) and "release" in cues(quote)):
        return ALONE
    if (has("output", quote) or _BOXED.search(quote)) and quote.count("\n") > _FEW:
        return "is what a program printed"
    if kind != "cause" and has("prints", quote):
        return "is what a program printed"
    if kind != "cause" and (why := _no_remedy(quote, role)):
        return why
    asking = ("invites",) if kind == "cause" else ("invites", "planned", "offers")
    own = _LINK_TITLE.sub(" ", quote)
    if any(has(one, own) and not has("now", without(one, own)) for one in asking):
        return ASKS
    why = _cause_says_none(quote) if kind == "cause" else _only_asks(quote)
    return why or (ALONE if has("unnamed", quote) and not (named or has_code) else None)


def _no_remedy(quote: str, role: str) -> str | None:
    """Why a fix is none: it wishes for a change, it only adds a test, it points to a link that it
    does not have, or somebody who never had the error says that he does not see it.
    """
    beside = set(cues(without("wishes", quote)))
    wishes = has("wishes", quote) and not {"advise", "command", "i did"} & beside
    if wishes or has("adds_a_test", quote):
        return ASKS
    if has("link_below", quote) and "://" not in quote:
        return ALONE
    told = {"advise", "command"} & set(cues(quote))
    unseen = role != "reporter" and has("worked_here", quote) and not told
    return "tells that its author does not see the error" if unseen else None


def _cause_says_none(quote: str) -> str | None:
    """Why a cause names none: it asks, it says what it is not, or that there may be many."""
    if "question" in cues(quote):
        return "asks"
    if _SESSION.match(quote):
        return "is what a program printed"
    if (denied := PHRASES["denies"].search(quote)) and not has("says_why", quote[denied.end() :]):
        return "says what it is not"
    if (has("counts", quote) and len(quote) < 2 * _SHORT) or has("no_cause", quote):
        return "names no cause"
    return None


def _names_no_change(quote: str) -> bool:
    """Whether a fix only says that something was changed or will be out: "I pushed a fix"."""
    told = without("pending", AT.sub(" ", quote))
    out = has("where", told)
    named = (
        _NAMED.search(told) or re.search(r"#\d|https?:", told) or (out and has("announced", told))
    )
    left = content(without("of_a_change", without("where", told)))
    return not named and len(left) < (_FEW if out else 1)


def _only_asks(quote: str) -> str | None:
    if has("unreleased", quote) and not has("meanwhile", without("unreleased", quote)):
        return "is not out yet"
    found = set(cues(quote))
    states = {"advise", "command", "success", "i did"}
    if "question" not in found:  # "shall we update to 4.2?" names one, and asks
        states.add("release")
    quiet = bool(found & {"request", "plan"}) and not states & found
    awaited = has("awaited", quote) and not has("now", quote)
    return ASKS if quiet or awaited else None


def why_no_warning(quote: str, roles: Collection[str]) -> str | None:
    """Why a fix that is given as refuted does not warn: it names nothing that was tried, or neither
    it nor an answer to it (`roles` of its evidence) says that it failed. A model's belief alone is
    no warning.
    """
    if not _TRIED & set(cues(quote)):
        return "tells of a failure and not of what was tried"
    works = has("worked", without("failed", quote)[-_SHORT:])
    if "contradicts" not in roles and (works or not has("failed", quote)):
        return "nobody says that it did not help"
    return None


def why_no_help(quote: str, roles: Collection[str]) -> str | None:
    """Why a fix that is not given as refuted is none all the same."""
    if has("tried_in_vain", quote):
        return "tells of a failure"
    if "contradicts" in roles and "confirms" not in roles:
        return "somebody says that it did not help, and nobody that it did"
    return None


def with_publication(claim: Claim, least: float, post: str, run: Run | None = None) -> Claim:
    """The claim with `withheld` and `published`, at a confidence of at least `least`. `post` is the
    text it stands in: who steers a language model in one sentence is not quoted with another.
    `run`: what it is quoted from, whose words alone are judged.
    """
    words, has_code = claim.quote, False
    if run is not None:
        words = run.text
        printed = claim.kind == "cause" and has("output", run.block)
        has_code = (bool(run.block) and not printed) or run.is_torn
    why = withheld(claim.kind, words, claim.author_role, has_code=has_code)
    roles = {evidence.role for evidence in claim.evidence}
    helped = claim.stance == "confirmed" and "confirms" in roles
    if why == ASKS and helped and _NAMED.search(words):
        why = None  # somebody did it; a change that was merged may be what was only wished for
    refuted = claim.stance == "refuted"
    if why is None and claim.kind != "cause":
        why = why_no_warning(words, roles) if refuted else why_no_help(words, roles)
    if why is None and addresses_model(post):
        why = "stands in a post that is addressed to a language model"
    sure = claim.confidence >= least
    return replace(claim, withheld=why, published=why is None and sure)


def with_source(claim: Claim, least: float) -> Claim:
    """A claim that can be understood alone once its evidence says what it names: "Fixed by #259"
    beside the title of the pull request that was merged.
    """
    if claim.withheld not in (None, ALONE) or not any(e.role == "merged" for e in claim.evidence):
        return claim
    sure = max(claim.confidence, MERGED if claim.stance == "confirmed" else 0.0)
    return replace(claim, withheld=None, confidence=sure, published=sure >= least)
