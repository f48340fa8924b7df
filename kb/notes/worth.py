"""Which entries have a page, and why the others have none.

A page is published unread: what is doubtful stands in the note and waits for a person's verdict
(`faultlore review`). A page leads with one fix or cause; it stands or falls with that one.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.linear import LinearModel, linear_of
from kb.notes import remedies
from kb.notes.passages import AND_MORE, are_commands
from kb.notes.releases import reported_after
from kb.notes.titles import TITLE_WIDTH, fitted, is_whole, marks_of, names_of
from kb.signature.generic import scope_of
from kb.signature.title import provider_name
from kb.tables import load_weights
from kb.text import letters

if TYPE_CHECKING:
    from kb.evidence import Entry
    from kb.notes.outline import Outline
    from kb.notes.points import Point

NO_NAME = "the message names nothing that failed"
CUT_NAME = "the message was cut off"
SEVERAL = "its threads name different things that failed"
NOTHING = "no fix is quoted, and no cause that somebody else speaks for"
CUT = "the fix was cut off"
NOT_TOLD = "its first fix is an example or a request"
ELSEWHERE = "its first fix or cause is told of another error of the thread"
DENIED = "its thread or its message speaks against its first fix or cause"
BY_PROJECT = "several projects have it, and each fix is known of one alone"
MANY = 5
"""Threads from which an error has a page whatever is known about it."""
FAULTS = {
    "doubt": "its first fix or cause is not sure enough",
    "unanswered": "nobody says whether its first fix or cause is right",
    "cause": "a cause is quoted and no fix",
    "unquoted": "a fix is named that cannot be quoted",
    "beside": "its thread has another answer that is not sure enough to be shown",
    "other_answers": "its thread gives several answers",
    "only_code": "its first fix is code without a word about it",
    "only_points": "its first fix points elsewhere and says nothing to do",
    "long": "its first fix or cause takes many words",
    "placed": "the message is one that many failures print",
}
"""Signs that an editor would not let the page out as it is, by name, in words."""
DOUBTS = frozenset([*FAULTS.values(), ELSEWHERE, DENIED, BY_PROJECT, NOT_TOLD])
"""The reasons that are settled by a person who accepts what the page would lead with."""


def worth_a_page(connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that may have a page, without those that surely have none: nothing is published
    of them, and they are in few threads.
    """
    said = set(sql.column(connection, "claims.entries_with_published"))
    return [e for e in entries if e.entry_id in said or e.threads >= MANY]


def why_no_page(outline: Outline) -> str | None:
    """Why an entry has no page, in the words of the constants above; None for one that has."""
    if why := _why_no_name(outline):
        return why
    return None if outline.known.entry.threads >= MANY else _why_no_lead(outline)


def _why_no_name(outline: Outline) -> str | None:
    """Why a page's title would not tell which failure it is about."""
    bare, provider = outline.message, provider_name(outline.known.entry.provider or "")
    name = names_of(names_of(bare, provider)[-1], provider)[-1]
    # a page's title has less room
    short = fitted(names_of(bare, provider), TITLE_WIDTH)
    if any(map(_NO_NAME.fullmatch, (name, short))) or not _WORD.search(name):
        return NO_NAME
    if _ONLY_A_CLASS.fullmatch(bare) or _is_anyones(outline, bare):
        return NO_NAME
    signature = str(outline.known.entry.signature)
    open_ended = bare.startswith("…") or bare.endswith("…") or bare.count("…") > 2
    # a name goes without the versions that there are
    brackets = signature.partition(" (from versions")[0]
    whole = is_whole(bare) and brackets.count("(") <= brackets.count(")")
    if open_ended or _OPEN.search(bare) or not whole or _ANNOUNCED.search(bare):
        return CUT_NAME
    forms = outline.known.variants
    # what follows tells what failed, if the name does not end before
    last = letters(bare.lower())[-9:]
    if all(_ENDS_OPEN.search(f.raw) and letters(f.raw.lower()).endswith(last) for f in forms):
        return CUT_NAME
    # a terminal broke it within words
    if all(_PADDED.search(form.raw) and _WRAPPED.search(form.raw) for form in forms):
        return CUT_NAME
    for name in _QUOTED.findall(bare):
        if 2 * sum(f.count for f in forms if name in f.raw) < sum(f.count for f in forms):
            return SEVERAL
    if _differs_by_project(outline):
        return BY_PROJECT
    return None


