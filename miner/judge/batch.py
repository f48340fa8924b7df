"""Questions and answers as files, for endpoints that work through batches, and for machines without
a network: the format of OpenAI's batch API
(https://platform.openai.com/docs/guides/batch, one request a line, found again by `custom_id`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.text import read_bytes
from miner.judge.questions import AnswerError, content_of
from miner.judge.store import keep_answer
from miner.judge.tasks import open_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from kb.store import Store
    from miner.judge.questions import Question
    from miner.judge.tasks import Task

URL = "/v1/chat/completions"


def export_batch(store: Store, path: Path, model: str, band: tuple[float, float]) -> int:
    """Writes the questions that wait; returns how many. Raises `BadInputError` if it cannot."""
    from kb.notes.folder import write_atomically

    lines = []
    for task in open_tasks(store.connection, band, model):
        for question in task.questions:
            request = {"custom_id": question.content, "method": "POST", "url": URL}
            lines.append(json.dumps({**request, "body": question.request(model)}) + "\n")
    write_atomically(path, "".join(lines).encode())
    return len(lines)


def import_batch(
    store: Store, path: Path, model: str, band: tuple[float, float], now: str
) -> tuple[int, list[str]]:
    """Stores the answers of a file; returns how many, and what was wrong with the other lines, each
    with file and line. Raises `BadInputError` if the file cannot be read.
    """
    try:
        with path.open("rb") as source:
            lines = read_bytes(source, str(path)).decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read ({error})") from error
    waiting: dict[str, tuple[Task, Question]] = {
        question.content: (task, question)
        for task in open_tasks(store.connection, band, model)
        for question in task.questions
    }
    kept, problems = 0, []
    with store.transaction() as connection:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                content, answer = _answer_of(line)
                if content not in waiting:
                    raise AnswerError("answers no question that waits (changed, or answered)")
                task, question = waiting[content]
                keep_answer(connection, question, model, answer, now)
            except AnswerError as error:
                problems.append(f"{path}:{number}: {error}")
            else:
                task.mark(connection)
                kept += 1
    return kept, problems


def _answer_of(line: str) -> tuple[str, str]:
    try:
        document: Any = json.loads(line)
        body = document["response"]["body"]
        return str(document["custom_id"]), content_of(body)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AnswerError(f"is no line of a batch's answers ({type(error).__name__})") from error
