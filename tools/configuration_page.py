"""The page `docs/reference/configuration.md`, made of the table of settings."""

from __future__ import annotations

import msgspec

from kb import settings
from kb.notes.formats import format_names
from kb.notes.targets import target_names

HEAD = """\
# Configuration

`faultlore.toml` in the working folder; `faultlore init` writes one with comments. An option of a
command goes before the setting. Paths count from the file's folder. A mistake is named with its
line, and nothing is done then.

Made of the table in `kb/settings.py` by `make docs`; a test fails when it is out of date.
"""


def page() -> str:
    """The whole page as Markdown."""
    words = {"formats": ", ".join(format_names()), "targets": ", ".join(target_names())}
    parts = [HEAD]
    for keys, table in settings.TABLES.items():
        title = f"`[{keys[0]}]`" if keys else "At the top"
        rows = ["| setting | default | |", "| --- | --- | --- |"]
        defaults = table()
        for name in defaults.__struct_fields__:
            default = getattr(defaults, name)
            if isinstance(default, msgspec.Struct):
                continue
            shown = "" if default is None else f"`{msgspec.json.encode(default).decode()}`"
            about = settings.texts(table)[name].format(**words)
            rows.append(f"| `{name}` | {shown} | {about} |")
        parts.append(f"## {title}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)
