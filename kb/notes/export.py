"""Makes the documents of a knowledge base and writes them into a folder; the formats are modules of
`kb.notes.formats`.

Whether an export would write what stands in its folder already is found out without rendering.
Documents depend on the rows of the knowledge base, on how they are to be written, and on this
program. Triggers mark that rows changed (`kb.schema.watch_rows`); the rest is a hash that the last
export left in table `export_state`. A night without news then costs reading the folder.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs

from kb import sql
from kb.evidence import Entry
from kb.notes.folder import ExportReport, digest_of, read_manifest, write_folder
from kb.notes.formats import format_named
from kb.notes.options import Options, entries_for
from kb.notes.slugs import give_slugs, unchecked, withdraw_unsafe, without_slug
from kb.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from kb.store import Store


def entries_with_page(
    connection: sqlite3.Connection, options: Options | None = None, *, new: bool = False
) -> list[Entry]:
    """The entries that get a page: those about which there is something to tell. `new`: of those
    alone that have no address yet.
    """
    found = _why_no_page(connection, options or Options(), new=new)
    return [entry for entry, why in found if why is None]


def without_page(connection: sqlite3.Connection, options: Options) -> Counter[str]:
    """How many entries get no page, by the reason (`kb.notes.worth`)."""
    return Counter(why for _, why in _why_no_page(connection, options) if why)


def _why_no_page(
    connection: sqlite3.Connection, options: Options, *, new: bool = False
) -> Iterator[tuple[Entry, str | None]]:
    """The entries of an export, each with why it has no page, if it has none."""
    from kb.notes.outline import outlines
    from kb.notes.worth import NOTHING, why_no_page, worth_a_page

    entries = entries_for(connection, options)
    told = worth_a_page(connection, without_slug(connection, entries) if new else entries)
    yield from (
        (made.known.entry, why_no_page(made)) for made in outlines(connection, told, options)
    )
    ids = {entry.entry_id for entry in told}
    yield from ((entry, NOTHING) for entry in entries if entry.entry_id not in ids)


def prepare(store: Store, options: Options | None = None) -> int:
    """Gives every entry that is to be published an address, and another one to those whose address
    is not safe to publish; returns how many were new. Call before exporting pages.
    """
    with store.transaction() as connection:
        return _give(connection, options)


def prepare_aside(connection: sqlite3.Connection, options: Options | None = None) -> None:
    """The same for a dry run: the addresses are this connection's alone and gone with it; nothing
    is written, also where nothing can be.
    """
    if needs_preparing(connection, options):
        for name in ("let_write", "slugs", "checks"):
            sql.write(connection, f"aside.{name}")
        _give(connection, options)


def _give(connection: sqlite3.Connection, options: Options | None) -> int:
    withdraw_unsafe(connection)
    return give_slugs(connection, entries_with_page(connection, options, new=True))


def needs_preparing(connection: sqlite3.Connection, options: Options | None = None) -> bool:
    """Whether an entry that is to be published has no address yet, or one that is to be looked at
    again.
    """
    return unchecked(connection) or bool(entries_with_page(connection, options, new=True))


def documents(
    connection: sqlite3.Connection, kind: str, options: Options | None = None
) -> dict[str, Any]:
    """The documents of a format (`note`, `page`, ...) by file name."""
    return dict(format_named(kind).make(connection, options or Options()))


def export_to(
    connection: sqlite3.Connection,
    kind: str,
    folder: Path,
    options: Options | None = None,
    *,
    write: bool = True,
) -> ExportReport:
    """Writes the documents of a format into a folder. `write=False`: only reports what would be."""
    options = options or Options()
    standing = frozenset(read_manifest(folder).files) if folder.is_dir() else frozenset()
    made = documents(connection, kind, structs.replace(options, standing=standing))
    return write_folder(folder, made, kind, write=write, chosen=options.chosen)


# ---------------------------------------------------------------- where nothing changed


def what_stands(
    connection: sqlite3.Connection, kind: str, folder: Path, options: Options
) -> ExportReport | None:
    """The report of an export that would change nothing; None if one may change something."""
    manifest = read_manifest(folder).files
    if sql.value(connection, "documents.is_changed"):
        return None
    stored = sql.value(connection, "documents.export_state", kind)
    made_of, *former = (stored or "never").split()
    if made_of != _fingerprint(connection, kind, manifest, options):
        return None
    if not all(Path(name).name == name and (folder / name).is_file() for name in manifest):
        return None
    kept = [n for n in sorted(manifest) if digest_of((folder / n).read_bytes()) != manifest[n]]
    # what a person changed was not renewed, and has to be once it stands as written again
    if not set(former).issubset(kept):
        return None
    return ExportReport(unchanged=len(manifest) - len(kept), kept=kept)


def settle(store: Store) -> None:
    """To be called before the exports of a run: what changed until now is in them."""
    with store.transaction() as connection:
        sql.write(connection, "documents.settle")


def export_again(store: Store, kind: str, folder: Path, options: Options) -> ExportReport:
    """Writes the documents of a format into a folder, unless nothing changed since the last time.
    To be called after `settle`, with nothing written between.
    """
    connection = store.connection
    if done := what_stands(connection, kind, folder, options):
        return done
    done = export_to(connection, kind, folder, options)
    manifest = read_manifest(folder).files
    made_of = _fingerprint(connection, kind, manifest, options)
    state = " ".join([made_of, *(name for name in done.kept if name in manifest)])
    with store.transaction() as connection:
        sql.write(connection, "documents.put_export_state", kind, state)
    return done


def _fingerprint(
    connection: sqlite3.Connection, kind: str, manifest: dict[str, str], options: Options
) -> str:
    """A hash of what an export depends on: the format, its options, this program, the state of the
    rows; and of what it wrote.
    """
    # "the last 90 days" is another time every night, and where a run writes is no part of what
    changing = dict.fromkeys(("since", "standing", "formats", "out"))
    asked = structs.asdict(options) | changing
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
