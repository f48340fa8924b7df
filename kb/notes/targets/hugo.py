"""Hugo: shortcodes act inside code, raw HTML is off by default, `date`, `lastmod` and `aliases` in
the front matter.
"""

from kb.notes.targets import Facts, Front, Target, lowered


def _front(facts: Facts) -> Front:
    return {
        "title": facts.title,
        "description": facts.description,
        "date": facts.published,
        "lastmod": facts.updated,
        "slug": facts.slug,
        "categories": [facts.category] if facts.category else [],
        "tags": list(facts.tags),
        # relative to the section, wherever the site puts it
        "aliases": list(facts.former),
        **facts.more,
        "updated": facts.updated[:10],
    }


TARGET = Target(
    "hugo",
    templates=("{{<", "{{%"),
    braces=True,
    fold=None,
    href=lambda slug: f"../{slug}/",
    built=lowered,
    index="_index",
    redirects=True,
    # goldmark leaves comments out, with a warning for each
    markers=False,
    front=_front,
    hidden={"sitemap": {"disable": True}},
)
