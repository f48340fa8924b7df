"""Titles and descriptions of pages: what a list of search results shows."""

from __future__ import annotations

from contextlib import closing as closing_of
from pathlib import Path

import pytest

from kb.evidence import entries_to_show
from kb.notes.descriptions import description_of
from kb.notes.options import Options, entries_for
from kb.notes.outline import outlines
from kb.store import Store
from tests.support.pages import front, pages, prepared
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Update the secret `KETTLE_KEY` of the repository under Settings and run it again.",
            "OpenRouter 401: no such user (r, 2026-01-02). What helped: “Update the secret"
            " KETTLE_KEY of the repository under Settings and run it again.”",
        ),
        (
            "Set `lid` to false.",
            "OpenRouter 401: no such user (r, 2026-01-02). What helped: “Set lid to false.”",
        ),
    ],
)
def test_a_description_has_the_fix_before_counts(tmp_path: Path, said: str, told: str) -> None:
    made = Filled(
        thread(1, "no such user", "", [comment(10, said, association="MEMBER")], repo="acme/r"),
        "E1",
        "no such user",
        fields={"provider": "openrouter", "status": 401, "title": "OpenRouter 401: no such user"},
        claims=[Said("fix", 10, said)],
    )
    connection = prepared(fill(tmp_path / "kb.db", [made]))
    (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    connection.close()
    assert front(page)["description"] == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Could you please try upgrading the lid to 3.1, and see if it is there?", "try upgrading"),
        ("I had to put the `lid` on the kettle. It is hot now, and the tea too.", "put the lid on"),
        ("Tomorrow it is there, or you can do it with `pip install lid==3.1` today.", "pip"),
        ("I was able to fix the thing by removing the old lid of the pot:", "removing the old"),
        ("You will need the `lid` tool (get it here: https://lid.org/a).", "You will need the lid"),
        (
            "It is so at home. If you install `lid` (see [it](https://lid.org/a)), it is fine.",
            "install lid”",
        ),
        ("Do not run `pip install lid==3.1`. Set `wait` to 3 in the pot.", "Do not run pip"),
        ("Where `pip install lid==3.1` fails, set `wait` to 3 in the pot.", "Where pip"),
        ("Instead of `pip install lid` use `conda install lid`.", "Instead of pip install lid use"),
        (
            'Please remove the braces on both sides. If my lid is "abc", then it should be '
            '`LID="abc"` and not `LID="{abc}"`',
            'it should be LID="abc" and not LID="{abc}"',
        ),
        (
            "the readme is wrong. the actual import is  `from pot import lid`",
            "the actual import is",
        ),
        (
            "please see if version 3.0.1 resolves the issue for you. I looked at it here, and the "
            "lid is in its file. Wanna be absolutely sure though, as it was a long day in here.",
            "please see if version 3.0.1 resolves",
        ),
        (
            "I recommend making sure you've set `LID_KEY`, or use another lid, check out "
            "https://docs.example.com/lids/of/pots/and/kettles#which-lid-goes-with-which-pot",
            "making sure you've set LID_KEY, or use another lid”",
        ),
    ],
)
def test_a_description_quotes_the_clause_that_says_what_helped(
    tmp_path: Path, said: str, told: str
) -> None:
    assert f" What helped: “{told}" in _described(tmp_path, said)


@pytest.mark.parametrize("said", ["If you use lid 3.1 it crashes", "It was not fixed in 3.1"])
def test_a_description_quotes_no_clause_that_says_what_did_not_help(
    tmp_path: Path, said: str
) -> None:
    said += ", so I set `wait` to 3 and it is fine" + " now" * 20
    assert "3.1" not in _described(tmp_path, said)


def test_a_description_quotes_no_version_of_something_that_stands_elsewhere(
    tmp_path: Path,
) -> None:
    told = _described(tmp_path, "I think downgrading the version will set the lid of it right.")
    assert told.endswith("A fix is confirmed.")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Can you delete the pot, and make it again please?", ". Careful (delete): “delete the p"),
        ("can you update the pot (clone again), delete the lid in it", ". A fix is confirmed."),
    ],
)
def test_a_description_warns_of_what_it_quotes(tmp_path: Path, said: str, told: str) -> None:
    assert told in _described(tmp_path, said)


def _described(tmp_path: Path, said: str) -> str:
    """The description of an error for which these words helped."""
    claim = Said("fix", 10, said, "confirmed", "user", evidence=[("confirms", 11, "It works.")])
    made = thread(1, "No lid", "", [comment(10, said), comment(11, "It works.", login="eve")])
    filled = Filled(made, "E1", "No lid", claims=[claim])
    with closing_of(prepared(fill(tmp_path / "kb.db", [filled]))) as connection:
        (outline,) = outlines(connection, entries_for(connection, Options()))
        return description_of(outline)


