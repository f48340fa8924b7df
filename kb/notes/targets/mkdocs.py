"""MkDocs with Material: Python-Markdown; fences at the margin only; the plugins for macros and
snippets read openers inside code, `--8<--` and `{!` include files of the site's repository.
"""

from kb.notes.targets import Facts, Front, Target, day_of


def _front(facts: Facts) -> Front:
    return {
        "title": facts.title,
        "description": facts.description,
        "tags": list(facts.tags),
        "category": facts.category,
        **facts.more,
        "updated": day_of(facts.updated),
        "published_at": facts.published,
        "updated_at": facts.updated,
        "former_slugs": list(facts.former),
    }


TARGET = Target(
    "mkdocs",
    templates=("{{", "{%", "{#", "{!", "-8<-"),
    nested_fences=False,
    escapes="\\`*_{}[]()>#+-.!",
    braces=True,
    extended=True,
    fold=None,
    heading=True,
    angle_brackets=False,
    script=True,
    front=_front,
    hidden={"search": {"exclude": True}},
)
