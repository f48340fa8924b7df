"""Which entries have a page, and why the others have none."""

from __future__ import annotations

from contextlib import closing as closing_of
from dataclasses import replace
from pathlib import Path

import pytest

from kb.evidence import entries_to_show
from kb.linear import LinearModel, linear_of
from kb.models import REJECTED
from kb.notes import worth
from kb.notes.export import documents
from kb.notes.options import Options
from kb.notes.outline import outlines
from kb.notes.passages import AND_MORE
from kb.store import Store, connect_readonly
from kb.tables import load_weights
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
            claims=[Said("fix", 10 * n, FIX, says="same")],
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
OTHER = Said("fix", 11, "Use another lid", "unverified", "user", confidence=0.5, published=False)


CODE = "wait = [lid]"
POINTS = "See the page of the lid"
LONG = FIX + " The lid of the pot is hot then." * 20


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ([Said("fix", 10, FIX)], None),
        ([Said("fix", 10, FIX, confidence=0.2)], "doubt"),
        ([ALONE], "unanswered"),
        ([replace(ALONE, stance="unverified")], "unanswered"),
        ([replace(ALONE, stance="stated")], None),
        ([Said("cause", 10, "The lid was closed while it was hot")], "cause"),
        ([Said("fix", 10, FIX), OTHER], "beside"),
        ([Said("fix", 10, FIX), replace(OTHER, kind="cause")], None),
        ([Said("fix", 10, FIX), replace(OTHER, confidence=0.3)], None),
        ([Said("fix", 10, FIX), replace(OTHER, withheld=REJECTED)], None),
        ([Said("fix", 10, CODE)], "only_code"),
        ([Said("fix", 10, "pip install lid==1.2")], None),
        ([Said("fix", 10, LONG)], "long"),
    ],
)
def test_each_fault_of_what_leads_a_page_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claims: list[Said], fault: str | None
) -> None:
    model = LinearModel(("held back", "let out"), (0.9,), dict.fromkeys(worth.FAULTS, (-2.0,)))
    monkeypatch.setattr(worth, "_model", lambda: model)
    posts = [comment(10, ""), comment(11, "", day=3)]
    for said in claims:
        words = f"```\n{said.quote}\n```" if "=" in said.quote else said.quote
        posts[int(said.place) - 10]["body"] += words
    path = fill(
        tmp_path / "kb.db",
        [Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)],
    )
    with closing_of(connect_readonly(path)) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        assert worth.why_no_page(outline) == (worth.FAULTS[fault] if fault else None)
        # what carries no page stands in the note
        note = documents(connection, "note")["E1.md"]
        assert all(s.quote.split(".")[0] in note for s in claims if s.published)
    with closing_of(prepared(path)) as connection:
        assert ("boom-here.md" in pages(connection)) is (fault is None)


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ([Said("fix", 10, FIX, confidence=0.99)], True),
        ([Said("fix", 10, FIX), Said("fix", 11, "Fixed in 1.2.3", "stated")], True),
        ([Said("fix", 10, FIX, "unverified", "user", confidence=0.7), OTHER], False),
        ([Said("cause", 10, "The lid was closed while it was hot", "suspected")], False),
        ([], False),
    ],
)
@pytest.mark.usefixtures("learned_table")
def test_by_the_packaged_table_what_worked_leads_a_page_and_a_guess_does_not(
    tmp_path: Path, claims: list[Said], shown: bool
) -> None:
    posts = [comment(10, ""), comment(11, "", day=3)]
    for said in claims:
        posts[int(said.place) - 10]["body"] += said.quote
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    assert (why_no_page(tmp_path, filled) is None) is shown


CHANGE, SEEN = "Fixed in the main branch", "The lid was closed while it was hot"


@pytest.mark.usefixtures("learned_table")
@pytest.mark.parametrize(
    ("claims", "word", "leads"),
    [
        ([replace(ALONE, confidence=0.1)], "accept", FIX),
        ([replace(ALONE, confidence=0.1)], "workaround", FIX),
        ([Said("cause", 10, SEEN, "unverified", "user", confidence=0.1)], "accept", SEEN),
        ([Said("fix", 10, CHANGE, "unverified", "user", confidence=0.1)], "accept", CHANGE),
        # it comes before what nobody judged
        ([replace(ALONE, confidence=0.1), replace(OTHER, published=True)], "accept", FIX),
        ([replace(ALONE, confidence=0.1), Said("fix", 11, "Use a new lid")], "accept", FIX),
    ],
)
def test_what_a_person_accepted_has_a_page_however_doubtful_it_is(
    tmp_path: Path, claims: list[Said], word: str, leads: str
) -> None:
    posts = [comment(10, ""), comment(11, "", day=3)]
    for said in claims:
        posts[int(said.place) - 10]["body"] += said.quote
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    path = fill(tmp_path / "kb.db", [filled])
    if len(claims) == 1 or claims[1].stance == "unverified":
        with closing_of(prepared(path)) as connection:
            assert "boom-here.md" not in pages(connection)
    with Store.open(path) as store, store.transaction() as db:
        db.execute(
            "insert into claim_decision select claim_id, 'claim ' || claim_id || ' ' || ?, repo,"
            " number, comment_id, field, kind, start, end, quote from claim order by 1 limit 1",
            (word,),
        )
    with closing_of(prepared(path)) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        lead = worth.lead_of(outline)
        assert lead is not None
        assert lead.quote.text == leads
        assert leads in pages(connection)["boom-here.md"]


