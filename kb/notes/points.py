"""A statement as a document shows it: in which words, with which outcomes, for whom. Words that one
post says twice stand once, and who only reports how something went stands beside it.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb import sql
from kb.claims import IN_FAVOUR, OUTCOMES
from kb.evidence import FORMS, is_version
from kb.models import GOOD_STANCES, stance_rank
from kb.notes import remedies
from kb.notes.general import A_CHANGE, name_words, part_for_all
from kb.notes.passages import Passage
from kb.notes.releases import RELEASE, VERSION, names_only_a_version, version_words
from kb.notes.subjects import subjects
from kb.redact import redact
from kb.risk import command_risk, harm, risk
from kb.text import chunks, shorten

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from kb.claims import Quote, Statement
    from kb.evidence import EntryEvidence

MIN_APPROVALS = 2
"""Thumbs up that are worth a word."""
ENOUGH_APPROVALS = 5
"""Thumbs up that speak for a statement."""
MOST_OF_A_RELEASE = 160
"""Characters of words that name a release and nothing else."""


@dataclass(frozen=True)
class Point:
    """A statement in the words in which it is shown. `product`: the project that it is about alone;
    `seen_with`: version and system that the thread names; `approvals`: thumbs up of its post;
    `reports`: what was said of other claims of the same words; `general`: of an error that several
    projects have, it holds in all of them.
    """

    statement: Statement
    passage: Passage
    product: str | None = None
    seen_with: str = ""
    approvals: int = 0
    acts: bool = False
    reports: tuple[Quote, ...] = ()
    general: bool = False

    @property
    def quote(self) -> Quote:
        """The claim that is shown: its id, its stance and its post; the passage may be longer."""
        return self.statement.best

    @cached_property
    def is_good(self) -> bool:
        """Whether somebody besides its author speaks for it."""
        approved = self.approvals >= ENOUGH_APPROVALS
        heard = any(map(self.answers, IN_FAVOUR))
        return self.best_stance in GOOD_STANCES or heard or approved

    @cached_property
    def is_accepted(self) -> bool:
        """Whether a person who keeps the knowledge base says that it is right."""
        return any(q.accepted for q in (self.quote, *self.statement.alike))

    @property
    def is_borne_out(self) -> bool:
        """Whether it worked for somebody: what is only stated, taken as the answer or agreed with
        may not.
        """
        stated = self.best_stance == "stated" and not self.answers("confirms")
        return self.is_good and not (stated or self.is_only_taken or self.acts)

    @cached_property
    def is_only_taken(self) -> bool:
        """Whether somebody took it as the answer, and nobody says that it worked."""
        taken = self.best_stance == "supported" and bool(self.answers("accepts"))
        return taken and not self.answers("confirms")

    @cached_property
    def best_stance(self) -> str:
        """The best stance of the claims that say it alike, not all of which can be quoted."""
        return min((q.stance for q in (self.quote, *self.statement.alike)), key=stance_rank)

    @property
    def places(self) -> list[str]:
        """The projects whose people say it."""
        return list(dict.fromkeys(quote.repo for quote in self.statement.alike))

    @property
    def is_refuted(self) -> bool:
        """Whether it did not hold."""
        return self.statement.stance == "refuted"

    @property
    def is_cause(self) -> bool:
        """Whether it only explains the error."""
        return self.statement.kind == "cause" and not self.acts

    def answers(self, role: str) -> list[Quote]:
        """What others said of it, oldest first. That an older version failed is not said of it."""
        found = self.statement.answers(role) + [q for q in self.reports if q.kind == role]
        if role not in IN_FAVOUR:
            first = self.quote.created_at if self.is_an_update else ""
            return [q for q in found if q.created_at >= first]
        # the reporter tries his own fix later; who else is glad of his own advice is no witness
        own, tries = self.quote, self.quote.role == "reporter"
        return [q for q in found if (q.url != own.url if tries else q.person != own.person)]

    def counted(self, role: str) -> int:
        """How many people did."""
        return len({q.person for q in self.answers(role)})

    @cached_property
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
        """The code that belongs to the words; empty without one."""
        return self.passage.block

    @cached_property
    def is_only_a_release(self) -> bool:
        """Whether it names a release that mends the error and nothing else, and nobody said how
        that went.
        """
        text = self.passage.text
        if "`" in text or self.passage.block or len(text) >= MOST_OF_A_RELEASE or self.approvals:
            return False
        if any(map(self.answers, (*OUTCOMES, "merged", "still_seen"))):
            return False
        return RELEASE.search(text) is not None

    @cached_property
    def only_tells(self) -> bool:
        """Whether it tells what was done in the project, and nothing that a reader could do."""
        official = self.quote.role == "maintainer"
        return not self.passage.code and remedies.only_tells(self.passage.text, official=official)

    @cached_property
    def is_an_update(self) -> bool:
        """Whether it is what the project did, or the version that has it: an error that is reported
        later speaks against it.
        """
        text, newest = self.passage.text, remedies.SAID["newest"]
        names = names_only_a_version(text) or newest.search(text) is not None
        return not self.is_refuted and (self.only_tells or names)

    @property
    def _shown(self) -> str:
        return f"{self.passage.text}\n{self.code}\n{self.passage.rest}"


def points_of(
    known: EntryEvidence,
    passages: dict[str, tuple[Passage, int]],
    seen: dict[tuple[str, int], str],
) -> tuple[list[Point], list[Point]]:
    """The points of an entry that hold and those that were refuted, each once."""
    told = (next(_as_told(s, known, passages, seen), None) for s in known.statements)
    points = [p for p in told if p is not None]
    refuted = [p for p in points if p.is_refuted]
    good = [replace(p, acts=_acts(p)) for p in points if not p.is_refuted]
    good = _told_once(good)
    good = [_with_outcomes(p, [r for r in refuted if _repeats(r, p)]) for p in good]
    return [_for_all(_what_helped(point), known) for point in good], refuted


def _what_helped(point: Point) -> Point:
    """A fix without what was done before it in vain."""
    text = remedies.what_helped(point.passage.text)
    bare = point.is_cause or point.passage.code or text == point.passage.text
    return point if bare else replace(point, passage=replace(point.passage, text=text))


def _for_all(point: Point, known: EntryEvidence) -> Point:
    """The point as one that holds in every project with the error, in the words that do, if people
    of two projects, a maintainer or who was helped vouch for it.
    """
    heard, text = point.counted("confirms"), point.passage.text
    sure = point.best_stance == "confirmed" or point.approvals >= ENOUGH_APPROVALS
    vouched = sure or heard or point.quote.role == "maintainer" or len(point.places) > 1
    guess = point.best_stance == "suspected"
    words = part_for_all(point.statement, text, known) if vouched and not guess else ""
    if not words or point.counted("contradicts") > heard or (words != text and point.code):
        return point
    return replace(point, product=None, general=True, passage=replace(point.passage, text=words))


def _acts(point: Point) -> bool:
    """Whether a cause that others speak for says what to do as well."""
    if point.statement.kind != "cause" or not point.is_good:
        return False
    text = point.passage.text
    return remedies.action(text, 240) is not None or remedies.requires(text)


def label(text: str, width: int = 60) -> str:
    """A few words of a quote, for the text of a link, with the marks of the code in them that was
    not cut.
    """
    if "``" in text:
        text = text.replace("`", "")
    words = shorten(text.rstrip(" :,"), width)
    opened = words.rfind("`") if words.count("`") % 2 else -1
    return words if opened < 0 else words[:opened] + words[opened + 1 :]


def last_words(words: str) -> str:
    """A quote in the quotation marks that end a sentence of ours, which brings the full stop."""
    return f"“{_FULL_STOP.sub('', words)}”"


_FULL_STOP = re.compile(r"(?<=[^.])[.。](?=[*_]{0,2}\Z)")


def in_brief(text: str) -> str:
    """A quote of at most `MOST_IN_BRIEF` characters for the text of a link: all of it or its first
    sentences; empty where none of them makes sense by itself.
    """
    flat = " ".join(text.split())
    if len(flat) <= MOST_IN_BRIEF:
        return label(flat, MOST_IN_BRIEF)
    heads = [flat[: m.start()] for m in _SENTENCE_ENDS.finditer(flat, 0, MOST_IN_BRIEF)]
    # of a question the answer behind it matters
    for head in (head for head in reversed(heads) if not head.endswith(("?", "？"))):
        if remedies.stands_alone(head) and remedies.is_balanced(head):
            return label(head, MOST_IN_BRIEF)
    return ""


MOST_IN_BRIEF = 140
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])(?<![^\w)]\w\.)(?=\s+[^\sa-z])|(?<=[。！？])")


def named(points: Sequence[Point], most: int) -> list[Point]:
    """What is named in brief: as many as have room, and all that others speak for or against."""

    def stays(point: Point) -> bool:
        return point.is_refuted or point.best_stance in GOOD_STANCES

    worded = [p for p in points if stays(p) or not p.passage.code]
    return [p for n, p in enumerate(worded) if n < most or stays(p)]


def _as_told(
    statement: Statement,
    known: EntryEvidence,
    passages: dict[str, tuple[Passage, int]],
    seen: dict[tuple[str, int], str],
) -> Iterator[Point]:
    """The statement in the words of those of its claims that can be shown."""
    for quote in statement.alike:
        found, approvals = passages.get(quote.claim_id, (Passage(quote.text), 0))
        if quote.accepted or _can_be_told(statement, quote, found, known):
            yield Point(
                statement.told_by(quote),
                found,
                product_of(statement, found.text, known),
                _circumstance(known, quote, seen),
                approvals if approvals >= MIN_APPROVALS else 0,
            )


def _can_be_told(said: Statement, quote: Quote, found: Passage, known: EntryEvidence) -> bool:
    """Whether the words of a claim say something of the error that can be read alone."""
    fix = said.kind != "cause" and said.stance != "refuted"
    if is_about_another(said, found.text, known):
        return False
    # a thread's title stands in the sources
    if said.kind == "cause" and (
        quote.field == "title" or not remedies.adds(found.text, known.title)
    ):
        return False
    whole = remedies.says_enough(found.text, fix=fix) if found.cut else found.whole
    return whole and remedies.readable(found.text, found.code, fix=fix, block=found.block)


def is_about_another(said: Statement, text: str, known: EntryEvidence) -> bool:
    """Whether a statement, or a report that it worked, names a problem that was solved, and neither
    the error's name nor a form of it holds one of these words: "solved the proxy issue".
    """
    error = " ".join([known.title, *(form.raw for form in known.variants[:FORMS])]).lower()
    for found in map(_SOLVES.search, (text, *(q.text for q in said.answers("confirms")))):
        words = [w[:STEM] for w in _WORDS.findall(found[1].lower())] if found else []
        if words and not any(word in error or word in _OF_THIS for word in words):
            return True
    return False


def _circumstance(known: EntryEvidence, quote: Quote, seen: dict[tuple[str, int], str]) -> str:
    """What the thread of a quote saw the error with: the version, and where there are several
    threads the model or file that its title names.
    """
    at, project = (quote.repo, quote.number), quote.repo.rpartition("/")[2]
    titles = [t.title for t in known.threads if (t.repo, t.number) == at and len(known.threads) > 1]
    named = subjects(titles, known.title, project, asked=False, main=True) if titles else []
    return " and ".join([*([seen[at]] if at in seen else []), *named[:1]])


STEM = 6
"""Letters by which a word is found again."""
_SOLVES = re.compile(
    r"(?i)\b(?:solv|fix|resolv)\w{1,3}\s+the\s+((?:[\w-]{3,30}\s){1,3})(?:issue|error|problem|bug)s?\b"
)
_OF_THIS = frozenset(
    "same above import whole main first origin build instal curren given mentio actual annoyi core"
    " exact initia linked real relate remain report root strang underl weird".split()
)
"""How words begin that name no problem."""


def product_of(said: Statement, text: str, known: EntryEvidence) -> str | None:
    """The project that a fix is about alone: it names a change, a release or the project itself,
    and the error is seen elsewhere too. A release may be that of another project with the error;
    what people of two projects say is no one's alone. What a service answers to all of them has
    another cause in each: who is no maintainer, and whom nobody confirms, knows his own.
    """
    if known.entry.repos < 2 or said.repos > 1:
        return None
    words = _WORDS.findall(text.lower())
    own = said.best.repo
    heard = said.best.role == "maintainer" or said.kind == "cause" or said.answers("confirms")
    if (known.is_of_a_service and not heard) or _is_named(own, words):
        return own.rpartition("/")[2]
    if not _REFERENCE.search(text) and not VERSION.search(text):
        return None
    others = [r.repo for r in known.repos if _is_named(r.repo.rpartition("/")[2], words)]
    return (others[0] if len(others) == 1 else own).rpartition("/")[2]


def _is_named(project: str, words: Sequence[str]) -> bool:
    """Whether a text's words have one of a project's name."""
    return any(word.startswith(name) for word in words for name in name_words(project))


_REFERENCE = re.compile(A_CHANGE)
_WORDS = re.compile(r"\w+")


def seen_with(
    connection: sqlite3.Connection, threads: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """The version that a thread names beside its error, with the system."""
    found: dict[tuple[str, int], str] = {}
    for repo, group in groupby(sorted(threads), itemgetter(0)):
        for numbers in chunks([number for _, number in group]):
            rows = sql.ask(connection, "mentions.versions", repo, json.dumps(numbers))
            for number, version, system in rows:
                # a system alone says little of an error that others have elsewhere
                if is_version(version, repo):
                    name = _SYSTEMS.get((system or "").split("-")[0].strip().lower())
                    words = version_words(redact(version))
                    found[repo, number] = f"{words} on {name}" if name else words
    return found


_SYSTEMS = {"windows": "Windows", "macos": "macOS", "darwin": "macOS", "linux": "Linux"}


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


def _claim_rank(point: Point) -> tuple[bool, int]:
    return point.statement.kind == "cause", stance_rank(point.statement.stance)


def _with_outcomes(one: Point, others: Sequence[Point]) -> Point:
    """The point with what was said of other claims of its words; who agrees with the cause that a
    fix names has not tried the fix.
    """
    for other in others:
        for role in () if other.is_cause and not one.is_cause else OUTCOMES:
            one = _hears(one, role, other.answers(role))
    return one


def _hears(point: Point, role: str, quotes: Iterable[Quote]) -> Point:
    """The point with what was said of it elsewhere too, in other posts than its own."""
    known = {q.url for q in point.answers(role)} | {point.quote.url}
    more = (q for q in quotes if q.url not in known)
    return replace(point, reports=(*point.reports, *more))


def _repeats(point: Point, whole: Point) -> bool:
    """Whether the words of a point stand within those of another of its post."""
    if point.quote.url != whole.quote.url or point.passage.code != whole.passage.code:
        return False
    return " ".join(point.passage.text.split()) in " ".join(whole.passage.text.split())


def is_new(point: Point, used: list[str]) -> bool:
    """Whether no part has these words yet; notes them. Code that holds other code and as much again
    is new.
    """
    text = " ".join(f"{point.passage.text} {point.passage.block}".lower().split())
    within = [other for other in used if other in text]
    if point.passage.code:
        within = [other for other in within if len(text) < 2 * len(other)]
    if within or any(text in other for other in used):
        return False
    used.append(text)
    return True


def one_of_each(points: Sequence[Point]) -> list[Point]:
    """The points in their order, but of those that hold in one project alone first one of each."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[bool, bool, int, Point]] = []
    for point in points:
        ranked.append((not point.general, not point.is_good, seen[point.quote.repo], point))
        seen[point.quote.repo] += not point.general
    return [point for *_, point in sorted(ranked, key=lambda one: one[:3])]


