"""Checks that nothing is said without a source: spans and quotes against the database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb import sql
from kb.errors import Problem
from kb.foreign import foreign, wrong_types
from kb.models import MAINTAINERS
from kb.notes.verify_export import quotes_in, verify_export

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["Problem", "quotes_in", "verify_database", "verify_export"]

# ---------------------------------------------------------------- the database


def verify_database(connection: sqlite3.Connection) -> list[Problem]:
    """Every claim, evidence and mention that does not match the stored text, and every relation
    that does not hold; where values are of a wrong type, only what is foreign. Sorted.
    """
    if any(wrong_types(connection)):
        return sorted(set(foreign(connection)))
    return sorted(set(_problems(connection)))


def first_problem(connection: sqlite3.Connection) -> Problem | None:
    """Something that is wrong with a database; None for a sound one."""
    return next(_problems(connection), None)


def _problems(connection: sqlite3.Connection) -> Iterator[Problem]:
    yield from foreign(connection)
    yield from _mentions(connection)
    yield from _claims(connection)
    yield from _evidence(connection)
    yield from _relations(connection)


def _dicts(connection: sqlite3.Connection, name: str) -> Iterator[dict[str, Any]]:
    cursor = sql.ask(connection, name)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _source(connection: sqlite3.Connection, row: dict[str, Any]) -> tuple[Any, ...] | None:
    """Text, address, author, association and time of removal of the place that a row quotes."""
    place, field = (row["repo"], row["number"]), row["field"]
    found = None
    if row["comment_id"] is not None:
        if field == "body":
            found = sql.first(connection, "threads.comment", row["comment_id"], *place)
    elif field in ("title", "body"):
        found = sql.first(connection, f"threads.{field}", *place)
    return tuple(found) if found is not None else None


def _span(row: dict[str, Any], text: str, quote: str) -> str | None:
    """What is wrong with a span, or None."""
    start, end = row["start"], row["end"]
    if not isinstance(text, str) or not isinstance(start, int) or not isinstance(end, int):
        return "its text or its span is of another type"
    if not 0 <= start < end <= len(text):
        return f"its span {start}-{end} is not within the stored text of {len(text)} characters"
    if text[start:end] != quote or not isinstance(quote, str):
        what = f"{quote[:60]!r} against {text[start:end][:60]!r}"
        return f"its quote is not the stored text from {start} to {end}: {what}"
    return None


def _quoted(source: tuple[Any, ...] | None, row: dict[str, Any], quote: str) -> Iterator[str]:
    """What is wrong with a quote and the place that it is from."""
    if source is None:
        yield "the text it quotes is not stored"
        return
    if wrong := _span(row, source[0], quote):
        yield wrong
    if source[4] is not None:
        yield "the comment it quotes was deleted on GitHub"


def _mentions(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in _dicts(connection, "mentions.all"):
        where = f"mention {row['mention_id']} ({row['repo']}#{row['number']})"
        for wrong in _quoted(_source(connection, row), row, row["raw"]):
            yield Problem(where, wrong)


def _claims(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in _dicts(connection, "claims.all"):
        where = f"claim {row['claim_id']} ({row['repo']}#{row['number']})"
        source = _source(connection, row)
        for wrong in _quoted(source, row, row["quote"]):
            yield Problem(where, wrong)
        if source is None:
            continue
        yield from _same(where, row, source)
        role, association = row["author_role"], row["association"]
        if role == "bot":
            yield Problem(where, "a bot is no source")
        if (role == "maintainer") != (association in MAINTAINERS):
            what = f"its author is held for {role!r} and has association {association!r}"
            yield Problem(where, what)


def _same(where: str, row: dict[str, Any], source: tuple[Any, ...]) -> Iterator[Problem]:
    for name, stored in zip(("url", "author", "association"), source[1:4], strict=True):
        if row[name] != stored:
            yield Problem(where, f"its {name} is {row[name]!r}, the stored one is {stored!r}")


def _evidence(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in _dicts(connection, "claims.all_evidence"):
        where = f"evidence {row['claim_id']}/{row['position']} ({row['role']})"
        row["repo"], row["number"] = row["at_repo"], row["at_number"]
        source = _source(connection, row)
        for wrong in _quoted(source, row, row["quote"]):
            yield Problem(where, wrong)
        if source is not None and row["role"] == "merged":
            yield from _merge(connection, where, row)
        elif source is not None:
            yield from _same(where, row, source)


def _merge(connection: sqlite3.Connection, where: str, row: dict[str, Any]) -> Iterator[Problem]:
    """A merged pull request: its address, and the time of the merge as stored."""
    found = re.fullmatch(r"https://[^/\s]+/([^/\s]+/[^/\s]+)/pull/(\d{1,18})", row["url"])
    if found is None:
        yield Problem(where, f"its address is no pull request's: {row['url'][:100]!r}")
        return
    repo, number = found[1], int(found[2])
    times = sql.ask(connection, "threads.merges", repo, number)
    at = row["created_at"]
    if at is None or at not in {time for (time,) in times}:
        yield Problem(where, f"no stored pull request {repo}#{number} was merged at {at}")


def _relations(connection: sqlite3.Connection) -> Iterator[Problem]:
    for where, what in sql.ask(connection, "checks.relations"):
        yield Problem(where, what)
    for row in sql.ask(connection, "file.orphans"):
        yield Problem(
            f"table {row[0]}", f"row {row[1]} points to a row of {row[2]} that is not there"
        )
