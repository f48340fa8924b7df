"""Troubleshooting pages as sites publish them: every section only where evidence carries it, every
claim a quote with its link.

`page_plan` decides from the evidence what a page says (sections, order of steps, warnings); the
template `page.md.j2` says how.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.models import GOOD_STANCES, stance_rank
from kb.notes import remedies as steps
from kb.notes import wording as phrases
from kb.notes.markdown import View, answers_of, environment, tidy
from kb.notes.wording import label, name_of
from kb.text import capital, counted, day, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.claims import Quote, Statement
    from kb.evidence import EntryEvidence, ThreadRef
    from kb.notes.related import Related
    from kb.notes.targets import Target

MOST_CAUSES = 6
MOST_FIXES = 8
TITLE_WIDTH = 58
ACTION_WIDTH = 70
"""Longest way out that a title names; a longer one is not cut there, as half a step helps nobody.
"""


@dataclass(slots=True)
class Plan:
    """What a page says. `elsewhere` maps quotes (by marker) whose words stand on another page to
    that page's entry.
    """

    known: EntryEvidence
    title: str
    description: str
    quick_fix: str | None
    common_causes: list[str]
    why: list[Statement] = field(default_factory=list)
    causes: list[Statement] = field(default_factory=list)
    quick: list[Statement] = field(default_factory=list)
    checks: list[tuple[str, Statement]] = field(default_factory=list)
    steps: list[Statement] = field(default_factory=list)
    prevent: list[Statement] = field(default_factory=list)
    failed: list[Statement] = field(default_factory=list)
    questions: list[tuple[str, Quote, str]] = field(default_factory=list)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def page_plan(known: EntryEvidence, elsewhere: Mapping[str, str] | None = None) -> Plan:
    """Decides what the page of an entry says. `elsewhere`: markers of quotes whose words another
    page has, with its entry's id.
    """
    elsewhere = elsewhere or {}
    causes, fixes = _telling(known.said("cause")), _telling(known.said("fix", "workaround"))
    # one post may hold a cause and a fix in one breath: the longer quote says both
    fixes = [
        f
        for f in fixes
        if not _within(f, [*causes, *fixes]) and all(f.best.text != c.best.text for c in causes)
    ]
    causes = [c for c in causes if not _within(c, [*causes, *fixes])] or causes[:1]
    causes, fixes = causes[:MOST_CAUSES], _ordered(fixes[:MOST_FIXES])
    plan = Plan(
        known,
        _title(known),
        _description(known),
        _quick_fix(known),
        _common_causes(causes),
        elsewhere=elsewhere,
    )
    plan.why = [c for c in causes if c.stance in GOOD_STANCES][:2] or causes[:1]
    plan.causes = [c for c in causes if c not in plan.why]
    plan.prevent = [s for s in fixes if steps.prevents(s.best.text) and not s.risk][:2]
    rest = [s for s in fixes if s not in plan.prevent]
    plan.checks = [(found, s) for s in rest if (found := steps.platform(s.best.text))]
    checked = [s for _, s in plan.checks]
    plan.quick = [
        s
        for s in rest
        if s not in checked and not s.risk and steps.cost(s.best.text) <= steps.CHEAP
    ]
    plan.steps = [s for s in rest if s not in checked and s not in plan.quick]
    plan.failed = _telling(known.refuted)[:5]
    plan.questions = _questions(known, elsewhere)
    return plan


def quotes_of(plan: Plan) -> Iterator[Quote]:
    """The quotes that a page shows."""
    shown = [
        *plan.why,
        *plan.causes,
        *plan.prevent,
        *plan.failed,
        *plan.quick,
        *(s for _, s in plan.checks),
        *plan.steps,
    ]
    for statement in shown:
        quotes = (statement.best, *answers_of(statement))
        yield from (q for q in quotes if q.marker not in plan.elsewhere)
    yield from (quote for _, quote, _ in plan.questions)


def has_page(known: EntryEvidence) -> bool:
    """Whether there is something to tell: a cause or a fix, or the error in more than one
    thread.
    """
    return bool(_telling(known.said("cause", "fix", "workaround"))) or known.entry.threads > 1


def _telling(statements: Sequence[Statement]) -> list[Statement]:
    """Those whose words say something by themselves; a page is no place for a bare number of a pull
    request.
    """
    return [s for s in statements if steps.tells(s.best.text)]


def _within(statement: Statement, others: Iterable[Statement]) -> bool:
    """Whether the words stand within what another statement quotes of the same post."""
    mine = statement.best
    return any(
        o.best.url == mine.url and mine.text != o.best.text and mine.text in o.best.text
        for o in others
    )


def _ordered(fixes: Sequence[Statement]) -> list[Statement]:
    """Cheapest first within what is known to work, then within what is not; what deletes something
    comes last.
    """

    def rank(statement: Statement) -> tuple[object, ...]:
        text = statement.best.text
        known = statement.stance in GOOD_STANCES
        good, _ = statement.counted("confirms")
        return (
            steps.cost(text) >= steps.DESTRUCTIVE,
            not known,
            steps.cost(text),
            -good,
            -statement.confidence,
            statement.best.claim_id,
        )

    return sorted(fixes, key=rank)


def _best_fix(known: EntryEvidence) -> Statement | None:
    """The fix to name first: known to work and harmless where there is one."""
    fixes = _telling(known.said("fix", "workaround"))

    def rank(fix: Statement) -> tuple[object, ...]:
        good, bad = fix.counted("confirms")[0], fix.counted("contradicts")[0]
        known, risky = (
            fix.stance in GOOD_STANCES,
            fix.risk is not None,
        )
        text = fix.best.text
        words = (
            steps.action(text, ACTION_WIDTH) is None,
            not steps.stands_alone(text),
            not steps.specific(text),
        )
        return not known, risky, *words, bad > good, stance_rank(fix.stance), bad - good

    return min(fixes, key=rank, default=None)


def _title(known: EntryEvidence) -> str:
    """The error and the practical way out: a short fix in its author's words, else what the threads
    have.
    """
    head = shorten(known.title, TITLE_WIDTH).rstrip(".:")
    fix = _best_fix(known)
    threads = counted(known.entry.threads, "thread")
    if fix is None:
        return (
            f"{head}: {'causes named' if known.said('cause') else 'reported'} in {threads}, no "
            f"fix yet"
        )
    words = steps.action(fix.best.text, ACTION_WIDTH)
    if fix.stance in GOOD_STANCES and words:
        return f"{head}: “{words}”"
    return f"{head}: {_way_word(fix)} from {threads}"


def _way_word(fix: Statement) -> str:
    return {"confirmed": "confirmed", "supported": "supported"}.get(
        fix.stance, "untested"
    ) + f" {fix.kind}"


def _description(known: EntryEvidence) -> str:
    entry, name = known.entry, name_of(known, 60)
    seen = (
        f"{name} in {counted(entry.threads, 'thread')} of "
        f"{counted(entry.repos, 'repository', 'repositories')}"
    )
    since = f", {day(entry.first_seen)} to {day(entry.last_seen)}"
    fix, causes = _best_fix(known), known.said("cause")
    if fix is not None:
        return f"{seen}{since}. {capital(_way_word(fix))}: “{shorten(fix.best.text, 110)}”"
    if causes:
        return (
            f"{seen}{since}. No fix is known; {causes[0].stance} cause: "
            f"“{shorten(causes[0].best.text, 110)}”"
        )
    return f"{seen}{since}. Neither cause nor fix is known yet."


def _quick_fix(known: EntryEvidence) -> str | None:
    fix = _best_fix(known)
    if fix is None:
        return None
    quote = fix.best
    careful = f"Careful ({fix.risk}). " if fix.risk else ""
    return (
        f"{careful}{capital(_way_word(fix))}, {phrases.who(quote)}, {day(quote.created_at)}: "
        f"“{shorten(quote.text, 280)}” {quote.url}"
    )


def _common_causes(causes: Sequence[Statement]) -> list[str]:
    return [
        (
            f"{capital(c.stance)}, {phrases.who(c.best)}, {day(c.best.created_at)}: "
            f"“{shorten(c.best.text, 200)}” {c.best.url}"
        )
        for c in causes
    ]


def _questions(known: EntryEvidence, elsewhere: Mapping[str, str]) -> list[tuple[str, Quote, str]]:
    """Questions that people with the error have and that a quote answers: question, quote, what the
    answer says.
    """
    out: list[tuple[str, Quote, str]] = []
    name = name_of(known)
    wanted = (
        ("released", f"Is {name} fixed in a release?", "names a release"),
        ("merged", f"Was code changed for {name}?", "tells of a merged pull request"),
        ("still_seen", f"Does {name} still occur after the fix?", "still saw it"),
    )
    for role, question, what in wanted:
        quotes = [
            q
            for s in known.statements
            for q in s.answers(role)
            if steps.tells(q.text) and q.marker not in elsewhere
        ]
        if quotes:
            out.append(
                (
                    question,
                    max(quotes, key=lambda q: (q.created_at, q.claim_id, q.place or 0)),
                    what,
                )
            )
    return out


# ---------------------------------------------------------------- rendering


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Where things are in the export: addresses and titles by entry, the site of the notes, this
    page's former addresses, and threads that another page is about too, with that page's entry.
    """

    slugs: Mapping[str, str]
    titles: Mapping[str, str]
    notes: str | None = None
    former: tuple[str, ...] = ()
    shared: Mapping[tuple[str, int], str] = field(default_factory=dict)


