"""Commands that write documents and check them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.config import FORMATS
from kb.errors import BadInputError
from kb.notes.targets import TARGETS
from miner.cli.options import AsJson, Db, note, plural, print_json, setting

if TYPE_CHECKING:
    from kb.notes.export import Options
    from kb.notes.folder import ExportReport

app = typer.Typer()

Target = Annotated[
    str | None,
    setting(
        f"The site generator: {', '.join(TARGETS)}.",
        "commonmark",
        metavar="NAME",
        autocompletion=lambda: list(TARGETS),
    ),
]


@contextmanager
def reading(db: str | None) -> Iterator[sqlite3.Connection]:
    """One committed state of the database, whatever a nightly run writes meanwhile."""
    from contextlib import closing

    from kb.config import database_path
    from kb.store import connect_readonly

    with closing(connect_readonly(database_path(db))) as connection:
        connection.execute("begin")
        yield connection


@app.command("export")
def export_command(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to write into.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            autocompletion=lambda: list(FORMATS),
            help=f"What to write: {', '.join(FORMATS)}.",
        ),
    ] = "note",
    target: Target = None,
    min_threads: Annotated[
        int | None, setting("Leave out entries with fewer threads.", "1", min=1, max=1_000_000)
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Writes evidence notes, pages or candidate records into a folder.

    Files that a person changed there are kept and named.

    Example:

        faultlore export --format page --target astro --out site/src/content/errors --db demo.db
    """
    from kb.config import find_config
    from kb.notes.export import export_to
    from miner.cli.settings import export_options

    if form not in FORMATS:
        raise BadInputError(f"--format {form!r} is not known; known: {', '.join(FORMATS)}")
    options = export_options(find_config(), target=target, min_threads=min_threads)
    if form == "page":
        _prepare(db, options)
    with reading(db) as connection:
        report = export_to(connection, form, out, options)
    _print_report(report, out)
    if as_json:
        print_json(asdict(report))
    return 0


def _prepare(db: str | None, options: "Options") -> None:
    """Gives new entries their address; opens the database for writing only if there are any."""
    from kb.config import database_path
    from kb.notes.export import needs_preparing, prepare
    from kb.store import Store

    with reading(db) as connection:
        if not needs_preparing(connection, options.min_threads):
            return
    with Store.open(database_path(db), wait=10.0) as store:
        prepare(store, options.min_threads)


def _print_report(report: "ExportReport", out: Path) -> None:
    """Says what an export did, files kept for a person by name."""
    for name in report.kept:
        note(
            f"faultlore: {out / name}: was changed by hand and is kept;"
            " remove it to have it written anew"
        )
    note(
        f"{len(report.written)} written, {report.unchanged} as before,"
        f" {len(report.removed)} removed, {len(report.kept)} kept"
    )


@app.command("verify")
def verify_command(
    folder: Annotated[
        Path | None,
        typer.Option("--export", metavar="FOLDER", help="A folder of exported Markdown to check."),
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Checks that every quote still is the stored text, here and in an export.

    Exits with 1 if one is not.

    Example:

        faultlore verify --export evidence --db demo.db
    """
    from kb.verify import verify_database, verify_export

    if folder is not None and not folder.is_dir():
        raise BadInputError(
            f"{folder}: no such folder; --export wants one that 'faultlore export' wrote"
        )
    with reading(db) as connection:
        problems = verify_database(connection)
        if folder is not None:
            problems += verify_export(connection, folder)
    for problem in problems[:200]:
        note(f"faultlore: {problem}")
    note(plural(len(problems), "problem") if problems else "every quote is as stored")
    if as_json:
        print_json({"problems": [asdict(problem) for problem in problems]})
    return 1 if problems else 0