def _is_anyones(outline: Outline, bare: str) -> bool:
    """Whether a message is printed for many failures, and neither its place is known nor does it
    name a file or a package. `bare`: the title without the place.
    """
    scope, row = scope_of(str(outline.known.entry.signature))
    marks = marks_of(bare, outline.where, outline.frame, outline.raised)
    placed = " in " in outline.where and any(", " in m or " in " in m for m in marks)
    if placed or scope not in ("file", "thread", "nothing") or row == "command-failed":
        return False
    return scope != "file" or ("#" in outline.where and not _PATH.search(bare))


def _differs_by_project(outline: Outline) -> bool:
    """Whether several projects have the error, nothing is known that holds in all of them, and no
    release or person speaks for more: whom another project's fix does not help has no page. Of what
    no service answers two projects' fixes that worked are enough.
    """
    released = {release.repo for release in outline.releases}
    if not outline.is_by_project or outline.meaning or len(released) >= outline.known.entry.repos:
        return False
    worked = (p for p in outline.tries if p.best_stance == "confirmed" or p.counted("confirms"))
    enough = len({p.quote.repo for p in worked}) > 1 and not outline.known.is_of_a_service
    return not (enough or any(p.is_accepted for p in outline.tries))


def _why_no_lead(outline: Outline) -> str | None:
    lead = lead_of(outline)
    if lead is None:
        return NOTHING
    text, shown = lead.passage.text, lead.passage
    announces = not (shown.code or lead.code) and text.rstrip(" *_").endswith((":", "："))
    if shown.cut or shown.step or shown.more or lead.code.endswith(AND_MORE) or announces:
        return CUT
    if lead.is_accepted:
        return None
    if _EXAMPLE.search(lead.code) or _ASKS.match(text):
        return NOT_TOLD
    if _is_of_another(outline, lead):
        return ELSEWHERE
    if _is_denied(outline, lead):
        return DENIED
    found, model = signs(outline, lead), _model()
    if model.score(found) >= 0:
        return None
    return FAULTS[min(FAULTS, key=lambda name: found.get(name, 0.0) * model.weights[name][0])]


def _is_of_another(outline: Outline, lead: Point) -> bool:
    """Whether somebody else shows the error, and who opened the thread tells of his own."""
    tells = {lead.quote.role, *(q.role for q in lead.answers("confirms"))}
    return (lead.quote.repo, lead.quote.number) in outline.known.aside and "reporter" in tells


def _is_denied(outline: Outline, lead: Point) -> bool:
    """Whether what is known speaks against what a page would lead with, which is too rare to be
    learned: it did not help as many as it helped; its author names another fix as the right one;
    who was helped did something else; the error was reported again after the release; it begins
    with what did not work; or it is the model that a form of the message names.
    """
    said, text = lead.quote, lead.passage.text
    against, sure = lead.counted("contradicts"), lead.best_stance == "confirmed"
    if 0 < against >= lead.counted("confirms") and not sure and not outline.sure_releases:
        return True
    posts = (*outline.known.quotes, *outline.withheld)
    own = (
        q for q in posts if (q.repo, q.number, q.person) == (said.repo, said.number, said.person)
    )
    if any(_BETTER.search(q.text) for q in own if q.created_at > said.created_at):
        return True
    heard = lead.answers("confirms")
    if heard and all(_OTHERWISE.match(q.text) for q in heard):
        return True
    released = any((r.repo, r.quote.number) == (said.repo, said.number) for r in outline.releases)
    if released and reported_after(outline.known, said) is not None:
        return True
    failed = _FAILED.search(text)
    if failed and "`" in text[: failed.start()] and remedies.tells(text[failed.end() :]):
        return True
    shown = [m[1].lower() for form in outline.known.variants for m in _MODEL.finditer(form.raw)]
    named = {name.lower() for name in _SIZED.findall(text)}
    return len(named) == 1 and any(name in model for model in shown for name in named)


