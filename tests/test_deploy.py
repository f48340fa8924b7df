"""What schedulers run: each file is read by a real parser, and its commands are run as far as that
can be done here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from tests.support.cli import faultlore
from tests.support.github_server import GitHubServer
from tests.support.nightly_runs import REPOS, QuickClock, threads

ROOT = Path(__file__).resolve().parent.parent
ACTION, WORKFLOW = ROOT / "action.yml", ROOT / "deploy" / "github" / "nightly.yml"
SYSTEMD, CRONTAB = ROOT / "deploy" / "systemd", ROOT / "deploy" / "crontab"
PROGRAM = Path(sys.executable).parent / "faultlore"
TOKEN = "ghp_NotARealTokenButOneThatMustNotShow2"


def load(path: Path) -> dict[Any, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with GitHubServer(threads(15), clock=QuickClock().time) as server:
        yield server


@pytest.fixture
def checkout(tmp_path: Path, server: GitHubServer) -> Path:
    """A repository with a configuration, cloned from one on this disk."""
    bare, work = tmp_path / "origin.git", tmp_path / "work"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(tmp_path, "clone", "--quiet", str(bare), str(work))
    git(work, "checkout", "--quiet", "-B", "main")
    repos = ", ".join(f'"{repo}"' for repo in REPOS)
    (work / "faultlore.toml").write_text(
        f'[harvest]\nrepos = [{repos}]\napi_url = "{server.url}"\n[export]\nout = "evidence"\n'
    )
    (work / ".gitignore").write_text("kb.db*\n")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "Configuration")
    git(work, "push", "--quiet", "origin", "HEAD:main")
    return work


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


# ---------------------------------------------------------------------- GitHub Actions


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (ACTION, "github-actions"),
        (WORKFLOW, "github-workflows"),
        *((own, "github-workflows") for own in sorted((ROOT / ".github/workflows").glob("*.yml"))),
    ],
)
def test_actions_and_workflows_are_as_github_describes_them(path: Path, schema: str) -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        f"vendor.{schema}",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_shell_step_is_sound_bash_and_takes_no_expression() -> None:
    """An expression within a script is replaced before the shell reads it: whoever chooses its text
    chooses commands.
    """
    steps = [*load(ACTION)["runs"]["steps"], *load(WORKFLOW)["jobs"]["nightly"]["steps"]]
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) >= 6
    for script in scripts:
        assert "${{" not in script
        assert (
            subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True).returncode
            == 0
        ), script


def test_what_the_action_installs_is_there_and_hashed() -> None:
    install = next(
        step["run"] for step in load(ACTION)["runs"]["steps"] if step.get("name") == "Install"
    )
    named = re.findall(r"\$GITHUB_ACTION_PATH/([\w./-]+)", install)
    assert named == ["requirements/run.lock"]
    assert "--hash=sha256:" in (ROOT / named[0]).read_text(encoding="utf-8")


class Runner:
    """Runs the steps of the workflow as a runner of GitHub would, but for installations; `gh` is a
    stub that keeps its calls.
    """

    def __init__(self, checkout: Path, folder: Path, keep: str) -> None:
        self.checkout, self.folder = checkout, folder
        self.temp = folder / "temp"
        self.bin = folder / "bin"
        for path in (self.temp, self.bin, self.temp / "faultlore" / "bin"):
            path.mkdir(parents=True, exist_ok=True)
        for place in (self.bin, self.temp / "faultlore" / "bin"):
            if not (place / "faultlore").exists():
                (place / "faultlore").symlink_to(PROGRAM)
        self.calls = folder / "gh.jsonl"
        self.artifact = folder / "artifact.zip"
        self.keep = keep
        stub = self.bin / "gh"
        stub.write_text(
            GH.format(python=sys.executable, calls=self.calls, artifact=self.artifact),
            encoding="utf-8",
        )
        stub.chmod(0o755)
        self.outputs: dict[str, str] = {}

    def step(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        steps = [*load(WORKFLOW)["jobs"]["nightly"]["steps"], *load(ACTION)["runs"]["steps"]]
        step = next(step for step in steps if step.get("name") == name)
        output = self.temp / "output"
        output.write_text("")
        workflow = {key: str(value) for key, value in load(WORKFLOW)["env"].items()}
        environment = {
            "HOME": os.environ.get("HOME", "/"),
            "NO_PROXY": "127.0.0.1",
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            **workflow,
            "KEEP": self.keep,
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": "made/up",
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "GITHUB_TOKEN": TOKEN,
            "GH_TOKEN": TOKEN,
            "FAULTLORE_TRUST_API_URL": "127.0.0.1",
            "FULL": "false",
            **more,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True, timeout=120
        )
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done

    def night(self) -> None:
        """The whole job."""
        for name in ("Fetch the database", "Run", "Pack the database"):
            done = self.step(name)
            assert done.returncode == 0, done.stderr
        if self.keep == "branch":
            assert self.step("Keep the database on its branch").returncode == 0
        else:
            shutil.make_archive(str(self.artifact.with_suffix("")), "zip", self.temp, "kb.db.gz")
        done = self.step("Offer the changed notes", REPORT=self.outputs["report"], BASE="main")
        assert done.returncode == 0, done.stderr

    def gh(self) -> list[list[str]]:
        return (
            [json.loads(line) for line in self.calls.read_text().splitlines()]
            if self.calls.exists()
            else []
        )


GH = """#!{python}
import json, pathlib, sys
arguments, artifact = sys.argv[1:], pathlib.Path("{artifact}")
with open("{calls}", "a") as calls:
    calls.write(json.dumps(arguments) + "\\n")
