"""The knowledge base in a browser: what the pages show, and what they must never do."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from kb.errors import BadInputError
from kb.links import is_loopback
from kb.notes.export import export_to
from kb.notes.formats.site import files_of
from kb.query.knowledge import KnowledgeBase
from kb.query.terminal import plain
from kb.query.terminal_views import answer_view
from kb.store import Store
from kb.web import application, pages, serve
from kb.web.pages import file_name
from kb.web.render import environment, quoted
from tests.support.published import Filled, Said, fill
from tests.support.small_kb import filled
from tests.support.threads import comment, thread

KEY = "sk-or-v1-" + "7bc4612476c0efec" * 4
HOSTILE = '<script>alert("1")</script> {{7*7}}'


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small knowledge base with an entry of hostile words and a key in it."""
    odd = thread(
        9,
        f"WidgetError: {HOSTILE} failed",
        "",
        repo="odd/one",
        comments=[comment(90, f"Use the key {KEY} instead {HOSTILE}")],
    )
    hostile = Filled(
        odd,
        "E9",
        f"WidgetError: {HOSTILE} failed",
        fields={"title": f"WidgetError: {HOSTILE} failed"},
        claims=[Said("fix", 90, f"Use the key {KEY} instead {HOSTILE}", stance="suspected")],
    )
    return fill(tmp_path_factory.mktemp("web") / "web.db", [*filled(), hostile])


def ask(path: Path, url: str, method: str = "get", **request: Any) -> Any:
    """The server's response, through the whole application."""

    async def send() -> Any:
        client = application(path, allow_sql=request.pop("allow_sql", False)).client
        return await getattr(client, method)(url, **request)

    return asyncio.run(send())


def test_the_start_page_offers_a_box_and_ways_to_browse(db: Path) -> None:
    page = ask(db, "/").text
    assert '<form action="/ask" method="post">' in page
    assert '<label for="q">' in page
    assert 'href="/provider/openrouter"' in page


def test_a_pasted_error_is_answered_with_what_to_try(demo_db: Path) -> None:
    page = ask(demo_db, "/ask", "post", data={"q": "401 User not found"}).text
    best = KnowledgeBase(demo_db).query("401 User not found").best
    assert best is not None
    assert "This error is known" in page
    assert "Try first" in page
    assert f'href="/entry/{best.entry.entry_id}"' in page


@pytest.mark.parametrize(
    ("asked", "first"), [("401 User not found", True), ("spawn npx ENOENT", False)]
)
def test_what_a_message_means_in_all_projects_stands_before_what_helped_in_one(
    demo_db: Path, asked: str, *, first: bool
) -> None:
    answer = KnowledgeBase(demo_db).query(asked)
    assert answer.best is not None
    pages = [
        plain(answer_view(answer)),
        ask(demo_db, "/ask", "post", data={"q": asked}).text,
        ask(demo_db, f"/entry/{answer.best.entry.entry_id}").text,
    ]
    for page in pages:
        fixes = min(page.find(words) for words in ("Try first", "What to try") if words in page)
        assert (-1 < page.find("What it means") < fixes) is first
    twin = ask(demo_db, "/ask.md", "post", data={"q": asked}).text
    assert (twin.index("- cause,") < twin.index("- fix,")) is first


def test_a_log_may_be_large_and_may_hold_any_bytes(demo_db: Path) -> None:
    # the error stands at the end of five megabytes
    log = b"\xff\x00 ok\n" * 900_000 + b"Error: 401 User not found\n"
    page = json.loads(ask(demo_db, "/ask.json", "post", content=log).text)
    assert page["results"][0]["match"] in ("exact", "same")
    assert "characters" in page["notes"][0]
    form = {"q": "y\n" * 10_000 + "Error: 401 User not found"}
    assert "This error is known" in ask(demo_db, "/ask", "post", data=form).text
    assert ask(demo_db, "/ask", "post", content=b"x" * 32_000_001).status_code == 413


