"""Commands that write documents and check them."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb import sql
from kb.config import find_config
from kb.errors import BadInputError
from kb.models import STANCES
from kb.notes.formats import format_names
from kb.notes.targets import target_names
from kb.text import counted
from miner.cli.ask import by_field
from miner.cli.options import (
    AsJson,
    Db,
    export_options,
    flag,
    note,
    option,
    output,
    reading,
    setting,
    when,
    writing,
)

if TYPE_CHECKING:
    from kb.notes.folder import ExportReport
    from kb.notes.options import Options

app = typer.Typer()

_TARGETS = f"The site generator: {', '.join(target_names())}."
_FORMATS = f"What to write: {', '.join(format_names())}."
_STANCE = "Leave out statements with a weaker stance than this."
Target = Annotated[
    str | None, setting(_TARGETS, "commonmark", autocompletion=target_names, metavar="NAME")
]
Format = Annotated[str, option(_FORMATS, "--format", autocompletion=format_names, metavar="NAME")]
Stance = Annotated[
    str | None, setting(_STANCE, "all", autocompletion=lambda: list(STANCES[:-1]), metavar="NAME")
]
_CONFIDENCE = "Leave out statements with less confidence (0 to 1)."
_TOOL = "Only errors of this tool: a repository or part of it."
_SINCE = "Only errors reported since then: a date, or 90d."
_MARKERS = "Comments beside quotes that name the claims; by default the target decides."
_UNANSWERED = "Write candidates for errors without a cause or fix too."


@app.command("export")
def export_command(
    out: Annotated[Path, option("The folder to write into.", metavar="FOLDER")],
    form: Format = "note",
    target: Target = None,
    min_threads: Annotated[
        int | None, setting("Leave out entries with fewer threads.", "1", min=1, max=1_000_000)
    ] = None,
    min_grade: Annotated[
        str | None, setting("Leave out entries of a lower grade (A is best).", "D", metavar="A-D")
    ] = None,
    confidence: Annotated[float | None, setting(_CONFIDENCE, "0", min=0.0, max=1.0)] = None,
    stance: Stance = None,
    provider: Annotated[
        str | None, by_field("provider", "NAME", "Only errors of this provider.")
    ] = None,
    tool: Annotated[str | None, by_field("tool", "NAME", _TOOL)] = None,
    since: Annotated[str | None, option(_SINCE, metavar="WHEN", parser=when)] = None,
    markers: Annotated[bool | None, flag("--markers/--no-markers", _MARKERS)] = None,
    unanswered: Annotated[bool, flag("--unanswered", _UNANSWERED)] = False,
    dry_run: Annotated[bool, flag("--dry-run", "Write nothing; list what would change.")] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Writes evidence notes, pages or candidate records into a folder.

    Files that somebody changed there by hand are kept, and named.

    Example:

        faultlore export --format page --target astro --out site/errors
    """
    from kb.notes.export import export_to
    from kb.notes.formats import format_named
    from kb.query.entries import Filters, unknown_values

    if form not in format_names():
        raise BadInputError(f"--format {form!r} is not known; known: {', '.join(format_names())}")
    which: dict[str, Any] = {"min_threads": min_threads, "provider": provider, "tool": tool}
    what: dict[str, Any] = {"confidence": confidence, "markers": markers, "unanswered": unanswered}
    chosen = {"target": target, "min_grade": min_grade, "stance": stance, "since": since}
    options = export_options(find_config(), **chosen, **which, **what)
    if format_named(form).needs_addresses and not dry_run:
        _prepare(db, options)
    with reading(db) as connection:
        report = export_to(connection, form, out, options, write=not dry_run)
        unknown = unknown_values(connection, Filters(provider=provider, tool=tool))
        empty = sql.value(connection, "entries.none_at_all")
    _print_report(report, out, dry_run, listed=not as_json)
    if empty:
        note("faultlore: there are no entries yet; 'faultlore mine' makes them")
    for remark in unknown:
        note(f"faultlore: {remark}")
    output(asdict(report), as_json=as_json)
    return 0


def _prepare(db: str | None, options: "Options") -> None:
    """Gives new entries their address; opens the database for writing only if there are any."""
    from kb.notes.export import needs_preparing, prepare

    with reading(db) as connection:
        if not needs_preparing(connection, options):
            return
    with writing(db, wait=10.0) as store:
        prepare(store, options)


def _print_report(report: "ExportReport", out: Path, dry_run: bool, *, listed: bool) -> None:
    """Says what an export did (or would do), files kept for a person by name."""
    if dry_run and listed:
        for what, names in (("write", report.written), ("remove", report.removed)):
            for name in names:
                print(f"{what} {out / name}")
    for name in report.kept:
        why = "was changed by hand and is kept; remove it to have it written anew"
        note(f"faultlore: {out / name}: {why}")
    would = "would be " if dry_run else ""
    written = f"{len(report.written)} {would}written, {report.unchanged} as before"
    note(f"{written}, {len(report.removed)} {would}removed, {len(report.kept)} kept")


@app.command("verify")
def verify_command(
    folder: Annotated[
        Path | None, option("A folder of exported Markdown to check.", "--export", metavar="FOLDER")
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Checks that every quote still is the stored text, here and in an export.

    Exits with 1 if one is not.

    Example:

        faultlore verify --export evidence
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
        counts = sql.first(connection, "file.counts")
    for problem in problems[:200]:
        note(f"faultlore: {problem}")
    mentions, claims = counted(counts["mentions"], "mention"), counted(counts["claims"], "claim")
    checked = f"{mentions}, {claims} and their evidence"
    inside = f", and the documents in {folder}" if folder is not None else ""
    fine = f"every quote is as stored ({checked}{inside})"
    note(counted(len(problems), "problem") if problems else fine)
    output({"problems": [asdict(problem) for problem in problems]}, as_json=as_json)
    return 1 if problems else 0
