"""What the encoder is given to read of a run, words as pieces, and what it makes of them."""

from __future__ import annotations

import json
import math
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import BadInputError, FaultloreError
from kb.store import Store
from miner.extract import ClaimContext, encoder, find
from miner.extract.claim_features import ThreadRuns
from miner.extract.context import posts_of
from miner.extract.encoder import (
    PIECES,
    SCORES,
    SPECIAL,
    VOCABULARY,
    WEIGHTS,
    Reading,
    Vocabulary,
    load,
    pieces_of,
    reading_of,
    told,
    words_of,
)
from miner.extract.model import load as load_models
from miner.extract.outcomes import Outcomes
from miner.extract.replies import Said
from miner.extract.spans import Run
from miner.harvest.files import import_files
from miner.pipeline import mine
from miner.posts import ParsedPost
from miner.training import encoder as tuning
from tests.support import threads
from tests.support.claims_threads import thread
from tests.support.growth import calls
from tests.support.threads import comment

PACKAGED = Path(str(resources.files("miner.extract")))

REMEDY = Reading(
    speaker="maintainer comment closed",
    title="Server exits at once",
    before="",
    run="Upgrading to 2.4.1 fixes this crash.",
    after="",
    answer="reporter : Thanks, that fixed it!",
)
CHAT = REMEDY._replace(run="Thanks for the report!", answer="", speaker="user comment")


def the_run(posts: list[ParsedPost], index: int) -> Run:
    """The first sentence of a post as a fix."""
    return Run((Said(posts[index], 0, ()),), "fix", False, 0.5)


def test_a_run_is_read_between_its_neighbours_and_with_the_next_answer() -> None:
    posts = posts_of(
        thread(
            "Pump stops",
            "It stops after an hour.",
            ("mo", "MEMBER", "Clean the filter. Then\nstart it again."),
            ("mo", "MEMBER", "Every week is enough."),
            ("rowan-t", "NONE", "> Clean the filter.\n\nThat did it"),
        ),
        ClaimContext(),
    )
    one = reading_of(the_run(posts, 2), posts, "completed")
    assert one == Reading(
        speaker="maintainer comment closed",
        title="Pump stops",
        before="It stops after an hour. /",
        run="Clean the filter.",
        after="Then start it again.",
        answer="reporter : That did it",
    )
    report = reading_of(the_run(posts, 1), posts, "")
    assert (report.speaker, report.before) == ("reporter report", "")
    title = reading_of(the_run(posts, 0), posts, "")
    assert (title.speaker, title.title) == ("reporter title", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't  STOP", ["don", "'", "t", "stop"]),
        ("Café naïve", ["cafe", "naive"]),
        ("`max_len=2`", ["`", "max", "_", "len", "=", "2", "`"]),
        ("更新了 v2", ["更", "新", "了", "v2"]),
        ("zero\u200bwidth\x00", ["zerowidth"]),
        ("", []),
    ],
)
def test_words_are_small_and_plain_and_signs_stand_alone(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_word_is_its_longest_known_pieces() -> None:
    known = {"un": 0, "unlock": 1, "##ed": 2, "##e": 3, "##d": 4}
    assert list(pieces_of("unlocked", known)) == ["unlock", "##ed"]
    assert list(pieces_of("unlockx", known)) == ["[UNK]"]
    assert list(pieces_of("e" * 101, {"e": 0, "##e": 1})) == ["[UNK]"]


@given(
    word=st.text("abc", min_size=1, max_size=12),
    known=st.sets(st.text("abc", min_size=1, max_size=3), max_size=9),
)
def test_pieces_put_together_are_the_word(word: str, known: set[str]) -> None:
    pieces = {name: 0 for one in known for name in (one, f"##{one}")}
    found = list(pieces_of(word, pieces))
    assert found == ["[UNK]"] or "".join(one.removeprefix("##") for one in found) == word


@given(st.tuples(*[st.text(max_size=300)] * 6))
def test_whatever_is_read_fits(parts: tuple[str, ...]) -> None:
    words = Vocabulary([*SPECIAL, "a", "##a"])
    pieces, segments = words.encoded(Reading(*parts))
    assert len(pieces) == len(segments) <= sum(PIECES) + len(PIECES) + 1
    assert pieces.count(words.numbers["[SEP]"]) == len(PIECES)
    assert sum(segments) <= PIECES[3]


def test_of_what_stands_before_a_run_the_last_words_are_read() -> None:
    words = Vocabulary([*SPECIAL, "far", "near", "x"])
    reading = Reading("", "", "far " + "x " * 30 + "near", "far " + "x " * 60 + "near", "", "")
    pieces, segments = words.encoded(reading)
    far, near = words.numbers["far"], words.numbers["near"]
    assert [piece for piece in pieces if piece in (far, near)] == [near, far]
    assert segments[pieces.index(far)] == 1
    assert segments[pieces.index(near)] == 0


def test_the_packaged_network_tells_a_remedy_from_chat() -> None:
    fix = SCORES.index("fix")
    remedy, chat = (load().scores(one) for one in (REMEDY, CHAT))
    assert len(remedy) == len(SCORES)
    assert all(map(math.isfinite, remedy))
    assert remedy[fix] > 0 > chat[fix]
    assert remedy[fix] > remedy[SCORES.index("cause")]


def test_the_same_words_get_the_same_scores_whatever_is_read_between() -> None:
    first = load().scores(REMEDY)
    load().scores(Reading(*["long words " * 90] * 6))
    assert load().scores(Reading("", "", "", "", "", "")) != first
    assert load().scores(REMEDY) == first


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (WEIGHTS, None),
        (WEIGHTS, b""),
        (WEIGHTS, b"version https://git-lfs.example/spec/v1\n"),
        (VOCABULARY, None),
        (VOCABULARY, b""),
    ],
)
def test_a_damaged_network_stops_the_run_and_fails_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, content: bytes | None
) -> None:
    for name in (WEIGHTS, VOCABULARY):
        (tmp_path / name).symlink_to(PACKAGED / name)
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_bytes(content)
    source = tmp_path / "threads.jsonl"
    said = comment(2, "Upgrading to 2.4.1 fixes this crash.", association="MEMBER")
    source.write_text(
        json.dumps(threads.thread(1, "Stops", "```\nError: write EPIPE\n```", [said]))
    )
    monkeypatch.setattr(encoder, "resources", SimpleNamespace(files=lambda _: tmp_path))
    load.cache_clear()
    with Store.open(tmp_path / "kb.db") as store:
        import_files(store, [source])
        with pytest.raises(FaultloreError, match=r"encoder\.onnx.* cannot be used .*install"):
            mine(store, now="2026-01-01T00:00:00Z", workers=1)
    load.cache_clear()


