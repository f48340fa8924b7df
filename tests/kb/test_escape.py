"""Escaping by target: text stays text, and a reader sees the words that were written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.notes import escape
from kb.notes.escape import Escaper, escaper, inline, safe_url, shown
from kb.text import clean
from tests.hostile.inspect_html import inspect
from tests.support.growth import assert_linear
from tests.support.targets import TARGETS

blockquote, fence, yaml_string = Escaper().blockquote, Escaper().fence, Escaper().yaml

CHARACTERS = st.text(
    st.sampled_from("ab1 \n\t`*_~[]()<>{}#@!|\\&;:/-+=.^$%\"'é漢\u200b\u202e"), max_size=60
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("plain words", "plain words"),
        ("<b> 1 < 2 > 0", "\\<b> 1 < 2 > 0"),
        ("a_b __init__", "a_b \\_\\_init\\_\\_"),
        ("@team #12", "`@team` #12"),
        ("# head", "\\# head"),
        ("R&D &amp; x", "R&D \\&amp; x"),
        ("[BUG] x [a](b) ![i](j)", "[BUG] x [a\\](b) ![i\\](j)"),
        ("~/a $B", "~/a $B"),
        ("~~a~~ $b$", "\\~\\~a\\~\\~ \\$b\\$"),
        ("C:\\Users\\.x", "C:\\Users\\\\.x"),
        ("C# and a@ b", "C# and a@ b"),
        ("use --no-cache now", "use `--no-cache` now"),
        ("see https://x.example/a_b.", "see `https://x.example/a_b`."),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("{{ x }}", "{{ x }}"),
        ("- item", "\\- item"),
        ("1. one", "1\\. one"),
        ("3.17.1 works", "3.17.1 works"),
        ("`a_b` and `open", "`a_b` and \\`open"),
        ("12:34:56", "12:34:56"),
    ],
)
def test_inline(text: str, made: str) -> None:
    assert inline(text) == made


def test_lines_of_a_list_stay_lines() -> None:
    assert (
        blockquote("do this:\n1. a\n2. b\n\n\n\nend")
        == "> do this:  \n> 1\\. a  \n> 2\\. b\n>\n> end"
    )


@pytest.mark.parametrize("label", ["vite", "", "`a` b", "x" * 400])
def test_no_line_is_the_target_of_a_link(label: str) -> None:
    for text in (f"[{label}]: https://evil.example", f"[{label}]:x"):
        assert blockquote(text).startswith(rf"> \[{label}")
        assert inline(text).startswith(rf"\[{label}")


def test_a_fence_within_a_quote_does_not_act() -> None:
    assert blockquote("run\n```sh\nrm x\n```") == "> run  \n> \\`\\`\\`sh  \n> rm x  \n> \\`\\`\\`"
    assert "{{" not in Escaper(TARGETS["jekyll"]).blockquote("run\n```sh\nrm {{ x }}\n```")


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fence("a\n````\nb").startswith("`````text\n")


@pytest.mark.parametrize(
    ("target", "kept"),
    [("commonmark", True), ("mdx", True), ("hugo", True), ("jekyll", False), ("mkdocs", False)],
)
def test_template_syntax_is_fenced_only_where_it_is_dead(target: str, kept: bool) -> None:
    made = Escaper(TARGETS[target]).fence("a {{ b }}")
    assert made.startswith("```") == kept
    assert ("{{" in made) == kept


@pytest.mark.parametrize("target", ["docusaurus", "jekyll", "mkdocs", "vitepress"])
def test_front_matter_ends_no_script_of_a_layout(target: str) -> None:
    assert "<" not in Escaper(TARGETS[target]).yaml("a </script><script>alert(1)</script>")


def test_what_is_invisible_goes() -> None:
    assert clean("a\u200b\u202eb\x1b[31mc\x07\r\nd\u2028e\ufeff") == "abc\nd\ne"
    assert clean("family \u0645\u06cc\u200c") == "family \u0645\u06cc"


def test_links_cannot_be_ended() -> None:
    assert (
        safe_url("https://x.example/a)(b {{c}}<d>")
        == "https://x.example/a%29%28b%20%7B%7Bc%7D%7D%3Cd%3E"
    )
    assert safe_url("javascript:alert(1)") == "https://github.com/"
    assert (
        safe_url("https://github.com/a/b/issues/1#issuecomment-2")
        == "https://github.com/a/b/issues/1#issuecomment-2"
    )


def test_shown_is_what_a_reader_sees() -> None:
    assert shown("key sk-or-v1-" + "0a" * 32 + "\u200b \n end") == "key [key] end"


@settings(max_examples=150, deadline=None)
@given(CHARACTERS, st.sampled_from(sorted(TARGETS)))
def test_any_text_stays_text(text: str, target: str) -> None:
    import pyromark

    options = pyromark.Options
    extensions = (
        options.ENABLE_TABLES
        | options.ENABLE_STRIKETHROUGH
        | options.ENABLE_FOOTNOTES
        | options.ENABLE_TASKLISTS
    )
    escaper = Escaper(TARGETS[target])
    for document in (f"Lead\n\n{escaper.blockquote(text)}\n\nEnd", f"- x {escaper.inline(text)} y"):
        problems, words = inspect(pyromark.html(document, options=extensions))
        assert problems == []
        assert (
            [c for c in words if c.isalnum()]
            == [
                c
                for c in (
                    "Lead" + clean(text) + "End" if "End" in document else "x" + clean(text) + "y"
                )
                if c.isalnum()
            ]
            or "```" in text
            or "~~~" in text
        )


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_front_matter_gives_the_text_back(text: str) -> None:
    made = yaml_string(text)
    assert "\n" not in made
    assert yaml.safe_load(f"a: {made}")["a"] == " ".join(clean(text).split())


@settings(max_examples=100, deadline=None)
@given(CHARACTERS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_hostile_length_is_linear() -> None:
    for unit in ("`", "```\n", "https://", "--a", "_", "\x1b[", ":a"):
        blockquote(unit * (150_000 // len(unit)))
        assert_linear(blockquote, unit, 20_000)


@given(st.text(st.sampled_from("aIwWxmport019 ,./()-"), max_size=30), st.booleans())
@example("import x", False)
@example("see www.a.b", False)
@example("a --no-x", True)
def test_plain_text_needs_no_second_look(text: str, brackets: bool) -> None:
    flat = " ".join(text.split())
    for target in TARGETS:
        made = escaper(TARGETS[target])
        signs = escape._Signs(escape._paired(flat), brackets, inside=True)
        assert made.inline(text, brackets=brackets) == made._line(flat, signs), target
