"""Grouping: what is one entry, whatever the order, and ids that last."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.matching.blocking import PackedViews
from kb.matching.features import packed, view_of
from kb.matching.model import conflict
from kb.models import Signature
from kb.signature import sign
from kb.verify import wrong_types
from miner.cluster import clustering
from miner.cluster.clustering import FEW, WALL, few_linked, many_linked, walls_of
from miner.cluster.entries import common_words
from miner.training.matching import figures
from tests.kb.test_candidates import many
from tests.support.grouped import NOW, Base, thread

TEXTS = [
    # one failure, the same text after normalising and worded differently
    "HTTP 529 overloaded_error",
    "overloaded_error: Overloaded",
    "API Error: 529 Overloaded (with opus)",
    "overloaded_error: Your request could not be served, capacity is exhausted",
    # alike, another fix
    "429 insufficient_quota: You exceeded your current quota",
    "You exceeded your current quota, please check your plan and billing details.",
    "429 Too Many Requests",
    # a chain: one names neither code, the others name different ones
    'Command "npm run build" exited with 1',
    'Command "npm run build" exited with 127',
    'Command "npm run build" exited',
    "spawn npx ENOENT",
    "spawn uvx ENOENT",
    "MCP error -32000: Connection closed",
    "MCP error -32001: Request timed out",
    "Could not process image: file is empty",
    "Could not process image: the file is empty (PNG)",
    "Provider returned error",
    "Provider returned error: model is not available in your region",
]


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    base = Base(tmp_path / "kb.db")
    yield base
    base.close()


def whole(texts: list[str], folder: Path, name: str = "whole") -> Base:
    base = Base(folder / f"{name}.db")
    base.put([thread(i, text) for i, text in enumerate(texts, 1)])
    base.group()
    return base


def test_one_failure_worded_differently_is_one_entry_and_what_needs_another_fix_is_not(
    tmp_path: Path,
) -> None:
    base = whole(TEXTS, tmp_path)
    entry = {text: base.entry(i) for i, text in enumerate(TEXTS, 1)}
    assert len({entry[t] for t in TEXTS[:4]}) == 1
    assert entry[TEXTS[4]] == entry[TEXTS[5]]
    apart = [
        TEXTS[0],
        TEXTS[4],
        TEXTS[6],
        TEXTS[7],
        TEXTS[8],
        TEXTS[10],
        TEXTS[11],
        TEXTS[12],
        TEXTS[13],
        TEXTS[16],
    ]
    assert len({entry[t] for t in apart}) == len(apart)
    assert entry[TEXTS[16]] != entry[TEXTS[17]], "a generic message is not the specific one"
    base.close()


@settings(max_examples=25, deadline=None)
@given(
    order=st.permutations(range(len(TEXTS))),
    cuts=st.sets(st.integers(1, len(TEXTS) - 1), max_size=5),
)
def test_the_partition_depends_on_no_order_and_no_batch(order: list[int], cuts: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = whole(TEXTS, Path(folder))
        base = Base(Path(folder) / "batches.db")
        for start, end in itertools.pairwise([0, *sorted(cuts), len(TEXTS)]):
            base.put([thread(i + 1, TEXTS[i]) for i in order[start:end]])
            base.group()
        assert base.partition() == expected.partition()
        for table in ("similar_pair", "blocking_key"):
            assert base.rows(f"select * from {table}") == expected.rows(f"select * from {table}")
        assert base.rows(
            "select fingerprint, provider, status, code, exception, wrappers, objects, "
            "first_seen from signature"
        ) == expected.rows(
            "select fingerprint, provider, status, code, exception, wrappers, objects, "
            "first_seen from signature"
        )
        base.close()
        expected.close()


@settings(max_examples=15, deadline=None)
@given(
    gone=st.sets(st.integers(0, len(TEXTS) - 1), max_size=8),
    order=st.permutations(range(len(TEXTS))),
)
def test_what_was_deleted_leaves_no_trace_in_the_partition(
    gone: set[int], order: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Base(Path(folder) / "a.db")
        base.put([thread(i + 1, TEXTS[i]) for i in order])
        base.group()
        ids = {i: base.entry(i + 1) for i in range(len(TEXTS))}
        base.put([thread(i + 1, "") for i in gone])
        base.group()
        fresh = Base(Path(folder) / "b.db")
        fresh.put([thread(i + 1, TEXTS[i]) for i in order if i not in gone])
        fresh.group()
        assert base.partition() == fresh.partition()
        assert base.rows("select * from similar_pair") == fresh.rows("select * from similar_pair")
        assert all(base.answers(entry) for entry in ids.values() if entry), (
            "an id never stops answering"
        )
        base.put([thread(i + 1, TEXTS[i]) for i in gone])
        base.group()
        assert {i: base.entry(i + 1) for i in range(len(TEXTS))} == ids
        base.close()
        fresh.close()


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(len(TEXTS))), cut=st.integers(1, len(TEXTS) - 1))
def test_an_id_is_given_once(order: list[int], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Base(Path(folder) / "kb.db")
        base.put([thread(i + 1, TEXTS[i]) for i in order[:cut]])
        base.group()
        first = {base.entry(i + 1): i + 1 for i in sorted(order[:cut], reverse=True)}
        base.put([thread(i + 1, TEXTS[i]) for i in order[cut:]])
        base.group()
        for entry, number in first.items():
            assert entry is not None
            assert base.answers(entry) == base.entry(number), (
                "the part with the first mention keeps the id"
            )
        base.close()


def test_two_entries_that_turn_out_to_be_one_keep_the_older_id(base: Base) -> None:
    a, b = (
        "no capacity left in zone blue for queue alpha",
        "queue alpha rejected the job because of its age limit",
    )
    bridge = (
        "no capacity left in zone blue for queue alpha / queue alpha rejected the job because of "
        "its age limit"
    )
    base.put([thread(1, a), thread(2, b)])
    base.group(now="2026-03-01T00:00:00Z")
    one, two = base.entry(1), base.entry(2)
    assert one != two
    # the rules come to see them as one
    base.read_again(lambda raw: _as(raw, {a: bridge, b: bridge}))
    report = base.group(now="2026-03-02T00:00:00Z")
    assert report.merged == 1
    assert base.entry(1) == base.entry(2) == one
    assert base.answers(str(two)) == one
    assert ("2026-03-02T00:00:00Z", "merged", one, two) in base.rows(
        "select at, action, entry_id, other_id from entry_log"
    )


def _as(raw: str, other: dict[str, str], version: str = "v2") -> Signature:
    own = sign(other.get(raw, raw))
    return own._replace(fingerprint=own.fingerprint.replace("v1:", f"{version}:"))


def test_an_entry_of_a_generic_message_is_split_by_place_and_its_id_stays(base: Base) -> None:
    """As when a database of rules that knew no places is mined again."""
    text = "IndexError: list index out of range"
    base.sign = lambda raw: sign(raw)
    base.put([thread(1, text), thread(2, text)])
    base.group()
    one = base.entry(1)
    assert base.entry(2) == one
    base.read_again(sign)
    report = base.group(now="2026-03-02T00:00:00Z")
    assert report.split == 1
    assert base.entry(1) == one
    assert base.entry(2) != one
    assert ("split", base.entry(2), one) in base.rows(
        "select action, entry_id, other_id from entry_log"
    )


def test_ids_survive_new_rules_that_rename_every_fingerprint(base: Base) -> None:
    base.put([thread(i, text) for i, text in enumerate(TEXTS, 1)])
    base.group()
    before = {i: base.entry(i) for i in range(1, len(TEXTS) + 1)}
    for version in ("v2", "v3"):
        base.read_again(lambda raw, version=version: _as(raw, {}, version))
        report = base.group()
        assert (report.new, report.merged, report.split, report.retired) == (0, 0, 0, 0)
        assert {i: base.entry(i) for i in before} == before
    assert base.rows("select count(*) from signature where fingerprint like 'v1:%'") == [(0,)]


def test_a_split_leaves_the_id_with_the_first_mention_and_is_recorded(base: Base) -> None:
    text, other = "worker pool is drained", "journal replay found a torn page"
    base.put([thread(1, text), thread(2, text + "!"), thread(3, text)])
    base.read_again(lambda raw: _as(raw, {text + "!": text}, "v1"))
    base.group()
    entry = base.entry(1)
    assert base.entry(2) == base.entry(3) == entry
    base.read_again(lambda raw: _as(raw, {text + "!": other}))
    report = base.group(now="2026-04-01T00:00:00Z")
    assert report.split == 1
    assert base.entry(1) == base.entry(3) == entry
    assert base.entry(2) not in (entry, None)
    assert ("2026-04-01T00:00:00Z", "split", base.entry(2), None) in base.rows(
        "select at, action, entry_id, other_id from entry_log"
    ) or (
        "2026-04-01T00:00:00Z",
        "split",
        base.entry(2),
        entry,
    ) in base.rows("select at, action, entry_id, other_id from entry_log")


def test_an_edited_post_does_not_take_an_id_to_another_error(base: Base) -> None:
    base.put([thread(1, "worker pool is drained")])
    base.group()
    entry = base.entry(1)
    base.put([thread(1, "journal replay found a torn page")])
    report = base.group()
    assert base.entry(1) != entry
    assert report.retired == 1
    assert base.answers(str(entry)) == entry
    assert base.rows(f"select threads, retired from entry where entry_id = '{entry}'") == [(0, 1)]


def test_a_run_without_news_changes_nothing(base: Base) -> None:
    base.put([thread(i, text) for i, text in enumerate(TEXTS, 1)])
    base.group()
    before = list(base.store.connection.iterdump())
    base.put([thread(i, text) for i, text in enumerate(TEXTS, 1)])
    report = base.group(now="2027-01-01T00:00:00Z")
    assert (report.new, report.changed, report.signatures) == (0, 0, 0)
    assert list(base.store.connection.iterdump()) == before


def test_fields_of_a_signature_are_those_of_most_mentions_whatever_came_first(
    tmp_path: Path,
) -> None:
    def signed(raw: str) -> Signature:
        status = {"1": 503, "2": 502, "3": 502}[raw[-1]]
        return sign("upstream gateway gave up")._replace(status=status)

    for name, order in (("a", (1, 2, 3)), ("b", (3, 2, 1))):
        base = Base(tmp_path / f"{name}.db", signed)
        for number in order:
            base.put([thread(number, f"upstream gateway gave up {number}")])
            base.group()
        assert base.rows("select status from signature") == [(502,)]
        assert base.rows("select status, threads, reporters from entries") == [(502, 3, 3)]
        base.close()


def test_an_entry_is_counted_from_its_mentions(base: Base) -> None:
    base.put([thread(1, TEXTS[0]), thread(2, TEXTS[1]), thread(3, TEXTS[1])])
    base.group()
    (row,) = base.rows(
        "select threads, repos, reporters, first_seen, last_seen, status, grade from entries"
    )
    assert row == (3, 1, 3, "2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z", 529, "D")
    assert base.rows(
        "select entry_id from entry_search where seq in"
        " (select rowid from entry_search_fts where entry_search_fts match 'overloaded')"
    ) == [(base.entry(1),)]


def test_uncounted_mentions_belong_to_no_entry(base: Base) -> None:
    t = thread(1, "worker pool is drained")
    from kb.models import Mention
    from miner.cluster.mentions import replace_mentions

    base.put([thread(1, "")])
    with base.store.transaction() as db:
        replace_mentions(
            db, t, [Mention(None, "body", 0, len(t.body), t.body, sign(t.body), counted=False)]
        )
    assert base.group().new == 0
    assert base.rows("select entry_id, counted from mentions") == [(None, 0)]


def test_a_killed_run_is_done_again_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(TEXTS, tmp_path)
    base = Base(tmp_path / "killed.db")
    base.put([thread(i, text) for i, text in enumerate(TEXTS, 1)])
    import miner.cluster as stage

    calls = 0

    def dies(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        raise KeyboardInterrupt

    for name in ("settle", "move_anchors", "assign", "small_enough"):
        with monkeypatch.context() as patch:
            patch.setattr(stage, name, dies)
            with pytest.raises(KeyboardInterrupt):
                base.group()
        assert base.rows("select count(*) from entry") == [(0,)]
    assert calls == 4
    base.group(NOW and None)
    assert base.partition() == expected.partition()
    assert base.rows("select entry_id, fingerprint, seq from entry_id") == expected.rows(
        "select entry_id, fingerprint, seq from entry_id"
    )
    base.close()
    expected.close()


@pytest.mark.shared
def test_on_pairs_that_two_readers_agreed_on(shared_dir: Path, base: Base) -> None:
    lines = (shared_dir / "gold" / "pairs_dev.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    number = {
        text: n
        for n, text in enumerate(sorted({text for row in rows for text in (row[2], row[4])}), 1)
    }
    base.put([thread(n, text) for text, n in number.items()])
    base.group()
    told = [base.entry(number[row[2]]) == base.entry(number[row[4]]) for row in rows]
    mcc, precision, _ = figures([row[0] == "1" for row in rows], told)
    assert mcc > 0.7
    assert precision > 0.93


@given(size=st.integers(2, FEW), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_some_are_linked_as_scikit_learn_links_them(size: int, seed: int) -> None:
    chance = random.Random(seed)
    distances = [[0.0] * size for _ in range(size)]
    for a, b in itertools.combinations(range(size), 2):
        walled = chance.random() < 0.2
        distances[a][b] = distances[b][a] = WALL if walled else chance.random()
    linked = sorted(many_linked(distances, 0.6))
    assert sorted(few_linked(distances, 0.6)) == linked


GENERIC = [
    (text, place)
    for text in (
        "list index out of range",
        "'Frame' object has no attribute 'rows'",
        "'Frame' object has no attribute 'columns' when it is drawn",
        "charmap codec can't encode character '\\u2192' in position 3",
        "charmap codec can't decode byte 0x9d in position 8",
    )
    for place in ("acme/tool", "acme/other")
]


def test_a_view_travels_as_bytes_and_what_is_kept_apart_is_far() -> None:
    signatures = [sign(text) for text in TEXTS]
    signatures += [sign(text)._replace(place=place) for text, place in GENERIC]
    views = {view.fingerprint: view for view in map(view_of, signatures)}
    members = sorted(views)
    table = PackedViews({name: packed(view) for name, view in views.items()})
    for name, view in views.items():
        assert [getattr(table[name], slot) for slot in view.__slots__] == [
            getattr(view, slot) for slot in view.__slots__
        ]
    known = {(members[0], members[2]): 0.9}
    square = clustering.distances_of(members, known, table, walls_of([(members[3], members[1])]))
    assert square[0][2] == square[2][0] == pytest.approx(0.1)
    assert square[1][3] == square[3][1] == WALL
    for (i, a), (j, b) in itertools.combinations(enumerate(members), 2):
        if (i, j) not in ((0, 2), (1, 3)) and conflict(views[a], views[b]):
            assert square[i][j] == WALL


def test_in_parts_the_same_entries_are_made(tmp_path: Path) -> None:
    texts = [f"{text} {word}" for text in TEXTS for word in ("", "again", "when started")]
    tables = ("similar_pair", "blocking_key", "signature", "entry_id", "entry")

    def rows(name: str) -> list[list[tuple[object, ...]]]:
        base = whole(texts, tmp_path, name)
        found = [base.rows(f"select * from {table} order by 1, 2") for table in tables]
        base.close()
        return found

    expected = rows("at once")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SPREAD_FROM", 1), ("SPREAD", 7), ("JUDGED", 11)):
            patch.setattr(f"kb.matching.blocking.{name}", value)
        for name, value in (("CUT_FROM", 1), ("CUT", 9)):
            patch.setattr(f"miner.cluster.{name}", value)
        assert rows("in parts") == expected
    assert len(expected[0]) > 30


def test_a_piece_of_a_component_that_did_not_change_is_not_cut_again(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import miner.cluster as stage

    # shortened: a component of 40 hangs together, and is cut in pieces of its surer pairs
    monkeypatch.setattr(clustering, "MOST_MEMBERS", 20)
    texts = many(60)
    cut: list[int] = []
    real = stage.cut

    def counted(members: list[str], *rest: Any) -> list[list[str]]:
        if len(members) > 2:
            cut.append(len(members))
        return real(members, *rest)

    monkeypatch.setattr(stage, "cut", counted)
    base.put([thread(i, text) for i, text in enumerate(texts, 1)])
    base.group()
    first, pieces = len(cut), base.rows("select count(*) from component_cut")[0][0]
    assert first == pieces > 1
    assert list(wrong_types(base.store.connection)) == []
    texts.append(f"{texts[0]} again")
    base.put([thread(len(texts), texts[-1])])
    cut.clear()
    base.group()
    assert len(cut) < first
    expected = whole(texts, tmp_path)
    assert base.partition() == expected.partition()
    cuts = "select * from component_cut order by 1"
    assert set(expected.rows(cuts)) <= set(base.rows(cuts))
    # what a signature is judged by changed: its piece is cut, though perhaps no pair did
    with base.store.transaction() as db:
        (one,) = db.execute("select min(first) from component_cut").fetchone()
        db.execute("update mention set objects = '[\"tray\"]' where fingerprint = ?", (one,))
        db.execute("insert into dirty_signature values (?)", (one,))
    before = dict(base.rows("select first, digest from component_cut"))
    base.group()
    assert dict(base.rows("select first, digest from component_cut")).get(one) != before[one]
    # of signatures that are gone nothing is kept
    with base.store.transaction() as db:
        db.execute("insert into component_cut values ('v1:gone', x'00', x'00')")
    texts.append(f"{texts[0]} once more")
    base.put([thread(len(texts), texts[-1])])
    base.group()
    assert base.rows("select first from component_cut where first = 'v1:gone'") == []
    expected.close()


def test_a_title_leaves_out_the_names_in_which_wordings_of_one_failure_differ() -> None:
    text = "unknown name lid at pot.parts: cannot find field"
    others = [text, "unknown name tea at pot.cups: cannot find field", "the kettle is hot"]
    assert common_words(text, others) == "unknown name <name> at <name>: cannot find field"
    assert common_words(text, ["no", "cold tea", "known name"]) == text


@pytest.mark.parametrize(
    ("providers", "told"),
    [
        (("openai", "openai", None), "openai"),
        (("openai", "azure", "openai"), None),
        (("openai", None, None), None),
        (("openai", "groq", "groq"), "groq"),
    ],
)
def test_an_entry_has_a_provider_where_its_threads_agree(
    tmp_path: Path, providers: tuple[str | None, ...], told: str | None
) -> None:
    def signed(raw: str) -> Signature:
        return sign("the kettle gave up")._replace(provider=providers[int(raw[-1])])

    base = Base(tmp_path / "kb.db", signed)
    base.put([thread(n + 1, f"the kettle gave up {n}") for n in range(len(providers))])
    base.group()
    assert base.rows("select provider from entries") == [(told,)]
    base.close()
