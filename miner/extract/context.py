"""What finding claims needs to know beside the thread itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""Author associations whose word confirms or contradicts a claim."""


class PostLike(Protocol):
    """Who wrote a post, and whether it is evidence at all (adverts, bots, stale notices and
    templates are none).
    """

    @property
    def role(self) -> str:
        """`maintainer`, `reporter`, `user` or `bot`."""

    @property
    def evidence(self) -> bool:
        """False: nothing in this post is ever a claim or speaks for one."""


@dataclass(frozen=True, slots=True)
class LinkedThread:
    """A thread that this one names: a pull request, a duplicate.

    `closes` says that the pull request closes this thread (closing words or a closing event);
    `released` is the first release after the merge, where it is known.
    """

    repo: str
    number: int
    is_pull: bool = False
    merged_at: str | None = None
    closes: bool = False
    released: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """`posts` by comment id (None: the issue's own text); `links` by thread number within the same
    repository or `owner/name#number`.
    """

    posts: Mapping[int | None, PostLike] = field(default_factory=dict)
    links: Mapping[str, LinkedThread] = field(default_factory=dict)
