"""What a note says of statements that are hard to quote: cut off by their source, asked as a
question, confirmed under other words.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from kb.claims import NOT_ALONE
from kb.notes import remedies
from kb.notes.export import documents, export_to
from kb.notes.passages import Passage, passage, passage_in, rendered
from kb.notes.points import in_brief
from kb.sentences import split
from kb.store import connect_readonly
from kb.verify import verify_export
from miner.extract.publication import ALONE
from miner.extract.thought import thought
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread


def note(tmp_path: Path, posts: list[str], *claims: Said, raw: str = "boom here") -> str:
    """The note of an entry whose thread has these comments, numbered from 10."""
    comments = [
        comment(n, post, login=f"user{n}", day=n - 7) for n, post in enumerate(posts, start=10)
    ]
    filled = Filled(thread(1, raw, "", comments), "E1", raw, claims=list(claims))
    with closing(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        export_to(connection, "note", tmp_path / "out")
        assert verify_export(connection, tmp_path / "out") == []
        return documents(connection, "note")["E1.md"]


def test_a_quote_ends_with_the_last_whole_command_that_it_announces() -> None:
    post = cut_post("Install the newest lid:\n\n```\nlid --install main\n\n# or\npip ins")
    start = post.index("Install")
    found = thought(post, split(post), start, post.index(":", start) + 1)
    assert found is not None
    assert post[start : found.until].endswith("\nlid --install main")


def quoted(post: str, start: int, end: int) -> Passage:
    """What is shown of the thought of some words."""
    found = thought(post, split(post), start, end)
    assert found is not None
    return passage(post, found.start, found.until)


def test_a_quote_does_not_begin_with_words_about_a_bot() -> None:
    cause = "The lid is shut by the second process."
    for aside in ("Please ignore the bot, it talks of pots.", "Ignore the dosu bot."):
        post = f"{aside} {cause}"
        assert quoted(post, 0, len(post)).text == cause
    for told in (
        "Do not ignore the bot, it is right.",
        "Ignore the bot token and use a lid.",
        "Ignore the bot, set `lid` to 2.",
    ):
        post = f"{told} {cause}"
        assert quoted(post, 0, len(post)).text == post


@pytest.mark.parametrize(
    ("behind", "rest"),
    [
        ("\nafter the update (or reset the pot)", "after the update (or reset the pot)"),
        ("\n\nafter the update it is warm", ""),
        ("\nprints the tea", ""),
        ("\nand then look at:\n\n```\ntea\n```", ""),
    ],
)
def test_a_sentence_that_goes_on_behind_its_code_is_told_to_its_end(
    tmp_path: Path, behind: str, rest: str
) -> None:
    words = "Note that you still need to set the lid:"
    post = f"{words}\n```bash\nlid set off\n```{behind}"
    text = note(tmp_path, [post], Said("fix", 10, words, "stated"))
    found = thought(post, split(post), 0, len(words))
    assert found is not None
    assert post[: found.until].endswith(rest or "```")
    end = f"\n\n> {rest}" if rest else ""
    assert f"> {words}\n\n```bash\nlid set off\n```{end}\n\nA maintainer in [" in text


@pytest.mark.parametrize(
    "post",
    [
        "Set the lid with this:\n```bash\nlid set off\n```",
        "The lid is old and heavy\nand so it falls down again\n\nRun `lid set off` to set it",
    ],
)
def test_a_candidate_record_tells_the_code_that_its_words_announce(
    tmp_path: Path, post: str
) -> None:
    quote = post.partition("\n```")[0]
    claims = [Said("fix", 10, quote, "stated")]
    filled = Filled(thread(1, "boom here", "", [comment(10, post)]), "E1", "boom", claims=claims)
    with closing(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        export_to(connection, "candidates", tmp_path / "out")
        assert verify_export(connection, tmp_path / "out") == []
    told = (tmp_path / "out" / "candidates.json").read_text(encoding="utf-8")
    assert "`lid set off`" in told


def test_no_line_of_code_that_its_source_cut_goes_on_with_the_sentence_before_it() -> None:
    post = cut_post("Install the newest lid:\n\n```\nlid --install main\nfor lid in a b c; do")
    start = post.index("Install")
    found = quoted(post, start, post.index(":", start) + 1)
    assert (found.block, found.rest) == ("lid --install main\n# [...]", "")


def cut_post(words: str) -> str:
    """A post that its source cut off behind these words."""
    post = f"{'x' * 250}.\n\n{words}"
    return f"{'x' * (-len(post) % 100)}{post}"


@pytest.mark.parametrize(
    ("stance", "words", "lead"),
    [
        ("unverified", "The import should be:\n\n```\nimport ke", "**A fix is suggested.** A user"),
        ("stated", "The import should be:\n\n```\nimport ke", "**The project names a fix.** It"),
        ("supported", "Fixed by this:\n\n```\nimport ke", "**A fix is reported to work.** A user"),
        ("unverified", "I have a PR out for this, will get it released asap", "**A change is"),
    ],
)
def test_a_published_fix_that_cannot_be_quoted_is_linked(
    tmp_path: Path, stance: str, words: str, lead: str
) -> None:
    quote = words.split("\n")[0]
    role = "maintainer" if stance == "stated" else "user"
    text = note(tmp_path, [cut_post(words)], Said("fix", 10, quote, stance, role))
    assert lead in text
    assert " in [acme/tool#1](https://github.com/acme/tool/issues/1#issuecomment-10)" in text
    assert "Unresolved" not in text
    assert quote not in text


def test_a_better_fix_that_cannot_be_quoted_is_linked_beside_what_is(tmp_path: Path) -> None:
    words = "The fix is this import:\n\n```\nimport ke"
    claims = [
        Said("fix", 10, "Set `lid` to false.", "unverified", "user"),
        Said("fix", 11, "The fix is this import:", "confirmed", "user"),
    ]
    text = note(tmp_path, ["Set `lid` to false.", cut_post(words)], *claims)
    assert "> Set `lid` to false." in text
    assert (
        "**A fix that is only linked here is confirmed.** A user names one that worked in" in text
    )


@pytest.mark.parametrize(
    "words",
    [
        "Can you try upgrading the kettle and pour again?",
        "Could you try using `kettle@0.3.1`?",
        "The flag --no-lid resolves this.",
        "Pouring with kettle 1.4.1 works here.",
        "To mend this you can import the lids of `pots`.",
        "Please pull the newest code and pour again.",
    ],
)
def test_advice_is_shown_whatever_verb_it_has(tmp_path: Path, words: str) -> None:
    text = note(tmp_path, [words], Said("fix", 10, words, "unverified", "user"))
    assert "## What to try\n\n> " in text
    assert "One suggestion, not confirmed yet." in text


@pytest.mark.parametrize(
    "words",
    [
        "Can you try that and tell us?",
        "Lids of `1.2` -> `1.3`",
        "Thanks, the fix is great",
        "With --lid it still fails",
        "We'd love a PR that fixes it",
    ],
)
def test_what_names_no_fix_is_neither_shown_nor_linked(words: str) -> None:
    assert not remedies.readable(words, False, fix=True)
    assert not remedies.names_a_fix(words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("The lid folder is causing the error below, whatever `pot.cfg` says.", False),
        ("The lid folder is owned by root, hence the error, as `pot.cfg` is.", True),
    ],
)
def test_a_cause_that_leaves_its_point_to_what_stands_beside_it_is_none(
    words: str, told: bool
) -> None:
    assert remedies.readable(words, False) is told


def test_a_maintainers_cause_that_says_what_to_do_is_a_step(tmp_path: Path) -> None:
    words = "It only supports new lids (2.1.3 and later) If you update your lid it finds them."
    text = note(tmp_path, [words], Said("cause", 10, words, "stated"))
    assert f"## What to try\n\n> {words}" in text
    assert "**The project suggests a fix" in text


@pytest.mark.parametrize(
    ("words", "is_step"),
    [
        ("Both have merged the new lid, but neither has made a release available yet.", False),
        ("Will look into it asap.\n\nTry removing the lid from the entry point", True),
        ("Can you delete the pot, fill it again and try please?", True),
        ("Workaround: go back to the pot before the last one and pour from there.", True),
        ("Kill the process that holds the lid.", True),
        ("Fix: see above", False),
        ("Stop it", False),
        ("`pot.cfg` should not have lids of another kettle", True),
        ("`pot.cfg` does not have lids of another kettle", False),
    ],
)
def test_a_promise_is_no_step_unless_it_says_one(words: str, is_step: bool) -> None:
    assert remedies.readable(words, False, fix=True) == is_step


@pytest.mark.parametrize("within", [True, False])
def test_what_was_said_of_the_same_words_counts(tmp_path: Path, within: bool) -> None:
    first, second = "Can you try `lid install 3.1`?", "Run `lid install 3.1` to mend it."
    posts = [first, f"The lid is old. {second}", "It worked for me"]
    shown = Said("fix", 11, posts[1] if within else second, "unverified", "user", says="S1")
    unsure = Said(
        "fix",
        11 if within else 10,
        second if within else first,
        "supported",
        "user",
        says="S2" if within else "S1",
        evidence=[("confirms", 12, posts[2])],
        published=False,
    )
    text = note(tmp_path, posts, shown, unsure)
    assert "Worked for one person: [“It worked for me”](" in text
    assert "**A fix is reported to work.**" in text


@pytest.mark.parametrize(
    ("report", "shown"),
    [("That was it.", "That was it"), ("That worked!", "That worked!"), ("Solved...", "Solved...")],
)
def test_a_quote_that_ends_a_sentence_leaves_the_full_stop_to_it(
    tmp_path: Path, report: str, shown: str
) -> None:
    said = Said("fix", 10, SETS, "confirmed", evidence=[("confirms", 11, report)])
    text = note(tmp_path, [SETS, report], said)
    assert re.search(rf": \[“{re.escape(shown)}”\]\([^)]*\)\.\n", text)


def test_a_published_fix_beside_a_better_one_is_linked(tmp_path: Path) -> None:
    posts = [
        "Run `lid install 3.1`.",
        cut_post("Install the pot like this:\n\n```\npot.fill("),
        "ok",
    ]
    best = Said("fix", 10, posts[0], "supported", "user", evidence=[("confirms", 12, posts[2])])
    other = Said("fix", 11, "Install the pot like this:", "unverified", "user", says="S2")
    text = note(tmp_path, posts, best, other)
    assert "\n## Also reported\n\nIn brief: [“Install the pot like this”](" in text


def test_words_that_follow_one_another_stand_in_their_order(tmp_path: Path) -> None:
    first, second = (
        "Update the lid of the pot to 3.2.",
        "If not, set `lid` to 3.1 in the file of the pot.",
    )
    text = note(
        tmp_path,
        [f"{first} {second}"],
        Said("fix", 10, second, "stated"),
        Said("fix", 10, first, "unverified", confidence=0.7, says="S2"),
    )
    assert 0 < text.index(f"> {first}") < text.index(f"> {second}")


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ("That solved the proxy issue for me.", False),
        ("That solved the boom problem for me.", True),
        ("That solved the underlying issue for me.", True),
        ("That fixed the weird error.", True),
    ],
)
def test_a_fix_of_another_problem_is_not_shown(tmp_path: Path, report: str, shown: bool) -> None:
    fix = "Set `lid` to 3 in the file of the pot."
    said = Said("fix", 10, fix, "supported", "user", evidence=[("confirms", 11, report)])
    assert (fix in note(tmp_path, [fix, report], said)) is shown


SETS = "Set the option `lid_of_the_kettle` to closed in the file of the pot"


@pytest.mark.parametrize(
    ("text", "brief"),
    [
        (SETS, SETS),
        (f"{SETS}. {'It is kept there. ' * 6}", f"{SETS}.{' It is kept there.' * 3}"),
        (f"{SETS}, which is read when it {'really ' * 12}starts.", ""),
        (f"As said in the PR, and also elsewhere, it is best to {'always ' * 14}close it.", ""),
        (f"If you use the {'very ' * 12}old pot, then you should {'also ' * 8}close the lid.", ""),
        (f"The limit of the kettle {'really ' * 18}will be raised to 12.", ""),
        (
            f"`lid --show` in the file of the pot? The limit of it {'really ' * 14}will be raised.",
            "",
        ),
        (f"{SETS} (by hand, and not {'at all ' * 12}otherwise).", ""),
    ],
)
def test_words_in_brief_end_where_a_sentence_does(text: str, brief: str) -> None:
    assert in_brief(text) == brief


@pytest.mark.parametrize("worked", [True, False])
def test_a_fix_too_long_for_a_line_is_linked_with_how_it_went(tmp_path: Path, worked: bool) -> None:
    long = f"Install the kettle that {'really ' * 20}holds the water like this:"
    posts = ["Run `lid install 3.1`.", cut_post(f"{long}\n\n```\npot.fill("), "That works."]
    confirms = [("confirms", 12, posts[2])]
    best = Said("fix", 10, posts[0], "supported", "user", evidence=confirms)
    evidence = confirms if worked else []
    other = Said("fix", 11, long, "supported", "user", says="S2", evidence=evidence)
    text = note(tmp_path, posts, best, other)
    assert "In brief" not in text
    # a link of which nothing can be told is left out
    more = text.partition("\nMore in [acme/tool#1](")[2]
    told = ") ([worked for one person](https://"
    assert told in more if worked else "Also reported" not in text


def test_links_to_posts_of_one_thread_differ_in_their_words(tmp_path: Path) -> None:
    long = f"Install the {{}} that {'really ' * 20}holds the water like this:"
    said = [long.format(name) for name in ("kettle", "cup", "bucket")]
    cut = [cut_post(f"{words}\n\n```\npot.fill(") for words in said]
    posts = ["Run `lid install 3.1`.", *cut, "That works."]
    confirms = [("confirms", 14, posts[-1])]
    best = Said("fix", 10, posts[0], "supported", "user", evidence=confirms)
    others = [
        Said("fix", n, words, "supported", "user", says=f"S{n}", evidence=confirms)
        for n, words in enumerate(said, start=11)
    ]
    text = note(tmp_path, posts, best, *others)
    names = re.findall(r"\[((?:a .{1,16} of )?acme/tool\\?#1)\]", text.partition("More in ")[2])
    assert [name.replace("\\", "") for name in names][:3] == [
        "acme/tool#1",
        "a second post of acme/tool#1",
        "a further post of acme/tool#1",
    ]


@pytest.mark.parametrize(
    ("role", "stance", "who"),
    [
        ("maintainer", "stated", "A maintainer"),
        ("user", "stated", "A likely maintainer"),
        ("user", "supported", "A user"),
    ],
)
def test_who_wrote_a_quote_is_no_maintainer_by_his_words(
    tmp_path: Path, role: str, stance: str, who: str
) -> None:
    words = "Run `lid install 3.1`."
    text = note(tmp_path, [words], Said("fix", 10, words, stance, role=role))
    assert f"\n{who} in [acme/tool" in text
    assert (f"**{who} suggests a fix" in text) is ("likely" in who)
    assert ("**The project suggests a fix" in text) is (who == "A maintainer")


def test_who_says_what_only_the_project_can_say_is_likely_of_it(tmp_path: Path) -> None:
    words = "We have released `lid` 3.1 with a new handle, update to it."
    text = note(tmp_path, [words], Said("fix", 10, words, "unverified", role="user"))
    assert "\nA likely maintainer in [acme/tool" in text


def test_a_fix_that_is_only_code_is_not_named_in_brief(tmp_path: Path) -> None:
    shown = "$ pot install lid\nName: lid\nVersion: 3.1\nRequires: kettle, sau"
    post = cut_post(f"```\n{shown}")
    text = note(tmp_path, [post], Said("fix", 10, shown, "unverified", "user"))
    assert "In brief" not in text
    assert "suggestion" not in text


def test_a_published_fix_that_points_back_is_linked(tmp_path: Path) -> None:
    posts = [
        "Run `lid install 3.1`.",
        "Just confirming what you mentioned – filling the pot at home should resolve the issue.",
    ]
    best, other = (
        Said("fix", 10 + n, words, "unverified", "user") for n, words in enumerate(posts)
    )
    text = note(tmp_path, posts, best, other)
    assert "In brief: [“" in text
    assert "issuecomment-11)" in text.split("In brief")[1]


def test_what_was_said_of_other_words_does_not(tmp_path: Path) -> None:
    posts = ["Run `lid install 3.1`.", "Use `pot 7` instead.", "It worked for me"]
    confirms = [("confirms", 12, posts[2])]
    other = Said("fix", 11, posts[1], "supported", evidence=confirms, published=False)
    text = note(tmp_path, posts, Said("fix", 10, posts[0], "unverified", "user"), other)
    assert "Worked for" not in text
    assert "One suggestion, not confirmed yet." in text


def test_a_release_that_a_user_names_is_no_open_question(tmp_path: Path) -> None:
    text = note(
        tmp_path, ["Fixed in 1.5.5!"], Said("fix", 10, "Fixed in 1.5.5!", "unverified", "user")
    )
    assert "**Said to be fixed in acme/tool [1.5.5]" in text
    assert "Unresolved" not in text


@pytest.mark.parametrize(
    ("post", "quote", "text", "block"),
    [
        ("Use the lid, [check out](https://tea.example/lids)", "Use the lid",
         "Use the lid, check out https://tea.example/lids", ""),
        ("Use the lid of [this page](https://tea.example/lids) only.", "Use the lid",
         "Use the lid of this page (https://tea.example/lids) only.", ""),
        ("However, first of all - sorry, the lid is lost.", "the lid", "the lid is lost.", ""),
        ("Read [the lids of tea](https://tea.example/lids) first", "Read",
         "Read the lids of tea first", ""),
        ("Lids are old. Try the following command.\n\n```\npour tea\n```\n", "Try the following",
         "Try the following command.", "pour tea"),
        ("Lids are old. Pour it.\n\n```\npour tea\n```\n", "Pour it.", "Pour it.", ""),
        ("The lid is old: this happens because of tea", "this happens", "The lid is old: this"
         " happens because of tea", ""),
        ("LidError: no lid\n\nThis happens because of tea", "This happens",
         "This happens because of tea", ""),
        (cut_post("The lid was skipped, see `pot` and [the line](https://tea.example/li"),
         "The lid", "The lid was skipped, see `pot` and the line", ""),
        (cut_post("The lid was skipped, see it [here](https://tea.example/li"),
         "The lid", "The lid was skipped, see it here …", ""),
        (cut_post("Install the newest lid:\n\n```\nlid --install main\n\n# or\npip ins"),
         "Install the newest lid:", "Install the newest lid:", "lid --install main\n# [...]"),
        ("Merged in [PR 7](https://tea.example/pull/7), take it", "Merged in",
         "Merged in PR 7 (https://tea.example/pull/7), take it", ""),
        ("Take the lid (get it [here](https://tea.example/lids)).", "Take",
         "Take the lid (get it here: https://tea.example/lids).", ""),
        ("C++17 is not the default of the lid. You hence need `std=17`.", "You hence need",
         "C++17 is not the default of the lid. You hence need `std=17`.", ""),
        (cut_post("Use the following entries in `pot.cfg`.\n\n```\n# cups\nCUPS=2\nPOTS=1\nLI"),
         "Use the following", "Use the following entries in `pot.cfg`.",
         "# cups\nCUPS=2\nPOTS=1\n# [...]"),
        (cut_post("Use the following entries in `pot.cfg`.\n\n```\n[pots]\ncups = 2\nPOTS=1\nLI"),
         "Use the following", "Use the following entries in `pot.cfg`.", ""),
        (cut_post("Set it in the shell before tea\n```\nexport LID=off\n\nlid --pour \\\n  --no"),
         "Set it in the", "Set it in the shell before tea", "export LID=off\n# [...]"),
        # lines that end in a bare carriage return
        (cut_post("Install the newest lid:\n\n```\nlid --install a\rlid --install b\rlid --in"),
         "Install the newest lid:", "Install the newest lid:", ""),
        ("> The pot was replaced by hand.\n> Thanks!\n\nRemoved the line.", "Removed",
         "Removed the line.", ""),
        ("But I poured it again. @ana please take a look", "I poured it again. @ana please take",
         "I poured it again.", ""),
        ("I poured it anew. We will fix it soon, sorry for that.", "I poured it anew. We will",
         "I poured it anew.", ""),
        ("Pour it anew. Could you please check it?", "Pour it anew. Could", "Pour it anew.", ""),
        ("Pour it anew. If yes, I'll mend the lid.", "Pour it anew. If", "Pour it anew.", ""),
        ("Pour it anew.\n\nIf it drips, it would be helpful if you could share a minimal pot.",
         "Pour it anew.\n\nIf it drips, it would be helpful if you could share", "Pour it anew.",
         ""),
        ("Pour it anew.\r\n\r\nCan you also open an issue of the `pot`?",
         "Pour it anew.\r\n\r\nCan you also open", "Pour it anew.", ""),
        ("The lid opens with `pot>=2`, you may try it again tomorrow : )",
         "The lid opens with `pot>=2`, you may try it again", "The lid opens with `pot>=2`", ""),
        ("It takes **tea**, **milk** or **none of it, see below", "It takes **tea**, **milk** or",
         "It takes tea, milk or none of it, see below", ""),
        ("I solved the problem. It seems that the lid is lost.", "It seems that the lid",
         "It seems that the lid is lost.", ""),
        ("To warm it set these.\nPlease close this.\n\nset LID=1\nset POT=2", "set LID=1\nset POT",
         "To warm it set these.\nPlease close this.\n\nset LID=1\nset POT=2", ""),
        ("Lids are old. For a pot we need:\n1 - a lid\n2 - hot water", "For a pot we need:\n1 - a",
         "For a pot we need:\n1 - a lid\n2 - hot water", ""),
        ("The lid of the pot is old. Commenting out the line mends it.", "Commenting out",
         "The lid of the pot is old. Commenting out the line mends it.", ""),
        ('<img width="14" src="https://tea.example/a.png">\n\nIt is the lid.', "It is",
         "It is the lid.", ""),
        ('It is the lid: <img width="14" src="https://tea.example/a.png"> see it.', "It is the",
         "It is the lid: see it.", ""),
        # what says which one, until when or what as well is no clause that may be missing
        *((cut_post(f"Please use the pot with the old lid{rest}"), "Please use",
           f"Please use the pot with the old lid{rest} …", "")
          for rest in (" that has a bu", " and the new pi", " until the pip", " because a li")),
        (cut_post("With the changes in #12, which add a lid, and with the pot, you can se"), "With",
         "With the changes in #12, which add a lid, and with the pot, you can se …", ""),
        *((cut_post(f"Please use the pot with the old lid{rest}"), "Please use",
           "Please use the pot with the old lid", "")
          for rest in (", it is fas", " and then sta", " that should po")),
        (cut_post("Set the lid to false in main.\nThe code is:\n\n```\npour te"), "Set the lid to"
         " false in main.\nThe code is:", "Set the lid to false in main.", ""),
    ],
)  # fmt: skip
def test_a_passage_is_what_can_be_read(post: str, quote: str, text: str, block: str) -> None:
    start = post.index(quote)
    found = quoted(post, start, start + len(quote))
    assert (found.text, found.block) == (text, block)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("Rinse the pot with cold water.", True),
        ("[The manual](https://tea.example/m) says to rinse the pot.", True),
        ("> Rinse the pot with cold water.", False),
        ("```\nexport LID=a_long_value_of_it\n```", False),
        ("| set | to |\n|---|---|\n| the lid of the pot | twenty seven cups |", False),
        ("![a picture](https://tea.example/a-long-address.png)", False),
    ],
)
@pytest.mark.parametrize(
    "quote", ["You can also set `a`.", "Or set `a`.", "Once you make that change it pours."]
)
def test_a_quote_goes_on_from_its_authors_own_sentence_alone(
    before: str, told: bool, quote: str
) -> None:
    body = f"{before}\n\n{quote}"
    row = {"body": body, "start": body.index(quote), "end": len(body), "quote": quote}
    found = passage_in(cast(sqlite3.Row, row))
    assert found.text == (f"{rendered(before)}\n\n{quote}" if told else quote)
    assert found.more is not told


@pytest.mark.parametrize(
    ("post", "text", "cut"),
    [
        ("Pouring helped me here. No need for `", "Pouring helped me here.", False),
        ("Use `", "Use …", True),
        ("Use `pot` and `lid`", "Use `pot` and `lid`", False),
    ],
)
def test_a_mark_that_only_opens_is_where_the_source_cut(post: str, text: str, cut: bool) -> None:
    found = quoted(post, 0, len(post))
    assert (found.text, found.cut) == (text, cut)


def test_of_two_ways_the_one_that_its_source_cut_is_not_marked_in_the_code(tmp_path: Path) -> None:
    body = cut_post("Install the newest lid:\n\n```\nlid --install main\n\n# or...\n\npip ins")
    quote = body[: body.index("\n\n# or")]
    text = note(tmp_path, [body], Said("fix", 10, quote))
    assert "lid --install main\n```" in text
    assert "[...]" not in text


def test_an_instruction_is_told_with_its_code_not_by_its_cut_twin(tmp_path: Path) -> None:
    words = "The fix is available in the main branch. Get it by pouring from it:"
    posts = [cut_post(f"{words}\n\n```\npour ma"), f"{words}\n\n```\npour main\n```\n"]
    claims = [
        Said("fix", 10, words, "confirmed", says="S1"),
        Said("fix", 11, words, "stated", says="S1"),
    ]
    text = note(tmp_path, posts, *claims)
    assert "pour main\n" in text
    assert "#issuecomment-11), 2026-02-04." in text


@pytest.mark.parametrize("again", [False, True])
def test_a_release_comes_before_what_bridges_the_time_to_it(tmp_path: Path, again: bool) -> None:
    posts = [
        "Until a release is out you can set `lid` to false.",
        "The lid is mended, please update: released in 1.29.0.",
        "It worked for me",
        "1.29.2: the lid is lost again in the middle of the tea",
    ]
    claims = [
        Said("workaround", 10, posts[0], "confirmed", evidence=[("confirms", 12, posts[2])]),
        Said("fix", 11, posts[1], "stated", evidence=[("still_seen", 13, posts[3])] * again),
    ]
    text = note(tmp_path, posts, *claims)
    assert ("(reported again [with 1.29.2](" in text) is again
    assert text.find("> The lid is mended") < text.index("> Until a release is out")


def test_code_that_was_cut_off_is_not_shown_as_the_fix(tmp_path: Path) -> None:
    post = cut_post("A new pot fixed it for me:\n\n```\nlid $ history\n  1 pour te")
    quote = "A new pot fixed it for me:"
    code = ("code", 10, "lid $ history\n  1 pour te")
    text = note(tmp_path, [post], Said("fix", 10, quote, "supported", "user", evidence=[code]))
    assert "history" not in text
    post = cut_post("Put a new pot beneath the lid, it helps.\n\nLike I did\n\n```\n  1 pour te")
    quote, code = "Put a new pot beneath the lid, it helps.", ("code", 11, "1 pour te")
    (tmp_path / "kb.db").unlink()
    said = Said("fix", 11, quote, "supported", "user", evidence=[code])
    text = note(tmp_path, ["Hello", post], said)
    assert f"> {quote}" in text
    assert "pour te" not in text


@pytest.mark.parametrize("reporter", [True, False])
def test_who_advises_is_no_witness(tmp_path: Path, reporter: bool) -> None:
    posts = [comment(n, text, login="ann") for n, text in ((10, "Set `lid` to 1."), (11, "Works."))]
    role = "reporter" if reporter else "user"
    said = Said(
        "fix", 10, "Set `lid` to 1.", "supported", role, evidence=[("confirms", 11, "Works.")]
    )
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=[said])
    with closing(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        text = documents(connection, "note")["E1.md"]
    assert ("Worked for one person" in text) == reporter
    alone = "**A fix is said to work; nobody else has confirmed it yet.**"
    assert (alone in text) != reporter


def test_a_change_of_the_next_release_is_nothing_to_try(tmp_path: Path) -> None:
    words = "This has been fixed and will come with the next release."
    text = note(tmp_path, [words], Said("fix", 10, words, "supported", "user"))
    assert f"## Changes in the projects\n\n> {words}" in text
    assert "**It is said to be fixed, without a version.**" in text


@pytest.mark.parametrize(
    ("words", "confidence", "withheld", "lead"),
    [
        (
            "Fixed by #259",
            0.9,
            NOT_ALONE,
            "**A fix is suggested.** A user names it in [acme/tool#1](",
        ),
        ("The lid has been fixed, see #259", 0.75, None, "**A fix is suggested.** A user"),
        ("It will be fixed in #259 soon.", 0.75, None, "certain enough"),
        ("The lid has been fixed.", 0.75, None, "certain enough"),
        (
            "This should be fixed in release v1.4.5",
            0.9,
            NOT_ALONE,
            "**Said to be fixed in acme/tool [1",
        ),
        ("Should be fixed now.", 0.9, NOT_ALONE, "Undecided"),
    ],
)
def test_a_sure_fix_that_cannot_be_understood_alone_is_linked(
    tmp_path: Path, words: str, confidence: float, withheld: str | None, lead: str
) -> None:
    said = Said(
        "fix", 10, words, "unverified", "user",
        published=False, withheld=withheld, confidence=confidence,
    )  # fmt: skip
    text = note(tmp_path, [words], said)
    assert lead in text
    assert words not in text
    assert NOT_ALONE == ALONE  # the miner's word for it


@pytest.mark.parametrize(
    "more",
    [
        "pot-1 | Traceback (most recent call last):",
        "(Pot pid=7) 2026-01-02 00:00:28,678 - INFO - pouring tea",
        ">>> exit()",
        "`",
    ],
)
def test_a_form_ends_where_a_log_goes_on(tmp_path: Path, more: str) -> None:
    raw = f"LidError: no lid\n{more}"
    filled = Filled(thread(1, "It fails", raw), "E1", raw, "body")
    with closing(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        text = documents(connection, "note")["E1.md"]
    assert "```text\nLidError: no lid\n```" in text


@pytest.mark.parametrize(
    ("login", "second", "role"),
    [
        ("ann", "stated", "A likely maintainer"),
        ("ann", "unverified", "A user"),
        ("acme", "unverified", "A likely maintainer"),
    ],
)
def test_a_person_has_one_role_in_all_that_is_said_of_an_error(
    tmp_path: Path, login: str, second: str, role: str
) -> None:
    words = ["Set `lid` to false.", "Run `lid --clean` before the first boot."]
    posts = [comment(n, words[n - 10], login=login, day=n - 7) for n in (10, 11)]
    stances = zip((10, 11), words, ("confirmed", second), strict=True)
    claims = [Said("fix", n, text, stance, "user") for n, text, stance in stances]
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    with closing(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        text = documents(connection, "note")["E1.md"]
    assert text.count(f"{role} in [acme/tool#1]") == 2
