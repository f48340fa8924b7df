"""What the claims of an entry come to: which of them say the same thing, and the entry's grade.

Two claims are alike if they name the same pull request, or share most of what they name (settings,
commands, versions) and most of their words, and nothing sets them apart: a version or number that
differs, an opposite (`enable`, `disable`), a negation. When in doubt they stay apart. A group forms
around its oldest claim, so what arrives later neither renames it nor chains two groups together;
the result depends on the claims alone, not on the order in which they arrived.

The grade rests on published claims:

A: a fix is confirmed and its source is known: a merged pull request, a release, the closing of the
   thread or a confirming answer is kept as evidence, or a maintainer says it; and no later version
   is known in which people still see the error.
B: a cause, fix or workaround is confirmed, supported by somebody besides its author, or stated by a
   maintainer.
C: causes, fixes or workarounds are only suspected, or nobody has answered to them.
D: none that is published, or only refuted ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, Literal, NamedTuple

from kb import lazy_re as re
from kb import sql
from kb.models import GOOD_STANCES
from kb.tables import load_toml, put_together

Row = dict[str, Any]

LIKENESS = 0.6
"""Dice coefficient of weighted tokens from which two claims say the same."""
NAME_WEIGHT = 3.0
"""A named thing (`http.proxyStrictSSL`, `--no-mmap`) against a word."""
MIN_SHARED = 3
"""Tokens that two claims must share, so that "restart it" is no saying."""
MAX_LEADERS = 400
"""Groups that a claim is compared with; beyond, only those that share a named thing."""

_REFERS = ("#", "/pull/", "/issues/")
"""Without one of these there is no reference; looking for them is faster."""
_CODE = re.compile(r"`([^`\n]{1,200})`")
_WORD = re.compile(r"[^\W\d_]{2,40}")
_NUMBER = re.compile(r"(?<![\w.#])\d{1,9}(?![\w.])")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_TABLE = load_toml("alike.toml")
_STOP = frozenset(_TABLE["common"].split())
_OPPOSITES = tuple(
    tuple(frozenset(side.split()) for side in pair.split(" / ")) for pair in _TABLE["opposites"]
)
_NEGATION, _REFERENCE, _NAME = (
    re.compile(put_together(_TABLE[name], {})) for name in ("negation", "reference", "name")
)
_VERSION = re.compile(_TABLE["version"], re.IGNORECASE)


class Meaning(NamedTuple):
    """What claims are compared by. `family`: `cause`, or `fix` with workarounds."""

    family: str
    refuted: bool
    references: frozenset[str]
    versions: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    weights: dict[str, float]
    total: float
    sides: tuple[int, ...]
    negated: bool


def meaning(kind: str, quote: str, repo: str, stance: str = "unverified") -> Meaning:
    """The parts of a claim's text that decide whether another one says the same."""
    references, text = frozenset[str](), quote
    if any(sign in quote for sign in _REFERS):
        references = frozenset(
            f"{m.group(1) or repo}#{m.group(2) or m.group(3)}".lower()
            for m in _REFERENCE.finditer(quote)
        )
        text = _REFERENCE.sub(" ", quote)
    versions = frozenset(m.group(1).lower() for m in _VERSION.finditer(text))
    rest = _VERSION.sub(" ", text)
    named = [m.span() for m in _NAME.finditer(rest)]
    names = {_plain(rest[start:end]) for start, end in named}
    names |= {_plain(m.group(1)) for m in _CODE.finditer(rest)}
    names = {name for name in names if len(name) >= 2}
    between = pairwise([0, *(at for span in named for at in span), len(rest)])
    lower = _WORD.findall(" ".join(rest[start:end] for start, end in islice(between, 0, None, 2)))
    lower = [word.lower() for word in lower]
    words = {_stem(w) for w in lower if w not in _STOP and not _HAN.fullmatch(w)}
    words |= {run[i : i + 2] for run in _HAN.findall(rest) for i in range(len(run) - 1)}
    weights = dict.fromkeys(words, 1.0) | dict.fromkeys(names, NAME_WEIGHT)
    weights |= {f"v{version}": NAME_WEIGHT for version in versions}
    sides = tuple(
        int(not one.isdisjoint(lower)) - int(not other.isdisjoint(lower))
        for one, other in _OPPOSITES
    )
    return Meaning(
        family="cause" if kind == "cause" else "fix",
        refuted=stance == "refuted",
        references=references,
        versions=versions,
        numbers=frozenset(_NUMBER.findall(rest)),
        names=frozenset(names),
        weights=weights,
        total=sum(weights.values()),
        sides=sides,
        negated=bool(_NEGATION.search(quote)),
    )


