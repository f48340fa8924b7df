"""Threads, mentions, entries and claims as Parquet tables, for analysis elsewhere: the relations of
the database with all their columns. Texts are redacted as in documents, so `start` and `end` count
in the database's text.
"""

from __future__ import annotations

import io
import sqlite3
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.redact import redact
from kb.rows import all_rows

if TYPE_CHECKING:
    from kb.notes.options import Options

folder = "parquet"
needs_addresses = False

RELATIONS = {
    "threads": "repo, number",
    "mentions": "repo, number, mention_id",
    "entries": "entry_id",
    "claims": "claim_id",
}
"""What is exported, and in which order."""
_NUMBERS = frozenset(
    {"number", "comment_id", "start", "end", "is_primary", "mention_id", "status", "counted"}
) | {"threads", "repos", "reporters", "published"}
_FRACTIONS = frozenset({"confidence"})
_ROWS = 5_000
"""Rows of a group: so many are in memory at a time."""


def make(connection: sqlite3.Connection, options: Options) -> dict[str, bytes]:
    """File name to a table. All rows: what `options` says of documents is not heeded."""
    del options
    return {f"{name}.parquet": _table(connection, name, by) for name, by in RELATIONS.items()}


def _table(connection: sqlite3.Connection, name: str, by: str) -> bytes:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise BadInputError(
            "writing Parquet needs pyarrow; install it: pip install 'faultlore[parquet]'"
        ) from None
    rows = all_rows(connection, name, by)
    columns = [column[0] for column in rows.description]
    kinds = {**dict.fromkeys(_NUMBERS, pa.int64()), **dict.fromkeys(_FRACTIONS, pa.float64())}
    schema = pa.schema([(column, kinds.get(column, pa.string())) for column in columns])
    out = io.BytesIO()
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while batch := rows.fetchmany(_ROWS):
            made = [[_value(row[i]) for row in batch] for i in range(len(columns))]
            writer.write_table(pa.table(made, schema=schema))
    return out.getvalue()


def _value(value: Any) -> Any:
    return redact(value) if isinstance(value, str) else value
