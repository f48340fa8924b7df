"""MDX 3: `{`, `<` and leading `import` are program text; comments are `{/* */}`."""

from kb.notes.targets import Target

TARGET = Target(
    "mdx",
    suffix=".mdx",
    comment=("{/* ", " */}"),
    mdx=True,
    braces=True,
    href=lambda slug: f"../{slug}/",
)