if arguments[0] == "api" and arguments[1].endswith("/zip"):
    sys.stdout.buffer.write(artifact.read_bytes())
elif arguments[0] == "api" and artifact.exists():
    print(77)
"""


@pytest.mark.parametrize("keep", ["branch", "artifact"])
def test_two_nights_of_the_workflow_keep_the_database_and_offer_the_notes(
    keep: str, checkout: Path, server: GitHubServer, tmp_path: Path
) -> None:
    runner = Runner(checkout, tmp_path / "first", keep)
    runner.night()
    assert runner.outputs["status"] == "0"
    assert "new errors" in (runner.temp / "summary.md").read_text()
    assert any(call[:2] == ["pr", "create"] for call in runner.gh())
    notes = git(checkout, "ls-tree", "-r", "--name-only", "origin/faultlore-notes").split()
    assert [name for name in notes if name.startswith("evidence/notes/E")]
    assert not [name for name in notes if "kb.db" in name]
    # the notes are merged; the next night has the database of the first, so GitHub is asked for
    # news only
    git(checkout, "push", "--quiet", "origin", "origin/faultlore-notes:main")
    again = tmp_path / "again"
    git(tmp_path, "clone", "--quiet", "--branch", "main", str(tmp_path / "origin.git"), str(again))
    server.requests.clear()
    second = Runner(again, tmp_path / "second", keep)
    shutil.copy(runner.artifact, second.artifact) if runner.artifact.exists() else None
    second.night()
    # the repository, its threads, its comments: three answers that say "not modified"
    assert len(server.requests) == 3 * len(REPOS)
    assert not any(call[0] == "pr" for call in second.gh())
    assert "0 new errors" in (second.temp / "summary.md").read_text()


def test_a_database_that_cannot_be_fetched_ends_the_job(checkout: Path, tmp_path: Path) -> None:
    runner = Runner(checkout, tmp_path / "runner", "artifact")
    runner.artifact.write_bytes(b"half an archive")
    assert runner.step("Fetch the database").returncode != 0


def test_a_run_that_fails_is_kept_and_said(
    checkout: Path, server: GitHubServer, tmp_path: Path
) -> None:
    runner = Runner(checkout, tmp_path / "runner", "branch")
    server.repo(REPOS[0]).status = 404
    done = runner.step("Run")
    assert (done.returncode, runner.outputs["status"]) == (0, "3")
    assert "::warning" in done.stdout
    assert runner.step("Pack the database").returncode == 0
    assert runner.step("Say how it ended", STATUS="3").returncode == 0
    (checkout / "faultlore.toml").write_text("[harvest\n")
    done = runner.step("Run")
    assert (done.returncode, runner.outputs["status"]) == (0, "2")
    assert "::error" in done.stdout
    assert "faultlore.toml:1" in done.stderr
    assert runner.step("Say how it ended", STATUS="2").returncode == 1
    assert TOKEN not in done.stdout + done.stderr


# ---------------------------------------------------------------------- systemd


def units() -> list[Path]:
    return sorted([*SYSTEMD.glob("*.service"), *SYSTEMD.glob("*.timer")])


def settings(path: Path) -> list[tuple[str, str]]:
    return re.findall(r"^(\w+)=(.*)$", path.read_text(encoding="utf-8"), re.M)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    assert len(units()) == 4
    for unit in units():
        text = unit.read_text(encoding="utf-8").replace("/usr/local/bin/faultlore", str(PROGRAM))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    command = [
        "systemd-analyze",
        "verify",
        "--man=no",
        *(str(tmp_path / unit.name) for unit in units()),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    ours = [line for line in done.stderr.splitlines() if "faultlore" in line]
    assert ours == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_the_times() -> None:
    times = [value for unit in units() for key, value in settings(unit) if key == "OnCalendar"]
    assert len(times) == 2
    for time in times:
        assert (
            subprocess.run(["systemd-analyze", "calendar", time], capture_output=True).returncode
            == 0
        ), time


def test_each_timer_has_its_service_and_each_command_is_one_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for unit in units():
        if unit.suffix == ".timer":
            assert unit.with_suffix(".service").exists()
        for key, value in settings(unit):
            if key.startswith("Exec"):
                assert_known(value.split(), capsys)


def assert_known(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The command line parses: asked for its help with the same options, the program answers."""
    assert words[0].endswith("faultlore")
    status, out, err = faultlore(capsys, *words[1:], "--help")
    assert status == 0, err
    for option in (word for word in words if word.startswith("--")):
        assert option in out


