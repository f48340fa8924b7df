"""Ranking: sure means sure, the nearest first, several errors of a log, text of any size and
mess."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import KnowledgeBase
from kb.errors import BadInputError
from kb.query.input import ERRORS, WHOLE, decode, read_errors
from kb.query.lookup import RELATED_FLOOR, RELATED_TOP, telling_words, words_of
from tests.support.growth import assert_linear
from tests.support.kb_builder import Filler, filled

KNOWN = {
    "auth": "Error: 401 No auth credentials found",
    "cookie": "Error: 401 No cookie auth credentials found",
    "uvx": "Error: spawn uvx ENOENT",
    "git": "fatal: not a git repository (or any of the parent directories): .git",
    "refused": "Error: connect ECONNREFUSED 127.0.0.1:11434",
    "overloaded": (
        'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    ),
    "module": "ModuleNotFoundError: No module named 'fastapi'",
    "module2": "ModuleNotFoundError: No module named 'numpy'",
    "tokens": "Error: 429 Rate limit exceeded: free-models-per-day",
}


def fill(f: Filler) -> None:
    for name, raw in KNOWN.items():
        # the name stands in the title, so that a test can tell entries apart
        f.add(raw, title=f"{name} entry", threads=[(f"acme/{name}", f.entries + 1, "2026-01-05")])


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("query") / "kb.db", fill)


@pytest.fixture(scope="module")
def kb(db: Path) -> KnowledgeBase:
    return KnowledgeBase(db)


def names(kb: KnowledgeBase, text: str, **more: object) -> list[tuple[str, str]]:
    return [(r.entry.title.split()[0], r.match) for r in kb.query(text, **more).results]  # type: ignore[arg-type]


# ---------------------------------------------------------------- one error


def test_a_text_that_was_cut_off_is_found_where_one_error_begins_with_it(kb: KnowledgeBase) -> None:
    answer = kb.query("fatal: not a git repository (or any of the pa…")
    assert (answer.results[0].entry.title, answer.results[0].match) == ("git entry", "same")
    assert "cut off" in answer.results[0].why


def test_a_generic_message_is_never_sure_without_its_place(kb: KnowledgeBase) -> None:
    answer = kb.query("Segmentation fault (core dumped)")
    assert not answer.found
    assert any("many causes" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("429 Too Many Requests", ["E00002", "E00001", "E00003"]),
        ("OpenAI 429: Too Many Requests", ["E00001"]),
        ("503 Service Unavailable", []),
        ("why do I get a 429 all the time in potter?", ["E00002", "E00001", "E00003"]),
        # what says more than a status, and is like nothing that is known
        ("429 zebra crossing", []),
    ],
)
def test_a_mere_status_offers_what_came_with_it(
    tmp_path: Path, asked: str, offered: list[str]
) -> None:
    def made(f: Filler) -> None:
        twice = [("a/b", 1, "2026-01-05"), ("a/c", 2, "2026-01-05")]
        f.add("OpenAI API error 429: quota of the plan exhausted", title="quota")
        f.add("Error: 429 slow down", title="slow", threads=twice)
        f.add("Anthropic API error 429: daily tokens used up", title="tokens")
        f.add("Error: 402 payment needed", title="payment")

    kb = KnowledgeBase(filled(tmp_path / "kb.db", made))
    found = kb.query(asked)
    assert not found.found
    assert [result.entry.entry_id for result in found.results] == offered
    assert all("same status 429" in result.why for result in found.results)
    # a filter does not choose from the first ones only
    best = kb.query(asked, limit=1, provider="openai").results
    assert [result.entry.entry_id for result in best] == [e for e in offered if e == "E00001"]


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_error_is_found_first_and_exactly(kb: KnowledgeBase, name: str) -> None:
    answer = kb.query(KNOWN[name])
    assert answer.found
    assert answer.best is answer.results[0]
    assert (answer.results[0].entry.title, answer.results[0].match) == (f"{name} entry", "exact")
    assert answer.results[0].score == 1.0
    assert [r.match for r in answer.results[1:]].count("exact") == 0


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last):\n  File "/app/x.py", line 3, in <module>\n'
        "    import fastapi\n"
        "ModuleNotFoundError: No module named 'fastapi'\n",
        "2026-01-02 10:11:12 INFO start\r\nModuleNotFoundError: No module named 'fastapi'\r\n",
        "\x1b[31mModuleNotFoundError: No module named 'fastapi'\x1b[0m",
        "   ModuleNotFoundError: No module named 'fastapi'   ",
    ],
)
def test_the_same_error_in_other_surroundings_is_exact(kb: KnowledgeBase, text: str) -> None:
    assert names(kb, text)[0] == ("module", "exact")


@pytest.mark.parametrize(
    "text",
    [
        "ModuleNotFoundError: No module named 'torchvision'",
        "KeyError: 'flux capacitor'",
        "error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
        "Error: 402 Insufficient credits. Add more",
        "thread 'main' panicked at src/main.rs:4:5: index out of bounds",
        "why is the sky blue and the grass green",
        "???",
        "0",
    ],
)
def test_an_unknown_error_is_never_sure(kb: KnowledgeBase, text: str) -> None:
    answer = kb.query(text)
    assert not answer.found
    assert all(r.match == "related" and r.score <= RELATED_TOP for r in answer.results)


def test_related_entries_are_those_with_the_same_words_and_fields(kb: KnowledgeBase) -> None:
    found = names(kb, "Error: 401 No session auth credentials were found")
    assert {name for name, _ in found[:2]} == {"auth", "cookie"}
    assert names(kb, "ModuleNotFoundError: No module named 'torchvision'")[0][0] in (
        "module",
        "module2",
    )
    why = kb.query("Error: 401 No session auth credentials were found").results[0].why
    assert why.startswith("same status 401; the messages are ")
    assert why.endswith("% alike")


def test_another_status_under_the_same_message_is_not_sure(tmp_path: Path) -> None:
    def one(f: Filler) -> None:
        f.add("exceeded retry limit, last status: 401 Unauthorized", title="retry")

    kb = KnowledgeBase(filled(tmp_path / "kb.db", one))
    assert kb.query("exceeded retry limit, last status: 401 Unauthorized").found
    assert not kb.query("exceeded retry limit, last status: 429 Too Many Requests").found


# ---------------------------------------------------------------- filters and limits


def test_filters_leave_out_entries(kb: KnowledgeBase) -> None:
    text = KNOWN["auth"]
    assert names(kb, text, repo="acme/auth") == [("auth", "exact")]
    assert names(kb, text, repo="ACME/Auth") == [("auth", "exact")]
    assert names(kb, text, repo="acme/cookie") == [("cookie", "related")]
    assert names(kb, text, grade="A") == []
    assert ("auth", "exact") in names(kb, text, grade="cd")
    assert names(kb, text, since="2026-01-06") == []
    assert ("auth", "exact") in names(kb, text, since="2026-01-05")
    assert names(kb, text, provider="nobody") == []
    assert names(kb, text, tool="nothing") == []


@pytest.mark.parametrize(
    "bad",
    [{"repo": "acme tool"}, {"since": "yesterday"}, {"grade": "E"}, {"limit": 0}, {"limit": 201}],
)
def test_bad_filters_are_named(kb: KnowledgeBase, bad: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        kb.query("x", **bad)  # type: ignore[arg-type]


def test_limit_is_kept(kb: KnowledgeBase) -> None:
    for limit in (1, 2, 3):
        assert len(kb.query("Error: 401 No auth credentials found", limit=limit).results) <= limit


# ---------------------------------------------------------------- logs with several errors


def test_each_error_of_a_log_is_answered_the_root_one_first(kb: KnowledgeBase) -> None:
    log = "\n".join(["starting", KNOWN["uvx"], "retrying", KNOWN["git"], "done", KNOWN["uvx"]])
    answer = kb.query(log)
    assert [(r.entry.title, r.sure) for r in answer.results[:2]] == [
        ("uvx entry", True),
        ("git entry", True),
    ]
    assert [r.error for r in answer.results[:2]] == [0, 1]
    assert answer.errors[0].raw in KNOWN["uvx"]
    assert answer.errors[0].count == 2


def test_places_of_errors_are_those_in_the_asked_text() -> None:
    text = "ok\n" * 50 + KNOWN["uvx"] + "\nok\n" + KNOWN["git"] + "\n"
    for error in read_errors(text).errors:
        assert text[error.start : error.end] == error.raw


def test_a_repeating_log_is_one_error_with_a_count() -> None:
    asked = read_errors(
        "".join(
            f"2026-01-01 00:00:{i % 60:02d} Error: connect ECONNREFUSED 10.0.0.{i % 250}:80\n"
            for i in range(2000)
        )
    )
    assert len(asked.errors) == 1
    assert asked.errors[0].count == 2000


def test_more_different_errors_than_are_answered_are_counted() -> None:
    words = [
        "alpha",
        "bravo",
        "carol",
        "delta",
        "echo",
        "fox",
        "golf",
        "hotel",
        "india",
        "jazz",
        "kilo",
        "lima",
    ]
    log = "\n".join(f"ModuleNotFoundError: No module named '{a}{b}'" for a in words for b in words)
    asked = read_errors(log)
    assert len(asked.errors) == ERRORS
    assert any(f"{len(words) ** 2} different errors" in note for note in asked.notes)


# ---------------------------------------------------------------- text of any size and mess


def test_the_middle_of_a_large_log_is_read_around_error_words(kb: KnowledgeBase) -> None:
    filler = "2026-01-01 12:00:00 INFO all is well with worker seven\n" * 60_000
    text = filler + KNOWN["uvx"] + "\n" + filler
    assert len(text) > WHOLE
    answer = kb.query(text)
    assert answer.best is not None
    assert answer.best.entry.title == "uvx entry"
    error = answer.errors[0]
    assert text[error.start : error.end] == error.raw
    assert any("were read" in note for note in answer.notes)


def test_a_hundred_megabytes_are_answered(kb: KnowledgeBase) -> None:
    text = (
        "2026-01-01 12:00:00 ERROR worker failed: step 17 of 20\n" * 1_900_000 + KNOWN["git"] + "\n"
    )
    answer = kb.query(text)
    assert ("git entry", "exact") in [(r.entry.title, r.match) for r in answer.results]


@pytest.mark.parametrize(
    "unit",
    ['{"error":"', "a:", "\x1b[31m", "Error: ", "\\", "x", "(", "é", "\U0001f600", "Error:\n"],
)
def test_hostile_repetition_takes_linear_work(kb: KnowledgeBase, unit: str) -> None:
    kb.query(unit * (400_000 // len(unit)) + "!")
    assert_linear(kb.query, unit, 10_000)


def test_empty_text_is_bad_input(kb: KnowledgeBase) -> None:
    for text in ("", " \n\t"):
        with pytest.raises(BadInputError, match="empty"):
            kb.query(text)


@pytest.mark.parametrize(
    "data",
    [
        "Error: naïve ✗\n".encode("utf-16"),
        "\ufeffError: naïve ✗\n".encode("utf-8"),
        "Error: naïve ✗\n".encode(),
        "Error: naïve\n".encode("utf-16-le"),
    ],
)
def test_encodings_that_shells_write_are_read(data: bytes) -> None:
    assert decode(data, "x").startswith("Error: naïve")


def test_text_with_a_few_broken_bytes_is_text() -> None:
    assert "Error" in decode(b"Error: \xff\xfe caf\xe9 " + b"ok " * 50, "x")
    assert decode(b"a\x00b" + b"c" * 100, "x") == "ab" + "c" * 100


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40,
        random.Random(7).randbytes(5000),
        b"\x00" * 500,
    ],
)
def test_binary_data_are_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match=r"app\.bin: is binary"):
        decode(data, "app.bin")


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from([*KNOWN.values(), '"', "'", "*", "NEAR(", "AND", "\x00", "<n>", "-"])
        ).map("\n".join),
    )
)
def test_any_text_is_answered_and_the_document_is_whole(kb: KnowledgeBase, text: str) -> None:
    if not text.strip():
        return
    answer = kb.query(text)
    document = answer.to_dict()
    assert document["query_signature"] == answer.errors[0].signature
    wanted = {"entry_id", "title", "signature", "match", "score", "threads", "repos", "url"}
    assert all(wanted <= set(r) for r in document["results"])
    assert len({r["entry_id"] for r in document["results"]}) == len(document["results"]) <= 5
    assert answer.found == any(r["match"] in ("exact", "same") for r in document["results"])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(min_size=1, max_size=80))
def test_any_words_can_be_searched(kb: KnowledgeBase, words: str) -> None:
    if words.strip():
        assert all(r.match == "related" for r in kb.search(words))


# ---------------------------------------------------------------- search


def test_search_finds_all_words_before_some(tmp_path: Path) -> None:
    def some(f: Filler) -> None:
        f.add(
            "Error: 401 User not found",
            title="OpenRouter 401",
            words="key works in curl but not in the editor",
        )
        f.add("Error: 500 curl", title="curl thing")
        f.add("连接失败: 没有凭据", title="连接失败")

    kb = KnowledgeBase(filled(tmp_path / "kb.db", some))
    found = kb.search("openrouter key works in curl")
    assert [r.entry.title for r in found] == ["OpenRouter 401", "curl thing"]
    assert found[0].why == "has all the words"
    assert kb.search("zebra") == ()
    # no spaces between words: a part of the run is found too
    assert [r.entry.title for r in kb.search("凭据")] == ["连接失败"]
    with pytest.raises(BadInputError):
        kb.search("  ")


def test_a_greeting_finds_nothing() -> None:
    assert telling_words("Hi there, it broke. Thanks") == ["broke"]


def test_words_are_cut_as_the_index_cuts_them() -> None:
    assert words_of("No <path> insufficient_quota Error: É") == [
        "no",
        "insufficient",
        "quota",
        "error",
        "é",
    ]


# ---------------------------------------------------------------- what else is worth a look


@pytest.mark.parametrize(
    "text",
    [
        "Error: 401 No cookie auth\ncredentials found\n",
        "Error: 401 No cookie\r\n  auth credentials\r\n  found",
        "│ Error: 401 No cookie auth      │\n│ credentials found              │",
    ],
)
def test_a_message_that_a_screen_broke_between_words_is_found(kb: KnowledgeBase, text: str) -> None:
    assert names(kb, text)[0] == ("cookie", "exact")


def test_the_next_line_of_a_log_is_no_part_of_a_message(kb: KnowledgeBase) -> None:
    answer = kb.query("Error: 401 No cookie auth\nINFO credentials found")
    assert not answer.found


def test_entries_that_only_share_words_do_not_stand_beside_a_related_one(db: Path) -> None:
    def fill_words(f: Filler) -> None:
        f.add("MCP error -32000: Connection closed", threads=[("acme/a", 1, "2026-01-05")])
        far = f"{'pour ' * 200}mcp error 32000 connection closed"
        f.add("No module named kettle", threads=[("acme/b", 2, "2026-01-05")], words=far)

    kb = KnowledgeBase(filled(db.parent / "words.db", fill_words))
    answer = kb.query("Error: mcp error 32000 connection closed")
    assert [r.entry.title for r in answer.results] == ["MCP error -32000: Connection closed"]


@pytest.mark.parametrize(
    "text", [*KNOWN.values(), "credentials", "a kettle that never failed, 12345", "401 auth"]
)
def test_related_entries_come_best_first_and_weak_ones_not_at_all(
    kb: KnowledgeBase, text: str
) -> None:
    scores = [r.score for r in kb.query(text, limit=10).results]
    assert scores == sorted(scores, reverse=True)
    assert all(RELATED_FLOOR <= score <= 1 for score in scores)
