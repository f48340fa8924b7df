"""Addresses: links to where something was said, built when a thread is stored and checked when they
leave (a database may be anybody's); and whether a host is this machine.
"""

from __future__ import annotations

import ipaddress
import re

_LINK = re.compile(
    r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?/[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}"
    r"/(?:issues|pull|commit|releases|discussions)/[A-Za-z0-9._/-]{1,200}(?:#[A-Za-z0-9_-]{1,60})?\Z"
)
NOWHERE = "https://github.com/"
"""What stands in place of what is no link to a thread."""


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address is this machine's own."""
    name = host or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_link(url: object) -> bool:
    """Whether something is the address of a thread, a comment, a commit or a release."""
    return isinstance(url, str) and _LINK.match(url) is not None


def link(url: object) -> str:
    """The address, or `NOWHERE` where it is none that this program makes."""
    return url if isinstance(url, str) and _LINK.match(url) else NOWHERE