def signs(outline: Outline, lead: Point) -> dict[str, float]:
    """By what is judged whether an editor would let a page go out as it is; `lead`: what it begins
    with. Names are those of `kb/weights/pages.json`.
    """
    said, text = lead.quote, lead.passage.text
    at = said.repo, said.number
    beside = [q for q in outline.withheld if (q.repo, q.number) == at and q.kind != "cause"]
    fixes = (p.quote for p in outline.fixes_named() if p.quote.claim_id != said.claim_id)
    rivals = (q for q in outline.rivals if q.kind != "cause")
    others = [q for q in (*fixes, *rivals) if (q.repo, q.number) == at]
    closed = next((t.closed_at for t in outline.known.threads if (t.repo, t.number) == at), None)
    named = _names(outline.message) & _names(f"{text} {lead.code}")
    return {
        "doubt": 1 - said.confidence,
        "confirmed": float(lead.best_stance == "confirmed"),
        "unanswered": float(lead.best_stance in ("suspected", "unverified")),
        "cause": float(lead.is_cause),
        "released": float(bool(outline.releases)),
        "unquoted": float(outline.unquoted is not None),
        "beside": math.log1p(len(beside)),
        "other_answers": math.log1p(len(others)),
        "changed": float(bool(outline.changes)),
        "closed_soon": float(_closed_soon(said.created_at, closed)),
        "code": float(bool(lead.code)),
        "only_code": float(lead.passage.code and not are_commands(text)),
        "only_points": float(remedies.only_points(text)),
        "names_a_fix": float(remedies.names_a_fix(text)),
        "names_the_error": float(min(len(named), 3)),
        "long": max(0.0, math.log(max(len(text.split()), 1) / _LONG)),
        "placed": float(bool(outline.where)),
    }


_LONG = 25
"""Words from which more of them are a sign that a quote says other things too."""


def lead_of(outline: Outline) -> Point | None:
    """What a page would lead with: a fix, a sure release, what a person accepted, or, where no fix
    is named at all, a cause that somebody else speaks for.
    """
    fixes = [*outline.tries, *(outline.leads if outline.sure_releases else ())]
    first = [*fixes, *(p for p in outline.points() if p.is_accepted)]
    if first or outline.unquoted or outline.changes:
        return next(iter(first), None)
    heard = (c for c, _ in outline.causes if c.best_stance == "confirmed" or c.counted("confirms"))
    return next(heard, None)


def is_told(cause: Point, fixes: Iterable[Point]) -> bool:
    """Whether a page shows a cause beside these fixes: others speak for it, or a maintainer, or it
    stands in the post of a fix.
    """
    vouched = cause.general or _is_vouched(cause) or cause.approvals > 0
    return vouched or cause.quote.url in {p.quote.url for p in fixes}


def misleads(outline: Outline) -> bool:
    """Whether all that a note shows is said by its author alone, and stands in a thread about
    another error or beside another answer that is surer and not shown.
    """
    points = outline.points()
    alone = bool(points) and not outline.releases and not any(map(_is_vouched, points))
    if not alone or outline.known.entry.threads >= MANY:
        return False
    surest = max(p.quote.confidence for p in points)
    elsewhere = not any(t.main for t in outline.known.threads)
    return elsewhere or any(q.confidence > surest for q in outline.rivals)


def _is_vouched(point: Point) -> bool:
    """Whether a maintainer says it, or somebody else speaks for or against it, or a person who
    judged it for this knowledge base.
    """
    told = point.is_good or point.quote.role == "maintainer" or point.is_refuted
    return told or point.is_accepted


