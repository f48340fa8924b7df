"""Commands that write documents, check them, and keep an existing site's pages in step with the
knowledge base.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miner.cli.options import db_option, json_option, note, print_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from kb.notes.export import Options
    from kb.notes.folder import ExportReport
    from kb.query.knowledge import KnowledgeBase
    from kb.site.audit import Audit

TARGET_NAMES = ("commonmark", "astro", "mdx", "hugo", "jekyll", "mkdocs")

target_option = click.option(
    "--target",
    type=click.Choice(TARGET_NAMES),
    help="The site generator [default: that of faultlore.toml, else commonmark].",
)


def _options(target: str | None, min_threads: int | None) -> Options:
    from kb.config import find_config
    from kb.notes.export import Options
    from kb.notes.targets import target_named

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
@click.option(
    "--format",
    "kind",
    type=click.Choice(["note", "page", "candidates"]),
    default="note",
    show_default=True,
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The folder to write into."
)
@target_option
@click.option(
    "--min-threads",
    type=click.IntRange(1),
    help="Leave out entries with fewer threads [default: that of faultlore.toml, else 1].",
)
@db_option
@json_option
def export_command(
    kind: str, out: Path, target: str | None, min_threads: int | None, db: str | None, as_json: bool
) -> int:
    """Writes evidence notes, pages or candidate records into a folder; files that a person changed
    there are kept and reported.

    \b
    Example:
      faultlore export --format page --target astro --out site/src/content/errors --db demo.db
    """
    from kb.notes.export import export_to

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
    from kb.notes.export import needs_preparing, prepare
    from kb.store import Store

    with _reading(db) as connection:
        if not needs_preparing(connection, options.min_threads):
            return
    with Store.open(database_path(db), wait=10.0) as store:
        prepare(store, options.min_threads)


def report_export(report: ExportReport, out: Path, *, as_json: bool) -> None:
    """Tells what an export did, files kept for a person by name."""
    for name in report.kept:
        note(
            f"faultlore: {out / name}: was changed by hand and is kept; remove it to have it written anew"
        )
    note(
        f"{len(report.written)} written, {report.unchanged} as before, {len(report.removed)} removed, {len(report.kept)} kept"
    )
    if as_json:
        print_json(
            {
                "written": report.written,
                "unchanged": report.unchanged,
                "removed": report.removed,
                "kept": report.kept,
            }
        )


# ---------------------------------------------------------------- verify


@click.command("verify")
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path),
    help="A folder of exported Markdown to check too.",
)
@db_option
@json_option
def verify_command(folder: Path | None, db: str | None, as_json: bool) -> int:
    """Checks that every quote still is the stored text: in the database, and in an export of it.
    Leaves with 1 if one is not.

    \b
    Example:
      faultlore verify --export evidence --db demo.db
    """
    from kb.errors import BadInputError
    from kb.verify import verify_database, verify_export

    if folder is not None and not folder.is_dir():
        raise BadInputError(
            f"{folder}: no such folder; --export wants one that 'faultlore export' wrote"
        )
    with _reading(db) as connection:
        problems = verify_database(connection)
        if folder is not None:
            problems += verify_export(connection, folder)
    for problem in problems[:200]:
        note(f"faultlore: {problem}")
    note(f"{len(problems)} problems" if problems else "every quote is as stored")
    if as_json:
        print_json({"problems": [{"where": p.where, "what": p.what} for p in problems]})
    return 1 if problems else 0


# ---------------------------------------------------------------- docs


@click.group("docs")
def docs_group() -> None:
    """Keeps the pages of an existing site in step with the knowledge base."""


def _asker(db: str | None) -> tuple[KnowledgeBase, Callable[[str], str | None]]:
    """Answers for an error text with the entry that is the same error, by the rules of `faultlore
    query`.
    """
    from kb.config import database_path
    from kb.query.knowledge import KnowledgeBase

    base = KnowledgeBase(database_path(db))

    def ask(text: str) -> str | None:
        results = base.query(text, limit=1).results
        return (
            results[0].entry.entry_id if results and results[0].match in ("exact", "same") else None
        )

    return base, ask


@docs_group.command("audit")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "json"]),
    default="table",
    show_default=True,
)
@click.option(
    "--deserves",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Threads from which an entry deserves a page.",
)
@db_option
def audit_command(folder: Path, form: str, deserves: int, db: str | None) -> int:
    """Holds the Markdown pages of FOLDER against the knowledge base; leaves with 1 if something is
    found.

    \b
    Example:
      faultlore docs audit site/src/content/errors --format markdown --db demo.db
    """
    from kb.site.audit import as_markdown, audit

    base, ask = _asker(db)
    with base, _reading(db) as connection:
        report = audit(connection, folder, ask, deserves=deserves)
    if form == "json":
        print_json(report.to_dict())
    elif form == "markdown":
        click.echo(as_markdown(report), nl=False)
    else:
        _print_audit(report)
    matched = sum(p.entry_id is not None for p in report.pages)
    note(
        f"{len(report.pages)} pages, {matched} about a known entry, {len(report.findings)} findings"
    )
    return 1 if report.findings else 0


def _print_audit(report: Audit) -> None:
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kb.notes.escape import clean

    table = Table("kind", "page", "entry", "what")
    for f in report.findings:
        where = f"{f.page}:{f.line}" if f.line else f.page or ""
        # Text: what strangers wrote is never read as markup or terminal control
        table.add_row(f.kind, Text(clean(where)), f.entry_id or "", Text(clean(f.what)))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160).print(table)


@docs_group.command("refresh")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--insert",
    is_flag=True,
    help="Put markers under 'Sources checked' into pages that have none and whose entry is known.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; leave with 1 if something would change."
)
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@target_option
@db_option
@json_option
def refresh_command(
    folder: Path,
    insert: bool,
    check: bool,
    diff: bool,
    target: str | None,
    db: str | None,
    as_json: bool,
) -> int:
    """Renews the evidence between faultlore's markers in the pages of FOLDER; everything else stays
    byte for byte.

    \b
    Example:
      faultlore docs refresh site/src/content/errors --diff --db demo.db
    """
    from kb.site.refresh import refresh

    base, ask = _asker(db)
    with base, _reading(db) as connection:
        report = refresh(
            connection,
            folder,
            target=_options(target, None).target,
            insert=insert,
            write=not (check or diff),
            ask=ask,
        )
    for problem in report.problems:
        note(f"faultlore: {problem}")
    if diff:
        for text in report.diffs:
            click.echo(text)
    verb = "would change" if check or diff else "changed"
    note(
        f"{len(report.changed)} {verb}, {report.unchanged} as before, {len(report.inserted)} new markers"
    )
    if as_json:
        print_json(
            {
                "changed": report.changed,
                "unchanged": report.unchanged,
                "inserted": report.inserted,
                "problems": report.problems,
            }
        )
    if report.problems:
        return 2
    return 1 if (check or diff) and report.changed else 0
