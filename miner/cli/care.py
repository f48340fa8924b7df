"""Commands that look after a knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from miner.cli.options import db_option, json_option, note, print_json

if TYPE_CHECKING:
    from kb.doctor import Finding


@click.command("serve")
@db_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8001,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
def serve_command(db: str | None, host: str, port: int) -> int:
    """Shows the knowledge base in a browser (read-only, until interrupted).

    \b
    Example:
      faultlore serve --db demo-out/demo.db
    """
    from kb.config import database_path
    from kb.web import serve

    path = database_path(db)
    note(f"http://{host}:{port}/kb/errors (Ctrl-C ends it)")
    serve(path, host, port)
    return 0


@click.command("doctor")
@click.option(
    "--offline",
    is_flag=True,
    help="Do not ask GitHub for the rate limit, the token's scopes and the time.",
)
@db_option
@json_option
def doctor_command(offline: bool, db: str | None, as_json: bool) -> int:
    """Looks at configuration, token, GitHub, clock, disk, database, rules and last runs; says what
    to do about each finding.

    \b
    Example:
      faultlore doctor --db demo-out/demo.db
    """
    from kb.config import database_path
    from kb.doctor import examine
    from miner.harvest.access import find_token
    from miner.nightly.github_status import ask_github
    from miner.pipeline import stage_versions

    findings = examine(
        database_path(db), find_token, stage_versions(), None if offline else ask_github
    )
    if as_json:
        print_json(
            [{"check": f.check, "ok": f.ok, "found": f.found, "remedy": f.remedy} for f in findings]
        )
    else:
        _print_findings(findings)
    return 0 if all(f.ok for f in findings) else 2


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.ok else click.style("look", fg="yellow")
        click.echo(
            f"{mark}  {finding.check}: {finding.found}"
            + (f"\n      {finding.remedy}" if finding.remedy else "")
        )


@click.command("curate")
@db_option
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    help="The curation file [default: that of faultlore.toml].",
)
@click.option(
    "--suggest",
    is_flag=True,
    help="List the pairs of entries nearest to the line between same and not.",
)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="How many pairs."
)
@json_option
def curate_command(
    db: str | None, path: Path | None, suggest: bool, limit: int, as_json: bool
) -> int:
    """Checks the curation file against the database, or suggests pairs that are worth a person's
    look.

    \b
    Example:
      faultlore curate --suggest --db demo-out/demo.db
    """
    from kb.config import database_path, find_config
    from kb.curation import check_curation, read_curation
    from kb.errors import BadInputError
    from kb.store import connect_readonly
    from miner.cluster import suggest as suggest_pairs

    config = find_config()
    connection = connect_readonly(database_path(db))
    try:
        if suggest:
            pairs = suggest_pairs(connection, limit)
            if as_json:
                print_json([pair.as_dict() for pair in pairs])
            else:
                for pair in pairs:
                    click.echo(pair.as_text())
            return 0 if pairs else 1
        path = path or (config.resolve(config.curation) if config.curation else None)
        if path is None:
            raise BadInputError(
                "faultlore.toml: names no curation file; set 'curation', use --file, or ask for --suggest"
            )
        check_curation(connection, read_curation(path))
        note(f"{path}: is in order")
        return 0
    finally:
        connection.close()
