"""Commands that write documents and check them."""

from __future__ import annotations

from pathlib import Path

import click

from miner.cli.options import db_option, json_option, note, print_json


@click.command("export")
@click.option("--format", "kind", type=click.Choice(["note", "page", "candidates"]), default="note", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write into.")
@click.option("--min-threads", type=click.IntRange(1), default=1, show_default=True, help="Leave out entries with fewer threads.")
@db_option
@json_option
def export_command(kind: str, out: Path, min_threads: int, db: str | None, as_json: bool) -> int:
    """Writes evidence notes into a folder; files that a person changed there are kept and reported.

    \b
    Example:
      faultlore export --format note --out notes --db demo.db
    """
    from kb.config import database_path
    from kb.errors import BadInputError
    from kb.export import export_notes
    from kb.store import connect_readonly

    if kind != "note":
        raise BadInputError(f"--format {kind} is not written yet; --format note is")
    connection = connect_readonly(database_path(db))
    try:
        report = export_notes(connection, out, min_threads)
    finally:
        connection.close()
    for name in report.kept:
        note(f"faultlore: {out / name}: was changed by hand and is kept; remove it to have it written anew")
    note(f"{len(report.written)} written, {report.unchanged} as before, {len(report.removed)} removed, {len(report.kept)} kept")
    if as_json:
        print_json({"written": report.written, "unchanged": report.unchanged, "removed": report.removed, "kept": report.kept})
    return 0
