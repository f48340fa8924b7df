"""A thread as a course of posts with their sentences: what the features, the replies and the stance
all read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.models import MAINTAINERS
from miner.posts import ParsedPost, ParsedThread, Role, parsed

if TYPE_CHECKING:
    from kb.models import Thread
    from miner.extract.context import ClaimContext

Post = ParsedPost
"""Of these posts `index`, `role` and `evidence` are set: the title is post 0, the issue's body post
1, the comments follow by time."""


def posts_of(given: Thread | ParsedThread, context: ClaimContext) -> list[Post]:
    """The posts of a thread in order. Comments that GitHub no longer has are left out: what was
    taken back is not cited.
    """
    whole = parsed(given)
    posts = [p for p in whole.posts if p.comment is None or p.comment.gone_at is None]
    for index, post in enumerate(posts):
        known = context.posts.get(post.place[0])
        told = (known.role, known.evidence) if known else who(post, whole.thread.author)
        post.index, (post.role, post.evidence) = index, told
    return posts


def who(post: ParsedPost, reporter: str | None) -> tuple[Role, bool]:
    """The role of who wrote a post, and whether it is evidence, as far as the post itself tells."""
    if post.author_type == "Bot" or (post.author or "").endswith("[bot]"):
        return "bot", False
    if post.association in MAINTAINERS:
        return "maintainer", True
    return ("reporter" if post.author is not None and post.author == reporter else "user"), True
