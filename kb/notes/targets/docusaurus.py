"""Docusaurus 3: Markdown is read as MDX, boxes by directive, tags and `last_update` in the front
matter.
"""

from kb.notes.targets import Facts, Front, Target, day_of


def _front(facts: Facts) -> Front:
    updated = day_of(facts.updated)
    # the key wants a date or an author: without either the build fails
    last_update = {"last_update": {"date": updated}} if updated else {}
    return {
        "title": facts.title,
        "description": facts.description,
        "slug": facts.slug,
        "tags": list(facts.tags),
        **last_update,
        "category": facts.category,
        "published_at": facts.published,
        "updated": updated,
        "updated_at": facts.updated,
        **facts.more,
        "former_slugs": list(facts.former),
    }


TARGET = Target(
    "docusaurus",
    suffix=".mdx",
    comment=("{/* ", " */}"),
    mdx=True,
    braces=True,
    box=(":::tip[{}]", ":::"),
    # the front matter becomes program text whose backslashes nobody escapes (stringify-object):
    # `\\\\'` ends a text there, and what follows is run
    backslashes=False,
    # a link to the file: Docusaurus finds out where the page is, and fails the build if it is not
    href=lambda slug: f"./{slug}.mdx",
    front=_front,
    hidden={"unlisted": True},
)
