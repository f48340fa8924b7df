"""Addresses: links to where something was said, built when a thread is stored and checked when they
leave (a database may be anybody's); and whether a host is this machine.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from kb import lazy_re as re

_LINK = re.compile(
    r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?/[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}"
    r"/(?:issues|pull|commit|releases|discussions)/[A-Za-z0-9._/-]{1,200}(?:#[A-Za-z0-9_-]{1,60})?\Z"
)
_THREAD = re.compile(
    r"https?://[^/\s]{1,200}/([A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})"
    r"/(?:issues|pull|discussions)/(\d{1,12})(?:[/?][^#\s]*)?"
    r"(?:#(issuecomment-|discussion_r|discussioncomment-)(\d{1,18})|#\S*)?\Z"
)
DISCUSSION_COMMENTS = 1 << 52
"""Ids of comments of discussions begin here: GitHub counts them apart from those of issues."""
NOWHERE = "https://github.com/"
"""What stands in place of what is no link to a thread."""


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address is this machine's own."""
    name = host or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_open(parts: SplitResult) -> bool:
    """Whether what is sent to an address could be read on the way: http is for this machine."""
    return parts.scheme != "https" and not is_loopback(parts.hostname)


def parse_address(text: str) -> SplitResult | None:
    """An address of http or https in its parts; None for what is none."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port  # read, it is checked
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def is_link(url: object) -> bool:
    """Whether something is the address of a thread, a comment, a commit or a release."""
    return isinstance(url, str) and _LINK.match(url) is not None


def link(url: object) -> str:
    """The address, or `NOWHERE` where it is none that this program makes."""
    return url if isinstance(url, str) and _LINK.match(url) else NOWHERE


def thread_at(url: str) -> tuple[str, int, int | None] | None:
    """The repository, the number and the comment (as its id is stored) that the address of a thread
    names; None for another address.
    """
    found = _THREAD.match(url)
    if found is None:
        return None
    repo, number, anchor, comment = found.groups()
    raised = DISCUSSION_COMMENTS if anchor == "discussioncomment-" else 0
    return repo, int(number), int(comment) + raised if comment else None
