"""Pages as HTML, JSON and Markdown. Everything a stranger wrote is escaped by the template engine;
texts were redacted where they were read, and lose what cannot be seen here.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.notes.escape import inline, safe_url
from kb.text import block, clean, counted, day
from kb.web.pages import outcomes

if TYPE_CHECKING:
    from jinja2 import Environment

    from kb.query.results import Entry, KnownClaim
    from kb.web.links import Links
    from kb.web.pages import Page

HERE = Path(__file__).parent
ASSETS = HERE / "static"

_STANCES = {
    "confirmed": "confirmed",
    "stated": "stated by a maintainer",
    "supported": "supported",
    "suspected": "suspected",
    "unverified": "nobody has confirmed it",
    "refuted": "contradicted",
}
_ROLES = {
    "confirms": "It worked or holds",
    "contradicts": "It did not help or is wrong",
    "merged": "A merged change",
    "released": "A release",
    "closes": "The thread was closed with it",
    "code": "The code",
    "thumbs": "Approved with a thumb",
}


@cache
def environment() -> Environment:
    """The template engine, made once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": lambda text: clean(str(text)),
        "cut": lambda text: block(text, 1500),
        "counted": counted,
        "day": day,
        "safe_url": safe_url,
        "stance": lambda stance: _STANCES.get(stance, stance),
        "role": lambda role: _ROLES.get(role, role.capitalize()),
        "outcomes": outcomes,
    }
    return made


def html(page: Page, links: Links) -> str:
    """A page as HTML."""
    page = page.with_twins(links)
    return environment().get_template(page.template).render(page=page, links=links)


def as_json(page: Page) -> str:
    """A page's document; characters that are invisible or change the direction are left as JSON
    escapes.
    """
    return json.dumps(page.document, ensure_ascii=True, indent=2) + "\n"


def markdown(page: Page) -> str:
    """A page as Markdown: what the page says, as a list. An entry's twin is its evidence note,
    which the caller renders.
    """
    lines = [f"# {inline(page.title)}", ""]
    for name, count in [row for _, rows in page.data.get("groups", ()) for row in rows]:
        lines.append(f"- {inline(name)}: {counted(count, 'error')}")
    entries: list[Entry] = [
        *(g.entry for kind in ("new", "rising") for g in page.data.get(kind, ())),
        *page.data.get("answered", ()),
    ]
    if isinstance(listed := page.data.get("entries"), list | tuple):
        entries += listed
    for entry in dict.fromkeys(entries):
        seen = counted(entry.threads, "thread")
        lines.append(f"- {inline(entry.title)} (`{entry.entry_id}`, {seen})")
    for claim in page.data.get("claims", ()):
        lines += _claim(claim)
    return "\n".join([*lines, ""])


def _claim(claim: KnownClaim) -> list[str]:
    source = f"[{claim.repo}\\#{claim.number}]({safe_url(claim.url)})"
    return [f"- {claim.kind}, {claim.stance}: {inline(claim.quote)} ({source}, `{claim.claim_id}`)"]


def asset(name: str) -> tuple[str, str] | None:
    """A stylesheet or script with its media type; None for any other name."""
    types: dict[str, Any] = {
        "style.css": "text/css; charset=utf-8",
        "app.js": "text/javascript; charset=utf-8",
        "search.js": "text/javascript; charset=utf-8",
    }
    if name not in types:
        return None
    return (ASSETS / name).read_text(encoding="utf-8"), types[name]
