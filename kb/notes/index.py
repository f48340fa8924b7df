"""The pages beside the pages: an index by provider, tool and status, and what stands at an address
whose error was merged into another or is no longer certain enough for a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.notes.escape import escaper
from kb.notes.family import SOLUTIONS, families
from kb.notes.note import document
from kb.notes.targets import Facts
from kb.notes.titles import cut_title
from kb.notes.wording import listed
from kb.signature.title import provider_name
from kb.text import counted, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    return f"- {escaper(options.target).page(name, slug, from_index=True)}"


def _line(plan: Plan, slug: str, options: Options) -> str:
    link = escaper(options.target).page(plan.outline.title, slug, from_index=True)
    threads = counted(plan.known.entry.threads, "thread")
    return f"- {link} ({threads}, {SOLUTIONS[plan.outline.status]})"


def moved_page(plan: Plan, slug: str, to: str, options: Options) -> str:
    """A page at a former address that leads to the new one."""
    title = plan.outline.title
    facts = Facts(
        title=_moved(title),
        description=shorten(f"This error is described together with {title}.", 155),
        slug=slug,
        published=plan.known.entry.first_seen or plan.known.updated,
        updated=plan.known.updated,
        more={"moved_to": to, "entry": plan.known.entry_id, "draft": False},
    )
    body = f"This error is described on {_links([(title, to)], options)}."
    return _stub("Moved", body, facts, options)


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


def lost_page(lost: Lost, pages: Sequence[tuple[str, str]], options: Options) -> str:
    """What stands at an address whose error has no page any more. `pages`: title and address of
    each of `Lost.pages`.
    """
    known, escape = lost.known, escaper(options.target)
    pages = pages[:MOST_LINKS]
    description = "What this page said is no longer certain enough to publish."
    body = "This page was withdrawn: what it said is no longer certain enough to publish."
    if lost.whole:
        description = f"What people say of this error stands under {pages[0][0]}."
        body = f"What people say of this error stands on {_links(pages, options)}."
    if known and known.threads:
        threads = [escape.link(f"{t.repo}#{t.number}", t.url) for t in known.threads[:MOST_LINKS]]
        body += f" It was reported in {listed(threads)}."
        if pages and not lost.whole:
            body += f" What people say there of other errors stands on {_links(pages, options)}."
    facts = Facts(
        title=_moved(pages[0][0]) if lost.whole else "Withdrawn",
        description=shorten(description, 155),
        slug=lost.slug,
        published=(known.entry.first_seen if known else "") or "",
        updated=known.updated if known else "",
        withdrawn=not lost.whole,
        more={
            **({"moved_to": pages[0][1]} if lost.whole else {}),
            **({"entry": known.entry_id} if known else {}),
            "draft": False,
        },
    )
    return _stub("Moved" if lost.whole else "Withdrawn", body, facts, options)


MOST_LINKS = 5


def _moved(title: str) -> str:
    return f"Moved: {cut_title(title, 60 - len('Moved: '))}"


def _links(pages: Sequence[tuple[str, str]], options: Options) -> str:
    """Links to pages of the export by title and address."""
    return listed([escaper(options.target).page(title, slug) for title, slug in pages])


def _stub(heading: str, body: str, facts: Facts, options: Options) -> str:
    target = options.target
    body = f"# {heading}\n\n{body}" if target.heading else body
    return document(target.front_of(facts), body, target)
