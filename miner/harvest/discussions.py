"""GitHub Discussions as threads of kind `discussion`: GraphQL nodes into objects of the shape that
the issues API gives.

Numbers are those of issues (a repository counts both in one row). Ids of comments are not: those
of discussions are raised by `DISCUSSION_COMMENTS`, so that none meets that of an issue's comment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miner.harvest.objects import DISCUSSION_COMMENTS, BadThreadError

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

PAGE, COMMENTS_PAGE = 20, 50
"""Discussions a request, comments of each, and replies to each of these: a request costs some 10 of
the 5,000 points an hour that GraphQL has beside the REST API.
"""
_REASONS = {"RESOLVED": "completed", "OUTDATED": "not_planned", "DUPLICATE": "duplicate"}
_THUMBS = {"THUMBS_UP": "+1", "THUMBS_DOWN": "-1"}

_POST = """
    body createdAt updatedAt authorAssociation author { __typename login }
    reactionGroups { content reactors { totalCount } }
"""
_COMMENT = f"databaseId isAnswer {_POST} replies(first: 50) {{ nodes {{ databaseId {_POST} }} }}"
LIST = f"""
query($owner: String!, $name: String!, $first: Int!, $comments: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    discussions(first: $first, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        number title closed closedAt stateReason {_POST}
        category {{ name }} answer {{ databaseId }} labels(first: 20) {{ nodes {{ name }} }}
        comments(first: $comments) {{
          pageInfo {{ hasNextPage endCursor }} nodes {{ {_COMMENT} }}
        }}
      }}
    }}
  }}
}}"""
"""The discussions of a repository, those changed last first."""
MORE = f"""
query($owner: String!, $name: String!, $number: Int!, $comments: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    discussion(number: $number) {{
      comments(first: $comments, after: $after) {{
        pageInfo {{ hasNextPage endCursor }} nodes {{ {_COMMENT} }}
      }}
    }}
  }}
}}"""
"""More comments of one discussion."""


def nodes_of(document: object, *path: str) -> tuple[list[Json], str | None]:
    """The nodes of a connection in an answer, and the cursor behind them if there are more.

    Raises `BadThreadError` where there is none.
    """
    found = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
        raise BadThreadError(f"the answer holds no {path[-1]}")
    info = found.get("pageInfo")
    more = info.get("endCursor") if isinstance(info, dict) and info.get("hasNextPage") else None
    nodes = [node for node in found["nodes"] if isinstance(node, dict)]
    return nodes, more if isinstance(more, str) and more else None


def as_issue(node: Json) -> Json:
    """A discussion as an object of the issues API; what is odd in it is left to its check."""
    reason, answer = node.get("stateReason"), node.get("answer")
    labels = node.get("labels")
    return {
        "number": node.get("number"),
        "title": node.get("title"),
        **_as_post(node),
        "state": "closed" if node.get("closed") else "open",
        "state_reason": _REASONS.get(reason) if isinstance(reason, str) else None,
        "closed_at": node.get("closedAt"),
        "labels": labels.get("nodes") if isinstance(labels, dict) else None,
        "discussion": {
            "category": _name(node.get("category"), "name"),
            "answer": _comment_id(answer) if isinstance(answer, dict) else None,
        },
    }


def as_comments(nodes: list[Json]) -> Iterator[Json]:
    """Comments of a discussion and the replies to each, as objects of the issue comments API."""
    for node in nodes:
        yield {"id": _comment_id(node), **_as_post(node), "is_answer": bool(node.get("isAnswer"))}
        replies = node.get("replies")
        found = replies.get("nodes") if isinstance(replies, dict) else None
        for reply in found if isinstance(found, list) else []:
            if isinstance(reply, dict):
                yield {
                    "id": _comment_id(reply),
                    **_as_post(reply),
                    "in_reply_to_id": _comment_id(node),
                }


def _as_post(node: Json) -> Json:
    author, groups = node.get("author"), node.get("reactionGroups")
    reactions = {
        name: group["reactors"].get("totalCount")
        for group in (groups if isinstance(groups, list) else [])
        if isinstance(group, dict)
        and isinstance(group.get("reactors"), dict)
        and (name := _THUMBS.get(str(group.get("content"))))
    }
    return {
        "user": {"login": author.get("login"), "type": author.get("__typename")}
        if isinstance(author, dict)
        else None,
        "author_association": node.get("authorAssociation"),
        "created_at": node.get("createdAt"),
        "updated_at": node.get("updatedAt"),
        "body": node.get("body"),
        "reactions": reactions,
    }


def _comment_id(node: Json) -> int | None:
    number = node.get("databaseId")
    if not isinstance(number, int) or not 0 <= number < DISCUSSION_COMMENTS:
        return None
    return DISCUSSION_COMMENTS + number


def _name(node: object, key: str) -> str | None:
    name = node.get(key) if isinstance(node, dict) else None
    return name if isinstance(name, str) else None
