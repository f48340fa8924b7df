"""What finding claims needs to know beside the thread itself, and a thread as a course of posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.models import Thread, ThreadKey
from miner.authors.roles import role_of
from miner.posts import ParsedPost, ParsedThread, Speaker, parsed


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """`posts`: who speaks, by comment id (None: the issue's own text); `merged`: the pull requests
    that were merged and closed the thread; `speakers` speak for the project in other threads.
    """

    posts: Mapping[int | None, Speaker] = field(default_factory=dict)
    merged: frozenset[ThreadKey] = frozenset()
    speakers: frozenset[str] = frozenset()


def posts_of(given: Thread | ParsedThread, context: ClaimContext) -> list[ParsedPost]:
    """The posts of a thread in order, each with its number (the title is 0, the issue's body 1),
    role and whether it is evidence. Comments that GitHub no longer has are left out: what was taken
    back is not cited.
    """
    whole = parsed(given)
    posts = [p for p in whole.posts if p.comment is None or p.comment.gone_at is None]
    for index, post in enumerate(posts):
        known = context.posts.get(post.place[0])
        post.index, post.role = index, known.role if known else role_of(post, whole.thread.author)
        post.evidence = known.evidence if known else post.role != "bot"
    return posts
