"""Versions that a thread names: the release that carries a fix, and versions in which people still
see the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import re2

from kb.models import Evidence, Thread
from miner.authors.pattern_lists import load_wording
from miner.authors.roles import speaker_of
from miner.posts import ParsedPost, ParsedThread, Speaker, parsed

Role = Literal["released", "still_seen"]
_RULES = load_wording("links")
VERSION = re2.compile(
    r"\bv?(\d{1,4}(?:\.\d{1,5}){1,3}(?:[-.]?(?:alpha|beta|rc|pre|preview|dev|nightly|post|snapshot|hotfix)[-.]?\d{0,4})?)\b"
)
_AROUND = 90
"""Characters before and after a version that tell what is said of it."""
_GLUE = re2.compile(r"(?i)^\W*(?:and|und|or)?\W*v?$")


@dataclass(frozen=True, slots=True)
class VersionNote:
    """A version and the sentence that says what of it. `role`: `released` or `still_seen`."""

    version: str
    role: Role
    evidence: Evidence


def versions_of(
    given: Thread | ParsedThread, speakers: Mapping[int | None, Speaker] | None = None
) -> list[VersionNote]:
    """What people say of versions, in the order of the thread: releases (maintainers only) and
    versions that still fail.

    `speakers`: who speaks in each comment (`miner.authors.roles.roles`); if not given, as far as
    the thread itself tells.
    """
    whole = parsed(given)
    found: list[VersionNote] = []
    for post in whole.comments:
        if not VERSION.search(post.document.own_words):
            continue
        who = speaker_of(whole, post) if speakers is None else speakers.get(post.place[0])
        if who is not None and who.evidence and who.role != "bot":
            found.extend(_of_comment(post, who.role))
    takes_back = {
        post.author: post.created_at or ""
        for post in whole.comments
        if post.author and _takes_back(post.document.own_words)
    }
    released = [note for note in found if note.role == "released"]
    return [
        note
        for note in found
        if note.role == "released"
        or (
            any(_contradicts(note, fix) for fix in released)
            and takes_back.get(note.evidence.author or "", "") <= (note.evidence.created_at or "")
        )
    ]


def _takes_back(words: str) -> bool:
    """Whether a post says that the error was none, and not that it is there still or that another
    version mends it.
    """
    found = _RULES["taken back"].search(words)
    return bool(found) and "still" not in words.lower() and not VERSION.search(words)


def _contradicts(seen: VersionNote, fix: VersionNote) -> bool:
    """Whether a version that fails is the release with the fix or a later one of the same project.

    Threads name versions of other programs too (a driver, a system); those count in another way, or
    by far other numbers.
    """
    later, first = numbers(seen.version), numbers(fix.version)
    width = min(len(later), len(first))
    alike = len(later) == len(first) or (later[:2] == first[:2] and width >= 2)
    same_age = (seen.evidence.created_at or "") >= (fix.evidence.created_at or "")
    return alike and same_age and later[:width] >= first[:width] and later[0] - first[0] <= 1


def _of_comment(post: ParsedPost, role: str) -> Iterator[VersionNote]:
    words = post.document.own_words
    for sentence in post.sentences:
        if sentence.kind in ("code", "quote"):
            continue
        kind: Role | None = None
        at = sentence.start
        for match in VERSION.finditer(words[sentence.start : sentence.end]):
            start, end = sentence.start + match.start(), sentence.start + match.end()
            if start and words[start - 1] in ".-/":
                continue  # the tail of another number, or of a name (`glm-4.6`)
            before = words[max(at, start - _AROUND) : start]
            after = words[end : min(sentence.end, end + _AROUND)]
            if at == sentence.start or not _GLUE.search(before):
                kind = _judge(before, after, role)
            at = end
            if kind is not None:
                said = post.quoted(kind, sentence.start, sentence.end)
                yield VersionNote(match.group(1), kind, said)


def _judge(before: str, after: str, role: str) -> Role | None:
    if role == "maintainer":
        says = _RULES["released"].search(before)
        said = says and not _RULES["not released"].search(before[: says.start()])
        if said or _RULES["released after"].search(after):
            return None if before.rstrip().endswith(("not in", "n't in", "’t in")) else "released"
    if "?" in after or _RULES["not still"].search(before + " " + after):
        return None
    if _RULES["still before"].search(before) or _RULES["still after"].search(after):
        return "still_seen"
    return None


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version up to its first letter: of `2.0-rc1` two and zero."""
    return tuple(int(part) for part in re2.findall(r"\d+", re2.split("[A-Za-z]", version)[0])[:6])
