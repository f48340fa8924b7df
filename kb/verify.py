"""Checks that nothing is said without a source: spans and quotes against the database; and what in
it did not come from this program, for a file may be anybody's. Readers run no trigger and call no
function that has effects (`kb.store`), and every name and link is checked where it leaves.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from kb import lazy_re as re
from kb import sql
from kb.errors import Problem
from kb.links import is_link
from kb.models import MAINTAINERS
from kb.notes.verify_export import outdated, quotes_in, verify_export
from kb.schema import (
    changed_views,
    columns_of,
    count_wrong_types,
    foreign_triggers,
    stored_columns,
)

__all__ = ["Problem", "outdated", "quotes_in", "verify_database", "verify_export"]

# ---------------------------------------------------------------- the database


_ID = re.compile(r"E[0-9A-Z]{1,30}\Z")
_CLAIM_ID = re.compile(r"C[0-9a-f]{1,40}\Z")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_REPO = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z")
_FORMS = {
    "entry.entry_id": (_ID, "is no id of an entry"),
    "alias.old_id": (_ID, "is no id of an entry"),
    "claim.claim_id": (_CLAIM_ID, "is no id of a claim"),
    "slug.slug": (_SLUG, "is no address of a page"),
    "thread.repo": (_REPO, "is no repository"),
    "comment.repo": (_REPO, "is no repository"),
}
"""What a name looks like, by column."""
_MOST = 20
"""Problems of one kind that are listed."""


def verify_database(connection: sqlite3.Connection) -> list[Problem]:
    """Every claim, evidence and mention that does not match the stored text, and every relation
    that does not hold; where values are of a wrong type, only what is foreign. Sorted.
    """
    problems = foreign if any(wrong_types(connection)) else _problems
    return sorted(set(problems(connection)))


def first_problem(connection: sqlite3.Connection) -> Problem | None:
    """Something that is wrong with a database; None for a sound one."""
    return next(_problems(connection), None)


def _problems(connection: sqlite3.Connection) -> Iterator[Problem]:
    yield from foreign(connection)
    yield from _mentions(connection)
    yield from _claims(connection)
    yield from _evidence(connection)
    yield from _relations(connection)


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
    for row in map(dict, sql.ask(connection, "mentions.all")):
        where = f"mention {row['mention_id']} ({row['repo']}#{row['number']})"
        for wrong in _quoted(_source(connection, row), row, row["raw"]):
            yield Problem(where, wrong)


def _claims(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in map(dict, sql.ask(connection, "claims.all")):
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
    for row in map(dict, sql.ask(connection, "claims.all_evidence")):
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


# ---------------------------------------------------------------- what others made


def foreign(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Damage, and what this program would not have written."""
    for row in sql.ask(connection, "file.damage", _MOST):
        yield Problem("file", f"is damaged: {str(row[0])[:200]}")
    for name in foreign_triggers(connection):
        yield Problem(f"trigger {name}", "was not made by faultlore")
    for name in changed_views(connection):
        yield Problem(f"view {name}", "is not the one that faultlore makes")
    yield from wrong_types(connection)
    for column, (form, wrong) in _FORMS.items():
        values = (row[0] for row in sql.ask(connection, f"checks.{column.replace('.', '_')}"))
        bad = [one for one in values if not isinstance(one, str) or not form.match(one)]
        table, _, name = column.partition(".")
        for value in sorted(map(repr, bad))[:_MOST]:
            yield Problem(f"table {table}", f"{name} {value[:80]} {wrong}")
    yield from _links(connection)
    for table, column, time in sql.ask(connection, "checks.times"):
        yield Problem(f"table {table}", f"{column} {str(time)[:40]!r} is no time")
    for table, wrong in sql.ask(connection, "checks.confidences"):
        yield Problem(f"table {table}", f"{wrong} values of confidence are not from 0 to 1")


def wrong_types(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Tables that are not ours, and values of other types, which SQLite takes."""
    for table, columns in stored_columns().items():
        if missing := sorted(columns.keys() - columns_of(connection, table).keys()):
            yield Problem(f"table {table}", f"has no column {', '.join(missing)}")
            continue
        for name, count in count_wrong_types(connection, table).items():
            kind, _ = columns[name]
            yield Problem(f"table {table}", f"{count} values of {name} are not of type {kind}")


def _links(connection: sqlite3.Connection) -> Iterator[Problem]:
    listed: Counter[str] = Counter()
    for table, url in sql.ask(connection, "checks.links"):
        if not is_link(url) and listed[table] < _MOST:
            listed[table] += 1
            yield Problem(f"table {table}", f"{str(url)[:100]!r} is no link to a thread")
