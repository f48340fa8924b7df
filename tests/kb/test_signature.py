"""What a signature is: the same name for the same failure, however it was pasted."""

from __future__ import annotations

import pytest

from kb.signature import explain, sign

WAYS = [
    "401 Widget quota is used up for this seat",
    "Error: 401 Widget quota is used up for this seat.",
    'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"Widget quota is used up for this seat."}}',
    "Error code: 401 - {'error': {'message': 'Widget quota is used up for this seat', 'type': 'x_error', 'code': 401}}",
    '⎿  API Error: 401 {"error":{"message":"Widget quota is used up\n     for this seat","code":401}}',
    "\x1b[31m✖ Widget quota is used up for this seat\x1b[0m",
    "2025-01-02 10:11:12.123 [error] Widget quota is used up for this seat",
    '{\\"error\\":{\\"message\\":\\"Widget quota is used up for this seat\\",\\"code\\":401}}',
    'litellm.APIError: APIError: OpenrouterException - {"error":{"message":"Widget quota is used up for this seat","code":401}}',
]


@pytest.mark.parametrize("raw", WAYS)
def test_one_failure_pasted_in_many_ways_has_one_name(raw: str) -> None:
    assert sign(raw).text == "widget quota is used up for this seat"


def test_explain_ends_with_the_signature() -> None:
    signature, steps = explain(WAYS[3])
    assert signature == sign(WAYS[3])
    assert steps[-1].result == signature.text
