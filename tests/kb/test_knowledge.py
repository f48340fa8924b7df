"""The Python interface: what is known of an entry, names that mean it, figures, and reading while
somebody writes.
"""

from __future__ import annotations

import doctest
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.errors import BadInputError, NotFoundError
from kb.store import Store
from tests.support.kb_builder import Filler, Said, filled

ROOT = Path(__file__).resolve().parent.parent.parent
AUTH = "Error: 401 No auth credentials found"


def fill(f: Filler) -> None:
    auth = f.add(
        AUTH,
        title="OpenRouter 401: No auth credentials found",
        grade="A",
        tool="cline",
        version="3.17.0",
        threads=[
            ("acme/tool", 1, "2026-01-01"),
            ("acme/other", 2, "2026-02-01"),
            ("acme/tool", 3, "2026-02-10"),
        ],
        claims=[
            Said("cause", "Perhaps it is DNS.", "suspected", 0.9),
            Said(
                "cause",
                "The gateway drops the header on its way.",
                "supported",
                0.6,
                role="maintainer",
                says="s1",
                backed_by="Same here.",
            ),
            Said("cause", "Your proxy drops the header.", "unverified", 0.3, says="s1", thread=1),
            Said("workaround", "Set the key by hand.", "confirmed", 0.9),
            Said("fix", "Fixed in 3.17.1.", "confirmed", 0.7),
            Said("fix", "Reinstall it.", "refuted", 0.95),
        ],
    )
    f.add(
        "Error: spawn uvx ENOENT",
        threads=[("acme/tool", 4, "2026-02-11"), ("acme/tool", 3, "2026-02-10")],
        version="1.0",
    )
    f.log("minted", auth, why="first mention", at="2026-01-02T00:00:00Z")
    f.log("minted", "E0OLD", why="first mention", at="2026-01-03T00:00:00Z")
    f.log("merged", auth, "E0OLD", why="near", at="2026-01-04T00:00:00Z")
    f.alias("E0OLD", auth)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("knowledge") / "kb.db", fill)


@pytest.fixture(scope="module")
def kb(db: Path) -> KnowledgeBase:
    return KnowledgeBase(db)


# ---------------------------------------------------------------- entries


def test_a_sure_answer_brings_the_best_cause_and_fix(kb: KnowledgeBase) -> None:
    best = kb.query(AUTH).best
    assert best is not None
    assert best.cause is not None
    assert best.fix is not None
    # as in the note: supported goes before suspected, whatever the confidences; what is said twice
    # counts twice; what everybody can do goes before one project's release
    assert (best.cause.quote, best.cause.threads) == ("The gateway drops the header on its way.", 2)
    assert best.cause.backing[0].quote == "Same here."
    assert best.fix.quote == "Set the key by hand."
    assert best.versions == ("cline 3.17.0",)
    assert best.entry.url == "https://github.com/acme/tool/issues/1"
    assert (best.entry.threads, best.entry.repos) == (3, 2)


def test_answers_cannot_be_changed(kb: KnowledgeBase) -> None:
    with pytest.raises(AttributeError):
        kb.query(AUTH).results[0].score = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "name",
    [
        "E00001",
        " E00001 ",
        "E0OLD",
        "acme/tool#1",
        "ACME/Tool#1",
        "acme/other#2",
        "https://github.com/acme/tool/issues/1",
        "https://github.com/acme/tool/issues/1#issuecomment-5",
        "https://github.com/acme/tool/pull/1/files?w=1",
        "https://git.example.com/acme/tool/issues/1/",
    ],
)
def test_every_name_of_an_entry_shows_it(kb: KnowledgeBase, name: str) -> None:
    page = kb.show(name)
    assert page.entry.entry_id == "E00001"
    assert page.aliases == ("E0OLD",)
    assert (page.asked_as is None) == (name == "E00001")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("E99999", "no such entry"),
        ("acme/tool#99", "not in this knowledge base"),
        ("https://github.com/a/b/issues/1", "faultlore harvest a/b"),
        ("", "no such entry"),
        ("x" * 5000, "no such entry"),
        ("https://" + "a/" * 4000, "no such entry"),
    ],
)
def test_names_that_mean_nothing_say_so(kb: KnowledgeBase, name: str, reason: str) -> None:
    with pytest.raises(NotFoundError, match=reason) as failure:
        kb.show(name)
    assert len(str(failure.value)) < 400


