"""Puts together what judging a thread's claims needs from the rest of the database: who speaks,
pull requests, releases.

`context_of` is given to the search for claims; `with_sources` then names, for each fix, the merged
pull request, the first release after it and the versions in which people still see the error.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kb import sql
from kb.models import Claim, Evidence, Thread, ThreadKey
from kb.store import load_thread
from miner.authors.roles import repeated_in, roles, speakers_in
from miner.extract.context import ClaimContext
from miner.extract.model import load
from miner.extract.publication import with_source
from miner.extract.references import Kind, Link, links_of
from miner.extract.releases import VersionNote, versions_of
from miner.posts import ParsedThread, Speaker, parsed

MAX_PULLS = 20
"""Pull requests of one thread that are read in full; a thread that names more is a list, not a
report.
"""


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request that a thread names. `closing`: the sentence in it that closes the thread, if
    it has one.
    """

    key: ThreadKey
    url: str
    merged_at: str | None
    title: Evidence | None = None
    closing: Evidence | None = None
    notes: Sequence[VersionNote] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known around one thread: its posts' judgements, its links, the pull requests it
    names, versions, who speaks for the project in other threads.
    """

    whole: ParsedThread
    posts: Mapping[int | None, Speaker]
    links: Sequence[Link]
    pulls: Mapping[ThreadKey, Pull]
    notes: Sequence[VersionNote]
    speakers: frozenset[str] = frozenset()

    def release_of(self, link: Link) -> VersionNote | None:
        """The first release that carries the fix a link names, where somebody who decides says
        so.
        """
        pull = self.pulls.get((link.to_repo, link.to_number))
        since = link.created_at or ""
        said = [n for n in self.notes if (n.evidence.created_at or "") >= since]
        released = [n for n in (*said, *(pull.notes if pull else ())) if n.role == "released"]
        return min(released, key=_order, default=None)


def _order(note: VersionNote) -> tuple[str, int, int]:
    said = note.evidence
    return said.created_at or "", said.comment_id or 0, said.start


def links_in_database(
    connection: sqlite3.Connection, thread: Thread, links: Iterable[Link]
) -> list[Link]:
    """A thread's links and those that other stored threads make to it, turned round: pull requests
    that close it, duplicates.
    """
    known = {(link.kind, link.to_repo, link.to_number) for link in links}
    out = list(links)
    rows = sql.ask(connection, "threads.links_to", *thread.key)
    for repo, number, kind, created_at in rows:
        turned: Kind = "fixed_by" if kind == "fixes" else "duplicate"
        if (turned, repo, number) not in known:
            out.append(Link(*thread.key, turned, repo, number, created_at=created_at))
    return out


def sources_for(connection: sqlite3.Connection, given: Thread | ParsedThread) -> Sources:
    """Reads what the database holds around a thread. Deterministic; the order in which threads
    arrived does not matter.
    """
    whole = parsed(given)
    thread = whole.thread
    repeated = repeated_in(connection, thread)
    posts = roles(whole, repeated)
    links = links_in_database(connection, thread, links_of(whole))
    merged = {
        (e.source_repo, e.source_number): e.source_merged_at
        for e in thread.events
        if e.source_is_pull and e.source_number
    }
    pulls: dict[ThreadKey, Pull] = {}
    for link in links:
        key = (link.to_repo, link.to_number)
        if key not in pulls and len(pulls) < MAX_PULLS and link.kind != "duplicate":
            pull = _pull(connection, thread, key, merged.get(key), is_pull=key in merged)
            if pull is not None:
                pulls[key] = pull
    notes = versions_of(whole, posts)
    return Sources(whole, posts, links, pulls, notes, speakers_in(whole, repeated))


def _pull(
    connection: sqlite3.Connection,
    thread: Thread,
    key: ThreadKey,
    merged_at: str | None,
    *,
    is_pull: bool,
) -> Pull | None:
    row = sql.first(connection, "threads.kind", *key)
    if row is None:
        url = f"https://github.com/{key[0]}/pull/{key[1]}"
        return Pull(key, url, merged_at) if is_pull else None
    stored = load_thread(connection, *key) if row[0] == "pull" else None
    if stored is None:
        return None
    whole = parsed(stored)
    merged_at = stored.merged_at or merged_at
    title = replace(
        whole.title.quoted("merged", 0, len(stored.title)),
        created_at=merged_at,
        repo=stored.repo,
        number=stored.number,
    )
    return Pull(key, stored.url, merged_at, title, _closing(whole, thread.key), versions_of(whole))


def _closing(pull: ParsedThread, key: ThreadKey) -> Evidence | None:
    """The first sentence of a pull request that says that it closes a thread."""
    thread = pull.thread
    for link in links_of(pull):
        if link.kind == "fixes" and (link.to_repo, link.to_number) == key and link.place:
            said = pull.at(link.place).quoted("closes", link.start, link.end)
            created_at = thread.created_at
            return replace(said, created_at=created_at, repo=thread.repo, number=thread.number)
    return None


def context_of(sources: Sources) -> ClaimContext:
    """What `find_claims` wants to know, from what was read."""
    named = {(link.to_repo, link.to_number) for link in sources.links if link.kind == "fixed_by"}
    merged = (key for key in named if key in sources.pulls and sources.pulls[key].merged_at)
    return ClaimContext(sources.posts, frozenset(merged), sources.speakers)


def write_links(connection: sqlite3.Connection, thread: Thread, links: Iterable[Link]) -> None:
    """Replaces a thread's rows in table `link`; call it inside a transaction."""
    sql.write(connection, "threads.drop_links", *thread.key)
    rows = sorted({link.row for link in links if (link.repo, link.number) == thread.key})
    sql.write_many(connection, "threads.put_link", rows)


