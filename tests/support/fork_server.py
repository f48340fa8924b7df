"""The process behind `tests.support.nightly_runs.ForkServer`: reads a job a line, forks a child
that does a nightly run, kills it when it is asked to.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from miner import pipeline
from tests.support.nightly_runs import plan, run


def warm_up() -> None:
    """Loads and compiles whatever a run needs, so that children need not."""
    from tests.support.github_server import GitHubServer
    from tests.support.nightly_runs import threads

    with GitHubServer(threads(12)) as server, tempfile.TemporaryDirectory() as folder:
        run(server.url, Path(folder))


def child(job: dict[str, Any]) -> int:
    """A nightly run as the command does it, from the lock to the report; returns the exit
    status."""
    from kb.errors import FaultloreError
    from kb.store import Store
    from miner.endings import Interrupted, ending_cleanly
    from miner.nightly.run import nightly

    folder = Path(job["folder"])
    clock = {"clock": time} if job.get("real_clock") else {}
    try:
        with ending_cleanly(), Store.open(folder / "kb.db") as store:
            return nightly(store, plan(job["url"], folder, **clock)).exit_status
    except Interrupted as error:
        return error.exit_status
    except FaultloreError as error:
        print(error, file=sys.stderr)
        return error.exit_status


def main() -> None:
    """Answers each job with what `tests.support.nightly_runs.Ended` holds."""
    pipeline.BATCH = (
        32  # many transactions in a short run: more places to be killed at, less to do again
    )
    warm_up()
    for line in sys.stdin:
        job = json.loads(line)
        start = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            status = 99
            try:
                status = child(job)
            finally:
                sys.stderr.flush()
                os._exit(status)
        signalled = False
        if job["after"] is not None:
            time.sleep(job["after"])
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                start, signalled = time.perf_counter(), True
                os.kill(pid, job["signal"])
        _, status, used = os.wait4(pid, 0)
        seconds, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
        answer = {
            "status": os.waitstatus_to_exitcode(status),
            "seconds": seconds,
            "signalled": signalled,
            "cpu": cpu,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