def test_every_claim_is_shown_as_the_database_has_it(demo_db: Path) -> None:
    """In the demo's answers each claim has the kind, stance and confidence of the table `claims`,
    whatever else its post says, and none is out of reach.
    """
    columns = "entry_id, claim_id, kind, stance, confidence, published"
    with closing(sqlite3.connect(demo_db)) as connection:
        rows = connection.execute(f"select {columns} from claims where entry_id is not null")
        stored = {row[:2]: (*row[2:5], bool(row[5])) for row in rows}
    with KnowledgeBase(demo_db) as kb:
        for every in (True, False):
            shown = [
                ((e.entry_id, c.claim_id), (c.kind, c.stance, c.confidence, c.published))
                for e in kb.entries(limit=10_000)
                for c in kb.show(e.entry_id, claims=10_000, every=every).claims
            ]
            assert len(dict(shown)) == len(shown) > 80
            assert dict(shown) == {k: v for k, v in stored.items() if every or v[3]}


def test_an_answer_and_its_note_have_a_published_fix_that_says_little(tmp_path: Path) -> None:
    words = "Could you reinstall it and try, please?"

    def only(f: Filler) -> None:
        f.add(AUTH, claims=[Said("fix", words, "supported", 0.9)])

    with KnowledgeBase(filled(tmp_path / "kb.db", only)) as kb:
        assert words in kb.note("E00001")
        best = kb.query(AUTH).best
    assert best is not None
    assert [(c.quote, c.stance) for c in best.fixes] == [(words, "supported")]
    assert best.more_claims == 0


def test_a_page_holds_everything_known(kb: KnowledgeBase) -> None:
    page = kb.show("E00001")
    assert [c.stance for c in page.claims] == [
        "confirmed",
        "supported",
        "confirmed",
        "suspected",
        "refuted",
        "unverified",
    ]
    assert page.claims[-1].part == "beside"
    assert page.seen_in == (("acme/tool", 2), ("acme/other", 1))
    assert page.tools == (("cline", 3),)
    assert page.seen_as == ((AUTH, 3),)
    assert {(t.repo, t.number) for t in page.thread_list} == {
        ("acme/tool", 1),
        ("acme/other", 2),
        ("acme/tool", 3),
    }
    # thread 3 holds both errors
    assert [e.entry_id for e in page.related] == ["E00002"]
    document = page.to_dict()
    assert document["claims"][1]["backing"][0]["role"] == "confirms"


def test_a_thread_without_an_error_and_one_not_mined_are_told_apart(tmp_path: Path) -> None:
    def two(f: Filler) -> None:
        f.add(AUTH)
        f._thread("acme/tool", 50, "2026-01-01", "hello")

    path = filled(tmp_path / "kb.db", two)
    with pytest.raises(NotFoundError, match="no error that has an entry"):
        KnowledgeBase(path).show("acme/tool#50")
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute("insert into dirty values ('detect', 'acme/tool', 50)")
    with pytest.raises(NotFoundError, match="run 'faultlore mine'"):
        KnowledgeBase(path).show("acme/tool#50")


def test_ignored_entries_answer_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path / "kb.db", fill)
    assert "E00001" in {r.entry.entry_id for r in KnowledgeBase(path).query(AUTH).results}
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute("update entry set ignored = 1 where entry_id = 'E00001'")
    kb = KnowledgeBase(path)
    assert all(r.entry.entry_id != "E00001" for r in kb.query(AUTH).results)
    assert kb.search("credentials") == ()
    with pytest.raises(NotFoundError):
        kb.show("E00001")


def test_history_tells_of_merged_ids_too(kb: KnowledgeBase) -> None:
    for name in ("E00001", "E0OLD", "acme/tool#1"):
        assert [(e.action, e.entry_id) for e in kb.history(name)][-1] == ("merged", "E00001")
    assert [e.action for e in kb.history("E00001")] == ["minted", "minted", "merged"]


