"""Which entries have a page, and why the others have none.

A page is published unread: what is doubtful stands in the note and waits for a person's verdict
(`faultlore review`). A page leads with one fix or cause; it stands or falls with that one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.claims import DOUBTFUL, OUTCOMES
from kb.models import GOOD_STANCES, stance_rank
from kb.notes import remedies
from kb.notes.passages import AND_MORE, are_commands
from kb.notes.releases import MEANWHILE, VERSION, as_late, reported_after
from kb.notes.titles import TITLE_WIDTH, fitted, is_whole, marks_of, names_of
from kb.signature.generic import scope_of
from kb.signature.title import provider_name

if TYPE_CHECKING:
    from kb.evidence import Entry
    from kb.notes.outline import Outline
    from kb.notes.points import Point

NO_NAME = "the message names nothing that failed"
CUT_NAME = "the message was cut off"
SEVERAL = "its threads name different things that failed"
NOTHING = "no fix is quoted, and no cause that somebody else speaks for"
ELSEWHERE = "what is said stands in a thread about another error"
CUT = "the fix was cut off"
WORDLESS = "the fix is code without a word about it"
VAGUE = "the fix names no command, setting or version, and nobody says that it worked"
UNNAMED = "the fix names a version and not of what"
FAILED_FIRST = "the fix begins with what did not work"
FAILS = "the fix is a model that the message is printed for"
OF_ANOTHER_SYSTEM = "the fix is a command that the system in the message does not have"
UNANSWERED = "the fix is a suggestion that nobody answered"
BY_PROJECT = "each project with the error has another fix"
UNSAID = "a release is all that is shown, and its thread names a way that is not"
RIVALLED = "another answer is given, or is not sure enough to be shown"
MANY = 5
"""Threads from which an error has a page whatever is known about it."""
MOST_ANSWERS = 2
"""Fixes and what is not sure enough to be shown, of which one is the answer: of 59 pages with no
more that editors read 48 were good, of 14 with more 6, of these of a maintainer's lead two of two.
"""
LIKELY = 0.6
"""Confidence that what nobody speaks for needs to stand against what worked for somebody."""
SOON = timedelta(days=10)
"""How long after a suggestion its thread is closed because of it; what is closed as stale waits two
weeks and more.
"""


def worth_a_page(connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that may have a page, without those that surely have none: nothing is published
    of them, and they are in few threads.
    """
    said = set(sql.column(connection, "claims.entries_with_published"))
    return [e for e in entries if e.entry_id in said or e.threads >= MANY]


def why_no_page(outline: Outline) -> str | None:
    """Why an entry has no page, in the words of the constants above; None for one that has."""
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
    whole = is_whole(bare) and signature.count("(") <= signature.count(")")
    if open_ended or _OPEN.search(bare) or not whole:
        return CUT_NAME
    forms = outline.known.variants
    # what follows tells what failed
    if all(_ENDS_OPEN.search(form.raw) for form in forms):
        return CUT_NAME
    # a terminal broke it within words
    if all(_PADDED.search(form.raw) and _WRAPPED.search(form.raw) for form in forms):
        return CUT_NAME
    for name in _QUOTED.findall(bare):
        if 2 * sum(f.count for f in forms if name in f.raw) < sum(f.count for f in forms):
            return SEVERAL
    if outline.known.is_of_a_service and _differs_by_project(outline):
        return BY_PROJECT
    return None if outline.known.entry.threads >= MANY else _why_no_lead(outline)


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


