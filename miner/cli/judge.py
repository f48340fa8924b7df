"""The optional second reader."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb.config import find_config
from kb.errors import BadInputError
from kb.text import counted, now
from miner.cli.options import AsJson, Db, flag, note, option, output, reading, writing

if TYPE_CHECKING:
    from kb.settings import Judge
    from miner.judge.compare import Comparison

app = typer.Typer()


@app.command("judge")
def judge_command(
    export: Annotated[
        Path | None, option("Write the questions as a batch; ask nothing.", metavar="FILE")
    ] = None,
    answers: Annotated[
        Path | None, option("Read the answers to a batch.", "--import", metavar="FILE")
    ] = None,
    compare: Annotated[
        list[Path] | None,
        option("Ask about labelled threads; print how good it is.", metavar="FOLDER"),
    ] = None,
    distil: Annotated[
        Path | None, option("Write judged threads as labels for training.", metavar="FOLDER")
    ] = None,
    dry_run: Annotated[
        bool, flag("--dry-run", "Say how many requests it would take; ask nothing.")
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
    settings = find_config().judge
    if distil is not None:
        return _distil(db, distil, as_json=as_json)
    if (model := settings.model) is None:
        raise BadInputError(
            "no language model is configured; set model and base_url in [judge] of faultlore.toml"
        )
    if compare:
        return _compare(settings, compare, as_json=as_json)
    if dry_run:
        return _estimate(db, settings, model, as_json=as_json)
    if export is not None:
        return _export(db, settings, model, export, as_json=as_json)
    if answers is not None:
        return _import(db, settings, model, answers, as_json=as_json)
    return _ask(db, settings, as_json=as_json)


def _files(file: Path, count: int, problems: Sequence[str] = (), *, as_json: bool) -> None:
    output({"file": str(file), "count": count, "problems": problems}, as_json=as_json)


def _distil(db: str | None, folder: Path, *, as_json: bool) -> int:
    from miner.judge.batch import distil

    with reading(db) as connection:
        count = distil(connection, folder)
    done = f"{counted(count, 'judged thread')} in {folder}"
    note(f"{done}; learn from it with python -m miner.training")
    _files(folder, count, as_json=as_json)
    return 0 if count else 1


def _estimate(db: str | None, settings: "Judge", model: str, *, as_json: bool) -> int:
    from miner.judge.run import estimate

    with reading(db) as connection:
        found = estimate(connection, settings.band, model)
    most = f"at most {settings.max_requests} and {settings.max_tokens:,} a run"
    cost = f"{counted(found.requests, 'request')}, about {found.tokens:,} tokens ({most})"
    output(asdict(found), as_json=as_json, lines=[f"{found.things}: {cost}"])
    return 0


def _export(db: str | None, settings: "Judge", model: str, file: Path, *, as_json: bool) -> int:
    from miner.judge.batch import export_batch

    with writing(db) as store:
        count = export_batch(store, file, model, settings.band)
    note(f"{counted(count, 'question')} in {file}")
    _files(file, count, as_json=as_json)
    return 0 if count else 1


def _import(db: str | None, settings: "Judge", model: str, file: Path, *, as_json: bool) -> int:
    from miner.judge.batch import import_batch

    with writing(db) as store:
        kept, problems = import_batch(store, file, model, settings.band, now())
    note("\n".join([*problems, f"{counted(kept, 'answer')} kept; 'faultlore mine' uses them"]))
    _files(file, kept, problems, as_json=as_json)
    return 2 if problems else 0


def _ask(db: str | None, settings: "Judge", *, as_json: bool) -> int:
    from miner.judge.run import Client, judge

    client = Client(settings)
    with writing(db) as store:
        report = judge(store, client, now())
    cost = f"{counted(report.requests, 'request')}, {report.tokens:,} tokens"
    judged = f"{report.things} judged by {settings.model}: {cost}"
    output(asdict(report), as_json=as_json, lines=[judged])
    for line in report.refused:
        note(f"no usable answer: {line}")
    if report.stopped:
        note(f"stopped: {report.stopped}; {counted(report.left, 'question')} left")
    return 3 if report.stopped and not report.judged else 0


def _compare(settings: "Judge", folders: list[Path], *, as_json: bool) -> int:
    from miner.judge.compare import compare
    from miner.judge.run import Client

    found = compare(folders, Client(settings))
    first = f"{counted(found.threads, 'labelled thread')}, judged by {settings.model}"
    output(_document(found), as_json=as_json, lines=[first, *_lines(found)])
    if found.stopped:
        note(f"stopped: {found.stopped}")
    return 0 if found.threads else 3


def _lines(found: "Comparison") -> Iterator[str]:
    for reader, kinds in found.figures.items():
        for kind, f in kinds.items():
            figures = f"precision {f.precision:.3f} recall {f.recall:.3f} F1 {f.f1:.3f}"
            yield f"{reader:9} {kind:6} {figures}"
    for thread, reader, quote in found.differ:
        yield f"only {reader}: {thread}: {' '.join(quote.split())[:120]}"


def _document(found: "Comparison") -> dict[str, Any]:
    names = ("precision", "recall", "f1")
    figures = {
        reader: {kind: {n: getattr(f, n) for n in names} for kind, f in kinds.items()}
        for reader, kinds in found.figures.items()
    }
    differ = [dict(zip(("thread", "found_by", "quote"), one, strict=True)) for one in found.differ]
    threads, stopped = found.threads, found.stopped
    return {"threads": threads, "figures": figures, "differ": differ, "stopped": stopped}
