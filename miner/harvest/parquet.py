"""Threads from Parquet files: columns of the import format, as structures or as JSON in a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb.errors import BadInputError
from kb.store import Store
from miner.harvest.files import checked_files
from miner.harvest.sources import Document, ImportReport, store_threads

ROWS = 200
"""Rows that are held in memory at a time."""
COLUMNS = ("repo", "issue", "comments", "events")


def bring(store: Store, arguments: Sequence[str], advance: Callable[[int], None]) -> ImportReport:
    """Imports the tables of these files; a row is numbered as a line is, from 1."""
    paths = checked_files(arguments)
    return store_threads(store, (one for path in paths for one in _documents(path, advance)))


def _documents(path: Path, advance: Callable[[int], None]) -> Iterator[Document]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise BadInputError(
            "reading Parquet needs pyarrow; install it: pip install 'faultlore[parquet]'"
        ) from None
    try:
        with pq.ParquetFile(path) as file:
            names = [name for name in COLUMNS if name in file.schema_arrow.names]
            if names[:2] != list(COLUMNS[:2]):
                missing = "has no columns repo and issue; see docs/import-format"
                raise BadInputError(f"{path}: {missing}")
            number, size = 0, path.stat().st_size / max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=ROWS, columns=names):
                for row in batch.to_pylist():
                    number += 1
                    yield _document(path, number, row)
                advance(int(size * batch.num_rows))
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise BadInputError(f"{path}: is no Parquet file that can be read ({reason})") from None


def _document(path: Path, number: int, row: dict[str, Any]) -> Document:
    thread = {}
    try:
        for name, value in row.items():
            is_json = name != "repo" and isinstance(value, str)
            thread[name] = _plain(json.loads(value) if is_json else value)
    except (ValueError, RecursionError) as error:
        return Document(str(path), number, reason=f"a column holds no JSON: {error}")
    return Document(str(path), number, thread)


def _plain(value: Any) -> Any:
    """A value as JSON has it: times are texts, and what a structure leaves empty is not there."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value
