"""An audit for machines: SARIF 2.1.0 (code scanning) and annotations of a GitHub workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
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
    results = [
        {
            "ruleId": finding.kind,
            "level": level(finding.kind),
            "message": {"text": finding.what},
            # code scanning refuses a result without a place: an error without a page stands at the
            # folder
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(_path(folder, finding))},
                        "region": {"startLine": finding.line or 1},
                    }
                }
            ],
        }
        for finding in report.findings
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=1, ensure_ascii=False)


def _path(folder: Path, finding: Finding) -> str:
    """Where a finding is, from the working folder: a workflow's is the repository."""
    path = (folder / (finding.page or "")).absolute()
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


_ACTING = "%\r\n:,"


def as_annotations(report: Audit, folder: Path) -> Iterator[str]:
    """The findings as workflow commands, one a line."""
    for finding in report.findings:
        fields = {"title": KINDS[finding.kind]}
        if finding.page:
            fields = {"file": _path(folder, finding), "line": str(finding.line or 1), **fields}
        told = ",".join(f"{name}={_escaped(text, _ACTING)}" for name, text in fields.items())
        yield f"::{level(finding.kind)} {told}::{_escaped(finding.what, _ACTING[:3])}"


def _escaped(text: str, signs: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in signs else c for c in text)
