"""Writes the generated pages of the documentation: `make docs`."""

from __future__ import annotations

from pathlib import Path

from kb import settings
from kb.errortext import reference as detection_rules
from kb.signature import reference as signature_rules
from miner.cli import reference as commands
from tools import database_page, gallery, json_schemas

DOCS = Path(__file__).resolve().parent.parent / "docs"


def references() -> dict[str, str]:
    """File below docs/ -> text; all but the gallery, which is mined for."""
    schemas = json_schemas.as_files().items()
    return {
        "reference/commands.md": commands.reference(),
        "reference/configuration.md": settings.reference(),
        "reference/detection-rules.md": detection_rules.reference(),
        "reference/signature-rules.md": signature_rules.reference(),
        "reference/database.md": database_page.page(),
        "reference/json.md": json_schemas.page(),
        **{f"reference/schemas/{name}": text for name, text in schemas},
    }


def main() -> None:
    """Writes them all."""
    made = references() | {f"gallery/{name}": text for name, text in gallery.new_pages().items()}
    for name, text in made.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
