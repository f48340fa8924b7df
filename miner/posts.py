"""A thread as its posts, each parsed at most once.

Detection, the judgement of authors, links, versions and claims all take a `ParsedThread`: blocks,
sentences, the author's own words and who speaks are made when first asked for and kept with the
post, in the worker that reads the thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import re2

from kb.markdown import Document
from kb.models import Comment, Evidence, Place, Thread
from kb.sentences import Sentence, split

_WORD = re2.compile(r"[\p{L}\p{N}]+")
Role = Literal["maintainer", "reporter", "user", "bot"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who wrote a post, and why it is no evidence: `advert`, `bot`, `stale`, `template`, ..."""

    role: Role
    evidence: bool
    why: str | None = None


class ParsedPost:
    """The title, the body or a comment of a thread.

    `comment` is None for title and body, which the thread's author wrote. `speaker` is set by
    `miner.authors.roles.speaker_of`, from this thread alone; `index`, `role` and `evidence` by
    `miner.extract.context.posts_of`, which heeds what other threads tell of the post.
    """

    def __init__(self, thread: Thread, place: Place, text: str, comment: Comment | None) -> None:
        source = comment or thread
        self.repo = thread.repo
        self.place = place
        self.text = text
        self.comment = comment
        self.author = source.author
        self.author_type = source.author_type
        self.association = source.association
        self.created_at = source.created_at
        self.url = source.url
        self.thumbs_up = max(0, source.thumbs_up)
        self.thumbs_down = max(0, source.thumbs_down)
        self.speaker: Speaker | None = None
        self.index = 0
        self.role: Role = "user"
        self.evidence = True

    @cached_property
    def document(self) -> Document:
        """The text as Markdown."""
        return Document(self.text)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Its sentences and code blocks, in order; a title is one heading."""
        if self.place == (None, "title"):
            whole = Sentence(start=0, end=len(self.text), kind="heading", block=0)
            return [whole] if self.text.strip() else []
        return split(self.document)

    def say(self, sentence: Sentence) -> str:
        """The text of one of its sentences."""
        return self.text[sentence.start : sentence.end]

    def quoted(self, role: str, start: int, end: int) -> Evidence:
        """What it says from `start` to `end`, as evidence."""
        return Evidence(
            role=role,
            comment_id=self.place[0],
            field=self.place[1],
            start=start,
            end=end,
            quote=self.text[start:end],
            author=self.author,
            association=self.association,
            created_at=self.created_at,
            url=self.url,
        )


class ParsedThread:
    """A thread and its posts: title, body, and the comments by time. `links` are set by
    `miner.extract.references.links_of`.
    """

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.links: list[Any] | None = None
        self.title = ParsedPost(thread, (None, "title"), thread.title, None)
        self.body = ParsedPost(thread, (None, "body"), thread.body, None)
        self.comments = [
            ParsedPost(thread, (comment.comment_id, "body"), comment.body, comment)
            for comment in thread.comments
        ]

    @cached_property
    def known_words(self) -> frozenset[str]:
        """The words of its title and repository, lower case: what is no news in it."""
        found = _WORD.findall(f"{self.thread.repo} {self.thread.title}")
        return frozenset(word.lower() for word in found)

    @property
    def posts(self) -> list[ParsedPost]:
        """All posts in order."""
        return [self.title, self.body, *self.comments]

    def at(self, place: Place) -> ParsedPost:
        """The post at a place. Raises `KeyError`."""
        return {post.place: post for post in self.posts}[place]


def parsed(thread: Thread | ParsedThread) -> ParsedThread:
    """A thread as its posts; one that is parsed already stays as it is."""
    return thread if isinstance(thread, ParsedThread) else ParsedThread(thread)
