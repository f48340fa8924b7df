"""The tables of docs/reference/database.md, made of the database's own definition."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

from kb.schema import SCHEMA_VERSION, VIEWS

RELATIONS = {
    "threads": {
        "repo": "`owner/name`",
        "number": "",
        "kind": "`issue`, `pull`, `discussion`",
        "title": "",
        "body": "",
        "state": "`open`, `closed`",
        "state_reason": "`completed`, `not_planned`, ...",
        "author": "null: a deleted account",
        "association": "`OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`, ...",
        "created_at": "",
        "updated_at": "",
        "closed_at": "",
        "merged_at": "of a pull request",
        "url": "",
        "author_type": "`User`, `Bot`, ...",
        "labels": "JSON",
        "gone_at": "when GitHub was found not to have it any more",
    },
    "comments": {
        "repo": "",
        "number": "of its thread",
        "comment_id": "GitHub's; of discussions raised by 2^52",
        "author": "",
        "association": "",
        "created_at": "",
        "updated_at": "",
        "body": "",
        "url": "",
        "via_app": "1: posted through an app",
        "thumbs_up": "how many",
        "thumbs_down": "how many",
        "gone_at": "when GitHub was found not to have it any more",
    },
    "mentions": {
        "repo": "",
        "number": "",
        "comment_id": "null: the thread's own text",
        "field": "`title`, `body`",
        "start": "first character of the span in the stored text",
        "end": "the one after its last",
        "raw": "the text there",
        "signature": "its normal form",
        "entry_id": "null: no entry",
        "is_primary": "1: the thread's main error",
        "fingerprint": "hash of the signature, with the version of the rules",
        "tool": "the repository's tool, or the one that the text names",
        "version": "that the post names",
        "os": "that the post names",
        "model": "that the text names",
        "frames": "stack frames beside it (JSON)",
        "counted": "1: belongs to an entry",
        "confidence": "that it is an error",
    },
    "entries": {
        "entry_id": "lasts",
        "title": "",
        "signature": "",
        "provider": "whose service answered",
        "tool": "",
        "status": "of HTTP",
        "code": "",
        "exception": "",
        "threads": "how many",
        "repos": "how many",
        "reporters": "how many",
        "first_seen": "",
        "last_seen": "",
        "grade": "[`A` to `D`](../explanation/trust.md#grades)",
        "fingerprint": "",
    },
    "claims": {
        "claim_id": "",
        "entry_id": "null: no entry",
        "repo": "",
        "number": "",
        "comment_id": "",
        "field": "",
        "kind": "`cause`, `fix`, `workaround`",
        "quote": "the stored text from `start` to `end`",
        "start": "",
        "end": "",
        "author": "",
        "association": "",
        "created_at": "",
        "url": "of the very post",
        "stance": "[what follows from the answers](../explanation/claims.md#stance)",
        "confidence": "of claims with 0.8 eight in ten are right",
        "author_role": "`maintainer`, `reporter`, `user`",
        "about": "fingerprint of the error that it speaks of; null: the main one",
        "says": "the oldest claim that says the same",
        "published": "1: shown in documents and answers",
        "withheld": "why it is not shown",
    },
    "aliases": {"old_id": "of an entry that was merged away", "entry_id": "which answers for it"},
}
"""What a column holds, where its name does not say it."""

PAGE = Path(__file__).with_name("database.md")


def page() -> str:
    """The whole page as Markdown."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(files("kb").joinpath("schema.sql").read_text(encoding="utf-8"))
    parts = []
    for view, said in RELATIONS.items():
        rows = "".join(
            f"| `{name}` | {said.get(name, '')} |\n" for name in _columns(connection, view)
        )
        parts.append(f"## `{view}`\n\n| column | is |\n| --- | --- |\n{rows}\n")
    return PAGE.read_text(encoding="utf-8").format(
        version=SCHEMA_VERSION, relations="".join(parts), tables=_tables(connection)
    )


def _columns(connection: sqlite3.Connection, name: str) -> list[str]:
    return [row[1] for row in connection.execute(f"pragma table_info('{name}')")]


def _tables(connection: sqlite3.Connection) -> str:
    names = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type in ('table', 'view')"
            " and name not like 'sqlite_%' and name not like '\\_%' escape '\\' order by name"
        )
    ]
    shown = [n for n in names if n not in VIEWS or n == "claim_entry"]
    shadows = ("_data", "_idx", "_content", "_docsize", "_config")
    return "\n".join(
        f"| `{name}` | {', '.join(f'`{c}`' for c in _columns(connection, name))} |"
        for name in shown
        if not name.endswith(shadows)
    )
