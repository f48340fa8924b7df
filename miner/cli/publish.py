"""Commands that write documents, check them, and keep a site's pages in step with them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kb import sql
from kb.config import find_config
from kb.errors import BadInputError
from kb.notes.formats import format_names
from kb.notes.options import Options
from kb.settings import known_names, texts
from kb.site import KINDS
from kb.text import counted
from miner.cli.ask import by_field
from miner.cli.options import (
    AsJson,
    Db,
    argument,
    declared,
    export_options,
    knowledge,
    note,
    note_emptiness,
    option,
    output,
    reading,
    when,
    writing,
)

if TYPE_CHECKING:
    from kb.notes.folder import ExportReport
    from kb.site.audit import Audit


app = typer.Typer()


def _declared(name: str, **more: Any) -> Any:
    """An option that is a field of `Options`."""
    return declared(Options, name, known_names().get(("export", name), ()), **more)


TEXTS = texts(Options)
_FORMATS = f"What to write: {', '.join(format_names())}."
Format = Annotated[str, option(_FORMATS, "--format", autocompletion=format_names, metavar="NAME")]
Target = Annotated[str | None, _declared("target")]


@app.command("export")
def export_command(
    out: Annotated[Path, option("The folder to write into.", metavar="FOLDER")],
    form: Format = "note",
    target: Target = None,
    min_threads: Annotated[int | None, _declared("min_threads", min=1, max=1_000_000)] = None,
    min_grade: Annotated[
        str | None, _declared("min_grade", metavar="A-D", parser=str.upper)
    ] = None,
    confidence: Annotated[float | None, _declared("confidence", min=0.0, max=1.0)] = None,
    stance: Annotated[str | None, _declared("stance")] = None,
    provider: Annotated[str | None, by_field("provider", "NAME", TEXTS["provider"])] = None,
    tool: Annotated[str | None, by_field("tool", "NAME", TEXTS["tool"])] = None,
    since: Annotated[str | None, _declared("since", metavar="WHEN", parser=when)] = None,
    markers: Annotated[bool | None, option(TEXTS["markers"], "--markers/--no-markers")] = None,
    unanswered: Annotated[bool, option(TEXTS["unanswered"], "--unanswered")] = False,
    doubtful: Annotated[bool, option(TEXTS["doubtful"], "--doubtful")] = False,
    dry_run: Annotated[bool, option("Write nothing; list what would change.", "--dry-run")] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Writes evidence notes, pages or candidate records into a folder.

    Files that somebody changed there by hand are kept, and named.

    Example:

        faultlore export --format page --target astro --out site/errors
    """
    from kb.notes.export import export_to, needs_preparing, prepare, prepare_aside, without_page
    from kb.notes.formats import format_named
    from kb.notes.outline import made_once
    from kb.notes.worth import DOUBTS
    from kb.query.entries import unknown_values

    if form not in format_names():
        raise BadInputError(f"--format {form!r} is not known; known: {', '.join(format_names())}")
    which = {"min_threads": min_threads, "min_grade": min_grade, "provider": provider}
    which |= {"tool": tool, "since": since}
    what = {"confidence": confidence, "stance": stance, "markers": markers}
    how = {"target": target, "unanswered": unanswered, "doubtful": doubtful}
    options = export_options(find_config(), **which, **what, **how)
    with made_once():
        addressed = format_named(form).needs_addresses
        if addressed and not dry_run:
            with reading(db) as connection:
                is_news = needs_preparing(connection, options)
            if is_news:  # new entries have no address; written only then
                with writing(db, wait=10.0) as store:
                    prepare(store, options)
        with reading(db) as connection:
            if addressed and dry_run:
                prepare_aside(connection, options)
            report = export_to(connection, form, out, options, write=not dry_run)
            counts = dry_run and form == "page"
            without = without_page(connection, options) if counts else Counter[str]()
            unknown = unknown_values(connection, provider=provider, tool=tool)
            is_empty = note_emptiness(connection)
    _print_report(report, out, dry_run, listed=not as_json)
    for why, number in without.most_common():
        note(f"no page: {counted(number, 'entry', 'entries')}, because {why}")
    if waiting := sum(without[why] for why in DOUBTS):
        wait = "waits" if waiting == 1 else "wait"
        note(f"{waiting} of them {wait} for your word: faultlore review --pages")
    if form == "page" and not dry_run and not is_empty:
        note("entries with too little to stand on have no page: --dry-run counts them by reason")
    for remark in unknown:
        note(f"faultlore: {remark}")
    output(asdict(report), as_json=as_json)
    return 0


