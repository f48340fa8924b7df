"""What a document says of an entry, decided once for notes, pages and candidates: which statements
are shown and in which words, what to try first, which fix answers which cause, what is fixed where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb.claim_groups import meaning
from kb.evidence import FORMS, is_version, read_evidence
from kb.models import GOOD_STANCES, stance_rank
from kb.notes import remedies
from kb.notes.passages import Passage, passages_of
from kb.notes.titles import place_in, plain_title
from kb.redact import redact
from kb.risk import command_risk, harm, risk
from kb.signature.title import provider_name
from kb.text import chunks, shorten

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kb.claims import Quote, Statement
    from kb.evidence import Entry, EntryEvidence

BATCH = 100
MOST_TRIES = 3
MOST_RELEASES = 4
"""Releases that the first sentence links."""
MIN_APPROVALS = 2
"""Thumbs up that are worth a word."""
ENOUGH_APPROVALS = 5
"""Thumbs up that speak for a statement."""

_RELEASE = re.compile(
    r"(?i)\b(?:fixed|released|shipped|available|included|landed|out|solved|resolved|since|merged"
    r"|part of|upgrad\w*|updat\w*)\b.{0,60}?(?<![\w.])(v?\d{1,4}\.\d{1,5}(?:\.\d{1,6}){0,2}"
    r"(?:-[a-z]{1,8}[.\d]{0,6})?)(?![\w])"
)
_NOT_YET = re.compile(
    r"(?i)\b(?:will|would|should|going to|next|soon|planned|hope\w*|might|may|until|before|wait\w*"
    r"|not|never|n't|still|affected|happens|occurs|broke\w*|regress\w*|downgrad\w*)\b|n[’']t\b|\?"
)
VERSION = re.compile(r"(?<![\w.])v?\d{1,4}\.\d{1,5}\.\d{1,6}(?!\w|\.\d)")
_REFERENCE = re.compile(
    r"(?<![\w/])#\d{1,7}\b|\bPR\b|/pull/\d|\bcommit\b|\bmain branch\b"
    r"|\b(?:latest|newest|new|next|recent)\s+(?:versions?|releases?|nightly|build)\b"
)


@dataclass(frozen=True, slots=True)
class Point:
    """A statement in the words in which it is shown. `product`: the project that it is about alone;
    `seen_with`: version and system that the thread names; `approvals`: thumbs up of its post;
    `reports`, `against`: what was said, for and against, of other claims of the same words; `why`:
    the cause that a fix's words name, where that claim is the surer one.
    """

    statement: Statement
    passage: Passage
    product: str | None = None
    seen_with: str = ""
    approvals: int = 0
    acts: bool = False
    reports: tuple[Quote, ...] = ()
    against: tuple[Quote, ...] = ()
    why: Statement | None = None

    @property
    def quote(self) -> Quote:
        """The claim that is shown: its id, its stance and its post; the passage may be longer."""
        return self.statement.best

    @property
    def is_good(self) -> bool:
        """Whether somebody besides its author speaks for it."""
        approved = self.approvals >= ENOUGH_APPROVALS
        return self.best_stance in GOOD_STANCES or bool(self.reports) or approved

    @property
    def best_stance(self) -> str:
        """The best stance of the claims that say it alike, not all of which can be quoted."""
        return min((q.stance for q in (self.quote, *self.statement.alike)), key=stance_rank)

    @property
    def is_cause(self) -> bool:
        """Whether it only explains the error."""
        return self.statement.kind == "cause" and not self.acts

    def answers(self, role: str) -> list[Quote]:
        """What others said of it, oldest first."""
        found = [q for q in self.statement.answers(role) if not remedies.closes(q.text)]
        return [*found, *{"confirms": self.reports, "contradicts": self.against}.get(role, ())]

    def counted(self, role: str) -> int:
        """How many people did."""
        return len({q.author or q.url for q in self.answers(role)})

    @property
    def risk(self) -> str | None:
        """The words that do harm among all that is shown; of a cause that says nothing to do, only
        a command's.
        """
        explains = self.is_cause and remedies.action(self.passage.text, 400) is None
        found = (command_risk if explains else risk)(self._shown)
        return found or self.statement.risk

    @property
    def warning(self) -> str | None:
        """What the risky words do, in a sentence; None for a harmless statement."""
        return (harm(self._shown) or self.statement.warning) if self.risk else None

    @property
    def code(self) -> str:
        """The code that belongs to the words and does not stand in them: what they announce, or
        what the miner tied to the claim; empty without one.
        """
        if self.passage.block:
            return self.passage.block
        words = "".join(self.passage.text.split())
        own = (q for q in self.statement.answers("code") if q.claim_id == self.quote.claim_id)
        return next((q.text for q in own if "".join(q.text.split()) not in words), "")

    @property
    def _shown(self) -> str:
        return f"{self.passage.text}\n{self.code}"


@dataclass(frozen=True, slots=True)
class Release:
    """Words that name the release in which a project fixed it, of a statement or beside it. `sure`:
    a maintainer says so, or somebody for whom it works.
    """

    repo: str
    version: str
    quote: Quote
    statement: Statement
    sure: bool = True


@dataclass(slots=True)
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
    """A fix that somebody speaks for, of an entry without any that can be quoted by itself."""
    unsure: bool = False
    """Whether causes or fixes were found that are not sure or not clear enough to be shown; says
    nothing where some are shown.
    """

    name: str = ""

    @property
    def sure_releases(self) -> list[Release]:
        """The releases that surely mended it."""
        return [r for r in self.releases if r.sure]

    @property
    def where(self) -> str:
        """The place that tells a message which many failures print: `loop.py:run in ann/pot`."""
        return place_in(self.known.title)[1]

    @property
    def title(self) -> str:
        """The entry's name as people write it."""
        if not self.name:
            entry = self.known.entry
            title = entry.title
            if entry.provider and not entry.status and entry.exception in _OF_THE_LANGUAGE:
                # the program's own failure, whatever service its names speak of
                title = title.removeprefix(f"{provider_name(entry.provider)}: ")
            self.name = plain_title(title, [v.raw for v in self.known.variants[:FORMS]])
        return self.name

    def fixed_points(self) -> list[Point]:
        """Every fix and workaround that is shown with its words."""
        tied = (f for _, fixes in self.causes for f in fixes)
        return [*self.tries, *tied, *self.fixes, *self.changes]

    def points(self) -> list[Point]:
        """Every point that is shown with its words."""
        return [*self.fixed_points(), *(c for c, _ in self.causes), *self.failed]

    @property
    def status(self) -> str:
        """`released`, `confirmed`, `supported`, `stated`, `untested`, `changed` (a project is said
        to be mended, and nothing else), `cause` or `open`.
        """
        points = [p for p in (*self.fixed_points(), *self.tail) if not p.is_cause]
        fixes = {"supported" if p.reports else p.best_stance for p in points}
        fixes |= {p.best_stance for p in points}
        if self.sure_releases:
            return "released"
        for stance in ("confirmed", "supported", "stated"):
            if stance in fixes:
                return stance
        if fixes:
            return "changed" if self.changes == self.fixed_points() else "untested"
        return "cause" if self.causes else "open"


