"""What an error is called: the normalised form of its text, its fields and its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.models import Signature

RULES_VERSION = "v1"


def sign(raw: str) -> Signature:
    """The signature of an error's text."""
    raise NotImplementedError
