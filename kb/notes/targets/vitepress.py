"""VitePress: Markdown becomes a Vue template, so the whole body is marked as text (`v-pre`).
`<!--@include: FILE-->` acts before Markdown is read, within code too, `<<< FILE` at the start of a
line: both include files of the site.
"""

from kb.notes.targets import PUNCTUATION, Facts, Target


def _head(facts: Facts) -> list[list[object]]:
    return [["script", {"type": "application/ld+json"}, facts.json_ld]] if facts.json_ld else []


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
    built="{}.html".format,
    front="title description lastUpdated head category tags published_at updated updated_at more"
    " former_slugs",
    fields={"head": _head},
    hidden={"search": False},
)
