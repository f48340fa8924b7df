"""An audit for machines: SARIF 2.1.0 (code scanning) and annotations of a GitHub workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kb.site.audit import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    # code scanning refuses a result without a place: an error without a page stands at the folder
    place = {
        "artifactLocation": {"uri": quote(_path(folder, finding))},
        "region": {"startLine": finding.line or 1},
    }
    return {
        "ruleId": finding.kind,
        "level": level(finding.kind),
        "message": {"text": finding.what},
        "locations": [{"physicalLocation": place}],
    }


def _path(folder: Path, finding: Finding) -> str:
    """Where a finding is, from the working folder: a workflow's is the repository."""
    path = (folder / (finding.page or "")).absolute()
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def as_annotations(report: Audit, folder: Path) -> Iterator[str]:
    """The findings as workflow commands, one a line."""
    for finding in report.findings:
        fields = [f"title={_property(KINDS[finding.kind])}"]
        if finding.page:
            name = _property(_path(folder, finding))
            fields = [f"file={name}", f"line={finding.line or 1}", *fields]
        message = finding.what.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        yield f"::{level(finding.kind)} {','.join(fields)}::{message}"


def _property(text: str) -> str:
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(sign, code)
    return text
