"""Objects of GitHub's REST API, made complete from the sparse ones of the import format."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

Json = dict[str, Any]


def number_for(text: str) -> int:
    """A stable id for a name."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def full_user(user: Json | None) -> Json | None:
    if user is None:
        return None
    login = user.get("login", "someone")
    base = f"https://api.github.com/users/{login}"
    names = (
        "followers following gists starred subscriptions organizations repos events received_events"
    )
    made: Json = {f"{name}_url": f"{base}/{name}" for name in names.split()}
    made |= {
        "login": login,
        "id": number_for(login),
        "node_id": f"U_{login}",
        "avatar_url": f"https://avatars.githubusercontent.com/{login}",
        "gravatar_id": "",
        "url": base,
        "html_url": f"https://github.com/{login}",
        "type": "User",
        "site_admin": False,
    }
    return made | user


def full_reactions(url: str, reactions: Json | None) -> Json:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    counts = {kind: (reactions or {}).get(kind, 0) for kind in kinds}
    return {"url": f"{url}/reactions", "total_count": sum(counts.values()), **counts}


def full_label(label: Json | str) -> Json:
    if isinstance(label, str):
        label = {"name": label}
    return {
        "id": number_for(label.get("name", "")),
        "color": "ededed",
        "default": False,
        "description": None,
    } | label


def full_issue(api: str, repo: str, issue: Json) -> Json:
    """`api`: the server's base; raises `KeyError` if the issue lacks number, title or
    created_at."""
    issue = copy.deepcopy(issue)
    number, is_pull = issue["number"], issue.get("pull_request") is not None
    base, page = (
        f"{api}/repos/{repo}",
        f"https://github.com/{repo}/{'pull' if is_pull else 'issues'}/{number}",
    )
    url = f"{base}/issues/{number}"
    state = issue.get("state", "open")
    made: Json = {
        "id": number_for(f"{repo}#{number}"),
        "node_id": f"I_{number}",
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": page,
        "state": state,
        "state_reason": "completed" if state == "closed" and not is_pull else None,
        "body": None,
        "user": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None,
        "created_at": issue.get("created_at") or "2025-01-01T00:00:00Z",
        "updated_at": issue.get("created_at") or "2025-01-01T00:00:00Z",
        "author_association": "NONE",
        "performed_via_github_app": None,
    }
    made |= issue
    made |= {
        "url": url,
        "repository_url": base,
        "user": full_user(made["user"]),
        "labels": [full_label(x) for x in made.get("labels") or []],
    }
    made["reactions"] = full_reactions(url, made.get("reactions"))
    if is_pull:
        addresses = {
            "url": f"{base}/pulls/{number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": None,
        }
        made["pull_request"] = addresses | issue["pull_request"]
        made.setdefault("draft", False)
    else:
        made.pop("pull_request", None)
    return made


def full_comment(api: str, repo: str, number: int, is_pull: bool, comment: Json) -> Json:
    comment = copy.deepcopy(comment)
    url = f"{api}/repos/{repo}/issues/comments/{comment['id']}"
    made: Json = {
        "node_id": f"IC_{comment['id']}",
        "html_url": (
            f"https://github.com/{repo}/{'pull' if is_pull else 'issues'}/"
            f"{number}#issuecomment-{comment['id']}"
        ),
        "body": "",
        "user": None,
        "updated_at": comment["created_at"],
        "author_association": "NONE",
        "performed_via_github_app": None,
    }
    made |= comment
    made |= {
        "url": url,
        "issue_url": f"{api}/repos/{repo}/issues/{number}",
        "user": full_user(made["user"]),
    }
    made["reactions"] = full_reactions(url, made.get("reactions"))
    return made


def full_event(api: str, repo: str, number: int, event: Json) -> Json:
    event = copy.deepcopy(event)
    actor = full_user(event.get("actor"))
    if event.get("event") == "cross-referenced":
        source = event.get("source", {}).get(
            "issue", {"number": 1, "title": "t", "created_at": event["created_at"]}
        )
        source_repo = source.get("repository", {}).get("full_name", repo)
        made = {"updated_at": event["created_at"]} | event
        return made | {
            "actor": actor,
            "source": {"type": "issue", "issue": full_issue(api, source_repo, source)},
        }
    identity = event.get("id") or number_for(f"{repo}#{number} {sorted(event.items(), key=str)}")
    made = {
        "id": identity,
        "node_id": f"E_{identity}",
        "url": f"{api}/repos/{repo}/issues/events/{identity}",
        "commit_id": None,
        "commit_url": None,
        "performed_via_github_app": None,
    }
    return made | event | {"actor": actor}


def discussion(number: int, comments: int = 2, day: int | None = None, **more: Any) -> Json:
    """A GraphQL node, with a reply to its first comment."""
    at = f"2025-03-{day or number % 28 + 1:02}T00:00:00Z"
    post = {"createdAt": at, "updatedAt": at, "authorAssociation": "NONE"}
    post["author"] = {"__typename": "User", "login": "asker"}
    thumbs = [{"content": "THUMBS_UP", "reactors": {"totalCount": 3}}]
    nodes = [
        {
            **post,
            "databaseId": number * 1000 + index,
            "body": f"Answer {index}.",
            "isAnswer": index == 1,
            "reactionGroups": thumbs,
            "replies": {"nodes": []},
        }
        for index in range(comments)
    ]
    if nodes:
        reply = {**nodes[0], "databaseId": number * 1000 + 900, "body": "A reply."}
        nodes[0]["replies"] = {"nodes": [reply]}
    return {
        **post,
        "number": number,
        "title": f"Error 50{number % 10} while saving",
        "body": "Why?",
        "closed": False,
        "category": {"name": "Q&A"},
        "answer": {"databaseId": number * 1000 + 1},
        "comments": nodes,
        **more,
    }
