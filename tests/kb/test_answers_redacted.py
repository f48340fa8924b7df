"""No planted secret leaves in an answer: not as a title, a form, a quote or what the stance rests
on.
"""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

from kb import KnowledgeBase
from kb.notes.options import Options
from kb.query.terminal_views import answer_view, page_view
from kb.settings import Config
from kb.store import Store
from miner.cluster.suggest import suggest
from miner.harvest.access import HarvestOptions
from miner.harvest.files import import_files
from miner.judge.batch import export_batch
from miner.nightly import notice
from miner.nightly.log import log, set_up, tear_down
from miner.nightly.notice import as_json as report_json
from miner.nightly.notice import as_markdown as report_markdown
from miner.nightly.run import Plan, nightly
from miner.pipeline import mine
from tests.hostile.secrets import planted
from tests.support.threads import comment, thread

SECRETS = [p for p in planted() if len(p.secret) > 8]


def mined(folder: Path) -> Path:
    """Threads whose title, log, cause and fix each hold secrets."""
    lines = []
    for number, start in enumerate(range(0, len(SECRETS), 4), start=1):
        a, b, c, d = (SECRETS[(start + i) % len(SECRETS)].text for i in range(4))
        body = (
            f"### What happened?\n\nIt fails.\n\n```\nError: widget{number} frobnication failed: "
            f"{b}\n```\n"
        )
        said = [
            comment(
                number * 10 + 1,
                f"The cause is that the frobnicator sends the wrong header. {c}",
                "mia",
                "MEMBER",
            ),
            comment(number * 10 + 2, f"Fixed in 1.2.3, update to it. {d}", "mia", "MEMBER", day=3),
            comment(number * 10 + 3, f"1.2.3 works, no more failures. {a}", "ada", day=4),
        ]
        lines.append(json.dumps(thread(number, f"frobnication failed {a}", body, said)))
    (folder / "t.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(folder / "kb.db") as store:
        import_files(store, [folder / "t.jsonl"])
        mine(store, now="2026-06-30T00:00:00Z", workers=1)
    return folder / "kb.db"


def test_no_answer_holds_a_planted_secret(tmp_path: Path) -> None:
    path = mined(tmp_path)
    with KnowledgeBase(path) as kb, Store.open(path) as store:
        entries = list(kb.entries())
        assert sum(entry.threads for entry in entries) >= 40
        said = []
        for entry in entries:
            page = kb.show(entry.entry_id)
            said += [
                json.dumps(page.to_dict(), ensure_ascii=False),
                str(page_view(page)),
                str(page),
            ]
        for number in range(1, len(entries) + 1):
            answer = kb.query(f"Error: widget{number} frobnication failed: {SECRETS[number].text}")
            said += [json.dumps(answer.to_dict(), ensure_ascii=False), str(answer_view(answer))]
        for entry in entries:
            other = entries[0].entry_id
            for told in (kb.explain(entry.entry_id), kb.explain(entry.entry_id, other)):
                said.append(json.dumps(told.to_dict(), ensure_ascii=False))
            said += [str(event) for event in kb.history(entry.entry_id)]
        said += [str(suggestion) for suggestion in suggest(store.connection, limit=500)]
        said += [
            json.dumps(
                [hit.to_dict() for hit in kb.search("frobnication failed")], ensure_ascii=False
            )
        ]
    leaked = [
        p.kind
        for p in SECRETS
        if any(p.secret in text or json.dumps(p.secret)[1:-1] in text for text in said)
    ]
    assert leaked == []


def test_what_was_asked_is_not_repeated_with_its_key(tmp_path: Path) -> None:
    secret = "sk-or-v1-" + "ab12" * 16
    with KnowledgeBase(mined(tmp_path)) as kb:
        asked = kb.query(f"Error: 401 for {secret}")
    assert "401 for" in asked.errors[0].raw
    assert secret not in json.dumps(asked.to_dict())


def test_nothing_that_a_night_writes_holds_a_planted_secret(tmp_path: Path) -> None:
    db, stream = mined(tmp_path), io.StringIO()
    handlers = [set_up(as_json=as_json, stream=stream) for as_json in (False, True)]
    try:
        with Store.open(db) as store:
            plan = Plan(Config(), HarvestOptions(), Options(formats=()), workers=1)
            report = nightly(store, plan)
            export_batch(store, tmp_path / "batch.jsonl", "m", (0.0, 1.0))
        for p in SECRETS:
            report.unread.append(f"acme/tool#1: {p.text}")
            log(logging.WARNING, p.text, text=p.text, by={"name": [p.text]})
    finally:
        for handler in handlers:
            tear_down(handler)
    said = {
        "log": stream.getvalue(),
        "report": report_markdown(report.as_dict()) + report_json(report.as_dict()),
        "notifications": "".join(
            json.dumps(notice.payload(notice.document(report.as_dict()), form))
            for form in ("slack", "discord", "json")
        ),
        "questions": (tmp_path / "batch.jsonl").read_text(encoding="utf-8"),
    }
    assert all(len(text) > 1000 for text in said.values())
    leaked = [
        (sink, p.kind)
        for sink, text in said.items()
        for p in SECRETS
        if p.secret in text or json.dumps(p.secret)[1:-1] in text
    ]
    assert leaked == []
