"""The second reader's work as files.

Questions and answers for endpoints that work through batches, and for machines without a network,
have the format of OpenAI's batch API (https://platform.openai.com/docs/guides/batch, one request a
line, found again by `custom_id`). Judged threads become a training folder, so that the built-in
model can learn from them: it holds text of strangers, stays outside of any repository and is not
published.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from kb import sql
from kb.errors import BadInputError
from kb.models import Comment, Thread
from kb.store import Store
from kb.text import make_folder
from miner.extract.replies import Said
from miner.harvest.files import checked_files, decoded, lines_of
from miner.harvest.objects import BadThreadError, value_at
from miner.judge.questions import (
    AnswerError,
    Labels,
    Question,
    answers_about,
    content_of,
    keep_answer,
    labels_of,
)
from miner.judge.reading import questions_of
from miner.judge.run import Task, open_tasks, sentences_in

URL = "/v1/chat/completions"


def export_batch(store: Store, path: Path, model: str, band: tuple[float, float]) -> int:
    """Writes the questions that wait; returns how many. Raises `BadInputError` if it cannot."""
    from kb.notes.folder import write_atomically

    asked = [q for task in open_tasks(store.connection, band, model) for q in task.questions]
    to = {"method": "POST", "url": URL}
    lines = [
        json.dumps({"custom_id": q.content, **to, "body": q.request(model)}) + "\n" for q in asked
    ]
    write_atomically(path, "".join(lines).encode())
    return len(lines)


def import_batch(
    store: Store, path: Path, model: str, band: tuple[float, float], now: str
) -> tuple[int, list[str]]:
    """Stores the answers of a file; returns how many, and what was wrong with the other lines, each
    with file and line. Raises `BadInputError` if the file cannot be read.
    """
    checked_files([path])
    waiting: dict[str, tuple[Task, Question]] = {
        question.content: (task, question)
        for task in open_tasks(store.connection, band, model)
        for question in task.questions
    }
    kept, problems = 0, []
    with store.transaction() as connection:
        for number, line in lines_of(path, lambda _: None):
            try:
                document = decoded(line)
                answer = content_of(value_at(document, "response", "body"))
                content = value_at(document, "custom_id")
                if not isinstance(content, str) or content not in waiting:
                    raise AnswerError("answers no question that waits (changed, or answered)")
                task, question = waiting[content]
                keep_answer(connection, question, model, answer, now)
            except (AnswerError, BadThreadError) as error:
                problems.append(f"{path}:{number}: {error}")
            else:
                task.mark(connection)
                kept += 1
    return kept, problems


# ---------------------------------------------------------------- labels for training


NAMES = ("judged_threads.jsonl", "claims_judged.jsonl")
_KINDS = {"cause": "causes", "fix": "fixes", "workaround": "fixes", "failed_attempt": "fixes"}


def distil(connection: sqlite3.Connection, folder: Path) -> int:
    """Writes the judged threads and their labels into a folder, for `python -m miner.training`;
    returns how many. Raises `BadInputError` for a folder inside a checkout.
    """
    from kb.notes.folder import write_atomically

    above = (folder.absolute(), *folder.absolute().parents)
    if any((parent / ".git").exists() for parent in above):
        why = "lies inside a repository, and judged threads must not be published"
        raise BadInputError(f"{folder}: {why}; name a folder outside of it")
    threads, labels = [], []
    for number, name in enumerate(sorted(sql.column(connection, "judge.threads")), start=1):
        repo, _, text = name.partition("#")
        found = sentences_in(connection, repo, int(text))
        if found is None:
            continue
        judged = labels_of(questions_of(*found), answers_about(connection, name))
        if judged is None:
            continue
        threads.append(_thread(found[0], number))
        labels.append(_labels(found[1], judged, number))
    make_folder(folder)
    for name, rows in zip(NAMES, (threads, labels), strict=True):
        write_atomically(folder / name, "".join(json.dumps(row) + "\n" for row in rows).encode())
    return len(threads)


def _thread(thread: Thread, number: int) -> dict[str, Any]:
    """A thread in the import format, with a number of its own: labels find their thread by that."""
    issue = {"number": number, "title": thread.title, **_post(thread)}
    issue |= {"state": thread.state, "state_reason": thread.state_reason}
    comments = [{"id": c.comment_id, **_post(c)} for c in thread.comments if c.gone_at is None]
    return {"repo": thread.repo, "issue": issue, "comments": comments}


def _post(post: Thread | Comment) -> dict[str, Any]:
    return {
        "user": {"login": post.author, "type": post.author_type},
        "author_association": post.association,
        "created_at": post.created_at,
        "body": post.body,
    }


def _labels(said: list[Said], judged: Labels, number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"number": number, "causes": [], "fixes": [], "no_evidence": []}
    for place, (label, _) in judged.items():
        if label in _KINDS:
            sentence, (comment_id, field) = said[place - 1].sentence, said[place - 1].post.place
            span: dict[str, Any] = {"start": sentence.start, "end": sentence.end}
            span["where"] = field if comment_id is None else comment_id
            found[_KINDS[label]].append({**span, "good": label != "failed_attempt"})
    return found