def test_entries_are_listed_by_threads_and_filtered(kb: KnowledgeBase) -> None:
    assert [e.entry_id for e in kb.entries()] == ["E00001", "E00002"]
    assert [e.entry_id for e in kb.entries(grade="D")] == ["E00002"]
    assert [e.entry_id for e in kb.entries(limit=1)] == ["E00001"]
    assert [e.entry_id for e in kb.entries(repo="acme/other")] == ["E00001"]
    assert [e.entry_id for e in kb.entries(tool="Cline")] == ["E00001"]


def test_completion_is_by_prefix(kb: KnowledgeBase) -> None:
    assert [entry_id for entry_id, _ in kb.complete("E0000")] == ["E00001", "E00002"]
    assert kb.complete("e") == []
    assert kb.complete("E00002")[0][1] == "Error: spawn uvx ENOENT"


def test_explain_says_why_two_are_not_one(kb: KnowledgeBase) -> None:
    told = kb.explain("E00001", "E00002")
    assert not told.same_entry
    assert not told.same_error
    assert told.decision
    alone = kb.explain("acme/tool#1")
    assert alone.b is None
    assert [w.threads for w in alone.wordings] == [3]
    same = kb.explain("acme/tool#1", "acme/other#2")
    assert same.same_entry
    assert same.same_error
    assert same.probability == 1.0


# ---------------------------------------------------------------- figures


def test_stats_count_what_is_there(kb: KnowledgeBase) -> None:
    stats = kb.stats()
    assert (stats.threads, stats.issues, stats.pulls, stats.entries) == (4, 4, 0, 2)
    assert dict(stats.grades) == {"A": 1, "D": 1}
    assert (stats.covered, stats.answered) == (4, 3)
    # the week ends with the newest thread: 2026-02-11
    assert stats.until == "2026-02-11T00:00:00Z"
    assert stats.new_threads == 2
    assert stats.new_entries == 1
    assert [(g.entry.entry_id, g.now) for g in stats.grew] == [("E00002", 2), ("E00001", 1)]
    assert stats.to_dict()["coverage"]["share_with_entry"] == 1.0


def test_an_empty_knowledge_base_has_figures_and_no_answers(tmp_path: Path) -> None:
    Store.open(tmp_path / "kb.db").close()
    kb = KnowledgeBase(tmp_path / "kb.db")
    assert kb.stats().threads == 0
    assert kb.stats().to_dict()["coverage"]["share_with_entry"] == 0.0
    assert kb.trends().new == ()
    assert kb.query(AUTH).results == ()
    assert kb.search("words") == ()
    assert kb.entries() == ()


def test_trends_tell_new_rising_and_fading_apart(tmp_path: Path) -> None:
    number = iter(range(1, 1000))

    def seen(*days: str) -> list[tuple[str, int, str]]:
        return [("acme/tool", next(number), day) for day in days]

    def move(f: Filler) -> None:
        f.add(
            "Error: steady as ever",
            threads=seen(
                *[f"2026-03-{d:02d}" for d in range(2, 29, 3)],
                *[f"2026-04-{d:02d}" for d in range(2, 29, 3)],
            ),
        )
        f.add(
            "Error: rising fast",
            threads=seen("2026-03-05", *[f"2026-04-{d:02d}" for d in range(2, 20, 2)]),
        )
        f.add(
            "Error: fading away",
            threads=seen(*[f"2026-03-{d:02d}" for d in range(4, 22, 2)], "2026-04-05"),
        )
        f.add("Error: brand new", threads=seen("2026-04-20", "2026-04-30"))
        f.add("Error: too few to tell", threads=seen("2026-03-10", "2026-04-10", "2026-04-11"))

    kb = KnowledgeBase(filled(tmp_path / "kb.db", move))
    trends = kb.trends(days=30)
    assert trends.until == "2026-04-30T00:00:00Z"
    assert [g.entry.title for g in trends.new] == ["Error: brand new"]
    assert [(g.entry.title, g.before, g.now) for g in trends.rising] == [
        ("Error: rising fast", 1, 9)
    ]
    assert [(g.entry.title, g.before, g.now) for g in trends.fading] == [
        ("Error: fading away", 9, 1)
    ]
    earlier = kb.trends(days=30, until="2026-03-31")
    assert "Error: brand new" not in [g.entry.title for g in (*earlier.new, *earlier.rising)]
    with pytest.raises(BadInputError):
        kb.trends(days=0)


