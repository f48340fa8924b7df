"""Pages of small knowledge bases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import yaml

from kb.notes.export import documents, prepare
from kb.notes.options import Options
from kb.store import Store, connect_readonly

SLUG = "openrouter-401-user-not-found"


def pages(connection: sqlite3.Connection, options: Options | None = None) -> dict[str, str]:
    return documents(connection, "page", options)


def prepared(path: Path) -> sqlite3.Connection:
    with Store.open(path) as store:
        prepare(store)
    return connect_readonly(path)


def front(text: str) -> dict[str, object]:
    found = yaml.safe_load(text.split("\n---\n")[0][4:])
    assert isinstance(found, dict)
    return found
