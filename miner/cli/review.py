"""`faultlore review`: a person's verdict on claims."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.text import counted
from miner.cli.options import AsJson, Db, note, print_json, setting, text, text_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miner.review import ReviewClaim

app = typer.Typer()

_KEYS = {word[0]: word for word in ("accept", "reject", "cause", "fix", "workaround")}
_HELP = "[a]ccept [r]eject, it is a [c]ause [f]ix [w]orkaround, of [e]ntry, [s]kip, [q]uit"


@app.command("review")
def review_command(
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CLAIM|ENTRY]...",
            help="What to show or judge; else what is nearest to the threshold.",
            parser=text,
        ),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="They are right: show them.")] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help="They are wrong: never show them.")
    ] = False,
    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="They are this: cause, fix or workaround."),
    ] = None,
    entry: Annotated[
        str | None,
        text_option("ENTRY", "They are about this error of their thread."),
    ] = None,
    because: Annotated[
        str | None, text_option("TEXT", "Why; kept as a comment in the curation file.")
    ] = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Print the decisions as labels for training.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many claims.")] = 20,
    file: Annotated[Path | None, setting("The curation file.", metavar="PATH")] = None,
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
    from contextlib import closing

    from kb.config import database_path
    from kb.errors import BadInputError
    from kb.store import connect_readonly
    from miner.review import decide, named, near_threshold
    from miner.review import labels as label_lines

    decision = _decision(accept=accept, reject=reject, kind=kind, entry=entry)
    if decision and not ids:
        raise BadInputError(
            "review: a verdict wants the ids of claims; 'faultlore review' lists them"
        )
    with closing(connect_readonly(database_path(db))) as connection:
        if labels:
            for line in label_lines(connection):
                print(line)
            return 0
        claims = named(connection, ids) if ids else near_threshold(connection, _confidence(), limit)
    if decision:
        path = _file(file)
        lines = decide(path, [claim.claim_id for claim in claims], decision, because or "")
        if as_json:
            print_json({"file": str(path), "lines": lines})
        else:
            print("\n".join(lines))
        note(f"{counted(len(lines), 'verdict', 'verdicts')} kept; 'faultlore mine' applies them")
        return 0
    if as_json:
        print_json([claim.as_dict() for claim in claims])
    elif sys.stdin.isatty() and sys.stdout.isatty():
        _walk(claims, _file(file))
    else:
        for claim in claims:
            print(_plain(claim.as_text()))
    if not claims:
        note("faultlore: no cause or fix waits for a verdict; 'faultlore show ENTRY --all' has all")
    return 0 if claims else 1


def _decision(*, accept: bool, reject: bool, kind: str | None, entry: str | None) -> str | None:
    from kb.errors import BadInputError

    given = (accept and "accept", reject and "reject", kind, entry and f"entry {entry}")
    chosen = [one for one in given if one]
    if len(chosen) > 1:
        raise BadInputError("review: give one of --accept, --reject, --kind and --entry at a time")
    if kind is not None and kind not in ("cause", "fix", "workaround"):
        raise BadInputError(f"review: --kind is cause, fix or workaround, not {kind[:40]!r}")
    return chosen[0] if chosen else None


def _confidence() -> float:
    from kb.config import find_config
    from miner.extract.model import load

    wanted = find_config().publish.confidence
    return load().thresholds.publish if wanted is None else wanted


def _file(option: Path | None) -> Path:
    from kb.config import find_config
    from kb.errors import BadInputError
    from miner.cli.settings import curation_file

    if option is not None:
        return option
    path = curation_file(find_config(), None)
    if path is None:
        raise BadInputError("faultlore.toml: names no curation file; set 'curation', or use --file")
    return path


def _walk(claims: "Sequence[ReviewClaim]", path: Path) -> None:
    """Asks for a verdict on each claim."""
    from kb.errors import BadInputError
    from miner.review import decide

    kept = 0
    for number, claim in enumerate(claims, 1):
        print(f"\n{number} of {len(claims)}: {_plain(claim.as_text())}")
        answer = typer.prompt(_HELP, default="s", show_default=False).strip().lower()[:1]
        if answer == "q":
            break
        decision = _KEYS.get(answer)
        if answer == "e":
            decision = f"entry {typer.prompt('Which entry').strip()}"
        if decision is None:
            continue
        why = typer.prompt("Why", default="", show_default=False)
        try:
            print(decide(path, [claim.claim_id], decision, why)[0])
            kept += 1
        except BadInputError as error:
            note(f"faultlore: {error}")
    note(f"{counted(kept, 'verdict', 'verdicts')} kept in {path}; 'faultlore mine' applies them")


def _plain(text: str) -> str:
    """Without what would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