def _plain(name: str) -> str:
    return name.strip("`'\".,:;()[] ").lower()


def _stem(word: str) -> str:
    for end in ("ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word


def alike(a: Meaning, b: Meaning) -> bool:
    """Whether two claims say the same. Symmetric."""
    if a.family != b.family or a.refuted != b.refuted:
        return False
    if any(x * y < 0 for x, y in zip(a.sides, b.sides, strict=True)):
        return False
    if a.negated != b.negated or _apart(a.versions, b.versions):
        return False
    if a.references and b.references:
        # a pull request is the same fix however it is described; two different ones are two
        return bool(a.references & b.references)
    if _apart(a.numbers, b.numbers):
        return False
    if (a.names and b.names) and not a.names & b.names:
        return False
    shared = a.weights.keys() & b.weights.keys()
    if a.versions & b.versions and a.sides == b.sides and any(a.sides):
        return True  # "downgrade to 1.2" needs no further words
    if len(shared) < MIN_SHARED and sum(a.weights[t] for t in shared) < NAME_WEIGHT + 1:
        return False
    return 2 * sum(a.weights[t] for t in shared) >= LIKENESS * (a.total + b.total)


def _apart(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a) and bool(b) and not a & b


def claims_of(connection: sqlite3.Connection, entry_id: str) -> list[Row]:
    """The claims of an entry as in relation `claims`, oldest first."""
    return [dict(row) for row in sql.ask(connection, "claims.of_entry", entry_id)]


def group_claims(rows: Sequence[Row]) -> dict[str, str]:
    """By claim id the id of the oldest claim that says the same (or its own)."""
    if len(rows) == 1:
        return {row["claim_id"]: row["claim_id"] for row in rows}
    ordered = sorted(rows, key=lambda row: (row["created_at"], row["claim_id"]))
    leaders: list[tuple[str, Meaning]] = []
    by_name: dict[str, list[int]] = {}
    out: dict[str, str] = {}
    for row in ordered:
        own = meaning(row["kind"], row["quote"], row["repo"], row["stance"])
        near: Iterable[int] = range(len(leaders))
        if len(leaders) > MAX_LEADERS:
            near = sorted({i for n in _keys(own) for i in by_name.get(n, ())})
        leader = next((leaders[i][0] for i in near if alike(leaders[i][1], own)), None)
        if leader is None:
            leader = row["claim_id"]
            for name in _keys(own):
                by_name.setdefault(name, []).append(len(leaders))
            leaders.append((leader, own))
        out[row["claim_id"]] = leader
    return out


def _keys(one: Meaning) -> frozenset[str]:
    return one.names | one.references | one.versions


def corroborate(connection: sqlite3.Connection, entry_id: str) -> None:
    """Writes `claim.says` for the claims of an entry, where it changed."""
    rows = claims_of(connection, entry_id)
    says = group_claims(rows)
    named = ((says[row["claim_id"]], row) for row in rows)
    changed = [(leader, row["claim_id"]) for leader, row in named if row["says"] != leader]
    sql.write_many(connection, "claims.set_says", changed)


# ---------------------------------------------------------------- the grade

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
