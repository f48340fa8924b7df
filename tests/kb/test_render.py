"""Reading answers: plain and coloured say the same, width and NO_COLOR are kept, hostile text does
nothing to a terminal.
"""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import KnowledgeBase
from kb.query.terminal import PLAIN_WIDTH, Part, bar, emit, plain, safe_json, sparkline
from kb.query.terminal_views import answer_view, page_view, results_view, stats_view, trends_view
from kb.text import block, shorten
from tests.support.kb_builder import Filler, Said, filled

ROOT = Path(__file__).resolve().parent.parent.parent
HOSTILE = (
    "Set\x1b]0;owned\x07 it\x1b[2J\x9b31m now\u202egnp.exe\x00\r\nand [bold]again[/bold] :smile:"
    " today"
)
AUTH = "Error: 401 No auth credentials found"
URL = "https://github.com/acme/tool/issues/1#issuecomment-2"


def fill(f: Filler) -> None:
    f.add(
        AUTH,
        title=f"OpenRouter 401 {HOSTILE}",
        grade="A",
        version="3.17.0",
        claims=[
            Said(
                "cause",
                "The gateway drops the header on its way. " * 8,
                "supported",
                0.6,
                backed_by="Same here.",
            ),
            Said("fix", HOSTILE, "confirmed", 0.7),
        ],
    )
    f.add("Error: 401 No cookie auth credentials found", title="cookie")


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return KnowledgeBase(filled(tmp_path_factory.mktemp("render") / "kb.db", fill))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def coloured(
    parts: list[Part], monkeypatch: pytest.MonkeyPatch, columns: int = 60, **environment: str
) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": str(columns), **environment}.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    emit(parts, out)
    return out.getvalue()


def stripped(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def words(text: str) -> list[str]:
    return re.sub(r"[│|]", " ", stripped(text)).split()


def test_plain_and_coloured_say_the_same(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view in (
        answer_view(kb.query(AUTH)),
        answer_view(kb.query("Error: 402 no credit")),
        page_view(kb.show("E00001")),
        # what is drawn has a test of its own
        [part for part in stats_view(kb.stats()) if not part.drawn],
        trends_view(kb.trends()),
        results_view(kb.search("credentials")),
    ):
        text = coloured(view, monkeypatch)
        assert "\x1b[" in text
        assert words(text) == words(plain(view))


def test_an_answer_says_all_that_a_person_needs(kb: KnowledgeBase) -> None:
    text = " ".join(plain(answer_view(kb.query(AUTH))).split())
    for wanted in (
        "OpenRouter 401",
        "Exact: the same message, apart from what varies (numbers, paths, ids)",
        "1 thread in 1 repository",
        "first seen 2026-01-05, last 2026-01-05",
        "version 3.17.0",
        "grade A (a fix is confirmed)",
        "What to try:",
        "Why it happens:",
        "A user in acme/tool#1, 2026-01-07 (seen with 3.17.0). One person agrees.",
        URL,
        "faultlore show E00001",
        "Related:",
        "cookie",
    ):
        assert wanted in text, wanted


def test_all_claims_are_shown_with_how_far_they_hold(tmp_path: Path) -> None:
    def claims(f: Filler) -> None:
        said = [
            Said("fix", "Set the key in the file.", "confirmed", 0.9),
            Said("fix", "It did not help me.", "unverified", 0.4),
            Said("fix", "Run my script.", "unverified", 0.7),
        ]
        f.add(AUTH, claims=said)
        f.db.execute("update claim set published = 0 where confidence < 0.8")
        f.db.execute("update claim set withheld = 'asks or plans' where confidence = 0.7")

    kb = KnowledgeBase(filled(tmp_path / "kb.db", claims))
    text = plain(page_view(kb.show("E00001", every=True), every=True))
    shown, kept = text.split("Kept but not published:\n")
    assert "Confirmed fix, confidence 90%." in shown
    assert "did not help me" not in shown
    assert "Unverified fix, confidence 40%. Not published: not sure enough." in kept
    assert "Unverified fix, confidence 70%. Not published: it asks or plans." in " ".join(
        kept.split()
    )


def test_a_kind_without_a_claim_is_said_to_have_none(kb: KnowledgeBase) -> None:
    page = kb.show("E00002")
    assert "What to try: none is shown" in plain(page_view(page, kind="fix"))
    assert "What to try" not in plain(page_view(page, kind="cause"))
    assert "Why it happens: none is shown" in plain(page_view(page, kind="cause"))


def test_an_answer_without_a_fix_or_cause_leads_to_a_thread(tmp_path: Path) -> None:
    path = filled(tmp_path / "kb.db", lambda f: f.add("Error: 403 kettle is locked"))
    text = plain(answer_view(KnowledgeBase(path).query("Error: 403 kettle is locked")))
    assert "\n  https://github.com/acme/tool/issues/1\n" in text


def test_an_answer_that_is_not_sure_says_so_first(kb: KnowledgeBase) -> None:
    text = plain(answer_view(kb.query("Error: 403 Those credentials expired")))
    assert text.startswith(
        "No entry is surely this error:\n  Error: 403 Those credentials expired\n"
    )
    assert "Worth a look:" in text
    assert "No error was recognised" in plain(answer_view(kb.query("how do I use credentials")))


def test_no_color_and_dumb_terminals_get_no_colours(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = answer_view(kb.query(AUTH))
    # emphasis is no colour: what NO_COLOR forbids are the codes 30 to 49 and 90 to 107
    for code in re.findall(r"\x1b\[([0-9;]*)m", coloured(view, monkeypatch, NO_COLOR="1")):
        assert not any(30 <= int(c or 0) <= 49 or 90 <= int(c or 0) <= 107 for c in code.split(";"))
    assert "\x1b" not in coloured(view, monkeypatch, TERM="dumb")


@pytest.mark.parametrize("columns", [30, 60, 120])
def test_lines_keep_to_the_width_but_addresses_are_whole(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    view = answer_view(kb.query(AUTH))
    for text in (stripped(coloured(view, monkeypatch, columns)), plain(view, columns)):
        lines = text.split("\n")
        assert any(URL in line for line in lines)
        assert [
            line
            for line in lines
            if len(line.rstrip()) > columns and " " in line.strip() and "http" not in line
        ] == []


def test_hostile_text_reaches_no_terminal(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view in (answer_view(kb.query(AUTH)), page_view(kb.show("E00001"))):
        for text in (plain(view), stripped(coloured(view, monkeypatch, 200))):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
            # markup of the library that draws is text like any other
            assert "[bold]again[/bold] :smile: today" in text


def test_json_on_a_terminal_is_harmless_and_exact() -> None:
    document = {"text": HOSTILE + "\u2028\ufeff"}
    text = safe_json(document)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\ufeff]", text)
    assert json.loads(text) == document


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300), most=st.integers(1, 80))
def test_any_text_can_be_cut_and_wrapped(text: str, most: int) -> None:
    line = shorten(text, most)
    assert len(line) <= most
    assert "\n" not in line
    assert len(block(text, most)) <= most
    for style in ("text", "quote", "link"):
        lines = plain(
            [Part(shorten(text) if style == "link" else block(text, 400), style, 2)], 40
        ).split("\n")
        assert words(" ".join(lines)) == words(
            shorten(text) if style == "link" else block(text, 400)
        )


def test_plain_text_has_a_width_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Part("word " * 100)
    out = io.StringIO()
    monkeypatch.delenv("COLUMNS", raising=False)
    emit([long], out)
    assert max(map(len, out.getvalue().split("\n"))) <= PLAIN_WIDTH
    for columns, width in (("40", 40), ("0", PLAIN_WIDTH), ("wide", PLAIN_WIDTH), ("1", 20)):
        monkeypatch.setenv("COLUMNS", columns)
        out = io.StringIO()
        emit([long], out)
        assert max(map(len, out.getvalue().split("\n"))) <= width


def test_on_a_real_terminal_the_command_writes_colours(kb: KnowledgeBase) -> None:
    leader, follower = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    command = [
        sys.executable,
        "-c",
        "from miner.cli import main; main()",
        "query",
        AUTH,
        "--db",
        str(kb.path),
    ]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=follower,
        stderr=subprocess.DEVNULL,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "80"},
    ) as process:
        os.close(follower)
        data = b""
        # a closed terminal is an error of reading on Linux
        try:
            while piece := os.read(leader, 65536):
                data += piece
        except OSError:
            pass
        assert process.wait() == 0
    os.close(leader)
    assert b"\x1b[" in data
    assert b"OpenRouter 401" in data


