"""The command line reference (docs/cli.md), made of the commands' own help: `python -m
miner.cli.reference > docs/cli.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from miner.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
# Command line reference

Made of the commands' own `--help` by `make docs`; a test fails when it is out of date.
Data goes to standard output, everything else to standard error. An error is one line that says what to do.

Exit status: 0 done (`query`: found); 1 nothing found; 2 wrong usage or bad input; 3 GitHub could not be reached or refused,
what arrived is kept; 4 another process is writing this database.
"""


def _commands(group: click.Group, context: click.Context) -> Iterator[click.Context]:
    """The context of each command, with that of its group as parent, as when it is called."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        own = command.context_class(command, info_name=name, parent=context)
        yield own
        if isinstance(command, click.Group):
            yield from _commands(command, own)


def reference() -> str:
    """The whole page as Markdown; the width is fixed, so that it is the same on every terminal."""
    settings = {**cli.context_settings, "terminal_width": 100, "max_content_width": 100}
    context = click.Context(cli, info_name="faultlore", **settings)
    parts = [HEAD]
    for own in _commands(cli, context):
        title = own.command_path.removeprefix("faultlore ")
        parts.append(f"## {title}\n\n```text\n{own.command.get_help(own)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    click.echo(reference(), nl=False)
