"""What a thread says of other threads: fixed by that pull request, duplicate of that issue, or just
named.

Pure functions over one stored thread. `links_of` reads words, state and events; whether a pull
request was merged, and when, is looked up later (`miner.extract.sources`), since it may arrive in
the database after the thread that names it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import re2

from kb.models import Event, Place, Thread
from kb.sentences import split
from miner.authors.pattern_lists import load_wording
from miner.authors.roles import speaker_of
from miner.posts import ParsedPost, ParsedThread, parsed

Kind = Literal["duplicate", "fixed_by", "fixes", "mentions"]
_RULES = load_wording("links")
_REFERENCE = re2.compile(
    r"https?://github\.com/([A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})/(issues|pull|discussions)/([1-9]\d{0,6})(?:[#/?][^\s)\]>]*)?"
    r"|(?:\b([A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}))?#([1-9]\d{0,6})\b"
    r"|\bGH-([1-9]\d{0,6})\b"
)
_CLOSING_WORD = re2.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+(?:issues? )?$")
_WORD = re2.compile(r"[\p{L}\p{N}]{2,}")
_LIST_GLUE = re2.compile(r"(?i)^\W*(?:and|und|et|y|or)?\W*$")
_CLOSES_WITHIN_SECONDS = 300
"""GitHub closes an issue seconds after the merge of the pull request that names it; the rest is a
busy server.
"""
_NEAR = 60
"""Characters on either side of a reference in which a doubt or a denial counts."""
_PART = ("#issuecomment", "#discussion", "#pullrequestreview")
"""What an address of one comment has."""
_MARKS = ("marked_as_duplicate", "unmarked_as_duplicate")
_DUPLICATE_LABELS = ("duplicate", "dup", "dupe", "type: duplicate", "resolution: duplicate")
_ORDER = {"fixes": 0, "fixed_by": 1, "duplicate": 2, "mentions": 3}


@dataclass(frozen=True, slots=True)
class Link:
    """`repo#number` says something of `to_repo#to_number`.

    `fixed_by`: that pull request (or thread) fixes this one; `fixes`: this pull request closes that
    issue; `duplicate`: the same report; `mentions`: named, no more is known. `place`, `start` and
    `end` are the span of the sentence that says it, None where an event does.
    """

    repo: str
    number: int
    kind: Kind
    to_repo: str
    to_number: int
    place: Place | None = None
    start: int = 0
    end: int = 0
    created_at: str | None = None

    @property
    def row(self) -> tuple[str, int, str, str, int]:
        """The row of table `link`."""
        return self.repo, self.number, self.kind, self.to_repo, self.to_number


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a text; `is_pull` only where the address says so; `is_part`: it leads to one
    comment there.
    """

    start: int
    end: int
    repo: str
    number: int
    is_pull: bool
    is_part: bool


def references(text: str, repo: str) -> list[Reference]:
    """The threads that a text names (`#12`, `owner/repo#5`, `GH-7`, addresses), in order; code and
    quotes must be blanked before.
    """
    found = []
    for match in _REFERENCE.finditer(text):
        before = text[match.start() - 1] if match.start() else ""
        address, kind, *_ = match.groups()
        if before.isalnum() or (before and before in "&/_-" and not address):
            continue  # an anchor (`page#3`), an entity (`&#39;`), part of a longer name
        target = address or match.group(4) or repo
        own = target.lower() == repo.lower()
        found.append(
            Reference(
                start=match.start(),
                end=match.end(),
                repo=repo if own else target,
                number=int(match.group(3) or match.group(5) or match.group(6)),
                is_pull=kind == "pull",
                is_part=any(mark in match.group() for mark in _PART),
            )
        )
    return found


def links_of(given: Thread | ParsedThread) -> list[Link]:
    """Every link of a thread, sorted, the strongest kind for each target; bots' lists of similar
    issues are left out.

    Posts that are no evidence, as far as the thread itself tells (`speaker_of`), say nothing: what
    other threads hold does not count, so that links do not depend on what was read before.
    Deterministic; linear in the text.
    """
    whole = parsed(given)
    if whole.links is not None:
        return whole.links
    thread = whole.thread
    marked = marked_duplicate(thread)
    found = [*_said(whole, marked=marked), *_events(thread)]
    if marked and not any(link.kind == "duplicate" for link in found):
        found += _only_candidate(found)
    best: dict[tuple[str, int], Link] = {}
    for link in found:
        key = (link.to_repo, link.to_number)
        if key == thread.key:
            continue
        old = best.get(key)
        if old is None or _rank(link) < _rank(old):
            best[key] = link
    whole.links = sorted(best.values(), key=lambda link: (link.to_repo, link.to_number))
    return whole.links


def _rank(link: Link) -> tuple[int, bool, str, int, int]:
    comment = link.place[0] if link.place and link.place[0] is not None else 0
    return _ORDER[link.kind], link.place is None, link.created_at or "", comment, link.start


def marked_duplicate(thread: Thread) -> bool:
    """Whether GitHub holds a thread for a duplicate: its state reason, its last such event, or a
    label.
    """
    marks = [event.event for event in thread.events if event.event in _MARKS]
    labelled = any(label.lower() in _DUPLICATE_LABELS for label in thread.labels)
    return (
        thread.state_reason == "duplicate"
        or marks[-1:] == ["marked_as_duplicate"]
        or (labelled and thread.state == "closed")
    )