def in_order_of_text(points: Sequence[Point]) -> list[Point]:
    """The points; of two whose words follow one another in a post, the later one comes second."""
    ordered = list(points)
    for place in range(1, len(ordered)):
        at, point = place, ordered[place]
        for former in reversed(range(place)):
            if leads_on(point, ordered[former]):
                at = former
        ordered.insert(at, ordered.pop(place))
    return ordered


def leads_on(point: Point, other: Point) -> bool:
    """Whether another point's words begin where this one's end in the same post."""
    gap = other.passage.start - point.passage.end
    return point.quote.url == other.quote.url and point.passage.end > 0 and 0 <= gap <= MOST_BETWEEN


MOST_BETWEEN = 90
"""Characters between two claims that follow one another: a sentence at most."""


def own_reports_apart(fixes: Sequence[Point], role: str = "confirms") -> list[Point]:
    """The fixes without those posts that only report how another one of them went: they stand
    beside it, with whom they helped. What is code is more.
    """
    reports: dict[str, int] = {}
    kept: list[Point] = []
    for point in fixes:
        answers = [q for q in point.answers(role) if q.url != point.quote.url]
        at = reports.get(point.quote.url)
        if at is not None and not point.passage.code:
            kept[at] = _hears(kept[at], role, answers)
            continue
        kept.append(point)
        reports |= dict.fromkeys((q.url for q in answers), len(kept) - 1)
    return kept
