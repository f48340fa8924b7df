"""All that is known of an entry, read in bulk: what `show`, notes, pages, candidates and checks of
a site's pages are made of.

Texts of strangers are redacted here, once; who writes them into a document escapes
them. Read-only, and the same database gives the same evidence in the same order.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from kb import lazy_re as re
from kb import sql
from kb.claims import Quote, Statement, statements_of
from kb.links import link
from kb.models import ThreadKey, from_row
from kb.redact import redact
from kb.rows import listed
from kb.text import chunks, letters

BATCH = 200
"""Entries read at once: a few queries for all of them, and few enough to stay small in memory."""
_TEXTS = ("title", "signature", "provider", "tool", "code", "exception")


class Entry(NamedTuple):
    """One error of the knowledge base. `threads`, `repos` and `reporters` are counts; `url` is the
    thread that shows it best (None where it was not looked up).
    """

    entry_id: str
    title: str
    signature: str
    fingerprint: str
    provider: str | None
    tool: str | None
    status: int | None
    code: str | None
    exception: str | None
    threads: int
    repos: int
    reporters: int
    first_seen: str | None
    last_seen: str | None
    grade: str
    url: str | None = None


ENTRY_COLUMNS = tuple(name for name in Entry._fields if name != "url")


def entry_of(row: sqlite3.Row) -> Entry:
    """An entry from a row that has its columns (`ENTRY_COLUMNS`)."""
    # an exception's name may hold what its message does
    texts = {name: redact(row[name]) for name in _TEXTS if isinstance(row[name], str)}
    return from_row(Entry, row, url=None, **texts)


@dataclass(frozen=True, slots=True)
class Variant:
    """A real form of the error text: how often it stands there, in how many threads."""

    raw: str
    count: int
    threads: int


class RepoCount(NamedTuple):
    """A repository in which the error was seen."""

    repo: str
    threads: int
    open: int
    first: str
    last: str


class Version(NamedTuple):
    """A tool's version that people named beside the error; `tool` may be unknown."""

    tool: str | None
    version: str


class ThreadRef(NamedTuple):
    """A thread in which the error was seen; `main`: it is the thread's main error; `duplicate_of`:
    the thread that it is said to repeat (`owner/name#1`).
    """

    repo: str
    number: int
    kind: str
    title: str
    state: str
    created_at: str
    url: str
    closed_at: str | None = None
    main: bool = False
    duplicate_of: str | None = None


@dataclass(slots=True)
class EntryEvidence:
    """An entry with everything that an answer or a document about it shows. Threads are oldest
    first, statements best first, all else most common first. `trace`: the frames of the first main
    error that is shown with any, as printed, not redacted; `aside`: the threads that show it in
    posts of others than their authors alone.
    """

    entry: Entry
    aliases: list[str] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    repos: list[RepoCount] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    tools: list[tuple[str, int]] = field(default_factory=list)
    threads: list[ThreadRef] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    trace: tuple[str, ...] = ()
    aside: frozenset[ThreadKey] = frozenset()

    @property
    def entry_id(self) -> str:
        return self.entry.entry_id

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def is_of_a_service(self) -> bool:
        """Whether a service answers it to several projects."""
        return self.entry.repos > 1 and bool(self.entry.provider)

    @property
    def last_opened(self) -> str:
        """When the newest of its threads was opened: others may have joined an older one since."""
        return max((place.last for place in self.repos), default="")

    def said(self, *kinds: str) -> list[Statement]:
        """Statements of these kinds that nobody refuted, best first."""
        return [s for s in self.statements if s.kind in kinds and s.stance != "refuted"]

    @property
    def quotes(self) -> list[Quote]:
        """The claims that its statements are made of, each followed by what others said of it."""
        return [q for s in self.statements for q in (*s.alike, *s.evidence)]

    @property
    def updated(self) -> str:
        """The time of the newest thing shown, or of its last edit."""
        return max([self.entry.last_seen or "", *(q.changed_at for q in self.quotes)])


def entries_to_show(connection: sqlite3.Connection) -> list[Entry]:
    """The entries that get a document, by id."""
    return [entry_of(row) for row in sql.ask(connection, "entries.with_threads")]


def entry_named(connection: sqlite3.Connection, entry_id: str) -> Entry | None:
    """The entry with this id, None if there is none (aliases are not followed)."""
    row = sql.first(connection, "entries.named", entry_id)
    return entry_of(row) if row else None


def read_evidence(
    connection: sqlite3.Connection, entries: Sequence[Entry], most: int = -1
) -> Iterator[EntryEvidence]:
    """The evidence of entries, in their order. `most`: places of each batch that are read at most,
    where the answer cannot wait for thousands; all of what was said is read.
    """
    for part in chunks(entries, BATCH):
        yield from _batch(connection, part, most)


FORMS = 40
"""Forms of an entry that its name is taken from."""


# ---------------------------------------------------------------- a batch

_redacted = lru_cache(maxsize=10_000)(redact)
"""Names, versions and titles are read again and again."""


