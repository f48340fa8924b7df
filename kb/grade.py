"""The grade of an entry, from its published claims and what they rest on.

A: a fix is confirmed and its source is known: a merged pull request, a release, the closing of the
   thread or a confirming answer is kept as evidence, or a maintainer says it; and no later version
   is known in which people still see the error.
B: a cause, fix or workaround is confirmed, supported by somebody besides its author, or stated by a
   maintainer.
C: causes, fixes or workarounds are only suspected, or nobody has answered to them.
D: none that is published, or only refuted ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from kb import sql
from kb.claim_groups import claims_of
from kb.models import GOOD_STANCES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

Grade = Literal["A", "B", "C", "D"]
SOURCES = frozenset({"merged", "closes", "released", "confirms"})
"""Roles of evidence that are the source of a confirmed fix."""


def grade_claims(
    claims: Iterable[Mapping[str, Any]], evidence: Mapping[str, Sequence[str]]
) -> Grade:
    """The grade that claims come to. `evidence`: roles by claim id. No order matters."""
    stated = [c for c in claims if c["stance"] != "refuted" and c.get("published", True)]
    if any(_is_sourced_fix(claim, evidence.get(claim["claim_id"], ())) for claim in stated):
        return "A"
    if any(claim["stance"] in GOOD_STANCES for claim in stated):
        return "B"
    return "C" if stated else "D"


def _is_sourced_fix(claim: Mapping[str, Any], roles: Sequence[str]) -> bool:
    if claim["kind"] != "fix" or claim["stance"] != "confirmed" or "still_seen" in roles:
        return False
    return claim["author_role"] == "maintainer" or not SOURCES.isdisjoint(roles)


def grade(connection: sqlite3.Connection, entry_id: str) -> Grade:
    """The grade of a stored entry."""
    roles: dict[str, list[str]] = {}
    for claim_id, role in sql.ask(connection, "claims.roles_of_evidence", entry_id):
        roles.setdefault(claim_id, []).append(role)
    return grade_claims(claims_of(connection, entry_id), roles)
