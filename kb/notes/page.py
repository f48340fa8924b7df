"""Troubleshooting pages as sites publish them: every section only where evidence carries it, every
claim a quote with its link.

`page_plan` decides from the outline what stands in which section; the template `page.md.j2` says
how.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.notes import remedies
from kb.notes.descriptions import (
    MOST_CAUSES,
    description_of,
    title_of,
    told_causes,
)
from kb.notes.outline import MOST_RELEASES
from kb.notes.points import named
from kb.notes.worth import MANY

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from kb.evidence import EntryEvidence
    from kb.notes.options import Options
    from kb.notes.outline import Outline
    from kb.notes.points import Point

MOST_FIXES = 8
MOST_NAMED = 8


@dataclass(slots=True)
class Plan:
    """What a page says."""

    outline: Outline
    title: str
    description: str
    meaning: Point | None = None
    causes: list[tuple[Point, list[Point]]] = field(default_factory=list)
    steps: list[Point] = field(default_factory=list)
    changes: list[Point] = field(default_factory=list)
    tries: list[Point] = field(default_factory=list)
    failed: list[Point] = field(default_factory=list)
    tail: list[Point] = field(default_factory=list)

    @property
    def known(self) -> EntryEvidence:
        """The evidence of the page's entry."""
        return self.outline.known

    @property
    def update(self) -> str:
        """What to do where a page shows no fix but the releases that have it; else empty."""
        shown = self.tries or self.steps or any(fixes for _, fixes in self.causes)
        releases = () if shown else self.outline.sure_releases[:MOST_RELEASES]
        told = " or ".join(f"{r.repo} to {r.version}" for r in releases)
        return f"Update {told} or later." if told else ""

    @property
    def says_something(self) -> bool:
        """Whether its first fix is its own, or without one anything that stands on it or is linked,
        or its error is in many threads.
        """
        if self.known.entry.threads >= MANY:
            return True
        linked = self.tail or self.outline.unquoted or self.outline.releases
        own = self.tries or not self.outline.tries
        return bool(own and (next(self.points(), None) or linked))

    def points(self) -> Iterator[Point]:
        """Every point that is shown with its words."""
        yield from filter(None, (self.meaning,))
        yield from (*self.tries, *self.steps, *self.changes, *self.failed)
        for cause, fixes in self.causes:
            yield from (cause, *fixes)


def page_plan(
    outline: Outline, elsewhere: Mapping[str, str] | None = None, posts: Container[str] = ()
) -> Plan:
    """Decides what the page of an entry says. `elsewhere`: ids of claims whose words another page
    has, with its entry's id; `posts`: addresses of the posts that other pages quote. What another
    post says in the same words ("Install the latest version:") is shown as its code alone; the
    first fix whole: a page does not begin with a command and no word about it. A release that
    several errors are fixed in is told of each.
    """
    elsewhere, first = elsewhere or {}, outline.tries[:1]
    plan = Plan(outline, title_of(outline), description_of(outline))

    told = told_causes(outline)

    def own(points: Sequence[Point]) -> list[Point]:
        mine = []
        for point in points:
            other, shown = elsewhere.get(point.quote.claim_id), point.passage
            leads = point in first and (point.is_only_a_release or shown.block)
            if other and point.quote.url not in posts and (leads or shown.block):
                code = replace(shown, text=shown.block, block="", rest="", code=True)
                mine.append(point if leads else replace(point, passage=code))
            elif not other:
                mine.append(point)
        return mine

    plan.tries = own(outline.tries)
    for cause, fixes in outline.causes[:MOST_CAUSES]:
        kept = own([cause]) if cause in told else []
        kept_fixes = own(fixes)
        if kept and cause is outline.meaning and plan.tries:
            plan.meaning = cause
        elif kept:
            plan.causes.append((cause, kept_fixes[:2]))
            plan.tail += kept_fixes[2:]
        else:
            _sort(plan, kept_fixes)
    plan.tail += [c for c, _ in outline.causes[MOST_CAUSES:]]
    _sort(plan, own(outline.fixes))
    _put_last(plan)
    plan.tail = named([p for p in plan.tail + own(outline.tail) if _is_told(p)], MOST_NAMED)
    plan.changes = own(outline.changes)
    plan.failed = own(outline.failed)[:5]
    return plan


def _is_told(point: Point) -> bool:
    """Whether a page names a point in brief: others speak for it, and its words can be read."""
    words, fix = point.passage, not point.is_cause
    readable = remedies.readable(words.text, words.code, fix=fix, block=words.block)
    return point.is_good and not point.is_refuted and readable


def _put_last(plan: Plan) -> None:
    """Of fixes beside one that worked for somebody, those that only their author speaks for are
    named in brief, and not at all if they do harm; nor what led back to an older version before the
    first fix named a newer one.
    """
    lead = next(iter(plan.tries), None)
    if lead and remedies.SAID["newest"].search(lead.passage.text):
        for part in (plan.tries, plan.steps):
            part[:] = [p for p in part if not _leads_back(p, lead)]
    if lead is None or not lead.is_good:
        return
    better = {p.quote.repo for p in (*plan.tries, *plan.steps) if p.is_good}
    for part in (plan.tries, plan.steps):
        alone = [p for p in part if not p.is_good and p.quote.role not in ("maintainer", "bot")]
        # what is of the lead's own post, or its project's only one, has no rival
        alone = [p for p in alone if p.quote.url != lead.quote.url and p.quote.repo in better]
        part[:] = [p for p in part if p not in alone]
        plan.tail += [p for p in alone if not p.risk]


def _leads_back(point: Point, lead: Point) -> bool:
    """Whether a fix that is older than another of its project is an older version of it."""
    older = point.quote.created_at < lead.quote.created_at and point.quote.repo == lead.quote.repo
    return older and _BACK.search(point.passage.text) is not None


_BACK = re.compile(
    r"(?i)\bdowngrad|\broll\w* back\b|\brevert(?:ed|ing)? (?:back )?to\b"
    r"|\b(?:older|previous|earlier) (?:version|release)|\buninstall\w* the latest\b"
)


def _sort(plan: Plan, fixes: Sequence[Point]) -> None:
    """Puts fixes that no cause is tied to among the steps, cheap ones first."""
    steps = plan.steps + list(fixes)
    plan.tail += steps[MOST_FIXES:]
    plan.steps = steps[:MOST_FIXES]
    plan.steps.sort(key=lambda p: (not p.general, not p.is_good, remedies.cost(p.passage.text)))


def technology_of(known: EntryEvidence) -> str | None:
    """What the error is about, for a site's taxonomy: the provider, else the tool, else the
    repository it was seen in most.
    """
    entry = known.entry
    if entry.provider or entry.tool:
        return str(entry.provider or entry.tool)
    return known.repos[0].repo.split("/")[1] if known.repos else None


def category_of(known: EntryEvidence, options: Options) -> str | None:
    """The site's category of an entry: by provider, tool, repository or technology, else that of
    `*`.
    """
    entry = known.entry
    repos = (place.repo for place in known.repos)
    names = [entry.provider, entry.tool, *repos, technology_of(known)]
    for name in names:
        if name and (found := options.categories.get(str(name).lower())):
            return found
    return options.categories.get("*")
