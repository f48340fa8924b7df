"""The client against a GitHub on loopback: limits, faults, redirects, what it must never tell."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from requests import exceptions

from kb.errors import BadInputError, GitHubError
from miner.harvest.access import Access, find_token, host_and_web, parse_since
from miner.harvest.client import (
    TRIES,
    Client,
    Paused,
    Refused,
    Stopped,
    reason_of,
    relative,
)
from miner.harvest.discussions import as_comments, as_issue, nodes_of
from miner.harvest.objects import BadThreadError, comment_row, issue_row
from tests.support.cli import Patch
from tests.support.clocks import FakeClock
from tests.support.github_server import GitHubServer, make_threads

SHAPES = json.loads(
    (Path(__file__).parent.parent / "support" / "github_shapes.json").read_text(encoding="utf-8")
)
LIST = "/repos/o/r/issues?state=all&sort=updated&direction=asc&per_page=100"
TOKEN = "ghp_NotARealTokenButOneThatMustNotShow1"


@pytest.fixture
def clock(monkeypatch: Patch) -> FakeClock:
    """Neither PyGithub nor urllib3 may sleep behind our back."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def refuse(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s for real")

    monkeypatch.setattr("time.sleep", refuse)
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock):
    with GitHubServer(make_threads("o/r", 7, 5), clock=clock.time) as server:
        yield server


def client_of(server: GitHubServer, clock: FakeClock, **options) -> Client:
    return Client(Access(server.url, options.pop("token", TOKEN)), clock=clock, **options)


# ---------------------------------------------------------------------- shapes


def shape(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SHAPES["$defs"]})


def test_the_server_answers_in_the_shapes_that_github_publishes(server, clock):
    source = {
        "issue": {
            "number": 3,
            "title": "Fix",
            "created_at": "2025-01-02T00:00:00Z",
            "pull_request": {"merged_at": None},
        }
    }
    crossing = {
        "event": "cross-referenced",
        "created_at": "2025-01-02T00:00:00Z",
        "actor": {"login": "a"},
        "source": source,
    }
    server.repo("o/r").events[3].append(crossing)
    with client_of(server, clock) as client:
        issues, comments = (
            client.page(LIST).items,
            client.page("/repos/o/r/issues/comments").items,
        )
        events = client.page("/repos/o/r/issues/3/timeline").items
    assert len(issues) == 7
    assert len(comments) == 5
    assert any("pull_request" in issue for issue in issues)
    for name, things in {"issue": issues, "issue-comment": comments}.items():
        for thing in things:
            shape(name).validate(thing)
    shape("state-change-issue-event").validate(events[0])
    shape("timeline-cross-referenced-event").validate(events[1])
    broken = {**issues[0], "number": "1"}
    assert not shape("issue").is_valid(broken)


def test_errors_have_the_published_shape(server, clock):
    answer, _ = server.handle("/repos/o/absent/issues", {})
    shape("basic-error").validate(answer.document)


# ---------------------------------------------------------------------- plain requests


def test_a_page_is_asked_for_once_and_only_once(server, clock):
    with client_of(server, clock) as client:
        for item in client.page(LIST).items:
            assert item["number"]
        assert client.waits.requests == len(server.requests) == 1
        assert server.requests[0].headers["authorization"].endswith(TOKEN)
        assert server.requests[0].headers["x-github-api-version"]
        for _ in range(20):
            client.page(LIST)
    assert clock.slept == []  # they are not spaced


def test_links_work_below_a_prefix_as_in_github_enterprise(clock):
    with (
        GitHubServer(make_threads("o/r", 7, 0), clock=clock.time, prefix="/api/v3") as server,
        client_of(server, clock) as client,
    ):
        first = client.page("/repos/o/r/issues?state=all&per_page=4")
        assert first.next_url is not None
        assert first.next_url.startswith("/repositories/")
        second = client.page(first.next_url)
    assert len(first.items + second.items) == 7
    assert second.next_url is None


