"""A person's last word on claims: which need it, and the lines of the curation file for it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import sql
from kb.claim_groups import claims_of
from kb.claims import DOUBTFUL, why_withheld
from kb.curation import Decision, read_curation
from kb.errors import BadInputError, NotFoundError
from kb.models import from_row
from kb.notes.options import Options, entries_for
from kb.notes.outline import outlines
from kb.notes.worth import DOUBTS, lead_of, why_no_page, worth_a_page
from kb.redact import redact
from kb.rows import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClaim:
    """A claim as a person judges it. Texts are redacted; `entry_id` may be None."""

    claim_id: str
    entry_id: str | None
    error: str | None
    kind: str
    stance: str
    confidence: float
    published: bool
    withheld: str | None
    quote: str
    before: str
    after: str
    author: str | None
    role: str
    repo: str
    number: int
    title: str
    url: str

    def as_text(self) -> str:
        """Some lines for a terminal."""
        shown = "shown" if self.published else f"not published: {why_withheld(self.withheld)}"
        entry = f" ({self.entry_id})" if self.entry_id else ""
        quote = f"{self.before}[[{self.quote}]]{self.after}"
        return (
            f"{self.claim_id}  {self.kind}, {self.stance}, confidence {self.confidence:.2f},"
            f" {shown}\n"
            f"  error:  {self.error or 'none'}{entry}\n"
            f"  thread: {self.repo}#{self.number} {self.title}\n"
            f"  {self.role} {self.author or '(deleted)'}: {quote}\n"
            f"  {self.url}\n"
        )


_AROUND = 160
"""Characters of the post shown before and after the quote."""


def near_threshold(
    connection: sqlite3.Connection, confidence: float, limit: int
) -> list[ReviewClaim]:
    """The undecided claims of entries that are nearest to the confidence needed to be shown; before
    others those that may be the answer of an error for which no fix that worked is shown.
    """
    ids = sql.column(connection, "claims.near_threshold", confidence, DOUBTFUL, limit)
    return named(connection, ids)


def held_back(connection: sqlite3.Connection, options: Options, limit: int) -> list[ReviewClaim]:
    """The claims that pages which are held back as doubtful begin with: each of them, if accepted,
    brings its page. Errors of many threads come first.
    """
    entries = worth_a_page(connection, entries_for(connection, options))
    found = []
    for made in outlines(connection, entries, options):
        if why_no_page(made) in DOUBTS and (lead := lead_of(made)):
            found.append((-made.known.entry.threads, made.known.entry_id, lead.quote.claim_id))
    return named(connection, [claim_id for *_, claim_id in sorted(found)[:limit]])


def named(connection: sqlite3.Connection, ids: Sequence[str]) -> list[ReviewClaim]:
    """The claims with these ids, and all of the entries with these ids. Raises `NotFoundError`."""
    out: list[ReviewClaim] = []
    for one in ids:
        of = [one] if one.startswith("C") else [c["claim_id"] for c in claims_of(connection, one)]
        rows = sql.ask(connection, "claims.to_review", listed(of)).fetchall()
        if not rows:
            lists = "'faultlore review' lists claims, 'faultlore review ENTRY' those of an entry"
            raise NotFoundError(f"{one[:60]} is no claim and no entry with claims; {lists}")
        out += [_review_claim(row) for row in rows]
    return out


def _review_claim(row: sqlite3.Row) -> ReviewClaim:
    body = row["thread_body" if row["comment_id"] is None else "comment_body"] or ""
    text = row["title"] if row["field"] == "title" else body
    start, end = row["start"], row["end"]
    return from_row(
        ReviewClaim,
        row,
        error=redact(row["error"]) if row["error"] else None,
        quote=redact(row["quote"]),
        # redacted before they are cut, since half a key is not recognised as one
        before=_end_of(redact(text[:start])),
        after=_end_of(redact(text[end:])[::-1])[::-1],
        role=row["author_role"],
        title=redact(row["title"]),
    )


def _end_of(text: str) -> str:
    """The last words."""
    return text if len(text) <= _AROUND else "…" + text[-_AROUND:].split(" ", 1)[-1]


def check_entry(connection: sqlite3.Connection, claims: Sequence[ReviewClaim], entry: str) -> None:
    """Raises `BadInputError` where an entry is no error of a claim's thread: a verdict that moves
    the claim there would do nothing.
    """
    for claim in claims:
        rows = sql.ask(connection, "entries.of_thread", claim.repo, claim.number)
        if entry not in (known := sorted(row[0] for row in rows)):
            raise BadInputError(
                f"review: {entry[:40]} is no error of {claim.repo}#{claim.number}, which reports"
                f" {', '.join(known) or 'none that is known'}"
            )


def decide(path: Path, claim_ids: Sequence[str], decision: str, because: str = "") -> list[str]:
    """Adds a line a claim to the curation file (made where there is none), unless it says so
    already, and returns the lines. `decision` as after the id: `reject`, `accept`, `workaround`,
    `entry E...`.

    Raises `BadInputError`, before anything is written, where the file decides otherwise.
    """
    remark = "  # " + " ".join(because.split()) if because.strip() else ""
    action, *entries = decision.split()
    known = {line.aspect: line for line in read_curation(path).claims} if path.exists() else {}
    lines, added = [], ""
    for claim_id in claim_ids:
        new = Decision(0, action, tuple(entries), claim_id=claim_id)
        lines.append(f"{new.text}{remark}")
        if (old := known.setdefault(new.aspect, new)) is new:
            added += f"{lines[-1]}\n"
        elif old.text != new.text:
            raise BadInputError(
                f"{path}:{old.line}: says {old.text!r} already; take that line out first"
            )
    try:
        with path.open("a+b") as file:
            file.seek(max(0, file.tell() - 1))
            gap = "\n" if added and file.read() not in (b"", b"\n") else ""
            file.write((gap + added).encode())
    except OSError as error:
        remedy = "check 'curation' in faultlore.toml"
        raise BadInputError(f"{path}: cannot be written ({error.strerror}); {remedy}") from error
    return lines


def take_back(path: Path, size: int, line: str) -> None:
    """Takes the last line out of the curation file, which had this size before. Raises
    `BadInputError` where something else stands there.
    """
    text = path.read_bytes()
    if len(text) < size or text[size:].strip() not in (b"", line.encode()):
        raise BadInputError(f"{path}: was changed since; take {line!r} out yourself")
    os.truncate(path, size)


def labels(connection: sqlite3.Connection) -> Iterator[str]:
    """Decisions as labels for training, a JSON line a thread (as in `data/labels`): accepted claims
    under `causes` and `fixes`, rejected ones under `rejected`. `partial`: of the thread's other
    sentences nothing is known.
    """
    threads: dict[tuple[str, int], dict[str, Any]] = {}
    lists = ("error_lines", "causes", "fixes", "rejected", "no_evidence")
    for row in sql.ask(connection, "claims.decisions_beside_claims"):
        key = (row["repo"], row["number"])
        about = {"repo": key[0], "number": key[1], "partial": True, "is_error_report": True}
        one = threads.setdefault(key, about | {name: [] for name in lists})
        kind = row["now"] or row["kind"]
        where = row["field"] if row["comment_id"] is None else row["comment_id"]
        span = {"where": where, "start": row["start"], "end": row["end"], "kind": kind}
        if any(line.split()[2] == "reject" for line in row["line"].split("\n")):
            one["rejected"].append(span)
        else:
            kept = one["causes" if kind == "cause" else "fixes"]
            kept.append({**span, "good": row["stance"] != "refuted"})
    for document in threads.values():
        yield json.dumps(document, ensure_ascii=False)
