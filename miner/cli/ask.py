"""Commands that ask the knowledge base; they read only."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.errors import BadInputError, FaultloreError, NotFoundError
from miner.cli.options import db_option, json_option, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from click.shell_completion import CompletionItem

    from kb import KnowledgeBase
    from kb.query.results import AskedError
    from kb.query.terminal import Part


@contextmanager
def _knowledge(db: str | None) -> Iterator[KnowledgeBase]:
    from kb import KnowledgeBase
    from kb.config import database_path

    with KnowledgeBase(database_path(db)) as kb:
        yield kb


def _show(as_json: bool, document: Callable[[], Any], view: Callable[[], Sequence[Part]]) -> None:
    from kb.query.terminal import emit, safe_json

    if as_json:
        click.echo(safe_json(document()))
    else:
        emit(view())


def _complete_entry(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Entry ids for the shell, with their titles; nothing where there is no database."""
    from click.shell_completion import CompletionItem

    from kb.query.terminal import one_line

    try:
        with _knowledge(ctx.params.get("db")) as kb:
            return [
                CompletionItem(entry_id, help=one_line(title, 80))
                for entry_id, title in kb.complete(incomplete)
            ]
    except FaultloreError:
        return []


def _filters(command: Callable[..., int]) -> Callable[..., int]:
    """The options that leave out entries."""
    for option in (
        click.option(
            "--grade", metavar="LETTERS", help="Only entries of these grades: A, or AB, ..."
        ),
        click.option(
            "--since",
            metavar="WHEN",
            help="Only entries seen since: a date, or a span such as 90d.",
        ),
        click.option("--tool", help="Only entries seen with this tool."),
        click.option("--provider", help="Only entries of this provider."),
        click.option("--repo", metavar="OWNER/NAME", help="Only entries seen in this repository."),
    ):
        command = option(command)
    return command


def _read(text: str | None, file: str | None = None) -> str:
    """The asked text: an argument, `-` for standard input, or a file."""
    from kb.query.input import decode

    if file is not None and text is not None:
        raise BadInputError("give a text or --file, not both")
    if file is not None and file != "-":
        path = Path(file)
        try:
            return decode(path.read_bytes(), str(path))
        except OSError as error:
            raise BadInputError(
                f"{path}: {error.strerror or error}; name a file that can be read"
            ) from error
    if text == "-" or file == "-":
        return decode(sys.stdin.buffer.read(), "standard input")
    if text is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise BadInputError(
                'nothing was asked; write faultlore query "the error", or pipe a log into faultlore query -'
            )
        return decode(sys.stdin.buffer.read(), "standard input")
    return text


# ---------------------------------------------------------------- query and search


@click.command("query")
@click.argument("text", required=False)
@click.option("--file", "-f", metavar="PATH", help="Read a log from a file.")
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=5,
    show_default=True,
    help="At most this many entries.",
)
@_filters
@db_option
@json_option
def query_command(
    text: str | None,
    file: str | None,
    limit: int,
    db: str | None,
    as_json: bool,
    **filters: str | None,
) -> int:
    """Finds what is known about an error: TEXT is a message, a whole log or a JSON body, or - for
    standard input.

    Exits 0 if an entry is surely this error, 1 if none is (related ones are shown).

    \b
    Examples, on the demo data:
      faultlore query --db demo.db "401 No auth credentials found"
      some-command 2>&1 | faultlore query -
      faultlore query --file app.log --repo strandgate/ferryline-py
    """
    from kb.query.terminal_views import answer_view

    with _knowledge(db) as kb:
        answer = kb.query(_read(text, file), limit=limit, **filters)
    _show(as_json, answer.to_dict, lambda: answer_view(answer))
    for remark in answer.notes:
        note(f"faultlore: {remark}")
    if not answer.found:
        note(
            "faultlore: nothing here is surely this error; 'faultlore harvest OWNER/REPO' and 'faultlore mine' bring more threads"
        )
    return 0 if answer.found else 1


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=10,
    show_default=True,
    help="At most this many entries.",
)
@_filters
@db_option
@json_option
def search_command(
    words: tuple[str, ...], limit: int, db: str | None, as_json: bool, **filters: str | None
) -> int:
    """Finds entries by WORDS, for those who have no error text. Exits 1 if nothing has any of them.

    \b
    Example, on the demo data:
      faultlore search --db demo.db openrouter key works in curl
    """
    from kb.query.terminal_views import results_view

    with _knowledge(db) as kb:
        results = kb.search(" ".join(words), limit=limit, **filters)
    _show(
        as_json, lambda: {"results": [r.to_dict() for r in results]}, lambda: results_view(results)
    )
    if not results:
        note(
            "faultlore: no entry has any of these words; 'faultlore harvest OWNER/REPO' and 'faultlore mine' bring more threads"
        )
    return 0 if results else 1


# ---------------------------------------------------------------- one entry


@click.command("show")
@click.argument("entry", shell_complete=_complete_entry)
@db_option
@json_option
def show_command(entry: str, db: str | None, as_json: bool) -> int:
    """Shows one entry with its claims. ENTRY is its id, a former id, a thread (owner/repo#12) or a
    thread's or comment's URL.

    \b
    Example, on the demo data:
      faultlore show --db demo.db strandgate/ferryline-py#2011
    """
    from kb.query.terminal_views import page_view

    with _knowledge(db) as kb:
        page = kb.show(entry, claims=500, threads=500) if as_json else kb.show(entry)
    _show(as_json, page.to_dict, lambda: page_view(page))
    return 0