def test_a_link_to_another_host_is_asked_of_this_one_and_loses_secrets():
    assert relative(
        "https://elsewhere.example/repos/o/r/issues?page=2&access_token=x&since=a%3Ab",
        "",
    ) == ("/repos/o/r/issues?page=2&since=a%3Ab")


# ---------------------------------------------------------------------- redirects


def test_a_move_is_followed_and_named(server, clock):
    server.rename("o/r", "new/name")
    with client_of(server, clock) as client:
        found = client.repository("o/r")
        assert found.name == "new/name"
        assert client.waits.requests == len(server.requests) == 2
        page = client.page(LIST.replace("/repos/o/r", found.path))
    assert len(page.items) == 7
    assert server.requests[-1].status == 200  # by its number, no name is redirected


def test_asking_again_for_a_repository_is_free_until_it_changes(server, clock):
    with client_of(server, clock) as client:
        first = client.repository("o/r")
        assert client.repository("o/r", first) == first
        server.rename("o/r", "new/name")
        assert client.repository("o/r", first).name == "new/name"
    assert [asked.status for asked in server.requests] == [200, 304, 301, 200]


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/repos/o/r/issues", "http://127.0.0.1:1/x", ""]
)
def test_no_redirect_leads_the_token_to_another_server(server, clock, location, monkeypatch):
    from tests.support.github_server import Answered

    monkeypatch.setattr(
        server, "_route", lambda asked: Answered(301, {"message": "Moved"}, {"Location": location})
    )
    with client_of(server, clock) as client, pytest.raises(Refused) as caught:
        client.repository("o/r")
    assert TOKEN not in str(caught.value)
    # a redirect to another port is followed on the port of the API, and leads nowhere new
    assert client.waits.requests == len(server.requests) <= 2


@pytest.mark.parametrize("length", [1, 2])
def test_a_circle_of_redirects_ends(server, clock, monkeypatch, length):
    from tests.support.github_server import Answered

    def route(asked):
        place = f"/repos/o/{len(server.requests) % length}"
        return Answered(301, {}, {"Location": f"{server.url}{place}"})

    monkeypatch.setattr(server, "_route", route)
    with client_of(server, clock) as client, pytest.raises(Refused):
        client.repository("o/r")
    assert client.waits.requests == len(server.requests) < 10


# ---------------------------------------------------------------------- faults that pass


@pytest.mark.parametrize("fault", ["502", "503", "drop", "cut", "cut-json", "html"])
def test_a_passing_fault_is_survived(server, clock, fault):
    server.faults.next = [fault, fault]
    with client_of(server, clock) as client:
        assert len(client.page(LIST).items) == 7
        assert client.waits.requests == 3
    assert sum(clock.slept) > 0


@pytest.mark.parametrize("fault", ["502", "drop", "cut", "cut-json", "html"])
def test_a_lasting_fault_ends_after_growing_waits(server, clock, fault):
    server.faults.every[1] = fault
    with (
        client_of(server, clock) as client,
        pytest.raises(GitHubError, match="times in a row") as caught,
    ):
        client.page(LIST)
    assert len(server.requests) == TRIES
    assert 31 <= sum(clock.slept) <= 33  # 1 + 2 + 4 + 8 + 16 and some jitter
    assert "\n" not in str(caught.value)
    assert ("web page" in str(caught.value)) == (fault == "html")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (exceptions.SSLError("self-signed"), "its certificate is not trusted (REQUESTS_CA_BUNDLE"),
        (exceptions.ConnectTimeout("0x7f"), "no answer in time"),
        (exceptions.ChunkedEncodingError("0x7f"), "the connection failed (ChunkedEncodingError)"),
    ],
)
def test_why_a_connection_fails_is_said_in_words(error, said):
    assert reason_of(error).startswith(said)


