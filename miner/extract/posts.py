"""A thread as a course of posts with their sentences: what the features, the replies and the stance
all read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.models import MAINTAINERS
from miner.posts import ParsedPost, ParsedThread, parsed

if TYPE_CHECKING:
    from kb.models import Place, Thread
    from kb.sentences import Sentence
    from miner.extract.context import ClaimContext


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


def posts_of(given: Thread | ParsedThread, context: ClaimContext) -> list[Post]:
    """The posts of a thread in order. Comments that GitHub no longer has are left out: what was
    taken back is not cited.
    """
    whole = parsed(given)
    posts: list[Post] = []
    for post in whole.posts:
        if post.comment is not None and post.comment.gone_at is not None:
            continue
        known = context.posts.get(post.place[0])
        told = (known.role, known.evidence) if known else who(post, whole.thread.author)
        posts.append(
            Post(
                index=len(posts),
                place=post.place,
                text=post.text,
                author=post.author,
                association=post.association,
                role=told[0],
                evidence=told[1],
                created_at=post.created_at,
                url=post.url,
                thumbs_up=post.thumbs_up,
                thumbs_down=post.thumbs_down,
                sentences=post.sentences,
            )
        )
    return posts


def who(post: ParsedPost, reporter: str | None) -> tuple[str, bool]:
    """The role of who wrote a post, and whether it is evidence, as far as the post itself tells."""
    if post.author_type == "Bot" or (post.author or "").endswith("[bot]"):
        return "bot", False
    if post.association in MAINTAINERS:
        return "maintainer", True
    return ("reporter" if post.author is not None and post.author == reporter else "user"), True