def test_threads_without_a_run_load_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "load_encoder", lambda: pytest.fail("loaded"))
    posts = posts_of(thread("Pump stops", "It stops."), ClaimContext())
    assert find.judged_runs(Outcomes(posts), [], [], "", load_models()) == []


def test_of_a_long_answer_a_piece_is_looked_at() -> None:
    answer = "mo", "NONE", "> x\n" * 100_000
    posts = posts_of(thread("Pump stops", "Clean it.", answer), ClaimContext())
    assert calls(lambda: [reading_of(the_run(posts, 1), posts, "") for _ in range(10)]) < 500_000


def test_each_kind_is_told_its_own_score_first() -> None:
    assert told("cause", (1, 2, 3, 4)) == (1, 3, 2)
    assert told("fix", (1, 2, 3, 4)) == (2, 4, 1)


def test_a_run_is_compared_with_what_is_read_of_its_rivals() -> None:
    posts = posts_of(thread("It fails", "Clean it. Turn it. Leave it."), ClaimContext())
    said = [Said(posts[1], i, (0.1, 0.0, 0.0, 0.9, 0.0)) for i in range(3)]
    found = [Run((one,), "fix", False, 0.9) for one in said]
    read = [(1.0, -2.0, 0.5), (3.0, -1.0, 0.0), (-1.0, 0.0, 0.0)]
    rivals = ThreadRuns(posts, said, found, Outcomes(posts), "", [], read)
    rows = [rivals.features(i) for i in range(3)]
    assert [row["read"] for row in rows] == [1.0, 3.0, -1.0]
    assert [row["read lead"] for row in rows] == [-2.0, 2.0, -4.0]
    assert [row["read rank"] for row in rows] == [1.0, 0.0, 2.0]
    alone = ThreadRuns(posts, said, found[:1], Outcomes(posts), "", [], read[:1]).features(0)
    assert (alone["read lead"], alone["read rank"]) == (7.0, 0.0)


def test_fine_tuning_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "PRETRAINED", "no_such_network")
    with pytest.raises(BadInputError, match="pip install --group training"):
        tuning.vocabulary([REMEDY])


def test_networks_of_other_samples_or_words_are_kept_apart() -> None:
    one = tuning.Sample(REMEDY, (False, True, None, False), 1.0)
    words = [*SPECIAL, "a"]
    name = tuning.file_name("all", words, [one])
    assert name == tuning.file_name("all", tuple(words), [one])
    assert name.startswith("all-")
    others = [
        tuning.file_name("all", [*words, "b"], [one]),
        tuning.file_name("all", words, [one, one]),
        tuning.file_name("all", words, [one._replace(answers=(False, False, None, False))]),
    ]
    assert len({name, *others}) == 4
