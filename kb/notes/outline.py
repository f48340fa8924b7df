"""What a document says of an entry, decided once for notes, pages and candidates: which statements
are shown and in which words, what to try first, which fix answers which cause, what is fixed where.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.claims import DOUBTFUL, NOT_ALONE, OUTCOMES, Quote, Statement, withheld_of
from kb.evidence import FORMS, Entry, EntryEvidence, read_evidence
from kb.models import GOOD_STANCES, REJECTED, stance_rank
from kb.notes import remedies
from kb.notes.passages import Passage, passages_of
from kb.notes.points import (
    MIN_APPROVALS,
    Point,
    in_order_of_text,
    is_about_another,
    is_new,
    leads_on,
    one_of_each,
    own_reports_apart,
    points_of,
    seen_with,
)
from kb.notes.releases import Release, releases_of
from kb.notes.reported import reported
from kb.notes.subjects import MOST_SUBJECTS, case_told, is_spared, subjects, when_told
from kb.notes.titles import MOST_OF_A_PROJECT, marks_of, place_in, project_named
from kb.notes.written import plain_title
from kb.redact import redact
from kb.rows import listed
from kb.signature.generic import scope_of
from kb.signature.place import Where, frame_in, frame_of, raised_in
from kb.signature.title import provider_name
from kb.text import chunks, letters

if TYPE_CHECKING:
    from kb.evidence import ThreadRef
    from kb.notes.options import Options


BATCH = 100
MOST_TRIES = 3
MOST_CASES = 3
"""Threads of which the title of one may tell the case of all."""
MOST_RELEASES = 4
"""Releases that the first sentence links."""


@dataclass
class Outline:
    """The parts of a document, each best first. No words stand in two of them.

    `causes` come with the fixes that the threads tie to them; `changes` say that a project was
    mended, and nothing that a reader could do; `leads` are the releases of the first sentence, in
    words that may be too few for a part; `tail` is what is named with a few words and a link only.
    """

    known: EntryEvidence
    tries: list[Point] = field(default_factory=list)
    causes: list[tuple[Point, list[Point]]] = field(default_factory=list)
    fixes: list[Point] = field(default_factory=list)
    changes: list[Point] = field(default_factory=list)
    failed: list[Point] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    leads: list[Point] = field(default_factory=list)
    tail: list[Point] = field(default_factory=list)
    unquoted: Quote | None = None
    """A fix that cannot be quoted by itself, of an entry without any as good that can."""
    unsure: bool = False
    """Whether causes or fixes were found that are not sure or not clear enough to be shown; says
    nothing where some are shown.
    """

    withheld: list[Quote] = field(default_factory=list)
    """What is said and not shown, and sure enough that it may be the answer."""
    reported: list[tuple[str, str]] = field(default_factory=list)
    """When it came up, in words of its thread, with the addresses of the posts."""
    shares_name: bool = False
    """Whether another thread of its project has an entry of the same words."""

    @property
    def meaning(self) -> Point | None:
        """The cause that holds for everybody with an error of several projects, which stands before
        what is to be tried; None without one.
        """
        first = next((cause for cause, _ in self.causes), None)
        return first if first and first.general and self.tries else None

    @property
    def reasons(self) -> list[tuple[Point, list[Point]]]:
        """The causes that stand below what is to be tried."""
        return self.causes[1:] if self.meaning else self.causes

    @property
    def is_by_project(self) -> bool:
        """Whether several projects have the error, and what is to be tried is known of each."""
        fixes = self.fixes_named()
        return self.known.entry.repos > 1 and bool(fixes) and not any(p.general for p in fixes)

    @property
    def is_released(self) -> bool:
        """Whether releases surely mended it, in every project that has it."""
        mended = {release.repo for release in self.sure_releases}
        return bool(mended) and mended >= {place.repo for place in self.known.repos}

    @property
    def rivals(self) -> list[Quote]:
        """What posts that nothing is quoted from say of the error and is not sure enough to be
        shown; that something failed counts as well.
        """
        shown = {r.quote.url for r in self.releases}
        for point in (*self.points(), *self.leads, *self.tail):
            shown |= {q.url for q in (point.quote, *point.statement.alike, *point.reports)}
        return [quote for quote in self.withheld if quote.url not in shown]

    @property
    def sure_releases(self) -> list[Release]:
        """The releases that surely mended it."""
        return [r for r in self.releases if r.sure]

    @cached_property
    def where(self) -> str:
        """The place that tells a message which many failures print: `loop.py:run in ann/pot`."""
        return place_in(self.known.title)[1]

    @property
    def signature(self) -> str:
        """The entry's signature; of what a system says of every file, with the file's name."""
        entry = self.known.entry
        of_a_file = scope_of(entry.signature)[0] == "file" and not self.where
        more = of_a_file and "<" not in entry.signature and len(entry.title) > len(entry.signature)
        return entry.title.lower() if more else entry.signature

    @cached_property
    def message(self) -> str:
        """The entry's name as people write it, without a place. A service is named before a message
        that does not name it; not before what its client raises by itself.
        """
        entry, title = self.known.entry, self.known.title
        forms = [v.raw for v in self.known.variants[:FORMS]]
        service = f"{provider_name(entry.provider or '')}: "
        if entry.exception in _OF_THE_LANGUAGE:
            title = title.removeprefix(service)
        words = plain_title(title, forms)
        bare = words.removeprefix(service)
        return bare if entry.provider and entry.provider in bare.lower() else words

    @cached_property
    def marks(self) -> list[str]:
        """What stands behind the message, in brackets, the fullest first: the project, and where in
        it an error failed that many failures print. Of several projects none where a service is
        named.
        """
        known, where = self.known, self.where
        repos = [place.repo for place in known.repos]
        if len(repos) > 1 and not where:
            if known.entry.provider:
                return []
            both = " and ".join(map(project_named, repos[:3]))
            fits = len(repos) == 2 and len(both) <= 2 * MOST_OF_A_PROJECT
            return [f" ({both if fits else f'{len(repos)} projects'})"]
        where = where if self.shares_name else _THREAD.sub("", where)
        where = where or (repos[0] if repos else "")
        # where no other failure prints the message the opening tells the place
        own, raised = (self.frame, self.raised) if " in " in self.where else ("", "")
        return marks_of(self.message, where, own, raised, self.about)

    @cached_property
    def frame(self) -> str:
        """The last frame of the project's own code (`loop.py:run`), of an error that its place
        tells; empty where no trace shows one.
        """
        places = [
            self.where.rpartition(" ")[2].partition("#")[0],
            *(p.repo for p in self.known.repos),
        ]
        repo = next(filter(None, places), "")
        return redact(frame_in(repo, self.known.trace) or "") if self.is_of_a_place else ""

    @cached_property
    def raised(self) -> str:
        """The last frame of such an error's trace if it is a library's (`lid/seal.py:close`)."""
        if not self.is_of_a_place or self.raises_itself:
            return ""
        found = redact(raised_in(self.known.trace) or "")
        return "" if self.frame and found.endswith(self.frame) else found

    @cached_property
    def is_of_a_place(self) -> bool:
        """Whether the place tells an error: many failures print it, or nothing else tells the case
        of its only thread, and it is no name that is missing wherever it is asked for.
        """
        if " in " in self.where:
            return True
        named = self.known.entry.provider or self.known.entry.exception in _OF_AN_IMPORT
        about = self.subjects or self.case(self.message)
        return len(self.known.threads) == 1 and not named and not about

    @property
    def raises_itself(self) -> bool:
        """Whether the project's frame is the last one of the trace, and no library's follows."""
        return redact(frame_of(self.known.trace) or "") == self.frame

    @cached_property
    def subjects(self) -> list[str]:
        """What the titles of its threads are about beside the error, also on what system or device
        if nothing that may be shown says so; the service that was asked only of an entry that
        names no provider.
        """
        known = self.known
        main = [t.title for t in known.threads if t.main]
        titles = main or [t.title for t in known.threads if len(known.threads) == 1]
        repos = [place.repo for place in known.repos]
        if not titles or not repos:
            return []
        said, project = " ".join([self.message, *repos]), repos[0].rpartition("/")[2]
        asked = not known.entry.provider
        found = subjects(titles, said, project, asked=asked, main=bool(main))
        shown = " ".join([said, *found, *(q.text for s in known.statements for q in s.alike)])
        systems = (
            {place_named(m[0]) for m in _SYSTEM.finditer(t) if not is_spared(t, *m.span())}
            for t in titles
        )
        told = {place_named(m[0]) for m in _SYSTEM.finditer(shown)}
        return [*found, *sorted(set.intersection(*systems) - told)][:MOST_SUBJECTS]

    def case(self, said: str) -> tuple[ThreadRef, str] | None:
        """The thread about the error, or the only one, whose title tells most that `said` does not:
        where it came up, doing what, with which version; and that title. None where several
        projects or many threads have it, each in a case of its own.
        """
        entry, threads = self.known.entry, self.known.threads
        if entry.repos > 1 or len(threads) > MOST_CASES:
            return None
        said = " ".join([said, *(t.repo for t in threads)])
        about = [t for t in threads if (t.main or len(threads) == 1) and t.kind != "pull"]
        told = [(t, *case_told(t.title, said)) for t in about]
        best = max(told, key=lambda found: found[1], default=None)
        return (best[0], best[2]) if best and best[1] else None

    @cached_property
    def when(self) -> str:
        """What was done when it failed, if the title of the only thread says that, or else a post,
        and its message does not.
        """
        if len(self.known.threads) > 1:
            return ""
        case = self.case(self.message)
        said = [case[1]] if case and case[0].main else []
        told = next(filter(None, map(when_told, [*said, *(w for w, _ in self.reported)])), "")
        return told if case_told(told, self.message)[0] else ""

    @cached_property
    def about(self) -> list[list[str]]:
        """What may stand beside its project, the fullest first: when it failed, its subjects."""
        found, done = self.subjects, letters(self.when.lower())
        others = [name for name in found if letters(name.lower()) not in done]
        told = [[*others, self.when]] if self.when else []
        return [*told, *(found[:n] for n in range(len(found), 0, -1))]

    @cached_property
    def title(self) -> str:
        """The message with the project, and where in it that tells more."""
        mark = next(iter(self.marks), "")
        message = self.message.removesuffix(".") if mark else self.message
        return message + mark

    def fixed_points(self) -> list[Point]:
        """Every fix and workaround that is shown with its words."""
        tied = (f for _, fixes in self.causes for f in fixes)
        return [*self.tries, *tied, *self.fixes, *self.changes]

    def fixes_named(self) -> list[Point]:
        """Every fix that is shown, with its words or in brief."""
        points = (*self.fixed_points(), *self.tail)
        return [p for p in points if not p.is_cause and not p.is_refuted]

    def points(self) -> list[Point]:
        """Every point that is shown with its words."""
        return [*self.fixed_points(), *(c for c, _ in self.causes), *self.failed]

    @property
    def names_no_fix(self) -> bool:
        """Whether neither a fix nor a sure release is shown with its words."""
        return not self.sure_releases and all(p.is_cause for p in self.fixed_points())

    @cached_property
    def status(self) -> str:
        """`released`, `confirmed`, `supported`, `stated`, `untested`, `changed` (a project is said
        to be mended, and nothing else), `linked` (a fix is named that is not quoted), `cause` or
        `open`.
        """
        points = self.fixes_named()
        fixes = {"untested" if p.is_only_taken else p.best_stance for p in points}
        fixes |= {"supported" for p in points if p.counted("confirms") > p.counted("contradicts")}
        linked = self.unquoted.stance if self.unquoted else ""
        borne_out = linked in ("confirmed", "supported")
        if borne_out:
            fixes.add(linked)
        if self.is_released or (self.sure_releases and not points):
            return "released"
        borne_out = borne_out or any(p.counted("confirms") for p in points)
        if points and points == self.changes and not borne_out:
            return "changed"
        if points and all(p.acts and p.best_stance in ("confirmed", "supported") for p in points):
            return "cause"
        for stance in ("confirmed", "supported", "stated"):
            if stance in fixes:
                return stance
        if fixes:
            return "untested"
        if self.releases:
            return "changed"
        if self.unquoted:
            return "linked"
        return "cause" if self.causes else "open"


def place_named(word: str) -> str:
    """A system or device by the name that it has in a sentence."""
    return _SYSTEMS.get(word.lower(), word.lower())


_SYSTEMS = {"cpu": "CPU", "windows": "Windows", "mac": "macOS", "macos": "macOS", "wsl": "WSL"}
_SYSTEMS |= {"wsl2": "WSL", "docker": "Docker", "android": "Android", "rocm": "ROCm"}
_SYSTEM = re.compile(
    r"(?i)(?<![\w./-])(?!(?<!\bon )(?<!\bin )(?<!\bfor )(?<!\bunder )(?-i:windows)\b(?! \d))"
    r"(?!mac address)(?:cpu|windows|mac(?:os)?|wsl2?|docker|android|rocm|conda|proxy|editable"
    r"|developer mode)(?![\w/(]|\.\w|-\w*(?:rs|image))"
)
"""Where a failure happens and may not happen elsewhere."""
_THREAD = re.compile(r"#\d{1,9}\)?\Z")
"""The number of the thread at the end of a place, and of the title that ends in it."""
_OF_THE_LANGUAGE = frozenset(
    "ImportError ModuleNotFoundError AttributeError NameError TypeError SyntaxError".split()
)
_OF_AN_IMPORT = frozenset(("ImportError", "ModuleNotFoundError", "SyntaxError"))


_Made = dict[tuple[object, ...], Outline]
_made: ContextVar[_Made | None] = ContextVar("_made", default=None)


@contextmanager
def made_once() -> Iterator[None]:
    """Within, several formats are exported: the outline of an entry is made for the first of them
    and serves the others. Nothing of the entries may be written meanwhile.
    """
    token = _made.set({})
    try:
        yield
    finally:
        _made.reset(token)


def outlines(
    connection: sqlite3.Connection, entries: Sequence[Entry], options: Options | None = None
) -> Iterator[Outline]:
    """The outlines of entries, in their order, read a batch at a time. `options`: which statements
    may be shown; by default all.
    """
    shared = _made.get()

    def key(entry: Entry) -> tuple[object, ...]:
        return entry.entry_id, *((options.confidence, options.stance) if options else ())

    for part in chunks(entries, BATCH):
        made = {} if shared is None else shared
        evidence = list(read_evidence(connection, [e for e in part if key(e) not in made]))
        for known in evidence:
            if options:
                known.statements = kept(known.statements, options)
        new = outlines_of(connection, evidence, options)
        made |= {key(outline.known.entry): outline for outline in new}
        yield from (made[key(entry)] for entry in part)


def kept(statements: Iterable[Statement], options: Options) -> list[Statement]:
    """The statements with those of their claims that may be shown; none without one."""
    found = []
    for statement in statements:
        alike = tuple(q for q in statement.alike if options.keeps(statement.told_by(q)))
        if alike:
            found.append(statement.told_by(alike[0])._replace(alike=alike))
    return found


def outlines_of(
    connection: sqlite3.Connection,
    evidence: Sequence[EntryEvidence],
    options: Options | None = None,
    *,
    reports: bool = True,
) -> Iterator[Outline]:
    """The outlines of entries whose evidence was read. `options`: which fixes may be linked;
    `reports`: the reports are read too for what they tell of the case, which takes a reader of
    Markdown.
    """
    ids = [e.entry_id for e in evidence]
    withheld = withheld_of(connection, ids)
    beside = set(sql.column(connection, "entries.beside_another", listed(ids)))
    quotes = [q for e in evidence for s in e.statements for q in s.alike]
    found = passages_of(connection, (q.claim_id for q in quotes))
    seen = seen_with(connection, {(q.repo, q.number) for q in quotes})
    for known in evidence:
        more = [q for q in withheld.get(known.entry_id, []) if q.withheld != REJECTED]
        links = [q for q in more if _is_sure(q) and (options is None or options.keeps(q))]
        made = outline(known, found, seen, links)
        made.withheld = [q for q in more if q.confidence >= DOUBTFUL]
        made.shares_name = bool(_THREAD.search(known.title)) and _is_shared(connection, made)
        made.reported = _reported(connection, made) if reports else []
        if made.reported:  # of which these may tell more
            for name in ("when", "about", "title"):
                made.__dict__.pop(name, None)
        made.unsure = known.entry_id in beside or any(q.stance != "refuted" for q in more)
        made.unsure = made.unsure or bool(known.said("cause", "fix", "workaround"))
        yield made


def _reported(connection: sqlite3.Connection, outline: Outline) -> list[tuple[str, str]]:
    """What one of the few threads of a project tells of the case beside name and title: that whose
    title does, else the first.
    """
    known = outline.known
    threads = [t for t in known.threads if t.main and t.kind != "pull"]
    if known.entry.repos > 1 or len(known.threads) > MOST_CASES or not threads:
        return []
    thread, case = outline.case(outline.title) or (threads[0], "")
    if thread not in threads:
        return []
    said = " ".join([outline.title, outline.message, known.title, thread.repo, case])
    return reported(connection, thread, known.entry, said)


def _is_shared(connection: sqlite3.Connection, outline: Outline) -> bool:
    """Whether an entry's words are those of another one of its project, in another thread."""
    own, known = outline.where.partition("#")[0], outline.known
    rows = sql.ask(connection, "signatures.places_of_text", known.entry.signature, known.entry_id)
    return any(Where.parse(row["place"]).repo == own for row in rows)


