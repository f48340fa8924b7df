"""The gallery of the documentation: the notes and pages of three errors of the demo data, and the
page of the family that two of them belong to, as an export for MkDocs writes them.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from kb import KnowledgeBase, sql
from kb.notes.export import documents, prepare
from kb.notes.options import Options
from kb.notes.slugs import slugs
from kb.store import Store, connect_readonly

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOSEN = {
    "rate-limited": "quietlark/larkroom-desktop#712",
    "no-credentials": "strandgate/ferryline-py#2011",
    "user-not-found": "pennarch/inklet-code#412",
}
"""Name in the gallery -> a thread of the error."""
WHEN = "2026-06-30T00:00:00Z"
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(([\w-]+)\.md(#[\w-]*)?\)")


def demo_database(path: Path) -> Path:
    """The demo threads, mined into a new database."""
    from miner.cli.gather import demo_files
    from miner.harvest.files import import_files
    from miner.pipeline import mine

    with Store.open(path) as store:
        import_files(store, demo_files())
        mine(store, now=WHEN, workers=1)
    return path


def pages(database: Path) -> dict[str, str]:
    """File name -> text. `database`: of the demo; addresses are given in it."""
    options = Options(target="mkdocs")
    with Store.open(database) as store:
        prepare(store, options)
        notes = documents(store.connection, "note", options)
        found = documents(store.connection, "page", options)
        addresses: Mapping[str, str] = slugs(store.connection)
    made = {}
    with KnowledgeBase(database) as kb:
        for name, thread in CHOSEN.items():
            entry_id = kb.resolve(thread)
            made[f"{name}-note.md"] = notes[f"{entry_id}.md"]
            made[f"{name}-page.md"] = found[f"{addresses[entry_id]}.md"]
    made["openrouter-401-page.md"] = found["openrouter-401-errors.md"]
    return {name: _LINK.sub(r"\1", text) for name, text in made.items()}


ASKED = "401 User not found"
BEGIN, END = "<!-- answer begin -->\n", "<!-- answer end -->"
DEMO_BEGIN, DEMO_END = "<!-- demo begin -->\n", "<!-- demo end -->"


def readme(text: str, database: Path) -> str:
    """The README with what the demo says at its end, and the answer that it gives, without the
    related errors.
    """
    from kb.query.terminal import plain
    from kb.query.terminal_views import answer_view
    from miner.cli.gather import ending

    with KnowledgeBase(database) as kb:
        answer = plain(answer_view(kb.query(ASKED))).split("\n\n")[0]
    with closing(connect_readonly(database)) as connection:
        note = Path("demo-out/notes") / f"{sql.value(connection, 'entries.best')}.md"
        written = len(documents(connection, "note"))
    said = ending(Path("demo-out/demo.db"), note, written, 0, "faultlore")
    return _between(_between(text, BEGIN, answer, END), DEMO_BEGIN, said, DEMO_END)


def _between(text: str, begin: str, block: str, end: str) -> str:
    before, rest = text.split(begin, 1)
    return f"{before}{begin}```text\n{block}\n```\n{end}{rest.split(end, 1)[1]}"
