"""Rows of the stages' results, replaced in one go; and what is to be done again: threads by stage,
signatures to group, entries to count.

Whoever changes what a stage reads marks it in tables `dirty`, `dirty_signature` and `dirty_entry`
(statements of `work.sql`), in the transaction of the change; the stage takes it off in the
transaction that stores its result. So a run that is killed loses nothing and does nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from kb import sql
from kb.models import Claim, Evidence, Mention, Signature, Thread, ThreadKey, from_row


def all_rows(connection: sqlite3.Connection, table: str, by: str) -> sqlite3.Cursor:
    """All rows of a table or view, in the order of some of its columns."""
    return connection.execute(f"select * from {table} order by {by}")


def insert(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Adds rows to a table, each with the values of `columns`."""
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)


def upsert(
    connection: sqlite3.Connection, table: str, row: Mapping[str, object], key: Sequence[str]
) -> None:
    """Adds a row, or changes the columns that it has of the one with the same key."""
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    sets = ", ".join(f"{name} = excluded.{name}" for name in row if name not in key)
    connection.execute(
        f"insert into {table} ({names}) values ({marks})"
        f" on conflict ({', '.join(key)}) do update set {sets}",
        row,
    )


def listed(values: Iterable[str]) -> str:
    """Values as one parameter, for `in (select value from json_each(?))`."""
    return json.dumps(sorted(values))


def thread_mentions(connection: sqlite3.Connection, thread: Thread) -> list[Mention]:
    """The stored mentions of a thread, as detection returned them (by place and position)."""
    rows = sql.ask(connection, "mentions.signed_of_thread", *thread.key)
    return [from_row(Mention, row, signature=from_row(Signature, row)) for row in rows]


def claim_id(thread: Thread, claim: Claim) -> str:
    """A claim's id: the same place, span and kind of a thread give the same id in every run."""
    if claim.claim_id is not None:
        return claim.claim_id
    place = (
        f"{thread.repo}#{thread.number}/{claim.comment_id or claim.field}/"
        f"{claim.start}-{claim.end}/{claim.kind}"
    )
    return "C" + hashlib.sha256(place.encode()).hexdigest()[:15]


CLAIM_COLUMNS = (
    *("claim_id", "repo", "number", "comment_id", "field", "kind", "quote", "start", "end"),
    *("author", "author_role", "association", "created_at", "url"),
    *("stance", "confidence", "about", "withheld", "published"),
)
EVIDENCE_COLUMNS = (
    *("claim_id", "position", "role", "comment_id", "field", "start", "end", "quote"),
    *("author", "association", "created_at", "url", "repo", "number"),
)


def replace_claims(connection: sqlite3.Connection, thread: Thread, claims: Sequence[Claim]) -> None:
    """Replaces a thread's claims if they changed, and marks its entries to be counted."""
    new_claims, new_evidence = _claim_rows(thread, claims)
    old_claims = sql.ask(connection, "claims.of_thread", *thread.key)
    old_evidence = sql.ask(connection, "claims.evidence_of_thread", *thread.key)
    same = (
        _columns(old_claims, CLAIM_COLUMNS) == new_claims
        and _columns(old_evidence, EVIDENCE_COLUMNS) == new_evidence
    )
    # the entries also when no claim changed: a link to the thread that this one repeats may be new
    mark_entries(connection, sql.column(connection, "entries.of_thread_and_twins", *thread.key))
    if same:
        return
    sql.write(connection, "claims.drop_evidence_of_thread", *thread.key)
    sql.write(connection, "claims.drop_of_thread", *thread.key)
    insert(connection, "claim", CLAIM_COLUMNS, new_claims)
    insert(connection, "evidence", EVIDENCE_COLUMNS, new_evidence)


def _columns(rows: Iterable[sqlite3.Row], names: Sequence[str]) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def _claim_rows(
    thread: Thread, claims: Sequence[Claim]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows of `claim` and `evidence`, in the order in which they are compared."""
    known = {claim_id(thread, claim): claim for claim in reversed(claims)}
    claim_rows: list[tuple[object, ...]] = []
    evidence_rows: list[tuple[object, ...]] = []
    for identity, claim in sorted(known.items()):
        others = {
            "claim_id": identity,
            "repo": thread.repo,
            "number": thread.number,
            "confidence": round(claim.confidence, 4),
            "published": int(claim.published),
        }
        claim_rows.append(row_of(claim, CLAIM_COLUMNS, others))
        for position, evidence in enumerate(claim.evidence):
            others = {"claim_id": identity, "position": position}
            evidence_rows.append(row_of(evidence, EVIDENCE_COLUMNS, others))
    return claim_rows, evidence_rows


def row_of(
    one: Claim | Evidence | Mention, columns: Sequence[str], others: Mapping[str, object]
) -> tuple[object, ...]:
    """The values of columns: of `others`, else the attributes of their names."""
    return tuple(others[name] if name in others else getattr(one, name) for name in columns)


# ---------------------------------------------------------------- what is to be done again

STAGES = ("detect", "claims")
"""The stages that read threads, in order. A thread whose text changed is marked for all of them,
one whose events or links changed for the second.
"""


def mark_threads(
    connection: sqlite3.Connection, stages: Sequence[str], keys: Iterable[ThreadKey]
) -> None:
    """These stages have to read these threads again."""
    sql.write_many(
        connection, "work.mark_thread", [(stage, *key) for key in sorted(keys) for stage in stages]
    )


def dirty_threads(connection: sqlite3.Connection, stage: str) -> list[ThreadKey]:
    """The threads that a stage has to read, by repository and number."""
    rows = sql.ask(connection, "work.threads", stage)
    return [(row[0], row[1]) for row in rows]


def waiting(connection: sqlite3.Connection) -> int:
    """How many threads some stage has still to read."""
    return int(sql.value(connection, "work.count_threads"))


def mark_signatures(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> None:
    """Grouping has to look at these signatures."""
    sql.write_many(connection, "work.mark_signature", [(one,) for one in sorted(fingerprints)])


def mark_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """These entries have to be graded and counted."""
    sql.write_many(connection, "work.mark_entry", [(one,) for one in sorted(entry_ids)])
