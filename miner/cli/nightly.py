"""What a scheduler runs."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kb.text import counted
from miner.cli.options import ApiUrl, AsJson, Db, Full, Workers, note, print_json

if TYPE_CHECKING:
    from kb.settings import Config
    from kb.store import Store
    from miner.harvest.github import HarvestOptions
    from miner.nightly.dry_run import Forecast, RepoForecast
    from miner.nightly.notice import Webhook
    from miner.nightly.run import NightReport, Plan

app = typer.Typer()


@app.command("nightly")
def nightly_command(
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what a run would do and how many requests; write nothing."
        ),
    ] = False,
    full: Full = False,
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait for another run to end.")] = 0,
    reports: Annotated[
        list[Path] | None,
        typer.Option(
            "--report-to",
            metavar="PATH",
            help="Write the report here: .json as JSON, else Markdown; may be repeated.",
        ),
    ] = None,
    api_url: ApiUrl = None,
    workers: Workers = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log to standard error as JSON, one object a line.")
    ] = False,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None,
        typer.Option(help="What is logged.", show_default="info; on a terminal progress bars"),
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Harvests, mines and exports as faultlore.toml says, and prints what is new.

    Exits with 0 if all went well or the next run goes on where GitHub's rate limit ended this one;
    3 if GitHub failed for some repository (the next run tries it again), 4 if another run is going
    on, 2 if a person has to act.

    Example:

        faultlore nightly --report-to report.md
    """
    from kb.config import database_path, find_config
    from miner.cli.settings import harvest_options
    from miner.nightly.log import set_up, tear_down
    from miner.nightly.notice import webhook_of

    config = find_config()
    webhook = webhook_of(config.notify)
    plan = _plan(config, harvest_options(config, api_url=api_url, full=full), workers)
    path = database_path(db)
    if dry_run:
        return _rehearse(path, plan, webhook, as_json=as_json)
    on_terminal = sys.stderr.isatty() and not log_json and log_level is None
    handler = (
        None
        if on_terminal
        else set_up(log_level or "info", as_json=log_json, secrets=_secrets(plan, webhook))
    )
    try:
        night = Night(plan, webhook, config.notify.when, bars=on_terminal)
        return _run(path, night, wait=wait, reports=reports or [], as_json=as_json)
    finally:
        if handler is not None:
            tear_down(handler)


@dataclass(frozen=True, slots=True)
class Night:
    """What a run is to do, and who is told of it."""

    plan: "Plan"
    webhook: "Webhook | None"
    when: str
    bars: bool


def _secrets(plan: "Plan", webhook: "Webhook | None") -> list[str]:
    return [plan.harvest.token or "", webhook.address if webhook else ""]


def _plan(config: "Config", harvest: "HarvestOptions", workers: int | None) -> "Plan":
    """A run as the configuration says. Raises `BadInputError` where it names no repositories."""
    from kb.config import CONFIG_NAME
    from kb.errors import BadInputError
    from miner.cli.settings import curation_file, export_options
    from miner.nightly.run import Plan

    if not config.harvest.repos:
        where = (
            f"{config.path}: names no repositories"
            if config.path
            else f"{CONFIG_NAME}: there is none in this folder"
        )
        remedy = "set [harvest] repos" if config.path else "'faultlore init OWNER/REPO' writes one"
        raise BadInputError(f"{where}; {remedy}")
    return Plan(
        repos=config.harvest.repos,
        harvest=harvest,
        formats=config.export.formats,
        out=config.resolve(config.export.out),
        export=export_options(config),
        curation=curation_file(config),
        confidence=config.publish.confidence,
        workers=workers,
        judge=config.judge if config.judge.model else None,
    )


def _run(path: Path, night: Night, *, wait: int, reports: list[Path], as_json: bool) -> int:
    from kb.curation import read_curation
    from kb.errors import FaultloreError, LockedError
    from kb.store import Store
    from miner.nightly.notice import document as news
    from miner.nightly.notice import failed_document, wanted
    from miner.nightly.report import as_markdown, write_job_summary, write_report

    plan = night.plan
    try:
        if plan.curation is not None:
            read_curation(plan.curation)  # a mistake is better named before an hour of harvest
        with Store.open(path, wait=float(wait)) as store:
            report = _with_progress(store, plan, bars=night.bars)
        document = report.as_dict()
        for target in reports:
            write_report(document, target)
    except LockedError:
        raise  # the other run tells its news
    except FaultloreError as error:
        _tell(night, failed_document(str(error), error.exit_status))
        raise
    except Exception as error:
        _tell(night, failed_document(f"a defect, {type(error).__name__}", 2))
        raise
    if wanted(document, night.when):
        _tell(night, news(document))
    write_job_summary(document)
    if as_json:
        print_json(document)
    else:
        _print_report(as_markdown(document))
    return report.exit_status


