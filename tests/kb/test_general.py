"""What holds for everybody with an error that several projects have stands first; all else names
its project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb.evidence import entries_to_show
from kb.notes import wording, worth
from kb.notes.descriptions import description_of, quick_fix, title_of
from kb.notes.export import documents, export_to, prepare
from kb.notes.general import runs_of_sentences
from kb.notes.markdown import View
from kb.notes.options import Options
from kb.notes.outline import Outline, outlines
from kb.query.entries import PARTS, told
from kb.store import Store, connect_readonly
from kb.verify import verify_export
from tests.support.notes import one
from tests.support.published import Filled, Said, fill
from tests.support.threads import Json, comment, thread

ERROR = "Kettle not registered"
MEANS = '"Kettle not registered" means that OpenRouter lost the lid of the account.'
BOIL = "Delete the line `boil: 3` of pot.toml."
POUR = "Set `pour` to 4 in the shell."


def asked(number: int, repo: str, *claims: Said, posts: list[Json] | None = None) -> Filled:
    """A project's thread about the error; each claim is a post of its own."""
    made = posts or [
        comment(10 * number + n, c.quote, login=f"u{number}{n}") for n, c in enumerate(claims)
    ]
    return Filled(
        thread(number, ERROR, "", made, repo=repo),
        "E1",
        ERROR,
        fields={"provider": "openrouter", "status": 401, "title": f"OpenRouter 401: {ERROR}"},
        claims=list(claims),
    )


def said(kind: str, place: int, quote: str, **more: Any) -> Said:
    stance = more.pop("stance", "confirmed")
    return Said(kind, place, quote, stance, more.pop("role", "user"), **more)


def outline_of(tmp_path: Path, *filled: Filled) -> Outline:
    connection = connect_readonly(fill(tmp_path / "kb.db", list(filled)))
    return next(outlines(connection, entries_to_show(connection)))


def two(cause: str, **more: Any) -> tuple[Filled, Filled]:
    """Each project with a fix of its own, and the first with a cause."""
    first = asked(
        1, more.pop("repo", "ann/samovar"), said("fix", 10, BOIL), said("cause", 11, cause, **more)
    )
    return first, asked(2, "bob/teapot", said("fix", 20, POUR, stance="supported"))


def test_what_the_message_means_stands_before_each_projects_fix(tmp_path: Path) -> None:
    text = one(tmp_path, *two(MEANS, role="maintainer", stance="stated"))
    box = text.split("## What to try\n\n")[1].split("\n## ")[0]
    assert box.startswith(f"> {MEANS}\n\nA maintainer in ")
    assert "1.  In samovar:\n\n    > Delete the line" in box
    assert "2.  In teapot:\n\n    > Set `pour`" in box
    assert MEANS not in text.split("\n## ", 2)[2]
    assert " What to try comes from single projects, each of them named." in text


def test_title_description_fix_data_and_answers_have_the_order_of_the_page(tmp_path: Path) -> None:
    path = fill(tmp_path / "kb.db", list(two(MEANS, role="maintainer", stance="stated")))
    with Store.open(path) as store:
        prepare(store)
    connection = connect_readonly(path)
    made = next(outlines(connection, entries_to_show(connection)))
    assert worth.why_no_page(made) is None
    assert title_of(made).endswith("– what fixes it")
    assert description_of(made).endswith(f"Cause: “{MEANS}”")
    assert (quick_fix(made) or "").startswith("In samovar: “Delete the line")
    options = Options(target="mkdocs", site_url="https://tea.example")
    page = next(t for n, t in documents(connection, "page", options).items() if "kettle" in n)
    data = json.loads(page.split('<script type="application/ld+json">\n')[1].split("\n</")[0])
    cited = [found["text"] for found in data["@graph"][0]["citation"]]
    assert cited == [MEANS, BOIL, POUR]
    for kind in ("page", "candidates", "site"):
        export_to(connection, kind, tmp_path / kind, options)
        assert verify_export(connection, tmp_path / kind) == []
    connection.close()
    answers = {part: [c.quote for c in told(made, []) if c.part == part] for part in PARTS}
    assert (answers["cause"], answers["fix"]) == ([MEANS], [BOIL, POUR])


@pytest.mark.parametrize(
    "words",
    [
        f"The 401 comes from OpenRouter's own shelf: the {ERROR.lower()}.",
        "This error is returned when the account has no lid.",
        "This error is telling you that the lid of the account is open.",
        "The lid of your account is open, close it on https://openrouter.ai/settings/lids please.",
    ],
)
def test_a_cause_that_explains_the_message_or_leads_to_the_service_holds_for_all(
    tmp_path: Path, words: str
) -> None:
    made = outline_of(tmp_path, *two(words, role="maintainer", stance="stated"))
    assert made.meaning is not None
    assert made.meaning.passage.text == words


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ('"Kettle not registered" means that samovar lost the lid of it.', {}),
        ('"Kettle not registered" means that our cache lost the lid of it.', {}),
        ('"Kettle not registered" means that 2.3.4 has lost the lid of it.', {}),
        ('"Kettle not registered" means that the lid is gone, see #12 for it.', {}),
        ('"Spoon of the maid" means that the lid of the kettle is open.', {}),
        ("The 403 means that the lid of the kettle is open again.", {}),
        ("The reader opens the lid before the kettle boils over it.", {}),
        ('"Kettle not registered" means that pot lost the lid of it.', {"repo": "ann/pot"}),
        ("The lid is sent to https://openrouter.ai/api/v1 though it is off.", {}),
        ("The lid is sent to openrouter.ai.tea.example though it is off.", {}),
        (MEANS, {"role": "user", "stance": "stated"}),
        (MEANS, {"stance": "suspected"}),
    ],
)
def test_what_speaks_of_a_project_or_nobody_vouches_for_holds_in_its_own(
    tmp_path: Path, words: str, more: Json
) -> None:
    made = outline_of(tmp_path, *two(words, **{"role": "maintainer", "stance": "stated", **more}))
    assert made.meaning is None
    assert made.is_by_project
    assert worth.why_no_page(made) == worth.BY_PROJECT