SURE = 0.85
"""Confidence from which a fix is worth a link that cannot be understood alone."""


LIKELY = 0.7
"""The same where it names the change that mended it."""


def _is_sure(quote: Quote) -> bool:
    """Whether a withheld claim is a fix that may be linked."""
    if quote.kind == "cause" or quote.stance == "refuted":
        return False
    if quote.withheld in (NOT_ALONE, None) and remedies.names_a_change(quote.text):
        return quote.confidence >= LIKELY
    return quote.withheld == NOT_ALONE and quote.confidence >= SURE


def outline(
    known: EntryEvidence,
    passages: dict[str, tuple[Passage, int]],
    seen: dict[tuple[str, int], str],
    linked: Sequence[Quote] = (),
) -> Outline:
    """Decides what a document says of an entry. Pure; the same evidence gives the same outline.
    `linked`: sure fixes whose words cannot be quoted.
    """
    good, refuted = points_of(known, passages, seen)
    made = Outline(known, releases=releases_of(known, linked, seen))
    used: list[str] = []
    several = known.entry.repos > 1
    fixes = _in_order([p for p in good if not p.is_cause], made.releases)
    causes = sorted((p for p in good if p.is_cause), key=_cause_rank)
    fixes = own_reports_apart(fixes)
    changes = [p for p in fixes if p.only_tells]
    fixes = [p for p in fixes if p not in changes]
    first = made.sure_releases[:MOST_RELEASES]
    told = {r.quote.url for r in first}
    ready = [
        p for p in fixes if remedies.stands_alone(p.passage.text) or p.passage.code or p.is_accepted
    ]
    # what one of them goes on from can be read with it
    ready = [p for p in fixes if p in ready or any(leads_on(p, other) for other in ready)]
    ready = one_of_each(ready) if several else ready
    for point in ready[: MOST_TRIES * 3] or fixes[:1]:
        if len(made.tries) < MOST_TRIES and is_new(point, used):
            made.tries.append(point)
    for cause in causes:
        if is_new(cause, used):
            made.causes.append((cause, []))
    repeated = [p for p in fixes if p.quote.url in told and p.is_only_a_release]
    if all(p in repeated for p in made.tries):
        made.tries = []  # it stands at the top
    for fix in fixes:
        if fix not in repeated and fix not in made.tries and is_new(fix, used):
            _tied(fix, made).append(fix)
    made.tries = in_order_of_text(made.tries)
    made.changes = [p for p in changes if is_new(p, used)][:MOST_TRIES]
    ids = {p.quote.claim_id for p in made.fixed_points()}
    named = {r.statement.best.claim_id: r.statement for r in first if r.statement}
    made.leads = [
        Point(said, passages.get(i, (Passage(said.best.text), 0))[0])
        for i, said in named.items()
        if i not in ids
    ]
    told = {q.url for p in made.points() for q in p.answers("contradicts")}
    failed = [p for p in refuted if p.quote.url not in told]
    for point in own_reports_apart(sorted(failed, key=_failed_rank), "contradicts"):
        if is_new(point, used):
            made.failed.append(point)
    if made.status not in ("released", "confirmed", "supported"):
        _link_anyway(made, passages, linked)
    del made.status  # more is named below
    _name_the_rest(made, passages)
    return made


