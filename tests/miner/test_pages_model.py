"""The trainer of the table of pages: verdicts found again, projects held out, where zero is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.errors import BadInputError
from kb.linear import read_linear
from miner.training import pages
from tests.support.threads import comment, thread

FIX = "The fix is to set the option `wait` to 3 in kettle.toml, that solves it."
GUESS = "Maybe the lid of the kettle is at fault, could you try another one?"


def test_a_verdict_is_found_by_what_the_page_begins_with(tmp_path: Path) -> None:
    error = "LidError: the lid of kettle 7 is stuck"
    made, labels = [], []
    for number in range(1, 4):
        posts = [
            comment(10 * number, FIX, login="bo", association="MEMBER"),
            comment(10 * number + 1, "That works, thanks!", login="reporter", day=4),
        ]
        made.append(thread(number, error, f"```\n{error}\n```", posts, repo=f"ann/pot{number}"))
        at = {"repo": f"ann/pot{number}", "number": number, "where": 10 * number}
        labels.append({**at, "start": 0, "end": len(FIX), "ordinary": True, "strict": False})
    (tmp_path / "pots.jsonl").write_text("".join(f"{json.dumps(t)}\n" for t in made))
    (tmp_path / "pages_pots.jsonl").write_text("".join(f"{json.dumps(t)}\n" for t in labels))
    (tmp_path / "pages_lids.jsonl").write_text('{"repo": "no/threads"}\n')
    for other in ("lids.db", "pots.db", "pots.md"):
        (tmp_path / other).write_text("no threads")
    found = list(pages.read_examples([tmp_path]))
    assert found
    assert {(one.ordinary, one.strict) for one in found} == {(True, False)}
    assert all(one.signs["confirmed"] == 1 for one in found)


def examples(count: int = 60) -> list[pages.Example]:
    """Pages of six projects; the sure ones were let out, and of the others one in five."""
    made = []
    for n in range(count):
        sure = n % 2 == 0
        out = sure or n % 5 == 0
        signs = {"doubt": 0.1 if sure else 0.6, "confirmed": float(sure)}
        made.append(pages.Example(f"ann/p{n % 6}", signs, out, out and n % 3 == 0, decided=True))
    return made


def test_zero_is_where_enough_pages_are_let_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "read_examples", lambda folders: iter(examples()))
    trained = pages.trained([])
    ((path, text),) = trained.files.items()
    model = read_linear(text)
    assert path.name == "pages.json"
    assert model.score({"doubt": 0.1, "confirmed": 1.0}) >= 0
    assert model.score({"doubt": 0.6, "confirmed": 0.0}) < 0
    assert "| 30 surest" in trained.card


@pytest.mark.parametrize(
    ("let_out", "shown"),
    [([True] * 40, 40), ([True] * 36 + [False] * 4, 40), ([True] * 30 + [False] * 10, 33)],
)
def test_the_floor_is_the_last_score_of_which_9_in_10_are_let_out(
    let_out: list[bool], shown: int
) -> None:
    scores = [float(-n) for n in range(len(let_out))]
    floor = pages.floor_of(scores, let_out)
    assert sum(score >= floor for score in scores) == shown


def test_pages_with_the_score_of_the_floor_are_let_out_with_it() -> None:
    scores = [2.0] * 30 + [1.0] * 10
    assert pages.floor_of(scores, [True] * 33 + [False] * 7) == 2.0


def test_pages_that_rules_hold_back_are_nothing_to_find_zero_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = [one._replace(decided=False) for one in examples()]
    monkeypatch.setattr(pages, "read_examples", lambda folders: iter(held))
    with pytest.raises(BadInputError, match=r"pages_\*\.jsonl"):
        pages.trained([])


def test_no_verdicts_and_verdicts_all_alike_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"pages_\*\.jsonl"):
        pages.trained([tmp_path])
    with pytest.raises(BadInputError, match="too few verdicts"):
        pages.fit([one._replace(ordinary=True) for one in examples()])
