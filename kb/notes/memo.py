"""Renders only what changed since the last export into a folder.

The folder's manifest holds, beside the hash of each file, a hash of what its document was made of:
rows, options, what other entries lend it, and this program. A document of which both are as they
were is not rendered, and `kb.notes.folder` leaves its file alone: byte for byte the folder is that
of an export of everything.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from kb.notes.digests import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
        """Whether a document must be rendered; notes what it is made of."""
        self.inputs[name] = digest([self._how, *parts])
        return not self.stands(name)

    def stands(self, name: str) -> bool:
        """Whether the file of this name stands as an export wrote it that made it of the same."""
        return name in self.inputs and self._standing.get(name) == self.inputs[name]


def rendered(made: Mapping[str, str | Stands]) -> dict[str, str]:
    """The documents of an export without a memo: all are rendered."""
    return {name: text for name, text in made.items() if isinstance(text, str)}
