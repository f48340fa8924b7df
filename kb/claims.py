"""The one reader of an entry's causes, fixes and workarounds, with what others said of them.

`query`, `show`, agents, notes, pages and candidates all take statements from here, in this order
and with these counts. Texts are redacted.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from kb import lazy_re as re
from kb import sql
from kb.links import link
from kb.models import DELETED, MAINTAINERS, from_row, stance_rank
from kb.redact import redact
from kb.risk import command_risk, harm, risk
from kb.rows import listed
from kb.tables import load_patterns
from kb.text import chunks

_FOR_PROJECT = re.compile(load_patterns("said.toml")["for_project"], re.IGNORECASE | re.VERBOSE)
_QUOTED_LINE = re.compile(r"(?m)^>.*$")


class Quote(NamedTuple):
    """Words of a thread with their source. `role`: `maintainer` (as any thread of the repository
    says), `reporter`, `user` or `bot`; `speaks`: for the project, by what he writes in any of them.

    `kind` is a claim's kind, or an evidence's role; `place` its number under the claim (None for
    the claim itself). `stance` to `withheld` are the claim's own. `edited_at`: when the comment was
    last changed. `accepted`: a person says in the curation file that the claim is right.
    """

    claim_id: str
    place: int | None
    kind: str
    text: str
    role: str
    author: str | None
    association: str
    repo: str
    number: int
    comment_id: int | None
    field: str
    created_at: str
    url: str
    edited_at: str | None = None
    stance: str = ""
    confidence: float = 0.0
    published: bool = True
    withheld: str | None = None
    speaks: bool = False
    accepted: bool = False

    @property
    def person(self) -> str:
        """Who wrote it, to count people: each deleted account may be another one."""
        return self.url if self.author in DELETED else self.author or self.url

    @property
    def changed_at(self) -> str:
        """When the words were written, or last edited."""
        return max(self.created_at, self.edited_at or "")

    @property
    def marker(self) -> str:
        """The comment beside the quote, by which it can be checked against the database."""
        return f"claim {self.claim_id}"


OUTCOMES = ("confirms", "contradicts", "accepts")
"""Roles of evidence that say how a claim was received."""
IN_FAVOUR = ("confirms", "accepts")


class Statement(NamedTuple):
    """One cause, fix or workaround: the best of the claims alike, with what others said."""

    best: Quote
    alike: tuple[Quote, ...]
    evidence: tuple[Quote, ...]

    def told_by(self, quote: Quote) -> Statement:
        """The statement as one of the claims alike says it, which alone vouches for its stance."""
        return self._replace(best=quote)

    @property
    def kind(self) -> str:
        """`cause`, `fix` or `workaround`."""
        return self.best.kind

    @property
    def stance(self) -> str:
        """How far it can be trusted."""
        return self.best.stance

    @property
    def confidence(self) -> float:
        """How surely it is what its kind and stance say."""
        return self.best.confidence

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
        return len({q.person for q in self.alike})

    @property
    def risk(self) -> str | None:
        """The words that do harm (`kb.risk`); of a cause, only a command's."""
        return (command_risk if self.kind == "cause" else risk)(self.best.text)

    @property
    def warning(self) -> str | None:
        """What the risky words do, in a sentence; None for a harmless statement."""
        return harm(self.best.text) if self.risk else None

    def answers(self, *roles: str) -> list[Quote]:
        """The evidence of these roles, oldest first. A success from before the best claim was made,
        of one alike, is none of it; a failure is one of the remedy whoever names it.
        """
        return sorted(
            (
                q
                for q in self.evidence
                if q.kind in roles
                and (q.kind not in IN_FAVOUR or q.created_at >= self.best.created_at)
            ),
            key=lambda q: (q.created_at, q.claim_id, q.place or 0),
        )


def why_withheld(withheld: str | None) -> str:
    """Why a claim is not published (`claim.withheld`, which says what the claim does), as words to
    stand after a colon; None: it is not sure enough.
    """
    if withheld is None:
        return "not sure enough"
    return withheld if withheld.startswith(("nobody ", "somebody ")) else f"it {withheld}"


def statements_of(
    connection: sqlite3.Connection, entry_ids: Sequence[str], *, every: bool = False
) -> dict[str, list[Statement]]:
    """The statements of entries by id, best first: by stance, then by the people, repositories and
    threads that say it, then by the confidence of the best claim.

    Of an entry are the claims of its own threads and of those that repeat them (view
    `claim_entry`). Only published claims count; with `every` each claim is a statement of its own.
    """
    groups: dict[str, dict[str, list[sqlite3.Row]]] = {i: defaultdict(list) for i in entry_ids}
    unsure: dict[str, list[sqlite3.Row]] = defaultdict(list)
    claims: dict[str, sqlite3.Row] = {}
    for part in chunks(entry_ids):
        for row in sql.ask(connection, "claims.of_entries", listed(part), True):
            if every or row["published"]:
                says = None if every else row["says"]
                groups[row["entry_id"]][says or row["claim_id"]].append(row)
                claims[row["claim_id"]] = row
            else:
                unsure[row["entry_id"]].append(row)
    twins = _twins(groups, unsure)
    claims |= {row["claim_id"]: row for rows in twins.values() for row in rows}
    evidence = _evidence(connection, claims)
    return {
        entry_id: sorted(
            (
                _statement(rows, evidence, twins.get((entry_id, says), ()))
                for says, rows in group.items()
            ),
            key=_rank,
        )
        for entry_id, group in groups.items()
    }