def test_counts_are_drawn_on_a_terminal_and_written_elsewhere(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view in (stats_view(kb.stats()), trends_view(kb.trends(days=400, windows=12))):
        drawn, written = coloured(view, monkeypatch, 90), plain(view)
        assert re.search("[▁▂▃▄▅▆▇█]", drawn) or "New" in written
        assert re.search(r": \d+ threads? \(\d+ before, \d+ in all\)", written)
        assert not re.search("[▁▂▃▄▅▆▇█]", written)
    assert bar(1_200, 1_200) == "█" * 30
    assert bar(1, 1_200) == "█" + " " * 29


def test_a_terminal_that_knows_ascii_only_gets_no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ascii(Terminal):
        encoding = "ascii"

    monkeypatch.setenv("TERM", "xterm")
    out = Ascii()
    emit([Part("text", drawn=sparkline([1, 2, 3])), Part("name", drawn=bar(4, 4))], out)
    assert out.getvalue().isascii()
    assert "text" in out.getvalue()
    assert "name" in out.getvalue()


def test_a_narrow_terminal_gets_no_bars(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text would stand on the lines below them."""
    shown = coloured(stats_view(kb.stats()), monkeypatch, 40)
    assert not re.search("[▁▂▃▄▅▆▇█]", shown)
    (repo, count), *_ = kb.stats().repos
    assert f"\n  {repo} {count} thread" in stripped(shown)


def test_a_line_of_bars_shows_the_smallest_count_and_none() -> None:
    assert sparkline([0, 1, 500, 1000]) == " ▁▄█"
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "  "


def test_trends_count_the_windows_before(kb: KnowledgeBase) -> None:
    for growth in kb.trends(days=30, windows=12).new:
        assert len(growth.recent) == 12
        assert growth.recent[-2:] == (growth.before, growth.now)
        assert "recent" not in growth.to_dict()
    months = kb.stats().months
    assert len(months) == 24
    assert sum(count for _, count in months) <= kb.stats().threads
