"""Structured data of a page as JSON-LD (schema.org): a `TechArticle` that cites every quoted post
as a `Comment` or `DiscussionForumPosting`, and its `BreadcrumbList`.

No `FAQPage`: search engines show it for government and health sites only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb import lazy_re as re
from kb.notes.descriptions import menu_title
from kb.notes.escape import safe_url
from kb.redact import redact_all
from kb.text import clean, shorten

if TYPE_CHECKING:
    from kb.notes.options import Options
    from kb.notes.page import Plan

_ACTING = {ord(c): f"\\u{ord(c):04x}" for c in "<>&{}\u2028\u2029"}
MOST_CITATIONS = 30


def json_ld(plan: Plan, options: Options, slug: str) -> str:
    """The data of a page as one line of JSON. Signs that end a script or begin a template are
    written as escapes of JSON.
    """
    entry, url = plan.known.entry, options.address(slug)
    article = {
        "@type": "TechArticle",
        "headline": plan.title,
        "description": plan.description,
        "datePublished": entry.first_seen or plan.known.updated,
        "dateModified": plan.known.updated,
        "url": url,
        "about": {"@type": "Thing", "name": plan.outline.title},
        "citation": list(_citations(plan).values())[:MOST_CITATIONS],
    }
    graph = [{key: value for key, value in article.items() if value not in (None, [])}]
    if url and options.site_url:
        home = {"name": "Errors", "item": options.site_url.rstrip("/") + "/"}
        own = {"name": menu_title(plan.title, plan.outline), "item": url}
        places = enumerate((home, own), start=1)
        steps = [{"@type": "ListItem", "position": n, **place} for n, place in places]
        graph.append({"@type": "BreadcrumbList", "itemListElement": steps})
    return _dumped({"@context": "https://schema.org", "@graph": graph})


def _citations(plan: Plan) -> dict[str, dict[str, Any]]:
    """The quoted posts by address, each with the first words quoted of it."""
    cited: dict[str, dict[str, Any]] = {}
    for point in (*plan.points(), *plan.outline.leads):
        quote = point.quote
        kind = "DiscussionForumPosting" if quote.comment_id is None else "Comment"
        said = {
            "@type": kind,
            "url": safe_url(quote.url),
            "datePublished": quote.created_at,
            "text": shorten(clean(point.passage.text), 300),
        }
        cited.setdefault(quote.url, said)
    return cited


_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def _dumped(value: Any) -> str:
    """JSON whose texts hold no sign that acts in HTML or in a template."""
    made = json.dumps(redact_all(value, clean), ensure_ascii=False)
    return _TEXT.sub(lambda text: text[0].translate(_ACTING), made)


def as_script(data: str) -> str:
    """The data as an HTML element."""
    return f'<script type="application/ld+json">\n{data}\n</script>'
