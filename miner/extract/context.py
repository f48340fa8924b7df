"""What finding claims needs to know beside the thread itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miner.posts import Speaker


@dataclass(frozen=True, slots=True)
class LinkedThread:
    """A thread that this one names: a pull request, a duplicate. `closes` says that it is a pull
    request that closes this thread (closing words or a closing event).
    """

    is_pull: bool = False
    merged_at: str | None = None
    closes: bool = False


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """`posts`: who speaks, by comment id (None: the issue's own text); `links` by thread number
    within the same repository or `owner/name#number`.
    """

    posts: Mapping[int | None, Speaker] = field(default_factory=dict)
    links: Mapping[str, LinkedThread] = field(default_factory=dict)
