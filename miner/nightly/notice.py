"""What a night tells: its report as Markdown and JSON, and its news for a webhook (Slack, Discord,
or any server that takes JSON).

What strangers wrote is redacted, cleaned of control characters and sent as text: Slack gets it in
blocks whose text it does not parse, Discord with every sign escaped and all mentions switched off.
The webhook's address is a key. It comes from the environment, is sent to nobody else (redirects are
not followed), and no message, log or report holds it. What goes wrong when it is sent is one line,
and the night is done all the same; a variable that is empty is said before the night begins.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import BadInputError
from kb.links import is_open, parse_address
from kb.notes.folder import write_atomically
from kb.redact import redact, redact_all
from kb.runs import LISTED, RISING_DAYS
from kb.settings import Notify
from kb.text import counted, shorten
from miner.endings import within
from miner.harvest.progress import failed_as_new

VERSION = 1
"""Of the JSON document; it rises when a field goes or changes its meaning."""
CONNECT, READ, DEADLINE = 5.0, 10.0, 20.0
"""Seconds to connect, between two pieces of an answer, and in all."""
SENT = 10
"""Entries of a kind that a notice lists."""
TITLE_CHARS, FAILURE_CHARS = 120, 200
DISCORD_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a notice goes. `address` is a key: show `host` only."""

    address: str
    host: str
    form: str


def webhook_of(settings: Notify) -> Webhook | None:
    """The webhook of `[notify]`, if one is named. Raises `BadInputError`, which does not show the
    address, where the variable is empty or its address cannot be used.
    """
    name = settings.webhook_env
    if not name:
        return None
    address = os.environ.get(name, "").strip()
    if not address:
        remedy = "set it to the webhook's address, or take webhook_env out of [notify]"
        raise BadInputError(f"the variable {name} is empty; {remedy}")
    parts = parse_address(address) if address.isprintable() else None
    if parts is None:
        raise BadInputError(f"{name}: holds no address; it begins with https://")
    host = (parts.hostname or "").lower()
    if is_open(parts):
        raise BadInputError(f"{name}: must begin with https://; http is for this machine only")
    if parts.username is not None:
        raise BadInputError(f"{name}: leave out user and password")
    shown = host if parts.port is None else f"{host}:{parts.port}"
    return Webhook(address, shown, settings.form or _HOSTS.get(host, "json"))


_HOSTS = {"hooks.slack.com": "slack", "discord.com": "discord", "discordapp.com": "discord"}


def wanted(report: Mapping[str, Any], when: str) -> bool:
    """Whether a report is sent: `always`, where there is `news` or trouble, or `trouble` only."""
    changes = report["changes"]
    news = any(changes[kind]["count"] for kind, *_ in _KINDS)
    return when == "always" or report["exit_status"] != 0 or (when == "news" and news)


_KINDS = (
    ("new", "New errors", "new error", "new errors"),
    ("rising", "Rising", "rising", "rising"),
    ("rose", "Better known now", "better known", "better known"),
    ("contradicted", "Fixes that were contradicted", "fix contradicted", "fixes contradicted"),
)
"""Groups of a report: heading, and words for one and for many."""


def document(report: Mapping[str, Any]) -> dict[str, Any]:
    """The news of a report (the dictionary that becomes `run.report`), as plain JSON is sent."""
    failures = [
        {"repo": repo["repo"], "failure": _line(repo["failure"], FAILURE_CHARS)}
        for repo in report["repos"]
        if failed_as_new(repo)
    ]
    told = {name: report[name] for name in ("started_at", "ended_at", "outcome", "exit_status")}
    made = {"version": VERSION, "text": "", "run": report["run_id"], **told, "failures": failures}
    counts = []
    for kind, _, one, many in _KINDS:
        group = report["changes"][kind]
        listed = [_item(kind, row) for row in group["listed"][:SENT]]
        made[kind] = {"count": group["count"], "listed": listed}
        counts.append((group["count"], one, many))
    counts.append((len(failures), "repository failed", "repositories failed"))
    said = ", ".join(counted(number, one, many) for number, one, many in counts if number)
    if not said and report["exit_status"]:
        said = f"a person has to look, the run's outcome is {report['outcome']!r}"
    return {**made, "text": f"faultlore: {said or 'nothing new'}"}


