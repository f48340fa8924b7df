"""The report of a run as Markdown and JSON; what strangers wrote is redacted and escaped here."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import BadInputError
from kb.notes.folder import write_atomically
from kb.redact import redact_all
from kb.runs import LISTED, RISING_DAYS
from miner.harvest.progress import failed_as_new

if TYPE_CHECKING:
    from collections.abc import Mapping

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
