"""The pages beside the pages: an index by provider, tool and status, and a page that leads on where
an error was merged into another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.notes.escape import escaper
from kb.notes.family import SOLUTIONS, families
from kb.notes.front import front_matter
from kb.notes.note import wrapped
from kb.notes.targets import Facts
from kb.signature.title import provider_name
from kb.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    front = {k: v for k, v in target.front(facts).items() if k != "slug"}
    body = "\n".join(lines).rstrip("\n")
    return wrapped(f"---\n{front_matter(front, escape)}\n---\n\n{body}\n", target)


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
    target = options.target
    escape = escaper(target)
    facts = Facts(
        title=f"Moved: {plan.outline.title}"[:60],
        description=f"This error is described together with {plan.outline.title}."[:155],
        slug=slug,
        published=plan.known.entry.first_seen or plan.known.updated,
        updated=plan.known.updated,
        more={"moved_to": to, "entry": plan.known.entry_id, "draft": False},
    )
    title = escape.inline(plan.outline.title, brackets=True)
    body = f"This error is described on [{title}]({target.href(to)})."
    if target.heading:
        body = f"# Moved\n\n{body}"
    front = front_matter(target.front(facts), escape)
    return wrapped(f"---\n{front}\n---\n\n{body}\n", target)
