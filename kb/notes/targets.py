"""The site generators that a document can be written for, and what each does with text.

What differs is data: how a comment is written, which template openers act even inside code, whether
tags may stand in the text. The rules are those of the generators' own documentation: Liquid runs
over a Jekyll page before Markdown does, Hugo's shortcodes and the macros plugin of MkDocs likewise;
kramdown without its GFM parser knows fences of tildes only; MDX reads `{`, `<` and leading `import`
as program text.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Target:
    """A site generator.

    `templates`: openers that are read as program text even inside code; `fence`: the sign of its
    fences; `nested_fences`: whether one may stand in a list or a quote; `fold`: tags around a
    folded part (None: it cannot be folded); `heading`: whether the body begins with the title (else
    the site prints that of the front matter); `angle_brackets`: whether its layouts escape what
    they print of the front matter; `moved_key`: the list of former addresses it redirects from.
    """

    name: str
    suffix: str = ".md"
    comment: tuple[str, str] = ("<!-- ", " -->")
    templates: tuple[str, ...] = ()
    fence: str = "`"
    nested_fences: bool = True
    fold: tuple[str, str] | None = ("<details>\n<summary>{}</summary>\n", "\n</details>")
    heading: bool = False
    angle_brackets: bool = True
    typographer: bool = True
    moved_key: str = "former_slugs"


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("commonmark", heading=True, typographer=False),
        Target("astro"),
        Target("mdx", suffix=".mdx", comment=("{/* ", " */}")),
        Target("hugo", templates=("{{<", "{{%"), fold=None, moved_key="aliases"),
        Target(
            "jekyll",
            templates=("{{", "{%"),
            fence="~",
            fold=None,
            angle_brackets=False,
            moved_key="redirect_from",
        ),
        Target(
            "mkdocs",
            templates=("{{", "{%", "{#"),
            nested_fences=False,
            fold=None,
            heading=True,
            angle_brackets=False,
            typographer=False,
        ),
    )
}
COMMONMARK = TARGETS["commonmark"]


def target_named(name: str) -> Target:
    """A target by name.

    Raises `BadInputError` for one that is not known.
    """
    if name not in TARGETS:
        raise BadInputError(f"target {name!r} is not known; known: {', '.join(TARGETS)}")
    return TARGETS[name]
