"""The command line: parses arguments, calls the stages, prints.

A command's module is imported when the command is called (`COMMANDS`), so that `faultlore query`
does not wait for a harvest's libraries. Data goes to standard output, everything else to standard
error. Exit statuses are those of the contract (`kb.errors`).
"""

import gc

gc.set_threshold(50_000)
"""Objects made between two rounds of Python's collector of circles; its own number, 700, takes a
twelfth of a question's time.
"""

import importlib
import io
import itertools
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from kb.errors import FaultloreError

_MODULES = {
    "gather": ("Gather", "import harvest mine nightly init demo"),
    "ask": ("Ask", "query search show history explain signature stats trends serve mcp"),
    "publish": ("Publish", "export verify docs"),
    "care": ("Look after", "curate doctor backup restore review judge"),
}
"""Modules of this package, the group of the help and the commands of each, in their order."""
COMMANDS = {
    name: (group, module) for module, (group, names) in _MODULES.items() for name in names.split()
}

WRITING = frozenset(
    ("import", "harvest", "mine", "nightly", "demo", "export", "docs", "backup", "restore", "judge")
)
"""Commands that write a database or a folder: a signal ends them where nothing is half done."""

NARROW = 80
"""Columns below which help is plain text: tables would cut the names of options."""


def _is_narrow() -> bool:
    return shutil.get_terminal_size().columns < NARROW


def _as_shown(text: str) -> str:
    """A command's help as typer wants it: a line a paragraph, of which it dedents all but two."""
    as_it_is = "\b\n" if _is_narrow() else ""  # plain help would fill the lines of an example
    first, *rest = (
        as_it_is + paragraph if paragraph.startswith(" ") else " ".join(paragraph.split("\n"))
        for paragraph in text.strip().split("\n\n")
    )
    if rest and rest[0].startswith("Example"):
        rest.insert(0, "")  # so that the example is not among these two
    return "\n\n".join([first, *rest])


class LazyGroup(TyperGroup):
    """The program's group of commands, each imported when it is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": None})
        self.rich_markup_mode = None if _is_narrow() else self.rich_markup_mode
        self.help = _as_shown(self.help or "")
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        group, module = COMMANDS[cmd_name]
        loaded = importlib.import_module(f"miner.cli.{module}")
        command: Any = typer.main.get_group(loaded.app).commands[cmd_name]
        command.rich_help_panel = group
        for listed in (command, *getattr(command, "commands", {}).values()):
            listed.help = _as_shown(listed.help)
            # the first paragraph, whole: typer would cut it after 45 characters
            listed.short_help = " ".join(listed.help.split("\n\n")[0].split())
            if _is_narrow():
                listed.rich_markup_mode = None
        return command

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Parses the arguments, and prints help and version where they ask for it."""
        with _our_endings():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        with _our_endings():
            return super().invoke(ctx)


@contextmanager
def _our_endings() -> Iterator[None]:
    """Ctrl-C and a closed pipe end as `run` says; typer would exit with its own statuses."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise typer.Abort from error
    except (BrokenPipeError, SystemExit) as error:
        # rich, which prints the help, makes a SystemExit of a closed pipe
        if not any(isinstance(e, BrokenPipeError) for e in (error, error.__context__)):
            raise
        raise typer.Exit(_reader_has_enough()) from None


app = typer.Typer(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"faultlore, version {version('faultlore')}")
        raise typer.Exit


_VERSION: Any = typer.Option(
    "--version", "-V", is_eager=True, callback=_print_version, help="Print the version and exit."
)


@app.callback()
def faultlore(version: Annotated[bool, _VERSION] = False) -> None:
    """Mines GitHub issues for errors and keeps what is known about each as evidence.

    Examples, to begin with:

        faultlore demo
        faultlore query --db demo-out/demo.db 401 User not found
        faultlore init
    """


def main() -> None:
    """The program: runs a command and exits with its status; no traceback reaches a user."""
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:  # a scheduler may close it
            setattr(sys, stream, open(os.devnull, mode))  # noqa: SIM115 - open until the end
    for name in ("COLUMNS", "LINES"):
        if not os.environ.get(name, "0").isdecimal():
            del os.environ[name]  # rich would take what is no number for one, and fail
    if isinstance(sys.stdout, io.TextIOWrapper):
        # where a character cannot be shown, its number is
        sys.stdout.reconfigure(errors="backslashreplace")
    status = run(sys.argv[1:])
    gc.freeze()  # the process ends: nothing that is left needs to be looked through
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit status."""
    ends: AbstractContextManager[None] = nullcontext()
    if arguments and arguments[0] in WRITING:
        from miner.endings import ending_cleanly

        ends = ending_cleanly()
    try:
        with ends:
            # without arguments the help is what a person needs, and still a wrong usage
            status = typer.main.get_command(app).main(
                args=arguments or ["--help"], prog_name="faultlore", standalone_mode=False
            )
            sys.stdout.flush()
    except FaultloreError as error:
        complain(error.said_in("cli"))
        return error.exit_status
    except (typer.Abort, KeyboardInterrupt) as error:
        signal = error.__cause__ if isinstance(error, typer.Abort) else error
        known = hasattr(signal, "exit_status")
        by, then = (f" by {signal}", ", and the next run goes on from there") if known else ("", "")
        complain(f"stopped{by}; what was done is kept{then}")
        return int(getattr(signal, "exit_status", 130))
    except typer.TyperException as error:
        complain(_usage(error))
        return 2
    except BrokenPipeError:
        return _reader_has_enough()
    except Exception as error:
        if os.environ.get("FAULTLORE_DEBUG"):
            raise
        complain(_unexpected(error, arguments))
        return 2
    return 2 if not arguments else status if isinstance(status, int) else 0


