"""Which entries have a page, and why the others have none."""

from __future__ import annotations

from contextlib import closing as closing_of
from dataclasses import replace
from pathlib import Path

import pytest

from kb.evidence import entries_to_show
from kb.models import REJECTED
from kb.notes import worth
from kb.notes.export import documents
from kb.notes.options import Options
from kb.notes.outline import outlines
from kb.notes.passages import AND_MORE
from kb.store import Store, connect_readonly
from tests.support.pages import front, pages, prepared
from tests.support.published import Filled, Said, fill
from tests.support.threads import comment, thread

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("repos", "mark"),
    [
        (["ann/" + "k" * 90], f"({'k' * 29}…)"),
        (["a" * 38 + "/app"], f"({'a' * 29}…)"),
        (["ann/the_kettle_of_the_kitchen", "bo/another_kettle_of_the_kitchen"], "(2 projects)"),
        (["ann/pot", "bo/kettle"], "(pot and kettle)"),
    ],
)
def test_long_names_of_projects_leave_room_for_the_message(
    tmp_path: Path, repos: list[str], mark: str
) -> None:
    raw = "The lid of the hot one is open and the water is cold"
    made = [
        Filled(
            thread(n, raw, "", [comment(10 * n, FIX)], repo=repo),
            "E1",
            raw,
            claims=[Said("fix", 10 * n, FIX)],
        )
        for n, repo in enumerate(repos, start=1)
    ]
    with closing_of(prepared(fill(tmp_path / "kb.db", made))) as connection:
        (page,) = (t for n, t in pages(connection, Options()).items() if n != "index.md")
    title = str(front(page)["title"])
    assert "id of the hot one" in title
    assert title.endswith(mark)
    assert len(title) <= 60


@pytest.mark.parametrize(
    ("about", "mark"),
    [
        ("azure speech", "(pot, Azure)"),
        ("kettle-embed-large", "(pot, kettle-embed-large)"),
        ("elevenlabs", "(pot, ElevenLabs)"),
        ("azure, groq", "(pot)"),
    ],
)
def test_a_service_that_the_thread_names_has_its_own_name(
    tmp_path: Path, about: str, mark: str
) -> None:
    made = thread(1, f"boom here with {about}", "", [comment(10, FIX)], repo="acme/pot")
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, FIX)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert next(outlines(connection, entries_to_show(connection))).title == f"boom here {mark}"


FIX = "Set the option `wait` to 3."
ALONE = Said("fix", 10, FIX, "suspected", "user")
RELEASED = Said("fix", 10, "This was fixed in 1.2.3", "unverified", "user")
AGREED = Said("cause", 10, "The lid was closed while it was hot")
EXPLAINS = "The option `wait` is left out where the lid is closed by hand."
OTHER = Said("fix", 11, "Use another lid", "unverified", "user", confidence=0.5, published=False)


HEARD_LATER = Said(
    "fix", 10, FIX, "confirmed", "user", evidence=[("confirms", 12, "That works, thanks")]
)
TAKEN_BACK = Said(
    "cause", 11, "That is the correct fix instead of my hack", "unverified", "user", published=False
)
DID_ANOTHER = Said("cause", 12, "But I bought a pot, it works now", "unverified", published=False)
HEARD_OF_ANOTHER = replace(HEARD_LATER, evidence=[("confirms", 12, DID_ANOTHER.quote)])
AGREED_LIMIT = Said("cause", 10, "The lid needs a width that is divisible by 16")
WISH = Said(
    "fix", 11, "We should allow lids of other pots", "unverified", "reporter", published=False
)


TAKEN_UP = Said("fix", 10, FIX, "supported", "user", confidence=0.7)
SURER = Said(
    "fix", 10, "Take off the lid `-L`", "supported", "user", confidence=0.8, published=False
)
MENDED = Said("fix", 10, "This was fixed in 1.2.3", "stated", "user")
LIMITED = Said("fix", 11, "This does not however fix all lids", "stated", "user", published=False)


