"""The knowledge base: what an error's identity is, storage, asking, notes, browsing.

`KnowledgeBase` is what other programs use; it is loaded when it is first named, so that `import kb`
costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.query.knowledge import KnowledgeBase

__all__ = ["KnowledgeBase"]


def __getattr__(name: str) -> Any:
    if name == "KnowledgeBase":
        from kb.query.knowledge import KnowledgeBase

        return KnowledgeBase
    raise AttributeError(f"module 'kb' has no attribute {name!r}")
