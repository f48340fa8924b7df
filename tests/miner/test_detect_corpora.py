"""Detection on labelled threads: the share of threads whose main error is found, and of non-reports
that stay quiet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.models import Mention
from miner.detect import detect
from miner.training.dataset import read_lines as read
from miner.training.dataset import thread_of


def on(mention: Mention, label: dict[str, Any]) -> bool:
    if (mention.field if mention.comment_id is None else mention.comment_id) != label["where"]:
        return False
    shared = min(mention.end, label["end"]) - max(mention.start, label["start"])
    return shared >= 0.6 * max(1, min(mention.end - mention.start, label["end"] - label["start"]))


def figures(threads: Path, labels: Path) -> tuple[float, float, float]:
    by_number = {document["issue"]["number"]: document for document in read(threads)}
    main = found = total = quiet = calm = 0
    for label in read(labels):
        mentions = detect(thread_of(by_number[label["number"]]))
        lines = label["error_lines"]
        if lines:
            total += 1
            chosen = [m for m in mentions if m.is_primary] or mentions[:1]
            main += any(on(m, line) for m in chosen for line in lines)
            found += any(on(m, line) for m in mentions for line in lines)
        elif not label["is_error_report"]:
            calm += 1
            quiet += not any(m.counted for m in mentions)
    return main / total, found / total, quiet / calm


@pytest.mark.shared
@pytest.mark.parametrize(
    ("threads", "labels"),
    [
        ("ik_dev.jsonl.gz", "claims_dev.jsonl"),
        ("ai_dev.jsonl.gz", "claims_ai_dev.jsonl"),
        ("train_threads.jsonl.gz", "claims_train.jsonl"),
    ],
)
def test_figures(shared_dir: Path, threads: str, labels: str) -> None:
    main, found, quiet = figures(shared_dir / "corpus" / threads, shared_dir / "gold" / labels)
    assert main >= 0.9
    assert found >= 0.95
    assert quiet >= 0.8


@pytest.mark.shared
def test_a_corpus_of_few_errors_stays_quiet(shared_dir: Path) -> None:
    threads = [
        thread_of(document) for document in read(shared_dir / "corpus" / "secp256k1.jsonl.gz")
    ]
    pulls = [thread for thread in threads if thread.kind == "pull"]
    assert sum(any(m.counted for m in detect(thread)) for thread in pulls) <= 0.1 * len(pulls)