def _why_no_lead(outline: Outline) -> str | None:
    lead = _lead(outline)
    if lead is None:
        return NOTHING
    threads = {(t.repo, t.number): t for t in outline.known.threads}
    thread = threads.get((lead.quote.repo, lead.quote.number))
    if not (thread.main if thread else any(t.main for t in threads.values())):
        return ELSEWHERE
    if why := _why_of_another(outline, lead) or _why_unfit(outline, lead):
        return why
    if _is_a_model_that_fails(outline, lead):
        return FAILS
    if "windows" in outline.message.lower() and _UNIX.search(f"{lead.passage.text}\n{lead.code}"):
        return OF_ANOTHER_SYSTEM
    release = any(r.quote.url == lead.quote.url for r in outline.releases)
    beside = len(outline.fixes_named()) + len(outline.rivals)
    if _is_overtaken(outline, lead, release=release) or (
        beside > MOST_ANSWERS and lead.quote.role != "maintainer"
    ):
        return RIVALLED
    if not outline.points() and _is_unsaid(outline):
        return UNSAID
    # who has the error tells later what helped him
    tells = lead.quote.role == "reporter" and lead.quote.comment_id is not None
    solved = tells and lead.best_stance == "supported"
    heard = lead.counted("confirms") or (solved and lead.statement.answers("confirms"))
    if lead.best_stance == "confirmed" or heard:
        return None
    code = lead.passage.code or bool(lead.code)
    if not (release or code or remedies.names_a_thing(lead.passage.text)):
        return VAGUE
    closed = thread.closed_at if thread else None
    vouched = lead.quote.role == "maintainer" or (outline.releases and closed)
    suggested = lead.quote.role != "reporter" and _closed_soon(lead.quote.created_at, closed)
    answered = vouched or solved or suggested
    interim = remedies.bridges(lead.passage.text) and _BRANCH.search(lead.passage.text)
    if interim or MEANWHILE.search(lead.quote.text) or not answered:
        return UNANSWERED
    others = {p.quote.url for p in outline.fixes_named() if p.quote.person != lead.quote.person}
    others |= {c.quote.url for c, _ in outline.causes if not is_told(c, [lead])}
    return RIVALLED if (outline.rivals or others) and not release else None


def _why_of_another(outline: Outline, lead: Point) -> str | None:
    """Why a fix may be that of another error, or of one of the projects alone."""
    # somebody else shows the error, and who opened the thread tells of his own
    tells = {lead.quote.role, *(q.role for q in lead.answers("confirms"))}
    if (lead.quote.repo, lead.quote.number) in outline.known.aside and "reporter" in tells:
        return ELSEWHERE
    # it worked in one project, and nothing is known of another
    if lead.product or lead.statement.repos > 1 or lead.best_stance != "confirmed":
        return None
    told = (*outline.fixes_named(), *(c for c, _ in outline.causes))
    helped = {lead.quote.repo, *(p.quote.repo for p in told)}
    return BY_PROJECT if {r.repo for r in outline.known.repos} - helped else None


def _why_unfit(outline: Outline, lead: Point) -> str | None:
    """Why the words of a fix or cause cannot lead a page."""
    text, code = lead.passage.text, lead.passage.code or bool(lead.code)
    if lead.passage.cut or lead.passage.step or lead.passage.more or lead.code.endswith(AND_MORE):
        return CUT
    if not code and text.rstrip(" *_").endswith((":", "：")):
        return CUT
    if _only_explains(outline, lead):
        return NOTHING
    if lead.passage.code and not are_commands(text):
        return WORDLESS
    newest = _NEWEST.search(text)
    if _THE_VERSION.search(text) or (newest and as_late(lead.seen_with, newest[1])):
        return UNNAMED
    failed = _FAILED.search(text)
    if failed and "`" in text[: failed.start()] and remedies.tells(text[failed.end() :]):
        return FAILED_FIRST
    if not code and _BROKEN.search(text):
        return CUT
    if not code and (remedies.only_points(text) or _SUBJECTLESS.match(text)):
        return VAGUE
    if not code and (reacts := _REACTS.match(text)):
        return None if remedies.action(text[reacts.end() :], 400) else VAGUE
    return None


def _differs_by_project(outline: Outline) -> bool:
    """Whether each fix holds in one project alone, several have one, and nobody says that his
    worked.
    """
    fixes = outline.fixes_named()
    if outline.sure_releases or any(
        p.best_stance == "confirmed" or p.counted("confirms") for p in fixes
    ):
        return False
    said = {p.quote.repo for p in fixes} | {q.repo for q in outline.withheld if q.kind != "cause"}
    return bool(fixes) and len(said) > 1 and all(p.statement.repos < 2 for p in fixes)


def _is_unsaid(outline: Outline) -> bool:
    """Whether something is said of the error beside the releases that mended it."""
    released = {r.quote.claim_id for r in outline.releases}
    said = (q for s in outline.known.statements for q in s.alike)
    return any(q.kind != "cause" and q.claim_id not in released for q in (*said, *outline.withheld))


