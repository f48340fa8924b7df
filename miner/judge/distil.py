"""Judged threads as a training folder, so that the built-in model can learn from the second reader.

The folder holds text of strangers: it stays outside of any repository and is not published.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from miner.judge.reading import questions_of
from miner.judge.store import answers_about, judged_threads, labels_of
from miner.judge.tasks import sentences_in

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from kb.models import Comment, Thread
    from miner.extract.replies import Said
    from miner.judge.store import Labels

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
    for number, name in enumerate(sorted(judged_threads(connection)), start=1):
        repo, _, text = name.partition("#")
        found = sentences_in(connection, repo, int(text))
        if found is None:
            continue
        judged = labels_of(questions_of(*found), answers_about(connection, name))
        if judged is None:
            continue
        threads.append(_thread(found[0], number))
        labels.append(_labels(found[1], judged, number))
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(NAMES, (threads, labels), strict=True):
        write_atomically(folder / name, "".join(json.dumps(row) + "\n" for row in rows).encode())
    return len(threads)


def _thread(thread: Thread, number: int) -> dict[str, Any]:
    """A thread in the import format, with a number of its own: labels find their thread by that."""
    issue = {"number": number, "title": thread.title, "state": thread.state}
    issue |= {"state_reason": thread.state_reason, **_post(thread)}
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
        if label not in _KINDS:
            continue
        sentence, (comment_id, field) = said[place - 1].sentence, said[place - 1].post.place
        span = {"where": field if comment_id is None else comment_id, "start": sentence.start}
        good = label != "failed_attempt"
        found[_KINDS[label]].append({**span, "end": sentence.end, "good": good})
    return found
