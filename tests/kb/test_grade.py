"""The rules of the grades, as documented."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kb.claim_groups import grade, grade_claims
from kb.store import Store
from tests.support.kb_builder import Filler, Said

ROLES = ("confirms", "merged", "closes", "released")


def claim(
    kind: str = "fix", stance: str = "confirmed", role: str = "user", claim_id: str = "C1"
) -> dict[str, Any]:
    return {"claim_id": claim_id, "kind": kind, "stance": stance, "author_role": role}


@pytest.mark.parametrize("role", ROLES)
def test_a_confirmed_fix_with_a_source(role: str) -> None:
    assert grade_claims([claim()], {"C1": [role]}) == "A"
    assert grade_claims([claim()], {"C1": ["contradicts", role]}) == "A"


def test_a_maintainer_is_a_source() -> None:
    assert grade_claims([claim(role="maintainer")], {}) == "A"


def test_confirmed_without_a_source() -> None:
    assert grade_claims([claim()], {}) == "B"
    assert grade_claims([claim()], {"C1": ["code"]}) == "B"


def test_still_seen_later() -> None:
    assert (
        grade_claims([claim(role="maintainer")], {"C1": ["merged", "released", "still_seen"]})
        == "B"
    )
    other = claim(claim_id="C2", role="maintainer")
    assert (
        grade_claims([claim(role="maintainer"), other], {"C1": ["still_seen"], "C2": ["merged"]})
        == "A"
    )


@pytest.mark.parametrize("kind", ["cause", "workaround"])
def test_causes_and_workarounds_reach_b(kind: str) -> None:
    assert grade_claims([claim(kind, role="maintainer")], {"C1": ["confirms"]}) == "B"


@pytest.mark.parametrize(
    ("kind", "stance"), list(product(["cause", "fix", "workaround"], ["suspected", "unverified"]))
)
def test_only_said(kind: str, stance: str) -> None:
    assert grade_claims([claim(kind, stance, "maintainer")], {"C1": list(ROLES)}) == "C"
    assert grade_claims([claim(kind, "supported"), claim(kind, stance)], {}) == "B"


def test_nothing_or_only_refuted() -> None:
    assert grade_claims([], {}) == "D"
    assert grade_claims([claim(stance="refuted")], {"C1": ["merged"]}) == "D"


def test_grade_of_a_stored_entry(tmp_path: Path) -> None:
    with Store.open(tmp_path / "kb.db") as store, store.transaction() as connection:
        filler = Filler(connection)
        none = filler.add("TypeError: boom is not a function")
        told = filler.add(
            "ECONNREFUSED 10.0.0.1:80",
            threads=[("a/b", 7, "2026-01-05")],
            claims=[Said("fix", "Fixed in #9.", "confirmed", role="maintainer")],
        )
        assert grade(connection, none) == "D"
        assert grade(connection, told) == "A"
        assert grade(connection, "E99999") == "D"
