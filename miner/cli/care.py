"""Commands that look after a knowledge base: checks, backups, a person's verdicts, and those of the
optional second reader.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kb.config import database_path, find_config
from kb.errors import BadInputError, FaultloreError
from kb.text import clean, counted, now
from miner.cli.options import (
    AsJson,
    CurationFile,
    Db,
    argument,
    export_options,
    note,
    note_emptiness,
    option,
    output,
    reading,
    text_argument,
    text_option,
    writing,
)

if TYPE_CHECKING:
    import sqlite3

    from kb.doctor import Finding
    from kb.settings import Judge, Notify
    from miner.review import ReviewClaim


app = typer.Typer()


@app.command("curate")
def curate_command(
    file: CurationFile = None,
    suggest: Annotated[
        bool, option("List pairs of entries that may be one error.", "--suggest")
    ] = False,
    limit: Annotated[int, option("How many pairs.", min=1)] = 20,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Checks the curation file, or suggests pairs of entries for a person to judge.

    Example:

        faultlore curate --suggest --db demo-out/demo.db
    """
    from kb.curation import check_claims, check_curation, read_curation
    from miner.cluster.suggest import suggest as suggest_pairs

    with reading(db) as connection:
        if suggest:
            pairs = suggest_pairs(connection, limit)
            listed = [asdict(pair) for pair in pairs]
            output(listed, as_json=as_json, lines=(pair.as_text() for pair in pairs))
            if not pairs:
                note("faultlore: no two entries are near the line between same and not")
            return 0 if pairs else 1
        path = _file(file, "set 'curation', use --file, or ask for --suggest")
        rules = read_curation(path)
        check_curation(connection, rules)
        check_claims(connection, rules)
    note(f"{path}: is in order")
    counts = {"entries": len(rules.decisions), "claims": len(rules.claims)}
    output({"file": str(path), **counts}, as_json=as_json)
    return 0


