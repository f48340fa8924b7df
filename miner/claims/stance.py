"""How far a claim can be trusted, and the quotes that this rests on.

`confirmed`: a maintainer says so, a merged pull request that closes the thread is named, or two other people report that
it worked. `supported`: one other person does, or it has distinct approvals. `suspected`: hedged. `refuted`: somebody
reports that it did not help, or a maintainer contradicts it. `unverified`: the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from miner.claims.cues import cues
from miner.claims.replies import Said, tie

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.models import Evidence
    from miner.claims.context import ClaimContext, LinkedThread
    from miner.claims.runs import Run

APPROVALS = 3
"""Thumbs up, from which a claim counts as approved, if they are at least three times the thumbs down."""

ANSWERS = 0.5
"""The least tie by which a report is taken to answer a claim."""

_REFERENCE = re.compile(r"(?:(?<![\w/])([\w.-]{1,100}/[\w.-]{1,100}))?#(\d{1,7})\b|/(?:pull|issues)/(\d{1,7})\b")


def linked(text: str, context: ClaimContext) -> list[LinkedThread]:
    """The threads that a text names, of those the context knows."""
    out = []
    for repo, number, path in _REFERENCE.findall(text):
        key = f"{repo}#{number}" if repo and number else number or path
        if key in context.links:
            out.append(context.links[key])
    return out


def reports(found: Sequence[Run]) -> dict[int, list[Run]]:
    """By the id of a claim, the later claims of other people that answer it more surely than any other (of two alike, the later)."""
    out: dict[int, list[Run]] = {}
    for report in found:
        best, strength = None, ANSWERS
        for run in found:
            if run.kind == report.kind and run is not report:
                tied = tie(run.said[0], report.said[0])
                if tied >= strength:
                    best, strength = run, tied
        if best is not None:
            out.setdefault(id(best), []).append(report)
    return out


def people(said: Sequence[Said]) -> int:
    """How many different people."""
    return len({s.post.author for s in said if s.post.author is not None})


def stance(run: Run, answers: Sequence[Run], context: ClaimContext) -> tuple[str, list[Evidence]]:
    """The stance of a claim with the quotes it rests on, given the reports that answer it."""
    good = [report.said[0] for report in answers if not report.refuted]
    bad = [report.said[0] for report in answers if report.refuted]
    rest = [s.evidence("confirms") for s in good] + [s.evidence("contradicts") for s in bad]
    if run.refuted:
        return "refuted", rest
    post = run.said[0].post
    found = set(cues(run.text))
    hedged = bool(found & {"hedge", "question"})
    merged = any(link.is_pull and link.merged_at and link.closes for link in linked(run.text, context))
    backed = people(good) >= 2 or any(s.post.role == "maintainer" for s in good)
    if merged or backed or (post.role == "maintainer" and not hedged):
        return "confirmed", rest
    approved = post.thumbs_up >= APPROVALS and post.thumbs_up >= 3 * post.thumbs_down
    if good or approved:
        return "supported", rest
    return ("suspected" if hedged else "unverified"), rest
