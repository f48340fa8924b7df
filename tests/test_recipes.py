"""Adding a source, a format or a site target is adding one module: toys are found by their names,
in commands, in the configuration, and in the nightly run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kb.notes.formats
import kb.notes.targets
import miner.harvest
from kb.notes.formats import format_named, format_names
from kb.notes.targets import target_named, target_names
from miner.harvest.sources import source_names
from tests.support.cli import faultlore

SOURCE = '''
"""Threads of a list that people keep in a text file: `NUMBER TITLE` a line."""

from miner.harvest.sources import Document, store_threads


def bring(store, arguments, advance):
    return store_threads(store, documents(arguments[0]))


def documents(path):
    for line, text in enumerate(open(path, encoding="utf-8"), start=1):
        number, title = text.strip().split(" ", 1)
        at = "2026-01-01T00:00:00Z"
        issue = {"number": int(number), "title": title, "created_at": at, "updated_at": at}
        yield Document(path, line, {"repo": "acme/toy", "issue": issue})
'''
FORMAT = '''
"""A list of all entries."""

from kb.notes.options import entries_for

folder = "toys"
needs_addresses = False


def make(connection, options):
    entries = entries_for(connection, options)
    return {"list.txt": "".join(f"{entry.entry_id}\\n" for entry in entries)}
'''
TARGET = '''
"""A generator that reads `%%` as program text."""

from kb.notes.targets import Target

TARGET = Target("toysite", templates=("%%",), suffix=".toy")
'''


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a module of each kind, which is part of each package."""
    packages = {miner.harvest: ("toylines", SOURCE), kb.notes.formats: ("toylist", FORMAT)}
    packages[kb.notes.targets] = ("toysite", TARGET)
    for package, (name, text) in packages.items():
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAULTLORE_DB", raising=False)
    yield tmp_path
    for package, (name, _) in packages.items():
        sys.modules.pop(f"{package.__name__}.{name}", None)
    format_named.cache_clear()
    target_named.cache_clear()


def test_a_toy_source_brings_threads(toys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert source_names() == ["files", "gharchive", "parquet", "toylines"]
    (toys / "list.txt").write_text("7 The lamp does not light\\n8 Smoke\\n".replace("\\n", "\n"))
    status, _, err = faultlore(capsys, "import", "--source", "toylines", "list.txt")
    assert (status, err.split(",")[0]) == (0, "2 new threads")
    _, _, err = faultlore(capsys, "import", "--source", "gitlab", "list.txt")
    assert "there are: files, gharchive, parquet, toylines" in err


def test_a_toy_format_is_exported_and_may_be_configured(
    toys: Path, demo_db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "toylist" in format_names()
    status, _, err = faultlore(
        capsys, "export", "--format", "toylist", "--out", "made", "--db", str(demo_db)
    )
    assert (status, err.split(",")[0]) == (0, "1 written")
    assert len((toys / "made" / "list.txt").read_text().split()) > 10
    from kb.config import find_config

    Path("faultlore.toml").write_text('[export]\nformats = ["toylist"]\ntarget = "toysite"\n')
    assert find_config().export.formats == ("toylist",)


def test_a_toy_target_is_written_for(
    toys: Path, demo_db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "toysite" in target_names()
    status, _, _ = faultlore(
        capsys, "export", "--target", "toysite", "--out", "made", "--db", str(demo_db)
    )
    assert status == 0
    assert len(list((toys / "made").glob("*.toy"))) > 10