@pytest.mark.parametrize(
    ("place", "said", "title", "description"),
    [
        (
            "",
            "This was fixed in 2.12.1",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the)",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the-house,"
            " 2026-01-02). Fixed in 2.12.1.",
        ),
        (
            " (lid.py in acme/the-hot-kettle-of-the-house)",
            "This was fixed in 2.12.1",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the)",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (the-hot-kettle-of-the-house,"
            " 2026-01-02). Fixed in 2.12.1.",
        ),
        (
            " (the_lid_of_it.py in acme/pot)",
            "Set the option `lid_of_the_kettle` to closed in the file of the pot and start it.",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (pot, the_lid_of_it.py)",
            "net::ERR_OF_THE_KETTLE_PROTOCOL (pot, 2026-01-02). What helped: “Set the option"
            " lid_of_the_kettle to closed in the file of the pot and start it.”",
        ),
    ],
)
def test_a_title_or_description_says_of_what_project_it_speaks(
    tmp_path: Path, place: str, said: str, title: str, description: str
) -> None:
    raw = "net::ERR_OF_THE_KETTLE_PROTOCOL"
    repo = place.removesuffix(")").rpartition(" ")[2] or "acme/the-hot-kettle-of-the-house"
    made = Filled(
        thread(1, raw, "", [comment(10, said, association="MEMBER")], repo=repo),
        "E1",
        raw,
        fields={"title": f"{raw}{place}"},
        claims=[Said("fix", 10, said)],
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    assert front(page)["title"] == title
    assert front(page)["description"] == description


def test_the_description_of_a_long_name_says_the_project(tmp_path: Path) -> None:
    raw = "The kettle holds no more water than fits into it because the lid of it is closed"
    said = "Set the option `lid_of_the_kettle` to open in the file of the pot and start it."
    made = Filled(
        thread(1, raw, "", [comment(10, said, association="MEMBER")], repo="acme/pot"),
        "E1",
        raw,
        fields={"title": f"{raw} (lid.py in acme/pot)"},
        claims=[Said("fix", 10, said)],
    )
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    told = "is closed (pot). What helped: “Set the option lid_of_the"
    assert told in str(front(page)["description"])


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("kettle --install-main", "Get it like this: `kettle --install-main`"),
        ("kettle --new\n\n# or...\n\nmake lid\nmake pot", "Get it like this: `kettle --new`"),
        ("pot:\n  lid: false", None),
        (f"kettle --lid {'x' * 240}", None),
        ("kettle `which lid`", "Get it like this: kettle `which lid`"),
    ],
)
def test_the_quick_fix_names_the_code_that_it_announces(
    tmp_path: Path, code: str, told: str | None
) -> None:
    post = f"Get it like this:\n\n```\n{code}\n```\n"
    made = Filled(
        thread(1, "lid is open", "", [comment(10, post)]),
        "E1",
        "lid is open",
        claims=[Said("fix", 10, "Get it like this:")],
    )
    connection = prepared(fill(tmp_path / "kb.db", [made]))
    (page,) = (t for n, t in pages(connection).items() if n != "index.md")
    connection.close()
    found = front(page).get("quick_fix")
    assert (found and str(found).split("” ")[0]) == (told and f"“{told}")
    assert "> Get it like this:\n" in page


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ("import lid\nlid.open_all()", None),
        ("Use this one:\nlid = Lid(size=3)\nlid.open_all()", None),
        ("Set the size of the lid to 3\n\nlid = Lid(size=3)", "Set the size of the lid to 3"),
        ("The lid is too small.\n\nSet its size to 3.", "The lid is too small. Set its size to 3."),
        ("Set the size of the lid\nto 3 for now.", "Set the size of the lid to 3 for now."),
        ("Do the following:\n\n1. Set the size of the lid to 3\n2. Pour the tea", None),
        ("Go back to the old lid\n\n`pip get lid==3`", "Go back to the old lid `pip get lid==3`"),
    ],
)  # fmt: skip
def test_lines_that_make_no_line_are_not_told_as_one(
    tmp_path: Path, post: str, told: str | None
) -> None:
    said = Said("fix", 10, post, "confirmed", evidence=[("confirms", 11, "It helps.")])
    posts = [comment(10, post), comment(11, "It helps.")]
    made = Filled(thread(1, "lid is open", "", posts), "E1", "lid is open", claims=[said])
    with closing_of(prepared(fill(tmp_path / "kb.db", [made]))) as connection:
        (page,) = (t for n, t in pages(connection).items() if n != "index.md")
    found = front(page)
    assert (found.get("quick_fix") or "").split("” ")[0] == (f"“{told}" if told else "")
    joined = " ".join(post.split())
    assert told == joined or joined not in found["description"]
    assert told or "Set the" not in found["description"]


