"""Progress: bars with totals and the time left on a terminal, and nothing of them anywhere else."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from miner.cli.bars import RunBars
from miner.cli.gather import _print_report
from miner.harvest.progress import RepoReport
from tests.support.cli import Patch, in_terminal, piped, uncoloured
from tests.support.threads import comment, thread


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def threads(tmp_path: Path) -> Path:
    path = tmp_path / "threads.jsonl"
    made = [
        thread(
            number,
            f"Error: cannot open file number {number}",
            "Error: ENOSPC: no space left on device",
            repo="acme/tool",
            comments=[comment(number * 10, "Delete the cache folder, that fixed it for me.")],
        )
        for number in range(1, 7)
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in made), encoding="utf-8")
    return path


def test_mining_shows_its_stages_with_totals_on_a_terminal(threads: Path, tmp_path: Path) -> None:
    db = str(tmp_path / "kb.db")
    assert in_terminal("import", str(threads), "--db", db)[0] == 0
    status, out, err = in_terminal("mine", "--db", db, "--workers", "1")
    assert status == 0
    assert out == ""
    shown = uncoloured(err)
    for part in ("finding errors", "grouping errors", "reading causes", "counting", " of 6"):
        assert part in shown
    assert "0:00:0" in shown
    assert shown.rstrip().endswith("0 split")


def test_elsewhere_only_the_counts_are_written(threads: Path, tmp_path: Path) -> None:
    db = str(tmp_path / "kb.db")
    for command in (("import", str(threads)), ("mine", "--workers", "1")):
        done = piped(*command, "--db", db)
        assert done.returncode == 0
        assert done.stdout == b""
        assert done.stderr.count(b"\n") == 1
        assert b"\x1b" not in done.stderr
    status, _, err = in_terminal("mine", "--db", db, TERM="dumb")
    assert status == 0
    assert "finding" not in err


def test_what_draws_bars_is_loaded_for_a_terminal_only(threads: Path, tmp_path: Path) -> None:
    db = str(tmp_path / "kb.db")
    code = "import sys; from miner.cli import run; run(sys.argv[1:]); print('rich' in sys.modules)"
    for command in (("import", str(threads)), ("mine", "--workers", "1")):
        arguments = [sys.executable, "-c", code, *command, "--db", db]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout == "False\n"


def harvested(bars: RunBars) -> None:
    with bars:
        bars.repo_started("acme/[red]one")
        bars.page("acme/[red]one", "issues", 100, 2, 4_900, 300)
        bars.repo_done(RepoReport("acme/[red]one", complete=True))
        bars.repo_started("acme/two")
        bars.page("acme/two", "comments", 1_200, 14, 4_880, 5_300)


def test_a_harvest_shows_repositories_and_about_how_much_there_is(monkeypatch: Patch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys, "stderr", Terminal())
    harvested(RunBars(3))
    shown = " ".join(uncoloured(sys.stderr.getvalue()).split())
    assert "acme/[red]one: 0 new and 0 changed threads" in shown
    assert "1 of 3" in shown
    assert "acme/two: comments, 4,880 requests left" in shown
    assert "1,200 of 5,300" in shown


def test_on_a_narrow_terminal_words_are_cut_and_no_number(monkeypatch: Patch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with RunBars(2) as bars:
        bars.repo_started("acme/a-tool-with-a-long-name")
        bars.page("acme/a-tool-with-a-long-name", "issues", 1_200, 14, 4_880, 5_300)
        bars._live.refresh()
    shown = uncoloured(sys.stderr.getvalue())
    assert "acme/a-tool-with… 1,200 of 5,300 -:--:--" in shown


def test_a_harvest_elsewhere_is_a_line_a_repository(monkeypatch: Patch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    harvested(RunBars(3))
    assert sys.stderr.getvalue().count("\n") == 1


REPORT = (
    "# Run 7: done\n\n- **It \\*fails\\***: 2 threads\n\n| a | b |\n| --- | ---: |\n| x | 1 |\n"
)


def test_a_report_is_rendered_on_a_terminal_only(monkeypatch: Patch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    _print_report(REPORT)
    shown = uncoloured(sys.stdout.getvalue())
    assert "Run 7: done" in shown
    assert "It *fails*" in shown
    assert "# Run" not in shown
    assert "| ---" not in shown
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    _print_report(REPORT)
    assert sys.stdout.getvalue() == REPORT
