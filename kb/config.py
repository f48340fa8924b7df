"""The configuration file `faultlore.toml`: found and read in this one place, mistakes named with
file and line. What it may hold stands in `kb.settings`, which is loaded only where there is a file:
`faultlore query` does not wait for it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.settings import Config

CONFIG_NAME = "faultlore.toml"
DEFAULT_DB = "kb.db"


def read_config(path: Path) -> Config:
    """Reads and checks a configuration file.

    Raises `BadInputError` with file, line and remedy.
    """
    import tomllib

    from kb.settings import WrongSettingError, checked

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file; 'faultlore init' writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read ({error})") from error
    try:
        return checked(tomllib.loads(text), path)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else max(1, text.count("\n"))
        raise BadInputError(f"{path}:{line}: is not valid TOML: {error}") from error
    except RecursionError:
        raise BadInputError(f"{path}: is nested too deeply; write it anew") from None
    except WrongSettingError as error:
        *table, key = error.keys
        line = line_of(text, key, table[0] if table else None)
        raise BadInputError(f"{path}:{line}: {error}") from error


def line_of(text: str, key: str, table: str | None) -> int:
    """The line (from 1) that sets a key, for messages; 1 if it is not found."""
    name = re.escape(key)
    dotted = rf"{table}\s*\.\s*{name}" if table else name
    wanted = f"{table}.{key}" if table else key
    inside = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([^\[\]]+)\]", line):
            inside = re.sub(r"[\s\"']", "", header[1])
            if wanted in (inside, inside.split(".")[0]):
                return number
        if inside == table and re.match(rf"\s*[\"']?{name}[\"']?\s*[=.]", line):
            return number
        if inside is None and re.match(rf"\s*{dotted}\s*[=.]", line):
            return number
    return 1


def find_config(folder: Path | None = None) -> Config:
    """The configuration of a folder (default: the current one), else the defaults."""
    path = (folder or Path()) / CONFIG_NAME
    if path.is_file():
        return read_config(path)
    from kb.settings import Config

    return Config()


def database_path(option: str | None) -> Path:
    """Which database a command works on: `--db`, else `FAULTLORE_DB`, else the configuration's,
    else `kb.db`.
    """
    if name := option or os.environ.get("FAULTLORE_DB"):
        return Path(name)
    if not Path(CONFIG_NAME).is_file():
        return Path(DEFAULT_DB)
    config = find_config()
    return config.resolve(config.db)


TEMPLATE = """\
# faultlore.toml: what `faultlore nightly` harvests, mines and exports.
# Paths count from this file's folder. All settings: https://faultlore.github.io/faultlore/reference/configuration/

db = "kb.db"
# curation = "curation.txt"      # your decisions on entries, causes and fixes: https://faultlore.github.io/faultlore/how-to/review/

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
since = "180d"                   # first run: only threads changed since then; days or a date
# max_issues = 5000              # at most this many threads per repository and run
max_wait = 900                   # seconds to wait at GitHub's rate limit before the run stops
timelines = 200                  # timelines (who closed it, with what) that a run may ask for
# api_url = "https://github.example.com/api/v3"   # GitHub Enterprise

[publish]
# confidence = 0.8               # how sure a cause or fix must be to be shown, 0 to 1

[export]
formats = ["note"]
out = "evidence"
min_threads = 1                  # entries with fewer threads are not exported
target = "commonmark"            # the site generator: mkdocs, hugo, astro, vitepress, jekyll, ...
# notes_url = "https://example.com/evidence"   # where the notes are published, for links
# site_url = "https://example.com/errors"      # where the pages are, for feed and sitemap
# min_grade = "B"                # entries of a lower grade are not exported
# confidence = 0.66              # statements of less confidence are not shown
# stance = "supported"           # statements that stand worse are not shown
# markers = false                # comments beside quotes that name the claims
# candidates = { headline = "{title}" }   # the fields of a candidate record, if others are wanted
# categories = { openrouter = "API errors", "cline/cline" = "Agents", "*" = "Other" }  # of a site

[judge]                          # an optional second reader: https://faultlore.github.io/faultlore/how-to/second-reader/
# model = "openai/gpt-4o-mini"   # off until a model is named
base_url = "https://openrouter.ai/api/v1"
api_key_env = "OPENROUTER_API_KEY"   # the variable that holds the key; "" where none is wanted
max_requests = 200               # of one run
max_tokens = 500000
band = [0.3, 0.8]                # threads with a claim of a confidence in between are asked about

[notify]                         # the night's news by webhook: https://faultlore.github.io/faultlore/how-to/notify/
# webhook_env = "FAULTLORE_WEBHOOK"   # off until the variable with the address is named
# form = "slack"                 # slack, discord or json; by default by the address's host
when = "news"                    # or "trouble", "always"
"""


def template(repos: Sequence[str] = ()) -> str:
    """The text of a new file; with these repositories in place of the ones that it names."""
    if not repos:
        return TEMPLATE
    before, rest = TEMPLATE.split("repos = [\n", 1)
    after = rest.split("]\n", 1)[1]
    return before + "repos = [\n" + "".join(f'    "{repo}",\n' for repo in repos) + "]\n" + after
