"""Addresses of threads."""

from __future__ import annotations

import pytest

from kb.links import DISCUSSION_COMMENTS, thread_at

HOME = "https://github.com/acme/tool"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"{HOME}/issues/12", ("acme/tool", 12, None)),
        (f"{HOME}/pull/12/files#diff-1", ("acme/tool", 12, None)),
        (f"{HOME}/issues/12?x=1#issuecomment-34", ("acme/tool", 12, 34)),
        (f"{HOME}/pull/12#discussion_r34", ("acme/tool", 12, 34)),
        # GitHub counts the comments of discussions apart
        (
            f"{HOME}/discussions/12#discussioncomment-34",
            ("acme/tool", 12, DISCUSSION_COMMENTS + 34),
        ),
        ("http://git.example:3000/acme/tool/issues/12", ("acme/tool", 12, None)),
        (f"{HOME}/issues/12x", None),
        (f"{HOME}/issues/12 and more", None),
        (f"{HOME}/releases/12", None),
        (HOME, None),
    ],
)
def test_what_an_address_names(url: str, found: tuple[str, int, int | None] | None) -> None:
    assert thread_at(url) == found
