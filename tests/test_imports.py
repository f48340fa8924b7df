"""Imports between files: none in a circle, and the knowledge base knows nothing of mining."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("kb", "miner")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def imported(path: Path, name: str) -> set[str]:
    """Our modules that a file imports, within functions too, but not for types alone. A package
    counts where a name of its own is imported, not where one of its modules is.
    """
    found = set()
    waiting: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if names <= FILES.keys() else {*names, node.module}
        else:
            waiting += ast.iter_child_nodes(node)
    return {module for module in found if module in FILES and module != name}


GRAPH = {name: imported(path, name) for name, path in FILES.items()}


def test_no_file_imports_in_a_circle() -> None:
    try:
        tuple(TopologicalSorter(GRAPH).static_order())
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_the_knowledge_base_never_imports_the_miner() -> None:
    for name, path in FILES.items():
        if name.startswith("kb"):
            assert "miner" not in {
                module.split(".")[0]
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                for module in (
                    [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else []
                )
            }, name


def test_the_graph_is_not_empty() -> None:
    assert "kb.store" in GRAPH["miner.pipeline"] or any("kb" in m for m in GRAPH["miner.pipeline"])
    assert len(GRAPH) > 100
