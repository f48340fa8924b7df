"""Running the program: in this process, or as people and scripts do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from miner.cli import run

ROOT = Path(__file__).resolve().parents[2]


def faultlore(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Runs a command here: its exit status, output and errors."""
    status = run(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def uncoloured(text: str) -> str:
    """Without escape sequences: a CI service may ask for colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def piped(
    *arguments: str | bytes, data: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command in a process of its own, with standard input and environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "miner", *arguments],
        cwd=ROOT,
        input=data,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=60,
    )
