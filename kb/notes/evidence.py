"""All that is known of an entry, read in bulk: what notes, pages, candidates and checks of a site's
pages are made of.

Texts of strangers are redacted here, once; who writes them into a document escapes them. Read-only,
and the same database gives the same dossiers in the same order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kb.notes.remedies import contrary
from kb.redact import redact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

Row = dict[str, Any]
Key = tuple[str, int]

BATCH = 200
"""Entries read at once: a few queries for all of them, and few enough to stay small in memory."""
_TEXTS = frozenset({"title", "signature", "provider", "tool", "code", "exception"})
STANCES = ("confirmed", "supported", "suspected", "unverified", "refuted")
MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a thread with their source; `text` is redacted. `role`: `maintainer`, `reporter`,
    `user` or `bot`.

    `kind` is a claim's kind, or an evidence's role; `place` its number under the claim (None for
    the claim itself).
    """

    claim_id: str
    place: int | None
    kind: str
    text: str
    role: str
    author: str | None
    repo: str
    number: int
    comment_id: int | None
    field: str
    created_at: str
    url: str

    @property
    def marker(self) -> str:
        """What the comment beside the quote says, so that it can be checked against the database."""
        return (
            f"claim {self.claim_id}"
            if self.place is None
            else f"evidence {self.claim_id} {self.place}"
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """One cause, fix or workaround: the best claim of those that say it alike, with what others
    said of it.
    """

    kind: str
    stance: str
    confidence: float
    best: Quote
    alike: tuple[Quote, ...]
    evidence: tuple[Quote, ...]

    @property
    def threads(self) -> int:
        """How many threads say it."""
        return len({(q.repo, q.number) for q in self.alike})

    @property
    def repos(self) -> int:
        """How many repositories say it."""
        return len({q.repo for q in self.alike})

    @property
    def people(self) -> int:
        """How many people say it; a deleted account counts by its post."""
        return _people(self.alike)

    def answers(self, *roles: str) -> list[Quote]:
        """The evidence of these roles, oldest first."""
        return sorted(
            (q for q in self.evidence if q.kind in roles),
            key=lambda q: (q.created_at, q.claim_id, q.place or 0),
        )

    def counted(self, *roles: str) -> tuple[int, int]:
        """People and repositories behind the evidence of these roles."""
        found = self.answers(*roles)
        return _people(found), len({q.repo for q in found})


@dataclass(frozen=True, slots=True)
class Form:
    """A real form of the error text: how often it stands there, in how many threads."""

    raw: str
    count: int
    threads: int


@dataclass(frozen=True, slots=True)
class Place:
    """A repository in which the error was seen."""

    repo: str
    threads: int
    open: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Version:
    """A tool's version that people named beside the error; `tool` may be unknown."""

    tool: str | None
    version: str
    threads: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Source:
    """A thread in which the error was seen."""

    repo: str
    number: int
    kind: str
    title: str
    url: str
    state: str
    created_at: str


@dataclass(slots=True)
class Dossier:
    """An entry with everything a document about it shows."""

    entry: Row
    aliases: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    tools: list[tuple[str, int]] = field(default_factory=list)
    systems: list[tuple[str, int]] = field(default_factory=list)
    models: list[tuple[str, int]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    @property
    def entry_id(self) -> str:
        """The entry's id."""
        return str(self.entry["entry_id"])

    @property
    def title(self) -> str:
        """The entry's title."""
        return str(self.entry["title"])

    def said(self, *kinds: str) -> list[Statement]:
        """Statements of these kinds that nobody refuted, best first."""
        return [s for s in self.statements if s.kind in kinds and s.stance != "refuted"]

    @property
    def refuted(self) -> list[Statement]:
        """What was said and contradicted, or tried and did not help."""
        return [s for s in self.statements if s.stance == "refuted"]

    @property
    def updated(self) -> str:
        """The time of the newest thing shown; it moves only when there is something new to show."""
        times = [str(self.entry["last_seen"] or "")]
        for statement in self.statements:
            times += [q.created_at for q in (*statement.alike, *statement.evidence)]
        return max(times)


def _people(quotes: Iterable[Quote]) -> int:
    return len({q.author or q.url for q in quotes})


def entries_to_show(connection: sqlite3.Connection, min_threads: int = 1) -> list[Row]:
    """The entries that get a document, by id, their texts redacted."""
    rows = connection.execute(
        "select * from entries where threads >= ? order by entry_id", (max(1, min_threads),)
    )
    return [_entry(row) for row in rows]


def entry_row(connection: sqlite3.Connection, entry_id: str) -> Row | None:
    """An entry's row with its texts redacted, None if there is none (aliases are not followed)."""
    row = connection.execute("select * from entries where entry_id = ?", (entry_id,)).fetchone()
    return _entry(row) if row else None


def _entry(row: sqlite3.Row) -> Row:
    """An entry's row with its texts redacted: an exception's name may hold what its message does."""
    return {
        key: redact(value) if isinstance(value, str) and key in _TEXTS else value
        for key, value in dict(row).items()
    }


def dossiers(connection: sqlite3.Connection, entries: Sequence[Row]) -> Iterator[Dossier]:
    """The dossiers of entries, in their order, read a batch at a time."""
    for start in range(0, len(entries), BATCH):
        yield from _batch(connection, entries[start : start + BATCH])


# ---------------------------------------------------------------- a batch


def _batch(connection: sqlite3.Connection, entries: Sequence[Row]) -> list[Dossier]:
    found = {str(e["entry_id"]): Dossier(e) for e in entries}
    marks = ", ".join("?" * len(found))
    ids = list(found)
    for row in connection.execute(
        f"select old_id, entry_id from alias where entry_id in ({marks}) order by old_id", ids
    ):
        found[row["entry_id"]].aliases.append(row["old_id"])
    mentions = [dict(r) for r in connection.execute(_MENTIONS.format(marks), ids)]
    threads = {
        (r["repo"], r["number"]): dict(r) for r in connection.execute(_THREADS.format(marks), ids)
    }
    _add_mentions(found, mentions, threads)
    _add_statements(connection, found, ids, marks)
    return list(found.values())


_JOINED = "signature s join mention m on m.fingerprint = s.fingerprint and m.counted"
_MENTIONS = (
    "select s.entry_id, m.repo, m.number, m.raw, m.fingerprint, m.is_primary, m.tool, m.version, m.os, m.model"
    " from " + _JOINED + " where s.entry_id in ({}) order by m.repo, m.number, m.mention_id"
)
_THREADS = (
    "select distinct t.repo, t.number, t.kind, t.title, t.url, t.state, t.created_at, t.author"
    " from "
    + _JOINED
    + " join thread t on t.repo = m.repo and t.number = m.number where s.entry_id in ({})"
)
_CLAIMS = "select e.entry_id, c.* from claim_entry e join claim c using (claim_id) where e.entry_id in ({}) order by c.claim_id"
_CLAIM_THREADS = (
    "select distinct t.repo, t.number, t.author from claim_entry e join claim c using (claim_id)"
    " join thread t on t.repo = c.repo and t.number = c.number where e.entry_id in ({})"
)


def _add_mentions(found: dict[str, Dossier], mentions: list[Row], threads: dict[Key, Row]) -> None:
    by_entry: dict[str, list[Row]] = defaultdict(list)
    for mention in mentions:
        mention["opened"] = threads[mention["repo"], mention["number"]]["created_at"]
        by_entry[mention["entry_id"]].append(mention)
    for entry_id, rows in by_entry.items():
        dossier = found[entry_id]
        dossier.forms = _forms(rows)
        keys = sorted(
            {(r["repo"], r["number"]) for r in rows}, key=lambda k: (threads[k]["created_at"], k)
        )
        dossier.sources = [_source(threads[key]) for key in keys]
        dossier.places = _places(dossier.sources)
        dossier.versions = _versions(rows)
        dossier.tools, dossier.systems, dossier.models = (
            _threads_by(rows, name) for name in ("tool", "os", "model")
        )


def _source(row: Row) -> Source:
    return Source(
        row["repo"],
        row["number"],
        row["kind"],
        redact(row["title"]),
        row["url"],
        row["state"],
        row["created_at"],
    )


def _short(text: str, lines: int = 6, characters: int = 600) -> str:
    """The beginning of a long error text; what is left out is said."""
    kept = "\n".join(text.strip().split("\n")[:lines])[:characters].rstrip()
    return kept if kept == text.strip() else f"{kept}\n[...]"


def _forms(rows: list[Row]) -> list[Form]:
    """The real forms of the error, in the most threads first."""
    forms: dict[str, tuple[str, list[Key]]] = {}
    for row in rows:
        raw = _short(redact(row["raw"]))
        forms.setdefault(" ".join(raw.split()), (raw, []))[1].append((row["repo"], row["number"]))
    made = [Form(raw, len(keys), len(set(keys))) for raw, keys in forms.values()]
    return sorted(made, key=lambda f: (-f.threads, -f.count, len(f.raw), f.raw))


def _places(sources: list[Source]) -> list[Place]:
    by_repo: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_repo[source.repo].append(source)
    places = [
        Place(
            repo,
            len(s),
            sum(x.state == "open" for x in s),
            min(x.created_at for x in s),
            max(x.created_at for x in s),
        )
        for repo, s in by_repo.items()
    ]
    return sorted(places, key=lambda p: (-p.threads, p.repo))


def _versions(rows: list[Row]) -> list[Version]:
    by_version: dict[tuple[str | None, str], dict[Key, str]] = defaultdict(dict)
    for row in rows:
        if (
            row["version"]
            and len(row["version"]) <= 40
            and any(c.isdigit() for c in row["version"])
        ):
            by_version[redact(row["tool"] or "") or None, redact(row["version"])][
                row["repo"], row["number"]
            ] = row["opened"]
    made = [
        Version(tool, version, len(t), min(t.values()), max(t.values()))
        for (tool, version), t in by_version.items()
    ]
    return sorted(made, key=lambda v: (v.first, v.tool or "", v.version))


def _threads_by(rows: list[Row], name: str) -> list[tuple[str, int]]:
    """Values of a column with the number of threads that name them, most first."""
    keys: dict[str, set[Key]] = defaultdict(set)
    for row in rows:
        if row[name]:
            keys[redact(str(row[name]))].add((row["repo"], row["number"]))
    return sorted(
        ((value, len(k)) for value, k in keys.items()), key=lambda item: (-item[1], item[0])
    )


# ---------------------------------------------------------------- statements


def _add_statements(
    connection: sqlite3.Connection, found: dict[str, Dossier], ids: list[str], marks: str
) -> None:
    """What is said of each entry, in its own threads and in those that repeat them (view
    `claim_entry`).
    """
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(_CLAIMS.format(marks), ids):
        groups[row["entry_id"]][row["says"] or row["claim_id"]].append(dict(row))
    reporters = {
        (r["repo"], r["number"]): r["author"]
        for r in connection.execute(_CLAIM_THREADS.format(marks), ids)
    }
    evidence = _evidence(
        connection,
        [c for group in groups.values() for claims in group.values() for c in claims],
        reporters,
    )
    for entry_id, by_says in groups.items():
        made = [_statement(claims, evidence) for claims in by_says.values()]
        found[entry_id].statements = sorted(made, key=_rank)


def _rank(statement: Statement) -> tuple[object, ...]:
    return (
        STANCES.index(statement.stance),
        -statement.confidence,
        statement.best.created_at,
        statement.best.claim_id,
    )


def _claim_rank(row: Row) -> tuple[object, ...]:
    return STANCES.index(row["stance"]), -row["confidence"], row["created_at"], row["claim_id"]


def _statement(claims: list[Row], evidence: dict[str, list[Quote]]) -> Statement:
    claims.sort(key=_claim_rank)
    best = claims[0]
    quotes = tuple(_claim_quote(row) for row in claims)
    # the best claim's own evidence first; what is said of those alike counts too
    answers = _clear(e for row in claims for e in evidence.get(row["claim_id"], ()))
    return Statement(best["kind"], best["stance"], best["confidence"], quotes[0], quotes, answers)


def _clear(evidence: Iterable[Quote]) -> tuple[Quote, ...]:
    """Evidence without answers whose words speak against what they are held for, and without posts
    that are held to agree and to contradict at once: they count for neither.
    """
    found = [q for q in evidence if not contrary(q.text, q.kind)]
    agree, contradict = (
        {q.url for q in found if q.kind == role} for role in ("confirms", "contradicts")
    )
    both = agree & contradict
    return tuple(q for q in found if q.url not in both or q.kind not in ("confirms", "contradicts"))


def _claim_quote(row: Row) -> Quote:
    place = (
        row["repo"],
        row["number"],
        row["comment_id"],
        row["field"],
        row["created_at"],
        row["url"],
    )
    return Quote(
        row["claim_id"],
        None,
        row["kind"],
        redact(row["quote"]),
        row["author_role"],
        row["author"],
        *place,
    )


def _evidence(
    connection: sqlite3.Connection, claims: list[Row], reporters: dict[Key, str | None]
) -> dict[str, list[Quote]]:
    by_id = {c["claim_id"]: c for c in claims}
    out: dict[str, list[Quote]] = defaultdict(list)
    ids = sorted(by_id)
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        marks = ", ".join("?" * len(chunk))
        for row in connection.execute(
            f"select * from evidence where claim_id in ({marks}) order by claim_id, place", chunk
        ):
            claim = by_id[row["claim_id"]]
            key = claim["repo"], claim["number"]
            role = "maintainer" if row["association"] in MAINTAINERS else "user"
            if role == "user" and row["author"] is not None and row["author"] == reporters.get(key):
                role = "reporter"
            when = row["created_at"] or claim["created_at"]
            where = *key, row["comment_id"], row["field"], when, row["url"]
            out[row["claim_id"]].append(
                Quote(
                    row["claim_id"],
                    row["place"],
                    row["role"],
                    redact(row["quote"]),
                    role,
                    row["author"],
                    *where,
                )
            )
    return out