def test_each_error_of_a_log_is_answered_by_itself(demo_db: Path) -> None:
    log = "Error: 401 User not found\nok\nFrobnicationError: zebra exploded\n"
    page = ask(demo_db, "/ask", "post", data={"q": log}).text
    assert "1 of 2 errors in this text is known" in page
    known, _, unknown = page.partition("<h2>Not known here</h2>")
    assert "401 User not found" in known
    assert "zebra exploded" in unknown
    twin = ask(demo_db, "/ask.md", "post", data={"q": log}).text
    assert "Surely this error" in twin
    assert "Not known here." in twin


def test_errors_of_a_long_log_that_are_known_are_all_named(
    demo_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those for which no answer has room."""
    monkeypatch.setattr("kb.web.pages.MOST_ANSWERS", 1)
    log = "Error: 401 User not found\nok\nError: spawn npx ENOENT\nFrobnicationError: zebra\n"
    page = ask(demo_db, "/ask", "post", data={"q": log}).text
    assert "2 of 3 errors in this text are known" in page
    too, _, unknown = page.partition("<h2>Known too</h2>")[2].partition("<h2>Not known here</h2>")
    assert "spawn npx ENOENT" in too
    assert '<a href="/entry/E' in too
    assert "zebra" in unknown
    assert "Known: E" in ask(demo_db, "/ask.md", "post", data={"q": log}).text


def test_what_was_asked_is_shown_redacted(demo_db: Path) -> None:
    for url in ("/ask", "/ask.json", "/ask.md"):
        page = ask(demo_db, url, "post", data={"q": f"Error: 401 User not found, key {KEY}"}).text
        assert KEY[12:] not in page, url


def test_nothing_that_was_asked_is_stored(demo_db: Path) -> None:
    files = {path: path.read_bytes() for path in demo_db.parent.iterdir()}
    ask(demo_db, "/ask", "post", data={"q": "Error: a secret of mine failed to load"})
    stored = {path: path.read_bytes() for path in demo_db.parent.iterdir()}
    assert not [path for path, data in stored.items() if b"secret of mine" in data]
    assert stored[demo_db] == files[demo_db]
    response = ask(demo_db, "/ask?q=boom")
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers


def test_outcomes_stand_beside_a_fix(db: Path) -> None:
    page = ask(db, "/entry/E1").text
    assert "Create a new key and put it into the settings." in page
    assert "Worked for one person: “New key, works again, thanks”." in page
    assert "Did not help one person: “Did not help me, same error”." in page
    assert "Which fix helped how many" not in page  # one fix alone is compared with none


def test_fixes_that_helped_equally_many_are_not_compared(tmp_path: Path) -> None:
    posts = ["Start it anew.", "Works.", "Set the knob.", "Works too."]
    posted = [comment(80 + n, post, "bob" if n % 2 else "eve") for n, post in enumerate(posts)]
    claims = [
        Said("fix", 80, posts[0], "confirmed", evidence=[("confirms", 81, posts[1])]),
        Said("fix", 82, posts[2], "confirmed", evidence=[("confirms", 83, posts[3])]),
    ]
    path = tmp_path / "web.db"
    odd = thread(8, "WidgetError: no knob", "", comments=posted)
    fill(path, [Filled(odd, "E8", "WidgetError: no knob", claims=claims)])
    page = ask(path, "/entry/E8").text
    assert page.count("Worked for one person") == 2
    assert "Which fix helped how many" not in page


def test_words_of_people_stand_without_marks_and_with_who_says_them(tmp_path: Path) -> None:
    words = "Set the knob in `app.yml` like this:"
    posts = [f"{words}\n```\nknob: 3\n```", "That worked.", "Start it anew.", "No change."]
    odd = thread(
        8,
        "WidgetError: no `knob`",
        "",
        comments=[comment(80 + n, post, "bob" if n % 2 else "eve") for n, post in enumerate(posts)],
    )
    claims = [
        Said("fix", 80, words, "stated", "user", evidence=[("confirms", 81, "That worked.")]),
        Said("fix", 82, posts[2], "refuted", evidence=[("contradicts", 83, "No change.")]),
    ]
    path = tmp_path / "web.db"
    fill(path, [Filled(odd, "E8", "WidgetError: no `knob`", claims=claims)])
    page = ask(path, "/entry/E8").text
    chart = page.partition("Which fix helped how many")[2].partition("</ol>")[0]
    assert "Set the knob in <code>app.yml</code> like this: <strong>helped 1" in chart
    assert "Start it anew: <strong>did not help 1" in chart
    assert "WidgetError: no <code>knob</code></a>" in page
    assert "stated by the project" in page
    assert "A likely maintainer in <a href=" in page
    assert "Reports over time" not in page  # of one thread


def test_a_search_says_which_words_an_entry_has(demo_db: Path) -> None:
    page = ask(demo_db, "/search?q=openrouter+key").text
    assert ", has all the words" in page
    assert ", has 1 of 2 words: openrouter" in page


def test_an_error_that_is_not_known_is_said_to_be_not_known(demo_db: Path) -> None:
    page = ask(demo_db, "/ask", "post", data={"q": "zebra frobnicator exploded"}).text
    assert "This error is known" not in page
    assert ask(demo_db, "/ask", "post", data={"q": " "}).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        *("/", "/browse", "/review", "/search?q=key", "/entry/E1", "/provider/openrouter"),
        *("/repo/acme/tool", "/tool/tool", "/ask?q=401+User+not+found."),
    ],
)
def test_every_page_has_twins_for_programs(db: Path, url: str) -> None:
    path, _, query = url.partition("?")
    path = "/index" if path == "/" else path
    assert isinstance(json.loads(ask(db, f"{path}.json?{query}").text), dict)
    assert ask(db, f"{path}.md?{query}").text.startswith(("# ", "---", "<!--"))
    assert ask(db, url).status_code == 200


def test_what_a_stranger_wrote_never_acts_in_a_page(db: Path) -> None:
    for url in ("/", "/entry/E9", "/ask?q=WidgetError", "/search?q=WidgetError", "/browse"):
        page = ask(db, url).text
        assert "<script>alert" not in page, url
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/-/faultlore/app.js" defer>'], (
            url
        )


def test_a_key_leaves_by_no_page_and_by_no_table(db: Path) -> None:
    urls = ["/entry/E9", "/entry/E9.json", "/entry/E9.md", "/review", "/kb/claims", "/kb/comments"]
    for url in [*urls, "/kb/claims.json", "/kb/comments.json?_shape=array", "/kb/claims.csv"]:
        assert KEY[12:] not in ask(db, url).text, url
    # a later Datasette leads to another address
    sql = ask(
        db, "/kb.json?sql=select+quote+from+claim", allow_sql=True, follow_redirects=True
    ).text
    assert "Use the key" in sql
    assert KEY[12:] not in sql


def test_sql_and_hidden_tables_are_closed_unless_they_were_opened(db: Path) -> None:
    sql = "/kb.json?sql=select+1"
    assert ask(db, sql, follow_redirects=True).status_code in (403, 404)
    assert ask(db, sql, allow_sql=True, follow_redirects=True).status_code == 200
    for odd in (
        "/kb/raw", "/kb/raw.json", "/kb/~72aw", "/kb/%72aw", "/~6Bb/raw", "/~6bb/entries",
        "/kb/signature/x", "/kb/-/x",
    ):  # fmt: skip
        assert ask(db, odd).status_code in (403, 404), odd
        assert ask(db, odd, allow_sql=True).status_code in (403, 404), odd
    assert ask(db, "/kb/entries").status_code == 200
    assert ask(db, "/-/databases").status_code == 404


def test_tables_look_like_the_other_pages_and_can_be_filtered(db: Path) -> None:
    pages = [ask(db, url).text for url in ("/kb", "/kb/entries", "/kb/claims?kind__exact=fix")]
    pages.append(ask(db, "/kb?sql=select+1", allow_sql=True, follow_redirects=True).text)
    for page in pages:
        assert '<link rel="stylesheet" href="/-/faultlore/style.css">' in page
        assert not re.search(r"<script|<style| style=", page)  # all of it would be refused
    assert "hidden" not in pages[0]
    sent = "_filter_column=title&_filter_op=contains&_filter_value=Widget"
    shown = ask(db, f"/kb/entries?{sent}", follow_redirects=True).text
    assert "1 row " in shown
    assert "&lt;script&gt;alert" in shown


def test_nothing_can_be_written(db: Path) -> None:
    before = KnowledgeBase(db).stats()
    ask(db, "/kb?sql=delete+from+entry", allow_sql=True)
    assert KnowledgeBase(db).stats() == before


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("url", ["/kb/entries", "/", "/kb/-/create", "/entry/E1"])
def test_what_is_no_reading_is_refused(db: Path, method: str, url: str) -> None:
    assert ask(db, url, method).status_code == 405


def test_what_takes_a_log_takes_a_form_of_one_field(db: Path) -> None:
    assert ask(db, "/ask", "put", content=b"x").status_code == 405
    form = {"content-type": "application/x-www-form-urlencoded"}
    many = "&".join(["q=a"] * 50)
    assert ask(db, "/ask", "post", content=many, headers=form).status_code == 400


def test_a_name_that_is_not_this_servers_is_refused(db: Path) -> None:
    others = (
        "127.0.0.1:x",
        "localhost:8001@attacker.example",
        "[::1",
        "localhost attacker.example",
    )
    names = ("attacker.example", "attacker.example:8001", "", "127.0.0.1.attacker.example")
    for host in (*names, *others):
        assert ask(db, "/", headers={"host": host}).status_code == 421, host
    for host in ("localhost:8001", "127.0.0.1:9", "[::1]:8001", "LOCALHOST"):
        assert ask(db, "/", headers={"host": host}).status_code == 200, host


def test_headers_keep_a_page_from_being_framed_or_fed(db: Path) -> None:
    for url in ("/", "/kb/entries", "/no/such/page", "/entry/NOPE"):
        headers = ask(db, url).headers
        assert "default-src 'none'" in headers["content-security-policy"], url
        assert headers["x-frame-options"] == "DENY"


def test_what_is_not_there_is_a_page_of_its_own(db: Path) -> None:
    for url in ("/entry/NOPE", "/provider/nobody", "/no/such/page", "/entry/%2e%2e%2fx"):
        response = ask(db, url)
        assert response.status_code == 404, url
        assert "Not found" in response.text


def test_long_lists_have_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LISTED", 2)
    path = fill(tmp_path / "many.db", filled())
    first, second = ask(path, "/browse").text, ask(path, "/browse?page=2").text
    assert 'href="/browse?page=2" rel="next"' in first
    assert "By provider" in first
    assert 'href="/browse" rel="prev"' in second
    assert "By provider" not in second
    shown = re.findall(r'<a href="/entry/(E\d)">', first.partition("most seen")[2] + second)
    assert shown == ["E1", "E3", "E2"]
    assert ask(path, "/browse.json?page=2").json()["entries"][0]["entry_id"] == "E2"
    for odd in ("0", "-1", "x", "99999999999", "\u0662"):
        assert ask(path, f"/browse?page={odd}").status_code == 200


def test_a_page_that_is_kept_is_made_anew_when_the_database_changes(tmp_path: Path) -> None:
    path = fill(tmp_path / "kept.db", filled())
    shown = pages.Pages(KnowledgeBase(path))
    assert shown.start() is shown.start()
    assert shown.start().data["entries"] == 3
    odd = thread(9, "WidgetError: it failed", "", repo="odd/one")
    fill(path, [Filled(odd, "E9", "WidgetError: it failed")])
    assert shown.start().data["entries"] == 4


def test_claims_wait_for_review_with_the_lines_that_decide_them(tmp_path: Path) -> None:
    path = fill(tmp_path / "review.db", filled())
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute(
            "update claim set published = stance = 'confirmed' and quote not like 'Set the%'"
        )
    page = ask(path, "/review").text
    waiting = re.findall(r"claim (\S+) accept", page)
    assert waiting == re.findall(r"claim (\S+) reject", page)
    assert len(waiting) == 3
    assert 'href="/entry/E2"' in page
    assert "Set the variable in the container" in page
    assert "Reinstalling changed nothing" not in page  # refuted: nothing to decide
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute(
            "update claim set withheld = 'a question' where claim_id in (?, ?, ?)", waiting
        )
    assert "No claim waits." in ask(path, "/review").text


def test_what_happened_to_an_entry_is_said_in_words(tmp_path: Path) -> None:
    path = fill(tmp_path / "history.db", filled())
    assert "History of this entry" not in ask(path, "/entry/E1").text
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute(
            "insert into entry_log (at, action, entry_id, other_id, why, rules)"
            " values ('2026-01-02T00:00:00Z', 'merged', 'E1', 'EOLD', 'one <message>', '1')"
        )
    page = ask(path, "/entry/E1").text
    assert "EOLD became part of E1" in page
    assert "one &lt;message&gt;" in page


def test_code_in_a_quote_is_set_as_code() -> None:
    assert quoted("set `a<b>` and ``c``") == "set <code>a&lt;b&gt;</code> and <code>c</code>"
    assert quoted("a ` b <i>") == "a ` b &lt;i&gt;"


def test_a_former_id_leads_to_its_entry(db: Path) -> None:
    with Store.open(db) as store, store.transaction() as connection:
        connection.execute("insert or ignore into alias (old_id, entry_id) values ('EOLD', 'E1')")
    assert "EOLD is this entry" in ask(db, "/entry/EOLD").text
    assert "eold is this entry" in ask(db, "/entry/eold").text


def test_an_empty_knowledge_base_says_how_to_fill_it(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Store.open(path).close()
    assert "faultlore harvest" in ask(path, "/").text
    assert ask(path, "/browse").status_code == 200
    assert ask(path, "/ask?q=boom").status_code == 200


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such database"):
        application(tmp_path / "none.db")


def test_a_port_in_use_is_said(db: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInputError, match="--port"):
            serve(db, "127.0.0.1", taken.getsockname()[1])


def test_only_loopback_addresses_are_private() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.0.1", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "192.168.1.2", "::", "example.org")))


def test_charts_say_their_figures_in_text() -> None:
    macros = environment().get_template("macros.html").module
    chart = macros.month_chart([("2025-11", 2), ("2026-02", 1)])
    assert chart.count("<rect") == 2
    assert 'x="81"' in chart  # a year up to the last month, the months between included
    assert 'x="111"' in chart
    assert "3 threads from 2025-11 to 2026-02" in chart
    assert "<td>2025-11</td><td>2</td>" in chart
    long = macros.month_chart([("2020-01", 1), ("2026-01", 1)])
    assert long.count("<rect") == 1
    assert "the newest 60 months are shown" in long
    fixes = macros.fix_chart([("<b>Restart</b>", 2, 1, 3)])
    assert "helped 2, did not help 1" in fixes
    assert "<b>" not in fixes


def test_the_static_site_links_only_to_files_that_it_has(db: Path) -> None:
    files = dict(files_of(KnowledgeBase(db)))
    assert {"index.html", "browse.html", "entry-E1.html", "entry-E1.md"} <= set(files)
    assert dict(files_of(KnowledgeBase(db))) == files
    for name, text in files.items():
        assert KEY[12:] not in text, name
        if not name.endswith(".html"):
            continue
        for target in re.findall(r'(?:href|src|data-copy|data-index)="([^"#]+)"', text):
            if not target.startswith(("https://", "data:")):
                assert target in files, f"{name} -> {target}"


def test_the_static_site_is_a_format_of_the_export(db: Path, tmp_path: Path) -> None:
    with Store.open(db) as store:
        done = export_to(store.connection, "site", tmp_path / "site")
        again = export_to(store.connection, "site", tmp_path / "site")
    assert "index.html" in done.written
    assert (again.written, again.unchanged) == ([], len(done.written))


def test_file_names_are_safe_and_differ_where_names_do() -> None:
    names = ["a/b", "A/b", "a-b", "..", "con", "é", "", "x" * 500, "E1", "e1"]
    made = [file_name(name) for name in names]
    assert len({name.lower() for name in made}) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9-]{1,80}", name) for name in made)


def test_pages_are_read_while_a_night_writes(db: Path) -> None:
    with sqlite3.connect(db) as writer:
        writer.execute("begin immediate")
        assert ask(db, "/entry/E1").status_code == 200
        writer.rollback()
