"""Commands that serve the knowledge base to others."""

from typing import Annotated

import typer

from miner.cli.options import Db, note

app = typer.Typer()


@app.command("serve")
def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8001,
    db: Db = None,
) -> int:
    """Shows the knowledge base in a browser, read-only, until interrupted.

    Example:

        faultlore serve --db demo-out/demo.db
    """
    from kb.config import database_path
    from kb.web import serve

    path = database_path(db)
    note(f"http://{host}:{port}/kb/errors (Ctrl-C ends it)")
    serve(path, host, port)
    return 0


@app.command("mcp")
def mcp_command(db: Db = None) -> int:
    """Serves agents over the Model Context Protocol, on standard input and output.

    What an agent can ask is described in docs/agents.md.

    Example, as an agent starts it:

        faultlore mcp --db demo.db
    """
    from kb.config import database_path
    from kb.query.mcp import serve

    serve(database_path(db))
    return 0
