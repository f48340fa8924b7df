"""`faultlore review`: a person's verdict on claims."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.config import find_config
from kb.errors import BadInputError
from kb.text import counted
from miner.cli.options import (
    AsJson,
    CurationFile,
    Db,
    curation_file,
    flag,
    note,
    option,
    output,
    reading,
    text_argument,
    text_option,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from miner.review import ReviewClaim

app = typer.Typer()

_KEYS = {word[0]: word for word in ("accept", "reject", "cause", "fix", "workaround")}
_HELP = "[a]ccept [r]eject, it is a [c]ause [f]ix [w]orkaround, of [e]ntry, [s]kip, [q]uit"
_IDS = "What to show or judge; else what is nearest to the threshold."
_KIND = "They are this: cause, fix or workaround."
_BECAUSE = "Why; kept as a comment in the curation file."


@app.command("review")
def review_command(
    ids: Annotated[list[str] | None, text_argument("[CLAIM|ENTRY]...", _IDS)] = None,
    accept: Annotated[bool, flag("--accept", "They are right: show them.")] = False,
    reject: Annotated[bool, flag("--reject", "They are wrong: never show them.")] = False,
    kind: Annotated[str | None, option(_KIND, metavar="KIND")] = None,
    entry: Annotated[
        str | None, text_option("ENTRY", "They are about this error of their thread.")
    ] = None,
    because: Annotated[str | None, text_option("TEXT", _BECAUSE)] = None,
    labels: Annotated[
        bool, flag("--labels", "Print the decisions as labels for training.")
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
        faultlore review C0123456789abcde --reject --because "is about another error"
    """
    from miner.review import check_entry, decide, named, near_threshold
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
        claims = named(connection, ids) if ids else near_threshold(connection, _confidence(), limit)
        if entry:
            check_entry(connection, claims, entry)
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
    listed = [claim.as_dict() for claim in claims]
    output(listed, as_json=as_json, lines=(_plain(claim.as_text()) for claim in claims))
    if not claims:
        note("faultlore: no cause or fix waits for a verdict; 'faultlore show ENTRY --all' has all")
    return 0 if claims else 1


def _decision(*, accept: bool, reject: bool, kind: str | None, entry: str | None) -> str | None:
    given = (accept and "accept", reject and "reject", kind, entry and f"entry {entry}")
    chosen = [one for one in given if one]
    if len(chosen) > 1:
        raise BadInputError("review: give one of --accept, --reject, --kind and --entry at a time")
    if kind is not None and kind not in ("cause", "fix", "workaround"):
        raise BadInputError(f"review: --kind is cause, fix or workaround, not {kind[:40]!r}")
    return chosen[0] if chosen else None


def _confidence() -> float:
    from miner.extract.model import load

    wanted = find_config().publish.confidence
    return load().thresholds.publish if wanted is None else wanted


def _file(given: Path | None) -> Path:
    path = given or curation_file(find_config())
    if path is None:
        raise BadInputError("faultlore.toml: names no curation file; set 'curation', or use --file")
    return path


def _walk(connection: "sqlite3.Connection", claims: "Sequence[ReviewClaim]", path: Path) -> None:
    """Asks for a verdict on each claim."""
    from miner.review import check_entry, decide

    kept = 0
    for number, claim in enumerate(claims, 1):
        print(f"\n{number} of {len(claims)}: {_plain(claim.as_text())}")
        answer = typer.prompt(_HELP, default="s", show_default=False).strip().lower()[:1]
        if answer == "q":
            break
        decision = _KEYS.get(answer)
        if answer == "e":
            entry = typer.prompt("Which entry").strip()
            decision = f"entry {entry}"
        if decision is None:
            continue
        try:
            if answer == "e":
                check_entry(connection, [claim], entry)
            why = typer.prompt("Why", default="", show_default=False)
            print(decide(path, [claim.claim_id], decision, why)[0])
            kept += 1
        except BadInputError as error:
            note(f"faultlore: {error}")
    note(f"{counted(kept, 'verdict', 'verdicts')} kept in {path}; 'faultlore mine' applies them")


def _plain(text: str) -> str:
    """Without what would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
