"""Why something is an entry, and why two things are or are not the same error, in words and
figures.

The decisions are those of grouping: fingerprints, near edges (table `near`) and
`kb.matching.model.judge`; nothing is decided here.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass, replace
from typing import Any

from kb import sql
from kb.matching.blocking import signature_of
from kb.matching.features import view_of
from kb.matching.model import Judgement, in_words, judge
from kb.models import Signature
from kb.query.entries import entries_by_id, resolve, thread_named
from kb.query.results import Entry
from kb.redact import redact, redact_all
from kb.text import shorten, storable

WORDINGS = 40
"""Signatures of an entry that are told or compared."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A signature of an entry: how many mentions and threads have it, and the nearest other one
    with its probability.
    """

    signature: str
    fingerprint: str
    mentions: int
    threads: int
    near: str | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things that are explained: the name that was asked, its entry, and the signature
    that speaks for it, with its fields.
    """

    name: str
    entry_id: str
    title: str
    signature: str
    fingerprint: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Explained:
    """With one thing asked: `wordings` tells why its mentions are one entry. With two:
    `same_entry`, and the decision on the two signatures themselves (`same_error`, `probability`,
    `rule`, `reasons`); `path` leads from one to the other over near signatures where they are one
    entry without being near themselves. `judged`: what a second reader said (what, model, day).
    """

    a: Side
    b: Side | None
    same_entry: bool = True
    same_error: bool = True
    probability: float = 1.0
    decision: str = ""
    rule: str | None = None
    reasons: tuple[dict[str, Any], ...] = ()
    agree: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    judged: tuple[dict[str, Any], ...] = ()
    wordings: tuple[Wording, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The document of `explain --json`."""
        told = asdict(self)
        wordings = told.pop("wordings")
        if self.b is None:
            return {"entry": told["a"], "wordings": wordings, "judged": told["judged"]}
        return told


def explain(connection: sqlite3.Connection, first: str, second: str | None = None) -> Explained:
    """Explains one entry or thread, or two of them.

    Raises `NotFoundError` for a name that `kb.query.entries.resolve` does not know.
    """
    entry, signatures = _meant(connection, first)
    # wordings hold what pages show as a placeholder: a private host is part of one
    if second is None:
        leader = next((s for s in signatures if s.fingerprint == entry.fingerprint), signatures[0])
        wordings = _wordings(connection, entry.entry_id)
        judgements = _judged(connection, entry.entry_id)
        side = _side(first, entry, leader)
        return redact_all(Explained(side, None, wordings=wordings, judged=judgements))
    other, others = _meant(connection, second)
    # two entries are as near as their nearest signatures; a thread speaks through its own
    a, b, judged = max(
        ((x, y, judge(view_of(x), view_of(y))) for x in signatures for y in others),
        key=lambda p: (
            p[2].probability,
            p[0].fingerprint == entry.fingerprint,
            p[0].fingerprint,
            p[1].fingerprint,
        ),
    )
    ids = entry.entry_id, other.entry_id
    left, right = _facts(a), _facts(b)
    both = [(name, left[name], right[name]) for name in left if name in right]
    reasons = ((r.name, r.words, r.value, r.adds) for r in judged.reasons)
    told = Explained(
        a=_side(first, entry, a),
        b=_side(second, other, b),
        same_entry=ids[0] == ids[1],
        same_error=judged.same,
        probability=judged.probability,
        decision=in_words(judged) + _decided(connection, *ids, judged),
        rule=judged.rule,
        reasons=tuple(
            dict(zip(("feature", "what", "value", "adds"), r, strict=True)) for r in reasons
        ),
        agree=tuple(f"{name} {one}" for name, one, two in both if one == two),
        conflict=tuple(f"{name}: {one} and {two}" for name, one, two in both if one != two),
        judged=_judged(connection, *ids),
    )
    if told.same_entry and not judged.same:
        told = replace(told, path=_path(connection, a.fingerprint, b.fingerprint, ids[0]))
    return redact_all(told)


def _judged(
    connection: sqlite3.Connection, entry_id: str, other_id: str | None = None
) -> tuple[dict[str, Any], ...]:
    """What a second reader judged of an entry (its threads, pairs of its wordings, another entry
    that it is not), of several answers the newest; with `other_id` only of pairs of these two.
    """
    told = []
    if other_id is None:
        rows = sql.ask(connection, "judge.on_threads_of_entry", entry_id)
        told = [(row["about"], row) for row in rows]
    for row in sql.ask(connection, "judge.on_pairs_of_entry", entry_id):
        if other_id is None or {row["ea"], row["eb"]} == {entry_id, other_id}:
            verdict = "one failure" if json.loads(row["answer"])["same"] else "two failures"
            one, other = (shorten(redact(row[name]), 80) for name in ("one", "other"))
            told.append((f"{verdict}: “{one}” and “{other}”", row))
    return tuple({"what": what, "model": r["model"], "day": r["day"]} for what, r in told)


def _meant(connection: sqlite3.Connection, name: str) -> tuple[Entry, list[Signature]]:
    """The entry that a name means and the signatures that speak for the name: a thread's own, else
    all of the entry's.
    """
    name = storable(name).strip()
    entry_id = resolve(connection, name)
    rows = []
    if thread := thread_named(name):
        rows = sql.ask(
            connection, "signatures.of_thread_in_entry", thread[0], thread[1], entry_id
        ).fetchall()
    if not rows:
        rows = sql.ask(connection, "signatures.first_of_entry", entry_id, WORDINGS).fetchall()
    entry = entries_by_id(connection, [entry_id])[entry_id]
    return entry, [signature_of(row) for row in rows]


def _facts(signature: Signature) -> dict[str, str]:
    facts = {
        "provider": signature.provider,
        "status": signature.status,
        "code": signature.code,
        "exception": signature.exception,
        "objects": ", ".join(signature.objects) or None,
    }
    return {name: str(value) for name, value in facts.items() if value is not None}


def _side(name: str, entry: Entry, signature: Signature) -> Side:
    words = signature.text, signature.fingerprint
    return Side(name, entry.entry_id, entry.title, *words, _facts(signature))


def _decided(connection: sqlite3.Connection, a: str, b: str, judged: Judgement) -> str:
    """What decided where the judgement on the two signatures alone did not."""
    if a == b and not judged.same:
        return (
            "; they are one entry because other wordings lead from one to the other, or by a "
            "curator's decision"
        )
    if a == b or not judged.same:
        return ""
    row = sql.first(connection, "entries.last_decision", a, b)
    why = ", because other members of the two entries conflict"
    if row:
        why = f": {row['action']}, {row['why']}"
    return f"; they are kept as two entries all the same{why}"


def _wordings(connection: sqlite3.Connection, entry_id: str) -> tuple[Wording, ...]:
    told = []
    for row in sql.ask(connection, "signatures.counted_of_entry", entry_id, WORDINGS).fetchall():
        near = sql.first(connection, "groups.nearest_in_entry", row["fingerprint"], entry_id)
        counts = row["mentions"], row["threads"]
        told.append(Wording(row["text"], row["fingerprint"], *counts, *(near or (None, None))))
    return tuple(told)


def _path(connection: sqlite3.Connection, start: str, end: str, entry_id: str) -> tuple[str, ...]:
    """The shortest way from one signature to another over near ones of the same entry, as texts;
    empty if there is none.
    """
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    front = [start]
    while front and end not in ways and len(ways) < 2000:
        following = []
        for one in front:
            for found in sql.column(connection, "groups.partners_in_entry", one, entry_id):
                if found not in ways:
                    ways[found] = (*ways[one], found)
                    following.append(found)
        front = following
    return tuple(sql.value(connection, "signatures.text", one) for one in ways.get(end, ()))
