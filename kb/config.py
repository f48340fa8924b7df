"""The configuration file `faultlore.toml`: read in this one place, checked key by key, errors with
file and line.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kb.errors import BadInputError

CONFIG_NAME = "faultlore.toml"
DEFAULT_DB = "kb.db"
FORMATS = ("note", "page", "candidates")
_REPO = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+\Z")


@dataclass(frozen=True, slots=True)
class Harvest:
    """Table `[harvest]`."""

    repos: tuple[str, ...] = ()
    since: str | None = None
    max_issues: int | None = None
    max_wait: int = 900
    timelines: int = 200
    api_url: str | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """Table `[export]`."""

    formats: tuple[str, ...] = ("note",)
    out: str = "evidence"
    min_threads: int = 1
    target: str = "commonmark"
    notes_url: str | None = None
    categories: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration; `path` is None for the defaults."""

    path: Path | None = None
    db: str = DEFAULT_DB
    curation: str | None = None
    harvest: Harvest = field(default_factory=Harvest)
    export: Export = field(default_factory=Export)

    def resolve(self, name: str) -> Path:
        """A path of the configuration: relative ones count from the folder of the file."""
        return (self.path.parent / name) if self.path else Path(name)

    def where(self, table: str, key: str) -> str:
        """A setting's name with its file and line, for messages."""
        if self.path is None:
            return f"{table}.{key}"
        text = self.path.read_text(encoding="utf-8")
        return f"{self.path}:{_line_of(text, key, table)}: {table}.{key}"


_HARVEST, _EXPORT = Harvest(), Export()


def _line_of(text: str, key: str, table: str | None) -> int:
    """The line (from 1) that sets a key, for messages."""
    inside = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            inside = header[1].strip()
            if key == inside:
                return number
        if inside == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return 1


class _Reader:
    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text

    def fail(self, key: str, table: str | None, problem: str) -> BadInputError:
        name = f"{table}.{key}" if table else key
        return BadInputError(f"{self.path}:{_line_of(self.text, key, table)}: {name} {problem}")

    def check_keys(self, found: dict[str, Any], known: list[str], table: str | None) -> None:
        for key in found:
            if key not in known:
                raise self.fail(key, table, f"is not a setting; known here: {', '.join(known)}")

    def string(self, found: dict[str, Any], key: str, table: str | None, default: Any) -> Any:
        value = found.get(key, default)
        if value is not default and (not isinstance(value, str) or not value):
            raise self.fail(key, table, "must be a text in quotes")
        return value

    def count(self, found: dict[str, Any], key: str, table: str, default: Any) -> Any:
        value = found.get(key, default)
        if value is not default and (
            not isinstance(value, int) or isinstance(value, bool) or value < 0
        ):
            raise self.fail(key, table, "must be a whole number, 0 or more")
        return value

    def strings(
        self, found: dict[str, Any], key: str, table: str, default: tuple[str, ...]
    ) -> tuple[str, ...]:
        value = found.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.fail(key, table, "must be a list of texts in quotes")
        return tuple(value)


def _read_harvest(reader: _Reader, found: dict[str, Any]) -> Harvest:
    reader.check_keys(found, [f.name for f in fields(Harvest)], "harvest")
    repos = reader.strings(found, "repos", "harvest", ())
    for repo in repos:
        if not _REPO.match(repo):
            raise reader.fail(
                "repos", "harvest", f"names {repo!r}; a repository is written 'owner/name'"
            )
    doubled = sorted({r for r in repos if repos.count(r) > 1})
    if doubled:
        raise reader.fail("repos", "harvest", f"names {doubled[0]} twice")
    return Harvest(
        repos=repos,
        since=reader.string(found, "since", "harvest", None),
        max_issues=reader.count(found, "max_issues", "harvest", None),
        max_wait=reader.count(found, "max_wait", "harvest", _HARVEST.max_wait),
        timelines=reader.count(found, "timelines", "harvest", _HARVEST.timelines),
        api_url=reader.string(found, "api_url", "harvest", None),
    )


