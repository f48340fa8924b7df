"""Labelled threads as the trainer reads them: threads in the import format, with spans of causes and fixes."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.models import Comment, Thread
from miner.threads import comment_row, issue_row

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("none", "cause", "cause-", "fix", "fix-")
"""What a sentence is; those with a minus are refuted in their thread."""


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled run of text. `comment_id` and `field` as in `kb.models.Place`; `good` is false if the thread refutes it."""

    comment_id: int | None
    field: str
    start: int
    end: int
    kind: str
    good: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """A thread with its spans and the comments that are adverts (`advert`), bots (`bot`) or idle (`other`)."""

    thread: Thread
    spans: tuple[Span, ...]
    no_evidence: dict[int, str]


def thread_of(document: dict[str, Any]) -> Thread:
    """A thread in the import format as a row object, without its events. Raises `BadThreadError`."""
    repo = document["repo"]
    row = issue_row(repo, document["issue"])
    comments = []
    for item in document.get("comments") or []:
        one = comment_row(repo, row["number"], row["kind"], item)
        one.pop("repo"), one.pop("number")
        comments.append(Comment(**one))
    comments.sort(key=lambda c: (c.created_at, c.comment_id))
    row["labels"] = tuple(json.loads(row["labels"]))
    return Thread(**row, comments=tuple(comments))


def read_labelled(threads: Path, labels: Path) -> list[Labelled]:
    """Threads (`.jsonl.gz`) that have labels (`.jsonl`), by number."""
    with gzip.open(threads, "rt", encoding="utf-8") as lines:
        by_number = {d["issue"]["number"]: d for d in map(json.loads, lines)}
    out = []
    for line in labels.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        spans = [_span(s, kind) for kind, key in (("cause", "causes"), ("fix", "fixes")) for s in gold[key]]
        idle = {e["where"]: e["why"] for e in gold.get("no_evidence", []) if isinstance(e["where"], int)}
        out.append(Labelled(thread_of(by_number[gold["number"]]), tuple(spans), idle))
    return sorted(out, key=lambda x: x.thread.number)


def read_labels(folder: Path) -> list[Labelled]:
    """All labelled threads of a folder: `claims_threads.jsonl.gz` with `claims_spans.jsonl`."""
    return read_labelled(folder / "claims_threads.jsonl.gz", folder / "claims_spans.jsonl")


def _span(span: dict[str, Any], kind: str) -> Span:
    where = span["where"]
    place = (where, "body") if isinstance(where, int) else (None, where)
    return Span(place[0], place[1], span["start"], span["end"], kind, bool(span.get("good", True)))


def overlap(a_start: int, a_end: int, b_start: int, b_end: int) -> float:
    """The part of the shorter span that both share, 0 to 1."""
    return max(0, min(a_end, b_end) - max(a_start, b_start)) / max(1, min(a_end - a_start, b_end - b_start))