def _name_the_rest(made: Outline, passages: dict[str, tuple[Passage, int]]) -> None:
    """Names what is published and stands nowhere yet, in a few words: fixes that say what to do or
    what was changed, and what has an outcome of its own.
    """
    shown = [r.quote for r in made.releases]
    shown += [made.unquoted] if made.unquoted else []
    for point in (*made.points(), *made.leads):
        shown += [point.quote, *point.statement.alike, *point.reports]
        roles = ("contradicts",) if point.is_refuted else OUTCOMES
        shown += [q for role in roles for q in point.answers(role)]
    linked = {q.url for q in shown}
    for said in made.known.statements:
        found, _ = passages.get(said.best.claim_id, (Passage(said.best.text), 0))
        if is_about_another(said, found.text, made.known) or _repeats_a_release(made, said.best):
            continue
        told = any(q.url != said.best.url for q in said.answers(*OUTCOMES))
        good = said.kind != "cause" and said.stance in GOOD_STANCES
        if said.kind == "cause":
            told = told and remedies.adds(found.text, made.known.title)
        elif said.stance != "refuted":
            says = remedies.names_a_fix(found.text) or remedies.action(found.text, 400)
            told = told or good or bool(says and not remedies.promises(found.text))
        if told and (good or not found.code) and said.best.url not in linked:
            made.tail.append(Point(said, found))


