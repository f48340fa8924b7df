"""The command line: parses arguments and prints. What a command does is in the stages.

Commands are loaded when they are called (`COMMANDS`), so that `faultlore query` does not wait for a
harvest's libraries. Data go to standard output, everything else to standard error. Exit statuses
are those of the contract.
"""

from __future__ import annotations

import importlib
import itertools
import os
import sys

import click

from kb.errors import FaultloreError

COMMANDS = {
    "import": "miner.cli.build:import_command",
    "harvest": "miner.cli.build:harvest_command",
    "mine": "miner.cli.build:mine_command",
    "nightly": "miner.cli.night:nightly_command",
    "init": "miner.cli.build:init_command",
    "demo": "miner.cli.build:demo_command",
    "query": "miner.cli.ask:query_command",
    "search": "miner.cli.ask:search_command",
    "show": "miner.cli.ask:show_command",
    "signature": "miner.cli.ask:signature_command",
    "explain": "miner.cli.ask:explain_command",
    "history": "miner.cli.ask:history_command",
    "stats": "miner.cli.ask:stats_command",
    "trends": "miner.cli.ask:trends_command",
    "mcp": "miner.cli.ask:mcp_command",
    "export": "miner.cli.publish:export_command",
    "verify": "miner.cli.publish:verify_command",
    "docs": "miner.cli.publish:docs_group",
    "curate": "miner.cli.care:curate_command",
    "doctor": "miner.cli.care:doctor_command",
    "backup": "miner.cli.night:backup_command",
    "restore": "miner.cli.night:restore_command",
    "serve": "miner.cli.care:serve_command",
}
"""Each command and where it is; the order is that of `faultlore --help`."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads a command; None if there is none of that name."""
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, name = where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="faultlore", prog_name="faultlore")
def cli() -> None:
    """Mines GitHub issues for errors and keeps what is known about each as evidence."""


def main() -> None:
    """The program: runs a command and leaves with the contract's exit status; no traceback reaches
    a user.
    """
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit status."""
    try:
        result = cli.main(args=arguments, prog_name="faultlore", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except FaultloreError as error:
        complain(str(error))
        return error.exit_status
    except click.exceptions.Abort:
        complain("stopped; what was done is kept")
        return 130
    except KeyboardInterrupt:
        complain("stopped; what was done is kept")
        return 130
    except click.ClickException as error:
        error.show(sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of a pipe (head, less) has enough: not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("FAULTLORE_DEBUG"):
            raise
        complain(_unexpected(error, arguments))
        return 2


def complain(message: str) -> None:
    """One line on standard error."""
    print("faultlore: " + " ".join(message.split()), file=sys.stderr)


def _unexpected(error: Exception, arguments: list[str]) -> str:
    import sqlite3

    if isinstance(error, sqlite3.Error):
        from kb.store import explain_sqlite

        return str(explain_sqlite(error, _database(arguments)))
    if isinstance(error, OSError):
        return f"{error.filename or 'system'}: {error.strerror or error}"
    return f"a defect: {type(error).__name__}: {error}; set FAULTLORE_DEBUG=1 to see where, and report it"


def _database(arguments: list[str]) -> str:
    from kb.config import database_path

    given = [b for a, b in itertools.pairwise(arguments) if a == "--db"]
    return str(database_path(given[0] if given else None))