def test_an_object_instead_of_a_list_is_named(server, clock):
    with client_of(server, clock) as client, pytest.raises(GitHubError, match="list was expected"):
        client.page("/repos/o/r")


def test_nobody_listening_stops_the_run(clock):
    with GitHubServer() as server:
        url = server.url
    with (
        Client(Access(url), clock=clock) as client,
        pytest.raises(Stopped, match="cannot be reached"),
    ):
        client.page(LIST)
    assert sum(clock.slept) < 10


# ---------------------------------------------------------------------- limits


def test_the_primary_limit_is_waited_for_before_github_has_to_refuse(server, clock):
    server.limit, server.limit_window = 2, 100
    told: list[tuple[float, str]] = []
    with client_of(
        server, clock, on_wait=lambda seconds, why: told.append((seconds, why))
    ) as client:
        for _ in range(5):
            client.page(LIST)
        assert client.waits.count == 2
    assert [asked.status for asked in server.requests] == [200] * 5
    countdown = [seconds for seconds, _ in told]
    assert countdown[0] > 90
    assert countdown[1] < countdown[0]
    assert countdown[-1] == 0
    assert max(clock.slept) <= 1  # in small steps, so that it can be shown and interrupted


def test_a_limit_that_others_have_used_up_is_waited_for(server, clock):
    server.limit, server.limit_window = 1, 50
    with client_of(server, clock) as other, client_of(server, clock) as client:
        other.page(LIST)
        assert len(client.page(LIST).items) == 7
        assert client.waits.requests == 2


def test_a_clock_that_is_wrong_does_not_matter(server, clock):
    wrong = FakeClock(clock.now - 3000)
    wrong.sleep = lambda seconds: (clock.sleep(seconds), setattr(wrong, "now", wrong.now + seconds))  # type: ignore[method-assign]
    server.limit, server.limit_window = 1, 100
    with client_of(server, wrong) as client:  # type: ignore[arg-type]
        client.page(LIST)
        client.page(LIST)
        assert 100 <= client.waits.seconds <= 103


@pytest.mark.parametrize(("token", "words"), [(TOKEN, "--max-wait"), (None, "GITHUB_TOKEN")])
def test_a_wait_beyond_the_longest_stops_cleanly(server, clock, token, words):
    server.limit = 1
    with client_of(server, clock, max_wait=60, token=token) as client:
        client.page(LIST)
        with pytest.raises(Stopped, match=words):
            client.page(LIST)
    assert clock.slept == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "seconds"), [("secondary", 30), ("429", 30), ("secondary-bare", 60)]
)
def test_a_secondary_limit_gets_the_pause_it_asks_for(server, clock, fault, seconds):
    server.faults.next = [fault]
    with client_of(server, clock) as client:
        assert len(client.page(LIST).items) == 7
    assert sum(clock.slept) == pytest.approx(seconds)


def test_pauses_grow_and_end(server, clock):
    server.faults.every[1] = "secondary-bare"
    with (
        client_of(server, clock, max_wait=10_000) as client,
        pytest.raises(Stopped, match="still refuses"),
    ):
        client.page(LIST)
    assert sum(clock.slept) == pytest.approx(60 * (1 + 2 + 4 + 8 + 16 + 32))


# ---------------------------------------------------------------------- refusals and secrets


def test_the_token_is_never_told(server, clock, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(server, "token", "another")
    with client_of(server, clock) as client, pytest.raises(Stopped) as caught:
        client.page(LIST)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "url", ["ftp://x", "github.com", "https://", "https://user:pass@host", "https://host?token=1"]
)
def test_an_address_that_cannot_be_one_is_refused(url):
    with pytest.raises(BadInputError, match="--api-url"):
        Client(Access(url))


def test_a_token_over_plain_http_is_noticed():
    assert not Client(Access("http://ghe.example/api/v3", TOKEN)).private
    assert Client(Access("https://ghe.example/api/v3", TOKEN)).private
    assert Client(Access("http://127.0.0.1:8080", TOKEN)).private