_OF_THE_LANGUAGE = frozenset(
    [
        "ImportError",
        "ModuleNotFoundError",
        "AttributeError",
        "NameError",
        "TypeError",
        "SyntaxError",
    ]
)


def outlines(
    connection: sqlite3.Connection,
    entries: Sequence[Entry],
    keeps: Callable[[Statement], bool] = lambda _: True,
) -> Iterator[Outline]:
    """The outlines of entries, in their order, read a batch at a time. `keeps`: which statements
    may be shown.
    """
    for part in chunks(entries, BATCH):
        evidence = list(read_evidence(connection, part))
        for known in evidence:
            known.statements = [kept for s in known.statements if (kept := _kept(s, keeps))]
        yield from outlines_of(connection, evidence)


def _kept(statement: Statement, keeps: Callable[[Statement], bool]) -> Statement | None:
    """The statement with those of its claims that may be shown; None without one."""
    alike = tuple(q for q in statement.alike if keeps(statement.told_by(q)))
    return replace(statement.told_by(alike[0]), alike=alike) if alike else None


def outlines_of(
    connection: sqlite3.Connection, evidence: Sequence[EntryEvidence]
) -> Iterator[Outline]:
    """The outlines of entries whose evidence was read."""
    more = _said_more(connection, [e.entry_id for e in evidence])
    quotes = [q for e in evidence for s in e.statements for q in s.alike]
    found = passages_of(connection, (q.claim_id for q in quotes))
    seen = _seen_with(connection, {(q.repo, q.number) for q in quotes})
    for known in evidence:
        made = outline(known, found, seen)
        made.unsure = known.entry_id in more or bool(known.said("cause", "fix", "workaround"))
        yield made


