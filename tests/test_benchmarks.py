"""The benchmarks' own arithmetic: what they print is only as right as this."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import bench_peers, bench_scale, compare, generate


def test_a_grouping_is_judged_by_its_items_and_by_its_whole_groups() -> None:
    families = ["a", "a", "a", "b", "b", "c"]
    assert bench_peers.likeness(families, families)["fga"] == 1.0
    found = bench_peers.likeness([1, 1, 2, 3, 3, 3], families)
    # items: 1, 1, 1, 2/3, 2/3, 1/3 of their group; 2/3, 2/3, 1/3, 1, 1, 1 of their family
    assert found["b3_precision"] == round((3 + 4 / 3 + 1 / 3) / 6, 3)
    assert found["b3_recall"] == round((5 / 3 + 3) / 6, 3)
    assert (found["fga"], found["groups"], found["families"]) == (0.0, 3, 3)


def test_lines_that_are_asked_for_are_not_in_the_index() -> None:
    lines = [("one", "a"), ("two", "a"), ("three", "b"), ("four", "a")]
    assert bench_peers.left_out(lines) == ([lines[0], lines[1], lines[2]], [lines[3]])


def test_peers_answer_by_family() -> None:
    known = [("disk quota of tray exceeded", "disk"), ("port taken by another program", "port")]
    any_word = bench_peers.fts_answers(known, any_word=True)
    assert any_word('the "disk" is full') == ["disk"]
    assert bench_peers.fts_answers(known, any_word=False)("the disk is full") == []


def test_a_copy_of_a_corpus_has_names_numbers_and_references_of_its_own() -> None:
    comment = {"id": 5, "body": "as acme/tool#1 says"}
    line = json.dumps({"repo": "acme/tool", "issue": {"number": 1}, "comments": [comment]})
    first, second, third = map(json.loads, bench_scale.repeated([line], 3))
    assert [one["repo"] for one in (first, second, third)] == [
        "acme/tool", "acme-1/tool", "acme-2/tool"]  # fmt: skip
    assert second["comments"][0]["body"] == "as acme-1/tool#1 says"
    assert len({one["comments"][0]["id"] for one in (first, second, third)}) == 3
    assert [json.loads(one)["issue"]["number"] for one in bench_scale.made_up(3)] == [1, 2, 3]
    assert list(generate.threads(2)) == list(generate.threads(2))


def test_a_speed_is_better_when_it_is_more_and_a_time_when_it_is_less(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = {"mine: threads_a_second": 40.0, "mine: owner_mb": 100.0, "only old": 1.0}
    new = {"mine: threads_a_second": 60.0, "mine: owner_mb": 150.0}
    for name, figures in (("old", old), ("new", new)):
        (tmp_path / name).write_text(json.dumps({"figures": figures}), encoding="utf-8")
    assert compare.main([str(tmp_path / "old"), str(tmp_path / "new")]) == 1
    memory, speed = capsys.readouterr().out.splitlines()
    assert (memory.split()[-1], speed.split()[-1]) == ("worse", "better")
    assert compare.main([str(tmp_path / "new"), str(tmp_path / "new")]) == 0
    assert compare.main([]) == 2