@pytest.mark.parametrize(
    ("claims", "closed", "why"),
    [
        ([Said("fix", 10, "Close the lid and open it.", role="user")], None, None),
        ([Said("fix", 10, FIX, "stated")], None, None),
        ([ALONE], "2026-02-04", None),
        ([ALONE], None, worth.UNANSWERED),
        ([ALONE], "2026-02-20", worth.UNANSWERED),
        ([ALONE], "2026-02-01", worth.UNANSWERED),
        ([ALONE, OTHER], "2026-02-04", worth.RIVALLED),
        ([ALONE, replace(OTHER, confidence=0.3)], "2026-02-04", None),
        ([ALONE, replace(OTHER, withheld=REJECTED)], "2026-02-04", None),
        ([ALONE, replace(OTHER, published=True)], "2026-02-04", None),
        ([AGREED, OTHER], None, worth.RIVALLED),
        ([replace(AGREED, stance="stated")], None, worth.NOTHING),
        ([replace(AGREED, stance="supported", role="reporter")], None, worth.NOTHING),
        ([AGREED, replace(OTHER, kind="cause")], None, None),
        ([ALONE, replace(OTHER, place=10)], "2026-02-04", None),
        ([replace(ALONE, stance="confirmed"), OTHER], None, None),
        (
            [replace(ALONE, stance="confirmed"), replace(OTHER, confidence=0.7)],
            None,
            worth.RIVALLED,
        ),
        ([replace(ALONE, stance="confirmed"), replace(OTHER, kind="cause")], None, None),
        ([HEARD_LATER, replace(OTHER, confidence=0.7)], None, None),
        ([replace(ALONE, role="reporter")], "2026-02-04", worth.UNANSWERED),
        ([replace(ALONE, role="reporter", stance="supported")], None, None),
        ([RELEASED, OTHER], "2026-02-20", worth.RIVALLED),
        ([RELEASED], None, worth.UNANSWERED),
        ([Said("fix", 10, "Close the lid and open it.", "suspected", "user")], None, worth.VAGUE),
        ([Said("fix", 10, "Use this config:", "stated")], None, worth.CUT),
        (
            [Said("cause", 10, "The lid is too hot for it", "suspected", "user")],
            None,
            worth.NOTHING,
        ),
        ([Said("fix", 10, "I fixed it.", "stated")], "2026-02-04", worth.NOTHING),
        ([Said("fix", 10, EXPLAINS), replace(AGREED, quote=EXPLAINS)], None, worth.NOTHING),
        ([Said("fix", 10, EXPLAINS)], None, None),
        (
            [Said("fix", 10, "Supported in the new lid, install it: `lid --new`")],
            None,
            worth.VAGUE,
        ),
        ([replace(RELEASED, stance="stated"), replace(WISH, role="user")], None, worth.RIVALLED),
        ([AGREED_LIMIT], None, None),
        ([TAKEN_UP, SURER], None, worth.RIVALLED),
        ([TAKEN_UP, replace(SURER, confidence=0.5)], "2026-02-04", None),
        ([TAKEN_UP, replace(SURER, stance="unverified")], "2026-02-04", None),
        ([MENDED, LIMITED], "2026-02-04", worth.RIVALLED),
        ([MENDED], "2026-02-04", None),
        ([replace(ALONE, quote="You hence need to set `wait` to 3.")], "2026-02-04", worth.CUT),
        ([Said("fix", 10, "Use lid 1.2 to 1.4 instead of  or lid 1.5", "stated")], None, worth.CUT),
        ([Said("fix", 10, "Confirmed it is working in 1.2.3")], None, worth.VAGUE),
        ([Said("fix", 10, "Downgrading the version will mend `lid`.")], None, worth.UNNAMED),
        ([Said("fix", 10, "Downgrade the version of `lid`.")], None, None),
        ([Said("fix", 10, "Yes you can set `lid` to hot.")], None, None),
        (
            [Said("fix", 10, "`lid --cold` didn't work. Use `lid --hot` instead of it.")],
            None,
            worth.FAILED_FIRST,
        ),
        ([HEARD_OF_ANOTHER, DID_ANOTHER], None, worth.RIVALLED),
        ([replace(ALONE, stance="confirmed"), TAKEN_BACK], None, worth.RIVALLED),
        ([replace(ALONE, stance="confirmed"), replace(TAKEN_BACK, place=12)], None, None),
        (
            [replace(MENDED, quote="Use `lid` 1.2.3, but I'm fixing it in the pot.")],
            "2026-02-04",
            worth.UNANSWERED,
        ),
    ],
)
def test_why_an_entry_has_no_page(
    tmp_path: Path, claims: list[Said], closed: str | None, why: str | None
) -> None:
    heard = comment(12, "That works, thanks", login="eve", day=4)
    comments = [comment(10, ""), comment(11, "", day=3), heard]
    for said in claims:
        post = comments[int(said.place) - 10]
        post["body"] = f"{post['body']} {said.quote}".strip()
    closing = {"state": "closed", "closed_at": f"{closed}T00:00:00Z"} if closed else {}
    made = thread(1, "boom here", "", comments=comments, **closing)
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(connect_readonly(path)) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert worth.why_no_page(outline) == why
        # what carries no page stands in the note
        note = documents(connection, "note")["E1.md"]
        shown = [said.quote for said in claims if said.published]
        assert why == worth.NOTHING or all(words in note for words in shown)
    with closing_of(prepared(path)) as connection:
        assert ("boom-here.md" in pages(connection)) is (why is None)


