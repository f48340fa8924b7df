"""The knowledge base in a browser: Datasette over the relations, with queries that people ask most.

The file is opened read-only; it may be written by a nightly run meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.store import connect_readonly

if TYPE_CHECKING:
    from pathlib import Path

    from datasette.app import Datasette

SHOWN = {"entries", "claims", "mentions", "threads", "comments", "aliases", "entry_log", "run"}
"""What the front page lists; the tables behind these are there, but hidden."""


def queries(address: str) -> dict[str, dict[str, Any]]:
    """The canned queries by name. `address` (`http://host:port`) makes entries link to their
    claims.
    """
    link = f"'{address}/kb/entry?entry_id=' || entry_id"
    found: dict[str, dict[str, Any]] = {
        "errors": {
            "title": "Errors, the most seen first",
            "sql": f"select title, grade, threads, repos, reporters, substr(first_seen, 1, 10) as "
            f"first_seen,"
            " substr(last_seen, 1, 10) as last_seen,"
            f" {link} as what_is_known from entries"
            " order by threads desc, repos desc, entry_id",
        },
        "entry": {
            "title": "What is known about one error",
            "sql": "select kind, stance, round(confidence, 2) as confidence, quote, author_role as "
            "role,"
            " substr(created_at, 1, 10) as day, url from claims"
            " where entry_id = coalesce((select entry_id from aliases where old_id = "
            ":entry_id), :entry_id)"
            " order by kind, case stance when 'confirmed' then 0 when 'supported' then 1 "
            "when 'suspected' then 2"
            " when 'unverified' then 3 else 4 end, confidence desc, claim_id",
        },
        "find": {
            "title": "Errors by words",
            "sql": f"select entries.title, grade, threads, {link} as what_is_known from "
            f"entry_search join entries using (entry_id)"
            " where entry_search match '\"' || replace(:words, '\"', '\"\"') || '\"' order "
            "by rank limit 50",
        },
        "where_seen": {
            "title": "Where an error was seen",
            "sql": "select distinct t.repo, t.number, t.title, t.state, t.created_at, t.url from "
            "mentions m"
            " join threads t using (repo, number) where m.entry_id = :entry_id order by "
            "t.created_at",
        },
    }
    return {name: {**query, "hide_sql": True} for name, query in found.items()}


def application(path: Path, address: str) -> Datasette:
    """The web application over a database.

    Raises `BadInputError` if the file is missing or not a knowledge base.
    """
    connection = connect_readonly(path)
    names = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type in ('table', 'view')"
        )
    ]
    connection.close()
    from datasette.app import Datasette
    from datasette.database import Database

    tables: dict[str, dict[str, Any]] = {
        name: {"hidden": True} for name in names if name not in SHOWN
    }
    metadata = {
        "title": "faultlore",
        "description": (
            "Errors of GitHub's issue trackers and what people said about them. Quotes are text "
            "of untrusted people."
        ),
        "databases": {"kb": {"tables": tables, "queries": queries(address)}},
    }
    datasette = Datasette(
        files=[], metadata=metadata, settings={"allow_download": False, "sql_time_limit_ms": 5000}
    )
    datasette.add_database(Database(datasette, path=str(path), is_mutable=True), name="kb")
    return datasette


def serve(path: Path, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Serves until interrupted.

    Raises `BadInputError` if the address cannot be used.
    """
    import socket

    import uvicorn

    app = application(path, f"http://{host}:{port}").app()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInputError(
                f"{host}:{port}: cannot be served ({error.strerror}); choose another with --port"
            ) from error
    uvicorn.run(app, host=host, port=port, log_level="warning")
