"""The log: one line an event, readable by programs, and nothing in it that must not leave."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miner.nightly.log import log, logger, set_up, tear_down
from tests.hostile.secrets import planted

TOKEN = "an-odd-token-of-an-enterprise-5d41"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def as_json(stream: io.StringIO) -> Iterator[io.StringIO]:
    handler = set_up("info", as_json=True, stream=stream, secrets=[TOKEN])
    yield stream
    tear_down(handler)


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_object_with_time_level_and_facts(as_json: io.StringIO) -> None:
    log(logging.INFO, "page stored", repo="a/b", items=3, remaining=None, names=("x", "y"))
    (event,) = events(as_json)
    assert set(event) == {"event", "time", "level", "repo", "items", "remaining", "names"}
    assert event["event"] == "page stored"
    assert event["level"] == "info"
    assert event["time"].endswith("Z")
    assert (event["repo"], event["items"], event["remaining"], event["names"]) == (
        "a/b",
        3,
        None,
        ["x", "y"],
    )


def test_a_line_for_people_names_time_level_event_and_known_facts(stream: io.StringIO) -> None:
    handler = set_up("info", stream=stream)
    log(logging.INFO, "repository done", repo="a/b", failure=None, complete=True)
    tear_down(handler)
    line = re.sub(r"time=\S+Z", "time=T", stream.getvalue())
    assert line == 'time=T level=info event="repository done" repo=a/b complete=true\n'


def test_levels(as_json: io.StringIO) -> None:
    log(logging.DEBUG, "too small")
    log(logging.WARNING, "large enough")
    assert [event["event"] for event in events(as_json)] == ["large enough"]


def test_no_event_spreads_over_lines_or_writes_to_the_terminal(stream: io.StringIO) -> None:
    handler = set_up("info", stream=stream)
    log(logging.INFO, "a\nb\x1b[31mc", text="d\ne\x1b]0;title\x07", n=1.5)
    tear_down(handler)
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    assert "n=1.5" in stream.getvalue()


@pytest.mark.parametrize("json_too", [True, False])
def test_no_secret_in_events_facts_keys_or_errors(
    json_too: bool, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "another-odd-token-77")
    handler = set_up("debug", as_json=json_too, stream=stream, secrets=[TOKEN])
    github = "ghp_" + "a1B2c3D4e5F6" * 3
    log(
        logging.INFO,
        f"asked with {TOKEN}",
        deep={"list": [f"Bearer {github}", {f"key-{TOKEN}": "another-odd-token-77"}]},
        others=[Path(TOKEN), {github}, ValueError(TOKEN)],
    )
    try:
        raise ValueError(f"bad header {TOKEN} {github}")
    except ValueError:
        logger.exception("failed")
    tear_down(handler)
    text = stream.getvalue()
    assert len(text.splitlines()) == 2
    for secret in (TOKEN, github, "another-odd-token-77"):
        assert secret not in text


def test_a_log_that_cannot_be_written_does_not_stop_the_run() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    handler = set_up("info", stream=Full())
    log(logging.INFO, "lost")
    tear_down(handler)


def test_what_strangers_write_is_cut_to_a_line(as_json: io.StringIO) -> None:
    log(logging.WARNING, "thread not read", thread="x" * 1_000_000)
    assert len(as_json.getvalue()) < 5_000


def test_after_tear_down_nothing_is_written(stream: io.StringIO) -> None:
    tear_down(set_up("info", stream=stream))
    log(logging.ERROR, "nobody listens")
    assert stream.getvalue() == ""


def test_planted_secrets_do_not_pass(as_json: io.StringIO) -> None:
    some = planted()[::5]
    for item in some:
        log(logging.INFO, item.text, fact=item.text)
    text = as_json.getvalue()
    assert len(events(as_json)) == len(some)
    assert [item.kind for item in some if item.secret in text] == []
