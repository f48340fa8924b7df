"""Reads entries, their claims and their threads from a knowledge base; every function takes a
read-only connection.

The view `claims` finds a claim's entry by a look-up per row, so these go the other way round: from
an entry's signatures to its mentions to the claims that speak of them, each by an index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypedDict, TypeVar, Unpack

from kb import lazy_re as re
from kb import sql
from kb.claims import Quote, Statement, statements_of
from kb.errors import BadInputError, NotFoundError
from kb.evidence import Entry, EntryEvidence, entry_of, read_evidence
from kb.history import Event, history, surviving
from kb.links import link, thread_at
from kb.notes.markdown import View
from kb.notes.outline import Outline, outlines_of
from kb.notes.passages import Passage
from kb.notes.points import Point, label, last_words
from kb.notes.releases import version_words
from kb.query.results import Backing, EntryPage, KnownClaim
from kb.rows import listed
from kb.text import chunks, since_time, storable

T = TypeVar("T")

_THREAD = re.compile(r"([A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100})#(\d{1,12})\Z")

_URLS_READ = 500
NEIGHBOURS = 5
"""Entries of the same threads that are named beside an entry."""


class FilterTexts(TypedDict, total=False):
    """Which entries may answer, as people write it; None filters nothing. `repo`: `owner/name` or a
    part of it; `since`: a date, a time or a span back such as `90d`, last seen then or later;
    `grade`: letters (`A`, `AB`).
    """

    repo: str | None
    provider: str | None
    tool: str | None
    since: str | None
    grade: str | None


Filters = dict[str, str | None]
"""The same by name as values of a statement: `since` as a time, `grade` in capitals, `repo` and
`tool` as patterns of `like`.
"""


def check_filters(**texts: Unpack[FilterTexts]) -> Filters:
    """Filters as people write them. Raises `BadInputError` where one cannot be read, `TypeError`
    for a name that is no filter's.
    """
    if unknown := sorted(texts.keys() - FilterTexts.__annotations__.keys()):
        raise TypeError(f"no such filter: {', '.join(unknown)}")
    repo, since, grade = texts.get("repo"), texts.get("since"), texts.get("grade")
    if repo is not None and not re.fullmatch(r"(?:[A-Za-z0-9._-]+/)?[A-Za-z0-9._-]+", repo):
        raise BadInputError(f"repo {repo!r}: a repository is written 'owner/name', or its name")
    if grade is not None:
        letters = re.sub(r"[\s,]", "", grade).upper()
        if not re.fullmatch(r"[ABCD]{1,4}", letters):
            raise BadInputError(
                f"grade {grade!r}: grades are A, B, C and D; write one or several, such as AB"
            )
        grade = letters
    return {
        "repo": _pattern(repo),
        "provider": storable(texts.get("provider") or "") or None,
        "tool": _pattern(storable(texts.get("tool") or "")),
        "since": since_time(since) if since else None,
        "grade": grade,
    }


def _pattern(name: str | None) -> str | None:
    return re.sub(r"([\\%_])", r"\\\1", name or "") or None


ALL = check_filters()
"""All entries."""


# ---------------------------------------------------------------- entries


def entries_by_id(
    connection: sqlite3.Connection, entry_ids: Iterable[str], filters: Filters = ALL
) -> dict[str, Entry]:
    """Entries that exist, are not ignored and pass the filters, without their `url`."""
    ids = listed(set(entry_ids))
    rows = sql.ask(connection, "entries.filtered", ids=ids, **filters)
    return {row["entry_id"]: entry_of(row) for row in rows}


def unknown_values(
    connection: sqlite3.Connection, **filters: Unpack[FilterTexts]
) -> tuple[str, ...]:
    """What filters name that no entry has, each in a sentence with what is near or known: a
    mistyped name is told from an error that is not there.
    """
    found = []
    for field in ("repo", "provider", "tool"):
        name = str(filters.get(field) or "")
        only: Any = {field: name}
        if name and not top_entries(connection, limit=1, **only):
            known = sql.column(connection, f"entries.by_{field}")
            found.append(f"no entry is of {field} {name[:60]!r}; {_known(known, name)}")
    return tuple(found)


def _known(known: list[str], name: str) -> str:
    from rapidfuzz import process

    near = process.extract(name, known, limit=3, score_cutoff=75)
    if near:
        return f"did you mean {', '.join(value for value, _, _ in near)}?"
    more = f" and {len(known) - 8:,} more" if len(known) > 8 else ""
    return f"known: {', '.join(known[:8])}{more}" if known else "none is known"


MOST = 200
"""Highest `limit` of a question."""


def top_entries(
    connection: sqlite3.Connection,
    *,
    limit: int = MOST,
    skip: int = 0,
    **filters: Unpack[FilterTexts],
) -> tuple[Entry, ...]:
    """The entries with the most threads, without their `url`, at most `limit` (any number) after
    the first `skip`; the filters are those of `query`.
    """
    wanted = check_filters(**filters)
    rows = sql.ask(connection, "entries.most_seen", limit=limit, skip=skip, **wanted)
    return tuple(entry_of(row) for row in rows)


def entry_url(connection: sqlite3.Connection, entry_id: str) -> str | None:
    """The thread that shows an entry best: the first one whose main error it is."""
    url = sql.value(connection, "entries.url", entry_id, _URLS_READ)
    return None if url is None else link(url)


def entry(connection: sqlite3.Connection, name: str) -> Entry:
    """One entry by any of its names, without its claims. Raises `NotFoundError`."""
    entry_id = resolve(connection, name)
    found = entries_by_id(connection, [entry_id])[entry_id]
    return found._replace(url=entry_url(connection, entry_id))


def complete_ids(
    connection: sqlite3.Connection, prefix: str, limit: int = 50
) -> list[tuple[str, str]]:
    """Entry ids that begin with a prefix, with their titles, for shells."""
    prefix = storable(prefix)
    rows = sql.ask(connection, "entries.completions", prefix, prefix + "\U0010ffff", limit)
    return [(row["entry_id"], row["title"]) for row in rows]


# ---------------------------------------------------------------- names


def resolve(connection: sqlite3.Connection, name: str) -> str:
    """The id of the entry that a name means: an id or a former one (letter case does not matter), a
    thread (`owner/repo#12`) or the URL of a thread or comment.

    Raises `NotFoundError` if the knowledge base has no such thing, or the thread no error.
    """
    name = storable(name).strip()
    if thread := thread_named(name):
        return _entry_of_thread(connection, *thread)
    entry_id = surviving(connection, name.upper())
    if not sql.first(connection, "entries.is_shown", entry_id):
        raise NotFoundError(
            f"{name[:80] or 'an empty name'}: no such entry",
            cli="'faultlore search WORDS' finds entries, and a thread is written owner/repo#12"
            " or as its URL",
            agent="the tool search finds entries by words; a thread is written owner/repo#12",
            browser="search for words of it",
            python="search() finds entries, and a thread is written owner/repo#12 or as its URL",
        )
    return entry_id


def thread_named(name: str) -> tuple[str, int, int | None] | None:
    """Repository, number and comment of the thread that a name means; None for another name."""
    if short := _THREAD.match(name):
        return short[1], int(short[2]), None
    return thread_at(name)


def _entry_of_thread(
    connection: sqlite3.Connection, repo: str, number: int, comment_id: int | None
) -> str:
    stored = sql.value(connection, "threads.exists", repo, number)
    stored = stored or sql.value(connection, "threads.under_other_name", number, repo, repo)
    if stored is None:
        remedy = f"'faultlore harvest {repo}' brings it"
        problem = f"{repo}#{number}: not in this knowledge base"
        raise NotFoundError(problem, cli=remedy, python=remedy)
    found = sql.value(connection, "threads.entry", stored, number, comment_id)
    if found is not None:
        return str(found)
    if sql.first(connection, "work.is_waiting", stored, number):
        remedy = "run 'faultlore mine'"
        raise NotFoundError(f"{stored}#{number}: not mined yet", cli=remedy, python=remedy)
    raise NotFoundError(
        f"{stored}#{number}: stored, but no error that has an entry was found in it"
    )


# ---------------------------------------------------------------- claims as answers give them


PARTS = ("fix", "cause", "failed", "beside", "withheld")


def told(outline: Outline, statements: Iterable[Statement]) -> tuple[KnownClaim, ...]:
    """The claims of an entry, each once and as what it is in the database: those that its note
    shows, the releases of its first sentence before them, then the rest of `statements`.
    """
    entry_id, view = outline.known.entry_id, View.plain(outline)
    shown = [*outline.leads, *outline.points()]
    said = {point.quote.claim_id for point in shown}
    beside = {q.claim_id for p in shown for q in (*p.statement.alike, *p.reports)}
    texts = [(p.quote.url, _flat(p.passage.text)) for p in shown]
    # of a report stand the first words beside what it is about
    texts += [(q.url, view.about(p)) for p in shown for q in p.answers("confirms")]
    made = [known_claim(entry_id, point, _part(point), view) for point in shown]
    for statement in statements:
        for quote in statement.alike:
            if quote.claim_id in said:
                continue
            said.add(quote.claim_id)
            point, words = Point(statement.told_by(quote), Passage(quote.text)), _flat(quote.text)
            part, linked = _part(point), last_words(label(quote.text, len(words)))
            if not quote.published:
                part = "withheld"
            elif quote.claim_id in beside or (
                part != "failed"
                and any(u == quote.url and (words in t or linked in t) for u, t in texts)
            ):
                part = "beside"
            made.append(known_claim(entry_id, point, part, view))
            beside |= {q.claim_id for q in statement.alike}
    return tuple(sorted(made, key=lambda claim: max(1, PARTS.index(claim.part))))


def _part(point: Point) -> str:
    if point.statement.stance == "refuted":
        return "failed"
    return "cause" if point.is_cause else "fix"


def _flat(text: str) -> str:
    return " ".join(text.split())


def known_claim(entry_id: str, point: Point, part: str, view: View) -> KnownClaim:
    """A statement of an entry as an answer shows it."""
    statement, quote = point.statement, point.quote
    return _of_quote(
        KnownClaim,
        quote,
        entry_id=entry_id,
        kind=statement.kind,
        part=part,
        text=point.passage.text,
        code=point.code,
        about=view.about(point),
        stance=statement.stance,
        confidence=statement.confidence,
        author_role=quote.role,
        threads=statement.threads,
        worked_for=point.counted("confirms"),
        taken_by=point.counted("accepts"),
        failed_for=point.counted("contradicts"),
        risk=point.risk,
        warning=point.warning,
        general=point.general,
        backing=tuple(
            _of_quote(Backing, quote, role=quote.kind)
            for quote in (*statement.evidence, *point.reports)
        ),
    )


def _of_quote(made: Callable[..., T], quote: Quote, /, **others: object) -> T:
    """An object with a quote's words and its fields of the same names, beside others."""
    same = made.__annotations__.keys() - others.keys() - {"quote"}
    return made(quote=quote.text, **{name: getattr(quote, name) for name in same}, **others)