def _said_more(connection: sqlite3.Connection, entry_ids: Sequence[str]) -> set[str]:
    """The entries with claims that nobody refuted and that are not sure enough to be shown, or in
    whose threads somebody names a cause or a fix of another error: which of two errors is meant is
    a guess, so "no cause was found" would say too much.
    """
    marks = ",".join("?" * len(entry_ids))
    rows = connection.execute(
        "select e.entry_id from claim_entry e join claim c using (claim_id)"
        f" where e.entry_id in ({marks}) and not c.published and c.stance <> 'refuted'"
        " union select s.entry_id from signature s join mention m using (fingerprint)"
        " join claim c on c.repo = m.repo and c.number = m.number"
        f" where s.entry_id in ({marks}) and m.counted and c.stance <> 'refuted'",
        (*entry_ids, *entry_ids),
    )
    return {row[0] for row in rows}


def _seen_with(
    connection: sqlite3.Connection, threads: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """Version and system that a thread names beside its error."""
    found: dict[tuple[str, int], str] = {}
    by_repo: dict[str, list[int]] = {}
    for repo, number in sorted(threads):
        by_repo.setdefault(repo, []).append(number)
    for repo, all_numbers in by_repo.items():
        for numbers in chunks(all_numbers):
            rows = connection.execute(
                "select number, max(version) as version, max(os) as os from mention where repo = ?"
                f" and number in ({','.join('?' * len(numbers))}) group by number",
                (repo, *numbers),
            )
            for row in rows:
                version = (
                    version_words(redact(row["version"]))
                    if is_version(row["version"], repo)
                    else ""
                )
                system = _SYSTEMS.get((row["os"] or "").split("-")[0].strip().lower(), "")
                words = [version, system]
                found[repo, row["number"]] = " on ".join(w for w in words if w)
    return found


def version_words(text: str) -> str:
    """What somebody entered for a version, without marks around it (`"lib>=2.1",`)."""
    words = " ".join(text.strip(" \"'`,;*").split())
    return re.sub(r" [-:=] ", " ", words).removeprefix("v")


_SYSTEMS = {"windows": "Windows", "macos": "macOS", "darwin": "macOS", "linux": "Linux"}


def outline(
    known: EntryEvidence,
    passages: dict[str, tuple[Passage, int]],
    seen: dict[tuple[str, int], str],
) -> Outline:
    """Decides what a document says of an entry. Pure; the same evidence gives the same outline."""
    points = [_point(s, known, passages, seen) for s in known.statements]
    shown = [p for p in points if p is not None]
    made = Outline(known, releases=releases_of(known))
    used: list[str] = []
    good = _with_reports([p for p in shown if p.statement.stance != "refuted"])
    good = _told_once([replace(p, acts=_acts(p)) for p in good])
    refuted = [p for p in shown if p.statement.stance == "refuted"]
    good = [_with_outcomes(p, [r for r in refuted if _repeats(r, p)]) for p in good]
    mended = {r.repo for r in made.sure_releases}
    fixes = sorted(
        (p for p in good if not p.is_cause),
        key=lambda p: (p.quote.repo in mended and remedies.bridges(p.passage.text), *_fix_rank(p)),
    )
    causes = sorted((p for p in good if p.is_cause), key=_cause_rank)
    fixes = _one_a_release(_own_reports_apart(_announced_code(fixes)))
    changes = [p for p in fixes if not p.passage.code and remedies.only_tells(p.passage.text)]
    fixes = [p for p in fixes if p not in changes]
    ready = [p for p in fixes if remedies.stands_alone(p.passage.text) or p.passage.code]
    for point in ready[: MOST_TRIES * 3] or fixes[:MOST_TRIES]:
        if len(made.tries) < MOST_TRIES and _is_new(point, used):
            made.tries.append(point)
    for cause in causes:
        if _is_new(cause, used):
            made.causes.append((cause, []))
    linked = made.sure_releases[:MOST_RELEASES]
    told = {r.quote.url for r in linked}
    for fix in fixes:
        if fix.quote.url in told and _only_a_release(fix) and not _has_outcome(fix):
            continue  # it stands at the top
        if fix not in made.tries and _is_new(fix, used):
            _tied(fix, made).append(fix)
    made.changes = [p for p in changes if _is_new(p, used)][:MOST_TRIES]
    ids = {p.quote.claim_id for p in made.fixed_points()}
    named = {r.statement.best.claim_id: r.statement for r in linked}
    made.leads = [
        Point(said, passages.get(i, (Passage(said.best.text), 0))[0])
        for i, said in named.items()
        if i not in ids
    ]
    told = {q.url for p in made.points() for q in p.answers("contradicts")}
    failed = [p for p in refuted if p.quote.url not in told]
    for point in _own_reports_apart(sorted(failed, key=_failed_rank), "contradicts"):
        if _is_new(point, used):
            made.failed.append(point)
    if made.status in ("cause", "open"):
        _best_anyway(made, passages, seen)
    return made


def _best_anyway(
    made: Outline,
    passages: dict[str, tuple[Passage, int]],
    seen: dict[tuple[str, int], str],
) -> None:
    """Shows the best fix that somebody speaks for in an outline without any: what is published is
    not denied, though its words say little. What only agrees or was cut off is linked.
    """
    known = made.known
    for said in known.statements:
        quote = said.best
        if said.kind == "cause" or said.stance not in GOOD_STANCES:
            continue
        found, _ = passages.get(quote.claim_id, (Passage(quote.text), 0))
        if found.whole and not found.cut and not remedies.agrees(found.text):
            product = _product(quote, found.text, known)
            made.tries = [Point(said, found, product, seen.get((quote.repo, quote.number), ""))]
            made.unquoted = None
            return
        made.unquoted = made.unquoted or quote


def _told_once(points: Sequence[Point]) -> list[Point]:
    """The points; of those of one post whose words hold each other's one, in the most words. It is
    the fix's claim before the cause's, then that of the better stance; what was said of another
    claim of them stands beside it.
    """
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (-len(p.passage.text), p.is_cause)):
        at = next((n for n, whole in enumerate(kept) if _repeats(point, whole)), None)
        if at is None:
            kept.append(point)
            continue
        whole = kept[at]
        one, other = sorted((whole, point), key=_claim_rank)
        one = _with_outcomes(one, [other])
        kept[at] = replace(one, passage=whole.passage, product=whole.product)
    return kept


