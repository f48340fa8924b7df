"""The services whose answers are looked for: one row of `kb/rules/providers.toml` each. Whatever
else has to know a provider (titles, layers of messages, models, links, keys) takes it from here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from kb import lazy_re as re
from kb.tables import load_toml


class Provider(NamedTuple):
    """A service. `clues`: rank and verbose pattern. `imitated`: others answer through its client.
    The table's head explains the rest.
    """

    name: str
    title: str
    clues: tuple[tuple[int, str], ...]
    everyday: bool = False
    imitated: bool = False
    hosts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def read_rows() -> list[dict[str, Any]]:
    """The rows of the table as they stand there."""
    rows: list[dict[str, Any]] = load_toml("providers.toml")["provider"]
    return rows


@cache
def providers() -> tuple[Provider, ...]:
    """All providers, in the order of the table. Raises `TypeError` for a column that is none."""
    return tuple(Provider(**{k: _frozen(value) for k, value in row.items()}) for row in read_rows())


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def names() -> tuple[str, ...]:
    """Names that tell a provider wherever they stand: everyday words are left out."""
    return tuple(provider.name for provider in providers() if not provider.everyday)


def alternation(words: tuple[str, ...]) -> str:
    """Words as alternatives of a pattern, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
