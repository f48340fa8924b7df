"""An entry's claims as answers give them: first what its note shows, in the note's order and words,
then what is kept beside that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kb.evidence import EntryEvidence, forms_of
from kb.notes.markdown import View
from kb.notes.outline import Outline, outlines_of
from kb.notes.passages import Passage
from kb.notes.points import Point, label
from kb.query.results import Backing, KnownClaim

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from kb.claims import Quote, Statement
    from kb.evidence import Entry

T = TypeVar("T")


def outline_to_answer(
    connection: sqlite3.Connection, entry: Entry, statements: Sequence[Statement]
) -> Outline:
    """The outline of an entry for an answer: with a few of its forms and none of its threads, which
    may be thousands.
    """
    known = EntryEvidence(entry, variants=forms_of(connection, entry), statements=[*statements])
    return next(outlines_of(connection, [known]))


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
            part, linked = _part(point), f"“{label(quote.text, len(words))}”"
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
        risk=point.risk,
        warning=point.warning,
        backing=(
            *(_of_quote(Backing, quote, role=quote.kind) for quote in statement.evidence),
            *(_of_quote(Backing, quote, role="confirms") for quote in point.reports),
            *(_of_quote(Backing, quote, role="contradicts") for quote in point.against),
        ),
    )


def _of_quote(made: Callable[..., T], quote: Quote, /, **others: object) -> T:
    """An object with a quote's words and its fields of the same names, beside others."""
    same = made.__annotations__.keys() - others.keys() - {"quote"}
    return made(quote=quote.text, **{name: getattr(quote, name) for name in same}, **others)
