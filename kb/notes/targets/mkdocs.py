"""MkDocs with Material: Python-Markdown; fences at the margin only; the plugins for macros and
snippets read openers inside code, `--8<--` and `{!` include files of the site's repository.
"""

from kb.notes.targets import Target

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
    front="title description tags category more updated published_at updated_at former_slugs",
    hidden={"search": {"exclude": True}},
)
