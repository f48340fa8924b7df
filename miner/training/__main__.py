"""Trains every learned model from folders of labels, and writes what it learned and how good it is.

    python -m miner.training data/labels [FOLDER...]             # train all, write weights and card
    python -m miner.training --only claims data/labels FOLDER    # one of them
    python -m miner.training --report data/labels FOLDER         # figures only, nothing is written

A trainer is a module of this package with a function
`trained(folders: Sequence[Path]) -> evaluate.Trained`. Needs scikit-learn; takes minutes.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import miner.training
from kb.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miner.training.evaluate import Trained

CARD = Path(__file__).resolve().parents[2] / "docs" / "reference" / "model-card.md"
HEAD = """# Model card

What each learned model was trained on, and how good it is on projects that it has not seen.
Written by `python -m miner.training`; the weights are tables that can be read (`kb/linear.py`).

"""


def trainers() -> dict[str, Callable[[Sequence[Path]], Trained]]:
    """The trainers of this package by name."""
    found = {}
    for info in pkgutil.iter_modules(miner.training.__path__):
        if info.name.startswith("_"):
            continue
        train = getattr(importlib.import_module(f"miner.training.{info.name}"), "trained", None)
        if train is not None:
            found[info.name] = train
    return found


def renewed(card: str, trained: Sequence[Trained]) -> str:
    """The card with the parts of these models new, the other parts as they were."""
    parts = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", card, re.M | re.S))
    parts |= {one.name: f"\n{one.card.strip()}\n\n" for one in trained}
    return HEAD + "".join(f"## {name}\n{text}" for name, text in sorted(parts.items()))


def _learned(
    name: str, train: Callable[[Sequence[Path]], Trained], folders: Sequence[Path]
) -> Trained:
    """What a trainer makes of the folders. Ends with one line where they cannot be learned from."""
    try:
        return train(folders)
    except BadInputError as error:
        raise SystemExit(f"{name}: {error}, or train another model with --only") from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is asked for."""
    # Small matrices: more threads only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    known = trainers()
    parser = argparse.ArgumentParser(prog="python -m miner.training", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--only", action="append", choices=sorted(known), help="train only this")
    parser.add_argument("--report", action="store_true", help="print figures, write nothing")
    options = parser.parse_args(arguments)
    trained = [
        _learned(name, known[name], options.folders) for name in options.only or sorted(known)
    ]
    for one in trained:
        sys.stdout.write(f"## {one.name}\n\n{one.card}\n")
    if options.report:
        return
    for one in trained:
        for path, text in one.files.items():
            path.write_text(text, encoding="utf-8")
    old = CARD.read_text(encoding="utf-8") if CARD.exists() else ""
    CARD.write_text(renewed(old, trained), encoding="utf-8")


if __name__ == "__main__":
    main()
