"""Jekyll: Liquid runs over a page before Markdown does, also in code; kramdown without its GFM
parser knows fences of tildes only. Former addresses are for the plugin jekyll-redirect-from, which
counts from the site's root: the pages are taken to be the collection `errors` if nothing else is
said.
"""

from kb.notes.targets import Facts, Front, Target, day_of


def _built(slug: str) -> str:
    return f"{slug}.html"


def _front(facts: Facts) -> Front:
    return {
        "title": facts.title,
        "description": facts.description,
        "date": day_of(facts.published),
        "last_modified_at": day_of(facts.updated),
        "categories": [facts.category] if facts.category else [],
        "tags": list(facts.tags),
        "redirect_from": [
            f"{'/errors' if facts.base is None else facts.base}/{_built(slug)}"
            for slug in facts.former
        ],
        **facts.more,
        "updated": day_of(facts.updated),
        "published_at": facts.published,
        "updated_at": facts.updated,
    }


TARGET = Target(
    "jekyll",
    templates=("{{", "{%"),
    fence="~",
    escapes="\\.*_+`<>()[]{}#!:|\"'$=-",
    braces=True,
    fold=None,
    angle_brackets=False,
    href=_built,
    built=_built,
    redirects=True,
    front=_front,
    hidden={"sitemap": False},
)
