"""The notebooks run from top to bottom, draw their pictures, and are kept without output."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from kb.errors import BadInputError
from kb.notebook import open_database, survival
from miner.training.evaluate import parts_of

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PICTURES = {"trends": 4, "answers": 4, "quality": 2, "harvest": 3, "grouping": 1}
"""How many pictures each draws of the demo's threads."""

# they share what takes longest, loading the libraries
pytestmark = pytest.mark.xdist_group("notebooks")


def code_of(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The pictures that are shown, as PNG."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    pictures: list[bytes] = []

    def show() -> None:
        for number in plt.get_fignums():
            out = io.BytesIO()
            plt.figure(number).savefig(out, dpi=40)
            pictures.append(out.getvalue())
        plt.close("all")

    mpl.use("Agg")
    monkeypatch.setattr(plt, "show", show)
    with mpl.rc_context():
        yield pictures


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_draws(
    path: Path, demo_db: Path, drawn: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("FAULTLORE_DB", str(demo_db))
    monkeypatch.delenv("FAULTLORE_LABELS", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shell: Any = InteractiveShell()
    for code in code_of(path):
        done = shell.run_cell(code, store_history=False)
        assert done.success, f"{code}\n{done.error_before_exec or done.error_in_exec!r}"
        if done.result is not None:
            assert shell.display_formatter.format(done.result)[0]["text/plain"]
    assert len(drawn) >= PICTURES[path.stem]
    assert all(picture.startswith(b"\x89PNG") for picture in drawn)


def test_a_notebook_runs_in_a_kernel(demo_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "FAULTLORE_DB", str(demo_db))
    notebook = nbformat.read(ROOT / "notebooks" / "grouping.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    assert any("image/png" in out.get("data", {}) for out in outputs)


def test_notebooks_are_kept_without_output_and_named_in_the_documentation() -> None:
    page = (ROOT / "docs" / "how-to" / "notebooks.md").read_text(encoding="utf-8")
    assert {path.stem for path in NOTEBOOKS} == set(PICTURES)
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert not any(cell.outputs or cell.execution_count for cell in code), path.name
        assert f"notebooks/{path.name}" in page


def test_labels_of_ones_own_are_drawn_too(
    demo_db: Path, drawn: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder in the form of the labels beside a checkout, made of the project's own."""
    from IPython.core.interactiveshell import InteractiveShell

    for name in ("gold", "corpus"):
        (tmp_path / name).mkdir()
    own = ROOT / "data" / "labels"
    lines = (own / "claims_spans.jsonl").read_text(encoding="utf-8").splitlines()[20:26]
    (tmp_path / "gold" / "claims_mine.jsonl").write_text("\n".join(lines), encoding="utf-8")
    threads = (own / "claims_threads.jsonl.gz").read_bytes()
    (tmp_path / "corpus" / "mine.jsonl.gz").write_bytes(threads)
    pair = "same\ttechA\tsigA\ttechB\tsigB\n1\tx\tdisk is full now\ty\tthe disk is full now\n"
    (tmp_path / "gold" / "pairs_mine.tsv").write_text(pair, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FAULTLORE_LABELS", str(tmp_path))
    code = code_of(ROOT / "notebooks" / "quality.ipynb")
    shell: Any = InteractiveShell()
    # what the last two cells need: names and functions, not the project's own figures
    needed = [code[0], code[1].split("wordings =")[0], *(c for c in code if "def judged" in c)]
    for cell in [*(re.sub(r"(?m)^(labels|own|draw_claims\(own|own\.).*$", "", c) for c in needed)]:
        assert shell.run_cell(cell, store_history=False).success
    for cell in code[-2:]:
        assert shell.run_cell(cell, store_history=False).success
    assert len(drawn) == 2


def test_the_database_is_the_one_that_is_named(
    demo_db: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAULTLORE_DB", str(demo_db))
    connection = open_database()
    assert connection.execute("select count(*) from entries").fetchone()[0]
    monkeypatch.setenv("FAULTLORE_DB", str(tmp_path / "none.db"))
    with pytest.raises(BadInputError, match="FAULTLORE_DB"):
        open_database()


def test_survival_counts_what_is_still_open_as_long_as_it_was_watched() -> None:
    at, share = survival([1, 2, 2, 3], [True, True, False, False])
    assert at == [0.0, 1, 2, 3]
    assert share == pytest.approx([1.0, 0.75, 0.5, 0.5])
    assert survival([], []) == ([0.0], [1.0])


@given(st.lists(st.tuples(st.floats(0, 1000), st.booleans())))
def test_a_survival_curve_never_rises(watched: list[tuple[float, bool]]) -> None:
    at, share = survival([d for d, _ in watched], [e for _, e in watched])
    assert at == sorted(at)
    assert share == sorted(share, reverse=True)
    assert 0.0 <= share[-1] <= 1.0


def test_reliability_is_the_share_that_is_right_of_each_part() -> None:
    found = parts_of([0.05, 0.15, 0.95, 1.0], [False, True, True, False], steps=2)
    assert found == [pytest.approx((0.1, 0.5, 2)), pytest.approx((0.975, 0.5, 2))]
    assert parts_of([], []) == []
