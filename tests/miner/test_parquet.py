"""Threads from Parquet, relations to Parquet."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kb.errors import BadInputError
from kb.notes.export import documents
from kb.store import Store, connect_readonly, load_thread
from miner.harvest.files import import_files
from miner.harvest.sources import import_from
from tests.support.cli import Output, faultlore
from tests.support.threads import comment, thread

THREADS = [
    thread(1, "It fails", "Error: one", [comment(5, "here too")], events=[{"id": 3, "event": "x"}]),
    thread(2, "It fails again", "Error: two", pull_request={"merged_at": None}),
]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_table_brings_what_the_lines_bring(tmp_path: Path, as_text: bool) -> None:
    rows = [
        {n: json.dumps(v) if as_text and n != "repo" else v for n, v in one.items()}
        for one in THREADS
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    lines = tmp_path / "t.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in THREADS))
    found = []
    for name in ("parquet", "files"):
        with Store.open(tmp_path / f"{name}.db") as store:
            seen: list[int] = []
            path = str(tmp_path / "t.parquet") if name == "parquet" else str(lines)
            report = import_from(store, name, [path], seen.append)
            assert (report.threads.new, report.comments.new, report.problems) == (2, 1, [])
            found.append([load_thread(store.connection, "acme/tool", n) for n in (1, 2)])
    assert found[0] == found[1]


def test_times_may_be_timestamps_and_bad_rows_cost_no_other(store: Store, tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {"repo": "a/b", "issue": {"number": 1, "title": "t", "created_at": at}},
        {"repo": "none", "issue": {"number": 2, "title": "t", "created_at": at}},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    report = import_from(store, "parquet", [str(tmp_path / "t.parquet")])
    assert report.threads.new == 1
    assert [str(p).split(":", 1)[1] for p in report.problems] == [
        "2: repo is 'none', expected 'owner/name'"
    ]


def test_what_is_no_table_of_threads_is_said_to_be_none(store: Store, tmp_path: Path) -> None:
    (tmp_path / "no.parquet").write_bytes(b"PAR1 not really")
    pq.write_table(pa.Table.from_pylist([{"repo": "a/b"}]), tmp_path / "other.parquet")
    for name, reason in (("no", "is no Parquet file"), ("other", "has no columns repo")):
        with pytest.raises(BadInputError, match=reason):
            import_from(store, "parquet", [str(tmp_path / f"{name}.parquet")])


def test_relations_leave_as_tables_without_secrets(
    tmp_path: Path, demo_db: Path, capsys: Output
) -> None:
    out = tmp_path / "tables"
    status, _, _ = faultlore(
        capsys, "export", "--format", "parquet", "--out", str(out), "--db", str(demo_db)
    )
    assert status == 0
    connection = connect_readonly(demo_db)
    for name in ("threads", "mentions", "entries", "claims"):
        table = pq.read_table(out / f"{name}.parquet")
        rows = connection.execute(f"select * from {name}").fetchall()
        assert table.num_rows == len(rows) > 0
        assert table.column_names == list(rows[0].keys())
    assert documents(connection, "parquet") == documents(connection, "parquet")
    connection.close()
    key = "sk-proj-" + "aB3dE5fG7h" * 5
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(thread(1, "401", f"api key {key}")) + "\n")
    with Store.open(tmp_path / "kb.db") as store:
        import_files(store, [path])
        tables = documents(store.connection, "parquet")
    body = pq.read_table(pa.BufferReader(tables["threads.parquet"]))["body"].to_pylist()[0]
    assert key not in body
    assert body.startswith("api key ")


def test_nothing_but_parquet_needs_pyarrow() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None; import miner.harvest.sources as s;"
        "from kb.notes.formats import format_named; format_named('parquet');"
        "assert 'parquet' in s.source_names()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