def complain(message: str) -> None:
    """One line on standard error."""
    print("faultlore: " + " ".join(message.split()), file=sys.stderr)


def _reader_has_enough() -> int:
    """The reader of a pipe (head, less) is gone: not an error, and nothing more is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


_TAKE_TEXT = ("query", "search", "signature")
"""Commands that take an error's text, which may have words that look like options."""


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the arguments, and what is known in their place."""
    message = _in_words(error) or error.format_message().removesuffix(".")
    context = getattr(error, "ctx", None)
    unknown = message.startswith("No such option")
    if unknown and context is not None and context.command.name in _TAKE_TEXT:
        return f"{message}; before a text with dashes write --: {context.command_path} -- TEXT"
    known: list[str] = []
    if unknown and context is not None and context.parent is None:
        message += "; options of a command stand behind its name"
    elif context is None or message.endswith("?") or "(Possible options: " in message:
        return message  # it suggests something already
    elif unknown:
        known = [p.opts[0] for p in context.command.params if p.opts[0].startswith("-")]
    elif isinstance(context.command, TyperGroup):
        known = list(context.command.commands)
    if known:
        message += f"; known: {', '.join(known)}"
    return f"{message}; see '{context.command_path} --help'"


def _in_words(error: typer.TyperException) -> str:
    """What number an option or argument wants, where it was given none, or one out of its range."""
    wants: Any = getattr(getattr(error, "param", None), "type", None)
    found = _NO_NUMBER.match(error.format_message())
    if found is None:
        return ""
    kind = "a whole number" if str(getattr(wants, "name", "")).startswith("int") else "a number"
    least, most = getattr(wants, "min", None), getattr(wants, "max", None)
    within = "" if least is None else f" of at least {least}"
    within = within if most is None else f" from {least} to {most}"
    return f"{found['name']}: {found['value']} is not {kind}{within}"


_NO_NUMBER = re.compile(
    r"Invalid value for (?P<name>'[^']*'): (?P<value>.{1,200}?) is not (?:a valid|in the range)",
    re.DOTALL,
)


def _is_of_database(error: Exception) -> bool:
    """Whether what is not UTF-8 came from the database: sqlite3 decodes its texts and messages."""
    if not isinstance(error, UnicodeDecodeError):
        return False
    import sqlite3

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    places = trace.tb_frame.f_locals.values() if trace is not None else ()
    return any(isinstance(value, sqlite3.Connection | sqlite3.Cursor) for value in places)


def _database(arguments: list[str]) -> Path:
    from kb.config import database_path

    given = [b for a, b in itertools.pairwise(arguments) if a == "--db"]
    given += [a.removeprefix("--db=") for a in arguments if a.startswith("--db=")]
    return database_path(given[0] if given else None)


def _unsound(arguments: list[str]) -> str | None:
    """What is wrong with a command's database; None if it is sound, or cannot be looked at."""
    try:
        from kb.store import connect_readonly
        from kb.verify import first_problem

        path = _database(arguments)
        with closing(connect_readonly(path)) as connection:
            problem = first_problem(connection)
    except Exception:
        return None
    if problem is None:
        return None
    return f"{path}: is not as faultlore writes it: {problem}; 'faultlore verify' lists everything"


def _unexpected(error: Exception, arguments: list[str]) -> str:
    import sqlite3

    if isinstance(error, sqlite3.Error) or _is_of_database(error):
        from kb.store import explain_sqlite

        return str(explain_sqlite(error, str(_database(arguments))))
    if isinstance(error, OSError):
        return f"{error.filename or 'system'}: {error.strerror or error}"
    if problem := _unsound(arguments):
        return f"{problem} ({type(error).__name__})"
    return (
        f"a defect: {type(error).__name__}: {error};"
        " set FAULTLORE_DEBUG=1 to see where, and report it"
    )