def _read_export(reader: _Reader, found: dict[str, Any]) -> Export:
    reader.check_keys(found, [f.name for f in fields(Export)], "export")
    formats = reader.strings(found, "formats", "export", _EXPORT.formats)
    for name in formats:
        if name not in FORMATS:
            raise reader.fail("formats", "export", f"names {name!r}; known: {', '.join(FORMATS)}")
    return Export(
        formats=formats,
        out=reader.string(found, "out", "export", _EXPORT.out),
        min_threads=reader.count(found, "min_threads", "export", _EXPORT.min_threads),
        target=_read_target(reader, found),
        notes_url=reader.string(found, "notes_url", "export", None),
        categories=_read_categories(reader, found),
    )


def _read_target(reader: _Reader, found: dict[str, Any]) -> str:
    from kb.notes.targets import TARGETS

    name: str = reader.string(found, "target", "export", _EXPORT.target)
    if name not in TARGETS:
        raise reader.fail("target", "export", f"names {name!r}; known: {', '.join(TARGETS)}")
    return name


def _read_categories(reader: _Reader, found: dict[str, Any]) -> dict[str, str]:
    """Technology to the site's category; technologies are compared in lower case."""
    mapping = found.get("categories", {})
    if not isinstance(mapping, dict) or not all(isinstance(v, str) and v for v in mapping.values()):
        raise reader.fail(
            "categories",
            "export",
            'must map technologies to categories: categories = { openrouter = "API errors" }',
        )
    return {str(key).lower(): value for key, value in mapping.items()}


def read_config(path: Path) -> Config:
    """Reads and checks a configuration file.

    Raises `BadInputError` with file, line and remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file; 'faultlore init' writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read ({error})") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else max(1, text.count("\n"))
        raise BadInputError(f"{path}:{line}: is not valid TOML: {error}") from error
    reader = _Reader(path, text)
    reader.check_keys(found, ["db", "curation", "harvest", "export"], None)
    for table in ("harvest", "export"):
        if not isinstance(found.get(table, {}), dict):
            raise reader.fail(table, None, f"must be a table: write [{table}]")
    return Config(
        path=path,
        db=reader.string(found, "db", None, DEFAULT_DB),
        curation=reader.string(found, "curation", None, None),
        harvest=_read_harvest(reader, found.get("harvest", {})),
        export=_read_export(reader, found.get("export", {})),
    )


def find_config(folder: Path | None = None) -> Config:
    """The configuration of a folder (default: the current one), else the defaults."""
    path = (folder or Path()) / CONFIG_NAME
    return read_config(path) if path.is_file() else Config()


def database_path(option: str | None) -> Path:
    """Which database a command works on: `--db`, else `FAULTLORE_DB`, else the configuration's,
    else `kb.db`.
    """
    if option:
        return Path(option)
    if from_environment := os.environ.get("FAULTLORE_DB"):
        return Path(from_environment)
    config = find_config()
    return config.resolve(config.db)


TEMPLATE = """\
# faultlore.toml: what `faultlore nightly` harvests, mines and exports.
# Paths count from this file's folder.

db = "kb.db"
# curation = "curation.txt"      # your merges, splits and titles; see docs/grouping.md

[harvest]
repos = [
    # editor and command line agents
    "cline/cline",
    "RooCodeInc/Roo-Code",
    "Kilo-Org/kilocode",
    "continuedev/continue",
    "NousResearch/hermes-agent",
    "anthropics/claude-code",
    "openai/codex",
    "google-gemini/gemini-cli",
    "anomalyco/opencode",
    "Aider-AI/aider",
    "aaif-goose/goose",
    "OpenHands/OpenHands",
    "openclaw/openclaw",
    # gateways, SDKs and local inference
    "BerriAI/litellm",
    "ollama/ollama",
    "open-webui/open-webui",
    "modelcontextprotocol/servers",
]
# since = "365d"                 # first run: only threads changed since then; days or a date
# max_issues = 5000              # at most this many threads a repository and run
max_wait = 900                   # seconds to wait at GitHub's rate limit before the run stops
timelines = 200                  # timelines (who closed it, with what) that a run may ask for
# api_url = "https://github.example.com/api/v3"   # GitHub Enterprise

[export]
formats = ["note"]
out = "evidence"
min_threads = 1                  # entries with fewer threads are not exported
target = "commonmark"            # the site: commonmark, astro, mdx, hugo, jekyll, mkdocs
# notes_url = "https://example.com/evidence"   # where the notes are published, for links
# categories = { openrouter = "API errors", "cline/cline" = "Agents", "*" = "Other" }  # of a site
"""
