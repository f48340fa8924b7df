"""Counts entries anew: title, fields, reports, and the words they are found by."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

from kb import sql
from kb.history import surviving
from kb.matching.blocking import signature_of
from kb.providers import providers
from kb.signature.title import title_of

SEARCHED_SIGNATURES = 40
"""Other wordings of an entry that full-text search knows."""

SEARCHED_THREADS = 20
"""Threads of an entry whose titles and first words full-text search knows."""
SEARCHED_CHARS = 400
"""Characters of a thread's own words, without fenced blocks, that it knows."""

_FENCED = re.compile(r"```.*?(?:```|\Z)", re.S)
_IMITATED = frozenset(row.name for row in providers() if row.imitated)
_COUNTED = ("provider", "tool", "status", "code", "exception")


def refresh_entries(connection: sqlite3.Connection, entry_ids: Iterable[str]) -> None:
    """Counts entries anew from the mentions they have now; ids that are no entry (any more) are
    passed over.

    Must run inside a transaction. Title, signature and fields are those of most threads, ties
    broken by name, so that they do not depend on order; a title of the curation file goes first.
    `grade` is left as it is.
    """
    lines = sql.column(connection, "entries.given_titles")
    titled = (line.split(" ", 2)[1:] for line in lines)
    titles = {surviving(connection, entry): title for entry, title in titled}
    for entry_id in entry_ids:
        row = sql.first(connection, "entries.signature", entry_id)
        if row is not None:
            _refresh(connection, entry_id, titles.get(entry_id))


def _refresh(connection: sqlite3.Connection, entry_id: str, title: str | None) -> None:
    rows = sql.ask(connection, "entries.counted_mentions", entry_id).fetchall()
    if not rows:
        sql.write(connection, "entries.set_unseen", entry_id)
        sql.write(connection, "search.drop", entry_id)
        return
    texts = {r["fingerprint"]: r for r in sql.ask(connection, "signatures.all_of_entry", entry_id)}
    seen = {(row["fingerprint"], row["repo"], row["number"]) for row in rows}
    order = Counter(fingerprint for fingerprint, _, _ in seen)
    best = texts[min(order, key=lambda f: (-order[f], texts[f]["first_seen"] or "", f))]
    fields = {name: _most(rows, name) for name in _COUNTED}
    threads = {(r["repo"], r["number"]) for r in rows}
    served = {(r["repo"], r["number"]): r["provider"] for r in rows if r["provider"]}
    sure = {thread: name for thread, name in served.items() if name not in _IMITATED}
    if 2 * len(sure) >= len(threads):
        served = sure  # the others say only whose client it was
    names = set(served.values())
    agreed = len(names) == 1 and 2 * len(served) >= len(threads)
    fields["provider"] = names.pop() if agreed else None  # said by several, or seldom known
    signature = shown = signature_of(best)._replace(**fields)
    if 2 * order[best["fingerprint"]] < len(threads):
        shown = shown._replace(text=common_words(best["text"], [texts[f]["text"] for f in order]))
    # its commonest real form; of equally common ones the first by letter
    seen_as = sql.value(connection, "mentions.commonest_form", best["fingerprint"])
    title = title or title_of(shown, seen_as or "")
    times = [r["created_at"] for r in rows if r["created_at"]]
    counted = {
        "title": title,
        "signature": signature.text,
        "fingerprint": signature.fingerprint,
        **fields,
        "threads": len(threads),
        "repos": len({repo for repo, _ in threads}),
        "reporters": len({r["author"] for r in rows if r["author"]}),
        "first_seen": min(times, default=None),
        "last_seen": max(times, default=None),
    }
    sql.write(connection, "entries.set_counted", entry_id=entry_id, **counted)
    others = sorted(order.keys() - {best["fingerprint"]}, key=lambda f: (-order[f], f))
    words = [texts[f]["text"][:300] for f in others[:SEARCHED_SIGNATURES]]
    words += [*(str(v) for v in fields.values() if v), *signature.objects]
    sql.write(
        connection,
        "search.put",
        entry_id,
        title,
        signature.text,
        " ".join(words),
        _said(connection, threads),
    )


MOST_NAMES = 2
"""Words at most that stand in the place of others in another wording of one failure."""


def common_words(text: str, others: Iterable[str]) -> str:
    """A message without the names that other wordings of the failure have others for: "unknown
    name <name> at <path>". A wording that shares less than half of the words has no such names.
    """
    tokens = text.split(" ")
    swapped: set[int] = set()
    for other in others:
        pairs = [*zip(tokens, other.split(" "), strict=False)]
        here = {at for at, (one, two) in enumerate(pairs) if one != two}
        if len(here) <= min(MOST_NAMES, (len(pairs) - 1) // 2):
            swapped |= here
    for at in swapped:
        tokens[at] = "<name>" + (
            tokens[at][-1] if tokens[at].endswith((",", ":", ";", ".")) else ""
        )
    return " ".join(tokens)


def _said(connection: sqlite3.Connection, threads: set[tuple[str, int]]) -> str:
    """Titles and first words of threads, for those who have no error text at hand."""
    said = []
    for key in sorted(threads)[:SEARCHED_THREADS]:
        row = sql.first(connection, "threads.beginning", *key)
        if row is not None:
            said.append(f"{row[0]} {' '.join(_FENCED.sub(' ', row[1]).split())[:SEARCHED_CHARS]}")
    return " ".join(said)


def _most(rows: list[sqlite3.Row], name: str) -> Any:
    named = {(row[name], row["repo"], row["number"]) for row in rows if row[name] is not None}
    counts = Counter(value for value, _, _ in named)
    return min(counts, key=lambda value: (-counts[value], value), default=None)
