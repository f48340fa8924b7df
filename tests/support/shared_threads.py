"""Reads the labelled threads that lie beside the checkout."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.models import Comment, Thread
from miner.harvest.objects import comment_row, issue_row


def thread_of(document: dict[str, Any]) -> Thread:
    """A thread of the import format, without its events."""
    row = issue_row(document["repo"], document["issue"])
    comments = []
    for one in document["comments"]:
        fields = comment_row(document["repo"], row["number"], row["kind"], one)
        comments.append(
            Comment(
                **{name: value for name, value in fields.items() if name not in ("repo", "number")}
            )
        )
    row["labels"] = tuple(json.loads(row["labels"]))
    return Thread(
        **row, comments=tuple(sorted(comments, key=lambda c: (c.created_at, c.comment_id)))
    )


def labelled_threads(
    shared: Path, *sets: tuple[str, str]
) -> Iterator[tuple[Thread, dict[str, Any]]]:
    """Threads with their labels, for pairs of corpus and label file."""
    for corpus, labels in sets:
        lines = (shared / "gold" / f"{labels}.jsonl").read_text(encoding="utf-8").splitlines()
        gold = {document["number"]: document for document in map(json.loads, lines)}
        with gzip.open(shared / "corpus" / f"{corpus}.jsonl.gz", "rt", encoding="utf-8") as file:
            for line in file:
                thread = thread_of(json.loads(line))
                if thread.number in gold:
                    yield thread, gold[thread.number]
