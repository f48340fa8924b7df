"""A thread as a course of posts with their sentences: what the features, the replies and the stance
all read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.sentences import Sentence, split
from miner.extract.context import MAINTAINERS, ClaimContext

if TYPE_CHECKING:
    from kb.models import Place, Thread


@dataclass(slots=True)
class Post:
    """One text of a thread. The title is post 0, the issue's body post 1, the comments follow by
    time.
    """

    index: int
    place: Place
    text: str
    author: str | None
    association: str
    role: str
    evidence: bool
    created_at: str
    url: str
    thumbs_up: int
    thumbs_down: int
    sentences: list[Sentence]

    def say(self, sentence: Sentence) -> str:
        """The text of one of its sentences."""
        return self.text[sentence.start : sentence.end]


def posts_of(thread: Thread, context: ClaimContext) -> list[Post]:
    """The posts of a thread in order. Comments that GitHub no longer has are left out: what was
    taken back is not cited.
    """
    role, evidence = _who(
        context, None, thread.author, thread.author_type, thread.association, thread.author
    )
    posts: list[Post] = []
    for name, text in (("title", thread.title), ("body", thread.body)):
        sentences = (
            split(text)
            if name == "body"
            else ([Sentence(0, len(text), "heading", 0)] if text.strip() else [])
        )
        posts.append(
            Post(
                len(posts),
                (None, name),
                text,
                thread.author,
                thread.association,
                role,
                evidence,
                thread.created_at,
                thread.url,
                thread.thumbs_up,
                thread.thumbs_down,
                sentences,
            )
        )
    for comment in thread.comments:
        if comment.gone_at is not None:
            continue
        role, evidence = _who(
            context,
            comment.comment_id,
            comment.author,
            comment.author_type,
            comment.association,
            thread.author,
        )
        posts.append(
            Post(
                len(posts),
                (comment.comment_id, "body"),
                comment.body,
                comment.author,
                comment.association,
                role,
                evidence,
                comment.created_at,
                comment.url,
                comment.thumbs_up,
                comment.thumbs_down,
                split(comment.body),
            )
        )
    return posts


def _who(
    context: ClaimContext,
    comment_id: int | None,
    author: str | None,
    author_type: str,
    association: str,
    reporter: str | None,
) -> tuple[str, bool]:
    known = context.posts.get(comment_id)
    if known is not None:
        return known.role, known.evidence
    if author_type == "Bot" or (author or "").endswith("[bot]"):
        return "bot", False
    if association in MAINTAINERS:
        return "maintainer", True
    return ("reporter" if author is not None and author == reporter else "user"), True
