"""How far a claim can be trusted, and the quotes that this rests on.

`confirmed`: a maintainer says so, a merged pull request that closes the thread is named, or two other people report that
it worked. `supported`: one other person does, or it has distinct approvals. `suspected`: hedged. `refuted`: somebody
reports that it did not help, or a maintainer contradicts it. `unverified`: the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.models import Evidence
from miner.claims.features import signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miner.claims.context import ClaimContext, LinkedThread
    from miner.claims.replies import Said

APPROVALS = 3
"""Thumbs up, from which a claim counts as approved, if they are at least three times the thumbs down."""

_REFERENCE = re.compile(r"(?:(?<![\w/])([\w.-]+/[\w.-]+))?#(\d{1,7})\b|/(?:pull|issues)/(\d{1,7})\b")


def evidence(role: str, said: Said) -> Evidence:
    """The quote of a sentence as evidence."""
    post, sentence = said.post, said.sentence
    return Evidence(
        role, post.place[0], post.place[1], sentence.start, sentence.end, said.text, post.author, post.association, post.created_at, post.url
    )  # fmt: skip


def linked(text: str, context: ClaimContext) -> list[LinkedThread]:
    """The threads that a text names, of those the context knows."""
    out = []
    for repo, number, path in _REFERENCE.findall(text):
        key = f"{repo}#{number}" if repo and number else number or path
        if key in context.links:
            out.append(context.links[key])
    return out


def people(said: Sequence[Said]) -> int:
    """How many different people."""
    return len({s.post.author for s in said if s.post.author is not None})


def stance(claim: Said, *, refuted: bool, successes: Sequence[Said], failures: Sequence[Said], context: ClaimContext) -> str:
    """The stance of a claim whose reports are known. `refuted` is the model's word; reports of success outweigh it only in number."""
    if refuted or people(failures) > people(successes):
        return "refuted"
    merged = any(link.is_pull and link.merged_at and link.closes for link in linked(claim.text, context))
    hedged = "hedge" in signs(claim.text) or "question" in signs(claim.text)
    if merged or people(successes) >= 2 or (claim.post.role == "maintainer" and not hedged):
        return "confirmed"
    if any(s.post.role == "maintainer" for s in successes):
        return "confirmed"
    if successes or (claim.post.thumbs_up >= APPROVALS and claim.post.thumbs_up >= 3 * claim.post.thumbs_down):
        return "supported"
    return "suspected" if hedged else "unverified"
