"""Linear time: a megabyte of anything takes under a second, and twice the text not much more than
twice the time.
"""

from __future__ import annotations

import pytest

from kb.errortext import MAX_LINES, find_errors, root_error
from tests.support.growth import assert_linear

MEGABYTE = 1_000_000

HOSTILE = {
    "json": '{"error":"',
    "nested_quotes": '\\"',
    "quotes": '"',
    "colons": "a:",
    "colon_lines": "a:\n",
    "ansi": "\x1b[31m",
    "one_line": "x",
    "errors": "Error: x\n",
    "errors_on_one_line": "error: ",
    "braces": "{",
    "open_bodies": '{"message": "failed {\n',
    "unicode": "Ошибка: é ",
    "wrapped": "error failed to do a thing that is long and goes on and on\n  and more\n",
    "frames": "    at x (y:1)\n",
    "tracebacks": '  File "x", line 1\nValueError: x\n',
    "key_values": 'error="\\',
    "members": "  'code': 'x',\n",
    "parentheses": "failed to (\n\n",
    "causes": "Caused by:\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_is_read_with_linear_work(name: str) -> None:
    unit = HOSTILE[name]
    text = unit * (MEGABYTE // len(unit.encode()))
    root_error(find_errors(text), text)
    assert_linear(lambda text: root_error(find_errors(text), text), unit, 20_000)


def test_errors_at_the_end_of_a_long_log_are_found() -> None:
    text = "Error: the same again\n" * (3 * MAX_LINES) + "panic: the last thing\n"
    spans = find_errors(text)
    assert text[spans[-1].start : spans[-1].end] == "panic: the last thing"
    assert len(spans) <= 3 * MAX_LINES


def test_error_in_the_middle_of_one_long_line_is_found() -> None:
    text = "x " * 200_000 + "TypeError: no handler " + "y " * 200_000
    spans = find_errors(text)
    assert any("TypeError: no handler" in text[span.start : span.end] for span in spans)
    assert all(span.end - span.start <= 4000 for span in spans)