@click.command("history")
@click.argument("entry", shell_complete=_complete_entry)
@db_option
@json_option
def history_command(entry: str, db: str | None, as_json: bool) -> int:
    """Tells every merge, split and change of title of an entry, when and why.

    \b
    Example, on the demo data:
      faultlore history --db demo.db strandgate/ferryline-py#2011
    """
    from dataclasses import asdict

    from kb.query.terminal_views import history_view

    with _knowledge(db) as kb:
        lines = kb.history(entry)
    if not lines:
        raise NotFoundError(f"{entry}: nothing was recorded of it")
    _show(
        as_json, lambda: {"history": [asdict(line) for line in lines]}, lambda: history_view(lines)
    )
    return 0


@click.command("explain")
@click.argument("entry", shell_complete=_complete_entry)
@click.argument("other", required=False, shell_complete=_complete_entry)
@db_option
@json_option
def explain_command(entry: str, other: str | None, db: str | None, as_json: bool) -> int:
    """Says why something is an entry, or why two entries or threads are or are not the same error.

    \b
    Examples, on the demo data:
      faultlore explain --db demo.db strandgate/ferryline-py#2011
      faultlore explain --db demo.db strandgate/ferryline-py#2011 strandgate/ferryline-py#2024
    """
    from kb.query.terminal_views import explain_view

    with _knowledge(db) as kb:
        told = kb.explain(entry, other)
    _show(as_json, told.to_dict, lambda: explain_view(told))
    return 0


# ---------------------------------------------------------------- signature


@click.command("signature")
@click.argument("text", required=False)
@click.option("--file", "-f", metavar="PATH", help="Read a log from a file.")
@click.option(
    "--explain", is_flag=True, help="Print each rule that fired, on what, with what result."
)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="The signature of every error of a log, not only of the root one.",
)
@json_option
def signature_command(
    text: str | None, file: str | None, explain: bool, every: bool, as_json: bool
) -> int:
    """Prints the normalised signature of an error: of TEXT, or - for standard input. Needs no
    database.

    \b
    Example:
      faultlore signature "Error: 401 Incorrect API key provided: sk-1234" --explain
    """
    from kb.query.input import read_errors
    from kb.query.terminal_views import signature_view

    asked = read_errors(_read(text, file))
    if not asked.errors:
        raise BadInputError("the text is empty; give an error message, or a log on standard input")
    errors = asked.errors if every else asked.errors[:1]
    steps = [_steps(error) if explain else [] for error in errors]
    if as_json:
        from kb.query.terminal import safe_json

        documents = [
            _signature_document(error, rules, explain)
            for error, rules in zip(errors, steps, strict=True)
        ]
        click.echo(safe_json({"signatures": documents} if every else documents[0]))
    elif explain:
        from kb.query.terminal import emit

        emit(signature_view(errors, steps))
    else:
        for error in errors:
            click.echo(error.signature)
    for remark in asked.notes:
        note(f"faultlore: {remark}")
    return 0


def _steps(error: AskedError) -> list[tuple[str, str, str]]:
    from kb.signature import explain

    return [(step.rule, step.fired_on, step.result) for step in explain(error.raw)[1]]


def _signature_document(
    error: AskedError, steps: list[tuple[str, str, str]], explained: bool
) -> dict[str, Any]:
    from dataclasses import asdict

    document = asdict(error)
    if explained:
        document["steps"] = [
            {"rule": rule, "fired_on": fired_on, "result": result}
            for rule, fired_on, result in steps
        ]
    return document


# ---------------------------------------------------------------- figures


@click.command("stats")
@db_option
@json_option
def stats_command(db: str | None, as_json: bool) -> int:
    """Figures: threads, entries, how many issues they cover, what grew in the last week of the
    data.

    \b
    Example, on the demo data:
      faultlore stats --db demo.db
    """
    from kb.query.terminal_views import stats_view

    with _knowledge(db) as kb:
        stats = kb.stats()
    _show(as_json, stats.to_dict, lambda: stats_view(stats))
    return 0


@click.command("trends")
@click.option(
    "--days",
    type=click.IntRange(1, 36500),
    default=30,
    show_default=True,
    help="Length of the window.",
)
@click.option(
    "--until",
    metavar="WHEN",
    help="End of the window: a date, or a span back such as 7d [default: the newest thread].",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=10,
    show_default=True,
    help="At most this many entries of each kind.",
)
@db_option
@json_option
def trends_command(days: int, until: str | None, limit: int, db: str | None, as_json: bool) -> int:
    """Entries that are new, rising or fading over a window, beside the window before it.

    \b
    Example, on the demo data:
      faultlore trends --db demo.db --days 90
    """
    from kb.query.terminal_views import trends_view

    with _knowledge(db) as kb:
        trends = kb.trends(days=days, until=until, limit=limit)
    _show(as_json, trends.to_dict, lambda: trends_view(trends))
    return 0


# ---------------------------------------------------------------- agents


@click.command("mcp")
@db_option
def mcp_command(db: str | None) -> int:
    """Serves the knowledge base to agents over the Model Context Protocol, on standard input and
    output (docs/agents.md).

    \b
    Example, as an agent is told to start it:
      faultlore mcp --db demo.db
    """
    from kb.config import database_path
    from kb.query.mcp import serve

    serve(database_path(db))
    return 0
