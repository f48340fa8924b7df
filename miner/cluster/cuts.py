"""What components were cut into, so that a night does not cut again what did not change.

Signatures hang together in long chains, and one new signature may touch a component of thousands.
It is cut in pieces, and of a piece whose members, fields, near pairs and walls are those of last
time the groups are those of last time: table `component_cut` keeps a digest of the four and the
groups, one row for the smallest member.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from kb import sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from miner.cluster.clustering import Edge

    Piece = tuple[list[str], list[Edge]]
    """Members, sorted, and the near pairs among them."""


def known_cuts(
    connection: sqlite3.Connection, pieces: Sequence[Piece], walls: Mapping[str, set[str]]
) -> tuple[list[list[list[str]] | None], list[bytes]]:
    """The groups of each piece, None where it has to be cut, and the pieces' digests."""
    fields = _fields(connection, [member for members, _ in pieces for member in members])
    digests = [_digest(piece, fields, walls) for piece in pieces]
    rows = sql.ask(connection, "groups.cuts", json.dumps([members[0] for members, _ in pieces]))
    stored = {row[0]: (row[1], row[2]) for row in rows}
    kept = [stored.get(members[0], (b"", "")) for members, _ in pieces]
    return [
        json.loads(groups) if known == digest else None
        for (known, groups), digest in zip(kept, digests, strict=True)
    ], digests


def keep_cuts(
    connection: sqlite3.Connection,
    cuts: Sequence[tuple[Piece, bytes, list[list[str]]]],
) -> None:
    """Stores pieces with their digests and groups, and drops those of signatures that are gone."""
    rows = [
        (members[0], digest, json.dumps(groups).encode()) for (members, _), digest, groups in cuts
    ]
    sql.write_many(connection, "groups.put_cut", rows)
    sql.write(connection, "groups.drop_old_cuts")


def _fields(connection: sqlite3.Connection, members: list[str]) -> dict[str, str]:
    """What a signature is judged by beside its text and place, which its fingerprint stands for."""
    rows = sql.ask(connection, "signatures.decision_fields", json.dumps(members))
    return {row[0]: repr(tuple(row)) for row in rows}


def _digest(piece: Piece, fields: Mapping[str, str], walls: Mapping[str, set[str]]) -> bytes:
    members, edges = piece
    inside = set(members)
    apart = [(one, other) for one in members for other in sorted(walls.get(one, set()) & inside)]
    said = repr(([fields[member] for member in members], edges, apart))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
