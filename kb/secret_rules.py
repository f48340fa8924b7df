"""What never leaves: the rows of `kb/rules/secrets.toml`, whose head says what the columns mean,
and of `key_formats.txt` and `key_vendors.txt`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.providers import names, providers
from kb.tables import load_toml, put_together, read_text

Check = Literal["", "mixed", "random", "named", "vendor", "strong", "user", "host", "mail"]


@dataclass(frozen=True, slots=True)
class Secret:
    """A kind of text that never leaves: group 1, or all of it, becomes `[name]`."""

    name: str
    pattern: str
    why: str
    check: Check = ""


def _rows(name: str) -> list[str]:
    lines = read_text(f"rules/{name}").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _keys() -> list[Secret]:
    """Keys that their form alone identifies: pattern, and whose it is."""
    found = []
    for line in _rows("key_formats.txt"):
        pattern, whose = line.split(None, 1)
        found.append(Secret("key", pattern, whose))
    for one in providers():
        found += [
            Secret("key", f"{re.escape(mark)}[A-Za-z0-9_-]{{16,}}", one.title) for mark in one.keys
        ]
    return found


_TABLE = load_toml("secrets.toml")
_PARTS = {name: put_together(part, {}) for name, part in _TABLE["parts"].items()}
_PARTS["vendors"] = "|".join(
    re.escape(row).replace(r"\-", "[ _-]") for row in sorted({*_rows("key_vendors.txt"), *names()})
)


def _secrets(kind: str) -> tuple[Secret, ...]:
    rows = (row | {"pattern": put_together(row["pattern"], _PARTS)} for row in _TABLE[kind])
    return tuple(Secret(**row) for row in rows)


CHECKS = {name: put_together(pattern, {}) for name, pattern in _TABLE["checks"].items()}
KEY_FORMATS = tuple(_keys())
FORMS = (*_secrets("block"), *KEY_FORMATS, *_secrets("form"))
"""Told by their form alone. Every export is searched for them in several readings: as it stands,
with its escapes resolved, with its lines joined, with its base64 decoded.
"""
MARKED = _secrets("marked")
"""What only resembles a key by its form."""
PLACES = _secrets("place")
"""Told by what stands before them."""
VENDORS = _secrets("vendor")
"""Told by the name of a vendor."""
PEOPLE = _secrets("person")
SECRETS = (*FORMS, *MARKED, *PLACES, *VENDORS, *PEOPLE)

KEEP_USERS = frozenset(_TABLE["keep_users"].split())
KEEP_HOSTS = frozenset(_TABLE["keep_hosts"].split())
FILE_ENDS = frozenset(_TABLE["file_ends"].split())