def _is_a_model_that_fails(outline: Outline, lead: Point) -> bool:
    """Whether a fix names, and names alone, a model that a form of the message names as its own."""
    shown = (m[1].lower() for form in outline.known.variants for m in _MODEL.finditer(form.raw))
    named = {name.lower() for name in _SIZED.findall(lead.passage.text)}
    return len(named) == 1 and any(name in model for model in shown for name in named)


def _only_explains(outline: Outline, lead: Point) -> bool:
    """Whether the words of a fix are those of a cause, and say nothing to do."""
    if lead.is_cause or lead.acts or lead.code or remedies.action(lead.passage.text, 400):
        return False
    own = lead.quote.url, " ".join(lead.quote.text.split())
    causes = outline.known.said("cause")
    return any((q.url, " ".join(q.text.split())) == own for c in causes for q in c.alike)


def _is_overtaken(outline: Outline, lead: Point, *, release: bool) -> bool:
    """Whether a fix is named beside a cause, or in a later post of its thread, that is not sure
    enough to be shown, or the project's error was reported again after its `release`, or it did not
    help as many as it helped.
    """
    against, sure = lead.counted("contradicts"), lead.best_stance == "confirmed"
    if 0 < against >= lead.counted("confirms") and not sure and not outline.sure_releases:
        return True
    said, own = lead.quote, (lead.quote.repo, lead.quote.number)
    told = {q.url for p in outline.points() for role in OUTCOMES for q in p.answers(role)}
    words = " ".join(lead.passage.text.split())
    fixes = [
        q
        for q in outline.withheld
        if q.kind != "cause" and q.stance != "refuted" and (q.repo, q.number) == own
        if q.url not in told and " ".join(q.text.split()) not in words
    ]
    if fixes and lead.statement.kind == "cause":
        return True
    # other words of its post were taken up, which cannot be shown
    rank = stance_rank(said.stance), -said.confidence
    taken_up = (q for q in fixes if q.url == said.url and q.stance in GOOD_STANCES)
    if any((stance_rank(q.stance), -q.confidence) < rank for q in taken_up):
        return True
    posts = (q for q in (*outline.known.quotes, *outline.withheld) if (q.repo, q.number) == own)
    later = (q for q in posts if q.person == said.person and q.created_at > said.created_at)
    if any(_BETTER.search(q.text) for q in later):
        return True
    # what was done instead is no sign of what was advised
    heard = lead.answers("confirms")
    if heard and all(_OTHERWISE.match(q.text) for q in heard):
        return True
    # what was known before it worked does not make it wrong, nor does what the reporter tells
    worked = lead.best_stance == "confirmed" or bool(heard)
    last = max((said, *heard), key=lambda q: q.created_at).created_at
    least = LIKELY if worked else DOUBTFUL
    newer = (q for q in fixes if q.confidence >= least and q.created_at > last)
    # nobody says that it worked, and somebody says what he did instead
    did = (q for q in fixes if not worked and q.person != said.person and _DID.search(q.text))
    if any(q.role != "reporter" for q in newer) or any(did):
        return True
    release = release or any((r.repo, r.quote.number) == own for r in outline.releases)
    return release and reported_after(outline.known, said) is not None


def _lead(outline: Outline) -> Point | None:
    """What a page would lead with: a fix, a sure release, or, where no fix is named at all, a cause
    that somebody else speaks for.
    """
    fixes = [*outline.tries, *(outline.leads if outline.sure_releases else ())]
    if fixes or outline.unquoted or outline.changes:
        return next(iter(fixes), None)
    heard = (c for c, _ in outline.causes if c.best_stance == "confirmed" or c.counted("confirms"))
    return next(heard, None)


def is_told(cause: Point, fixes: Iterable[Point]) -> bool:
    """Whether a page shows a cause beside these fixes: others speak for it, or a maintainer, or it
    stands in the post of a fix.
    """
    vouched = _is_vouched(cause) or cause.approvals > 0
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
    """Whether a maintainer says it, or somebody else speaks for or against it."""
    return point.is_good or point.quote.role == "maintainer" or point.is_refuted