def test_a_tracker_that_grew_as_a_whole_makes_nothing_rise(tmp_path: Path) -> None:
    number = iter(range(1, 1000))

    def grow(f: Filler) -> None:
        for name in ("alpha", "bravo", "charlie"):
            days = ["2026-03-20"] * 3 + ["2026-04-20"] * 9
            f.add(
                f"ModuleNotFoundError: No module named '{name}'",
                threads=[("acme/tool", next(number), day) for day in days],
            )

    assert KnowledgeBase(filled(tmp_path / "kb.db", grow)).trends(days=30).rising == ()


# ---------------------------------------------------------------- opening, threads, writers


def test_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such database"):
        KnowledgeBase(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("hello")
    with pytest.raises(BadInputError, match="not a SQLite database"):
        KnowledgeBase(tmp_path / "text.db")


def test_it_cannot_write(kb: KnowledgeBase) -> None:
    with (
        kb._reading() as (connection, _),
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("delete from entry")


def test_a_closed_one_says_so(db: Path) -> None:
    with KnowledgeBase(db) as kb:
        kb.query(AUTH)
    with pytest.raises(BadInputError, match="was closed"):
        kb.query(AUTH)


def test_it_reads_while_a_writer_writes_and_sees_what_was_committed(tmp_path: Path) -> None:
    path = filled(tmp_path / "kb.db", fill)
    kb = KnowledgeBase(path)
    with Store.open(path) as store:
        with store.transaction() as connection:
            connection.execute("update entry set title = 'half done' where entry_id = 'E00001'")
            assert kb.entry("E00001").title == "OpenRouter 401: No auth credentials found"
        assert kb.entry("E00001").title == "half done"


def test_many_threads_may_ask_at_once(kb: KnowledgeBase) -> None:
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(5):
                assert kb.query(AUTH).found
                kb.stats()
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, kb; print([m for m in ('sqlite3', 'kb.query.knowledge', 're2', 'rapidfuzz') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- documentation


def test_the_examples_of_the_documentation_run(
    db: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "how-to" / "ask-python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```pycon\n(.*?)^```", page, re.S | re.M)
    assert len(blocks) >= 4
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kb.db").write_bytes(db.read_bytes())
    # one namespace for the page: later examples use what earlier ones made
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "ask-python.md", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    out: list[str] = []
    runner.run(test, out=out.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(out)


def test_filters_take_a_part_of_a_name_and_what_fits_nothing_is_said(db: Path) -> None:
    with KnowledgeBase(db) as kb:
        asked = "Error: 401 No auth credentials found"
        assert kb.query(asked, repo="tool").found
        assert kb.query(asked, repo="TOOL").found
        assert not kb.query(asked, repo="too").found
        assert not kb.query(asked, tool="%").found
        assert kb.query(asked, repo="acme").found
        with pytest.raises(TypeError, match="repos"):
            kb.query(asked, repos="acme/tool")  # type: ignore[call-arg]
        notes = kb.query(asked, repo="acme/tol", provider="nobody").notes
    assert "did you mean acme/tool?" in notes[0]
    assert "no entry is of provider 'nobody'; known: " in notes[1]


def test_errors_say_what_to_do_in_the_words_of_the_place(db: Path) -> None:
    with KnowledgeBase(db) as kb, pytest.raises(NotFoundError) as told:
        kb.show("E99999")
    assert "search() finds" in str(told.value)
    assert "'faultlore search WORDS'" in told.value.said_in("cli")
    assert "the tool search" in told.value.said_in("agent")
    assert str(BadInputError("plain")) == BadInputError("plain").said_in("cli") == "plain"
