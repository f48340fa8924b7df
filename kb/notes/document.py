"""A document of front matter and body, as a target's generator reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

from kb.notes.escape import Escaper, escaper
from kb.notes.targets import Front, Target


def front_matter(fields: Front, escaper: Escaper) -> str:
    """The lines between `---`, without them, as YAML: texts in double quotes, so that no text of
    a stranger ends it. None, empty texts and empty lists are left out: a
    schema that wants a text takes no `null`.
    """
    lines = []
    for key, value in fields.items():
        if value is None or value == "" or value == [] or value == {}:
            continue
        if isinstance(value, list) and any(isinstance(v, str) and len(v) > 30 for v in value):
            lines += [f"{key}:", *(f"  - {_scalar(v, escaper)}" for v in value)]
        else:
            lines.append(f"{key}: {_scalar(value, escaper)}")
    return "\n".join(lines)


def _scalar(value: Any, escaper: Escaper) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | int):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_scalar(v, escaper) for v in value) + "]"
    if isinstance(value, dict):
        inside = (f"{key}: {_scalar(v, escaper)}" for key, v in value.items() if v is not None)
        return "{" + ", ".join(inside) + "}"
    return escaper.yaml(str(value))


def document(front: Front, body: str, target: Target, title: str = "") -> str:
    """A document of front matter and body. `title`: what the body begins with where the site does
    not print that of the front matter, as Markdown.
    """
    head = f"# {title}\n\n" if title and target.heading else ""
    body = f"{head}{body.rstrip(chr(10))}\n"
    if target.wrap is not None:
        body = f"{target.wrap[0]}\n\n{body}\n{target.wrap[1]}\n"
    return f"---\n{front_matter(front, escaper(target))}\n---\n\n{body}"
