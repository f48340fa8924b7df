"""Pages about a family of errors: what one provider answers with one status, under several
messages. Such a page says which message means what and leads to the page of each; it names what was
said in a few words that link the post, so that no quote stands on two pages.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from kb.notes import remedies
from kb.notes.escape import escaper
from kb.notes.markdown import View
from kb.notes.note import document
from kb.notes.related import message_of
from kb.notes.slugs import slug_of
from kb.notes.targets import Facts
from kb.notes.wording import spelled
from kb.signature.title import provider_name
from kb.text import counted, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.evidence import Entry
    from kb.notes.options import Options
    from kb.notes.page import Plan
    from kb.notes.points import Point

MEMBERS = 3
"""Errors that make a family."""
MOST_SAID = 2
WIDTH = 170


def families(plans: Mapping[str, Plan]) -> dict[str, list[str]]:
    """Address of each family's page to the entries in it, those of the most threads first."""
    return families_of([plan.known.entry for plan in plans.values()])


def families_of(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """The same of entries, of which one may be named more than once."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.provider and entry.status:
            found[slug_of(f"{entry.provider} {entry.status} errors")].append(entry)
    return {
        slug: [e.entry_id for e in sorted(members, key=lambda e: (-e.threads, e.entry_id))]
        for slug, members in sorted(found.items())
        if len(members) >= MEMBERS
    }


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


def family_page(
    slug: str,
    members: Sequence[Plan],
    slugs: Mapping[str, str],
    options: Options,
    category: str | None,
) -> str:
    """The page of a family; `members` in the order in which they are shown."""
    target, escape = options.target, escaper(options.target)
    entry = members[0].known.entry
    title, description, updated = about(members)
    facts = Facts(
        title=title,
        description=description,
        slug=slug,
        published=min(plan.known.entry.first_seen or plan.known.updated for plan in members),
        updated=updated,
        category=category,
        tags=(str(entry.provider), str(entry.status)),
        more={"related_errors": [plan.outline.title for plan in members]},
    )
    lines = [] if not target.heading else [f"# {escape.inline(facts.title)}", ""]
    lines += [
        f"{escape.inline(provider_name(entry.provider or ''))} answers with HTTP status"
        f" {entry.status} and one of {spelled(len(members)).lower()} messages. The message tells"
        " which cause to look for.",
        "",
        "| Message | Threads | Projects | Last reported | Solution |",
        "| --- | --- | --- | --- | --- |",
        *(_row(plan, slugs, options) for plan in members),
        "",
    ]
    for plan in members:
        lines += _member(plan, slugs, options)
    return document(target.front_of(facts), "\n".join(lines), target)


def _link(plan: Plan, slugs: Mapping[str, str], options: Options) -> str:
    title = message_of(plan.known.entry).rstrip(".")
    return escaper(options.target).page(title, slugs[plan.known.entry_id])


def _row(plan: Plan, slugs: Mapping[str, str], options: Options) -> str:
    entry = plan.known.entry
    cells = [
        _link(plan, slugs, options),
        str(entry.threads),
        str(entry.repos),
        day(entry.last_seen),
        SOLUTIONS[plan.outline.status],
    ]
    return "| " + " | ".join(cells) + " |"


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


def _member(plan: Plan, slugs: Mapping[str, str], options: Options) -> Iterator[str]:
    """The part about one message."""
    view = View(plan.outline, options.target, markers=False)
    outline = plan.outline
    escape = escaper(options.target)
    yield f"## {escape.inline(message_of(plan.known.entry).rstrip('.'))}"
    yield ""
    yield view.lead(short=True)
    yield ""
    if tools := _tools(plan):
        yield f"- **Seen in** {', '.join(escape.inline(t) for t in tools)}"
    causes = [c for c, _ in outline.causes]
    causes += [p for p in outline.fixed_points() if _explains(p) and _step(p) != p.passage.text]
    for heading, points, words in (
        ("What it means", causes, _words),
        # words that announce code say nothing without it
        ("What fixed it", [p for p in outline.fixed_points() if not p.passage.block], _step),
        ("What did not help", outline.failed, _words),
    ):
        first = _maintainers_first(points)[:MOST_SAID]
        if said := list(view.said(((p, words(p)) for p in first), WIDTH)):
            yield f"- **{heading}:** {'; '.join(said)}"
    yield f"- All statements, with sources: {_link(plan, slugs, options)}"
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


def _words(point: Point) -> str:
    return point.passage.text


def _step(point: Point) -> str:
    """What to do, of a point that explains as well: the sentence that says it, else its quote."""
    text, quote = point.passage.text, point.quote.text
    if len(text) <= WIDTH and not _explains(point):
        return text
    return remedies.action(text, WIDTH) or (quote if quote in text else text)


def _explains(point: Point) -> bool:
    return bool(_MEANS.search(point.passage.text[:WIDTH]))


_MEANS = re.compile(r"(?i)\bmeans\b|\bthe cause\b|\bis what \w+ answers\b|\bbecause\b")


def _maintainers_first(points: Iterable[Point]) -> list[Point]:
    return sorted(
        points,
        key=lambda p: (
            p.quote.role != "maintainer",
            p.is_cause and not _explains(p),
            not p.is_good,
            -p.approvals,
        ),
    )