def _with_outcomes(one: Point, others: Sequence[Point]) -> Point:
    """The point with what was said of other claims of its words; of a cause within a fix whether
    that is the surer one.
    """
    for other in others:
        if other.is_cause and not one.is_cause:
            former = one.best_stance if one.why is None else one.why.stance
            if stance_rank(other.best_stance) < stance_rank(former):
                one = replace(one, why=other.statement)
            continue
        more: dict[str, tuple[Quote, ...]] = {}
        for role in ("confirms", "contradicts"):
            known = {q.url for q in one.answers(role)} | {one.quote.url}
            more[role] = tuple(q for q in other.answers(role) if q.url not in known)
        one = replace(
            one,
            reports=(*one.reports, *more["confirms"]),
            against=(*one.against, *more["contradicts"]),
        )
    return one


def _claim_rank(point: Point) -> tuple[bool, int]:
    return point.statement.kind == "cause", stance_rank(point.statement.stance)


def _repeats(point: Point, whole: Point) -> bool:
    """Whether the words of a point stand within those of another of its post."""
    if point.quote.url != whole.quote.url or point.passage.code != whole.passage.code:
        return False
    return " ".join(point.passage.text.split()) in " ".join(whole.passage.text.split())


def _has_outcome(point: Point) -> bool:
    """Whether anybody said how a point went."""
    roles = ("confirms", "contradicts", "merged", "still_seen")
    return bool(point.approvals) or any(map(point.answers, roles))