# ---------------------------------------------------------------------- cron


def cron_lines() -> list[tuple[str, str]]:
    lines = [
        line
        for line in CRONTAB.read_text(encoding="utf-8").splitlines()
        if re.match(r"[\d*]", line)
    ]
    return [(" ".join(line.split()[:5]), line.split(maxsplit=5)[5]) for line in lines]


def test_cron_understands_the_times() -> None:
    from cronsim import CronSim

    start = datetime(2026, 1, 1, tzinfo=UTC)
    gaps = []
    for time, command in cron_lines():
        coming = CronSim(time, start)
        first, second = next(coming), next(coming)
        gaps.append(second - first)
        assert "%" not in command, "cron takes it for a line end"
    assert gaps[:2] == [timedelta(days=1), timedelta(days=7)]
    assert timedelta(days=28) <= gaps[2] <= timedelta(days=31)


def test_cron_runs_its_lines(checkout: Path, server: GitHubServer, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(checkout, home / "faultlore")
    (home / "faultlore" / "token.env").write_text(
        f"GITHUB_TOKEN={TOKEN}\nFAULTLORE_TRUST_API_URL=127.0.0.1\n"
    )
    environment = {
        "HOME": str(home),
        "PATH": f"{PROGRAM.parent}:/usr/bin:/bin",
        "NO_PROXY": "127.0.0.1",
    }
    for _, command in cron_lines():
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stdout) == (0, "")
    assert any(asked.headers.get("authorization") == f"token {TOKEN}" for asked in server.requests)
    folder = home / "faultlore"
    assert list((folder / "backups").glob("kb-*.db"))
    assert (folder / "report.md").read_text().startswith("# Run 1: done")
    log = (folder / "nightly.log").read_text()
    assert TOKEN not in log
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events].count("run done") == 2


# ---------------------------------------------------------------------- image and wheel


def test_the_dockerfile_has_no_finding() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", "--failure-threshold", "info", "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_copies_what_is_there() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    sources = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.M)
        for name in line.split()[:-1]
    ]
    assert {"kb", "miner", "pyproject.toml"} <= set(sources)
    for name in sources:
        assert (ROOT / name).exists(), name
        assert name.split("/")[0] not in ignored, name
    assert 'ENTRYPOINT ["faultlore"]' in text


def test_what_the_dockerfile_copies_is_enough_to_build_from(tmp_path: Path) -> None:
    """Its second step, in a folder that holds what was copied before it and nothing else."""
    stage = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("FROM ")[1]
    for line in re.findall(r"^COPY (.+)$", stage, re.M):
        *names, target = line.split()
        for name in names:
            place = tmp_path / (name if target == "./" else target)
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, place)
    named = set(re.findall(r"pip install --no-cache-dir ([\w -]+) &&", stage)[0].split())
    system = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {name.split(">=")[0] for name in system["build-system"]["requires"]}
    assert named == wanted
    (built,) = WheelBuilder(str(tmp_path)).build(
        directory=str(tmp_path / "out"), versions=["standard"]
    )
    wheel = Path(built)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"kb/query/mcp.py", "miner/cli/gather.py", "miner/demo_data/inklet-code.jsonl"} <= names
    assert {"miner/extract/encoder.onnx", "miner/extract/encoder.txt"} <= names
    assert wheel.stat().st_size < 20_000_000


@pytest.mark.slow
def test_the_image_builds_and_runs(tmp_path: Path) -> None:
    """Where a docker daemon runs."""

    def docker(*arguments: str) -> str:
        command = ["docker", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
        assert done.returncode == 0, done.stderr[-1000:]
        return done.stdout

    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "info"], capture_output=True).returncode
    ):
        pytest.skip("no docker daemon runs here; the Dockerfile is linted, its wheel is built")
    docker("build", "--quiet", "--tag", "faultlore-test", str(ROOT))
    try:
        assert docker("run", "--rm", "faultlore-test", "--version").startswith("faultlore, version")
        tmp_path.chmod(0o777)
        place = f"{tmp_path}:/work"
        docker("run", "--rm", "--volume", place, "faultlore-test", "demo")
        assert (tmp_path / "demo-out" / "demo.db").exists()
    finally:
        docker("image", "rm", "--force", "faultlore-test")


@pytest.mark.slow
def test_the_wheel_is_small_typed_and_works_elsewhere(tmp_path: Path) -> None:
    make = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run(make, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 20_000_000
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    assert {"kb/py.typed", "miner/py.typed", "miner/demo_data/inklet-code.jsonl"} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "docs", "data/labels"))]
    (metadata,) = (tmp_path / "installed").glob("*.dist-info/METADATA")
    for label in ("Homepage", "Documentation", "Issues", "Changelog"):
        assert f"Project-URL: {label}, https://" in metadata.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "miner", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "now try: faultlore query" in done.stderr
