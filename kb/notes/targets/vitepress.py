"""VitePress: Markdown becomes a Vue template, so the whole body is marked as text (`v-pre`).
`<!--@include: FILE-->` acts before Markdown is read, within code too, `<<< FILE` at the start of a
line: both include files of the site.
"""

from kb.notes.targets import PUNCTUATION, Facts, Front, Target, day_of


def _front(facts: Facts) -> Front:
    head = [["script", {"type": "application/ld+json"}, facts.json_ld]] if facts.json_ld else []
    return {
        "title": facts.title,
        "description": facts.description,
        "lastUpdated": day_of(facts.updated),
        "head": head,
        "category": facts.category,
        "tags": list(facts.tags),
        "published_at": facts.published,
        "updated": day_of(facts.updated),
        "updated_at": facts.updated,
        **facts.more,
        "former_slugs": list(facts.former),
    }


TARGET = Target(
    "vitepress",
    templates=("@include",),
    escapes=PUNCTUATION.replace("<", ""),
    braces=True,
    # the front matter becomes a text in a script: `</script>` would end it
    angle_brackets=False,
    wrap=("::::: v-pre", ":::::"),
    box=("::: tip {}", ":::"),
    heading=True,
    href=lambda slug: f"./{slug}.md",
    built=lambda slug: f"{slug}.html",
    front=_front,
    hidden={"search": False},
)