def why_no_page(tmp_path: Path, filled: Filled) -> str | None:
    """Why the entry of a thread gets no page."""
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        return worth.why_no_page(next(outlines(connection, entries_to_show(connection))))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("\n\nMake the file like this:\n\n```\nlid\npot\n```", worth.CUT),
        (" Here is how:\n\n- close the lid\n- open it", worth.CUT),
        ("\n\n```py\nlid = Pot()\n```", worth.CUT),
        ("\n\nMy log is:\n\n```\nlid closed\n```", None),
        ("\n\n- pot 1.2\n- lid 4", None),
    ],
)
def test_a_fix_whose_code_or_list_is_not_shown_carries_no_page(
    tmp_path: Path, after: str, why: str | None
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, f"{FIX}{after}")])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, FIX)])
    assert why_no_page(tmp_path, filled) == why


@pytest.mark.parametrize(
    ("code", "why"), [("wait = [lid]", worth.WORDLESS), ("# once\npip install lid==1.2", None)]
)
def test_code_without_a_word_leads_a_page_only_if_it_is_a_command(
    tmp_path: Path, code: str, why: str | None
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, f"```\n{code}\n```")])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, code)])
    assert why_no_page(tmp_path, filled) == why


@pytest.mark.parametrize(
    ("said", "left_out"), [(Said("fix", 10, FIX), False), (ALONE, True)], ids=["vouched", "alone"]
)
def test_a_fix_of_the_threads_other_error_carries_no_page(
    tmp_path: Path, said: Said, left_out: bool
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, FIX)])
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=[said])])
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update mention set is_primary = 0")
        db.execute("update claim set about = (select fingerprint from signature)")
    with closing_of(prepared(path)) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert worth.why_no_page(outline) == worth.ELSEWHERE
        assert ("E1.md" not in documents(connection, "note")) is left_out
        assert "E1.md" in documents(connection, "note", Options(doubtful=True))


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ([OTHER], "**Undecided: an answer is given that is not certain enough to quote.**"),
        ([ALONE, OTHER], "not confirmed yet. Another answer is not certain enough to quote.**"),
        ([ALONE, replace(OTHER, confidence=0.3)], "**One suggestion, not confirmed yet.**"),
        ([ALONE, replace(OTHER, confidence=0.95)], None),
    ],
)
def test_a_note_says_that_something_is_undecided(
    tmp_path: Path, claims: list[Said], told: str | None
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, FIX), comment(11, OTHER.quote)])
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=claims)])
    with closing_of(connect_readonly(path)) as connection:
        found = documents(connection, "note").get("E1.md")
        assert told in found if told and found else found is told


