"""Hugo: shortcodes act inside code, raw HTML is off by default, `date`, `lastmod` and `aliases` in
the front matter.
"""

from kb.notes.targets import Target, lowered

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
    # addresses of aliases are relative to the section, wherever the site puts it
    front="title linkTitle description date lastmod slug categories tags aliases more updated",
    fields={"updated": lambda facts: facts.updated[:10]},
    hidden={"sitemap": {"disable": True}},
)
