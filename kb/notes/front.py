"""Front matter as YAML: texts in double quotes, so that no text of a stranger ends it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.notes.escape import Escaper


def front_matter(fields: Mapping[str, Any], escaper: Escaper) -> str:
    """The lines between `---`, without them. None, empty texts and empty lists are left out: a
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
