"""Jekyll: Liquid runs over a page before Markdown does, also in code; kramdown without its GFM
parser knows fences of tildes only. Former addresses are for the plugin jekyll-redirect-from, which
counts from the site's root: the pages are taken to be the collection `errors` if nothing else is
said.
"""

from kb.notes.targets import Facts, Target, day_of


def _redirects(facts: Facts) -> list[str]:
    base = "/errors" if facts.base is None else facts.base
    return [f"{base}/{slug}.html" for slug in facts.former]


TARGET = Target(
    "jekyll",
    templates=("{{", "{%"),
    fence="~",
    escapes="\\.*_+`<>()[]{}#!:|\"'$=-",
    braces=True,
    fold=None,
    angle_brackets=False,
    href="{}.html".format,
    built="{}.html".format,
    redirects=True,
    front="title description date last_modified_at categories tags redirect_from more updated"
    " published_at updated_at",
    fields={"date": lambda facts: day_of(facts.published), "redirect_from": _redirects},
    hidden={"sitemap": False},
)
