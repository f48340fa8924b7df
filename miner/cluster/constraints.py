"""What the curation file asks of grouping: signatures together, and apart."""

from __future__ import annotations

import sqlite3

from kb import sql
from kb.curation import Curation, Decision, check_curation, named_fingerprints
from kb.history import surviving
from kb.rows import listed
from miner.cluster.clustering import united
from miner.cluster.ids import Registry


class Constraints:
    """Decisions resolved to signatures. Ids stand for the signatures they were given for, so that a
    decision keeps its meaning.

    `changed`: whether the file says anything else than when it was last applied.
    """

    def __init__(self, connection: sqlite3.Connection, curation: Curation) -> None:
        self._db = connection
        self._curation = curation
        self._before = set(sql.column(connection, "entries.curation_lines"))
        self._now = {d.text for d in curation.decisions}
        self.changed = self._before != self._now
        self.apart: list[tuple[str, str]] = []
        self.together: list[tuple[str, str]] = []
        self.merged_by: dict[str, str] = {}

    def resolve(self, registry: Registry) -> bool:
        """Resolves the decisions to signatures; False if an id is not known (yet)."""
        self.apart, self.together, self.merged_by = [], [], {}
        known = True
        for decision in self._curation.decisions:
            anchors = [registry.anchor_of(entry) for entry in decision.entries]
            if None in anchors:
                known = False
                continue
            found = [a for a in anchors if a is not None]
            if decision.action == "merge":
                self.together += [(found[0], other) for other in found[1:]]
                self.merged_by.update(dict.fromkeys(found, f"line {decision.line}, merge"))
            elif decision.action == "not-same":
                self.apart.append((found[0], found[1]))
            elif decision.action == "split":
                self._resolve_split(decision, found[0])
        if known:
            check_curation(self._db, self._curation)
        return known

    def _resolve_split(self, decision: Decision, anchor: str) -> None:
        named = sorted({f for name in decision.rest for f in named_fingerprints(self._db, name)})
        self.together += [(named[0], other) for other in named[1:]]
        entry_id = decision.entries[0]
        # the other part: what the id was given for, or, where that is taken out itself, what was
        # split off or is left
        rest = [anchor, *sql.column(self._db, "entries.anchors_split_from", entry_id)]
        rest = [f for f in rest if f not in named]
        if not rest:
            row = sql.first(self._db, "signatures.first_of_others", entry_id, listed(named))
            rest = [row[0]] if row is not None else []
        self.apart += [(f, other) for f in named for other in rest]

    def touched_signatures(self) -> set[str]:
        """Signatures of entries that a line that is new or was taken out speaks of."""
        found: set[str] = set()
        for line in self._before ^ self._now:
            for word in line.split()[1:]:
                entry = surviving(self._db, word)
                found.update(row[0] for row in sql.ask(self._db, "signatures.of_entry", entry))
                if line.startswith("split"):
                    found.update(named_fingerprints(self._db, word))
        return found

    def join(self, groups: list[list[str]]) -> list[list[str]]:
        """Unites groups that a person said are one; applied after everything else."""
        return united(groups, self.together)

    def apply_marks(self, registry: Registry) -> set[str]:
        """Applies `ignore` and `title`; the entries whose row changes."""
        if not self.changed:
            return set()
        ignored = {surviving(self._db, d.entries[0]) for d in self._curation.of("ignore")}
        was = set(sql.column(self._db, "entries.ignored"))
        sql.write_many(
            self._db, "entries.set_ignored", [(int(e in ignored), e) for e in sorted(ignored ^ was)]
        )
        for entry in sorted(ignored - was):
            registry.log("ignored", entry, "curation")
        touched = ignored ^ was
        for line in sorted(self._before ^ self._now):
            action, entry, *title = line.split()
            if action == "title":
                touched.add(surviving(self._db, entry))
                if line in self._now:
                    registry.log(
                        "titled", surviving(self._db, entry), f"curation: {' '.join(title)}"
                    )
        sql.write(self._db, "entries.drop_curation_lines")
        sql.write_many(
            self._db, "entries.put_curation_line", [(line,) for line in sorted(self._now)]
        )
        return touched