@app.command("doctor")
def doctor_command(
    offline: Annotated[
        bool, option("Do not ask GitHub, and do not want a token.", "--offline")
    ] = False,
    send_test: Annotated[
        bool, option("Send a test message to the webhook that faultlore.toml names.", "--send-test")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Checks configuration, token, GitHub, clock, disk, database, rules and last runs.

    Says what to do about each finding; exits with 2 if there is any.

    Example:

        faultlore doctor --db demo-out/demo.db
    """
    from kb.doctor import examine
    from miner.harvest.access import find_access
    from miner.harvest.client import ask_github
    from miner.versions import stage_versions

    ask, path = None if offline else ask_github, None
    with suppress(FaultloreError):  # named by the check of the configuration
        path = database_path(db)
    findings = examine(path, lambda config: find_access(config).source, stage_versions(), ask)
    with suppress(FaultloreError):
        config = find_config()
        if config.judge.model and not offline:
            findings.append(_second_reader(config.judge))
        findings += _webhook(config.notify, send_test=send_test)
    marks = {True: ("ok  ", "green"), False: ("look", "yellow")}
    lines = []
    for finding in findings:
        mark, colour = marks[finding.ok]
        remedy = f"\n      {finding.remedy}" if finding.remedy else ""
        styled = typer.style(mark, fg=colour) if sys.stdout.isatty() else mark
        lines.append(f"{styled}  {finding.check}: {finding.found}{remedy}")
    output([finding._asdict() for finding in findings], as_json=as_json, lines=lines)
    return 0 if all(f.ok for f in findings) else 2


def _second_reader(settings: "Judge") -> "Finding":
    """Whether the language model of [judge] answers."""
    from kb.doctor import DOCS, Finding
    from miner.judge.questions import error_question
    from miner.judge.run import Client

    try:
        Client(settings).ask(error_question("doctor", "Error: connection refused"))
    except FaultloreError as error:
        remedy = f"see {DOCS}/how-to/second-reader/; mining works without it"
        return Finding("second reader", False, str(error), remedy)
    return Finding("second reader", True, f"{settings.model} answers")


def _webhook(settings: "Notify", *, send_test: bool) -> "list[Finding]":
    """Whether the webhook of [notify] can be used; it is sent to only with `send_test`."""
    from kb.doctor import DOCS, Finding
    from miner.nightly.notice import send, trial_document, webhook_of

    remedy = f"see {DOCS}/how-to/notify/"
    try:
        webhook = webhook_of(settings)
    except FaultloreError as error:
        return [Finding("notice", False, str(error), remedy)]
    if webhook is None:
        missing = Finding("notice", False, "no webhook is named", "set [notify] webhook_env")
        return [missing] if send_test else []
    where = f"{webhook.host} ({webhook.form})"
    if not send_test:
        how = "'faultlore doctor --send-test' sends a test message"
        return [Finding("notice", True, f"{where}, not tried", how)]
    problem = send(webhook, trial_document())
    if problem is None:
        return [Finding("notice", True, f"{where} took a test message")]
    return [Finding("notice", False, problem, f"{remedy}; the night runs without")]


@app.command("backup")
def backup_command(
    target: Annotated[Path, argument("TARGET", "A file, or a folder for dated copies.")],
    keep: Annotated[
        int | None, option("TARGET is a folder: keep this many copies, remove older ones.", min=1)
    ] = None,
    force: Annotated[bool, option("Overwrite an existing file.", "--force")] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Copies the database, also while a run writes; the copy is checked.

    Example:

        faultlore backup backups --keep 7
    """
    from kb.backup import backup

    if keep is None and target.is_file() and not force:
        raise BadInputError(f"{target}: exists already; name another file, or use --force")
    made = backup(database_path(db), target, now(), keep=keep)
    size = f"{made.size / (1 << 20):,.1f} MiB"
    note(f"{made.path}: {size}, {_held(made.threads, made.entries)}, checked")
    for path in made.removed:
        note(f"{path}: older than the {keep} newest, removed")
    counts = {"bytes": made.size, "threads": made.threads, "entries": made.entries}
    removed = [str(path) for path in made.removed]
    output({"path": str(made.path), **counts, "removed": removed}, as_json=as_json)
    return 0


def _held(threads: int, entries: int) -> str:
    return f"{counted(threads, 'thread')}, {counted(entries, 'entry', 'entries')}"


@app.command("restore")
def restore_command(
    source: Annotated[Path, argument("SOURCE", "A file that 'faultlore backup' made.")],
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Checks a backup and puts it in the database's place.

    The database that was there is kept beside it.

    Example:

        faultlore restore backups/kb-20260131T020000Z.db
    """
    from kb.backup import restore

    if not source.exists():
        raise BadInputError(f"{source}: no such file; name one that 'faultlore backup' made")
    path = database_path(db)
    done = restore(source, path, now())
    kept = f"; what was there before is {done.former}" if done.former else ""
    note(f"{path}: restored from {source}, {_held(done.threads, done.entries)}{kept}")
    former = str(done.former) if done.former else None
    counts = {"threads": done.threads, "entries": done.entries}
    output({"path": str(path), "former": former, **counts}, as_json=as_json)
    return 0


_KEYS = {word[0]: word for word in ("accept", "reject", "cause", "fix", "workaround")}
_HELP = "[a]ccept [r]eject, it is a [c]ause [f]ix [w]orkaround, of [e]ntry, [s]kip, [u]ndo, [q]uit"
_IDS = "What to show or judge; else what is nearest to the threshold."
_KIND = "They are this: cause, fix or workaround."
_BECAUSE = "Why; kept as a comment in the curation file."


@app.command("review")
def review_command(
    ids: Annotated[list[str] | None, text_argument("[CLAIM|ENTRY]...", _IDS)] = None,
    accept: Annotated[bool, option("They are right: show them.", "--accept")] = False,
    reject: Annotated[bool, option("They are wrong: never show them.", "--reject")] = False,
    kind: Annotated[
        Literal["cause", "fix", "workaround"] | None, option(_KIND, metavar="KIND")
    ] = None,
    entry: Annotated[
        str | None, text_option("ENTRY", "They are about this error of their thread.")
    ] = None,
    because: Annotated[str | None, text_option("TEXT", _BECAUSE)] = None,
    pages: Annotated[
        bool, option("Those that pages begin with which are held back as doubtful.", "--pages")
    ] = False,
    labels: Annotated[
        bool, option("Print the decisions as labels for training.", "--labels")
    ] = False,
    limit: Annotated[int, option("How many claims.", min=1)] = 20,
    file: CurationFile = None,
    db: Db = None,
    as_json: AsJson = False,
) -> int:
    """Shows causes and fixes for a person's verdict, which the curation file keeps.

    In a terminal it walks through the causes and fixes whose confidence is nearest to the threshold
    for showing them; elsewhere it lists them. Verdicts hold from the next `faultlore mine` on.

    Example:

        faultlore review --limit 5
        faultlore review --pages
        faultlore review C0123456789abcde --reject --because "is about another error"
    """
    from miner.extract.model import load
    from miner.review import check_entry, decide, held_back, named, near_threshold
    from miner.review import labels as label_lines

    decision = _decision(accept=accept, reject=reject, kind=kind, entry=entry)
    if decision and not ids:
        raise BadInputError(
            "review: a verdict wants the ids of claims; 'faultlore review' lists them"
        )
    with reading(db) as connection:
        if labels:
            for line in label_lines(connection):
                print(line)
            return 0
        if ids:
            claims = named(connection, ids)
        elif pages:
            claims = held_back(connection, export_options(find_config()), limit)
        else:
            least = find_config().publish.confidence
            least = load().thresholds.publish if least is None else least
            claims = near_threshold(connection, least, limit)
        if entry:
            check_entry(connection, claims, entry)
        is_empty = not claims and note_emptiness(connection)
        asks = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
        if claims and asks and not decision:
            connection.rollback()  # no snapshot is held while somebody thinks
            _walk(connection, claims, _file(file))
            return 0
    if decision:
        path = _file(file)
        lines = decide(path, [claim.claim_id for claim in claims], decision, because or "")
        output({"file": str(path), "lines": lines}, as_json=as_json, lines=lines)
        note(f"{counted(len(lines), 'verdict', 'verdicts')} kept; 'faultlore mine' applies them")
        return 0
    listed = [asdict(claim) for claim in claims]
    output(listed, as_json=as_json, lines=(clean(claim.as_text()) for claim in claims))
    if not claims and not is_empty:
        note("faultlore: no cause or fix waits for a verdict; 'faultlore show ENTRY --all' has all")
    return 0 if claims else 1


def _decision(*, accept: bool, reject: bool, kind: str | None, entry: str | None) -> str | None:
    given = (accept and "accept", reject and "reject", kind, entry and f"entry {entry}")
    chosen = [one for one in given if one]
    if len(chosen) > 1:
        raise BadInputError("review: give one of --accept, --reject, --kind and --entry at a time")
    return chosen[0] if chosen else None


def _file(given: Path | None, remedy: str = "set 'curation', or use --file") -> Path:
    path = given or find_config().curation_file
    if path is None:
        raise BadInputError(f"faultlore.toml: names no curation file; {remedy}")
    return path


def _walk(connection: "sqlite3.Connection", claims: "Sequence[ReviewClaim]", path: Path) -> None:
    """Asks for a verdict on each claim."""
    from miner.review import check_entry, decide, take_back

    at = 0
    kept: list[tuple[int, int, str]] = []
    while at < len(claims):
        claim, decision = claims[at], None
        print(f"\n{at + 1} of {len(claims)}: {clean(claim.as_text())}")
        answer = ""
        while not answer or answer not in "arcfwesuq":
            answer = typer.prompt(_HELP, default="s", show_default=False).strip().lower()[:1]
        if answer == "q":
            break
        try:
            if answer == "u":
                if not kept:
                    raise BadInputError("there is no verdict of this sitting to take back")
                take_back(path, *kept[-1][1:])
                at, _, line = kept.pop()
                print(f"taken back: {line}")
                continue
            if answer == "e":
                entry = typer.prompt("Which entry").strip()
                check_entry(connection, [claim], entry)
                decision = f"entry {entry}"
            if decision := decision or _KEYS.get(answer):
                why = typer.prompt("Why", default="", show_default=False)
                size = path.stat().st_size if path.exists() else 0
                kept.append((at, size, decide(path, [claim.claim_id], decision, why)[0]))
                print(kept[-1][-1])
            at += 1
        except BadInputError as error:
            note(f"faultlore: {error}")
    undo = "; to undo one, take its line out" if kept else ""
    verdicts = counted(len(kept), "verdict", "verdicts")
    note(f"{verdicts} kept in {path}; 'faultlore mine' applies them{undo}")


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
        bool, option("Say how many requests it would take; ask nothing.", "--dry-run")
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
    if distil is None and settings.model is None:
        raise BadInputError(
            "no language model is configured; set model and base_url in [judge] of faultlore.toml"
        )
    if distil or ((export or answers) and not compare and not dry_run):
        return _work_as_files(db, settings, export, answers, distil, as_json=as_json)
    if compare:
        return _compare(settings, compare, as_json=as_json)
    return _ask_judge(db, settings, dry_run=dry_run, as_json=as_json)


def _work_as_files(
    db: str | None,
    settings: "Judge",
    export: Path | None,
    answers: Path | None,
    distil: Path | None,
    *,
    as_json: bool,
) -> int:
    """Writes judged threads or questions, or reads answers."""
    from miner.judge import batch

    asked = (settings.model or "", settings.band)
    file, problems = distil or export or answers or Path(), list[str]()
    if distil:
        with reading(db) as connection:
            count = batch.distil(connection, distil)
        done = f"{counted(count, 'judged thread')} in {file}"
        said = f"{done}; learn from it with python -m miner.training"
    else:
        with writing(db) as store:
            if export:
                count = batch.export_batch(store, file, *asked)
                said = f"{counted(count, 'question')} in {file}"
            else:
                count, problems = batch.import_batch(store, file, *asked, now())
                said = f"{counted(count, 'answer')} kept; 'faultlore mine' uses them"
    note("\n".join([*problems, said]))
    output({"file": str(file), "count": count, "problems": problems}, as_json=as_json)
    return 2 if problems else int(not count and file != answers)


def _ask_judge(db: str | None, settings: "Judge", *, dry_run: bool, as_json: bool) -> int:
    """Asks about what waits, or says what that would take."""
    from miner.judge.run import Client, estimate, judge

    if dry_run:
        with reading(db) as connection:
            found = estimate(connection, settings.band, settings.model or "")
        output(asdict(found), as_json=as_json, lines=[found.as_text(settings)])
        return 0
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
    lines = [f"{counted(found.threads, 'labelled thread')}, judged by {settings.model}"]
    for reader, kinds in found.figures.items():
        for kind, f in kinds.items():
            figures = f"precision {f['precision']:.3f} recall {f['recall']:.3f} F1 {f['f1']:.3f}"
            lines.append(f"{reader:9} {kind:6} {figures}")
    for one in found.differ:
        quote = " ".join(one["quote"].split())[:120]
        lines.append(f"only {one['found_by']}: {one['thread']}: {quote}")
    output(asdict(found), as_json=as_json, lines=lines)
    if found.stopped:
        note(f"stopped: {found.stopped}")
    return 0 if found.threads else 3