@pytest.mark.parametrize(
    ("error", "named"),
    [
        ("Unexpected error", False),
        ("LidError", False),
        ("LidError: …", False),
        ("LidError …", False),
        ("LidError: lid", True),
        ("LidError (pot.py:pour in acme/tea)", False),
        ("TypeError: fetch failed", False),
        ("Error: Line 62: Unexpected token -", False),
        ("LidError: no lid on …", False),
        ("Failed to pour the tea from the pot:", False),
        ("No lid fits the ket    tle" + " " * 20 + "of the house", False),
        ("Aborted (core dumped) (acme/tea#1)", False),
        (
            "Command failed with exit code 1: /opt/kettles/of/the/kitchen/bin/pour --lid closed",
            True,
        ),
    ],
)
def test_a_page_has_a_name_that_not_every_failure_has(
    tmp_path: Path, error: str, named: bool
) -> None:
    made = thread(1, error, "", comments=[comment(10, "Set `wait` to 3.")])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, "Set `wait` to 3.")])
    connection = prepared(fill(tmp_path / "kb.db", [filled]))
    assert bool(pages(connection)) is named
    assert "Set `wait` to 3." in documents(connection, "note")["E1.md"]
    connection.close()


@pytest.mark.parametrize(
    ("earlier", "why"), [("I went back to pot 1.1", worth.RIVALLED), ("I poured 1.1 of it", None)]
)
def test_a_promised_release_leads_no_page_beside_what_somebody_did(
    tmp_path: Path, earlier: str, why: str | None
) -> None:
    comments = [comment(9, earlier, "ann"), comment(10, MENDED.quote)]
    closing = {"state": "closed", "closed_at": comments[1]["created_at"]}
    made = thread(1, "boom here", "", comments=comments, **closing)
    did = Said("fix", 9, earlier, "unverified", "user", published=False)
    filled = Filled(made, "E1", "boom here", claims=[MENDED, did])
    assert why_no_page(tmp_path, filled) == why


