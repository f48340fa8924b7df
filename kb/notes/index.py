"""The pages beside the pages: an index by provider, tool and status, and what stands at an address
whose error was merged into another or is no longer certain enough for a page.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.notes.document import document
from kb.notes.escape import escaper
from kb.notes.family import SOLUTIONS
from kb.notes.targets import Facts
from kb.notes.titles import cut_title
from kb.notes.wording import listed
from kb.signature.title import provider_name
from kb.text import counted, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.evidence import EntryEvidence
    from kb.notes.page import Plan
    from kb.notes.pageset import PageSet

MOST_LINKS = 5


def index_page(pages: PageSet) -> str:
    """Every page, by provider, else by tool, else by project; those with a status also by it."""
    target, plans = pages.options.target, pages.plans.values()
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
    lines = [
        *(["# Errors", ""] if target.heading else []),
        f"{number} with causes, fixes and sources.",
        "",
    ]
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
    return document(front, "\n".join(lines), target)


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
    known, escape = lost.known, escaper(pages.options.target)
    links = listed([pages.link(entry_id) for entry_id in lost.pages[:MOST_LINKS]])
    told = "What this page said is no longer certain enough to publish."
    body = "This page was withdrawn: what it said is no longer certain enough to publish."
    if lost.whole:
        title = pages.plans[lost.pages[0]].outline.title
        told = f"What people say of this error stands under {title}."
        body = f"What people say of this error stands on {links}."
    if known and known.threads:
        threads = [escape.link(f"{t.repo}#{t.number}", t.url) for t in known.threads[:MOST_LINKS]]
        body += f" It was reported in {listed(threads)}."
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
    target = pages.options.target
    head, more = "Withdrawn", {}
    title = head
    if moved_to is not None:
        head, more = "Moved", {"moved_to": pages.slugs[moved_to]}
        title = f"Moved: {cut_title(pages.plans[moved_to].outline.title, 60 - len('Moved: '))}"
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
    body = f"# {head}\n\n{body}" if target.heading else body
    return document(target.front_of(facts), body, target)
