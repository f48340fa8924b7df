"""Renders only what changed since the last export into a folder.

The folder's manifest holds, beside the hash of each file, a hash of what its document was made of:
rows, options, what other entries lend it, and this program. A document of which both are as they
were is not rendered, and `kb.notes.folder` leaves its file alone: byte for byte the folder is that
of an export of everything.

An entry's rows are hashed with all their columns, in a fixed order, so that a new column needs no
change here; of posts, the texts that claims stand in. It takes a few hundredths of the time of
rendering.
"""

from __future__ import annotations

from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING

from kb import sql
from kb.rows import listed
from kb.text import chunks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence


class Stands(Enum):
    """In the place of a text: the file stands as it would be written."""

    AS_IT_IS = "as it is"


Document = str | bytes | Stands


class Memo:
    """What the documents of a folder were made of. `how`: a hash of options and program;
    `standing`: the hashes of the documents whose files are as written, by name.
    """

    def __init__(self, how: str = "", standing: Mapping[str, str] | None = None) -> None:
        self._how = how
        self._standing = standing or {}
        self.inputs: dict[str, str] = {}
        """The hashes of this export's documents by name."""

    def is_new(self, name: str, parts: Iterable[object]) -> bool:
        """Whether a document must be rendered; notes what it is made of, values that say
        themselves in `repr`: texts, numbers, lists, tuples.
        """
        made_of = repr([self._how, *parts]).encode(errors="surrogatepass")
        self.inputs[name] = blake2b(made_of, digest_size=12).hexdigest()
        return not self.stands(name)

    def stands(self, name: str) -> bool:
        """Whether the file of this name stands as an export wrote it that made it of the same."""
        return name in self.inputs and self._standing.get(name) == self.inputs[name]


_BEHIND = ("entry", "aliases", "mentions", "threads", "claims", "evidence")
"""What a document about an entry is made of, as statements of `kb/sql/behind.sql`."""


def entry_digests(connection: sqlite3.Connection, entry_ids: Sequence[str]) -> dict[str, str]:
    """Hash of the rows behind each of these entries, by its id."""
    found = {entry_id: blake2b(digest_size=12) for entry_id in entry_ids}
    for part in chunks(entry_ids):
        for number, rows in enumerate(_BEHIND):
            for row in sql.ask(connection, f"behind.{rows}", listed(part)):
                found[row[0]].update(repr((number, *row)).encode(errors="surrogatepass"))
    return {entry_id: made.hexdigest() for entry_id, made in found.items()}
