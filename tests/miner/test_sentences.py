"""Sentences: exact spans, whatever the text; and cut where a reader would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.sentences import MAX_LENGTH, split
from tests.support.growth import assert_linear

PIECES = [
    "It works. ",
    "no `a. b` here",
    "\n",
    "\n\n",
    "> quoted. line\n",
    "```\ncode. block\n```\n",
    "- item one\n",
    "1. first\n",
    "v1.2.3 is out! ",
    "see https://example.org/a.b?c=d. ",
    "换了之后正常了。谢谢！",
    "e.g. this",
    "| a | b |\n|---|---|\n| c. d | e |\n",
    "# Head\n",
    "\t",
    "    indented\n",
    "ok?? ",
    "**bold.** ",
    "é𝔘 ",
    "<details>",
    "</details>\n",
    "[a. b](http://x.y)",
    "\r\n",
    "...",
    "`",
    "~~~\n",
    "&amp; ",
]


def said(text: str, kind: str = "text") -> list[str]:
    return [text[s.start : s.end] for s in split(text) if s.kind == kind]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=200))
def test_spans_are_ordered_inside_the_text_and_trimmed(text: str) -> None:
    last = 0
    for sentence in split(text):
        assert last <= sentence.start < sentence.end <= len(text)
        last = sentence.end
        piece = text[sentence.start : sentence.end]
        assert piece.strip("\r\n") == piece
        if sentence.kind != "code":
            assert len(piece) <= MAX_LENGTH
            assert piece.strip() == piece


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cache is stale. Delete it!", ["The cache is stale.", "Delete it!"]),
        ("Went to 3.14.2 and it works. done", ["Went to 3.14.2 and it works.", "done"]),
        (
            "See https://example.org/a.html?x=1. Then retry.",
            ["See https://example.org/a.html?x=1.", "Then retry."],
        ),
        (
            "Use e.g. the other port, i.e. 8080. Works.",
            ["Use e.g. the other port, i.e. 8080.", "Works."],
        ),
        ("Set `a. b. c` there. Done.", ["Set `a. b. c` there.", "Done."]),
        ("odd.. still broken?? yes", ["odd..", "still broken??", "yes"]),
        (
            "换了新的密钥之后正常了。谢谢！但是很慢",
            ["换了新的密钥之后正常了。", "谢谢！", "但是很慢"],
        ),
        ("Работает. Спасибо!", ["Работает.", "Спасибо!"]),
        ("short line\nanother line", ["short line", "another line"]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_wrapped_prose_is_one_sentence() -> None:
    text = (
        "The worker keeps its old connection for as long as it is\nalive, so a new password "
        "reaches it only after a restart."
    )
    assert len(said(text)) == 1


def test_quotes_are_not_the_quoters_words_but_the_next_line_is() -> None:
    text = "> did you restart?\nyes, no change\n\n> and the port?\n\n8080"
    assert said(text, "quote") == ["did you restart?", "and the port?"]
    assert said(text) == ["yes, no change", "8080"]


def test_code_blocks_are_whole_and_without_fences() -> None:
    text = "Put this in:\n```yaml\na: 1\nb: 2. x\n```\nand restart."
    assert said(text, "code") == ["a: 1\nb: 2. x"]
    assert said(text) == ["Put this in:", "and restart."]


def test_list_items_and_tables_keep_their_kind() -> None:
    text = "- clear the cache\n- log in again\n\n| a | b |\n|---|---|\n| c | d |\n"
    assert said(text, "item") == ["clear the cache", "log in again"]
    assert said(text, "table") == ["a", "b", "c", "d"]


def test_long_sentence_is_cut_at_a_clause() -> None:
    text = (
        ("the value is read once at the start and kept " * 8).strip()
        + ", but the file changes "
        + "again and again " * 20
    )
    pieces = said(text)
    assert len(pieces) > 1
    assert pieces[1].startswith("but the file changes")


def test_a_long_sentence_is_not_cut_within_code() -> None:
    code = f"`{'port; ' * 30}`"
    pieces = said(f"{'the port is taken ' * 12}, so {code} fails{' again and again' * 12}")
    assert len(pieces) == 2
    assert pieces[1].startswith("so `port; port")


@pytest.mark.parametrize(
    "unit", ["> a\n", "e.g. ", "`", "- x\n", "a, so ", "...", "[", "**a", "> > b\nc\n", "1. "]
)
def test_hostile_text_takes_linear_work(unit: str) -> None:
    split(unit * 12_000)
    assert_linear(split, unit, 8_000)


def test_a_quoted_message_with_a_full_stop_does_not_end_the_sentence() -> None:
    text = 'Ignore the bot. "User not found." is what the provider answers. "Done." That is all.'
    assert [text[s.start : s.end] for s in split(text)] == [
        "Ignore the bot.",
        '"User not found." is what the provider answers.',
        '"Done."',
        "That is all.",
    ]
