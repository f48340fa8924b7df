"""Commands that bring threads in and mine them: one by one, every night, and to begin with."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, nullcontext
from dataclasses import asdict
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kb import sql
from kb.config import CONFIG_NAME, database_path, find_config, template
from kb.errors import BadInputError, FaultloreError, LockedError
from kb.settings import Config, Harvest
from kb.text import counted, day, make_folder, now
from miner.cli.options import (
    ApiUrl,
    AsJson,
    Db,
    Full,
    RepoFile,
    Workers,
    argument,
    declared,
    export_options,
    harvest_options,
    note,
    note_emptiness,
    option,
    output,
    reading,
    setting,
    text_argument,
    when,
    writing,
)

if TYPE_CHECKING:
    from kb.store import Store
    from miner.harvest.sources import ImportReport
    from miner.nightly.dry_run import Forecast, RepoForecast
    from miner.nightly.notice import Webhook
    from miner.nightly.run import Plan
    from miner.pipeline import MineReport
    from miner.workers import Crew


app = typer.Typer()

MOST_LISTED = 10
"""Threads that a stage could not read, named one by one."""

_SOURCE = "Where threads come from: files, gharchive or parquet."
_ONLY = "Only these repositories; owner/* for all of an owner."
_REPOS = "Repositories; owner/* for all of an owner. Default: those of faultlore.toml."
_COMPLETE = "Only fetch what is missing of threads that an archive held in part."


@app.command("import")
def import_command(
    files: Annotated[list[Path], argument("FILE...", "Files of threads.")],
    source: Annotated[str, option(_SOURCE, metavar="NAME")] = "files",
    only: Annotated[list[str] | None, option(_ONLY, metavar="OWNER/REPO")] = None,
    names: RepoFile = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Loads threads from files: one JSON object a line, plain or .gz.

    The format: https://faultlore.github.io/faultlore/reference/import-format/

    Example:

        faultlore import threads.jsonl more-threads.jsonl.gz
        faultlore import --source gharchive 2025-06-*.json.gz --from trackers.txt
    """
    from miner.cli.bars import bytes_bar
    from miner.harvest.access import read_names
    from miner.harvest.sources import import_from

    wanted = [*(only or ()), *(read_names(names) if names else ())]
    total = sum(path.stat().st_size for path in files if path.is_file())
    with writing(db) as store, bytes_bar("import", total) as advance:
        report = import_from(store, source, [str(name) for name in files], advance, wanted)
    print_imported(report)
    bad = [{"file": p.path, "line": p.line, "reason": p.reason} for p in report.problems]
    counts = {"events": report.events, "bad_lines": report.bad_lines, "problems": bad}
    posts = {"threads": asdict(report.threads), "comments": asdict(report.comments)}
    output({**posts, **counts}, as_json=as_json)
    return 2 if report.bad_lines else 0


def print_imported(report: "ImportReport") -> None:
    """Says what an import brought, and names its bad lines."""
    for problem in report.problems:
        note(f"faultlore: {problem}")
    if report.bad_lines > len(report.problems):
        note(f"faultlore: {report.bad_lines - len(report.problems):,} more bad lines")
    counts = [
        f"{counted(tally.new, f'new {what}')}, {tally.changed:,} changed,"
        f" {tally.same + tally.older:,} as before"
        for what, tally in (("thread", report.threads), ("comment", report.comments))
    ]
    if report.files_known:
        counts.append(f"{counted(report.files_known, 'file')} read before")
    note("; ".join([*counts, counted(report.bad_lines, "bad line")]))