# ---------------------------------------------------------------- the whole page


def entry_page(
    connection: sqlite3.Connection,
    name: str,
    *,
    claims: int = 40,
    threads: int = 20,
    every: bool = False,
) -> EntryPage:
    """One entry by id, former id, thread (`owner/repo#12`) or URL of a thread or comment, with at
    most `claims` claims and `threads` threads (the counts in `entry` are of all). `every`: each
    claim by itself, with those that are not published. Raises `NotFoundError`.
    """
    found = entry(connection, name)
    entry_id = found.entry_id
    known = next(read_evidence(connection, [found]))
    outline = next(outlines_of(connection, [known], reports=False))
    statements = known.statements
    if every:
        statements = [*statements, *statements_of(connection, [entry_id], every=True)[entry_id]]
    told_claims = told(outline, statements)
    newest = sorted(known.threads, key=lambda t: t.created_at, reverse=True)
    return EntryPage(
        entry=found,
        claims=told_claims[:claims],
        thread_list=tuple(sorted(newest, key=lambda t: not t.main)[:threads]),
        seen_in=tuple((r.repo, r.threads) for r in known.repos),
        versions=versions_of(known),
        tools=tuple(known.tools),
        seen_as=tuple((v.raw, v.count) for v in known.variants[:3]),
        aliases=tuple(known.aliases),
        related=neighbours(connection, entry_id),
        asked_as=name if name != entry_id else None,
        claims_left_out=max(0, len(told_claims) - claims),
        heading=outline.title,
    )