NOT_ALONE = "cannot be understood alone"
"""Why a claim is withheld that may be sure all the same."""


DOUBTFUL = 0.4
"""Confidence from which what is not shown may be the answer."""


def withheld_of(connection: sqlite3.Connection, entry_ids: Sequence[str]) -> dict[str, list[Quote]]:
    """The claims of entries by id that are not published, the surest first."""
    found: dict[str, list[Quote]] = defaultdict(list)
    for part in chunks(entry_ids):
        rows = sql.ask(connection, "claims.of_entries", listed(part), False).fetchall()
        for row in sorted(rows, key=lambda row: -row["confidence"]):
            found[row["entry_id"]].append(_claim_quote(row))
    return found


def _twins(
    groups: dict[str, dict[str, list[sqlite3.Row]]], unsure: dict[str, list[sqlite3.Row]]
) -> dict[tuple[str, str], list[sqlite3.Row]]:
    """The claims that are not published and whose words a statement says as well, by entry and
    group: what was said of them is said of it.
    """
    found: dict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
    for entry_id, rows in unsure.items():
        group = groups[entry_id]
        at: dict[tuple[object, ...], list[tuple[int, int, str]]] = defaultdict(list)
        for says, shown in group.items():
            for row in shown:
                at[_post(row)].append((row["start"], row["end"], says))
        longest = {}
        for post, spans in at.items():
            spans.sort()
            longest[post] = max(end - start for start, end, _ in spans)
        for row in rows:
            if row["stance"] == "refuted":
                continue
            post, start, end = _post(row), row["start"], row["end"]
            spans = at.get(post, [])
            # no span that holds it begins earlier than the longest would
            first = bisect_left(spans, (end - longest.get(post, 0),))
            last = bisect_left(spans, (start + 1,))
            within = {says for _, until, says in spans[first:last] if end <= until}
            for says in within or ({row["says"]} & group.keys()):
                found[entry_id, says].append(row)
    return found


def _post(row: sqlite3.Row) -> tuple[object, ...]:
    return row["repo"], row["number"], row["comment_id"], row["field"]


def _rank(statement: Statement) -> tuple[object, ...]:
    stance, *others = _trust(statement.best)
    return stance, -statement.people, -statement.repos, -statement.threads, *others


def _trust(quote: Quote) -> tuple[object, ...]:
    sure = stance_rank(quote.stance), -quote.confidence, quote.role != "maintainer"
    return *sure, quote.created_at, quote.claim_id


def _statement(
    rows: list[sqlite3.Row], evidence: dict[str, list[Quote]], twins: Sequence[sqlite3.Row]
) -> Statement:
    quotes = sorted(map(_claim_quote, rows), key=_trust)
    # the best claim's own evidence first; what is said of those alike counts too
    own = [e for quote in quotes for e in evidence.get(quote.claim_id, ())]
    known = {quote.url for quote in (*quotes, *own)}
    of_twins = (e for row in twins for e in evidence.get(row["claim_id"], ()))
    more = [e for e in of_twins if e.kind in OUTCOMES and e.url not in known]
    return Statement(best=quotes[0], alike=tuple(quotes), evidence=(*own, *more))


def _claim_quote(row: sqlite3.Row) -> Quote:
    return from_row(
        Quote,
        row,
        place=None,
        text=redact(row["quote"]),
        role=_role(row, row["author_role"]),
        speaks=_speaks(row, row["repo"], row["author_role"], row["posts"]),
        url=link(row["url"]),
    )


def _role(row: sqlite3.Row, role: str) -> str:
    return "maintainer" if row["maintains"] and role != "bot" else role


def _speaks(row: sqlite3.Row, repo: str, role: str, posts: str | None = None) -> bool:
    if row["stated"] or (row["author"] is not None and row["author"] == repo.partition("/")[0]):
        return True
    return role == "user" and (_for_project(row["quote"]) or _by_posts(posts or ""))


def _for_project(said: str) -> bool:
    return _FOR_PROJECT.search(_QUOTED_LINE.sub("", said)) is not None


_by_posts = lru_cache(maxsize=256)(_for_project)
"""All that somebody wrote in a thread comes with each of the claims: it is read once."""


def _evidence(
    connection: sqlite3.Connection, claims: dict[str, sqlite3.Row]
) -> dict[str, list[Quote]]:
    found: dict[str, list[Quote]] = defaultdict(list)
    for part in chunks(sorted(claims)):
        for row in sql.ask(connection, "claims.evidence", listed(part)):
            found[row["claim_id"]].append(_evidence_quote(row, claims[row["claim_id"]]))
    return found


def _evidence_quote(row: sqlite3.Row, claim: sqlite3.Row) -> Quote:
    role = "maintainer" if row["association"] in MAINTAINERS else "user"
    if role == "user" and row["author"] is not None and row["author"] == claim["reporter"]:
        role = "reporter"
    return from_row(
        Quote,
        row,
        place=row["position"],
        kind=row["role"],
        text=redact(row["quote"]),
        role=_role(row, role),
        speaks=_speaks(row, claim["repo"], role),
        repo=claim["repo"],
        number=claim["number"],
        created_at=row["created_at"] or claim["created_at"],
        url=link(row["url"]),
        stance="",
        confidence=0.0,
        published=True,
        withheld=None,
        accepted=False,
    )
