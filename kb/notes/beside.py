"""The pages beside those of single errors: families, an index by provider, tool and status, and
what stands at an address whose error was merged into another or is no longer certain enough for a
page.

A family is what one provider answers with one status, under several messages. Its page says which
message means what and leads to the page of each; it names what was said in a few words that link
the post, so that no quote stands on two pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.evidence import EntryEvidence
from kb.notes import remedies
from kb.notes.document import document
from kb.notes.escape import escaper
from kb.notes.markdown import View
from kb.notes.page import Plan, category_of
from kb.notes.points import Point
from kb.notes.related import message_of
from kb.notes.targets import Facts
from kb.notes.titles import TITLE_WIDTH, fitted
from kb.notes.wording import listed, spelled
from kb.signature.title import provider_name
from kb.text import counted, day, shorten

if TYPE_CHECKING:
    from kb.notes.pageset import PageSet

MOST_SAID = 2
WIDTH = 170


def about(members: Sequence[Plan]) -> tuple[str, str, str]:
    """Title, description and last change of a family's page."""
    entry = members[0].known.entry
    name = f"{provider_name(entry.provider or '')} {entry.status}"
    threads = {(t.repo, t.number) for plan in members for t in plan.known.threads}
    projects = counted(len({repo for repo, _ in threads}), "project")
    told = f"{len(members)} messages, {counted(len(threads), 'thread')} of {projects}"
    return (
        f"{name} – which message means what",
        f"{name}: {told}: what each means, what fixed it and what did not.",
        max(plan.known.updated for plan in members),
    )


def family_page(pages: PageSet, slug: str) -> str:
    """The page of a family, by its address."""
    target, members = pages.options.generator, pages.families[slug]
    escape = escaper(target)
    entry = members[0].known.entry
    title, description, updated = about(members)
    facts = Facts(
        title=title,
        description=description,
        slug=slug,
        published=min(plan.known.entry.first_seen or plan.known.updated for plan in members),
        updated=updated,
        category=category_of(members[0].known, pages.options),
        tags=(str(entry.provider), str(entry.status)),
        more={"related_errors": [plan.outline.title for plan in members]},
    )
    lines = [
        f"{escape.inline(provider_name(entry.provider or ''))} answers with HTTP status"
        f" {entry.status} and one of {spelled(len(members)).lower()} messages. The message tells"
        " which cause to look for.",
        "",
        "| Message | Threads | Projects | Last reported | Solution |",
        "| --- | --- | --- | --- | --- |",
    ]
    for plan in members:
        entry, solution = plan.known.entry, SOLUTIONS[plan.outline.status]
        seen = f"{entry.threads} | {entry.repos} | {day(entry.last_seen)}"
        lines.append(f"| {_link(pages, plan)} | {seen} | {solution} |")
    lines += ["", *(line for plan in members for line in _member(pages, plan))]
    body = "\n".join(lines)
    return document(target.front_of(facts), body, target, escape.inline(facts.title))


def _message(plan: Plan) -> str:
    return message_of(plan.known.entry).rstrip(".")


def _link(pages: PageSet, plan: Plan) -> str:
    return pages.link(plan.known.entry_id, _message(plan))


SOLUTIONS = {
    "released": "fixed in a release",
    "confirmed": "fix confirmed",
    "supported": "fix reported",
    "stated": "fix named",
    "untested": "suggestions",
    "changed": "said to be fixed",
    "linked": "fix named",
    "cause": "cause named",
    "open": "unresolved",
}


def _member(pages: PageSet, plan: Plan) -> Iterator[str]:
    """The part about one message."""
    outline, target = plan.outline, pages.options.generator
    view, escape = View(outline, target, markers=False), escaper(target)
    yield f"## {escape.inline(_message(plan))}"
    yield ""
    yield view.lead(short=True)
    yield ""
    if tools := _tools(plan):
        yield f"- **Seen in** {', '.join(escape.inline(t) for t in tools)}"
    causes = [c for c, _ in outline.causes]
    causes += [p for p in outline.fixed_points() if _explains(p) and _step(p) != p.passage.text]
    # words that announce code say nothing without it
    fixes = [p for p in outline.fixed_points() if not p.passage.block]
    parts = {"What it means": causes, "What fixed it": fixes, "What did not help": outline.failed}
    for heading, points in parts.items():
        first = sorted(points, key=_maintainers_first)[:MOST_SAID]
        words = ((p, _step(p) if points is fixes else p.passage.text) for p in first)
        if said := list(view.said(words, WIDTH)):
            yield f"- **{heading}:** {'; '.join(said)}"
    yield f"- All statements, with sources: {_link(pages, plan)}"
    yield ""


def _tools(plan: Plan) -> list[str]:
    """The projects with the versions that their threads name."""
    named: dict[str, list[str]] = defaultdict(list)
    for found in plan.known.versions:
        if found.tool:
            named[found.tool].append(found.version)
    return [
        " ".join([tool.split("/")[-1], ", ".join(named[tool][-3:])]).strip()
        for tool, _ in plan.known.tools[:6]
    ]


def _step(point: Point) -> str:
    """What to do, of a point that explains as well: the sentence that says it, else its quote."""
    text, quote = point.passage.text, point.quote.text
    if len(text) <= WIDTH and not _explains(point):
        return text
    return remedies.action(text, WIDTH) or (quote if quote in text else text)


