"""What a signature is: the same name for the same failure, however it was pasted."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from kb.signature import explain, sign

WAYS = [
    "401 Widget quota is used up for this seat",
    "Error: 401 Widget quota is used up for this seat.",
    (
        'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"Widget '
        'quota is used up for this seat."}}'
    ),
    (
        "Error code: 401 - {'error': {'message': 'Widget quota is used up for this seat', "
        "'type': 'x_error', 'code': 401}}"
    ),
    (
        '⎿  API Error: 401 {"error":{"message":"Widget quota is used up\n     for this '
        'seat","code":401}}'
    ),
    "\x1b[31m✖ Widget quota is used up for this seat\x1b[0m",
    "2025-01-02 10:11:12.123 [error] Widget quota is used up for this seat",
    '{\\"error\\":{\\"message\\":\\"Widget quota is used up for this seat\\",\\"code\\":401}}',
    (
        'litellm.APIError: APIError: OpenrouterException - {"error":{"message":"Widget quota is '
        'used up for this seat","code":401}}'
    ),
]


@pytest.mark.parametrize("raw", WAYS)
def test_one_failure_pasted_in_many_ways_has_one_name(raw: str) -> None:
    assert sign(raw).text == "widget quota is used up for this seat"


def test_class_names_around_a_body_are_no_message() -> None:
    body = '{"error":{"message":"Provider returned error","code":401}}'
    for wrapped in (body, f"litellm.AuthenticationError: AuthenticationError: XException - {body}"):
        assert sign(wrapped).text == "provider returned error"


def test_explain_ends_with_the_signature() -> None:
    signature, steps = explain(WAYS[3])
    assert signature == sign(WAYS[3])
    assert steps[-1].result == signature.text


FIELDS = [
    (
        "Error code: 401 - {'error': {'message': 'No seat for this widget', 'code': 'no_seat'}}",
        {"status": 401, "code": "no_seat"},
    ),
    ("HTTP 429: slow down with the widgets", {"status": 429}),
    (
        "Call failed (attempt 1/3): SeatError [HTTP 404] for the widget",
        {"status": 404, "exception": "SeatError"},
    ),
    ("widget call failed (status=400): the seat is taken", {"status": 400}),
    ('{"message":"The seat is taken by another widget","statusCode":404}', {"status": 404}),
    (
        '{"error":{"type":"overloaded_error","message":"Overloaded"}}',
        {"status": 529, "code": "overloaded_error"},
    ),
    ("{ errno: -4078, code: 'ECONNREFUSED', syscall: 'connect' }", {"code": "ECONNREFUSED"}),
    ("MCP error -32601: Method not found", {"code": "-32601"}),
    ("SQLSTATE[42S02]: Base table or view not found", {"code": "SQLSTATE[42S02]"}),
    ("process exited with code 137 while widgets were drawn", {"code": "137"}),
    (
        "ModuleNotFoundError: No module named 'widgetlib.core'",
        {"exception": "ModuleNotFoundError", "objects": ("widgetlib.core",)},
    ),
    ("spawn uvx ENOENT", {"objects": ("uvx",), "code": "ENOENT"}),
    ("bash: widgetctl: command not found", {"objects": ("widgetctl",)}),
    (
        "litellm.APIError: OpenrouterException - no seats are left for widgets",
        {"provider": "openrouter"},
    ),
    ("connect ECONNREFUSED 127.0.0.1:11434", {"provider": "ollama"}),
    ("see https://platform.openai.com/account for the widget", {"provider": "openai"}),
    ("model 'gpt-4o-mini' has no widgets", {"model": "gpt-4o-mini"}),
]


@pytest.mark.parametrize(("raw", "expected"), FIELDS)
def test_fields_come_from_the_text(raw: str, expected: dict[str, object]) -> None:
    signature = sign(raw)
    assert {name: getattr(signature, name) for name in expected} == expected


APART = [
    ("No module named 'alpha'", "No module named 'beta'"),
    ("MCP error -32000: Connection closed", "MCP error -32001: Request timed out"),
    ("HTTP 401: Unauthorized", "HTTP 403: Forbidden"),
    ("Error: 500 Overloaded", "Error: 529 Overloaded"),
    (
        "503 Server Error: Service Unavailable for url: https://openrouter.ai/x",
        "503 Server Error: Service Unavailable for url: https://api.openai.com/x",
    ),
    (
        "Failed to open the widget file: Permission denied",
        "Failed to start the widget server: Permission denied",
    ),
    ("process exited with code 1", "process exited with code 137"),
    ("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:11434"),
    ("KeyError: 'seat'", "AttributeError: 'seat'"),
    ("CUDA error: out of memory", "fork failed: out of memory"),
    ("Rate limit reached on tokens per min (TPM)", "Rate limit reached on requests per min (RPM)"),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_carries_meaning_keeps_failures_apart(one: str, other: str) -> None:
    assert sign(one).fingerprint != sign(other).fingerprint


def test_wrappers_are_kept_outermost_first() -> None:
    raw = (
        'Failed to draw: litellm.APIError: OpenrouterException - {"error":{"message":"Seat of '
        'the widget is taken"}}'
    )
    wrappers = sign(raw).wrappers
    assert wrappers
    assert wrappers[0].startswith("Failed to draw")


def test_context_fills_fields_and_is_no_part_of_the_name() -> None:
    bare, told = (
        sign("the seat is taken"),
        sign(
            "the seat is taken",
            tool="widgeteer",
            provider="openai",
            model="m-1",
            version="1.2",
            os="linux",
        ),
    )
    assert told.text == bare.text
    assert told.fingerprint == bare.fingerprint
    assert (told.tool, told.provider, told.model, told.version, told.os) == (
        "widgeteer",
        "openai",
        "m-1",
        "1.2",
        "linux",
    )


def test_the_last_exception_of_a_chain_is_the_error() -> None:
    raw = """Traceback (most recent call last):
  File "a.py", line 1, in one
    two()
