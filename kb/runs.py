"""Runs as rows: what a nightly run did, and what changed in the knowledge base since the last
report.

`compare` holds entries, claims and exported documents against what was last reported (tables
`reported_*`), not against the start of the run: what a killed run had mined or written already is
told by the next one.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from kb import sql
from kb.redact import redact
from kb.store import Store

Row = dict[str, Any]

LISTED = 25
"""Entries of a kind that a report lists; it counts all."""
RISING_DAYS = 7


class Group(TypedDict):
    """Things of one kind: how many, and the first `LISTED` of them."""

    count: int
    listed: list[Row]


class Documents(TypedDict):
    """Files of an export that changed since the last report; `kept`: changed by a person."""

    new: list[str]
    changed: list[str]
    removed: list[str]
    kept: list[str]


class Changes(TypedDict, total=False):
    """What changed since the last report, once all was compared.

    new: entries never reported; grown: reported ones with more threads; rose, fell: with a better
    or worse grade; merged: reported ids that another entry answers for now; rising: entries that
    got more threads in the last `RISING_DAYS` days than chance gives (`kb.query.stats.trends`);
    contradicted: reported fixes and workarounds that are refuted now and were not; documents:
    exported files by format. `first`: nothing was ever reported.
    """

    first: bool
    new: Group
    grown: Group
    rose: Group
    fell: Group
    merged: Group
    documents: dict[str, Documents]
    rising: Group
    contradicted: Group


def begin(store: Store, command: str, at: str, rules: Mapping[str, str]) -> int:
    """Adds the row of a run; runs without an end, whose process was killed, are marked as such.
    Returns its id.

    To be called with the writers' lock held: no other run can be going on then.
    """
    with store.transaction() as connection:
        sql.write(connection, "runs.mark_killed")
        cursor = sql.write(
            connection,
            "runs.begin",
            command,
            at,
            os.getpid(),
            json.dumps(dict(rules), sort_keys=True),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid


def keep_stage(
    store: Store, run_id: int, stage: str, taken: int, made: int, seconds: float
) -> None:
    """Adds what a stage took and made, at once: a killed run shows how far it came."""
    with store.transaction() as connection:
        sql.write(connection, "runs.put_stage", run_id, stage, taken, made, round(seconds, 3))


def keep_repos(store: Store, run_id: int, repos: Sequence[Mapping[str, Any]]) -> None:
    """Keeps what a run's harvests did for repositories so far."""
    with store.transaction() as connection:
        sql.write_many(connection, "runs.put_repo", [{**repo, "run_id": run_id} for repo in repos])


def finish(
    store: Store,
    report: Mapping[str, Any],
    failure: str | None = None,
    reported: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Ends a run's row as its report says. With `reported`, the manifests of the exports by format
    (file name to hash), the report is kept, and they and what the knowledge base holds now count as
    told, in the same transaction.
    """
    kept = None
    if reported is not None:
        kept = json.dumps(report, ensure_ascii=False, sort_keys=True)
    ended = {**report, "failure": redact(failure) if failure else None, "report": kept}
    with store.transaction() as connection:
        sql.write(connection, "runs.finish", **ended)
        if reported is not None:
            _remember(connection, reported)


def _remember(connection: sqlite3.Connection, manifests: Mapping[str, Mapping[str, str]]) -> None:
    """What stands now counts as reported; rows that say so already stay as they are."""
    for name in ("put_entries", "drop_entries", "put_claims", "drop_claims"):
        sql.write(connection, f"runs.{name}")
    for kind, manifest in manifests.items():
        before = dict(sql.ask(connection, "runs.documents", kind).fetchall())
        news = manifest.items() - before.items()
        sql.write_many(
            connection, "runs.put_document", [(kind, name, digest) for name, digest in sorted(news)]
        )
        sql.write_many(
            connection,
            "runs.drop_document",
            [(kind, name) for name in before if name not in manifest],
        )


def compare_documents(
    connection: sqlite3.Connection, kind: str, manifest: Mapping[str, str], kept: Sequence[str]
) -> Documents:
    """What changed in an export since the last report. `manifest`: hash by file name."""
    before = dict(sql.ask(connection, "runs.documents", kind).fetchall())
    return {
        "new": sorted(manifest.keys() - before.keys()),
        "changed": sorted(n for n, digest in manifest.items() if before.get(n, digest) != digest),
        "removed": sorted(before.keys() - manifest.keys()),
        "kept": sorted(kept),
    }


def last_runs(connection: sqlite3.Connection, limit: int = 10) -> list[Row]:
    """The latest runs, newest first, without their reports."""
    rows = sql.ask(connection, "runs.latest", limit)
    return [dict(row) for row in rows]


# ---------------------------------------------------------------- what changed


def compare(connection: sqlite3.Connection) -> Changes:
    """What changed since the last report but documents; titles and quotes are redacted."""
    from kb.query.stats import trends

    def group(name: str, *how: str) -> Group:
        rows = [dict(row) for row in sql.ask(connection, f"runs.{name}", LISTED, *how)]
        counts = [row.pop("count") for row in rows]
        return {"count": counts[0] if counts else 0, "listed": _listed(connection, rows)}

    rising = trends(connection, days=RISING_DAYS, limit=1_000_000).rising
    refuted = sql.column(connection, "runs.contradicted")
    shown = [sql.first(connection, "claims.shown_in_report", one) for one in refuted[:LISTED]]
    return {
        "first": bool(sql.value(connection, "runs.is_first_report")),
        "new": group("new"),
        "grown": group("moved", "grown"),
        "rose": group("moved", "rose"),
        "fell": group("moved", "fell"),
        "merged": group("merged"),
        "rising": {
            "count": len(rising),
            "listed": _listed(connection, [growth.to_dict() for growth in rising[:LISTED]]),
        },
        "contradicted": {"count": len(refuted), "listed": [_clean(dict(row)) for row in shown]},
    }


def _listed(connection: sqlite3.Connection, rows: Iterable[Row]) -> list[Row]:
    """Entries as a report lists them, each with the thread that shows it best."""
    from kb.query.entries import entry_url

    return [_clean(row) | {"url": entry_url(connection, row["entry_id"])} for row in rows]


def _clean(row: Row) -> Row:
    return row | {key: redact(row[key]) for key in ("title", "quote") if row.get(key)}