@pytest.mark.parametrize("known", [True, False])
def test_what_worked_in_one_project_leads_no_page_of_another(tmp_path: Path, known: bool) -> None:
    said = [FIX, "Use the flag `--slow`."]
    made = [
        Filled(
            thread(n, "boom here", "", [comment(10 * n, said[n - 1])], repo=f"ann/{name}"),
            "E1",
            "boom here",
            claims=[Said("fix", 10 * n, said[n - 1])] if n == 1 or known else [],
        )
        for n, name in ((1, "kettle"), (2, "samovar"))
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert worth.why_no_page(outline) == (None if known else worth.BY_PROJECT)


def test_what_a_service_answers_to_several_projects_has_a_fix_for_each(tmp_path: Path) -> None:
    error, said = "no such lid here", ["Set `lid` to 3 in it.", "Set `pot` to 4 in it."]
    for same in (False, True):
        made = [
            Filled(
                thread(n, error, "", [comment(10 * n, words)], repo=f"ann/{name}"),
                "E1",
                error,
                fields={"provider": "openai", "status": 401},
                claims=[Said("fix", 10 * n, words, "supported", "user", says=words)],
            )
            for n, (name, words) in enumerate(
                zip(("kettle", "samovar"), said[:1] * 2 if same else said, strict=True), start=1
            )
        ]
        with closing_of(connect_readonly(fill(tmp_path / f"{same}.db", made))) as connection:
            outline = next(outlines(connection, entries_to_show(connection)))
            note = documents(connection, "note")["E1.md"]
        assert (worth.why_no_page(outline) == worth.BY_PROJECT) is not same
        assert ("Applies to kettle only." in note) is not same


def test_an_error_of_many_threads_whose_fixes_are_not_shown_has_a_page(tmp_path: Path) -> None:
    error, said = "no such lid here", "Set `lid` to 3 in it."
    made = [
        Filled(
            thread(n, error, "", [comment(10 * n, said)], repo=f"ann/{'pot' if n % 2 else 'tea'}"),
            "E1",
            error,
            fields={"provider": "openai", "status": 401},
            claims=[Said("fix", 10 * n, said, "suspected", "user", published=False)],
        )
        for n in range(1, worth.MANY + 1)
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", made))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert outline.withheld
    assert worth.why_no_page(outline) is None


@pytest.mark.parametrize(("failed", "why"), [("2.4.0", worth.UNNAMED), ("0.9.2", None)])
def test_a_newest_version_below_the_one_that_failed_leads_no_page(
    tmp_path: Path, failed: str, why: str | None
) -> None:
    words = "Please try the latest version 1.2.3 (`lid`)."
    made = thread(1, "boom here", "", [comment(10, words)])
    said = [Said("fix", 10, words)]
    filled = Filled(made, "E1", "boom here", claims=said, version=failed)
    assert why_no_page(tmp_path, filled) == why


def test_every_reason_for_no_page_is_documented() -> None:
    text = (ROOT / "docs/reference/pages.md").read_text(encoding="utf-8")
    reasons = [
        v for k, v in vars(worth).items() if k.isupper() and isinstance(v, str) and v.isprintable()
    ]
    assert len(reasons) > 10
    assert [reason for reason in reasons if f"\n| {reason} |" not in text] == []


def test_the_sentence_of_a_report_that_says_how_it_went_is_quoted(tmp_path: Path) -> None:
    told = ["`/spout` complains but pours the tea.", "The pot no longer breaks at all."]
    claim = Said("fix", 10, FIX, "confirmed", evidence=[("confirms", 11, words) for words in told])
    made = thread(1, "boom here", "", [comment(10, FIX), comment(11, " ".join(told), "eve")])
    filled = Filled(made, "E1", "boom here", claims=[claim])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as db:
        note = documents(db, "note")["E1.md"]
    assert told[1].rstrip(".") in note.partition("Helped one person in part: [")[2][:60]
    assert "/spout" not in note


@pytest.mark.parametrize(("day", "why"), [(2, None), (9, worth.RIVALLED)])
def test_what_is_reported_again_after_its_release_carries_no_page(
    tmp_path: Path, day: int, why: str | None
) -> None:
    advice, worked = "Set `wait` to 3 with tool 1.2.0.", "It was fixed in 1.2.0 for me."
    posts = [comment(10, advice, day=3), comment(11, worked, day=4)]
    filled = [
        Filled(
            thread(1, "boom here", "", posts),
            "E1",
            "boom here",
            claims=[Said("fix", 10, advice), Said("fix", 11, worked, "supported", "user")],
        ),
        Filled(
            thread(2, "boom here", "", created_at=f"2026-02-{day:02d}T00:00:00Z"), "E1", "boom here"
        ),
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", filled))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert outline.releases
        assert worth.why_no_page(outline) == why


JSON = (
    "Expecting value: line 1 column 1 (char 0)",
    "expecting value: line <n> column <n> (char <n>)",
)
NO_FILE = "[Errno 2] No such file or directory: "
DEEP = "maximum recursion depth exceeded"


@pytest.mark.parametrize(
    ("raw", "signature", "place", "title"),
    [
        (*JSON, "models.py:_load_lid in acme/pot", f"{JSON[0]} (models.py in pot)"),
        (*JSON, "models.py:load in acme/pot", f"{JSON[0][:32]} (pot/models.py in pot)"),
        (*JSON, "models.py:load in acme/tea", None),
        (*JSON, "acme/pot#1", None),
        (f"{NO_FILE}'pour'", f"{NO_FILE.lower()}pour", "acme/pot#1", None),
        (f"{NO_FILE}'/lid/my.jar'", f"{NO_FILE.lower()}<path>", "acme/pot#1", "(pot)"),
        (DEEP, DEEP, "acme/pot#1", None),
        (
            DEEP,
            DEEP,
            "lid.py:pour in acme/pot",
            "recursion depth exceeded (lid.py in pot)",
        ),
    ],
)
def test_a_message_of_many_failures_has_a_page_where_its_place_is_told(
    tmp_path: Path, raw: str, signature: str, place: str, title: str | None
) -> None:
    told = "Set `wait` to 3."
    made = thread(1, raw, "", [comment(10, told)], repo="acme/pot")
    fields = {"title": f"{raw} ({place})"}
    filled = Filled(
        made, "E1", raw, signature=signature, fields=fields, claims=[Said("fix", 10, told)]
    )
    if "tea" not in place and ":" in place:
        file, function = place.partition(" ")[0].split(":")
        filled.frames = (f'File "/srv/pot/{file}", line 3, in {function}',)
    with closing_of(prepared(fill(tmp_path / "kb.db", [filled]))) as connection:
        found = [
            front(t)["title"] for n, t in pages(connection, Options()).items() if n != "index.md"
        ]
        assert (
            "_load_lid" not in place
            or "Raised in `_load_lid` of `models.py`" in documents(connection, "note")["E1.md"]
        )
    assert title in found[0] if title else found == []


def test_no_page_leads_with_settings_of_which_the_last_are_missing(tmp_path: Path) -> None:
    words = "Put these entries into the file of the pot:"
    posts = [comment(10, f"{words}\n\n```\nLID=2\n```")]
    claim = Said("fix", 10, words, "confirmed", "user")
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=[claim])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert worth.why_no_page(outline) is None
    (lead,) = outline.tries
    outline.tries = [replace(lead, passage=replace(lead.passage, block=f"LID=2{AND_MORE}"))]
    assert worth.why_no_page(outline) == worth.CUT


SET = "Set the option `wait` to 3"


@pytest.mark.parametrize(
    ("post", "quote", "shown", "why"),
    [
        ("The lid is old. You hence need to set `a`.", "You hence need to set `a`.", None, None),
        ("Hi ann, can you also set `a`?", "can you also set `a`?", "can you also", worth.CUT),
        (f"{SET}. But it leaks then.", f"{SET}.", None, None),
        (f"{SET}.\n\nand pour the tea.", f"{SET}.", None, None),
        (f"{SET}.\n\nand pour this:\n\n```\ntea\n```", f"{SET}.", SET, worth.CUT),
        (f"{SET}. But thanks for the report.", f"{SET}.", f"{SET}.\n", None),
        ("For now try the branch `hot`, set `a`.", "For now try the branch `hot`, set `a`.", "", 1),
    ],
)
def test_what_a_fix_hangs_on_is_shown_or_there_is_no_page(
    tmp_path: Path, post: str, quote: str, shown: str | None, why: str | int | None
) -> None:
    made = thread(1, "boom here", "", [comment(10, post)], state="closed")
    stance, role = ("suspected", "user") if why == 1 else ("confirmed", "maintainer")
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, quote, stance, role)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        note = documents(connection, "note")["E1.md"]
    assert worth.why_no_page(outline) == (worth.UNANSWERED if why == 1 else why)
    assert f"> {post if shown is None else shown}".split("\n")[0] in note


@pytest.mark.parametrize(("error", "why"), [("Windows has no lid", True), ("no such lid", False)])
def test_a_command_that_the_messages_system_does_not_have_leads_no_page(
    tmp_path: Path, error: str, why: bool
) -> None:
    made = thread(1, error, "", [comment(10, "Use `source .env` before.")])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, "Use `source .env` before.")])
    assert why_no_page(tmp_path, filled) == (worth.OF_ANOTHER_SYSTEM if why else None)


