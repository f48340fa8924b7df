"""What a site has beside its pages, for its folder of static files: a Markdown twin of each page,
structured data, `llms.txt` (llmstxt.org), a feed of new, fixed and returned errors (Atom, RFC
4287), a sitemap (sitemaps.org 0.9), redirects.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from msgspec import structs

from kb.errors import BadInputError
from kb.notes.beside import about
from kb.notes.escape import inline
from kb.notes.formats.page import pages_of
from kb.notes.jsonld import json_ld
from kb.notes.options import Options
from kb.notes.page import Plan
from kb.notes.pageset import PageSet, page_set
from kb.notes.targets import COMMONMARK
from kb.signature.title import provider_name
from kb.text import clean, day

folder = "extras"
needs_addresses = True

MOST_CHARACTERS = 49_000
"""A longer `llms.txt` is split: readers take 50,000."""
MOST_NEWS = 50
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def make(connection: sqlite3.Connection, options: Options) -> dict[str, str]:
    """File name to text.

    Raises `BadInputError` without the site's address: feeds and sitemaps hold whole addresses.
    """
    if not options.site_url:
        raise BadInputError(
            "format extras needs the address of the pages: set site_url under [export] in"
            " faultlore.toml"
        )
    plain = page_set(connection, structs.replace(options, target=COMMONMARK.name, markers=False))
    out = pages_of(connection, plain)
    out.pop("index.md", None)
    pages = replace(plain, options=options)
    for entry_id, plan in pages.plans.items():
        slug = pages.slugs[entry_id]
        out[f"{slug}.jsonld"] = json_ld(plan, options, slug) + "\n"
    out |= llms_files(pages, options.site_url.rstrip("/"))
    out["feed.xml"] = feed(pages, options.site_url.rstrip("/"))
    out["sitemap.xml"] = sitemap(pages, options.site_url.rstrip("/"))
    if moved := redirects(pages):
        out["_redirects"] = moved
    return out


# ---------------------------------------------------------------- feed and sitemap


def news_of(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    """What happened to an error, as far as the threads say when: the time, its entry, `new`,
    `fixed` or `returned`, a title.
    """
    known, title, entry_id = plan.known, plan.outline.title, plan.known.entry_id
    if known.entry.first_seen:
        yield known.entry.first_seen, entry_id, "new", f"New: {title}"
    for release in plan.outline.releases:
        if release.sure or release.seen is not None:
            where = f"{release.repo} {release.version}"
            yield release.quote.created_at, entry_id, "fixed", f"Fixed in {where}: {title}"
    again = [q for s in known.statements for q in s.answers("still_seen")]
    if again:
        last = max(again, key=lambda q: (q.created_at, q.url))
        yield last.created_at, entry_id, "returned", f"Seen again in {last.repo}: {title}"


def feed(pages: PageSet, home: str) -> str:
    """The latest news as an Atom feed, newest first."""
    told = [news for plan in pages.plans.values() for news in news_of(plan)]
    told.sort(key=lambda news: news[:3], reverse=True)
    # an id stands once: of two releases of one day the older is told
    found = list({(day(n[0]), *n[1:3]): n for n in told}.values())[:MOST_NEWS]
    lines = [
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        "<title>Errors: new, fixed, seen again</title>",
        f"<id>{escape(home)}/</id>",
        f"<link href={quoteattr(f'{home}/')}/>",
        f'<link rel="self" href={quoteattr(f"{home}/feed.xml")}/>',
        f"<updated>{found[0][0] if found else '1970-01-01T00:00:00Z'}</updated>",
        "<author><name>faultlore</name></author>",
    ]
    for at, entry_id, what, title in found:
        url = pages.options.address(pages.slugs[entry_id]) or ""
        lines += [
            "<entry>",
            f"<title>{escape(clean(title))}</title>",
            f"<id>{escape(url)}#{what}-{day(at)}</id>",
            f"<link href={quoteattr(url)}/>",
            f"<updated>{at}</updated>",
            f'<category term="{what}"/>',
            f"<summary>{escape(clean(pages.plans[entry_id].description))}</summary>",
            "</entry>",
        ]
    return _HEAD + "\n".join([*lines, "</feed>"]) + "\n"


def sitemap(pages: PageSet, home: str) -> str:
    """Every page with the last change of its evidence: of each error, of families, the index."""
    dated = {pages.slugs[i]: plan.known.updated for i, plan in pages.plans.items()}
    dated |= {slug: about(members)[2] for slug, members in pages.families.items()}
    urls = {pages.options.address(slug) or "": at for slug, at in dated.items()}
    if dated:
        urls[f"{home}/"] = max(dated.values())
    rows = [
        f"<url><loc>{escape(url)}</loc><lastmod>{at}</lastmod></url>"
        for url, at in sorted(urls.items())
    ]
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return _HEAD + "\n".join([head, *rows, "</urlset>"]) + "\n"


def redirects(pages: PageSet) -> str:
    """Lines `FROM TO 301` (Netlify, Cloudflare Pages) for the addresses of merged entries."""
    base, built = pages.options.base or "", pages.options.generator.built
    lines = [
        f"{base}/{built(old)} {base}/{built(pages.slugs[entry_id])} 301\n"
        for entry_id in pages.plans
        for old in pages.former(entry_id)
    ]
    return "".join(sorted(lines))


# ---------------------------------------------------------------- llms.txt


def llms_files(pages: PageSet, home: str) -> dict[str, str]:
    """`llms.txt`; where it would be too long, it lists one file a provider or project instead."""
    groups: dict[str, list[str]] = defaultdict(list)
    for slug, members in pages.families.items():
        title, told, _ = about(members)
        groups[_group(members[0])].append(f"- [{inline(title)}]({home}/{slug}.md): {told}\n")
    for entry_id, plan in pages.plans.items():
        title, told = inline(plan.outline.title), inline(plan.description)
        line = f"- [{title}]({home}/{pages.slugs[entry_id]}.md): {told}\n"
        groups[_group(plan)].append(line)
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
    for first, last, lines in _packed((name, line) for name in names for line in groups[name]):
        file, name = f"llms-{len(out) + 1}.txt", first if first == last else f"{first} to {last}"
        out[file] = f"# Errors: {name}\n\n" + "".join(lines)
        parts.append(f"- [{name}]({home}/{file}): {len(lines)} errors\n")
    return {"llms.txt": f"{head}\n## Lists\n\n" + "".join(parts), **out}


def _packed(named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, list[str]]]:
    """Lines with the names of their groups, in files of at most `MOST_CHARACTERS`: the names of
    the first and the last group of each, and its lines.
    """
    first, last, lines, size = "", "", list[str](), 200
    for name, line in named:
        if lines and size + len(line) > MOST_CHARACTERS:
            yield first, last, lines
            first, lines, size = "", [], 200
        first, last = first or name, name
        lines.append(line)
        size += len(line)
    if lines:
        yield first, last, lines


def _group(plan: Plan) -> str:
    entry = plan.known.entry
    if entry.provider:
        return provider_name(entry.provider)
    return plan.known.repos[0].repo if plan.known.repos else "Other"
