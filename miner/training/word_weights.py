"""Counts how common words are in texts about errors, for the `weight` table of
`kb/weights/words.json`.

    python -m miner.training.word_weights FILE.jsonl[.gz]...    # files in the import format

Train `matching` anew afterwards.

Only numbers enter the table: a word's weight falls from `HIGHEST` with the logarithm of the number
of paragraphs (and labelled families) that have it, down to `LOWEST`; words that say little whatever
their frequency are capped. Words seen less than `LEAST` times are left out and weigh `default`. The
other tables of the file (`same`, `phrases`, `kinds`, `codes`, ...) are written by hand and left as
they are.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from kb.matching.words import stem, word_list
from miner.training.dataset import read_lines, thread_of
from miner.training.matching import read_families

FAMILIES = Path(__file__).resolve().parents[2] / "data" / "labels"
WORDS = Path(__file__).resolve().parents[2] / "kb" / "weights" / "words.json"
LEAST = 4
LOWEST, HIGHEST = 0.25, 3.2
PALE_CAP, FUNCTION_CAP = 0.6, 1.2
PALE = (
    "error fail exception request cannot please try retry later occur get got set api call "
    "message response issue problem warn warning unexpected bug http code status return use can "
    "make new now first last one two time minute second hour day"
)
FUNCTION = (
    "what all same only more like over here still since every each any some about before again "
    "back see look say thing up out off down too very much many other another such how why where "
    "who until once between through both own few most nor yet already always often less while "
    "during next then there it he she them his her him go going come want need way well good bad "
    "let put take give know think even happen work instead end start right around via user "
    "example com www org line"
)


def paragraphs(paths: Iterable[Path]) -> Iterator[str]:
    """The paragraphs of threads in the import format."""
    for document in (document for path in paths for document in read_lines(path)):
        for text in thread_of(document).texts.values():
            yield from (part[:600] for part in text.split("\n\n") if len(part) > 20)


def families(folder: Path = FAMILIES) -> Iterator[str]:
    """Each labelled family as one text, so that its wordings do not count as many."""
    texts: dict[str, list[str]] = {}
    for one in read_families(folder):
        texts.setdefault(one.family, []).append(one.text)
    yield from (" ".join(group) for group in texts.values())


def word_weights(texts: Iterable[str]) -> dict[str, float]:
    """The weight of every word that at least `LEAST` of the texts have."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(set(word_list(text)))
        total += 1
    scale = math.log(max(total, 10) / 3)
    found = {
        word: round(LOWEST + (HIGHEST - LOWEST) * max(0.0, math.log(total / count) / scale), 2)
        for word, count in counts.items()
        if count >= LEAST
    }
    for word in map(stem, FUNCTION.split()):
        found[word] = round(min(found.get(word, 3.0) * 0.4, FUNCTION_CAP), 2)
    for word in map(stem, PALE.split()):
        found[word] = min(found.get(word, HIGHEST), PALE_CAP)
    return dict(sorted(found.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Counts word weights for kb.matching.features.")
    parser.add_argument("files", nargs="+", type=Path)
    texts = (*families(), *paragraphs(parser.parse_args().files))
    table = json.loads(WORDS.read_text(encoding="utf-8")) | {"weight": word_weights(texts)}
    text = json.dumps(table, indent=0, ensure_ascii=False, sort_keys=True)
    WORDS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
