"""Commands that ask the knowledge base about errors, or serve it to others; they only read."""

import sys
from typing import Annotated, Any, Literal

import typer

from kb.config import database_path
from kb.errors import BadInputError, FaultloreError, NotFoundError
from kb.links import thread_at
from miner.cli.options import (
    AsJson,
    Db,
    TextCommand,
    knowledge,
    note,
    note_emptiness,
    option,
    read_text,
    reading,
    show,
    text_argument,
    text_option,
    when,
)

app = typer.Typer()

ALL = 100_000
"""More claims or threads than an entry has."""

# ---------------------------------------------------------------- arguments


def _complete_entry(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Entry ids with their titles; nothing where there is no database."""
    from kb.text import shorten

    try:
        with knowledge(ctx.params.get("db")) as kb:
            return [(name, shorten(title, 80)) for name, title in kb.complete(incomplete)]
    except FaultloreError:
        return []


def by_field(field: str, metavar: str, says: str) -> Any:
    """An option that leaves out entries by a field, whose values shells complete."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            with knowledge(ctx.params.get("db")) as kb:
                known = sorted(name for name, _ in kb.groups()[field])
        except FaultloreError:
            return []
        # a repository is found by its name alone too: the shell keeps what begins as it was typed
        names = [*known, *(name.split("/", 1)[1] for name in known if "/" in name)]
        return [name for name in names if name.startswith(incomplete)]

    return text_option(metavar, says, autocompletion=complete)


_TEXT = "An error message, in quotes or not; a file; "
_URL = _TEXT + "the URL of a thread; - for a pipe."
_ENTRY = "An entry's id, a thread (owner/repo#12), or the URL of a thread or comment."
_TOOL = "Only entries seen with it: hermes finds hermes-agent."
_SINCE = "Only entries seen since a date, or within a span such as 90d."
_FILE = "Read the text from a file."
Words = Annotated[list[str] | None, text_argument("TEXT...", _URL)]
ErrorText = Annotated[list[str] | None, text_argument("TEXT...", _TEXT + "- for a pipe.")]
LogFile = Annotated[str | None, option(_FILE, "--file", "-f", metavar="PATH")]
EntryName = Annotated[str, text_argument("ENTRY", _ENTRY, autocompletion=_complete_entry)]
Repo = Annotated[str | None, by_field("repo", "OWNER/NAME", "Only entries of this repository.")]
Provider = Annotated[str | None, by_field("provider", "NAME", "Only entries of this provider.")]
Tool = Annotated[str | None, by_field("tool", "NAME", _TOOL)]
Since = Annotated[str | None, option(_SINCE, metavar="WHEN", parser=when)]
Grade = Annotated[str | None, text_option("LETTERS", "Only entries of these grades: A, AB, ...")]
Limit = Annotated[int, option("At most this many entries.", min=1, max=200)]


# ---------------------------------------------------------------- query and search


@app.command("query", cls=TextCommand)
def query_command(
    text: Words = None,
    file: LogFile = None,
    limit: Limit = 5,
    repo: Repo = None,
    provider: Provider = None,
    tool: Tool = None,
    since: Since = None,
    grade: Grade = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Finds what is known about an error: a message, a whole log or a JSON body.

    The URL of a thread in the database asks for the error of that thread.
    Exits with 0 if an entry is surely this error, with 1 if none is (related ones are shown).

    Examples, on the demo data:

        faultlore query --db demo-out/demo.db 401 No auth credentials found
        some-command 2>&1 | faultlore query -
        faultlore query app.log --repo ferryline-py
    """
    from kb.query.knowledge import OUTSIDE
    from kb.query.terminal_views import answer_view

    with knowledge(db) as kb:
        names = {"repo": repo, "provider": provider, "tool": tool}
        asked = read_text(text, file)
        if thread_at(asked.strip()) and (forms := kb.show(asked).seen_as):
            asked = forms[0][0]  # the error of the thread whose address was asked
        answer = kb.query(asked, limit=limit, since=since, grade=grade, **names)
    show(answer.to_dict(), answer_view(answer), as_json=as_json)
    for remark in answer.notes:
        note(f"faultlore: {remark}")
    if not answer.found and not any(remark.startswith(OUTSIDE) for remark in answer.notes):
        _note_nothing(db, "nothing here is surely this error")
    return 0 if answer.found else 1


@app.command("search", cls=TextCommand)
def search_command(
    words: Annotated[list[str], text_argument("WORD...", "Words in any order.")],
    limit: Limit = 10,
    repo: Repo = None,
    provider: Provider = None,
    tool: Tool = None,
    since: Since = None,
    grade: Grade = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Finds entries by words, for those who have no error text.

    Exits with 1 if no entry has any of them.

    Example, on the demo data:

        faultlore search --db demo-out/demo.db openrouter key works in curl
    """
    from kb.query.terminal_views import results_view

    with knowledge(db) as kb:
        names = {"repo": repo, "provider": provider, "tool": tool}
        results = kb.search(" ".join(words), limit=limit, since=since, grade=grade, **names)
        unknown = () if results else kb.unknown(**names)
    found = {"results": [r.to_dict() for r in results]}
    show(found, results_view(results), as_json=as_json)
    if not results:
        for remark in unknown:
            note(f"faultlore: {remark}")
        _note_nothing(db, "no entry has any of these words")
    return 0 if results else 1


def _note_nothing(db: str | None, problem: str) -> None:
    """Says that nothing was found, and what would bring it."""
    with reading(db) as connection:
        if not note_emptiness(connection):
            more = "'faultlore harvest OWNER/REPO' and 'faultlore mine' bring more threads"
            note(f"faultlore: {problem}; {more}")


# ---------------------------------------------------------------- one entry


@app.command("show")
def show_command(
    entry: EntryName,
    kind: Annotated[
        Literal["cause", "fix", "workaround"] | None,
        option("Only claims of this kind: cause, fix or workaround.", metavar="KIND"),
    ] = None,
    limit: Annotated[int, option("At most this many claims of a kind, and threads.", min=1)] = 12,
    everything: Annotated[
        bool, option("Every claim, those that are not published too, and every thread.", "--all")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Shows one entry with its claims.

    On a terminal what is longer than the screen goes through a pager (PAGER, else less).
    With --json all claims are printed unless a --kind is asked for.

    Examples, on the demo data:

        faultlore show --db demo-out/demo.db strandgate/ferryline-py#2011
        faultlore show --db demo-out/demo.db strandgate/ferryline-py#2011 --all
    """
    from kb.query.terminal_views import page_view

    with knowledge(db) as kb:
        page = kb.show(entry, claims=ALL, threads=ALL, every=everything)
    most = ALL if everything else limit
    view = page_view(page, kind=kind, most=most, every=everything)
    show(page.only(kind).to_dict(), view, as_json=as_json, paged=True)
    return 0


@app.command("history")
def history_command(entry: EntryName, db: Db = None, as_json: AsJson = False) -> int:
    """Lists every merge, split and change of title of an entry, when and why.

    Example, on the demo data:

        faultlore history --db demo-out/demo.db strandgate/ferryline-py#2011
    """
    from kb.query.terminal_views import history_view

    with knowledge(db) as kb:
        lines = kb.history(entry)
    if not lines:
        raise NotFoundError(f"{entry}: nothing was recorded of it")
    found = {"history": [line._asdict() for line in lines]}
    show(found, history_view(lines), as_json=as_json, paged=True)
    return 0


@app.command("explain")
def explain_command(
    entry: EntryName,
    other: Annotated[
        str | None,
        text_argument("OTHER", "One to compare it with.", autocompletion=_complete_entry),
    ] = None,
    db: Db = None,
    weights: Annotated[
        bool, option("Print the figures of the decision as well.", "--weights")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Says why something is an entry, or why two are or are not the same error.

    Examples, on the demo data:

        faultlore explain --db demo-out/demo.db strandgate/ferryline-py#2011
        faultlore explain --db demo-out/demo.db pennarch/inklet-code#412 olvermere/snipewort#104
    """
    from kb.query.terminal_views import explain_view

    with knowledge(db) as kb:
        explained = kb.explain(entry, other)
    view = explain_view(explained, weights=weights)
    show(explained.to_dict(), view, as_json=as_json, paged=True)
    return 0


# ---------------------------------------------------------------- figures

WINDOWS = 12
"""Windows whose threads are drawn beside an entry on a terminal."""
_UNTIL = "End of the window: a date, or a span back such as 7d."


@app.command("stats")
def stats_command(db: Db = None, as_json: AsJson = False) -> int:
    """Shows figures: threads, entries, issues covered, what grew in the last week.

    Example, on the demo data:

        faultlore stats --db demo-out/demo.db
    """
    from kb.query.terminal_views import stats_view

    with knowledge(db) as kb:
        stats = kb.stats()
    show(stats.to_dict(), stats_view(stats), as_json=as_json)
    return 0


@app.command("trends")
def trends_command(
    days: Annotated[int, option("Length of the window.", min=1, max=36500)] = 30,
    until: Annotated[
        str | None, option(_UNTIL, metavar="WHEN", parser=when, show_default="the newest thread")
    ] = None,
    limit: Annotated[int, option("At most this many entries of each kind.", min=1, max=200)] = 10,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Shows entries that are new, rising or fading, compared with the window before.

    Example, on the demo data:

        faultlore trends --db demo-out/demo.db --days 90
    """
    from kb.query.terminal_views import trends_view

    with knowledge(db) as kb:
        trends = kb.trends(days=days, until=until, limit=limit, windows=WINDOWS)
    show(trends.to_dict(), trends_view(trends), as_json=as_json)
    with reading(db) as connection:
        note_emptiness(connection)
    return 0


# ---------------------------------------------------------------- signature


@app.command("signature", cls=TextCommand)
def signature_command(
    text: ErrorText = None,
    file: LogFile = None,
    explain: Annotated[
        bool, option("Print each rule that fired, on what, its result.", "--explain")
    ] = False,
    every: Annotated[
        bool, option("Of every error in a log, not only of the root cause.", "--all")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Prints the normalised signature of an error; needs no database.

    Example:

        faultlore signature "Error: 401 Incorrect API key provided: sk-1234" --explain
    """
    from kb import signature
    from kb.query.input import read_errors
    from kb.query.terminal_views import signature_view

    asked = read_errors(read_text(text, file))
    if not asked.errors:
        raise BadInputError("the text is empty; give an error message, or a log on standard input")
    errors = asked.errors if every else asked.errors[:1]
    steps = [signature.explain(error.raw)[1] if explain else [] for error in errors]
    if as_json or explain:
        found = [error._asdict() for error in errors]
        for one, fired in zip(found, steps, strict=True):
            one |= {"steps": [step._asdict() for step in fired]} if explain else {}
        document: Any = {"signatures": found} if every else found[0]
        show(document, signature_view(errors, steps), as_json=as_json)
    else:
        for error in errors:
            print(error.signature)
    for remark in asked.notes:
        note(f"faultlore: {remark}")
    return 0


@app.command("serve")
def serve_command(
    host: Annotated[str, option("Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, option("Port to listen on.", min=1, max=65535)] = 8001,
    allow_host: Annotated[
        list[str] | None, option("Another host name that browsers may use; may be repeated.")
    ] = None,
    allow_sql: Annotated[bool, option("Let readers send SQL (read-only).", "--allow-sql")] = False,
    db: Db = None,
) -> int:
    """Shows the knowledge base in a browser, read-only, until interrupted.

    Example:

        faultlore serve --db demo-out/demo.db
    """
    from kb.links import is_loopback
    from kb.web import serve

    path = database_path(db)
    with reading(db) as connection:
        note_emptiness(connection)
    if not is_loopback(host):
        note(
            f"warning: with --host {host} everybody who reaches this machine can read the"
            " knowledge base; there is no password"
        )
    if allow_sql:
        note("warning: with --allow-sql readers can compute on stored text that is not redacted")
    serve(
        path,
        host,
        port,
        hosts=allow_host or (),
        allow_sql=allow_sql,
        begins=lambda: note(
            f"http://{f'[{host}]' if ':' in host else host}:{port}/ (Ctrl-C ends it)"
        ),
    )
    return 0


@app.command("mcp")
def mcp_command(db: Db = None) -> int:
    """Serves agents over the Model Context Protocol, on standard input and output.

    What an agent can ask is described at https://faultlore.github.io/faultlore/how-to/ask-agent/

    Example, as an agent starts it:

        faultlore mcp --db demo-out/demo.db
    """
    from kb.query.mcp import serve

    if sys.stdin.isatty():
        with reading(db):
            note("faultlore: waits for an agent's messages on standard input; Ctrl-C ends it")
    serve(database_path(db))
    return 0
