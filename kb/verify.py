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

_TEXTS = {
    name: f"select {name}, url, author, association, null from thread where repo = ? and number = ?"
    for name in ("title", "body")
}
_COMMENT = (
    "select body, url, author, association, gone_at from comment where comment_id = ? and repo = "
    "? and number = ?"
)


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


def _dicts(connection: sqlite3.Connection, query: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _source(connection: sqlite3.Connection, row: dict[str, Any]) -> tuple[Any, ...] | None:
    """Text, address, author, association and time of removal of the place that a row quotes."""
    place = row["repo"], row["number"]
    found = None
    if row["comment_id"] is None:
        if query := _TEXTS.get(row["field"]):
            found = connection.execute(query, place).fetchone()
    elif row["field"] == "body":
        found = sql.first(connection, "threads.comment", row["comment_id"], *place)
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
    for row in _dicts(connection, "select * from mention"):
        where = f"mention {row['mention_id']} ({row['repo']}#{row['number']})"
        for wrong in _quoted(_source(connection, row), row, row["raw"]):
            yield Problem(where, wrong)


def _claims(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in _dicts(connection, "select * from claim"):
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
    query = (
        "select e.*, coalesce(e.repo, c.repo) as at_repo, coalesce(e.number, c.number) as"
        " at_number from evidence e left join claim c using (claim_id)"
    )
    for row in _dicts(connection, query):
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


_RELATIONS = (
    "select 'thread ' || repo || '#' || number, 'has ' || count(*) || ' main errors'"
    " from mention where is_primary group by repo, number having count(*) > 1",
    "select 'claim ' || claim_id, 'speaks of an error that its thread does not mention' from "
    "claim c where about is not null"
    " and not exists (select 1 from mention m where m.repo = c.repo and m.number = c.number "
    "and m.fingerprint = c.about)",
    "select 'claim ' || claim_id, 'says the same as a claim that is not stored: ' || says "
    "from claim c where says is not null"
    " and not exists (select 1 from claim o where o.claim_id = c.says)",
    "select 'signature ' || fingerprint, 'belongs to an entry that is not stored: ' || "
    "entry_id from signature"
    " where entry_id is not null and entry_id not in (select entry_id from entry)",
    "select 'alias ' || old_id, 'leads to an entry that is not stored: ' || entry_id from alias"
    " where entry_id not in (select entry_id from entry)",
    "select 'alias ' || old_id, 'is an entry of its own' from alias"
    " where old_id in (select entry_id from entry)",
)


def _relations(connection: sqlite3.Connection) -> Iterator[Problem]:
    for query in _RELATIONS:
        for where, what in connection.execute(query):
            yield Problem(where, what)
    for row in sql.ask(connection, "file.orphans"):
        yield Problem(
            f"table {row[0]}", f"row {row[1]} points to a row of {row[2]} that is not there"
        )
