"""Markdown blocks: kinds, exact character offsets, headings, forms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.markdown import MAX_TEXT, Block, Document, answers
from tests.support.growth import assert_linear

FORM = """### What happened?

The kettle says `Error 401: no key` and stops.

```shell
time: 3s
Error: no key
```

### Steps to reproduce

_No response_

**Version**

1.2.3

> quoted line
> second

| code | text |
| --- | --- |
| 7 | `E7: broken` |

<details>
<summary>Log</summary>

    indented error

folded words

</details>

after
"""


def blocks(text: str) -> list[Block]:
    return Document(text).blocks


def sources(text: str, kind: str) -> list[str]:
    return [text[block.start : block.end] for block in blocks(text) if block.kind == kind]


def find(text: str, source: str) -> Block:
    return next(block for block in blocks(text) if text[block.start : block.end].strip() == source)


def test_kinds() -> None:
    assert sources(FORM, "fence") == ["time: 3s\nError: no key\n"]
    assert sources(FORM, "inline") == ["Error 401: no key", "E7: broken"]
    assert sources(FORM, "indented") == ["indented error\n"]
    assert sources(FORM, "table")[-1] == "`E7: broken`"
    assert sources(FORM, "heading") == ["What happened?", "Steps to reproduce"]


def test_context() -> None:
    fence = next(block for block in blocks(FORM) if block.kind == "fence")
    assert fence.language == "shell"
    assert fence.heading == "What happened?"
    assert find(FORM, "1.2.3").heading == "Version"
    assert find(FORM, "quoted line\n> second").quoted


def test_inline_code_knows_its_run() -> None:
    parsed = blocks(FORM)
    inline = next(block for block in parsed if block.kind == "inline")
    run = parsed[inline.parent]
    assert run.kind == "paragraph"
    assert run.start <= inline.start < inline.end <= run.end


def test_answers_leave_out_what_was_not_answered() -> None:
    given_answers = answers(FORM, blocks(FORM))
    assert given_answers["version"] == "1.2.3"
    assert "steps to reproduce" not in given_answers


@pytest.mark.parametrize("fence", ["```", "~~~~", "```python title=x"])
def test_fences(fence: str) -> None:
    text = f"{fence}\nbody é 😀\n{fence[:4].rstrip('p')}\n"
    assert sources(text, "fence") == ["body é 😀\n"]


def test_windows_line_ends_and_wide_characters() -> None:
    text = "### Что?\r\n\r\nñ 😀 `код é` x\r\n\r\n```\r\nошибка 😀\r\nb\r\n```\r\nend\r\n"
    assert sources(text, "inline") == ["код é"]
    assert sources(text, "fence") == ["ошибка 😀\r\nb\r\n"]
    assert find(text, "end").heading == "Что?"


def test_list_items_are_runs() -> None:
    text = "- one `a b`\n- two\n\n  ```\n  code\n  ```\n"
    assert sources(text, "paragraph") == ["one `a b`", "two"]
    assert sources(text, "fence") == ["code\n"]


def test_nothing() -> None:
    assert blocks("") == []
    assert blocks(" \n\t\r\n") == []


FRAGMENTS = (
    *(
        "```",
        "~~~",
        "`",
        "\n",
        "\r\n",
        "    ",
        "> ",
        "- ",
        "| a | b |\n|-|-|\n",
        "# ",
        "**x**",
        "<details>",
        "</details>",
    ),
    *("é", "😀", "\ud800", "word ", "_No response_", "[l](u)", "\\", "&amp;", "\x00", "\t"),
)
MARKS = st.sampled_from(FRAGMENTS)


@settings(max_examples=200, deadline=None)
@given(st.lists(MARKS, max_size=40).map("".join))
def test_offsets_are_within_the_text(text: str) -> None:
    for block in blocks(text):
        assert 0 <= block.start <= block.end <= len(text)
        if block.kind == "inline":
            assert text[block.start : block.end] == text[block.start : block.end].strip()
            assert text[block.start - 1] == "`" or text[block.start - 1].isspace()
    answers(text, blocks(text))


@pytest.mark.parametrize("unit", ["[", "`", "*a ", "> ", "<details>", "|a|b|\n", "`x` ", "é"])
def test_hostile_text_is_read_with_linear_work(unit: str) -> None:
    blocks(unit * (2 * MAX_TEXT // len(unit)))
    assert_linear(blocks, unit, 10_000)