def fake_gh(folder: Path, script: str) -> dict[str, str]:
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_where_the_token_comes_from(tmp_path):
    gh = fake_gh(
        tmp_path, 'test "$1 $2 $3 $4" = "auth token --hostname github.com" && echo from-gh'
    )
    assert find_token(environ={"GITHUB_TOKEN": " one ", "GH_TOKEN": "two"}) == (
        "one",
        "GITHUB_TOKEN",
    )
    assert find_token(environ={"GITHUB_TOKEN": "", "GH_TOKEN": "two"}) == ("two", "GH_TOKEN")
    assert find_token(environ=gh) == ("from-gh", "gh auth token")
    assert (
        find_token("https://ghe.example/api/v3", environ=gh) is None
    )  # gh's token for github.com goes nowhere else
    assert find_token(environ={"PATH": str(tmp_path / "empty")}) is None
    assert find_token(environ=fake_gh(tmp_path, "exit 1")) is None


def test_a_token_that_is_none_is_not_shown():
    with pytest.raises(BadInputError) as caught:
        find_token(environ={"GITHUB_TOKEN": "se cret\nx"})
    assert "GITHUB_TOKEN" in str(caught.value)
    assert "cret" not in str(caught.value)


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90d", "2026-03-03T12:00:00Z"),
        ("2w", "2026-05-18T12:00:00Z"),
        ("36h", "2026-05-31T00:00:00Z"),
        ("1y", "2025-06-01T12:00:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00Z"),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
    ],
)
def test_since(text, time):
    assert parse_since(text, NOW) == time


@pytest.mark.parametrize(
    "text", ["", "90", "d", "-3d", "999999y", "yesterday", "2026-13-01", "2027-01-01", "90 days"]
)
def test_a_since_that_is_none_is_refused(text):
    with pytest.raises(BadInputError, match="--since"):
        parse_since(text, NOW)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12) | st.from_regex(r"\A\d{1,5}[hdwmy]\Z"))
def test_since_gives_a_time_or_an_error(text):
    try:
        time = parse_since(text, NOW)
    except BadInputError:
        return
    assert datetime.fromisoformat(time) <= NOW
    assert time.endswith("Z")
    assert len(time) == 20


@pytest.mark.parametrize(
    ("api_url", "host", "web"),
    [
        ("https://api.github.com", "api.github.com", "https://github.com"),
        ("https://ghe.example/api/v3", "ghe.example", "https://ghe.example"),
        ("https://ghe.example:8443/api/v3", "ghe.example", "https://ghe.example:8443"),
        ("https://api.acme.ghe.com", "api.acme.ghe.com", "https://acme.ghe.com"),
        ("http://127.0.0.1:8000", "127.0.0.1", "https://github.com"),
    ],
)
def test_where_people_read_what_an_api_serves(api_url, host, web):
    assert host_and_web(api_url) == (host, web)


def test_waits_of_one_request_are_bounded_together(server, clock):
    server.faults.next = ["secondary"] * 4
    with client_of(server, clock, max_wait=100) as client, pytest.raises(Paused):
        client.page(LIST)
    assert sum(clock.slept) == 90
    assert len(server.requests) == 4


KEYS = (
    *("nodes", "comments", "replies", "author", "reactionGroups", "reactors", "login", "labels"),
    *("databaseId", "number", "title", "createdAt", "answer", "pageInfo"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_whatever_stands_for_a_discussion_is_read_or_named(document):
    try:
        nodes, more = nodes_of(document, "comments")
    except BadThreadError:
        return
    assert more is None or isinstance(more, str)
    for made in [*map(as_issue, nodes), *as_comments(nodes)]:
        check = issue_row if "title" in made else comment_row
        arguments = ("a/b", made) if check is issue_row else ("a/b", 1, "discussion", made)
        with contextlib.suppress(BadThreadError):
            check(*arguments)
