"""The parts below the claims: tables of weights, marked labels, runs, odds of long threads,
measures, training.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.linear import LinearModel, read_linear, softmax
from kb.models import Claim
from miner.detect import detect
from miner.extract import ClaimContext, find_claims
from miner.extract.claim_features import ThreadRuns, run_words
from miner.extract.context import posts_of
from miner.extract.cue_phrases import cues, has
from miner.extract.features import SentenceParts, about_post, sentence_parts
from miner.extract.find import Judged, candidates, kept
from miner.extract.model import (
    LABELS,
    VERDICTS,
    Forest,
    SentenceModel,
    Thresholds,
    calibrated,
    claim_model_of,
    linked,
    load,
    over_long,
    pooled,
)
from miner.extract.outcomes import Outcomes, outcome
from miner.extract.prose import is_prose
from miner.extract.replies import Said, addresses, tie
from miner.extract.spans import JOIN, MAX_SENTENCES, Run, overlap, runs
from miner.extract.words import words
from miner.training import claims as train
from miner.training import dataset
from miner.training.__main__ import main as train_all
from miner.training.dataset import Labelled, Span, read_labels
from miner.training.detect import read_examples
from miner.training.evaluate import measure
from tests.conftest import ROOT
from tests.support import threads
from tests.support.claims_threads import KEYRING, thread

LABELS_DIR = ROOT / "data" / "labels"
_AT = {"created_at": "2026-01-01T00:00:00Z"}
_ANSWER = "The pipe is closed twice. Try 2.0. Thanks"


def small(number: int = 9901, repo: str = "hazel/broom") -> dict[str, Any]:
    """A thread of two posts, in the import format."""
    issue = {"number": number, "title": "EPIPE on start", "body": "It says EPIPE.", **_AT}
    return {"repo": repo, "issue": issue, "comments": [{"id": 1, "body": _ANSWER, **_AT}]}


def gold(number: int = 9901, *, cause: bool = True, fix: bool = False) -> dict[str, Any]:
    """Its labels: a cause and a fix, and whether they stand."""
    causes = [
        {"where": "title", "start": 0, "end": 14},
        {"where": 1, "start": 0, "end": 25, "good": cause},
    ]
    fixes = [{"where": 1, "start": 26, "end": 34, "good": fix}]
    return {"number": number, "causes": causes, "fixes": fixes}


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6))
def test_softmax_adds_up_to_one(scores: list[float]) -> None:
    assert math.isclose(sum(softmax(scores)), 1.0, rel_tol=1e-9)


def test_packaged_weights_are_readable_numbers_for_all_labels() -> None:
    model = load()
    assert model.sentence.linear.labels == LABELS
    assert all(
        len(row) == len(LABELS) and all(math.isfinite(w) for w in row)
        for row in model.sentence.linear.weights.values()
    )
    for one in (model.cause, model.fix):
        assert one.linear.labels == VERDICTS
        assert one.words.labels == VERDICTS
        assert set(one.linear.weights) <= set(one.forest.features)
        nodes = list(one.forest.trees)
        for feature, first, second, right in nodes:
            if feature >= 0:
                nodes += (second, right)
            else:
                assert 0 <= first + second <= 1.001
    levels = model.thresholds
    assert 0 < levels.surest <= min(levels.cause, levels.fix) < levels.publish <= 1


def parts_of(text: str) -> list[SentenceParts]:
    """What the model reads of each candidate of a thread with this report."""
    posts = posts_of(thread("It fails", text), ClaimContext())
    outcomes = Outcomes(posts)
    return [
        sentence_parts(post, i, about_post(posts, post, outcomes, ""))
        for post, i in candidates(posts)
    ]


def test_sentence_chances_are_one_against_the_rest() -> None:
    rows = {"w=cable": (-3.0, 4.0, 0.0, 0.0, 0.0)}
    model = SentenceModel(LinearModel(LABELS, (0.0, -1.0, -1.0, -1.0, -1.0), rows))
    _, with_it, without = map(model.chances, parts_of("It was the cable. It was the cord."))
    assert sum(with_it) == pytest.approx(1)
    assert with_it[1] > 0.5 > without[1]


@given(text=st.text(alphabet="ab1 `.#?\u4e2d\n-", max_size=80))
@settings(deadline=None)
def test_adding_up_by_words_is_the_sum_over_named_features(text: str) -> None:
    model = load().sentence
    for parts in parts_of(f"The reason is clear. {text}"):
        named = model.linear.scores(parts.features())
        assert model.scores(parts) == pytest.approx(named, abs=1e-9)


def test_a_forest_is_the_mean_of_the_leaves_of_a_row() -> None:
    stump = linked([(0, 0.5, 1, 2), (0.2, 0.0), (0.6, 0.4)])
    forest = Forest(("a", "b"), (stump, linked([(0.4, 0.0)])))
    assert forest.probabilities({}) == pytest.approx((0.7, 0.3, 0.0))
    assert forest.probabilities({"a": 1.0, "c": 9.0}) == pytest.approx((0.3, 0.5, 0.2))


def test_words_that_speak_against_a_run_weigh_more_than_others_speak_for_it() -> None:
    others = (0.2, 0.7, 0.1), (0.4, 0.5, 0.1)
    alike, without, against = (
        pooled(*others, words) for words in ((1 / 3,) * 3, (0.3, 0.6, 0.1), (0.99, 0.005, 0.005))
    )
    assert all(sum(row) == pytest.approx(1) for row in (alike, without, against))
    assert without[1] > alike[1] > 1.3 * against[1]


def test_the_words_of_a_run_and_of_what_stands_beside_it() -> None:
    post = posts_of(thread("t", "It fails. Use 4.1 now. Thanks a lot"), ClaimContext())[1]
    (run,) = runs([Said(post, 1, (0.1, 0.0, 0.0, 0.9, 0.0))], "fix")
    found = run_words(run)
    assert {name for name in found if name[:2] == "w="} == {
        "w=use", "w=VER", "w=now", "w=use VER", "w=VER now"
    }  # fmt: skip
    assert {"p=fails", "n=thanks"} <= set(found)
    for prefix, length in (("w=", 1.0), ("p=", 0.5), ("n=", 0.5)):
        own = [value for name, value in found.items() if name.startswith(prefix)]
        assert math.hypot(*own) == pytest.approx(length)


def test_every_label_of_the_folder_lies_in_its_text() -> None:
    labelled = [t for one in read_labels([LABELS_DIR]) for t in one.threads]
    assert len({one.thread.number for one in labelled}) == len(labelled) > 200
    for one in labelled:
        for span in one.spans:
            text = one.thread.texts[span.comment_id, span.field]
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


def test_words_hide_what_is_particular_to_one_thread() -> None:
    found = words("@bo set `x y` to 3.1.4, see #12 and https://a.b/c")
    assert found == tuple("AT set CODE to VER see REF and LINK".split())


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
    found = runs(said_of(chances), "cause")
    numbers = [one.number for run in found for one in run.said]
    assert numbers == [i for i, chance in enumerate(chances) if chance >= JOIN]
    for run in found:
        assert len(run.said) <= MAX_SENTENCES
        first = run.said[0].number
        assert [one.number for one in run.said] == list(range(first, first + len(run.said)))
        assert run.chance == pytest.approx(1 - math.prod(1 - one.chances[1] for one in run.said))


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("- Clear the cache.\n- Use 4.1.", ["Clear the cache.", "Use 4.1."]),
        ("Do this:\n\n- clear it\n- go back", ["Do this:\n\n- clear it\n- go back"]),
        ("It was the cache.\n\n- on a Mac", ["It was the cache.", "on a Mac"]),
        ("## Cause\n\nIt was the cache.", ["Cause", "It was the cache."]),
        ("- It was the cache. It is full.", ["It was the cache. It is full."]),
    ],
)
def test_the_items_of_a_list_are_claims_of_their_own(text: str, quotes: list[str]) -> None:
    post = posts_of(thread("t", text), ClaimContext())[1]
    said = [Said(post, i, (0.1, 0.9, 0.0, 0.0, 0.0)) for i in range(len(post.sentences))]
    assert [run.text for run in runs(said, "cause")] == quotes


def judged_of(*chances: tuple[float, float]) -> list[Judged]:
    said = said_of([0.9, 0.0] * len(chances))
    return [
        Judged(run, good, refuted)
        for run, (good, refuted) in zip(runs(said, "cause"), chances, strict=True)
    ]


def test_the_surest_of_a_thread_is_kept_with_less() -> None:
    levels = Thresholds(cause=0.4, fix=0.4, refuted=0.5, surest=0.2, publish=0.8)

    def found(*chances: tuple[float, float]) -> list[tuple[float, bool]]:
        return [(run.chance, run.refuted) for run in kept(judged_of(*chances), levels)]

    assert found((0.3, 0.0), (0.26, 0.0)) == [(0.3, False)]
    assert found((0.3, 0.0), (0.5, 0.0)) == [(0.5, False)]
    assert found((0.19, 0.0)) == []
    assert found((0.45, 0.5), (0.9, 0.3)) == [(0.5, True), (0.9, False)]


@pytest.mark.parametrize(
    ("text", "first", "last", "quote"),
    [
        (
            "Get the new release:\n\n$ pip install -U plume",
            0, 0, "Get the new release:\n\n$ pip install -U plume",
        ),
        ("Do this:\n\n- clear it\n- go back", 0, 1, "Do this:\n\n- clear it\n- go back"),
        ("Do this:\n\n- clear it\n\nIt helped.", 0, 1, "Do this:\n\n- clear it"),
        ("Do this:\n\n![Image](https://a.example/b.png)", 0, 0, "Do this:"),
        ("It says:\n\nKeyError: 'keep'", 0, 0, "It says:"),
    ],
)  # fmt: skip
def test_a_quote_holds_what_it_announces(text: str, first: int, last: int, quote: str) -> None:
    post = posts_of(thread("t", text), ClaimContext())[1]
    said = tuple(Said(post, i, ()) for i in range(first, last + 1))
    levels = Thresholds(cause=0.4, fix=0.4, refuted=0.5, surest=0.2, publish=0.8)
    (found,) = kept([Judged(Run(said, "fix", False, 0.9), 0.9, 0.0)], levels)
    assert found.text == quote


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


def test_what_the_next_posts_tell_of_a_post() -> None:
    posts = posts_of(
        thread(
            "EPIPE",
            "x y z",
            ("bo", "MEMBER", "Set plume_lock=off."),
            ("ada", "NONE", "With plume_lock=off it works now."),
            ("rowan-t", "NONE", "I still get the same error"),
        ),
        ClaimContext(),
    )
    outcomes = Outcomes(posts)
    assert {"next good", "soon bad", "asker bad"} <= set(outcomes.after(posts[2]))
    assert outcomes.after(posts[4]) == ("silence",)
    assert "failed" in outcomes.verdicts[4]
    assert "worked" in outcomes.verdicts[3]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Nobody run that please, comment reported.", True),
        ("do not use this, it is malware", True),
        ("Don't run the command above", True),
        ("That fixed it. But do not run it while the server is up.", False),
        ("Don't use this in production, it is only a workaround", False),
        ("Nobody answers here", False),
        ("I do not use this driver's scheduler", False),
    ],
)
def test_warnings(text: str, warning: bool) -> None:
    assert has("refutes", text) is warning


def test_claim_features_are_bounded_in_a_long_thread() -> None:
    comments = [
        (f"u{i % 9}", "NONE", "The lock is never released. @u1 works now") for i in range(150)
    ]
    posts = posts_of(thread("EPIPE", "x y z", *comments), ClaimContext())
    said = [Said(post, i, (0.2,) * 5) for post, i in candidates(posts)]
    found = runs(said, "cause")
    read = [(float(i % 7), -1.0, 2.0) for i in range(len(found))]
    rivals = ThreadRuns(posts, said, found, Outcomes(posts), "", [], read)
    names = set(rivals.features(0))
    for k in range(len(found)):
        row = rivals.features(k)
        assert set(row) == names
        assert all(math.isfinite(value) and abs(value) < 500 for value in row.values())


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


def test_a_project_with_many_threads_counts_like_one_with_fewer() -> None:
    every = [dataset.labelled(dataset.thread_of(small(i)), gold(i)) for i in range(1, 91)]
    found = train.weighed([train.example(one) for one in every])
    assert {one.weight for one in found} == {train.MOST / 90}
    assert sum(one.measured for one in found) == train.MOST
    assert {one.weight for one in train.weighed([replace(found[0], real=False)])} == {train.MADE_UP}


def test_a_pull_request_is_known_as_one_and_not_measured() -> None:
    one = dataset.labelled(dataset.thread_of(small()), gold())
    pull = train.example(replace(one, thread=replace(one.thread, kind="pull")))
    assert pull.closed == "pull"
    assert not train.weighed([pull])[0].measured


def test_overlap_is_of_the_shorter() -> None:
    assert overlap(0, 10, 5, 100) == 0.5
    assert overlap(0, 10, 10, 20) == 0


@pytest.mark.slow
def test_training_writes_files_that_read_back(tmp_path: Path) -> None:
    none = {"causes": [], "fixes": []}
    kinds = (gold(), gold(fix=True), none, gold(cause=False))
    for name, lines in (
        ("small", [small(i, f"hazel/broom{i}") for i in range(1, 46)]),
        ("claims_small", [kinds[i % 4] | {"number": i} for i in range(1, 46)]),
    ):
        text = "\n".join(map(json.dumps, lines))
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    found = train.trained([tmp_path])
    assert "| cause |" in found.card
    assert "Brier score" in found.card
    document = json.loads(found.files[train.CLAIM_WEIGHTS])
    assert claim_model_of(document["cause"]).linear.labels == VERDICTS
    assert read_linear(found.files[train.WEIGHTS].decode()).labels == LABELS


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("ai_dev", {"cause": (0.65, 0.8), "fix": (0.70, 0.8)}),
        ("ik_dev", {"cause": (0.25, 0.3), "fix": (0.28, 0.35)}),
    ],
)
def test_figures_on_threads_it_was_not_trained_on(
    shared_dir: Path, name: str, least: dict[str, tuple[float, float]]
) -> None:
    from miner.authors.roles import roles

    sets = read_labels([shared_dir], held_out=True)
    labelled = next(one.threads for one in sets if one.name == name)
    found = [
        (one, find_claims(one.thread, detect(one.thread), ClaimContext(posts=roles(one.thread))))
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


def test_labels_of_threads_that_others_own_are_places_in_another_folder(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir(), (theirs / "corpus").mkdir(parents=True)

    def document(number: int, login: str) -> dict[str, object]:
        posts = [
            threads.comment(number * 10 + i, "Try 4.3, it is fixed there.", who, day=2 + i)
            for i, who in enumerate((login, "passer-by" + str(number)))
        ]
        return threads.thread(number, "t", "It fails.", posts, repo="a/b")

    lines = [json.dumps(document(number, "mia")) for number in (1, 2, 3, 4)]
    (theirs / "corpus" / "real_others.jsonl").write_text("\n".join(lines))
    span = {"where": 10, "start": 0, "end": 7, "good": False}
    label = {"repo": "a/b", "number": 1, "causes": [], "fixes": [span]}
    (ours / "claims_real_others.jsonl").write_text(json.dumps(label))

    assert read_labels([ours]) == []
    (found,) = read_labels([ours, theirs])
    assert (found.name, found.real, len(found.threads)) == ("real_others", True, 1)
    one = found.threads[0]
    assert one.spans == (Span(10, "body", 0, 7, "fix", good=False),)
    # who answers in four threads of a project is a member of it, whatever the source left out
    assert [c.association for c in one.thread.comments] == ["MEMBER", "NONE"]
    # they say nothing of errors, which is not that the thread has none
    assert (one.errors, read_examples([ours, theirs])) == (None, [])

    label["number"] = 9
    (ours / "claims_real_others.jsonl").write_text(json.dumps(label))
    with pytest.raises(BadInputError, match=r"real_others\.jsonl has no thread a/b#9"):
        read_labels([ours, theirs])


def test_a_claim_of_a_long_thread_is_less_sure() -> None:
    usual, long = over_long(math.log(40)), over_long(math.log(240))
    assert usual == 0
    assert math.isclose(long, math.log(4))
    assert calibrated(0.8, (1.0, 0.0, -0.5), usual) == pytest.approx(0.8)
    assert calibrated(0.8, (1.0, 0.0, -0.5), long) == pytest.approx(2 / 3)
    model = load()
    assert all(length <= 0 for one in (model.cause, model.fix) for *_, length in one.calibration)


def test_labels_without_their_threads_are_named(tmp_path: Path) -> None:
    (tmp_path / "claims_x.jsonl").write_text('{"number": 1, "causes": [], "fixes": []}\n')
    with pytest.raises(BadInputError, match=r"claims_x\.jsonl"):
        read_labels([tmp_path])


@pytest.mark.parametrize(
    ("labels", "model", "said"),
    [
        ("none", "claims", "give folders with labels of several projects"),
        ("none", "matching", "give folders with labels of several projects"),
        ("claims_plain", "claims", "claims that stand and some that are refuted"),
    ],
)
def test_too_few_labels_are_one_line_that_says_what_to_give(
    tmp_path: Path, labels: str, model: str, said: str
) -> None:
    for path in LABELS_DIR.glob(f"{labels}*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(SystemExit, match=rf"\A{model}: .*{said}.*\Z"):
        train_all([str(tmp_path), "--only", model, "--report", "--without-encoder"])
