"""Fixtures that more than one test file uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with corpora and labels beside the checkout; tests that use it are marked `shared`."""
    path = Path(os.environ.get("FAULTLORE_SHARED", ROOT.parent / "shared"))
    if not (path / "corpus").is_dir():
        pytest.skip("the corpora are not beside this checkout")
    return path