@pytest.mark.parametrize(
    ("error", "title"),
    [
        ("lid is open", "lid is open (tool) – what fixes it"),
        ("the lid of the kettle is open and the water is cold", None),
        (
            "BrewError: the lid of the big kettle in the kitchen is open and the water is cold",
            "Lid of the big kettle in the kitchen is open… (tool)",
        ),
        (
            "Lost the lids of pots and cups with status = StatusCode.LIDS_ARE_LOST",
            "Lost the lids of pots … StatusCode.LIDS_ARE_LOST (tool)",
        ),
        (
            "cannot import name 'BigKettleLid' from 'kettles.lids.of.the.kitchen'",
            "cannot import name 'BigKettleLid' (tool)",
        ),
        (
            "BrewError: the lid of the kettle was found open just now",
            "The lid of the kettle was found open just now (tool) – fix",
        ),
        (
            "AttributeError: module 'kettle' has no attribute 'lids_of_all_the_kitchen_pots'",
            "No attribute 'lids_of_all_the_kitchen_pots' (tool)",
        ),
        (
            "[Errno 2] No such file or directory: '/srv/kettles/of/the/kitchen/pots/lids.yaml'",
            "No such file or directory: '…/lids.yaml' (tool) – fix",
        ),
        (
            "Kettle 400: Invalid lid for the pot 'kitchen_kettle_of_all', it must have a spout",
            "Kettle 400: Invalid lid … pot 'kitchen_kettle_of_all' (tool)",
        ),
        (
            "Copper Kettle 400: Invalid lid for the pot 'hot_pot_one': in the kitchen is none",
            "Copper Kettle 400: Invalid lid … pot 'hot_pot_one' (tool)",
        ),
        (
            "brew_the_pot(): Assertion (lid-pot)%N==0 && the lid must be closed first failed",
            "The lid must be closed first (tool) – what fixes it",
        ),
        (
            "Could not pour the 'tea', which is needed by all of the cups in this kitchen",
            "Could not pour the 'tea' (tool)",
        ),
    ],
)
def test_a_title_fits_without_being_cut(tmp_path: Path, error: str, title: str | None) -> None:
    made = thread(1, error, "", comments=[comment(10, "Set `wait` to 3.")])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, "Set `wait` to 3.")])
    filled.fields = {"title": error}
    connection = prepared(fill(tmp_path / "kb.db", [filled]))
    (text,) = (t for name, t in pages(connection).items() if name != "index.md")
    found = str(front(text)["title"])
    assert found == (title or f"{error} (tool)"), found
    assert f"\n# {error} (tool)\n" in text
    connection.close()


def test_titles_descriptions_and_addresses_are_unique(tmp_path: Path) -> None:
    made = [
        Filled(
            thread(
                n,
                "boom",
                "",
                repo=f"acme/r{n}",
                comments=[comment(n * 10, f"Set option {n} to false and restart it.")],
            ),
            f"E{n}",
            "boom",
            signature=f"boom {n}",
            claims=[Said("fix", n * 10, f"Set option {n} to false and restart it.")],
        )
        for n in range(1, 6)
    ]
    connection = prepared(fill(tmp_path / "kb.db", made))
    made_pages = pages(connection)
    found = [front(text) for name, text in made_pages.items() if name != "index.md"]
    assert all(len(str(f["title"])) <= 60 for f in found)
    assert all(len(str(f["description"])) <= 155 for f in found)
    assert len({f["title"] for f in found}) == len({f["description"] for f in found}) == 5
    connection.close()


@pytest.mark.parametrize(("other", "name"), [("|acme/pot|2|", "pot#1"), ("|acme/tea|2|", "pot")])
def test_a_thread_is_named_behind_a_title_that_two_of_a_project_share(
    tmp_path: Path, other: str, name: str
) -> None:
    raw = "Failed building wheel for lid"
    threads = [("E1", raw, "acme/pot#1"), ("E2", "no lid here", "acme/pot#2")]
    filled = [
        Filled(
            thread(number, words, "", repo="acme/pot"),
            entry,
            words,
            fields={"title": f"{words} ({place})"},
        )
        for number, (entry, words, place) in enumerate(threads, start=1)
    ]
    with Store.open(fill(tmp_path / "kb.db", filled)) as store:
        same = "update signature set text = ?, place = ? where entry_id = ?"
        with store.transaction() as db:
            db.execute(same, (raw.lower(), "|acme/pot|1|", "E1"))
            db.execute(same, (raw.lower(), other, "E2"))
            db.execute("update entry set signature = ?", (raw.lower(),))
        heads = [o.title for o in outlines(db, entries_to_show(db))]
    assert heads[0] == f"{raw} ({name})"