def readers_of(
    connection: sqlite3.Connection, thread: Thread, links: Iterable[Link] = ()
) -> set[ThreadKey]:
    """The threads whose claims must be judged again because this one changed: those a pull request
    closes or that name it.
    """
    if thread.kind != "pull":
        return set()
    named = {(link.to_repo, link.to_number) for link in links if link.kind == "fixes"}
    rows = sql.ask(connection, "threads.readers_of", *thread.key)
    stored = {key for key in named if sql.first(connection, "threads.exists", *key)}
    return (stored | {(row[0], row[1]) for row in rows}) - {thread.key}


# ---------------------------------------------------------------- sources of a fix


def with_sources(claims: Iterable[Claim], sources: Sources) -> list[Claim]:
    """The claims, each fix with the evidence of links and versions: `merged`, `closes`, `released`,
    `still_seen`.

    A fix has a pull request if its own text or the rest of its post names one that was merged; the
    releases and the versions that still fail are those said in its post or later.
    """
    publish = load().thresholds.publish
    out = []
    for claim in claims:
        if claim.kind != "cause":
            evidence = (*claim.evidence, *_sources_of(claim, sources))
            claim = with_source(replace(claim, evidence=evidence), publish)
        out.append(claim)
    return out


def _sources_of(claim: Claim, sources: Sources) -> list[Evidence]:
    if claim.stance == "refuted":
        return []
    place = (claim.comment_id, claim.field)
    named = [link for link in sources.links if link.kind == "fixed_by" and link.place == place]
    inside = [link for link in named if link.start < claim.end and claim.start < link.end] or named
    by_event = [
        link
        for link in sources.links
        if link.kind == "fixed_by" and link.place is None and claim.author_role == "maintainer"
    ]
    out: list[Evidence] = []
    for link in inside or by_event:
        out += _merged(link, sources)
    released = (note for note in sources.notes if note.role == "released")
    version = next((note for note in released if _belongs(note, claim, fixed=bool(out))), None)
    if version is None and out:
        version = sources.release_of((inside or by_event)[0])
    if version is not None:
        out.append(version.evidence)
    if version is not None or claim.author_role == "maintainer":
        out += [
            note.evidence
            for note in sources.notes
            if note.role == "still_seen" and (note.evidence.created_at or "") >= claim.created_at
        ]
    return list(dict.fromkeys(out))


def _belongs(note: VersionNote, claim: Claim, *, fixed: bool) -> bool:
    same_post = note.evidence.comment_id == claim.comment_id
    return (same_post or fixed) and (note.evidence.created_at or "") >= claim.created_at


def _merged(link: Link, sources: Sources) -> list[Evidence]:
    pull = sources.pulls.get((link.to_repo, link.to_number))
    if pull is None or not pull.merged_at:
        return []
    if pull.title is None:
        # known from an event only: the sentence here that names it stands for it
        if link.place is None:
            return []
        said = sources.whole.at(link.place).quoted("merged", link.start, link.end)
        return [replace(said, created_at=pull.merged_at, url=pull.url)]
    return [pull.title, *([pull.closing] if pull.closing else [])]
