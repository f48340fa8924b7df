"""Commands that bring threads in and mine them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from miner.cli.options import db_option, json_option, note, now, print_json, progress_bar

if TYPE_CHECKING:
    from kb.config import Config
    from kb.store import Store
    from miner.harvest.files import ImportReport
    from miner.harvest.github import HarvestOptions
    from miner.pipeline import MineReport


MOST_LISTED = 10
"""Threads that a stage could not read, told one by one."""


def _plural(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# ---------------------------------------------------------------- import


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@db_option
@json_option
def import_command(files: tuple[Path, ...], db: str | None, as_json: bool) -> int:
    """Loads threads from FILES: one JSON object a line, plain or .gz (format: docs/import.md).

    \b
    Example:
      faultlore import data/demo/*.jsonl --db demo.db
    """
    from kb.config import database_path
    from kb.store import Store
    from miner.harvest.files import import_files

    total = sum(path.stat().st_size for path in files if path.is_file())
    with (
        Store.open(database_path(db)) as store,
        progress_bar("import", total, unit_is_bytes=True) as advance,
    ):
        report = import_files(store, list(files), advance)
    _report_import(report, as_json)
    return 2 if report.bad_lines else 0


def _report_import(report: ImportReport, as_json: bool) -> None:
    for problem in report.problems:
        note(f"faultlore: {problem}")
    if report.bad_lines > len(report.problems):
        note(f"faultlore: {report.bad_lines - len(report.problems):,} more bad lines")
    t, c = report.threads, report.comments
    note(
        f"{_plural(t.new, 'new thread')}, {t.changed:,} changed, {t.same + t.older:,} as before; "
        f"{_plural(c.new, 'new comment')}, {c.changed:,} changed, {c.same + c.older:,} as before; {_plural(report.bad_lines, 'bad line')}"
    )
    if as_json:
        problems = [{"file": p.path, "line": p.line, "reason": p.reason} for p in report.problems]
        counts = {
            n: {"new": x.new, "changed": x.changed, "same": x.same, "older": x.older}
            for n, x in (("threads", t), ("comments", c))
        }
        print_json(
            {**counts, "events": report.events, "bad_lines": report.bad_lines, "problems": problems}
        )


# ---------------------------------------------------------------- harvest


@click.command("harvest")
@click.argument("repos", nargs=-1, required=True, metavar="OWNER/REPO...")
@click.option(
    "--since",
    metavar="WHEN",
    help="On a first run, only threads changed since: 90d, or a date such as 2026-01-31.",
)
@click.option(
    "--max-issues", type=click.IntRange(1), help="At most this many threads a repository."
)
@click.option("--full", is_flag=True, help="Walk over everything and mark comments that are gone.")
@click.option(
    "--max-wait",
    type=click.IntRange(0),
    default=900,
    show_default=True,
    help="Seconds to wait at a rate limit.",
)
@click.option(
    "--timelines",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    help="Requests for timelines a repository.",
)
@click.option(
    "--api-url", help="GitHub Enterprise's API [default: GITHUB_API_URL, else GitHub's own]."
)
@db_option
@json_option
def harvest_command(
    repos: tuple[str, ...],
    since: str | None,
    max_issues: int | None,
    full: bool,
    max_wait: int,
    timelines: int,
    api_url: str | None,
    db: str | None,
    as_json: bool,
) -> int:
    """Brings threads from GitHub: what is new since the last run. Whatever arrived is kept.

    \b
    Example:
      faultlore harvest cline/cline --since 90d
    """
    from kb.config import database_path, find_config
    from kb.store import Store
    from miner.cli.bars import HarvestBars
    from miner.harvest.access import parse_since
    from miner.harvest.github import HarvestOptions, harvest

    options = HarvestOptions(
        api_url=api_address(api_url, find_config()),
        since=parse_since(since) if since else None,
        max_issues=max_issues,
        full=full,
        max_wait=max_wait,
        timeline_budget=timelines,
    )
    options = with_token(options)
    with Store.open(database_path(db)) as store, HarvestBars() as bars:
        report = harvest(store, repos, options, bars)
    if as_json:
        print_json(report.as_dict())
    return report.exit_status


def api_address(option: str | None, config: Config) -> str:
    """Where the API is: the option, else the configuration, else `GITHUB_API_URL`, else GitHub's
    own.
    """
    import os

    from miner.harvest.access import DEFAULT_API_URL

    return option or config.harvest.api_url or os.environ.get("GITHUB_API_URL") or DEFAULT_API_URL


def with_token(options: HarvestOptions) -> HarvestOptions:
    """The options with the token of the environment; `harvest` says so if there is none."""
    from dataclasses import replace

    from miner.harvest.access import find_token

    found = find_token(options.api_url)
    if found is None:
        return options
    return replace(options, token=found[0], token_source=found[1])


# ---------------------------------------------------------------- mine


@click.command("mine")
@db_option
@click.option(
    "--curation",
    type=click.Path(path_type=Path),
    help="Your merges, splits and titles [default: that of faultlore.toml].",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Worker processes [default: the processors, at most 8].",
)
@json_option
def mine_command(db: str | None, curation: Path | None, workers: int | None, as_json: bool) -> int:
    """Makes threads into mentions, entries and claims; works on what changed since the last run,
    without the network.

    \b
    Example:
      faultlore mine --db demo.db
    """
    from kb.config import database_path, find_config
    from kb.store import Store

    config = find_config()
    with Store.open(database_path(db)) as store:
        report = run_mine(store, config, curation, workers)
    if as_json:
        print_json(mine_document(report))
    return 2 if report.failed else 0


def run_mine(
    store: Store, config: Config, curation: Path | None, workers: int | None = None
) -> MineReport:
    """Mines with progress bars; counts and threads that could not be read go to standard error."""
    from kb.curation import read_curation
    from miner.pipeline import mine

    path = curation or (config.resolve(config.curation) if config.curation else None)
    rules = read_curation(path) if path else None
    total = store.connection.execute("select count(*) from dirty").fetchone()[0]
    with progress_bar("mine", total) as advance:
        seen: dict[str, int] = {}

        def progress(stage: str, done: int, total: int) -> None:
            advance(done - seen.get(stage, 0))
            seen[stage] = done

        report = mine(store, rules, now=now(), workers=workers, progress=progress)
    for line in report.failed[:MOST_LISTED]:
        note(f"faultlore: {line}; left for the next run")
    if len(report.failed) > MOST_LISTED:
        note(
            f"faultlore: {len(report.failed) - MOST_LISTED:,} more threads could not be read; they are left for the next run"
        )
    read = f"{_plural(report.threads, 'thread')} read, {_plural(report.mentions, 'mention')}, {_plural(report.claims, 'claim')}"
    note(f"{read}; {_grouped(report)}")
    return report


def _grouped(report: MineReport) -> str:
    if report.group is None:
        return "nothing to group"
    g = report.group
    entries = _plural(g.new, "new entry", "new entries")
    return f"{entries}, {g.changed:,} changed, {g.merged:,} merged, {g.split:,} split"


def mine_document(report: MineReport) -> dict[str, Any]:
    """A mining report as JSON."""
    g = report.group
    grouped = (
        {"new": g.new, "changed": g.changed, "merged": g.merged, "split": g.split} if g else None
    )
    return {
        "threads": report.threads,
        "mentions": report.mentions,
        "claims": report.claims,
        "entries": grouped,
        "failed": report.failed,
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }


# ---------------------------------------------------------------- init and demo


@click.command("init")
@click.option("--force", is_flag=True, help="Overwrite an existing faultlore.toml.")
def init_command(force: bool) -> int:
    """Writes a commented faultlore.toml that names repositories worth harvesting.

    \b
    Example:
      faultlore init
    """
    from kb.config import CONFIG_NAME, TEMPLATE
    from kb.errors import BadInputError
    from kb.notes.export import write_atomically

    path = Path(CONFIG_NAME)
    if path.exists() and not force:
        raise BadInputError(f"{path}: exists already; edit it, or use --force to write it anew")
    write_atomically(path, TEMPLATE.encode())
    note(f"wrote {path}; set GITHUB_TOKEN and run 'faultlore nightly'")
    return 0


def demo_files() -> list[Path]:
    """The demo threads: in a checkout beside the packages, in an installation inside of them."""
    import miner

    package = Path(miner.__file__).parent
    for folder in (package.parent / "data" / "demo", package / "demo_data"):
        files = sorted(folder.glob("*.jsonl"))
        if files:
            return files
    from kb.errors import BadInputError

    raise BadInputError(f"{package}: the demo threads are missing; install faultlore again")


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-out"),
    show_default=True,
    help="Folder for database and notes.",
)
def demo_command(out: Path) -> int:
    """Runs the main job on bundled made-up threads: import, mine, export, and prints one evidence
    note.

    \b
    Example:
      faultlore demo
    """
    from kb.config import Config
    from kb.notes.export import export_notes
    from kb.store import Store
    from miner.harvest.files import import_files

    files = demo_files()
    out.mkdir(parents=True, exist_ok=True)
    db = out / "demo.db"
    with Store.open(db) as store:
        note(f"importing {len(files)} files of made-up threads")
        _report_import(import_files(store, files), as_json=False)
        run_mine(store, Config(), None)
        report = export_notes(store.connection, out / "notes")
        best = store.connection.execute(
            "select entry_id from entries order by grade, repos desc, threads desc, entry_id limit 1"
        ).fetchone()
    path = out / "notes" / f"{best['entry_id']}.md"
    click.echo(path.read_text(encoding="utf-8"))
    note(
        f"database: {db}\nnotes: {out / 'notes'} ({len(report.written)} written, {report.unchanged} as before)\nthe note above: {path}"
    )
    note(f"now try: faultlore query '401 User not found' --db {db}")
    return 0
