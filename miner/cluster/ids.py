"""Which group of signatures is which entry: ids are given once, stay when groups move, and every
merge and split is logged.

An id belongs to the signature it was given for (its anchor: that of the group's first mention at
the time). A group is the entry of the oldest id whose anchor it holds; younger ones become aliases
of it. A group that holds no anchor gets a new id.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from kb import sql
from kb.rows import listed

ID_LENGTH = 11

First = tuple[str, str, str]
"""A signature's first mention: its time (ISO 8601, UTC), its place as text, the fingerprint."""


def id_for(fingerprint: str, salt: int) -> str:
    """A fingerprint's id: `E` and 11 base32 characters; `salt` counts collisions."""
    named = f"{fingerprint}/{salt}" if salt else fingerprint
    digest = hashlib.blake2b(named.encode(), digest_size=10).digest()
    return "E" + base64.b32encode(digest).decode("ascii")[:ID_LENGTH]


@dataclass(slots=True)
class GroupReport:
    """How many entries are new, changed, merged away, split off, retired; how many signatures were
    looked at and pairs of them compared.
    """

    new: int = 0
    changed: int = 0
    merged: int = 0
    split: int = 0
    retired: int = 0
    signatures: int = 0
    compared: int = 0


class Registry:
    """The ids ever given (table `entry_id`), their state (tables `alias` and `entry`), and the log
    of what happened to them (`entry_log`), whose rows are numbered in the order of the calls.
    """

    def __init__(self, connection: sqlite3.Connection, now: str, rules: str) -> None:
        self._db, self._now, self._rules = connection, now, rules
        self._born: int = (sql.value(connection, "entries.last_number") or 0) + 1

    def log(self, action: str, entry_id: str, why: str, other_id: str | None = None) -> None:
        """Adds an event (`kb.history.Event`)."""
        sql.write(self._db, "entries.log", self._now, action, entry_id, other_id, why, self._rules)

    def anchored_at(self, fingerprints: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
        """The ids whose anchor is one of these signatures: [(seq, id)], oldest first."""
        found: dict[str, list[tuple[int, str]]] = {}
        rows = sql.ask(self._db, "entries.anchored_at", listed(fingerprints)).fetchall()
        for fingerprint, seq, entry_id in sorted(map(tuple, rows)):
            found.setdefault(fingerprint, []).append((seq, entry_id))
        return found

    def alias_of(self, entry_id: str) -> str | None:
        """The entry that answers for a merged id, or None for an id that is an entry itself."""
        heir: str | None = sql.value(self._db, "entries.heir", entry_id)
        return heir

    def anchor_of(self, entry_id: str) -> str | None:
        """The signature an id was given for (None: no such id)."""
        anchor: str | None = sql.value(self._db, "entries.anchor", entry_id)
        return anchor

    def mint(self, fingerprint: str) -> str:
        """A new id for a signature."""
        ids = (id_for(fingerprint, salt) for salt in count())
        entry_id = next(one for one in ids if self.anchor_of(one) is None)
        for name in ("entries.put_id", "entries.put"):
            sql.write(self._db, name, entry_id, fingerprint, self._born)
        self._born += 1
        return entry_id

    def move_anchor(self, entry_id: str, fingerprint: str) -> None:
        """Ties an id to another signature, because its own is gone."""
        sql.write(self._db, "entries.move_anchor", fingerprint, entry_id)

    def make_alias(self, old_id: str, entry_id: str, why: str) -> bool:
        """Lets `entry_id` answer for `old_id`; False if it does already."""
        if self.alias_of(old_id) == entry_id:
            return False
        sql.write(self._db, "entries.move_aliases", entry_id, old_id)
        sql.write(self._db, "entries.put_alias", old_id, entry_id)
        for name in ("search.drop", "entries.drop", "work.clean_entry"):
            sql.write(self._db, name, old_id)
        self.log("merged", entry_id, why, old_id)
        return True

    def revive(self, entry_id: str, why: str) -> bool:
        """Makes an alias or a retired id an entry again; whether another one answered for it."""
        was = self.alias_of(entry_id)
        if was is not None:
            sql.write(self._db, "entries.drop_alias", entry_id)
            seq, anchor = sql.first(self._db, "entries.number_and_anchor", entry_id)
            sql.write(self._db, "entries.put", entry_id, anchor, seq)
            self.log("split", entry_id, why, was)
        elif sql.value(self._db, "entries.is_retired", entry_id):
            sql.write(self._db, "entries.revive", entry_id)
            self.log("revived", entry_id, "it is reported again")
        return was is not None

    def retire(self, entry_id: str) -> bool:
        """Marks an entry that nobody reports any more; it keeps its id and answers."""
        if sql.value(self._db, "entries.is_retired", entry_id) != 0:
            return False
        sql.write(self._db, "entries.retire", entry_id)
        self.log("retired", entry_id, "no mention of it is left")
        return True


def assign(
    registry: Registry,
    groups: list[list[str]],
    first: Mapping[str, First],
    was: Mapping[str, str | None],
    merged_by: Mapping[str, str],
    done: GroupReport,
) -> dict[str, str]:
    """Gives every group its entry: that of each signature. What was done is added to `done`.

    `first`: the first mention of each signature; `was`: the entry each belonged to; `merged_by`:
    fingerprint -> the line of the curation file that joined its group (for the log).
    """
    entry_of: dict[str, str] = {}
    anchored = registry.anchored_at(f for group in groups for f in group)
    for group in sorted(groups, key=lambda group: min(first[f] for f in group)):
        anchors = (one for f in group for one in anchored.get(f, ()))
        ids = sorted((registry.alias_of(e) is not None, seq, e) for seq, e in anchors)
        earliest = min(group, key=first.__getitem__)
        if ids:
            entry_id = ids[0][2]
            why = f"the signatures no longer go together ({earliest})"
            done.split += registry.revive(entry_id, why)
        else:
            entry_id = registry.mint(earliest)
            former = min((e for f in group if (e := was.get(f)) is not None), default=None)
            done.new += 1
            done.split += former is not None
            why = f"its signatures no longer go with the rest ({earliest})"
            why = why if former else f"first mention has signature {earliest}"
            registry.log("split" if former else "minted", entry_id, why, former)
        line = next((merged_by[f] for f in group if f in merged_by), None)
        why = f"curation: {line}" if line else "their signatures are the same error"
        done.merged += sum(registry.make_alias(other, entry_id, why) for _, _, other in ids[1:])
        entry_of.update(dict.fromkeys(group, entry_id))
    return entry_of
