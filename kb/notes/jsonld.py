"""Structured data of a page as JSON-LD (schema.org): a `TechArticle` that cites every quoted post
as a `Comment` or `DiscussionForumPosting`, and its `BreadcrumbList`.

No `FAQPage`: search engines show it for government and health sites only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb.notes.escape import safe_url
from kb.text import clean, shorten

if TYPE_CHECKING:
    from kb.notes.options import Options
    from kb.notes.page import Plan
    from kb.notes.points import Point

_ACTING = {ord(c): f"\\u{ord(c):04x}" for c in "<>&{}\u2028\u2029"}
MOST_CITATIONS = 30


def json_ld(plan: Plan, options: Options, slug: str) -> str:
    """The data of a page as one line of JSON. Signs that end a script or begin a template are
    written as escapes of JSON.
    """
    entry = plan.known.entry
    url = options.address(slug)
    cited: dict[str, dict[str, Any]] = {}
    for point in plan.points():
        cited.setdefault(point.quote.url, _citation(point))
    article = {
        "@type": "TechArticle",
        "headline": plan.title,
        "description": plan.description,
        "datePublished": entry.first_seen or plan.known.updated,
        "dateModified": plan.known.updated,
        "url": url,
        "about": {"@type": "Thing", "name": plan.outline.title},
        "citation": list(cited.values())[:MOST_CITATIONS],
    }
    graph = [_without_none(article)]
    if url and options.site:
        home = {"name": "Errors", "item": options.site.rstrip("/") + "/"}
        steps = [home, {"name": plan.outline.title, "item": url}]
        graph.append(
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": n, **step}
                    for n, step in enumerate(steps, start=1)
                ],
            }
        )
    return _dumped({"@context": "https://schema.org", "@graph": graph})


def _citation(point: Point) -> dict[str, Any]:
    quote = point.quote
    kind = "Comment" if quote.comment_id is not None else "DiscussionForumPosting"
    return {
        "@type": kind,
        "url": safe_url(quote.url),
        "datePublished": quote.created_at,
        "text": shorten(clean(point.passage.text), 300),
    }


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, [])}


def _dumped(value: Any) -> str:
    """JSON whose texts hold no sign that acts in HTML or in a template."""
    if isinstance(value, dict):
        inside = (f"{json.dumps(key)}: {_dumped(v)}" for key, v in value.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_dumped(v) for v in value) + "]"
    if isinstance(value, str):
        value = clean(value)
    return json.dumps(value, ensure_ascii=False).translate(_ACTING)


def as_script(data: str) -> str:
    """The data as an HTML element."""
    return f'<script type="application/ld+json">\n{data}\n</script>'
