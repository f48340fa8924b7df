"""The formats of an export, one module each; nothing else has to name them.

A module of this package holds `make(connection, options)`: file name to text (or bytes), the same
database giving the same bytes. `folder` is where a nightly run puts them; `needs_addresses = True`
says that its entries need an address before it is called (`kb.notes.export.prepare`).
"""

from __future__ import annotations

import pkgutil
import sqlite3
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from kb.errors import BadInputError

if TYPE_CHECKING:
    from kb.notes.options import Options


class Format(Protocol):
    """What the module of a format holds."""

    folder: str
    needs_addresses: bool

    def make(self, connection: sqlite3.Connection, options: Options) -> Mapping[str, str | bytes]:
        """File name to text or bytes."""


def format_names() -> list[str]:
    """The names of all formats, `note` first, without loading them."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return sorted(names, key=lambda name: (name != "note", name != "page", name))


@cache
def format_named(name: str) -> Format:
    """A format by name.

    Raises `BadInputError` for one that is not known.
    """
    if name not in format_names():
        raise BadInputError(f"format {name!r} is not known; known: {', '.join(format_names())}")
    return cast("Format", import_module(f"{__name__}.{name}"))