def _explains(point: Point) -> bool:
    return bool(_MEANS.search(point.passage.text[:WIDTH]))


_MEANS = re.compile(r"(?i)\bmeans\b|\bthe cause\b|\bis what \w+ answers\b|\bbecause\b")


def _maintainers_first(point: Point) -> tuple[bool, bool, bool, bool, int]:
    unclear = point.is_cause and not _explains(point)
    return (
        not point.general,
        point.quote.role != "maintainer",
        unclear,
        not point.is_good,
        -point.approvals,
    )


# ---------------------------------------------------------------- index and stubs


MOST_LINKS = 5


def index_page(pages: PageSet) -> str:
    """Every page, by provider, else by tool, else by project; those with a status also by it."""
    target, plans = pages.options.generator, pages.plans.values()
    escape = escaper(target)
    by_provider, by_tool, by_status = (defaultdict[str, list[str]](list) for _ in range(3))
    for slug, members in pages.families.items():
        provider, status = (members[0].known.entry.provider or ""), members[0].known.entry.status
        name = provider_name(provider)
        title = f"{name} {status}: which message means what"
        by_provider[name].append(f"- {escape.page(title, slug, from_index=True)}")
    for plan in sorted(plans, key=lambda p: (-p.known.entry.threads, p.known.entry_id)):
        entry = plan.known.entry
        told = f"{counted(entry.threads, 'thread')}, {SOLUTIONS[plan.outline.status]}"
        line = f"- {pages.link(entry.entry_id, from_index=True)} ({told})"
        if entry.provider:
            by_provider[provider_name(entry.provider)].append(line)
        for place in plan.known.repos[:3]:
            by_tool[place.repo].append(line)
        if entry.status:
            by_status[f"HTTP {entry.status}"].append(line)
    number = counted(len(plans), "error")
    lines = [f"{number} with causes, fixes and sources.", ""]
    groups = {"By provider": by_provider, "By tool": by_tool, "By status": by_status}
    for heading, found in groups.items():
        lines += [f"## {heading}", ""] if found else []
        for name in sorted(found, key=str.lower):
            lines += [f"### {escape.inline(name)}", "", *found[name], ""]
    newest = max(plan.known.updated for plan in plans)
    facts = Facts(
        title="Errors",
        description=f"{number} by provider, tool and status.",
        slug="",
        published=min(plan.known.entry.first_seen or newest for plan in plans),
        updated=newest,
    )
    front = {k: v for k, v in target.front_of(facts).items() if k != "slug"}
    return document(front, "\n".join(lines), target, "Errors")


def moved_page(pages: PageSet, slug: str, plan: Plan) -> str:
    """A page at a former address that leads to the new one."""
    told = f"This error is described together with {plan.outline.title}."
    body = f"This error is described on {pages.link(plan.known.entry_id)}."
    return _stub(pages, slug, plan.known, told, body, moved_to=plan.known.entry_id)


@dataclass(frozen=True, slots=True)
class Lost:
    """An address whose error has no page any more. `known`: what is left of it (None: a person says
    that it is none); `pages`: the entries whose pages hold its words (`whole`), or quote its
    threads.
    """

    slug: str
    known: EntryEvidence | None
    pages: Sequence[str]
    whole: bool


def lost_page(pages: PageSet, lost: Lost) -> str:
    """What stands at an address whose error has no page any more."""
    known, escape = lost.known, escaper(pages.options.generator)
    links = listed([pages.link(entry_id) for entry_id in lost.pages[:MOST_LINKS]])
    told = "What this page said is no longer certain enough to publish."
    body = "This page was withdrawn: what it said is no longer certain enough to publish."
    if lost.whole:
        title = pages.plans[lost.pages[0]].outline.title
        told = f"What people say of this error stands under {title}."
        body = f"What people say of this error stands on {links}."
    if known and known.threads:
        threads = [escape.link(f"{t.repo}#{t.number}", t.url) for t in known.threads[:MOST_LINKS]]
        body += f" The error was reported in {listed(threads)}."
        if links and not lost.whole:
            body += f" What people say there of other errors stands on {links}."
    moved_to = lost.pages[0] if lost.whole else None
    return _stub(pages, lost.slug, known, told, body, moved_to=moved_to)


def _stub(
    pages: PageSet,
    slug: str,
    known: EntryEvidence | None,
    description: str,
    body: str,
    *,
    moved_to: str | None,
) -> str:
    """A page that leads to that of the entry `moved_to`, or says that it was withdrawn."""
    target = pages.options.generator
    head, more = "Withdrawn", {}
    title = f"{head}: {_room(known.entry.title, head)}" if known else head
    if moved_to is not None:
        head, more = "Moved", {"moved_to": pages.slugs[moved_to]}
        title = f"{head}: {_room(pages.plans[moved_to].outline.title, head)}"
    more |= {"entry": known.entry_id} if known else {}
    facts = Facts(
        title=title,
        description=shorten(description, 155),
        slug=slug,
        published=(known.entry.first_seen or known.updated) if known else "",
        updated=known.updated if known else "",
        withdrawn=moved_to is None,
        more={**more, "draft": False},
    )
    return document(target.front_of(facts), body, target, head)


def _room(title: str, head: str) -> str:
    return fitted([title], TITLE_WIDTH - len(head) - 2)
