"""Commands that keep an existing site's pages in step with the knowledge base."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kb.config import find_config
from kb.errors import BadInputError
from kb.text import counted
from miner.cli.options import (
    AsJson,
    Db,
    argument,
    export_options,
    flag,
    knowledge,
    note,
    option,
    output,
    reading,
)
from miner.cli.publish import Target

if TYPE_CHECKING:
    from kb.site.audit import Audit

app = typer.Typer(name="docs")

FINDINGS = (
    *("unreadable", "same-error", "no-source", "one-source", "missing-link", "deleted", "edited"),
    *("contradicted", "withdrawn", "fixed", "other-error", "outdated", "unwritten"),
)
"""The kinds of `kb.site.audit.KINDS`, which is not loaded for the help; a test compares them."""

Pages = Annotated[Path, argument("FOLDER", "The folder of the site's Markdown pages.")]
_FORM = "How to print: table, markdown or json; sarif or github for checks of a site."
_ONLY = f"Only findings of this kind; may be repeated: {', '.join(FINDINGS)}."
_INSERT = "Put markers under 'Sources checked' into pages that have none and whose entry is known."


@app.callback()
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
            return best.entry.entry_id if best and best.match in ("exact", "same") else None

        yield ask


@app.command("audit")
def audit_command(
    folder: Pages,
    form: Annotated[
        Literal["table", "markdown", "json", "sarif", "github"],
        option(_FORM, "--format", metavar="NAME"),
    ] = "table",
    only: Annotated[
        list[str] | None, option(_ONLY, metavar="KIND", autocompletion=lambda: list(FINDINGS))
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
    from kb.site.annotations import as_annotations, as_sarif
    from kb.site.audit import as_markdown, audit

    if unknown := sorted(set(only or ()) - set(FINDINGS)):
        raise BadInputError(f"--only {unknown[0]!r} is not known; known: {', '.join(FINDINGS)}")
    with _asking(db) as ask, reading(db) as connection:
        report = audit(connection, folder, ask, deserves=deserves)
    report.findings = [f for f in report.findings if not only or f.kind in only]
    if as_json or form == "json":
        output(report.to_dict(), as_json=True)
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


@app.command("refresh")
def refresh_command(
    folder: Pages,
    insert: Annotated[bool, flag("--insert", _INSERT)] = False,
    check: Annotated[
        bool, flag("--check", "Write nothing; exit with 1 if something would change.")
    ] = False,
    diff: Annotated[bool, flag("--diff", "Write nothing; print what would change.")] = False,
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
        site = export_options(find_config(), target=target).target
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
    names = ("changed", "unchanged", "inserted", "problems")
    document = {name: getattr(report, name) for name in names}
    output({**document, "diffs": report.diffs if diff else []}, as_json=as_json)
    if report.problems:
        return 2
    return 1 if dry and report.changed else 0
