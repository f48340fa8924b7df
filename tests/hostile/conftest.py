"""What the tests of hostile threads share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def every_page() -> Iterator[None]:
    """Every entry has a page, also one whose title or fix looks cut off, or names nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for place in ("kb.notes.worth", "kb.notes.pageset"):
            patch.setattr(f"{place}.why_no_page", lambda outline: None)
        yield