def _said(whole: ParsedThread, *, marked: bool) -> Iterator[Link]:
    for post in whole.posts:
        found = _references_of(whole, post)
        if not found:
            continue
        words = post.document.own_prose
        judge = _Judge(whole.thread, speaker_of(whole, post).role, marked)
        starts = [reference.start for reference in found]
        for start, end in _spans(post):
            inside = found[bisect_left(starts, start) : bisect_left(starts, end)]
            for one, kind in judge.of_sentence(words[:end], start, inside):
                yield Link(
                    *whole.thread.key,
                    kind=kind,
                    to_repo=one.repo,
                    to_number=one.number,
                    place=post.place,
                    start=start,
                    end=end,
                    created_at=post.created_at,
                )


def _references_of(whole: ParsedThread, post: ParsedPost) -> list[Reference]:
    """The references in a post's own words; none if the post is no evidence."""
    if "#" not in post.text and "github.com" not in post.text and "GH-" not in post.text:
        return []
    found = references(post.document.own_prose, whole.thread.repo)
    return found if found and speaker_of(whole, post).evidence else []


def _spans(post: ParsedPost) -> list[tuple[int, int]]:
    title = post.place == (None, "title")
    sentences = split(post.document) if title else post.sentences
    return [(s.start, s.end) for s in sentences if s.kind not in ("code", "quote")]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Tells what the references in a post say. `role`: of who wrote it; `marked`: the thread is
    marked as a duplicate.
    """

    thread: Thread
    role: str
    marked: bool

    def of_sentence(
        self, words: str, start: int, inside: list[Reference]
    ) -> Iterator[tuple[Reference, Kind]]:
        """The references of the sentence from `start` to the end of the words, each with its kind;
        those of a list share what is said before the first.
        """
        kind: Kind = "mentions"
        at = start
        stops = [reference.start for reference in inside[1:]] + [len(words)]
        for reference, stop in zip(inside, stops, strict=False):
            before, after = words[at : reference.start], words[reference.end : stop]
            if at == start or not _LIST_GLUE.search(before):
                sentence = words[start : reference.start] + " REF " + words[reference.end :]
                kind = self._kind(sentence, before, after, reference)
            yield reference, kind
            at = reference.end

    def _kind(self, sentence: str, before: str, after: str, reference: Reference) -> Kind:
        near = before[-_NEAR:] + " REF " + after[:_NEAR]
        is_pull, decides = self.thread.kind == "pull", self.role == "maintainer"
        if is_pull and self.role != "bot" and _CLOSING_WORD.search(before):
            return "fixes"
        hedged = bool(_RULES["hedged"].search(near)) or sentence.rstrip().endswith("?")
        if _RULES["denied"].search(near):
            return "mentions"
        weak = _RULES["weak duplicate"].search(before) or _RULES["weak duplicate"].search(after)
        if _RULES["duplicate before"].search(before) or _RULES["duplicate after"].search(after):
            trusted = decides or self.role == "reporter" or self.thread.state == "closed"
            told = trusted and not hedged and not weak
            return "duplicate" if self.marked or told else "mentions"
        if is_pull or hedged or reference.is_part or _RULES["culprit"].search(near):
            return "mentions"
        if _RULES["fixed before"].search(before) or _fixes_after(before, after, self.role):
            return "fixed_by"
        # "Done in 1.9: ... (#12)"
        in_brackets = before.rstrip().endswith("(") and _RULES["finished"].search(sentence)
        # a sentence that opens with a pull request's address
        own_pull = reference.is_pull and reference.repo == self.thread.repo
        opens = own_pull and not _WORD.search(before)
        return "fixed_by" if decides and (in_brackets or opens) else "mentions"


def _fixes_after(before: str, after: str, role: str) -> bool:
    if _RULES["fixes after"].search(after):
        return True
    acts = _RULES["acts after"].search(after) and not _RULES["acts not"].search(after)
    return role == "maintainer" and bool(acts) and not _WORD.search(before[-30:].rpartition(":")[2])


def _only_candidate(found: list[Link]) -> list[Link]:
    """A thread marked as a duplicate without a word of which one: the one other thread it names, if
    there is only one.
    """
    targets = {(link.to_repo, link.to_number) for link in found}
    return [replace(found[0], kind="duplicate")] if len(targets) == 1 else []


def _events(thread: Thread) -> Iterator[Link]:
    for event in thread.events:
        if (
            event.source_repo is None
            or event.source_number is None
            or event.event not in ("cross-referenced", "connected", "referenced")
        ):
            continue
        kind: Kind = "fixed_by" if _closes(thread, event) else "mentions"
        yield Link(
            *thread.key, kind, event.source_repo, event.source_number, created_at=event.created_at
        )


def _closes(thread: Thread, event: Event) -> bool:
    """Whether a merged pull request that names the thread closed it: the thread was closed as done
    moments after the merge.
    """
    if (
        thread.kind == "pull"
        or not event.source_merged_at
        or thread.state_reason in ("not_planned", "duplicate")
    ):
        return False
    closings = [e.created_at for e in thread.events if e.event == "closed"] or [thread.closed_at]
    return any(
        0 <= _seconds(event.source_merged_at, closed) <= _CLOSES_WITHIN_SECONDS
        for closed in closings
        if closed
    )


def _seconds(earlier: str, later: str) -> float:
    """Infinite where one of the times is none: older versions stored what GitHub never sends."""
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (ValueError, TypeError):
        return math.inf