def failed_document(
    problem: str, exit_status: int, outcome: str = "failed", text: str = ""
) -> dict[str, Any]:
    """The notice of a run that an error ended before there was a report."""
    nothing = dict.fromkeys(("run_id", "started_at", "ended_at"))
    changes = {kind: {"count": 0, "listed": []} for kind, *_ in _KINDS}
    ending = {"outcome": outcome, "exit_status": exit_status, "repos": [], "changes": changes}
    text = text or f"faultlore: the run failed: {_line(problem, FAILURE_CHARS)}"
    return {**document({**nothing, **ending}), "text": text}


def trial_document() -> dict[str, Any]:
    """What `faultlore doctor --send-test` sends."""
    return failed_document("", 0, "test", "faultlore: a test; notices arrive here")


def _item(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "contradicted":
        title = _line(f"{row['kind']}: {row['quote']}", TITLE_CHARS)
        return {"entry_id": row["entry_id"], "title": title, "url": row["url"]}
    item = {"entry_id": row["entry_id"], "title": _line(row["title"], TITLE_CHARS)}
    item |= {"grade": row["grade"], "threads": row["threads"], "url": row.get("url")}
    return item | ({"now": row["now"], "before": row["before"]} if kind == "rising" else {})


def _line(text: str, most: int) -> str:
    return shorten(redact(text), most)


# ---------------------------------------------------------------- forms


def payload(made: Mapping[str, Any], form: str) -> dict[str, Any]:
    """What is posted: the document itself (`json`), or a message of `slack` or `discord`."""
    return _FORMS[form](made)


def _sections(made: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str | None, str]]]]:
    """Heading and lines: text, its link, and words of our own after it."""
    found: dict[str, tuple[int, list[tuple[str, str | None, str]]]] = {
        heading: (
            made[kind]["count"],
            [(row["title"], row["url"], _after(row)) for row in made[kind]["listed"]],
        )
        for kind, heading, *_ in _KINDS
    }
    failed = [(row["repo"], None, f": {row['failure']}") for row in made["failures"]]
    found["What did not work"] = (len(failed), [*failed[:SENT]])
    for count, lines in found.values():
        if (more := count - len(lines)) > 0:
            lines.append((f"and {more:,} more", None, ""))
    return [(heading, lines) for heading, (_, lines) in found.items() if lines]


def _after(row: Mapping[str, Any]) -> str:
    if "threads" not in row:
        return f" ({row['entry_id']})" if row["entry_id"] else ""
    threads = counted(row["threads"], "thread")
    if "now" in row:
        threads += f", {row['now']:,} in the last days after {row['before']:,}"
    return f" ({row['entry_id']}, grade {row['grade']}, {threads})"


def _slack(made: Mapping[str, Any]) -> dict[str, Any]:
    elements = [_section({"type": "text", "text": made["text"], "style": {"bold": True}})]
    for heading, lines in _sections(made):
        items = []
        for text, url, after in lines:
            first = {"type": "link", "url": url} if url else {"type": "text"}
            rest = [{"type": "text", "text": after}] if after else []
            items.append(_section({**first, "text": text}, *rest))
        elements.append(_section({"type": "text", "text": heading}))
        elements.append({"type": "rich_text_list", "style": "bullet", "elements": items})
    # `text` is what a notification shows, and Slack reads markup in it: it is our own words
    # but for the reason of a failure, whose signs are written as entities
    shown = made["text"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": shown, "blocks": [{"type": "rich_text", "elements": elements}]}


def _section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


_SIGN = re.compile(r"[!-/:-@\[-`{-~]")


def _discord(made: Mapping[str, Any]) -> dict[str, Any]:
    lines = [f"**{_escaped(made['text'])}**"]
    for heading, listed in _sections(made):
        lines.append(f"**{heading}**")
        lines += [
            f"- {_escaped(text + after)}" + (f" <{url}>" if url else "")
            for text, url, after in listed
        ]
    content = ""
    for number, line in enumerate(lines):
        cut = f"(cut, {len(lines) - number} more lines)"
        # counted as UTF-16 has it, where an emoji is two: the larger of two ways to count
        size = len((content + line + cut).encode("utf-16-le", "surrogatepass")) // 2
        if size + 2 > DISCORD_CHARS:
            content += cut
            break
        content += line + "\n"
    return {"content": content.rstrip("\n"), "allowed_mentions": {"parse": []}, "flags": 4}


def _escaped(text: str) -> str:
    return _SIGN.sub(r"\\\g<0>", text)


_FORMS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "slack": _slack,
    "discord": _discord,
    "json": dict,
}