ValueError: first seat is missing here

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in three
    raise SeatError("x")
seats.SeatError: second seat is missing too"""
    signature = sign(raw)
    assert signature.text == "second seat is missing too"
    assert signature.exception == "seats.SeatError"


@pytest.mark.shared
def test_lines_of_one_family_meet_and_of_two_do_not(shared_dir: Path) -> None:
    rows = [
        json.loads(line)
        for line in (shared_dir / "gold" / "lines_dev.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    ]
    names = [(row["family"], sign(row["raw"]).fingerprint) for row in rows]
    same = [
        one[1] == other[1] for one, other in itertools.combinations(names, 2) if one[0] == other[0]
    ]
    assert sum(same) / len(same) > 0.8
    apart = {
        (one[0], other[0])
        for one, other in itertools.combinations(names, 2)
        if one[0] != other[0] and one[1] == other[1]
    }
    # three services word "maximum context length" alike, and some lines do not say whose they are
    assert all("context-length" in one and "context-length" in other for one, other in apart), apart


@pytest.mark.shared
def test_labelled_different_pairs_never_share_a_fingerprint(shared_dir: Path) -> None:
    rows = [
        line.split("\t")
        for line in (shared_dir / "gold" / "pairs_dev.tsv")
        .read_text(encoding="utf-8")
        .splitlines()[1:]
    ]
    assert not [
        row
        for row in rows
        if row[0] == "0" and sign(row[2]).fingerprint == sign(row[4]).fingerprint
    ]


def test_a_traceback_that_begins_inside_a_line_is_no_defect() -> None:
    assert "x failed" in sign("Error: x failed Traceback (most recent call last):").text


def test_an_assertion_is_named_by_its_condition() -> None:
    one = sign("mul_mat.cpp:6163: GGML_ASSERT(S[j] > 0) failed")
    again = sign("/src/other.cpp:77: GGML_ASSERT(S[j] > 0) failed")
    other = sign("backend.c:251: GGML_ASSERT(offset + size <= nbytes(tensor)) failed")
    assert one.objects == again.objects == ("assert:s[j]><n>",)
    assert other.objects
    assert other.objects != one.objects
    assert sign("AssertionError: expected 3 items").objects == ()
    assert sign(one.text).objects == one.objects


def test_a_bare_message_is_told_by_the_file_that_printed_it() -> None:
    one = sign("/home/me/src/ggml-cuda/fattn.cu:66: fatal error")
    assert one.text == "fattn.cu: fatal error"
    assert sign("C:\\src\\fattn.cu(70): fatal error").text == one.text
    assert sign(one.text).text == one.text
    assert sign("ggml.c:15229: fatal error").text == "ggml.c: fatal error"
    assert (
        sign("main.c:3:10: fatal error: foo.h: No such file or directory").text
        != "main.c: fatal error"
    )


@pytest.mark.parametrize(
    ("answer", "provider"),
    [("openrouter:tea/lid-1", "openrouter"), ("tea lid 2.5", None), ("Not Applicable", None)],
)
def test_a_form_names_a_provider_that_is_known(answer: str, provider: str | None) -> None:
    assert sign("the lid is fastened to the pot", provider=answer).provider == provider


def test_a_certificate_that_nobody_vouches_for_has_one_name() -> None:
    said = "GET https://tea.example - error POST self-signed certificate in certificate chain"
    code = "SELF_SIGNED_CERT_IN_CHAIN Error: the kettle cannot reach its shop"
    assert sign(said).text == sign(code).text == "self signed certificate in certificate chain"
    pythons = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    assert sign(f"{pythons} in certificate chain").text != sign(said).text


@pytest.mark.parametrize(
    "where", ["tea.example.com", "https://tea.example.com/pot", "/srv/tea/pot"]
)
def test_where_it_was_asked_is_no_part_of_the_name(where: str) -> None:
    assert sign(f"the kettle took no water ({where})").text == "the kettle took no water"


def test_an_advice_is_kept_where_one_word_is_all_else() -> None:
    advice = "Please make sure that the newest kettle is plugged in and that its lid is fastened"
    assert "newest kettle" in sign(f"Error: Unauthorized. {advice}.").text
    assert "newest kettle" not in sign(f"Error: The kettle refused you. {advice}.").text


@pytest.mark.parametrize("address", [":::3000", "0.0.0.0:3000", "127.0.0.1:8080"])
def test_a_port_in_use_keeps_its_words(address: str) -> None:
    text = sign(f"Error: listen EADDRINUSE: address already in use {address}").text
    assert text == "listen EADDRINUSE: address already in use"
