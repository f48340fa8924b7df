"""Labelled threads as the trainer reads them: threads in the import format, with spans of causes
and fixes.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.models import Comment, Thread
from miner.harvest.threads import comment_row, issue_row

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("none", "cause", "cause-", "fix", "fix-")
"""What a sentence is; those with a minus are refuted in their thread."""


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled run of text. `comment_id` and `field` as in `kb.models.Place`; `good` is false if
    the thread refutes it.
    """

    comment_id: int | None
    field: str
    start: int
    end: int
    kind: str
    good: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """A thread with its spans and the comments that are adverts (`advert`), bots (`bot`) or idle
    (`other`).
    """

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
    """Threads (`.jsonl` or `.jsonl.gz`) that have labels (`.jsonl`), by number."""
    raw = threads.read_bytes()
    text = (gzip.decompress(raw) if threads.suffix == ".gz" else raw).decode("utf-8")
    by_number = {d["issue"]["number"]: d for d in map(json.loads, text.split("\n")[:-1])}
    out = []
    for line in labels.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        spans = [
            _span(s, kind)
            for kind, key in (("cause", "causes"), ("fix", "fixes"))
            for s in gold[key]
        ]
        idle = {
            e["where"]: e["why"] for e in gold.get("no_evidence", []) if isinstance(e["where"], int)
        }
        out.append(Labelled(thread_of(by_number[gold["number"]]), tuple(spans), idle))
    return sorted(out, key=lambda x: x.thread.number)


def read_labels(folder: Path) -> list[Labelled]:
    """All labelled threads of a folder.

    `claims_threads.jsonl.gz` with `claims_spans.jsonl`, every `claims_NAME_threads.jsonl` with
    `claims_NAME.jsonl`, and the marked ones of `claims_*.txt`.
    """
    out = read_labelled(folder / "claims_threads.jsonl.gz", folder / "claims_spans.jsonl")
    for threads in sorted(folder.glob("claims_*_threads.jsonl")):
        out.extend(read_labelled(threads, threads.with_name(threads.name.replace("_threads", ""))))
    for path in sorted(folder.glob("claims_*.txt")):
        out.extend(read_marked(path.read_text(encoding="utf-8")))
    return out


_MARK = re.compile(r"⟦(?P<kind>[cf])(?P<stance>[-+?])\|(?P<text>[^⟦⟧]*)⟧")
_KINDS = {"c": "cause", "f": "fix"}


def read_marked(text: str) -> list[Labelled]:
    """Threads written with their labels inside.

    `=== NUMBER REPO STATE REASON` begins a thread, `title: ...` follows, `--- AUTHOR ASSOCIATION`
    begins a post (the first one is the issue's body). `⟦c+|...⟧` marks a cause, `⟦f+|...⟧` a fix;
    `?` instead of `+` a suspected one, `-` a refuted one.
    """
    return [_marked_thread(part) for part in re.split(r"^=== (?=\d)", text, flags=re.MULTILINE)[1:]]


def _marked_thread(part: str) -> Labelled:
    head, title, rest = part.split("\n", 2)
    number, repo, state, reason = head.split()
    spans: list[Span] = []
    comments: list[dict[str, Any]] = []
    title, found = _unmark(title.removeprefix("title: "), None, "title")
    spans.extend(found)
    issue: dict[str, Any] = {
        "number": int(number),
        "title": title,
        "state": state,
        "created_at": _clock(0),
    }
    issue["state_reason"] = None if reason == "none" else reason
    for index, post in enumerate(re.split(r"^--- (?=\S+ [A-Z]+$)", rest, flags=re.MULTILINE)[1:]):
        who, marked = post.split("\n", 1)
        login, association = who.split()
        comment_id = int(number) * 1000 + index if index else None
        body, found = _unmark(marked.rstrip("\n"), comment_id)
        spans.extend(found)
        said = {
            "user": {"login": login, "type": "User"},
            "author_association": association,
            "body": body,
        }
        if comment_id is None:
            issue.update(said)
        else:
            comments.append({"id": comment_id, "created_at": _clock(index), **said})
    return Labelled(
        thread_of({"repo": repo, "issue": issue, "comments": comments}), tuple(spans), {}
    )


def _clock(index: int) -> str:
    return f"2026-01-{1 + index // 24:02d}T{index % 24:02d}:00:00Z"


def _unmark(marked: str, comment_id: int | None, field: str = "body") -> tuple[str, list[Span]]:
    body, spans, last = "", [], 0
    for match in _MARK.finditer(marked):
        body += marked[last : match.start()]
        start = len(body)
        body += match["text"]
        spans.append(
            Span(comment_id, field, start, len(body), _KINDS[match["kind"]], match["stance"] != "-")
        )
        last = match.end()
    return body + marked[last:], spans


def _span(span: dict[str, Any], kind: str) -> Span:
    where = span["where"]
    place = (where, "body") if isinstance(where, int) else (None, where)
    return Span(place[0], place[1], span["start"], span["end"], kind, bool(span.get("good", True)))


def overlap(a_start: int, a_end: int, b_start: int, b_end: int) -> float:
    """The part of the shorter span that both share, 0 to 1."""
    return max(0, min(a_end, b_end) - max(a_start, b_start)) / max(
        1, min(a_end - a_start, b_end - b_start)
    )