def versions_of(known: EntryEvidence) -> tuple[str, ...]:
    """The versions in which an entry was seen, in the order of the first thread that names each;
    with the tool's name where several projects have the error.
    """
    pairs = [((v.tool or "").split("/")[-1], version_words(v.version)) for v in known.versions]
    several = len({tool for tool, _ in pairs}) > 1 or len(known.repos) > 1
    named = (f"{tool} {version}".strip() if several else version for tool, version in pairs)
    return tuple(dict.fromkeys(named))


def neighbours(connection: sqlite3.Connection, entry_id: str) -> tuple[Entry, ...]:
    """Other entries that stand in the same threads, those with the most threads in common first."""
    rows = sql.ask(
        connection, "entries.neighbours", entry_id, _URLS_READ, 2 * NEIGHBOURS
    ).fetchall()
    found = entries_by_id(connection, [row["entry_id"] for row in rows])
    return tuple(found[row["entry_id"]] for row in rows if row["entry_id"] in found)[:NEIGHBOURS]


def unpublished(
    connection: sqlite3.Connection, *, limit: int = 50, skip: int = 0
) -> tuple[KnownClaim, ...]:
    """Claims that are kept but not shown, that no rule withholds and nobody has decided on, the
    most confident first: what a person should judge.
    """
    wanted: dict[str, str] = {}
    waiting = [row["claim_id"] for row in sql.ask(connection, "claims.unpublished")]
    for part in chunks(waiting):
        found = dict(sql.ask(connection, "claims.entries", listed(part)).fetchall())
        wanted |= {claim_id: found[claim_id] for claim_id in part if found[claim_id]}
        if len(wanted) >= skip + limit:
            break
    wanted = dict(list(wanted.items())[skip : skip + limit])
    statements = statements_of(connection, sorted(set(wanted.values())), every=True)
    made: list[KnownClaim] = []
    for entry_id, entry in entries_by_id(connection, list(statements)).items():
        asked = [s for s in statements[entry_id] if s.best.claim_id in wanted]
        made += told(Outline(EntryEvidence(entry)), asked)
    return tuple(sorted(made, key=lambda claim: (-claim.confidence, claim.claim_id)))


def history_of(connection: sqlite3.Connection, name: str) -> tuple[Event, ...]:
    """What happened to an entry and to those merged into it, oldest first.

    Raises `NotFoundError` for a name that never was one.
    """
    name = storable(name)
    found = history(connection, name) or history(connection, resolve(connection, name))
    return tuple(found)
