"""An entry's claims as answers give them: first what its note shows, in the note's order and words,
then what is kept beside that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.evidence import EntryEvidence, forms_of
from kb.notes.markdown import View
from kb.notes.outline import Outline, Point, outlines_of
from kb.notes.passages import Passage
from kb.query.results import Backing, KnownClaim

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kb.claims import Quote, Statement
    from kb.evidence import Entry


def outline_to_answer(
    connection: sqlite3.Connection, entry: Entry, statements: Sequence[Statement]
) -> Outline:
    """The outline of an entry for an answer: with a few of its forms and none of its threads, which
    may be thousands.
    """
    known = EntryEvidence(entry, variants=forms_of(connection, entry), statements=[*statements])
    return next(outlines_of(connection, [known]))


def told(outline: Outline, statements: Iterable[Statement]) -> tuple[KnownClaim, ...]:
    """The claims of an entry, those that its note shows before the rest of `statements`; what did
    not help comes last.
    """
    entry_id, view = outline.known.entry_id, View.plain(outline)
    causes = [cause for cause, _ in outline.causes]
    shown = outline.points()
    said = {q.claim_id for p in shown for q in (*p.statement.alike, *p.reports)}
    texts = {(p.quote.url, " ".join(p.passage.text.split())) for p in shown}
    rest = [
        Point(s, s.best, Passage(s.best.text))
        for s in statements
        if s.best.claim_id not in said
        and not any(url == s.best.url and " ".join(s.best.text.split()) in t for url, t in texts)
    ]
    causes += [point for point in rest if point.is_cause]
    named = {point.quote.claim_id for point in causes}
    claims = []
    for point in (*shown, *rest):
        part = "cause" if point.quote.claim_id in named else "fix"
        part = "failed" if point.statement.stance == "refuted" else part
        claims.append(known_claim(entry_id, point, part, view))
    return tuple(sorted(claims, key=lambda claim: claim.part == "failed"))


def known_claim(entry_id: str, point: Point, part: str, view: View) -> KnownClaim:
    """A statement of an entry as an answer shows it."""
    statement, quote = point.statement, point.quote
    return KnownClaim(
        claim_id=quote.claim_id,
        entry_id=entry_id,
        kind=statement.kind,
        part=part,
        quote=quote.text,
        text=point.passage.text,
        code=point.passage.block,
        about=view.about(point),
        stance=statement.stance,
        confidence=statement.confidence,
        author=quote.author,
        author_role=quote.role,
        association=quote.association,
        created_at=quote.created_at,
        repo=quote.repo,
        number=quote.number,
        url=quote.url,
        threads=statement.threads,
        risk=point.risk,
        warning=point.warning,
        backing=(
            *(_backing(quote, quote.kind) for quote in statement.evidence),
            *(_backing(quote, "confirms") for quote in point.reports),
        ),
    )


def _backing(quote: Quote, role: str) -> Backing:
    return Backing(
        role=role,
        quote=quote.text,
        author=quote.author,
        association=quote.association,
        created_at=quote.created_at,
        url=quote.url,
    )