@pytest.mark.parametrize(("others", "why"), [(1, None), (2, worth.RIVALLED)])
def test_one_of_many_answers_leads_a_page_only_if_a_maintainers(
    tmp_path: Path, others: int, why: str | None
) -> None:
    words = [f"Set the option `wait{n}` to 3." for n in range(others + 1)]
    posts = [comment(10 + n, text, f"p{n}") for n, text in enumerate(words)]
    for role, expected in (("user", why), ("maintainer", None)):
        claims = [Said("fix", 10, words[0], "confirmed", role)]
        claims += [
            Said("fix", 10 + n, words[n], "unverified", "user") for n in range(1, others + 1)
        ]
        folder = tmp_path / role
        folder.mkdir()
        filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
        assert why_no_page(folder, filled) == expected


@pytest.mark.parametrize(("more", "why"), [(True, worth.UNSAID), (False, None)])
def test_a_release_alone_is_no_page_where_a_way_is_named_that_is_not_shown(
    tmp_path: Path, more: bool, why: str | None
) -> None:
    said = ["I changed the pot as follows:", "The fix was released in 1.2.3"]
    made = thread(1, "boom here", "", [comment(10 + n, text) for n, text in enumerate(said)])
    claims = [Said("fix", 11, said[1], "stated")]
    claims += [Said("fix", 10, said[0], "unverified", "user", published=False)] if more else []
    assert why_no_page(tmp_path, Filled(made, "E1", "boom here", claims=claims)) == why


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("boom here on cpu", "(tool, CPU)"),
        ("boom here in docker on macOS", "(tool, macOS, Docker)"),
        ("boom here with the MAC address of two windows", "(tool)"),
        ("boom here in the docker-image", "(tool)"),
        ("boom here with the proxy", "(tool)"),
    ],
)
def test_the_system_that_only_a_threads_title_names_stands_behind_the_message(
    tmp_path: Path, title: str, mark: str
) -> None:
    words = "Set `wait` to 3 for the proxy."
    made = thread(1, title, "boom here", [comment(10, words)])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, words)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        assert next(outlines(connection, entries_to_show(connection))).title == f"boom here {mark}"