# ---------------------------------------------------------------- sending


def send(webhook: Webhook, made: Mapping[str, Any]) -> str | None:
    """Posts a document, for `DEADLINE` seconds at most; returns what went wrong, or None."""
    body = payload(made, webhook.form)
    try:
        return within(DEADLINE, lambda: _post(webhook, body))
    except TimeoutError:
        return f"{webhook.host} gives no answer"


def _post(webhook: Webhook, body: dict[str, Any]) -> str | None:
    import requests

    try:
        with requests.post(
            webhook.address, json=body, timeout=(CONNECT, READ), allow_redirects=False, stream=True
        ) as answer:
            taken = answer.ok and not answer.is_redirect
            return None if taken else f"{webhook.host} answers {answer.status_code}"
    except requests.Timeout:
        return f"{webhook.host} gives no answer"
    except (requests.RequestException, OSError, ValueError) as error:
        # the library's words hold the address
        return f"{webhook.host} cannot be reached ({type(error).__name__})"


SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
SUMMARY_BYTES = 1_000_000
"""GitHub takes no job summary of more than 1 MiB a step."""


def as_markdown(report: Mapping[str, Any]) -> str:
    """A report (the dictionary that becomes `run.report`) as Markdown."""
    from kb.notes.markdown import environment, tidy
    from kb.notes.targets import COMMONMARK

    report = redact_all(report)
    changes = report["changes"]
    by_kind = changes["documents"].values()
    repos = report["repos"]
    facts = {
        "failures": [repo for repo in repos if failed_as_new(repo)],
        "gone": [repo for repo in repos if repo["failure"] and repo.get("known_gone")],
        "continued": [repo for repo in repos if repo["failure"] and repo.get("paused")],
        "documents": sum(len(d[x]) for d in by_kind for x in ("new", "changed", "removed")),
    }
    template = environment(COMMONMARK).get_template("run.md.j2")
    limits = {"limit": LISTED, "rising_days": RISING_DAYS}
    return tidy(template.render(r=report, c=changes, **facts, **limits))


def as_json(report: Mapping[str, Any]) -> str:
    """A report as one JSON document."""
    return json.dumps(redact_all(report), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Writes a report, as JSON for the ending `.json`, else Markdown. Raises `BadInputError`."""
    text = as_json(report) if path.suffix == ".json" else as_markdown(report)
    if not path.parent.is_dir():
        raise BadInputError(f"{path}: the folder {path.parent} does not exist; make it first")
    write_atomically(path, text.encode())


def write_job_summary(report: Mapping[str, Any]) -> bool:
    """Adds a report to the summary of the GitHub Actions job that runs this; false if none does."""
    name = os.environ.get(SUMMARY_VARIABLE)
    if not name:
        return False
    text = as_markdown(report)
    if len(text.encode()) > SUMMARY_BYTES:
        text = text.encode()[:SUMMARY_BYTES].decode(errors="ignore") + "\n\n(cut)\n"
    with Path(name).open("a", encoding="utf-8") as file:
        file.write(text + "\n")
    return True