def test_the_packaged_table_knows_every_sign(tmp_path: Path) -> None:
    made = thread(1, "boom here", "", [comment(10, FIX)])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, FIX)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    lead = worth.lead_of(outline)
    assert lead is not None
    weights = linear_of(load_weights("pages.json")).weights
    assert set(weights) == set(worth.signs(outline, lead))
    # what is called a fault lowers the chance, and what worked or was released raises it
    assert [name for name in worth.FAULTS if weights[name][0] >= 0] == []
    assert min(weights["confirmed"][0], weights["released"][0]) > 0


SWITCH = "Switch to `Quill-7b`."


@pytest.mark.parametrize(
    ("lead", "answers", "denied"),
    [
        (FIX, {}, False),
        (FIX, {"contradicts": ["That does not help."]}, True),
        (FIX, {"contradicts": ["That does not help."], "confirms": ["That works."]}, True),
        (FIX, {"contradicts": ["No help."], "confirms": ["That works.", "Works here."]}, False),
        (FIX, {"confirms": ["But I bought a pot, it works now."]}, True),
        (FIX, {"confirms": ["But I bought a pot, it works.", "That works."]}, False),
        ("`lid --cold` didn't work. Use `lid --hot` instead of it.", {}, True),
        (SWITCH, {}, True),
        (SWITCH.replace("Quill-7b", "brush-2b"), {}, False),
        (SWITCH.replace("to", "from `quill-7b` to").replace("Quill-7b", "brush-2b"), {}, False),
    ],
)
def test_what_is_spoken_against_leads_no_page_however_sure(
    tmp_path: Path, lead: str, answers: dict[str, list[str]], *, denied: bool
) -> None:
    error = "The pot failed to pour: status 400, model_name: acme/quill-7b, lid: open"
    posts, evidence = [comment(10, lead)], []
    for role, words in answers.items():
        for text in words:
            n = 10 + len(posts)
            posts.append(comment(n, text, login=f"p{n}", day=3))
            evidence.append((role, n, text))
    said = Said("fix", 10, lead, "supported", confidence=1.0, evidence=evidence)
    filled = Filled(thread(1, error, "", posts), "E1", error, claims=[said])
    assert why_no_page(tmp_path, filled) == (worth.DENIED if denied else None)


@pytest.mark.parametrize(("login", "denied"), [("poster", True), ("ann", False)])
def test_what_its_author_takes_back_leads_no_page(
    tmp_path: Path, login: str, *, denied: bool
) -> None:
    back = "That is the correct fix instead of my hack"
    posts = [comment(10, FIX, login="poster"), comment(11, back, login=login, day=3)]
    claims = [
        Said("fix", 10, FIX, "confirmed", "user", confidence=1.0),
        Said("cause", 11, back, "unverified", "user", published=False),
    ]
    filled = Filled(thread(1, "boom here", "", posts), "E1", "boom here", claims=claims)
    assert why_no_page(tmp_path, filled) == (worth.DENIED if denied else None)


@pytest.mark.parametrize(("day", "denied"), [(1, False), (9, True)])
def test_what_is_reported_again_after_its_release_leads_no_page(
    tmp_path: Path, day: int, *, denied: bool
) -> None:
    words = "The lid was fixed in 1.2.0."
    said = Said("fix", 10, words, "stated", confidence=1.0)
    later = thread(2, "boom here", "", created_at=f"2026-02-{day:02d}T00:00:00Z")
    filled = [
        Filled(thread(1, "boom here", "", [comment(10, words)]), "E1", "boom here", claims=[said]),
        Filled(later, "E1", "boom here"),
    ]
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", filled))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
    assert worth.why_no_page(outline) == (worth.DENIED if denied else None)