SOON = timedelta(days=10)
"""How long after a suggestion its thread is closed because of it; what is closed as stale waits two
weeks and more.
"""


def _closed_soon(said: str, closed: str | None) -> bool:
    """Whether a thread was closed in the days after something was said in it."""
    if closed is None:
        return False
    passed = datetime.fromisoformat(closed) - datetime.fromisoformat(said)
    return timedelta() <= passed <= SOON


@cache
def _model() -> LinearModel:
    return linear_of(load_weights("pages.json"))


def _names(text: str) -> set[str]:
    """The longer words of a text, without those that any answer has."""
    return {word.lower() for word in _NAME.findall(text)} - _COMMON


_NAME = re.compile(r"[A-Za-z_][\w.]+\w\w")
_COMMON = frozenset(
    "also any but can could error fix fixed for from get got had has have into issue its just not"
    " out please problem see should thanks that the them then there they this try use used using"
    " was were what when which will with work working works would you your".split()
)
_EXAMPLE = re.compile(r"(?is)\bfoo\b.{0,40}\bbar\b")
_ASKS = re.compile(
    r"(?i)\W*(?:(?:can|could) (?:you|anyone) )?(?:please )?(?:confirm|verify) (?:that|if|whether)\b"
)
_FAILED = re.compile(r"(?i)\b(?:did|does)(?:n['’]?t| not)\s(?:\w{1,12}\s)?(?:work|help)\b")
_BETTER = re.compile(
    r"(?i)\b(?:my|this|that) (?:\w+ )?hack\b|\b(?:correct|proper|better|right|real) fix\b"
)
"""Takes back what its author said before, for another one's."""
_OTHERWISE = re.compile(
    r"(?i)\W*(?:but|however|instead|actually)\b|.{0,60}\bI(?:['’]ve| had)? already\b"
)
"""Tells of something else that was done."""
_MODEL = re.compile(r"(?i)\bmodel(?:_name|_id)?['\"]?\s?[:=]\s?['\"]?([\w./:-]{3,80})")
_SIZED = re.compile(r"\b[A-Za-z][\w.]{0,30}-[\w.-]{0,30}\d[\w.-]{0,20}\w\b")
"""A name with a hyphen and a number, as models have: `quill-7b`."""
_NO_NAME = re.compile(
    r"(?i)(?:[\W\d_]|\b(?:failed|failure|fatal|error|exception|warning|unexpected|unknown|exit|code|n"
    r"|not|found|internal|server|bad|request|unauthorized|forbidden|http|for|url|service|unavailable"
    r"|no|fetch|to|raise \w{1,60}|description|traceback|unexpectedly|an?|has|occurred|uncaught"
    r"|there|too|many|requests|such|file|or|directory|script|command|process|build|exited|with|status"
    r"|was|line|token|aborted|core|dumped|segmentation|fault|segfault|sigsegv|sigabrt"
    r"|killed|terminated|crashed|signal)\b)*"
)
"""Words that every failure has."""
_QUOTED = re.compile(r"""(?<!\w)['"‘“`]([\w./:-]{3,60})['"’”`](?!\w)""")
_OPEN = re.compile(r"""(["'“‘])…["'”’]""")
"""What failed is left open."""
_ANNOUNCED = re.compile(r"(?i)\bfollowing (?:errors?|exceptions?|problems?)\Z")
_ENDS_OPEN = re.compile(r"(?<!call last\)):[\s*_`]*\Z")
_PADDED, _WRAPPED = re.compile(" {20}"), re.compile("[a-z] {3,9}[a-z]")
_PATH = re.compile(r"\w[/\\]\w|[/\\]\.\w|\w\.\w")
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7af]{2}")
_ONLY_A_CLASS = re.compile(
    r"(?:\d{3}: )?(?:[A-Za-z_]\w{0,60}[. ]){0,8}[A-Z]\w{0,80}(?:Error|Exception)(?::? ?…)?"
)
"""The class of an exception without any word of its message."""
