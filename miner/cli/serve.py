"""Commands that serve the knowledge base to others."""

from typing import Annotated

import typer

from kb.config import database_path
from miner.cli.options import Db, flag, note, option

app = typer.Typer()


@app.command("serve")
def serve_command(
    host: Annotated[str, option("Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, option("Port to listen on.", min=1, max=65535)] = 8001,
    allow_host: Annotated[
        list[str] | None, option("Another host name that browsers may use; may be repeated.")
    ] = None,
    allow_sql: Annotated[bool, flag("--allow-sql", "Let readers send SQL (read-only).")] = False,
    db: Db = None,
) -> int:
    """Shows the knowledge base in a browser, read-only, until interrupted.

    Example:

        faultlore serve --db demo-out/demo.db
    """
    from kb.links import is_loopback
    from kb.web import serve

    path = database_path(db)
    if not is_loopback(host):
        note(
            f"warning: with --host {host} everybody who reaches this machine can read the"
            " knowledge base; there is no password"
        )
    if allow_sql:
        note("warning: with --allow-sql readers can compute on stored text that is not redacted")
    note(f"http://{f'[{host}]' if ':' in host else host}:{port}/ (Ctrl-C ends it)")
    serve(path, host, port, hosts=allow_host or (), allow_sql=allow_sql)
    return 0


@app.command("mcp")
def mcp_command(db: Db = None) -> int:
    """Serves agents over the Model Context Protocol, on standard input and output.

    What an agent can ask is described at https://faultlore.github.io/faultlore/how-to/ask-agent/

    Example, as an agent starts it:

        faultlore mcp --db demo-out/demo.db
    """
    from kb.query.mcp import serve

    serve(database_path(db))
    return 0