def _print_report(markdown: str) -> None:
    """The report to read: rendered on a terminal, as Markdown elsewhere."""
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from rich.console import Console
        from rich.markdown import Markdown

        # links are written out: what stands behind a word must be seen before it is followed
        Console().print(Markdown(markdown, hyperlinks=False))
    else:
        print(markdown, end="")


def _tell(night: Night, made: dict[str, Any]) -> None:
    """Sends a notice; what goes wrong is one line, the run is as it was."""
    import logging

    from miner.nightly.log import log
    from miner.nightly.notice import send

    if night.webhook is None:
        return
    problem = send(night.webhook, made)
    if problem is None:
        log(logging.INFO, "notice sent", to=night.webhook.host)
        return
    log(logging.WARNING, "notice not sent", reason=problem)
    if night.bars:
        note(f"the notice was not sent: {problem}")


def _with_progress(store: "Store", plan: "Plan", *, bars: bool) -> "NightReport":
    from miner.cli.bars import RunBars
    from miner.nightly.run import nightly

    if not bars:
        return nightly(store, plan)
    with RunBars(len(plan.repos)) as progress:
        return nightly(store, plan, progress, progress.mining)


# ---------------------------------------------------------------- dry run


def _rehearse(path: Path, plan: "Plan", webhook: "Webhook | None", *, as_json: bool) -> int:
    from kb.store import connect_readonly
    from miner.nightly.dry_run import forecast

    connection = connect_readonly(path) if path.exists() else None
    try:
        found = forecast(connection, plan.repos, plan.harvest)
        if plan.judge is not None and connection is not None:
            from miner.judge.run import estimate

            found.judge = estimate(connection, plan.judge.band, plan.judge.model or "")
    finally:
        if connection is not None:
            connection.close()
    if as_json:
        print_json(found.as_dict())
    else:
        _print_forecast(found, path, plan, webhook)
    return 3 if any(repo.problem for repo in found.repos) else 0


def _print_forecast(found: "Forecast", path: Path, plan: "Plan", webhook: "Webhook | None") -> None:
    from kb.notes.formats import format_named

    for repo in found.repos:
        print(f"{repo.repo}: {repo.problem or _expected(repo)}")
    at_least = "at least " if found.at_least else ""
    left = "" if found.remaining is None else f"; {found.remaining:,} are left of the rate limit"
    print(f"in all: {at_least}{counted(found.requests, 'request')}{left}")
    if found.requests:
        print(f"that takes {at_least}{_hours(found.hours)} and {_size(found.disk)} in the database")
    waiting = f" ({counted(found.waiting, 'thread')} waiting already)" if found.waiting else ""
    print(f"then: mine into {path}{waiting}")
    if found.judge is not None and plan.judge is not None:
        print(
            f"then: ask {plan.judge.model} about {found.judge.things}:"
            f" {counted(found.judge.requests, 'request')}, about {found.judge.tokens:,} tokens"
            f" (at most {plan.judge.max_requests:,} and {plan.judge.max_tokens:,})"
        )
    for kind in plan.formats:
        print(f"then: export {kind} to {plan.out / format_named(kind).folder}")
    if webhook is not None:
        print(f"then: send the news to {webhook.host} ({webhook.form})")
    note(f"nothing was written; asking took {counted(found.asked, 'request')}")


def _hours(hours: float) -> str:
    minutes = round(hours * 60)
    if minutes < 1:
        return "a few seconds"
    return counted(minutes, "minute") if minutes < 90 else f"{hours:.1f} hours"


def _size(size: int) -> str:
    return f"about {max(1, round(size / 1e6)):,} MB" if size else "next to nothing"


def _expected(repo: "RepoForecast") -> str:
    issues = "?" if repo.issues is None else f"{repo.issues:,}"
    comments = "?" if repo.comments is None else f"{repo.comments:,}"
    timelines = f", {repo.timelines:,} timelines" if repo.timelines else ""
    return (
        f"{'news' if repo.known else 'first harvest'}: {issues} threads, {comments} comments"
        f"{timelines}: {'at least ' if repo.at_least else ''}{counted(repo.requests, 'request')}"
    )
