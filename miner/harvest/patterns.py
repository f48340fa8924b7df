"""Names of repositories as a person gives them: `owner/name`, an address, `owner/*`, a file."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from miner.harvest.objects import check_repo

if TYPE_CHECKING:
    from pathlib import Path

    from miner.harvest.client import Client

_ADDRESS = re.compile(r"https?://[^/\s]+/(?P<name>[^/\s]+/[^/\s?#]+?)(?:\.git)?(?:[/?#].*)?\Z")
_PATTERN = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]+/[A-Za-z0-9._*?-]+\Z")
MOST_PAGES = 100
"""Pages of an owner's repositories that are read, of a hundred each."""


def check_name(text: str) -> str:
    """A name, also out of an address, or a pattern such as `owner/*`. Raises `BadInputError`."""
    text = text.strip()
    if address := _ADDRESS.match(text):
        text = address["name"]
    if is_pattern(text) and _PATTERN.match(text):
        return text
    return check_repo(text)


def is_pattern(name: str) -> bool:
    """Whether a name stands for several repositories of its owner."""
    return "*" in name or "?" in name


def read_names(path: Path) -> list[str]:
    """The names in a file, one a line; `#` begins a comment. Raises `BadInputError` with a line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise BadInputError(f"{path}: {reason}; name a text file of repositories") from None
    names = []
    for number, line in enumerate(lines, start=1):
        if text := re.sub(r"(?:\A|\s)#.*", "", line).strip():
            try:
                names.append(check_name(text))
            except BadInputError as error:
                raise BadInputError(f"{path}:{number}: {error}") from None
    if not names:
        raise BadInputError(f"{path}: names no repository; write one a line, as owner/name")
    return names


def expand(client: Client, pattern: str) -> list[str]:
    """The repositories that a pattern stands for, by name; forks and those without issues are none.
    Raises as `Client` does.
    """
    pattern = pattern.lower()
    names = [
        str(found.get("full_name", ""))
        for found in client.repositories(pattern.partition("/")[0], MOST_PAGES)
        if found.get("has_issues") is not False and not found.get("fork")
    ]
    return sorted((name for name in names if fnmatchcase(name.lower(), pattern)), key=str.lower)