def _repeats_a_release(made: Outline, quote: Quote) -> bool:
    """Whether a project says again that a release has the fix which stands at the top."""
    named = "|".join(re.escape(r.version) for r in made.releases if r.repo == quote.repo)
    found = re.search(rf"(?<![\d.])(?:{named})(?!\d|\.\d)", quote.text) if named else None
    return quote.stance == "stated" and found is not None


def _link_anyway(
    made: Outline, passages: dict[str, tuple[Passage, int]], linked: Sequence[Quote]
) -> None:
    """What is known is not denied, though its words say little: where no fix that somebody speaks
    for is shown, the best one that is not is linked; in an outline without any, one that names a
    fix at all. `linked`: fixes that are not published only because of their words.
    """
    shown = {q.claim_id for p in made.points() for q in (p.quote, *p.statement.alike, *p.reports)}
    told = {r.quote.url for r in made.releases} | {p.quote.url for p in made.points()}
    for said in made.known.statements:
        quote = said.best
        if said.kind == "cause" or said.stance == "refuted" or quote.claim_id in shown:
            continue
        found, _ = passages.get(quote.claim_id, (Passage(quote.text), 0))
        if _repeats_a_release(made, quote):
            continue
        if said.stance in GOOD_STANCES or (made.names_no_fix and remedies.names_a_fix(found.text)):
            made.unquoted = made.unquoted or quote
    points = made.fixed_points()
    last = max((p.quote.created_at for p in points), default="")
    for quote in linked:
        # what comes last in a thread outdoes what nobody speaks for
        ends = quote.created_at > last and not any(p.is_good for p in points)
        better = made.names_no_fix or quote.stance in ("confirmed", "supported") or ends
        if made.unquoted is None and better and quote.url not in told:
            made.unquoted = quote if remedies.names_a_fix(quote.text) else None


