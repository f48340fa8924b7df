"""What is changed is made again: a stage's version is a hash of what it reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from miner.versions import ROOT, SOURCES, version_of
from tests.support.threads import thread
from tests.test_imports import GRAPH

MODULES = {
    "detect": ("miner.detect", "miner.extract.references", "miner.authors.duplicates"),
    "group": ("miner.cluster.clustering", "miner.cluster.ids"),
    "claims": ("miner.extract.sources", "miner.judge.reading", "miner.judge.store"),
}
"""The modules by which the pipeline runs each stage."""
DECIDES_NOTHING = {
    *("kb.errors", "kb.schema", "kb.store", "kb.dirty", "kb.curation", "miner.harvest.objects"),
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
    from miner.versions import _content

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
        ("miner/extract/stance.py", "APPROVALS = 3", "APPROVALS = 4", {"claims"}),
        ("kb/sentences.py", "MAX_LENGTH = 400", "MAX_LENGTH = 300", {"detect", "claims"}),
        ("kb/weights/match.json", "", "\n", {"group"}),
        ("miner/extract/stance.py", "", "\n# a comment\n", set()),
        ("miner/extract/stance.py", '"""', '"""So. ', set()),
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
            f"{path}.py" == source or f"{path}/".startswith(f"{source}/") for source in sources
        ), f"{module} is not among the sources of {stage}"


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "miner", *arguments],
        env={**os.environ, "PYTHONPATH": str(program)},
        cwd=program,
        capture_output=True,
        text=True,
        check=False,
    )


def mined(program: Path, db: Path) -> dict[str, int]:
    done = run(program, "mine", "--db", str(db), "--workers", "1", "--json")
    assert done.returncode == 0, done.stderr
    return {name: json.loads(done.stdout)[name] for name in ("threads", "claims")}


def test_new_rules_are_used_everywhere_after_the_next_run(copied: Path, tmp_path: Path) -> None:
    """Raising the version of signatures once left the stored ones behind: every exact lookup
    failed.
    """
    db, lines = tmp_path / "kb.db", tmp_path / "t.jsonl"
    message = "Embedding dimension 1536 does not match collection dimensionality 1024"
    said = {"id": 5, "user": {"login": "mia"}, "author_association": "MEMBER", "body": (
        "The cause is the other model. As a workaround delete the collection and fill it again."
    ), "created_at": "2026-02-02T00:00:00Z"}  # fmt: skip
    body = f"It broke.\n\n```\nValueError: {message}\n```\n"
    lines.write_text(json.dumps(thread(1, "Cannot embed", body, [said])) + "\n", encoding="utf-8")
    assert run(copied, "import", str(lines), "--db", str(db)).returncode == 0
    first = mined(copied, db)
    assert first["threads"] == 1
    assert first["claims"] > 0
    assert mined(copied, db) == {"threads": 0, "claims": 0}

    stance = copied / "miner" / "extract" / "stance.py"
    stance.write_text(
        stance.read_text(encoding="utf-8").replace("APPROVALS = 3", "APPROVALS = 4"),
        encoding="utf-8",
    )
    assert mined(copied, db) == {"threads": 0, "claims": first["claims"]}

    signature = copied / "kb" / "signature" / "__init__.py"
    signature.write_text(
        signature.read_text(encoding="utf-8").replace('VERSION = "v1"', 'VERSION = "v2"'),
        encoding="utf-8",
    )
    assert mined(copied, db) == first
    answer = run(copied, "query", f"ValueError: {message}", "--db", str(db), "--json")
    assert json.loads(answer.stdout)["results"][0]["match"] == "exact"
