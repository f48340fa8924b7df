"""An audit for machines: SARIF 2.1.0 (code scanning) and annotations of a GitHub workflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb.site.audit import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb.site.audit import Audit, Finding

WARNINGS = frozenset({"one-source", "outdated", "unwritten", "same-error"})
"""What does not make a page wrong."""


def level(kind: str) -> str:
    """`error`, or `warning` for what does not make a page wrong."""
    return "warning" if kind in WARNINGS else "error"


def as_sarif(report: Audit, folder: Path) -> str:
    """The findings as a SARIF log; paths are those of the pages below `folder`."""
    from importlib.metadata import version

    rules = [{"id": kind, "shortDescription": {"text": what}} for kind, what in KINDS.items()]
    driver = {"name": "faultlore", "version": version("faultlore"), "rules": rules}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "results": [_result(finding, folder) for finding in report.findings],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=1, ensure_ascii=False)


def _result(finding: Finding, folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": finding.kind,
        "level": level(finding.kind),
        "message": {"text": finding.what},
    }
    if finding.page:
        place: dict[str, Any] = {
            "artifactLocation": {"uri": (folder / finding.page).as_posix()},
            "region": {"startLine": finding.line or 1},
        }
        made["locations"] = [{"physicalLocation": place}]
    return made


def as_annotations(report: Audit, folder: Path) -> Iterator[str]:
    """The findings as workflow commands, one a line."""
    for finding in report.findings:
        fields = [f"title={_property(KINDS[finding.kind])}"]
        if finding.page:
            name = _property((folder / finding.page).as_posix())
            fields = [f"file={name}", f"line={finding.line or 1}", *fields]
        message = finding.what.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        yield f"::{level(finding.kind)} {','.join(fields)}::{message}"


def _property(text: str) -> str:
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(sign, code)
    return text
