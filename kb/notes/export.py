"""Makes the documents of a knowledge base and writes them into a folder; the formats are modules of
`kb.notes.formats`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.notes.folder import ExportReport, read_manifest, write_folder
from kb.notes.formats import format_named
from kb.notes.options import Options, entries_for
from kb.notes.slugs import give_slugs, unchecked, withdraw_unsafe, without_slug

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path
    from typing import Any

    from kb.evidence import Entry
    from kb.store import Store


def entries_with_page(
    connection: sqlite3.Connection, options: Options | None = None, *, new: bool = False
) -> list[Entry]:
    """The entries that get a page: those about which there is something to tell. `new`: of those
    alone that have no address yet.
    """
    from kb.notes.outline import outlines
    from kb.notes.worth import why_no_page, worth_a_page

    options = options or Options()
    entries = worth_a_page(connection, entries_for(connection, options))
    if new:
        entries = without_slug(connection, entries)
    found = outlines(connection, entries, options)
    return [o.known.entry for o in found if why_no_page(o) is None]


def without_page(connection: sqlite3.Connection, options: Options) -> Counter[str]:
    """How many entries get no page, by the reason (`kb.notes.worth`)."""
    from kb.notes.outline import outlines
    from kb.notes.worth import NOTHING, why_no_page, worth_a_page

    entries = entries_for(connection, options)
    told = worth_a_page(connection, entries)
    found = Counter({NOTHING: len(entries) - len(told)})
    found.update(why for o in outlines(connection, told, options) if (why := why_no_page(o)))
    return +found


def prepare(store: Store, options: Options | None = None) -> int:
    """Gives every entry that is to be published an address, and another one to those whose address
    is not safe to publish; returns how many were new. Call before exporting pages.
    """
    with store.transaction() as connection:
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
    made = documents(connection, kind, replace(options, standing=standing))
    return write_folder(folder, made, kind, write=write, chosen=options.as_dict)
