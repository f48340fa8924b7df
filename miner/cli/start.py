"""Commands to begin with."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb import sql
from kb.config import CONFIG_NAME, template
from kb.errors import BadInputError
from miner.cli.options import flag, note, option, text_argument

if TYPE_CHECKING:
    import sqlite3

app = typer.Typer()

_REPOS = "Repositories to harvest; owner/* for all of an owner."
_ASKED = "Repositories, as owner/name with spaces between (none: trackers of AI coding tools)"


@app.command("init")
def init_command(
    repos: Annotated[list[str] | None, text_argument("OWNER/REPO...", _REPOS)] = None,
    force: Annotated[bool, flag("--force", "Overwrite an existing faultlore.toml.")] = False,
) -> int:
    """Writes a commented faultlore.toml.

    It names the repositories given here, or the trackers of AI coding tools.

    Example:

        faultlore init cline/cline
    """
    from kb.notes.folder import write_atomically
    from miner.harvest.names import check_name

    path = Path(CONFIG_NAME)
    if path.exists() and not force:
        raise BadInputError(f"{path}: exists already; edit it, or use --force to write it anew")
    if not repos and sys.stdin.isatty():
        repos = typer.prompt(_ASKED, default="", show_default=False, err=True).split()
    names = list(dict.fromkeys(check_name(name) for name in repos or ()))
    write_atomically(path, template(names).encode())
    note(
        f"wrote {path}; set GITHUB_TOKEN, see what a run takes with 'faultlore nightly --dry-run',"
        " then run 'faultlore nightly'"
    )
    return 0


@app.command("demo")
def demo_command(
    out: Annotated[Path, option("Folder for database and notes.", metavar="FOLDER")] = Path(
        "demo-out"
    ),
) -> int:
    """Imports, mines and exports bundled made-up threads, and prints one note.

    Example:

        faultlore demo
    """
    from kb.notes.export import export_to
    from kb.settings import Config
    from kb.store import Store
    from miner.cli.gather import print_imported, run_mine
    from miner.harvest.files import import_files

    files = demo_files()
    out.mkdir(parents=True, exist_ok=True)
    db, notes = out / "demo.db", out / "notes"
    with Store.open(db) as store:
        note(f"importing {len(files)} files of made-up threads")
        print_imported(import_files(store, files))
        run_mine(store, Config())
        report = export_to(store.connection, "note", notes)
        path = notes / f"{best_entry(store.connection)}.md"
    print(path.read_text(encoding="utf-8"))
    note(ending(db, path, len(report.written), report.unchanged, _program()))
    return 0


def best_entry(connection: "sqlite3.Connection") -> str:
    """The entry whose note the demo prints."""
    found = sql.first(connection, "entries.best")
    return str(found["entry_id"])


def ending(db: Path, note_file: Path, written: int, unchanged: int, program: str) -> str:
    """What the demo says at its end."""
    return (
        f"database: {db}\n"
        f"notes: {note_file.parent} ({written} written, {unchanged} as before)\n"
        f"the note above: {note_file}\n"
        f"now try: {program} query --db {db} 401 User not found"
    )


def _program() -> str:
    """How this program is called here: its name where the path has it, else its place."""
    import os
    import shutil

    called = sys.argv[0]
    if shutil.which("faultlore") or not called.endswith("faultlore"):
        return "faultlore"
    near = os.path.relpath(called)
    return near if not near.startswith("..") else called


def demo_files() -> list[Path]:
    """The demo threads: in a checkout beside the packages, in an installation inside of them."""
    import miner

    package = Path(miner.__file__).parent
    for folder in (package.parent / "data" / "demo", package / "demo_data"):
        if files := sorted(folder.glob("*.jsonl")):
            return files
    raise BadInputError(f"{package}: the demo threads are missing; install faultlore again")
