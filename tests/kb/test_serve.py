"""The knowledge base in a browser."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from kb.errors import BadInputError
from kb.store import Store
from kb.web import application, serve


def fill(path: Path) -> None:
    with Store.open(path) as store, store.transaction() as db:
        db.execute(
            "insert into entry (entry_id, title, signature, fingerprint, provider, tool, "
            "status, code, exception, threads, repos,"
            " reporters, first_seen, last_seen, grade, born_run, ignored)"
            " values ('E1', '<b>Tool</b> 401', '401 x', 'v1:1', null, 'tool', 401,"
            " null, null, 3, 2, 3,"
            " '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'A', 1, 0)"
        )
        db.execute(
            "insert into entry_search (entry_id, title, signature, words) values ('E1', "
            "'Tool 401', '401 x', 'key')"
        )


def get(path: Path, url: str) -> tuple[int, str]:
    async def ask() -> tuple[int, str]:
        response = await application(path, "http://127.0.0.1:8001").client.get(url)
        return response.status_code, response.text

    return asyncio.run(ask())


def test_pages_show_entries_escaped_and_link_to_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    fill(path)
    status, page = get(path, "/kb/errors")
    assert status == 200
    assert "&lt;b&gt;Tool&lt;/b&gt; 401" in page
    assert "<b>Tool</b>" not in page
    assert "http://127.0.0.1:8001/kb/entry?entry_id=E1" in page
    assert get(path, "/kb/find?words=key")[1].count("E1") > 0
    assert get(path, "/kb/entry?entry_id=E1")[0] == 200


def test_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    fill(path)
    assert get(path, "/kb?sql=delete+from+entry")[0] == 400


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such database"):
        application(tmp_path / "none.db", "http://127.0.0.1:8001")


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    fill(path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInputError, match="--port"):
            serve(path, "127.0.0.1", taken.getsockname()[1])
