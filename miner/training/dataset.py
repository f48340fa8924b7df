"""Labelled threads in the import format, with spans of causes and fixes."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kb.errors import BadInputError
from kb.models import Comment, Place, Thread
from miner.extract.context import ClaimContext
from miner.extract.spans import overlap
from miner.harvest.objects import comment_row, issue_row
from miner.posts import Speaker


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled run of text; `good` is false if the thread refutes it."""

    comment_id: int | None
    field: str
    start: int
    end: int
    kind: str
    good: bool

    @property
    def place(self) -> Place:
        """Where its text stands."""
        return self.comment_id, self.field

    def shared_with(self, place: Place, start: int, end: int) -> float:
        """The part of the shorter of it and another span that both share, 0 to 1."""
        return overlap(self.start, self.end, start, end) if place == self.place else 0.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A thread with its spans (causes and fixes; `errors` the lines of its error, the main one
    first; None: its labels say nothing of them) and the comments that are adverts (`advert`), bots
    (`bot`) or idle (`other`). `judged`: the only places of which the labels tell anything (a
    person's verdicts); None: all are labelled.
    """

    thread: Thread
    spans: tuple[Span, ...]
    no_evidence: dict[int, str]
    errors: tuple[Span, ...] | None = None
    judged: tuple[Span, ...] | None = None

    @property
    def project(self) -> str:
        """What folds are made by: the repository."""
        return self.thread.repo

    @property
    def context(self) -> ClaimContext:
        """What is known of it: which of its comments are adverts and bots."""
        bad = (number for number, why in self.no_evidence.items() if why in ("advert", "bot"))
        return ClaimContext(posts={number: Speaker("bot", evidence=False) for number in bad})


def thread_of(document: dict[str, Any]) -> Thread:
    """A thread in the import format as a row, without its events. Raises `BadThreadError`."""
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


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file of lines, plain or gzipped."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """The labelled threads of one file. `real`: threads that people wrote, not made-up ones."""

    name: str
    real: bool
    threads: tuple[Labelled, ...]


def read_labels(folders: Sequence[Path], *, held_out: bool = False) -> list[LabelledSet]:
    """The labelled threads of folders, each thread once.

    A folder holds threads (`*.jsonl`, `*.jsonl.gz`, in itself or in `corpus/`) and labels
    (`claims_*.jsonl`, in itself or in `gold/`), which find their threads by number. Labels that
    name the repository of each thread are places in threads that others own and this project may
    not copy: they find them in any of the folders, in the file of their name
    (`claims_real_apps.jsonl`: `real_apps.jsonl.gz`), and are left out where that is not given.

    Sets whose name ends in `_dev` are kept to look at: they are given with `held_out` only, and
    then they alone. Raises `BadInputError` for labels without their threads.
    """
    out: list[LabelledSet] = []
    known: set[tuple[tuple[str, int], str]] = set()
    for folder in folders:
        for one in _sets_of(folder, folders):
            fresh = tuple(t for t in one.threads if (t.thread.key, t.thread.title) not in known)
            known.update((t.thread.key, t.thread.title) for t in fresh)
            if fresh and one.name.endswith("_dev") == held_out:
                out.append(LabelledSet(one.name, one.real, fresh))
    return out


def places(folder: Path) -> list[Path]:
    """Where a folder of labels holds its files."""
    return [p for p in (folder, folder / "corpus", folder / "gold") if p.is_dir()]


def files_of(folder: Path) -> list[Path]:
    """The files of lines in a folder of labels, of threads as of labels."""
    return sorted(f for p in places(folder) for f in (*p.glob("*.jsonl"), *p.glob("*.jsonl.gz")))


def _sets_of(folder: Path, folders: Sequence[Path]) -> Iterator[LabelledSet]:
    files = files_of(folder)
    labels = [f for f in files if f.name.startswith("claims_") and "_threads" not in f.name]
    beside = {path: _numbered(path) for path in files if path not in labels}
    for path in labels:
        lines = read_lines(path)
        if lines and "repo" in lines[0]:
            yield from _elsewhere(path, lines, folders)
            continue
        gold = {line["number"]: line for line in lines}
        home = next((t for t, numbers in beside.items() if gold.keys() <= numbers.keys()), None)
        if home is None:
            raise BadInputError(f"{path}: no file beside it holds the threads that it labels")
        name = home.name.split(".")[0]
        found = tuple(labelled(thread_of(beside[home][n]), gold[n]) for n in sorted(gold))
        yield LabelledSet(name, name.startswith(("real_", "ik_")), found)


def _numbered(path: Path) -> dict[int, dict[str, Any]]:
    """The threads of a file by number; none of one that holds something else."""
    return {line["issue"]["number"]: line for line in read_lines(path) if "issue" in line}


def _elsewhere(
    path: Path, lines: Sequence[dict[str, Any]], folders: Sequence[Path]
) -> Iterator[LabelledSet]:
    """The set of labels whose threads are in a file of their name in one of the folders."""
    name = path.name.split(".")[0].removeprefix("claims_")
    home = next((f for one in folders for f in files_of(one) if f.name.split(".")[0] == name), None)
    if home is None:
        return
    threads = {one.key: one for one in map(thread_of, read_lines(home))}
    members = _members(threads.values())
    found = []
    for line in lines:
        if (key := (line["repo"], line["number"])) not in threads:
            raise BadInputError(f"{path}: {home.name} has no thread {key[0]}#{key[1]}")
        found.append(labelled(_with_members(threads[key], members), line))
    yield LabelledSet(name, True, tuple(found))


_ANSWERS = 4
"""Threads of others that somebody answers in a project, from which they are taken for a member."""


def _members(threads: Iterable[Thread]) -> set[tuple[str, str | None]]:
    """Who answers for a project, as `(repo, login)`: sources that are not GitHub's API do not say
    so, and a model that reads who speaks would learn that maintainers know nothing.
    """
    answers: Counter[tuple[str, str | None]] = Counter()
    for one in threads:
        logins = {comment.author for comment in one.comments} - {None, one.author}
        answers.update((one.repo, login) for login in logins)
    return {who for who, count in answers.items() if count >= _ANSWERS}


def _with_members(thread: Thread, members: Container[tuple[str, str | None]]) -> Thread:
    def known(post: Thread | Comment) -> str:
        is_one = post.association == "NONE" and (thread.repo, post.author) in members
        return "MEMBER" if is_one else post.association

    comments = tuple(one._replace(association=known(one)) for one in thread.comments)
    return replace(thread, association=known(thread), comments=comments)


def labelled(thread: Thread, gold: dict[str, Any]) -> Labelled:
    """A thread with its line of labels."""
    spans = [span_of(span, "cause") for span in gold["causes"]]
    spans += [span_of(span, "fix") for span in gold["fixes"]]
    errors = None
    if "error_lines" in gold and not gold.get("partial"):
        errors = tuple(span_of(span, "error") for span in gold["error_lines"])
    said = gold.get("no_evidence", [])
    idle = {one["where"]: one["why"] for one in said if isinstance(one["where"], int)}
    judged = None
    if gold.get("partial"):
        judged = (*spans, *(span_of(s, s["kind"]) for s in gold.get("rejected", [])))
    return Labelled(thread, tuple(spans), idle, errors, judged)


def span_of(span: dict[str, Any], kind: str) -> Span:
    """A labelled span of a file of labels."""
    where, good = span["where"], bool(span.get("good", True))
    place: Place = (where, "body") if isinstance(where, int) else (None, where)
    return Span(*place, span["start"], span["end"], kind, good)
