"""What the commands share: the database, options, a run's settings (each from its option, else from
faultlore.toml, else from the environment), texts from arguments, output.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from kb import sql
from kb.config import database_path
from kb.errors import BadInputError
from kb.text import read_bytes, storable

if TYPE_CHECKING:  # loaded by the commands that need them
    import sqlite3

    from kb import KnowledgeBase
    from kb.notes.options import Options
    from kb.query.terminal import Part
    from kb.settings import Config
    from kb.store import Store
    from miner.harvest.access import HarvestOptions

# ---------------------------------------------------------------- the database


def knowledge(db: str | None) -> "KnowledgeBase":
    """The knowledge base that a command asks."""
    from kb import KnowledgeBase

    return KnowledgeBase(database_path(db))


@contextmanager
def reading(db: str | None) -> "Iterator[sqlite3.Connection]":
    """One committed state of the database, whatever a nightly run writes meanwhile."""
    from kb.store import connect_readonly

    with closing(connect_readonly(database_path(db))) as connection:
        sql.write(connection, "file.begin_reading")
        yield connection


def writing(db: str | None, *, wait: float = 0.0) -> "Store":
    """The database, open for writing by this process alone; `wait`: seconds for another one."""
    from kb.store import Store

    return Store.open(database_path(db), wait=wait)


# ---------------------------------------------------------------- text from arguments

_DASHED_TEXT = re.compile(r"-(?:\d|[^\s=]*\s)")
_ESCAPE = "\0"
"""Marks an argument that is text although it begins with a dash; no real one can hold it."""


class TextCommand(TyperCommand):
    """A command that takes an error text: `-32000:` and `-bash: x: not found` are no options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the arguments, with those marked that are text."""
        before_value = {o for p in self.params if not getattr(p, "is_flag", True) for o in p.opts}
        marked = [
            _ESCAPE + word if _DASHED_TEXT.match(word) and last not in before_value else word
            for last, word in zip(["", *args], args, strict=False)
        ]
        return super().parse_args(ctx, marked)


def text(argument: str) -> str:
    """An argument as text (the help calls it so): bytes that are no UTF-8 become U+FFFD."""
    return storable(argument.removeprefix(_ESCAPE))


def when(argument: str) -> str:
    """An argument that names a time; also an empty one (a variable that is not set) is none."""
    from kb.text import since_time

    try:
        since_time(argument)
    except BadInputError as error:
        raise typer.BadParameter(str(error)) from None
    return argument


def read_text(words: Sequence[str] | None, file: str | None) -> str:
    """The text to ask about: words, `-` for standard input, or a file. Raises `BadInputError`."""
    from kb.query.input import decode

    if file is not None and words:
        raise BadInputError("give a text or --file, not both")
    words = list(words or ())
    if file is None and len(words) == 1:
        if _names_a_file(words[0]):
            file = words.pop()
            note(f"faultlore: read from the file {file}")
        elif _LOOKS_LIKE_A_LOG.fullmatch(words[0]):
            note(f"faultlore: there is no file {words[0]}; it is asked about as a text")
    if file is not None and file != "-":
        path = Path(file)
        try:
            with path.open("rb") as source:
                return decode(read_bytes(source, str(path)), str(path))
        except OSError as error:
            raise BadInputError(
                f"{path}: {error.strerror or error}; name a file that can be read"
            ) from error
    if words and words != ["-"]:
        return " ".join(words)
    if not words and file is None and sys.stdin.isatty():
        raise BadInputError(
            'nothing was asked; write faultlore query "the error",'
            " or pipe a log into faultlore query -"
        )
    return decode(read_bytes(sys.stdin.buffer, "standard input"), "standard input")


_LOOKS_LIKE_A_LOG = re.compile(r"(?![a-z]+://)[\w./\\~-]+\.(?:log|txt|out|err|json)", re.IGNORECASE)
_FILE = re.compile(r"(?![a-z]+://)\S*[./\\]\S*\Z", re.IGNORECASE)


def _names_a_file(word: str) -> bool:
    """Whether one word, with a dot or a slash in it, is the name of a file that is there."""
    try:
        return bool(_FILE.match(word)) and Path(word).is_file()
    except (OSError, ValueError):
        return False


# ---------------------------------------------------------------- options


# `says` is the help of the option or argument


def option(says: str, *names: str, **more: Any) -> Any:
    """An option; its name is that of the parameter unless `names` are given."""
    number = {"metavar": "N"} if more.keys() & {"min", "max"} else {}
    return typer.Option(*names, help=says, **{**number, **more})


def setting(says: str, otherwise: str = "", **more: Any) -> Any:
    """An option that stands before the configuration; `otherwise`: where that is silent."""
    default = f"faultlore.toml, {otherwise}" if otherwise else "faultlore.toml"
    return option(says, show_default=default, **more)


def declared(table: Any, name: str, known: Sequence[str] = (), **more: Any) -> Any:
    """An option that is a field of a table of settings (or a class that extends one), as the first
    sentence there tells it; `known`: the names that it takes.
    """
    from kb.settings import TABLES, texts

    says = texts(table)[name].format(targets=", ".join(known))
    says = says.split(". ")[0].rstrip(".").replace("`", "") + "."
    if known:
        more = {"metavar": "NAME", "autocompletion": lambda: list(known)} | more
    if not any(name in one.__struct_fields__ for one in TABLES.values() if issubclass(table, one)):
        return option(says, **more)
    default = getattr(table(), name)
    return setting(says, "" if default is None else str(default), **more)


def text_option(metavar: str, says: str, **more: Any) -> Any:
    return option(says, metavar=metavar, parser=text, **more)


def argument(metavar: str, says: str, **more: Any) -> Any:
    return typer.Argument(metavar=metavar, help=says, **more)


def text_argument(metavar: str, says: str, **more: Any) -> Any:
    return argument(metavar, says, parser=text, **more)


_DB = "FAULTLORE_DB, faultlore.toml, kb.db"
_API = "GITHUB_API_URL, GitHub"
_CPUS = "the processors, at most 8"
Db = Annotated[str | None, option("The database.", metavar="PATH", show_default=_DB)]
AsJson = Annotated[bool, option("Print one JSON document.", "--json")]
ApiUrl = Annotated[
    str | None, setting("The API of GitHub Enterprise.", _API, metavar="URL", parser=text)
]
Full = Annotated[bool, option("Walk over everything and mark what GitHub no longer has.", "--full")]
Workers = Annotated[int | None, option("Worker processes.", min=1, show_default=_CPUS)]
CurationFile = Annotated[Path | None, setting("The curation file.", metavar="PATH")]
RepoFile = Annotated[
    Path | None, option("A file of repositories, one a line.", "--from", metavar="FILE")
]

# ---------------------------------------------------------------- output


def note_emptiness(connection: "sqlite3.Connection") -> bool:
    """Says that a database has no threads or no entries, and what brings some; false where it has
    both.
    """
    held = sql.first(connection, "file.counts")
    if not held["threads"]:
        bring = "'faultlore harvest OWNER/REPO' and 'faultlore import FILE' bring some"
        note(f"faultlore: there are no threads yet; {bring}")
    elif not held["entries"]:
        note("faultlore: there are no entries yet; 'faultlore mine' makes them")
    return not held["entries"]


def note(message: str) -> None:
    """A line for the person, on standard error, after what was printed before it."""
    sys.stdout.flush()
    print(message, file=sys.stderr)


def output(document: Any, *, as_json: bool, lines: Iterable[str] = ()) -> None:
    """On standard output one JSON document where that is asked for, else these lines."""
    for line in [json.dumps(document, ensure_ascii=False, indent=2)] if as_json else lines:
        print(line)


def show(document: Any, view: "Sequence[Part]", *, as_json: bool, paged: bool = False) -> None:
    """Prints an answer as JSON or to read; `paged`: through a pager where that is a terminal."""
    from kb.query.terminal import emit, safe_json

    if as_json:
        print(safe_json(document))
    elif paged and sys.stdout.isatty():
        _through_pager(view)
    else:
        emit(view)


def _through_pager(view: "Sequence[Part]") -> None:
    import io
    import os
    import pydoc

    from kb.query.terminal import emit

    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    emit(view, file=screen)
    # colours as they are, and no pager for what fits on the screen
    os.environ.setdefault("LESS", "-FRX")
    pydoc.pager(screen.getvalue())


# ---------------------------------------------------------------- settings


def harvest_options(config: "Config", **given: Any) -> "HarvestOptions":
    """How to harvest: fields of `HarvestOptions` as given, else (None) as the configuration has
    them. Raises `BadInputError`.
    """
    from msgspec import structs

    from miner.harvest.access import HarvestOptions, find_access, parse_since

    chosen = structs.asdict(config.harvest)
    name = "--since" if given.get("since") else config.where("harvest", "since")
    chosen |= {name: value for name, value in given.items() if value is not None and value != ""}
    if chosen["since"]:
        chosen["since"] = parse_since(chosen["since"], name=name)
    return HarvestOptions(**chosen, access=find_access(config, given.get("api_url")))


def export_options(config: "Config", **given: Any) -> "Options":
    """How to export: fields of `Options` as given, else (None) as the configuration has them.
    Raises `BadInputError`.
    """
    from msgspec import structs

    from kb.notes.options import Options
    from kb.settings import known_names
    from kb.text import since_time

    chosen = {name: value for name, value in given.items() if value is not None}
    for name, value in chosen.items():
        known = known_names().get(("export", name), (value,))
        if value not in known:
            option = name.replace("_", "-")
            raise BadInputError(f"--{option} {value!r} is not known; known: {', '.join(known)}")
    if since := chosen.get("since"):
        chosen["since"] = since_time(since)
    return Options(**(structs.asdict(config.export) | chosen))
