"""How good the built-in model, the second reader and both are on labelled threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb.models import Claim
from miner.detect import detect
from miner.extract.context import posts_of
from miner.extract.find import claims_of, judge
from miner.extract.model import load
from miner.extract.outcomes import Outcomes
from miner.extract.replies import Said
from miner.judge.questions import labels_of
from miner.judge.reading import WEIGHT, heeding, questions_of
from miner.judge.run import Client, RefusedError, StoppedError
from miner.training.dataset import Labelled, read_labels
from miner.training.evaluate import measure

READERS = ("built-in", "judge", "both")
MEASURES = ("precision", "recall", "f1")


@dataclass(slots=True)
class Comparison:
    """Figures (`MEASURES`) by reader and kind of claim; `differ`: quotes on which built-in model
    and judge do not agree, with the thread and who found them; `stopped` as in
    `miner.judge.run.JudgeReport`.
    """

    threads: int = 0
    figures: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    differ: list[dict[str, str]] = field(default_factory=list)
    stopped: str | None = None


def compare(folders: Sequence[Path], client: Client) -> Comparison:
    """Asks about every labelled thread of folders (as `miner.training` reads them) within the
    client's budget; threads after its end are left out of all figures.
    """
    labelled = [one for part in read_labels(folders) for one in part.threads]
    found: dict[str, list[tuple[Labelled, Sequence[Claim]]]] = {name: [] for name in READERS}
    out = Comparison()
    for one in labelled:
        try:
            claims = three_readings(one, client)
        except RefusedError:
            continue
        except StoppedError as error:
            out.stopped = str(error)
            break
        for name in READERS:
            found[name].append((one, claims[name]))
        out.differ += _differences(one, claims)
        out.threads += 1
    for name, rows in found.items():
        kinds = measure(rows).items()
        out.figures[name] = {k: {m: getattr(f, m) for m in MEASURES} for k, f in kinds}
    return out


def three_readings(one: Labelled, client: Client) -> dict[str, list[Claim]]:
    """The claims of a labelled thread by reader (`READERS`), asked now. Raises as `Client.ask`."""
    context = one.context
    model = load()
    outcomes = Outcomes(posts_of(one.thread, context))
    mentions = detect(one.thread)
    said = judge(one.thread, outcomes, model)
    asked = questions_of(one.thread, said, [])
    labels = labels_of(asked, {each.content: client.ask(each) for each in asked}) or {}
    readings: dict[str, Sequence[Said]] = {
        "built-in": said,
        "judge": heeding(said, labels, weight=1.0),
        "both": heeding(said, labels, weight=WEIGHT),
    }
    return {
        name: claims_of(one.thread, outcomes, reading, mentions, context, model)
        for name, reading in readings.items()
    }


def _differences(one: Labelled, claims: dict[str, list[Claim]]) -> list[dict[str, str]]:
    places = {
        name: {(c.comment_id, c.field, c.start, c.kind == "cause"): c for c in claims[name]}
        for name in ("built-in", "judge")
    }
    thread = f"{one.thread.repo}#{one.thread.number}"
    return [
        {"thread": thread, "found_by": name, "quote": claim.quote}
        for name, other in (("built-in", "judge"), ("judge", "built-in"))
        for place, claim in places[name].items()
        if place not in places[other]
    ]
