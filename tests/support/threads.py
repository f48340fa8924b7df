"""Makes threads in the import format for tests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def user(login: str = "ada", kind: str = "User") -> Json:
    return {"login": login, "id": sum(map(ord, login)), "type": kind}


def issue(number: int = 1, title: str = "It fails", body: str | None = "", **more: Any) -> Json:
    repo = more.pop("repo", "acme/tool")
    return {
        "id": 1000 + number,
        "number": number,
        "title": title,
        "body": body,
        "state": "open",
        "state_reason": None,
        "user": user(),
        "author_association": "NONE",
        "labels": [],
        "created_at": f"2026-01-{number % 28 + 1:02d}T00:00:00Z",
        "updated_at": f"2026-01-{number % 28 + 1:02d}T00:00:00Z",
        "closed_at": None,
        "comments": 0,
        "html_url": f"https://github.com/{repo}/issues/{number}",
        "reactions": {"total_count": 0, "+1": 0, "-1": 0},
        **more,
    }


def comment(
    comment_id: int, body: str, login: str = "bob", association: str = "NONE", **more: Any
) -> Json:
    day = more.pop("day", 2)
    return {
        "id": comment_id,
        "user": user(login),
        "author_association": association,
        "created_at": f"2026-02-{day:02d}T00:00:00Z",
        "updated_at": f"2026-02-{day:02d}T00:00:00Z",
        "body": body,
        "html_url": f"https://github.com/acme/tool/issues/1#issuecomment-{comment_id}",
        "reactions": {"total_count": 0, "+1": 0, "-1": 0},
        **more,
    }


def thread(
    number: int = 1,
    title: str = "It fails",
    body: str = "",
    comments: list[Json] | None = None,
    **more: Any,
) -> Json:
    repo = more.pop("repo", "acme/tool")
    events = more.pop("events", [])
    return {
        "repo": repo,
        "issue": issue(number, title, body, repo=repo, **more),
        "comments": comments or [],
        "events": events,
    }
