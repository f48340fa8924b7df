"""The configuration: what is read, and how each mistake is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import TEMPLATE, Config, database_path, find_config, read_config
from kb.errors import BadInputError

BROKEN = [
    ('db = "a.db"\nrepos = ["a/b"]\n', 2, "repos is not a setting"),
    ('[harvest]\nrepo = ["a/b"]\n', 2, "harvest.repo is not a setting"),
    ('[harvest]\nrepos = "a/b"\n', 2, "harvest.repos must be a list"),
    ('[harvest]\nrepos = ["a/b", "c"]\n', 2, "'owner/name'"),
    ('[harvest]\n\nrepos = ["a/b", "a/b"]\n', 3, "names a/b twice"),
    ('[harvest]\nmax_wait = "900"\n', 2, "whole number"),
    ("[harvest]\nmax_issues = -1\n", 2, "whole number"),
    ("[harvest]\ntimelines = true\n", 2, "whole number"),
    ("db = 5\n", 1, "db must be a text"),
    ('db = ""\n', 1, "db must be a text"),
    ('[export]\nout = "x"\nformats = ["pdf"]\n', 3, "names 'pdf'"),
    ('db = "a.db"\nharvest = 3\n', 2, "must be a table"),
    ('db = "a.db"\n[harvest\n', 2, "not valid TOML"),
    ('db = "unclosed\n', 1, "not valid TOML"),
]


@pytest.mark.parametrize(("text", "line", "problem"), BROKEN)
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, text: str, line: int, problem: str
) -> None:
    path = tmp_path / "faultlore.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as error:
        read_config(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert problem in str(error.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="faultlore init"):
        read_config(tmp_path / "faultlore.toml")


def test_the_template_is_a_valid_configuration_with_current_names(tmp_path: Path) -> None:
    path = tmp_path / "faultlore.toml"
    path.write_text(TEMPLATE, encoding="utf-8")
    config = read_config(path)
    assert {"cline/cline", "NousResearch/hermes-agent", "RooCodeInc/Roo-Code"} <= set(
        config.harvest.repos
    )
    assert len(config.harvest.repos) >= 15
    assert config.export.formats == ("note",)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert find_config(tmp_path) == Config()


def test_which_database_option_environment_configuration_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAULTLORE_DB", raising=False)
    assert database_path(None) == Path("kb.db")
    (tmp_path / "faultlore.toml").write_text('db = "mine.db"\n', encoding="utf-8")
    assert database_path(None) == Path("mine.db")
    monkeypatch.setenv("FAULTLORE_DB", "env.db")
    assert database_path(None) == Path("env.db")
    assert database_path("option.db") == Path("option.db")


def test_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    path = tmp_path / "faultlore.toml"
    path.write_text('db = "data/kb.db"\n', encoding="utf-8")
    assert read_config(path).resolve("data/kb.db") == tmp_path / "data" / "kb.db"
