"""The decision same or not: facts that keep apart, what is learned, and reasons that add up."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.matching import facts
from kb.matching.features import View, view_of
from kb.matching.model import (
    NAMES,
    begins_with,
    conflict,
    features,
    in_words,
    judge,
    probability,
    weights,
)
from kb.signature import sign
from kb.signature.place import Where
from miner.training.matching import read_families, trained
from tests.support.growth import assert_linear


def view(text: str) -> View:
    return view_of(sign(text))


APART = [
    ("exit_code", 'Command "make all" exited with 1', 'Command "make all" exited with 127'),
    ("numbered_code", "MCP error -32000: Connection closed", "MCP error -32001: Connection closed"),
    ("status", "401 the gateway said no to the key", "403 the gateway said no to this key"),
    ("kind", "the quota of the project is used up", "the rate limit of the project is reached"),
]


@pytest.mark.parametrize(("rule", "one", "two"), APART)
def test_a_conflict_of_facts_keeps_apart_whatever_the_words(rule: str, one: str, two: str) -> None:
    a, b = view(one), view(two)
    assert conflict(a, b) == conflict(b, a) == rule
    told = judge(a, b)
    assert (told.same, told.probability, told.rule) == (False, 0.0, rule)
    assert in_words(told)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("CVE-2025-66478 remote code execution", "CVE-2025-29927 remote code execution"),
        (
            "overloaded_error: Overloaded",
            "429 rate_limit_error: This request would exceed the rate limit",
        ),
        ("Provider returned error", "No endpoints found that support tool use"),
        ("connect ECONNREFUSED 127.0.0.1:11434", "getaddrinfo ENOTFOUND api.example.net"),
    ],
)
def test_what_needs_another_fix_is_not_the_same(one: str, two: str) -> None:
    assert not judge(view(one), view(two)).same


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("HTTP 529 overloaded_error", "API Error: 529 Overloaded (with opus)"),
        (
            "FUNCTION_PAYLOAD_TOO_LARGE",
            "413: FUNCTION_PAYLOAD_TOO_LARGE - the body of the upload exceeds 4.5 MB",
        ),
        (
            "host login.acme.dev does not resolve via DNS",
            "OAuth login fails: host login.acme.dev does not resolve via DNS",
        ),
        (
            "the compiled grammar is too large",
            (
                "400 invalid_request_error: The compiled grammar is too large, simplify your "
                "tool schemas"
            ),
        ),
    ],
)
def test_one_failure_in_other_words_is_the_same(one: str, two: str) -> None:
    told = judge(view(one), view(two))
    assert told.same, told


text = st.one_of(
    st.sampled_from([t for _, *pair in APART for t in pair]),
    st.text(max_size=200),
    st.text("ab_:-'\"E0529 \n", max_size=120),
)


@settings(max_examples=150, deadline=None)
@given(one=text, two=text)
def test_the_decision_is_symmetric_and_bounded(one: str, two: str) -> None:
    a, b = view(one), view(two)
    assert math.isclose(probability(a, b), probability(b, a), abs_tol=1e-9)
    assert 0.0 <= probability(a, b) <= 1.0
    assert judge(a, a).same
    assert all(math.isfinite(v) for v in features(a, b).values())


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "libkettle.so.1: cannot open shared object file: No such file or directory",
            "libspout.so.2: cannot open shared object file: No such file or directory",
        ),
        ("make: *** No rule to make target 'lid'.", "make: *** No rule to make target 'spout'."),
        ("error: cannot convert Lid to Spout", "error: cannot convert Valve to Cup"),
        ("ERROR: Cannot install kettle because its versions have conflicting dependencies",
         "ERROR: Cannot install teapot because its versions have conflicting dependencies"),
        ('duplicate key value violates unique constraint "lids_pkey"',
         'duplicate key value violates unique constraint "cups_pkey"'),
        ("Unable to serialize unknown type: <class 'kettle.Lid'>",
         "Unable to serialize unknown type: <class 'async_generator'>"),
        ("'Lid' object has no attribute 'flow'", "'Cup' object has no attribute 'flow'"),
        ("Rate limit reached for kettle-4 on requests per min (RPM): limit 3, used 3",
         "Rate limit reached for kettle-4 on tokens per min (TPM): limit 30000, used 29000"),
        ("ERROR: Cannot install -r lids.txt (line 4), -r cups.txt (line 9) and kettle==1.10 because"
         " these package versions have conflicting dependencies.",
         "ERROR: Cannot install -r lids.txt (line 4), -r cups.txt (line 9) and teapot==0.3 because"
         " these package versions have conflicting dependencies."),
        ("Unable to complete the pouring: [Errno 2] No such file or directory: '/tmp/a.cup'",
         "Unable to load the lid of a kettle: [Errno 2] No such file or directory: '/tmp/b.lid'"),
        ("Invalid schema for function 'pour': context=('properties', 'lid'), $ref has words",
         "Invalid schema for function 'fill': context=('properties', 'cup'), a type key is needed"),
        ("lid.cpp:90: void open_lid(lid *): Assertion `false' failed.",
         "cup.cpp:41: auto fill_cup(cup *)::operator()() const: Assertion `false' failed."),
    ],
)  # fmt: skip
def test_objects_that_decide_what_to_fix_keep_apart(one: str, two: str) -> None:
    assert conflict(view(one), view(two)) == "object"


def test_numbers_of_the_system_keep_apart() -> None:
    one, two = (view(f"OSError: [Errno {n}] {said} in the pump")
                for n, said in ((24, "Too many open files"), (22, "Invalid argument")))  # fmt: skip
    assert conflict(one, two) == "numbered_code"


def test_the_receiver_of_a_missing_attribute_counts_at_one_place() -> None:
    where = Where(repo="demo/kettle")
    said = "AttributeError: '{kind}' object has no attribute 'role'"
    one, two = (view_of(sign(said.format(kind=kind), where=where))
                for kind in ("NoneType", "dict"))  # fmt: skip
    assert not judge(one, two).same


def test_a_cut_message_at_one_place_is_the_message() -> None:
    where = Where(repo="demo/kettle")
    cut, whole, other = (
        view_of(sign(f"AttributeError: 'NoneType' object has no attribute{name}", where=where))
        for name in ("", " 'flow'", " 'lid'")
    )
    told = judge(cut, whole)
    assert told.same
    assert told.rule == "same_place"
    assert not judge(whole, other).same
    assert not begins_with("the lid is", "the lid isolates the heat")


def test_decisions_are_told_without_figures() -> None:
    one = view("the kettle refused the cup because the lid is fastened")
    two = view("the kettle refused the cup because the valve is open")
    told = judge(one, two)
    said = in_words(told)
    assert not told.same
    assert said
    assert not any(character.isdigit() for character in said)
    assert {reason.name for reason in told.reasons} <= set(NAMES)


def test_reasons_add_up_to_the_probability() -> None:
    a, b = (
        view("queue alpha has no capacity left"),
        view("no capacity left for jobs of queue alpha in zone blue"),
    )
    told = judge(a, b)
    score = weights().bias + sum(reason.adds for reason in told.reasons)
    assert told.probability == pytest.approx(1 / (1 + math.exp(-score)), abs=0.01)
    assert [abs(r.adds) for r in told.reasons] == sorted(
        (abs(r.adds) for r in told.reasons), reverse=True
    )


@pytest.mark.parametrize("unit", ["a_", "('", "exit ", "E", "\n(", "-", "é"])
def test_hostile_text_takes_linear_work(unit: str) -> None:
    from kb.models import Signature

    view_of(Signature(unit * (200_000 // len(unit)), "v1:0"))
    assert_linear(lambda text: view_of(Signature(text, "v1:0")), unit, 20_000)


def test_the_weights_name_the_features_and_sure_is_stricter_than_joined() -> None:
    table = weights()
    assert set(table.weight) == set(NAMES)
    assert all(map(math.isfinite, table.weight.values()))
    assert 0.5 < table.threshold < table.sure < 1.0


FAMILIES = """# area ovens
## heat
the oven of {0} does not heat above its limit\\nagain
oven of {0} will not heat above the limit
## door
the door of the oven of {0} is open while it heats
oven door of {0} open while heating
# area shelves
## shelf
the shelf {0} is missing a bracket on its left side
missing bracket on the left side of shelf {0}
"""


def test_weights_are_learned_from_folders_of_labels(tmp_path: Path) -> None:
    for number, name in enumerate(("ann", "bob", "cyd"), start=1):
        text = FAMILIES.format(name).replace("## ", f"## {name} ")
        (tmp_path / f"same_families_{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "pairs_1.tsv").write_text(
        "same\ttechA\tsigA\ttechB\tsigB\n"
        "1\tOven\tthe oven is too hot to touch\tOven\tthis oven is too hot to touch it\n"
        "0\tOven\tthe oven is too hot to open\tOven\tthe oven is too cold to open\n",
        encoding="utf-8",
    )
    (tmp_path / "pairs_2.jsonl").write_text(
        '{"a": "glaze of the cup is cracked", "b": "the glaze of a cup cracked", "same": true,'
        ' "project": "acme/kiln"}\n',
        encoding="utf-8",
    )
    found = trained([tmp_path])
    (document,) = map(json.loads, found.files.values())
    assert set(document["weight"]) == set(NAMES)
    assert "| pairs_2 | 1 | 1 |" in found.card
    assert "Brier" in found.card


def test_labels_are_read_by_family_and_a_stray_text_is_named(tmp_path: Path) -> None:
    one, two = tmp_path / "same_families_1.txt", tmp_path / "same_families_2.txt"
    one.write_text("# note\n# area one\n## f\na\\nb\n# more\nc\n# area two\n## g\nd\n")
    assert [(w.area, w.family, w.text) for w in read_families(tmp_path)] == [
        ("one", "f", "a\nb"),
        ("one", "f", "c"),
        ("two", "g", "d"),
    ]
    two.write_text("# area x\nstray\n")
    with pytest.raises(ValueError, match=r"same_families_2.txt:2"):
        read_families(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("no auth credentials found", "no cookie auth credentials found"),
        ("No module named ink_tools", "No module named 'ink.tools'"),
        (
            "error: cannot convert 'int16x4_t' to 'float16x4_t'",
            "error: cannot convert 'float16x4_t' to 'uint16x4_t'",
        ),
        (
            "Makefile:4: recipe for target 'docs' failed",
            "Makefile:9: recipe for target 'install' failed",
        ),
        (
            "HTTP 529 overloaded_error",
            "overloaded_error / permission_error / api_error in the list of HTTP errors",
        ),
        ("429 Too Many Requests", "429 Too Many Requests - you exceeded your current quota"),
    ],
)
def test_what_one_word_or_name_tells_apart_stays_apart(one: str, two: str) -> None:
    told = judge(view(one), view(two))
    assert not told.same, told


def test_an_exception_outside_a_body_that_is_told_as_its_cause_names_the_failure() -> None:
    body = '{"type": "error", "error": {"type": "rate_limit_error", "message": "Rate limited"}}'
    told = view(
        f"PaintError: the brush of layer two holds no ink — caused by the stream's "
        f"error payload {body}"
    )
    assert judge(told, view("PaintError: the brush of layer two holds no ink")).same


def test_what_decides_is_found_in_any_letter_case() -> None:
    assert facts.decisive("NO MODULE NAMED tray", ()) == {("module", "tray")}
