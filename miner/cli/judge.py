"""The optional second reader."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.text import counted, now
from miner.cli.options import AsJson, Db, note, print_json

if TYPE_CHECKING:
    from kb.settings import Judge
    from miner.judge.compare import Comparison

app = typer.Typer()


@app.command("judge")
def judge_command(
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the questions as a batch; ask nothing."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Read the answers to a batch.")
    ] = None,
    compare: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Ask about labelled threads; print how good it is."),
    ] = None,
    distil: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write judged threads as labels for training."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many requests it would take; ask nothing.")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Asks a language model about what the built-in models are not sure of.

    It is off until faultlore.toml names a model under `judge`. The model chooses among numbered
    sentences of a thread, says whether two errors are one failure and whether a text is an error;
    no word of its own is kept. The next `mine` uses its answers.

    Example:

        faultlore judge --dry-run
    """
    from kb.config import database_path, find_config

    settings = find_config().judge
    if distil is not None:
        return _distil(database_path(db), distil, as_json=as_json)
    if not settings.model:
        from kb.errors import BadInputError

        raise BadInputError(
            "no language model is configured; set model and base_url in [judge] of faultlore.toml"
        )
    if compare:
        return _compare(settings, compare, as_json=as_json)
    path = database_path(db)
    if dry_run:
        return _estimate(path, settings, as_json=as_json)
    if export is not None or answers is not None:
        return _batch(path, settings, export, answers, as_json=as_json)
    return _ask(path, settings, as_json=as_json)


def _distil(path: Path, folder: Path, *, as_json: bool) -> int:
    from kb.store import connect_readonly
    from miner.judge.distil import distil

    count = distil(connect_readonly(path), folder)
    note(
        f"{counted(count, 'judged thread')} in {folder};"
        " learn from it with python -m miner.training"
    )
    if as_json:
        print_json({"file": str(folder), "count": count, "problems": []})
    return 0 if count else 1


def _estimate(path: Path, settings: "Judge", *, as_json: bool) -> int:
    from dataclasses import asdict

    from kb.store import connect_readonly
    from miner.judge.run import estimate

    found = estimate(connect_readonly(path), settings.band, settings.model or "")
    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(
            f"{found.things}: {counted(found.requests, 'request')},"
            f" about {found.tokens:,} tokens (at most {settings.max_requests} and"
            f" {settings.max_tokens:,} a run)"
        )
    return 0


def _batch(
    path: Path, settings: "Judge", export: Path | None, answers: Path | None, *, as_json: bool
) -> int:
    from kb.store import Store
    from miner.judge.batch import export_batch, import_batch

    model = settings.model or ""
    with Store.open(path) as store:
        if export is not None:
            count = export_batch(store, export, model, settings.band)
            note(f"{counted(count, 'question')} in {export}")
            if as_json:
                print_json({"file": str(export), "count": count, "problems": []})
            return 0 if count else 1
        assert answers is not None
        kept, problems = import_batch(store, answers, model, settings.band, now())
    for problem in problems:
        note(problem)
    note(f"{counted(kept, 'answer')} kept; 'faultlore mine' uses them")
    if as_json:
        print_json({"file": str(answers), "count": kept, "problems": problems})
    return 2 if problems else 0


def _ask(path: Path, settings: "Judge", *, as_json: bool) -> int:
    from dataclasses import asdict

    from kb.store import Store
    from miner.judge.client import Client
    from miner.judge.run import judge

    client = Client(settings)
    with Store.open(path) as store:
        report = judge(store, client, now())
    if as_json:
        print_json(asdict(report))
    else:
        typer.echo(
            f"{report.things} judged by {settings.model}:"
            f" {counted(report.requests, 'request')}, {report.tokens:,} tokens"
        )
    for line in report.refused:
        note(f"no usable answer: {line}")
    if report.stopped:
        note(f"stopped: {report.stopped}; {counted(report.left, 'question')} left")
    return 3 if report.stopped and not report.judged else 0


def _compare(settings: "Judge", folders: list[Path], *, as_json: bool) -> int:
    from miner.judge.client import Client
    from miner.judge.compare import compare

    found = compare(folders, Client(settings))
    if as_json:
        print_json(_document(found))
    else:
        typer.echo(f"{counted(found.threads, 'labelled thread')}, judged by {settings.model}")
        for reader, kinds in found.figures.items():
            for kind, figures in kinds.items():
                typer.echo(
                    f"{reader:9} {kind:6} precision {figures.precision:.3f}"
                    f" recall {figures.recall:.3f} F1 {figures.f1:.3f}"
                )
        for thread, reader, quote in found.differ:
            typer.echo(f"only {reader}: {thread}: {' '.join(quote.split())[:120]}")
    if found.stopped:
        note(f"stopped: {found.stopped}")
    return 0 if found.threads else 3


def _document(found: "Comparison") -> dict[str, object]:
    figures = {
        reader: {
            kind: {"precision": f.precision, "recall": f.recall, "f1": f.f1}
            for kind, f in kinds.items()
        }
        for reader, kinds in found.figures.items()
    }
    differ = [
        {"thread": thread, "found_by": reader, "quote": quote}
        for thread, reader, quote in found.differ
    ]
    return {
        "threads": found.threads,
        "figures": figures,
        "differ": differ,
        "stopped": found.stopped,
    }