def _batch(
    connection: sqlite3.Connection, entries: Sequence[Entry], most: int
) -> list[EntryEvidence]:
    found = {entry.entry_id: EntryEvidence(entry) for entry in entries}
    ids = list(found)
    for row in sql.ask(connection, "entries.former_ids", listed(ids)):
        found[row["entry_id"]].aliases.append(row["old_id"])
    rows = sql.ask(connection, "entries.threads", listed(ids), most)
    threads = {(row["repo"], row["number"]): row for row in rows}
    mentions: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in sql.ask(connection, "entries.mentions", listed(ids), most):
        mentions[row["entry_id"]].append(row)
    statements = statements_of(connection, ids)
    for entry_id, evidence in found.items():
        _add_mentions(evidence, mentions[entry_id], threads)
        evidence.statements = statements[entry_id]
    return list(found.values())


def _add_mentions(
    evidence: EntryEvidence, rows: list[sqlite3.Row], threads: dict[ThreadKey, sqlite3.Row]
) -> None:
    main = {(row["repo"], row["number"]) for row in rows if row["is_primary"]}
    keys = sorted(
        {(row["repo"], row["number"]) for row in rows},
        key=lambda key: (threads[key]["created_at"], key),
    )
    for key in keys:
        row = threads[key]
        title, url = _redacted(row["title"]), link(row["url"])
        evidence.threads.append(from_row(ThreadRef, row, title=title, url=url, main=key in main))
    posts = [((row["repo"], row["number"]), row["comment_id"], row["author"]) for row in rows]
    own = {key for key, post, author in posts if not post or author == threads[key]["author"]}
    evidence.aside = frozenset(set(keys) - own)
    evidence.variants = _variants(rows)
    shown = (r["frames"] for r in sorted(rows, key=lambda r: not r["is_primary"]))
    evidence.trace = tuple(json.loads(next((f for f in shown if f and f != "[]"), "[]")))
    by_repo: dict[str, list[ThreadRef]] = defaultdict(list)
    for thread in evidence.threads:
        by_repo[thread.repo].append(thread)
    for repo, of in by_repo.items():
        still_open = sum(thread.state == "open" for thread in of)
        counted = RepoCount(repo, len(of), still_open, of[0].created_at, of[-1].created_at)
        evidence.repos.append(counted)
    evidence.repos.sort(key=lambda r: (-r.threads, r.repo))
    evidence.versions = _versions(rows, threads)
    named = {(_redacted(r["tool"]), r["repo"], r["number"]) for r in rows if r["tool"]}
    tools = Counter(tool for tool, _, _ in named)
    evidence.tools = sorted(tools.items(), key=lambda item: (-item[1], item[0]))


def _variants(rows: list[sqlite3.Row]) -> list[Variant]:
    """The real forms of the error, in the most threads first."""
    by_raw: dict[str, list[ThreadKey]] = defaultdict(list)
    for row in rows:
        by_raw[row["raw"]].append((row["repo"], row["number"]))
    forms: dict[str, tuple[str, list[ThreadKey]]] = {}
    for stored, keys in by_raw.items():
        whole = redact(stored).strip()
        # of a long error text the beginning; what is left out is said
        raw = "\n".join(whole.split("\n")[:6])[:600].rstrip()
        raw = raw if raw == whole else f"{raw}\n[...]"
        forms.setdefault(" ".join(raw.split()), (raw, []))[1].extend(keys)
    made = [Variant(raw, len(keys), len(set(keys))) for raw, keys in forms.values()]
    return sorted(made, key=lambda v: (-v.threads, -v.count, len(v.raw), v.raw))


_PACKAGE = re.compile(
    r"[^\w]*([A-Za-z][\w.-]{0,40}?)(?:\[[\w, -]{0,60}\])?(?:\s*[=<>~]|\s\s)[=\s]*v?\d"
)
"""A requirement (`lid>=2.1`) or a line of a list of packages."""
_PLATFORM = re.compile(
    r"(?i)\W*(python|node(?:\.?js)?|java|golang|rustc?|ruby|php|windows|macos|ubuntu)[\s=:v-]*(?:\1[\s=:v-]*)?\d"
)
_OF_ITSELF = frozenset(["v", "ver", "version", "release", "tag", "commit", "build"])


def is_version(text: str | None, project: str | None) -> bool:
    """Whether what somebody entered for a version may be one: short, without line breaks, with a
    digit, at most four words, no example of a form, and not that of a package or language beside
    the project.
    """
    if text and project:
        named = _PACKAGE.match(text) or _PLATFORM.match(text)
        word = letters(named[1].lower()) if named else ""
        if word and word not in _OF_ITSELF and not _names(word, project):
            return False
    if not text or len(text) > 40 or "\n" in text or len(text.split()) > 4 or "e.g." in text:
        return False
    return any(character.isdigit() for character in text)


def _names(word: str, project: str) -> bool:
    """Whether a package's name holds a project's, which may add its language (`pot-python`)."""
    own = letters(project.rpartition("/")[2].lower())
    return own in word or own in {f"{word}{language}" for language in _LANGUAGES}


_LANGUAGES = ("python", "py", "js", "node", "ts", "go", "rust", "java", "sdk")


def _versions(rows: list[sqlite3.Row], threads: dict[ThreadKey, sqlite3.Row]) -> list[Version]:
    """The versions by the first thread that names each."""
    first: dict[Version, str] = {}
    for row in rows:
        if is_version(row["version"], row["tool"] or row["repo"]):
            named = Version(_redacted(row["tool"] or "") or None, _redacted(row["version"]))
            opened = threads[row["repo"], row["number"]]["created_at"]
            first[named] = min(opened, first.get(named, opened))
    return sorted(first, key=lambda v: (first[v], v.tool or "", v.version))
