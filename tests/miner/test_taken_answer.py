"""Who takes an answer ("Got it, thank you") does not say that it worked: nobody is told so."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from kb.query.mcp import build
from kb.web import application
from tests.support.cli import faultlore
from tests.support.threads import comment, thread

TITLE = "Error: write EPIPE when the pipe is opened"
BODY = "After the update every start ends with\n```\nError: write EPIPE\n```\nWhat can I do?"
FIX = "The cause is that 4.2 closes the pipe twice. You can downgrade to 4.1 until it is mended."
WORKED = ("worked for one", "helped 1", "what helped", "a fix is reported to work", "fix reported")


@pytest.mark.parametrize(
    ("answer", "role", "told"),
    [
        ("Got it. Thank you!", "accepts", "One person took this answer"),
        ("That works, thank you!", "confirms", "Worked for one person"),
    ],
)
def test_taking_an_answer_is_stored_counted_and_worded_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str, role: str, told: str
) -> None:
    lines, path = tmp_path / "threads.jsonl", tmp_path / "kb.db"
    posts = [comment(10, FIX, "kit"), comment(11, answer, "ada", day=3)]
    made = thread(1, TITLE, BODY, posts, state="closed", closed_at="2026-02-03T00:00:00Z")
    lines.write_text(json.dumps(made) + "\n", encoding="utf-8")

    def run(*arguments: str) -> str:
        status, out, err = faultlore(capsys, *arguments, "--db", str(path))
        assert status == 0, err
        return out

    run("import", str(lines))
    run("mine")
    with closing(sqlite3.connect(path)) as db:
        fix = "select role from evidence join claim using (claim_id) where kind <> 'cause'"
        assert [row[0] for row in db.execute(fix)] == [role]
    entry = json.loads(run("query", "Error: write EPIPE", "--json"))["results"][0]
    said = [run("query", "Error: write EPIPE"), run("show", "acme/tool#1")]
    for form in ("note", "page"):
        run("export", "--format", form, "--out", str(tmp_path / form))
        found = [*(tmp_path / form).glob("[!i]*.md")]
        # that somebody took the answer may let no page out
        assert len(found) == 1 or (form, role) == ("page", "accepts")
        said += [path.read_text(encoding="utf-8") for path in found]
    for text in said:
        flat = " ".join(text.split())
        assert told in flat
        assert ("nobody says that it worked" in flat) is (role == "accepts")

    async def ask() -> tuple[Any, list[str]]:
        async with Client(build(path)) as client:
            answered = await client.call_tool("query", {"text": "Error: write EPIPE"})
        client = application(path).client
        pages = [await client.get(f"/entry/{entry['entry_id']}"), await client.get(ASKED)]
        found: Any = answered.structured_content
        return found["results"][0]["fixes"][0], [page.text for page in pages]

    of_agent, pages = asyncio.run(ask())
    for known in (entry["fix"], of_agent):
        counts = [known[name] for name in ("worked_for", "taken_by", "failed_for")]
        assert counts == ([0, 1, 0] if role == "accepts" else [1, 0, 0])
    assert all(told in page for page in pages)
    if role == "accepts":
        everything = " ".join((*said, *pages)).lower()
        assert [words for words in WORKED if words in everything] == []


ASKED = "/ask.md?q=Error%3A+write+EPIPE"
