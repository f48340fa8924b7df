"""Options that several commands share, and the progress bars of those that work long."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

db_option = click.option(
    "--db",
    metavar="PATH",
    help="The database [default: FAULTLORE_DB, else that of faultlore.toml, else kb.db].",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def note(message: str) -> None:
    """A line for the person, on standard error."""
    click.echo(message, err=True)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def now() -> str:
    """The time in UTC, ISO 8601 with `Z`."""
    from datetime import UTC, datetime

    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def progress_bar(
    label: str, total: int, *, unit_is_bytes: bool = False
) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; silent where that is no terminal. Yields a function that
    advances it.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    count = DownloadColumn() if unit_is_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)

        def advance(amount: int) -> None:
            progress.update(task, advance=amount)

        yield advance