@pytest.mark.parametrize(("login", "why"), [("eve", worth.ELSEWHERE), ("reporter", None)])
def test_what_the_reporter_did_is_no_answer_to_what_somebody_else_shows(
    tmp_path: Path, login: str, why: str | None
) -> None:
    posts = [comment(9, "I get boom here", login), comment(10, "Set `wait` to 3, it worked.")]
    made = thread(1, "The lid is loose", "", comments=posts)
    made["issue"]["user"]["login"] = "reporter"
    said = Said("fix", 10, "Set `wait` to 3, it worked.", "supported", "reporter")
    assert why_no_page(tmp_path, Filled(made, "E1", "boom here", 9, claims=[said])) == why


def test_a_later_step_of_several_carries_no_page(tmp_path: Path) -> None:
    post = "Please try this:\n\n1. Close the lid:\n\n```\nlid\n```\n\n2. Use `pot --hot` for it."
    made = thread(1, "boom here", "", comments=[comment(10, post)])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, "Use `pot --hot` for it.")])
    assert why_no_page(tmp_path, filled) == worth.CUT


@pytest.mark.parametrize(
    ("advice", "why"),
    [
        ("Switch to `Quill-7b`.", worth.FAILS),
        ("Switch to `brush-2b`.", None),
        ("Switch from `quill-7b` to `brush-2b`.", None),
    ],
)
def test_a_model_that_the_message_is_printed_for_leads_no_page(
    tmp_path: Path, advice: str, why: str | None
) -> None:
    error = "The pot failed to pour: status 400, model_name: acme/quill-7b, lid: open"
    made = thread(1, error, "", comments=[comment(10, advice)])
    filled = Filled(made, "E1", error, claims=[Said("fix", 10, advice)])
    assert why_no_page(tmp_path, filled) == why
