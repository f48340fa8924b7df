"""Makes the documents of a knowledge base - evidence notes, pages, candidates - and writes them
into a folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.errors import BadInputError
from kb.evidence import entries_to_show, read_evidence
from kb.notes.folder import MANIFEST, ExportReport, write_atomically, write_folder
from kb.notes.note import note_of
from kb.notes.slugs import give_slugs, missing_slugs, slugs
from kb.notes.targets import COMMONMARK, Target

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from pathlib import Path

    from kb.evidence import Entry
    from kb.store import Store

__all__ = [
    "MANIFEST",
    "ExportReport",
    "Options",
    "export_notes",
    "export_to",
    "prepare",
    "write_atomically",
    "write_folder",
]


@dataclass(frozen=True, slots=True)
class Options:
    """How to export. `categories` maps a technology (lower case) to the site's own category, `*`
    all others.
    """

    target: Target = COMMONMARK
    min_threads: int = 1
    categories: Mapping[str, str] = field(default_factory=dict)
    notes: str | None = None


def notes(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """One evidence note an entry, named by the entry's id, which lasts."""
    entries = entries_to_show(connection, options.min_threads)
    return {
        f"{d.entry_id}{options.target.suffix}": note_of(d, options.target)
        for d in read_evidence(connection, entries)
    }


def entries_with_page(connection: sqlite3.Connection, min_threads: int = 1) -> list[Entry]:
    """The entries that get a page: those about which there is something to tell."""
    from kb.notes.page import has_page

    return [
        d.entry
        for d in read_evidence(connection, entries_to_show(connection, min_threads))
        if has_page(d)
    ]


def prepare(store: Store, min_threads: int = 1) -> int:
    """Gives every entry that is to be published an address; returns how many were new. Call before
    exporting pages.
    """
    with store.transaction() as connection:
        return give_slugs(connection, entries_with_page(connection, min_threads))


def needs_preparing(connection: sqlite3.Connection, min_threads: int = 1) -> bool:
    """Whether an entry that is to be published has no address yet."""
    return bool(missing_slugs(connection, entries_with_page(connection, min_threads)))


def pages(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """One page an entry, named by its address.

    Raises `BadInputError` if an entry has none yet (`prepare` gives them).
    """
    from kb.notes.page_set import render_pages

    entries = entries_with_page(connection, options.min_threads)
    if missing_slugs(connection, entries):
        raise BadInputError(
            "some entries have no address yet; run the export on a database that can be written"
        )
    return render_pages(connection, entries, options, slugs(connection))


def candidates(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """The candidate records, in files of at most 5 MB."""
    from kb.notes.candidates import candidate_files

    return candidate_files(connection, entries_to_show(connection, options.min_threads), options)


MAKERS = {"note": notes, "page": pages, "candidates": candidates}


def export_to(
    connection: sqlite3.Connection, kind: str, folder: Path, options: Options | None = None
) -> ExportReport:
    """Writes the documents of a kind (`note`, `page`, `candidates`) into a folder."""
    return write_folder(folder, MAKERS[kind](connection, options or Options()), kind)


def export_notes(
    connection: sqlite3.Connection, folder: Path, min_threads: int = 1
) -> ExportReport:
    """Writes one evidence note an entry for plain CommonMark."""
    return export_to(connection, "note", folder, Options(min_threads=min_threads))
