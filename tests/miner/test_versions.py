"""What is changed is made again: a stage's version is a hash of what it reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb import signature
from kb.query.knowledge import KnowledgeBase
from kb.store import Store
from miner.harvest.files import import_files
from miner.pipeline import mine
from miner.versions import ROOT, SOURCES, _code, _content, stage_version, version_of
from tests.support.growth import calls
from tests.support.threads import thread
from tests.test_imports import GRAPH

MODULES = {
    "detect": ("miner.detect", "miner.extract.references", "miner.authors.roles"),
    "group": ("miner.cluster.clustering", "miner.cluster.ids"),
    "claims": ("miner.extract.sources", "miner.judge.reading", "miner.judge.questions"),
}
"""The modules by which the pipeline runs each stage."""
DECIDES_NOTHING = {
    *("kb.errors", "kb.schema", "kb.store", "kb.curation", "miner.harvest.objects"),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program that a test may change."""
    folder = tmp_path_factory.mktemp("program")
    for package in ("kb", "miner"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def versions(root: Path) -> dict[str, str]:
    _content.cache_clear()
    return {stage: version_of(root, sources) for stage, sources in SOURCES.items()}


@pytest.fixture(scope="module")
def before(copied: Path) -> dict[str, str]:
    """The versions of the program as it is."""
    return versions(copied)


@pytest.mark.parametrize(
    ("name", "old", "new", "stages"),
    [
        ("kb/rules/placeholders.toml", "", '\n[[rule]]\nname = "x"\n', {"detect", "group"}),
        ("kb/signature/__init__.py", 'VERSION = "v1"', 'VERSION = "v2"', {"detect", "group"}),
        ("kb/errortext/__init__.py", "MAX_LINES = 2000", "MAX_LINES = 1000", {"detect"}),
        ("miner/detect/rank.json", "", "\n", {"detect"}),
        ("miner/extract/weights.json", "", "\n", {"claims"}),
        ("miner/extract/encoder.txt", "", "##x\n", {"claims"}),
        ("miner/extract/stance.py", "APPROVALS = 3", "APPROVALS = 4", {"claims"}),
        ("kb/sentences.py", "MAX_LENGTH = 400", "MAX_LENGTH = 300", {"detect", "claims"}),
        ("kb/weights/match.json", "", "\n", {"group"}),
        ("miner/extract/stance.py", "", "\n# a comment\n", set()),
        ("miner/extract/stance.py", '"""', '"""So. ', set()),
        ("miner/extract/stance.py", "\ndef ", "\n\n\ndef ", set()),
        ("miner/versions.py", "", "\nX = 1\n", set()),
        ("kb/rules/README.md", "", "more\n", set()),
        ("kb/notes/note.py", "", "\nX = 1\n", set()),
    ],
)  # fmt: skip
def test_a_change_changes_the_stages_that_read_it(
    copied: Path, before: dict[str, str], name: str, old: str, new: str, stages: set[str]
) -> None:
    path = copied / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    try:
        after = versions(copied)
    finally:
        path.write_text(text, encoding="utf-8")
    assert {stage for stage in before if before[stage] != after[stage]} == stages


def test_a_version_is_the_same_at_every_start(before: dict[str, str]) -> None:
    """Whatever order sets of texts have."""
    code = "import json, miner.versions as v; print(json.dumps(v.stage_versions()))"
    for seed in "1", "2":
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert json.loads(done.stdout).items() <= before.items()


def test_versions_are_found_without_looking_through_trees(copied: Path) -> None:
    assert calls(lambda: versions(copied)) < 150_000


@pytest.mark.parametrize("text", ["Pours.  # and more", "Pours.\n\n    So.\n    "])
def test_what_is_said_of_code_is_no_part_of_it(text: str) -> None:
    code = 'def pour(tea):\n    """{}"""\n    return {{"a", "b"}} | {{tea, {}}}\n'
    assert _code(code.format(text, 1).encode()) == _code(code.format("Pours.", 1).encode())
    assert _code(code.format(text, 1).encode()) != _code(code.format(text, 2).encode())


@pytest.mark.parametrize("stage", SOURCES)
def test_all_that_a_stage_imports_is_in_its_version(stage: str) -> None:
    read: set[str] = set()
    waiting = list(MODULES[stage])
    while waiting:
        if (module := waiting.pop()) not in read:
            read.add(module)
            waiting += GRAPH[module] - DECIDES_NOTHING
    others = [one for before in SOURCES if before != stage for one in SOURCES[before]]
    sources = SOURCES[stage] if stage != "group" else [*SOURCES[stage], *others]
    for module in read - DECIDES_NOTHING:
        path = f"{module.replace('.', '/')}"
        assert any(
            source in (f"{path}.py", f"{path}/__init__.py") or f"{path}/".startswith(f"{source}/")
            for source in sources
        ), f"{module} is not among the sources of {stage}"


def test_new_rules_are_used_everywhere_after_the_next_run(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raising the version of signatures once left the stored ones behind: every exact lookup
    failed.
    """
    monkeypatch.setattr("miner.versions.ROOT", copied)
    db, lines = tmp_path / "kb.db", tmp_path / "t.jsonl"
    message = "Embedding dimension 1536 does not match collection dimensionality 1024"
    said = {"id": 5, "user": {"login": "mia"}, "author_association": "MEMBER", "body": (
        "The cause is the other model. As a workaround delete the collection and fill it again."
    ), "created_at": "2026-02-02T00:00:00Z"}  # fmt: skip
    body = f"It broke.\n\n```\nValueError: {message}\n```\n"
    lines.write_text(json.dumps(thread(1, "Cannot embed", body, [said])) + "\n", encoding="utf-8")

    def mined() -> tuple[int, int]:
        stage_version.cache_clear()
        _content.cache_clear()
        with Store.open(db) as store:
            report = mine(store, now="2026-03-01T00:00:00Z", workers=1)
        return report.threads, report.claims

    with Store.open(db) as store:
        import_files(store, [lines])
    threads, claims = mined()
    assert threads == 1
    assert claims > 0
    assert mined() == (0, 0)
    change(copied / "miner" / "extract" / "stance.py", "APPROVALS = 3", "APPROVALS = 4")
    assert mined() == (0, claims)
    change(copied / "kb" / "signature" / "__init__.py", 'VERSION = "v1"', 'VERSION = "v2"')
    monkeypatch.setattr("kb.signature.RULES_VERSION", "v2")
    forget()
    assert mined() == (threads, claims)
    with KnowledgeBase(db) as kb:
        assert kb.query(f"ValueError: {message}").results[0].match == "exact"
    monkeypatch.undo()
    stage_version.cache_clear()
    forget()


def forget() -> None:
    """Signatures that were made are not remembered."""
    for remembered in vars(signature).values():
        if hasattr(remembered, "cache_clear"):
            remembered.cache_clear()


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
