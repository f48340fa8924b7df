"""The grade of an entry, from its claims and what they rest on.

A: a fix is confirmed and its source is known: a maintainer says it, or a merged pull request, a
release, the closing of the
   thread or a confirming answer is kept as evidence; and no later version is known in which people
   still see the error.
B: a cause, fix or workaround is confirmed or supported by somebody besides its author.
C: causes, fixes or workarounds are only suspected, or nobody has answered to them.
D: none, or only refuted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from kb.claim_groups import claims_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

Grade = Literal["A", "B", "C", "D"]
SOURCES = frozenset({"merged", "closes", "released", "confirms"})
"""Roles of evidence that are the source of a confirmed fix."""


def grade_claims(
    claims: Iterable[Mapping[str, Any]], evidence: Mapping[str, Sequence[str]]
) -> Grade:
    """The grade of an entry with these claims. `evidence`: roles by claim id. Pure; the order does
    not matter.
    """
    stated = [claim for claim in claims if claim["stance"] != "refuted"]
    if any(_is_sourced_fix(claim, evidence.get(claim["claim_id"], ())) for claim in stated):
        return "A"
    if any(claim["stance"] in ("confirmed", "supported") for claim in stated):
        return "B"
    return "C" if stated else "D"


def _is_sourced_fix(claim: Mapping[str, Any], roles: Sequence[str]) -> bool:
    if claim["kind"] != "fix" or claim["stance"] != "confirmed" or "still_seen" in roles:
        return False
    return claim["author_role"] == "maintainer" or not SOURCES.isdisjoint(roles)


def grade(connection: sqlite3.Connection, entry_id: str) -> Grade:
    """The grade of a stored entry."""
    claims = claims_of(connection, entry_id)
    roles: dict[str, list[str]] = {}
    for claim in claims:
        rows = connection.execute(
            "select role from evidence where claim_id = ? order by place", (claim["claim_id"],)
        )
        roles[claim["claim_id"]] = [row[0] for row in rows]
    return grade_claims(claims, roles)
