"""GitHub Discussions as threads of kind `discussion`, walked over by GraphQL, those changed last
first; their nodes become objects of the shape that the issues API gives.

Numbers are those of issues (a repository counts both in one row). Ids of comments are not: those
of discussions are raised by `DISCUSSION_COMMENTS`, so that none meets that of an issue's comment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kb.links import DISCUSSION_COMMENTS
from miner.harvest.client import Refused
from miner.harvest.objects import BadThreadError, Json, value_at
from miner.harvest.streams import DISCUSSIONS, Cursor, save_cursor

if TYPE_CHECKING:
    from miner.harvest.github import Turn

MAX_COMMENT_PAGES = 20
PAGE, COMMENTS_PAGE = 20, 50
"""Discussions a request, and comments of each: some 10 of the 5,000 points an hour that GraphQL has
beside the REST API."""
_REASONS = {"RESOLVED": "completed", "OUTDATED": "not_planned", "DUPLICATE": "duplicate"}
_THUMBS = {"THUMBS_UP": "+1", "THUMBS_DOWN": "-1"}

_POST = """
    body createdAt updatedAt authorAssociation author { __typename login }
    reactionGroups { content reactors { totalCount } }
"""
_COMMENT = f"databaseId isAnswer {_POST} replies(first: 50) {{ nodes {{ databaseId {_POST} }} }}"
_MORE = "pageInfo { hasNextPage endCursor }"
LIST = f"""
query($owner: String!, $name: String!, $first: Int!, $comments: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    discussions(first: $first, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      {_MORE}
      nodes {{
        number title closed closedAt stateReason {_POST}
        category {{ name }} answer {{ databaseId }} labels(first: 20) {{ nodes {{ name }} }}
        comments(first: $comments) {{ {_MORE} nodes {{ {_COMMENT} }} }}
      }}
    }}
  }}
}}"""
"""The discussions of a repository, those changed last first."""
MORE = f"""
query($owner: String!, $name: String!, $number: Int!, $comments: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    discussion(number: $number) {{
      comments(first: $comments, after: $after) {{ {_MORE} nodes {{ {_COMMENT} }} }}
    }}
  }}
}}"""
"""More comments of one discussion."""


# ---------------------------------------------------------------- the walk


def bring_discussions(turn: Turn) -> None:
    """Walks down to what has been seen. What cannot be read costs the repository nothing else."""
    report, most = turn.report, turn.options.max_issues
    cursor = turn.cursor(DISCUSSIONS)
    owner, _, name = turn.api.partition("/")
    asked = {"owner": owner, "name": name, "comments": COMMENTS_PAGE}
    try:
        done = False
        while not done and (most is None or report.issues.news < most):
            variables = {**asked, "first": PAGE, "after": cursor.next_url}
            document = turn.client.graphql(LIST, variables)
            nodes, more = nodes_of(document, "data", "repository", "discussions")
            threads = [(as_issue(node), _comments_of(turn, node, asked)) for node in nodes]
            cursor, done = _store(turn, cursor, threads, more)
            turn.tell("discussions", len(nodes))
    except (Refused, BadThreadError) as error:
        if cursor.next_url is not None:  # the place reached may be what is refused
            with turn.store.transaction() as connection:
                save_cursor(connection, turn.home, DISCUSSIONS, cursor.moved(cursor.since))
        turn.run.progress.warning(f"{report.repo}: discussions were not read: {error}")
        done = True
    report.complete = report.complete and done


def _comments_of(turn: Turn, node: Json, asked: Json) -> list[Json]:
    """All comments of a discussion; those beyond the first page cost requests of their own."""
    if not isinstance(node.get("comments"), dict):
        return []
    comments, more = nodes_of(node, "comments")
    pages = 0
    while more is not None and pages < MAX_COMMENT_PAGES:
        document = turn.client.graphql(MORE, {**asked, "number": node.get("number"), "after": more})
        further, more = nodes_of(document, "data", "repository", "discussion", "comments")
        comments, pages = comments + further, pages + 1
    return list(as_comments(comments))


def _store(
    turn: Turn, cursor: Cursor, threads: list[tuple[Json, list[Json]]], more: str | None
) -> tuple[Cursor, bool]:
    """Stores a page and the cursor behind it in one transaction; whether the walk is over."""
    since = cursor.since
    times = [DISCUSSIONS.time_of(issue) or "" for issue, _ in threads]
    reached = replace(
        cursor,
        next_url=more,
        started=cursor.started or int(turn.client.waits.server_time()),
        last=max(filter(None, [*times, cursor.last]), default=None),
    )
    done = more is None or (since is not None and min(filter(None, times), default="") < since)
    with turn.store.transaction() as connection:
        for (issue, comments), time in zip(threads, times, strict=True):
            is_news = since is None or time >= since
            if is_news and turn.put(DISCUSSIONS, turn.report.issues, issue, seen=cursor.full):
                turn.put_comments(issue["number"], comments)
        if done:
            reached = turn.end(DISCUSSIONS, cursor, reached.moved(reached.behind() or since))
        save_cursor(connection, turn.home, DISCUSSIONS, reached)
    return reached, done


# ---------------------------------------------------------------- its objects


def nodes_of(document: object, *path: str) -> tuple[list[Json], str | None]:
    """The nodes of a connection, and the cursor if there are more. Raises `BadThreadError`."""
    found = value_at(document, *path)
    nodes = value_at(found, "nodes")
    if not isinstance(nodes, list):
        raise BadThreadError(f"the answer holds no {path[-1]}")
    more = value_at(found, "pageInfo", "hasNextPage") and value_at(found, "pageInfo", "endCursor")
    return _dicts(nodes), more if isinstance(more, str) and more else None


def as_issue(node: Json) -> Json:
    """A discussion as an object of the issues API; what is odd in it is left to its check."""
    category = value_at(node, "category", "name")
    return {
        "number": node.get("number"),
        "title": node.get("title"),
        **_as_post(node),
        "state": "closed" if node.get("closed") else "open",
        "state_reason": _REASONS.get(str(node.get("stateReason"))),
        "closed_at": node.get("closedAt"),
        "labels": value_at(node, "labels", "nodes"),
        "discussion": {
            "category": category if isinstance(category, str) else None,
            "answer": _comment_id(node.get("answer")),
        },
    }


def as_comments(nodes: list[Json]) -> Iterator[Json]:
    """Comments of a discussion and the replies to each, as objects of the issue comments API."""
    for node in nodes:
        number = _comment_id(node)
        yield {"id": number, **_as_post(node), "is_answer": bool(node.get("isAnswer"))}
        for reply in _dicts(value_at(node, "replies", "nodes")):
            yield {"id": _comment_id(reply), **_as_post(reply), "in_reply_to_id": number}


def _as_post(node: Json) -> Json:
    author = node.get("author")
    user = {"login": value_at(author, "login"), "type": value_at(author, "__typename")}
    thumbs = {
        _THUMBS[str(group.get("content"))]: value_at(group, "reactors", "totalCount")
        for group in _dicts(node.get("reactionGroups"))
        if str(group.get("content")) in _THUMBS
    }
    return {
        "user": user if isinstance(author, dict) else None,
        "author_association": node.get("authorAssociation"),
        "created_at": node.get("createdAt"),
        "updated_at": node.get("updatedAt"),
        "body": node.get("body"),
        "reactions": thumbs,
    }


def _dicts(found: object) -> list[Json]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _comment_id(node: object) -> int | None:
    number = value_at(node, "databaseId")
    if not isinstance(number, int) or not 0 <= number < DISCUSSION_COMMENTS:
        return None
    return DISCUSSION_COMMENTS + number
