"""Pages about a family of errors: what one provider answers with one status, under several
messages. Such a page says which message means what and leads to the page of each; it names what was
said in a few words that link the post, so that no quote stands on two pages.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kb.notes.escape import escaper
from kb.notes.front import front_matter
from kb.notes.markdown import View
from kb.notes.note import wrapped
from kb.notes.related import message_of
from kb.notes.slugs import slug_of
from kb.notes.targets import Facts
from kb.signature.title import provider_name
from kb.text import counted, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.notes.options import Options
    from kb.notes.outline import Point
    from kb.notes.page import Plan

MEMBERS = 3
"""Errors that make a family."""
MOST_SAID = 3
WIDTH = 120


def families(plans: Mapping[str, Plan]) -> dict[str, list[str]]:
    """Address of each family's page to the entries in it, those of the most threads first."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry_id, plan in plans.items():
        entry = plan.known.entry
        if entry.provider and entry.status:
            found[slug_of(f"{entry.provider} {entry.status} errors")].append(entry_id)
    return {
        slug: sorted(ids, key=lambda i: (-plans[i].known.entry.threads, i))
        for slug, ids in sorted(found.items())
        if len(ids) >= MEMBERS
    }


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
    name = f"{provider_name(entry.provider or '')} {entry.status}"
    threads = {(t.repo, t.number) for plan in members for t in plan.known.threads}
    repos = {repo for repo, _ in threads}
    facts = Facts(
        title=f"{name} – which message means what",
        description=(
            f"{name}: {len(members)} messages, {counted(len(threads), 'thread')} of"
            f" {counted(len(repos), 'project')}: what each means, what fixed it and what did not."
        ),
        slug=slug,
        published=min(plan.known.entry.first_seen or plan.known.updated for plan in members),
        updated=max(plan.known.updated for plan in members),
        category=category,
        tags=(str(entry.provider), str(entry.status)),
        more={"related_errors": [plan.outline.title for plan in members]},
    )
    lines = [] if not target.heading else [f"# {escape.inline(facts.title)}", ""]
    lines += [
        f"{escape.inline(name)} comes with {len(members)} messages. Each is an error of its own,"
        " with causes and fixes of its own.",
        "",
        "| Message | Threads | Projects | Last reported | Solution |",
        "| --- | --- | --- | --- | --- |",
        *(_row(plan, slugs, options) for plan in members),
        "",
    ]
    for plan in members:
        lines += _member(plan, slugs, options)
    body = "\n".join(lines).rstrip("\n")
    front = front_matter(target.front(facts), escape)
    return wrapped(f"---\n{front}\n---\n\n{body}\n", target)


def _link(plan: Plan, slugs: Mapping[str, str], options: Options) -> str:
    escape = escaper(options.target)
    words = escape.inline(message_of(plan.known.entry).rstrip("."), brackets=True)
    return f"[{words}]({options.target.href(slugs[plan.known.entry_id])})"


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
    "cause": "cause named",
    "open": "unresolved",
}


def _member(plan: Plan, slugs: Mapping[str, str], options: Options) -> Iterator[str]:
    """The part about one message."""
    view = View(plan.outline, options.target, markers=False)
    outline = plan.outline
    yield f"## {escaper(options.target).inline(message_of(plan.known.entry).rstrip('.'))}"
    yield ""
    yield view.lead()
    yield ""
    tools = [tool for tool, _ in plan.known.tools[:5]]
    if tools:
        yield f"- Seen in {', '.join(escaper(options.target).inline(t) for t in tools)}"
    for heading, points in (
        ("Why it happens", [cause for cause, _ in outline.causes]),
        ("What to try", outline.tries),
        ("What did not help", outline.failed),
    ):
        if said := view.tail(_maintainers_first(points), MOST_SAID, WIDTH):
            yield f"- {heading}: {said}"
    yield f"- More, with every source: {_link(plan, slugs, options)}"
    yield ""


def _maintainers_first(points: Iterable[Point]) -> list[Point]:
    return sorted(points, key=lambda p: (not p.is_good, p.quote.role != "maintainer"))