def page_of(
    plan: Plan,
    target: Target,
    links: PageLinks,
    category: str | None,
    related: Sequence[Related] = (),
) -> str:
    """The page as text for a target; the same plan gives the same bytes."""
    known = plan.known
    view = PageView(plan, target, links)
    text = (
        environment(target)
        .get_template("page.md.j2")
        .render(
            plan=plan,
            d=known,
            entry=known.entry,
            signature=known.entry.signature,
            category=category,
            technology=technology_of(known),
            related=related,
            unknown=phrases.unknown(known),
            v=view,
            target=target,
            links=links,
            note=f"{links.notes.rstrip('/')}/{known.entry_id}" if links.notes else None,
        )
    )
    return tidy(text)


def technology_of(known: EntryEvidence) -> str | None:
    """What the error is about, for a site's taxonomy: the provider, else the tool, else the
    repository it was seen in most.
    """
    entry = known.entry
    if entry.provider or entry.tool:
        return str(entry.provider or entry.tool)
    return known.repos[0].repo.split("/")[1] if known.repos else None


class PageView(View):
    """What the page's template says about quotes, beside what notes say of them."""

    def __init__(self, plan: Plan, target: Target, links: PageLinks) -> None:
        super().__init__(plan.known, target)
        self.plan, self.links, self.target = plan, links, target

    def headline(self, statement: Statement) -> str:
        """As in notes; where the words stand on another page, that page is named instead of
        repeating them.
        """
        other = self.plan.elsewhere.get(statement.best.marker)
        if other is None:
            return super().headline(statement)
        quote = statement.best
        what = f"{capital(statement.stance)} {phrases.KIND_WORDS[statement.kind]} of {self.name}"
        link = self.page_link(other)
        return self.careful(
            statement,
            (
                f"{what}: {self.who(quote)} wrote on {day(quote.created_at)} in "
                f"{self.thread_link(quote)} the words quoted for {link}."
            ),
        )

    def is_elsewhere(self, statement: Statement) -> bool:
        """Whether another page quotes these words."""
        return statement.best.marker in self.plan.elsewhere

    def about(self, quote: Quote, preposition: str = "about") -> str:
        """The error, where another page is about the same thread."""
        return (
            f" {preposition} {self.name}" if (quote.repo, quote.number) in self.links.shared else ""
        )

    def answers(self, statement: Statement) -> list[Quote]:
        """Without those whose words stand on another page; they count all the same."""
        return [q for q in super().answers(statement) if q.marker not in self.plan.elsewhere]

    def source_tail(self, source: ThreadRef) -> str:
        """What a source says of itself: its title, or which other page is about it too."""
        state = f"{source.state}, opened {day(source.created_at)}"
        other = self.links.shared.get((source.repo, source.number))
        if other is not None:
            return f" ({state}): {self.name} beside {self.page_link(other)}"
        return f": {self.escaper.inline(source.title)} ({state})"

    def page_link(self, entry_id: str) -> str:
        """A link to another page of the export, or its title where it has none."""
        title = self.escaper.inline(label(self.links.titles.get(entry_id, entry_id)))
        slug = self.links.slugs.get(entry_id)
        return f"[{title}]({slug}{self.target.suffix})" if slug else f"{title} ({entry_id})"

    def step_head(self, step: Statement, where: str) -> str:
        """The headline of a step for one platform."""
        head = self.headline(step)
        return f"{self.escaper.inline(capital(where))}: {head[0].lower()}{head[1:]}"

    def forms_lead(self, shown: int) -> str:
        """In how many forms the error is printed, and how often those that follow."""
        forms = self.known.variants
        times = [str(f.count) for f in forms[:shown]]
        which = f"; the {shown} commonest" if len(forms) > shown else ""
        often = ""
        if forms[0].count > 1:
            each = times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
            often = f" ({each} times)"
        return f"Programs print {self.name} in {counted(len(forms), 'form')}{which}{often}:"

    def faq_answer(self, quote: Quote, what: str) -> str:
        """The answer to a question, before its quote."""
        return (
            f"{capital(self.who(quote))} {what} on {day(quote.created_at)} in "
            f"{self.thread_link(quote)}:"
        )