def _acts(point: Point) -> bool:
    """Whether a cause that others speak for says what to do as well."""
    if point.statement.kind != "cause" or not point.is_good:
        return False
    return remedies.action(point.passage.text, 240) is not None


def _with_reports(points: Sequence[Point]) -> list[Point]:
    """The points without fixes that only say that something helped ("The new key fixed it for me
    too", "Updated the secret, works"): each is a report on the one thing to do, of those said
    before it in its thread, that it names, and on none where that is not clear. What agrees with
    something that is not there is left out, but a maintainer's words and what is confirmed.
    """
    reports = [p for p in points if p.statement.kind != "cause" and _only_reports(p, points)]
    said = {p.quote.claim_id for p in reports}
    kept = {p.quote.claim_id: p for p in points if p.quote.claim_id not in said}
    for report in reports:
        mine = report.quote
        before = [
            p
            for p in kept.values()
            if (p.quote.repo, p.quote.number) == (mine.repo, mine.number)
            and p.quote.created_at < mine.created_at
            and (p.statement.kind != "cause" or remedies.action(p.passage.text, 240))
        ]
        if not before:
            trusted = mine.role == "maintainer" or mine.stance == "confirmed"
            if trusted or not remedies.agrees(report.passage.text):
                kept[mine.claim_id] = report
            continue
        one = _meant(report, before)
        if one is None:
            continue
        known = {q.url for q in one.answers("confirms")} | {one.quote.url}
        if mine.url not in known and (mine.author or mine.url) != one.quote.author:
            kept[one.quote.claim_id] = replace(one, reports=(*one.reports, mine))
    return [kept[p.quote.claim_id] for p in points if p.quote.claim_id in kept]


def _meant(report: Point, before: Sequence[Point]) -> Point | None:
    """The point that a report shares most words with, what to do before a cause, or the only one
    if it names nothing.
    """
    names = _named(report) - _OF_ANY_REPORT
    if not names:
        return before[0] if len(before) == 1 else None
    shared = [(len(names & _named(p)), p.statement.kind != "cause") for p in before]
    most = max(shared)
    return before[shared.index(most)] if most[0] and shared.count(most) == 1 else None


def _named(point: Point) -> set[str]:
    """What the words of a point speak of."""
    return set(meaning("fix", point.passage.text, point.quote.repo).weights)


_OF_ANY_REPORT = frozenset(
    meaning(
        "fix",
        "Same error message here. I can confirm that it works fine now, worked, fixed, solved,"
        " resolved, helped me too, the issue and problem is gone. Thanks, this fix was great.",
        "",
    ).weights
)
"""What reports of success say whatever they are about."""


