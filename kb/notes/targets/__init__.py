"""The site generators that a document can be written for, one module each, and what each does with
text.

A module of this package holds one `TARGET`; nothing else has to name it. What differs is data: how
a comment is written, which template openers act even inside code, which signs a backslash takes the
meaning of, how one page links to another, what the front matter is called. The rules are those of
the generators' own documentation.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from kb.errors import BadInputError

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""What a backslash makes plain in CommonMark."""

Front = dict[str, Any]
"""Front matter: texts, numbers, dates, lists and mappings of them. None and empty lists are left
out when it is written."""


class Facts(NamedTuple):
    """What front matter is made of. `label`: the title in a menu, where it is another; `slug` and
    `former` are addresses without a suffix; times are UTC, ISO 8601 with `Z`; `base` is the path of
    the pages on their host, if that is known; `withdrawn`: the page only says that it is; `more`
    are the fields of this program (entry, grade, signature, ...).
    """

    title: str
    description: str
    slug: str
    published: str
    updated: str
    label: str | None = None
    category: str | None = None
    tags: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    base: str | None = None
    json_ld: str | None = None
    withdrawn: bool = False
    more: Mapping[str, Any] = MappingProxyType({})


def day_of(time: str) -> date | None:
    """The date of a time, for front matter that wants one; None for what is none."""
    try:
        return date.fromisoformat(time[:10])
    except ValueError:
        return None


Field = Callable[[Facts], Any]
"""What stands under a name of front matter."""

FIELDS: dict[str, Field] = {
    **{name: attrgetter(name) for name in ("title", "description", "slug", "category")},
    **dict.fromkeys(("linkTitle", "sidebar_label"), attrgetter("label")),
    "tags": lambda facts: list(facts.tags),
    "categories": lambda facts: [facts.category] if facts.category else [],
    **dict.fromkeys(("date", "published_at"), attrgetter("published")),
    **dict.fromkeys(("lastmod", "updated_at"), attrgetter("updated")),
    **dict.fromkeys(
        ("updated", "lastUpdated", "last_modified_at"), lambda facts: day_of(facts.updated)
    ),
    **dict.fromkeys(("former_slugs", "aliases"), lambda facts: list(facts.former)),
}
"""What stands under a name whatever the target."""


def lowered(name: str) -> str:
    """Where a site has a file that writes all addresses in small letters."""
    return f"{name.lower()}/"


@dataclass(frozen=True, slots=True)
class Target:
    """A site generator.

    `templates`: openers that are read as program text even inside code. `fence`: the sign of its
    fences; `nested_fences`: whether quotes and fences may stand in a list. `escapes`: the signs
    that a backslash makes plain (the others become entities). `mdx`: braces, every `<`, and a
    leading `import` are program text. `braces`: braces mean something in running text. `extended`:
    signs that plugins give a meaning to are escaped too. `fold`: the tags around a folded part
    (None: it cannot be folded). `box`: what begins and ends a coloured box, whose text stands at
    the margin (None: a heading instead). `wrap`: what begins and ends the whole body. `heading`:
    whether the body begins with the title (else the site prints that of the front matter).
    `angle_brackets`: whether its layouts escape what they print of the front matter. `backslashes`:
    whether its program does. `href`: from
    the address of a page to a link from its neighbour. `built`: to where the built site has it,
    below the folder's own address. `index`: the name of the page that lists
    the others. `redirects`: whether front matter can name former addresses; where it cannot, a
    page that leads on is written. `markers`: whether comments beside quotes are written unless
    asked for. `script`: whether a `<script>` in the body survives. `front`: the names of its front
    matter in their order, `more` for the fields of this program; `fields`: what stands under a
    name for this target alone. `hidden`: what keeps a page out of search and sitemap.
    """

    name: str
    suffix: str = ".md"
    comment: tuple[str, str] = ("<!-- ", " -->")
    templates: tuple[str, ...] = ()
    fence: str = "`"
    nested_fences: bool = True
    escapes: str = PUNCTUATION
    mdx: bool = False
    braces: bool = False
    extended: bool = False
    fold: tuple[str, str] | None = ("<details>\n<summary>{}</summary>\n", "\n</details>")
    box: tuple[str, str] | None = None
    wrap: tuple[str, str] | None = None
    heading: bool = False
    angle_brackets: bool = True
    backslashes: bool = True
    href: Callable[[str], str] = lambda slug: f"{slug}.md"
    built: Callable[[str], str] = lambda slug: f"{slug}/"
    index: str = "index"
    redirects: bool = False
    markers: bool = True
    script: bool = False
    front: str = "title description category tags more updated published_at updated_at former_slugs"
    fields: Mapping[str, Field] = field(default_factory=dict, hash=False)
    hidden: Mapping[str, Any] = field(default_factory=lambda: {"noindex": True}, hash=False)

    def front_of(self, facts: Facts) -> Front:
        """The front matter of a page."""
        front, make = Front(), {**FIELDS, **self.fields}
        for name in self.front.split():
            front |= facts.more if name == "more" else {name: make[name](facts)}
        if facts.withdrawn or "moved_to" in facts.more:
            front |= self.hidden
        return front | {"withdrawn": True} if facts.withdrawn else front


def target_names() -> list[str]:
    """The names of all targets, `commonmark` first, without loading them."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return ["commonmark", *(name for name in names if name != "commonmark")]


@cache
def target_named(name: str) -> Target:
    """A target by name.

    Raises `BadInputError` for one that is not known.
    """
    if name not in target_names():
        raise BadInputError(f"target {name!r} is not known; known: {', '.join(target_names())}")
    target = import_module(f"{__name__}.{name}").TARGET
    assert isinstance(target, Target)
    return target


COMMONMARK = target_named("commonmark")
