"""The parts below the claims: tables of weights, marked labels, runs, odds of long threads,
measures, training.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.models import Claim
from miner.extract import ClaimContext, find_claims
from miner.extract.course import Course
from miner.extract.cue_phrases import CUES, cues
from miner.extract.echo import Echo, outcome
from miner.extract.find import candidates, cited, tempered
from miner.extract.model import Linear, Thresholds, linear_of, load, softmax
from miner.extract.posts import posts_of
from miner.extract.prose import is_prose
from miner.extract.replies import Said, addresses, content, tie
from miner.extract.spans import MAX_SENTENCES, runs
from miner.extract.words import words
from miner.training import claims as train
from miner.training.dataset import LABELS, Labelled, Span, overlap, read_labels, read_marked
from miner.training.evaluate import measure
from tests.conftest import ROOT
from tests.support.claims_threads import KEYRING, thread

LABELS_DIR = ROOT / "data" / "labels"
MARKED = """=== 9901 hazel/broom closed completed
title: ⟦c?|EPIPE on start⟧
--- ada NONE
It says EPIPE.
--- bo MEMBER
⟦c+|The pipe is closed twice.⟧ ⟦f-|Try 2.0.⟧ Thanks
"""


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6))
def test_softmax_adds_up_to_one(scores: list[float]) -> None:
    assert math.isclose(sum(softmax(scores)), 1.0, rel_tol=1e-9)


def test_linear_counts_named_features_only() -> None:
    table = linear_of({"labels": ["a", "b"], "bias": [0.5, 0.0], "weights": {"x": [1.0, 2.0]}})
    assert table.scores({"x": 2.0, "y": 9.0}) == [2.5, 4.0]
    assert table.probabilities({})[0] > 0.5


def test_packaged_weights_are_readable_numbers_for_all_labels() -> None:
    model = load()
    for table in (model.sentence, model.course):
        assert table.labels == LABELS
        assert all(
            len(row) == len(LABELS) and all(math.isfinite(w) for w in row)
            for row in table.weights.values()
        )
    assert 0 < model.thresholds.join < model.thresholds.cause < 1


def test_marked_threads_become_text_with_spans() -> None:
    (one,) = read_marked(MARKED)
    body = one.thread.comments[0].body
    assert body == "The pipe is closed twice. Try 2.0. Thanks"
    assert [(body[s.start : s.end], s.kind, s.good) for s in one.spans if s.comment_id] == [
        ("The pipe is closed twice.", "cause", True),
        ("Try 2.0.", "fix", False),
    ]
    assert one.thread.state_reason == "completed"
    assert one.thread.title == "EPIPE on start"
    assert [(s.start, s.end, s.kind) for s in one.spans if s.field == "title"] == [(0, 14, "cause")]


def test_every_label_of_the_folder_lies_in_its_text() -> None:
    labelled = [t for one in read_labels([LABELS_DIR]) for t in one.threads]
    assert len({one.thread.number for one in labelled}) == len(labelled) > 200
    for one in labelled:
        for span in one.spans:
            text = one.thread.text_at((span.comment_id, span.field))
            assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The culprit was the proxy.", "reason"),
        ("still the same error", "failure"),
        ("that fixed it", "success"),
        ("please try 2.0", "command"),
        ("is it plan or act?", "question"),
        ("换成新的之后正常了", "zh good"),
        ("danach funktioniert es", "de"),
    ],
)
def test_turns_of_phrase(text: str, expected: str) -> None:
    assert expected in cues(text)


def test_every_turn_of_phrase_has_a_name_of_its_own_and_an_example_that_it_hits() -> None:
    assert len({name for name, _, _ in CUES}) == len(CUES)
    assert [name for name, _, example in CUES if name not in cues(example)] == []


def test_words_hide_what_is_particular_to_one_thread() -> None:
    assert words("@bo set `x y` to 3.1.4, see #12 and https://a.b/c") == (
        "AT",
        "set",
        "CODE",
        "to",
        "VER",
        "see",
        "REF",
        "and",
        "LINK",
    )


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("It works with the old driver.", True),
        ("换成新的之后正常了", True),
        ("2026-01-01T10:00:00Z INFO start", False),
        ("[ 8812.201] task:worker state:D stack:0 pid:2231", False),
        ("-- Checking for working C compiler: /usr/bin/cc - skipped", False),
        ("size =  3808.00 MiB ->  2016.00 MiB", False),
        ("", False),
    ],
)
def test_prose_and_logs(text: str, prose: bool) -> None:
    assert is_prose(text) is prose


def said_of(chances: list[float], label: int = 1) -> list[Said]:
    text = " ".join(f"Sentence number {i} is here." for i in range(len(chances)))
    post = posts_of(thread("t", text), ClaimContext())[1]
    rows = []
    for number, chance in enumerate(chances):
        row = [0.0] * len(LABELS)
        row[label], row[0] = chance, 1 - chance
        rows.append(Said(post, number, tuple(row)))
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.05, 0.2, 0.9]), min_size=1, max_size=12))
def test_runs_are_short_and_leave_out_what_is_no_claim(chances: list[float]) -> None:
    found = runs(said_of(chances), 1, 0.1)
    numbers = [one.number for run, _ in found for one in run]
    assert numbers == [i for i, chance in enumerate(chances) if chance >= 0.1]
    for run, chance in found:
        assert len(run) <= MAX_SENTENCES
        assert [one.number for one in run] == list(range(run[0].number, run[0].number + len(run)))
        assert chance == pytest.approx(1 - math.prod(1 - one.chances[1] for one in run))


def test_long_threads_are_judged_with_lower_odds() -> None:
    short, long = said_of([0.5] * 80), said_of([0.5] * 160)
    assert tempered(short) is short
    after = tempered(long)[0].chances
    assert after[1] / after[0] == pytest.approx(math.sqrt(0.5))
    assert sum(after) == pytest.approx(1)


def test_the_surest_of_a_thread_is_cited_with_less() -> None:
    levels = Thresholds(cause=0.4, fix=0.4, refuted=0.9, join=0.25, surest=0.2)
    assert [run.chance for run in cited(said_of([0.3, 0.0, 0.26]), levels)] == [pytest.approx(0.3)]
    assert [run.chance for run in cited(said_of([0.3, 0.0, 0.5]), levels)] == [pytest.approx(0.5)]
    assert cited(said_of([0.19]), levels) == []


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("works now, thanks", 1),
        ("no change with 4.1", -1),
        ("does 4.1 work for you?", 0),
        ("I see", 0),
        ("it works, but the crash still comes back again", 0),
    ],
)
def test_outcomes(text: str, sign: int) -> None:
    assert outcome(cues(text)) == sign


def test_what_is_taken_up_by_others_is_known() -> None:
    posts = posts_of(
        thread(
            "EPIPE",
            "x y z",
            ("bo", "MEMBER", "Set plume_lock=off."),
            ("ada", "NONE", "With plume_lock=off it works now."),
            ("cy", "NONE", "nice weather"),
        ),
        ClaimContext(),
    )
    found = candidates(posts)
    echo = Echo(posts, found, [content(post.say(post.sentences[i])) for post, i in found])
    taken = next(k for k, (post, _) in enumerate(found) if post.index == 2)
    idle = next(k for k, (post, _) in enumerate(found) if post.index == 4)
    assert echo.of_sentence(taken)["again.who"] > 0 == echo.of_sentence(idle)["again.who"]
    assert echo.of_post(posts[2])["good.next"] == 1
    assert echo.of_post(posts[4])["worked.after"] == 0


def test_course_is_bounded_in_a_long_thread() -> None:
    comments = [
        (f"u{i % 9}", "NONE", "The lock is never released. @u1 works now") for i in range(150)
    ]
    posts = posts_of(thread("EPIPE", "x y z", *comments), ClaimContext())
    found = candidates(posts)
    course = Course(posts, found, [(0.2,) * 5] * len(found), "")
    for k in range(len(found)):
        assert all(abs(value) < 12 for value in course.features(k).values())


def test_an_answer_is_tied_by_mention_quote_and_words() -> None:
    posts = posts_of(KEYRING, ClaimContext())
    maintainer, reporter = posts[3], posts[4]
    assert addresses(reporter, maintainer)
    fix = next(i for i, s in enumerate(maintainer.sentences) if "workaround" in maintainer.say(s))
    report = Said(reporter, 0, ())
    assert tie(Said(maintainer, fix, ()), report) > tie(Said(posts[2], 0, ()), report)
    assert tie(report, Said(maintainer, fix, ())) == 0


def claim(
    start: int, end: int, confidence: float, *, kind: str = "cause", stance: str = "unverified"
) -> Claim:
    return Claim(1, "body", kind, "", start, end, None, "user", "NONE", "", "", stance, confidence)


def test_measure_counts_as_the_definitions_say() -> None:
    spans = (
        Span(1, "body", 0, 10, "cause", True),
        Span(1, "body", 50, 60, "cause", True),
        Span(1, "body", 80, 90, "cause", False),
    )
    labelled = Labelled(KEYRING, spans, {})
    claims = [
        claim(2, 9, 0.4),
        claim(100, 110, 0.9),
        claim(80, 90, 0.95, stance="refuted"),
        claim(0, 10, 1.0, kind="fix"),
    ]
    figures = measure([(labelled, claims)])
    cause = figures["cause"]
    assert (cause.right, cause.claims, cause.found, cause.wanted) == (1, 2, 1, 2)
    assert cause.f1 == pytest.approx(0.5)
    assert cause.top1 == 0
    assert figures["fix"].precision == 0


def test_overlap_is_of_the_shorter() -> None:
    assert overlap(0, 10, 5, 100) == 0.5
    assert overlap(0, 10, 10, 20) == 0


def test_training_learns_words_and_the_document_reads_back() -> None:
    rows = [{"w=bad": 1.0}, {"w=good": 1.0}, {"w=odd": 1.0}] * 8
    table = train.fit(rows, [0, 1, 2] * 8, [1.0] * 24, 1.0, 1)
    assert isinstance(table, Linear)
    assert table.scores({"w=good": 1.0})[1] > table.scores({"w=good": 1.0})[0]


def test_weights_file_is_what_training_writes(tmp_path: Path) -> None:
    text = train.document(load())
    again = json.loads(text)
    assert linear_of(again["sentence"]) == load().sentence
    assert linear_of(again["course"]) == load().course
    packaged = Path(train.WEIGHTS).read_text(encoding="utf-8")
    assert text == packaged


@pytest.mark.shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("ai_dev", {"cause": (0.65, 0.85), "fix": (0.70, 0.85)}),
        ("ik_dev", {"cause": (0.10, 0.15), "fix": (0.25, 0.25)}),
    ],
)
def test_figures_on_threads_it_was_not_trained_on(
    shared_dir: Path, name: str, least: dict[str, tuple[float, float]]
) -> None:
    from miner.authors.roles import roles

    sets = read_labels([shared_dir], held_out=True)
    labelled = next(one.threads for one in sets if one.name == name)
    found = [
        (one, find_claims(one.thread, [], ClaimContext(posts=roles(one.thread))))
        for one in labelled
    ]
    for one, claims in found:
        assert not [
            c for c in claims if one.no_evidence.get(c.comment_id or 0) in ("advert", "bot")
        ]
    figures = measure(found)
    for kind, (f1, top1) in least.items():
        assert figures[kind].f1 >= f1
        assert figures[kind].top1 >= top1


def test_sets_kept_to_look_at_are_never_trained_on(tmp_path: Path) -> None:
    thread = {"repo": "a/b", "issue": {"title": "t", "body": "It fails."}}
    thread["issue"]["created_at"] = "2026-01-01T00:00:00Z"  # type: ignore[index]
    gold = {"number": 1, "causes": [{"where": "body", "start": 0, "end": 9}], "fixes": []}
    for folder in ("corpus", "gold"):
        (tmp_path / folder).mkdir()
    for name, number in (("real_new", 1), ("real_dev", 2)):
        thread["issue"]["number"] = gold["number"] = number  # type: ignore[index]
        (tmp_path / "corpus" / f"{name}.jsonl").write_text(json.dumps(thread) + "\n")
        (tmp_path / "gold" / f"claims_{name}.jsonl").write_text(json.dumps(gold) + "\n")
    assert [one.name for one in read_labels([tmp_path])] == ["real_new"]
    assert [one.name for one in read_labels([tmp_path], held_out=True)] == ["real_dev"]
    assert len(read_labels([tmp_path, tmp_path])) == 1


def test_labels_without_their_threads_are_named(tmp_path: Path) -> None:
    (tmp_path / "claims_x.jsonl").write_text('{"number": 1, "causes": [], "fixes": []}\n')
    with pytest.raises(BadInputError, match=r"claims_x\.jsonl"):
        read_labels([tmp_path])
