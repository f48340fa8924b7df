"""The page `docs/reference/commands.md`, made of the commands' own help."""

from __future__ import annotations

import typer
from typer.cli import get_docs_for_click

from miner.cli import app

HEAD = """\
# Command line reference

Made of the commands' own `--help` by `make docs`; a test fails when it is out of date.
Data goes to standard output, everything else to standard error.
An error is one line that says what to do.

Exit status: 0 done (`query`: found); 1 nothing found; 2 wrong usage or bad input;
3 GitHub could not be reached or refused, what arrived is kept;
4 another process is writing this database.

"""


def page() -> str:
    """The whole page as Markdown."""
    program = typer.main.get_command(app)
    context = typer.Context(program, info_name="faultlore", help_option_names=["-h", "--help"])
    pages = get_docs_for_click(obj=program, ctx=context, name="faultlore", indent=1)
    return HEAD + pages.strip() + "\n"
