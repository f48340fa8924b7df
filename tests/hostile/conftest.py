"""What the tests of hostile threads share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.notes import pageset, worth


@pytest.fixture(scope="module")
def every_page() -> Iterator[None]:
    """Every entry has a page, also one whose title or fix looks cut off, or names nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (pageset, worth):
            patch.setattr(module, "why_no_page", lambda outline: None)
        yield