def _only_reports(point: Point, points: Sequence[Point]) -> bool:
    """Whether a fix says no more than that something helped, or that what another person had named
    before in its thread did.
    """
    text, mine = point.passage.text, point.quote
    if remedies.only_reports(text):
        return True
    if point.passage.block or point.passage.code or len(text.split()) > MOST_OF_A_REPORT:
        return False
    if mine.role == "maintainer" or not remedies.reports_success(text):
        return False
    names = meaning("fix", text, mine.repo).names
    return bool(names) and any(
        names <= meaning("fix", p.passage.text, mine.repo).names
        for p in points
        if (p.quote.repo, p.quote.number) == (mine.repo, mine.number)
        and p.quote.created_at < mine.created_at
        and p.quote.author != mine.author
    )


MOST_OF_A_REPORT = 16
"""Words of a report; a longer one says something of its own."""


def _one_a_release(fixes: Sequence[Point]) -> list[Point]:
    """The fixes with one a release of a project: those that name no more than a release that a
    better one names say nothing new.
    """
    named: set[tuple[str, str]] = set()
    kept = []
    for point in fixes:
        text = point.passage.text
        versions = {(point.quote.repo, v[0].removeprefix("v")) for v in VERSION.finditer(text)}
        if versions & named and _only_a_release(point) and not _has_outcome(point):
            continue
        if _RELEASE.search(text):
            named |= versions
        kept.append(point)
    return kept


def _only_a_release(point: Point) -> bool:
    """Whether a point names a release that mends it, and says nothing else."""
    text = point.passage.text
    if "`" in text or point.passage.block or len(text) >= MOST_OF_A_RELEASE:
        return False
    return bool(_RELEASE.search(text) or _HAS_FIX.search(text))


MOST_OF_A_RELEASE = 160
"""Characters of words that name a release and nothing else."""
_HAS_FIX = re.compile(r"(?i)\bhas (?:the|a) fix\b")


def _announced_code(fixes: Sequence[Point]) -> list[Point]:
    """The fixes with each block of code beneath the words of its post that announce it, if there
    are any, once; what was said of either is said of both.
    """
    announced = {
        (p.quote.url, " ".join(p.passage.block.split())): p for p in fixes if p.passage.block
    }
    kept: list[Point] = []
    done: set[str] = set()
    for point in fixes:
        whole = announced.get((point.quote.url, " ".join(point.passage.text.split())))
        ids = {point.quote.claim_id}
        if whole is not None and point.passage.code:
            ids.add(whole.quote.claim_id)
            point = replace(point, passage=whole.passage)
        if not ids & done:
            kept.append(point)
        done |= ids
    return kept


def _own_reports_apart(fixes: Sequence[Point], role: str = "confirms") -> list[Point]:
    """The fixes without those posts that only report how another one of them went: they stand
    beside it.
    """
    reports: set[str] = set()
    kept = []
    for point in fixes:
        if point.quote.url in reports and not (point.passage.block or point.passage.code):
            continue
        kept.append(point)
        answers = point.answers(role)
        reports |= {q.url for q in answers if q.url != point.quote.url}
    return kept


def _is_new(point: Point, used: list[str]) -> bool:
    """Whether no part has these words yet; notes them."""
    text = " ".join(f"{point.passage.text} {point.passage.block}".lower().split())
    if any(text in other or other in text for other in used):
        return False
    used.append(text)
    return True


def _point(
    statement: Statement,
    known: EntryEvidence,
    passages: dict[str, tuple[Passage, int]],
    seen: dict[tuple[str, int], str],
) -> Point | None:
    """The statement in the words of the first of its claims that can be shown; None without one."""
    for quote in statement.alike:
        found, approvals = passages.get(quote.claim_id, (Passage(quote.text), 0))
        fix = statement.kind != "cause" and statement.stance != "refuted"
        # a thread's title stands in the sources
        if statement.kind == "cause" and (
            quote.field == "title" or not remedies.adds(found.text, known.title)
        ):
            continue
        whole = found.whole and not (fix and found.cut and not remedies.action(found.text, 400))
        whole = whole or (fix and found.cut and remedies.names_a_thing(found.text))
        if whole and remedies.readable(found.text, found.code, fix=fix, block=found.block):
            return Point(
                statement.told_by(quote),
                found,
                _product(quote, found.text, known),
                seen.get((quote.repo, quote.number), ""),
                approvals if approvals >= MIN_APPROVALS else 0,
            )
    return None