def _closed_soon(said: str, closed: str | None) -> bool:
    """Whether a thread was closed in the days after something was said in it."""
    if closed is None:
        return False
    passed = datetime.fromisoformat(closed) - datetime.fromisoformat(said)
    return timedelta() <= passed <= SOON


_FAILED = re.compile(r"(?i)\b(?:did|does)(?:n['’]?t| not)\s(?:\w{1,12}\s)?(?:work|help)\b")
_BETTER = re.compile(
    r"(?i)\b(?:my|this|that) (?:\w+ )?hack\b|\b(?:correct|proper|better|right|real) fix\b"
)
"""Takes back what its author said before, for another one's."""
_MODEL = re.compile(r"(?i)\bmodel(?:_name|_id)?['\"]?\s?[:=]\s?['\"]?([\w./:-]{3,80})")
_SIZED = re.compile(r"\b[A-Za-z][\w.]{0,30}-[\w.-]{0,30}\d[\w.-]{0,20}\w\b")
"""A name with a hyphen and a number, as models have: `quill-7b`."""
_BROKEN = re.compile(r"\b(?:instead of|rather than|with|from)\s+(?:or|and)\b|\balso well\b")
"""A word is missing or too many."""
_REACTS = re.compile(r"(?i)\W*(?:yep|yes|yeah|yup|indeed|confirmed|(?:it )?works)\b\W*")
"""Answers somebody ("Yep, works in 1.2")."""
_OTHERWISE = re.compile(
    r"(?i)\W*(?:but|however|instead|actually)\b|.{0,60}\bI(?:['’]ve| had)? already\b"
)
"""Tells of something else that was done."""
_THE_VERSION = re.compile(
    r"(?i)\b(?:up|down)grad\w{1,3} (?:the|your|that) version\b(?!\s+(?:of|to)\b)"
)
_NEWEST = re.compile(
    r"(?i)\b(?:try|use|install|with|is) the (?:latest|newest) (?:version|release)[,:]?"
    rf" ({VERSION.pattern})"
)
"""Of no program that is named; if the one that failed is as late, it is another's."""
_UNIX = re.compile(r"(?m)(?:^|[`$>])[ ]?(?:source|export|sudo|apt(?:-get)?|brew|chmod) \S")
_BRANCH = re.compile(r"(?i)\b(?:branch|fork|PR)\b|/(?:tree|pull)/")
_DID = re.compile(
    r"(?i)\b(?:i|we) (?:had to (?:use|go|switch|install)|switched|went back|rolled back"
    r"|(?:down|up)graded)\b.{0,60}\d"
)
_NO_NAME = re.compile(
    r"(?i)(?:[\W\d_]|\b(?:failed|failure|fatal|error|exception|warning|unexpected|unknown|exit|code|n"
    r"|not|found|internal|server|bad|request|unauthorized|forbidden|http|for|url|service|unavailable"
    r"|no|fetch|to|raise \w{1,60}|description|traceback|unexpectedly|an?|has|occurred|uncaught"
    r"|there|too|many|requests|such|file|or|directory|script|command|process|build|exited|with|status"
    r"|was|line|token|aborted|core|dumped|segmentation|fault|killed|terminated|crashed|signal)\b)*"
)
"""Words that every failure has."""
_QUOTED = re.compile(r"""(?<!\w)['"‘“`]([\w./:-]{3,60})['"’”`](?!\w)""")
_OPEN = re.compile(r"""(["'“‘])…["'”’]""")
"""What failed is left open."""
_ENDS_OPEN = re.compile(r"(?<!call last\)):[\s*_`]*\Z")
_PADDED, _WRAPPED = re.compile(" {20}"), re.compile("[a-z] {3,9}[a-z]")
_SUBJECTLESS = re.compile(
    r"(?i)\W*(?:supported|added|implemented|introduced|enabled) (?:in|by|with)\b"
)
"""Says of something that it does not name that it is there."""
_PATH = re.compile(r"\w[/\\]\w|[/\\]\.\w|\w\.\w")
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7af]{2}")
_ONLY_A_CLASS = re.compile(
    r"(?:\d{3}: )?(?:[A-Za-z_]\w{0,60}[. ]){0,8}[A-Z]\w{0,80}(?:Error|Exception)(?::? ?…)?"
)
"""The class of an exception without any word of its message."""
