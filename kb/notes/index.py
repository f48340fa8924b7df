"""The pages beside the pages: an index by provider, tool and status, and what stands at an address
whose error was merged into another or is no longer certain enough for a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.escape import escaper
from kb.notes.family import SOLUTIONS, families
from kb.notes.note import document
from kb.notes.targets import Facts
from kb.notes.wording import listed
from kb.signature.title import provider_name
from kb.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.evidence import EntryEvidence
    from kb.notes.options import Options
    from kb.notes.page import Plan


def index_page(plans: Mapping[str, Plan], slugs: Mapping[str, str], options: Options) -> str:
    """Every page, by provider, else by tool, else by project; those with a status also by it."""
    target = options.target
    escape = escaper(target)
    family_lines: dict[str, list[str]] = {}
    for slug, ids in families(plans).items():
        member = plans[ids[0]]
        provider = provider_name(member.known.entry.provider or "")
        family_lines.setdefault(provider, []).append(_family_line(slug, member, options))
    groups: dict[str, dict[str, list[str]]] = {"By provider": {}, "By tool": {}, "By status": {}}
    for entry_id in plans:
        plan = plans[entry_id]
        entry = plan.known.entry
        by_provider, by_tool, by_status = groups.values()
        if entry.provider:
            by_provider.setdefault(provider_name(entry.provider), []).append(entry_id)
        for place in plan.known.repos[:3]:
            by_tool.setdefault(place.repo, []).append(entry_id)
        if entry.status:
            by_status.setdefault(f"HTTP {entry.status}", []).append(entry_id)
    lines = [f"{counted(len(plans), 'error')} with causes, fixes and sources.", ""]
    if target.heading:
        lines = ["# Errors", "", *lines]
    for heading, found in groups.items():
        if not found:
            continue
        lines += [f"## {heading}", ""]
        for name in sorted(found, key=str.lower):
            lines += [f"### {escape.inline(name)}", ""]
            lines += family_lines.get(name, []) if heading == "By provider" else []
            ranked = sorted(found[name], key=lambda i: (-plans[i].known.entry.threads, i))
            lines += [_line(plans[i], slugs[i], options) for i in ranked] + [""]
    newest = max(plan.known.updated for plan in plans.values())
    oldest = min(plan.known.entry.first_seen or newest for plan in plans.values())
    facts = Facts(
        title="Errors",
        description=f"{counted(len(plans), 'error')} by provider, tool and status.",
        slug="",
        published=oldest,
        updated=newest,
    )
    front = {k: v for k, v in target.front_of(facts).items() if k != "slug"}
    return document(front, "\n".join(lines), target)


def _family_line(slug: str, member: Plan, options: Options) -> str:
    entry = member.known.entry
    name = f"{provider_name(entry.provider or '')} {entry.status}: which message means what"
    title = escaper(options.target).inline(name, brackets=True)
    return f"- [{title}]({options.target.href(slug).removeprefix('../')})"


def _line(plan: Plan, slug: str, options: Options) -> str:
    target = options.target
    # an index stands one level above the pages where each has a folder
    href = target.href(slug)
    if href.startswith("../"):
        href = href.removeprefix("../")
    title = escaper(target).inline(plan.outline.title, brackets=True)
    threads = counted(plan.known.entry.threads, "thread")
    return f"- [{title}]({href}) ({threads}, {SOLUTIONS[plan.outline.status]})"


def moved_page(plan: Plan, slug: str, to: str, options: Options) -> str:
    """A page at a former address that leads to the new one."""
    title = escaper(options.target).inline(plan.outline.title, brackets=True)
    facts = Facts(
        title=f"Moved: {plan.outline.title}"[:60],
        description=f"This error is described together with {plan.outline.title}."[:155],
        slug=slug,
        published=plan.known.entry.first_seen or plan.known.updated,
        updated=plan.known.updated,
        more={"moved_to": to, "entry": plan.known.entry_id, "draft": False},
    )
    body = f"This error is described on [{title}]({options.target.href(to)})."
    return _stub("Moved", body, facts, options)


def withdrawn_page(slug: str, known: EntryEvidence | None, options: Options) -> str:
    """A page at the address of one that no longer has enough to stand on; `known`: what is left of
    its error.
    """
    escape = escaper(options.target)
    entry = known.entry if known else None
    facts = Facts(
        title="Withdrawn",
        description="What this page said is no longer certain enough to publish.",
        slug=slug,
        published=(entry.first_seen if entry else "") or "",
        updated=known.updated if known else "",
        withdrawn=True,
        more={"entry": entry.entry_id, "draft": False} if entry else {"draft": False},
    )
    body = "This page was withdrawn: what it said is no longer certain enough to publish."
    if known:
        threads = known.threads[:MOST_THREADS]
        links = [escape.link(f"{t.repo}#{t.number}", t.url) for t in threads]
        body += f" The error was reported in {listed(links)}."
    return _stub("Withdrawn", body, facts, options)


MOST_THREADS = 5


def _stub(heading: str, body: str, facts: Facts, options: Options) -> str:
    target = options.target
    body = f"# {heading}\n\n{body}" if target.heading else body
    return document(target.front_of(facts), body, target)
