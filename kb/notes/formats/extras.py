"""What a site has beside its pages, for its folder of static files: a Markdown twin of each page,
structured data, `llms.txt` (llmstxt.org), a feed of new, fixed and returned errors (Atom, RFC
4287), a sitemap (sitemaps.org 0.9), redirects.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from kb.errors import BadInputError
from kb.notes.escape import inline
from kb.notes.family import about, families
from kb.notes.formats.page import pages_of, plan_pages
from kb.notes.jsonld import json_ld
from kb.notes.memo import Memo, Stands
from kb.notes.slugs import slugs
from kb.notes.targets import COMMONMARK
from kb.signature.title import provider_name
from kb.text import clean, day

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from kb.notes.options import Options
    from kb.notes.page import Plan

folder = "extras"
needs_addresses = True

MOST_CHARACTERS = 49_000
"""A longer `llms.txt` is split: readers take 50,000."""
MOST_NEWS = 50
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def make_changed(
    connection: sqlite3.Connection, options: Options, memo: Memo
) -> dict[str, str | Stands]:
    """File name to text.

    Raises `BadInputError` without the site's address: feeds and sitemaps hold whole addresses.
    """
    if not options.site:
        raise BadInputError(
            "format extras needs the address of the pages: set site_url under [export] in"
            " faultlore.toml"
        )
    known = slugs(connection)
    plain = replace(options, target=COMMONMARK, markers=False)
    plans, silent = plan_pages(connection, plain)
    out = pages_of(connection, plans, silent, plain, known, memo)
    out.pop("index.md", None)
    for entry_id, plan in plans.items():
        slug = known[entry_id]
        out[name := f"{slug}.jsonld"] = Stands.AS_IT_IS
        # what the page's twin is made of, its data is
        if memo.is_new(name, [memo.inputs[f"{slug}.md"]]):
            out[name] = json_ld(plan, options, slug) + "\n"
    out |= llms_files(plans, known, options.site)
    out["feed.xml"] = feed(plans, known, options)
    out["sitemap.xml"] = sitemap(plans, known, options)
    if moved := redirects(plans, known, options):
        out["_redirects"] = moved
    return out


# ---------------------------------------------------------------- feed and sitemap


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to an error: `new`, `fixed` or `returned`."""

    at: str
    what: str
    entry_id: str
    title: str
    summary: str


def news_of(entry_id: str, plan: Plan) -> Iterator[News]:
    """What happened to an error, as far as the threads say when."""
    known, title = plan.known, plan.outline.title
    if known.entry.first_seen:
        yield News(known.entry.first_seen, "new", entry_id, f"New: {title}", plan.description)
    for release in plan.outline.releases:
        if not release.sure and release.seen is None:
            continue
        where = f"{release.repo} {release.version}"
        at = release.quote.created_at
        yield News(at, "fixed", entry_id, f"Fixed in {where}: {title}", plan.description)
    again = [q for s in known.statements for q in s.answers("still_seen")]
    if again:
        last = max(again, key=lambda q: (q.created_at, q.url))
        head = f"Seen again in {last.repo}: {title}"
        yield News(last.created_at, "returned", entry_id, head, plan.description)


def feed(plans: Mapping[str, Plan], addresses: Mapping[str, str], options: Options) -> str:
    """The latest news as an Atom feed, newest first."""
    found = [news for entry_id, plan in plans.items() for news in news_of(entry_id, plan)]
    found.sort(key=lambda n: (n.at, n.entry_id, n.what), reverse=True)
    # an id stands once: of two releases of one day the older is told
    found = list({(n.entry_id, n.what, day(n.at)): n for n in found}.values())[:MOST_NEWS]
    home = f"{(options.site or '').rstrip('/')}/"
    lines = [
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        "<title>Errors: new, fixed, seen again</title>",
        f"<id>{escape(home)}</id>",
        f"<link href={quoteattr(home)}/>",
        f'<link rel="self" href={quoteattr(home + "feed.xml")}/>',
        f"<updated>{found[0].at if found else '1970-01-01T00:00:00Z'}</updated>",
        "<author><name>faultlore</name></author>",
    ]
    for news in found:
        url = options.address(addresses[news.entry_id]) or ""
        lines += [
            "<entry>",
            f"<title>{escape(clean(news.title))}</title>",
            f"<id>{escape(url)}#{news.what}-{day(news.at)}</id>",
            f"<link href={quoteattr(url)}/>",
            f"<updated>{news.at}</updated>",
            f'<category term="{news.what}"/>',
            f"<summary>{escape(clean(news.summary))}</summary>",
            "</entry>",
        ]
    return _HEAD + "\n".join([*lines, "</feed>"]) + "\n"


