"""The configuration file `faultlore.toml`: found and read in this one place, mistakes named with
file and line. What it may hold stands in `kb.settings`, which is loaded only where there is a file:
`faultlore query` does not wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb import lazy_re as re
from kb.errors import BadInputError
from kb.tables import DEFAULT_DB, line_of, read_text

if TYPE_CHECKING:
    from kb.settings import Config

CONFIG_NAME = "faultlore.toml"


def read_config(path: Path) -> Config:
    """Reads and checks a configuration file.

    Raises `BadInputError` with file, line and remedy.
    """
    import tomllib

    from kb.settings import WrongSettingError, checked

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if path.is_symlink():
            raise BadInputError(
                f"{path}: is a link to a file that is not there; mend the link, or remove it"
            ) from None
        raise BadInputError(f"{path}: no such file; 'faultlore init' writes one") from None
    except IsADirectoryError:
        raise BadInputError(f"{path}: is a folder; give the folder another name") from None
    except OSError as error:
        why = error.strerror or error
        raise BadInputError(f"{path}: cannot be read ({why}); check its permissions") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInputError(f"{path}:{line}: is not UTF-8; save the file as UTF-8") from error
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


def find_config(folder: Path | None = None) -> Config:
    """The configuration of a folder (default: the current one), else the defaults."""
    path = (folder or Path()) / CONFIG_NAME
    if os.path.lexists(path):
        return read_config(path)
    from kb.settings import Config

    return Config()


def database_path(option: str | None) -> Path:
    """The database: `--db`, else `FAULTLORE_DB`, else the configuration's, else `kb.db`."""
    if name := option or os.environ.get("FAULTLORE_DB"):
        return Path(name)
    if not os.path.lexists(CONFIG_NAME):
        return Path(DEFAULT_DB)
    config = find_config()
    return config.resolve(config.db)


def template(repos: Sequence[str] = ()) -> str:
    """The text of a new file; with these repositories in place of the ones that it names."""
    text = read_text(f"templates/{CONFIG_NAME}")
    if not repos:
        return text
    before, rest = text.split("repos = [\n", 1)
    after = rest.split("]\n", 1)[1]
    return before + "repos = [\n" + "".join(f'    "{repo}",\n' for repo in repos) + "]\n" + after
