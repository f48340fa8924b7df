"""Figures of a knowledge base: what it holds, what grew this week, what is new, rising or fading.

Windows end at the newest thread's time, not at the clock's: a knowledge base is as new as its last
harvest.
"""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_left
from typing import Any

from kb import sql
from kb.errors import BadInputError
from kb.models import ENTRY_CONFIDENCE, NEAR_ENTRY
from kb.query.entries import entries_by_id, resolve
from kb.query.results import Growth, Stats, Trends
from kb.redact import redact
from kb.rows import waiting
from kb.text import days_before, months_to, shorten, since_time

FEWEST = 3
"""Threads that a window must have before a rise or a fall is worth a word."""
MONTHS = 24
"""Months of threads that `stats` shows."""
CHANCE = 0.05
"""Highest probability of a rise or fall by chance that is still reported."""


def _pairs(connection: sqlite3.Connection, name: str) -> tuple[tuple[str, int], ...]:
    return tuple((row[0], row[1]) for row in sql.ask(connection, name))


def newest(connection: sqlite3.Connection) -> str | None:
    """When the newest thread was opened; None for an empty knowledge base."""
    value: str | None = sql.value(connection, "threads.newest")
    return value


def version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection changes the database."""
    return int(sql.value(connection, "file.data_version"))


def stats(connection: sqlite3.Connection) -> Stats:
    """The figures of `kb.query.results.Stats`; its week ends with the newest thread."""
    until = newest(connection)
    week = days_before(until, 7) if until else ""
    growth = _growth(connection, until, 7) if until else []
    growth.sort(key=lambda g: (-g.now, -g.entry.threads, g.entry.entry_id))
    figures = sql.first(connection, "stats.figures", since=week, until=until or "")
    names = months_to(until, MONTHS) if until else []
    opened = dict(sql.ask(connection, "threads.by_month", min(names, default=""), until).fetchall())
    return Stats(
        **dict(figures),
        repos=_pairs(connection, "stats.repos"),
        claims=_pairs(connection, "stats.claims"),
        grades=tuple(sorted(_pairs(connection, "entries.by_grade"))),
        until=until,
        grew=tuple(g for g in growth if g.now)[:5],
        waiting=waiting(connection),
        months=tuple((name, opened.get(name, 0)) for name in names),
    )


def trends(
    connection: sqlite3.Connection,
    *,
    days: int = 30,
    until: str | None = None,
    limit: int = 10,
    windows: int = 2,
) -> Trends:
    """Entries that are new, rising or fading over a window of `days` that ends at `until` (default:
    the newest thread).

    New: first seen inside the window. Rising and fading: at least `FEWEST` threads in the larger
    window, and a split between this window and the one before that chance gives with probability
    `CHANCE` at most (one-sided binomial test against the split of all threads, so that a tracker
    that grew as a whole makes nothing "rising"). `windows`: how many windows of `days` each entry's
    `recent` holds (at least 2). Raises `BadInputError` for a window of no days.
    """
    if days < 1:
        raise BadInputError("a window has at least 1 day")
    until = since_time(until) if until else newest(connection)
    if until is None:
        return Trends(None, None, days, (), (), ())
    since = days_before(until, days)
    growth = _growth(connection, until, days, windows)
    new, rising, fading = [], [], []
    now, before = sum(g.now for g in growth), sum(g.before for g in growth)
    share = now / (now + before) if now + before else 0.5
    for item in growth:
        total = item.now + item.before
        if item.entry.first_seen and since < item.entry.first_seen <= until:
            new.append(item)
        elif max(item.now, item.before) < FEWEST:
            continue
        elif _at_least(item.now, total, share) <= CHANCE:
            rising.append(item)
        elif _at_least(item.before, total, 1 - share) <= CHANCE:
            fading.append(item)
    new.sort(key=lambda g: (g.entry.first_seen or "", g.entry.entry_id), reverse=True)
    new.sort(key=lambda g: -g.now)  # of those seen as often, the newest first
    rising.sort(key=lambda g: (g.before - g.now, g.entry.entry_id))
    fading.sort(key=lambda g: (g.now - g.before, g.entry.entry_id))
    return Trends(
        since, until, days, tuple(new[:limit]), tuple(rising[:limit]), tuple(fading[:limit])
    )


def _at_least(successes: int, total: int, chance: float) -> float:
    """The probability of at least `successes` in `total` draws of probability `chance`."""
    if successes <= 0 or chance >= 1.0:
        return 1.0
    if chance <= 0.0:
        return 0.0
    # by logarithms: the binomial coefficients of an error with thousands of threads do not fit a
    # float
    whole, hit, miss = math.lgamma(total + 1), math.log(chance), math.log1p(-chance)
    terms = (
        whole - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * hit + (total - k) * miss
        for k in range(successes, total + 1)
    )
    return math.fsum(math.exp(term) for term in terms)


def _growth(
    connection: sqlite3.Connection, until: str, days: int, windows: int = 2
) -> list[Growth]:
    """Threads by entry in each of the last windows, for entries that have any in the last two."""
    edges = [days_before(until, days * n) for n in range(windows, -1, -1)]
    rows = sql.ask(connection, "entries.seen_between", edges[0], until)
    counts: dict[str, list[int]] = {}
    for row in rows:
        at = min(bisect_left(edges, row["created_at"]), windows) - 1
        counts.setdefault(row["entry_id"], [0] * windows)[at] += 1
    recent = {entry_id: found for entry_id, found in counts.items() if any(found[-2:])}
    known = entries_by_id(connection, sorted(recent))
    return [
        Growth(known[entry_id], tuple(found))
        for entry_id, found in recent.items()
        if entry_id in known
    ]


def groups(connection: sqlite3.Connection) -> dict[str, tuple[tuple[str, int], ...]]:
    """How many entries there are by `provider`, `tool`, `repo` and `grade`, most first."""
    kinds = ("provider", "tool", "grade", "repo")
    found = {kind: _pairs(connection, f"entries.by_{kind}") for kind in kinds}
    # a name in which something is redacted leads nowhere, and is no name of a provider or a tool
    return {
        kind: tuple((str(name), count) for name, count in rows if redact(str(name)) == str(name))
        for kind, rows in found.items()
    }


def months(connection: sqlite3.Connection, name: str) -> tuple[tuple[str, int], ...]:
    """How many threads with an entry's error were opened in each month (`YYYY-MM`), oldest first;
    months without one are left out. Raises `NotFoundError`.
    """
    rows = sql.ask(connection, "entries.months", resolve(connection, name))
    return tuple((month, count) for month, count in rows)


def doubtful_mentions(connection: sqlite3.Connection, most: int = 5) -> list[dict[str, Any]]:
    """The threads' main errors whose confidence is nearest to the threshold from which they belong
    to an entry, nearest first: `repo`, `number`, `confidence`, `counted`, `text` (redacted, one
    short line).
    """
    rows = sql.ask(
        connection, "mentions.near_threshold", at=ENTRY_CONFIDENCE, near=NEAR_ENTRY, most=most
    )
    found = []
    for row in map(dict, rows):
        text = shorten(redact(row.pop("raw")), 80)
        found.append({**row, "counted": bool(row["counted"]), "text": text})
    return found
