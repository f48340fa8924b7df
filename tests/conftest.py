"""Fixtures that more than one test file uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# a busy machine fails no test; one that never ends is stopped by pytest-timeout
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with corpora and labels beside the checkout; tests that use it are marked
    `shared`.
    """
    path = Path(os.environ.get("FAULTLORE_SHARED", ROOT.parent / "shared"))
    if not (path / "corpus").is_dir():
        pytest.skip("the corpora are not beside this checkout")
    return path


@pytest.fixture(scope="session")
def demo_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo threads imported and mined; tests only read it."""
    from kb.store import Store
    from miner.harvest.files import import_files
    from miner.pipeline import mine

    path = tmp_path_factory.mktemp("demo") / "demo.db"
    with Store.open(path) as store:
        import_files(store, sorted((ROOT / "data" / "demo").glob("*.jsonl")))
        mine(store, now="2026-06-30T00:00:00Z", workers=1)
    return path