def test_of_a_cause_that_speaks_of_its_project_too_the_general_sentences_stand(
    tmp_path: Path,
) -> None:
    words = f"The spout of samovar 3.1 is a new one. {MEANS} The cause here is an open window."
    text = one(tmp_path, *two(words, role="maintainer", stance="stated"))
    assert f"\n> {MEANS}\n\nA maintainer in " in text
    assert "a new one" not in text
    assert "an open window" not in text


@pytest.mark.parametrize(
    "general",
    [
        "Replace the lid under openrouter.ai/settings/lids, please.",
        "Please regenerate the API key and try it again.",
        "You need to add some more credits to it.",
        "Use OpenRouter with a lid: OpenRouter requires one for hot water.",
    ],
)
def test_a_fix_at_the_service_comes_first_and_says_for_whom_nothing(
    tmp_path: Path, general: str
) -> None:
    first = asked(1, "ann/samovar", said("fix", 10, BOIL), said("cause", 11, "The lid is red."))
    second = asked(2, "bob/teapot", said("fix", 20, general, role="maintainer", stance="stated"))
    made = outline_of(tmp_path, first, second)
    assert [p.quote.text for p in made.tries] == [general, BOIL]
    assert worth.why_no_page(made) is None
    assert (quick_fix(made) or "").startswith(f"“{general[:20]}")
    assert "What helped in" not in description_of(made)


def test_a_fix_at_the_service_that_names_a_projects_setting_names_the_project(
    tmp_path: Path,
) -> None:
    general = "Set `lid.address` to `https://openrouter.ai/lids`."
    first = asked(1, "ann/samovar", said("fix", 10, BOIL))
    second = asked(2, "bob/teapot", said("fix", 20, general, role="maintainer", stance="stated"))
    made = outline_of(tmp_path, first, second)
    assert [p.quote.text for p in made.tries] == [general, BOIL]
    assert (quick_fix(made) or "").startswith("In teapot: “Set `lid.address`")
    assert "What to try comes from single projects" in View.plain(made).lead()


def test_each_projects_best_fix_comes_before_the_second_of_one(tmp_path: Path) -> None:
    again = "Set `lid` to 5 in the shell."
    first = asked(1, "ann/samovar", said("fix", 10, BOIL), said("fix", 11, again))
    second = asked(2, "bob/teapot", said("fix", 20, POUR, stance="supported"))
    made = outline_of(tmp_path, first, second)
    assert [p.quote.text for p in made.tries] == [BOIL, POUR, again]


@pytest.mark.parametrize(
    "beside",
    ["Nobody knows what this error means.", "Then this error is returned at once."],
)
def test_a_sentence_that_explains_it_is_sure_and_stands_alone(tmp_path: Path, beside: str) -> None:
    made = outline_of(tmp_path, *two(f"{MEANS} {beside}", role="maintainer", stance="stated"))
    assert made.meaning is not None
    assert made.meaning.passage.text == MEANS


def test_no_project_that_a_statement_is_known_of_is_denied(tmp_path: Path) -> None:
    words = "Set `lid` to 5 in the shell, our kettle needs it."
    repos = [f"ann/pot{place}" for place in "abcd"]
    filled = [
        asked(n, repo, said("fix", 10 * n, words, says="lid")) for n, repo in enumerate(repos, 1)
    ]
    made = outline_of(tmp_path, *filled, asked(9, "bob/teapot", said("fix", 90, POUR)))
    (point,) = (p for p in made.tries if p.quote.text == words)
    assert wording.holds_in(point, made.known) == "pota, potb, potc and 1 more"


@pytest.mark.parametrize("provider", [None, "openrouter"])
def test_where_nothing_holds_for_all_two_projects_fixes_have_worked(
    tmp_path: Path, provider: str | None
) -> None:
    filled = [
        asked(1, "ann/samovar", said("fix", 10, BOIL)),
        asked(2, "bob/teapot", said("fix", 20, POUR)),
    ]
    for item in filled:
        item.fields |= {"provider": provider}
    made = outline_of(tmp_path, *filled)
    assert (worth.why_no_page(made) == worth.BY_PROJECT) is (provider is not None)


def test_a_release_of_one_project_is_told_after_how_far_a_fix_is_known(tmp_path: Path) -> None:
    released = "Fixed in 1.4.0, which is out."
    posts = [
        comment(10, released, association="MEMBER"),
        comment(11, "1.4.0 helped here, thanks", login="eve"),
    ]
    fix = said(
        "fix", 10, released, role="maintainer", evidence=[("confirms", 11, posts[1]["body"])]
    )
    text = one(
        tmp_path,
        asked(1, "ann/samovar", fix, posts=posts),
        asked(2, "bob/teapot", said("fix", 20, POUR)),
    )
    assert "**A fix is confirmed.** Fixed in ann/samovar [1.4.0]" in text
    assert '\nsolution: "confirmed"\n' in text


def test_the_sentences_of_a_text_come_longest_first() -> None:
    runs = list(runs_of_sentences("One is hot. Two! Three is the coldest one."))
    assert runs[0] == "One is hot. Two! Three is the coldest one."
    assert {"One is hot.", "Two!", "Two! Three is the coldest one."} < set(runs)
    assert len(list(runs_of_sentences("A. " * 3000))) < 100
