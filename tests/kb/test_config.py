"""The configuration: what is read, and how each mistake is named with file and line."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.config import CONFIG_NAME, database_path, find_config, read_config, template
from kb.errors import BadInputError
from kb.settings import MOST, Config, WrongSettingError, checked

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    *("db", "curation", "harvest", "export", "path", "repos", "since", "max_issues", "max_wait"),
    *("timelines", "api_url", "formats", "out", "min_threads", "target", "notes_url", "categories"),
)
KEYS = st.sampled_from(NAMES) | st.text(max_size=8)

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
    ('[harvest]\nrepos = ["a/b"]\n[exports]\n', 3, "exports is not a setting"),
    ('[export]\nout = "x"\ntarget = "wordpress"\n', 3, "export.target names 'wordpress'; known: c"),
    ('[export]\ncategories = "x"\n', 2, "export.categories must be a table"),
    ('[notify]\nform = "teams"\n', 2, "slack, discord, json"),
    ('[notify]\nwhen = "x"\n', 2, "trouble"),
    ('db = "unclosed\n', 1, "not valid TOML"),
    ('path = "x"\n', 1, "path is not a setting"),
    ('db = "a\\u0000b"\n', 1, "db must be a text"),
    ('curation = "a\\u0000b"\n', 1, "curation must be a text"),
    ('[export]\nout = "a\\u0000b"\n', 2, "export.out must be a text"),
    ("[export]\nmin_threads = 99999999999999999999\n", 2, "whole number"),
    ("[export]\nmin_threads = 1.5\n", 2, "whole number"),
    ('[harvest]\nrepos = ["../.."]\n', 2, "found '../..'"),
    ('[harvest]\nrepos = ["acme/.."]\n', 2, "'owner/name'"),
    ('harvest.max_wait = "900"\n', 1, "harvest.max_wait must be a whole number"),
    ("[export.categories]\n\nopenrouter = 3\n", 1, "export.categories must be a table"),
    ('[[harvest]]\nrepos = ["a/b"]\n', 1, "must be a table"),
    (
        '[harvest]\n\nsince = "180 days"\n',
        3,
        "harvest.since cannot be: '180 days' is no time; write",
    ),
    ('[export]\nsite_url = "a.example/e"\n', 2, "must be an address that begins with https://"),
    ('[export]\nsite_url = "/errors"\n', 2, "must be an address that begins with https://"),
    ('[export]\nnotes_url = "a.example"\n', 2, "or with / for the same host; found 'a.example'"),
    ("[judge]\nband = [0.8, 0.3]\n", 2, "judge.band names its higher bound first"),
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


def test_a_file_of_brackets_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "faultlore.toml"
    path.write_text("x = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    with pytest.raises(BadInputError, match="nested too deeply"):
        read_config(path)


def test_technologies_are_compared_in_lower_case(tmp_path: Path) -> None:
    path = tmp_path / "faultlore.toml"
    path.write_text('[export]\ncategories = { OpenRouter = "APIs" }\n', encoding="utf-8")
    assert read_config(path).export.categories == {"openrouter": "APIs"}


settings_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, settings_like, max_size=4))
def test_any_document_is_a_configuration_or_named_as_none(document: dict[str, Any]) -> None:
    with contextlib.suppress(WrongSettingError):
        assert 0 <= checked(document, None).export.min_threads <= MOST


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_any_text_is_a_configuration_or_named_with_its_line(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CONFIG_NAME
        path.write_bytes(text.encode("utf-8", "replace"))
        with contextlib.suppress(BadInputError):
            read_config(path)


def test_what_cannot_be_read_is_named_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAULTLORE_DB", raising=False)
    path = Path(CONFIG_NAME)

    def said() -> str:
        with pytest.raises(BadInputError) as found:
            find_config()
        with pytest.raises(BadInputError) as asked:
            database_path(None)
        assert str(asked.value) == str(found.value)
        return str(found.value)

    path.write_bytes('# a\ndb = "caf\xe9.db"\n'.encode("latin-1"))
    assert said() == f"{path}:2: is not UTF-8; save the file as UTF-8"
    path.unlink()
    path.mkdir()
    assert said() == f"{path}: is a folder; give the folder another name"
    path.rmdir()
    path.symlink_to("elsewhere.toml")
    assert "is a link to a file that is not there" in said()


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="faultlore init"):
        read_config(tmp_path / "faultlore.toml")


def test_the_template_is_a_valid_configuration_with_current_names(tmp_path: Path) -> None:
    path = tmp_path / "faultlore.toml"
    path.write_text(template(), encoding="utf-8")
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


def test_the_template_shows_every_setting_and_each_default(tmp_path: Path) -> None:
    written = tomllib.loads(template())
    without_comments = tomllib.loads(
        "\n".join(
            line.removeprefix("# ") if " = " in line else line for line in template().splitlines()
        )
    )
    default = Config()
    for table, found in (
        (default, without_comments),
        (default.harvest, without_comments["harvest"]),
        (default.publish, without_comments["publish"]),
        (default.export, without_comments["export"]),
        (default.judge, without_comments["judge"]),
    ):
        assert set(found) == set(table.__struct_fields__) - {"path"}
    for table in (default.harvest, default.export, default.judge):
        name = type(table).__name__.lower()
        for key, value in msgspec.to_builtins(table).items():
            if key in written[name] and key not in ("repos", "since"):
                assert written[name][key] == (list(value) if isinstance(value, tuple) else value)
            elif key != "repos":
                assert not value, f"{name}.{key}: its default is not in the template"


def test_a_database_is_found_without_loading_the_checker(tmp_path: Path) -> None:
    program = "import sys; from kb.config import database_path; database_path(None)"
    program += "; sys.exit(bool({'msgspec', 'tomllib', 'kb.settings'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0