def _print_report(report: "ExportReport", out: Path, dry_run: bool, *, listed: bool) -> None:
    """Says what an export did (or would do), files kept for a person by name."""
    if dry_run and listed:
        for name in report.written:
            print(f"{'withdraw' if name in report.withdrawn else 'write'} {out / name}")
        for name in report.removed:
            print(f"remove {out / name}")
    for name in report.kept:
        why = "was changed by hand and is kept; remove it to have it written anew"
        note(f"faultlore: {out / name}: {why}")
    would = "would be " if dry_run else ""
    withdrawn = f" ({len(report.withdrawn)} to withdraw a page)" if report.withdrawn else ""
    written = f"{len(report.written)} {would}written{withdrawn}, {report.unchanged} as before"
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
    from kb.verify import outdated, verify_database, verify_export

    if folder is not None and not folder.is_dir():
        raise BadInputError(
            f"{folder}: no such folder; --export wants one that 'faultlore export' wrote"
        )
    with reading(db) as connection:
        problems, old = verify_database(connection), list[str]()
        if folder is not None:
            exported = verify_export(connection, folder)
            problems, old = problems + exported, outdated(folder, exported)
        counts = sql.first(connection, "file.counts")
        note_emptiness(connection)
    for problem in problems[:200]:
        note(f"faultlore: {problem}")
    mentions, claims = counted(counts["mentions"], "mention"), counted(counts["claims"], "claim")
    checked = f"{mentions}, {claims} and their evidence"
    inside = f", and the documents in {folder}" if folder is not None else ""
    fine = f"every quote is as stored ({checked}{inside})"
    note(counted(len(problems), "problem") if problems else fine)
    if old:
        as_written = f"{counted(len(old), 'document')} as exported: the database or faultlore"
        note(f"{as_written} changed since; 'faultlore export' writes them anew")
    output({"problems": [problem._asdict() for problem in problems]}, as_json=as_json)
    return 1 if problems else 0


docs = typer.Typer()
app.add_typer(docs, name="docs")

Pages = Annotated[Path, argument("FOLDER", "The folder of the site's Markdown pages.")]
_FORM = "How to print: table, markdown or json; sarif or github for checks of a site."
_ONLY = f"Only findings of this kind; may be repeated: {', '.join(KINDS)}."
_INSERT = "Put markers under 'Sources checked' into pages that have none and whose entry is known."


@docs.callback()
def docs_group() -> None:
    """Keeps the pages of an existing site in step with the knowledge base.

    Example:

        faultlore docs audit site/src/content/errors
    """


@contextmanager
def _asking(db: str | None) -> Iterator[Callable[[str], str | None]]:
    """Answers an error text with the entry that is the same error, as `faultlore query` does."""
    with knowledge(db) as kb:

        def ask(text: str) -> str | None:
            best = next(iter(kb.query(text, limit=1).results), None)
            return best.entry.entry_id if best and best.sure else None

        yield ask


@docs.command("audit")
def audit_command(
    folder: Pages,
    form: Annotated[
        Literal["table", "markdown", "json", "sarif", "github"],
        option(_FORM, "--format", metavar="NAME"),
    ] = "table",
    only: Annotated[
        list[str] | None, option(_ONLY, metavar="KIND", autocompletion=lambda: list(KINDS))
    ] = None,
    deserves: Annotated[int, option("Threads from which an entry deserves a page.", min=1)] = 5,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Compares the pages of a site with the knowledge base.

    Exits with 1 if something is found. To check in CI whether what a site cites still holds:
    `--only deleted --only edited --only contradicted --only withdrawn --only fixed`.

    Example:

        faultlore docs audit site/src/content/errors --format markdown
    """
    from kb.site.audit import as_annotations, as_markdown, as_sarif, audit

    if unknown := sorted(set(only or ()) - set(KINDS)):
        raise BadInputError(f"--only {unknown[0]!r} is not known; known: {', '.join(KINDS)}")
    with _asking(db) as ask, reading(db) as connection:
        report = audit(connection, folder, ask, deserves=deserves)
    report.findings = [f for f in report.findings if not only or f.kind in only]
    if as_json or form == "json":
        output(asdict(report), as_json=True)
    elif form == "sarif":
        print(as_sarif(report, folder))
    elif form == "github":
        for line in as_annotations(report, folder):
            print(line)
    elif form == "markdown":
        print(as_markdown(report), end="")
    else:
        _print_audit(report)
    matched = sum(p.entry_id is not None for p in report.pages)
    note(
        f"{counted(len(report.pages), 'page')}, {matched} about a known entry,"
        f" {counted(len(report.findings), 'finding')}"
    )
    return 1 if report.findings else 0


def _print_audit(report: "Audit") -> None:
    from kb.query.terminal import Part, emit
    from kb.text import clean

    parts: list[Part] = []
    for f in report.findings:
        where = f"{f.page}:{f.line}" if f.line else f.page or ""
        about = " ".join(clean(word) for word in (where, f.entry_id) if word)
        parts += [Part(about, "text", 0, f.kind), Part(clean(f.what), "text", 2)]
    emit(parts)


@docs.command("refresh")
def refresh_command(
    folder: Pages,
    insert: Annotated[bool, option(_INSERT, "--insert")] = False,
    check: Annotated[
        bool, option("Write nothing; exit with 1 if something would change.", "--check")
    ] = False,
    diff: Annotated[bool, option("Write nothing; print what would change.", "--diff")] = False,
    target: Target = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Renews the evidence between faultlore's markers in the pages of a site.

    Everything else in a page stays byte for byte.

    Example:

        faultlore docs refresh site/src/content/errors --diff
    """
    from kb.site.refresh import refresh

    dry = check or diff
    with _asking(db) as ask, reading(db) as connection:
        site = export_options(find_config(), target=target).generator
        report = refresh(connection, folder, target=site, insert=insert, write=not dry, ask=ask)
    for problem in report.problems:
        note(f"faultlore: {problem}")
    if diff and not as_json:
        for text in report.diffs:
            print(text)
    note(
        f"{len(report.changed)} {'would change' if dry else 'changed'},"
        f" {report.unchanged} as before, {counted(len(report.inserted), 'new marker')}"
    )
    output(asdict(report) | ({} if diff else {"diffs": []}), as_json=as_json)
    if report.problems:
        return 2
    return 1 if dry and report.changed else 0
