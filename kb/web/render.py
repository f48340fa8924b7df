"""Pages as HTML, JSON and Markdown. Everything a stranger wrote is escaped by the template engine;
texts were redacted where they were read, and lose what cannot be seen here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from kb import lazy_re as re
from kb.history import Event
from kb.notes.escape import inline, safe_url
from kb.query.results import GRADES, STANCES, KnownClaim
from kb.text import block, capital, clean, counted, day, months_to, shorten
from kb.web.pages import KINDS, Links, Page, named

if TYPE_CHECKING:
    from jinja2 import Environment


HERE = Path(__file__).parent
ASSETS = HERE / "static"

_ROLES = {
    "confirms": "It worked or holds",
    "accepts": "It was taken as the answer",
    "contradicts": "It did not help or is wrong",
    "merged": "A merged change",
    "released": "A release",
    "closes": "The thread was closed with it",
    "still_seen": "It is still seen",
}
_EVENTS = {
    "minted": "{this} was made",
    "merged": "{other} became part of {this}",
    "split": "{this} was taken out of {other}",
    "revived": "{this} is seen again",
    "retired": "{this} is no longer seen",
    "titled": "{this} got another title",
    "ignored": "{this} is ignored",
}
_TYPES = {"style.css": "text/css", "app.js": "text/javascript", "search.js": "text/javascript"}
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,300})(?<!`)\1(?!`)")


def quoted(text: str) -> Markup:
    """A quote with what stands between backticks set as code; the rest as it was written."""
    parts, at, plain = Markup(""), 0, clean(text)
    for found in _CODE.finditer(plain):
        parts += escape(plain[at : found.start()]) + Markup("<code>{}</code>").format(found[2])
        at = found.end()
    return parts + escape(plain[at:])


def every_month(months: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The months (`YYYY-MM`, threads) from the first to the last without a gap, at least a year."""
    known = dict(months)
    (first, since), (last, until) = (map(int, end.split("-")) for end in (min(known), max(known)))
    count = 12 * (last - first) + until - since + 1
    names = months_to(max(known), min(max(count, 12), 1_200))
    return [(name, known.get(name, 0)) for name in names]


def happened(event: Event) -> str:
    """What happened to an entry, in words."""
    words = _EVENTS.get(event.action, f"{event.action} {{this}}")
    return words.format(this=event.entry_id, other=event.other_id or "another")


def about(claim: KnownClaim) -> Markup:
    """Who said it where and how it went for others, as its note says it, with a link to it."""
    place = f"{claim.repo}#{claim.number}"
    link = Markup('<a href="{}" rel="noreferrer nofollow ugc">{}</a>')
    before, found, behind = clean(claim.about).partition(place)
    return escape(before) + link.format(safe_url(claim.url), found) + escape(behind)


@cache
def environment() -> Environment:
    """The template engine, made once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(disabled_extensions=("md",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": lambda text: clean(str(text)),
        "short": shorten,
        "inline": inline,
        "every_month": every_month,
        "cut": lambda text: block(text, 1500),
        "counted": counted,
        "day": day,
        "safe_url": safe_url,
        "stance": lambda stance: STANCES.get(stance, (stance,))[0],
        "role": lambda role: _ROLES.get(role, role.capitalize()),
        "quoted": quoted,
        "named": lambda name, kind: named(kind, name),
        "kind": lambda kind: KINDS[kind],
        "grade": lambda grade: GRADES.get(grade, grade),
        "badge": lambda grade: {"A": "fix confirmed", "B": "supported answer"}.get(grade, ""),
        "capital": capital,
        "happened": happened,
        "about": about,
    }
    return made


def html(page: Page, links: Links) -> str:
    """A page as HTML."""
    twins = {form: links.twin(page.address, form) for form in ("json", "md") if page.address}
    return environment().get_template(page.template).render(page=page, links=links, twins=twins)


def as_json(page: Page) -> str:
    """A page's document; characters that are invisible or change the direction are left as JSON
    escapes.
    """
    return json.dumps(page.document, ensure_ascii=True, indent=2) + "\n"


def markdown(page: Page) -> str:
    """A page as Markdown. An entry's twin is its evidence note, which the caller renders."""
    return environment().get_template("page.md").render(page=page)


def asset(name: str) -> tuple[str, str] | None:
    """A stylesheet or script with its media type; None for any other name."""
    kind = _TYPES.get(name)
    return ((ASSETS / name).read_text(encoding="utf-8"), f"{kind}; charset=utf-8") if kind else None
