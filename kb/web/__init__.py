"""The knowledge base in a browser: a plugin of Datasette with pages of its own, read-only.

The file is opened for reading; it may be written by a nightly run meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb import sql
from kb.errors import BadInputError
from kb.store import connect_readonly

if TYPE_CHECKING:
    from datasette.app import Datasette

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def application(
    path: Path, *, host: str = "127.0.0.1", hosts: Iterable[str] = (), allow_sql: bool = False
) -> Datasette:
    """The web application over a database. `hosts`: more names by which it may be asked, beside
    `host` and the loopback ones; `allow_sql`: readers may send SQL.

    Raises `BadInputError` if the file is missing or not a knowledge base.
    """
    connection = connect_readonly(path)
    names = sql.column(connection, "file.relations")
    connection.close()
    from datasette.database import Database

    from kb.query.knowledge import KnowledgeBase
    from kb.web.pages import Pages
    from kb.web.plugin import SHOWN, Application
    from kb.web.render import HERE

    tables: dict[str, Any] = {name: {"hidden": True} for name in names if name not in SHOWN}
    description = "Quotes are text of people in public issue threads. Keys are redacted."
    known = frozenset(name.lower() for name in (*LOOPBACK, host, *hosts))
    datasette = Application(
        Pages(KnowledgeBase(path)),
        known,
        allow_sql=allow_sql,
        metadata={
            "title": "faultlore",
            "description": description,
            "databases": {"kb": {"tables": tables}},
        },
        settings={
            "allow_download": False,
            "allow_facet": False,
            "suggest_facets": False,
            "default_allow_sql": allow_sql,
            "sql_time_limit_ms": 5000,
            "max_returned_rows": 500,
            "truncate_cells_html": 300,
        },
        template_dir=str(HERE / "templates"),
    )
    datasette.add_database(Database(datasette, path=str(path), is_mutable=True), name="kb")
    return datasette


def serve(
    path: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    *,
    hosts: Iterable[str] = (),
    allow_sql: bool = False,
    begins: Callable[[], None] = lambda: None,
) -> None:
    """Serves until interrupted; `begins` is called once it can.

    Raises `BadInputError` if the address cannot be used.
    """
    import socket

    import uvicorn

    app = application(path, host=host, hosts=hosts, allow_sql=allow_sql).app()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, TypeError, ValueError) as error:
            # a name that is none is no OSError
            reason = getattr(error, "strerror", None) or error
            raise BadInputError(
                f"{host}:{port}: cannot be served ({reason}); choose another --host or --port"
            ) from error
    begins()
    uvicorn.run(app, host=host, port=port, log_level="warning")
