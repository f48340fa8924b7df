"""Running the program: in this process, or as people and scripts do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from miner.cli import run

Output = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
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


def in_terminal(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Runs a command whose standard output and standard error are terminals: its exit status, and
    what was written to each, escape sequences included.
    """
    import pty
    import threading

    written: dict[str, bytes] = {"stdout": b"", "stderr": b""}
    leaders, followers = zip(*(pty.openpty() for _ in written), strict=True)

    def read(name: str, leader: int) -> None:
        try:
            while piece := os.read(leader, 65536):
                written[name] += piece
        except OSError:
            pass  # how a closed terminal ends on Linux

    readers = [
        threading.Thread(target=read, args=pair) for pair in zip(written, leaders, strict=True)
    ]
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "miner", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=followers[0],
        stderr=followers[1],
        env={**kept, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    ) as process:
        for end in followers:
            os.close(end)
        for reader in readers:
            reader.start()
        status = process.wait(timeout=60)
        for reader in readers:
            reader.join(10)
    for end in leaders:
        os.close(end)
    return status, written["stdout"].decode(), written["stderr"].decode()
