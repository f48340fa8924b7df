"""Writes the generated pages of the documentation: `make docs`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools import (
    commands_page,
    configuration_page,
    database_page,
    detection_rules,
    gallery,
    json_schemas,
    signature_rules,
)

ROOT = Path(__file__).resolve().parent.parent
DOCS, README = ROOT / "docs", ROOT / "README.md"


def references() -> dict[str, str]:
    """File below docs/ -> text; all but the gallery, which is mined for."""
    schemas = json_schemas.as_files().items()
    return {
        "reference/commands.md": commands_page.page(),
        "reference/configuration.md": configuration_page.page(),
        "reference/detection-rules.md": detection_rules.page(),
        "reference/signature-rules.md": signature_rules.page(),
        "reference/database.md": database_page.page(),
        "reference/json.md": json_schemas.page(),
        **{f"reference/{json_schemas.FOLDER}/{name}": text for name, text in schemas},
    }


def main() -> None:
    """Writes them all."""
    made = references()
    with tempfile.TemporaryDirectory() as folder:
        database = gallery.demo_database(Path(folder) / "demo.db")
        made |= {f"gallery/{name}": text for name, text in gallery.pages(database).items()}
        text = gallery.readme(README.read_text(encoding="utf-8"), database)
    README.write_text(text, encoding="utf-8")
    for name, text in made.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