@pytest.mark.parametrize(("login", "why"), [("eve", worth.ELSEWHERE), ("reporter", None)])
def test_what_the_reporter_did_is_no_answer_to_what_somebody_else_shows(
    tmp_path: Path, login: str, why: str | None
) -> None:
    did = "Set `wait` to 3, it worked."
    posts = [comment(9, "I get boom here", login), comment(10, did)]
    made = thread(1, "The lid is loose", "", comments=posts)
    made["issue"]["user"]["login"] = "reporter"
    said = Said("fix", 10, did, "supported", "reporter", confidence=1.0)
    assert why_no_page(tmp_path, Filled(made, "E1", "boom here", 9, claims=[said])) == why


@pytest.mark.parametrize(
    ("said", "left_out"), [(Said("fix", 10, FIX), False), (ALONE, True)], ids=["vouched", "alone"]
)
def test_a_note_leaves_out_what_one_user_says_in_a_thread_about_another_error(
    tmp_path: Path, said: Said, left_out: bool
) -> None:
    made = thread(1, "boom here", "", comments=[comment(10, FIX)])
    path = fill(tmp_path / "kb.db", [Filled(made, "E1", "boom here", claims=[said])])
    with Store.open(path) as store, store.transaction() as db:
        db.execute("update mention set is_primary = 0")
        db.execute("update claim set about = (select fingerprint from signature)")
    with closing_of(prepared(path)) as connection:
        assert ("E1.md" not in documents(connection, "note")) is left_out
        assert "E1.md" in documents(connection, "note", Options(doubtful=True))


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
        ("Failed to load the pot because of the following error", False),
        ("No version that is a pot for tea==8.2 (from versions: 1.0, 1.1", True),
        ("No lid fits the ket    tle" + " " * 20 + "of the house", False),
        ("Aborted (core dumped) (acme/tea#1)", False),
        ("Segfault (core dumped)", False),
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
        assert ("In kettle:\n\n    > Set `lid`" in note) is not same


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


def test_every_reason_for_no_page_is_documented() -> None:
    text = (ROOT / "docs/reference/pages.md").read_text(encoding="utf-8")
    reasons = [
        v for k, v in vars(worth).items() if k.isupper() and isinstance(v, str) and v.isprintable()
    ] + list(worth.FAULTS.values())
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
    ],
)
def test_what_a_fix_hangs_on_is_shown_or_there_is_no_page(
    tmp_path: Path, post: str, quote: str, shown: str | None, why: str | None
) -> None:
    made = thread(1, "boom here", "", [comment(10, post)], state="closed")
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, quote)])
    with closing_of(connect_readonly(fill(tmp_path / "kb.db", [filled]))) as connection:
        outline = next(outlines(connection, entries_to_show(connection)))
        note = documents(connection, "note")["E1.md"]
    assert worth.why_no_page(outline) == why
    assert f"> {post if shown is None else shown}".split("\n")[0] in note


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


@pytest.mark.parametrize(("length", "why"), [(300, worth.CUT), (299, None)])
def test_the_first_step_of_several_carries_no_page_where_its_post_was_cut(
    tmp_path: Path, length: int, why: str | None
) -> None:
    fix = "Please do this:\n\n1. set the option `wait` to 3 in your pot as told [here]"
    post = f"{fix}(https://tea.example/{'k' * length}"[:length]
    made = thread(1, "boom here", "", comments=[comment(10, post)])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, fix)])
    assert why_no_page(tmp_path, filled) == why


def test_a_later_step_of_several_carries_no_page(tmp_path: Path) -> None:
    post = "Please try this:\n\n1. Close the lid:\n\n```\nlid\n```\n\n2. Use `pot --hot` for it."
    made = thread(1, "boom here", "", comments=[comment(10, post)])
    filled = Filled(made, "E1", "boom here", claims=[Said("fix", 10, "Use `pot --hot` for it.")])
    assert why_no_page(tmp_path, filled) == worth.CUT


@pytest.mark.parametrize(
    "words",
    [
        "Set it like this:\n\n```\nset:\n  - FOO=bar\n```",
        "Please confirm that this is fixed in the current `kettle`.",
    ],
)
def test_an_example_or_a_request_leads_no_page(tmp_path: Path, words: str) -> None:
    posts = [comment(10, words, association="MEMBER"), comment(11, "It works now, thanks")]
    said = Said("fix", 10, words, evidence=[("confirms", 11, "It works now, thanks")])
    filled = Filled(thread(1, "no lid on it", "", posts), "E1", "no lid on it", claims=[said])
    assert why_no_page(tmp_path, filled) == worth.NOT_TOLD
