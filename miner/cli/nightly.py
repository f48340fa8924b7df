"""What a scheduler runs."""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kb.config import CONFIG_NAME, database_path, find_config
from kb.errors import BadInputError, FaultloreError, LockedError
from kb.text import counted, day
from miner.cli.options import (
    ApiUrl,
    AsJson,
    Db,
    Full,
    Workers,
    curation_file,
    export_options,
    flag,
    harvest_options,
    note,
    option,
    output,
    writing,
)

if TYPE_CHECKING:
    from kb.settings import Config
    from kb.store import Store
    from miner.harvest.github import HarvestOptions
    from miner.nightly.dry_run import Forecast, RepoForecast
    from miner.nightly.notice import Webhook
    from miner.nightly.run import Plan

app = typer.Typer()

_DRY_RUN = "Say what a run would do and how many requests; write nothing."
_REPORT = "Write the report here: .json as JSON, else Markdown; may be repeated."
_LOG_LEVEL = "What is logged: debug, info, warning or error."
_LOG_JSON = "Log to standard error as JSON, one object a line."


@app.command("nightly")
def nightly_command(
    dry_run: Annotated[bool, flag("--dry-run", _DRY_RUN)] = False,
    full: Full = False,
    wait: Annotated[int, option("Seconds to wait for another run to end.", min=0)] = 0,
    reports: Annotated[list[Path] | None, option(_REPORT, "--report-to", metavar="PATH")] = None,
    api_url: ApiUrl = None,
    workers: Workers = None,
    log_json: Annotated[bool, flag("--log-json", _LOG_JSON)] = False,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None,
        option(_LOG_LEVEL, metavar="LEVEL", show_default="info; on a terminal progress bars"),
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
    from miner.nightly.log import set_up, tear_down
    from miner.nightly.notice import as_markdown, wanted, webhook_of, write_job_summary
    from miner.nightly.notice import document as news

    config = find_config()
    webhook = webhook_of(config.notify)
    plan = _plan(config, harvest_options(config, api_url=api_url, full=full), workers)
    if dry_run:
        return _rehearse(database_path(db), plan, webhook, as_json=as_json)
    bars = sys.stderr.isatty() and not log_json and log_level is None
    tell = partial(_tell, webhook, bars=bars)
    with ExitStack() as at_end:
        if not bars:
            secrets = [plan.harvest.token or "", webhook.address if webhook else ""]
            handler = set_up(log_level or "info", as_json=log_json, secrets=secrets)
            at_end.callback(tear_down, handler)
        opened = partial(writing, db, wait=float(wait))
        document = _run(plan, opened, reports or (), tell, bars=bars)
        if wanted(document, config.notify.when):
            tell(news(document))
    write_job_summary(document)
    if as_json:
        output(document, as_json=True)
    else:
        _print_report(as_markdown(document))
    return int(document["exit_status"])


def _plan(config: "Config", harvest: "HarvestOptions", workers: int | None) -> "Plan":
    """A run as the configuration says. Raises `BadInputError` where it names no repositories."""
    from miner.nightly.run import Plan

    if not config.harvest.repos:
        if config.path is None:
            none = "there is none in this folder; 'faultlore init OWNER/REPO' writes one"
            raise BadInputError(f"{CONFIG_NAME}: {none}")
        raise BadInputError(f"{config.path}: names no repositories; set [harvest] repos")
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


def _run(
    plan: "Plan",
    opened: "Callable[[], Store]",
    reports: Iterable[Path],
    tell: Callable[[dict[str, Any]], None],
    *,
    bars: bool,
) -> dict[str, Any]:
    """The run and its reports; one that fails before there is a report is told of."""
    from kb.curation import read_curation
    from miner.cli.bars import RunBars
    from miner.nightly.notice import failed_document, write_report
    from miner.nightly.run import nightly

    try:
        if plan.curation is not None:
            read_curation(plan.curation)  # a mistake is better named before an hour of harvest
        with opened() as store, RunBars(len(plan.repos)) if bars else nullcontext() as progress:
            document = nightly(store, plan, progress).as_dict()
        for target in reports:
            write_report(document, target)
    except LockedError:
        raise  # the other run tells its news
    except FaultloreError as error:
        tell(failed_document(str(error), error.exit_status))
        raise
    except Exception as error:
        tell(failed_document(f"a defect, {type(error).__name__}", 2))
        raise
    return document


def _print_report(markdown: str) -> None:
    """The report to read: rendered on a terminal, as Markdown elsewhere."""
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from rich.console import Console
        from rich.markdown import Markdown

        # links are written out: what stands behind a word must be seen before it is followed
        Console().print(Markdown(markdown, hyperlinks=False))
    else:
        print(markdown, end="")


def _tell(webhook: "Webhook | None", made: dict[str, Any], *, bars: bool) -> None:
    """Sends a notice; what goes wrong is one line, the run is as it was."""
    from miner.nightly.log import log
    from miner.nightly.notice import send

    if webhook is None:
        return
    problem = send(webhook, made)
    if problem is None:
        log(logging.INFO, "notice sent", to=webhook.host)
        return
    log(logging.WARNING, "notice not sent", reason=problem)
    if bars:
        note(f"the notice was not sent: {problem}")


# ---------------------------------------------------------------- dry run


def _rehearse(path: Path, plan: "Plan", webhook: "Webhook | None", *, as_json: bool) -> int:
    from kb.store import connect_readonly
    from miner.nightly.dry_run import forecast

    with ExitStack() as at_end:
        connection = None
        if path.exists():
            # outside of a transaction: asking GitHub takes a while
            connection = at_end.enter_context(closing(connect_readonly(path)))
        found = forecast(connection, plan.repos, plan.harvest)
        if plan.judge is not None and connection is not None:
            from miner.judge.run import estimate

            found.judge = estimate(connection, plan.judge.band, plan.judge.model or "")
    output(found.as_dict(), as_json=as_json, lines=_told(found, path, plan, webhook))
    if not as_json:
        note(f"nothing was written; asking took {counted(found.asked, 'request')}")
    return 3 if any(repo.problem for repo in found.repos) else 0


def _told(found: "Forecast", path: Path, plan: "Plan", webhook: "Webhook | None") -> Iterator[str]:
    """A forecast, line by line."""
    from kb.notes.formats import format_named

    for repo in found.repos:
        yield f"{repo.repo}: {repo.problem or _expected(repo, plan.harvest.since)}"
    at_least = "at least " if found.at_least else ""
    left = "" if found.remaining is None else f"; {found.remaining:,} are left of the rate limit"
    yield f"in all: {at_least}{counted(found.requests, 'request')}{left}"
    if found.requests:
        yield f"that takes {at_least}{_hours(found.hours)} and {_size(found.disk)} in the database"
    waiting = f" ({counted(found.waiting, 'thread')} waiting already)" if found.waiting else ""
    yield f"then: mine into {path}{waiting}"
    if (asking := found.judge) is not None and plan.judge is not None:
        most = f"at most {plan.judge.max_requests:,} and {plan.judge.max_tokens:,}"
        cost = f"{counted(asking.requests, 'request')}, about {asking.tokens:,} tokens ({most})"
        yield f"then: ask {plan.judge.model} about {asking.things}: {cost}"
    for kind in plan.formats:
        yield f"then: export {kind} to {plan.out / format_named(kind).folder}"
    if webhook is not None:
        yield f"then: send the news to {webhook.host} ({webhook.form})"


def _hours(hours: float) -> str:
    minutes = round(hours * 60)
    if minutes < 1:
        return "a few seconds"
    return counted(minutes, "minute") if minutes < 90 else f"{hours:.1f} hours"


def _size(size: int) -> str:
    return f"about {max(1, round(size / 1e6)):,} MB" if size else "next to nothing"


def _expected(repo: "RepoForecast", since: str | None) -> str:
    issues = "?" if repo.issues is None else f"{repo.issues:,}"
    comments = "?" if repo.comments is None else f"{repo.comments:,}"
    timelines = f", {repo.timelines:,} timelines" if repo.timelines else ""
    requests = f"{'at least ' if repo.at_least else ''}{counted(repo.requests, 'request')}"
    first = "news" if repo.known else "first harvest"
    if since and not repo.known:
        first += f" of what changed since {day(since)}"
    return f"{first}: {issues} threads, {comments} comments{timelines}: {requests}"
