"""The curation file: read, checked, applied last, undone by taking a line out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.curation import Curation, check_curation, read_curation
from kb.errors import BadInputError
from tests.support.grouped import Base, thread

A = "worker pool is drained"
B = "journal replay found a torn page"
C = "overloaded_error: Overloaded"
D = "HTTP 529 overloaded_error, capacity is exhausted"


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    base = Base(tmp_path / "kb.db")
    base.put([thread(1, A), thread(2, B), thread(3, C), thread(4, D), thread(5, A)])
    base.group()
    yield base
    base.close()


def curation(tmp_path: Path, text: str) -> Curation:
    path = tmp_path / "curation.txt"
    path.write_text(text, encoding="utf-8")
    return read_curation(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "\n\njoin EAAAAAA EBBBBBB",
            ":3: unknown action 'join'; expected merge, not-same, split, title, ignore, claim",
        ),
        ("merge EAAAAAA", ":1: merge wants two or more different ids"),
        ("merge EAAAAAA EAAAAAA", ":1: merge wants two or more different ids"),
        (
            "merge EAAAAAA acme/tool#1",
            ":1: merge wants two or more different ids of entries; found 'EAAAAAA acme/tool#1'",
        ),
        ("not-same EAAAAAA EBBBBBB ECCCCCC", ":1: not-same wants two different ids"),
        ("split EAAAAAA", ":1: split wants the id of an entry, then the threads"),
        (
            "split EAAAAAA everything",
            ":1: split wants the id of an entry, then the threads (",
        ),
        ("title EAAAAAA   # nothing", ":1: title wants the id of an entry, then a title"),
        ("title EAAAAAA One\ntitle EAAAAAA Two", ":2: EAAAAAA has a title already, in line 1"),
        ("ignore EAAAAAA because", ":1: ignore wants the id of an entry; found 'EAAAAAA because'"),
        (
            "merge EAAAAAA EBBBBBB\nmerge EBBBBBB ECCCCCC\nnot-same EAAAAAA ECCCCCC",
            ":3: EAAAAAA and ECCCCCC are merged by another line",
        ),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadInputError) as error:
        curation(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "curation.txt") + problem)


def test_remarks_blanks_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "curation.txt"
    path.write_bytes(
        "\ufeff# all\n\n  ignore EAAAAAA   # noise\ntitle EBBBBBB C# fails: #12 #  or so\n".encode()
    )
    assert [d.text for d in read_curation(path).decisions] == [
        "ignore EAAAAAA",
        "title EBBBBBB C# fails: #12",
    ]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"none\.txt: there is no such file; make it, an empty one"
    ):
        read_curation(tmp_path / "none.txt")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_curation(tmp_path)
    (tmp_path / "curation.txt").write_bytes(b"title EAAAAAA \xff\xfe")
    with pytest.raises(BadInputError, match="is not UTF-8"):
        read_curation(tmp_path / "curation.txt")


def test_an_unknown_id_is_an_error_with_its_line_and_changes_nothing(
    base: Base, tmp_path: Path
) -> None:
    wrong = curation(tmp_path, f"ignore {base.entry(1)}\nmerge {base.entry(1)} EZZZZZZZZZZZ")
    with pytest.raises(BadInputError, match=r"curation\.txt:2: there is no entry EZZZZZZZZZZZ"):
        check_curation(base.store.connection, wrong)
    base.put([thread(9, "lens cap is still on")])
    before = list(base.store.connection.iterdump())
    with pytest.raises(BadInputError, match=r"curation\.txt:2: there is no entry EZZZZZZZZZZZ"):
        base.group(wrong)
    assert list(base.store.connection.iterdump()) == before
    with pytest.raises(BadInputError, match=r"curation\.txt:1: acme/tool#77 reports no error"):
        check_curation(
            base.store.connection, curation(tmp_path, f"split {base.entry(1)} acme/tool#77")
        )


def test_merge_joins_and_taking_the_line_out_parts_again_with_the_same_ids(
    base: Base, tmp_path: Path
) -> None:
    one, two = str(base.entry(1)), str(base.entry(2))
    assert one != two
    both = curation(tmp_path, f"merge {two} {one}")
    report = base.group(both)
    assert report.merged == 1
    assert base.entry(1) == base.entry(2) == one, "the older id stays"
    assert base.answers(two) == one
    base.put([thread(6, B)])
    assert base.group(both).merged == 0
    assert base.entry(6) == one
    assert ("merged", one, two, "curation: line 1, merge") in base.rows(
        "select action, entry_id, other_id, why from entry_log"
    )
    base.group(curation(tmp_path, ""))
    assert (base.entry(1), base.entry(2), base.entry(6)) == (one, two, two)
    assert base.answers(two) == two


def test_not_same_keeps_apart_what_the_rules_would_join(base: Base, tmp_path: Path) -> None:
    assert base.entry(3) == base.entry(4)
    entry = str(base.entry(3))
    base.group(curation(tmp_path, f"split {entry} acme/tool#4"))
    other = str(base.entry(4))
    assert other != entry
    apart = curation(tmp_path, f"not-same {entry} {other}")
    base.group(apart)
    assert (base.entry(3), base.entry(4)) == (entry, other)
    base.group(curation(tmp_path, ""))
    assert base.entry(3) == base.entry(4) == entry
    assert base.answers(other) == entry


@pytest.mark.parametrize("number", [3, 4])
def test_split_leaves_the_id_with_the_first_mention_and_stays_as_it_is(
    base: Base, tmp_path: Path, number: int
) -> None:
    entry = str(base.entry(3))
    split = curation(tmp_path, f"split {entry} acme/tool#{number}")
    assert base.group(split).split == 1
    assert base.entry(3) == entry
    assert base.entry(4) != entry
    after = (base.entry(3), base.entry(4))
    base.put([thread(8, "something else went wrong in the parser")])
    for _ in range(2):
        assert base.group(split).split == 0
        assert (base.entry(3), base.entry(4)) == after


def test_a_split_that_leaves_nothing_is_an_error_with_its_line(base: Base, tmp_path: Path) -> None:
    alone = curation(tmp_path, f"split {base.entry(1)} acme/tool#1")
    with pytest.raises(BadInputError, match=r"curation\.txt:1: E\w+ is this message alone"):
        base.group(alone)


def test_title_and_ignore(base: Base, tmp_path: Path) -> None:
    one, two = base.entry(1), base.entry(2)
    text = f"title {one} Pool is empty: what helps\nignore {two}"
    base.group(curation(tmp_path, text))
    assert base.rows(f"select title from entries where entry_id = '{one}'") == [
        ("Pool is empty: what helps",)
    ]
    assert base.rows(f"select count(*) from entries where entry_id = '{two}'") == [(0,)]
    base.put([thread(6, A)])
    base.group(curation(tmp_path, text))
    assert base.rows(f"select title, threads from entries where entry_id = '{one}'") == [
        ("Pool is empty: what helps", 3)
    ]
    base.group(curation(tmp_path, ""))
    assert base.rows("select count(*) from entries where title like 'Pool%'") == [(0,)]
    assert base.rows(f"select count(*) from entries where entry_id = '{two}'") == [(1,)]


def test_a_database_made_from_nothing_takes_the_file_of_an_older_one(
    base: Base, tmp_path: Path
) -> None:
    text = f"merge {base.entry(1)} {base.entry(2)}\nsplit {base.entry(3)} acme/tool#4\n"
    base.group(curation(tmp_path, text))
    fresh = Base(tmp_path / "fresh.db")
    fresh.put(base.threads.values())
    fresh.group(curation(tmp_path, text))
    assert {n: fresh.entry(n) for n in range(1, 6)} == {n: base.entry(n) for n in range(1, 6)}
    fresh.close()


def test_suggestions_are_pairs_near_the_line_that_nobody_decided(
    base: Base, tmp_path: Path
) -> None:
    from miner.cluster.suggest import suggest

    base.put(
        [
            thread(10, "shard map of the index is stale after a restart"),
            thread(11, "shard map of the index is stale: reload the cluster view"),
        ]
    )
    base.group()
    pairs = suggest(base.store.connection, 10)
    assert pairs
    assert all(
        pair.action in ("merge", "split") and pair.line.startswith(pair.action) for pair in pairs
    )
    base.group(curation(tmp_path, "".join(f"{p.line}\n" for p in pairs if p.action == "merge")))
    left = {frozenset((p.entry_a, p.entry_b)) for p in suggest(base.store.connection, 10)}
    assert not left & {frozenset((p.entry_a, p.entry_b)) for p in pairs if p.action == "merge"}
