"""Docusaurus 3: Markdown is read as MDX, boxes by directive, tags and `last_update` in the front
matter.
"""

from kb.notes.targets import Facts, Target, day_of


def _last_update(facts: Facts) -> dict[str, object] | None:
    updated = day_of(facts.updated)
    # the key wants a date or an author: without either the build fails
    return {"date": updated} if updated else None


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
    # a title stands in the structured data of the breadcrumbs as it is: `</script>` would end them
    angle_brackets=False,
    # a link to the file: Docusaurus finds out where the page is, and fails the build if it is not
    href=lambda slug: f"./{slug}.mdx",
    front="title sidebar_label description slug tags last_update category published_at updated"
    " updated_at more former_slugs",
    fields={"last_update": _last_update},
    hidden={"unlisted": True},
)
