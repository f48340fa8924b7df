"""Whether an export would write what stands in its folder already, found out without rendering.

Documents depend on the rows of the knowledge base, on how they are to be written, and on this
program. Triggers mark that rows changed (`kb.schema.watch_rows`); the rest is a hash that the last
export left in table `export_state`. A night without news then costs reading the folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb import sql
from kb.notes.folder import ExportReport, digest_of, read_manifest
from kb.notes.options import entries_for
from kb.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options
    from kb.store import Store


def what_stands(
    connection: sqlite3.Connection, kind: str, folder: Path, options: Options
) -> ExportReport | None:
    """The report of an export that would change nothing; None if one may change something."""
    manifest = read_manifest(folder).files
    if sql.value(connection, "documents.is_changed"):
        return None
    made_of = _fingerprint(connection, kind, manifest, options)
    if sql.value(connection, "documents.export_state", kind) != made_of:
        return None
    if not all(Path(name).name == name and (folder / name).is_file() for name in manifest):
        return None
    kept = [n for n in sorted(manifest) if digest_of((folder / n).read_bytes()) != manifest[n]]
    return ExportReport(unchanged=len(manifest) - len(kept), kept=kept)


def settle(store: Store) -> None:
    """To be called before the exports of a run: what changed until now is in them."""
    with store.transaction() as connection:
        sql.write(connection, "documents.settle")


def remember(store: Store, kind: str, folder: Path, options: Options) -> None:
    """To be called after an export, with nothing written between `settle` and it."""
    made_of = _fingerprint(store.connection, kind, read_manifest(folder).files, options)
    with store.transaction() as connection:
        sql.write(connection, "documents.put_export_state", kind, made_of)


def _fingerprint(
    connection: sqlite3.Connection, kind: str, manifest: dict[str, str], options: Options
) -> str:
    """A hash of what an export depends on: the format, its options, this program, the state of the
    rows; and of what it wrote.
    """
    # "the last 90 days" is another time every night, and a target's rules are part of the program
    changing = {"since": None, "standing": None, "target": options.target.name}
    asked = {f.name: getattr(options, f.name) for f in fields(options)} | changing
    entries = [entry.entry_id for entry in entries_for(connection, options)]
    parts = [SCHEMA_VERSION, _program(), kind, asked, entries, manifest]
    parts.append(sql.value(connection, "documents.version"))
    return digest_of(json.dumps(parts, sort_keys=True, default=str).encode())


@cache
def _program() -> str:
    """A hash of the package that renders: code, templates, rules."""
    folder = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()
