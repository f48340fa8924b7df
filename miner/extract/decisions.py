"""What a person decided of claims (`claim ...` lines of the curation file), laid over what is
found.

A decision keeps the place that its claim had, and follows its words where an edit moved them: when
claims are found anew with other bounds, the one that covers the same place gets the decision and
the old id; an accepted claim that is found no more is taken from the stored text. What was rejected
is the words: they are not shown as a claim of another kind either.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb import sql
from kb.curation import Curation, Decision, check_entries
from kb.models import REJECTED, Claim, Thread, from_row
from kb.rows import listed, mark_entries, mark_threads
from miner.authors.roles import role_of
from miner.extract.publication import FURTHER
from miner.extract.spans import overlap
from miner.posts import ParsedThread

SAME_PLACE = 0.6
"""Part of the shorter quote that both must share to be the same claim."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the place of its claim."""

    claim_id: str
    words: tuple[str, ...]
    comment_id: int | None
    field: str
    kind: str
    start: int
    end: int
    quote: str

    def covers(self, claim: Claim) -> bool:
        """Whether a claim is the one that was decided on."""
        return (
            (claim.comment_id, claim.field) == (self.comment_id, self.field)
            and (claim.kind == "cause") == (self.kind == "cause")
            and overlap(claim.start, claim.end, self.start, self.end) >= SAME_PLACE
        )

    def rejects(self, claim: Claim) -> bool:
        """Whether the words of a claim, whatever its kind, are those that were rejected."""
        longer = max(claim.end - claim.start, self.end - self.start)
        return (
            any(line.split()[2] == "reject" for line in self.words)
            and (claim.comment_id, claim.field) == (self.comment_id, self.field)
            and min(claim.end, self.end) - max(claim.start, self.start) >= SAME_PLACE * longer
        )

    def placed_in(self, thread: Thread) -> Decided:
        """The decision where its words stand now: the nearest place, if an edit moved them."""
        try:
            text = thread.texts[self.comment_id, self.field]
        except KeyError:
            return self
        found = re.finditer(re.escape(self.quote), text) if self.quote else ()
        starts = sorted((abs(one.start() - self.start), one.start()) for one in found)
        if not starts:
            return self
        start = starts[0][1]
        return replace(self, start=start, end=start + len(self.quote))


def remember(connection: sqlite3.Connection, curation: Curation | None) -> list[Decision]:
    """Stores the decisions of the curation file with the places of their claims, and marks the
    threads whose decisions changed to be read again. Call it inside a transaction.

    Returns the lines about claims that are not known, or not yet: a database made anew has none
    until its threads were read. Raises `BadInputError` with file and line for an entry that never
    was.
    """
    wanted: dict[str, list[Decision]] = {}
    for decision in curation.claims if curation else ():
        wanted.setdefault(str(decision.claim_id), []).append(decision)
        if curation:
            check_entries(connection, curation, decision)
    lines = {claim_id: "\n".join(sorted(d.text for d in rows)) for claim_id, rows in wanted.items()}
    stored = sql.ask(connection, "claims.decisions").fetchall()
    known = {row["claim_id"]: row for row in stored}
    touched = set()
    unknown = []
    for claim_id in known.keys() - lines.keys():
        touched.add((known[claim_id]["repo"], known[claim_id]["number"]))
        sql.write(connection, "claims.drop_decision", claim_id)
    for claim_id, line in sorted(lines.items()):
        row = known.get(claim_id)
        if row is not None and row["line"] == line:
            continue
        if row is None:
            row = sql.first(connection, "claims.one", claim_id)
        if row is None:
            unknown.append(wanted[claim_id][0])
            continue
        names = ("repo", "number", "comment_id", "field", "kind", "start", "end", "quote")
        sql.write(connection, "claims.put_decision", claim_id, line, *(row[name] for name in names))
        touched.add((row["repo"], row["number"]))
    mark_threads(connection, ("claims",), touched)
    return unknown


def decisions_of(connection: sqlite3.Connection, thread: Thread) -> list[Decided]:
    """The decisions on claims of a thread."""
    rows = sql.ask(connection, "claims.decisions_of_thread", *thread.key)
    return [from_row(Decided, row, words=tuple(row["line"].split("\n"))) for row in rows]


def decided(connection: sqlite3.Connection, thread: Thread, claims: Sequence[Claim]) -> list[Claim]:
    """The claims of a thread as a person wants them. Call it inside a transaction."""
    out = list(claims)
    placed = []
    for stored in decisions_of(connection, thread):
        one = stored.placed_in(thread)
        placed.append(one)
        if one != stored:
            sql.write(connection, "claims.move_decision", one.start, one.end, one.claim_id)
        place = next((i for i, claim in enumerate(out) if one.covers(claim)), None)
        if place is None:
            again = _taken_up(thread, one)
            if again is None:
                continue
            out.append(again)
            place = len(out) - 1
        claim = replace(out[place], claim_id=one.claim_id)
        # what is rejected is so as any kind
        for line in sorted(one.words, key=lambda line: " reject" in line):
            claim = _applied(connection, thread, claim, line.split()[2:])
        out[place] = claim
    judged = {one.claim_id for one in placed}
    return [
        replace(claim, withheld=REJECTED, published=False)
        if claim.claim_id not in judged and any(one.rejects(claim) for one in placed)
        else claim
        for claim in out
    ]


def _applied(
    connection: sqlite3.Connection, thread: Thread, claim: Claim, words: Sequence[str]
) -> Claim:
    action = words[0]
    if action == "reject":
        return replace(claim, withheld=REJECTED, published=False)
    if action == "accept":
        return _accepted(claim)
    if action == "entry":
        row = sql.first(connection, "signatures.decided_for", *thread.key, words[1])
        return replace(claim, about=row[0]) if row else claim
    return replace(_accepted(claim), kind=action)


def _accepted(claim: Claim) -> Claim:
    stance = "unverified" if claim.stance == "refuted" else claim.stance
    return replace(claim, withheld=None, published=True, stance=stance)


def _taken_up(thread: Thread, one: Decided) -> Claim | None:
    """An accepted claim that is found no more, from the stored text; None if it changed."""
    if not any(line.split()[2] != "reject" for line in one.words):
        return None
    place = (one.comment_id, one.field)
    post = next((post for post in ParsedThread(thread).posts if post.place == place), None)
    if post is None or post.text[one.start : one.end] != one.quote:
        return None
    return Claim(
        *place, one.kind, one.quote, one.start, one.end, post.author,
        role_of(post, thread.author), post.association, post.created_at, post.url,
        "unverified", 1.0,
    )  # fmt: skip


def set_published(connection: sqlite3.Connection, confidence: float) -> None:
    """Publishes what is as sure as this and may be shown; a person's word stands. Entries whose
    documents change are marked. Call it inside a transaction.
    """
    turned = sql.write(connection, "claims.turn_published", confidence, FURTHER).fetchall()
    entries = sql.ask(connection, "claims.entries", listed(row[0] for row in turned))
    mark_entries(connection, {row["entry_id"] for row in entries if row["entry_id"]})