def _fix_rank(point: Point) -> tuple[object, ...]:
    statement, text = point.statement, point.passage.text
    return (
        not point.is_accepted,
        not point.general,
        not point.is_good,
        remedies.is_second(text),
        remedies.cost(text) >= remedies.DESTRUCTIVE,
        point.counted("contradicts") > point.counted("confirms"),
        _reach(point),
        # a guess is worth as much as what its author alone speaks for
        stance_rank(point.best_stance) if point.is_good else 0,
        point.is_only_a_release and not point.is_borne_out,
        not remedies.specific(text) and not point.passage.code and not point.passage.block,
        point.counted("contradicts") - point.counted("confirms") - min(point.approvals, 9) // 3,
        -statement.people,
        -statement.confidence,
        point.quote.claim_id,
    )


def _reach(point: Point) -> int:
    """For whom a fix is: everybody's come before those of one product, but what only its author
    speaks for, who does not maintain the project, comes after a product's that worked for others.
    """
    worked = point.counted("confirms") > 0
    if point.product is not None:
        return 1 if worked else 3
    trusted = worked or point.best_stance == "confirmed" or point.approvals >= MIN_APPROVALS
    return 0 if trusted or point.quote.role == "maintainer" else 2


def _in_order(fixes: Sequence[Point], releases: Sequence[Release]) -> list[Point]:
    """The fixes, best first; what only helps until a release is there comes after that release."""
    urls = {r.quote.url for r in releases}
    released = {p.quote.repo: _fix_rank(p) for p in fixes if p.quote.url in urls}

    def rank(point: Point) -> tuple[object, bool]:
        own, bridges = _fix_rank(point), remedies.bridges(point.passage.text)
        return (max(own, released.get(point.quote.repo, own)) if bridges else own), bridges

    ordered = sorted(fixes, key=rank)
    for place, point in enumerate(ordered):
        at = next((n for n, other in enumerate(ordered[:place]) if _outdoes(point, other)), place)
        ordered.insert(at, ordered.pop(place))
    return ordered


