"""Fixtures that more than one test file uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from kb.store import Store

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


@pytest.fixture
def learned_table() -> None:
    """What the learned table of pages holds back is held back in this test."""


@pytest.fixture(autouse=True)
def _pages_let_out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it holds back nothing: what it says of a test's few sentences changes with each
    training. The rules stand.
    """
    if "learned_table" not in request.fixturenames:
        from kb.linear import LinearModel
        from kb.notes import worth

        weights = dict.fromkeys(worth.FAULTS, (0.0,))
        model = LinearModel(("held back", "let out"), (1.0,), weights)
        monkeypatch.setattr(worth, "_model", lambda: model)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new database, open for writing: `kb.db` in the test's folder."""
    from kb.store import Store

    with Store.open(tmp_path / "kb.db") as store:
        yield store


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
