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
from kb.notes.options import SELECTING, entries_for
from kb.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    import sqlite3

    from kb.notes.options import Options
    from kb.store import Store


def what_stands(
    connection: sqlite3.Connection, kind: str, folder: Path, options: Options
) -> ExportReport | None:
    """The report of an export that would change nothing; None if one may change something."""
    changed = sql.value(connection, "documents.is_changed")
    manifest = read_manifest(folder).files
    if changed or not manifest:
        return None
    stored = sql.first(connection, "documents.export_state", kind)
    if stored is None or stored[0] != _fingerprint(connection, kind, folder, options):
        return None
    found = _digests(folder, manifest)
    kept = sorted(name for name, digest in found.items() if digest != manifest[name])
    return ExportReport(unchanged=len(found) - len(kept), kept=kept)


def settle(store: Store) -> None:
    """To be called before the exports of a run: what changed until now is in them."""
    with store.transaction() as connection:
        sql.write(connection, "documents.settle")


def remember(store: Store, kind: str, folder: Path, options: Options) -> None:
    """To be called after an export, with nothing written between `settle` and it."""
    fingerprint = _fingerprint(store.connection, kind, folder, options)
    with store.transaction() as connection:
        sql.write(connection, "documents.put_export_state", kind, fingerprint)


def _fingerprint(connection: sqlite3.Connection, kind: str, folder: Path, options: Options) -> str:
    version = sql.value(connection, "documents.version")
    files = _digests(folder, read_manifest(folder).files)
    entries = [entry.entry_id for entry in entries_for(connection, options)]
    parts = [how_made(kind, options), version, entries, sorted(files.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def how_made(kind: str, options: Options) -> str:
    """A hash of what documents depend on beside rows: the format, its options, this program. Which
    entries are exported is none of it.
    """
    asked = {f.name: getattr(options, f.name) for f in fields(options) if f.name not in SELECTING}
    # a target's own rules are part of the program
    asked["target"] = options.target.name
    parts = [SCHEMA_VERSION, _program(), kind, json.dumps(asked, sort_keys=True, default=str)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _digests(folder: Path, names: dict[str, str]) -> dict[str, str]:
    """The hashes of the files as they are now; an empty one for a file that is not there."""
    found = {}
    for name in names:
        path = folder / name
        is_file = path.name == name and path.is_file()
        found[name] = digest_of(path.read_bytes()) if is_file else ""
    return found


@cache
def _program() -> str:
    """A hash of the package that renders: code, templates, rules."""
    folder = Path(__file__).resolve().parent.parent
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()