ABOUT = 0.1
"""Confidences that are nearer to each other are about the same."""


def _outdoes(point: Point, other: Point) -> bool:
    """Whether who gives an advice gave another one before in the thread that is about as sure, and
    nobody says of either how it went.
    """
    one, two = point.quote, other.quote
    if (one.person, one.repo, one.number) != (two.person, two.repo, two.number):
        return False
    heard = any(p.counted(role) for p in (point, other) for role in OUTCOMES)
    later = one.created_at > two.created_at and point.best_stance == other.best_stance
    later = later and one.confidence > two.confidence - ABOUT
    text = point.passage.text
    weaker = point.is_only_a_release or remedies.bridges(text) or remedies.is_second(text)
    return later and not (heard or weaker)


def _cause_rank(point: Point) -> tuple[object, ...]:
    statement = point.statement
    return (
        not point.is_accepted,
        not point.general,
        not point.is_good,
        not remedies.stands_alone(point.passage.text),
        point.product is not None,
        stance_rank(point.best_stance),
        -min(point.approvals, 9) // 3 - statement.people,
        -statement.confidence,
        point.quote.claim_id,
    )


def _failed_rank(point: Point) -> tuple[object, ...]:
    return (
        -point.counted("contradicts"),
        -point.statement.confidence,
        point.quote.claim_id,
    )


def _tied(fix: Point, made: Outline) -> list[Point]:
    """The list that a fix belongs to: beneath the last cause of its thread that was told before it
    or in its own post, else the others.
    """
    mine = fix.quote
    near = [
        (cause.quote.created_at, fixes)
        for cause, fixes in made.causes
        if not cause.general
        and (cause.quote.repo, cause.quote.number) == (mine.repo, mine.number)
        and cause.quote.created_at <= mine.created_at
    ]
    return max(near, key=lambda item: item[0])[1] if near else made.fixes
