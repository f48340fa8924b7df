"""What a scheduler runs, and the copies that one falls back on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from miner.cli.options import db_option, json_option, note, print_json

if TYPE_CHECKING:
    from kb.config import Config
    from kb.store import Store
    from miner.nightly.dry_run import Forecast
    from miner.nightly.run import NightReport, Plan


@click.command("nightly")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what a run would do and how many requests that takes; write nothing.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Walk over everything and mark what GitHub no longer has (once a month is enough).",
)
@click.option(
    "--wait",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seconds to wait for another run to end.",
)
@click.option(
    "--report-to",
    "reports",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Write the report: .json, else Markdown.",
)
@click.option(
    "--api-url",
    help="GitHub Enterprise's API [default: that of faultlore.toml, GITHUB_API_URL, else GitHub's own].",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Worker processes for mining [default: the processors, at most 8].",
)
@click.option("--log-json", is_flag=True, help="Log to standard error as JSON, one object a line.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="[default: info; on a terminal: progress bars]",
)
@db_option
@json_option
def nightly_command(
    dry_run: bool,
    full: bool,
    wait: int,
    reports: tuple[Path, ...],
    api_url: str | None,
    workers: int | None,
    log_json: bool,
    log_level: str | None,
    db: str | None,
    as_json: bool,
) -> int:
    """Harvests, mines and exports as faultlore.toml says, and prints what is new; what a scheduler
    runs.

    Leaves with 0 if all went well, 3 if GitHub failed for some repository (the next run mends it),
    4 if another run is going on, 2 if a person must see to something.

    \b
    Example:
      faultlore nightly --report-to report.md
    """
    from kb.config import database_path, find_config
    from miner.nightly.log import set_up, tear_down
    from miner.nightly.signals import Interrupted, ending_cleanly

    plan = make_plan(find_config(), api_url, full=full, workers=workers)
    path = database_path(db)
    if dry_run:
        return _rehearse(path, plan, as_json=as_json)
    on_terminal = sys.stderr.isatty() and not log_json and log_level is None
    handler = (
        None
        if on_terminal
        else set_up(log_level or "info", as_json=log_json, secrets=[plan.harvest.token or ""])
    )
    try:
        with ending_cleanly():
            return _run(path, plan, wait, reports, as_json=as_json, on_terminal=on_terminal)
    except Interrupted as error:
        note(
            f"faultlore: stopped by {error}; what was done is kept, the next run goes on from there"
        )
        return error.exit_status
    finally:
        if handler is not None:
            tear_down(handler)


def make_plan(
    config: Config, api_url: str | None = None, *, full: bool = False, workers: int | None = None
) -> Plan:
    """A run as the configuration says. Raises `BadInputError` where it names no repositories."""
    from dataclasses import replace

    from kb.config import CONFIG_NAME
    from kb.errors import BadInputError
    from kb.notes.export import Options
    from kb.notes.targets import target_named
    from miner.cli.build import api_address
    from miner.harvest.access import find_token, parse_since
    from miner.harvest.github import HarvestOptions
    from miner.nightly.run import Plan

    if not config.harvest.repos:
        where = (
            f"{config.path}: names no repositories"
            if config.path
            else f"{CONFIG_NAME}: there is none in this folder"
        )
        raise BadInputError(f"{where}; set [harvest] repos, or write a file with 'faultlore init'")
    h, e = config.harvest, config.export
    options = HarvestOptions(
        api_url=api_address(api_url, config),
        since=parse_since(h.since) if h.since else None,
        max_issues=h.max_issues,
        full=full,
        max_wait=h.max_wait,
        timeline_budget=h.timelines,
    )
    if (found := find_token(options.api_url)) is not None:
        options = replace(options, token=found[0], token_source=found[1])
    return Plan(
        repos=h.repos,
        harvest=options,
        formats=e.formats,
        out=config.resolve(e.out),
        export=Options(
            target=target_named(e.target),
            min_threads=e.min_threads,
            categories=e.categories,
            notes=e.notes_url,
        ),
        curation=config.resolve(config.curation) if config.curation else None,
        workers=workers,
    )


def _run(
    path: Path,
    plan: Plan,
    wait: int,
    reports: tuple[Path, ...],
    *,
    as_json: bool,
    on_terminal: bool,
) -> int:
    from kb.curation import read_curation
    from kb.store import Store
    from miner.nightly.report import as_markdown, write_job_summary, write_report

    if plan.curation is not None:
        read_curation(plan.curation)  # a mistake in it is better told before an hour of harvest
    with Store.open(path, wait=float(wait)) as store:
        report = _with_progress(store, plan, on_terminal=on_terminal)
    document = report.as_dict()
    for target in reports:
        write_report(document, target)
    write_job_summary(document)
    if as_json:
        print_json(document)
    else:
        click.echo(as_markdown(document), nl=False)
    return report.exit_status


def _with_progress(store: Store, plan: Plan, *, on_terminal: bool) -> NightReport:
    from miner.cli.bars import HarvestBars
    from miner.nightly.run import nightly

    if not on_terminal:
        return nightly(store, plan)
    with HarvestBars() as bars:
        return nightly(store, plan, bars, bars.mining)


# ---------------------------------------------------------------- dry run


def _rehearse(path: Path, plan: Plan, *, as_json: bool) -> int:
    from kb.store import connect_readonly
    from miner.nightly.dry_run import forecast

    connection = connect_readonly(path) if path.exists() else None
    try:
        found = forecast(connection, plan.repos, plan.harvest)
    finally:
        if connection is not None:
            connection.close()
    if as_json:
        print_json(found.as_dict())
    else:
        _print_forecast(found, path, plan)
    return 3 if any(repo.problem for repo in found.repos) else 0


def _print_forecast(found: Forecast, path: Path, plan: Plan) -> None:
    for repo in found.repos:
        if repo.problem:
            click.echo(f"{repo.repo}: {repo.problem}")
            continue
        issues = "?" if repo.issues is None else f"{repo.issues:,}"
        comments = "?" if repo.comments is None else f"{repo.comments:,}"
        kind = "news" if repo.known else "first harvest"
        waiting = f", {repo.timelines:,} timelines" if repo.timelines else ""
        at_least = "at least " if repo.at_least else ""
        click.echo(
            f"{repo.repo}: {kind}: {issues} threads, {comments} comments{waiting}: {at_least}{repo.requests:,} requests"
        )
    at_least = "at least " if found.at_least else ""
    left = "" if found.remaining is None else f"; {found.remaining:,} are left of the rate limit"
    click.echo(f"in all: {at_least}{found.requests:,} requests{left}")
    click.echo(
        f"then: mine into {path}"
        + (f" ({found.waiting:,} threads wait already)" if found.waiting else "")
    )
    for kind in plan.formats:
        from miner.nightly.run import FOLDERS

        click.echo(f"then: export {kind} to {plan.out / FOLDERS[kind]}")
    note(f"nothing was written; asking took {found.asked:,} requests")


# ---------------------------------------------------------------- backup and restore


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1),
    help="TARGET is a folder: keep this many backups there and remove older ones.",
)
@db_option
@json_option
def backup_command(target: Path, keep: int | None, db: str | None, as_json: bool) -> int:
    """Copies the database to TARGET (a file, or a folder for dated copies), also while a run
    writes; the copy is checked.

    \b
    Example:
      faultlore backup backups --keep 7 --db demo.db
    """
    from kb.backup import backup
    from kb.config import database_path
    from miner.cli.options import now

    made = backup(database_path(db), target, now(), keep=keep)
    note(
        f"{made.path}: {made.size / (1 << 20):,.1f} MiB, {made.threads:,} threads, {made.entries:,} entries, checked"
    )
    for path in made.removed:
        note(f"{path}: older than the {keep} newest, removed")
    if as_json:
        facts = {
            "path": str(made.path),
            "bytes": made.size,
            "threads": made.threads,
            "entries": made.entries,
        }
        print_json({**facts, "removed": [str(path) for path in made.removed]})
    return 0


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path))
@db_option
@json_option
def restore_command(source: Path, db: str | None, as_json: bool) -> int:
    """Checks the backup SOURCE and puts it in the database's place; the database that was there is
    kept beside it.

    \b
    Example:
      faultlore restore backups/demo-20260131T020000Z.db --db demo.db
    """
    from kb.backup import restore
    from kb.config import database_path
    from miner.cli.options import now

    path = database_path(db)
    done = restore(source, path, now())
    kept = f"; what was there before is {done.former}" if done.former else ""
    note(
        f"{path}: restored from {source}, {done.threads:,} threads, {done.entries:,} entries{kept}"
    )
    if as_json:
        former = str(done.former) if done.former else None
        print_json(
            {"path": str(path), "former": former, "threads": done.threads, "entries": done.entries}
        )
    return 0
