"""The commands of the documentation: every one is known with its options, and those that a page
shows after a `$` are run, page by page, on the demo data or a GitHub on loopback.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from miner.cli import app
from tests.support.cli import run
from tests.support.github_server import GitHubServer
from tests.support.nightly_runs import threads

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GENERATED = {"commands.md"}
PAGES = [ROOT / "README.md", *(p for p in sorted(DOCS.rglob("*.md")) if p.name not in GENERATED)]
TUTORIAL = DOCS / "tutorial" / "first-page.md"


def shown(page: Path) -> list[str]:
    """The commands after a `$`."""
    blocks = re.findall(
        r"^ *```console\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.S | re.M
    )
    lines = [line.strip() for block in blocks for line in block.split("\n")]
    return [line[2:] for line in lines if line.startswith("$ ")]


def named(page: Path) -> list[list[str]]:
    """The words of every command of the program that a page names, in blocks and in sentences."""
    text = page.read_text(encoding="utf-8")
    code = re.findall(r"`(faultlore [^`\n]+)`", text)
    for block in re.findall(r"^ *```(?:sh|console)\n(.*?)^ *```", text, re.S | re.M):
        for line in block.split("\n"):
            code += re.findall(r"\bfaultlore (?!faultlore)[^|;&#<>]+", line.split(" #")[0])
    found = []
    for command in code:
        try:
            found.append(shlex.split(command))
        except ValueError:
            found.append(command.split())
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_known_with_its_options(page: Path) -> None:
    program: Any = typer.main.get_command(app)
    for words in named(page):
        command, rest = program, words[1:]
        while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
            if re.fullmatch(r"[A-Z.]+|\.\.\.", rest[0]):
                break  # a placeholder
            found = command.get_command(None, rest[0])
            assert found is not None, f"{page.name}: {' '.join(words)}"
            command, rest = found, rest[1:]
        options = {
            "-h",
            "--help",
            *(o for p in command.params for o in (*p.opts, *p.secondary_opts)),
        }
        if command is program:
            options |= {"--install-completion", "--show-completion"}
        for word in rest:
            if word == "--":
                break
            if word.startswith("--"):
                assert word.split("=")[0] in options, f"{page.name}: {' '.join(words)}"


@pytest.fixture
def folder(demo_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the demo data as its knowledge base, a log and a small site."""
    shutil.copy(demo_db, tmp_path / "kb.db")
    (tmp_path / "demo-out").mkdir()
    shutil.copy(demo_db, tmp_path / "demo-out" / "demo.db")
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "app.log").write_text("starting\nError: 401 No auth credentials found\n")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page.md").write_text(
        "---\ntitle: No auth credentials found\nerror_signature: no auth credentials found\n---\n"
        "## Sources checked\n\n- <https://github.com/strandgate/ferryline-py/issues/2011>\n"
        "- <https://github.com/pennarch/inklet-code/issues/412>\n"
    )
    for name in ("FAULTLORE_DB", "GITHUB_STEP_SUMMARY", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_NotARealTokenButOneThatMustNotShow3")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def github() -> Iterator[GitHubServer]:
    with GitHubServer(threads(150)) as server:
        yield server


def done(command: str) -> tuple[int, str]:
    """Runs a command here where it is one of the program, else in a shell."""
    if re.search(r"[|<>&$*]", command) or not command.startswith("faultlore "):
        shell = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, timeout=120, check=False
        )
        return shell.returncode, shell.stdout + shell.stderr
    return run(shlex.split(command)[1:]), ""


RUN = [page for page in PAGES if page != TUTORIAL and shown(page)]


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_they_say(
    page: Path, folder: Path, github: GitHubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "faultlore.toml").write_text(
        '[harvest]\nsince = "2026-01-01"\nmax_issues = 5\nrepos = ["lantern/cli"]\n'
        f'api_url = "{github.url}"\n'
        '[export]\nsite_url = "https://example.com/errors"\n'
    )
    os.environ["FAULTLORE_TRUST_API_URL"] = "127.0.0.1"
    for line in shown(page):
        if line.startswith(("make ", "faultlore init", "faultlore nightly --report")):
            continue  # they have tests of their own
        command, _, remark = line.partition("  #")
        wanted = re.search(r"exit status (\d)", remark)
        status, output = done(command.strip())
        said = capsys.readouterr()
        allowed = {int(wanted[1])} if wanted else _ALLOWED.get(command.split()[1], {0})
        assert status in allowed, f"{line}\n{output}{said.out[-400:]}{said.err[-400:]}"


_ALLOWED = {"docs": {0, 1}, "review": {0, 1}, "curate": {0, 1}}
"""An audit exits with 1 where it finds something; there may be nothing to review or suggest."""


def test_the_tutorial_leads_to_a_page(
    folder: Path, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", github.url)
    monkeypatch.setattr("miner.workers.os.cpu_count", lambda: 1)  # workers have tests of their own
    (folder / "kb.db").unlink()
    commands = shown(TUTORIAL)
    assert len(commands) >= 12
    # the made-up tracker is older than 180 days
    commands.insert(2, 'sed -i \'s/"180d"/"2025-01-01"/\' faultlore.toml')
    for line in commands:
        command, _, place = line.replace("OWNER/REPO", "lantern/cli").partition(" && cd ")
        status, output = done(command)
        assert status in _ALLOWED.get(command.split()[1], {0}), f"{line}\n{output}"
        if place:
            monkeypatch.chdir(place)
    site = folder / "errors" / "site" / "errors"
    assert len(list(site.rglob("index.html"))) > 1  # the list of errors, and pages
    assert "New errors" in (folder / "errors" / "report.md").read_text()


SNIPPETS = [
    page
    for page in PAGES
    if "```python" in page.read_text(encoding="utf-8") and page.name != "ask-agent.md"
]
"""Pages with programs; that of agents needs a server, and has a test beside it."""


@pytest.mark.parametrize("page", SNIPPETS, ids=lambda page: page.name)
def test_a_program_of_a_page_runs(page: Path) -> None:
    for block in re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M
    ):
        exec(compile(block, str(page), "exec"), {})
