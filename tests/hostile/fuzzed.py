"""Texts that nobody would write and somebody will: pieces of everything that has a meaning
somewhere, put together without sense.
"""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from tests.hostile.secrets import ORDINARY, planted
from tests.hostile.surroundings import BEFORE_AND_AFTER

ONCE_FOUND: list[str] = json.loads(
    Path(__file__).with_name("once_found.json").read_text(encoding="utf-8")
)
"""Texts on which something once failed, or which are of their kind."""

_PIECES = [
    *(ORDINARY[::3]),
    *(p.text for p in planted()[::9]),
    *BEFORE_AND_AFTER.values(),
    *ONCE_FOUND,
    *("Error: ", "Traceback (most recent call last):\n", '  File "x.py", line 3, in f\n'),
    *("The cause is ", "Fixed in 1.2.3", "this works for me, thanks", "`", "```\n", "\n\n", "> "),
    *("{", "}", '{"message": "', "\x1b[31m", "\x00", "\ud800", "\u200b", "\u202e", "<!--", "-->"),
    *("/*", "{{", "{%", "<script>", "](", "![", "|", "    at x (y:1)\n", "Caused by: ", "\t", "\r"),
]

TEXTS = st.one_of(
    st.lists(st.sampled_from(_PIECES) | st.text(st.characters(), max_size=6), max_size=14).map(
        "".join
    ),
    st.text(st.characters(), max_size=60),
)
"""Texts of every character that Python can hold, lone surrogates too."""