def sitemap(plans: Mapping[str, Plan], addresses: Mapping[str, str], options: Options) -> str:
    """Every page with the last change of its evidence: of each error, of families, the index."""
    dated = {addresses[i]: plan.known.updated for i, plan in plans.items()}
    for slug, ids in families(plans).items():
        dated[slug] = max(plans[i].known.updated for i in ids)
    urls = {options.address(slug) or "": at for slug, at in dated.items()}
    if dated:
        urls[f"{(options.site or '').rstrip('/')}/"] = max(dated.values())
    rows = [
        f"<url><loc>{escape(url)}</loc><lastmod>{at}</lastmod></url>"
        for url, at in sorted(urls.items())
    ]
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return _HEAD + "\n".join([head, *rows, "</urlset>"]) + "\n"


def redirects(plans: Mapping[str, Plan], addresses: Mapping[str, str], options: Options) -> str:
    """Lines `FROM TO 301` (Netlify, Cloudflare Pages) for the addresses of merged entries."""
    base, built = options.base or "", options.target.built
    lines = [
        f"{base}/{built(addresses[old])} {base}/{built(addresses[entry_id])} 301"
        for entry_id, plan in plans.items()
        for old in plan.known.aliases
        if old in addresses
    ]
    return "".join(f"{line}\n" for line in sorted(lines))


# ---------------------------------------------------------------- llms.txt


def llms_files(
    plans: Mapping[str, Plan], addresses: Mapping[str, str], site: str
) -> dict[str, str]:
    """`llms.txt`; where it would be too long, it lists one file a provider or project instead."""
    groups: dict[str, list[str]] = defaultdict(list)
    home = site.rstrip("/")
    for slug, ids in families(plans).items():
        title, told, _ = about([plans[i] for i in ids])
        groups[_group(plans[ids[0]])].append(f"- [{inline(title)}]({home}/{slug}.md): {told}\n")
    for entry_id, plan in plans.items():
        groups[_group(plan)].append(_llms_line(plan, f"{home}/{addresses[entry_id]}.md"))
    head = (
        "# Errors\n\n> Errors of AI coding tools and the services behind them: what people"
        " reported as causes and fixes, each with its source.\n"
    )
    names = sorted(groups, key=str.lower)
    whole = head + "".join(f"\n## {name}\n\n" + "".join(groups[name]) for name in names)
    if len(whole) <= MOST_CHARACTERS:
        return {"llms.txt": whole}
    out: dict[str, str] = {}
    parts: list[str] = []
    for name, lines in _packed(groups):
        file = f"llms-{len(out) + 1}.txt"
        out[file] = f"# Errors: {name}\n\n" + "".join(lines)
        parts.append(f"- [{name}]({home}/{file}): {len(lines)} errors\n")
    return {"llms.txt": f"{head}\n## Lists\n\n" + "".join(parts), **out}


def _packed(groups: Mapping[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Groups in files of at most `MOST_CHARACTERS`: large ones split, small ones together."""
    names: list[str] = []
    lines: list[str] = []
    size = 200
    for name in sorted(groups, key=str.lower):
        for line in groups[name]:
            if lines and size + len(line) > MOST_CHARACTERS:
                yield _range(names), lines
                names, lines, size = [], [], 200
            if name not in names:
                names.append(name)
            lines.append(line)
            size += len(line)
    if lines:
        yield _range(names), lines


def _range(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _group(plan: Plan) -> str:
    entry = plan.known.entry
    if entry.provider:
        return provider_name(entry.provider)
    return plan.known.repos[0].repo if plan.known.repos else "Other"


def _llms_line(plan: Plan, url: str) -> str:
    return f"- [{inline(plan.outline.title)}]({url}): {inline(plan.description)}\n"