def _product(quote: Quote, text: str, known: EntryEvidence) -> str | None:
    """The project that a fix is about alone: it names a change, a release or the project itself,
    and the error is seen elsewhere too.
    """
    if known.entry.repos < 2:
        return None
    owner, _, name = quote.repo.partition("/")
    words = set(_NAMES.findall(f"{owner} {name}".lower())) - _COMMON_NAMES
    flat = text.lower()
    named = any(said.startswith(w) for said in _WORDS.findall(flat) for w in words)
    if named or _REFERENCE.search(text) or VERSION.search(text):
        return name
    return None


_WORDS = re.compile(r"\w+")
_NAMES = re.compile(r"[a-z0-9]{4,}")
_COMMON_NAMES = frozenset(
    ["code", "server", "servers", "client", "tools", "tool", "python", "node", "docker", "desktop"]
)


def _fix_rank(point: Point) -> tuple[object, ...]:
    statement, text = point.statement, point.passage.text
    good, bad = point.counted("confirms"), point.counted("contradicts")
    return (
        not point.is_good,
        remedies.cost(text) >= remedies.DESTRUCTIVE,
        bad > good,
        _reach(point),
        min(stance_rank(point.best_stance), stance_rank("supported"))
        if point.reports
        else stance_rank(point.best_stance),
        not remedies.specific(text) and not point.passage.code and not point.passage.block,
        bad - good - min(point.approvals, 9) // 3,
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


def _cause_rank(point: Point) -> tuple[object, ...]:
    statement = point.statement
    return (
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
        not remedies.stands_alone(point.passage.text),
        -point.statement.counted("contradicts")[0],
        -point.statement.confidence,
        point.quote.claim_id,
    )


def _tied(fix: Point, made: Outline) -> list[Point]:
    """The list that a fix belongs to: beneath the cause that its thread ties it to, else the
    others. The same post ties most, then the last cause before it in the thread.
    """
    mine = fix.quote
    near = [
        (c, fixes)
        for c, fixes in made.causes
        if (c.quote.repo, c.quote.number) == (mine.repo, mine.number)
    ]
    for cause, fixes in near:
        if cause.quote.url == mine.url:
            return fixes
    before = [(c, fixes) for c, fixes in near if c.quote.created_at <= mine.created_at]
    if before:
        return max(before, key=lambda item: item[0].quote.created_at)[1]
    return near[0][1] if len(near) == 1 else made.fixes


def releases_of(known: EntryEvidence) -> list[Release]:
    """The releases that are said to hold a fix, one a project: of sure words before others the
    latest.
    """
    found: dict[str, Release] = {}
    for statement in known.statements:
        if statement.kind == "cause" or statement.stance == "refuted":
            continue
        for quote in (*statement.answers("released"), *statement.alike):
            match = _RELEASE.search(quote.text)
            if match is None or _NOT_YET.search(_SHOULD_BE.sub("", quote.text)):
                continue
            borne_out = quote.stance in ("confirmed", "stated") and quote.role == "maintainer"
            sure = quote.kind == "released" or borne_out
            said = statement if quote.kind == "released" else statement.told_by(quote)
            release = Release(quote.repo, match[1].removeprefix("v"), quote, said, sure)
            former = found.get(quote.repo)
            if former is None or _weight(former) < _weight(release):
                found[quote.repo] = release
    return sorted(found.values(), key=lambda r: r.repo)


def _weight(release: Release) -> tuple[bool, str]:
    return release.sure, release.quote.created_at


_SHOULD_BE = re.compile(r"(?i)\bshould (?:now )?be (?=(?:fixed|resolved|solved)\b)")
"""Before a release that is named: a statement, if a careful one."""


def label(text: str, width: int = 60) -> str:
    """A few words of a quote, for the text of a link."""
    return shorten(text.replace("`", "").rstrip(" :"), width)
