"""Commands that write documents, check them, and keep an existing site's pages in step with the knowledge base."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miner.cli.options import db_option, json_option, note, print_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kb.export import Options
    from kb.folder import ExportReport

TARGET_NAMES = ("commonmark", "astro", "mdx", "hugo", "jekyll", "mkdocs")

target_option = click.option(
    "--target", type=click.Choice(TARGET_NAMES), help="The site generator [default: that of faultlore.toml, else commonmark]."
)


def _options(target: str | None, min_threads: int | None) -> Options:
    from kb.config import find_config
    from kb.export import Options
    from kb.targets import target_named

    export = find_config().export
    return Options(
        target=target_named(target or export.target),
        min_threads=export.min_threads if min_threads is None else min_threads,
        categories=export.categories,
        notes=export.notes_url,
    )


@contextmanager
def _reading(db: str | None) -> Iterator[sqlite3.Connection]:
    from kb.config import database_path
    from kb.store import connect_readonly

    connection = connect_readonly(database_path(db))
    try:
        # one committed state for the whole export, whatever a nightly run writes meanwhile
        connection.execute("begin")
        yield connection
    finally:
        connection.close()


@click.command("export")
@click.option("--format", "kind", type=click.Choice(["note", "page", "candidates"]), default="note", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write into.")
@target_option
@click.option(
    "--min-threads", type=click.IntRange(1), help="Leave out entries with fewer threads [default: that of faultlore.toml, else 1]."
)
@db_option
@json_option
def export_command(kind: str, out: Path, target: str | None, min_threads: int | None, db: str | None, as_json: bool) -> int:
    """Writes evidence notes, pages or candidate records into a folder; files that a person changed there are kept and reported.

    \b
    Example:
      faultlore export --format page --target astro --out site/src/content/errors --db demo.db
    """
    from kb.export import export_to

    options = _options(target, min_threads)
    if kind == "page":
        _prepare(db, options)
    with _reading(db) as connection:
        report = export_to(connection, kind, out, options)
    report_export(report, out, as_json=as_json)
    return 0


def _prepare(db: str | None, options: Options) -> None:
    """Gives new entries their address; opens the database for writing only if there are any."""
    from kb.config import database_path
    from kb.export import needs_preparing, prepare
    from kb.store import Store

    with _reading(db) as connection:
        if not needs_preparing(connection, options.min_threads):
            return
    with Store.open(database_path(db), wait=10.0) as store:
        prepare(store, options.min_threads)


def report_export(report: ExportReport, out: Path, *, as_json: bool) -> None:
    """Tells what an export did, files kept for a person by name."""
    for name in report.kept:
        note(f"faultlore: {out / name}: was changed by hand and is kept; remove it to have it written anew")
    note(f"{len(report.written)} written, {report.unchanged} as before, {len(report.removed)} removed, {len(report.kept)} kept")
    if as_json:
        print_json({"written": report.written, "unchanged": report.unchanged, "removed": report.removed, "kept": report.kept})
