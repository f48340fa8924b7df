"""Who speaks in a thread, and which posts can be evidence.

A post is no evidence if no person stands behind it (bot, stale notice, generated answer), if it is
an advert, or if it is only the form it was written in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import re2

from miner.authors.bots import bot_login, machine_wording
from miner.authors.duplicates import signs_of_post
from miner.authors.pattern_lists import load_wording
from miner.authors.spam import THRESHOLD, Candidate, advert_probability
from miner.authors.text_masks import without_comments

if TYPE_CHECKING:
    from kb.models import Comment, Thread
    from miner.authors.duplicates import RepeatedPosts

Role = Literal["maintainer", "reporter", "user", "bot"]
MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
BODY_THRESHOLD = 0.97
"""An issue's own text is taken for an advert only where nothing else is left to think: it holds the
report.
"""

_WORD = re2.compile(r"[\p{L}\p{N}]+")
_FORM_LINE = load_wording("forms")["form line"]
_STRUCTURE = load_wording("forms")["structure"]


@dataclass(frozen=True, slots=True)
class Post:
    """Who wrote a post and whether it can be evidence; `why` not: `advert`, `bot`, `stale`,
    `triage`, `summary`, `template`.
    """

    role: Role
    evidence: bool
    why: str | None = None


def roles(thread: Thread, repeated: RepeatedPosts | None = None) -> dict[int | None, Post]:
    """A judgement for the issue's own text (key None) and for every comment (key: its id).

    `repeated`: what other threads of the database hold of the same texts and links
    (`miner.authors.duplicates.load_for`).
    """
    posts: dict[int | None, Post] = {None: _opening(thread)}
    known = frozenset(word.lower() for word in _WORD.findall(f"{thread.repo} {thread.title}"))
    for comment in thread.comments:
        posts[comment.comment_id] = _reply(thread, comment, known, repeated)
    return posts


def _opening(thread: Thread) -> Post:
    if thread.author_type == "Bot" or bot_login(thread.author):
        return Post("bot", False, "bot")
    role: Role = "maintainer" if thread.association in MAINTAINERS else "reporter"
    if is_only_form(thread.body):
        return Post(role, False, "template")
    if role == "reporter":
        candidate = Candidate(thread.body, thread.repo, thread.author, thread.association)
        if advert_probability(candidate) >= BODY_THRESHOLD:
            return Post(role, False, "advert")
    return Post(role, True)


def _reply(
    thread: Thread, comment: Comment, known: frozenset[str], repeated: RepeatedPosts | None
) -> Post:
    machine = (
        comment.author_type == "Bot" or comment.via_app is not None or bot_login(comment.author)
    )
    wording = machine_wording(comment.body, person=not machine)
    if machine:
        return Post("bot", False, wording or "bot")
    if wording in ("bot", "summary", "triage"):
        return Post("bot" if wording == "bot" else _role(thread, comment), False, wording)
    role = _role(thread, comment)
    if wording is not None:
        return Post(role, False, wording)
    if role == "maintainer":
        return Post(role, True)
    again = repeated is not None and repeated.is_repeated(
        signs_of_post(comment.body, comment.author, thread.repo)
    )
    candidate = Candidate(
        comment.body,
        thread.repo,
        comment.author,
        comment.association,
        role == "reporter",
        again,
        known,
    )
    if advert_probability(candidate) >= THRESHOLD:
        return Post(role, False, "advert")
    if is_only_form(comment.body):
        return Post(role, False, "template")
    return Post(role, True)


def _role(thread: Thread, comment: Comment) -> Role:
    if comment.association in MAINTAINERS:
        return "maintainer"
    if comment.author is not None and comment.author == thread.author:
        return "reporter"
    return "user"


def is_only_form(text: str) -> bool:
    """Whether a text is nothing but headings, check boxes and the prompts of a form."""
    lines = without_comments(text).splitlines()
    filled = [line for line in lines if line.strip()]
    return any(_STRUCTURE.search(line) for line in filled) and all(
        _FORM_LINE.search(line) for line in filled
    )
