"""The night's news by webhook: what is sent, to whom, and that nothing of it harms the night."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.errors import BadInputError
from kb.settings import Notify
from miner.nightly import notice
from miner.nightly.notice import (
    DISCORD_CHARS,
    Webhook,
    document,
    failed_document,
    payload,
    send,
    wanted,
    webhook_of,
)
from tests.support.cli import Output, Patch, run
from tests.support.hook_server import SECRET, Hook, hook, mute

KEY = "sk-or-v1-" + "0123456789abcdef" * 4


@pytest.fixture
def server(monkeypatch: Patch) -> Iterator[Hook]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with hook() as made:
        monkeypatch.setenv("HOOK", made.url)
        yield made


def report(**changes: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"count": 0, "listed": []}
    kinds = ("new", "grown", "rose", "fell", "merged", "rising", "contradicted")
    return {
        "run_id": 7,
        "started_at": "2026-03-01T02:00:00Z",
        "ended_at": "2026-03-01T02:05:00Z",
        "outcome": "done",
        "exit_status": 0,
        "repos": [],
        "changes": {kind: changes.pop(kind, empty) for kind in kinds},
        **changes,
    }


def entry(title: str, **more: Any) -> dict[str, Any]:
    return {
        "entry_id": "E1",
        "title": title,
        "grade": "B",
        "threads": 3,
        "repos": 2,
        "url": "https://github.com/acme/tool/issues/1",
        **more,
    }


def group(*listed: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    return {"count": len(listed) if count is None else count, "listed": list(listed)}


def texts(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- the address


def test_without_a_variable_nothing_is_sent() -> None:
    assert webhook_of(Notify()) is None


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://hooks.example.com/x", "json"),
        ("http://localhost:8000/x", "json"),
        ("http://[::1]:8000/x", "json"),
    ],
)
def test_the_form_follows_the_host(address: str, form: str, monkeypatch: Patch) -> None:
    monkeypatch.setenv("HOOK", address)
    found = webhook_of(Notify(webhook_env="HOOK"))
    assert found is not None
    assert found.form == form
    assert "/x" not in found.host
    assert webhook_of(Notify(webhook_env="HOOK", form="discord")).form == "discord"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.slack.com/services/KEY",
        "http://hooks.slack.com/services/KEY",
        "http://127.0.0.1.example.com/KEY",
        "https://me:KEY@hooks.slack.com/services",
        "file:///KEY",
        "https://",
        "https://[::1/KEY",
        "https://hooks.example.com:KEY/",
        "https://hooks.example.com/a\nKEY",
    ],
)
def test_an_address_that_cannot_be_used_is_named_by_its_variable_and_not_shown(
    address: str, monkeypatch: Patch
) -> None:
    monkeypatch.setenv("HOOK", address)
    with pytest.raises(BadInputError, match="HOOK") as told:
        webhook_of(Notify(webhook_env="HOOK"))
    assert "KEY" not in str(told.value)


# ---------------------------------------------------------------- what is sent


def test_news_trouble_and_always() -> None:
    quiet, news = report(), report(new=group(entry("x")))
    trouble = report(exit_status=3, outcome="partial")
    for when, sent in (("news", (False, True, True)), ("trouble", (False, False, True))):
        assert tuple(wanted(r, when) for r in (quiet, news, trouble)) == sent
    assert all(wanted(r, "always") for r in (quiet, news, trouble))


def test_the_document_counts_and_lists_ten() -> None:
    made = document(report(new=group(*(entry(f"t{n}") for n in range(25)), count=40)))
    assert made["text"] == "faultlore: 40 new errors"
    assert (made["new"]["count"], len(made["new"]["listed"])) == (40, 10)
    for form in ("slack", "discord"):
        assert "and 30 more" in texts(payload(made, form)).replace("\\", "")


def test_secrets_and_control_characters_of_titles_and_failures_go() -> None:
    made = document(
        report(
            new=group(entry(f"bad key {KEY}\x1b[31m\u202e red")),
            contradicted=group(
                {
                    "kind": "fix",
                    "quote": f"use {KEY}",
                    "entry_id": "E1",
                    "url": "https://github.com/a/b/issues/1",
                }
            ),
            repos=[{"repo": "a/b", "failure": f"refused {KEY}"}],
        )
    )
    for form in ("slack", "discord", "json"):
        sent = texts(payload(made, form))
        assert KEY[:20] not in sent
        assert "\\u001b" not in sent
        assert "\u202e" not in sent
    assert KEY[:20] not in texts(failed_document(f"database {KEY}", 2))


HOSTILE = "<!channel> @everyone **b** [x](https://evil.example) <https://evil.example|ok> `c` ~s~"


def test_slack_gets_strangers_words_as_text_elements_only() -> None:
    body = payload(document(report(new=group(entry(HOSTILE)))), "slack")
    assert HOSTILE not in body["text"]

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    parts = list(walk(body["blocks"]))
    kinds = set("rich_text rich_text_section rich_text_list text link".split())
    assert {part["type"] for part in parts if "type" in part} == kinds
    links = [part for part in parts if part.get("type") == "link"]
    assert [link["url"] for link in links] == ["https://github.com/acme/tool/issues/1"]
    assert links[0]["text"] == HOSTILE
    assert "&lt;!channel&gt;" in payload(failed_document(HOSTILE, 2), "slack")["text"]


def test_discord_escapes_every_sign_mentions_nobody_and_stays_in_its_limit() -> None:
    many = group(*(entry(HOSTILE) for _ in range(25)))
    body = payload(document(report(new=many, rising=group(), rose=many)), "discord")
    assert body["allowed_mentions"] == {"parse": []}
    assert len(body["content"].encode("utf-16-le")) // 2 <= DISCORD_CHARS
    assert body["content"].endswith("more lines)")
    line = body["content"].splitlines()[2]
    left = re.sub(r"\\[!-/:-@\[-`{-~]", "", line.removeprefix("- "))
    left = left.replace("<https://github.com/acme/tool/issues/1>", "")
    assert not re.search(r"[*_~`|<>@\[\]()#]", left)


# ---------------------------------------------------------------- sending


def test_a_notice_arrives(server: Hook) -> None:
    webhook = webhook_of(Notify(webhook_env="HOOK"))
    assert webhook is not None
    assert send(webhook, document(report())) is None
    assert server.paths == [f"/services/{SECRET}"]
    assert server.bodies[0]["version"] == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 429, 500])
def test_another_answer_is_said_and_a_redirect_not_followed(server: Hook, status: int) -> None:
    server.status, server.headers = status, {"location": f"{server.url}/elsewhere"}
    problem = send(Webhook(server.url, "127.0.0.1", "json"), document(report()))
    assert problem is not None
    assert str(status) in problem
    assert SECRET not in problem
    assert len(server.paths) == 1


def test_servers_that_are_not_there_or_say_nothing_cost_a_moment(
    monkeypatch: Patch, server: Hook
) -> None:
    monkeypatch.setattr(notice, "READ", 0.2)
    with mute() as address:
        problem = send(Webhook(address, "127.0.0.1", "json"), {})
        assert problem == "127.0.0.1 gives no answer"
        monkeypatch.setattr(notice, "READ", 30.0)
        monkeypatch.setattr(notice, "DEADLINE", 0.2)
        assert send(Webhook(address, "127.0.0.1", "json"), {}) == "127.0.0.1 gives no answer"
    monkeypatch.setattr(notice, "DEADLINE", 20.0)
    gone = send(Webhook(address, "127.0.0.1", "json"), {})
    assert gone is not None
    assert "cannot be reached" in gone
    wrong = send(Webhook(server.url.replace("http:", "https:"), "127.0.0.1", "json"), {})
    assert wrong is not None
    assert SECRET not in gone + wrong


# ---------------------------------------------------------------- the commands


@pytest.fixture
def project(tmp_path: Path, monkeypatch: Patch) -> Path:
    """A folder whose night fails at once: nothing listens where its GitHub should be."""
    monkeypatch.chdir(tmp_path)
    for name in ("FAULTLORE_DB", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "faultlore.toml").write_text(
        '[harvest]\nrepos = ["acme/tool"]\napi_url = "http://127.0.0.1:9"\nmax_wait = 0\n'
        '[notify]\nwebhook_env = "HOOK"\nform = "json"\n'
    )
    return tmp_path


def test_a_night_tells_its_trouble_and_shows_the_address_nowhere(
    project: Path, server: Hook, capsys: Output
) -> None:
    assert run(["nightly", "--workers", "1", "--report-to", "r.json", "--log-level", "debug"]) == 3
    shown = capsys.readouterr()
    assert [body["exit_status"] for body in server.bodies] == [3]
    assert server.bodies[0]["failures"][0]["repo"] == "acme/tool"
    assert "notice sent" in shown.err
    assert SECRET not in shown.out + shown.err + (project / "r.json").read_text()
    assert SECRET.encode() not in (project / "kb.db").read_bytes()


def test_a_webhook_that_fails_changes_neither_report_nor_status(
    project: Path, server: Hook, capsys: Output
) -> None:
    server.status = 500
    assert run(["nightly", "--workers", "1"]) == 3
    shown = capsys.readouterr()
    assert shown.out.startswith("# Run 1: partial")
    assert "notice not sent" in shown.err
    assert SECRET not in shown.err


def test_a_run_that_fails_before_its_report_is_told(project: Path, server: Hook) -> None:
    (project / "kb.db").write_bytes(b"no database" * 100)
    assert run(["nightly", "--workers", "1"]) == 2
    assert [body["outcome"] for body in server.bodies] == ["failed"]


def test_a_dry_run_names_the_webhook_and_sends_nothing(
    project: Path, server: Hook, capsys: Output
) -> None:
    run(["nightly", "--dry-run"])
    host = server.url.split("/")[2]
    assert f"then: send the news to {host} (json)" in capsys.readouterr().out
    assert server.bodies == []


def test_an_empty_variable_is_named_before_anything_is_done(
    project: Path, monkeypatch: Patch, capsys: Output
) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    assert run(["nightly"]) == 2
    assert "HOOK" in capsys.readouterr().err
    assert not (project / "kb.db").exists()


def test_doctor_sends_only_where_it_is_asked_to(
    project: Path, server: Hook, capsys: Output
) -> None:
    run(["doctor", "--offline"])
    assert "not tried" in capsys.readouterr().out
    assert server.bodies == []
    run(["doctor", "--offline", "--send-test"])
    assert "took a test message" in capsys.readouterr().out
    assert [body["outcome"] for body in server.bodies] == ["test"]
    server.status = 403
    assert run(["doctor", "--offline", "--send-test", "--json"]) == 2
    assert SECRET not in capsys.readouterr().out