@app.command("harvest")
def harvest_command(
    repos: Annotated[list[str] | None, text_argument("OWNER/REPO...", _REPOS)] = None,
    names: RepoFile = None,
    since: Annotated[str | None, declared(Harvest, "since", metavar="WHEN", parser=when)] = None,
    max_issues: Annotated[int | None, declared(Harvest, "max_issues", min=1)] = None,
    full: Full = False,
    complete: Annotated[bool, option(_COMPLETE, "--complete")] = False,
    max_wait: Annotated[int | None, declared(Harvest, "max_wait", min=0)] = None,
    timelines: Annotated[int | None, declared(Harvest, "timelines", min=0)] = None,
    api_url: ApiUrl = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Brings threads from GitHub: what is new since the last run.

    Whatever arrived is kept, also when a run is stopped.

    Example:

        faultlore harvest cline/cline --since 90d
        faultlore harvest 'modelcontextprotocol/*' --from trackers.txt
    """
    from miner.cli.bars import RunBars
    from miner.harvest.access import check_name, read_names
    from miner.harvest.github import harvest

    config = find_config()
    wanted = [check_name(repo) for repo in repos or ()] + (read_names(names) if names else [])
    wanted = wanted or [check_name(repo) for repo in config.harvest.repos if not complete]
    if not wanted and not complete:
        raise BadInputError(
            "no repository was named; write faultlore harvest OWNER/REPO,"
            " or name them in faultlore.toml (faultlore init writes one)"
        )
    numbers = {"max_issues": max_issues, "max_wait": max_wait, "timelines": timelines}
    options = harvest_options(config, api_url=api_url, since=since, full=full, **numbers)
    with writing(db) as store, RunBars(len(wanted)) as bars:
        report = harvest(store, wanted, options, bars, what="rest" if complete else "news")
    output(report.as_dict(), as_json=as_json)
    return report.exit_status


@app.command("mine")
def mine_command(
    curation: Annotated[
        Path | None, setting("Your merges, splits and titles.", metavar="PATH")
    ] = None,
    workers: Workers = None,
    engine: Annotated[
        str, option("Where the work is done: local, or dask.", metavar="NAME")
    ] = "local",
    scheduler: Annotated[
        str | None, option("The scheduler of a Dask cluster.", metavar="ADDRESS")
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Turns threads into mentions, entries and claims.

    Works on what changed since the last run, without the network.

    Example:

        faultlore mine
    """
    config = find_config()
    if (engine, scheduler is None) not in (("local", True), ("dask", False)):
        raise BadInputError(
            "a cluster takes both options: --engine dask --scheduler tcp://HOST:8786"
        )
    with writing(db) as store:
        crew = None
        if scheduler is not None:
            from miner.dask_crew import DaskCrew

            crew = DaskCrew(store.path, scheduler)
        report = run_mine(store, config, curation=curation, workers=workers, engine=crew)
    with reading(db) as connection:
        if not report.threads:
            note_emptiness(connection)
    made = {name: getattr(report, name) for name in ("threads", "mentions", "claims")}
    names, of = ("new", "changed", "merged", "split"), report.group
    entries = {name: getattr(of, name) for name in names} if of else None
    seconds = {stage: round(seconds, 3) for stage, seconds in report.seconds.items()}
    rest = {"entries": entries, "failed": report.failed, "seconds": seconds}
    output({**made, **rest}, as_json=as_json)
    return 2 if report.failed else 0


def run_mine(
    store: "Store",
    config: "Config",
    *,
    curation: Path | None = None,
    workers: int | None = None,
    engine: "Crew | None" = None,
) -> "MineReport":
    """Mines with a progress bar; counts and threads that could not be read go to standard error."""
    from kb.curation import read_curation
    from miner.cli.bars import RunBars
    from miner.pipeline import mine

    path = curation or config.curation_file
    rules = read_curation(path) if path else None
    with RunBars() as bars:
        report = mine(
            store,
            rules,
            now=now(),
            workers=workers,
            engine=engine,
            confidence=config.publish.confidence,
            progress=bars.mining,
        )
    for line in report.failed[:MOST_LISTED]:
        note(f"faultlore: {line}; left for the next run")
    if (more := len(report.failed) - MOST_LISTED) > 0:
        note(f"faultlore: {counted(more, 'more thread')} could not be read; left for the next run")
    grouped = "nothing to group"
    if g := report.group:
        entries = counted(g.new, "new entry", "new entries")
        grouped = f"{entries}, {g.changed:,} changed, {g.merged:,} merged, {g.split:,} split"
    read = f"{counted(report.threads, 'thread')} read, {counted(report.mentions, 'mention')}"
    note(f"{read}, {counted(report.claims, 'claim')}; {grouped}")
    return report


_TRACKERS = "Repositories to harvest; owner/* for all of an owner."
_ASKED = "Repositories, as owner/name with spaces between (none: trackers of AI coding tools)"


@app.command("init")
def init_command(
    repos: Annotated[list[str] | None, text_argument("OWNER/REPO...", _TRACKERS)] = None,
    force: Annotated[bool, option("Overwrite an existing faultlore.toml.", "--force")] = False,
) -> int:
    """Writes a commented faultlore.toml.

    It names the repositories given here, or the trackers of AI coding tools.

    Example:

        faultlore init cline/cline
    """
    from kb.notes.folder import write_atomically
    from miner.harvest.access import check_name

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
    from miner.harvest.files import import_files

    files = demo_files()
    make_folder(out)
    db, notes = out / "demo.db", out / "notes"
    with Store.open(db) as store:
        note(f"importing {len(files)} files of made-up threads")
        print_imported(import_files(store, files))
        run_mine(store, Config())
        report = export_to(store.connection, "note", notes)
        path = notes / f"{sql.value(store.connection, 'entries.best')}.md"
    print(path.read_text(encoding="utf-8"))
    note(ending(db, path, len(report.written), report.unchanged, _program()))
    return 0


def ending(db: Path, shown: Path, written: int, unchanged: int, program: str) -> str:
    """What the demo says at its end, which the README shows."""
    return (
        f"database: {db}\n"
        f"notes: {shown.parent} ({written} written, {unchanged} as before)\n"
        f"the note above: {shown}\n"
        f"now try: {program} query --db {db} 401 User not found"
    )


def _program() -> str:
    """How this program is called here: its name where the path has it, else its place."""
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


_DRY_RUN = "Say what a run would do and how many requests; write nothing."
_REPORT = "Write the report here: .json as JSON, else Markdown; may be repeated."
_LOG_LEVEL = "What is logged: debug, info, warning or error."
_LOG_JSON = "Log to standard error as JSON, one object a line."


@app.command("nightly")
def nightly_command(
    dry_run: Annotated[bool, option(_DRY_RUN, "--dry-run")] = False,
    full: Full = False,
    wait: Annotated[int, option("Seconds to wait for another run to end.", min=0)] = 0,
    reports: Annotated[list[Path] | None, option(_REPORT, "--report-to", metavar="PATH")] = None,
    api_url: ApiUrl = None,
    workers: Workers = None,
    log_json: Annotated[bool, option(_LOG_JSON, "--log-json")] = False,
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
    from miner.nightly.notice import as_markdown, webhook_of, write_job_summary
    from miner.nightly.run import Plan

    config = find_config()
    webhook = webhook_of(config.notify)
    harvest = harvest_options(config, api_url=api_url, full=full)
    plan = Plan(config, harvest, export_options(config), workers)
    if not harvest.repos and config.path:
        raise BadInputError(f"{config.path}: names no repositories; set [harvest] repos")
    if not harvest.repos:
        none = "there is none in this folder; 'faultlore init OWNER/REPO' writes one"
        raise BadInputError(f"{CONFIG_NAME}: {none}")
    if dry_run:
        return _rehearse(database_path(db), plan, webhook, as_json=as_json)
    bars = sys.stderr.isatty() and not log_json and log_level is None
    with ExitStack() as at_end:
        if not bars:
            secrets = [harvest.access.token or "", webhook.address if webhook else ""]
            handler = set_up(log_level or "info", as_json=log_json, secrets=secrets)
            at_end.callback(tear_down, handler)
        opened = partial(writing, db, wait=float(wait))
        document = _run_night(plan, opened, reports or (), webhook, bars=bars)
    write_job_summary(document)
    if as_json:
        output(document, as_json=True)
    else:
        _print_report(as_markdown(document))
    return int(document["exit_status"])


def _run_night(
    plan: "Plan",
    opened: "Callable[[], Store]",
    reports: Iterable[Path],
    webhook: "Webhook | None",
    *,
    bars: bool,
) -> dict[str, Any]:
    """The run, its reports and its notice; one that fails before there is a report is told of."""
    from miner.cli.bars import RunBars
    from miner.nightly.notice import document as news
    from miner.nightly.notice import failed_document, wanted, write_report
    from miner.nightly.run import nightly

    many = len(plan.harvest.repos)
    try:
        plan.curation()  # a mistake is better named before an hour of harvest
        with opened() as store, RunBars(many) if bars else nullcontext() as progress:
            document = nightly(store, plan, progress).as_dict()
        for target in reports:
            write_report(document, target)
    except LockedError:
        raise  # the other run tells its news
    except Exception as error:
        known = isinstance(error, FaultloreError)
        problem = str(error) if known else f"a defect, {type(error).__name__}"
        _send_news(webhook, failed_document(problem, getattr(error, "exit_status", 2)), bars=bars)
        raise
    if wanted(document, plan.config.notify.when):
        _send_news(webhook, news(document), bars=bars)
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


def _send_news(webhook: "Webhook | None", made: dict[str, Any], *, bars: bool) -> None:
    """Sends a notice; what goes wrong is one line, the run is as it was."""
    from miner.nightly.log import log
    from miner.nightly.notice import send

    if webhook is None:
        return
    if (problem := send(webhook, made)) is None:
        log(logging.INFO, "notice sent", to=webhook.host)
        return
    log(logging.WARNING, "notice not sent", reason=problem)
    if bars:
        note(f"the notice was not sent: {problem}")


# ---------------------------------------------------------------- dry run


def _rehearse(path: Path, plan: "Plan", webhook: "Webhook | None", *, as_json: bool) -> int:
    from kb.store import connect_readonly
    from miner.nightly.dry_run import forecast

    plan.curation()
    with ExitStack() as at_end:
        connection = None
        if path.exists():
            # outside of a transaction: asking GitHub takes a while
            connection = at_end.enter_context(closing(connect_readonly(path)))
        found = forecast(connection, plan.harvest.repos, plan.harvest)
        judge = plan.config.judge
        if judge.model and connection is not None:
            from miner.judge.run import estimate

            found.judge = estimate(connection, judge.band, judge.model)
    output(asdict(found), as_json=as_json, lines=_forecast_lines(found, path, plan, webhook))
    if not as_json:
        note(f"nothing was written; asking took {counted(found.asked, 'request')}")
    return 3 if any(repo.problem for repo in found.repos) else 0


def _forecast_lines(
    found: "Forecast", path: Path, plan: "Plan", webhook: "Webhook | None"
) -> Iterator[str]:
    """A forecast, line by line."""
    for problem, repos in groupby(found.repos, key=lambda repo: repo.problem):
        if problem is not None:
            yield f"{', '.join(repo.repo for repo in repos)}: {problem}"
            continue
        for repo in repos:
            yield f"{repo.repo}: {_expected(repo, plan.harvest.since)}"
    at_least = "at least " if found.at_least else ""
    left = "" if found.remaining is None else f"; {found.remaining:,} are left of the rate limit"
    if any(repo.problem is None for repo in found.repos):
        yield f"in all: {at_least}{counted(found.requests, 'request')}{left}"
    if found.requests:
        size = f"about {max(1, round(found.disk / 1e6)):,} MB" if found.disk else "next to nothing"
        minutes = round(found.hours * 60)
        time = counted(minutes, "minute") if minutes else "a few seconds"
        time = time if minutes < 90 else f"{found.hours:.1f} hours"
        yield f"that takes {at_least}{time} and {size} in the database"
    waiting = f" ({counted(found.waiting, 'thread')} waiting already)" if found.waiting else ""
    yield f"then: mine into {path}{waiting}"
    if (asking := found.judge) is not None:
        judge = plan.config.judge
        yield f"then: ask {judge.model} about {asking.as_text(judge)}"
    for kind in plan.export.formats:
        yield f"then: export {kind} to {plan.folder(kind)}"
    if webhook is not None:
        yield f"then: send the news to {webhook.host} ({webhook.form})"


def _expected(repo: "RepoForecast", since: str | None) -> str:
    numbers = (("thread", repo.issues), ("comment", repo.comments))
    posts = ", ".join(f"? {what}s" if n is None else counted(n, what) for what, n in numbers)
    timelines = f", {counted(repo.timelines, 'timeline')}" if repo.timelines else ""
    requests = f"{'at least ' if repo.at_least else ''}{counted(repo.requests, 'request')}"
    first = "news" if repo.known else "first harvest"
    if since and not repo.known:
        first += f" of what changed since {day(since)}"
    return f"{first}: {posts}{timelines}: {requests}"
