"""Trains every learned model from folders of labels, and writes what it learned and how good it is.

    python -m miner.training data/labels [FOLDER...]             # train all, write weights and card
    python -m miner.training --only claims data/labels FOLDER    # one of them
    python -m miner.training --report data/labels FOLDER         # figures only, nothing is written

Needs scikit-learn; takes minutes. The encoder of the claims needs torch as well (`pip install
--group training .`) and an hour and a half the first time: what was fine-tuned is kept in a folder
(`--encoders`) and used again for the same labels. `--without-encoder` trains the rest as if it read
nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from kb.errors import BadInputError
from miner.training import claims, detect, matching, pages
from miner.training.evaluate import Trained

MODELS = {
    "claims": claims.trained,
    "detect": detect.trained,
    "matching": matching.trained,
    "pages": pages.trained,
}
CARD = Path(__file__).resolve().parents[2] / "docs" / "reference" / "model-card.md"
HEAD = """# Model card

What each learned model was trained on, and how good it is on projects that it has not seen.
Written by `python -m miner.training`; the weights are tables that can be read (`kb/linear.py`),
but for those of the transformer that reads claims (`miner/extract/encoder.py`).

"""


def renewed(card: str, trained: Sequence[Trained]) -> str:
    """The card with the parts of these models new, the other parts as they were."""
    parts = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", card, re.M | re.S))
    parts |= {one.name: f"\n{one.card.strip()}\n\n" for one in trained}
    return HEAD + "".join(f"## {name}\n{text}" for name, text in sorted(parts.items()))


def _learned(name: str, folders: Sequence[Path], encoders: Path | None) -> Trained:
    """What a trainer makes of the folders. Ends with one line where they cannot be learned from."""
    try:
        return claims.trained(folders, encoders) if name == "claims" else MODELS[name](folders)
    except BadInputError as error:
        raise SystemExit(f"{name}: {error}, or train another model with --only") from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is asked for."""
    # Small matrices: more threads only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(prog="python -m miner.training", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--only", action="append", choices=MODELS, help="train only this")
    kept = Path("build/encoders")
    parser.add_argument(
        "--encoders", type=Path, default=kept, metavar="FOLDER", help=f"fine-tuned ones ({kept})"
    )
    parser.add_argument(
        "--without-encoder", action="store_const", dest="encoders", const=None, help="train none"
    )
    parser.add_argument("--report", action="store_true", help="print figures, write nothing")
    options = parser.parse_args(arguments)
    trained = [_learned(name, options.folders, options.encoders) for name in options.only or MODELS]
    for one in trained:
        sys.stdout.write(f"## {one.name}\n\n{one.card}\n")
    if options.report:
        return
    for one in trained:
        for path, content in one.files.items():
            path.write_bytes(content)
    old = CARD.read_text(encoding="utf-8") if CARD.exists() else ""
    CARD.write_text(renewed(old, trained), encoding="utf-8")


if __name__ == "__main__":
    main()
